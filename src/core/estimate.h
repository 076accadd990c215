/*
 * estimate.h: confidence limits of counts, proportions, means and of two rates compared, without
 * any backend header.
 *
 * confidence is strictly between 0 and 1. Counts need not be whole: the exact limits take their
 * continuous form. What is returned holds the estimate itself: lower <= estimate <= upper.
 */
#ifndef STP_CORE_ESTIMATE_H
#define STP_CORE_ESTIMATE_H

/* Below this many events the exact limits are used, from it on Byar's. */
#define STP_EXACT_BELOW 10

typedef struct StpLimits
{
	double lower;
	double upper;
} StpLimits;

/* Limits of a count of events, events >= 0. Both have the lower limit 0 at 0. */
StpLimits stp_core_poisson_limits(double events, double confidence); /* exact: chi-square / 2 */
StpLimits stp_core_byar_limits(double events, double confidence);
/* Exact below STP_EXACT_BELOW events, Byar's from there. */
StpLimits stp_core_count_limits(double events, double confidence);

/* Limits of numerator / denominator, 0 <= numerator <= denominator, denominator > 0. */
StpLimits stp_core_wilson_limits(double numerator, double denominator, double confidence);

/* Limits of a mean over n >= 2 values, from their sample standard deviation. */
StpLimits stp_core_mean_limits(double n, double mean, double deviation, double confidence);

/* Limits of first - second, from the limits of each; correlation from -1 to 1, of the two
 * estimates.
 */
StpLimits stp_core_difference_limits(double first, StpLimits first_limits, double second,
									 StpLimits second_limits, double correlation);

/*
 * Limits of first / second, two counts over the same population; second > 0. The upper one is
 * infinite where second is some thousandths of an event.
 */
StpLimits stp_core_count_ratio_limits(double first, double second, double confidence);

#endif
