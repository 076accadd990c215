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
	a->coverage[cell] = state->scores == 0 ? 0 : a->covered[n] / state->weight_total;
	/* As much less as rounding can take from a coverage that is just enough. */
	a->exact[n] =
		a->coverage[cell] < node->minimum_coverage - ROUNDING ? NAN : mean_of(node, state);
	a->score[cell] = node->decimals < 0 ? a->exact[n] : stp_core_round(a->exact[n], node->decimals);
	/* A mean of the largest numbers there are may leave the range: no score, rather than infinity.
	 */
	if (!isfinite(a->score[cell]))
		a->score[cell] = NAN;
}

/* From the leaves up: scores and coverage of one unit. */
static void
aggregate(StpAssessment *a, size_t unit)
{
	memset(a->state, 0, a->nodes * sizeof(StpComposite));
	memset(a->covered, 0, a->nodes * sizeof(double));
	for (size_t n = a->nodes; n-- > 0;)
	{
		const StpNode *node = &a->node[n];
		size_t cell = n * a->units + unit;

		close_node(a, n, cell);
		if (node->parent < 0 || node->weight == 0)
			continue;
		if (a->node[node->parent].aggregation == STP_ARITHMETIC)
			stp_core_composite_add_plain(&a->state[node->parent], a->score[cell], node->weight);
		else
			stp_core_composite_add(&a->state[node->parent], a->score[cell], node->weight);
		if (!isnan(a->score[cell]))
			a->covered[node->parent] += node->weight * a->coverage[cell];
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
 * What one point of a node is in points of the overall score. A parent's rounding is shared by its
 * children in proportion to their parts, so that these add up to the score that is shown.
 */
static double
scale_of(const StpAssessment *a, size_t n, size_t unit, double share)
{
	int parent = a->node[n].parent;
	double shown = a->score[(size_t) parent * a->units + unit], exact = a->exact[parent];
	double rounding = exact == 0 ? 1 : shown / exact;

	/* Nothing of a part, even of one whose logarithm or reciprocal there is not. */
	if (share == 0)
		return 0;
	return a->scale[parent] * rounding *
		   split(&a->node[parent], exact, share, a->score[n * a->units + unit]);
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

		if (isnan(a->score[cell]) || (node->parent >= 0 && isnan(a->score[above])))
		{
			a->effective_weight[cell] = 0;
			a->scale[n] = NAN;
		}
		else if (node->parent < 0)
			a->effective_weight[cell] = a->scale[n] = 1;
		else
		{
			share = node->weight == 0 ? 0 : node->weight / a->state[node->parent].weight_present;
			a->effective_weight[cell] = a->effective_weight[above] * share;
			a->scale[n] = scale_of(a, n, unit, share);
		}
		a->contribution[cell] = a->scale[n] * a->score[cell];
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
stp_core_assess(StpAssessment *a)
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

int32_t
stp_core_assess_with(StpAssessment *a, size_t leaf, size_t unit, double value)
{
	a->value[leaf * a->units + unit] = value;
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
