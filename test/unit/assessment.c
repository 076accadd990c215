/*
 * Unit tests of core/assessment.c: random trees over random values with holes, and what must hold
 * of every rating.
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
#include "assessment.h"
#include "order.h"

#define NODES 40
#define UNITS 30
#define TREES 300
#define CUTS 8
#define RULES 2
#define BRACKETS 6
/* Of the numbers that needed values are compared with. */
#ifndef STEP
#define STEP 4
#endif
/* The value below which the rule of add_rule() holds. */
#define RULE_AT 40

/* An assessment with its arrays. */
typedef struct Fixture
{
	StpNode node[NODES];
	double value[NODES * UNITS], denominator[NODES * UNITS], score[NODES * UNITS],
		coverage[NODES * UNITS];
	double effective_weight[NODES * UNITS], contribution[NODES * UNITS];
	double weight[NODES], total[NODES], scale[NODES], offset[NODES], tied[UNITS], cut[CUTS];
	int32_t rank[NODES * UNITS], category[NODES * UNITS];
	bool fired[RULES * UNITS];
	size_t order[NODES * UNITS], ordered[NODES], spare[UNITS];
	StpBlock block[NODES];
	double slope[NODES], quartile[NODES * STP_QUARTILE_ENDS], kept[4 * NODES * UNITS];
	int32_t qualified[NODES * UNITS];
	bool pivots[NODES * UNITS];
	double eligible[UNITS], group_cut[(NODES + 1) * CUTS], centre[CUTS];
	double number[UNITS], scaled[UNITS], sum[UNITS + 1], squares[UNITS + 1], cost[2 * UNITS];
	uint32_t begin[CUTS * UNITS];
	StpAssessment a;
} Fixture;

static Fixture fixture;
/* How many of the values looked for were found, skip a category, lie in the worse direction. */
static int needed_values, skipped, turned;

/* Whether a node has children. */
static bool
has_children(size_t node)
{
	for (size_t n = node + 1; n < fixture.a.nodes; n++)
		if (fixture.node[n].parent == (int) node)
			return true;
	return false;
}

/* Connect the arrays; all nodes are leaves until they get children. */
static void
prepare(size_t nodes, size_t units)
{
	Fixture *f = &fixture;

	memset(f, 0, sizeof(*f));
	f->a =
		(StpAssessment){.nodes = nodes,
						.units = units,
						.node = f->node,
						.higher_is_better = true,
						.value = f->value,
						.denominator = f->denominator,
						.cut = f->cut,
						.weight = f->weight,
						.score = f->score,
						.coverage = f->coverage,
						.effective_weight = f->effective_weight,
						.contribution = f->contribution,
						.rank = f->rank,
						.category = f->category,
						.fired = f->fired,
						.order = f->order,
						.ordered = f->ordered,
						.spare = f->spare,
						.tied = f->tied,
						.block = f->block,
						.total = f->total,
						.scale = f->scale,
						.offset = f->offset,
						.slope = f->slope,
						.quartile = f->quartile,
						.kept = f->kept,
						.qualified = f->qualified,
						.pivots = f->pivots,
						.eligible = f->eligible,
						.group_cut = f->group_cut,
						.centre = f->centre,
						.clusters = {f->number, f->scaled, f->sum, f->squares, f->cost, f->begin},
						.strict = NAN};
	for (size_t n = 0; n < nodes; n++)
		f->node[n] = (StpNode){.parent = -1,
							   .weight = 1,
							   .leaf = true,
							   .decimals = -1,
							   .scale_low = NAN,
							   .scale_high = NAN,
							   .scores_rise = true,
							   .per = 1,
							   .method = STP_AS_IS,
							   .higher_is_better = true,
							   .low = NAN,
							   .high = NAN,
							   .standard = NAN,
							   .floor = NAN};
	for (size_t cell = 0; cell < NODES * UNITS; cell++)
		f->value[cell] = NAN;
}

/* A random tree in preorder, random weights, positive values of which a fifth are missing. */
static void
prepare_tree(StpAggregation aggregation, size_t nodes)
{
	size_t units = 1 + (size_t) (random_share() * (UNITS - 1));

	prepare(2 + (size_t) (random_share() * (double) (nodes - 2)), units);
	for (size_t n = 1; n < fixture.a.nodes; n++)
	{
		/* A parent on the path to the node before, so that the order stays a preorder. */
		int parent = (int) n - 1;

		while (parent > 0 && random_share() < 0.5)
			parent = fixture.node[parent].parent;
		fixture.node[n].parent = parent;
		fixture.node[n].weight = 0.1 + random_share();
	}
	stp_core_total_weights(fixture.node, fixture.a.nodes);
	for (size_t n = 0; n < fixture.a.nodes; n++)
	{
		fixture.node[n].leaf = !has_children(n);
		fixture.node[n].aggregation = aggregation;
		for (size_t u = 0; fixture.node[n].leaf && u < fixture.a.units; u++)
			if (random_share() < 0.8)
				fixture.value[n * fixture.a.units + u] = 2 + 98 * random_share();
	}
}

static void
prepare_random(StpAggregation aggregation)
{
	prepare_tree(aggregation, NODES);
}

static void
assert_close(double ours, double expected)
{
	if (!(fabs(ours - expected) <= 1e-9 * fmax(fabs(expected), 1)))
		print_error("%.17g is not %.17g\n", ours, expected);
	assert_true(fabs(ours - expected) <= 1e-9 * fmax(fabs(expected), 1));
}

/* Whether a node has a score, and all above it. */
static bool
is_counted(size_t node, size_t unit)
{
	bool counted = true;

	for (int n = (int) node; n >= 0; n = fixture.node[n].parent)
		counted = counted && !isnan(fixture.score[(size_t) n * fixture.a.units + unit]);
	return counted;
}

/* Children add up to their parents, and leaves to the whole. */
static void
check_sums(size_t unit)
{
	const StpAssessment *a = &fixture.a;
	double leaves = 0, weights = 0, present = 0;

	if (isnan(a->score[unit]))
		return;
	for (size_t n = 0; n < a->nodes; n++)
	{
		size_t cell = n * a->units + unit;
		double children = 0;

		for (size_t c = n + 1; c < a->nodes; c++)
			if (a->node[c].parent == (int) n && !isnan(a->score[c * a->units + unit]))
				children += a->contribution[c * a->units + unit];
		if (!a->node[n].leaf && is_counted(n, unit))
			assert_close(children, a->contribution[cell]);
		if (a->node[n].leaf && is_counted(n, unit))
		{
			leaves += a->contribution[cell];
			weights += a->effective_weight[cell];
			present += a->weight[n];
		}
	}
	assert_close(leaves, a->score[unit]);
	assert_close(weights, 1);
	assert_close(present, a->coverage[unit]);
	for (size_t n = 0; n < a->nodes && a->shares_overall; n++)
		if (a->node[n].leaf && is_counted(n, unit))
			assert_close(a->effective_weight[n * a->units + unit], a->weight[n] / present);
}

/* Means lie between the least and the greatest of what they are means of. */
static void
check_between(size_t unit)
{
	const StpAssessment *a = &fixture.a;

	for (size_t n = 0; n < a->nodes; n++)
	{
		double least = INFINITY, greatest = -INFINITY;
		double score = a->score[n * a->units + unit] / stp_core_times_mean(&a->node[n]);

		for (size_t c = n + 1; c < a->nodes; c++)
			if (a->node[c].parent == (int) n)
			{
				least = fmin(least, a->score[c * a->units + unit]);
				greatest = fmax(greatest, a->score[c * a->units + unit]);
			}
		if (!a->node[n].leaf && !isnan(score))
			assert_true(score >= least - 1e-9 && score <= greatest + 1e-9);
		if (!a->node[n].leaf && least <= greatest)
			assert_false(isnan(score));
	}
}

/* A rank is one more than the number of units that are better. */
static void
check_ranks(size_t node)
{
	const StpAssessment *a = &fixture.a;
	const double *score = a->score + node * a->units;

	for (size_t u = 0; u < a->units; u++)
	{
		int32_t better = 0;

		for (size_t v = 0; v < a->units; v++)
			better += score[v] > score[u] && !stp_core_tied(score[v], score[u], 0);
		assert_int_equal(a->rank[node * a->units + u], isnan(score[u]) ? 0 : better + 1);
	}
}

static void
test_random_trees(void **state)
{
	static const StpAggregation aggregations[] = {STP_ARITHMETIC, STP_GEOMETRIC, STP_HARMONIC,
												  STP_SUM};

	(void) state;
	for (int tree = 0; tree < TREES; tree++)
	{
		prepare_random(aggregations[tree % 4]);
		fixture.a.shares_overall = tree % 3 == 0;
		stp_core_assess(&fixture.a);
		for (size_t u = 0; u < fixture.a.units; u++)
		{
			check_sums(u);
			check_between(u);
		}
		for (size_t n = 0; n < fixture.a.nodes; n++)
			check_ranks(n);
	}
}

/* A scale that a node is scored on: its parent's, or where that rescales any. */
static void
choose_scale(size_t n)
{
	StpNode *node = &fixture.node[n], *parent = &fixture.node[n == 0 ? 0 : node->parent];
	bool free = n == 0 || parent->rescales;
	bool full = !free && parent->scale_low == 0 && parent->scale_high == 100 &&
				parent->scores_rise == fixture.a.higher_is_better;

	node->rescales = !node->leaf && (free || full) && random_share() < 0.6;
	node->scale_low = free ? 1 + 5 * random_share() : parent->scale_low;
	node->scale_high = free ? node->scale_low + 1 + 9 * random_share() : parent->scale_high;
	node->scores_rise = free ? random_share() < 0.5 : parent->scores_rise;
	if (!node->rescales)
		return;
	node->scale_low = 0;
	node->scale_high = 100;
	node->scores_rise = fixture.a.higher_is_better;
}

/* Where on its scale a score is, 0 to 100 in the direction of the scheme. */
static double
place_on_scale(const StpNode *node, double score)
{
	double share = (score - node->scale_low) / (node->scale_high - node->scale_low);

	return 100 * (node->scores_rise == fixture.a.higher_is_better ? share : 1 - share);
}

/* A random tree on random scales, whose leaves have random places on theirs. */
static void
prepare_scales(StpAggregation aggregation, int tree)
{
	prepare_random(aggregation);
	fixture.a.higher_is_better = random_share() < 0.5;
	fixture.a.shares_overall = tree % 5 < 2;
	for (size_t n = 0; n < fixture.a.nodes; n++)
	{
		StpNode *node = &fixture.node[n];

		choose_scale(n);
		node->higher_is_better = node->scores_rise;
		/* Not where what is rounded over the end of a scale has no logarithm. */
		node->decimals = tree % 12 == 3 || tree % 12 == 8 ? (int) n % 3 : -1;
		for (size_t u = 0; u < fixture.a.units; u++)
			fixture.value[n * fixture.a.units + u] =
				node->scale_low +
				fixture.value[n * fixture.a.units + u] / 101 * (node->scale_high - node->scale_low);
	}
}

/* To rescale on the way up is to have had all leaves on one scale: means are linear. */
static void
check_linear(void)
{
	static Fixture scaled;

	scaled = fixture;
	for (size_t n = 0; n < fixture.a.nodes; n++)
	{
		fixture.node[n].rescales = false;
		for (size_t u = 0; u < fixture.a.units; u++)
			fixture.value[n * fixture.a.units + u] =
				place_on_scale(&scaled.node[n], fixture.value[n * fixture.a.units + u]);
	}
	stp_core_assess(&fixture.a);
	for (size_t u = 0; u < fixture.a.units; u++)
		if (isnan(fixture.score[u]))
			assert_true(isnan(scaled.score[u]));
		else
			assert_close(place_on_scale(&scaled.node[0], scaled.score[u]), fixture.score[u]);
	for (size_t cell = 0; cell < fixture.a.nodes * fixture.a.units; cell++)
		if (scaled.node[0].rescales && !isnan(fixture.contribution[cell]))
			assert_close(scaled.contribution[cell], fixture.contribution[cell]);
}

static void
test_scales(void **state)
{
	static const StpAggregation aggregations[] = {STP_ARITHMETIC, STP_GEOMETRIC, STP_HARMONIC,
												  STP_SUM};
	int rescaling = 0;

	(void) state;
	for (int tree = 0; tree < 4 * TREES; tree++)
	{
		prepare_scales(aggregations[tree % 4], tree);
		for (size_t n = 0; n < fixture.a.nodes; n++)
			rescaling += fixture.node[n].rescales;
		stp_core_assess(&fixture.a);
		for (size_t u = 0; u < fixture.a.units; u++)
			check_sums(u);
		if (tree % 4 == 0 && tree % 12 != 8)
			check_linear();
	}
	assert_true(rescaling > TREES);
}

/* A root with two leaves and one unit. */
static void
prepare_pair(StpAggregation aggregation, double first, double second)
{
	prepare(3, 1);
	fixture.node[0].leaf = false;
	fixture.node[0].aggregation = aggregation;
	fixture.node[1].parent = fixture.node[2].parent = 0;
	fixture.value[1] = first;
	fixture.value[2] = second;
	stp_core_assess(&fixture.a);
}

static void
test_edges(void **state)
{
	(void) state;
	/* nothing reported */
	prepare_pair(STP_ARITHMETIC, NAN, NAN);
	assert_true(isnan(fixture.score[0]) && isnan(fixture.contribution[0]));
	assert_true(fixture.coverage[0] == 0 && fixture.effective_weight[0] == 0);
	/* no mean of the logarithms of these */
	prepare_pair(STP_GEOMETRIC, 0, 4);
	assert_true(isnan(fixture.score[0]) && fixture.coverage[0] == 1);
	assert_true(fixture.effective_weight[1] == 0 && isnan(fixture.contribution[1]));
	/* but one that weighs nothing needs no logarithm */
	prepare_pair(STP_GEOMETRIC, 0, 4);
	fixture.node[1].weight = 0;
	stp_core_assess(&fixture.a);
	assert_true(fixture.score[0] == 4 && fixture.coverage[0] == 1);
	assert_true(fixture.contribution[1] == 0 && fixture.contribution[2] == 4);
	/* a geometric mean of 1 has no logarithm to split */
	prepare_pair(STP_GEOMETRIC, 0.5, 2);
	assert_true(fixture.score[0] == 1 && isnan(fixture.contribution[1]));
	/* a mean beyond the largest number is no score */
	prepare_pair(STP_ARITHMETIC, 1.7e308, 1.7e308);
	assert_true(isnan(fixture.score[0]));
	/* a root alone */
	prepare(1, 2);
	fixture.value[0] = 3;
	fixture.value[1] = NAN;
	stp_core_assess(&fixture.a);
	assert_true(fixture.contribution[0] == 3 && fixture.rank[0] == 1 && fixture.rank[1] == 0);
	/* nobody to rate */
	prepare(1, 0);
	stp_core_assess(&fixture.a);
}

/* Whether a node has no second child. */
static bool
has_only_child(size_t node)
{
	int children = 0;

	for (size_t n = node + 1; n < fixture.a.nodes; n++)
		children += fixture.node[n].parent == (int) node;
	return children < 2;
}

/* A node without weight: the others are as if it were not there. */
static void
check_idle(size_t idle)
{
	static Fixture with;
	size_t cells = idle * fixture.a.units;

	stp_core_assess(&fixture.a);
	with = fixture;
	/* The last of a preorder can be cut off. */
	fixture.a.nodes = idle;
	stp_core_assess(&fixture.a);
	assert_memory_equal(with.score, fixture.score, cells * sizeof(double));
	assert_memory_equal(with.coverage, fixture.coverage, cells * sizeof(double));
	assert_memory_equal(with.effective_weight, fixture.effective_weight, cells * sizeof(double));
	for (size_t u = 0; u < fixture.a.units; u++)
		assert_true(with.weight[idle] == 0 && with.effective_weight[cells + u] == 0 &&
					!(with.contribution[cells + u] != 0 && !isnan(with.contribution[cells + u])));
}

static void
test_minimum_coverage(void **state)
{
	(void) state;
	/* A child below its own minimum is missing to its parent, with all of its weight. */
	prepare(5, 1);
	fixture.node[0].leaf = fixture.node[1].leaf = false;
	fixture.node[1].minimum_coverage = 0.6;
	fixture.node[1].parent = fixture.node[4].parent = 0;
	fixture.node[2].parent = fixture.node[3].parent = 1;
	fixture.value[2] = 10;
	fixture.value[4] = 30;
	stp_core_assess(&fixture.a);
	assert_true(isnan(fixture.score[1]) && fixture.coverage[1] == 0.5);
	assert_true(fixture.score[0] == 30 && fixture.coverage[0] == 0.5);
	assert_true(fixture.effective_weight[2] == 0 && fixture.effective_weight[4] == 1);
	fixture.node[1].minimum_coverage = 0.5;
	stp_core_assess(&fixture.a);
	assert_true(fixture.score[0] == 20 && fixture.coverage[0] == 0.75);
	/* The half of it that is missing goes to all, not to the sibling. */
	fixture.a.shares_overall = true;
	stp_core_assess(&fixture.a);
	assert_close(fixture.score[0], (0.25 * 10 + 0.5 * 30) / 0.75);
	assert_true(fixture.coverage[0] == 0.75);
	assert_close(fixture.effective_weight[1], 1 / 3.0);
	/* What has no score is not present, although something below it is. */
	fixture.node[1].minimum_coverage = 0.6;
	stp_core_assess(&fixture.a);
	assert_true(fixture.score[0] == 30 && fixture.effective_weight[2] == 0);
	fixture.node[1].minimum_coverage = 0;
	fixture.node[1].aggregation = STP_GEOMETRIC;
	fixture.value[2] = -1;
	stp_core_assess(&fixture.a);
	assert_true(isnan(fixture.score[1]) && fixture.score[0] == 30);
	assert_true(fixture.effective_weight[4] == 1 && fixture.effective_weight[1] == 0);
}

/* Segments 1 to 4, 1 best, beside percentages: ends meet ends, and ranks go the way scores do. */
static void
test_ends(void **state)
{
	static const double segments[] = {1, 4, 2.5}, shares[] = {100, 0, 50};

	(void) state;
	for (int higher = 0; higher < 2; higher++)
	{
		prepare(4, 3);
		fixture.a.higher_is_better = higher;
		fixture.node[0].leaf = fixture.node[1].leaf = false;
		fixture.node[0].rescales = true;
		fixture.node[1].parent = fixture.node[3].parent = 0;
		fixture.node[2].parent = 1;
		for (int n = 1; n < 3; n++)
		{
			fixture.node[n].scale_low = 1;
			fixture.node[n].scale_high = 4;
			fixture.node[n].scores_rise = fixture.node[n].higher_is_better = false;
		}
		fixture.node[3].scale_low = 0;
		fixture.node[3].scale_high = 100;
		memcpy(fixture.value + 6, segments, sizeof(segments));
		memcpy(fixture.value + 9, shares, sizeof(shares));
		stp_core_assess(&fixture.a);
		assert_true(fixture.score[0] == (higher ? 100 : 0) && fixture.score[2] == 50);
		assert_true(fixture.score[1] == (higher ? 0 : 100));
		assert_close(fixture.contribution[6], higher ? 50 : 0);
		assert_close(fixture.contribution[8], 25);
		for (int n = 0; n < 4; n++)
			assert_true(fixture.rank[3 * n] == 1 && fixture.rank[3 * n + 1] == 3);
	}
}

/* One leaf over four units, one of which did not report. */
static void
prepare_leaf(StpMethod method, bool higher_is_better)
{
	static const double values[] = {10, NAN, 20, 40};

	prepare(1, 4);
	memcpy(fixture.value, values, sizeof(values));
	fixture.node[0].method = method;
	fixture.node[0].higher_is_better = higher_is_better;
}

static void
assert_same(double ours, double expected)
{
	assert_true(isnan(expected) ? isnan(ours) : ours == expected);
}

/* Scores of the three that reported. */
static void
assert_scores(double first, double third, double fourth)
{
	stp_core_assess(&fixture.a);
	assert_true(isnan(fixture.score[1]) && fixture.rank[1] == 0);
	assert_same(fixture.score[0], first);
	assert_same(fixture.score[2], third);
	assert_same(fixture.score[3], fourth);
}

/* Four units, four categories that are quarters, best first. */
static void
test_quantiles(void **state)
{
	(void) state;
	for (int higher = 0; higher < 2; higher++)
	{
		prepare(1, 4);
		fixture.a.categorise = STP_BY_QUANTILES;
		fixture.a.higher_is_better = higher;
		fixture.node[0].categories = 4;
		fixture.cut[3] = NAN;
		for (int u = 0; u < 4; u++)
			fixture.value[u] = 10 * u;
		stp_core_assess(&fixture.a);
		for (int u = 0; u < 4; u++)
			assert_int_equal(fixture.category[u], higher ? 4 - u : u + 1);
		assert_true(fixture.cut[0] == (higher ? 22.5 : 7.5) && fixture.cut[1] == 15);
	}
}

/* The scores of four units. */
static void
assert_all_scores(const double *expected)
{
	for (size_t u = 0; u < 4; u++)
		if (isnan(expected[u]))
			assert_true(isnan(fixture.score[u]));
		else
			assert_close(fixture.score[u], expected[u]);
}

static void
test_brackets(void **state)
{
	static const StpBracket brackets[] = {{NAN, 5}, {20, 1}, {30, 3}};

	(void) state;
	prepare_leaf(STP_BRACKETS, true);
	fixture.node[0].bracket = brackets;
	fixture.node[0].brackets = 3;
	assert_scores(5, 1, 3);
	/* as near below a cut as the last bit of a sum */
	fixture.value[2] = nextafter(20, 0);
	assert_scores(5, 1, 3);
	/* none so low */
	fixture.node[0].bracket = brackets + 1;
	fixture.node[0].brackets = 2;
	assert_scores(NAN, 1, 3);
}

/* The worst has 100 of an exponential rank, and a rank for all that tie is the one that is said. */
static void
test_exponential(void **state)
{
	static const StpTies ties[] = {STP_TIES_AVERAGE, STP_TIES_LOW, STP_TIES_HIGH};
	static const double rank[] = {2.5, 2, 3};

	(void) state;
	for (int higher = 0; higher < 2; higher++)
		for (int i = 0; i < 3; i++)
		{
			prepare_leaf(STP_EXPONENTIAL_RANK, higher);
			fixture.node[0].ties = ties[i];
			memcpy(fixture.value, (double[]){1, 2, 2 + 1e-13, 3}, 4 * sizeof(double));
			stp_core_assess(&fixture.a);
			assert_close(fixture.score[higher ? 0 : 3], 100);
			assert_close(fixture.score[higher ? 3 : 0],
						 -23 * log(1 - 0.25 * (1 - exp(-100 / 23.0))));
			assert_close(fixture.score[1], -23 * log(1 - rank[i] / 4 * (1 - exp(-100 / 23.0))));
			assert_true(fixture.score[1] == fixture.score[2]);
			assert_int_equal(fixture.rank[higher ? 3 : 0], 1);
		}
	memcpy(fixture.value, (double[]){2, 2, 2, 2}, 4 * sizeof(double));
	stp_core_assess(&fixture.a);
	for (size_t u = 0; u < 4; u++)
		assert_true(isnan(fixture.score[u]));
}

/* Weights of a sum are as they are, and what is missing gives its own to what is present. */
static void
test_sum(void **state)
{
	(void) state;
	prepare_pair(STP_SUM, 10, 20);
	fixture.node[1].weight = 0.225;
	fixture.node[2].weight = 0.774;
	stp_core_total_weights(fixture.node, 3);
	stp_core_assess(&fixture.a);
	assert_close(fixture.score[0], 0.225 * 10 + 0.774 * 20);
	assert_close(fixture.contribution[1], 0.225 * 10);
	assert_close(fixture.contribution[2], 0.774 * 20);
	fixture.value[1] = NAN;
	stp_core_assess(&fixture.a);
	assert_close(fixture.score[0], 0.999 * 20);
	assert_close(fixture.coverage[0], 0.774 / 0.999);
	/* A weight that is drawn does not move the scale. */
	fixture.node[2].weight = 2;
	stp_core_assess(&fixture.a);
	assert_close(fixture.score[0], 0.999 * 20);
}

/* Goalposts and spread of logarithms and roots; and what has none. */
static void
test_transformed(void **state)
{
	(void) state;
	prepare_leaf(STP_GOALPOSTS, true);
	fixture.node[0].transformation = STP_LOG;
	fixture.node[0].low = 1;
	fixture.node[0].high = 10000;
	memcpy(fixture.value, (double[]){-5, 100, 10, 1e9}, 4 * sizeof(double));
	stp_core_assess(&fixture.a);
	assert_all_scores((double[]){0, 50, 25, 100});
	fixture.node[0].method = STP_MIN_MAX;
	fixture.node[0].low = fixture.node[0].high = NAN;
	stp_core_assess(&fixture.a);
	assert_all_scores((double[]){NAN, 12.5, 0, 100});
	fixture.node[0].transformation = STP_ROOT;
	memcpy(fixture.value, (double[]){0, 25, -1, 100}, 4 * sizeof(double));
	stp_core_assess(&fixture.a);
	assert_all_scores((double[]){0, 50, NAN, 100});
	fixture.node[0].frozen = true;
	fixture.node[0].reference = stp_core_describe(&fixture.node[0], fixture.value, 4);
	assert_close(fixture.node[0].reference.mean, 5);
	fixture.value[0] = 400;
	stp_core_assess(&fixture.a);
	assert_all_scores((double[]){200, 50, NAN, 100});
	fixture.node[0].method = STP_Z_SCORE;
	stp_core_assess(&fixture.a);
	assert_all_scores((double[]){3, 0, NAN, 1});
}

static void
test_reference(void **state)
{
	(void) state;
	prepare_leaf(STP_MIN_MAX, false);
	fixture.node[0].frozen = true;
	fixture.node[0].reference = (StpReference){20, 30, 25, 5};
	assert_scores(200, 100, -100);
	fixture.node[0].method = STP_Z_SCORE;
	assert_scores(3, 1, -3);
	/* a reference without two different values */
	fixture.node[0].reference = (StpReference){0.3, 0.1 + 0.2, 0.3, 1e-17};
	assert_scores(NAN, NAN, NAN);
	fixture.node[0].reference = (StpReference){NAN, NAN, NAN, NAN};
	assert_scores(NAN, NAN, NAN);
}

static void
test_banded(void **state)
{
	(void) state;
	prepare_leaf(STP_BANDED, false);
	fixture.node[0].counted = true;
	fixture.node[0].per = 100;
	fixture.node[0].band = (StpBand){STP_FUNNEL_ROOT, STP_NO_OVERDISPERSION, 0.2, 0, 1.96};
	for (int u = 0; u < 4; u++)
		fixture.denominator[u] = 100;
	assert_scores(2, 1, 0);
	fixture.node[0].counted = false;
	assert_scores(NAN, NAN, NAN);
}

/* Rounding, a weight of nothing, and parts that add up to what is shown. */
static void
test_rounding_and_weights(void **state)
{
	static const StpAggregation aggregations[] = {STP_ARITHMETIC, STP_GEOMETRIC, STP_HARMONIC,
												  STP_SUM};

	(void) state;
	for (int tree = 0; tree < TREES; tree++)
	{
		size_t idle;

		prepare_random(aggregations[tree % 4]);
		for (size_t n = 0; n < fixture.a.nodes; n++)
			fixture.node[n].decimals = (int) n % 4 - 1;
		stp_core_assess(&fixture.a);
		for (size_t u = 0; u < fixture.a.units; u++)
			check_sums(u);
		/* A node more, without weight, changes nothing for the others. */
		idle = fixture.a.nodes - 1;
		if (fixture.node[idle].parent < 0 || has_only_child((size_t) fixture.node[idle].parent))
			continue;
		fixture.node[idle].weight = 0;
		check_idle(idle);
	}
}

/* Who meets the standard or misses the floor is not ranked among the others, but has a rank. */
static void
test_ranked_ends(void **state)
{
	static const double scores[] = {4, 2, 4, 1};
	static const int ranks[] = {3, 2, 4, 1};

	(void) state;
	prepare_leaf(STP_RANKED, true);
	fixture.node[0].standard = 100;
	fixture.node[0].floor = 15;
	memcpy(fixture.value, (double[]){10, 20, 0.1, 100 - 1e-13}, 4 * sizeof(double));
	/* twice, because the order of the first time is where the second begins */
	for (int again = 0; again < 2; again++)
	{
		stp_core_assess(&fixture.a);
		for (size_t u = 0; u < 4; u++)
		{
			assert_true(fixture.score[u] == scores[u]);
			assert_int_equal(fixture.rank[u], ranks[u]);
		}
	}
}

/* The root's categories: cuts at random scores, best first. */
static void
add_cuts(int categories)
{
	fixture.node[0].categories = categories;
	for (int i = 0; i < categories; i++)
		fixture.cut[i] = i + 1 == categories ? NAN : 90 - 80.0 * (i + random_share()) / categories;
}

/* A rule: no better than the second category where the last leaf is below 40. */
static void
add_rule(void)
{
	static StpCondition condition;
	static StpOverride rule;

	condition = (StpCondition){(int) fixture.a.nodes - 1, STP_OF_VALUE, STP_LESS, RULE_AT};
	rule = (StpOverride){&condition, 1, 2, 0};
	fixture.a.override = &rule;
	fixture.a.overrides = 1;
}

/* A better category comes with a better score, but for the rule; ranks follow both. */
static void
check_categories(void)
{
	const StpAssessment *a = &fixture.a;

	for (size_t u = 0; u < a->units; u++)
		for (size_t v = 0; v < a->units; v++)
			if (a->rank[u] > 0 && a->rank[v] > 0)
			{
				if (a->category[u] < a->category[v])
					assert_true(a->rank[u] < a->rank[v]);
				if (a->category[u] < a->category[v] && !a->fired[u] && !a->fired[v])
					assert_true(a->score[u] > a->score[v]);
				if (a->category[u] == a->category[v] && a->score[u] == a->score[v])
					assert_int_equal(a->rank[u], a->rank[v]);
			}
}

static void
test_categories(void **state)
{
	(void) state;
	for (int tree = 0; tree < TREES; tree++)
	{
		prepare_random(STP_ARITHMETIC);
		add_cuts(2 + tree % (CUTS - 2));
		add_rule();
		fixture.a.categorise = (StpCategorise) (tree % 4);
		stp_core_prepare(&fixture.a);
		stp_core_assess(&fixture.a);
		check_categories();
		/* Clusters there are only where enough scores differ, and shares not to be empty. */
		for (size_t u = 0; u < fixture.a.units; u++)
			if (fixture.a.categorise < STP_BY_K_MEANS || fixture.category[u] > 0)
				assert_int_equal(fixture.category[u] == 0, isnan(fixture.score[u]));
	}
}

/* The category that a unit would have with another value, by a whole assessment. */
static int32_t
category_with(size_t leaf, size_t unit, double value)
{
	double *cell = &fixture.value[leaf * fixture.a.units + unit], old = *cell;
	int32_t category;

	*cell = value;
	stp_core_assess(&fixture.a);
	category = fixture.category[unit];
	*cell = old;
	return category;
}

/* Whether a score is better than another, by more than the last bits. */
static bool
is_better_score(const StpNode *node, double score, double other)
{
	return (node->scores_rise ? score > other : score < other) && !stp_core_tied(score, other, 0);
}

/* Values of a leaf worth a look: its own, those that its score is made by, and just beside them. */
static size_t
collect_values(size_t leaf, double *found)
{
	static const double beside[] = {0, -1e-9, 1e-9, -1e-3, 1e-3, 0.1, -0.1, 1, -1};
	const StpNode *node = &fixture.node[leaf];
	double marks[UNITS + 20];
	size_t marked = 0, count = 0;

	for (size_t u = 0; u < fixture.a.units; u++)
		marks[marked++] = fixture.value[leaf * fixture.a.units + u];
	for (int i = 0; i < node->brackets; i++)
		marks[marked++] = node->bracket[i].cut;
	marks[marked++] = node->low;
	marks[marked++] = node->high;
	marks[marked++] = node->standard;
	marks[marked++] = node->floor;
	marks[marked++] = RULE_AT;
	for (size_t i = 0; i < marked; i++)
		for (size_t j = 0; j < sizeof(beside) / sizeof(beside[0]) && !isnan(marks[i]); j++)
			found[count++] = marks[i] + beside[j];
	for (int i = -30; i <= 130; i += STEP)
		found[count++] = i;
	for (int e = 3; e < 280; e += 9 * STEP)
	{
		found[count++] = pow(10, e);
		found[count++] = -pow(10, e);
	}
	return count;
}

/* No value nearer to the old one than the needed one, or none at all, is better. */
static void
check_nothing_nearer(size_t leaf, size_t unit, double needed, int32_t now)
{
	double old = fixture.value[leaf * fixture.a.units + unit];
	bool better_way = isnan(needed) || (needed > old) == fixture.node[leaf].higher_is_better;
	static double values[9 * (UNITS + 20) + 400];
	size_t count = collect_values(leaf, values), cell = leaf * fixture.a.units + unit;
	double score;

	category_with(leaf, unit, old);
	score = fixture.score[cell];
	for (size_t i = 0; i < count; i++)
	{
		double value = values[i];
		bool this_way = (value > old) == (needed > old);
		int32_t category;

		if (stp_core_bounded(&fixture.node[leaf], value) != value)
			continue;
		/* Deviations of counts beyond those that a double can count are noise. */
		if (fixture.node[leaf].method == STP_BANDED && value > 1e15)
			continue;
		/* Beyond the one that is needed, or in the other direction where this is the better one. */
		if (!isnan(needed) &&
			(this_way ? fabs(value - old) > fabs(needed - old) * (1 - 1e-9) - 1e-9 : better_way))
			continue;
		category = category_with(leaf, unit, value);
		assert_true(category == 0 || category >= now ||
					((value > old) != fixture.node[leaf].higher_is_better &&
					 !is_better_score(&fixture.node[leaf], fixture.score[cell], score)));
	}
}

/* Look for the needed value, which leaves everything as it was. */
static StpNeed
find_needed(size_t leaf, size_t unit)
{
	static Fixture before;
	StpNeed need;

	before = fixture;
	need = stp_core_needed_value(&fixture.a, leaf, unit);
	assert_memory_equal(before.score, fixture.score, sizeof(before.score));
	assert_memory_equal(before.coverage, fixture.coverage, sizeof(before.coverage));
	assert_memory_equal(before.value, fixture.value, sizeof(before.value));
	assert_memory_equal(before.rank, fixture.rank, sizeof(before.rank));
	assert_memory_equal(before.fired, fixture.fired, sizeof(before.fired));
	assert_memory_equal(before.cut, fixture.cut, sizeof(before.cut));
	assert_memory_equal(before.qualified, fixture.qualified, sizeof(before.qualified));
	assert_memory_equal(before.group_cut, fixture.group_cut, sizeof(before.group_cut));
	return need;
}

/* It brings the category that is named. */
static void
check_brought(size_t leaf, size_t unit, StpNeed need, int32_t now)
{
	assert_true(need.category > 0 && need.category < now);
	assert_int_equal(category_with(leaf, unit, need.number), need.category);
	needed_values++;
}

/* It does, and the one just short of it brings none that is better. */
static void
check_needed(size_t leaf, size_t unit)
{
	double old = fixture.value[leaf * fixture.a.units + unit];
	int32_t now = fixture.category[unit], short_of;
	StpNeed need = find_needed(leaf, unit);

	if (isnan(old) || now <= 1)
	{
		assert_true(isnan(need.number) && need.category == (now > 1 ? now - 1 : 0));
		return;
	}
	check_nothing_nearer(leaf, unit, need.number, now);
	if (!isnan(need.number))
	{
		check_brought(leaf, unit, need, now);
		short_of = category_with(
			leaf, unit,
			need.number + copysign(fmax(0x1p-38 * fabs(need.number), 1e-9), old - need.number));
		assert_true(short_of == 0 || short_of >= now);
		skipped += need.category < now - 1;
		turned += (need.number > old) != fixture.node[leaf].higher_is_better;
	}
	else
		assert_int_equal(need.category, now - 1);
	stp_core_assess(&fixture.a);
}

/* The same without a look at what is nearer, where a better value can mean a worse place. */
static void
check_found(size_t leaf, size_t unit)
{
	int32_t now = fixture.category[unit];
	StpNeed need = find_needed(leaf, unit);

	if (isnan(need.number))
		return;
	check_brought(leaf, unit, need, now);
	stp_core_assess(&fixture.a);
}

/* A target for each unit, for every other leaf; some have none, and of some nobody knows it. */
static double *
own_targets(void)
{
	static double targets[NODES][UNITS];
	static size_t next;
	double *target = targets[next++ % NODES];

	for (size_t u = 0; u < UNITS; u++)
		target[u] = random_share() < 0.1   ? NAN
					: random_share() < 0.1 ? INFINITY
										   : 100 * random_share();
	return random_share() < 0.5 ? target : NULL;
}

/* Give a leaf a method and what it is scored by. */
static void
choose_method(StpNode *node, StpMethod method, StpBracket *bracket)
{
	node->method = method;
	node->higher_is_better = random_share() < 0.5;
	node->counted = method == STP_BANDED;
	node->band = (StpBand){STP_FUNNEL_ROOT, STP_ADDITIVE, NAN, 0.1, 1.96};
	if (method == STP_GOALPOSTS)
	{
		node->low = 100 * random_share();
		node->high = node->low + 1 + 50 * random_share();
	}
	if (method == STP_DISTANCE_TO_TARGET || method == STP_RANKED)
		node->standard = 100 * random_share();
	if (method == STP_RANKED && random_share() < 0.5)
		node->floor = node->standard + (node->higher_is_better ? -20 : 20);
	node->target = method == STP_DISTANCE_TO_TARGET || method == STP_RANKED ? own_targets() : NULL;
	for (int i = 0; i < BRACKETS && method == STP_BRACKETS; i++)
		bracket[i] = (StpBracket){i == 0 ? NAN : 100.0 * i / BRACKETS, 100 * random_share()};
	node->bracket = bracket;
	node->brackets = method == STP_BRACKETS ? BRACKETS : 0;
	/* Z-scores and ranks are on scales of their own, which cuts at 10 to 90 do not suit. */
	node->scale_low = method == STP_RANKED ? 1 : method == STP_BANDED ? 0 : -3;
	node->scale_high = method == STP_RANKED ? 4 : method == STP_BANDED ? 2 : 3;
	node->scores_rise = method != STP_RANKED;
}

/* A rule of any kind, about any node. */
static void
add_any_rule(void)
{
	static StpCondition condition;
	static StpOverride rule;
	bool caps = random_share() < 0.5;

	condition = (StpCondition){(int) (random_share() * (double) fixture.a.nodes),
							   random_share() < 0.5 ? STP_OF_SCORE : STP_OF_VALUE,
							   (StpComparison) (5 * random_share()), RULE_AT};
	rule = (StpOverride){&condition, 1, caps ? 3 : 0, caps ? 0 : 3};
	fixture.a.override = &rule;
	fixture.a.overrides = 1;
}

/* A tree whose leaves all have one method, on scales that make 0 to 100. */
static void
prepare_method(StpMethod method, int tree)
{
	static StpBracket bracket[NODES][BRACKETS];
	bool rescales = method == STP_RANKED || method == STP_BANDED || method == STP_Z_SCORE;

	/* Small ones too, in which one leaf can do much. */
	prepare_tree(STP_ARITHMETIC, tree % 4 == 0 ? NODES : 4);
	fixture.a.units = tree % 3 == 0 ? 1 + (size_t) tree % 4 : fixture.a.units;
	add_cuts(4);
	if (tree % 2 == 0)
		add_any_rule();
	fixture.a.categorise = tree % 3 == 1 ? STP_BY_QUANTILES : STP_BY_CUTS;
	fixture.a.shares_overall = tree % 5 == 1;
	for (size_t n = 0; n < fixture.a.nodes; n++)
	{
		StpNode *node = &fixture.node[n];

		if (node->leaf)
			choose_method(node, method, bracket[n]);
		else
		{
			node->aggregation = (StpAggregation) (tree % 11 < 8 ? 0 : tree % 11 - 8);
			node->decimals = tree % 7 == 0 ? 1 : -1;
			node->minimum_coverage = tree % 6 == 0 ? 0.5 : 0;
			node->rescales = rescales;
			node->scale_low = 0;
			node->scale_high = 100;
		}
		for (size_t u = 0; u < fixture.a.units; u++)
			fixture.denominator[n * fixture.a.units + u] = 5 + 40 * random_share();
	}
	stp_core_prepare(&fixture.a);
}

static void
test_needed_values(void **state)
{
	(void) state;
	for (int tree = 0; tree < 2 * TREES; tree++)
	{
		prepare_method((StpMethod) (tree % 9), tree / 9);
		stp_core_assess(&fixture.a);
		for (size_t n = 0; n < fixture.a.nodes; n++)
			if (fixture.node[n].leaf)
				check_needed(n, (size_t) tree % fixture.a.units);
	}
	/* A test that finds nothing has tested nothing. */
	print_message("%d needed, %d skipped, %d turned\n", needed_values, skipped, turned);
	assert_true(needed_values > 300 && skipped > 30 && turned > 30);
}

/* One leaf of three units, in categories from 80, from 60 and below. */
static void
prepare_needs(StpMethod method, const double *values)
{
	prepare(1, 3);
	memcpy(fixture.value, values, 3 * sizeof(double));
	fixture.node[0].method = method;
	fixture.node[0].categories = 3;
	fixture.cut[0] = 80;
	fixture.cut[1] = 60;
	fixture.cut[2] = NAN;
}

static void
assert_needed(size_t unit, double value, int32_t category)
{
	StpNeed need;

	stp_core_assess(&fixture.a);
	need = stp_core_needed_value(&fixture.a, 0, unit);
	assert_true(isnan(value) ? isnan(need.number) : need.number == value);
	assert_int_equal(need.category, category);
}

/* A value many ranges of the cohort away, a step over a category, a way that turns round. */
static void
test_needed_far_and_wide(void **state)
{
	static const StpBracket steps[] = {{NAN, 0}, {75, 100}},
							middle[] = {{NAN, 0}, {40, 100}, {60, 0}};
	static const StpCondition high = {0, STP_OF_VALUE, STP_GREATER, 90};
	static const StpOverride too_high = {&high, 1, 2, 0};

	(void) state;
	prepare_needs(STP_GOALPOSTS, (double[]){50, 50.01, 50.02});
	fixture.node[0].low = 0;
	fixture.node[0].high = 100;
	assert_needed(0, 60, 2);
	prepare_needs(STP_AS_IS, (double[]){-1e-300, 2e-300, 1e200});
	assert_needed(0, 60, 2);
	prepare_needs(STP_BRACKETS, (double[]){70, 50, 80});
	fixture.node[0].bracket = steps;
	fixture.node[0].brackets = 2;
	assert_needed(0, 75, 1);
	assert_needed(1, 75, 1);
	assert_needed(2, NAN, 0);
	/* the best is in the middle */
	fixture.node[0].bracket = middle;
	fixture.node[0].brackets = 3;
	assert_needed(2, 59.9999999999, 1);
	/* a rule that a worse value would escape */
	prepare_needs(STP_AS_IS, (double[]){95, 50, 89});
	fixture.a.override = &too_high;
	fixture.a.overrides = 1;
	assert_needed(0, NAN, 1);
	assert_needed(1, 60, 2);
	/* nobody but one, who has no score, and a rule that looks at the value */
	prepare_needs(STP_PERCENTILE_RANK, (double[]){50, NAN, NAN});
	assert_needed(0, NAN, 0);
}

/* The score of a cut that a rule forbids is not the one that is needed. */
static void
test_needed_score_past_a_rule(void **state)
{
	static const StpCondition low = {0, STP_OF_SCORE, STP_LESS, 70};
	static const StpOverride held = {&low, 1, 3, 0};

	(void) state;
	prepare_needs(STP_AS_IS, (double[]){65, 50, 85});
	fixture.a.override = &held;
	fixture.a.overrides = 1;
	stp_core_assess(&fixture.a);
	assert_true(stp_core_needed_score(&fixture.a, 0).number == 70);
	assert_int_equal(stp_core_needed_score(&fixture.a, 0).category, 2);
	fixture.a.override = &(StpOverride){&(StpCondition){0, STP_OF_SCORE, STP_LESS, 85}, 1, 3, 0};
	stp_core_assess(&fixture.a);
	assert_true(stp_core_needed_score(&fixture.a, 0).number == 85);
	assert_int_equal(stp_core_needed_score(&fixture.a, 0).category, 1);
}

/* What no score can bring is not needed. */
static void
test_needed_score(void **state)
{
	(void) state;
	prepare(1, 2);
	fixture.value[0] = 70;
	fixture.value[1] = 30;
	fixture.node[0].categories = 3;
	fixture.cut[0] = 60;
	fixture.cut[1] = 50;
	fixture.cut[2] = NAN;
	stp_core_assess(&fixture.a);
	assert_true(isnan(stp_core_needed_score(&fixture.a, 0).number));
	assert_true(stp_core_needed_score(&fixture.a, 1).number == 50);
	assert_true(stp_core_needed_value(&fixture.a, 0, 1).number == 50);
	add_rule();
	stp_core_assess(&fixture.a);
	assert_true(fixture.fired[1] && stp_core_needed_score(&fixture.a, 1).number == 50);
	fixture.a.override = &(StpOverride){fixture.a.override->condition, 1, 3, 0};
	stp_core_assess(&fixture.a);
	assert_true(isnan(stp_core_needed_score(&fixture.a, 1).number));
	assert_true(stp_core_needed_value(&fixture.a, 0, 1).number == 50);
}

/* A number that may be missing, or tied to others. */
static double
draw_tied(void)
{
	double number = floor(8 * random_share()) - 3;

	if (random_share() < 0.2)
		return NAN;
	return number * (1 + (floor(3 * random_share()) - 1) * 0x1p-41);
}

/* A leaf of any method over numbers that are tied here and there. */
static void
prepare_tied(StpMethod method)
{
	static const StpBracket brackets[] = {{NAN, 0}, {-1, 30}, {2, 60}};
	bool bounded = method == STP_GOALPOSTS || random_share() < 0.3;
	bool transformed = stp_core_methods[method].spread && random_share() < 0.3;

	prepare(1, 1 + (size_t) (random_share() * 8));
	fixture.node[0].method = method;
	fixture.node[0].transformation = !transformed			? STP_AS_REPORTED
									 : random_share() < 0.5 ? STP_LOG
															: STP_ROOT;
	fixture.node[0].higher_is_better = random_share() < 0.5;
	fixture.node[0].low = bounded ? -2 : NAN;
	fixture.node[0].high = bounded ? 3 : NAN;
	fixture.node[0].ties = (StpTies) (3 * random_share());
	fixture.node[0].standard = 2;
	fixture.node[0].bracket = brackets;
	fixture.node[0].brackets = 3;
	fixture.node[0].decimals = random_share() < 0.2 ? 1 : -1;
	fixture.node[0].frozen =
		random_share() < 0.2 && (method == STP_MIN_MAX || method == STP_Z_SCORE);
	fixture.node[0].reference = (StpReference){-3, 5, 1, 2};
	for (size_t u = 0; u < fixture.a.units; u++)
		fixture.value[u] = draw_tied();
}

/* Beside the others in order a value has the score that it has among them. */
static void
test_scores_alone(void **state)
{
	int alone = 0;

	(void) state;
	for (int i = 0; i < 100 * TREES; i++)
	{
		size_t unit;
		StpOthers others;
		double score;

		prepare_tied((StpMethod) (i % STP_METHODS));
		if (!stp_core_scores_alone(&fixture.node[0]))
			continue;
		alone++;
		unit = (size_t) (random_share() * (double) fixture.a.units);
		others = stp_core_others(&fixture.a, 0, unit);
		fixture.value[unit] = draw_tied();
		score = stp_core_score_alone(&fixture.a, 0, unit, &others);
		stp_core_normalise(&fixture.a, 0);
		assert_same(score, fixture.score[unit]);
	}
	assert_true(alone > 50 * TREES);
}

/*---------------------------------------------------------------------------
 * Nodes whose scores are made of the cohort's, and what qualifies
 *---------------------------------------------------------------------------
 */

/* Make some nodes of a tree normalised, each by a method that nodes can have. */
static void
normalise_some(StpMethod method)
{
	for (size_t n = 0; n < fixture.a.nodes; n++)
		if (!fixture.node[n].leaf && random_share() < 0.5)
		{
			fixture.node[n].normalised = true;
			fixture.node[n].method = method;
			fixture.node[n].minimum_units = random_share() < 0.2 ? 5 : 0;
			fixture.node[n].decimals = random_share() < 0.2 ? 2 : -1;
			/* Of ranks the best is at 0. */
			fixture.node[n].scores_rise = method != STP_EXPONENTIAL_RANK;
		}
	for (size_t n = 1; n < fixture.a.nodes; n++)
	{
		StpNode *parent = &fixture.node[fixture.node[n].parent];

		if (parent->normalised)
			parent->higher_is_better = fixture.node[n].scores_rise;
		else
			parent->scores_rise = fixture.node[n].scores_rise;
	}
	stp_core_prepare(&fixture.a);
}

/* The value of a normalised node is the mean of its children's scores, and its score is what a leaf
 * with these values would have. */
static void
check_normalised(size_t n)
{
	const StpAssessment *a = &fixture.a;
	static double expected[UNITS];
	StpNode node = fixture.node[n];
	StpAssessment leaf = *a;
	size_t ordered = 0, order[UNITS];

	for (size_t u = 0; u < a->units; u++)
	{
		double sum = 0, weight = 0;

		for (size_t c = n + 1; c < a->nodes; c++)
			if (a->node[c].parent == (int) n && !isnan(a->score[c * a->units + u]))
			{
				weight += a->node[c].weight;
				sum += a->node[c].weight * a->score[c * a->units + u];
			}
		assert_int_equal(isnan(a->value[n * a->units + u]), weight == 0);
		if (weight > 0 && !a->shares_overall)
			assert_close(a->value[n * a->units + u], sum / weight);
	}
	leaf.node = &node;
	leaf.value = a->value + n * a->units;
	leaf.score = expected;
	leaf.order = order;
	leaf.ordered = &ordered;
	stp_core_normalise(&leaf, 0);
	for (size_t u = 0; u < a->units; u++)
		assert_same(a->score[n * a->units + u], expected[u]);
}

static void
test_normalised(void **state)
{
	static const StpMethod methods[] = {STP_Z_SCORE, STP_MIN_MAX, STP_PERCENTILE_RANK,
										STP_EXPONENTIAL_RANK};
	int scored = 0;

	(void) state;
	for (int tree = 0; tree < 2 * TREES; tree++)
	{
		prepare_random(STP_ARITHMETIC);
		fixture.a.shares_overall = tree % 3 == 0;
		normalise_some(methods[tree % 4]);
		stp_core_assess(&fixture.a);
		for (size_t n = 0; n < fixture.a.nodes; n++)
			if (fixture.node[n].normalised)
				check_normalised(n);
		for (size_t u = 0; u < fixture.a.units; u++)
		{
			scored += !isnan(fixture.score[u]);
			check_sums(u);
		}
	}
	assert_true(scored > TREES);
}

/* Whether a node qualifies, asked from above. */
static bool
qualifies(size_t n, size_t unit, int *enough)
{
	const StpNode *node = &fixture.node[n];
	bool asked = false, pivot = false;
	int count = 0;

	for (size_t c = n + 1; c < fixture.a.nodes; c++)
		if (fixture.node[c].parent == (int) n && fixture.node[c].weight > 0)
		{
			int below;
			bool does = qualifies(c, unit, &below);

			count += does;
			asked |= fixture.node[c].pivotal;
			pivot |= does && fixture.node[c].pivotal;
		}
	*enough = count;
	return !isnan(fixture.score[n * fixture.a.units + unit]) &&
		   (node->leaf || (count >= node->minimum_qualified && (pivot || !asked)));
}

/* Let nodes ask for children that qualify, and some be pivotal. */
static void
qualify_some(void)
{
	for (size_t n = 0; n < fixture.a.nodes; n++)
	{
		fixture.node[n].minimum_qualified = fixture.node[n].leaf ? 0 : (int) (3 * random_share());
		fixture.node[n].pivotal = n > 0 && random_share() < 0.2;
	}
	stp_core_prepare(&fixture.a);
}

/* The category that a unit's score has among those with as many children that qualify. */
static void
check_group(size_t unit)
{
	const StpAssessment *a = &fixture.a;

	for (size_t v = 0; v < a->units; v++)
	{
		if (a->category[unit] == 0 || a->category[v] == 0 || a->qualified[unit] != a->qualified[v])
			continue;
		if (a->category[unit] < a->category[v])
			assert_true(a->score[unit] > a->score[v]);
		if (a->score[unit] == a->score[v])
			assert_int_equal(a->category[unit], a->category[v]);
	}
}

/* Who does not qualify has neither rank nor category; clusters are of those with as many. */
static void
test_qualified(void **state)
{
	int refused = 0, categorised = 0;

	(void) state;
	for (int tree = 0; tree < 2 * TREES; tree++)
	{
		prepare_random(STP_ARITHMETIC);
		add_cuts(2 + tree % 2);
		fixture.a.categorise = (StpCategorise) (tree % 4);
		fixture.a.by_qualified = tree % 4 >= STP_BY_K_MEANS && tree % 3 > 0;
		fixture.a.strict = tree % 5 == 0 ? 1 : NAN;
		qualify_some();
		stp_core_assess(&fixture.a);
		for (size_t u = 0; u < fixture.a.units; u++)
			for (size_t n = 0; n < fixture.a.nodes; n++)
			{
				int enough;
				bool does = qualifies(n, u, &enough);

				assert_int_equal(stp_core_qualified(&fixture.a, n, u), does);
				if (fixture.a.qualifies)
					assert_int_equal(fixture.qualified[n * fixture.a.units + u], enough);
				refused += !does && !isnan(fixture.score[n * fixture.a.units + u]);
				if (!fixture.node[n].leaf)
					assert_int_equal(fixture.rank[n * fixture.a.units + u] > 0, does);
				if (n == 0 && !does)
					assert_int_equal(fixture.category[u], 0);
			}
		for (size_t u = 0; u < fixture.a.units && fixture.a.by_qualified; u++)
		{
			categorised += fixture.category[u] > 0;
			check_group(u);
		}
	}
	assert_true(refused > TREES && categorised > TREES);
}

/* A rule about how many qualify, or about a quartile. */
static void
add_cohort_rule(bool quartile)
{
	static StpCondition condition;
	static StpOverride rule;

	condition = (StpCondition){0, quartile ? STP_OF_QUARTILE : STP_OF_QUALIFIED, STP_AT_LEAST,
							   quartile ? 3 : 2};
	rule = (StpOverride){&condition, 1, 2, 0};
	fixture.a.override = &rule;
	fixture.a.overrides = 1;
}

/* The rule fires where the score is worse than the middle of those that qualify, or enough do. */
static void
test_cohort_rules(void **state)
{
	int fired = 0;

	(void) state;
	for (int tree = 0; tree < TREES; tree++)
	{
		prepare_random(STP_ARITHMETIC);
		add_cuts(3);
		add_cohort_rule(tree % 2 == 0);
		qualify_some();
		stp_core_assess(&fixture.a);
		for (size_t u = 0; u < fixture.a.units; u++)
		{
			int enough, better = 0, worse = 0;
			bool does = qualifies(0, u, &enough);

			for (size_t v = 0; v < fixture.a.units; v++)
			{
				int other;

				if (!qualifies(0, v, &other))
					continue;
				better += fixture.score[v] > fixture.score[u];
				worse += fixture.score[v] < fixture.score[u];
			}
			if (tree % 2 == 0)
				assert_int_equal(fixture.fired[u], does && better > worse);
			else
				assert_int_equal(fixture.fired[u], enough >= 2);
			fired += fixture.fired[u];
		}
	}
	assert_true(fired > TREES);
}

/* What is needed where the others' scores, clusters, or what qualifies matter. */
static void
test_needed_among_others(void **state)
{
	int before = needed_values;

	(void) state;
	for (int tree = 0; tree < TREES; tree++)
	{
		static const StpMethod methods[] = {STP_AS_IS, STP_MIN_MAX, STP_Z_SCORE};

		prepare_method(methods[tree % 3], 4 * tree + 1);
		fixture.a.shares_overall = tree % 5 == 1;
		fixture.a.overrides = 0;
		fixture.a.categorise = (StpCategorise) (tree % 4);
		fixture.a.by_qualified = tree % 4 == STP_BY_K_MEANS && tree % 8 < 4;
		if (tree % 2 == 0)
			qualify_some();
		if (tree % 3 < 2)
			normalise_some(tree % 7 < 4 ? STP_MIN_MAX : STP_PERCENTILE_RANK);
		if (tree % 4 == 0)
			add_cohort_rule(true);
		stp_core_prepare(&fixture.a);
		stp_core_assess(&fixture.a);
		for (size_t n = 0; n < fixture.a.nodes; n++)
			if (fixture.node[n].leaf)
				check_found(n, (size_t) tree % fixture.a.units);
	}
	assert_true(needed_values > before + 50);
}

/* Each unit alone with values of its own, among the others', has what it has when only it has. */
static void
test_assessed_alone(void **state)
{
	static double own_value[NODES * UNITS], score[UNITS], contribution[NODES * UNITS];
	static bool wanted[UNITS];
	static const StpMethod methods[] = {
		STP_AS_IS,			 STP_MIN_MAX, STP_PERCENTILE_RANK, STP_RANKED, STP_DISTANCE_TO_TARGET,
		STP_EXPONENTIAL_RANK};

	(void) state;
	for (int tree = 0; tree < TREES; tree++)
	{
		StpAssessment own;

		prepare_random(STP_ARITHMETIC);
		own = fixture.a;
		own.value = own_value;
		for (size_t n = 0; n < fixture.a.nodes; n++)
		{
			fixture.node[n].method = methods[(size_t) tree % 6];
			fixture.node[n].standard = 70;
		}
		if (tree % 4 == 3)
			normalise_some(STP_MIN_MAX);
		own.node = fixture.a.node;
		for (size_t cell = 0; cell < fixture.a.nodes * fixture.a.units; cell++)
			own_value[cell] = random_share() < 0.2 ? NAN : 100 * random_share();
		for (size_t u = 0; u < fixture.a.units; u++)
			wanted[u] = random_share() < 0.7;
		stp_core_assess_alone(&fixture.a, &own, wanted);
		memcpy(score, fixture.score, fixture.a.units * sizeof(double));
		memcpy(contribution, fixture.contribution, sizeof(contribution));
		for (size_t u = 0; u < fixture.a.units; u++)
		{
			double former[NODES];

			for (size_t n = 0; n < fixture.a.nodes; n++)
			{
				former[n] = fixture.value[n * fixture.a.units + u];
				fixture.value[n * fixture.a.units + u] = own_value[n * fixture.a.units + u];
			}
			stp_core_assess_parts(&fixture.a);
			if (wanted[u])
				assert_same(score[u], fixture.score[u]);
			for (size_t n = 0; n < fixture.a.nodes; n++)
			{
				if (wanted[u])
					assert_same(contribution[n * fixture.a.units + u],
								fixture.contribution[n * fixture.a.units + u]);
				fixture.value[n * fixture.a.units + u] = former[n];
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_trees),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_scales),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_minimum_coverage),
		cmocka_unit_test(test_brackets),
		cmocka_unit_test(test_exponential),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_transformed),
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_banded),
		cmocka_unit_test(test_rounding_and_weights),
		cmocka_unit_test(test_categories),
		cmocka_unit_test(test_normalised),
		cmocka_unit_test(test_qualified),
		cmocka_unit_test(test_cohort_rules),
		cmocka_unit_test(test_needed_among_others),
		cmocka_unit_test(test_needed_values),
		cmocka_unit_test(test_needed_score),
		cmocka_unit_test(test_needed_far_and_wide),
		cmocka_unit_test(test_needed_score_past_a_rule),
		cmocka_unit_test(test_ranked_ends),
		cmocka_unit_test(test_scores_alone),
		cmocka_unit_test(test_assessed_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
