/*
 * Unit tests of core/order.c: ties, rounding, quantiles, and orders taken up again. Sorting and
 * ranks are tested with the methods that need them, in score.c.
 */
#include <math.h>
#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "order.h"
#include "random.h"

#define MANY 5000

static void
merge_ties(const double *values, size_t n, double *tied)
{
	size_t order[11];
	size_t present = stp_core_order(values, n, order);

	stp_core_merge_ties(values, n, order, present, tied);
}

/* Check that an order is that of the values present. */
static void
assert_order(const double *values, size_t n, const size_t *order, size_t ordered)
{
	static bool seen[MANY];
	size_t present = 0;

	for (size_t i = 0; i < n; i++)
	{
		present += !isnan(values[i]);
		seen[i] = false;
	}
	assert_int_equal(ordered, present);
	for (size_t i = 0; i < present; i++)
	{
		assert_true(order[i] < n && !seen[order[i]] && !isnan(values[order[i]]));
		assert_true(i == 0 || values[order[i - 1]] <= values[order[i]]);
		seen[order[i]] = true;
	}
}

/* An order that is taken up again is the order, whatever has changed, holes too. */
static void
test_reorder(void **state)
{
	static double values[MANY];
	static size_t order[MANY], spare[MANY];

	(void) state;
	for (size_t n = 1; n <= MANY; n = 3 * n + 1)
	{
		size_t ordered = 0;

		for (size_t round = 0; round < (n < 1000 ? 200 : 20); round++)
		{
			for (size_t i = 0; i < n; i++)
				if (round % 20 == 0)
					values[i] = random_share() < 0.1 ? NAN : random_share();
				else
					values[i] += (random_share() - 0.5) * (round % 5 == 0 ? 1 : 0.01);
			if (round % 7 == 0)
				values[round % n] = round % 2 ? NAN : 0.5;
			stp_core_reorder(values, n, order, &ordered, spare);
			assert_order(values, n, order, ordered);
			/* One value that goes all the way. */
			values[n / 2] = round % 3 == 0 ? 9 : -9;
			stp_core_reorder(values, n, order, &ordered, spare);
			assert_order(values, n, order, ordered);
		}
	}
}

/* Values that no line of places fits: an outlier, ends too far apart or too near, a constant. */
static void
test_crowded(void **state)
{
	static double values[MANY];
	static size_t order[MANY], spare[MANY];
	const double ends[][2] = {{0, 1e300}, {-DBL_MAX, DBL_MAX}, {0, 4.9e-324}, {1, nextafter(1, 2)},
							  {5, 5},	  {-1e-300, 1}};

	(void) state;
	for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++)
	{
		size_t ordered = 0;

		for (size_t i = 0; i < MANY; i++)
			values[i] = i % 1000 == 7 ? ends[k][i % 2] : ends[k][0] * (1 + random_share()) / 2;
		values[3] = ends[k][1];
		if (k == 3)
			for (size_t i = 0; i < MANY; i++)
				values[i] = ends[k][i * i % 7 % 2];
		stp_core_reorder(values, MANY, order, &ordered, spare);
		assert_order(values, MANY, order, ordered);
	}
}

static void
test_ties(void **state)
{
	double third = 1.0 / 3;
	double values[] = {0.3, 0.1 + 0.2, NAN, 1, third * 3, 2, 0, 1e-17, -1, 1e12, 1e12 + 1};
	double tied[11], smallest, largest;

	(void) state;
	merge_ties(values, 11, tied);
	assert_true(tied[0] == tied[1] && tied[3] == tied[4] && isnan(tied[2]));
	/* among numbers up to 1e12, 1e-17 is nothing, but a unit is something to them all */
	assert_true(tied[6] == tied[7] && tied[8] == -1 && tied[5] == 2 && tied[9] != tied[10]);
	/* a run is tied link by link, wherever it begins, so that no grid can cut it */
	for (int i = 0; i < 11; i++)
		values[i] = 54.36345436345436 * (1 + 2e-16 * i);
	merge_ties(values, 11, values);
	assert_true(values[10] == values[0]);
	/* nothing present, one present */
	values[0] = NAN;
	merge_ties(values, 2, tied);
	assert_true(isnan(tied[0]) && tied[1] == values[1]);
	assert_false(stp_core_differ(values, 1, &smallest, &largest));
	assert_false(stp_core_differ(values, 11, &smallest, &largest));
	values[3] *= 1.1;
	assert_true(stp_core_differ(values, 11, &smallest, &largest));
	assert_false(stp_core_tied(1, 1 + 1e-11, 0));
	assert_true(stp_core_tied(60, 59.99999999999999, 0));
	assert_false(stp_core_tied(NAN, 1, 0));
}

/* Halves away from zero, as the decimal digits say and not as binary holds them. */
static void
test_round(void **state)
{
	(void) state;
	assert_true(stp_core_round(2.125, 2) == 2.13 && stp_core_round(-2.125, 2) == -2.13);
	assert_true(stp_core_round(1.005, 2) == 1.01 && stp_core_round(1.115, 2) == 1.12);
	assert_true(stp_core_round(2.1249999, 2) == 2.12 && stp_core_round(16.83 / 11, 2) == 1.53);
	assert_true(stp_core_round(0.5, 0) == 1 && stp_core_round(-0.4, 0) == 0);
	assert_true(!signbit(stp_core_round(-0.001, 2)));
	assert_true(stp_core_round(1e300, 2) == 1e300 && stp_core_round(1e15 + 0.5, 0) == 1e15 + 1);
	assert_true(isnan(stp_core_round(NAN, 2)));
	/* every decimal of three digits, and its half */
	for (int i = 0; i < 100000; i++)
		assert_true(stp_core_round(i / 1000.0, 2) == (i + 5) / 10 / 100.0);
}

static void
test_quantile(void **state)
{
	const double far[] = {DBL_MAX, -DBL_MAX};
	const double values[] = {30, NAN, 10, 20, 40};
	size_t order[5], present = stp_core_order(values, 5, order);

	(void) state;
	assert_int_equal(present, 4);
	assert_true(stp_core_quantile(values, order, 4, 0) == 10);
	assert_true(stp_core_quantile(values, order, 4, 1) == 40);
	assert_true(stp_core_quantile(values, order, 4, 0.5) == 25);
	assert_true(stp_core_quantile(values, order, 4, 0.25) == 17.5);
	assert_true(stp_core_quantile(values, order, 1, 0.75) == 10);
	/* Farther apart than the largest number. */
	assert_int_equal(stp_core_order(far, 2, order), 2);
	assert_true(stp_core_quantile(far, order, 2, 0) == -DBL_MAX);
	assert_true(stp_core_quantile(far, order, 2, 0.5) == 0);
	assert_float_equal(stp_core_quantile(far, order, 2, 0.75) / DBL_MAX, 0.5, 1e-15);
	assert_true(stp_core_quantile(far, order, 2, 1) == DBL_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ties),	 cmocka_unit_test(test_reorder),
		cmocka_unit_test(test_crowded),	 cmocka_unit_test(test_round),
		cmocka_unit_test(test_quantile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
