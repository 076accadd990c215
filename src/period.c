/*
 * period.c: the type stp.period. The calendar and the text are in core/period.c; comparison,
 * hashing and sending are those of int4 (see period.sql), because the order of the bits is the
 * order wanted.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type_d.h"
#include "libpq/pqformat.h"
#include "nodes/makefuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rangetypes.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "code.h"
#include "period.h"
#include "stp_metrics.h"

char *
stp_period_text(stp_period period)
{
	char *text = palloc(STP_PERIOD_TEXT_SIZE);

	stp_core_period_print(period, text);
	return text;
}

/* The advice for a text that cannot be read: what to write instead. */
static int
hint_for(const stp_period_meanings *meanings)
{
	StringInfoData texts;

	if (meanings->count == 0)
		return errhint("Write a financial year as 2016/17, a half as 2016/17 H1, a quarter as "
					   "2016/17 Q3, a month as 2016-12; stp.period(date, grain) takes a day.");
	initStringInfo(&texts);
	for (int i = 0; i < meanings->count; i++)
		appendStringInfo(&texts, "%s%s",
						 i == 0					   ? ""
						 : i < meanings->count - 1 ? ", "
												   : " or ",
						 stp_period_text(meanings->meant[i]));
	return errhint("Write %s.", texts.data);
}

/* Read a text as we write periods, or else as others do. */
static stp_period_status
read_period(const char *text, stp_period_meanings *meanings)
{
	stp_period_status status = stp_core_period_parse(text, &meanings->meant[0]);

	if (status == STP_PERIOD_MALFORMED)
		status = stp_core_period_read(stp_in_utf8(text, (int) strlen(text)), meanings);
	return status;
}

PG_FUNCTION_INFO_V1(stp_period_in);
Datum
stp_period_in(PG_FUNCTION_ARGS)
{
	char *text = PG_GETARG_CSTRING(0);
	stp_period_meanings meanings = {0};

	switch (read_period(text, &meanings))
	{
		case STP_PERIOD_OK:
			break;
		case STP_PERIOD_MALFORMED:
			ereturn(
				fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "period", stp_excerpt(text)),
				 hint_for(&meanings)));
		case STP_PERIOD_OUT_OF_RANGE:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("period \"%s\" is outside " STP_PERIOD_RANGE, stp_excerpt(text))));
	}
	PG_RETURN_PERIOD(meanings.meant[0]);
}

PG_FUNCTION_INFO_V1(stp_period_readable);
Datum
stp_period_readable(PG_FUNCTION_ARGS)
{
	stp_period_meanings meanings = {0};

	if (read_period(text_to_cstring(PG_GETARG_TEXT_PP(0)), &meanings) != STP_PERIOD_OK)
		PG_RETURN_NULL();
	PG_RETURN_PERIOD(meanings.meant[0]);
}

PG_FUNCTION_INFO_V1(stp_period_out);
Datum
stp_period_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(stp_period_text(PG_GETARG_PERIOD(0)));
}

PG_FUNCTION_INFO_V1(stp_period_recv);
Datum
stp_period_recv(PG_FUNCTION_ARGS)
{
	int32 bits = (int32) pq_getmsgint((StringInfo) PG_GETARG_POINTER(0), sizeof(int32));

	if (!stp_core_period_valid(bits))
		stp_refuse_binary(errmsg("invalid binary value for type %s: %d", "period", bits),
						  errhint("Only what stp_internal.period_send has written can be read."));
	PG_RETURN_PERIOD(bits);
}

/* The grain a caller names. */
static stp_grain
get_grain(const text *name)
{
	char *word = text_to_cstring(name);
	stp_grain grain;

	if (!stp_core_grain_parse(word, &grain))
		stp_refuse(errmsg("unknown grain: \"%s\"", stp_excerpt(word)),
				   errhint("The grains are month, quarter, half and year."));
	return grain;
}

/* The period of that grain in which the day lies. */
static stp_period
period_of_day(DateADT day, stp_grain grain)
{
	stp_period period;

	/* The infinite dates are the extremes of DateADT, so they end here as well. */
	if (unlikely(!stp_core_period_of_day(day, grain, &period)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date \"%s\" is outside " STP_PERIOD_RANGE_DAYS,
						DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(day)))),
				 errhint("Use NULL, not a far date, for a day that is not known.")));
	return period;
}

PG_FUNCTION_INFO_V1(stp_period_of_date);
Datum
stp_period_of_date(PG_FUNCTION_ARGS)
{
	PG_RETURN_PERIOD(period_of_day(PG_GETARG_DATEADT(0), get_grain(PG_GETARG_TEXT_PP(1))));
}

PG_FUNCTION_INFO_V1(stp_period_first_day);
Datum
stp_period_first_day(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(stp_core_period_first_day(PG_GETARG_PERIOD(0)));
}

PG_FUNCTION_INFO_V1(stp_period_last_day);
Datum
stp_period_last_day(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(stp_core_period_last_day(PG_GETARG_PERIOD(0)));
}

PG_FUNCTION_INFO_V1(stp_period_last_month);
Datum
stp_period_last_month(PG_FUNCTION_ARGS)
{
	PG_RETURN_PERIOD(stp_core_period_last_month(PG_GETARG_PERIOD(0)));
}

PG_FUNCTION_INFO_V1(stp_period_last_thursday);
Datum
stp_period_last_thursday(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(stp_core_period_last_thursday(PG_GETARG_PERIOD(0)));
}

PG_FUNCTION_INFO_V1(stp_period_grain);
Datum
stp_period_grain(PG_FUNCTION_ARGS)
{
	stp_grain grain = stp_core_period_grain(PG_GETARG_PERIOD(0));

	PG_RETURN_TEXT_P(cstring_to_text(stp_core_grain_name(grain)));
}

/* The period of that grain in which the period lies. */
static stp_period
coarsened(stp_period period, stp_grain grain)
{
	if (unlikely(grain > stp_core_period_grain(period)))
		stp_refuse(errmsg("cannot coarsen period \"%s\" to grain \"%s\"", stp_period_text(period),
						  stp_core_grain_name(grain)),
				   errhint("The grain must be %s or coarser.",
						   stp_core_grain_name(stp_core_period_grain(period))));
	return stp_core_period_coarsen(period, grain);
}

PG_FUNCTION_INFO_V1(stp_period_coarsen);
Datum
stp_period_coarsen(PG_FUNCTION_ARGS)
{
	PG_RETURN_PERIOD(coarsened(PG_GETARG_PERIOD(0), get_grain(PG_GETARG_TEXT_PP(1))));
}

/* The same for one grain each: a word has a collation, and what has one is not sent to a foreign
 * server. */
#define OF_GRAIN(name, type, found, grain)                                                         \
	PG_FUNCTION_INFO_V1(name);                                                                     \
	Datum name(PG_FUNCTION_ARGS)                                                                   \
	{                                                                                              \
		PG_RETURN_PERIOD(found(PG_GETARG_##type(0), grain));                                       \
	}

OF_GRAIN(stp_month_of_date, DATEADT, period_of_day, STP_GRAIN_MONTH)
OF_GRAIN(stp_quarter_of_date, DATEADT, period_of_day, STP_GRAIN_QUARTER)
OF_GRAIN(stp_half_of_date, DATEADT, period_of_day, STP_GRAIN_HALF)
OF_GRAIN(stp_financial_year_of_date, DATEADT, period_of_day, STP_GRAIN_YEAR)
OF_GRAIN(stp_quarter_of_period, PERIOD, coarsened, STP_GRAIN_QUARTER)
OF_GRAIN(stp_half_of_period, PERIOD, coarsened, STP_GRAIN_HALF)
OF_GRAIN(stp_financial_year_of_period, PERIOD, coarsened, STP_GRAIN_YEAR)

/* The C function behind a function. */
static PGFunction
address_of(Oid function)
{
	FmgrInfo info;

	fmgr_info(function, &info);
	return info.fn_addr;
}

/* The grain of stp.month(day) and its like; false: the expression is something else. */
static bool
is_period_of_date(Node *expression, stp_grain *grain)
{
	PGFunction function =
		IsA(expression, FuncExpr) ? address_of(((FuncExpr *) expression)->funcid) : NULL;

	*grain = function == stp_month_of_date	   ? STP_GRAIN_MONTH
			 : function == stp_quarter_of_date ? STP_GRAIN_QUARTER
			 : function == stp_half_of_date	   ? STP_GRAIN_HALF
											   : STP_GRAIN_YEAR;
	return function != NULL && (*grain != STP_GRAIN_YEAR || function == stp_financial_year_of_date);
}

/* How a function compares, as a strategy of B-trees, or 0. */
static int
strategy_of(PGFunction comparison)
{
	return comparison == int4lt	  ? BTLessStrategyNumber
		   : comparison == int4le ? BTLessEqualStrategyNumber
		   : comparison == int4eq ? BTEqualStrategyNumber
		   : comparison == int4ge ? BTGreaterEqualStrategyNumber
		   : comparison == int4gt ? BTGreaterStrategyNumber
								  : 0;
}

/* The first and the last day of all periods. */
#define FIRST_DAY (date2j(1900, 4, 1) - POSTGRES_EPOCH_JDATE)
#define LAST_DAY (date2j(2200, 3, 31) - POSTGRES_EPOCH_JDATE)

/* A comparison of an expression of type date with a day. */
static Expr *
compare_day(Node *expression, int strategy, DateADT day)
{
	Oid family = lookup_type_cache(DATEOID, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
	Const *value =
		makeConst(DATEOID, -1, InvalidOid, sizeof(DateADT), DateADTGetDatum(day), false, true);

	return make_opclause(get_opfamily_member(family, DATEOID, DATEOID, strategy), BOOLOID, false,
						 (Expr *) copyObject(expression), (Expr *) value, InvalidOid, InvalidOid);
}

static Node *
days_from_to(Node *day, DateADT first, DateADT last)
{
	return (Node *) make_andclause(list_make2(compare_day(day, BTGreaterEqualStrategyNumber, first),
											  compare_day(day, BTLessEqualStrategyNumber, last)));
}

/* What a period of a date says of the date, if it compares so with a period of its grain. */
static Node *
compare_days(Node *day, int strategy, stp_period period)
{
	DateADT first = stp_core_period_first_day(period);
	DateADT last = stp_core_period_last_day(period);

	/* A day outside the years that there are is in no period, neither before nor after one. */
	if (strategy == BTLessStrategyNumber || strategy == BTLessEqualStrategyNumber)
		return days_from_to(day, FIRST_DAY, strategy == BTLessStrategyNumber ? first - 1 : last);
	if (strategy == BTGreaterStrategyNumber || strategy == BTGreaterEqualStrategyNumber)
		return days_from_to(day, strategy == BTGreaterStrategyNumber ? last + 1 : first, LAST_DAY);
	return days_from_to(day, first, last);
}

/*
 * Whether an index or the partitions of the table that the day is a column of are made of the
 * period itself: what is asked of it is left to them.
 */
static bool
is_indexed_by_period(PlannerInfo *root, FuncExpr *period)
{
	Var *day = linitial(period->args);
	RangeTblEntry *table;
	Relation relation;
	List *expressions;
	ListCell *cell;
	bool found = false;

	if (root == NULL || !IsA(day, Var) || day->varlevelsup > 0)
		return false;
	table = rt_fetch(day->varno, root->parse->rtable);
	if (table->rtekind != RTE_RELATION)
		return false;
	relation = table_open(table->relid, NoLock);
	expressions = relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE
					  ? list_copy(RelationGetPartitionKey(relation)->partexprs)
					  : NIL;
	foreach(cell, RelationGetIndexList(relation))
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		expressions = list_concat(expressions, RelationGetIndexExpressions(index));
		index_close(index, AccessShareLock);
	}
	table_close(relation, NoLock);
	foreach(cell, expressions) found =
		found ||
		(IsA(lfirst(cell), FuncExpr) && ((FuncExpr *) lfirst(cell))->funcid == period->funcid);
	return found;
}

/*
 * stp_internal.period_support(): the planner asks it about comparisons of periods. Of
 * stp.month(day) = '2016-12' it makes a condition on the day, which an index of days finds and
 * the statistics of days estimate; so of the other grains and of <, <=, >= and >.
 */
PG_FUNCTION_INFO_V1(stp_period_support);
Datum
stp_period_support(PG_FUNCTION_ARGS)
{
	SupportRequestSimplify *request = (SupportRequestSimplify *) PG_GETARG_POINTER(0);
	int strategy;
	Node *left, *right;
	stp_grain grain;

	if (!IsA(request, SupportRequestSimplify) || list_length(request->fcall->args) != 2)
		PG_RETURN_POINTER(NULL);
	strategy = strategy_of(address_of(request->fcall->funcid));
	left = linitial(request->fcall->args);
	right = lsecond(request->fcall->args);
	if (IsA(left, Const))
	{
		Node *constant = left;

		left = right;
		right = constant;
		/* < is 1 and > is 5. */
		strategy = strategy == 0 ? 0 : BTMaxStrategyNumber + 1 - strategy;
	}
	if (strategy == 0 || !IsA(right, Const) || ((Const *) right)->constisnull ||
		!is_period_of_date(left, &grain) || contain_volatile_functions(left) ||
		contain_subplans(left) ||
		stp_core_period_grain(DatumGetPeriod(((Const *) right)->constvalue)) != grain ||
		is_indexed_by_period(request->root, (FuncExpr *) left))
		PG_RETURN_POINTER(NULL);
	PG_RETURN_POINTER(compare_days(linitial(((FuncExpr *) left)->args), strategy,
								   DatumGetPeriod(((Const *) right)->constvalue)));
}

/* The range of the days from first to last. */
static Datum
days_between(FunctionCallInfo fcinfo, DateADT first, DateADT last)
{
	RangeBound lower = {.val = DateADTGetDatum(first), .inclusive = true, .lower = true};
	RangeBound upper = {.val = DateADTGetDatum(last), .inclusive = true, .lower = false};

	return RangeTypePGetDatum(
		stp_make_range(range_get_typcache(fcinfo, DATERANGEOID), &lower, &upper));
}

PG_FUNCTION_INFO_V1(stp_period_daterange);
Datum
stp_period_daterange(PG_FUNCTION_ARGS)
{
	stp_period period = PG_GETARG_PERIOD(0);

	return days_between(fcinfo, stp_core_period_first_day(period),
						stp_core_period_last_day(period));
}

PG_FUNCTION_INFO_V1(stp_period_year_to_date);
Datum
stp_period_year_to_date(PG_FUNCTION_ARGS)
{
	stp_period period = PG_GETARG_PERIOD(0);
	stp_period year = stp_core_period_coarsen(period, STP_GRAIN_YEAR);

	return days_between(fcinfo, stp_core_period_first_day(year), stp_core_period_last_day(period));
}

PG_FUNCTION_INFO_V1(stp_period_overlaps);
Datum
stp_period_overlaps(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(stp_core_period_overlap(PG_GETARG_PERIOD(0), PG_GETARG_PERIOD(1)));
}

/* The period so many of its grain away; sign says whether the caller added or subtracted. */
static stp_period
shifted(stp_period period, int32 number, int sign)
{
	stp_period result;

	if (!stp_core_period_shift(period, (int64) number * sign, &result))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("period \"%s\" %s %d is outside " STP_PERIOD_RANGE,
							   stp_period_text(period), sign > 0 ? "plus" : "minus", number),
						errhint("The number counts periods of the same grain, here the %s.",
								stp_core_grain_name(stp_core_period_grain(period)))));
	return result;
}

PG_FUNCTION_INFO_V1(stp_period_plus);
Datum
stp_period_plus(PG_FUNCTION_ARGS)
{
	PG_RETURN_PERIOD(shifted(PG_GETARG_PERIOD(0), PG_GETARG_INT32(1), 1));
}

PG_FUNCTION_INFO_V1(stp_period_minus);
Datum
stp_period_minus(PG_FUNCTION_ARGS)
{
	PG_RETURN_PERIOD(shifted(PG_GETARG_PERIOD(0), PG_GETARG_INT32(1), -1));
}

/* How many periods a is after b. */
static int32
difference(stp_period a, stp_period b)
{
	if (stp_core_period_grain(a) != stp_core_period_grain(b))
		stp_refuse(errmsg("periods \"%s\" and \"%s\" differ in grain", stp_period_text(a),
						  stp_period_text(b)),
				   errhint("Use stp.coarsen to bring both to one grain, or stp.grain to keep the "
						   "grains apart."));
	return stp_core_period_ordinal(a) - stp_core_period_ordinal(b);
}

PG_FUNCTION_INFO_V1(stp_period_difference);
Datum
stp_period_difference(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(difference(PG_GETARG_PERIOD(0), PG_GETARG_PERIOD(1)));
}

PG_FUNCTION_INFO_V1(stp_period_in_range);
Datum
stp_period_in_range(PG_FUNCTION_ARGS)
{
	int64 distance = difference(PG_GETARG_PERIOD(0), PG_GETARG_PERIOD(1));
	int64 offset = PG_GETARG_INT32(2);
	bool sub = PG_GETARG_BOOL(3);
	bool less = PG_GETARG_BOOL(4);

	if (offset < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PRECEDING_OR_FOLLOWING_SIZE),
						errmsg("invalid preceding or following size in window function")));
	/* Distances are compared, not periods: base plus offset may lie beyond the last year. */
	if (sub)
		offset = -offset;
	PG_RETURN_BOOL(less ? distance <= offset : distance >= offset);
}
