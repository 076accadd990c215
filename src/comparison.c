/*
 * comparison.c: stp.compare_periods(), whether what moved between two periods moved by more than
 * chance.
 *
 * Both periods are rated on the map of the second, so that a unit is compared with what it was made
 * of.
 */
#include "postgres.h"

#include <math.h>

#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "period.h"
#include "rating.h"
#include "robustness.h"
#include "stp_metrics.h"
#include "core/comparison.h"

/* The arguments of stp.compare_periods(). */
enum
{
	ARG_SCHEME,
	ARG_PERIOD_1,
	ARG_PERIOD_2,
	ARG_DRAWS,
	ARG_SPREAD,
	ARG_SEED
};

/* The columns of stp.comparison_row. */
enum
{
	MOVE_UNIT,
	MOVE_PEER_GROUP,
	MOVE_NODE,
	MOVE_PARENT,
	MOVE_PLACE,
	MOVE_NAME,
	MOVE_INDICATOR,
	MOVE_VALUE_1,
	MOVE_VALUE_2,
	MOVE_UNIT_OF_MEASURE,
	MOVE_VALUE_PERIOD_1,
	MOVE_VALUE_PERIOD_2,
	MOVE_DIFFERENCE,
	MOVE_LOWER,
	MOVE_UPPER,
	MOVE_IS_SIGNIFICANT,
	MOVE_MOVEMENT,
	MOVE_SCORE_1,
	MOVE_SCORE_2,
	MOVE_CHANGE,
	MOVE_PROBABILITY,
	MOVE_RANK_1,
	MOVE_RANK_LOW_1,
	MOVE_RANK_HIGH_1,
	MOVE_RANK_2,
	MOVE_RANK_LOW_2,
	MOVE_RANK_HIGH_2,
	MOVE_CATEGORY_1,
	MOVE_CATEGORY_2,
	MOVE_CATEGORY_PROBABILITY,
	MOVE_BY_OVERRIDE,
	MOVE_STATUS,
	MOVE_COLUMNS
};

StaticAssertDecl(MOVE_COLUMNS <= ROW_MAX_COLUMNS, "a row has room for stp.comparison_row");

/* Of a unit that is in one period alone, or has no score there. */
static const char *const status_words[] = {"ok", "new", "ended", "no score"};
typedef enum MoveStatus
{
	MOVE_OK,
	MOVE_NEW,
	MOVE_ENDED,
	MOVE_NO_SCORE,
	MOVE_STATUSES
} MoveStatus;

/* A peer group in one period; group NULL: nobody is in it. */
typedef struct Side
{
	const Rating *rating;
	PeerGroup *group;
	StpPeriodDraws draws;
	StpSimulation ranks; /* what ranks were drawn */
} Side;

/* A unit's places in the two periods; STP_NO_PLACE: it is not rated there. */
typedef struct Place
{
	size_t at[2];
} Place;

/* A peer group in both periods. */
typedef struct Pair
{
	Side side[2];
	size_t units; /* of either period */
	Place *unit;
	const double *correlation; /* [nodes] */
	bool drawn;
	StpComparedPeriods drawing;
	const Field *movement; /* [node * units of the second cohort + place in it] */
	Datum status_texts[MOVE_STATUSES];
} Pair;

PG_FUNCTION_INFO_V1(stp_compare_periods);

/* The code of a unit of one period. */
static Datum
unit_code(const Side *side, size_t unit)
{
	return side->rating->cohort->unit_codes[side->group->first + unit];
}

/* How many units a group has in one period. */
static size_t
count_units(const Side *side)
{
	return side->group == NULL ? 0 : side->group->assessment.units;
}

/* Which period the next unit is in: below 0 the first alone, 0 both, above 0 the second alone. */
static int
compare_next(const Pair *pair, const size_t *next)
{
	if (next[0] == count_units(&pair->side[0]))
		return 1;
	if (next[1] == count_units(&pair->side[1]))
		return -1;
	return stp_compare_text((Field){unit_code(&pair->side[0], next[0]), false},
							(Field){unit_code(&pair->side[1], next[1]), false});
}

/* Match the units of the two periods, both of which are in order. */
static void
match_units(Pair *pair)
{
	size_t next[2] = {0, 0}, all = count_units(&pair->side[0]) + count_units(&pair->side[1]);

	pair->unit = stp_allocate_cells(sizeof(Place), all, 1);
	for (; next[0] < count_units(&pair->side[0]) || next[1] < count_units(&pair->side[1]);
		 pair->units++)
	{
		int order = compare_next(pair, next);

		CHECK_FOR_INTERRUPTS();
		pair->unit[pair->units].at[0] = order <= 0 ? next[0]++ : STP_NO_PLACE;
		pair->unit[pair->units].at[1] = order >= 0 ? next[1]++ : STP_NO_PLACE;
	}
}

/* The first and the last day of the months that stand behind the value of a leaf. */
static void
find_days(const Cohort *data, size_t n, int32 *first, int32 *last)
{
	stp_period period = DatumGetPeriod(data->value_period[n].datum), month;

	*first = stp_core_period_first_day(period);
	*last = stp_core_period_last_day(period);
	if (stp_field_is(data->scheme->tree, n, SCHEME_TAKES, "rolling 12") &&
		stp_core_period_shift(stp_core_period_last_month(period), -11, &month))
		*first = stp_core_period_first_day(month);
}

/*
 * The correlation of the chance in the two values of each leaf: sums over days of which they share
 * some. 1: the same report stands behind both.
 */
static double *
find_correlations(const Cohort *before, const Cohort *after)
{
	double *correlation = stp_allocate_cells(sizeof(double), after->scheme->nodes, 1);

	for (size_t n = 0; n < after->scheme->nodes; n++)
	{
		int32 first[2], last[2], shared;

		if (before->value_period[n].isnull || after->value_period[n].isnull)
			continue;
		find_days(before, n, &first[0], &last[0]);
		find_days(after, n, &first[1], &last[1]);
		shared = Min(last[0], last[1]) - Max(first[0], first[1]) + 1;
		correlation[n] = Max(shared, 0) / sqrt((double) (last[0] - first[0] + 1) *
											   (double) (last[1] - first[1] + 1));
	}
	return correlation;
}

/* Bytes that the draws of a group take in one period; as a double, which no number overflows. */
static double
bytes_needed(const Side *side, size_t draws)
{
	size_t units = count_units(side);
	double nodes = (double) side->rating->scheme->nodes;
	double ranks = (double) Min(draws, units + 1) * sizeof(int32_t);

	return (double) units * (ranks + (5 * nodes + STP_MOVES + 1) * sizeof(double));
}

/* Refuse draws that take more memory than one operation of a query may. */
static void
check_memory(const Pair *pair, size_t draws)
{
	const Side *before = &pair->side[0], *after = &pair->side[1];
	size_t units = count_units(before) + count_units(after);
	double fixed = bytes_needed(before, 0) + bytes_needed(after, 0);
	double fewer = ((double) get_hash_memory_limit() - fixed) / ((double) units * sizeof(int32_t));

	stp_check_draw_memory(draws, units, bytes_needed(before, draws) + bytes_needed(after, draws),
						  fewer, 1);
}

/* Room for one period's draws, and the limits of its values. */
static void
prepare_side(Side *side, size_t draws)
{
	StpAssessment *a = &side->group->assessment;
	double *lower = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	double *upper = stp_allocate_cells(sizeof(double), a->nodes, a->units);

	stp_find_all_limits(side->group, true, lower, upper);
	side->draws = (StpPeriodDraws){.assessment = a, .lower = lower, .upper = upper};
	side->draws.value = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	side->draws.chance = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	side->draws.uncertain = stp_allocate_cells(sizeof(bool), a->nodes, 1);
	side->ranks = (StpSimulation){.assessment = a, .draws = draws};
	stp_allocate_ranks(&side->ranks);
	side->draws.ranks = &side->ranks;
}

/* Where each unit of the second period was in the first. */
static size_t *
find_former(const Pair *pair)
{
	size_t *former = stp_allocate_cells(sizeof(size_t), count_units(&pair->side[1]), 1);

	for (size_t i = 0; i < pair->units; i++)
		if (pair->unit[i].at[1] != STP_NO_PLACE)
			former[pair->unit[i].at[1]] = pair->unit[i].at[0];
	return former;
}

/* Draw both periods of a group, and leave it as it is rated. */
static void
draw_pair(Pair *pair, const Draws *plan)
{
	StpAssessment *a = &pair->side[1].group->assessment;

	pair->drawing = (StpComparedPeriods){.before = pair->side[0].draws,
										 .after = pair->side[1].draws,
										 .former = find_former(pair),
										 .correlation = pair->correlation,
										 .spread = plan->spread,
										 .seed = plan->seed,
										 .draws = plan->draws};
	pair->drawing.rise = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	pair->drawing.move = stp_allocate_cells(sizeof(double), a->units, STP_MOVES);
	pair->drawing.weight = stp_allocate_cells(sizeof(double), a->nodes, 1);
	stp_core_compare_periods(&pair->drawing);
	for (int period = 0; period < 2; period++)
		stp_core_assess(&pair->side[period].group->assessment);
	pair->drawn = true;
}

/* One unit at one node, in both periods. */
typedef struct Cell
{
	const Pair *pair;
	size_t n;
	Place unit;
	Row *row;
} Cell;

/* The assessment of a period; NULL: the unit is not in it. */
static const StpAssessment *
find_assessment(const Cell *cell, int period)
{
	return cell->unit.at[period] == STP_NO_PLACE ? NULL
												 : &cell->pair->side[period].group->assessment;
}

/* A number of the cell in one period; NAN: it is not rated there. */
static double
find_number(const Cell *cell, int period, const double *numbers)
{
	const StpAssessment *a = find_assessment(cell, period);

	return a == NULL ? NAN : numbers[cell->n * a->units + cell->unit.at[period]];
}

static double
find_value(const Cell *cell, int period)
{
	const StpAssessment *a = find_assessment(cell, period);

	return a == NULL ? NAN : find_number(cell, period, a->value);
}

static double
find_score(const Cell *cell, int period)
{
	const StpAssessment *a = find_assessment(cell, period);

	return a == NULL ? NAN : find_number(cell, period, a->score);
}

/* The limits of the value of the cell in one period. */
static StpLimits
find_limits(const Cell *cell, int period)
{
	const StpPeriodDraws *draws = &cell->pair->side[period].draws;

	return (StpLimits){find_number(cell, period, draws->lower),
					   find_number(cell, period, draws->upper)};
}

/* The values, and whether they differ by more than chance. */
static void
put_values(const Cell *cell)
{
	double before = find_value(cell, 0), after = find_value(cell, 1);
	double correlation = cell->pair->correlation[cell->n];
	StpLimits limits = stp_core_difference_limits(after, find_limits(cell, 1), before,
												  find_limits(cell, 0), correlation);

	/* Of one and the same report: nothing that differs is chance. */
	if (correlation == 1)
		limits.lower = limits.upper = after - before;
	stp_put_number(cell->row, MOVE_VALUE_1, before);
	stp_put_number(cell->row, MOVE_VALUE_2, after);
	stp_put_number(cell->row, MOVE_DIFFERENCE, after - before);
	stp_put_number(cell->row, MOVE_LOWER, limits.lower);
	stp_put_number(cell->row, MOVE_UPPER, limits.upper);
	cell->row->values[MOVE_IS_SIGNIFICANT] = BoolGetDatum(limits.lower > 0 || limits.upper < 0);
	cell->row->nulls[MOVE_IS_SIGNIFICANT] = isnan(limits.lower) || isnan(limits.upper);
}

/* What the unit's chart says of the later value. */
static void
put_movement(const Cell *cell)
{
	const Side *after = &cell->pair->side[1];
	Field movement = {.isnull = true};

	if (cell->unit.at[1] != STP_NO_PLACE)
		movement = cell->pair->movement[cell->n * after->rating->cohort->units +
										after->group->first + cell->unit.at[1]];
	stp_put_field(cell->row, MOVE_MOVEMENT, movement);
}

/* How sure it is that the score moved the way it did. */
static double
find_probability(const Cell *cell, double change)
{
	double rise;

	if (!cell->pair->drawn || isnan(change) || change == 0)
		return NAN;
	rise = find_number(cell, 1, cell->pair->drawing.rise);
	return change > 0 ? rise : 1 - rise;
}

static void
put_scores(const Cell *cell)
{
	double before = find_score(cell, 0), after = find_score(cell, 1);

	stp_put_number(cell->row, MOVE_SCORE_1, before);
	stp_put_number(cell->row, MOVE_SCORE_2, after);
	stp_put_number(cell->row, MOVE_CHANGE, after - before);
	stp_put_number(cell->row, MOVE_PROBABILITY, find_probability(cell, after - before));
}

/* Rank and category in one period; with the ranks that were drawn, on the overall row. */
static void
put_standing(const Cell *cell, int period)
{
	static const int rank[] = {MOVE_RANK_1, MOVE_RANK_2};
	static const int category[] = {MOVE_CATEGORY_1, MOVE_CATEGORY_2};
	const StpAssessment *a = find_assessment(cell, period);
	const Side *side = &cell->pair->side[period];
	size_t unit = cell->unit.at[period];
	bool ranks = a != NULL && cell->n == 0 && cell->pair->drawn;
	StpSimulation drawn = side->ranks;

	stp_put_rank(cell->row, rank[period], a == NULL ? 0 : a->rank[cell->n * a->units + unit]);
	stp_put_rank(cell->row, rank[period] + 1,
				 ranks ? stp_core_rank_quantile(&drawn, unit, STP_DRAWN_TAIL) : 0);
	stp_put_rank(cell->row, rank[period] + 2,
				 ranks ? stp_core_rank_quantile(&drawn, unit, 1 - STP_DRAWN_TAIL) : 0);
	cell->row->nulls[category[period]] = true;
	if (a != NULL)
		stp_put_category(cell->row, category[period], side->rating->scheme, &a->node[cell->n],
						 a->category[cell->n * a->units + unit]);
}

/* Whether the overall category is not the same though by the scores alone it would be. */
static bool
is_by_override(const Cell *cell)
{
	const StpAssessment *before = find_assessment(cell, 0), *after = find_assessment(cell, 1);
	double then = find_score(cell, 0), now = find_score(cell, 1);

	return before->category[cell->unit.at[0]] != after->category[cell->unit.at[1]] &&
		   stp_core_find_category(before, 0, cell->unit.at[0], then) ==
			   stp_core_find_category(after, 0, cell->unit.at[1], now);
}

/* How sure the move of the overall category is, and what made it. */
static void
put_move(const Cell *cell)
{
	const StpAssessment *before = find_assessment(cell, 0), *after = find_assessment(cell, 1);
	int32_t then = cell->n == 0 && before != NULL ? before->category[cell->unit.at[0]] : 0;
	int32_t now = cell->n == 0 && after != NULL ? after->category[cell->unit.at[1]] : 0;
	bool both = then > 0 && now > 0;
	const double *move = cell->pair->drawing.move;
	StpMove seen = now < then ? STP_BETTER : now > then ? STP_WORSE : STP_SAME;

	stp_put_number(cell->row, MOVE_CATEGORY_PROBABILITY,
				   both && cell->pair->drawn ? move[cell->unit.at[1] * STP_MOVES + seen] : NAN);
	cell->row->nulls[MOVE_BY_OVERRIDE] = !both;
	if (both)
		cell->row->values[MOVE_BY_OVERRIDE] = BoolGetDatum(is_by_override(cell));
}

/* Whether there is anything to compare. */
static MoveStatus
find_status(const Cell *cell)
{
	if (cell->unit.at[0] == STP_NO_PLACE)
		return MOVE_NEW;
	if (cell->unit.at[1] == STP_NO_PLACE)
		return MOVE_ENDED;
	return isnan(find_score(cell, 0)) || isnan(find_score(cell, 1)) ? MOVE_NO_SCORE : MOVE_OK;
}

/* The columns that are the same for every row of a node. */
static void
put_node(const Pair *pair, size_t n, Row *row)
{
	static const struct
	{
		int column;
		SchemeColumn label;
	} labels[] = {{MOVE_NODE, SCHEME_NODE},
				  {MOVE_PARENT, SCHEME_PARENT},
				  {MOVE_NAME, SCHEME_NAME},
				  {MOVE_INDICATOR, SCHEME_INDICATOR},
				  {MOVE_UNIT_OF_MEASURE, SCHEME_UNIT_OF_MEASURE}};
	const Rating *before = pair->side[0].rating, *after = pair->side[1].rating;

	for (size_t i = 0; i < lengthof(labels); i++)
		stp_put_field(row, labels[i].column, stp_get_label(after->scheme, n, labels[i].label));
	stp_put_field(row, MOVE_VALUE_PERIOD_1, before->cohort->value_period[n]);
	stp_put_field(row, MOVE_VALUE_PERIOD_2, after->cohort->value_period[n]);
	row->values[MOVE_PLACE] = Int32GetDatum((int32) n + 1);
}

/* One row. */
static void
write_cell(const Cell *cell, ReturnSetInfo *result)
{
	int period = cell->unit.at[1] == STP_NO_PLACE ? 0 : 1;

	cell->row->values[MOVE_UNIT] = unit_code(&cell->pair->side[period], cell->unit.at[period]);
	put_values(cell);
	put_movement(cell);
	put_scores(cell);
	put_standing(cell, 0);
	put_standing(cell, 1);
	put_move(cell);
	cell->row->values[MOVE_STATUS] = cell->pair->status_texts[find_status(cell)];
	tuplestore_putvalues(result->setResult, result->setDesc, cell->row->values, cell->row->nulls);
}

/* All rows of a group, node by node. */
static void
write_pair(Pair *pair, ReturnSetInfo *result)
{
	const PeerGroup *group = pair->side[1].group ? pair->side[1].group : pair->side[0].group;
	Row row = {0};
	Cell cell = {.pair = pair, .row = &row};

	for (int i = 0; i < MOVE_STATUSES; i++)
		pair->status_texts[i] = CStringGetTextDatum(status_words[i]);
	stp_put_field(&row, MOVE_PEER_GROUP, group->label);
	for (cell.n = 0; cell.n < group->assessment.nodes; cell.n++)
	{
		put_node(pair, cell.n, &row);
		for (size_t i = 0; i < pair->units; i++)
		{
			CHECK_FOR_INTERRUPTS();
			cell.unit = pair->unit[i];
			write_cell(&cell, result);
		}
	}
}

/* Rate and compare one peer group. */
static void
compare_pair(Pair *pair, const Draws *plan, ReturnSetInfo *result)
{
	match_units(pair);
	check_memory(pair, plan->draws);
	for (int period = 0; period < 2; period++)
		if (pair->side[period].group != NULL)
		{
			stp_core_assess(&pair->side[period].group->assessment);
			prepare_side(&pair->side[period], plan->draws);
		}
	if (pair->side[0].group != NULL && pair->side[1].group != NULL)
		draw_pair(pair, plan);
	write_pair(pair, result);
}

/* Compare one group after the other, each in memory that is free again for the next. */
static void
compare_ratings(const Rating *before, const Rating *after, const Draws *plan, ReturnSetInfo *result)
{
	const double *correlation = find_correlations(before->cohort, after->cohort);
	const Cohort *charted = after->cohort;
	const Field *movement = stp_load_movements(charted, charted->unit_codes, charted->units);
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "stp comparison", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);

	for (int g[2] = {0, 0}; g[0] < before->groups || g[1] < after->groups;)
	{
		Pair pair = {.side = {{.rating = before}, {.rating = after}},
					 .correlation = correlation,
					 .movement = movement};
		int order = g[0] == before->groups ? 1
					: g[1] == after->groups
						? -1
						: stp_compare_text(before->group[g[0]].label, after->group[g[1]].label);

		if (order <= 0)
			pair.side[0].group = &before->group[g[0]++];
		if (order >= 0)
			pair.side[1].group = &after->group[g[1]++];
		compare_pair(&pair, plan, result);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(context);
}

/* stp.compare_periods(scheme, period_1, period_2, draws, spread, seed) */
Datum
stp_compare_periods(PG_FUNCTION_ARGS)
{
	Draws plan = {.draws = stp_check_draws(PG_GETARG_INT32(ARG_DRAWS)),
				  .spread = stp_check_spread(PG_GETARG_FLOAT8(ARG_SPREAD)),
				  .seed = (uint64_t) PG_GETARG_INT64(ARG_SEED),
				  .intervals = true};
	DateADT map = stp_core_period_last_day(PG_GETARG_PERIOD(ARG_PERIOD_2));
	Scheme *scheme;
	const Cohort *before, *after;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	scheme = stp_load_scheme(PG_GETARG_DATUM(ARG_SCHEME));
	before = stp_load_cohort_on(scheme, fcinfo, ARG_PERIOD_1, map);
	after = stp_load_cohort_on(scheme, fcinfo, ARG_PERIOD_2, map);
	compare_ratings(stp_load_rating(before), stp_load_rating(after), &plan,
					(ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}
