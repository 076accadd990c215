/*
 * stp_metrics.c: the module's magic block, what is done when the library is loaded, what core asks
 * of the backend, and what all modules need to read and to show text.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "stp_metrics.h"
#include "core/pause.h"
#include "history.h"
#include "stamp.h"

/* Bytes of a text that an error shows. */
#define EXCERPT 1000

PG_MODULE_MAGIC;

void _PG_init(void);

/* Called by the server when it loads the library. */
void
_PG_init(void)
{
	stp_define_as_of();
	stp_watch_commits();
}

/* To put together, log and send an error of megabytes takes seconds, which nothing interrupts. */
const char *
stp_excerpt(const char *text)
{
	size_t length = strlen(text);

	if (length <= EXCERPT)
		return text;
	return psprintf("%.*s...", pg_mbcliplen(text, EXCERPT + MAX_MULTIBYTE_CHAR_LEN, EXCERPT), text);
}

bool
stp_is_word(const text *word, const char *expected)
{
	size_t length = strlen(expected);

	return VARSIZE_ANY_EXHDR(word) == length && memcmp(VARDATA_ANY(word), expected, length) == 0;
}

/* Long work in core can be cancelled. */
void
stp_core_pause(void)
{
	CHECK_FOR_INTERRUPTS();
}
