/*
 * cluster.c: clusters of numbers on a line, without any backend header.
 *
 * S. P. Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28
 * (1982). W. D. Fisher, On grouping for maximum homogeneity, Journal of the American Statistical
 * Association 53 (1958), by halves: the last cluster of the best division begins no earlier for a
 * later number (H. Wang, M. Song, Ckmeans.1d.dp, The R Journal 3/2, 2011, and its later versions).
 *
 * On a line clusters are stretches, so that sums over all that comes before a number say what
 * there is to know of each.
 */
#include "cluster.h"

#include <math.h>

#include "pause.h"

/* Steps of one run. Each makes the sum of squares less, so that no run goes round in a circle; but
 * one may be long. */
#define MAX_STEPS 10000
/* What two numbers may differ by and are the same, of the largest of all: see order.h. */
#define TIE 0x1p-40

/* Bring the numbers to 0 to 1 and add them up; what two of them may then differ by and are the
 * same. 0: they do not differ, or by too much. */
static double
prepare(const double *number, size_t n, const StpClusterSpace *s)
{
	double least = n > 0 ? number[0] : 0, range = n > 0 ? number[n - 1] - least : 0;

	if (!(range > 0) || !isfinite(range))
		return 0;
	s->sum[0] = s->squares[0] = 0;
	STP_EACH (i, n)
	{
		double scaled = (number[i] - least) / range;

		s->scaled[i] = scaled;
		s->sum[i + 1] = s->sum[i] + scaled;
		s->squares[i + 1] = s->squares[i] + scaled * scaled;
	}
	return TIE * fmax(fabs(least), fabs(number[n - 1])) / range;
}

/* Centres as the numbers are. */
static void
scale_back(const double *number, size_t n, int clusters, double *centre)
{
	for (int j = 0; j < clusters; j++)
		centre[j] = number[0] + centre[j] * (number[n - 1] - number[0]);
}

/* How many of the numbers are below one. */
static size_t
count_below(const double *scaled, size_t n, double number)
{
	size_t low = 0, high = n;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (scaled[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * The share that a rank belongs to, as PROC RANK of SAS divides n: rank x clusters / (n + 1),
 * rounded down, where ties have the mean of their ranks. Twice the rank is a whole number.
 */
static size_t
share_of(size_t first, size_t last, size_t n, int clusters)
{
	return (first + last + 2) * (size_t) clusters / (2 * (n + 1));
}

/* The median of each share; false: some share is empty. */
static bool
seed_medians(const double *scaled, size_t n, int clusters, double *centre)
{
	size_t begin = 0, share = 0;

	for (size_t first = 0, next; first <= n; first = next)
	{
		size_t here = (size_t) clusters;

		stp_core_pause_sometimes(first);
		for (next = first + 1; next < n && scaled[next] == scaled[first]; next++)
			;
		if (first < n)
			here = share_of(first, next - 1, n, clusters);
		if (here == share)
			continue;
		if (here != share + 1 || first == begin)
			return false;
		centre[share++] = (scaled[(begin + first - 1) / 2] + scaled[(begin + first) / 2]) / 2;
		begin = first;
	}
	return share == (size_t) clusters;
}

/* What the steps of one run go by. */
typedef struct Run
{
	const StpClusterSpace *space;
	size_t n;
	int clusters;
	double strict; /* NAN: every number moves its centre */
	double tie;
} Run;

/* The centre that its numbers give it: those from one place to before another, and of these those
 * that are not too far. */
static double
mean_near(const Run *r, size_t from, size_t to, double centre)
{
	const StpClusterSpace *s = r->space;
	double strict = r->strict;

	if (!isnan(strict))
	{
		size_t near = count_below(s->scaled, r->n, centre - strict - r->tie),
			   far = count_below(s->scaled, r->n, centre + strict + r->tie);

		from = near > from ? near : from;
		to = far < to ? far : to;
	}
	/* One that has no numbers stays where it is. */
	return from < to ? (s->sum[to] - s->sum[from]) / (double) (to - from) : centre;
}

/* Move all centres once; whether any moved. */
static bool
step(const Run *r, double *centre)
{
	size_t from = 0;
	bool moved = false;

	for (int j = 0; j < r->clusters; j++)
	{
		size_t to = r->n;
		double mean;

		if (j + 1 < r->clusters)
			to = count_below(r->space->scaled, r->n, (centre[j] + centre[j + 1]) / 2 - r->tie);
		mean = mean_near(r, from, to, centre[j]);
		moved |= mean != centre[j];
		centre[j] = mean;
		from = to;
	}
	return moved;
}

/* Move them until they stay. */
static void
move_centres(const Run *r, double *centre)
{
	for (int i = 0; i < MAX_STEPS; i++)
	{
		stp_core_pause();
		if (!step(r, centre))
			break;
	}
}

/* Whether at least so many numbers differ. */
static bool
differ(const double *scaled, size_t n, int clusters)
{
	int different = 1;

	for (size_t i = 1; i < n && different < clusters; i++)
	{
		stp_core_pause_sometimes(i);
		different += scaled[i] != scaled[i - 1];
	}
	return different >= clusters;
}

bool
stp_core_k_means(const double *number, size_t n, int clusters, StpSeeds seeds, double strict,
				 const StpClusterSpace *space, double *centre)
{
	Run run = {space, n, clusters, NAN, prepare(number, n, space)};

	if (run.tie == 0 || !differ(space->scaled, n, clusters))
		return false;
	if (seeds == STP_SEED_MEDIANS && !seed_medians(space->scaled, n, clusters, centre))
		return false;
	for (int j = 0; j < clusters && seeds == STP_SEED_EVEN; j++)
		centre[j] = (j + 0.5) / clusters;
	move_centres(&run, centre);
	run.strict = strict / (number[n - 1] - number[0]);
	if (!isnan(strict))
		move_centres(&run, centre);
	scale_back(number, n, clusters, centre);
	return true;
}

/* The sum of squares of the numbers from one place to before another, about their mean. */
static double
squares_about_mean(const StpClusterSpace *s, size_t from, size_t to)
{
	double sum = s->sum[to] - s->sum[from];

	return fmax(s->squares[to] - s->squares[from] - sum * sum / (double) (to - from), 0);
}

/* What a layer of the search looks at: the best division of all up to each number. */
typedef struct Layer
{
	const StpClusterSpace *space;
	const double *before; /* with one cluster less */
	double *cost;
	uint32_t *begin;
	double tie; /* what two sums of squares may differ by and are the same */
} Layer;

/* Find the best last cluster for the numbers from low to before high, which begins between two
 * places. */
static void
divide(const Layer *l, size_t low, size_t high, size_t first, size_t last)
{
	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		stp_core_pause();
		l->cost[middle] = INFINITY;
		for (size_t begin = first; begin <= last && begin <= middle; begin++)
		{
			/* Numbers that are equal stay together, as they have one category. */
			bool parts = begin > 0 && l->space->scaled[begin] == l->space->scaled[begin - 1];
			double cost = parts ? INFINITY
								: (begin == 0 ? INFINITY : l->before[begin - 1]) +
									  squares_about_mean(l->space, begin, middle + 1);

			if (cost < l->cost[middle] - l->tie)
			{
				l->cost[middle] = cost;
				l->begin[middle] = (uint32_t) begin;
			}
		}
		/* Up to here too few numbers differ; so they do up to earlier ones. */
		if (isinf(l->cost[middle]))
			l->begin[middle] = (uint32_t) first;
		divide(l, low, middle, first, l->begin[middle]);
		first = l->begin[middle];
		low = middle + 1;
	}
}

bool
stp_core_natural_breaks(const double *number, size_t n, int clusters, const StpClusterSpace *space,
						double *centre)
{
	double tie = prepare(number, n, space);
	size_t end = n;

	if (tie == 0 || !differ(space->scaled, n, clusters))
		return false;
	STP_EACH (i, n)
	{
		space->cost[i] = squares_about_mean(space, 0, i + 1);
		space->begin[i] = 0;
	}
	for (int j = 1; j < clusters; j++)
	{
		Layer l = {.space = space,
				   .before = space->cost + (j % 2 == 0 ? n : 0),
				   .cost = space->cost + (j % 2 == 0 ? 0 : n),
				   .begin = space->begin + (size_t) j * n,
				   .tie = tie * squares_about_mean(space, 0, n)};

		divide(&l, 0, n, 0, n - 1);
	}
	for (int j = clusters - 1; j >= 0; j--)
	{
		size_t begin = space->begin[(size_t) j * n + end - 1];

		centre[j] = (space->sum[end] - space->sum[begin]) / (double) (end - begin);
		end = begin;
	}
	scale_back(number, n, clusters, centre);
	return true;
}
