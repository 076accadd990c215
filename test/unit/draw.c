/*
 * Unit tests of core/draw.c: the same numbers for the same seed, and the distributions they claim.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "draw.h"

#define DRAWS 1000000

static int
compare(const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

/* The largest distance between the draws' distribution function and the given one. */
static double
distance(double (*draw)(StpDraw *), double (*distribution)(double))
{
	StpDraw stream;
	double *drawn = malloc(DRAWS * sizeof(double));
	double largest = 0;

	stp_core_draw_start(&stream, 1, 2);
	for (int i = 0; i < DRAWS; i++)
		drawn[i] = draw(&stream);
	qsort(drawn, DRAWS, sizeof(double), compare);
	for (int i = 0; i < DRAWS; i++)
		largest = fmax(largest, fabs(distribution(drawn[i]) - (i + 0.5) / DRAWS));
	free(drawn);
	return largest;
}

static double
uniform_distribution(double x)
{
	return x;
}

static double
normal_distribution(double x)
{
	return erfc(-x / sqrt(2)) / 2;
}

/* Kolmogorov's bound: 2 in a million seeds would fail at 2.6 / sqrt(n). */
static void
test_distributions(void **state)
{
	(void) state;
	assert_true(distance(stp_core_draw_uniform, uniform_distribution) < 2.6 / sqrt(DRAWS));
	assert_true(distance(stp_core_draw_normal, normal_distribution) < 2.6 / sqrt(DRAWS));
}

/* Published ratings of robustness must come out again: these numbers may never change. */
static void
test_fixed(void **state)
{
	StpDraw draw;

	(void) state;
	stp_core_draw_start(&draw, 42, 7);
	assert_true(stp_core_draw_uniform(&draw) == 0.44255783193913845);
	assert_true(stp_core_draw_uniform(&draw) == 0.94312952069564482);
	assert_true(stp_core_draw_normal(&draw) == 0.42961096579342561);
}

/* Many at once are the same as one after the other. */
static void
test_many(void **state)
{
	StpDraw one, many;
	double normal[1000];

	(void) state;
	stp_core_draw_start(&one, 3, 1);
	many = one;
	for (size_t n = 0; n <= 1000; n += 250)
	{
		stp_core_draw_normals(&many, normal, n);
		for (size_t i = 0; i < n; i++)
			assert_true(normal[i] == stp_core_draw_normal(&one));
	}
	assert_true(one.state == many.state);
}

/* The first numbers of neighbouring streams and seeds have nothing to do with one another. */
static void
test_streams(void **state)
{
	double sum = 0, product = 0, before = 0.5;

	(void) state;
	for (uint64_t i = 0; i < DRAWS; i++)
	{
		StpDraw draw;
		double u;

		stp_core_draw_start(&draw, i & 1, i >> 1);
		u = stp_core_draw_uniform(&draw);
		assert_true(u > 0 && u < 1);
		sum += u;
		product += (u - 0.5) * (before - 0.5);
		before = u;
	}
	assert_true(fabs(sum / DRAWS - 0.5) < 5 * sqrt(1.0 / 12 / DRAWS));
	assert_true(fabs(product / DRAWS) < 5 * (1.0 / 12) / sqrt(DRAWS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distributions),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
