/*
 * Unit tests of core/comparison.c: how often a change is called certain where nothing has changed,
 * and where all is known.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "comparison.h"
#include "draw.h"

#define LEAVES 4
#define NODES (LEAVES + 1)
#define UNITS 12
#define CELLS (NODES * UNITS)
#define DRAWS 400
#define CATEGORIES 2
#define TIMES 300
/* Deviations to a 95% limit, and what one is. */
#define WIDTH 1.959963984540054
#define DEVIATION 4

/* One period: a root over leaves, with its arrays. */
typedef struct Side
{
	StpNode node[NODES];
	double value[CELLS], denominator[CELLS], score[CELLS], coverage[CELLS], effective_weight[CELLS],
		contribution[CELLS];
	double weight[NODES], total[NODES], scale[NODES], offset[NODES], tied[UNITS], cut[CATEGORIES];
	int32_t rank[CELLS], category[CELLS];
	size_t order[CELLS], ordered[NODES], spare[UNITS];
	StpBlock block[NODES];
	StpAssessment a;

	double lower[CELLS], upper[CELLS], kept[CELLS], chance[CELLS];
	bool uncertain[NODES];
	int32_t ranks[UNITS * DRAWS];
	StpSimulation drawn;
} Side;

typedef struct Fixture
{
	Side side[2];
	size_t former[UNITS];
	double correlation[NODES], rise[CELLS], move[UNITS * STP_MOVES], weight[NODES];
	StpComparedPeriods c;
} Fixture;

static Fixture fixture;

/* One period's assessment and draws, in their arrays. */
static StpPeriodDraws
prepare_side(Side *s, StpMethod method)
{
	s->a = (StpAssessment){.nodes = NODES, .units = UNITS, .node = s->node};
	s->a.higher_is_better = true;
	s->a.value = s->value;
	s->a.denominator = s->denominator;
	s->a.cut = s->cut;
	s->a.weight = s->weight;
	s->a.score = s->score;
	s->a.coverage = s->coverage;
	s->a.effective_weight = s->effective_weight;
	s->a.contribution = s->contribution;
	s->a.rank = s->rank;
	s->a.category = s->category;
	s->a.order = s->order;
	s->a.ordered = s->ordered;
	s->a.tied = s->tied;
	s->a.spare = s->spare;
	s->a.block = s->block;
	s->a.total = s->total;
	s->a.offset = s->offset;
	s->a.scale = s->scale;
	s->node[0] = (StpNode){.parent = -1, .weight = 1, .decimals = -1, .categories = CATEGORIES};
	s->cut[0] = 50;
	s->cut[1] = NAN;
	for (size_t n = 1; n < NODES; n++)
		s->node[n] = (StpNode){.parent = 0,
							   .weight = (double) n,
							   .decimals = -1,
							   .leaf = true,
							   .method = method,
							   .higher_is_better = true,
							   .low = NAN,
							   .high = NAN};
	s->drawn = (StpSimulation){.assessment = &s->a, .draws = DRAWS, .rank = s->ranks};
	return (StpPeriodDraws){.assessment = &s->a,
							.lower = s->lower,
							.upper = s->upper,
							.ranks = &s->drawn,
							.value = s->kept,
							.chance = s->chance,
							.uncertain = s->uncertain};
}

/* The same units in both periods, whose values are certain and as much above one another on every
 * leaf. */
static void
prepare(StpMethod method)
{
	Fixture *f = &fixture;

	memset(f, 0, sizeof(*f));
	f->c = (StpComparedPeriods){.before = prepare_side(&f->side[0], method),
								.after = prepare_side(&f->side[1], method),
								.former = f->former,
								.correlation = f->correlation,
								.seed = 7,
								.draws = DRAWS,
								.rise = f->rise,
								.move = f->move,
								.weight = f->weight};
	for (size_t u = 0; u < UNITS; u++)
		f->former[u] = u;
	for (int period = 0; period < 2; period++)
		for (size_t cell = 0; cell < CELLS; cell++)
		{
			f->side[period].value[cell] = (double) (cell % UNITS) * 10;
			f->side[period].lower[cell] = f->side[period].upper[cell] = NAN;
		}
}

/* Rate both periods, and draw them. */
static void
compare(void)
{
	for (int period = 0; period < 2; period++)
		stp_core_assess(&fixture.side[period].a);
	stp_core_compare_periods(&fixture.c);
}

/* How far a value is from what it is, in deviations. */
typedef double Chance[CELLS];

static void
draw_chance(StpDraw *draw, Chance chance)
{
	for (size_t cell = UNITS; cell < CELLS; cell++)
		chance[cell] = stp_core_draw_normal(draw);
}

/* Report what never changes, but for chance. */
static void
report(Side *s, const Chance chance)
{
	for (size_t cell = UNITS; cell < CELLS; cell++)
	{
		s->value[cell] = (double) (cell % UNITS) * 2 + 40 + DEVIATION * chance[cell];
		s->lower[cell] = s->value[cell] - WIDTH * DEVIATION;
		s->upper[cell] = s->value[cell] + WIDTH * DEVIATION;
	}
}

/* Part of the changes, all of them chance, that the draws are 97.5% sure of, up or down. The chance
 * in the two periods has one correlation, and is drawn with another. */
static double
false_alarms(StpMethod method, double correlation, double drawn)
{
	Fixture *f = &fixture;
	StpDraw draw;
	int sure[2] = {0, 0};

	prepare(method);
	for (size_t n = 1; n < NODES; n++)
		f->correlation[n] = drawn;
	stp_core_draw_start(&draw, 1, 1);
	for (int i = 0; i < TIMES; i++)
	{
		Chance before, after;

		draw_chance(&draw, before);
		draw_chance(&draw, after);
		for (size_t cell = UNITS; cell < CELLS; cell++)
			after[cell] =
				correlation * before[cell] + sqrt(1 - correlation * correlation) * after[cell];
		report(&f->side[0], before);
		report(&f->side[1], after);
		f->c.seed = (uint64_t) i;
		compare();
		for (size_t u = 0; u < UNITS; u++)
		{
			sure[0] += f->rise[u] < 0.025;
			sure[1] += f->rise[u] > 0.975;
		}
	}
	/* One side is as the other. */
	assert_true(fabs((double) (sure[0] - sure[1])) <= 4 * sqrt(sure[0] + sure[1]));
	return (double) (sure[0] + sure[1]) / (TIMES * UNITS);
}

static void
assert_share(double share, double least, double most)
{
	assert_true(share >= least && share <= most);
}

/* Where nothing changes, 5% of the changes are said to be certain; fewer where ranks or the ends of
 * a range are taken, whose draws have more chance than the figures. */
static void
test_no_change(void **state)
{
	(void) state;
	assert_share(false_alarms(STP_AS_IS, 0, 0), 0.04, 0.06);
	assert_share(false_alarms(STP_Z_SCORE, 0, 0), 0.035, 0.06);
	assert_share(false_alarms(STP_MIN_MAX, 0, 0), 0.02, 0.06);
	assert_share(false_alarms(STP_PERCENTILE_RANK, 0, 0), 0.01, 0.06);
}

/* The same where the two periods share months; not where they share none and are drawn as if they
 * did, nor the other way round. */
static void
test_shared_months(void **state)
{
	(void) state;
	assert_share(false_alarms(STP_AS_IS, 0.8, 0.8), 0.04, 0.06);
	assert_share(false_alarms(STP_AS_IS, 0, 1), 0.99, 1);
	assert_share(false_alarms(STP_Z_SCORE, 0, 1), 0.5, 1);
	assert_share(false_alarms(STP_AS_IS, 0.8, 0), 0, 0.001);
}

/* Nothing is uncertain: every draw is the rating, and says which way it moved. */
static void
test_certain(void **state)
{
	Fixture *f = &fixture;

	(void) state;
	prepare(STP_AS_IS);
	f->side[1].value[UNITS + 4] += 100;
	f->side[1].value[UNITS + 6] -= 1;
	compare();
	for (size_t u = 0; u < UNITS; u++)
	{
		assert_true(f->rise[u] == (u == 4 ? 1 : u == 6 ? 0 : 0.5));
		assert_true(f->rise[2 * UNITS + u] == 0.5);
		assert_true(f->move[u * STP_MOVES + STP_SAME] == (u == 4 ? 0 : 1));
		assert_true(f->move[u * STP_MOVES + STP_BETTER] == (u == 4 ? 1 : 0));
		for (size_t draw = 0; draw < DRAWS; draw++)
		{
			assert_int_equal(f->side[0].ranks[u * DRAWS + draw], UNITS - u);
			assert_int_equal(f->side[1].ranks[u * DRAWS + draw], f->side[1].rank[u]);
		}
	}
}

/* The same reports in both periods: nothing moves, whatever is drawn; and all is put back. */
static void
test_same_reports(void **state)
{
	Fixture *f = &fixture;
	Chance chance;
	StpDraw draw;

	(void) state;
	prepare(STP_Z_SCORE);
	stp_core_draw_start(&draw, 3, 3);
	draw_chance(&draw, chance);
	for (int period = 0; period < 2; period++)
		report(&f->side[period], chance);
	for (size_t n = 1; n < NODES; n++)
		f->correlation[n] = 1;
	f->c.spread = 0.5;
	compare();
	for (size_t cell = 0; cell < CELLS; cell++)
		assert_true(f->rise[cell] == 0.5);
	for (size_t u = 0; u < UNITS; u++)
		assert_true(f->move[u * STP_MOVES + STP_SAME] == 1);
	assert_memory_equal(f->side[0].ranks, f->side[1].ranks, sizeof(f->side[0].ranks));
	assert_memory_equal(f->side[0].value, f->side[0].kept, sizeof(f->side[0].value));
	for (size_t n = 1; n < NODES; n++)
		assert_true(f->side[0].node[n].weight == (double) n && f->side[1].node[n].weight == n);
}

/* Who was not rated before is compared with nobody, and others with themselves. */
static void
test_new_units(void **state)
{
	Fixture *f = &fixture;

	(void) state;
	prepare(STP_AS_IS);
	f->former[0] = STP_NO_PLACE;
	for (size_t u = 1; u < UNITS; u++)
		f->former[u] = u - 1;
	compare();
	for (size_t u = 0; u < UNITS; u++)
	{
		assert_true(f->rise[u] == (u == 0 ? 0 : 1));
		assert_true(u > 0 || f->move[STP_SAME] + f->move[STP_BETTER] + f->move[STP_WORSE] == 0);
	}
}

/* The later ranks are those that are drawn for its period alone. */
static void
test_as_robustness(void **state)
{
	static int32_t ranks[UNITS * DRAWS];
	static double share[UNITS * (CATEGORIES + 1)], value[CELLS], weight[NODES];
	static double normal[UNITS];
	static size_t count[UNITS + 1], uncertain[NODES];
	Fixture *f = &fixture;
	Chance chance;
	StpDraw draw;
	StpSimulation s;

	(void) state;
	prepare(STP_PERCENTILE_RANK);
	stp_core_draw_start(&draw, 5, 5);
	for (int period = 0; period < 2; period++)
	{
		draw_chance(&draw, chance);
		report(&f->side[period], chance);
	}
	f->correlation[1] = 0.5;
	f->c.spread = 0.25;
	compare();
	s = (StpSimulation){.assessment = &f->side[1].a,
						.lower = f->side[1].lower,
						.upper = f->side[1].upper,
						.spread = 0.25,
						.seed = f->c.seed,
						.draws = DRAWS,
						.rank = ranks,
						.share = share,
						.value = value,
						.weight = weight,
						.normal = normal,
						.uncertain = uncertain,
						.count = count};
	stp_core_assess(&f->side[1].a);
	stp_core_simulate(&s);
	assert_memory_equal(ranks, f->side[1].ranks, sizeof(ranks));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_change), cmocka_unit_test(test_shared_months),
		cmocka_unit_test(test_certain),	  cmocka_unit_test(test_same_reports),
		cmocka_unit_test(test_new_units), cmocka_unit_test(test_as_robustness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
