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
	size_t cell = n * a->units + first;
	bool asked = false;

	for (size_t child = n + 1; child < a->nodes; child++)
		asked |= a->node[child].parent == (int) n && a->node[child].pivotal;
	for (size_t u = 0; u < units; u++)
	{
		a->qualified[cell + u] = 0;
		a->pivots[cell + u] = !asked;
	}
}

void
stp_core_qualify(StpAssessment *a, size_t first, size_t units)
{
	if (!a->qualifies)
		return;
	for (size_t n = 0; n < a->nodes; n++)
	{
		stp_core_pause();
		open_node(a, n, first, units);
	}
	for (size_t n = a->nodes; n-- > 1;)
	{
		size_t above = (size_t) a->node[n].parent * a->units;

		stp_core_pause();
		/* What weighs nothing is no part of its parent. */
		for (size_t u = first; u < first + units && a->node[n].weight > 0; u++)
		{
			bool does = stp_core_qualified(a, n, u);

			a->qualified[above + u] += does;
			a->pivots[above + u] |= does && a->node[n].pivotal;
		}
	}
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
