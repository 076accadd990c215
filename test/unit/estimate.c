/*
 * Unit tests of core/estimate.c: the reference counts, row by row, and the shape of the limits at
 * every size. Run in the root of the tree, where the fixtures are.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "estimate.h"
#include "random.h"

static const double confidences[] = {1e-9, 0.5, 0.95, 0.998, 0.999999, 1 - 1e-15};
#define CONFIDENCES (sizeof(confidences) / sizeof(confidences[0]))

static void
assert_close(double ours, double expected, double tolerance)
{
	if (!(fabs(ours - expected) <= tolerance * fabs(expected)))
		fail_msg("%.17g instead of %.17g", ours, expected);
}

/* The next number of a line, and the line behind it; 0 for an empty cell. */
static double
next_number(char **line)
{
	double number = strtod(*line, line);

	if (**line == ',')
		(*line)++;
	return number;
}

/* Compare with a file of count, confidence and limits; a limit the reference lacks is 0. */
static void
check_counts(const char *path, StpLimits (*find)(double, double), int expected_rows)
{
	char buffer[256];
	FILE *file = fopen(path, "r");
	int rows = 0;

	assert_non_null(file);
	assert_non_null(fgets(buffer, sizeof(buffer), file));
	for (; fgets(buffer, sizeof(buffer), file); rows++)
	{
		char *line = buffer;
		double events = next_number(&line), confidence = next_number(&line);
		StpLimits limits = find(events, confidence);

		assert_close(limits.lower, next_number(&line), 1e-9);
		assert_close(limits.upper, next_number(&line), 1e-9);
	}
	fclose(file);
	assert_int_equal(rows, expected_rows);
}

static void
test_poisson_reference(void **state)
{
	(void) state;
	check_counts("test/fixtures/intervals/poisson_exact_counts.csv", stp_core_poisson_limits, 62);
}

static void
test_byar_reference(void **state)
{
	(void) state;
	check_counts("test/fixtures/intervals/byars_counts.csv", stp_core_byar_limits, 80);
}

static void
test_choice_of_method(void **state)
{
	(void) state;
	for (double events = 0; events < 20; events += 0.25)
	{
		StpLimits ours = stp_core_count_limits(events, 0.95);
		StpLimits expected = events < 10 ? stp_core_poisson_limits(events, 0.95)
										 : stp_core_byar_limits(events, 0.95);

		assert_true(ours.lower == expected.lower && ours.upper == expected.upper);
	}
}

/* Finite, around the estimate, and no narrower than the limits at the confidence before. */
static void
check_shape(StpLimits limits, double estimate, StpLimits *narrower)
{
	assert_true(isfinite(limits.lower) && isfinite(limits.upper));
	assert_true(limits.lower <= estimate && estimate <= limits.upper);
	assert_true(limits.lower <= narrower->lower && narrower->upper <= limits.upper);
	*narrower = limits;
}

static void
test_counts_of_every_size(void **state)
{
	static const double counts[] = {0, 1e-300, 1e-3, 0.5, 1, 9, 10, 1e9, 1e15, 1e18, 1e300};

	(void) state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
	{
		StpLimits exact = {counts[i], counts[i]}, byar = exact;

		for (size_t c = 0; c < CONFIDENCES; c++)
		{
			check_shape(stp_core_poisson_limits(counts[i], confidences[c]), counts[i], &exact);
			check_shape(stp_core_byar_limits(counts[i], confidences[c]), counts[i], &byar);
			assert_true(exact.lower >= 0 && byar.lower >= 0);
			if (counts[i] == 0)
				assert_true(exact.lower == 0 && byar.lower == 0);
		}
	}
}

/* Byar's approximation comes ever closer to the exact limits. */
static void
test_byar_approximates(void **state)
{
	(void) state;
	for (int i = 0; i < 500; i++)
	{
		double events = 10 * pow(10, random_share() * 12);
		StpLimits exact = stp_core_poisson_limits(events, 0.95);
		StpLimits byar = stp_core_byar_limits(events, 0.95);

		assert_close(byar.lower, exact.lower, 0.02 / events + 1e-13);
		assert_close(byar.upper, exact.upper, 0.02 / events + 1e-13);
	}
}

/* Both limits solve (p - share)^2 = z^2 p (1 - p) / n. */
static void
test_wilson_solves(void **state)
{
	(void) state;
	for (int i = 0; i < 5000; i++)
	{
		double n = pow(10, random_share() * 3), share = 0.05 + 0.9 * random_share();
		double variance = 1.959963984540054 * 1.959963984540054 / n;
		StpLimits limits = stp_core_wilson_limits(share * n, n, 0.95);
		double lower = share - limits.lower, upper = limits.upper - share;

		assert_close(lower * lower, variance * limits.lower * (1 - limits.lower), 1e-11);
		assert_close(upper * upper, variance * limits.upper * (1 - limits.upper), 1e-11);
	}
}

static void
test_wilson_of_every_size(void **state)
{
	static const double denominators[] = {1e-300, 1e-3, 1, 50, 1e15, 1e308};
	static const double shares[] = {0, 1e-17, 0.1, 0.5, 1 - 1e-15, 1};

	(void) state;
	for (size_t d = 0; d < sizeof(denominators) / sizeof(denominators[0]); d++)
		for (size_t s = 0; s < sizeof(shares) / sizeof(shares[0]); s++)
		{
			double numerator = shares[s] * denominators[d], share = numerator / denominators[d];
			StpLimits narrower = {share, share};

			for (size_t c = 0; c < CONFIDENCES; c++)
			{
				check_shape(stp_core_wilson_limits(numerator, denominators[d], confidences[c]),
							share, &narrower);
				assert_true(narrower.lower >= 0 && narrower.upper <= 1);
			}
		}
}

static void
test_mean(void **state)
{
	StpLimits limits = stp_core_mean_limits(3, 10, sqrt(3), 0.8);

	(void) state;
	/* Two degrees of freedom: t = c sqrt(2 / (1 - c^2)). */
	assert_close(limits.lower, 10 - 0.8 * sqrt(2) / 0.6, 1e-14);
	assert_close(limits.upper, 10 + 0.8 * sqrt(2) / 0.6, 1e-14);
}

static void
test_difference(void **state)
{
	StpLimits limits = stp_core_difference_limits(10, (StpLimits){7, 14}, 5, (StpLimits){2, 9}, 0);

	(void) state;
	assert_close(limits.lower, 0, 0);
	assert_close(limits.upper, 10, 1e-15);
}

/* What is the same on both sides cancels; what is opposite adds up. */
static void
test_correlated_difference(void **state)
{
	StpLimits one = {7, 14}, other = {1, 11};

	(void) state;
	assert_close(stp_core_difference_limits(10, one, 10, one, 1).lower, -1, 1e-15);
	assert_close(stp_core_difference_limits(9, one, 9, (StpLimits){4, 11}, 1).upper, 0, 0);
	assert_close(stp_core_difference_limits(10, one, 5, other, -1).lower, 5 - 3 - 6, 1e-15);
	assert_close(stp_core_difference_limits(10, one, 5, other, 0.5).lower,
				 5 - sqrt(3 * 3 + 6 * 6 - 3 * 6), 1e-15);
	assert_close(stp_core_difference_limits(10, one, 5, other, 0.5).upper,
				 5 + sqrt(4 * 4 + 4 * 4 - 4 * 4), 1e-15);
}

/* How likely each number of successes is. */
static void
fill_binomial(double *likely, int n, double share)
{
	for (int x = 0; x <= n; x++)
		likely[x] = exp(lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) + x * log(share) +
						(n - x) * log1p(-share));
}

/* How often the limits of a difference hold what is true, over all that can be seen. */
static double
difference_coverage(int n, double share, int m, double other)
{
	double likely[101], other_likely[101], coverage = 0;

	fill_binomial(likely, n, share);
	fill_binomial(other_likely, m, other);
	for (int x = 0; x <= n; x++)
		for (int y = 0; y <= m; y++)
		{
			StpLimits limits =
				stp_core_difference_limits((double) x / n, stp_core_wilson_limits(x, n, 0.95),
										   (double) y / m, stp_core_wilson_limits(y, m, 0.95), 0);

			if (limits.lower <= share - other && share - other <= limits.upper)
				coverage += likely[x] * other_likely[y];
		}
	return coverage;
}

/* Of proportions of 20 to 100 against 40, 95% of the limits hold what is true; nowhere much fewer.
 */
static void
test_difference_coverage(void **state)
{
	double sum = 0;
	int cases = 0;

	(void) state;
	for (int n = 20; n <= 100; n += 40)
		for (double share = 0.05; share < 1; share += 0.09)
			for (double other = 0.05; other < 1; other += 0.09, cases++)
			{
				double coverage = difference_coverage(n, share, 40, other);

				assert_true(coverage > 0.9 && coverage < 1);
				sum += coverage;
			}
	assert_true(fabs(sum / cases - 0.95) < 0.01);
}

/* Swapping the counts inverts the ratio; and it holds the estimate at every size. */
static void
test_count_ratio(void **state)
{
	(void) state;
	for (int i = 0; i < 500; i++)
	{
		double first = pow(10, random_share() * 15), second = pow(10, random_share() * 15);
		StpLimits narrower = {first / second, first / second};

		for (size_t c = 0; c < CONFIDENCES; c++)
		{
			StpLimits limits = stp_core_count_ratio_limits(first, second, confidences[c]);
			StpLimits swapped = stp_core_count_ratio_limits(second, first, confidences[c]);

			check_shape(limits, first / second, &narrower);
			assert_close(limits.lower, 1 / swapped.upper, 1e-14);
		}
	}
}

/* None in the first group: the upper limit of its share p solves (1 - p)^second = tail. */
static void
test_count_ratio_of_none(void **state)
{
	(void) state;
	for (double second = 1; second < 1000; second++)
	{
		StpLimits limits = stp_core_count_ratio_limits(0, second, 0.95);

		assert_true(limits.lower == 0);
		assert_close(limits.upper, expm1(-log(0.025) / second), 1e-13);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_poisson_reference),	 cmocka_unit_test(test_byar_reference),
		cmocka_unit_test(test_choice_of_method),	 cmocka_unit_test(test_counts_of_every_size),
		cmocka_unit_test(test_byar_approximates),	 cmocka_unit_test(test_wilson_solves),
		cmocka_unit_test(test_wilson_of_every_size), cmocka_unit_test(test_mean),
		cmocka_unit_test(test_difference),			 cmocka_unit_test(test_correlated_difference),
		cmocka_unit_test(test_difference_coverage),	 cmocka_unit_test(test_count_ratio),
		cmocka_unit_test(test_count_ratio_of_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
