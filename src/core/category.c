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

/* The cuts of a node, as they are for a unit. */
static const double *
cuts_of(const StpAssessment *a, size_t n, size_t unit)
{
	if (n > 0 || !a->by_qualified)
		return a->cut + a->node[n].first_cut;
	return a->group_cut + a->qualified[unit] * a->node[0].categories;
}

int32_t
stp_core_category_at(const StpAssessment *a, size_t n, size_t unit, double score)
{
	const StpNode *node = &a->node[n];
	const double *cut = cuts_of(a, n, unit);

	for (int i = 0; i < node->categories && !isnan(score); i++)
		if (reaches(stp_core_scores_rise(a, n), score, cut[i]))
			return i + 1;
	return 0;
}

int32_t
stp_core_find_category(const StpAssessment *a, size_t n, size_t unit, double score)
{
	return stp_core_qualified(a, n, unit) ? stp_core_category_at(a, n, unit, score) : 0;
}

/* Put the scores of a node in order, of the units that qualify; how many there are. */
static size_t
order_eligible(StpAssessment *a, size_t n, const double **score)
{
	*score = stp_core_eligible(a, n);
	return stp_core_reorder(*score, a->units, a->order + n * a->units, &a->ordered[n], a->spare);
}

/* Where equal shares part, best first. */
static void
find_shares(StpAssessment *a, size_t n, int shares, double *cut)
{
	const double *score;
	size_t present = order_eligible(a, n, &score);

	for (int i = 0; i + 1 < shares && present > 0; i++)
	{
		double best = (double) (i + 1) / shares;

		cut[i] = stp_core_quantile(score, a->order + n * a->units, present,
								   stp_core_scores_rise(a, n) ? 1 - best : best);
	}
}

/* Of scores in order with their ties made equal those of a group (-1: all), rising with the better
 * direction up; how many there are. */
static size_t
gather_group(const StpAssessment *a, size_t n, int group, size_t present)
{
	bool rise = stp_core_scores_rise(a, n);
	const size_t *order = a->order + n * a->units;
	size_t count = 0;

	STP_EACH (i, present)
	{
		size_t unit = order[rise ? i : present - 1 - i];

		if (group < 0 || a->qualified[unit] == group)
			a->clusters.number[count++] = rise ? a->tied[unit] : -a->tied[unit];
	}
	return count;
}

/* Where the clusters of so many numbers part, best first. Where there are none no score falls into
 * any category. */
static void
find_clusters(StpAssessment *a, size_t n, size_t count, double *cut)
{
	int categories = a->node[n].categories;
	double sign = stp_core_scores_rise(a, n) ? 1 : -1, *number = a->clusters.number;
	const double *centre = a->centre;
	bool found = a->categorise == STP_BY_K_MEANS
					 ? stp_core_k_means(number, count, categories, a->seeds, a->strict,
										&a->clusters, a->centre)
					 : stp_core_natural_breaks(number, count, categories, &a->clusters, a->centre);

	for (int i = 0; i < categories; i++)
	{
		int below = categories - 2 - i;

		if (!found)
			cut[i] = sign * INFINITY;
		else
			cut[i] = below < 0 ? NAN : sign * (centre[below] + centre[below + 1]) / 2;
	}
}

/* How many groups have cuts of their own. */
static int
count_groups(const StpAssessment *a, size_t n)
{
	int groups = 1;

	if (n > 0 || !a->by_qualified)
		return 1;
	for (size_t child = 1; child < a->nodes; child++)
		groups += a->node[child].parent == 0;
	return groups;
}

/* The same of one group after the other. */
static void
find_groups(StpAssessment *a, size_t n, double *cut)
{
	const double *score;
	size_t present = order_eligible(a, n, &score);
	int groups = count_groups(a, n);

	stp_core_merge_ties(score, a->units, a->order + n * a->units, present, a->tied);
	for (int group = 0; group < groups; group++)
		find_clusters(a, n, gather_group(a, n, groups == 1 ? -1 : group, present),
					  cut + group * a->node[n].categories);
}

void
stp_core_find_cuts(StpAssessment *a, size_t n)
{
	double *cut = n == 0 && a->by_qualified ? a->group_cut : a->cut + a->node[n].first_cut;

	if (a->categorise == STP_BY_QUANTILES)
		find_shares(a, n, a->node[n].categories, cut);
	else if (a->categorise != STP_BY_CUTS)
		find_groups(a, n, cut);
}

/* The ends of the quartiles that rules look at. */
static void
find_quartiles(StpAssessment *a)
{
	for (size_t i = 0; i < a->overrides; i++)
		for (int j = 0; j < a->override[i].conditions; j++)
		{
			const StpCondition *c = &a->override[i].condition[j];
			double *end = a->quartile + (size_t) c->node * STP_QUARTILE_ENDS;

			if (c->measure != STP_OF_QUARTILE)
				continue;
			stp_core_pause();
			find_shares(a, (size_t) c->node, STP_QUARTILE_ENDS + 1, end);
		}
}

void
stp_core_settle_root(StpAssessment *a)
{
	if (a->node[0].categories > 0)
		stp_core_find_cuts(a, 0);
	find_quartiles(a);
}

/* Categories of all units at one node, before overrides. */
static void
categorise_node(StpAssessment *a, size_t n)
{
	/* A node can have any number of categories. */
	for (size_t u = 0; u < a->units; u++)
	{
		stp_core_pause();
		a->category[n * a->units + u] = stp_core_find_category(a, n, u, a->score[n * a->units + u]);
	}
}

/* The quartile that a unit's score of a node is in. */
static double
quartile_of(const StpAssessment *a, size_t n, size_t unit)
{
	double score = a->score[n * a->units + unit];
	int quartile = 1;

	if (!stp_core_qualified(a, n, unit))
		return NAN;
	for (int i = 0; i < STP_QUARTILE_ENDS; i++)
		quartile += !reaches(stp_core_scores_rise(a, n), score,
							 a->quartile[n * STP_QUARTILE_ENDS + (size_t) i]);
	return quartile;
}

double
stp_core_measured(const StpAssessment *a, const StpCondition *c, size_t unit)
{
	size_t n = (size_t) c->node, cell = n * a->units + unit;

	switch (c->measure)
	{
		case STP_OF_VALUE:
			return a->value[cell];
		case STP_OF_SCORE:
			return a->score[cell];
		case STP_OF_QUALIFIED:
			return a->qualified[cell];
		case STP_OF_QUARTILE:
			return quartile_of(a, n, unit);
	}
	return NAN;
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

		if (!compares(stp_core_measured(a, c, unit), c->comparison, c->threshold))
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
	return override(a, unit, stp_core_find_category(a, 0, unit, a->score[unit]));
}

/* The place of a unit's category; behind the last where there is none. */
static double
category_place(const StpAssessment *a, size_t unit)
{
	return a->category[unit] == 0 ? a->node[0].categories + 1 : a->category[unit];
}

/* Rank of the root: category first, then score, whose ranks are there already. */
static void
rank_by_category(StpAssessment *a)
{
	STP_EACH (u, a->units)
		a->tied[u] = a->rank[u] == 0
						 ? NAN
						 : category_place(a, u) * ((double) a->units + 1) + (double) a->rank[u];
	stp_core_rank(a->tied, a->units, false, a->order, a->rank);
}

void
stp_core_categorise_root(StpAssessment *a)
{
	stp_core_settle_root(a);
	if (a->node[0].categories > 0)
		categorise_node(a, 0);
	if (a->overrides == 0 && !a->by_qualified)
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
		{
			stp_core_find_cuts(a, n);
			categorise_node(a, n);
		}
}
