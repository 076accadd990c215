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

/* What has no encoding is taken as it is: to convert it would be to check it. */
const char *
stp_in_utf8(const char *text, int length)
{
	return GetDatabaseEncoding() == PG_SQL_ASCII ? text : pg_server_to_any(text, length, PG_UTF8);
}

/* And back. */
static char *
from_utf8(char *text)
{
	return GetDatabaseEncoding() == PG_SQL_ASCII
			   ? text
			   : pg_any_to_server(text, (int) strlen(text), PG_UTF8);
}

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
	utf8 = stp_in_utf8(bytes, length);
	if (utf8 != bytes)
		length = (int) strlen(utf8);
	tidy = palloc(length + 1);
	tidy[stp_core_code_tidy(utf8, length, tidy, &character)] = '\0';
	if (character == 0)
		return NULL;
	*odd = psprintf("U+%04X %s", character, stp_core_code_name(character));
	return cstring_to_text(from_utf8(tidy));
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
