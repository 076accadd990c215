/*
 * Unit tests of core/sum.c: sums that plain addition gets wrong, and the same bits in any order.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "sum.h"

#define PARTS 1000
#define TERMS 1000

/* The exact sum of terms, every step apart from the first from a given place. */
static double
sum_from(const double *terms, size_t n, size_t first, size_t step)
{
	double parts[PARTS];
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
	{
		double rest = stp_core_exact_add(parts, used, terms[(first + i * step) % n]);

		if (rest != 0)
		{
			assert_true(used < PARTS);
			parts[used++] = rest;
		}
	}
	return stp_core_exact_value(parts, used);
}

static void
test_known(void **state)
{
	const double cancel[] = {1e100, 1, -1e100, 1e-30};
	const double tenths[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
	/* Half a bit above 1, then a tiny number: only together they round up. */
	const double half_bit[] = {1, DBL_EPSILON / 2, DBL_MIN};
	const double half_bit_less[] = {1, DBL_EPSILON / 2, -DBL_MIN};
	const double half_bit_alone[] = {1, DBL_EPSILON / 2, 0};

	(void) state;
	assert_true(sum_from(cancel, 4, 0, 1) == 1);
	assert_true(sum_from(tenths, 10, 0, 1) == 1);
	assert_true(sum_from(half_bit, 3, 0, 1) == 1 + DBL_EPSILON);
	assert_true(sum_from(half_bit_less, 3, 0, 1) == 1);
	assert_true(sum_from(half_bit_alone, 3, 0, 1) == 1);
	assert_true(stp_core_exact_value(NULL, 0) == 0);
}

/* Integers in wild order, with fractions that long double cannot hold beside them. */
static void
test_any_order(void **state)
{
	(void) state;
	for (int round = 0; round < 200; round++)
	{
		double terms[TERMS];
		double expected;

		for (size_t i = 0; i < TERMS; i++)
			terms[i] = ldexp(random_share() - 0.5, (int) (random_share() * 200) - 100);
		expected = sum_from(terms, TERMS, 0, 1);
		assert_true(sum_from(terms, TERMS, 17, 3) == expected);
		assert_true(sum_from(terms, TERMS, 999, 997) == expected);
	}
}

/* What is added and taken away again leaves nothing. */
static void
test_cancels(void **state)
{
	double terms[TERMS];

	(void) state;
	for (size_t i = 0; i < TERMS / 2; i++)
	{
		terms[i] = ldexp(random_share(), (int) (random_share() * 2000) - 1000);
		terms[TERMS - 1 - i] = -terms[i];
	}
	assert_true(sum_from(terms, TERMS, 0, 7) == 0);
}

static void
test_overflow(void **state)
{
	const double terms[] = {DBL_MAX, DBL_MAX};

	(void) state;
	assert_false(isfinite(sum_from(terms, 2, 0, 1)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_cancels),
		cmocka_unit_test(test_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
