/*
 * code.c: codes of organisations, indicators and so on, without what cannot be seen. The rule, and
 * the names of characters, are in core/code.c.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "core/code.h"
#include "code.h"
#include "stp_metrics.h"

/* In UTF-8, whatever the encoding of the database is. */
text *
stp_tidy_code(const text *code, const char **odd)
{
	const char *bytes = VARDATA_ANY(code);
	int length = (int) VARSIZE_ANY_EXHDR(code);
	const char *utf8;
	char *tidy;
	uint32 character;

	if (stp_core_code_is_plain(bytes, length))
		return NULL;
	utf8 = pg_server_to_any(bytes, length, PG_UTF8);
	if (utf8 != bytes)
		length = (int) strlen(utf8);
	tidy = palloc(length + 1);
	tidy[stp_core_code_tidy(utf8, length, tidy, &character)] = '\0';
	if (character == 0)
		return NULL;
	*odd = psprintf("U+%04X %s", character, stp_core_code_name(character));
	return cstring_to_text(pg_any_to_server(tidy, (int) strlen(tidy), PG_UTF8));
}

PG_FUNCTION_INFO_V1(stp_code_tidy);

/* stp_internal.tidy_code(code) */
Datum
stp_code_tidy(PG_FUNCTION_ARGS)
{
	text *code = PG_GETARG_TEXT_PP(0);
	const char *odd;
	text *tidy = stp_tidy_code(code, &odd);

	PG_RETURN_TEXT_P(tidy != NULL ? tidy : code);
}
