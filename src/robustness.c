/*
 * robustness.c: stp.robustness() and stp.leave_one_out(), how much a rating hangs on its weights,
 * on the chance in its values, and on each of its indicators.
 */
#include "postgres.h"

#include <math.h>

#include "executor/nodeHash.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "rating.h"
#include "robustness.h"
#include "stp_metrics.h"

#define MAX_DRAWS 1000000

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

/* The draws that are asked for. */
typedef struct Draws
{
	size_t draws;
	double spread;
	uint64_t seed;
	bool intervals;
} Draws;

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

/* Limits of all values of a group; NAN where values are not to be drawn. */
static void
find_all_limits(const PeerGroup *group, bool intervals, double *lower, double *upper)
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

/* Refuse draws that take more memory than one operation of a query may. */
static void
check_memory(const StpAssessment *a, size_t draws)
{
	double limit = (double) get_hash_memory_limit(), needed = bytes_needed(a, draws);
	double work_memory = ceil(needed / hash_mem_multiplier / 1024);
	double fewer = (limit - bytes_needed(a, 0)) / ((double) a->units * sizeof(int32_t));

	if (needed <= limit)
		return;
	ereport(ERROR, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
					errmsg("%zu draws of %zu units need %.0f bytes, more than the %.0f bytes of "
						   "work_mem times hash_mem_multiplier",
						   draws, a->units, needed, limit),
					fewer < 1 ? errhint("SET work_mem = '%.0fkB'.", work_memory)
							  : errhint("SET work_mem = '%.0fkB', or draw at most %.0f times.",
										work_memory, floor(fewer))));
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

/* Rate a group as often as the plan says. */
static StpSimulation
simulate(PeerGroup *group, const Draws *plan)
{
	StpAssessment *a = &group->assessment;
	size_t categories = (size_t) a->node[0].categories + 1;
	double *lower = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	double *upper = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	StpSimulation s = {.assessment = a, .lower = lower, .upper = upper};

	find_all_limits(group, plan->intervals, lower, upper);
	s.spread = plan->spread;
	s.seed = plan->seed;
	s.draws = plan->draws;
	stp_allocate_ranks(&s);
	s.share = stp_allocate_cells(sizeof(double), a->units, categories);
	s.value = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	s.weight = stp_allocate_cells(sizeof(double), a->nodes, 1);
	s.normal = stp_allocate_cells(sizeof(double), a->units, 1);
	s.uncertain = stp_allocate_cells(sizeof(size_t), a->nodes, 1);
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
