/*
 * qualify.c: which nodes of a unit have enough below them to be published, without any backend
 * header.
 */
#include "assessment.h"

#include <math.h>
#include <string.h>

#include "pause.h"

bool
stp_core_qualified(const StpAssessment *a, size_t n, size_t unit)
{
	const StpNode *node = &a->node[n];
	size_t cell = n * a->units + unit;

	if (isnan(a->score[cell]))
		return false;
	return !a->qualifies || node->leaf ||
		   (a->qualified[cell] >= node->minimum_qualified && a->pivots[cell]);
}

/* Nothing has come to a node yet: it has its pivot where none is asked for. */
static void
open_node(StpAssessment *a, size_t n, size_t first, size_t units)
{
	bool asked = false;

	for (size_t child = n + 1; child < a->nodes; child++)
		asked |=
			a->node[child].parent == (int) n && a->node[child].pivotal && a->node[child].weight > 0;
	memset(a->qualified + n * a->units + first, 0, units * sizeof(int32_t));
	memset(a->pivots + n * a->units + first, !asked, units * sizeof(bool));
}

/* Count a child of a node, of each unit where it qualifies: many units at no cost to each. */
static void
count_child(StpAssessment *a, size_t n, size_t child, size_t first, size_t units)
{
	const StpNode *node = &a->node[child];
	const double *score = a->score + child * a->units + first;
	const int32_t *own = a->qualified + child * a->units + first;
	const bool *pivot = a->pivots + child * a->units + first;
	int32_t *count = a->qualified + n * a->units + first;
	bool *pivots = a->pivots + n * a->units + first;

	if (node->leaf)
		STP_EACH (u, units)
			count[u] += !isnan(score[u]);
	else
		STP_EACH (u, units)
			count[u] += !isnan(score[u]) & (own[u] >= node->minimum_qualified) & pivot[u];
	if (node->pivotal)
		STP_EACH (u, units)
			pivots[u] |= stp_core_qualified(a, child, first + u);
}

/* Count the children of a node. What weighs nothing is no part of its parent. */
static void
qualify_node(StpAssessment *a, size_t n, size_t first, size_t units)
{
	open_node(a, n, first, units);
	for (size_t child = n + 1; child < a->nodes; child++)
		if (a->node[child].parent == (int) n && a->node[child].weight > 0)
			count_child(a, n, child, first, units);
}

void
stp_core_qualify(StpAssessment *a, size_t first, size_t units)
{
	for (size_t n = a->nodes; n-- > 0 && a->qualifies;)
		if (!a->node[n].leaf)
			qualify_node(a, n, first, units);
}

void
stp_core_qualify_above(StpAssessment *a, size_t leaf, size_t first, size_t units)
{
	for (int n = a->node[leaf].parent; n >= 0 && a->qualifies; n = a->node[n].parent)
		qualify_node(a, (size_t) n, first, units);
}

const double *
stp_core_eligible(StpAssessment *a, size_t n)
{
	const double *score = a->score + n * a->units;

	if (!a->qualifies || a->node[n].leaf)
		return score;
	STP_EACH (u, a->units)
		a->eligible[u] = stp_core_qualified(a, n, u) ? score[u] : NAN;
	return a->eligible;
}
