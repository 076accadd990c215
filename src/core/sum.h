/*
 * sum.h: sums that know what rounding took from them, without any backend header.
 */
#ifndef STP_CORE_SUM_H
#define STP_CORE_SUM_H

#include <stdbool.h>
#include <stddef.h>

/* Add to the sum and keep in error what rounding takes from it (Knuth's two-sum). */
static inline void
stp_core_add_to_sum(double *sum, double *error, double term)
{
	double total = *sum + term;
	double kept = total - *sum;

	*error += (*sum - (total - kept)) + (term - kept);
	*sum = total;
}

/*
 * An exact sum is an array of parts, smallest first; 0 marks an unused part. Its rounded value is
 * the same in whatever order the terms came. Between the bits of two parts there is at least one
 * that is 0: adding a term to such parts leaves such parts (Shewchuk, Discrete & Computational
 * Geometry 18, 1997, theorem 10).
 */

/*
 * As many parts as can be. A part needs a bit of its own and one that is 0 beside it, and a double
 * has 2098 places for bits, from 2^-1074 to 2^1023. Terms chosen for it come near this; those that
 * people report leave three or four parts.
 */
#define STP_EXACT_MAX_PARTS 1049

/*
 * Add a finite term. Returns what found no part to go to: the caller makes it a new part behind the
 * others. 0: everything is in. Not finite: the sum is beyond the range of double, and the parts are
 * of no more use.
 */
double stp_core_exact_add(double *parts, size_t n, double term);

/* Whether there are no more parts than additions leave, and only finite ones. */
bool stp_core_exact_is_possible(const double *parts, size_t n);

/* The sum, rounded once, to the nearest double, ties to even. */
double stp_core_exact_value(const double *parts, size_t n);

/* An exact sum with room for all its parts; begin with no parts. */
typedef struct StpExactSum
{
	size_t parts;
	double beyond; /* what it came to when it left the range of double; 0: it has not */
	double part[STP_EXACT_MAX_PARTS];
} StpExactSum;

void stp_core_exact_sum_add(StpExactSum *sum, double term);
double stp_core_exact_sum_value(const StpExactSum *sum);

#endif
