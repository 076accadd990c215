/*
 * Unit tests of core/composite.c: known answers, properties of merging, and states that no scores
 * can have given.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "composite.h"

#define PARTS 30

static void
assert_close(double ours, double expected, double tolerance)
{
	if (isnan(expected))
		assert_true(isnan(ours));
	else
		assert_true(fabs(ours - expected) <= tolerance * fabs(expected));
}

static void
assert_same(const StpComposite *ours, const StpComposite *expected)
{
	assert_close(stp_core_arithmetic_mean(ours), stp_core_arithmetic_mean(expected), 1e-12);
	assert_close(stp_core_geometric_mean(ours), stp_core_geometric_mean(expected), 1e-12);
	assert_close(stp_core_harmonic_mean(ours), stp_core_harmonic_mean(expected), 1e-12);
	assert_close(stp_core_coverage(ours), stp_core_coverage(expected), 1e-12);
}

static void
test_means(void **state)
{
	StpComposite c = {0};

	(void) state;
	stp_core_composite_add(&c, 1, 1);
	stp_core_composite_add(&c, 4, 1);
	stp_core_composite_add(&c, NAN, 2);
	assert_close(stp_core_arithmetic_mean(&c), 2.5, 1e-15);
	assert_close(stp_core_geometric_mean(&c), 2, 1e-15);
	assert_close(stp_core_harmonic_mean(&c), 1.6, 1e-15);
	assert_close(stp_core_coverage(&c), 0.5, 1e-15);
	assert_true(stp_core_composite_is_valid(&c));
}

static void
test_nothing(void **state)
{
	StpComposite c = {0};

	(void) state;
	assert_true(stp_core_composite_is_valid(&c));
	assert_true(isnan(stp_core_arithmetic_mean(&c)) && isnan(stp_core_coverage(&c)));
	stp_core_composite_add(&c, NAN, 3);
	assert_true(stp_core_composite_is_valid(&c));
	assert_true(isnan(stp_core_arithmetic_mean(&c)) && isnan(stp_core_geometric_mean(&c)));
	assert_true(isnan(stp_core_harmonic_mean(&c)) && stp_core_coverage(&c) == 0);
}

static void
test_not_positive(void **state)
{
	(void) state;
	for (double score = -1; score <= 0; score++)
	{
		StpComposite c = {0};

		stp_core_composite_add(&c, score, 1);
		stp_core_composite_add(&c, 2, 1);
		assert_true(stp_core_composite_is_valid(&c));
		assert_close(stp_core_arithmetic_mean(&c), (score + 2) / 2, 1e-15);
		assert_true(isnan(stp_core_geometric_mean(&c)) && isnan(stp_core_harmonic_mean(&c)));
	}
}

/* Random states, of scores above zero or of both signs at very different sizes. */
static void
fill_parts(StpComposite *parts, StpComposite *whole, bool both_signs)
{
	memset(parts, 0, PARTS * sizeof(StpComposite));
	memset(whole, 0, sizeof(StpComposite));
	for (int i = 0; i < 1000; i++)
	{
		double size = both_signs ? pow(10, i % 9) * (random_share() - 0.5) : random_share() + 1e-9;
		double score = random_share() < 0.1 ? NAN : size, weight = random_share() + 0.01;

		stp_core_composite_add(&parts[i % PARTS], score, weight);
		stp_core_composite_add(whole, score, weight);
	}
}

static void
shuffle(StpComposite *parts)
{
	for (int i = PARTS - 1; i > 0; i--)
	{
		int j = (int) (random_share() * (i + 1));
		StpComposite swapped = parts[i];

		parts[i] = parts[j];
		parts[j] = swapped;
	}
}

static void
test_merge_in_any_order(void **state)
{
	StpComposite parts[PARTS], whole;

	(void) state;
	for (int try = 0; try < 200; try++)
	{
		StpComposite merged = {0};

		if (try % 20 == 0)
			fill_parts(parts, &whole, try % 40 == 0);
		shuffle(parts);
		for (int i = 0; i < PARTS; i++)
			stp_core_composite_merge(&merged, &parts[i]);
		assert_true(stp_core_composite_is_valid(&merged));
		assert_int_equal(merged.scores, whole.scores);
		assert_int_equal(merged.present, whole.present);
		assert_int_equal(merged.not_positive, whole.not_positive);
		assert_same(&merged, &whole);
	}
}

/* Weights have no unit, and a mean has the unit of its scores. */
static void
test_scale_invariance(void **state)
{
	(void) state;
	for (int try = 0; try < 200; try++)
	{
		StpComposite c = {0}, heavy = {0}, large = {0};

		for (int i = 0; i < 20; i++)
		{
			double score = random_share() + 1e-6, weight = random_share() + 0.01;

			stp_core_composite_add(&c, score, weight);
			stp_core_composite_add(&heavy, score, weight * 1000);
			stp_core_composite_add(&large, score * 1000, weight);
		}
		assert_same(&heavy, &c);
		assert_close(stp_core_arithmetic_mean(&large), 1000 * stp_core_arithmetic_mean(&c), 1e-12);
		assert_close(stp_core_geometric_mean(&large), 1000 * stp_core_geometric_mean(&c), 1e-12);
		assert_close(stp_core_harmonic_mean(&large), 1000 * stp_core_harmonic_mean(&c), 1e-12);
		assert_true(stp_core_harmonic_mean(&c) <= stp_core_geometric_mean(&c));
		assert_true(stp_core_geometric_mean(&c) <= stp_core_arithmetic_mean(&c));
	}
}

static void
test_cancellation(void **state)
{
	StpComposite c = {0};

	(void) state;
	stp_core_composite_add(&c, 1e16, 1);
	stp_core_composite_add(&c, 1, 1);
	stp_core_composite_add(&c, -1e16, 1);
	assert_close(stp_core_arithmetic_mean(&c), 1.0 / 3, 1e-15);
}

static void
test_overflow(void **state)
{
	StpComposite c = {0}, many = {.scores = STP_COMPOSITE_MAX_SCORES, .weight_total = 1};

	(void) state;
	stp_core_composite_add(&c, 1e308, 1);
	assert_false(stp_core_composite_overflowed(&c));
	stp_core_composite_add(&c, 1e308, 1);
	assert_true(stp_core_composite_overflowed(&c));
	assert_true(stp_core_composite_is_valid(&many));
	stp_core_composite_merge(&many, &many);
	assert_true(stp_core_composite_overflowed(&many));
}

static void
test_invalid_states(void **state)
{
	/* scores, present, not_positive, weight_total, weight_present, sum, sum_error, sum_log,
	 * sum_reciprocal */
	static const StpComposite invalid[] = {
		{-1, 0, 0, 0, 0, 0, 0, 0, 0},		 {1, 2, 0, 1, 1, 1, 0, 0, 1},
		{1, 1, 2, 1, 1, 0, 0, 0, 0},		 {1, 1, -1, 1, 1, 0, 0, 0, 0},
		{1, 0, 0, 0, 0, 0, 0, 0, 0},		 {0, 0, 0, 1, 0, 0, 0, 0, 0},
		{1, 1, 0, 1, 2, 1, 0, 0, 1},		 {1, 1, 0, 1, 0, 1, 0, 0, 1},
		{1, 1, 0, -1, -1, 1, 0, 0, 1},		 {1, 1, 0, 1, NAN, 1, 0, 0, 1},
		{1, 1, 0, 1, 1, NAN, 0, 0, 1},		 {1, 1, 0, 1, 1, -1, 0, 0, 1},
		{1, 1, 1, 1, 1, 1, 0, 0, 0},		 {1, 1, 1, 1, 1, -1, 0, 1, 0},
		{1, 1, 1, 1, 1, -1, 0, 0, 1},		 {1, 0, 0, 1, 0, 0, 1, 0, 0},
		{1, 1, 0, 1, 1, 1, 0, INFINITY, 1},	 {1, 1, 0, 1, 1, 1, 0, 0, -1},
		{INT64_MAX, 0, 0, 1, 0, 0, 0, 0, 0},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
		assert_false(stp_core_composite_is_valid(&invalid[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_means),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_not_positive),
		cmocka_unit_test(test_merge_in_any_order),
		cmocka_unit_test(test_scale_invariance),
		cmocka_unit_test(test_cancellation),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_invalid_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
