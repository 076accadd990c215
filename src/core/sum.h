/*
 * sum.h: sums that know what rounding took from them, without any backend header.
 */
#ifndef STP_CORE_SUM_H
#define STP_CORE_SUM_H

/* Add to the sum and keep in error what rounding takes from it (Knuth's two-sum). */
static inline void
stp_core_add_to_sum(double *sum, double *error, double term)
{
	double total = *sum + term;
	double kept = total - *sum;

	*error += (*sum - (total - kept)) + (term - kept);
	*sum = total;
}

#endif
