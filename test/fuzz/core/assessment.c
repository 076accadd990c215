/* Fuzz target: trees of hostile weights over hostile values; ranks and categories are places that
 * exist, and what a rating can become has a lower end and an upper one. */
#include "input.h"
#include "assessment.h"
#include "missing.h"

#define NODES 8
#define UNITS 6
#define CUTS 3
#define CELLS (NODES * UNITS)

typedef struct Fixture
{
	StpNode node[NODES];
	double value[CELLS], denominator[CELLS], score[CELLS], coverage[CELLS], effective_weight[CELLS];
	double contribution[CELLS];
	double weight[NODES], total[NODES], scale[NODES], offset[NODES], tied[UNITS], cut[CUTS * NODES];
	int32_t rank[CELLS], category[CELLS];
	size_t order[CELLS], ordered[NODES], spare[UNITS];
	StpBracket bracket[2];
	StpBlock block[NODES];
	double slope[NODES], quartile[NODES * STP_QUARTILE_ENDS], kept[4 * CELLS], eligible[UNITS],
		group_cut[(NODES + 1) * CUTS], centre[CUTS], number[UNITS], scaled[UNITS], sum[UNITS + 1],
		squares[UNITS + 1], cost[2 * UNITS];
	uint32_t begin[CUTS * UNITS];
	int32_t qualified[CELLS];
	bool pivots[CELLS], fired[UNITS];
	StpCondition condition;
	StpOverride rule;
	StpAssessment a;
} Fixture;

/* Finite, or missing. */
static double
take_value(Input *input)
{
	double value = take_double(input);

	return isinf(value) ? 1 : value;
}

static StpBand
take_band(Input *input)
{
	return (StpBand){.method = take_between(input, 0, 1) ? STP_FUNNEL_ROOT : STP_FUNNEL_ARCSINE,
					 .overdispersion =
						 take_between(input, STP_NO_OVERDISPERSION, STP_MULTIPLICATIVE),
					 .reference = take_value(input),
					 .winsorise = take_between(input, 0, 49) / 100.0,
					 .critical = take_count(input)};
}

static StpNode
take_leaf(Input *input, const Fixture *f, int parent)
{
	return (StpNode){
		.parent = parent,
		.weight = take_between(input, 0, 3) ? take_count(input) : 1,
		.decimals = take_between(input, -1, 6),
		.first_cut = 0,
		.categories = take_between(input, 0, CUTS),
		.aggregation = take_between(input, STP_ARITHMETIC, STP_SUM),
		.total = take_count(input),
		.minimum_coverage = take_between(input, 0, 10) / 10.0,
		.scale_low = take_value(input),
		.scale_high = take_value(input),
		.scores_rise = take_between(input, 0, 1),
		.rescales = take_between(input, 0, 1),
		.leaf = true,
		.method = take_between(input, STP_AS_IS, STP_METHODS - 1),
		.transformation = take_between(input, STP_AS_REPORTED, STP_ROOT),
		.ties = take_between(input, STP_TIES_AVERAGE, STP_TIES_HIGH),
		.higher_is_better = take_between(input, 0, 1),
		.low = take_value(input),
		.high = take_value(input),
		.standard = take_value(input),
		.floor = take_value(input),
		.per = take_between(input, 0, 1) ? 1 : 100,
		.bracket = f->bracket,
		.brackets = 2,
		.counted = take_between(input, 0, 1),
		.band = take_band(input),
		.frozen = take_between(input, 0, 1),
		.reference = {take_value(input), take_value(input), take_value(input), take_value(input)}};
}

/* A parent comes before its children, on the path to the node before. */
static void
take_tree(Input *input, Fixture *f)
{
	for (int n = 0; n < (int) f->a.nodes; n++)
	{
		int parent = n - 1;

		while (parent > 0 && take_between(input, 0, 1))
			parent = f->node[parent].parent;
		f->node[n] = take_leaf(input, f, parent);
		f->node[n].pivotal = take_between(input, 0, 3) == 0;
		f->node[n].minimum_units = (size_t) take_between(input, 0, 3);
		if (parent >= 0)
			f->node[parent].leaf = false;
	}
}

/* Nodes above others that ask for more than a mean; those below one come before any other. */
static void
take_above(Input *input, Fixture *f)
{
	static const StpMethod methods[] = {STP_MIN_MAX, STP_Z_SCORE, STP_PERCENTILE_RANK,
										STP_EXPONENTIAL_RANK};

	for (size_t n = 0; n < f->a.nodes; n++)
	{
		StpNode *node = &f->node[n];

		node->frozen &= node->leaf;
		node->minimum_qualified = node->leaf ? 0 : take_between(input, 0, 3);
		node->normalised = !node->leaf && take_between(input, 0, 2) == 0;
		if (node->normalised)
		{
			node->method = methods[take_between(input, 0, 3)];
			node->transformation = STP_AS_REPORTED;
		}
	}
}

/* A rule about anything. */
static void
take_rule(Input *input, Fixture *f)
{
	f->condition = (StpCondition){take_between(input, 0, (int) f->a.nodes - 1),
								  take_between(input, STP_OF_VALUE, STP_OF_QUARTILE),
								  take_between(input, STP_LESS, STP_GREATER), take_double(input)};
	f->rule =
		(StpOverride){&f->condition, 1, take_between(input, 0, CUTS), take_between(input, 0, CUTS)};
	f->a.override = &f->rule;
	f->a.overrides = (size_t) take_between(input, 0, 1);
}

static void
connect(Fixture *f, size_t nodes, size_t units)
{
	f->a =
		(StpAssessment){.nodes = nodes,
						.units = units,
						.node = f->node,
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
						.eligible = f->eligible,
						.group_cut = f->group_cut,
						.centre = f->centre,
						.clusters = {f->number, f->scaled, f->sum, f->squares, f->cost, f->begin},
						.qualified = f->qualified,
						.pivots = f->pivots,
						.fired = f->fired};
}

static void
check_places(const StpAssessment *a)
{
	for (size_t n = 0; n < a->nodes; n++)
		for (size_t u = 0; u < a->units; u++)
		{
			size_t cell = n * a->units + u;

			CHECK(a->rank[cell] >= 0 && a->rank[cell] <= (int32_t) a->units);
			CHECK(a->category[cell] >= 0 && a->category[cell] <= a->node[n].categories);
			CHECK(!isinf(a->score[cell]));
		}
}

/* What is looked for leaves everything as it was. */
static void
check_what_if(StpAssessment *a)
{
	for (size_t n = 0; n < a->nodes; n++)
		for (size_t u = 0; u < a->units && a->node[n].leaf; u++)
		{
			double value = a->value[n * a->units + u];

			(void) stp_core_needed_value(a, n, u);
			CHECK(memcmp(&value, &a->value[n * a->units + u], sizeof(value)) == 0);
		}
	for (size_t u = 0; u < a->units; u++)
		(void) stp_core_needed_score(a, u);
	check_places(a);
}

/* Room for what a rating can become. */
typedef struct Missing
{
	double least[CELLS], greatest[CELLS], worst[UNITS], best[UNITS], from[UNITS], to[UNITS],
		trial[UNITS], scores[UNITS], bend[2 * UNITS], present[NODES], most[NODES], fewest[NODES],
		end[NODES];
	size_t order[2 * UNITS], middle[UNITS], peers[UNITS], sequence[NODES], first_child[NODES],
		next_child[NODES];
	bool out[UNITS], known[NODES], deciding[NODES], reached[3][CUTS + 1];
	StpReach leaf[CELLS], node[NODES], below[NODES], root[UNITS];
	StpQualifying qualifying[NODES];
	bool open[NODES];
	const StpConfine *confine[NODES];
	StpMissing m;
} Missing;

static void
connect_missing(Missing *x, StpAssessment *a)
{
	x->m = (StpMissing){.assessment = a,
						.least = x->least,
						.greatest = x->greatest,
						.denominator = a->denominator,
						.leaf = x->leaf,
						.worst = x->worst,
						.best = x->best,
						.from = x->from,
						.to = x->to,
						.out = x->out,
						.trial = x->trial,
						.scores = x->scores,
						.bend = x->bend,
						.order = x->order,
						.middle = x->middle,
						.node = x->node,
						.qualifying = x->qualifying,
						.below = x->below,
						.open = x->open,
						.present = x->present,
						.most = x->most,
						.fewest = x->fewest,
						.end = x->end,
						.sequence = x->sequence,
						.first_child = x->first_child,
						.next_child = x->next_child,
						.confine = x->confine,
						.reached = x->reached[0],
						.reached_once = x->reached[1],
						.reached_then = x->reached[2],
						.peers = x->peers,
						.root = x->root,
						.known = x->known,
						.deciding = x->deciding};
}

/* What is known is what it is; what is missing lies between two numbers, or has no end. */
static void
take_ends(Input *input, Missing *x, const StpAssessment *a)
{
	for (size_t cell = 0; cell < a->nodes * a->units; cell++)
	{
		double one = take_double(input), other = take_double(input);

		x->least[cell] = isnan(a->value[cell]) ? fmin(one, other) : a->value[cell];
		x->greatest[cell] = isnan(a->value[cell]) ? fmax(one, other) : a->value[cell];
	}
}

/* What a rating can become has two ends, and looking for it leaves everything as it was. */
static void
check_missing(Input *input, StpAssessment *a)
{
	static Missing missing;
	Missing *x = &missing;

	memset(x, 0, sizeof(*x));
	connect_missing(x, a);
	take_ends(input, x, a);
	stp_core_link_children(&x->m);
	stp_core_reach_leaves(&x->m);
	stp_core_reach_roots(&x->m);
	for (size_t u = 0; u < a->units; u++)
	{
		StpOutcome o = stp_core_outcome(&x->m, u);

		CHECK(isnan(o.score.low) == isnan(o.score.high) && !(o.score.low > o.score.high));
		CHECK(o.deciding <= a->nodes);
		for (size_t n = 0; n < a->nodes; n++)
			if (a->node[n].leaf && isnan(a->value[n * a->units + u]))
			{
				(void) stp_core_chance(&x->m, n, u);
				CHECK(isnan(a->value[n * a->units + u]));
			}
	}
	check_places(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static Fixture fixture;
	Fixture *f = &fixture;
	Input input = {data, size};

	memset(f, 0, sizeof(*f));
	connect(f, (size_t) take_between(&input, 1, NODES), (size_t) take_between(&input, 1, UNITS));
	f->a.higher_is_better = take_between(&input, 0, 1);
	f->a.categorise = take_between(&input, STP_BY_CUTS, STP_BY_NATURAL_BREAKS);
	f->a.by_qualified = f->a.categorise >= STP_BY_K_MEANS && take_between(&input, 0, 1);
	f->a.seeds = take_between(&input, STP_SEED_MEDIANS, STP_SEED_EVEN);
	f->a.strict = take_value(&input);
	f->a.shares_overall = take_between(&input, 0, 1);
	for (int i = 0; i < 2; i++)
		f->bracket[i] = (StpBracket){i == 0 ? take_finite(&input) : NAN, take_finite(&input)};
	for (int i = 0; i < CUTS; i++)
		f->cut[i] = i == CUTS - 1 ? NAN : take_finite(&input);
	take_tree(&input, f);
	take_above(&input, f);
	take_rule(&input, f);
	stp_core_prepare(&f->a);
	for (size_t cell = 0; cell < f->a.nodes * f->a.units; cell++)
	{
		f->value[cell] = take_value(&input);
		f->denominator[cell] = take_between(&input, 0, 3) ? take_count(&input) : NAN;
	}
	stp_core_assess(&f->a);
	check_places(&f->a);
	check_what_if(&f->a);
	stp_core_assess(&f->a);
	check_missing(&input, &f->a);
	stp_core_assess_root(&f->a, true);
	check_places(&f->a);
	return 0;
}
