/*
 * funnel.c: limits and z-scores of a funnel, without any backend header.
 *
 * D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine
 * 24 (2005) 1185-1202; the methods of ratios as NHS Digital (log, SHMI) and the Care Quality
 * Commission (root) use them.
 */
#include "funnel.h"

#include <math.h>

#include "distribution.h"
#include "order.h"

#define HALF_PI 1.57079632679489661923132169164

bool
stp_core_funnel_is_valid(const StpFunnel *funnel)
{
	const StpDispersion *dispersion = &funnel->dispersion;
	double most = stp_core_funnel_is_proportion(funnel->method) ? 1 : HUGE_VAL;

	if (funnel->method < 0 || funnel->method >= STP_FUNNEL_METHODS || dispersion->units < 0)
		return false;
	/* No units: nothing but a target that was given. */
	if (dispersion->units == 0)
		return isnan(dispersion->phi) && dispersion->tau2 == 0 &&
			   (isnan(funnel->target) ||
				(funnel->target >= 0 && funnel->target <= most && isfinite(funnel->target)));
	return funnel->target >= 0 && funnel->target <= most && isfinite(funnel->target) &&
		   dispersion->phi >= 0 && isfinite(dispersion->phi) && dispersion->tau2 >= 0 &&
		   isfinite(dispersion->tau2) && (dispersion->units > 1 || dispersion->tau2 == 0);
}

/* A share of 1 may have become more by rounding. */
double
stp_core_funnel_transform(StpFunnelMethod method, double value, double denominator)
{
	switch (method)
	{
		case STP_FUNNEL_ARCSINE:
			return asin(sqrt(value > 1 ? 1 : value));
		case STP_FUNNEL_WILSON:
			return value;
		case STP_FUNNEL_LOG:
			return log(value);
		case STP_FUNNEL_COUNTS:
			return log((value * denominator + 0.5) / (denominator + 0.5));
		default:
			return sqrt(value);
	}
}

double
stp_core_funnel_target(StpFunnelMethod method, double target)
{
	return method == STP_FUNNEL_COUNTS ? log(target) : stp_core_funnel_transform(method, target, 1);
}

/*
 * Of the logarithm of a count and a half. It is greatest at half an event and would fall again
 * below it, to nothing where there are none: there is not more known of none than of a half.
 */
static double
log_variance(double count)
{
	double at = fmax(count, 0.5);

	return at / ((at + 0.5) * (at + 0.5));
}

/* By the delta method, but for wilson, whose variance at the target is that of a binomial. */
double
stp_core_funnel_precision(StpFunnelMethod method, double target, double value, double denominator)
{
	switch (method)
	{
		case STP_FUNNEL_WILSON:
			return denominator / (target * (1 - target));
		case STP_FUNNEL_LOG:
			return target * denominator;
		case STP_FUNNEL_COUNTS:
			return 1 / (log_variance(value * denominator) + log_variance(denominator));
		default:
			return 4 * denominator;
	}
}

StpFunnelQuestion
stp_core_funnel_ask(const StpFunnel *funnel, StpOverdispersion overdispersion)
{
	StpFunnelQuestion question = {
		funnel, overdispersion,
		stp_core_funnel_target((StpFunnelMethod) funnel->method, funnel->target)};

	return question;
}

StpFunnelLevel
stp_core_funnel_level(double share)
{
	StpFunnelLevel level = {share, stp_core_normal_two_sided(share)};

	return level;
}

double
stp_core_funnel_adjusted_z(const StpFunnelQuestion *question, double value, double denominator)
{
	const StpFunnel *funnel = question->funnel;
	StpFunnelMethod method = (StpFunnelMethod) funnel->method;
	double variance = 1 / stp_core_funnel_precision(method, funnel->target, value, denominator);
	double z =
		(stp_core_funnel_transform(method, value, denominator) - question->target) /
		sqrt(stp_core_overdispersed(&funnel->dispersion, question->overdispersion, variance));

	return isfinite(z) ? z : NAN;
}

/*
 * From the scale of the method back to a value. A limit beyond the end of the scale is at that end:
 * the square of a negative root, or the sine of a negative angle, would come back up.
 */
static double
transform_back(StpFunnelMethod method, double limit)
{
	double root;

	switch (method)
	{
		case STP_FUNNEL_WILSON:
			return fmin(fmax(limit, 0), 1);
		case STP_FUNNEL_LOG:
		case STP_FUNNEL_COUNTS:
			return exp(limit);
		case STP_FUNNEL_ARCSINE:
			root = sin(fmin(fmax(limit, 0), HALF_PI));
			return root * root;
		default:
			return fmax(limit, 0) * fmax(limit, 0);
	}
}

/* As far on either side of the target, on the scale of the method. */
static StpLimits
transformed_limits(const StpFunnelQuestion *question, double denominator, double reach)
{
	const StpFunnel *funnel = question->funnel;
	StpFunnelMethod method = (StpFunnelMethod) funnel->method;
	double variance =
		1 / stp_core_funnel_precision(method, funnel->target, funnel->target, denominator);
	double away = reach * sqrt(stp_core_overdispersed(&funnel->dispersion, question->overdispersion,
													  variance));
	StpLimits limits = {transform_back(method, question->target - away),
						transform_back(method, question->target + away)};

	return limits;
}

/* F. Garwood's limits of the events expected. */
static StpLimits
expected_limits(double expected, double denominator, double level)
{
	StpLimits limits = stp_core_poisson_limits(expected, level);

	limits.lower /= denominator;
	limits.upper /= denominator;
	return limits;
}

/*
 * The exact Poisson limit of so many observed events (the upper one of few, the lower one of many)
 * is what was expected where this is 0: the logarithm of its tail there, over the tail it is to
 * have. A tail too small for a double is small enough.
 */
static double
beyond_tail(double observed, double expected, double tail, bool few)
{
	return fmax(log(stp_core_gamma_tail(few ? observed + 1 : observed, expected, few) / tail),
				-1000);
}

/*
 * So many observed events, between a and b, one of which has the larger tail. By the Illinois
 * method (M. Dowell and P. Jarratt, BIT 11, 1971).
 */
static double
find_observed(double a, double b, double expected, double tail, bool few)
{
	double at_a = beyond_tail(a, expected, tail, few), at_b = beyond_tail(b, expected, tail, few);

	for (int i = 0; i < 200 && at_b != 0 && fabs(b - a) > 1e-14 * b; i++)
	{
		double c = (a * at_b - b * at_a) / (at_b - at_a);
		double at_c = beyond_tail(c, expected, tail, few);

		if ((at_c > 0) == (at_b > 0))
			at_a /= 2;
		else
		{
			a = b;
			at_a = at_b;
		}
		b = c;
		at_b = at_c;
	}
	return b;
}

/* Roots of counts have a standard deviation of about 1/2: in twice as many of them there is room
 * enough on either side. */
static StpLimits
observed_limits(double expected, double denominator, const StpFunnelLevel *level)
{
	double tail = (1 - level->share) / 2, reach = level->reach + 2;
	double root = sqrt(expected), least = fmax(root - reach, 0), most = root + reach;
	StpLimits limits = {0, 0};

	if (!(expected > 0))
		return limits;
	/* Where few are expected, not even none is too few. */
	if (beyond_tail(least * least, expected, tail, true) < 0)
		limits.lower = find_observed(expected, least * least, expected, tail, true) / denominator;
	limits.upper =
		find_observed(fmax(expected, 1e-3), most * most, expected, tail, false) / denominator;
	return limits;
}

StpLimits
stp_core_funnel_limits(const StpFunnelQuestion *question, double denominator,
					   const StpFunnelLevel *level)
{
	const StpFunnel *funnel = question->funnel;
	bool by_chance = question->overdispersion == STP_NO_OVERDISPERSION;
	double expected = funnel->target * denominator;
	StpLimits none = {NAN, NAN}, limits = none;

	if (!isfinite(expected))
		return none;
	if (by_chance && funnel->method == STP_FUNNEL_EXPECTED)
		limits = expected_limits(expected, denominator, level->share);
	else if (by_chance && funnel->method == STP_FUNNEL_OBSERVED)
		limits = observed_limits(expected, denominator, level);
	/* A target of 0 has no logarithm. */
	else if (isfinite(question->target))
		limits = transformed_limits(question, denominator, level->reach);
	if (!isfinite(limits.lower) || !isfinite(limits.upper))
		return none;
	/* Rounding must not put a limit on the wrong side of the target. */
	limits.lower = fmin(limits.lower, funnel->target);
	limits.upper = fmax(limits.upper, funnel->target);
	return limits;
}

/*
 * By its own limits, as the method observed has it, else by those of the funnel; of counts with the
 * halves, or none would be below every limit. A value on its limit is inside.
 */
int
stp_core_funnel_side(const StpFunnelQuestion *question, double value, double denominator,
					 const StpFunnelLevel *level, StpLimits limits)
{
	int64_t method = question->funnel->method;

	if (method == STP_FUNNEL_OBSERVED && question->overdispersion == STP_NO_OVERDISPERSION)
	{
		StpLimits own = stp_core_count_limits(value * denominator, level->share);
		double expected = question->funnel->target * denominator;

		return (stp_core_compare(own.lower, expected) == STP_AFTER) -
			   (stp_core_compare(own.upper, expected) == STP_BEFORE);
	}
	if (method == STP_FUNNEL_COUNTS)
		value = exp(stp_core_funnel_transform(STP_FUNNEL_COUNTS, value, denominator));
	return (stp_core_compare(value, limits.upper) == STP_AFTER) -
		   (stp_core_compare(value, limits.lower) == STP_BEFORE);
}
