/*
 * score.c: methods that make scores of the values of a cohort, without any backend header.
 */
#include "score.h"

#include <math.h>

#include "order.h"
#include "pause.h"

/* What a constant cohort gets. */
static bool
fill_missing(double *scores, size_t n)
{
	STP_EACH (i, n)
		scores[i] = NAN;
	return false;
}

/*
 * Where value lies between from (0) and to (1); halved where a distance overflows a double. The
 * zero added makes a negative zero positive.
 */
static double
share_of_way(double value, double from, double to)
{
	if (isfinite(to - from) && isfinite(value - from))
		return (value - from) / (to - from) + 0.0;
	return (value / 2 - from / 2) / (to / 2 - from / 2) + 0.0;
}

/*
 * The point a share of the way from low to high. In two halves, so that no range overflows; rising
 * with the share, and never beyond high, which rounding could bring about.
 */
static double
point_between(double share, double low, double high)
{
	double half = share * (high / 2 - low / 2);
	double point = low + half + half;

	return (low < high) == (point < high) ? point : high;
}

bool
stp_core_min_max(const double *values, size_t n, double low, double high, double *scores)
{
	double smallest, largest;

	if (!stp_core_range(values, n, &smallest, &largest))
		return fill_missing(scores, n);
	STP_EACH (i, n)
		scores[i] = isnan(values[i])
						? NAN
						: point_between(share_of_way(values[i], smallest, largest), low, high);
	return true;
}

/* The power of two that brings the larger magnitude near 1, so that squares stay in range. */
static double
unit_scale(double a, double b)
{
	int exponent;

	frexp(fmax(fabs(a), fabs(b)), &exponent);
	return ldexp(1, exponent < -1000 ? 1000 : -exponent);
}

/* Mean and sample standard deviation in two passes, of (value - origin) in units of scale. */
static void
find_moments(const double *values, size_t n, double origin, double scale, double *mean,
			 double *deviation)
{
	double sum = 0, squares = 0, rest = 0;
	size_t present = 0;

	STP_EACH (i, n)
		if (!isnan(values[i]))
		{
			sum += values[i] * scale - origin * scale;
			present++;
		}
	*mean = sum / (double) present;
	STP_EACH (i, n)
		if (!isnan(values[i]))
		{
			double d = values[i] * scale - origin * scale - *mean;

			squares += d * d;
			rest += d;
		}
	/* What rounding has left in the mean. */
	squares -= rest * rest / (double) present;
	*deviation = sqrt(squares / (double) (present - 1));
}

bool
stp_core_z_score(const double *values, size_t n, double *scores)
{
	double smallest, largest, scale, mean, deviation;

	if (!stp_core_range(values, n, &smallest, &largest))
		return fill_missing(scores, n);
	/* From the smallest value, because subtracting neighbours is exact. */
	scale = unit_scale(smallest, largest);
	find_moments(values, n, smallest, scale, &mean, &deviation);
	STP_EACH (i, n)
		scores[i] = (values[i] * scale - smallest * scale - mean) / deviation;
	return true;
}

bool
stp_core_percentile_in_order(const double *values, size_t n, const size_t *order, size_t present,
							 bool highest_first, double *scores)
{
	size_t below = 0;
	double previous = NAN;

	if (present < 2 || values[order[0]] == values[order[present - 1]])
		return fill_missing(scores, n);
	STP_EACH (i, n)
		scores[i] = values[i];
	for (size_t i = 0; i < present; i++)
	{
		size_t at = highest_first ? order[i] : order[present - 1 - i];
		/* Read before written: the two arrays may be one. */
		double value = values[at];

		if (value != previous)
			below = i;
		previous = value;
		scores[at] = (double) below / (double) (present - 1);
		stp_core_pause_sometimes(i);
	}
	return true;
}

bool
stp_core_percentile_rank(const double *values, size_t n, size_t *order, double *scores)
{
	size_t present = stp_core_order(values, n, order);

	return stp_core_percentile_in_order(values, n, order, present, true, scores);
}

/* best + (worst - best) * ahead / others, in hundredths, half up and exact. */
static double
ranked_hundredths(int64_t best, int64_t worst, size_t ahead, size_t others)
{
	int64_t steps = others == 0 ? 1 : (int64_t) others;
	int64_t hundredths = best + (2 * (worst - best) * (int64_t) ahead + steps) / (2 * steps);

	return (double) hundredths / 100;
}

/* Neither the standard met nor the floor missed: such a value is ranked. A comparison with NAN is
 * false. */
static bool
is_ranked(double value, double standard, double floor)
{
	return !isnan(value) && !(value >= standard) && !(value < floor);
}

/* Spread the values in order (lowest first, direction taken out) evenly between the bookends. */
static void
spread(const double *values, const size_t *order, size_t ranked, int64_t best, int64_t worst,
	   double sign, double *scores)
{
	double previous = NAN;
	size_t ahead = 0;

	for (size_t i = 0; i < ranked; i++)
	{
		size_t at = sign > 0 ? order[ranked - 1 - i] : order[i];
		double value = values[at];

		if (value != previous)
			ahead = i;
		previous = value;
		scores[at] = ranked_hundredths(best, worst, ahead, ranked - 1);
		stp_core_pause_sometimes(i);
	}
}

void
stp_core_ranked_score(const double *values, size_t n, bool higher_is_better, double standard,
					  double floor, size_t *order, double *scores)
{
	double sign = higher_is_better ? 1 : -1;
	int64_t best = isnan(standard) ? 100 : 200, worst = isnan(floor) ? 400 : 300;
	size_t ranked = 0;

	STP_EACH (i, n)
		if (is_ranked(sign * values[i], sign * standard, sign * floor))
			order[ranked++] = i;
		else if (isnan(values[i]))
			scores[i] = NAN;
		else
			scores[i] = sign * values[i] >= sign * standard ? 1 : 4;
	stp_core_sort(values, order, ranked);
	spread(values, order, ranked, best, worst, sign, scores);
}

void
stp_core_min_max_from(const double *values, size_t n, double worst, double best, double low,
					  double high, double *scores)
{
	STP_EACH (i, n)
		scores[i] =
			isnan(values[i]) ? NAN : low + share_of_way(values[i], worst, best) * (high - low);
}

double
stp_core_goalposts(double value, double low, double high, bool higher_is_better, bool truncate)
{
	if (low == high)
		return NAN;
	if (truncate)
		value = fmin(fmax(value, low), high);
	return 100 *
		   (higher_is_better ? share_of_way(value, low, high) : share_of_way(value, high, low));
}

double
stp_core_distance_to_target(double value, double minimum, double maximum, double target,
							bool higher_is_better, bool cap)
{
	double worst = higher_is_better ? minimum : maximum;
	double share;

	if (worst == target)
		return NAN;
	share = share_of_way(value, worst, target);
	return cap ? fmin(share, 1) : share;
}
