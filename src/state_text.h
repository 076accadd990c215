/*
 * state_text.h: the text of a state that an aggregate keeps: fields between delimiters, lossless.
 * A reader expects the delimiter before its field, steps over both, and says whether they were
 * there.
 */
#ifndef STP_STATE_TEXT_H
#define STP_STATE_TEXT_H

#include "stp_metrics.h"

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"

static inline bool
stp_read_delimiter(char **at, char delimiter)
{
	if (**at != delimiter)
		return false;
	(*at)++;
	return true;
}

static inline bool
stp_read_count(char **at, char delimiter, int64 *count)
{
	char *start;

	if (!stp_read_delimiter(at, delimiter))
		return false;
	start = *at;
	*count = strtoll(start, at, 10);
	return *at != start;
}

/* What is beyond a double comes back infinite, which no valid state is. */
static inline bool
stp_read_sum(char **at, char delimiter, double *sum)
{
	char *start;

	if (!stp_read_delimiter(at, delimiter))
		return false;
	start = *at;
	*sum = strtod(start, at);
	return *at != start;
}

/* Shortest text that reads back as the same bits, whatever extra_float_digits says. */
static inline void
stp_append_sum(StringInfo text, char delimiter, double sum)
{
	char digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(sum, digits);
	appendStringInfo(text, "%c%s", delimiter, digits);
}

#endif
