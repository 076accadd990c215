/*
 * assessment.c: the rating engine, without any backend header.
 */
#include "assessment.h"

#include <math.h>
#include <string.h>

#include "order.h"
#include "pause.h"

/* What rounding may take from a share. */
#define ROUNDING 1e-12
/* The length of the scale that scores are brought to. */
#define FULL_SCALE 100
/* So many levels above a leaf take no less than the whole tree. */
#define MANY_LEVELS 16

double
stp_core_mean(const StpNode *node, const StpComposite *state)
{
	switch (node->aggregation)
	{
		case STP_GEOMETRIC:
			return stp_core_geometric_mean(state);
		case STP_HARMONIC:
			return stp_core_harmonic_mean(state);
		case STP_ARITHMETIC:
		case STP_SUM:
			break;
	}
	return stp_core_arithmetic_mean(state);
}

void
stp_core_total_weights(StpNode *node, size_t nodes)
{
	for (size_t n = 0; n < nodes; n++)
		node[n].total = 0;
	for (size_t n = 1; n < nodes; n++)
		node[node[n].parent].total += node[n].weight;
}

/* The same of one unit of a block. */
static double
mean_of(const StpNode *node, const StpBlock *block, size_t i)
{
	StpComposite state = {.present = block->weight[i] > 0,
						  .not_positive = block->not_positive[i],
						  .weight_present = block->weight[i],
						  .sum = block->sum[i],
						  .sum_error = block->sum_error[i],
						  .sum_log = block->sum_log[i],
						  .sum_reciprocal = block->sum_reciprocal[i]};

	return stp_core_mean(node, &state);
}

bool
stp_core_scores_rise(const StpAssessment *a, size_t n)
{
	return n == 0 ? a->higher_is_better : a->node[n].scores_rise;
}

/* Whether the parent of a node brings its score to another scale. */
static bool
is_rescaled(const StpAssessment *a, const StpNode *node)
{
	return node->parent >= 0 && node->weight > 0 && a->node[node->parent].rescales;
}

/* The end of a node's scale that becomes 0: the worst, or where low scores are good the best. */
static double
zero_of(const StpAssessment *a, const StpNode *node)
{
	return node->scores_rise == a->higher_is_better ? node->scale_low : node->scale_high;
}

/* The way from there to the other end, which becomes 100. */
static double
length_of(const StpAssessment *a, const StpNode *node)
{
	double length = node->scale_high - node->scale_low;

	return node->scores_rise == a->higher_is_better ? length : -length;
}

/* How the scores of a node become those that its parent counts: (score - zero) / length x full. */
typedef struct Rescaling
{
	double zero;
	double length;
	bool rescaled;
} Rescaling;

static Rescaling
rescaling_of(const StpAssessment *a, size_t n)
{
	const StpNode *node = &a->node[n];

	if (!is_rescaled(a, node))
		return (Rescaling){0, FULL_SCALE, false};
	return (Rescaling){zero_of(a, node), length_of(a, node), true};
}

/* A node's score as its parent counts it. */
static inline double
counted_score(const Rescaling *r, double score)
{
	return r->rescaled ? (score - r->zero) / r->length * FULL_SCALE : score;
}

double
stp_core_counted_score(const StpAssessment *a, size_t n, double score)
{
	Rescaling rescaling = rescaling_of(a, n);

	return counted_score(&rescaling, score);
}

/*
 * A node's weight as its parent counts it, of a unit that is so far into its block. Where missing
 * weight goes to all that is present, a node weighs as much as is present below it: on the way down
 * the shares then multiply to the weight of a leaf over that of all leaves present.
 */
static inline double
counted_weight(const StpAssessment *a, size_t n, size_t i)
{
	return a->shares_overall ? a->node[n].weight * a->block[n].present[i] : a->node[n].weight;
}

/* Whether the units of a block have a leaf, and how much of it. */
static void
close_leaf(StpAssessment *a, size_t n, size_t first, size_t units)
{
	size_t cell = n * a->units + first;
	const double *score = a->score + cell,
				 *completeness = a->completeness == NULL ? NULL : a->completeness + cell;
	StpBlock *block = &a->block[n];

	for (size_t i = 0; i < units; i++)
	{
		block->present[i] = isnan(score[i]) ? 0 : 1;
		block->covered[i] = block->present[i];
	}
	for (size_t i = 0; i < units && completeness != NULL; i++)
		block->covered[i] = block->present[i] == 0 ? 0 : completeness[i];
}

/* Coverage of a node whose children have all been added. */
static void
cover_node(StpAssessment *a, size_t n, size_t units)
{
	double total = a->total[n];
	StpBlock *block = &a->block[n];

	for (size_t i = 0; i < units; i++)
		block->covered[i] = total == 0 ? 0 : block->covered[i] / total;
}

/* How much is present below a node that has its scores. */
static void
find_present(StpAssessment *a, size_t n, const double *score, size_t units)
{
	StpBlock *block = &a->block[n];

	for (size_t i = 0; i < units; i++)
		block->present[i] = isnan(score[i]) ? 0 : block->present[i] / a->total[n];
}

/* Score and coverage of a node whose children have all been added; of one that is normalised what
 * they come to is its value, and its score is there already, or comes after. */
static void
close_node(StpAssessment *a, size_t n, size_t first, size_t units, bool covers)
{
	const StpNode *node = &a->node[n];
	size_t cell = n * a->units + first;
	double *score = (node->normalised ? a->value : a->score) + cell;
	int decimals = node->normalised ? -1 : node->decimals;
	/* As much less as rounding can take from a coverage that is just enough. */
	double enough = node->minimum_coverage - ROUNDING, times = stp_core_times_mean(node);
	StpBlock *block = &a->block[n];

	if (covers)
		cover_node(a, n, units);
	for (size_t i = 0; i < units; i++)
	{
		double exact =
			enough > 0 && block->covered[i] < enough ? NAN : times * mean_of(node, block, i);

		score[i] = decimals < 0 ? exact : stp_core_round(exact, decimals);
		/* A mean of the largest numbers there are may leave the range: no score, rather than
		 * infinity. */
		if (!isfinite(score[i]))
			score[i] = NAN;
		block->exact[i] = exact;
	}
	if (covers)
		find_present(a, n, a->score + cell, units);
}

/* Add scores of a closed node to its parent, as stp_core_composite_add() does to one state. A
 * missing one adds nothing to any sum: nobody can guess where one comes. */
static void
add_scores(StpAssessment *a, size_t n, const double *score, size_t units)
{
	StpBlock *above = &a->block[a->node[n].parent];
	Rescaling rescaling = rescaling_of(a, n);

	for (size_t i = 0; i < units; i++)
	{
		double counted = counted_score(&rescaling, score[i]), weight = counted_weight(a, n, i);

		above->weight[i] += isnan(counted) ? 0 : weight;
		stp_core_add_to_sum(&above->sum[i], &above->sum_error[i],
							isnan(counted) ? 0 : weight * counted);
	}
	if (!stp_core_asks_for_positive(&a->node[a->node[n].parent]))
		return;
	for (size_t i = 0; i < units; i++)
	{
		double counted = counted_score(&rescaling, score[i]), weight = counted_weight(a, n, i);

		if (counted > 0)
		{
			above->sum_log[i] += weight * log(counted);
			above->sum_reciprocal[i] += weight / counted;
		}
		above->not_positive[i] += counted <= 0;
	}
}

/* Add what is present of a closed node to its parent. */
static void
add_coverage(StpAssessment *a, size_t n, const double *score, size_t units)
{
	double weight = a->node[n].weight;
	const StpBlock *block = &a->block[n];
	StpBlock *above = &a->block[a->node[n].parent];

	for (size_t i = 0; i < units; i++)
		above->covered[i] += isnan(score[i]) ? 0 : weight * block->covered[i];
	for (size_t i = 0; i < units && a->shares_overall; i++)
		above->present[i] += weight * block->present[i];
}

/* Add a closed node to its parent. */
static void
add_to_parent(StpAssessment *a, size_t n, size_t first, size_t units, bool covers)
{
	const double *score = a->score + n * a->units + first;

	a->total[a->node[n].parent] += a->node[n].weight;
	add_scores(a, n, score, units);
	if (covers)
		add_coverage(a, n, score, units);
}

/* Whether the score of a node may depend on how much is present below it. */
static bool
coverage_matters(const StpAssessment *a)
{
	bool matters = a->shares_overall;

	for (size_t n = 0; n < a->nodes; n++)
		matters = matters || a->node[n].minimum_coverage > ROUNDING;
	return matters;
}

/* Nothing has come to a unit's node yet. */
static inline void
open_node(StpBlock *block, size_t i)
{
	block->weight[i] = block->sum[i] = block->sum_error[i] = 0;
	block->sum_log[i] = block->sum_reciprocal[i] = 0;
	block->covered[i] = block->present[i] = 0;
	block->not_positive[i] = 0;
}

/* From the leaves up to a node: scores and, if they are asked for, coverages of a block of units,
 * of the nodes from this one to before another, which are those below it. */
static void
aggregate_to(StpAssessment *a, size_t top, size_t end, size_t first, size_t units, bool covers)
{
	stp_core_pause();
	memset(a->total + top, 0, (end - top) * sizeof(double));
	for (size_t n = top; n < end; n++)
		for (size_t i = 0; i < units && !a->node[n].leaf; i++)
			open_node(&a->block[n], i);
	for (size_t n = end; n-- > top;)
	{
		if (!a->node[n].leaf)
			close_node(a, n, first, units, covers);
		else if (covers)
			close_leaf(a, n, first, units);
		if (n > top && a->node[n].weight > 0)
			add_to_parent(a, n, first, units, covers);
	}
}

/* The same up to the root. */
static void
aggregate(StpAssessment *a, size_t first, size_t units, bool covers)
{
	aggregate_to(a, 0, a->nodes, first, units, covers);
}

/* Whether it takes less to go up from a leaf, looking for the children of each node, than to walk
 * the whole tree. */
static bool
is_near_root(const StpAssessment *a, size_t leaf)
{
	int levels = 0;

	for (int above = a->node[leaf].parent; above >= 0; above = a->node[above].parent)
		levels++;
	return levels <= MANY_LEVELS;
}

/* The score of one node of a block of units, whose children have theirs. */
static void
aggregate_node(StpAssessment *a, size_t node, size_t first, size_t units, bool covers)
{
	stp_core_pause();
	a->total[node] = 0;
	for (size_t i = 0; i < units; i++)
		open_node(&a->block[node], i);
	for (size_t n = a->nodes - 1; n > node; n--)
		if (a->node[n].parent == (int) node && a->node[n].weight > 0)
			add_to_parent(a, n, first, units, covers);
	close_node(a, node, first, units, covers);
}

/* The same of one unit that was the last to be aggregated alone, where only the score of a leaf is
 * another: what is not above it stays. */
static void
aggregate_above(StpAssessment *a, size_t leaf, size_t unit)
{
	bool covers = coverage_matters(a);

	if (!is_near_root(a, leaf))
	{
		aggregate(a, unit, 1, covers);
		return;
	}
	close_leaf(a, leaf, unit, 1);
	for (int above = a->node[leaf].parent; above >= 0; above = a->node[above].parent)
		aggregate_node(a, (size_t) above, unit, 1, covers);
}

/* How many of the units from one on are walked abreast. */
static size_t
block_size(const StpAssessment *a, size_t first)
{
	return a->units - first < STP_ABREAST ? a->units - first : STP_ABREAST;
}

/* What one point of what a normalised node's children come to is in points of its score, by the
 * methods that go by distances. */
static double
slope_of(const StpAssessment *a, size_t n)
{
	const StpNode *node = &a->node[n];
	StpReference r = stp_core_describe(node, a->value + n * a->units, a->units);
	double sign = node->higher_is_better ? 1 : -1;

	if (node->method == STP_Z_SCORE)
		return sign / r.deviation;
	if (node->method == STP_MIN_MAX)
		return sign * (stp_core_high_end(node) - stp_core_low_end(node)) / (r.largest - r.smallest);
	return NAN;
}

/* Scores of the nodes that are normalised, those below others first: it takes the whole cohort to
 * tell one unit's. The nodes below one follow it. */
static void
normalise_nodes(StpAssessment *a, bool covers)
{
	for (size_t n = a->nodes; n-- > 0;)
	{
		size_t end = n + 1;

		if (!a->node[n].normalised)
			continue;
		while (end < a->nodes && a->node[end].parent >= (int) n)
			end++;
		for (size_t first = 0; first < a->units; first += STP_ABREAST)
			aggregate_to(a, n, end, first, block_size(a, first), covers);
		stp_core_normalise(a, n);
		a->slope[n] = slope_of(a, n);
	}
}

/* Scores of all units. */
static void
aggregate_all(StpAssessment *a)
{
	bool covers = coverage_matters(a);

	normalise_nodes(a, covers);
	for (size_t first = 0; first < a->units; first += STP_ABREAST)
		aggregate(a, first, block_size(a, first), covers);
	stp_core_qualify(a, 0, a->units);
}

/* The same where only the scores of a leaf are others: what is not above it stays. */
static void
aggregate_all_above(StpAssessment *a, size_t leaf)
{
	if (coverage_matters(a) || !is_near_root(a, leaf))
	{
		aggregate_all(a);
		return;
	}
	for (int above = a->node[leaf].parent; above >= 0; above = a->node[above].parent)
	{
		for (size_t first = 0; first < a->units; first += STP_ABREAST)
			aggregate_node(a, (size_t) above, first, block_size(a, first), false);
		if (a->node[above].normalised)
			stp_core_normalise(a, (size_t) above);
	}
	stp_core_qualify_above(a, leaf, 0, a->units);
}

/*
 * What a child's score is multiplied by to give its part of the parent's, on the scale of the
 * parent's aggregation: an arithmetic mean is split by weight x score, a geometric one by
 * weight x ln(score), a harmonic one by weight / score. Each split adds up to the parent. Each
 * point of a sum is a point of the parent as often as the weights are together.
 */
static double
split(const StpNode *parent, double parent_score, double share, double score)
{
	switch (parent->aggregation)
	{
		case STP_GEOMETRIC:
			/* The parts of a mean of 1 are parts of nothing. */
			return log(parent_score) == 0
					   ? NAN
					   : share * log(score) / log(parent_score) * parent_score / score;
		case STP_HARMONIC:
			return share * parent_score * parent_score / (score * score);
		case STP_ARITHMETIC:
		case STP_SUM:
			break;
	}
	return share * stp_core_times_mean(parent);
}

/* Points of the overall score: so many for each point of something, and something beside. */
typedef struct Scale
{
	double scale;
	double offset;
} Scale;

/*
 * What one point of what the children of a node come to is in points of the overall score. Where
 * that is normalised, distances keep their proportions, and what is between the mean and 0 is for
 * all of the children; ranks have none, and what the children come to stands for the score in
 * proportion, where there is any.
 */
static Scale
scale_below(const StpAssessment *a, size_t n, double shown, double exact)
{
	double slope = 1, beside = 0;

	if (a->node[n].normalised)
	{
		slope = !isnan(a->slope[n]) ? a->slope[n] : exact == 0 ? 0 : shown / exact;
		beside = shown - slope * exact;
	}
	return (Scale){a->scale[n] * slope, a->scale[n] * beside + a->offset[n]};
}

/*
 * What one point of a node is in points of the overall score, and what comes to that. A parent's
 * rounding is shared by its children in proportion to their parts, so that these add up to the
 * score that is shown. A rescaled score of 0 is not one of nothing, nor is the other way round:
 * hence the offset, which the children of a node share by weight.
 */
static void
split_parent(StpAssessment *a, size_t n, size_t unit, double share)
{
	const StpNode *node = &a->node[n];
	size_t parent = (size_t) node->parent;
	double shown = a->score[parent * a->units + unit],
		   exact = a->block[parent].exact[unit % STP_ABREAST];
	double rounding = exact == 0 || a->node[parent].normalised ? 1 : shown / exact;
	Scale above = scale_below(a, parent, shown, exact);
	Rescaling rescaling = rescaling_of(a, n);
	double score = counted_score(&rescaling, a->score[n * a->units + unit]), points;

	/* Nothing of a part, even of one whose logarithm or reciprocal there is not. */
	a->scale[n] = a->offset[n] = 0;
	if (share == 0)
		return;
	points = above.scale * rounding * split(&a->node[parent], exact, share, score);
	a->scale[n] = points;
	a->offset[n] = share * above.offset;
	if (!is_rescaled(a, node))
		return;
	a->scale[n] = points * FULL_SCALE / length_of(a, node);
	a->offset[n] -= a->scale[n] * zero_of(a, node);
}

/* From the root down: which part of the overall score one unit's nodes contribute; its block has
 * just been aggregated. */
static void
explain(StpAssessment *a, size_t unit)
{
	size_t i = unit % STP_ABREAST;

	for (size_t n = 0; n < a->nodes; n++)
	{
		const StpNode *node = &a->node[n];
		size_t cell = n * a->units + unit;
		size_t above = node->parent < 0 ? 0 : (size_t) node->parent * a->units + unit;
		double share;

		a->coverage[cell] = a->block[n].covered[i];
		a->offset[n] = 0;
		if (isnan(a->score[cell]) || (node->parent >= 0 && isnan(a->score[above])))
		{
			a->effective_weight[cell] = 0;
			a->scale[n] = NAN;
		}
		else if (node->parent < 0)
			a->effective_weight[cell] = a->scale[n] = 1;
		else
		{
			share =
				node->weight == 0 ? 0 : counted_weight(a, n, i) / a->block[node->parent].weight[i];
			a->effective_weight[cell] = a->effective_weight[above] * share;
			split_parent(a, n, unit, share);
		}
		a->contribution[cell] = a->scale[n] * a->score[cell] + a->offset[n];
	}
}

/* The share of the whole that the scheme gives each node. */
static void
share_weights(StpAssessment *a)
{
	memset(a->total, 0, a->nodes * sizeof(double));
	for (size_t n = 1; n < a->nodes; n++)
		a->total[a->node[n].parent] += a->node[n].weight;
	a->weight[0] = 1;
	for (size_t n = 1; n < a->nodes; n++)
	{
		int parent = a->node[n].parent;

		a->weight[n] = a->weight[parent] * (a->node[n].weight / a->total[parent]);
	}
}

bool
stp_core_normalises(const StpAssessment *a)
{
	bool any = false;

	for (size_t n = 0; n < a->nodes; n++)
		any = any || a->node[n].normalised;
	return any;
}

/* Whether a condition looks at this. */
static bool
looks_at(const StpAssessment *a, StpMeasure measure)
{
	bool any = false;

	for (size_t i = 0; i < a->overrides; i++)
		for (int j = 0; j < a->override[i].conditions; j++)
			any = any || a->override[i].condition[j].measure == measure;
	return any;
}

void
stp_core_prepare(StpAssessment *a)
{
	a->entangled =
		a->categorise != STP_BY_CUTS || stp_core_normalises(a) || looks_at(a, STP_OF_QUARTILE);
	a->qualifies = a->by_qualified || looks_at(a, STP_OF_QUALIFIED);
	for (size_t n = 0; n < a->nodes; n++)
		a->qualifies = a->qualifies || a->node[n].minimum_qualified > 0 || a->node[n].pivotal;
}

void
stp_core_assess_parts(StpAssessment *a)
{
	share_weights(a);
	for (size_t n = 0; n < a->nodes; n++)
		if (a->node[n].leaf)
			stp_core_normalise(a, n);
	normalise_nodes(a, true);
	for (size_t first = 0; first < a->units; first += STP_ABREAST)
	{
		size_t units = block_size(a, first);

		aggregate(a, first, units, true);
		for (size_t u = first; u < first + units; u++)
			explain(a, u);
	}
	stp_core_qualify(a, 0, a->units);
}

void
stp_core_assess(StpAssessment *a)
{
	stp_core_assess_parts(a);
	for (size_t n = 0; n < a->nodes; n++)
		stp_core_rank_node(a, n);
	stp_core_categorise(a);
}

void
stp_core_assess_root(StpAssessment *a, bool values_changed)
{
	for (size_t n = 0; n < a->nodes && values_changed; n++)
		if (a->node[n].leaf)
			stp_core_normalise(a, n);
	aggregate_all(a);
	stp_core_rank_node(a, 0);
	stp_core_categorise_root(a);
}

/* Swap two numbers. */
static void
swap(double *one, double *other)
{
	double number = *one;

	*one = *other;
	*other = number;
}

/* The score of a unit's leaf, among all or beside the others. */
static double
score_among(StpAssessment *a, size_t leaf, size_t unit, const StpOthers *others)
{
	if (stp_core_scores_alone(&a->node[leaf]))
		return stp_core_score_alone(a, leaf, unit, others);
	stp_core_normalise(a, leaf);
	return a->score[leaf * a->units + unit];
}

/* The scores of a leaf that units would have with their own values of another assessment, each
 * alone among the others as they are. */
static void
normalise_alone(StpAssessment *a, const StpAssessment *own, size_t leaf, const bool *wanted,
				double *alone)
{
	for (size_t u = 0; u < a->units; u++)
	{
		size_t cell = leaf * a->units + u;
		StpOthers others;

		if (!wanted[u])
			continue;
		stp_core_pause();
		others = stp_core_others(a, leaf, u);
		swap(&a->value[cell], &own->value[cell]);
		swap(&a->denominator[cell], &own->denominator[cell]);
		alone[u] = score_among(a, leaf, u, &others);
		swap(&a->value[cell], &own->value[cell]);
		swap(&a->denominator[cell], &own->denominator[cell]);
	}
	memcpy(a->score + leaf * a->units, alone, a->units * sizeof(double));
}

/* Give a unit the reports of another assessment, and that its own. */
static void
swap_reports(StpAssessment *a, const StpAssessment *own, size_t unit)
{
	for (size_t n = 0; n < a->nodes; n++)
	{
		size_t cell = n * a->units + unit;

		if (!a->node[n].leaf)
			continue;
		swap(&a->value[cell], &own->value[cell]);
		swap(&a->denominator[cell], &own->denominator[cell]);
		if (a->completeness != NULL && own->completeness != NULL)
			swap(&a->completeness[cell], &own->completeness[cell]);
	}
}

/* Keep what a unit's cells have come to, or put it back. */
static void
keep_unit(StpAssessment *a, size_t unit, bool put_back)
{
	double *part[] = {a->score, a->coverage, a->effective_weight, a->contribution};

	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++)
		for (size_t n = 0; n < a->nodes; n++)
		{
			double *kept = &a->kept[(i * a->nodes + n) * a->units + unit];

			if (put_back)
				part[i][n * a->units + unit] = *kept;
			else
				*kept = part[i][n * a->units + unit];
		}
}

/* The same where the others' scores move with a unit's: one whole rating for each. */
static void
assess_each_alone(StpAssessment *a, const StpAssessment *own, const bool *wanted)
{
	for (size_t u = 0; u < a->units; u++)
	{
		if (!wanted[u])
			continue;
		swap_reports(a, own, u);
		stp_core_assess_parts(a);
		swap_reports(a, own, u);
		keep_unit(a, u, false);
	}
	for (size_t u = 0; u < a->units; u++)
		if (wanted[u])
			keep_unit(a, u, true);
}

void
stp_core_assess_alone(StpAssessment *a, const StpAssessment *own, const bool *wanted)
{
	double *completeness = a->completeness;

	if (stp_core_normalises(a))
	{
		assess_each_alone(a, own, wanted);
		return;
	}
	share_weights(a);
	/* Nobody has a weight yet: there is room. */
	for (size_t n = 0; n < a->nodes; n++)
		if (a->node[n].leaf)
			normalise_alone(a, own, n, wanted, a->effective_weight + n * a->units);
	a->completeness = own->completeness;
	for (size_t first = 0; first < a->units; first += STP_ABREAST)
	{
		aggregate(a, first, block_size(a, first), true);
		for (size_t u = first; u < first + block_size(a, first); u++)
			if (wanted[u])
				explain(a, u);
	}
	a->completeness = completeness;
}

void
stp_core_assess_beside(StpAssessment *a, size_t unit)
{
	aggregate(a, unit, 1, coverage_matters(a));
}

int32_t
stp_core_assess_with(StpAssessment *a, size_t leaf, size_t unit, double value,
					 const StpOthers *others)
{
	size_t cell = leaf * a->units + unit;

	a->value[cell] = value;
	if (others != NULL)
		a->score[cell] = stp_core_score_alone(a, leaf, unit, others);
	else
		stp_core_normalise(a, leaf);
	if (a->entangled)
	{
		aggregate_all_above(a, leaf);
		stp_core_settle_root(a);
	}
	else
	{
		aggregate_above(a, leaf, unit);
		stp_core_qualify_above(a, leaf, unit, 1);
	}
	return stp_core_final_category(a, unit);
}
