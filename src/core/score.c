/*
 * score.c: methods that make scores of the values of a cohort, without any backend header.
 */
#include "score.h"

#include <math.h>

#include "order.h"
#include "pause.h"

/* Of the exponential scale: half of it is for the last tenth. */
#define SPREAD 23.0

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

	if (!stp_core_differ(values, n, &smallest, &largest))
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

	if (!stp_core_differ(values, n, &smallest, &largest))
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
							 bool highest_first, double full, double *scores)
{
	StpNeighbours among = stp_core_neighbours(values, order, present);
	size_t below = 0;
	double previous = NAN;

	if (present < 2)
		return fill_missing(scores, n);
	STP_EACH (i, n)
		scores[i] = values[i];
	for (size_t i = 0; i < present; i++)
	{
		size_t at = highest_first ? order[i] : order[present - 1 - i];
		/* Read before written: the two arrays may be one. */
		double value = values[at];

		if (!stp_core_are_alike(&among, value, previous))
			below = i;
		previous = value;
		scores[at] = (double) below / (double) (present - 1) * full;
		stp_core_pause_sometimes(i);
	}
	/* All are tied. */
	return below > 0 || fill_missing(scores, n);
}

double
stp_core_exponential_place(size_t before, size_t after, size_t others, StpTies ties)
{
	double first = (double) before + 1, last = (double) (others - after) + 1;
	double rank = ties == STP_TIES_LOW ? first : ties == STP_TIES_HIGH ? last : (first + last) / 2;
	double share = rank / ((double) others + 1);

	/* 1 - R (1 - exp()), but so that the last has 100; rounding must not leave the scale. */
	return fmin(-SPREAD * log(1 - share + share * exp(-100 / SPREAD)), 100);
}

bool
stp_core_exponential_in_order(const double *values, size_t n, const size_t *order, size_t present,
							  bool highest_first, StpTies ties, double *scores)
{
	StpNeighbours among = stp_core_neighbours(values, order, present);
	size_t first = 0;

	if (present < 2)
		return fill_missing(scores, n);
	STP_EACH (i, n)
		scores[i] = values[i];
	for (size_t i = 1; i <= present; i++)
	{
		size_t after = present - i;
		double score;

		stp_core_pause_sometimes(i);
		/* Those from first on are still values. */
		if (i < present && stp_core_are_alike(&among, scores[order[i]], scores[order[i - 1]]))
			continue;
		if (first == 0 && after == 0)
			return fill_missing(scores, n);
		score = highest_first ? stp_core_exponential_place(after, first, present - 1, ties)
							  : stp_core_exponential_place(first, after, present - 1, ties);
		for (; first < i; first++)
			scores[order[first]] = score;
	}
	return true;
}

/* best + (worst - best) * ahead / others, in hundredths, half up and exact. */
static double
ranked_hundredths(int64_t best, int64_t worst, size_t ahead, size_t others)
{
	int64_t steps = others == 0 ? 1 : (int64_t) others;
	int64_t hundredths = best + (2 * (worst - best) * (int64_t) ahead + steps) / (2 * steps);

	return (double) hundredths / 100;
}

double
stp_core_ranked_place(bool has_target, bool has_floor, size_t ahead, size_t others)
{
	return ranked_hundredths(has_target ? 200 : 100, has_floor ? 300 : 400, ahead, others);
}

/* The index i places from the best. */
static size_t
from_best(const size_t *order, size_t present, size_t i, bool higher_is_better)
{
	return higher_is_better ? order[present - 1 - i] : order[i];
}

/* How many values in order, best first, begin with one that reaches the bound. */
static size_t
count_reaching(const double *values, const size_t *order, size_t present, bool higher_is_better,
			   double bound)
{
	size_t reaching = 0;

	while (reaching < present &&
		   stp_core_reaches(values[from_best(order, present, reaching, higher_is_better)], bound,
							higher_is_better))
		stp_core_pause_sometimes(++reaching);
	return reaching;
}

void
stp_core_ranked_in_order(const double *values, size_t n, const size_t *order, size_t present,
						 bool higher_is_better, double standard, double floor, double *scores)
{
	int64_t best = isnan(standard) ? 100 : 200, worst = isnan(floor) ? 400 : 300;
	size_t first = count_reaching(values, order, present, higher_is_better, standard);
	size_t last =
		isnan(floor) ? present : count_reaching(values, order, present, higher_is_better, floor);
	double previous = NAN;
	size_t ahead = 0;

	STP_EACH (i, n)
		scores[i] = values[i];
	for (size_t i = 0; i < present; i++)
	{
		size_t at = from_best(order, present, i, higher_is_better);
		/* Read before written: the two arrays may be one. */
		double value = values[at];

		if (value != previous)
			ahead = i - first;
		previous = value;
		scores[at] = i < first	 ? 1
					 : i >= last ? 4
								 : ranked_hundredths(best, worst, ahead, last - first - 1);
		stp_core_pause_sometimes(i);
	}
}

/* The score of whoever is not ranked: the floor missed, no known target, the target met; 0: it is.
 */
static double
unranked_score(double value, double target, double floor, bool higher_is_better)
{
	if (!isnan(floor) && !stp_core_reaches(value, floor, higher_is_better))
		return 4;
	if (isinf(target))
		return NAN;
	return stp_core_reaches(value, target, higher_is_better) ? 1 : 0;
}

void
stp_core_ranked_by_targets(const double *values, size_t n, const size_t *order, size_t present,
						   bool higher_is_better, const double *targets, double floor,
						   double *scores)
{
	int64_t worst = isnan(floor) ? 400 : 300;
	double previous = NAN;
	size_t ranked = 0, others, seen = 0, ahead = 0;

	for (size_t i = 0; i < present; i++)
	{
		stp_core_pause_sometimes(i);
		ranked += unranked_score(values[order[i]], targets[order[i]], floor, higher_is_better) == 0;
	}
	others = ranked == 0 ? 0 : ranked - 1;
	STP_EACH (i, n)
		scores[i] = values[i];
	for (size_t i = 0; i < present; i++)
	{
		size_t at = from_best(order, present, i, higher_is_better);
		/* Read before written: the two arrays may be one. */
		double value = values[at];
		double score = unranked_score(value, targets[at], floor, higher_is_better);

		stp_core_pause_sometimes(i);
		scores[at] = score;
		if (score != 0)
			continue;
		if (value != previous)
			ahead = seen;
		previous = value;
		seen++;
		scores[at] = ranked_hundredths(isnan(targets[at]) ? 100 : 200, worst, ahead, others);
	}
}

/* Order the values and put them with their ties merged where the scores will be. */
static size_t
order_and_merge(const double *values, size_t n, size_t *order, double *tied)
{
	size_t present = stp_core_order(values, n, order);

	stp_core_merge_ties(values, n, order, present, tied);
	return present;
}

bool
stp_core_percentile_rank(const double *values, size_t n, size_t *order, double *scores)
{
	size_t present = stp_core_order(values, n, order);

	return stp_core_percentile_in_order(values, n, order, present, true, 1, scores);
}

bool
stp_core_exponential_rank(const double *values, size_t n, StpTies ties, size_t *order,
						  double *scores)
{
	size_t present = stp_core_order(values, n, order);

	return stp_core_exponential_in_order(values, n, order, present, false, ties, scores);
}

void
stp_core_ranked_score(const double *values, size_t n, bool higher_is_better, double standard,
					  double floor, size_t *order, double *scores)
{
	size_t present = order_and_merge(values, n, order, scores);

	stp_core_ranked_in_order(scores, n, order, present, higher_is_better, standard, floor, scores);
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
	if (stp_core_compare(low, high) == STP_AT)
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

	if (stp_core_compare(worst, target) == STP_AT)
		return NAN;
	share = share_of_way(value, worst, target);
	return cap ? fmin(share, 1) : share;
}
