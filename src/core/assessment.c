/*
 * assessment.c: the rating engine, without any backend header.
 */
#include "assessment.h"

#include <math.h>
#include <string.h>

#include "score.h"

/* Units between two looks for an interrupt. */
#define UNITS_AT_ONCE 1000
/* What rounding may take from a share. */
#define ROUNDING 1e-12

/* The value, or what stands in where none is given. */
static double
or_default(double given, double otherwise)
{
	return isnan(given) ? otherwise : given;
}

/* Multiply scores that are shares. */
static void
scale_scores(double *score, size_t units, double factor)
{
	for (size_t u = 0; u < units; u++)
		score[u] *= factor;
}

/* Bounds of a leaf's values where the scheme gives none: those of the cohort. */
static void
cohort_bounds(const StpNode *node, const double *value, size_t units, double *low, double *high)
{
	stp_core_range(value, units, low, high);
	*low = or_default(node->low, *low);
	*high = or_default(node->high, *high);
}

/* Share of the way to the indicator's standard, in percent. */
static void
score_distance(const StpNode *node, const double *value, size_t units, double *score)
{
	double low, high;

	cohort_bounds(node, value, units, &low, &high);
	for (size_t u = 0; u < units; u++)
		score[u] = isnan(value[u])
					   ? NAN
					   : 100 * stp_core_distance_to_target(value[u], low, high, node->standard,
														   node->higher_is_better, true);
}

/* Place of each value between two fixed bounds, in percent. */
static void
score_goalposts(const StpNode *node, const double *value, size_t units, double *score)
{
	for (size_t u = 0; u < units; u++)
		score[u] = isnan(value[u]) ? NAN
								   : stp_core_goalposts(value[u], node->low, node->high,
														node->higher_is_better, true);
}

/* Methods without bounds of their own see values with the better direction up. */
static void
orient(const StpNode *node, const double *value, size_t units, double *score)
{
	for (size_t u = 0; u < units; u++)
		score[u] = node->higher_is_better ? value[u] : -value[u];
}

/* Ranks of one node from the workspace, where ties are equal. */
static void
rank_node(StpAssessment *a, size_t n)
{
	const StpNode *node = &a->node[n];

	stp_core_rank(a->tied, a->units, node->leaf ? node->higher_is_better : a->higher_is_better,
				  a->order, a->rank + n * a->units);
}

/* Scores by the place of each value in the cohort, whose ties are in the workspace. */
static void
score_by_cohort(StpAssessment *a, const StpNode *node, const double *value, double *score)
{
	orient(node, node->method == STP_PERCENTILE_RANK ? a->tied : value, a->units, score);
	if (node->method == STP_MIN_MAX)
		stp_core_min_max(score, a->units, or_default(node->low, 0), or_default(node->high, 100),
						 score);
	else if (node->method == STP_Z_SCORE)
		stp_core_z_score(score, a->units, score);
	else
	{
		stp_core_percentile_rank(score, a->units, a->order, score);
		scale_scores(score, a->units, 100);
	}
}

/* A value that is tied to the standard or the floor meets it. */
static void
score_ranked(StpAssessment *a, const StpNode *node, double *score)
{
	for (size_t u = 0; u < a->units; u++)
		if (stp_core_tied(a->tied[u], node->standard, 0))
			a->tied[u] = node->standard;
		else if (stp_core_tied(a->tied[u], node->floor, 0))
			a->tied[u] = node->floor;
	stp_core_ranked_score(a->tied, a->units, node->higher_is_better, node->standard, node->floor,
						  a->order, score);
}

/*
 * Values of a leaf to ranks and scores, by its method. Shares leave sums that should be equal apart
 * in the last bit, which must neither part ranks nor become the whole range of scores.
 */
static void
normalise(StpAssessment *a, size_t n)
{
	const StpNode *node = &a->node[n];
	const double *value = a->value + n * a->units;
	double *score = a->score + n * a->units;
	bool differ = stp_core_merge_ties(value, a->units, a->order, a->tied);

	rank_node(a, n);
	switch (node->method)
	{
		case STP_AS_IS:
			memcpy(score, value, a->units * sizeof(double));
			break;
		case STP_MIN_MAX:
		case STP_Z_SCORE:
		case STP_PERCENTILE_RANK:
			/* Ties that are all there is make a constant cohort, which gets no scores. */
			score_by_cohort(a, node, differ ? value : a->tied, score);
			break;
		case STP_GOALPOSTS:
			score_goalposts(node, value, a->units, score);
			break;
		case STP_DISTANCE_TO_TARGET:
			score_distance(node, value, a->units, score);
			break;
		case STP_RANKED:
			score_ranked(a, node, score);
			break;
	}
}

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
		a->coverage[cell] = isfinite(a->score[cell]);
	else
	{
		a->coverage[cell] = state->scores == 0 ? 0 : a->covered[n] / state->weight_total;
		/* As much less as rounding can take from a coverage that is just enough. */
		a->score[cell] =
			a->coverage[cell] < node->minimum_coverage - ROUNDING ? NAN : mean_of(node, state);
	}
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
		if (node->parent < 0)
			continue;
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
			share = node->weight / a->state[node->parent].weight_present;
			a->effective_weight[cell] = a->effective_weight[above] * share;
			a->scale[n] = a->scale[node->parent] *
						  split(&a->node[node->parent], a->score[above], share, a->score[cell]);
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
			normalise(a, n);
	for (size_t u = 0; u < a->units; u++)
	{
		if (u % UNITS_AT_ONCE == 0)
			stp_core_pause();
		aggregate(a, u);
		explain(a, u);
	}
	for (size_t n = 0; n < a->nodes; n++)
		if (!a->node[n].leaf)
		{
			stp_core_merge_ties(a->score + n * a->units, a->units, a->order, a->tied);
			rank_node(a, n);
		}
}
