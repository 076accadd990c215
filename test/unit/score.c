/*
 * Unit tests of core/score.c: known answers, properties over random cohorts, and what a
 * sort may meet.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "order.h"
#include "pause.h"
#include "random.h"
#include "score.h"

#define MANY 200000

static int pauses;

/* Stands in for the one that does nothing. */
void
stp_core_pause(void)
{
	pauses++;
}

/* Few distinct values, so that many tie; one in ten is missing. */
static void
random_cohort(double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = random_share() < 0.1 ? NAN : floor(random_share() * (double) n / 2) - 5;
}

static void
assert_close(double ours, double expected)
{
	if (isnan(expected))
		assert_true(isnan(ours));
	else
		assert_true(fabs(ours - expected) <= 1e-12 * fmax(1, fabs(expected)));
}

static void
assert_all_close(const double *ours, const double *expected, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_close(ours[i], expected[i]);
}

static void
test_min_max(void **state)
{
	double values[] = {1, NAN, 3, 2, 3};

	(void) state;
	assert_true(stp_core_min_max(values, 5, 1, 10, values));
	assert_all_close(values, (double[]){1, NAN, 10, 5.5, 10}, 5);
}

/* Ends are exact and nothing leaves them, in either direction and at any size. */
static void
test_min_max_stays_between(void **state)
{
	static const double bounds[][2] = {{0, 100}, {0.1, 0.3}, {100, 0}, {-1e308, 1e308}, {1, 1.1}};
	double values[100], scores[100];

	(void) state;
	for (size_t b = 0; b < sizeof(bounds) / sizeof(bounds[0]); b++)
	{
		double low = bounds[b][0], high = bounds[b][1];

		for (size_t i = 0; i < 100; i++)
			values[i] = (random_share() - 0.5) * (b % 2 ? 1.7e308 : 1e-300);
		values[0] = b % 2 ? -1.7e308 : -1;
		values[99] = b % 2 ? 1.7e308 : 1;
		assert_true(stp_core_min_max(values, 100, low, high, scores));
		assert_true(scores[0] == low && scores[99] == high);
		for (size_t i = 0; i < 100; i++)
			assert_true(scores[i] >= fmin(low, high) && scores[i] <= fmax(low, high));
	}
}

/* Scores do not depend on the unit of measurement. */
static void
test_scale_invariance(void **state)
{
	double values[50], scaled[50], scores[50], again[50];
	size_t order[50];

	(void) state;
	for (int try = 0; try < 200; try++)
	{
		random_cohort(values, 50);
		for (size_t i = 0; i < 50; i++)
			scaled[i] = values[i] * 0.001 - 7;
		assert_true(stp_core_min_max(values, 50, 0, 100, scores));
		assert_true(stp_core_min_max(scaled, 50, 0, 100, again));
		assert_all_close(again, scores, 50);
		assert_true(stp_core_z_score(values, 50, scores));
		assert_true(stp_core_z_score(scaled, 50, again));
		assert_all_close(again, scores, 50);
		assert_true(stp_core_percentile_rank(values, 50, order, scores));
		assert_true(stp_core_percentile_rank(scaled, 50, order, again));
		assert_all_close(again, scores, 50);
		assert_true(stp_core_exponential_rank(values, 50, STP_TIES_LOW, order, scores));
		assert_true(stp_core_exponential_rank(scaled, 50, STP_TIES_LOW, order, again));
		assert_all_close(again, scores, 50);
	}
}

static void
test_z_score(void **state)
{
	double huge[] = {-1e308, 0, 1e308}, tiny[] = {1e-310, 2e-310, 3e-310};
	double neighbours[] = {1e11 + 1, NAN, 1e11 + 2, 1e11 + 3};

	(void) state;
	assert_true(stp_core_z_score(huge, 3, huge));
	assert_all_close(huge, (double[]){-1, 0, 1}, 3);
	assert_true(stp_core_z_score(tiny, 3, tiny));
	assert_all_close(tiny, (double[]){-1, 0, 1}, 3);
	assert_true(stp_core_z_score(neighbours, 4, neighbours));
	assert_all_close(neighbours, (double[]){-1, NAN, 0, 1}, 4);
}

static void
test_constant_cohort(void **state)
{
	static const double cohorts[][3] = {
		{5, 5, 5},	  {NAN, 5, NAN},		 {NAN, NAN, NAN},
		{0, -0.0, 0}, {0.1 + 0.2, 0.3, NAN}, {1e15, 1e15 + 1, 1e15 + 2}};
	double scores[3];
	size_t order[3];

	(void) state;
	for (size_t c = 0; c < sizeof(cohorts) / sizeof(cohorts[0]); c++)
		for (size_t n = 0; n <= 3; n++)
		{
			assert_false(stp_core_min_max(cohorts[c], n, 0, 1, scores));
			assert_false(stp_core_z_score(cohorts[c], n, scores));
			assert_false(stp_core_percentile_rank(cohorts[c], n, order, scores));
			assert_false(stp_core_exponential_rank(cohorts[c], n, STP_TIES_HIGH, order, scores));
			for (size_t i = 0; i < n; i++)
				assert_true(isnan(scores[i]));
		}
}

/* How many values present come before this one. */
static size_t
count_ahead(const double *values, size_t n, double value, bool highest_first)
{
	size_t ahead = 0;

	for (size_t i = 0; i < n; i++)
		ahead += highest_first ? values[i] > value : values[i] < value;
	return ahead;
}

static void
test_ranks_against_counting(void **state)
{
	double values[120], scores[120];
	size_t order[120];
	int32_t ranks[120];

	(void) state;
	for (size_t n = 3; n <= 120; n++)
	{
		bool highest_first = n % 2;
		size_t present = 0;

		random_cohort(values, n);
		values[0] = -10;
		values[1] = 1000;
		for (size_t i = 0; i < n; i++)
			present += !isnan(values[i]);
		assert_true(stp_core_percentile_rank(values, n, order, scores));
		stp_core_rank(values, n, highest_first, order, ranks);
		for (size_t i = 0; i < n; i++)
		{
			size_t below = count_ahead(values, n, values[i], false);

			if (isnan(values[i]))
				assert_true(isnan(scores[i]) && ranks[i] == 0);
			else
			{
				assert_close(scores[i], (double) below / (double) (present - 1));
				assert_int_equal(ranks[i], count_ahead(values, n, values[i], highest_first) + 1);
			}
		}
	}
}

static void
test_ranked_score(void **state)
{
	double values[] = {10, NAN, 20, 30, 40, 50}, tied[] = {1, 2, 2, 2, 3}, scores[6];
	size_t order[6];

	(void) state;
	stp_core_ranked_score(values, 6, true, NAN, NAN, order, scores);
	assert_all_close(scores, (double[]){4, NAN, 3.25, 2.5, 1.75, 1}, 6);
	stp_core_ranked_score(values, 6, false, 20, 50, order, scores);
	assert_all_close(scores, (double[]){1, NAN, 1, 2, 2.5, 3}, 6);
	stp_core_ranked_score(values, 6, true, 50, 20, order, scores);
	assert_all_close(scores, (double[]){4, NAN, 3, 2.5, 2, 1}, 6);
	stp_core_ranked_score(tied, 5, true, NAN, NAN, order, tied);
	assert_all_close(tied, (double[]){4, 1.75, 1.75, 1.75, 1}, 5);
	stp_core_ranked_score(values, 1, true, 20, NAN, order, scores);
	assert_close(scores[0], 2);
}

/* Numbers that differ in the last bits only are one. */
static void
test_ties(void **state)
{
	double tied[] = {0.1 + 0.2, 0.3, 1, 0.1}, scores[4];
	size_t order[4];

	(void) state;
	assert_true(stp_core_percentile_rank(tied, 4, order, scores));
	assert_all_close(scores, (double[]){1.0 / 3, 1.0 / 3, 1, 0}, 4);
	stp_core_ranked_score(tied, 4, false, NAN, NAN, order, scores);
	assert_all_close(scores, (double[]){2, 2, 4, 1}, 4);
	/* the first is a bit above the standard, and a bit above the floor */
	stp_core_ranked_score(tied, 4, false, 0.3, NAN, order, scores);
	assert_all_close(scores, (double[]){1, 1, 2, 1}, 4);
	stp_core_ranked_score(tied, 4, true, NAN, 0.1 + 0.2, order, scores);
	assert_all_close(scores, (double[]){2, 2, 1, 4}, 4);
	assert_true(isnan(stp_core_goalposts(1, 0.3, 0.1 + 0.2, true, true)));
	assert_true(isnan(stp_core_distance_to_target(1, 0.3, 2, 0.1 + 0.2, true, true)));
}

/* 1 + 3 * 1 / 8 = 1.375 and 1 + 3 * 5 / 24 = 1.625: halves, where binary rounding needs luck. */
/* The score of one unit with a target of its own, looked up unit by unit. */
static double
score_by_own_target(const double *values, const double *targets, size_t n, double least, size_t at)
{
	double ahead = 0, others = -1, best = isnan(targets[at]) ? 100 : 200;
	double worst = isnan(least) ? 400 : 300;

	if (isnan(values[at]))
		return NAN;
	if (values[at] < least)
		return 4;
	if (isinf(targets[at]))
		return NAN;
	if (values[at] >= targets[at])
		return 1;
	for (size_t i = 0; i < n; i++)
		if (!isnan(values[i]) && !(values[i] < least) && !isinf(targets[i]) &&
			!(values[i] >= targets[i]))
		{
			others++;
			ahead += values[i] > values[at];
		}
	return floor((others == 0 ? best : best + (worst - best) * ahead / others) + 0.5) / 100;
}

/* Targets of one's own: by hand, as the standard where all have the same, and at random. */
static void
test_ranked_by_targets(void **state)
{
	const double values[] = {60, 55, 50, 40, 30, NAN};
	const double targets[] = {65, 54, 60, NAN, INFINITY, 10};
	const double expected[] = {2, 1, 3, 4, NAN, NAN}, missed[] = {2, 1, 3, 4, 4, NAN};
	const size_t in_order[] = {4, 3, 2, 1, 0};
	double scores[6];

	(void) state;
	stp_core_ranked_by_targets(values, 6, in_order, 5, true, targets, NAN, scores);
	assert_all_close(scores, expected, 6);
	/* The floor comes first. */
	stp_core_ranked_by_targets(values, 6, in_order, 5, true, targets, 45, scores);
	assert_all_close(scores, missed, 6);
	for (int round = 0; round < 2000; round++)
	{
		double value[20], target[20], same[20], score[20], tied[20];
		size_t order[20], n = 1 + (size_t) (20 * random_share()), present;
		double least = random_share() < 0.5 ? NAN : floor(5 * random_share());

		for (size_t i = 0; i < n; i++)
		{
			value[i] = random_share() < 0.1 ? NAN : floor(10 * random_share());
			target[i] = random_share() < 0.1   ? NAN
						: random_share() < 0.1 ? INFINITY
											   : floor(10 * random_share());
			same[i] = 7;
		}
		present = stp_core_order(value, n, order);
		stp_core_ranked_by_targets(value, n, order, present, true, target, least, score);
		for (size_t i = 0; i < n; i++)
			assert_all_close(&score[i], (double[]){score_by_own_target(value, target, n, least, i)},
							 1);
		stp_core_ranked_by_targets(value, n, order, present, true, same, least, score);
		stp_core_ranked_in_order(value, n, order, present, true, 7, least, tied);
		for (size_t i = 0; i < n; i++)
			assert_all_close(&score[i], &tied[i], 1);
	}
}

static void
test_ranked_score_rounds_half_up(void **state)
{
	double values[25], scores[25];
	size_t order[25];

	(void) state;
	for (size_t i = 0; i < 25; i++)
		values[i] = (double) i;
	stp_core_ranked_score(values, 9, false, NAN, NAN, order, scores);
	assert_true(scores[1] == 1.38);
	stp_core_ranked_score(values, 25, false, NAN, NAN, order, scores);
	assert_true(scores[5] == 1.63 && scores[24] == 4);
}

static void
test_scalars(void **state)
{
	(void) state;
	assert_close(stp_core_goalposts(3, 0, 5, true, true), 60);
	assert_close(stp_core_goalposts(3, 0, 5, false, true), 40);
	assert_close(stp_core_goalposts(10, 0, 5, true, true), 100);
	assert_close(stp_core_goalposts(10, 0, 5, true, false), 200);
	assert_close(stp_core_goalposts(0, -1.7e308, 1.7e308, true, true), 50);
	assert_false(signbit(stp_core_goalposts(5, 0, 5, false, true)));
	assert_true(isnan(stp_core_goalposts(3, 5, 5, true, true)));
	assert_close(stp_core_distance_to_target(2, 1, 9, 4, true, true), 1.0 / 3);
	assert_close(stp_core_distance_to_target(9, 1, 9, 4, true, true), 1);
	assert_close(stp_core_distance_to_target(9, 1, 9, 5, true, false), 2);
	assert_close(stp_core_distance_to_target(7, 1, 9, 5, false, true), 0.5);
	assert_true(isnan(stp_core_distance_to_target(1, 1, 9, 1, true, true)));
}

/* What quicksorts are slow at. Up and down (3) defeats a median of three: heap sort takes over. */
static double
pattern(int kind, size_t i)
{
	switch (kind)
	{
		case 0:
			return (double) i;
		case 1:
			return (double) (MANY - i);
		case 2:
			return (double) (i % 3);
		case 3:
			return (double) (i < MANY / 2 ? i : MANY - i);
		case 4:
			return i % 2 ? (double) i : (double) (MANY + i / 2);
		default:
			return random_share();
	}
}

static void
test_long_sorts(void **state)
{
	static double values[MANY], scores[MANY];
	static size_t order[MANY];

	(void) state;
	for (int kind = 0; kind < 6; kind++)
	{
		for (size_t i = 0; i < MANY; i++)
			values[i] = pattern(kind, i);
		pauses = 0;
		assert_true(stp_core_percentile_rank(values, MANY, order, scores));
		assert_true(pauses > 20);
		for (size_t i = 1; i < MANY; i++)
		{
			assert_true(values[order[i - 1]] <= values[order[i]]);
			assert_true(scores[order[i - 1]] <= scores[order[i]]);
		}
	}
}

/* Between bounds of its own a cohort has the scores of min-max; beyond them it goes on. */
static void
test_min_max_from(void **state)
{
	const double values[] = {10, NAN, 20, 40, 5};
	double ours[5], scores[5];

	(void) state;
	stp_core_min_max(values, 4, 1, 10, scores);
	stp_core_min_max_from(values, 5, 10, 40, 1, 10, ours);
	for (int i = 0; i < 4; i++)
		assert_true(isnan(values[i]) ? isnan(ours[i]) : fabs(ours[i] - scores[i]) < 1e-12);
	assert_true(fabs(ours[4] - -0.5) < 1e-12);
	stp_core_min_max_from(values, 5, 40, 10, 1, 10, ours);
	assert_true(ours[0] == 10 && ours[3] == 1 && ours[4] == 11.5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_min_max),
		cmocka_unit_test(test_min_max_stays_between),
		cmocka_unit_test(test_scale_invariance),
		cmocka_unit_test(test_z_score),
		cmocka_unit_test(test_constant_cohort),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_ranks_against_counting),
		cmocka_unit_test(test_ranked_score),
		cmocka_unit_test(test_ranked_by_targets),
		cmocka_unit_test(test_ranked_score_rounds_half_up),
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_long_sorts),
		cmocka_unit_test(test_min_max_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
