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

/* The mean that a node's aggregation names. */
static double
mean_of(const StpNode *node, const StpComposite *state)
{
	switch (node->aggregation)
	{
		case STP_GEOMETRIC:
			return stp_core_geometric_mean(state);
		case STP_HARMONIC:
			return stp_core_harmonic_mean(state);
		case STP_ARITHMETIC:
			break;
	}
	return stp_core_arithmetic_mean(state);
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

/* A node's score as its parent counts it. */
static double
counted_score(const StpAssessment *a, size_t n, double score)
{
	const StpNode *node = &a->node[n];

	if (!is_rescaled(a, node))
		return score;
	return (score - zero_of(a, node)) / length_of(a, node) * FULL_SCALE;
}

/*
 * A node's weight as its parent counts it. Where missing weight goes to all that is present, a node
 * weighs as much as is present below it: on the way down the shares then multiply to the weight of
 * a leaf over that of all leaves present.
 */
static double
counted_weight(const StpAssessment *a, size_t n)
{
	return a->shares_overall ? a->node[n].weight * a->present[n] : a->node[n].weight;
}

/* Score and coverage of one node, whose children have all been added to its state. */
static void
close_node(StpAssessment *a, size_t n, size_t cell)
{
	const StpNode *node = &a->node[n];
	const StpComposite *state = &a->state[n];

	if (node->leaf)
	{
		a->coverage[cell] = isnan(a->score[cell])	  ? 0
							: a->completeness == NULL ? 1
													  : a->completeness[cell];
		return;
	}
	a->coverage[cell] = state->scores == 0 ? 0 : a->covered[n] / a->total[n];
	/* As much less as rounding can take from a coverage that is just enough. */
	a->exact[n] =
		a->coverage[cell] < node->minimum_coverage - ROUNDING ? NAN : mean_of(node, state);
	a->score[cell] = node->decimals < 0 ? a->exact[n] : stp_core_round(a->exact[n], node->decimals);
	/* A mean of the largest numbers there are may leave the range: no score, rather than infinity.
	 */
	if (!isfinite(a->score[cell]))
		a->score[cell] = NAN;
}

/* Add a closed node to its parent. */
static void
add_to_parent(StpAssessment *a, size_t n, size_t cell)
{
	const StpNode *node = &a->node[n];
	StpComposite *state = &a->state[node->parent];
	double score = counted_score(a, n, a->score[cell]);

	if (a->node[node->parent].aggregation == STP_ARITHMETIC)
		stp_core_composite_add_plain(state, score, counted_weight(a, n));
	else
		stp_core_composite_add(state, score, counted_weight(a, n));
	a->total[node->parent] += node->weight;
	a->present[node->parent] += node->weight * a->present[n];
	if (!isnan(a->score[cell]))
		a->covered[node->parent] += node->weight * a->coverage[cell];
}

/* From the leaves up: scores and coverage of one unit. */
static void
aggregate(StpAssessment *a, size_t unit)
{
	memset(a->state, 0, a->nodes * sizeof(StpComposite));
	memset(a->total, 0, a->nodes * sizeof(double));
	memset(a->covered, 0, a->nodes * sizeof(double));
	memset(a->present, 0, a->nodes * sizeof(double));
	for (size_t n = a->nodes; n-- > 0;)
	{
		size_t cell = n * a->units + unit;

		close_node(a, n, cell);
		if (isnan(a->score[cell]))
			a->present[n] = 0;
		else
			a->present[n] = a->node[n].leaf ? 1 : a->present[n] / a->total[n];
		if (a->node[n].parent >= 0 && a->node[n].weight > 0)
			add_to_parent(a, n, cell);
	}
}

/*
 * What a child's score is multiplied by to give its part of the parent's, on the scale of the
 * parent's aggregation: an arithmetic mean is split by weight x score, a geometric one by
 * weight x ln(score), a harmonic one by weight / score. Each split adds up to the parent.
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
			break;
	}
	return share;
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
	int parent = node->parent;
	double shown = a->score[(size_t) parent * a->units + unit], exact = a->exact[parent];
	double rounding = exact == 0 ? 1 : shown / exact;
	double score = counted_score(a, n, a->score[n * a->units + unit]), points;

	/* Nothing of a part, even of one whose logarithm or reciprocal there is not. */
	a->scale[n] = a->offset[n] = 0;
	if (share == 0)
		return;
	points = a->scale[parent] * rounding * split(&a->node[parent], exact, share, score);
	a->scale[n] = points;
	a->offset[n] = share * a->offset[parent];
	if (!is_rescaled(a, node))
		return;
	a->scale[n] = points * FULL_SCALE / length_of(a, node);
	a->offset[n] -= a->scale[n] * zero_of(a, node);
}

/* From the root down: which part of the overall score one unit's nodes contribute. */
static void
explain(StpAssessment *a, size_t unit)
{
	for (size_t n = 0; n < a->nodes; n++)
	{
		const StpNode *node = &a->node[n];
		size_t cell = n * a->units + unit;
		size_t above = node->parent < 0 ? 0 : (size_t) node->parent * a->units + unit;
		double share;

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
			share = node->weight == 0
						? 0
						: counted_weight(a, n) / a->state[node->parent].weight_present;
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
	memset(a->covered, 0, a->nodes * sizeof(double));
	for (size_t n = 1; n < a->nodes; n++)
		a->covered[a->node[n].parent] += a->node[n].weight;
	a->weight[0] = 1;
	for (size_t n = 1; n < a->nodes; n++)
	{
		int parent = a->node[n].parent;

		a->weight[n] = a->weight[parent] * (a->node[n].weight / a->covered[parent]);
	}
}

void
stp_core_assess_parts(StpAssessment *a)
{
	share_weights(a);
	for (size_t n = 0; n < a->nodes; n++)
		if (a->node[n].leaf)
			stp_core_normalise(a, n);
	for (size_t u = 0; u < a->units; u++)
	{
		stp_core_pause();
		aggregate(a, u);
		explain(a, u);
	}
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
	for (size_t u = 0; u < a->units; u++)
	{
		stp_core_pause();
		aggregate(a, u);
	}
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

void
stp_core_assess_alone(StpAssessment *a, const StpAssessment *own, const bool *wanted)
{
	double *completeness = a->completeness;

	share_weights(a);
	/* Nobody has a weight yet: there is room. */
	for (size_t n = 0; n < a->nodes; n++)
		if (a->node[n].leaf)
			normalise_alone(a, own, n, wanted, a->effective_weight + n * a->units);
	a->completeness = own->completeness;
	for (size_t u = 0; u < a->units; u++)
	{
		stp_core_pause();
		if (!wanted[u])
			continue;
		aggregate(a, u);
		explain(a, u);
	}
	a->completeness = completeness;
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
	/* Only where the cohort makes the cuts do the others' scores matter. */
	for (size_t u = a->quantiles ? 0 : unit; u < (a->quantiles ? a->units : unit + 1); u++)
	{
		stp_core_pause();
		aggregate(a, u);
	}
	if (a->quantiles)
		stp_core_find_quantiles(a, 0);
	return stp_core_final_category(a, unit);
}
