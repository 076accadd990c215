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

/* Of months said to be independent, as most tests here have them. */
static StpOutturn
outturn_of(const double *to_date, int months, const double *profile, double target,
		   double confidence)
{
	StpYear year = {to_date, months, profile, NULL, target, true};

	return stp_core_outturn(&year, confidence);
}

static void
test_too_few(void **state)
{
	double to_date[STP_MONTHS];

	(void) state;
	fill(to_date, STP_MONTHS);
	for (int months = 0; months < STP_MONTHS_NEEDED; months++)
	{
		StpOutturn outturn = outturn_of(to_date, months, NULL, 0, 0.95);

		assert_int_equal(outturn.status, STP_OUTTURN_TOO_FEW);
		assert_true(isnan(outturn.forecast) && isnan(outturn.lower) && isnan(outturn.upper) &&
					isnan(outturn.probability));
	}
	assert_int_equal(outturn_of(to_date, STP_MONTHS_NEEDED, NULL, 0, 0.95).status, STP_OUTTURN_OK);
}

/*
 * Months 1, 2, 3, 4, 5, 6: mean 3.5, variance 3.5, six to come, so that the spread is
 * sqrt(3.5 * 12); t with 5 degrees of freedom at 97.5% is 2.57058183563631.
 */
static void
test_worked_example(void **state)
{
	double to_date[] = {1, 3, 6, 10, 15, 21};
	StpOutturn outturn = outturn_of(to_date, 6, NULL, 42, 0.95);

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
	StpOutturn without = outturn_of(plain, 6, NULL, 50, 0.9), with;

	(void) state;
	for (int i = 0; i < 6; i++)
		seasonal[i] = plain[i] + (sum += profile[i]);
	with = outturn_of(seasonal, 6, profile, 50, 0.9);
	assert_close(with.forecast, without.forecast, 1e-14);
	assert_close(with.lower, without.lower, 1e-12);
	assert_close(with.upper, without.upper, 1e-13);
	assert_close(with.probability, without.probability, 1e-12);
}

static void
test_constant(void **state)
{
	double to_date[] = {100000.1, 200000.2, 300000.3, 400000.4, 500000.5};
	StpOutturn outturn = outturn_of(to_date, 5, NULL, 0, 0.95);

	(void) state;
	assert_int_equal(outturn.status, STP_OUTTURN_CONSTANT);
	assert_close(outturn.forecast, 1200001.2, 1e-14);
	assert_true(isnan(outturn.lower) && isnan(outturn.upper) && isnan(outturn.probability));
	to_date[4] += 0.01;
	assert_int_equal(outturn_of(to_date, 5, NULL, 0, 0.95).status, STP_OUTTURN_OK);
}

static void
test_year_is_over(void **state)
{
	double to_date[STP_MONTHS];
	StpOutturn outturn;

	(void) state;
	fill(to_date, STP_MONTHS);
	outturn = outturn_of(to_date, STP_MONTHS, NULL, to_date[11], 0.95);
	assert_int_equal(outturn.status, STP_OUTTURN_REPORTED);
	assert_true(outturn.forecast == to_date[11] && outturn.lower == to_date[11] &&
				outturn.upper == to_date[11] && outturn.probability == 1);
	outturn = outturn_of(to_date, STP_MONTHS, NULL, to_date[11] + 0.01, 0.95);
	assert_true(outturn.probability == 0);
	assert_true(isnan(outturn_of(to_date, STP_MONTHS, NULL, NAN, 0.95).probability));
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
		outturn = outturn_of(to_date, months, NULL, 0, confidence);
		assert_true(outturn.lower < outturn.forecast && outturn.forecast < outturn.upper);
		assert_close(outturn_of(to_date, months, NULL, outturn.lower, confidence).probability,
					 (1 + confidence) / 2, 1e-9);
		assert_close(outturn_of(to_date, months, NULL, outturn.upper, confidence).probability,
					 (1 - confidence) / 2, 1e-6);
	}
}

/* Months of 1 to 6 and two others: what exact fractions and matrices inverted give. */
static void
test_averaged(void **state)
{
	static const struct
	{
		int months;
		double to_date[STP_MONTHS], forecast, lower, upper, autocorrelation, trend;
	} cases[] = {
		{6,
		 {1, 3, 6, 10, 15, 21},
		 66.605437971141,
		 39.837993397902,
		 93.372882544380,
		 0.781226874591,
		 0.898168279688},
		{9,
		 {5, 8, 14, 16, 23, 27, 32, 33, 42},
		 58.882298595533,
		 39.029754114541,
		 78.734843076525,
		 0.211339057905,
		 0.323409211475},
		{11,
		 {1, 2, 3, 4, 12, 20, 28, 36, 44, 52, 60},
		 68.491662744643,
		 63.083847193174,
		 73.899478296112,
		 0.628723942773,
		 0.686810147798},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		StpYear year = {cases[i].to_date, cases[i].months, NULL, NULL, cases[i].upper, false};
		StpOutturn outturn = stp_core_outturn(&year, 0.95);

		assert_int_equal(outturn.status, STP_OUTTURN_NO_PROFILE);
		assert_close(outturn.forecast, cases[i].forecast, 1e-12);
		assert_close(outturn.lower, cases[i].lower, 1e-12);
		assert_close(outturn.upper, cases[i].upper, 1e-12);
		assert_close(outturn.autocorrelation, cases[i].autocorrelation, 1e-10);
		assert_close(outturn.trend, cases[i].trend, 1e-10);
		assert_close(outturn.probability, 0.025, 1e-9);
	}
}

/* A forecast follows the unit and the level of its months, and no more. */
static void
test_scale(void **state)
{
	double to_date[STP_MONTHS], other[STP_MONTHS];

	(void) state;
	for (int round = 0; round < 500; round++)
	{
		int months = STP_MONTHS_NEEDED + round % (STP_MONTHS - STP_MONTHS_NEEDED);
		StpYear year = {to_date, months, NULL, NULL, NAN, false};
		StpYear scaled = {other, months, NULL, NULL, NAN, false};
		StpOutturn one, two;

		fill(to_date, months);
		for (int i = 0; i < months; i++)
			other[i] = 1e6 * (i + 1) - 7 * to_date[i];
		one = stp_core_outturn(&year, 0.9);
		two = stp_core_outturn(&scaled, 0.9);
		assert_close(two.forecast, 12e6 - 7 * one.forecast, 1e-8);
		assert_close(two.upper - two.lower, 7 * (one.upper - one.lower), 1e-7);
		assert_true(isfinite(one.forecast) && one.trend >= 0 && one.trend <= 1);
	}
}

/* What the plan says of the months left, beside a profile or without. */
static void
test_plan(void **state)
{
	double to_date[] = {5, 8, 14, 16, 23, 27, 32, 33, 42}, plan[STP_MONTHS],
		   march[STP_MONTHS] = {0};
	StpYear year = {to_date, 9, NULL, plan, NAN, false};

	(void) state;
	for (int i = 0; i < STP_MONTHS; i++)
		plan[i] = 4 * (i + 1);
	assert_int_equal(stp_core_outturn(&year, 0.95).status, STP_OUTTURN_OK);
	plan[11] += 6;
	assert_int_equal(stp_core_outturn(&year, 0.95).status, STP_OUTTURN_OK);
	plan[11] += 1;
	assert_int_equal(stp_core_outturn(&year, 0.95).status, STP_OUTTURN_STEP_IN_PLAN);
	year.independent = true;
	assert_int_equal(stp_core_outturn(&year, 0.95).status, STP_OUTTURN_STEP_IN_PLAN);
	year.independent = false;
	for (int i = 0; i < STP_MONTHS; i++)
		march[i] = i == 11 ? 77.0 / 12 : -7.0 / 12;
	year.profile = march;
	assert_int_equal(stp_core_outturn(&year, 0.95).status, STP_OUTTURN_OK);
	plan[11] -= 7;
	assert_int_equal(stp_core_outturn(&year, 0.95).status, STP_OUTTURN_STEP_IN_PLAN);
	plan[3] = NAN;
	assert_int_equal(stp_core_outturn(&year, 0.95).status, STP_OUTTURN_OK);
	year.profile = NULL;
	assert_int_equal(stp_core_outturn(&year, 0.95).status, STP_OUTTURN_NO_PROFILE);
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
		outturn = outturn_of(to_date, 7, NULL, NAN, 0.9);
		held += outturn.lower <= to_date[11] && to_date[11] <= outturn.upper;
	}
	assert_true(fabs((double) held / years - 0.9) < 4 * sqrt(0.9 * 0.1 / years));
}

/* How many of 4,000 years of a process the interval of 95% holds, after so many months. */
static int
count_held(double autocorrelation, double trend, int months)
{
	int held = 0;

	for (int round = 0; round < 4000; round++)
	{
		double to_date[STP_MONTHS], noise = random_normal(), sum = 0;
		StpYear year = {to_date, months, NULL, NULL, NAN, false};
		StpOutturn outturn;

		for (int i = 0; i < STP_MONTHS; i++)
		{
			to_date[i] = sum += 5 + trend * i + noise;
			noise = autocorrelation * noise +
					sqrt(1 - autocorrelation * autocorrelation) * random_normal();
		}
		outturn = stp_core_outturn(&year, 0.95);
		held += outturn.lower <= to_date[11] && to_date[11] <= outturn.upper;
	}
	return held;
}

/* Months need not be independent: make simulate has more of this. Five standard errors are 0.024.
 */
static void
test_coverage_of_related_months(void **state)
{
	static const int months[] = {5, 6, 9, 11};

	(void) state;
	for (int i = 0; i < 4; i++)
	{
		assert_in_range(count_held(0, 0, months[i]), 0.93 * 4000, 4000);
		assert_in_range(count_held(0.4, 0, months[i]), 0.93 * 4000, 4000);
		assert_in_range(count_held(0.8, 0, months[i]), 0.90 * 4000, 0.99 * 4000);
		assert_in_range(count_held(0, 0.3, months[i]), 0.92 * 4000, 0.99 * 4000);
		assert_in_range(count_held(0, 0.5, months[i]), 0.90 * 4000, 0.995 * 4000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_worked_example),
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_constant),
		cmocka_unit_test(test_year_is_over),
		cmocka_unit_test(test_limits_and_probability_agree),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_averaged),
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_coverage_of_related_months),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
