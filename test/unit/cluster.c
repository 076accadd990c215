/*
 * Unit tests of core/cluster.c: k-means against steps that look at every number, natural breaks
 * against all divisions there are.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cluster.h"
#include "random.h"

#define MANY 60
#define CLUSTERS 6

static double number[MANY], scaled[MANY], sum[MANY + 1], squares[MANY + 1], cost[2 * MANY];
static uint32_t begin[CLUSTERS * MANY];
static const StpClusterSpace space = {number, scaled, sum, squares, cost, begin};

static int
compare_numbers(const void *one, const void *other)
{
	double a = *(const double *) one, b = *(const double *) other;

	return (a > b) - (a < b);
}

/* Numbers in order, of which some are equal. */
static void
draw_numbers(size_t n, bool tied)
{
	for (size_t i = 0; i < n; i++)
		number[i] = tied ? floor(12 * random_share()) / 4 : 10 * random_share() - 5;
	qsort(number, n, sizeof(double), compare_numbers);
}

/* The centre nearest to a number; of two as near the higher. */
static int
nearest(const double *centre, int clusters, double x)
{
	int best = 0;

	for (int j = 1; j < clusters; j++)
		if (fabs(x - centre[j]) < fabs(x - centre[best]) + 1e-12)
			best = j;
	return best;
}

/* One step, number by number; whether a centre moved. */
static bool
plain_step(size_t n, int clusters, double strict, double *centre)
{
	double total[CLUSTERS] = {0}, count[CLUSTERS] = {0};
	bool moved = false;

	for (size_t i = 0; i < n; i++)
	{
		int j = nearest(centre, clusters, number[i]);

		if (!isnan(strict) && fabs(number[i] - centre[j]) > strict)
			continue;
		total[j] += number[i];
		count[j]++;
	}
	for (int j = 0; j < clusters; j++)
	{
		double mean = count[j] > 0 ? total[j] / count[j] : centre[j];

		moved |= fabs(mean - centre[j]) > 1e-12;
		centre[j] = mean;
	}
	return moved;
}

/* Both runs, from seeds at even distances. */
static void
plain_k_means(size_t n, int clusters, double strict, double *centre)
{
	for (int j = 0; j < clusters; j++)
		centre[j] = number[0] + (j + 0.5) / clusters * (number[n - 1] - number[0]);
	while (plain_step(n, clusters, NAN, centre))
		;
	while (!isnan(strict) && plain_step(n, clusters, strict, centre))
		;
}

static void
test_k_means(void **state)
{
	int strictly = 0;

	(void) state;
	for (int turn = 0; turn < 3000; turn++)
	{
		size_t n = CLUSTERS + (size_t) (random_share() * (MANY - CLUSTERS));
		int clusters = 1 + (int) (random_share() * CLUSTERS);
		double strict = turn % 2 == 0 ? NAN : 0.3 + random_share(), expected[CLUSTERS],
			   centre[CLUSTERS];

		draw_numbers(n, false);
		assert_true(stp_core_k_means(number, n, clusters, STP_SEED_EVEN, strict, &space, centre));
		plain_k_means(n, clusters, strict, expected);
		for (int j = 0; j < clusters; j++)
			assert_true(fabs(centre[j] - expected[j]) < 1e-9);
		plain_k_means(n, clusters, NAN, expected);
		for (int j = 0; j < clusters; j++)
			strictly += fabs(centre[j] - expected[j]) > 1e-9;
	}
	/* A second run that changes nothing tests nothing. */
	assert_true(strictly > 100);
}

/* Numbers that are the same but for their scale, and for the last bits that it costs, are clustered
 * the same. */
static void
test_last_bits(void **state)
{
	static double whole[MANY];
	double centre[CLUSTERS], other[CLUSTERS];

	(void) state;
	for (int turn = 0; turn < 4000; turn++)
	{
		size_t n = 3 + (size_t) (random_share() * 12);
		int clusters = 2 + (int) (random_share() * 3);
		double times = turn % 3 == 0 ? 0.1 : turn % 3 == 1 ? 100.0 / 7 : 1e-5, more = turn % 5;
		StpSeeds seeds = turn % 2 == 0 ? STP_SEED_EVEN : STP_SEED_MEDIANS;
		bool found, breaks = turn % 4 > 1;

		for (size_t i = 0; i < n; i++)
			number[i] = floor(9 * random_share());
		qsort(number, n, sizeof(double), compare_numbers);
		memcpy(whole, number, sizeof(whole));
		found = breaks ? stp_core_natural_breaks(number, n, clusters, &space, centre)
					   : stp_core_k_means(number, n, clusters, seeds, NAN, &space, centre);
		for (size_t i = 0; i < n; i++)
			number[i] = whole[i] * times + more;
		assert_int_equal(breaks ? stp_core_natural_breaks(number, n, clusters, &space, other)
								: stp_core_k_means(number, n, clusters, seeds, NAN, &space, other),
						 found);
		for (int j = 0; j < clusters && found; j++)
			assert_true(fabs(centre[j] * times + more - other[j]) <
						1e-9 * fmax(times * 9 + more, 1));
	}
	/* 3 is half way between the centres 1.5 and 4.5 that {0, 3} and {4, 5} would have. */
	memcpy(number, (double[]){0, 3, 4, 5}, 4 * sizeof(double));
	assert_true(stp_core_k_means(number, 4, 2, STP_SEED_MEDIANS, NAN, &space, centre));
	assert_true(centre[0] == 0 && fabs(centre[1] - 4) < 1e-12);
}

/* Seeds are the medians of shares as PROC RANK divides them: of 7 numbers and 3 clusters the ranks
 * 1 and 2, 3 to 5, 6 and 7. One step leaves them where numbers are their own centres. */
static void
test_seeds(void **state)
{
	double centre[CLUSTERS];

	(void) state;
	memcpy(number, (double[]){0, 0, 5, 5, 5, 9, 9}, 7 * sizeof(double));
	assert_true(stp_core_k_means(number, 7, 3, STP_SEED_MEDIANS, NAN, &space, centre));
	assert_true(centre[0] == 0 && fabs(centre[1] - 5) < 1e-12 && centre[2] == 9);
	/* five equal ones leave a share without numbers */
	memcpy(number, (double[]){1, 1, 1, 1, 1, 2, 3}, 7 * sizeof(double));
	assert_false(stp_core_k_means(number, 7, 3, STP_SEED_MEDIANS, NAN, &space, centre));
	assert_true(stp_core_k_means(number, 7, 3, STP_SEED_EVEN, NAN, &space, centre));
	/* nothing differs, nothing is there, or too far apart */
	memcpy(number, (double[]){4, 4}, 2 * sizeof(double));
	assert_false(stp_core_k_means(number, 2, 2, STP_SEED_EVEN, NAN, &space, centre));
	assert_false(stp_core_k_means(number, 0, 2, STP_SEED_MEDIANS, NAN, &space, centre));
	memcpy(number, (double[]){-1e308, 1e308}, 2 * sizeof(double));
	assert_false(stp_core_natural_breaks(number, 2, 2, &space, centre));
}

/* The sum of squares of the numbers from one place to before another. */
static double
plain_squares(size_t from, size_t to)
{
	double mean = 0, total = 0;

	for (size_t i = from; i < to; i++)
		mean += number[i] / (double) (to - from);
	for (size_t i = from; i < to; i++)
		total += (number[i] - mean) * (number[i] - mean);
	return total;
}

/* The least sum there is, with so many clusters of the numbers from one on. */
static double
try_divisions(size_t from, size_t n, int clusters)
{
	double least = INFINITY;

	if (clusters == 1)
		return plain_squares(from, n);
	for (size_t to = from + 1; to < n; to++)
		if (number[to] != number[to - 1])
			least = fmin(least, plain_squares(from, to) + try_divisions(to, n, clusters - 1));
	return least;
}

/* The sum of squares about centres. */
static double
squares_about(const double *centre, size_t n, int clusters)
{
	double total = 0;

	for (size_t i = 0; i < n; i++)
	{
		double away = number[i] - centre[nearest(centre, clusters, number[i])];

		total += away * away;
	}
	return total;
}

static void
test_natural_breaks(void **state)
{
	int none = 0;

	(void) state;
	for (int turn = 0; turn < 2000; turn++)
	{
		size_t n = 1 + (size_t) (random_share() * 14);
		int clusters = 1 + (int) (random_share() * 4);
		double centre[CLUSTERS], start[CLUSTERS], least;
		bool found;

		draw_numbers(n, turn % 2 == 0);
		least = try_divisions(0, n, clusters);
		found = stp_core_natural_breaks(number, n, clusters, &space, centre);
		none += !found;
		assert_int_equal(found, isfinite(least) && number[0] < number[n - 1]);
		if (!found)
			continue;
		assert_true(fabs(squares_about(centre, n, clusters) - least) < 1e-9);
		/* No seeds lead to less. */
		if (stp_core_k_means(number, n, clusters, turn % 3 == 0 ? STP_SEED_EVEN : STP_SEED_MEDIANS,
							 NAN, &space, start))
			assert_true(squares_about(start, n, clusters) > least - 1e-9);
	}
	assert_true(none > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_k_means),
		cmocka_unit_test(test_last_bits),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_natural_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
