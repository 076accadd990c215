/*
 * code.h: codes as they should be written. The rule is in core/code.c.
 */
#ifndef STP_CODE_H
#define STP_CODE_H

#include "fmgr.h"

/* A code without what cannot be seen; NULL: it is as it should be. What was odd about it first is
 * in `odd`, as an error names it: U+00A0 NO-BREAK SPACE. palloc'd. */
extern text *stp_tidy_code(const text *code, const char **odd);

#endif
