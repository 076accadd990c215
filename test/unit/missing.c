/*
 * Unit tests of core/missing.c: what is found is what comes of trying, over small cohorts that are
 * drawn at random, and of cases that can be worked out by hand.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "missing.h"
#include "random.h"

#define MAX_LEAVES 4
#define MAX_NODES (MAX_LEAVES + 3)
#define MAX_UNITS 6
#define CELLS (MAX_NODES * MAX_UNITS)
#define CATEGORIES 3
#define RULES 2
#define MAX_GRID 48
#define BRACKETS 3
#define ROUNDING 1e-9

/* A cohort with gaps, with its arrays. */
typedef struct Fixture
{
	StpNode node[MAX_NODES];
	StpBracket bracket[BRACKETS];
	double target[MAX_UNITS];
	double value[CELLS], denominator[CELLS], score[CELLS], completeness[CELLS];
	double coverage[CELLS], effective_weight[CELLS], contribution[CELLS];
	double weight[MAX_NODES], total[MAX_NODES], scale[MAX_NODES], offset[MAX_NODES],
		tied[MAX_UNITS], cut[CATEGORIES];
	int32_t rank[CELLS], category[CELLS];
	size_t order[CELLS], ordered[MAX_NODES], spare[MAX_UNITS];
	StpBlock block[MAX_NODES];
	double slope[MAX_NODES], quartile[MAX_NODES * STP_QUARTILE_ENDS], eligible[MAX_UNITS],
		group_cut[(MAX_NODES + 1) * CATEGORIES], centre[CATEGORIES], number[MAX_UNITS],
		scaled[MAX_UNITS], sum[MAX_UNITS + 1], squares[MAX_UNITS + 1], cost[2 * MAX_UNITS];
	uint32_t begin[CATEGORIES * MAX_UNITS];
	int32_t qualified[CELLS];
	bool pivots[CELLS], open[MAX_NODES];
	StpQualifying qualifying[MAX_NODES];
	StpAssessment a;

	double least[CELLS], greatest[CELLS], worst[MAX_UNITS], best[MAX_UNITS], trial[MAX_UNITS],
		from[MAX_UNITS], to[MAX_UNITS], scores[MAX_UNITS], bend[2 * MAX_UNITS],
		missing_present[MAX_NODES], most[MAX_NODES], fewest[MAX_NODES], end[MAX_NODES];
	size_t missing_order[2 * MAX_UNITS], middle[MAX_UNITS], sequence[MAX_NODES], peers[MAX_UNITS],
		first_child[MAX_NODES], next_child[MAX_NODES];
	bool known[MAX_NODES], deciding[MAX_NODES], reached[CATEGORIES + 1], once[CATEGORIES + 1],
		then[CATEGORIES + 1], out[MAX_UNITS], fired[RULES * MAX_UNITS];
	StpReach leaf[CELLS], reach[MAX_NODES], below[MAX_NODES], root[MAX_UNITS];
	const StpConfine *confine[MAX_NODES];
	StpOverride rule[RULES];
	StpCondition condition[2 * RULES];
	StpMissing m;
} Fixture;

static Fixture fixture;

/* Let the assessment see its arrays. */
static void
connect_assessment(size_t nodes, size_t units)
{
	Fixture *f = &fixture;

	f->a =
		(StpAssessment){.nodes = nodes, .units = units, .node = f->node, .higher_is_better = true};
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
	f->a.tied = f->tied;
	f->a.spare = f->spare;
	f->a.block = f->block;
	f->a.total = f->total;
	f->a.offset = f->offset;
	f->a.scale = f->scale;
	f->a.slope = f->slope;
	f->a.quartile = f->quartile;
	f->a.qualified = f->qualified;
	f->a.pivots = f->pivots;
	f->a.eligible = f->eligible;
	f->a.group_cut = f->group_cut;
	f->a.centre = f->centre;
	f->a.clusters = (StpClusterSpace){f->number, f->scaled, f->sum, f->squares, f->cost, f->begin};
	f->a.strict = NAN;
	f->a.override = f->rule;
	f->a.fired = f->fired;
}

/* And what is missing its own. */
static void
connect(size_t nodes, size_t units)
{
	Fixture *f = &fixture;

	memset(f, 0, sizeof(*f));
	connect_assessment(nodes, units);
	f->m = (StpMissing){.assessment = &f->a, .least = f->least, .greatest = f->greatest};
	f->m.denominator = f->denominator;
	f->m.leaf = f->leaf;
	f->m.worst = f->worst;
	f->m.best = f->best;
	f->m.trial = f->trial;
	f->m.from = f->from;
	f->m.to = f->to;
	f->m.out = f->out;
	f->m.scores = f->scores;
	f->m.bend = f->bend;
	f->m.order = f->missing_order;
	f->m.middle = f->middle;
	f->m.node = f->reach;
	f->m.present = f->missing_present;
	f->m.most = f->most;
	f->m.fewest = f->fewest;
	f->m.end = f->end;
	f->m.sequence = f->sequence;
	f->m.first_child = f->first_child;
	f->m.next_child = f->next_child;
	f->m.known = f->known;
	f->m.deciding = f->deciding;
	f->m.reached = f->reached;
	f->m.reached_once = f->once;
	f->m.reached_then = f->then;
	f->m.root = f->root;
	f->m.confine = f->confine;
	f->m.peers = f->peers;
	f->m.open = f->open;
	f->m.below = f->below;
	f->m.qualifying = f->qualifying;
}

static size_t
draw_to(size_t n)
{
	return (size_t) (random_share() * (double) n);
}

/* A method that is drawn, with what belongs to it. */
static void
draw_leaf(size_t n)
{
	static const StpMethod methods[] = {STP_AS_IS,			 STP_MIN_MAX,	STP_Z_SCORE,
										STP_PERCENTILE_RANK, STP_GOALPOSTS, STP_DISTANCE_TO_TARGET,
										STP_RANKED,			 STP_BRACKETS,	STP_BANDED,
										STP_EXPONENTIAL_RANK};
	Fixture *f = &fixture;
	StpNode *node = &f->node[n];

	*node = (StpNode){.parent = 0, .weight = 1 + (double) draw_to(3), .decimals = -1, .leaf = true};
	node->method = methods[draw_to(sizeof(methods) / sizeof(*methods))];
	node->higher_is_better = random_share() < 0.5;
	node->ties = (StpTies) draw_to(3);
	node->scores_rise = true;
	node->low = node->high = node->floor = node->standard = NAN;
	node->per = 10;
	node->counted = true;
	node->band = (StpBand){STP_FUNNEL_ARCSINE, STP_NO_OVERDISPERSION, NAN, 0, 1.96};
	if (random_share() < 0.5)
	{
		node->band.method = STP_FUNNEL_ROOT;
		node->band.overdispersion = (StpOverdispersion) draw_to(3);
		node->band.reference = random_share() < 0.5 ? NAN : 0.5;
	}
	if (node->method == STP_GOALPOSTS)
	{
		node->low = 2;
		node->high = 7;
	}
	if ((node->method == STP_GOALPOSTS || stp_core_methods[node->method].spread) &&
		random_share() < 0.4)
		node->transformation = random_share() < 0.5 ? STP_LOG : STP_ROOT;
	if (node->method == STP_DISTANCE_TO_TARGET)
		node->standard = 1 + (double) draw_to(9);
	if (node->method == STP_RANKED && random_share() < 0.5)
	{
		node->standard = node->higher_is_better ? 7 : 3;
		node->floor = random_share() < 0.5 ? NAN : node->higher_is_better ? 2 : 8;
	}
	if (node->method == STP_RANKED && random_share() < 0.3)
	{
		for (size_t u = 0; u < MAX_UNITS; u++)
			f->target[u] = random_share() < 0.2	  ? INFINITY
						   : random_share() < 0.2 ? NAN
												  : (double) draw_to(10);
		node->target = f->target;
	}
	if (node->method == STP_BRACKETS)
	{
		node->bracket = f->bracket;
		node->brackets = BRACKETS;
	}
	if ((node->method == STP_MIN_MAX || node->method == STP_Z_SCORE) && random_share() < 0.2)
	{
		node->frozen = true;
		node->reference = (StpReference){2, 8, 5, 2};
	}
	if (random_share() < 0.2)
		node->decimals = 1;
}

/* Values from 0 to 10, of which some are missing, and then lie within what they can be, which some
 * have no end of. */
static void
draw_values(size_t n, size_t max_missing, bool unbounded)
{
	Fixture *f = &fixture;
	size_t missing = 0, units = f->a.units;

	for (size_t u = 0; u < units; u++)
	{
		size_t cell = n * units + u;

		f->value[cell] = f->least[cell] = f->greatest[cell] = (double) draw_to(11);
		f->denominator[cell] = 20 + (double) draw_to(200);
		if (random_share() > 0.4 || missing == max_missing)
			continue;
		missing++;
		f->value[cell] = NAN;
		f->least[cell] = random_share() < 0.6 ? 0 : (double) draw_to(6);
		f->greatest[cell] = random_share() < 0.6 ? 10 : f->least[cell] + (double) draw_to(5);
		if (unbounded && random_share() < 0.5 &&
			!(f->node[n].method == STP_BANDED && f->node[n].band.method == STP_FUNNEL_ARCSINE))
			f->greatest[cell] = INFINITY;
		if (unbounded && f->node[n].method != STP_BANDED && random_share() < 0.3)
			f->least[cell] = -INFINITY;
	}
}

/* The numbers that a missing value is tried at: ends, turns, and some between. */
static size_t
make_grid(size_t cell, bool fine, double *grid)
{
	Fixture *f = &fixture;
	size_t size = 0;
	double from = f->least[cell], to = f->greatest[cell];

	grid[size++] = from;
	grid[size++] = to;
	for (int i = 0; i <= 10; i++)
		for (int side = fine ? -1 : 0; side <= (fine ? 2 : 1); side++)
		{
			double x = i + (side == 2 || !fine ? 0.5 * (side > 0) : 0.01 * side);

			if (x > from && x < to && size < MAX_GRID)
				grid[size++] = x;
		}
	return size;
}

/* What trying has found for one cell. */
typedef struct Tried
{
	double low;
	double high;
	bool lacked;
} Tried;

static void
note(Tried *t, double score)
{
	t->lacked |= isnan(score);
	t->low = fmin(t->low, score);
	t->high = fmax(t->high, score);
}

/* Try one leaf with all that its missing values can be. */
static void
try_leaf(size_t n, Tried *tried)
{
	Fixture *f = &fixture;
	size_t units = f->a.units, open[MAX_UNITS], sizes[MAX_UNITS], count = 0, all = 1;
	double grid[MAX_UNITS][MAX_GRID], kept[MAX_UNITS];

	memcpy(kept, f->value + n * units, units * sizeof(double));
	for (size_t u = 0; u < units; u++)
	{
		tried[u] = (Tried){INFINITY, -INFINITY, false};
		if (isnan(f->value[n * units + u]))
			open[count++] = u;
	}
	for (size_t i = 0; i < count; i++)
	{
		sizes[i] = make_grid(n * units + open[i], count < 3, grid[i]);
		all *= sizes[i];
	}
	for (size_t pick = 0; pick < all; pick++)
	{
		size_t rest = pick;

		for (size_t i = 0; i < count; rest /= sizes[i++])
			f->value[n * units + open[i]] = grid[i][rest % sizes[i]];
		stp_core_normalise(&f->a, n);
		for (size_t u = 0; u < units; u++)
			note(&tried[u], f->score[n * units + u]);
	}
	memcpy(f->value + n * units, kept, units * sizeof(double));
	stp_core_normalise(&f->a, n);
}

/* Print what does not agree, and fail. */
static void
differ(size_t n, size_t u, const StpReach *r, const Tried *t)
{
	const Fixture *f = &fixture;
	const StpNode *node = &f->node[n];

	print_error("method %d higher %d decimals %d frozen %d standard %g floor %g, unit %zu of %zu: "
				"%g to %g%s, tried %g to %g%s\n",
				node->method, node->higher_is_better, node->decimals, node->frozen, node->standard,
				node->floor, u, f->a.units, r->low, r->high, r->may_lack ? " or none" : "", t->low,
				t->high, t->lacked ? " or none" : "");
	for (size_t i = 0; i < f->a.units; i++)
		print_error("  %g (%g to %g) of %g, target %g\n", f->value[n * f->a.units + i],
					f->least[n * f->a.units + i], f->greatest[n * f->a.units + i],
					f->denominator[n * f->a.units + i], f->target[i]);
	fail();
}

/* How near trying on a grid comes to an extreme. */
static double
grain(const StpNode *node)
{
	double near = node->method == STP_Z_SCORE && !node->frozen ? 0.06 : ROUNDING;

	/* A step more, where scores are rounded. */
	return node->decimals >= 0 ? near + 0.1 : near;
}

static void
compare(size_t n, size_t u, const Tried *t)
{
	const Fixture *f = &fixture;
	const StpReach *r = &f->leaf[n * f->a.units + u];
	double near = grain(&f->node[n]);

	if (isinf(t->low))
	{
		if (!isnan(r->low))
			differ(n, u, r, t);
		return;
	}
	if (isnan(r->low) || t->low < r->low - ROUNDING || t->high > r->high + ROUNDING ||
		(t->lacked && !r->may_lack))
		differ(n, u, r, t);
	if (r->exact && (t->low > r->low + near || t->high < r->high - near))
		differ(n, u, r, t);
}

/* Whatever is drawn, a leaf's reach is what trying finds. */
static void
test_leaves(void **state)
{
	Fixture *f = &fixture;
	Tried tried[MAX_UNITS];

	(void) state;
	for (int turn = 0; turn < 10000; turn++)
	{
		size_t units = 1 + draw_to(MAX_UNITS);

		connect(2, units);
		f->node[0] = (StpNode){.parent = -1, .weight = 1, .decimals = -1};
		f->bracket[0] = (StpBracket){random_share() < 0.5 ? NAN : 1, 2};
		f->bracket[1] = (StpBracket){4, (double) draw_to(4)};
		f->bracket[2] = (StpBracket){8, (double) draw_to(4)};
		draw_leaf(1);
		draw_values(1, 3, false);
		stp_core_assess(&f->a);
		stp_core_reach_leaves(&f->m);
		try_leaf(1, tried);
		for (size_t u = 0; u < units; u++)
			compare(1, u, &tried[u]);
	}
}

/*---------------------------------------------------------------------------
 * Whole schemes
 *---------------------------------------------------------------------------
 */

/* A node above others, with what can be drawn of it. */
static void
draw_above(size_t n, int parent)
{
	StpNode *node = &fixture.node[n];

	*node = (StpNode){.parent = parent, .weight = 1 + (double) draw_to(3), .decimals = -1};
	node->aggregation = random_share() < 0.7 ? STP_ARITHMETIC : (StpAggregation) draw_to(4);
	node->scores_rise = true;
	node->minimum_coverage = random_share() < 0.3 ? random_share() : 0;
	node->scale_low = 0;
	node->scale_high = 10;
	node->rescales = random_share() < 0.2;
	if (random_share() < 0.1)
		node->decimals = 0;
}

/* Rules of one or two conditions, about whatever node. */
static void
draw_rules(void)
{
	Fixture *f = &fixture;

	f->a.overrides = draw_to(RULES + 1);
	for (size_t i = 0; i < f->a.overrides; i++)
	{
		f->rule[i] =
			(StpOverride){.condition = &f->condition[2 * i], .conditions = 1 + (int) draw_to(2)};
		for (int j = 0; j < 2; j++)
		{
			size_t n = draw_to(f->a.nodes);
			bool of_score = !f->node[n].leaf || random_share() < 0.5;
			StpComparison comparison = (StpComparison) draw_to(5);
			StpCondition *c = &f->condition[2 * i + (size_t) j];

			/* Not at 0, which scores that cancel do not hit. */
			*c = (StpCondition){(int) n, of_score ? STP_OF_SCORE : STP_OF_VALUE, comparison,
								(double) (of_score + draw_to(10))};
			if (f->node[n].leaf || random_share() > 0.3)
				continue;
			c->measure = (StpMeasure) draw_to(4);
			/* What has no method has no value. */
			if (c->measure == STP_OF_VALUE && !f->node[n].normalised)
				c->measure = STP_OF_SCORE;
			c->threshold = (double) draw_to(4);
		}
		*(random_share() < 0.5 ? &f->rule[i].no_better_than : &f->rule[i].no_worse_than) =
			1 + (int) draw_to(CATEGORIES);
	}
}

/* Nodes whose scores are made of the cohort's, and nodes that ask for what qualifies. */
static void
draw_cohort(void)
{
	static const StpMethod methods[] = {STP_Z_SCORE, STP_MIN_MAX, STP_PERCENTILE_RANK};
	Fixture *f = &fixture;

	for (int n = 0; n < 2; n++)
		if (random_share() < 0.15)
		{
			f->node[n].normalised = true;
			f->node[n].method = methods[draw_to(3)];
			f->node[n].higher_is_better = random_share() < 0.5;
			f->node[n].low = f->node[n].high = NAN;
		}
	/* What is rounded is made of what may cancel. */
	if (f->node[1].normalised)
		f->node[0].aggregation = STP_ARITHMETIC;
	for (size_t n = 0; n < f->a.nodes && random_share() < 0.3; n++)
	{
		f->node[n].minimum_qualified = f->node[n].leaf ? 0 : (int) draw_to(3);
		f->node[n].pivotal = n > 0 && random_share() < 0.3;
	}
	for (size_t n = 2; n < f->a.nodes; n++)
		f->node[n].minimum_units = random_share() < 0.1 ? draw_to(f->a.units + 2) : 0;
	f->a.by_qualified = f->a.categorise >= STP_BY_K_MEANS && random_share() < 0.5;
}

/* A root, a node below it and leaves of either. */
static void
draw_scheme(void)
{
	Fixture *f = &fixture;
	size_t leaves = 1 + draw_to(MAX_LEAVES), units = 1 + draw_to(MAX_UNITS);

	connect(leaves + 2, units);
	draw_above(0, -1);
	draw_above(1, 0);
	f->bracket[0] = (StpBracket){random_share() < 0.5 ? NAN : 1, 2};
	f->bracket[1] = (StpBracket){4, 1 + (double) draw_to(9)};
	f->bracket[2] = (StpBracket){8, 1 + (double) draw_to(9)};
	for (size_t n = 2; n < f->a.nodes; n++)
	{
		draw_leaf(n);
		/* Below a node all that is, before what is beside it. */
		f->node[n].parent = n == 2 ? 1 : f->node[n - 1].parent == 0 ? 0 : (int) draw_to(2);
		f->node[n].scale_low = random_share() < 0.5 ? 0 : -2;
		f->node[n].scale_high = 10 + 90 * (double) draw_to(2);
		f->node[n].scores_rise = random_share() < 0.8;
		if (n > 2 && random_share() < 0.15)
			f->node[n].weight = 0;
		draw_values(n, 2, random_share() < 0.3);
	}
	/* Of z-scores that cancel rounding leaves a last bit, which has a geometric mean where 0 has
	 * none.
	 */
	for (size_t n = 2; n < f->a.nodes; n++)
		if (f->node[n].method == STP_Z_SCORE)
			f->node[0].aggregation = f->node[1].aggregation = STP_ARITHMETIC;
	stp_core_total_weights(f->node, f->a.nodes);
	f->node[0].categories = CATEGORIES;
	f->cut[0] = 5.5 + (double) draw_to(50);
	f->cut[1] = f->cut[0] - 1 - (double) draw_to(20);
	f->cut[2] = random_share() < 0.8 ? NAN : -5.25;
	f->a.higher_is_better = random_share() < 0.7;
	if (!f->a.higher_is_better)
		for (int i = 0; i < CATEGORIES; i++)
			f->cut[i] = -f->cut[i] + 30;
	f->a.shares_overall = random_share() < 0.4;
	if (random_share() < 0.3)
		f->a.categorise = (StpCategorise) draw_to(4);
	if (f->a.categorise != STP_BY_CUTS)
		f->cut[CATEGORIES - 1] = NAN;
	/* Two units whose z-scores cancel are parted by a last bit. */
	for (size_t n = 2; n < f->a.nodes && units == 2; n++)
		if (f->node[n].method == STP_Z_SCORE)
			f->a.categorise = STP_BY_CUTS;
	draw_cohort();
	draw_rules();
	stp_core_prepare(&f->a);
}

/* What trying has found for one unit. */
typedef struct TriedUnit
{
	Tried score;
	bool reached[CATEGORIES + 1];
} TriedUnit;

/* A value that a cell can have: often an end, or one that a known value can have. */
static double
draw_between(size_t cell)
{
	const Fixture *f = &fixture;
	double far = pow(10, 1 + 8 * random_share());
	double least = isinf(f->least[cell]) ? -far : f->least[cell];
	double greatest = isinf(f->greatest[cell]) ? far : f->greatest[cell];

	if (random_share() < 0.2)
		return fmin(fmax((double) draw_to(11), least), greatest);
	return fmin(least + (random_share() < 0.5 ? (double) draw_to(2) : random_share()) *
							(greatest - least),
				greatest);
}

/* Fill the gaps at random, of the leaves that are not known yet. */
static void
fill_gaps(const double *kept, const bool *known)
{
	Fixture *f = &fixture;

	for (size_t cell = 2 * f->a.units; cell < f->a.nodes * f->a.units; cell++)
		if (isnan(kept[cell]) && (known == NULL || !known[cell / f->a.units]))
			f->value[cell] = draw_between(cell);
}

/* Fill and rate, again and again. */
static void
try_fills(TriedUnit *tried, int turns)
{
	Fixture *f = &fixture;
	double kept[CELLS];

	memcpy(kept, f->value, sizeof(kept));
	for (size_t u = 0; u < f->a.units; u++)
		tried[u] = (TriedUnit){{INFINITY, -INFINITY, false}, {false}};
	for (int turn = 0; turn < turns; turn++)
	{
		fill_gaps(kept, NULL);
		stp_core_assess(&f->a);
		for (size_t u = 0; u < f->a.units; u++)
		{
			note(&tried[u].score, f->a.score[u]);
			tried[u].reached[f->a.category[u]] = true;
		}
	}
	memcpy(f->value, kept, sizeof(kept));
	stp_core_assess(&f->a);
}

static void
print_scheme(void)
{
	const Fixture *f = &fixture;

	print_error("overall %d higher %d categorise %d by qualified %d cuts %g %g %g\n",
				f->a.shares_overall, f->a.higher_is_better, f->a.categorise, f->a.by_qualified,
				f->cut[0], f->cut[1], f->cut[2]);
	for (size_t n = 0; n < f->a.nodes; n++)
	{
		const StpNode *node = &f->node[n];

		print_error(
			"node %zu of %d weight %g leaf %d method %d aggregation %d coverage %g rescales %d "
			"decimals %d rise %d higher %d normalised %d asks %d pivotal %d units %zu\n",
			n, node->parent, node->weight, node->leaf, node->method, node->aggregation,
			node->minimum_coverage, node->rescales, node->decimals, node->scores_rise,
			node->higher_is_better, node->normalised, node->minimum_qualified, node->pivotal,
			node->minimum_units);
		for (size_t u = 0; u < f->a.units && node->leaf; u++)
			print_error("   %g (%g to %g): %g, %g to %g%s%s\n", f->value[n * f->a.units + u],
						f->least[n * f->a.units + u], f->greatest[n * f->a.units + u],
						f->score[n * f->a.units + u], f->leaf[n * f->a.units + u].low,
						f->leaf[n * f->a.units + u].high,
						f->leaf[n * f->a.units + u].may_lack ? " or none" : "",
						f->leaf[n * f->a.units + u].stepwise ? " stepwise" : "");
	}
	for (size_t i = 0; i < f->a.overrides; i++)
		for (int j = 0; j < f->rule[i].conditions; j++)
			print_error("rule %zu: node %d measure %d comparison %d %g: %d %d\n", i,
						f->rule[i].condition[j].node, f->rule[i].condition[j].measure,
						f->rule[i].condition[j].comparison, f->rule[i].condition[j].threshold,
						f->rule[i].no_better_than, f->rule[i].no_worse_than);
}

/* Nothing that was tried lies beyond; what is known is as it is rated. */
static void
compare_unit(size_t u, const TriedUnit *tried)
{
	StpOutcome o = stp_core_outcome(&fixture.m, u);
	const StpReach *r = &o.score;
	bool beyond = tried->score.lacked && !r->may_lack;

	for (int c = 0; c <= CATEGORIES; c++)
		beyond |= tried->reached[c] && !o.reached[c];
	if (!isinf(tried->score.low))
		beyond |= isnan(r->low) || tried->score.low < r->low - ROUNDING * fmax(1, fabs(r->low)) ||
				  tried->score.high > r->high + ROUNDING * fmax(1, fabs(r->high));
	if (!beyond)
		return;
	print_scheme();
	print_error("unit %zu: %g to %g%s, tried %g to %g%s; categories", u, r->low, r->high,
				r->may_lack ? " or none" : "", tried->score.low, tried->score.high,
				tried->score.lacked ? " or none" : "");
	for (int c = 0; c <= CATEGORIES; c++)
		print_error(" %d/%d", o.reached[c], tried->reached[c]);
	print_error("\n");
	fail();
}

/* Find the reach of a scheme that was drawn. */
static void
find_reach(void)
{
	stp_core_assess(&fixture.a);
	stp_core_link_children(&fixture.m);
	stp_core_reach_leaves(&fixture.m);
	stp_core_reach_roots(&fixture.m);
}

/* No fill of the gaps leads beyond what is found. */
static void
test_schemes(void **state)
{
	TriedUnit tried[MAX_UNITS];

	(void) state;
	for (int turn = 0; turn < 3000; turn++)
	{
		draw_scheme();
		find_reach();
		try_fills(tried, 60);
		for (size_t u = 0; u < fixture.a.units; u++)
			compare_unit(u, &tried[u]);
	}
}

/* Fill the leaves that decide, then the others again and again: the category stays. */
static void
check_deciding(size_t u, const bool *deciding)
{
	Fixture *f = &fixture;
	double kept[CELLS], known[CELLS];
	bool leaves[MAX_NODES];

	memcpy(leaves, deciding, sizeof(leaves));
	memcpy(kept, f->value, sizeof(kept));
	for (int first = 0; first < 10; first++)
	{
		int32_t category = -1;

		fill_gaps(kept, NULL);
		memcpy(known, f->value, sizeof(known));
		for (int then = 0; then < 10; then++)
		{
			fill_gaps(kept, leaves);
			stp_core_assess(&f->a);
			if (category >= 0 && f->a.category[u] != category)
			{
				print_scheme();
				print_error("unit %zu: %d and %d, known", u, category, f->a.category[u]);
				for (size_t n = 0; n < f->a.nodes; n++)
					print_error(" %d", leaves[n]);
				print_error("\n");
				fail();
			}
			category = f->a.category[u];
		}
	}
	memcpy(f->value, kept, sizeof(kept));
	stp_core_assess(&f->a);
}

/* What decides does. */
static void
test_deciding(void **state)
{
	int partly = 0;

	(void) state;
	for (int turn = 0; turn < 2000; turn++)
	{
		draw_scheme();
		find_reach();
		for (size_t u = 0; u < fixture.a.units; u++)
		{
			StpOutcome o = stp_core_outcome(&fixture.m, u);
			size_t chosen = 0;

			if (!o.searched)
				continue;
			for (size_t n = 0; n < fixture.a.nodes; n++)
				chosen += o.decisive[n];
			assert_int_equal(chosen, o.deciding);
			partly += o.deciding > 0 && o.deciding < fixture.a.nodes - 2;
			check_deciding(u, o.decisive);
		}
	}
	assert_true(partly > 0);
}

/* What one value would change is what comes of it, and nothing else is touched. */
static void
test_chance(void **state)
{
	Fixture *f = &fixture;
	StpChance chance;

	(void) state;
	connect(3, 5);
	f->node[0] = (StpNode){.parent = -1, .weight = 1, .decimals = -1, .categories = 2};
	f->cut[0] = 5;
	f->cut[1] = NAN;
	for (size_t n = 1; n < 3; n++)
		f->node[n] = (StpNode){.weight = 1,
							   .decimals = -1,
							   .leaf = true,
							   .higher_is_better = true,
							   .low = NAN,
							   .high = NAN,
							   .floor = NAN,
							   .standard = NAN};
	for (size_t cell = 5; cell < 15; cell++)
		f->value[cell] = f->least[cell] = f->greatest[cell] = (double) (cell % 5) * 2;
	f->value[5 + 1] = NAN;
	f->least[5 + 1] = 0;
	f->greatest[5 + 1] = 6;
	find_reach();
	/* 0 to 6, with 2 elsewhere: never 5; what is known is 0, 4 and 6, and 8 it cannot be */
	chance = stp_core_chance(&f->m, 1, 1);
	assert_int_equal(chance.draws, 3);
	assert_true(chance.changes == 0 && chance.moved == 0 && chance.decided == 1);
	/* with 5 elsewhere: from 2 to 5.5 */
	f->value[10 + 1] = f->least[10 + 1] = f->greatest[10 + 1] = 4.5;
	find_reach();
	assert_int_equal(f->a.category[1], 2);
	chance = stp_core_chance(&f->m, 1, 1);
	assert_true(fabs(chance.changes - 1.0 / 3) < ROUNDING &&
				fabs(chance.moved - 1.0 / 3) < ROUNDING);
	assert_true(chance.decided == 1);
	assert_true(isnan(f->value[5 + 1]) && f->a.score[1] == 4.5 && f->least[5 + 1] == 0);
}

/* One leaf whose values are 1, 2 and so on, on a scale from the least to the greatest. */
static void
connect_leaf(size_t units)
{
	Fixture *f = &fixture;

	connect(2, units);
	f->node[0] = (StpNode){.parent = -1, .weight = 1, .decimals = -1};
	f->node[1] = (StpNode){.weight = 1,
						   .decimals = -1,
						   .leaf = true,
						   .method = STP_MIN_MAX,
						   .higher_is_better = true,
						   .low = NAN,
						   .high = NAN};
	for (size_t cell = units; cell < 2 * units; cell++)
		f->value[cell] = f->least[cell] = f->greatest[cell] = 1 + (double) (cell - units);
}

/* Ends that are only approached. */
static void
test_unbounded(void **state)
{
	Fixture *f = &fixture;
	StpOutcome o;

	(void) state;
	connect_leaf(3);
	f->value[3] = NAN;
	f->greatest[3] = INFINITY;
	find_reach();
	/* the one in the middle goes down to 0 with the first without end, and is at 0 with it at 3 or
	 * nearer; 2 is the least of all */
	o = stp_core_outcome(&f->m, 1);
	assert_true(o.score.low == 0 && o.score.low_attained && o.score.high == 50);
	o = stp_core_outcome(&f->m, 2);
	assert_true(o.score.low == 0 && !o.score.low_attained && o.score.high == 100 &&
				o.score.high_attained);
	o = stp_core_outcome(&f->m, 0);
	assert_true(o.score.low == 0 && o.score.high == 100 && o.score.high_attained);
	/* as it is, without end */
	f->node[1].method = STP_AS_IS;
	find_reach();
	o = stp_core_outcome(&f->m, 0);
	assert_true(o.score.low == 1 && o.score.low_attained && isinf(o.score.high) &&
				!o.score.high_attained);
	/* a z-score has its limits: (n - 1) / sqrt(n) */
	f->node[1].method = STP_Z_SCORE;
	find_reach();
	o = stp_core_outcome(&f->m, 0);
	assert_true(fabs(o.score.high - 2 / sqrt(3)) < ROUNDING);
}

/* One more value makes enough of them, also where the method cannot take it: the logarithm of 0. */
static void
test_enough(void **state)
{
	Fixture *f = &fixture;
	StpOutcome o;

	(void) state;
	connect_leaf(4);
	f->node[1].transformation = STP_LOG;
	f->node[1].minimum_units = 4;
	f->value[7] = NAN;
	f->least[7] = f->greatest[7] = 0;
	stp_core_prepare(&f->a);
	find_reach();
	assert_true(isnan(f->a.score[2]));
	o = stp_core_outcome(&f->m, 2);
	assert_true(o.score.low <= 100 && o.score.high >= 100);
	f->value[7] = 0;
	stp_core_assess(&f->a);
	assert_true(f->a.score[2] == 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaves),	  cmocka_unit_test(test_schemes),
		cmocka_unit_test(test_deciding),  cmocka_unit_test(test_chance),
		cmocka_unit_test(test_unbounded), cmocka_unit_test(test_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
