/*
 * Unit tests of core/rank_set.c: against the method written down hypothesis by hypothesis, against
 * published quantiles of the largest of several differences, and what every set must be.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draw.h"
#include "random.h"
#include "rank_set.h"

#define UNITS 10
#define DRAWS 100000

/* Sets with their arrays. */
typedef struct Fixture
{
	double estimate[UNITS], standard_error[UNITS], error[UNITS * DRAWS], deviation[UNITS * UNITS];
	int32_t rank[UNITS], low[UNITS], high[UNITS], all_low[UNITS], all_high[UNITS];
	double largest[DRAWS];
	size_t order[DRAWS], spare[DRAWS];
	StpRankSets s;
} Fixture;

static Fixture fixture;

/* Units that are all 0, without errors yet. */
static void
prepare(size_t units, size_t draws)
{
	Fixture *f = &fixture;

	memset(f, 0, sizeof(*f));
	f->s = (StpRankSets){.units = units,
						 .draws = draws,
						 .estimate = f->estimate,
						 .error = f->error,
						 .deviation = f->deviation,
						 .confidence = 0.95,
						 .rank = f->rank,
						 .low = f->low,
						 .high = f->high,
						 .all_low = f->all_low,
						 .all_high = f->all_high,
						 .largest = f->largest,
						 .order = f->order,
						 .spare = f->spare};
}

/* Draw independent errors. */
static void
draw_errors(void)
{
	Fixture *f = &fixture;

	for (size_t d = 0; d < f->s.draws; d++)
	{
		StpDraw draw;

		stp_core_draw_start(&draw, 1, d);
		for (size_t u = 0; u < f->s.units; u++)
			f->error[u * f->s.draws + d] = f->standard_error[u] * stp_core_draw_normal(&draw);
	}
	stp_core_independent_deviations(f->standard_error, f->s.units, f->deviation);
}

/* The method as it is written: hypothesis [one][other], that one is not above the other, stands
 * until it is rejected. */
typedef struct Hypotheses
{
	bool tested[UNITS][UNITS];
	bool rejected[UNITS][UNITS];
} Hypotheses;

static double
standardise(double difference, size_t one, size_t other)
{
	double deviation = fixture.deviation[one * fixture.s.units + other];

	if (difference == 0 || isnan(deviation))
		return 0;
	return deviation == 0 ? copysign(INFINITY, difference) : difference / deviation;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

/* The quantile of the largest difference among the hypotheses that stand. */
static double
critical_value(const Hypotheses *h)
{
	const StpRankSets *s = &fixture.s;
	static double largest[DRAWS];
	double place = s->confidence * (double) (s->draws - 1);
	size_t below = (size_t) place;
	bool any = false;

	for (size_t d = 0; d < s->draws; d++)
	{
		largest[d] = -INFINITY;
		for (size_t i = 0; i < s->units; i++)
			for (size_t k = 0; k < s->units; k++)
				if (h->tested[i][k] && !h->rejected[i][k] && s->deviation[i * s->units + k] > 0)
				{
					any = true;
					largest[d] =
						fmax(largest[d], (s->error[i * s->draws + d] - s->error[k * s->draws + d]) *
											 (1 / s->deviation[i * s->units + k]));
				}
	}
	qsort(largest, s->draws, sizeof(double), by_size);
	if (!any)
		return 0;
	return fmax(0,
				largest[below] + (place - (double) below) * (largest[below + 1] - largest[below]));
}

/* Reject until nothing more is. */
static void
step_down(Hypotheses *h)
{
	const StpRankSets *s = &fixture.s;

	for (bool more = true; more;)
	{
		double critical = critical_value(h);

		more = false;
		for (size_t i = 0; i < s->units; i++)
			for (size_t k = 0; k < s->units; k++)
				if (h->tested[i][k] && !h->rejected[i][k] &&
					standardise(s->estimate[i] - s->estimate[k], i, k) > critical)
					more = h->rejected[i][k] = true;
	}
}

/* Check the set of one unit. */
static void
assert_set(const Hypotheses *h, size_t unit, int32_t low, int32_t high)
{
	int32_t better = 0, worse = 0;

	for (size_t k = 0; k < fixture.s.units; k++)
	{
		better += h->rejected[k][unit];
		worse += h->rejected[unit][k];
	}
	assert_int_equal(low, 1 + better);
	assert_int_equal(high, (int32_t) fixture.s.units - worse);
}

/* Check all sets against the method as it is written. */
static void
check_sets(void)
{
	Fixture *f = &fixture;
	size_t units = f->s.units;
	Hypotheses all = {0};

	stp_core_find_rank_sets(&f->s);
	for (size_t i = 0; i < units; i++)
		for (size_t k = 0; k < units; k++)
			all.tested[i][k] = i != k;
	step_down(&all);
	for (size_t u = 0; u < units; u++)
	{
		Hypotheses own = {0};

		for (size_t k = 0; k < units; k++)
			own.tested[u][k] = own.tested[k][u] = k != u;
		step_down(&own);
		assert_set(&own, u, f->low[u], f->high[u]);
		assert_set(&all, u, f->all_low[u], f->all_high[u]);
		/* The own set is within that of all, and has the rank. */
		assert_true(f->all_low[u] <= f->low[u] && f->high[u] <= f->all_high[u]);
		assert_true(f->low[u] <= f->rank[u] && f->rank[u] <= f->high[u]);
	}
}

/* Random estimates, some of them tied or certain, independent errors. */
static void
test_independent(void **state)
{
	Fixture *f = &fixture;

	(void) state;
	for (int round = 0; round < 150; round++)
	{
		prepare(1 + (size_t) (random_share() * 7), 101 + (size_t) (round % 3) * 100);
		f->s.confidence = 0.8 + 0.19 * random_share();
		for (size_t u = 0; u < f->s.units; u++)
		{
			f->estimate[u] = floor(random_share() * 20) / 2;
			f->standard_error[u] = random_share() < 0.2 ? 0 : random_share() * 2;
		}
		draw_errors();
		check_sets();
	}
}

/* Errors that hang on one another, and draws in which somebody has none. */
static void
test_drawn(void **state)
{
	Fixture *f = &fixture;

	(void) state;
	for (int round = 0; round < 100; round++)
	{
		prepare(2 + (size_t) (random_share() * 6), 200);
		for (size_t u = 0; u < f->s.units; u++)
		{
			f->estimate[u] = random_share() * 5;
			f->standard_error[u] = 0.1 + random_share();
		}
		draw_errors();
		for (size_t d = 0; d < f->s.draws; d++)
		{
			f->error[d] += f->error[f->s.draws + d];
			if (round % 4 == 0 && random_share() < 0.02)
				f->error[f->s.draws + d] = NAN;
		}
		stp_core_drawn_deviations(f->error, f->s.units, f->s.draws, f->deviation);
		check_sets();
	}
}

/* Whether two units so far apart among others in between are parted, all pairs tested or one's. */
static bool
are_parted(size_t units, double apart, bool all)
{
	Fixture *f = &fixture;

	prepare(units, DRAWS);
	for (size_t u = 0; u < units; u++)
	{
		f->standard_error[u] = 1;
		f->estimate[u] = u == 0 ? 0 : u == 1 ? apart : apart / 2;
	}
	draw_errors();
	stp_core_find_rank_sets(&f->s);
	return all ? f->all_low[0] > 1 : f->low[0] > 1;
}

/*
 * Among equally exact estimates the largest of all differences is the studentised range, whose 95%
 * points Tukey's method uses (3.314 for 3, 3.858 for 5, 4.474 for 10), and the largest of one's
 * with the others is what Dunnett's uses (2.212 for 2 others, 2.441 for 4, 2.686 for 9).
 */
static void
test_published(void **state)
{
	const struct
	{
		size_t units;
		double range, dunnett;
	} published[] = {{3, 3.314, 2.212}, {5, 3.858, 2.441}, {10, 4.474, 2.686}};

	(void) state;
	for (size_t i = 0; i < 3; i++)
	{
		assert_false(are_parted(published[i].units, 0.99 * published[i].range, true));
		assert_true(are_parted(published[i].units, 1.01 * published[i].range, true));
		assert_false(are_parted(published[i].units, 0.99 * published[i].dunnett * sqrt(2), false));
		assert_true(are_parted(published[i].units, 1.01 * published[i].dunnett * sqrt(2), false));
	}
}

/* Two units alone: 1.96 for each; what is certain needs no draws. */
static void
test_two(void **state)
{
	(void) state;
	assert_false(are_parted(2, 0.99 * 1.96 * sqrt(2), true));
	assert_true(are_parted(2, 1.01 * 1.96 * sqrt(2), false));
	prepare(3, 100);
	fixture.estimate[0] = 1e-9;
	fixture.estimate[1] = 0.1 + 0.2;
	fixture.estimate[2] = 0.3;
	stp_core_find_rank_sets(&fixture.s);
	assert_true(fixture.rank[0] == 3 && fixture.low[0] == 3 && fixture.high[0] == 3);
	/* the same but for the last bit is a tie */
	assert_true(fixture.rank[1] == 1 && fixture.rank[2] == 1);
	assert_true(fixture.all_low[1] == 1 && fixture.all_high[1] == 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_independent),
		cmocka_unit_test(test_drawn),
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
