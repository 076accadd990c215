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

/* An assessment with its arrays. */
typedef struct Fixture
{
	StpNode node[NODES];
	double value[NODES * UNITS], denominator[NODES * UNITS], score[NODES * UNITS],
		coverage[NODES * UNITS];
	double effective_weight[NODES * UNITS], contribution[NODES * UNITS];
	double weight[NODES], total[NODES], covered[NODES], present[NODES], scale[NODES], offset[NODES],
		exact[NODES], tied[UNITS], cut[CUTS];
	int32_t rank[NODES * UNITS], category[NODES * UNITS];
	bool fired[RULES * UNITS];
	size_t order[NODES * UNITS], ordered[NODES];
	StpComposite state[NODES];
	StpAssessment a;
} Fixture;

static Fixture fixture;
/* How many of the values looked for were found. */
static int needed_values;

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
	f->a = (StpAssessment){.nodes = nodes,
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
						   .tied = f->tied,
						   .state = f->state,
						   .total = f->total,
						   .covered = f->covered,
						   .present = f->present,
						   .scale = f->scale,
						   .offset = f->offset,
						   .exact = f->exact};
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
prepare_random(StpAggregation aggregation)
{
	prepare(2 + (size_t) (random_share() * (NODES - 2)),
			1 + (size_t) (random_share() * (UNITS - 1)));
	for (size_t n = 1; n < fixture.a.nodes; n++)
	{
		/* A parent on the path to the node before, so that the order stays a preorder. */
		int parent = (int) n - 1;

		while (parent > 0 && random_share() < 0.5)
			parent = fixture.node[parent].parent;
		fixture.node[n].parent = parent;
		fixture.node[n].weight = 0.1 + random_share();
	}
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
assert_close(double ours, double expected)
{
	assert_true(fabs(ours - expected) <= 1e-9 * fmax(fabs(expected), 1));
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
		if (!a->node[n].leaf && !isnan(a->score[cell]))
			assert_close(children, a->contribution[cell]);
		if (a->node[n].leaf && !isnan(a->score[cell]))
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
		if (a->node[n].leaf && !isnan(a->score[n * a->units + unit]))
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
		double score = a->score[n * a->units + unit];

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
	static const StpAggregation aggregations[] = {STP_ARITHMETIC, STP_GEOMETRIC, STP_HARMONIC};

	(void) state;
	for (int tree = 0; tree < TREES; tree++)
	{
		prepare_random(aggregations[tree % 3]);
		fixture.a.shares_overall = tree % 2 == 0;
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
		node->decimals = tree % 12 == 3 ? (int) n % 3 : -1;
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
	static const StpAggregation aggregations[] = {STP_ARITHMETIC, STP_GEOMETRIC, STP_HARMONIC};
	int rescaling = 0;

	(void) state;
	for (int tree = 0; tree < 3 * TREES; tree++)
	{
		prepare_scales(aggregations[tree % 3], tree);
		for (size_t n = 0; n < fixture.a.nodes; n++)
			rescaling += fixture.node[n].rescales;
		stp_core_assess(&fixture.a);
		for (size_t u = 0; u < fixture.a.units; u++)
			check_sums(u);
		if (tree % 3 == 0 && tree % 12 != 3)
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
		fixture.a.quantiles = true;
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
	fixture.node[0].band = (StpBand){STP_ROOT, STP_NO_OVERDISPERSION, 0.2, 0, 1.96};
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
	static const StpAggregation aggregations[] = {STP_ARITHMETIC, STP_GEOMETRIC, STP_HARMONIC};

	(void) state;
	for (int tree = 0; tree < TREES; tree++)
	{
		size_t idle;

		prepare_random(aggregations[tree % 3]);
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

	condition = (StpCondition){(int) fixture.a.nodes - 1, false, STP_LESS, 40};
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
		fixture.a.quantiles = tree % 2 == 0;
		stp_core_assess(&fixture.a);
		check_categories();
		for (size_t u = 0; u < fixture.a.units; u++)
			assert_int_equal(fixture.category[u] == 0, isnan(fixture.score[u]));
	}
}

/* The needed value brings the better category, half of the way there does not, and looking for it
 * leaves everything as it was. */
static void
check_needed(size_t leaf, size_t unit)
{
	static Fixture before;
	double *value = &fixture.value[leaf * fixture.a.units + unit], old = *value;
	int32_t now = fixture.category[unit];
	double needed;

	before = fixture;
	needed = stp_core_needed_value(&fixture.a, leaf, unit);
	assert_memory_equal(before.score, fixture.score, sizeof(before.score));
	assert_memory_equal(before.coverage, fixture.coverage, sizeof(before.coverage));
	assert_memory_equal(before.value, fixture.value, sizeof(before.value));
	assert_memory_equal(before.rank, fixture.rank, sizeof(before.rank));
	assert_memory_equal(before.fired, fixture.fired, sizeof(before.fired));
	assert_memory_equal(before.cut, fixture.cut, sizeof(before.cut));
	if (isnan(needed))
		return;
	assert_true(fixture.node[leaf].higher_is_better ? needed > old : needed < old && needed >= 0);
	*value = needed;
	stp_core_assess(&fixture.a);
	assert_true(fixture.category[unit] < now);
	*value = old + (needed - old) / 2;
	stp_core_assess(&fixture.a);
	assert_true(fixture.category[unit] >= now);
	*value = old;
	stp_core_assess(&fixture.a);
	needed_values++;
}

static void
test_needed_values(void **state)
{
	static const StpMethod methods[] = {STP_AS_IS, STP_MIN_MAX, STP_PERCENTILE_RANK, STP_Z_SCORE};
	bool turned;

	(void) state;
	for (int tree = 0; tree < TREES / 3; tree++)
	{
		prepare_random(STP_ARITHMETIC);
		add_cuts(4);
		add_rule();
		fixture.a.quantiles = tree % 3 == 0;
		/* Where lower is better, of what cannot be below 0. */
		turned = tree % 4 > 0 && tree % 5 < 2;
		for (size_t n = 0; n < fixture.a.nodes; n++)
		{
			fixture.node[n].method = methods[tree % 4];
			fixture.node[n].higher_is_better = !turned;
			fixture.node[n].counted = turned;
			fixture.node[n].band.transform = STP_ROOT;
		}
		stp_core_assess(&fixture.a);
		for (size_t n = 0; n < fixture.a.nodes; n++)
			if (fixture.node[n].leaf)
				check_needed(n, (size_t) tree % fixture.a.units);
	}
	/* A test that finds nothing has tested nothing. */
	assert_true(needed_values > 100);
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
	assert_true(isnan(stp_core_needed_score(&fixture.a, 0)));
	assert_true(stp_core_needed_score(&fixture.a, 1) == 50);
	assert_true(stp_core_needed_value(&fixture.a, 0, 1) >= 50 - 1e-9);
	assert_true(stp_core_needed_value(&fixture.a, 0, 1) <= 50);
	add_rule();
	stp_core_assess(&fixture.a);
	assert_true(fixture.fired[1] && stp_core_needed_score(&fixture.a, 1) == 50);
	fixture.a.override = &(StpOverride){fixture.a.override->condition, 1, 3, 0};
	stp_core_assess(&fixture.a);
	assert_true(isnan(stp_core_needed_score(&fixture.a, 1)));
	assert_true(stp_core_needed_value(&fixture.a, 0, 1) > 49);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_trees), cmocka_unit_test(test_edges),
		cmocka_unit_test(test_scales),		 cmocka_unit_test(test_ends),
		cmocka_unit_test(test_quantiles),	 cmocka_unit_test(test_minimum_coverage),
		cmocka_unit_test(test_brackets),	 cmocka_unit_test(test_reference),
		cmocka_unit_test(test_banded),		 cmocka_unit_test(test_rounding_and_weights),
		cmocka_unit_test(test_categories),	 cmocka_unit_test(test_needed_values),
		cmocka_unit_test(test_needed_score),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
