/*
 * stp_metrics.h: what every module's C file includes after postgres.h.
 */
#ifndef STP_METRICS_H
#define STP_METRICS_H

#include "fmgr.h"

#include "compat.h"

/*
 * A wrong argument (CONTRIBUTING.md, rule 3): SQLSTATE 22023, the offending value in the message,
 * and a hint. Takes errmsg(), errhint() and the like, as ereport does.
 */
#define stp_refuse(...) ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), __VA_ARGS__))

/* A text as errors show it: no more of it than somebody can read. palloc'd where it is cut. */
extern const char *stp_excerpt(const char *text);

/* Whether a text, compared in place, is this word: a copy for every row costs more than what most
 * functions do. */
extern bool stp_is_word(const text *word, const char *expected);

/* Binary input that no send function of ours has written: SQLSTATE 22P03. */
#define stp_refuse_binary(...)                                                                     \
	ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION), __VA_ARGS__))

#endif
