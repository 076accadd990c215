/*
 * sum.h: sums that know what rounding took from them, without any backend header.
 */
#ifndef STP_CORE_SUM_H
#define STP_CORE_SUM_H

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
 * An exact sum is an array of parts, smallest first, whose bits do not overlap (Shewchuk, Discrete
 * & Computational Geometry 18, 1997); 0 marks an unused part. Its rounded value is the same in
 * whatever order the terms came.
 */

/*
 * Add a finite term. Returns what found no part to go to: the caller makes it a new part behind the
 * others. 0: everything is in. A sum beyond the range of double leaves parts that are not finite.
 */
double stp_core_exact_add(double *parts, size_t n, double term);

/* The sum, rounded once, to the nearest double, ties to even. */
double stp_core_exact_value(const double *parts, size_t n);

#endif
