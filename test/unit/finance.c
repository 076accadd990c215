/*
 * Unit tests of core/finance.c: closed forms, values from arbitrary precision arithmetic, and what
 * must hold whatever the months.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "distribution.h"
#include "finance.h"
#include "random.h"

static void
assert_close(double ours, double expected, double tolerance)
{
	if (!(fabs(ours - expected) <= tolerance * fabs(expected)))
		fail_msg("%.17g instead of %.17g", ours, expected);
}

static double
random_money(void)
{
	return floor((random_share() - 0.5) * 1e9) / 100;
}

static void
fill(double *to_date, int months)
{
	for (int i = 0; i < months; i++)
		to_date[i] = (i > 0 ? to_date[i - 1] : 0) + random_money();
}

static void
test_too_few(void **state)
{
	double to_date[STP_MONTHS];

	(void) state;
	fill(to_date, STP_MONTHS);
	for (int months = 0; months < STP_MONTHS_NEEDED; months++)
	{
		StpOutturn outturn = stp_core_outturn(to_date, months, NULL, 0, 0.95);

		assert_int_equal(outturn.status, STP_OUTTURN_TOO_FEW);
		assert_true(isnan(outturn.forecast) && isnan(outturn.lower) && isnan(outturn.upper) &&
					isnan(outturn.probability));
	}
	assert_int_equal(stp_core_outturn(to_date, STP_MONTHS_NEEDED, NULL, 0, 0.95).status,
					 STP_OUTTURN_OK);
}

/*
 * Months 1, 2, 3, 4, 5, 6: mean 3.5, variance 3.5, six to come, so that the spread is
 * sqrt(3.5 * 12); t with 5 degrees of freedom at 97.5% is 2.57058183563631.
 */
static void
test_worked_example(void **state)
{
	double to_date[] = {1, 3, 6, 10, 15, 21};
	StpOutturn outturn = stp_core_outturn(to_date, 6, NULL, 42, 0.95);

	(void) state;
	assert_int_equal(outturn.status, STP_OUTTURN_OK);
	assert_close(outturn.forecast, 42, 1e-15);
	assert_close(outturn.lower, 42 - sqrt(42) * 2.57058183563631, 1e-13);
	assert_close(outturn.upper, 42 + sqrt(42) * 2.57058183563631, 1e-13);
	assert_close(outturn.probability, 0.5, 1e-15);
}

/* What the months add is the same after another year's ups and downs are taken off. */
static void
test_profile(void **state)
{
	double profile[STP_MONTHS] = {-5, 5, -10, 10, 0, 0, 0, 0, 0, 20, -30, 10};
	double plain[] = {1, 3, 6, 10, 15, 21}, seasonal[6], sum = 0;
	StpOutturn without = stp_core_outturn(plain, 6, NULL, 50, 0.9), with;

	(void) state;
	for (int i = 0; i < 6; i++)
		seasonal[i] = plain[i] + (sum += profile[i]);
	with = stp_core_outturn(seasonal, 6, profile, 50, 0.9);
	assert_close(with.forecast, without.forecast, 1e-14);
	assert_close(with.lower, without.lower, 1e-12);
	assert_close(with.upper, without.upper, 1e-13);
	assert_close(with.probability, without.probability, 1e-12);
}

static void
test_constant(void **state)
{
	double to_date[] = {100000.1, 200000.2, 300000.3, 400000.4, 500000.5};
	StpOutturn outturn = stp_core_outturn(to_date, 5, NULL, 0, 0.95);

	(void) state;
	assert_int_equal(outturn.status, STP_OUTTURN_CONSTANT);
	assert_close(outturn.forecast, 1200001.2, 1e-14);
	assert_true(isnan(outturn.lower) && isnan(outturn.upper) && isnan(outturn.probability));
	to_date[4] += 0.01;
	assert_int_equal(stp_core_outturn(to_date, 5, NULL, 0, 0.95).status, STP_OUTTURN_OK);
}

static void
test_year_is_over(void **state)
{
	double to_date[STP_MONTHS];
	StpOutturn outturn;

	(void) state;
	fill(to_date, STP_MONTHS);
	outturn = stp_core_outturn(to_date, STP_MONTHS, NULL, to_date[11], 0.95);
	assert_int_equal(outturn.status, STP_OUTTURN_REPORTED);
	assert_true(outturn.forecast == to_date[11] && outturn.lower == to_date[11] &&
				outturn.upper == to_date[11] && outturn.probability == 1);
	outturn = stp_core_outturn(to_date, STP_MONTHS, NULL, to_date[11] + 0.01, 0.95);
	assert_true(outturn.probability == 0);
	assert_true(isnan(stp_core_outturn(to_date, STP_MONTHS, NULL, NAN, 0.95).probability));
}

/* The probability of reaching a limit of the interval is the tail beyond it. */
static void
test_limits_and_probability_agree(void **state)
{
	double to_date[STP_MONTHS];

	(void) state;
	for (int round = 0; round < 2000; round++)
	{
		int months = STP_MONTHS_NEEDED + round % (STP_MONTHS - STP_MONTHS_NEEDED);
		double confidence = 0.01 + 0.98 * random_share();
		StpOutturn outturn;

		fill(to_date, months);
		outturn = stp_core_outturn(to_date, months, NULL, 0, confidence);
		assert_true(outturn.lower < outturn.forecast && outturn.forecast < outturn.upper);
		assert_close(stp_core_outturn(to_date, months, NULL, outturn.lower, confidence).probability,
					 (1 + confidence) / 2, 1e-9);
		assert_close(stp_core_outturn(to_date, months, NULL, outturn.upper, confidence).probability,
					 (1 - confidence) / 2, 1e-6);
	}
}

/* A standard normal variate, by Box and Muller. */
static double
random_normal(void)
{
	return sqrt(-2 * log(1 - random_share())) * cos(2 * acos(-1) * random_share());
}

/* Of many normal years, the interval holds the share that it claims: within 4 standard errors. */
static void
test_coverage(void **state)
{
	const int years = 20000;
	int held = 0;

	(void) state;
	for (int year = 0; year < years; year++)
	{
		double to_date[STP_MONTHS];
		StpOutturn outturn;

		for (int i = 0; i < STP_MONTHS; i++)
			to_date[i] = (i > 0 ? to_date[i - 1] : 0) + 5 + 3 * random_normal();
		outturn = stp_core_outturn(to_date, 7, NULL, NAN, 0.9);
		held += outturn.lower <= to_date[11] && to_date[11] <= outturn.upper;
	}
	assert_true(fabs((double) held / years - 0.9) < 4 * sqrt(0.9 * 0.1 / years));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_too_few),		 cmocka_unit_test(test_worked_example),
		cmocka_unit_test(test_profile),		 cmocka_unit_test(test_constant),
		cmocka_unit_test(test_year_is_over), cmocka_unit_test(test_limits_and_probability_agree),
		cmocka_unit_test(test_coverage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
