/*
 * comparison.c: the ratings of two periods drawn together, without any backend header.
 *
 * Draw d of a seed has three streams: the weights, which are the same in both periods; the values
 * of the later one; and those of the earlier one. The first two are those of robustness.c, so that
 * the later ranks are the same there and here. Of what was reported the chance in two periods is
 * independent, unless the same months stand behind both.
 */
#include "comparison.h"

#include <math.h>
#include <string.h>

#include "draw.h"
#include "pause.h"

/* How far each value that has limits is from what was reported, in deviations. */
static void
draw_chance(const StpPeriodDraws *period, uint64_t seed, uint64_t stream)
{
	size_t units = period->assessment->units;
	StpDraw draw;

	stp_core_draw_start(&draw, seed, stream);
	for (size_t n = 0; n < period->assessment->nodes; n++)
		STP_EACH (u, period->uncertain[n] ? units : 0)
			if (!isnan(period->chance[n * units + u]))
				period->chance[n * units + u] = stp_core_draw_normal(&draw);
}

/* Give the earlier values what they share with the later ones. */
static void
share_chance(const StpComparedPeriods *c)
{
	size_t before = c->before.assessment->units, after = c->after.assessment->units;

	for (size_t n = 0; n < c->after.assessment->nodes; n++)
	{
		double common = c->correlation[n], own = sqrt(1 - common * common);

		STP_EACH (u, common > 0 ? after : 0)
		{
			double later = c->after.chance[n * after + u], *earlier;

			if (c->former[u] == STP_NO_PLACE || isnan(later))
				continue;
			earlier = &c->before.chance[n * before + c->former[u]];
			*earlier = common * later + own * *earlier;
		}
	}
}

/* All values that are uncertain, and the scores that come from them. */
static void
draw_values(const StpPeriodDraws *period)
{
	StpAssessment *a = period->assessment;

	for (size_t n = 0; n < a->nodes; n++)
	{
		if (!period->uncertain[n])
			continue;
		STP_EACH (u, a->units)
		{
			size_t cell = n * a->units + u;

			if (!isnan(period->chance[cell]))
				a->value[cell] =
					stp_core_drawn_value(&a->node[n], period->value[cell], period->lower[cell],
										 period->upper[cell], period->chance[cell]);
		}
		stp_core_normalise(a, n);
	}
}

/* The same weights for both periods. */
static void
draw_weights(const StpComparedPeriods *c, uint64_t stream)
{
	StpDraw draw;

	stp_core_draw_start(&draw, c->seed, stream);
	for (size_t n = 0; n < c->after.assessment->nodes; n++)
		c->before.assessment->node[n].weight = c->after.assessment->node[n].weight =
			c->weight[n] * (1 + c->spread * (2 * stp_core_draw_uniform(&draw) - 1));
}

/* Rate one period with what was drawn for it, and keep the ranks. */
static void
rate(const StpPeriodDraws *period, size_t draw)
{
	StpAssessment *a = period->assessment;

	draw_values(period);
	stp_core_assess_root(a, false);
	stp_core_keep_ranks(period->ranks, draw);
}

/* What one draw says about the scores of a unit. */
static void
count_rises(StpComparedPeriods *c, size_t unit)
{
	const StpAssessment *before = c->before.assessment, *after = c->after.assessment;

	for (size_t n = 0; n < after->nodes; n++)
	{
		size_t cell = n * after->units + unit;
		double now = after->score[cell], then = before->score[n * before->units + c->former[unit]];

		c->rise[cell] += now > then ? 1 : now < then ? 0 : 0.5;
	}
}

/* What one draw says about the category of a unit; nothing where it has none. */
static void
count_move(StpComparedPeriods *c, size_t unit)
{
	int32_t now = c->after.assessment->category[unit];
	int32_t then = c->before.assessment->category[c->former[unit]];
	StpMove move = now < then ? STP_BETTER : now > then ? STP_WORSE : STP_SAME;

	if (now > 0 && then > 0)
		c->move[unit * STP_MOVES + move] += 1;
}

/* Rate both periods once. */
static void
rate_both(StpComparedPeriods *c, size_t draw)
{
	if (c->spread > 0)
		draw_weights(c, 2 * draw);
	draw_chance(&c->after, c->seed, 2 * draw + 1);
	draw_chance(&c->before, c->seed, UINT64_MAX - draw);
	share_chance(c);
	rate(&c->before, draw);
	rate(&c->after, draw);
	STP_EACH (u, c->after.assessment->units)
	{
		if (c->former[u] == STP_NO_PLACE)
			continue;
		count_rises(c, u);
		count_move(c, u);
	}
}

/* Keep what will be drawn over, and find what will be. */
static void
begin(const StpPeriodDraws *period)
{
	const StpAssessment *a = period->assessment;

	memcpy(period->value, a->value, a->nodes * a->units * sizeof(double));
	for (size_t n = 0; n < a->nodes; n++)
	{
		period->uncertain[n] = false;
		STP_EACH (u, a->units)
		{
			size_t cell = n * a->units + u;
			bool certain =
				!a->node[n].leaf || isunordered(period->lower[cell], period->upper[cell]);

			period->chance[cell] = certain ? NAN : 0;
			period->uncertain[n] = period->uncertain[n] || !certain;
		}
	}
}

/* Put it back. */
static void
end(const StpComparedPeriods *c, const StpPeriodDraws *period)
{
	StpAssessment *a = period->assessment;

	memcpy(a->value, period->value, a->nodes * a->units * sizeof(double));
	for (size_t n = 0; n < a->nodes; n++)
		a->node[n].weight = c->weight[n];
}

void
stp_core_compare_periods(StpComparedPeriods *c)
{
	const StpAssessment *a = c->after.assessment;

	for (size_t n = 0; n < a->nodes; n++)
		c->weight[n] = a->node[n].weight;
	begin(&c->before);
	begin(&c->after);
	memset(c->rise, 0, a->nodes * a->units * sizeof(double));
	memset(c->move, 0, a->units * STP_MOVES * sizeof(double));
	for (size_t draw = 0; draw < c->draws; draw++)
	{
		stp_core_pause();
		rate_both(c, draw);
	}
	STP_EACH (cell, a->nodes * a->units)
		c->rise[cell] /= (double) c->draws;
	STP_EACH (i, a->units * STP_MOVES)
		c->move[i] /= (double) c->draws;
	end(c, &c->before);
	end(c, &c->after);
}
