/*
 * code.h: codes as they should be written. The rule is in core/code.c.
 */
#ifndef STP_CODE_H
#define STP_CODE_H

#include "fmgr.h"

/* A text of the database in UTF-8, the encoding that odd characters are looked for in. */
extern const char *stp_in_utf8(const char *text, int length);

/* A code without what cannot be seen; NULL: it is as it should be. What was odd about it first is
 * in `odd`, as an error names it: U+00A0 NO-BREAK SPACE. palloc'd. */
extern text *stp_tidy_code(const text *code, const char **odd);

#endif
