/*
 * order.c: order, ties, ranks and rounding of a cohort's numbers, without any backend header.
 */
#include "order.h"

#include <math.h>
#include <string.h>

#include "pause.h"

/* Below this many values, insertion sort beats partitioning. */
#define SMALL_SORT 16
/* Places that a value may move before it is better to sort anew. */
#define MOVES_OF_EACH 8
/* Twelve digits: the share of a number that another may differ by and be tied to it. */
#define TIE 0x1p-40
/* Values that insertion sort is the best for, whatever has changed, and how often more may step
 * down. */
#define FEW 64
#define STEPS_DOWN 3
/* Bits of the digits that values are sorted by. */
#define LEAST_BITS 5
#define MOST_BITS 11

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
		stp_core_pause_sometimes(root);
	}
	for (size_t last = n; last-- > 1;)
	{
		size_t largest = order[0];

		order[0] = order[last];
		order[last] = largest;
		sift_down(values, order, 0, last);
		stp_core_pause_sometimes(last);
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

		stp_core_pause_sometimes(swaps);
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

void
stp_core_sort(const double *values, size_t *order, size_t n)
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

/* Insertion sort that gives up where more has changed than a few places of each value, and one
 * value all along. */
static bool
sort_again(const double *values, size_t *order, size_t n)
{
	size_t moves_left = n;

	for (size_t i = 1; i < n; i++)
	{
		size_t moved = order[i], place = i;
		double value = values[moved];

		for (; place > 0 && values[order[place - 1]] > value; place--)
			order[place] = order[place - 1];
		order[place] = moved;
		moves_left += MOVES_OF_EACH;
		if (i - place > moves_left)
			return false;
		stp_core_pause_sometimes(i);
		moves_left -= i - place;
	}
	return true;
}

/* Whether insertion sort is the best: few values, or hardly one that is less than the one before.
 */
static bool
is_almost_in_order(const double *values, const size_t *order, size_t n)
{
	size_t steps_down = 0;

	for (size_t i = 1; i < n && n > FEW && steps_down <= STEPS_DOWN; i++)
	{
		stp_core_pause_sometimes(i);
		steps_down += values[order[i]] < values[order[i - 1]];
	}
	return steps_down <= STEPS_DOWN;
}

/* A line from the least to the greatest of some values, cut into places of two digits each. */
typedef struct Line
{
	double least;
	double places_each; /* per unit of value */
	int bits;			/* of a digit */
} Line;

/* Sixteen places for each value or more; false where the values leave no room for them, or an index
 * beside a digit. */
static bool
draw_line(const double *values, size_t n, Line *line)
{
	double greatest;

	if (n > SIZE_MAX >> MOST_BITS)
		return false;
	for (line->bits = LEAST_BITS; line->bits < MOST_BITS && n >> (2 * line->bits - 4) > 0;)
		line->bits++;
	if (!stp_core_range(values, n, &line->least, &greatest))
		return false;
	line->places_each = (ldexp(1, 2 * line->bits) - 1) / (greatest - line->least);
	return line->places_each > 0 && isfinite(line->places_each);
}

/* The place of a value, which is two digits. */
static inline size_t
place_of(const Line *line, double value)
{
	return (size_t) (int64_t) ((value - line->least) * line->places_each);
}

/* Where the indices with each digit begin, in place of how many there are. */
static void
find_starts(const Line *line, size_t *count)
{
	size_t start = 0;

	for (size_t digit = 0; digit < (size_t) 1 << line->bits; digit++)
	{
		size_t with_digit = count[digit];

		count[digit] = start;
		start += with_digit;
	}
}

/*
 * Indices of values present that are in any order almost in order, in a time that grows no faster
 * than the values and does not hang on them: by their places on a line, the last digit first. False
 * where there is no such line.
 */
static bool
sort_roughly(const double *values, size_t n, size_t *order, size_t present, size_t *spare)
{
	size_t last[1 << MOST_BITS] = {0}, first[1 << MOST_BITS] = {0}, mask;
	Line line;

	if (!draw_line(values, n, &line))
		return false;
	mask = ((size_t) 1 << line.bits) - 1;
	STP_EACH (i, present)
	{
		size_t place = place_of(&line, values[order[i]]);

		last[place & mask]++;
		first[place >> line.bits]++;
	}
	find_starts(&line, last);
	find_starts(&line, first);
	/* The first digit goes along with the index: the values are not looked at again. */
	STP_EACH (i, present)
	{
		size_t place = place_of(&line, values[order[i]]);

		spare[last[place & mask]++] = order[i] << line.bits | place >> line.bits;
	}
	STP_EACH (i, present)
		order[first[spare[i] & mask]++] = spare[i] >> line.bits;
	return true;
}

/* The indices of the values present; how many there are. */
static size_t
find_present(const double *values, size_t n, size_t *order)
{
	size_t present = 0;

	STP_EACH (i, n)
		if (!isnan(values[i]))
			order[present++] = i;
	return present;
}

size_t
stp_core_reorder(const double *values, size_t n, size_t *order, size_t *ordered, size_t *spare)
{
	if (is_almost_in_order(values, order, *ordered) && holds_present(values, n, order, *ordered) &&
		sort_again(values, order, *ordered))
		return *ordered;
	*ordered = find_present(values, n, order);
	if (!sort_roughly(values, n, order, *ordered, spare) || !sort_again(values, order, *ordered))
		stp_core_sort(values, order, *ordered);
	return *ordered;
}

size_t
stp_core_order(const double *values, size_t n, size_t *order)
{
	size_t present = find_present(values, n, order);

	stp_core_sort(values, order, present);
	return present;
}

double
stp_core_quantile(const double *values, const size_t *order, size_t present, double share)
{
	double place = share * (double) (present - 1);
	size_t below = (size_t) place;
	double least = values[order[below]], next, beyond = place - (double) below;

	if (below + 1 >= present)
		return least;
	next = values[order[below + 1]];
	/* Two values of opposite signs may be farther apart than the largest number. */
	if (isinf(next - least))
		return (1 - beyond) * least + beyond * next;
	return least + beyond * (next - least);
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
		stp_core_pause_sometimes(i);
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

	/* What has no end ties with nothing else. */
	if (isinf(apart))
		return false;
	return apart <= TIE * fabs(a) || apart <= TIE * fabs(b) || apart <= 0x1p-50 * fabs(magnitude);
}

StpPlace
stp_core_compare(double a, double b)
{
	if (isnan(a) || isnan(b))
		return STP_NOWHERE;
	if (a == b || stp_core_tied(a, b, 0))
		return STP_AT;
	return a < b ? STP_BEFORE : STP_AFTER;
}

bool
stp_core_reaches(double value, double bound, bool upwards)
{
	StpPlace place = stp_core_compare(value, bound);

	return place == STP_AT || place == (upwards ? STP_AFTER : STP_BEFORE);
}

StpNeighbours
stp_core_neighbours(const double *values, const size_t *order, size_t present)
{
	double magnitude = 0;

	if (present > 0)
		magnitude = fmax(fabs(values[order[0]]), fabs(values[order[present - 1]]));
	return (StpNeighbours){magnitude, TIE * magnitude};
}

void
stp_core_merge_ties(const double *values, size_t n, const size_t *order, size_t present,
					double *tied)
{
	StpNeighbours among = stp_core_neighbours(values, order, present);
	double least = NAN, previous = NAN;

	STP_EACH (i, n)
		tied[i] = values[i];
	for (size_t i = 0; i < present; i++)
	{
		double value = tied[order[i]];

		if (!stp_core_are_alike(&among, value, previous))
			least = value;
		previous = value;
		tied[order[i]] = least;
		stp_core_pause_sometimes(i);
	}
}

bool
stp_core_differ(const double *values, size_t n, double *smallest, double *largest)
{
	return stp_core_range(values, n, smallest, largest) && !stp_core_tied(*smallest, *largest, 0);
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
