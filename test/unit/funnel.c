/*
 * Unit tests of core/dispersion.c and core/funnel.c: figures worked out by hand, and what must hold
 * of every cohort and every limit. References are in test/pgtap/funnel.sql.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "distribution.h"
#include "funnel.h"
#include "random.h"

#define UNITS 60
#define COHORTS 500

static double z[UNITS], precision[UNITS];
static size_t order[UNITS];

static void
assert_close(double ours, double expected, double tolerance)
{
	if (!(fabs(ours - expected) <= tolerance * fmax(fabs(expected), 1)))
		fail_msg("%.17g, not %.17g", ours, expected);
}

static StpDispersion
disperse(size_t n, StpExtremes extremes, double share)
{
	return stp_core_dispersion(z, precision, n, extremes, share, order);
}

/* z of 3 and -3 with precision 4: phi 9, tau squared (18 - 1) / (8 - 4). */
static void
test_by_hand(void **state)
{
	StpDispersion d;

	(void) state;
	z[0] = 3;
	z[1] = -3;
	z[2] = NAN;
	precision[0] = precision[1] = precision[2] = 4;
	d = disperse(3, STP_WINSORISED, 0);
	assert_int_equal(d.units, 2);
	assert_close(d.phi, 9, 0);
	assert_close(d.tau2, 17.0 / 4, 0);
	assert_close(stp_core_overdispersed(&d, STP_NO_OVERDISPERSION, 0.25), 0.25, 0);
	assert_close(stp_core_overdispersed(&d, STP_ADDITIVE, 0.25), 4.5, 0);
	assert_close(stp_core_overdispersed(&d, STP_MULTIPLICATIVE, 0.25), 2.25, 0);
	d = disperse(3, STP_WINSORISED, 0.1);
	assert_close(d.phi, 5.76, 1e-14);
	/* one unit alone has nothing to differ from; none has no phi */
	d = disperse(1, STP_WINSORISED, 0.1);
	assert_true(d.units == 1 && d.phi == 9 && d.tau2 == 0);
	d = disperse(0, STP_TRIMMED, 0.1);
	assert_true(d.units == 0 && isnan(d.phi) && d.tau2 == 0);
	assert_close(stp_core_overdispersed(&d, STP_MULTIPLICATIVE, 0.25), 0.25, 0);
}

/* Ranks 1 to 9: those from 1 to before 9 stay of a tenth at either end; of two tenths, 2 to 7. */
static void
test_trim(void **state)
{
	StpDispersion d;

	(void) state;
	for (int i = 0; i < 9; i++)
	{
		z[i] = (i * 4) % 9;
		precision[i] = 1;
	}
	d = disperse(9, STP_TRIMMED, 0.1);
	assert_int_equal(d.units, 8);
	assert_close(d.phi, (1 + 4 + 9 + 16 + 25 + 36 + 49) / 8.0, 1e-15);
	d = disperse(9, STP_TRIMMED, 0.2);
	assert_int_equal(d.units, 6);
	assert_close(d.phi, (1 + 4 + 9 + 16 + 25 + 36) / 6.0, 1e-15);
	/* tied ones have rank 5, whatever their place */
	for (int i = 0; i < 9; i++)
		z[i] = 2;
	assert_int_equal(disperse(9, STP_TRIMMED, 0.4).units, 9);
	assert_int_equal(disperse(2, STP_TRIMMED, 0.49).units, 2);
	z[1] = 3;
	assert_int_equal(disperse(2, STP_TRIMMED, 0.49).units, 0);
}

static void
draw_units(void)
{
	for (int i = 0; i < UNITS; i++)
	{
		z[i] = random_share() < 0.1 ? NAN : (random_share() - 0.5) * 20;
		precision[i] = 1 + 1000 * random_share();
	}
}

static void
swap(double *array, size_t a, size_t b)
{
	double kept = array[a];

	array[a] = array[b];
	array[b] = kept;
}

/* The same to the last bit in any order; fewer or nearer extremes never make phi greater. */
static void
test_random_cohorts(void **state)
{
	(void) state;
	for (int cohort = 0; cohort < COHORTS; cohort++)
	{
		StpExtremes extremes = cohort % 2 ? STP_WINSORISED : STP_TRIMMED;
		StpDispersion all, d, other;

		draw_units();
		all = disperse(UNITS, STP_WINSORISED, 0);
		d = disperse(UNITS, extremes, 0.1);
		for (size_t i = UNITS; i-- > 1;)
		{
			size_t at = (size_t) (random_share() * (double) (i + 1));

			swap(z, i, at);
			swap(precision, i, at);
		}
		other = disperse(UNITS, extremes, 0.1);
		assert_memory_equal(&d, &other, sizeof(d));
		assert_true(d.phi <= all.phi && d.units <= all.units && d.tau2 >= 0);
		other = disperse(UNITS, STP_TRIMMED, 0);
		assert_memory_equal(&all, &other, sizeof(all));
	}
}

static StpFunnel
funnel_at(StpFunnelMethod method, double target)
{
	return (StpFunnel){method, target, {0, NAN, 0}};
}

static StpLimits
limits_of(const StpFunnel *funnel, StpOverdispersion how, double denominator, double level)
{
	StpFunnelQuestion question = stp_core_funnel_ask(funnel, how);
	StpFunnelLevel reach = stp_core_funnel_level(level);

	return stp_core_funnel_limits(&question, denominator, &reach);
}

static double
z_of(const StpFunnel *funnel, double value, double denominator)
{
	StpFunnelQuestion question = stp_core_funnel_ask(funnel, STP_NO_OVERDISPERSION);

	return stp_core_funnel_adjusted_z(&question, value, denominator);
}

/* Both public tools have 0.041 here, the square of a negative sine. */
static void
test_ends_of_the_scale(void **state)
{
	StpFunnel share = funnel_at(STP_FUNNEL_ARCSINE, 0.02);
	StpFunnel ratio = funnel_at(STP_FUNNEL_ROOT, 1);
	StpLimits limits = limits_of(&share, STP_NO_OVERDISPERSION, 20, 0.998);
	double q = stp_core_normal_two_sided(0.998);

	(void) state;
	assert_close(limits.lower, 0, 0);
	assert_close(limits.upper, pow(sin(asin(sqrt(0.02)) + q / (2 * sqrt(20))), 2), 1e-15);
	share.target = 0.98;
	limits = limits_of(&share, STP_NO_OVERDISPERSION, 20, 0.998);
	assert_close(limits.upper, 1, 0);
	limits = limits_of(&ratio, STP_NO_OVERDISPERSION, 1, 0.998);
	assert_close(limits.lower, 0, 0);
	assert_close(limits.upper, pow(1 + q / 2, 2), 1e-15);
}

/* The exact limits of so many observed events are what was expected. */
static void
test_observed_solves(void **state)
{
	static const double observed[] = {0.25, 1, 3, 10, 28, 100, 1000, 123456, 3e6, 1e12};
	static const double levels[] = {0.1, 0.95, 0.998, 0.9999999};

	(void) state;
	for (size_t i = 0; i < sizeof(observed) / sizeof(*observed); i++)
		for (size_t l = 0; l < sizeof(levels) / sizeof(*levels); l++)
		{
			StpFunnel funnel = funnel_at(STP_FUNNEL_OBSERVED, 1);
			StpLimits exact = stp_core_poisson_limits(observed[i], levels[l]);
			StpLimits at_upper = limits_of(&funnel, STP_NO_OVERDISPERSION, exact.upper, levels[l]);
			StpLimits at_lower = limits_of(&funnel, STP_NO_OVERDISPERSION, exact.lower, levels[l]);

			assert_close(at_upper.lower * exact.upper, observed[i], 1e-11);
			assert_close(at_lower.upper * exact.lower, observed[i], 1e-11);
		}
}

/* Limits hold the target, widen with the level, narrow with the denominator. */
static void
test_limits(void **state)
{
	static const double denominators[] = {0.01, 1, 20, 1e3, 1e6, 1e12};

	(void) state;
	for (int method = 0; method < STP_FUNNEL_METHODS; method++)
		for (int how = STP_NO_OVERDISPERSION; how <= STP_MULTIPLICATIVE; how++)
		{
			StpFunnel funnel = {method, 0.3, {9, 4, 0.001}};
			StpLimits before = {-INFINITY, INFINITY};

			for (size_t i = 0; i < sizeof(denominators) / sizeof(*denominators); i++)
			{
				StpLimits wide =
					limits_of(&funnel, (StpOverdispersion) how, denominators[i], 0.998);
				StpLimits narrow =
					limits_of(&funnel, (StpOverdispersion) how, denominators[i], 0.95);

				assert_true(0 <= wide.lower && wide.lower <= narrow.lower && narrow.lower <= 0.3);
				assert_true(0.3 <= narrow.upper && narrow.upper <= wide.upper);
				assert_true(before.lower <= wide.lower && wide.upper <= before.upper);
				before = wide;
			}
		}
}

/* Where the limits are those of the transform, a value is outside when z is. */
static void
test_side_is_z(void **state)
{
	static const StpFunnelMethod methods[] = {STP_FUNNEL_ARCSINE, STP_FUNNEL_WILSON, STP_FUNNEL_LOG,
											  STP_FUNNEL_ROOT};
	StpFunnelLevel level = stp_core_funnel_level(0.95);

	(void) state;
	for (int i = 0; i < 4000; i++)
	{
		StpFunnel funnel = {methods[i % 4], 0.1 + 0.8 * random_share(), {9, 4, 0.002}};
		StpOverdispersion how = (StpOverdispersion) (i / 4 % 3);
		double n = 50 + floor(1000 * random_share()), value = (1 + floor(n * random_share())) / n;
		StpFunnelQuestion question = stp_core_funnel_ask(&funnel, how);
		StpLimits limits = stp_core_funnel_limits(&question, n, &level);
		double place = stp_core_funnel_adjusted_z(&question, value, n);

		/* not where the limit is the end of the scale */
		if (limits.lower > 0 && limits.upper < 1)
			assert_int_equal(stp_core_funnel_side(&question, value, n, &level, limits),
							 (place > level.reach) - (place < -level.reach));
	}
}

static void
test_nothing(void **state)
{
	StpFunnel none = funnel_at(STP_FUNNEL_LOG, 0), unknown = funnel_at(STP_FUNNEL_OBSERVED, NAN);
	StpFunnel log = funnel_at(STP_FUNNEL_LOG, 1), all = funnel_at(STP_FUNNEL_WILSON, 1);
	StpFunnel counts = funnel_at(STP_FUNNEL_COUNTS, 0.01);

	(void) state;
	assert_true(isnan(limits_of(&none, STP_NO_OVERDISPERSION, 10, 0.95).lower));
	assert_true(isnan(limits_of(&unknown, STP_NO_OVERDISPERSION, 10, 0.95).upper));
	assert_true(isnan(z_of(&log, 0, 10)));
	/* where chance leaves nothing to vary, all are expected */
	assert_true(isnan(z_of(&all, 0.5, 10)));
	assert_close(limits_of(&all, STP_ADDITIVE, 10, 0.95).lower, 1, 0);
	/* none among counts is known no better than a half */
	assert_true(fabs(z_of(&counts, 0, 100)) < 1);
}

static void
test_is_valid(void **state)
{
	StpFunnel funnel = {STP_FUNNEL_ROOT, 1, {2, 1, 0.5}};

	(void) state;
	assert_true(stp_core_funnel_is_valid(&funnel));
	funnel.target = 1.5;
	assert_true(stp_core_funnel_is_valid(&funnel));
	funnel.method = STP_FUNNEL_WILSON;
	assert_false(stp_core_funnel_is_valid(&funnel));
	funnel = funnel_at(STP_FUNNEL_ROOT, NAN);
	assert_true(stp_core_funnel_is_valid(&funnel));
	funnel.method = STP_FUNNEL_METHODS;
	assert_false(stp_core_funnel_is_valid(&funnel));
	funnel = funnel_at(STP_FUNNEL_ROOT, INFINITY);
	assert_false(stp_core_funnel_is_valid(&funnel));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),			cmocka_unit_test(test_trim),
		cmocka_unit_test(test_random_cohorts),	cmocka_unit_test(test_ends_of_the_scale),
		cmocka_unit_test(test_observed_solves), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_side_is_z),		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
