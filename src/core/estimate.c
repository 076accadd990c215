/*
 * estimate.c: confidence limits, without any backend header.
 */
#include "estimate.h"

#include <math.h>

#include "distribution.h"

/* Rounding must not put a limit on the wrong side of the estimate. */
static StpLimits
enclose(double lower, double estimate, double upper)
{
	StpLimits limits = {fmin(lower, estimate), fmax(upper, estimate)};

	return limits;
}

/* F. Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936). */
StpLimits
stp_core_poisson_limits(double events, double confidence)
{
	double tail = (1 - confidence) / 2;
	double lower = events > 0 ? stp_core_gamma_quantile(events, tail, false) : 0;

	return enclose(lower, events, stp_core_gamma_quantile(events + 1, tail, true));
}

/*
 * Byar's approximation, as given by N. E. Breslow and N. E. Day, Statistical Methods in Cancer
 * Research II (1987), page 69. It falls below 0 for a few events at high confidence; a count does
 * not.
 */
StpLimits
stp_core_byar_limits(double events, double confidence)
{
	double z = stp_core_normal_two_sided(confidence), next = events + 1, lower = 0, upper;

	if (events > 0)
		lower = fmax(1 - 1 / (9 * events) - z / (3 * sqrt(events)), 0);
	upper = 1 - 1 / (9 * next) + z / (3 * sqrt(next));
	return enclose(events * lower * lower * lower, events, next * upper * upper * upper);
}

StpLimits
stp_core_count_limits(double events, double confidence)
{
	return events < STP_EXACT_BELOW ? stp_core_poisson_limits(events, confidence)
									: stp_core_byar_limits(events, confidence);
}

/* The lower limit of a share, from the upper one and the product of the two: it would cancel. */
static double
wilson_lower(double share, double own, double upper)
{
	return share > 0 ? share * (own * share / upper) : 0;
}

/*
 * E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of
 * the American Statistical Association 22 (1927), without continuity correction. A share above 1/2
 * has its upper limit from the lower one of the rest, so that it cannot leave 1.
 */
StpLimits
stp_core_wilson_limits(double numerator, double denominator, double confidence)
{
	double z = stp_core_normal_two_sided(confidence);
	double share = numerator / denominator, rest = (denominator - numerator) / denominator;
	double own = denominator / (denominator + z * z), prior = z * z / (denominator + z * z);
	double reach = prior / 2 + sqrt(prior) * sqrt(own * share * rest + prior / 4);
	double upper = own * share + reach;

	return enclose(wilson_lower(share, own, upper), share,
				   share > 0.5 ? 1 - wilson_lower(rest, own, own * rest + reach) : upper);
}

/* Student (W. S. Gosset), The probable error of a mean, Biometrika 6 (1908). */
StpLimits
stp_core_mean_limits(double n, double mean, double deviation, double confidence)
{
	double half = stp_core_student_two_sided(n - 1, confidence) * (deviation / sqrt(n));
	StpLimits limits = {mean - half, mean + half};

	return limits;
}

/* How far a difference may lie on one side of what is seen, from how far its two terms may. */
static double
reach(double first, double second, double correlation)
{
	return hypot(first - correlation * second, sqrt(1 - correlation * correlation) * second);
}

/*
 * G. Y. Zou and A. Donner, Construction of confidence limits about effect measures: a general
 * approach, Statistics in Medicine 27 (2008), equation for a difference. With a correlation it is
 * that of G. Y. Zou, On the estimation of additive interaction, American Journal of Epidemiology
 * 168 (2008), in a form that does not cancel: a^2 + b^2 - 2rab = (a - rb)^2 + (1 - r^2) b^2.
 */
StpLimits
stp_core_difference_limits(double first, StpLimits first_limits, double second,
						   StpLimits second_limits, double correlation)
{
	double difference = first - second;
	StpLimits limits = {
		difference - reach(first - first_limits.lower, second_limits.upper - second, correlation),
		difference + reach(first_limits.upper - first, second - second_limits.lower, correlation)};

	return limits;
}

/*
 * Given the sum of two Poisson counts, the first is binomial; the limits of its share are those of
 * C. J. Clopper and E. S. Pearson, Biometrika 26 (1934), and their odds are the ratio. J.
 * Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson series,
 * Biometrika 31 (1940).
 */
StpLimits
stp_core_count_ratio_limits(double first, double second, double confidence)
{
	double tail = (1 - confidence) / 2;
	double lower = first > 0 ? stp_core_beta_odds(first, second + 1, tail, false) : 0;

	return enclose(lower, first / second, stp_core_beta_odds(first + 1, second, tail, true));
}
