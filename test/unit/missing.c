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
	double weight[MAX_NODES], total[MAX_NODES], covered[MAX_NODES], present[MAX_NODES],
		scale[MAX_NODES], offset[MAX_NODES], exact[MAX_NODES], tied[MAX_UNITS], cut[CATEGORIES];
	int32_t rank[CELLS], category[CELLS];
	size_t order[CELLS], ordered[MAX_NODES];
	StpComposite state[MAX_NODES];
	StpAssessment a;

	double least[CELLS], greatest[CELLS], worst[MAX_UNITS], best[MAX_UNITS], trial[MAX_UNITS],
		scores[MAX_UNITS], bend[2 * MAX_UNITS], missing_present[MAX_NODES], most[MAX_NODES],
		fewest[MAX_NODES], end[MAX_NODES];
	size_t missing_order[2 * MAX_UNITS], middle[MAX_UNITS], sequence[MAX_NODES];
	StpReach leaf[CELLS], reach[MAX_NODES];
	StpMissing m;
} Fixture;

static Fixture fixture;

/* Let the assessment and what is missing see their arrays. */
static void
connect(size_t nodes, size_t units)
{
	Fixture *f = &fixture;

	memset(f, 0, sizeof(*f));
	f->a = (StpAssessment){.nodes = nodes, .units = units, .node = f->node, .higher_is_better = true};
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
	f->a.state = f->state;
	f->a.total = f->total;
	f->a.covered = f->covered;
	f->a.present = f->present;
	f->a.offset = f->offset;
	f->a.scale = f->scale;
	f->a.exact = f->exact;
	f->m = (StpMissing){.assessment = &f->a, .least = f->least, .greatest = f->greatest};
	f->m.denominator = f->denominator;
	f->m.leaf = f->leaf;
	f->m.worst = f->worst;
	f->m.best = f->best;
	f->m.trial = f->trial;
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
	static const StpMethod methods[] = {STP_AS_IS,		 STP_MIN_MAX, STP_Z_SCORE,
										STP_PERCENTILE_RANK, STP_GOALPOSTS, STP_DISTANCE_TO_TARGET,
										STP_RANKED,		 STP_BRACKETS, STP_BANDED};
	Fixture *f = &fixture;
	StpNode *node = &f->node[n];

	*node = (StpNode){.parent = 0, .weight = 1 + (double) draw_to(3), .decimals = -1, .leaf = true};
	node->method = methods[draw_to(sizeof(methods) / sizeof(*methods))];
	node->higher_is_better = random_share() < 0.5;
	node->scores_rise = true;
	node->low = node->high = node->floor = node->standard = NAN;
	node->per = 10;
	node->counted = true;
	node->band = (StpBand){STP_FUNNEL_ARCSINE, STP_NO_OVERDISPERSION, NAN, 0, 1.96};
	if (node->method == STP_GOALPOSTS)
	{
		node->low = 2;
		node->high = 7;
	}
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
			f->target[u] = random_share() < 0.2 ? INFINITY : random_share() < 0.2 ? NAN : (double) draw_to(10);
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

/* Values from 0 to 10, of which some are missing, and then lie within what they can be. */
static void
draw_values(size_t n, size_t max_missing)
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
		draw_values(1, 3);
		stp_core_assess(&f->a);
		stp_core_reach_leaves(&f->m);
		try_leaf(1, tried);
		for (size_t u = 0; u < units; u++)
			compare(1, u, &tried[u]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
