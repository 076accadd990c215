/*
 * category.c: from scores to categories, overrides, and the rank that follows from them, without
 * any backend header.
 */
#include "assessment.h"

#include <math.h>

#include "order.h"
#include "pause.h"

/* Whether a score reaches a cut; NAN is the cut of the category that takes the rest. */
static bool
reaches(bool scores_rise, double score, double cut)
{
	return isnan(cut) || stp_core_reaches(score, cut, scores_rise);
}

int32_t
stp_core_find_category(const StpAssessment *a, size_t n, double score)
{
	const StpNode *node = &a->node[n];

	for (int i = 0; i < node->categories && !isnan(score); i++)
		if (reaches(stp_core_scores_rise(a, n), score, a->cut[node->first_cut + i]))
			return i + 1;
	return 0;
}

void
stp_core_find_quantiles(StpAssessment *a, size_t n)
{
	const StpNode *node = &a->node[n];
	const double *score = a->score + n * a->units;
	size_t *order = a->order + n * a->units;
	size_t present = stp_core_reorder(score, a->units, order, &a->ordered[n], a->spare);

	for (int i = 0; i + 1 < node->categories && present > 0; i++)
	{
		double best = (double) (i + 1) / node->categories;

		a->cut[node->first_cut + i] =
			stp_core_quantile(score, order, present, stp_core_scores_rise(a, n) ? 1 - best : best);
	}
}

/* Categories of all units at one node, before overrides. */
static void
categorise_node(StpAssessment *a, size_t n)
{
	if (a->quantiles)
		stp_core_find_quantiles(a, n);
	/* A node can have any number of categories. */
	for (size_t u = 0; u < a->units; u++)
	{
		stp_core_pause();
		a->category[n * a->units + u] = stp_core_find_category(a, n, a->score[n * a->units + u]);
	}
}

/* Numbers that differ in the last bits only are equal. A missing one holds in no comparison. */
static bool
compares(double number, StpComparison comparison, double threshold)
{
	StpPlace place = stp_core_compare(number, threshold);

	switch (comparison)
	{
		case STP_LESS:
			return place == STP_BEFORE;
		case STP_AT_MOST:
			return place == STP_BEFORE || place == STP_AT;
		case STP_EQUAL:
			return place == STP_AT;
		case STP_AT_LEAST:
			return place == STP_AT || place == STP_AFTER;
		case STP_GREATER:
			return place == STP_AFTER;
	}
	return false;
}

/* Whether all conditions of a rule hold for a unit. */
static bool
holds(const StpAssessment *a, const StpOverride *rule, size_t unit)
{
	for (int i = 0; i < rule->conditions; i++)
	{
		const StpCondition *c = &rule->condition[i];
		size_t cell = (size_t) c->node * a->units + unit;

		if (!compares(c->of_score ? a->score[cell] : a->value[cell], c->comparison, c->threshold))
			return false;
	}
	return rule->conditions > 0;
}

/* Apply the rules that hold. Where two contradict each other, the worse category stands. */
static int32_t
override(StpAssessment *a, size_t unit, int32_t category)
{
	for (size_t i = 0; i < a->overrides; i++)
	{
		const StpOverride *rule = &a->override[i];

		a->fired[i * a->units + unit] = holds(a, rule, unit);
		if (a->fired[i * a->units + unit] && rule->no_worse_than > 0 &&
			category > rule->no_worse_than)
			category = rule->no_worse_than;
	}
	for (size_t i = 0; i < a->overrides && category > 0; i++)
		if (a->fired[i * a->units + unit] && category < a->override[i].no_better_than)
			category = a->override[i].no_better_than;
	return category;
}

int32_t
stp_core_final_category(StpAssessment *a, size_t unit)
{
	return override(a, unit, stp_core_find_category(a, 0, a->score[unit]));
}

/* Rank of the root: category first, then score, whose ranks are there already. */
static void
rank_by_category(StpAssessment *a)
{
	STP_EACH (u, a->units)
		a->tied[u] = a->rank[u] == 0
						 ? NAN
						 : (double) a->category[u] * ((double) a->units + 1) + (double) a->rank[u];
	stp_core_rank(a->tied, a->units, false, a->order, a->rank);
}

void
stp_core_categorise_root(StpAssessment *a)
{
	if (a->node[0].categories > 0)
		categorise_node(a, 0);
	if (a->overrides == 0)
		return;
	for (size_t u = 0; u < a->units; u++)
	{
		stp_core_pause();
		a->category[u] = override(a, u, a->category[u]);
	}
	rank_by_category(a);
}

void
stp_core_categorise(StpAssessment *a)
{
	stp_core_categorise_root(a);
	for (size_t n = 1; n < a->nodes; n++)
		if (a->node[n].categories > 0)
			categorise_node(a, n);
}
