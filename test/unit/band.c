/*
 * Unit tests of core/band.c: figures worked out by hand, and what must hold of every cohort. The
 * formulas as SQL are compared in test/pgtap/rating.sql.
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
#include "band.h"

#define UNITS 60
#define COHORTS 500

static double value[UNITS], denominator[UNITS], z[UNITS];
static size_t order[UNITS];

static void
assert_close(double ours, double expected)
{
	assert_true(fabs(ours - expected) <= 1e-12 * fmax(fabs(expected), 1));
}

/* z-scores of the first n values. */
static void
find_z(const StpBand *band, size_t n)
{
	stp_core_band_z(band, value, denominator, n, order, z);
}

/* 1 in 4 against 1 in 9 among 100: roots 1/2 and 1/3, standard error 1/20. */
static void
test_by_hand(void **state)
{
	StpBand rate = {STP_FUNNEL_ROOT, STP_NO_OVERDISPERSION, 1.0 / 9, 0.1, 1.96};
	StpBand share = {STP_FUNNEL_ARCSINE, STP_NO_OVERDISPERSION, 0.25, 0.1, 1.96};

	(void) state;
	value[0] = 0.25;
	denominator[0] = 100;
	find_z(&rate, 1);
	assert_close(z[0], 20 * (1.0 / 2 - 1.0 / 3));
	/* the angles of 3/4 and 1/4 are a sixth of a turn's half apart */
	value[0] = 0.75;
	find_z(&share, 1);
	assert_close(z[0], 20 * acos(-1.0) / 6);
	value[0] = 1 + 1e-16;
	find_z(&share, 1);
	assert_close(z[0], 20 * acos(-1.0) / 3);
}

/* z of 3 and -3 over unit standard errors: phi 9, tau squared (18 - 1) / (8 - 4) variances. */
static void
test_overdispersion(void **state)
{
	StpBand band = {STP_FUNNEL_ROOT, STP_MULTIPLICATIVE, 25, 0, 1.96};

	(void) state;
	value[0] = (5 + 1.5) * (5 + 1.5);
	value[1] = (5 - 1.5) * (5 - 1.5);
	denominator[0] = denominator[1] = 1;
	find_z(&band, 2);
	assert_close(z[0], 1);
	assert_close(z[1], -1);
	band.overdispersion = STP_ADDITIVE;
	find_z(&band, 2);
	assert_close(z[0], 1.5 / sqrt(0.25 + 17.0 / 4));
	/* with its ends pulled in by a tenth: 2.4 and -2.4, phi 5.76 */
	band.overdispersion = STP_MULTIPLICATIVE;
	band.winsorise = 0.1;
	find_z(&band, 2);
	assert_close(z[0], 3 / 2.4);
	/* one unit alone has nothing to differ from */
	band.overdispersion = STP_ADDITIVE;
	find_z(&band, 1);
	assert_close(z[0], 3);
}

static void
test_band(void **state)
{
	StpBand band = {.critical = 2};

	(void) state;
	assert_true(stp_core_band(&band, 2, true) == 1 && stp_core_band(&band, -2, true) == 1);
	assert_true(stp_core_band(&band, 2.1, true) == 2 && stp_core_band(&band, -2.1, true) == 0);
	assert_true(stp_core_band(&band, 2.1, false) == 0 && stp_core_band(&band, -2.1, false) == 2);
	assert_true(isnan(stp_core_band(&band, NAN, true)));
}

/* A cohort with holes: some values missing, some denominators 0. Spread says how much they differ.
 */
static void
draw_cohort(double spread)
{
	for (size_t i = 0; i < UNITS; i++)
	{
		value[i] = random_share() < 0.1 ? NAN : 0.2 + spread * random_share();
		denominator[i] = random_share() < 0.1 ? 0 : floor(1 + 1000 * random_share());
	}
}

/* Adjusting never moves a z-score away from 0 or across it, and keeps what is missing missing. */
static void
test_random_cohorts(void **state)
{
	static const StpOverdispersion kinds[] = {STP_ADDITIVE, STP_MULTIPLICATIVE};
	double plain[UNITS];

	(void) state;
	for (int cohort = 0; cohort < COHORTS; cohort++)
	{
		StpBand band = {cohort % 2 ? STP_FUNNEL_ROOT : STP_FUNNEL_ARCSINE, STP_NO_OVERDISPERSION,
						NAN, 0.1, 1.96};

		/* more than chance does, or less */
		draw_cohort(cohort % 3 ? 0.3 : 0.003);
		find_z(&band, UNITS);
		memcpy(plain, z, sizeof(z));
		band.overdispersion = kinds[cohort / 2 % 2];
		find_z(&band, UNITS);
		for (size_t i = 0; i < UNITS; i++)
		{
			assert_int_equal(isnan(z[i]), isnan(value[i]) || denominator[i] == 0);
			assert_true(isnan(z[i]) || (fabs(z[i]) <= fabs(plain[i]) && z[i] * plain[i] >= 0));
		}
	}
}

/* Nobody, or nobody with a denominator: no z, no error. */
static void
test_empty(void **state)
{
	StpBand band = {STP_FUNNEL_ROOT, STP_ADDITIVE, NAN, 0.1, 1.96};

	(void) state;
	find_z(&band, 0);
	value[0] = NAN;
	value[1] = 1;
	denominator[0] = 5;
	denominator[1] = NAN;
	find_z(&band, 2);
	assert_true(isnan(z[0]) && isnan(z[1]));
	assert_true(isnan(stp_core_band_mean(value, denominator, 2)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand), cmocka_unit_test(test_overdispersion),
		cmocka_unit_test(test_band),	cmocka_unit_test(test_random_cohorts),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
