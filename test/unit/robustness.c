/*
 * Unit tests of core/robustness.c: what no draw can change, what every draw must, and how often.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "robustness.h"

#define LEAVES 3
#define NODES (LEAVES + 1)
#define UNITS 5
#define DRAWS 4000
#define CATEGORIES 2

/* A root over leaves, with its arrays. */
typedef struct Fixture
{
	StpNode node[NODES];
	double value[NODES * UNITS], denominator[NODES * UNITS], score[NODES * UNITS];
	double coverage[NODES * UNITS], effective_weight[NODES * UNITS], contribution[NODES * UNITS];
	double weight[NODES], total[NODES], scale[NODES], offset[NODES], tied[UNITS], cut[CATEGORIES];
	int32_t rank[NODES * UNITS], category[NODES * UNITS];
	size_t order[NODES * UNITS], ordered[NODES], spare[UNITS], count[UNITS + 1], uncertain[NODES];
	StpBlock block[NODES];
	StpAssessment a;

	double lower[NODES * UNITS], upper[NODES * UNITS];
	int32_t ranks[UNITS * DRAWS];
	double share[UNITS * (CATEGORIES + 1)], values[NODES * UNITS], weights[NODES], normal[UNITS];
	uint32_t counted[UNITS * (UNITS + 1)];
	StpSimulation s;
} Fixture;

static Fixture fixture;

/* Values that are certain, min-max over five units that go up in steps of 10 on every leaf. */
static void
prepare(void)
{
	Fixture *f = &fixture;

	memset(f, 0, sizeof(*f));
	f->a =
		(StpAssessment){.nodes = NODES, .units = UNITS, .node = f->node, .higher_is_better = true};
	f->a.value = f->value;
	f->a.denominator = f->denominator;
	f->a.cut = f->cut;
	f->a.weight = f->weight;
	f->a.score = f->score;
	f->a.coverage = f->coverage;
	f->a.effective_weight = f->effective_weight;
	f->a.contribution = f->contribution;
	f->a.rank = f->rank;
	f->a.category = f->category;
	f->a.order = f->order;
	f->a.ordered = f->ordered;
	f->a.spare = f->spare;
	f->a.tied = f->tied;
	f->a.block = f->block;
	f->a.total = f->total;
	f->a.offset = f->offset;
	f->a.scale = f->scale;
	f->s = (StpSimulation){.assessment = &f->a, .lower = f->lower, .upper = f->upper, .seed = 7};
	f->s.draws = DRAWS;
	f->s.rank = f->ranks;
	f->s.share = f->share;
	f->s.value = f->values;
	f->s.weight = f->weights;
	f->s.count = f->count;
	f->s.normal = f->normal;
	f->s.uncertain = f->uncertain;
	f->node[0] = (StpNode){.parent = -1, .weight = 1, .decimals = -1, .categories = CATEGORIES};
	f->cut[0] = 50;
	f->cut[1] = NAN;
	for (size_t n = 1; n < NODES; n++)
		f->node[n] = (StpNode){.parent = 0,
							   .weight = 1,
							   .decimals = -1,
							   .leaf = true,
							   .method = STP_AS_IS,
							   .higher_is_better = true,
							   .low = NAN,
							   .high = NAN};
	for (size_t cell = 0; cell < NODES * UNITS; cell++)
	{
		f->value[cell] = (double) (cell % UNITS) * 10;
		f->lower[cell] = f->upper[cell] = NAN;
	}
	stp_core_assess(&f->a);
}

/* Nothing is uncertain: every draw is the rating. */
static void
test_certain(void **state)
{
	Fixture *f = &fixture;

	(void) state;
	prepare();
	stp_core_simulate(&f->s);
	for (size_t u = 0; u < UNITS; u++)
		for (int i = 0; i <= 4; i++)
			assert_int_equal(stp_core_rank_quantile(&f->s, u, i / 4.0), i == 0 ? 0 : f->rank[u]);
	for (size_t u = 0; u < UNITS; u++)
		assert_true(f->share[u * 3 + (size_t) f->category[u]] == 1);
}

/* Whoever is best on every leaf stays first whatever the weights. */
static void
test_dominant(void **state)
{
	Fixture *f = &fixture;

	(void) state;
	prepare();
	f->s.spread = 1;
	f->value[1 * UNITS + 0] = 35;
	stp_core_assess(&f->a);
	stp_core_simulate(&f->s);
	assert_int_equal(stp_core_rank_quantile(&f->s, 4, 1), 1);
	/* but the worst one, which is good at one thing, moves with the weight of it */
	assert_int_equal(stp_core_rank_quantile(&f->s, 0, 0.99), 5);
	assert_true(stp_core_rank_quantile(&f->s, 0, 0.01) < 5);
	assert_true(f->node[1].weight == 1 && f->value[1 * UNITS + 0] == 35);
}

/* A value whose limits lie 1.96 on either side of the cut's reaches it in half of the draws. */
static void
test_probability(void **state)
{
	Fixture *f = &fixture;

	(void) state;
	prepare();
	for (size_t n = 1; n < NODES; n++)
		f->value[n * UNITS + 2] = 50;
	f->lower[1 * UNITS + 2] = 47;
	f->upper[1 * UNITS + 2] = 53;
	stp_core_assess(&f->a);
	stp_core_simulate(&f->s);
	assert_true(fabs(f->share[2 * 3 + 1] - 0.5) < 5 * sqrt(0.25 / DRAWS));
	assert_true(f->share[2 * 3 + 1] + f->share[2 * 3 + 2] == 1);
	/* one sided: only the draws on that side move it */
	f->upper[1 * UNITS + 2] = 50;
	for (size_t n = 1; n < NODES; n++)
		f->value[n * UNITS + 2] = 50;
	stp_core_assess(&f->a);
	stp_core_simulate(&f->s);
	assert_true(fabs(f->share[2 * 3 + 2] - 0.5) < 5 * sqrt(0.25 / DRAWS));
}

/* The same seed, the same ranks; more draws begin with the same ones; another seed, others. */
static void
test_seed(void **state)
{
	Fixture *f = &fixture;
	int32_t first[UNITS * DRAWS];
	bool same = true;

	(void) state;
	prepare();
	f->s.spread = 0.9;
	f->value[1 * UNITS + 0] = 75;
	f->value[2 * UNITS + 1] = 55;
	stp_core_assess(&f->a);
	stp_core_simulate(&f->s);
	memcpy(first, f->ranks, sizeof(first));
	stp_core_simulate(&f->s);
	assert_memory_equal(first, f->ranks, sizeof(first));
	f->s.draws = DRAWS / 2;
	stp_core_simulate(&f->s);
	for (size_t u = 0; u < UNITS; u++)
		assert_memory_equal(first + u * DRAWS, f->ranks + u * (DRAWS / 2),
							DRAWS / 2 * sizeof(int32_t));
	f->s.seed = 8;
	stp_core_simulate(&f->s);
	for (size_t u = 0; u < UNITS; u++)
		for (size_t d = 0; d < DRAWS / 2; d++)
			same = same && first[u * DRAWS + d] == f->ranks[u * (DRAWS / 2) + d];
	assert_false(same);
}

/* Who has nothing has no rank, in no draw. */
static void
test_missing(void **state)
{
	Fixture *f = &fixture;

	(void) state;
	prepare();
	for (size_t n = 1; n < NODES; n++)
		f->value[n * UNITS + 3] = NAN;
	stp_core_assess(&f->a);
	f->s.spread = 0.5;
	stp_core_simulate(&f->s);
	assert_int_equal(stp_core_rank_quantile(&f->s, 3, 0.5), 0);
	assert_true(f->share[3 * 3] == 1);
	assert_int_equal(stp_core_rank_quantile(&f->s, 4, 0.95), 1);
	assert_int_equal(stp_core_rank_quantile(&f->s, 0, 0.05), 4);
}

/* Ranks that are counted give the quantiles of ranks that are kept. */
static void
test_counted(void **state)
{
	Fixture *f = &fixture;
	StpSimulation counted;

	(void) state;
	prepare();
	f->s.spread = 0.9;
	f->value[1 * UNITS + 0] = 75;
	for (size_t n = 1; n < NODES; n++)
		f->value[n * UNITS + 3] = NAN;
	f->lower[2 * UNITS + 1] = 0;
	f->upper[2 * UNITS + 1] = 90;
	stp_core_assess(&f->a);
	counted = f->s;
	counted.rank = NULL;
	counted.counted = f->counted;
	for (size_t draws = 1; draws <= DRAWS; draws = 3 * draws + 1)
	{
		counted.draws = f->s.draws = draws;
		stp_core_simulate(&counted);
		stp_core_simulate(&f->s);
		for (size_t u = 0; u < UNITS; u++)
			for (int i = 0; i <= 100; i++)
				assert_int_equal(stp_core_rank_quantile(&counted, u, i / 100.0),
								 stp_core_rank_quantile(&f->s, u, i / 100.0));
	}
}

/* As many draws as ranks: no rank, and one for each unit. */
static void
test_smaller_form(void **state)
{
	(void) state;
	assert_true(stp_core_counts_ranks(42, 1000000));
	assert_true(stp_core_counts_ranks(0, 1));
	assert_false(stp_core_counts_ranks(10000, 1000));
	assert_false(stp_core_counts_ranks(10000, 10000));
	assert_true(stp_core_counts_ranks(10000, 10001));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certain),		 cmocka_unit_test(test_dominant),
		cmocka_unit_test(test_probability),	 cmocka_unit_test(test_seed),
		cmocka_unit_test(test_missing),		 cmocka_unit_test(test_counted),
		cmocka_unit_test(test_smaller_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
