/*
 * score.c: from the values of a cohort to scores, without any backend header.
 */
#include "score.h"

#include <math.h>

/* Below this many values, insertion sort beats partitioning. */
#define SMALL_SORT 16
/* Places that a value may move before it is better to sort anew. */
#define MOVES_OF_EACH 8

/* The backend's own definition, which looks for interrupts, takes precedence over this one. */
__attribute__((weak)) void
stp_core_pause(void)
{
}

/* For loops that jump through memory. */
static inline void
pause_sometimes(size_t step)
{
	if (step % STP_BLOCK == 0)
		stp_core_pause();
}

bool
stp_core_range(const double *values, size_t n, double *smallest, double *largest)
{
	*smallest = INFINITY;
	*largest = -INFINITY;
	STP_EACH (i, n)
	{
		if (values[i] < *smallest)
			*smallest = values[i];
		if (values[i] > *largest)
			*largest = values[i];
	}
	return *smallest < *largest;
}

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

/* Let the root of a heap sink to its place. */
static void
sift_down(const double *values, size_t *order, size_t root, size_t n)
{
	size_t moved = order[root];

	for (size_t child = 2 * root + 1; child < n; child = 2 * root + 1)
	{
		if (child + 1 < n && values[order[child + 1]] > values[order[child]])
			child++;
		if (values[order[child]] <= values[moved])
			break;
		order[root] = order[child];
		root = child;
	}
	order[root] = moved;
}

/* Never worse than n log n: for what partitioning cannot split. */
static void
heap_sort(const double *values, size_t *order, size_t n)
{
	for (size_t root = n / 2; root-- > 0;)
	{
		sift_down(values, order, root, n);
		pause_sometimes(root);
	}
	for (size_t last = n; last-- > 1;)
	{
		size_t largest = order[0];

		order[0] = order[last];
		order[last] = largest;
		sift_down(values, order, 0, last);
		pause_sometimes(last);
	}
}

static void
insertion_sort(const double *values, size_t *order, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		size_t moved = order[i], place = i;

		for (; place > 0 && values[order[place - 1]] > values[moved]; place--)
			order[place] = order[place - 1];
		order[place] = moved;
	}
}

/* The middle one of the first, the central and the last value. */
static double
choose_pivot(const double *values, const size_t *order, size_t n)
{
	double a = values[order[0]], b = values[order[n / 2]], c = values[order[n - 1]];

	return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Split into values up to the pivot and values from the pivot on; where the second part begins. */
static size_t
partition(const double *values, size_t *order, size_t n)
{
	double pivot = choose_pivot(values, order, n);
	size_t left = 0, right = n - 1;

	for (size_t swaps = 1;; swaps++, left++, right--)
	{
		size_t swapped;

		pause_sometimes(swaps);
		while (values[order[left]] < pivot)
			left++;
		while (values[order[right]] > pivot)
			right--;
		if (left >= right)
			return left;
		swapped = order[left];
		order[left] = order[right];
		order[right] = swapped;
	}
}

/*
 * Quicksort that recurses into the shorter part and hands over to heap sort when it has split too
 * often. Not qsort(): that may allocate, and nothing can interrupt it.
 */
static void
sort_range(const double *values, size_t *order, size_t n, int splits_left)
{
	while (n > SMALL_SORT && splits_left-- > 0)
	{
		size_t split;

		if (n > STP_BLOCK)
			stp_core_pause();
		split = partition(values, order, n);
		if (split < n - split)
		{
			sort_range(values, order, split, splits_left);
			order += split;
			n -= split;
		}
		else
		{
			sort_range(values, order + split, n - split, splits_left);
			n = split;
		}
	}
	if (n > SMALL_SORT)
		heap_sort(values, order, n);
	else
		insertion_sort(values, order, n);
}

/* Sort indices by their values, lowest first. */
static void
sort_order(const double *values, size_t *order, size_t n)
{
	int splits = 0;

	for (size_t rest = n; rest > 1; rest /= 2)
		splits += 2;
	sort_range(values, order, n, splits);
}

/* Whether the indices in order are those of all values present. */
static bool
holds_present(const double *values, size_t n, const size_t *order, size_t ordered)
{
	size_t present = 0;

	STP_EACH (i, n)
		present += !isnan(values[i]);
	if (ordered != present)
		return false;
	STP_EACH (i, ordered)
		if (isnan(values[order[i]]))
			return false;
	return true;
}

/* Insertion sort that gives up where more has changed than a few places of each value. */
static bool
sort_again(const double *values, size_t *order, size_t n)
{
	size_t moves_left = MOVES_OF_EACH * n;

	for (size_t i = 1; i < n; i++)
	{
		size_t moved = order[i], place = i;

		for (; place > 0 && values[order[place - 1]] > values[moved]; place--)
			order[place] = order[place - 1];
		order[place] = moved;
		if (i - place > moves_left)
			return false;
		pause_sometimes(i);
		moves_left -= i - place;
	}
	return true;
}

size_t
stp_core_reorder(const double *values, size_t n, size_t *order, size_t *ordered)
{
	if (!holds_present(values, n, order, *ordered))
		*ordered = stp_core_order(values, n, order);
	else if (!sort_again(values, order, *ordered))
		sort_order(values, order, *ordered);
	return *ordered;
}

size_t
stp_core_order(const double *values, size_t n, size_t *order)
{
	size_t present = 0;

	STP_EACH (i, n)
		if (!isnan(values[i]))
			order[present++] = i;
	sort_order(values, order, present);
	return present;
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
		pause_sometimes(i);
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
		pause_sometimes(i);
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
	sort_order(values, order, ranked);
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
stp_core_quantile(const double *values, const size_t *order, size_t present, double share)
{
	double place = share * (double) (present - 1);
	size_t below = (size_t) place;
	double least = values[order[below]];

	if (below + 1 >= present)
		return least;
	return least + (place - (double) below) * (values[order[below + 1]] - least);
}

double
stp_core_round(double number, int decimals)
{
	double unit = pow(10, decimals);
	double scaled = fabs(number) * unit, whole = floor(scaled);

	/* Also NAN, and what has no decimals to lose. */
	if (!(scaled < 0x1p52))
		return number;
	if (scaled - whole >= 0.5 || stp_core_tied(scaled, whole + 0.5, 0))
		whole++;
	return copysign(whole / unit, number) + 0.0;
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

void
stp_core_rank_in_order(const double *values, size_t n, const size_t *order, size_t present,
					   bool highest_first, int32_t *ranks)
{
	size_t rank = 0;
	double previous = NAN;

	STP_EACH (i, n)
		ranks[i] = 0;
	for (size_t i = 0; i < present; i++)
	{
		size_t at = highest_first ? order[present - 1 - i] : order[i];

		if (values[at] != previous)
			rank = i + 1;
		previous = values[at];
		ranks[at] = (int32_t) rank;
		pause_sometimes(i);
	}
}

void
stp_core_rank(const double *values, size_t n, bool highest_first, size_t *order, int32_t *ranks)
{
	size_t present = stp_core_order(values, n, order);

	stp_core_rank_in_order(values, n, order, present, highest_first, ranks);
}

bool
stp_core_tied(double a, double b, double magnitude)
{
	double apart = fabs(a - b);

	return apart <= 0x1p-40 * fabs(a) || apart <= 0x1p-40 * fabs(b) ||
		   apart <= 0x1p-50 * fabs(magnitude);
}

void
stp_core_merge_ties(const double *values, size_t n, const size_t *order, size_t present,
					double *tied)
{
	double magnitude, least, previous;

	STP_EACH (i, n)
		tied[i] = values[i];
	if (present == 0)
		return;
	least = previous = values[order[0]];
	magnitude = fmax(fabs(least), fabs(values[order[present - 1]]));
	for (size_t i = 0; i < present; i++)
	{
		double value = tied[order[i]];

		if (!stp_core_tied(value, previous, magnitude))
			least = value;
		previous = value;
		tied[order[i]] = least;
		pause_sometimes(i);
	}
}

bool
stp_core_differ(const double *values, size_t n)
{
	double smallest, largest;

	return stp_core_range(values, n, &smallest, &largest) && !stp_core_tied(smallest, largest, 0);
}
