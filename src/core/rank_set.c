/*
 * rank_set.c: confidence sets of ranks, without any backend header.
 *
 * Mogstad, Romano, Shaikh and Wilhelm, Inference for Ranks with Applications to Mobility across
 * Neighbourhoods and Academic Achievement across Countries, Review of Economic Studies 91(1), 2024.
 * That one unit is not better than another is a hypothesis, for each ordered pair. Those that are
 * rejected say how many are better than a unit for sure, and how many are worse. A set of one unit
 * tests the pairs it is in; the sets of all at once test all pairs. Both step down (algorithm 3.2):
 * what is rejected is left out, and the rest is tested again by the largest of fewer differences.
 */
#include "rank_set.h"

#include <math.h>
#include <stdbool.h>

#include "order.h"
#include "pause.h"

/* The pairs that are tested together: those of units from one on to before another. */
typedef struct Family
{
	size_t first;
	size_t end;
	bool alone; /* one unit with each other; otherwise each pair once */
} Family;

/* The first partner of a unit in its family. */
static size_t
first_partner(Family family, size_t unit)
{
	return family.alone ? 0 : unit + 1;
}

/* How far one unit is above another, in standard deviations of the difference. Ties are equal,
 * however certain. */
static double
distance(const StpRankSets *s, size_t one, size_t other)
{
	double apart = s->estimate[one] - s->estimate[other];
	double deviation = s->deviation[one * s->units + other];

	if (stp_core_compare(s->estimate[one], s->estimate[other]) == STP_AT)
		return 0;
	return deviation == 0 ? copysign(INFINITY, apart) : apart / deviation;
}

/*
 * Enlarge the largest difference of each draw by one pair. Within the critical value both
 * directions are still tested; beyond it only the one that has not been rejected.
 */
static void
add_pair(StpRankSets *s, size_t one, size_t other, double critical)
{
	double apart = distance(s, one, other), scale = 1 / s->deviation[one * s->units + other];
	const double *a = s->error + one * s->draws, *b = s->error + other * s->draws;
	double *largest = s->largest;

	if (fabs(apart) <= critical)
		STP_EACH (d, s->draws)
		{
			double difference = fabs((a[d] - b[d]) * scale);

			largest[d] = difference > largest[d] ? difference : largest[d];
		}
	else
	{
		scale = apart > 0 ? -scale : scale;
		STP_EACH (d, s->draws)
		{
			double difference = (a[d] - b[d]) * scale;

			largest[d] = difference > largest[d] ? difference : largest[d];
		}
	}
}

/* The largest difference of each draw among what has not been rejected; false if all is certain. */
static bool
find_largest(StpRankSets *s, Family family, double critical)
{
	bool any = false;

	STP_EACH (d, s->draws)
		s->largest[d] = -INFINITY;
	for (size_t one = family.first; one < family.end; one++)
		for (size_t other = first_partner(family, one); other < s->units; other++)
			if (other != one && s->deviation[one * s->units + other] > 0)
			{
				add_pair(s, one, other, critical);
				any = true;
			}
	return any;
}

/* How many pairs lie beyond a critical value. */
static size_t
count_beyond(const StpRankSets *s, Family family, double critical)
{
	size_t beyond = 0;

	for (size_t one = family.first; one < family.end; one++)
		STP_EACH (other, s->units)
			if (other >= first_partner(family, one))
				beyond += fabs(distance(s, one, other)) > critical;
	return beyond;
}

/* The critical value after which nothing more is rejected. It only falls, whatever numbers leave
 * the range; what is not above 0 would part ties. */
static double
find_critical(StpRankSets *s, Family family)
{
	double critical = INFINITY;

	for (size_t before = 0, beyond = 0;; before = beyond)
	{
		size_t ordered = 0;
		double quantile;

		if (!find_largest(s, family, critical))
			return 0;
		stp_core_reorder(s->largest, s->draws, s->order, &ordered, s->spare);
		quantile = stp_core_quantile(s->largest, s->order, ordered, s->confidence);
		critical = fmin(critical, fmax(0, quantile));
		beyond = count_beyond(s, family, critical);
		if (beyond == before)
			return critical;
	}
}

/* What a critical value leaves of the ranks of a unit. */
static void
find_bounds(const StpRankSets *s, size_t unit, double critical, int32_t *low, int32_t *high)
{
	size_t better = 0, worse = 0;

	STP_EACH (other, s->units)
	{
		double apart = distance(s, unit, other);

		better += apart < -critical;
		worse += apart > critical;
	}
	*low = (int32_t) (1 + better);
	*high = (int32_t) (s->units - worse);
}

/* Ties share the best rank. */
static int32_t
find_rank(const StpRankSets *s, size_t unit)
{
	size_t better = 0;

	STP_EACH (other, s->units)
		better += stp_core_compare(s->estimate[unit], s->estimate[other]) == STP_BEFORE;
	return (int32_t) (1 + better);
}

void
stp_core_find_rank_sets(StpRankSets *s)
{
	double critical = find_critical(s, (Family){0, s->units, false});

	for (size_t unit = 0; unit < s->units; unit++)
	{
		s->rank[unit] = find_rank(s, unit);
		find_bounds(s, unit, critical, &s->all_low[unit], &s->all_high[unit]);
	}
	for (size_t unit = 0; unit < s->units; unit++)
	{
		critical = find_critical(s, (Family){unit, unit + 1, true});
		find_bounds(s, unit, critical, &s->low[unit], &s->high[unit]);
	}
}

void
stp_core_independent_deviations(const double *standard_error, size_t units, double *deviation)
{
	for (size_t one = 0; one < units; one++)
		STP_EACH (other, units)
			deviation[one * units + other] = hypot(standard_error[one], standard_error[other]);
}

/* Standard deviation of the difference of two errors, over the draws that have both. */
static double
drawn_deviation(const double *a, const double *b, size_t draws)
{
	double sum = 0, squares = 0, mean;
	size_t present = 0;

	STP_EACH (d, draws)
		if (!isunordered(a[d], b[d]))
		{
			sum += a[d] - b[d];
			present++;
		}
	mean = sum / (double) present;
	STP_EACH (d, draws)
		if (!isunordered(a[d], b[d]))
			squares += (a[d] - b[d] - mean) * (a[d] - b[d] - mean);
	return present < 2 ? NAN : sqrt(squares / (double) (present - 1));
}

void
stp_core_drawn_deviations(const double *error, size_t units, size_t draws, double *deviation)
{
	for (size_t one = 0; one < units; one++)
		for (size_t other = 0; other <= one; other++)
			deviation[one * units + other] = deviation[other * units + one] =
				drawn_deviation(error + one * draws, error + other * draws, draws);
}
