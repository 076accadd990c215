/*
 * robustness.c: stp.robustness() and stp.leave_one_out(), how much a rating hangs on its weights,
 * on the chance in its values, and on each of its indicators; stp.rank_set() and
 * stp.rank_confidence(), which ranks chance in the values allows.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "check.h"
#include "estimate.h"
#include "rating.h"
#include "robustness.h"
#include "stp_metrics.h"
#include "core/draw.h"
#include "core/pause.h"
#include "core/rank_set.h"

#define MAX_DRAWS 1000000
/* Fewer draws say nothing of the 95th part of them. */
#define MIN_RANK_DRAWS 100

/* The columns of stp.robustness(). */
enum
{
	ROBUST_UNIT,
	ROBUST_PEER_GROUP,
	ROBUST_RANK,
	ROBUST_RANK_LOW,
	ROBUST_RANK_MEDIAN,
	ROBUST_RANK_HIGH,
	ROBUST_CATEGORY,
	ROBUST_IS_PRESENT,
	ROBUST_PROBABILITY
};

/* The columns of stp.leave_one_out(). */
enum
{
	LEFT_NODE,
	LEFT_NAME,
	LEFT_INDICATOR,
	LEFT_UNIT,
	LEFT_PEER_GROUP,
	LEFT_SCORE,
	LEFT_SCORE_WITHOUT,
	LEFT_RANK,
	LEFT_RANK_WITHOUT,
	LEFT_RANK_CHANGE,
	LEFT_CATEGORY,
	LEFT_CATEGORY_WITHOUT
};

/* The columns of stp.rank_set(), and those of stp.rank_confidence(), which has a unit and its peer
 * group in the place of a place and its estimate. */
enum
{
	SET_PLACE,
	SET_UNIT = SET_PLACE,
	SET_ESTIMATE,
	SET_PEER_GROUP = SET_ESTIMATE,
	SET_RANK,
	SET_RANK_LOW,
	SET_RANK_HIGH,
	SET_ALL_LOW,
	SET_ALL_HIGH,
	SET_MAY_BE_BEST
};

/* The sets that are asked for. */
typedef struct SetPlan
{
	double confidence;
	int best;
	size_t draws;
	uint64_t seed;
} SetPlan;

/* A rating before something is left out of it. */
typedef struct Before
{
	double *score;	   /* [units] */
	int32_t *rank;	   /* [units] */
	int32_t *category; /* [units] */
	double *weight;	   /* [nodes] */
} Before;

PG_FUNCTION_INFO_V1(stp_robustness);
PG_FUNCTION_INFO_V1(stp_leave_one_out);
PG_FUNCTION_INFO_V1(stp_rank_set);
PG_FUNCTION_INFO_V1(stp_rank_confidence);

size_t
stp_check_draws(int32 draws)
{
	if (draws < 1 || draws > MAX_DRAWS)
		stp_refuse(errmsg("number of draws must be from 1 to %d, not %d", MAX_DRAWS, draws),
				   errhint("1000 are enough for most questions."));
	return (size_t) draws;
}

double
stp_check_spread(double spread)
{
	if (!(spread >= 0 && spread <= 1))
		stp_refuse(errmsg("spread of weights must be from 0 to 1, not %g", spread),
				   errhint("0.25 draws each weight between 75%% and 125%% of itself."));
	return spread;
}

/* The arguments behind scheme and period. */
static Draws
read_plan(FunctionCallInfo fcinfo)
{
	return (Draws){.draws = stp_check_draws(PG_GETARG_INT32(2)),
				   .spread = stp_check_spread(PG_GETARG_FLOAT8(3)),
				   .seed = (uint64_t) PG_GETARG_INT64(4),
				   .intervals = PG_GETARG_BOOL(5)};
}

void
stp_find_all_limits(const PeerGroup *group, bool intervals, double *lower, double *upper)
{
	const StpAssessment *a = &group->assessment;

	for (size_t cell = 0; cell < a->nodes * a->units; cell++)
	{
		StpLimits limits = {NAN, NAN};

		CHECK_FOR_INTERRUPTS();
		if (intervals)
			limits = stp_find_limits(group, &a->node[cell / a->units], cell);
		lower[cell] = limits.lower;
		upper[cell] = limits.upper;
	}
}

/* Bytes that the draws of a group take; as a double, which no number of units overflows. */
static double
bytes_needed(const StpAssessment *a, size_t draws)
{
	double units = (double) a->units, nodes = (double) a->nodes;
	double shares = (double) a->node[0].categories + 1;
	double ranks = units * (double) Min(draws, a->units + 1);

	return ranks * sizeof(int32_t) + units * (3 * nodes + shares + 1) * sizeof(double) +
		   nodes * (sizeof(double) + sizeof(size_t)) + (units + 1) * sizeof(size_t);
}

void
stp_check_draw_memory(size_t draws, size_t units, double needed, double fewer, int fewest)
{
	double limit = (double) get_hash_memory_limit();
	double work_memory = ceil(needed / hash_mem_multiplier / 1024);

	if (needed <= limit)
		return;
	ereport(ERROR, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
					errmsg("%zu draws of %zu units need %.0f bytes, more than the %.0f bytes of "
						   "work_mem times hash_mem_multiplier",
						   draws, units, needed, limit),
					fewer < fewest ? errhint("SET work_mem = '%.0fkB'.", work_memory)
								   : errhint("SET work_mem = '%.0fkB', or draw at most %.0f times.",
											 work_memory, floor(fewer))));
}

/* The same for a rating. */
static void
check_memory(const StpAssessment *a, size_t draws)
{
	double limit = (double) get_hash_memory_limit();
	double fewer = (limit - bytes_needed(a, 0)) / ((double) a->units * sizeof(int32_t));

	stp_check_draw_memory(draws, a->units, bytes_needed(a, draws), fewer, 1);
}

/* The same for rank sets, beside what else does not grow with the draws. */
static void
check_set_memory(size_t units, size_t draws, double beside)
{
	double limit = (double) get_hash_memory_limit();
	double fixed =
		beside + (double) units * ((double) units * sizeof(double) + 5 * sizeof(int32_t));
	double each = (double) units * sizeof(double) + sizeof(double) + 2 * sizeof(size_t);

	stp_check_draw_memory(draws, units, fixed + (double) draws * each, (limit - fixed) / each,
						  MIN_RANK_DRAWS);
}

void
stp_allocate_ranks(StpSimulation *s)
{
	size_t units = s->assessment->units;

	if (stp_core_counts_ranks(units, s->draws))
		s->counted = stp_allocate_cells(sizeof(uint32_t), units, units + 1);
	else
		s->rank = stp_allocate_cells(sizeof(int32_t), units, s->draws);
	s->count = stp_allocate_cells(sizeof(size_t), units + 1, 1);
}

/* What is drawn of a group, without room for what comes of it. */
static StpSimulation
prepare_simulation(PeerGroup *group, const Draws *plan)
{
	StpAssessment *a = &group->assessment;
	double *lower = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	double *upper = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	StpSimulation s = {.assessment = a, .lower = lower, .upper = upper};

	stp_find_all_limits(group, plan->intervals, lower, upper);
	s.spread = plan->spread;
	s.seed = plan->seed;
	s.draws = plan->draws;
	s.value = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	s.weight = stp_allocate_cells(sizeof(double), a->nodes, 1);
	s.normal = stp_allocate_cells(sizeof(double), a->units, 1);
	s.uncertain = stp_allocate_cells(sizeof(size_t), a->nodes, 1);
	return s;
}

/* Rate a group as often as the plan says. */
static StpSimulation
simulate(PeerGroup *group, const Draws *plan)
{
	StpAssessment *a = &group->assessment;
	StpSimulation s = prepare_simulation(group, plan);

	stp_allocate_ranks(&s);
	s.share = stp_allocate_cells(sizeof(double), a->units, (size_t) a->node[0].categories + 1);
	stp_core_simulate(&s);
	return s;
}

/* The rating of a group as it stands. */
static Before
keep_rating(StpAssessment *a)
{
	Before before;

	stp_core_assess(a);
	before.score = stp_allocate_cells(sizeof(double), a->units, 1);
	before.rank = stp_allocate_cells(sizeof(int32_t), a->units, 1);
	before.category = stp_allocate_cells(sizeof(int32_t), a->units, 1);
	before.weight = stp_allocate_cells(sizeof(double), a->nodes, 1);
	memcpy(before.score, a->score, a->units * sizeof(double));
	memcpy(before.rank, a->rank, a->units * sizeof(int32_t));
	memcpy(before.category, a->category, a->units * sizeof(int32_t));
	for (size_t n = 0; n < a->nodes; n++)
		before.weight[n] = a->node[n].weight;
	return before;
}

/* A row for each category of one unit, and one for no category where that came up. */
static void
write_robust_unit(const Rating *rating, StpSimulation *s, const Before *before, size_t u, Row *row,
				  ReturnSetInfo *result)
{
	int categories = s->assessment->node[0].categories;
	const double *share = s->share + u * ((size_t) categories + 1);

	stp_put_rank(row, ROBUST_RANK, before->rank[u]);
	stp_put_rank(row, ROBUST_RANK_LOW, stp_core_rank_quantile(s, u, STP_DRAWN_TAIL));
	stp_put_rank(row, ROBUST_RANK_MEDIAN, stp_core_rank_quantile(s, u, 0.5));
	stp_put_rank(row, ROBUST_RANK_HIGH, stp_core_rank_quantile(s, u, 1 - STP_DRAWN_TAIL));
	for (int c = 0; c <= categories; c++)
	{
		/* Without categories there is nothing to be probable of. */
		if (c == 0 && categories > 0 && share[0] == 0)
			continue;
		stp_put_category(row, ROBUST_CATEGORY, rating->scheme, &rating->scheme->node[0], c);
		row->values[ROBUST_IS_PRESENT] = BoolGetDatum(c == before->category[u]);
		stp_put_number(row, ROBUST_PROBABILITY, categories == 0 ? NAN : share[c]);
		tuplestore_putvalues(result->setResult, result->setDesc, row->values, row->nulls);
	}
}

/* Draw one group and write its rows. */
static void
write_robust_group(const Rating *rating, PeerGroup *group, const Draws *plan, ReturnSetInfo *result)
{
	Before before = keep_rating(&group->assessment);
	StpSimulation simulation = simulate(group, plan);
	Row row = {0};

	stp_put_field(&row, ROBUST_PEER_GROUP, group->label);
	for (size_t u = 0; u < group->assessment.units; u++)
	{
		CHECK_FOR_INTERRUPTS();
		row.values[ROBUST_UNIT] = rating->cohort->unit_codes[group->first + u];
		write_robust_unit(rating, &simulation, &before, u, &row, result);
	}
}

/* Draw one group after the other, each in memory that is free again for the next. */
static void
write_robust_groups(const Rating *rating, const Draws *plan, ReturnSetInfo *result)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "stp draws", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);

	for (int g = 0; g < rating->groups; g++)
		check_memory(&rating->group[g].assessment, plan->draws);
	for (int g = 0; g < rating->groups; g++)
	{
		write_robust_group(rating, &rating->group[g], plan, result);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(context);
}

/* stp.robustness(scheme, period, draws, spread, seed, intervals) */
Datum
stp_robustness(PG_FUNCTION_ARGS)
{
	Draws plan = read_plan(fcinfo);
	Rating *rating;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	rating = stp_load_call(fcinfo, 0);
	write_robust_groups(rating, &plan, (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}

/* Whether a node has a child with any weight. */
static bool
has_weight_below(const StpAssessment *a, int node)
{
	for (size_t n = 0; n < a->nodes; n++)
		if (a->node[n].parent == node && a->node[n].weight > 0)
			return true;
	return false;
}

/* Take a leaf out, and every node above it that is nothing without it. */
static void
leave_out(StpAssessment *a, size_t leaf)
{
	int node = (int) leaf;

	do
	{
		CHECK_FOR_INTERRUPTS();
		a->node[node].weight = 0;
	} while ((node = a->node[node].parent) > 0 && !has_weight_below(a, node));
}

/* Rows of one group without one leaf. */
static void
write_left_group(const Rating *rating, const PeerGroup *group, const Before *before, Row *row,
				 ReturnSetInfo *result)
{
	const StpAssessment *a = &group->assessment;

	for (size_t u = 0; u < a->units; u++)
	{
		CHECK_FOR_INTERRUPTS();
		row->values[LEFT_UNIT] = rating->cohort->unit_codes[group->first + u];
		stp_put_number(row, LEFT_SCORE, before->score[u]);
		stp_put_number(row, LEFT_SCORE_WITHOUT, a->score[u]);
		stp_put_rank(row, LEFT_RANK, before->rank[u]);
		stp_put_rank(row, LEFT_RANK_WITHOUT, a->rank[u]);
		row->values[LEFT_RANK_CHANGE] = Int32GetDatum(a->rank[u] - before->rank[u]);
		row->nulls[LEFT_RANK_CHANGE] = a->rank[u] == 0 || before->rank[u] == 0;
		stp_put_category(row, LEFT_CATEGORY, rating->scheme, &rating->scheme->node[0],
						 before->category[u]);
		stp_put_category(row, LEFT_CATEGORY_WITHOUT, rating->scheme, &rating->scheme->node[0],
						 a->category[u]);
		tuplestore_putvalues(result->setResult, result->setDesc, row->values, row->nulls);
	}
}

/* All leaves that count, one after the other, left out of one group's rating. */
static void
leave_each_out(const Rating *rating, PeerGroup *group, ReturnSetInfo *result)
{
	StpAssessment *a = &group->assessment;
	Before before = keep_rating(a);
	Row row = {0};

	stp_put_field(&row, LEFT_PEER_GROUP, group->label);
	for (size_t leaf = 0; leaf < a->nodes; leaf++)
	{
		if (!a->node[leaf].leaf || before.weight[leaf] == 0)
			continue;
		leave_out(a, leaf);
		stp_core_assess_root(a, false);
		stp_put_field(&row, LEFT_NODE, stp_get_label(rating->scheme, leaf, SCHEME_NODE));
		stp_put_field(&row, LEFT_NAME, stp_get_label(rating->scheme, leaf, SCHEME_NAME));
		stp_put_field(&row, LEFT_INDICATOR, stp_get_label(rating->scheme, leaf, SCHEME_INDICATOR));
		write_left_group(rating, group, &before, &row, result);
		for (size_t n = 0; n < a->nodes; n++)
			a->node[n].weight = before.weight[n];
	}
}

/* stp.leave_one_out(scheme, period) */
Datum
stp_leave_one_out(PG_FUNCTION_ARGS)
{
	Rating *rating;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	rating = stp_load_call(fcinfo, 0);
	for (int g = 0; g < rating->groups; g++)
		leave_each_out(rating, &rating->group[g], (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}

/* The arguments from one on: confidence, best, draws and seed. */
static SetPlan
read_set_plan(FunctionCallInfo fcinfo)
{
	int32 best = PG_GETARG_INT32(3), draws = PG_GETARG_INT32(4);
	SetPlan plan = {.confidence = stp_get_confidence(fcinfo, 2),
					.best = best,
					.draws = (size_t) draws,
					.seed = (uint64_t) PG_GETARG_INT64(5)};

	if (best < 1)
		stp_refuse(errmsg("best must be at least 1, not %d", best),
				   errhint("3 asks who may be among the best three."));
	if (draws < MIN_RANK_DRAWS || draws > MAX_DRAWS)
		stp_refuse(errmsg("number of draws must be from %d to %d, not %d", MIN_RANK_DRAWS,
						  MAX_DRAWS, draws),
				   errhint("10000 give critical values to a percent."));
	return plan;
}

/* Find the sets of units that have an estimate, an error in each draw, and deviations of their
 * differences. */
static StpRankSets
find_sets(const SetPlan *plan, size_t units, const double *estimate, const double *error,
		  const double *deviation)
{
	StpRankSets sets = {.units = units,
						.draws = plan->draws,
						.estimate = estimate,
						.error = error,
						.deviation = deviation,
						.confidence = plan->confidence};
	int32_t **ranks[] = {&sets.rank, &sets.low, &sets.high, &sets.all_low, &sets.all_high};

	for (size_t i = 0; i < lengthof(ranks); i++)
		*ranks[i] = stp_allocate_cells(sizeof(int32_t), units, 1);
	sets.largest = stp_allocate_cells(sizeof(double), plan->draws, 1);
	sets.order = stp_allocate_cells(sizeof(size_t), plan->draws, 1);
	sets.spare = stp_allocate_cells(sizeof(size_t), plan->draws, 1);
	stp_core_find_rank_sets(&sets);
	return sets;
}

/* Fill the columns of a unit, which is this one of the sets or, if there are no sets, none. */
static void
put_sets(Row *row, const SetPlan *plan, const StpRankSets *sets, size_t unit)
{
	stp_put_rank(row, SET_RANK, sets == NULL ? 0 : sets->rank[unit]);
	stp_put_rank(row, SET_RANK_LOW, sets == NULL ? 0 : sets->low[unit]);
	stp_put_rank(row, SET_RANK_HIGH, sets == NULL ? 0 : sets->high[unit]);
	stp_put_rank(row, SET_ALL_LOW, sets == NULL ? 0 : sets->all_low[unit]);
	stp_put_rank(row, SET_ALL_HIGH, sets == NULL ? 0 : sets->all_high[unit]);
	row->nulls[SET_MAY_BE_BEST] = sets == NULL;
	row->values[SET_MAY_BE_BEST] = BoolGetDatum(sets != NULL && sets->all_low[unit] <= plan->best);
}

/* A list of numbers; NAN for those that are missing. */
static double *
read_numbers(FunctionCallInfo fcinfo, int argument, const char *name, size_t *count)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(argument);
	Datum *elements;
	bool *nulls;
	int n;
	double *numbers;

	if (ARR_NDIM(array) > 1)
		stp_refuse(errmsg("%s must be a list, not a table of %d dimensions", name, ARR_NDIM(array)),
				   errhint("Pass array_agg(...) of one column."));
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements,
					  &nulls, &n);
	numbers = stp_allocate_cells(sizeof(double), (size_t) n, 1);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		numbers[i] = nulls[i] ? NAN
							  : stp_check_finite(DatumGetFloat8(elements[i]), name,
												 "Pass NULL where there is none.");
	}
	*count = (size_t) n;
	return numbers;
}

/* Estimates that somebody else has made, those that have an error first; NULL arguments and what is
 * missing have been told apart. */
typedef struct Estimates
{
	size_t count;
	double *estimate; /* as they were passed; NAN: missing */
	double *error;
	size_t ranked; /* how many have both */
	double *ranked_estimate;
	double *ranked_error;
} Estimates;

/* Refuse what is no standard error. */
static void
check_standard_errors(const Estimates *e, size_t errors)
{
	if (errors != e->count)
		stp_refuse(errmsg("%zu estimates have %zu standard errors", e->count, errors),
				   errhint("Pass lists of the same length, NULL where there is none."));
	for (size_t i = 0; i < e->count; i++)
		if (e->error[i] < 0)
			stp_refuse(errmsg("standard error must not be negative, not \"%s\"",
							  float8out_internal(e->error[i])),
					   errhint("Pass 0 for an estimate that is certain."));
}

/* The first two arguments; the highest estimate becomes the best. */
static Estimates
read_estimates(FunctionCallInfo fcinfo, bool higher_is_better)
{
	Estimates e = {0};
	size_t errors;

	e.estimate = read_numbers(fcinfo, 0, "estimate", &e.count);
	e.error = read_numbers(fcinfo, 1, "standard error", &errors);
	check_standard_errors(&e, errors);
	e.ranked_estimate = stp_allocate_cells(sizeof(double), e.count, 1);
	e.ranked_error = stp_allocate_cells(sizeof(double), e.count, 1);
	for (size_t i = 0; i < e.count; i++)
		if (!isunordered(e.estimate[i], e.error[i]))
		{
			e.ranked_estimate[e.ranked] = higher_is_better ? e.estimate[i] : -e.estimate[i];
			e.ranked_error[e.ranked++] = e.error[i];
		}
	return e;
}

/* Independent normal errors, a stream for each draw. */
static double *
draw_errors(const Estimates *e, const SetPlan *plan)
{
	double *error = stp_allocate_cells(sizeof(double), e->ranked, plan->draws);
	double *normal = stp_allocate_cells(sizeof(double), e->ranked, 1);

	for (size_t d = 0; d < plan->draws; d++)
	{
		StpDraw draw;

		CHECK_FOR_INTERRUPTS();
		stp_core_draw_start(&draw, plan->seed, d);
		stp_core_draw_normals(&draw, normal, e->ranked);
		STP_EACH (u, e->ranked)
			error[u * plan->draws + d] = e->ranked_error[u] * normal[u];
	}
	return error;
}

/* stp.rank_set(estimates, standard_errors, confidence, best, draws, seed, higher_is_better) */
Datum
stp_rank_set(PG_FUNCTION_ARGS)
{
	SetPlan plan = read_set_plan(fcinfo);
	Estimates e = read_estimates(fcinfo, PG_GETARG_BOOL(6));
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	double *deviation;
	StpRankSets sets;
	Row row = {0};

	InitMaterializedSRF(fcinfo, 0);
	check_set_memory(e.ranked, plan.draws, 0);
	deviation = stp_allocate_cells(sizeof(double), e.ranked, e.ranked);
	stp_core_independent_deviations(e.ranked_error, e.ranked, deviation);
	sets = find_sets(&plan, e.ranked, e.ranked_estimate, draw_errors(&e, &plan), deviation);
	for (size_t i = 0, ranked = 0; i < e.count; i++)
	{
		bool has_set = !isunordered(e.estimate[i], e.error[i]);

		CHECK_FOR_INTERRUPTS();
		row.values[SET_PLACE] = Int32GetDatum((int32) i + 1);
		stp_put_number(&row, SET_ESTIMATE, e.estimate[i]);
		put_sets(&row, &plan, has_set ? &sets : NULL, ranked);
		ranked += has_set;
		tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
	}
	return (Datum) 0;
}

/* The units of a group that have a score. */
typedef struct Scored
{
	size_t units;
	size_t *unit;	  /* [units of the group] those with a score come first */
	double *estimate; /* the highest is the best */
} Scored;

static Scored
find_scored(const StpAssessment *a)
{
	Scored scored = {0};

	scored.unit = stp_allocate_cells(sizeof(size_t), a->units, 1);
	scored.estimate = stp_allocate_cells(sizeof(double), a->units, 1);
	for (size_t u = 0; u < a->units; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (isnan(a->score[u]))
			continue;
		scored.estimate[scored.units] = a->higher_is_better ? a->score[u] : -a->score[u];
		scored.unit[scored.units++] = u;
	}
	return scored;
}

/* What chance adds to the score of each of them in each draw: the drawn scores, less the score. */
static double *
draw_score_errors(PeerGroup *group, const SetPlan *plan, const Scored *scored)
{
	Draws draws = {.draws = plan->draws, .seed = plan->seed, .intervals = true};
	double *score = stp_allocate_cells(sizeof(double), group->assessment.units, plan->draws);
	double sign = group->assessment.higher_is_better ? 1 : -1;
	StpSimulation s = prepare_simulation(group, &draws);

	s.score = score;
	stp_core_simulate(&s);
	/* In place: nobody moves backwards. */
	for (size_t i = 0; i < scored->units; i++)
		STP_EACH (d, plan->draws)
			score[i * plan->draws + d] =
				sign * score[scored->unit[i] * plan->draws + d] - scored->estimate[i];
	return score;
}

/* The sets of one group, a row for each unit. */
static void
write_set_group(const Rating *rating, PeerGroup *group, const SetPlan *plan, ReturnSetInfo *result)
{
	StpAssessment *a = &group->assessment;
	double *error, *deviation;
	Scored scored;
	StpRankSets sets;
	Row row = {0};

	stp_core_assess(a);
	scored = find_scored(a);
	error = draw_score_errors(group, plan, &scored);
	deviation = stp_allocate_cells(sizeof(double), scored.units, scored.units);
	stp_core_drawn_deviations(error, scored.units, plan->draws, deviation);
	sets = find_sets(plan, scored.units, scored.estimate, error, deviation);
	stp_put_field(&row, SET_PEER_GROUP, group->label);
	for (size_t u = 0, i = 0; u < a->units; u++)
	{
		bool has_set = i < scored.units && scored.unit[i] == u;

		CHECK_FOR_INTERRUPTS();
		row.values[SET_UNIT] = rating->cohort->unit_codes[group->first + u];
		put_sets(&row, plan, has_set ? &sets : NULL, i);
		i += has_set;
		tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
	}
}

/* One group after the other, each in memory that is free again for the next. */
static void
write_set_groups(const Rating *rating, const SetPlan *plan, ReturnSetInfo *result)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "stp rank sets", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);

	for (int g = 0; g < rating->groups; g++)
	{
		const StpAssessment *a = &rating->group[g].assessment;

		check_set_memory(a->units, plan->draws, bytes_needed(a, 0));
	}
	for (int g = 0; g < rating->groups; g++)
	{
		write_set_group(rating, &rating->group[g], plan, result);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(context);
}

/* stp.rank_confidence(scheme, period, confidence, best, draws, seed) */
Datum
stp_rank_confidence(PG_FUNCTION_ARGS)
{
	SetPlan plan = read_set_plan(fcinfo);
	Rating *rating;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	rating = stp_load_call(fcinfo, 0);
	write_set_groups(rating, &plan, (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}
