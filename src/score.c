/*
 * score.c: window functions that score a cohort, and scalars that score one value.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "check.h"
#include "core/order.h"
#include "core/score.h"

#define MAX_PARAMETERS 3

#define HINT_VALUE "Pass NULL for a missing value."
#define HINT_PARAMETER "Pass a finite number."
#define HINT_BETTER                                                                                \
	"Pass 'higher' where a higher value is better, and 'lower' where a lower one is."

#define HINT_TIES "Pass 'average', 'low' or 'high': the rank that equal values take."

/* What an argument beside the value may be. */
typedef enum ParameterKind
{
	NUMBER,
	NUMBER_OR_NONE, /* NULL = none, held as NAN */
	BETTER,			/* 'higher' or 'lower', held as 1 and 0 */
	TIES			/* 'average', 'low' or 'high', held as StpTies */
} ParameterKind;

typedef struct Parameter
{
	const char *name;
	ParameterKind kind;
} Parameter;

/* What tells one of the window functions from another. */
typedef struct ScoreWindow
{
	/* Turn the values into scores where they are; order is NULL unless the function sorts. */
	void (*score)(double *values, size_t n, const double *parameters, size_t *order);
	bool sorts;
	int parameter_count;
	Parameter parameters[MAX_PARAMETERS];
} ScoreWindow;

/* What is kept while a partition is walked through; zeroed when it begins. */
typedef struct Cohort
{
	double *scores; /* NAN = NULL */
	double parameters[MAX_PARAMETERS];
} Cohort;

/* Whether a higher value is better. */
static bool
parse_better(const text *better)
{
	if (stp_is_word(better, "higher"))
		return true;
	if (stp_is_word(better, "lower"))
		return false;
	stp_refuse(errmsg("better must be \"higher\" or \"lower\", not \"%s\"",
					  stp_excerpt(text_to_cstring(better))),
			   errhint(HINT_BETTER));
}

/* In the order of StpTies. */
static const char *const ties_words[] = {"average", "low", "high"};

/* Which rank those take that tie. */
static StpTies
parse_ties(const text *ties)
{
	for (int i = 0; i < (int) lengthof(ties_words); i++)
		if (stp_is_word(ties, ties_words[i]))
			return (StpTies) i;
	stp_refuse(errmsg("ties must be \"average\", \"low\" or \"high\", not \"%s\"",
					  stp_excerpt(text_to_cstring(ties))),
			   errhint(HINT_TIES));
}

/* What to type in the place of a parameter that is NULL. */
static const char *
hint_of(ParameterKind kind)
{
	return kind == BETTER ? HINT_BETTER : kind == TIES ? HINT_TIES : HINT_PARAMETER;
}

/* The current row's parameter as a number. */
static double
read_parameter(WindowObject window, int argument, const Parameter *parameter)
{
	bool is_null;
	Datum datum = WinGetFuncArgCurrent(window, argument, &is_null);

	if (is_null && parameter->kind != NUMBER_OR_NONE)
		stp_refuse(errmsg("%s must not be null", parameter->name),
				   errhint("%s", hint_of(parameter->kind)));
	if (is_null)
		return NAN;
	if (parameter->kind == BETTER)
		return parse_better(DatumGetTextPP(datum));
	if (parameter->kind == TIES)
		return parse_ties(DatumGetTextPP(datum));
	return stp_check_finite(DatumGetFloat8(datum), parameter->name, HINT_PARAMETER);
}

static const char *
describe_parameter(ParameterKind kind, double parameter)
{
	if (isnan(parameter))
		return "null";
	if (kind == BETTER)
		return parameter != 0 ? "higher" : "lower";
	if (kind == TIES)
		return ties_words[(int) parameter];
	return float8out_internal(parameter);
}

/*
 * A parameter that is a column or an expression must not change within the partition. Each row is
 * checked when it is its turn, so that the rows are not fetched once more for it.
 */
static void
check_parameters(FunctionCallInfo fcinfo, const ScoreWindow *function, const Cohort *cohort)
{
	for (int i = 0; i < function->parameter_count; i++)
	{
		const Parameter *parameter = &function->parameters[i];
		double first = cohort->parameters[i], here;

		if (get_fn_expr_arg_stable(fcinfo->flinfo, i + 1))
			continue;
		here = read_parameter(PG_WINDOW_OBJECT(), i + 1, parameter);
		if (here != first && !(isnan(here) && isnan(first)))
			stp_refuse(
				errmsg("%s differs within the partition: \"%s\" and \"%s\"", parameter->name,
					   describe_parameter(parameter->kind, first),
					   describe_parameter(parameter->kind, here)),
				errhint("Add to PARTITION BY the column that %s depends on.", parameter->name));
	}
}

/* Room for one double or one index per row, beyond the 1 GB of palloc if need be. */
static void *
allocate_per_row(MemoryContext context, int64 rows)
{
	StaticAssertStmt(sizeof(double) >= sizeof(size_t), "one size fits both");
	/* The window API counts the rows it fetches in an int. */
	if (rows > PG_INT32_MAX || (uint64) rows > MaxAllocHugeSize / sizeof(double))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("partition of \"" INT64_FORMAT "\" rows is too large", rows),
						errhint("Use a PARTITION BY that gives smaller partitions.")));
	return MemoryContextAllocHuge(context, (Size) rows * sizeof(double));
}

/* The value in one row of the partition; NAN when it is missing. */
static double
fetch_value(WindowObject window, int row)
{
	bool is_null, is_out;
	Datum datum =
		WinGetFuncArgInPartition(window, 0, row, WINDOW_SEEK_HEAD, false, &is_null, &is_out);

	if (is_null)
		return NAN;
	return stp_check_finite(DatumGetFloat8(datum), "value", HINT_VALUE);
}

/* One pass over the partition. */
static void
fetch_values(WindowObject window, double *values, int64 rows)
{
	/* What evaluating the argument leaves behind would otherwise pile up until the last row. */
	MemoryContext row_context =
		AllocSetContextCreate(CurrentMemoryContext, "stp score row", ALLOCSET_SMALL_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(row_context);

	for (int64 i = 0; i < rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[i] = fetch_value(window, (int) i);
		MemoryContextReset(row_context);
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(row_context);
}

/* Score the whole partition. */
static void
score_cohort(WindowObject window, const ScoreWindow *function, Cohort *cohort)
{
	MemoryContext context = GetMemoryChunkContext(cohort);
	int64 rows = WinGetPartitionRowCount(window);
	double *values = allocate_per_row(context, rows);
	size_t *order = function->sorts ? allocate_per_row(context, rows) : NULL;

	for (int i = 0; i < function->parameter_count; i++)
		cohort->parameters[i] = read_parameter(window, i + 1, &function->parameters[i]);
	fetch_values(window, values, rows);
	function->score(values, (size_t) rows, cohort->parameters, order);
	if (order)
		pfree(order);
	cohort->scores = values;
}

/* The partition is scored at its first row; every row reads its own score. */
static Datum
score_window(FunctionCallInfo fcinfo, const ScoreWindow *function)
{
	WindowObject window = PG_WINDOW_OBJECT();
	Cohort *cohort = WinGetPartitionLocalMemory(window, sizeof(Cohort));

	if (!cohort->scores)
		score_cohort(window, function, cohort);
	else
		check_parameters(fcinfo, function, cohort);
	return stp_return_number(fcinfo, cohort->scores[WinGetCurrentPosition(window)]);
}

static void
score_min_max(double *values, size_t n, const double *parameters, size_t *order)
{
	double low = parameters[0], high = parameters[1];

	(void) order;
	if (stp_core_compare(low, high) == STP_AT)
		stp_refuse(errmsg("low and high must differ, but both are \"%s\"", float8out_internal(low)),
				   errhint("Pass the scores that the lowest and the highest value are to get."));
	stp_core_min_max(values, n, low, high, values);
}

PG_FUNCTION_INFO_V1(stp_min_max);
Datum
stp_min_max(PG_FUNCTION_ARGS)
{
	static const ScoreWindow function = {
		score_min_max, false, 2, {{"low", NUMBER}, {"high", NUMBER}}};

	return score_window(fcinfo, &function);
}

static void
score_z_score(double *values, size_t n, const double *parameters, size_t *order)
{
	(void) parameters;
	(void) order;
	stp_core_z_score(values, n, values);
}

PG_FUNCTION_INFO_V1(stp_z_score);
Datum
stp_z_score(PG_FUNCTION_ARGS)
{
	static const ScoreWindow function = {score_z_score, false, 0, {{NULL, NUMBER}}};

	return score_window(fcinfo, &function);
}

static void
score_percentile_rank(double *values, size_t n, const double *parameters, size_t *order)
{
	(void) parameters;
	stp_core_percentile_rank(values, n, order, values);
}

PG_FUNCTION_INFO_V1(stp_percentile_rank);
Datum
stp_percentile_rank(PG_FUNCTION_ARGS)
{
	static const ScoreWindow function = {score_percentile_rank, true, 0, {{NULL, NUMBER}}};

	return score_window(fcinfo, &function);
}

static void
score_exponential(double *values, size_t n, const double *parameters, size_t *order)
{
	stp_core_exponential_rank(values, n, (StpTies) parameters[0], order, values);
}

PG_FUNCTION_INFO_V1(stp_exponential_rank);
Datum
stp_exponential_rank(PG_FUNCTION_ARGS)
{
	static const ScoreWindow function = {score_exponential, true, 1, {{"ties", TIES}}};

	return score_window(fcinfo, &function);
}

static void
score_ranked(double *values, size_t n, const double *parameters, size_t *order)
{
	bool higher_is_better = parameters[0] != 0;
	double standard = parameters[1], floor = parameters[2];

	if (stp_core_compare(floor, standard) == (higher_is_better ? STP_AFTER : STP_BEFORE))
		stp_refuse(errmsg("floor \"%s\" is better than standard \"%s\"", float8out_internal(floor),
						  float8out_internal(standard)),
				   errhint("Pass a floor no better than the standard, or check better."));
	stp_core_ranked_score(values, n, higher_is_better, standard, floor, order, values);
}

PG_FUNCTION_INFO_V1(stp_ranked_score);
Datum
stp_ranked_score(PG_FUNCTION_ARGS)
{
	static const ScoreWindow function = {
		score_ranked,
		true,
		3,
		{{"better", BETTER}, {"standard", NUMBER_OR_NONE}, {"floor", NUMBER_OR_NONE}}};

	return score_window(fcinfo, &function);
}

/* Refuse a pair of bounds in the wrong order. */
static void
check_bounds(double low, const char *low_name, double high, const char *high_name)
{
	if (stp_core_compare(low, high) == STP_AFTER)
		stp_refuse(errmsg("%s \"%s\" is above %s \"%s\"", low_name, float8out_internal(low),
						  high_name, float8out_internal(high)),
				   errhint("Swap the two; the direction is said by better alone."));
}

PG_FUNCTION_INFO_V1(stp_goalposts);
Datum
stp_goalposts(PG_FUNCTION_ARGS)
{
	double value = stp_check_finite(PG_GETARG_FLOAT8(0), "value", HINT_VALUE);
	double low = stp_check_finite(PG_GETARG_FLOAT8(1), "low", HINT_PARAMETER);
	double high = stp_check_finite(PG_GETARG_FLOAT8(2), "high", HINT_PARAMETER);
	bool higher_is_better = parse_better(PG_GETARG_TEXT_PP(3));
	bool truncate = PG_GETARG_BOOL(4);

	check_bounds(low, "low", high, "high");
	return stp_return_number(fcinfo,
							 stp_core_goalposts(value, low, high, higher_is_better, truncate));
}

/* From the worse post to the better: the order of the two says which is better, so that no word is
 * needed. */
PG_FUNCTION_INFO_V1(stp_goalposts_between);
Datum
stp_goalposts_between(PG_FUNCTION_ARGS)
{
	double value = stp_check_finite(PG_GETARG_FLOAT8(0), "value", HINT_VALUE);
	double worst = stp_check_finite(PG_GETARG_FLOAT8(1), "worst", HINT_PARAMETER);
	double best = stp_check_finite(PG_GETARG_FLOAT8(2), "best", HINT_PARAMETER);
	bool truncate = PG_GETARG_BOOL(3);

	return stp_return_number(fcinfo, stp_core_goalposts(value, Min(worst, best), Max(worst, best),
														best > worst, truncate));
}

PG_FUNCTION_INFO_V1(stp_distance_to_target);
Datum
stp_distance_to_target(PG_FUNCTION_ARGS)
{
	double value = stp_check_finite(PG_GETARG_FLOAT8(0), "value", HINT_VALUE);
	double minimum = stp_check_finite(PG_GETARG_FLOAT8(1), "minimum", HINT_PARAMETER);
	double maximum = stp_check_finite(PG_GETARG_FLOAT8(2), "maximum", HINT_PARAMETER);
	double target = stp_check_finite(PG_GETARG_FLOAT8(3), "target", HINT_PARAMETER);
	bool higher_is_better = parse_better(PG_GETARG_TEXT_PP(4));
	bool cap = PG_GETARG_BOOL(5);

	check_bounds(minimum, "minimum", maximum, "maximum");
	return stp_return_number(fcinfo, stp_core_distance_to_target(value, minimum, maximum, target,
																 higher_is_better, cap));
}

/* The way from the worst value to the target, wherever the target lies. */
PG_FUNCTION_INFO_V1(stp_distance_between);
Datum
stp_distance_between(PG_FUNCTION_ARGS)
{
	double value = stp_check_finite(PG_GETARG_FLOAT8(0), "value", HINT_VALUE);
	double worst = stp_check_finite(PG_GETARG_FLOAT8(1), "worst", HINT_PARAMETER);
	double target = stp_check_finite(PG_GETARG_FLOAT8(2), "target", HINT_PARAMETER);
	bool cap = PG_GETARG_BOOL(3);

	return stp_return_number(fcinfo,
							 stp_core_distance_to_target(value, worst, worst, target, true, cap));
}
