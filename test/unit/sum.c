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

#define TERMS 1000

/* Add a term to parts that have room for any sum. */
static void
add_term(double *parts, size_t *used, double term)
{
	double rest = stp_core_exact_add(parts, *used, term);

	if (rest != 0)
	{
		assert_true(*used < STP_EXACT_MAX_PARTS);
		parts[(*used)++] = rest;
	}
}

/* The exact sum of terms, every step apart from the first from a given place. */
static double
sum_from(const double *terms, size_t n, size_t first, size_t step)
{
	double parts[STP_EXACT_MAX_PARTS];
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		add_term(parts, &used, terms[(first + i * step) % n]);
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

/* Whatever is added, what is left is a state: so no state of an honest sum is refused. */
static void
test_honest(void **state)
{
	double parts[STP_EXACT_MAX_PARTS];

	(void) state;
	for (int round = 0; round < 2000; round++)
	{
		int spread = 1 << (round % 12);
		size_t used = 0;

		for (size_t i = 0; i < 200; i++)
		{
			/* Few bits and many, near each other and far apart, kept and taken away again. */
			double term = ldexp(round % 3 == 0 ? 1 : random_share() - 0.5,
								(int) (random_share() * spread) - spread / 2);

			if (round % 5 == 0 && i % 7 == 0 && used > 0)
				term = -parts[i % used];
			add_term(parts, &used, fmax(fmin(term, 0x1p1000), -0x1p1000));
			assert_true(stp_core_exact_is_possible(parts, used));
		}
	}
}

/* Terms that leave every second bit in a part of its own: about as many parts as there can be. */
static void
test_most_parts(void **state)
{
	double parts[STP_EXACT_MAX_PARTS], merged[STP_EXACT_MAX_PARTS] = {0};
	size_t used = 0;

	(void) state;
	for (int low = -1074; low + 54 < 1024; low += 2)
	{
		double above = ldexp(1, low + 54), beside = ldexp(1, low + 52);

		add_term(parts, &used, above);
		add_term(parts, &used, beside + ldexp(1, low));
		add_term(parts, &used, -(above + beside));
	}
	assert_true(stp_core_exact_is_possible(parts, used));
	assert_true(used > STP_EXACT_MAX_PARTS - 30);
	for (size_t i = 0; i < used; i++)
		assert_true(stp_core_exact_add(merged, STP_EXACT_MAX_PARTS, parts[i]) == 0);
	assert_true(stp_core_exact_is_possible(merged, STP_EXACT_MAX_PARTS));
	assert_true(stp_core_exact_value(merged, STP_EXACT_MAX_PARTS) == 0x1.5555555555555p968);
}

/* What no additions leave. */
static void
test_no_state(void **state)
{
	const double unused[] = {0, 1, 0, 4, -0.0, 0x1p60, 0}, many[STP_EXACT_MAX_PARTS + 1] = {0};
	const double infinite[] = {1, INFINITY}, not_a_number[] = {NAN, 1};

	(void) state;
	assert_true(stp_core_exact_is_possible(unused, 7));
	assert_true(stp_core_exact_is_possible(NULL, 0));
	assert_true(stp_core_exact_is_possible(many, STP_EXACT_MAX_PARTS));
	assert_false(stp_core_exact_is_possible(many, STP_EXACT_MAX_PARTS + 1));
	assert_false(stp_core_exact_is_possible(infinite, 2));
	assert_false(stp_core_exact_is_possible(not_a_number, 2));
}

/* With room of its own: the same, and what left the range stays beyond it. */
static void
test_exact_sum(void **state)
{
	StpExactSum sum = {.parts = 0};

	(void) state;
	assert_true(stp_core_exact_sum_value(&sum) == 0);
	for (int i = 0; i < 10; i++)
		stp_core_exact_sum_add(&sum, 0.1);
	stp_core_exact_sum_add(&sum, 1e16);
	stp_core_exact_sum_add(&sum, -1e16);
	assert_true(stp_core_exact_sum_value(&sum) == 1);
	stp_core_exact_sum_add(&sum, DBL_MAX);
	stp_core_exact_sum_add(&sum, DBL_MAX);
	stp_core_exact_sum_add(&sum, -DBL_MAX);
	assert_true(isinf(stp_core_exact_sum_value(&sum)));
	stp_core_exact_sum_add(&sum, NAN);
	assert_true(isnan(stp_core_exact_sum_value(&sum)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),	 cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_cancels),	 cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_honest),	 cmocka_unit_test(test_most_parts),
		cmocka_unit_test(test_no_state), cmocka_unit_test(test_exact_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
