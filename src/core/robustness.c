/*
 * robustness.c: ratings drawn at random, without any backend header.
 *
 * Draw d of a seed has streams of its own, one for weights and one for values: it is the same in
 * whatever order draws are made, and weights are the same with and without values.
 */
#include "robustness.h"

#include <math.h>
#include <string.h>

#include "draw.h"
#include "pause.h"

/* Each weight within its spread, all values of it as likely. */
static void
draw_weights(const StpSimulation *s, StpDraw *draw)
{
	StpAssessment *a = s->assessment;

	for (size_t n = 0; n < a->nodes; n++)
		a->node[n].weight = s->weight[n] * (1 + s->spread * (2 * stp_core_draw_uniform(draw) - 1));
}

/* Whether a value has limits. */
static bool
is_uncertain(const StpSimulation *s, size_t cell)
{
	return !isunordered(s->lower[cell], s->upper[cell]);
}

/* Each value of a leaf that has limits. */
static void
draw_leaf(const StpSimulation *s, size_t leaf, StpDraw *draw)
{
	const StpNode *node = &s->assessment->node[leaf];
	size_t units = s->assessment->units, first = leaf * units;
	double *drawn = s->assessment->value + first;
	const double *normal = s->normal;

	stp_core_draw_normals(draw, s->normal, s->uncertain[leaf]);
	STP_EACH (u, units)
		if (is_uncertain(s, first + u))
			drawn[u] = stp_core_drawn_value(node, s->value[first + u], s->lower[first + u],
											s->upper[first + u], *normal++);
}

/* All values that are uncertain, and the scores that come from them. */
static void
draw_values(const StpSimulation *s, StpDraw *draw)
{
	for (size_t n = 0; n < s->assessment->nodes; n++)
		if (s->uncertain[n] > 0)
		{
			draw_leaf(s, n, draw);
			stp_core_normalise(s->assessment, n);
		}
}

/* Keep the scores that one draw has given. */
static void
keep_scores(StpSimulation *s, size_t draw)
{
	STP_EACH (u, s->assessment->units)
		s->score[u * s->draws + draw] = s->assessment->score[u];
}

void
stp_core_keep_ranks(StpSimulation *s, size_t draw)
{
	const StpAssessment *a = s->assessment;

	STP_EACH (u, a->units)
	{
		if (s->counted != NULL)
			s->counted[u * (a->units + 1) + (size_t) a->rank[u]]++;
		else
			s->rank[u * s->draws + draw] = a->rank[u];
	}
}

/* Keep the ranks and categories that one draw has given. */
static void
keep(StpSimulation *s, size_t draw)
{
	const StpAssessment *a = s->assessment;
	size_t categories = (size_t) a->node[0].categories + 1;

	stp_core_keep_ranks(s, draw);
	STP_EACH (u, a->units)
		s->share[u * categories + (size_t) a->category[u]] += 1;
}

/* One rating with drawn weights and values. */
static void
rate(StpSimulation *s, size_t draw, bool any_limits)
{
	StpDraw stream;

	if (s->spread > 0)
	{
		stp_core_draw_start(&stream, s->seed, 2 * draw);
		draw_weights(s, &stream);
	}
	if (any_limits)
	{
		stp_core_draw_start(&stream, s->seed, 2 * draw + 1);
		draw_values(s, &stream);
	}
	stp_core_assess_root(s->assessment, false);
	if (s->score != NULL)
		keep_scores(s, draw);
	else
		keep(s, draw);
}

/* How many values of each leaf are uncertain; whether any is. */
static bool
count_uncertain(StpSimulation *s)
{
	const StpAssessment *a = s->assessment;
	bool any = false;

	for (size_t n = 0; n < a->nodes; n++)
	{
		s->uncertain[n] = 0;
		STP_EACH (u, a->node[n].leaf ? a->units : 0)
			s->uncertain[n] += is_uncertain(s, n * a->units + u);
		any = any || s->uncertain[n] > 0;
	}
	return any;
}

/* Nothing has come up yet. */
static void
clear_results(StpSimulation *s)
{
	size_t units = s->assessment->units,
		   categories = (size_t) s->assessment->node[0].categories + 1;

	if (s->share != NULL)
		memset(s->share, 0, units * categories * sizeof(double));
	if (s->counted != NULL)
		memset(s->counted, 0, units * (units + 1) * sizeof(uint32_t));
}

void
stp_core_simulate(StpSimulation *s)
{
	StpAssessment *a = s->assessment;
	size_t categories = (size_t) a->node[0].categories + 1;
	bool any_limits = count_uncertain(s);

	memcpy(s->value, a->value, a->nodes * a->units * sizeof(double));
	for (size_t n = 0; n < a->nodes; n++)
		s->weight[n] = a->node[n].weight;
	clear_results(s);
	s->counted_units = 0;
	for (size_t draw = 0; draw < s->draws; draw++)
	{
		stp_core_pause();
		rate(s, draw, any_limits);
	}
	STP_EACH (i, s->share == NULL ? 0 : a->units * categories)
		s->share[i] /= (double) s->draws;
	memcpy(a->value, s->value, a->nodes * a->units * sizeof(double));
	for (size_t n = 0; n < a->nodes; n++)
		a->node[n].weight = s->weight[n];
}

/* Count how often a unit had each rank, where each of them was kept; once for all its quantiles. */
static void
count_ranks(StpSimulation *s, size_t unit)
{
	if (s->counted_units == unit + 1)
		return;
	s->counted_units = unit + 1;
	memset(s->count, 0, (s->assessment->units + 1) * sizeof(size_t));
	STP_EACH (draw, s->draws)
		s->count[s->rank[unit * s->draws + draw]]++;
}

/* How often a unit had a rank. */
static size_t
times(const StpSimulation *s, size_t unit, int32_t rank)
{
	if (s->counted != NULL)
		return s->counted[unit * (s->assessment->units + 1) + (size_t) rank];
	return s->count[rank];
}

int32_t
stp_core_rank_quantile(StpSimulation *s, size_t unit, double share)
{
	size_t ranked, reached = 0;
	int32_t rank = 0;

	if (s->counted == NULL)
		count_ranks(s, unit);
	ranked = s->draws - times(s, unit, 0);
	while ((double) reached < share * (double) ranked)
		reached += times(s, unit, ++rank);
	return rank;
}
