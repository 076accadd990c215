/*
 * Unit tests of core/distribution.c: closed forms and values to 18 digits from arbitrary precision
 * arithmetic, and identities over random arguments.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "distribution.h"
#include "random.h"

#define PI 3.14159265358979323846264338328

static void
assert_close(double ours, double expected, double tolerance)
{
	if (!(fabs(ours - expected) <= tolerance * fabs(expected)))
		fail_msg("%.17g instead of %.17g", ours, expected);
}

/* Uniform on a logarithmic scale between two powers of ten. */
static double
random_power(double from, double to)
{
	return pow(10, from + random_share() * (to - from));
}

static void
test_normal(void **state)
{
	(void) state;
	assert_close(stp_core_normal_two_sided(0.5), 0.674489750196081743, 1e-15);
	assert_close(stp_core_normal_two_sided(0.95), 1.95996398454005386, 1e-15);
	assert_close(stp_core_normal_two_sided(0.998), 3.09023230616781328, 1e-15);
	assert_close(stp_core_normal_two_sided(0.999999), 4.89163847569293177, 1e-15);
	assert_close(stp_core_normal_two_sided(1e-12), 1e-12 * sqrt(PI / 2), 1e-15);
}

/* The share within the quantile is the confidence, in each of the three regions. */
static void
test_normal_round_trip(void **state)
{
	(void) state;
	for (int i = 0; i < 10000; i++)
	{
		double tail = random_power(-16, 0), z = stp_core_normal_two_sided(1 - tail);

		assert_close(erfc(z / sqrt(2)), 1 - (1 - tail), 3e-14);
	}
}

/* One and two degrees of freedom have closed forms; very many are normal. */
static void
test_student(void **state)
{
	(void) state;
	for (int i = 0; i < 2000; i++)
	{
		double confidence = 0.001 + 0.998 * random_share();
		double two = confidence * sqrt(2 / ((1 - confidence) * (1 + confidence)));
		double z = stp_core_normal_two_sided(confidence);

		assert_close(stp_core_student_two_sided(1, confidence), tan(PI / 2 * confidence), 1e-12);
		assert_close(stp_core_student_two_sided(2, confidence), two, 1e-13);
		assert_close(stp_core_student_two_sided(1e15, confidence), z, 1e-13);
		/* The first correction for finite degrees of freedom. */
		assert_close(stp_core_student_two_sided(1e6, confidence), z * (1 + (z * z + 1) / 4e6),
					 1e-10);
	}
}

/* The tail undoes the quantile, and has closed forms for one and two degrees of freedom. */
static void
test_student_tail(void **state)
{
	(void) state;
	for (int i = 0; i < 2000; i++)
	{
		double freedom = random_power(0, 3), confidence = 0.001 + 0.998 * random_share();
		double t = stp_core_student_two_sided(freedom, confidence), x = random_power(-2, 2);

		assert_close(stp_core_student_tail(freedom, t), (1 - confidence) / 2, 1e-10);
		assert_close(stp_core_student_tail(freedom, -t), (1 + confidence) / 2, 1e-12);
		assert_close(stp_core_student_tail(1, x), atan(1 / x) / PI, 1e-12);
		assert_close(stp_core_student_tail(2, x), 1 / (2 + x * x + x * sqrt(2 + x * x)), 1e-12);
	}
	assert_true(stp_core_student_tail(3, 0) == 0.5);
	assert_true(stp_core_student_tail(3, 1e200) == 0);
	assert_true(stp_core_student_tail(3, -1e200) == 1);
}

static void
test_gamma_quantile(void **state)
{
	(void) state;
	assert_close(stp_core_gamma_quantile(1, 0.025, true), -log(0.025), 1e-14);
	assert_close(stp_core_gamma_quantile(1, 1e-7, false), -log1p(-1e-7), 1e-14);
	assert_close(stp_core_gamma_quantile(10, 0.025, false), 4.79538869613243364, 1e-14);
	assert_close(stp_core_gamma_quantile(10, 0.025, true), 17.0848034514191703, 1e-14);
	assert_close(stp_core_gamma_quantile(0.1, 0.025, false), 5.79171024552143369e-17, 1e-13);
	assert_close(stp_core_gamma_quantile(1000, 0.001, true), 1100.57809829331461, 1e-14);
	assert_close(stp_core_gamma_quantile(20000, 0.001, false), 19565.823433788030341, 1e-14);
	assert_close(stp_core_gamma_quantile(1e6, 0.025, true), 1001960.910965450360621, 1e-13);
	assert_close(stp_core_gamma_quantile(1e9, 5e-7, false), 999845320.4519030345429, 1e-15);
	assert_close(stp_core_gamma_quantile(1e15, 0.025, true), 1000000061979504.177609, 1e-15);
	assert_true(stp_core_gamma_quantile(1e-3, 0.025, false) == 0);
}

/* The median lies 1/3 below the shape, as the shape grows. */
static void
test_gamma_median(void **state)
{
	(void) state;
	assert_true(fabs(1e9 - stp_core_gamma_quantile(1e9, 0.5, false) - 1.0 / 3) < 1e-6);
	assert_true(fabs(1e9 - stp_core_gamma_quantile(1e9, 0.5, true) - 1.0 / 3) < 1e-6);
}

/* chi-square with one degree of freedom is the square of a normal variate. */
static void
test_gamma_of_half(void **state)
{
	(void) state;
	for (int i = 0; i < 2000; i++)
	{
		double confidence = 0.5 + random_share() * 0.4999;
		double z = stp_core_normal_two_sided(confidence);

		assert_close(2 * stp_core_gamma_quantile(0.5, 1 - confidence, true), z * z, 3e-14);
	}
}

/* P + Q = 1, and the step from a to a + 1 is x^a e^-x / a!. */
static void
test_gamma_identities(void **state)
{
	(void) state;
	for (int i = 0; i < 5000; i++)
	{
		double a = random_power(-3, 3), x = a * random_power(-1, 0.5);
		double lower = stp_core_gamma_tail(a, x, false), upper = stp_core_gamma_tail(a, x, true);
		double step = exp(a * log(x) - x - lgamma(a + 1));

		assert_close(lower + upper, 1, 1e-15);
		assert_true(fabs(lower - stp_core_gamma_tail(a + 1, x, false) - step) <= 5e-13);
	}
}

/* Whole shapes are Poisson sums. */
static void
test_gamma_sums(void **state)
{
	(void) state;
	for (int i = 0; i < 2000; i++)
	{
		int n = 1 + (int) (random_share() * 50);
		double x = n * random_power(-1, 0.4), term = exp(-x), sum = 0;

		for (int k = 0; k < n; k++, term *= x / k)
			sum += term;
		assert_close(stp_core_gamma_tail(n, x, true), sum, 2e-13);
	}
}

/* The tail at the quantile is the tail asked for; its error is that of the quantile times slope. */
static void
test_gamma_round_trip(void **state)
{
	(void) state;
	for (int i = 0; i < 4000; i++)
	{
		double a = random_power(0, i % 8 ? 4 : 18), tail = random_power(-9, -0.302);
		bool upper = i % 2;
		double x = stp_core_gamma_quantile(a, tail, upper);

		assert_close(stp_core_gamma_tail(a, x, upper), tail, 1e-13 + 1e-14 * sqrt(a));
	}
}

/* Where either method may serve, the series agrees with the asymptotic form. */
static void
test_switch_is_seamless(void **state)
{
	(void) state;
	for (int i = 0; i < 20; i++)
	{
		double tail = random_power(-8, -0.302), b = random_power(6.1, 15);

		assert_close(stp_core_gamma_quantile(1e6 * (1 + 1e-15), tail, i % 2),
					 stp_core_gamma_quantile(1e6, tail, i % 2), 3e-14);
		assert_close(stp_core_beta_odds(1e6 * (1 + 1e-15), b, tail, i % 2),
					 stp_core_beta_odds(1e6, b, tail, i % 2), 3e-14);
	}
}

static void
test_beta_odds(void **state)
{
	(void) state;
	assert_close(stp_core_beta_odds(20000, 30000, 0.001, true), 0.68571942881948330499, 1e-14);
	for (int i = 0; i < 2000; i++)
	{
		double tail = random_power(-9, -0.302), a = random_power(-0.3, 6);
		double root = expm1(-log(tail) / a), angle = tan(PI / 2 * tail);

		/* Powers, and the arc sine. */
		assert_close(stp_core_beta_odds(a, 1, tail, false), 1 / root, 1e-13);
		assert_close(stp_core_beta_odds(1, a, tail, true), root, 1e-13);
		assert_close(stp_core_beta_odds(0.5, 0.5, tail, false), angle * angle, 1e-13);
	}
}

/* With b beyond all bounds, b times the odds are a gamma variate. */
static void
test_beta_tends_to_gamma(void **state)
{
	(void) state;
	for (int i = 0; i < 2000; i++)
	{
		double a = random_power(-0.3, 3), tail = random_power(-7, -0.302);

		assert_close(stp_core_beta_odds(a, 1e18, tail, i % 2) * 1e18,
					 stp_core_gamma_quantile(a, tail, i % 2), 1e-13);
	}
}

/* Whole shapes are binomial sums: of n trials, at least a succeed. */
static void
test_beta_sums(void **state)
{
	(void) state;
	for (int i = 0; i < 2000; i++)
	{
		int n = 1 + (int) (random_share() * 50), a = 1 + (int) (random_share() * n);
		double odds = random_power(-1, 1), term = pow(1 / (1 + odds), n), sum = 0;

		for (int k = 0; k <= n; term *= odds * (n - k) / (k + 1), k++)
			if (k >= a)
				sum += term;
		assert_close(stp_core_beta_tail(a, n - a + 1, odds, false), sum, 2e-13);
	}
}

static void
test_beta_symmetry(void **state)
{
	(void) state;
	for (int i = 0; i < 4000; i++)
	{
		double a = random_power(-0.3, 8), b = random_power(-0.3, 8),
			   odds = a / b * random_power(-1, 1);
		double lower = stp_core_beta_tail(a, b, odds, false);

		assert_true(fabs(lower + stp_core_beta_tail(a, b, odds, true) - 1) <= 1e-15);
		assert_true(fabs(stp_core_beta_tail(b, a, 1 / odds, true) - lower) <=
					1e-13 + 1e-15 * sqrt(fmin(a, b)));
	}
}

static void
test_beta_round_trip(void **state)
{
	(void) state;
	for (int i = 0; i < 3000; i++)
	{
		double a = random_power(-0.3, i % 8 ? 4 : 17), b = random_power(-0.3, i % 8 ? 4 : 17);
		double tail = random_power(-9, -0.302), odds;
		bool upper = i % 2;

		odds = stp_core_beta_odds(a, b, tail, upper);
		assert_close(stp_core_beta_tail(a, b, odds, upper), tail, 1e-13 + 1e-14 * sqrt(fmin(a, b)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normal),
		cmocka_unit_test(test_normal_round_trip),
		cmocka_unit_test(test_student),
		cmocka_unit_test(test_student_tail),
		cmocka_unit_test(test_gamma_quantile),
		cmocka_unit_test(test_gamma_median),
		cmocka_unit_test(test_gamma_of_half),
		cmocka_unit_test(test_gamma_identities),
		cmocka_unit_test(test_gamma_sums),
		cmocka_unit_test(test_gamma_round_trip),
		cmocka_unit_test(test_switch_is_seamless),
		cmocka_unit_test(test_beta_odds),
		cmocka_unit_test(test_beta_tends_to_gamma),
		cmocka_unit_test(test_beta_sums),
		cmocka_unit_test(test_beta_symmetry),
		cmocka_unit_test(test_beta_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
