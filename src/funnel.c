/*
 * funnel.c: the type stp.dispersion, its aggregate, what is read from it, and the limits that a
 * funnel draws.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "check.h"
#include "core/funnel.h"
#include "core/sum.h"
#include "estimate.h"
#include "state_text.h"

/* The first byte of the binary format. */
#define DISPERSION_VERSION 1

#define PG_GETARG_FUNNEL(n) ((StpFunnel *) PG_GETARG_POINTER(n))

#define HINT_LEVELS "Pass shares strictly between 0 and 1, such as ARRAY[0.95, 0.998]."
#define HINT_TARGET                                                                                \
	"Pass what is expected of numerator / denominator, or NULL for that of all units."
#define HINT_SHARE "Pass a share from 0 to before 0.5, or NULL for 0.1."

/* More levels than anybody draws. */
#define MAX_LEVELS 10

StaticAssertDecl(sizeof(StpFunnel) == 40, "stp.dispersion has this INTERNALLENGTH in SQL");

/* Words ------------------------------------------------------------------------------------- */

/* As StpFunnelMethod has them. */
static const char *const method_words[] = {"arcsine", "wilson", "expected", "observed",
										   "log",	  "root",	"counts"};
static const char *const overdispersion_words[] = {"none", "additive", "multiplicative"};
static const char *const extremes_words[] = {"winsorised", "trimmed"};

StaticAssertDecl(lengthof(method_words) == STP_FUNNEL_METHODS, "every method has a word");

/* The place of an argument in a list of words. */
static int
get_word(FunctionCallInfo fcinfo, int n, const char *name, const char *const *words, int count)
{
	StringInfoData list;

	if (!PG_ARGISNULL(n))
		for (int i = 0; i < count; i++)
			if (stp_is_word(PG_GETARG_TEXT_PP(n), words[i]))
				return i;
	initStringInfo(&list);
	for (int i = 0; i < count; i++)
		appendStringInfo(&list, "%s\"%s\"", i == 0 ? "" : i == count - 1 ? " or " : ", ", words[i]);
	if (PG_ARGISNULL(n))
		stp_refuse(errmsg("%s must not be null", name), errhint("Pass %s.", list.data));
	stp_refuse(errmsg("%s must be %s, not \"%s\"", name, list.data,
					  stp_excerpt(text_to_cstring(PG_GETARG_TEXT_PP(n)))),
			   errhint("Pass %s.", list.data));
}

/* Text and binary form ---------------------------------------------------------------------- */

/* What is not known has one form only, whatever bits a NaN came with. */
static void
make_canonical(StpFunnel *funnel)
{
	if (isnan(funnel->target))
		funnel->target = get_float8_nan();
	if (isnan(funnel->dispersion.phi))
		funnel->dispersion.phi = get_float8_nan();
}

static bool
read_method(char **at, int64 *method)
{
	size_t length;

	if (!stp_read_delimiter(at, '('))
		return false;
	length = strcspn(*at, ",");
	for (*method = 0; *method < STP_FUNNEL_METHODS; (*method)++)
		if (strlen(method_words[*method]) == length &&
			strncmp(*at, method_words[*method], length) == 0)
		{
			*at += length;
			return true;
		}
	return false;
}

static bool
read_state(char *at, StpFunnel *funnel)
{
	return read_method(&at, &funnel->method) &&
		   stp_read_count(&at, ',', &funnel->dispersion.units) &&
		   stp_read_sum(&at, ',', &funnel->target) &&
		   stp_read_sum(&at, ',', &funnel->dispersion.phi) &&
		   stp_read_sum(&at, ',', &funnel->dispersion.tau2) && stp_read_delimiter(&at, ')') &&
		   *at == '\0';
}

PG_FUNCTION_INFO_V1(stp_dispersion_in);
Datum
stp_dispersion_in(PG_FUNCTION_ARGS)
{
	char *text = PG_GETARG_CSTRING(0);
	StpFunnel *funnel = palloc(sizeof(StpFunnel));

	if (!read_state(text, funnel))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type stp.dispersion: \"%s\"", stp_excerpt(text)),
				 errhint("Read only what was written from a stp.dispersion before.")));
	if (!stp_core_funnel_is_valid(funnel))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid value for type stp.dispersion: \"%s\"", stp_excerpt(text)),
				 errdetail("No units give this state."),
				 errhint("Read only what was written from a stp.dispersion before.")));
	make_canonical(funnel);
	PG_RETURN_POINTER(funnel);
}

PG_FUNCTION_INFO_V1(stp_dispersion_out);
Datum
stp_dispersion_out(PG_FUNCTION_ARGS)
{
	const StpFunnel *funnel = PG_GETARG_FUNNEL(0);
	StringInfoData text;

	Assert(stp_core_funnel_is_valid(funnel));
	initStringInfo(&text);
	appendStringInfo(&text, "(%s," INT64_FORMAT, method_words[funnel->method],
					 funnel->dispersion.units);
	stp_append_sum(&text, ',', funnel->target);
	stp_append_sum(&text, ',', funnel->dispersion.phi);
	stp_append_sum(&text, ',', funnel->dispersion.tau2);
	appendStringInfoChar(&text, ')');
	PG_RETURN_CSTRING(text.data);
}

PG_FUNCTION_INFO_V1(stp_dispersion_recv);
Datum
stp_dispersion_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	StpFunnel *funnel = palloc(sizeof(StpFunnel));
	int version = pq_getmsgbyte(message);

	if (version != DISPERSION_VERSION)
		stp_refuse_binary(errmsg("unknown version \"%d\" of binary stp.dispersion", version),
						  errhint("Upgrade stp_metrics on the server that reads."));
	funnel->method = pq_getmsgint64(message);
	funnel->dispersion.units = pq_getmsgint64(message);
	funnel->target = pq_getmsgfloat8(message);
	funnel->dispersion.phi = pq_getmsgfloat8(message);
	funnel->dispersion.tau2 = pq_getmsgfloat8(message);
	if (!stp_core_funnel_is_valid(funnel))
		stp_refuse_binary(errmsg("invalid binary value for type stp.dispersion"),
						  errdetail("No units give this state."),
						  errhint("Send only what was received as a stp.dispersion before."));
	make_canonical(funnel);
	PG_RETURN_POINTER(funnel);
}

PG_FUNCTION_INFO_V1(stp_dispersion_send);
Datum
stp_dispersion_send(PG_FUNCTION_ARGS)
{
	const StpFunnel *funnel = PG_GETARG_FUNNEL(0);
	StringInfoData message;

	Assert(stp_core_funnel_is_valid(funnel));
	pq_begintypsend(&message);
	pq_sendbyte(&message, DISPERSION_VERSION);
	pq_sendint64(&message, funnel->method);
	pq_sendint64(&message, funnel->dispersion.units);
	pq_sendfloat8(&message, funnel->target);
	pq_sendfloat8(&message, funnel->dispersion.phi);
	pq_sendfloat8(&message, funnel->dispersion.tau2);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* The aggregate ----------------------------------------------------------------------------- */

/*
 * What is accumulated: an array of numbers, because extremes can only be told when all units are
 * there. First the arguments that are the same for all of them, and how many units there are; then
 * numerator and denominator of each; then room for more.
 */
enum
{
	HEAD_METHOD,
	HEAD_TARGET, /* NAN: that of all units */
	HEAD_EXTREMES,
	HEAD_SHARE,
	HEAD_UNITS,
	HEAD
};

/* The array stays below half of the 1 GB of palloc. */
#define MAX_UNITS (1 << 25)
#define FIRST_UNITS 8

#define NUMBERS(state) ((double *) ARR_DATA_PTR(state))
#define UNITS(state) ((int) NUMBERS(state)[HEAD_UNITS])
#define ROOM(state) ((ARR_DIMS(state)[0] - HEAD) / 2)

static bool
head_is_valid(const double *head, int numbers)
{
	return head[HEAD_METHOD] >= 0 && head[HEAD_METHOD] < STP_FUNNEL_METHODS &&
		   head[HEAD_EXTREMES] >= STP_WINSORISED && head[HEAD_EXTREMES] <= STP_TRIMMED &&
		   head[HEAD_SHARE] >= 0 && head[HEAD_SHARE] < 0.5 && !(head[HEAD_TARGET] < 0) &&
		   head[HEAD_UNITS] >= 0 && head[HEAD_UNITS] <= (numbers - HEAD) / 2;
}

/* Refuse what the functions below have not made: anybody who may can call them with any array. */
static ArrayType *
get_state(FunctionCallInfo fcinfo, int n)
{
	ArrayType *state = PG_GETARG_ARRAYTYPE_P(n);

	if (ARR_NDIM(state) != 1 || array_contains_nulls(state) || ARR_ELEMTYPE(state) != FLOAT8OID ||
		ARR_DIMS(state)[0] < HEAD || !head_is_valid(NUMBERS(state), ARR_DIMS(state)[0]))
		stp_refuse(errmsg("not a state of stp.dispersion"),
				   errhint("Call the aggregate stp.dispersion(float8, float8, text)."));
	return state;
}

/* A state with room for so many units, and what another (or NULL) has. An aggregate's executor
 * moves it to where its states live. */
static ArrayType *
new_state(const ArrayType *old, int units)
{
	int numbers = HEAD + 2 * units;
	size_t size = ARR_OVERHEAD_NONULLS(1) + numbers * sizeof(double);
	ArrayType *state;

	if (units > MAX_UNITS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("stp.dispersion takes \"%d\" units at most", MAX_UNITS),
						errhint("Group by what makes funnels of fewer units.")));
	state = palloc0(size);
	SET_VARSIZE(state, size);
	state->ndim = 1;
	state->elemtype = FLOAT8OID;
	ARR_DIMS(state)[0] = numbers;
	ARR_LBOUND(state)[0] = 1;
	if (old)
		memcpy(NUMBERS(state), NUMBERS(old), (HEAD + 2 * UNITS(old)) * sizeof(double));
	return state;
}

/* The first argument as a state that may be changed, with room for so many units more. */
static ArrayType *
get_own_state(FunctionCallInfo fcinfo, int more)
{
	ArrayType *state = get_state(fcinfo, 0);
	int units = UNITS(state) + more;

	if (units > ROOM(state))
		return new_state(state, Max(Min(2 * ROOM(state), MAX_UNITS), units));
	return AggCheckCallContext(fcinfo, NULL) ? state : new_state(state, ROOM(state));
}

/* A target that units can have; NAN: that of all of them. */
static double
get_target(FunctionCallInfo fcinfo, int n, int method)
{
	double target = stp_get_count(fcinfo, n, "target");

	if (target > 1 && stp_core_funnel_is_proportion(method))
		stp_refuse(errmsg("target of a proportion must be at most 1, not \"%s\"",
						  float8out_internal(target)),
				   errhint(HINT_TARGET));
	if (target == 0 && (method == STP_FUNNEL_LOG || method == STP_FUNNEL_COUNTS))
		stp_refuse(
			errmsg("target of the method \"%s\" must be above 0, not \"0\"", method_words[method]),
			errhint("0 has no logarithm: pass another target, or the method \"root\"."));
	return target;
}

static double
get_share(FunctionCallInfo fcinfo, int n)
{
	double share = PG_ARGISNULL(n) ? 0.1 : PG_GETARG_FLOAT8(n);

	if (!(share >= 0 && share < 0.5))
		stp_refuse(
			errmsg("share must be from 0 to before 0.5, not \"%s\"", float8out_internal(share)),
			errhint(HINT_SHARE));
	return share;
}

/* The arguments that are the same for all units; those after method have defaults. */
static void
read_head(FunctionCallInfo fcinfo, double *head)
{
	bool is_short = PG_NARGS() <= 4;
	int method = get_word(fcinfo, 3, "method", method_words, lengthof(method_words));

	head[HEAD_METHOD] = method;
	head[HEAD_TARGET] = is_short ? NAN : get_target(fcinfo, 4, method);
	head[HEAD_EXTREMES] =
		is_short || PG_ARGISNULL(5)
			? STP_WINSORISED
			: get_word(fcinfo, 5, "extremes", extremes_words, lengthof(extremes_words));
	head[HEAD_SHARE] = is_short ? 0.1 : get_share(fcinfo, 6);
	head[HEAD_UNITS] = 0;
}

/* One of them as errors show it. */
static const char *
describe_head(const double *head, int i)
{
	if (i == HEAD_METHOD)
		return method_words[(int) head[i]];
	if (i == HEAD_EXTREMES)
		return extremes_words[(int) head[i]];
	return isnan(head[i]) ? "null" : float8out_internal(head[i]);
}

static void
check_head(const double *first, const double *here)
{
	static const char *const names[] = {"method", "target", "extremes", "share"};

	for (int i = 0; i < HEAD_UNITS; i++)
		if (unlikely(here[i] != first[i] && !(isnan(here[i]) && isnan(first[i]))))
			stp_refuse(errmsg("%s differs within the funnel: \"%s\" and \"%s\"", names[i],
							  describe_head(first, i), describe_head(here, i)),
					   errhint("Add to GROUP BY or PARTITION BY the column that %s depends on.",
							   names[i]));
}

/* Numerator and denominator, NAN where missing: as the estimates read them. */
static void
get_pair(FunctionCallInfo fcinfo, int n, int64 method, double pair[2])
{
	pair[0] = stp_get_count(fcinfo, n, "numerator");
	pair[1] = stp_get_count(fcinfo, n + 1, "denominator");
	if (unlikely(pair[0] > pair[1] && stp_core_funnel_is_proportion(method)))
		stp_refuse(errmsg("numerator \"%s\" is above denominator \"%s\"",
						  float8out_internal(pair[0]), float8out_internal(pair[1])),
				   errhint("Use the method \"root\" or \"expected\" for events that can happen "
						   "more than once to one person."));
}

/* Not strict: the first unit makes the state, and one with something missing is none. */
PG_FUNCTION_INFO_V1(stp_dispersion_accum);
Datum
stp_dispersion_accum(PG_FUNCTION_ARGS)
{
	double head[HEAD], pair[2];
	ArrayType *state;
	bool counts;

	read_head(fcinfo, head);
	get_pair(fcinfo, 1, (int64) head[HEAD_METHOD], pair);
	counts = !isnan(pair[0]) && pair[1] > 0;
	if (PG_ARGISNULL(0))
	{
		state = new_state(NULL, FIRST_UNITS);
		memcpy(NUMBERS(state), head, sizeof(head));
	}
	else
		state = get_own_state(fcinfo, counts ? 1 : 0);
	check_head(NUMBERS(state), head);
	if (counts)
	{
		memcpy(NUMBERS(state) + HEAD + 2 * UNITS(state), pair, sizeof(pair));
		NUMBERS(state)[HEAD_UNITS]++;
	}
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(stp_dispersion_combine);
Datum
stp_dispersion_combine(PG_FUNCTION_ARGS)
{
	ArrayType *other = get_state(fcinfo, 1), *state = get_own_state(fcinfo, UNITS(other));

	check_head(NUMBERS(state), NUMBERS(other));
	memcpy(NUMBERS(state) + HEAD + 2 * UNITS(state), NUMBERS(other) + HEAD,
		   2 * UNITS(other) * sizeof(double));
	NUMBERS(state)[HEAD_UNITS] += UNITS(other);
	PG_RETURN_ARRAYTYPE_P(state);
}

/* Numerators over denominators of all units; NAN without any. Does not depend on their order. */
static double
pool(const double *pairs, int units)
{
	StpExactSum numerators = {.parts = 0}, denominators = {.parts = 0};

	for (int i = 0; i < units; i++)
	{
		CHECK_FOR_INTERRUPTS();
		stp_core_exact_sum_add(&numerators, pairs[2 * i]);
		stp_core_exact_sum_add(&denominators, pairs[2 * i + 1]);
	}
	return stp_core_exact_sum_value(&numerators) / stp_core_exact_sum_value(&denominators);
}

/* From the units to what they differ by. */
static void
measure(StpFunnel *funnel, const double *head, const double *pairs, int units)
{
	double *z = palloc_extended(Max(units, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	double *precision = palloc_extended(Max(units, 1) * sizeof(double), MCXT_ALLOC_HUGE);
	size_t *order = palloc_extended(Max(units, 1) * sizeof(size_t), MCXT_ALLOC_HUGE);
	StpFunnelQuestion by_chance = stp_core_funnel_ask(funnel, STP_NO_OVERDISPERSION);

	for (int i = 0; i < units; i++)
	{
		const double *pair = pairs + 2 * i;

		CHECK_FOR_INTERRUPTS();
		z[i] = stp_core_funnel_adjusted_z(&by_chance, pair[0] / pair[1], pair[1]);
		precision[i] = stp_core_funnel_precision((StpFunnelMethod) funnel->method, funnel->target,
												 pair[0] / pair[1], pair[1]);
	}
	funnel->dispersion = stp_core_dispersion(
		z, precision, (size_t) units, (StpExtremes) head[HEAD_EXTREMES], head[HEAD_SHARE], order);
	pfree(z);
	pfree(precision);
	pfree(order);
}

PG_FUNCTION_INFO_V1(stp_dispersion_final);
Datum
stp_dispersion_final(PG_FUNCTION_ARGS)
{
	const ArrayType *state = get_state(fcinfo, 0);
	const double *head = NUMBERS(state), *pairs = head + HEAD;
	StpFunnel *funnel = palloc(sizeof(StpFunnel));

	funnel->method = (int64) head[HEAD_METHOD];
	funnel->target = isnan(head[HEAD_TARGET]) ? pool(pairs, UNITS(state)) : head[HEAD_TARGET];
	measure(funnel, head, pairs, UNITS(state));
	if (unlikely(!stp_core_funnel_is_valid(funnel)))
		float_overflow_error();
	make_canonical(funnel);
	PG_RETURN_POINTER(funnel);
}

/* What is read from it ---------------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(stp_dispersion_n);
Datum
stp_dispersion_n(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_FUNNEL(0)->dispersion.units);
}

PG_FUNCTION_INFO_V1(stp_dispersion_target);
Datum
stp_dispersion_target(PG_FUNCTION_ARGS)
{
	return stp_return_number(fcinfo, PG_GETARG_FUNNEL(0)->target);
}

PG_FUNCTION_INFO_V1(stp_dispersion_phi);
Datum
stp_dispersion_phi(PG_FUNCTION_ARGS)
{
	return stp_return_number(fcinfo, PG_GETARG_FUNNEL(0)->dispersion.phi);
}

PG_FUNCTION_INFO_V1(stp_dispersion_tau2);
Datum
stp_dispersion_tau2(PG_FUNCTION_ARGS)
{
	return stp_return_number(fcinfo, PG_GETARG_FUNNEL(0)->dispersion.tau2);
}

/* Limits ------------------------------------------------------------------------------------ */

typedef struct Levels
{
	int count;
	StpFunnelLevel level[MAX_LEVELS];
} Levels;

static Levels
get_levels(FunctionCallInfo fcinfo, int n)
{
	ArrayType *array;
	Levels levels;

	if (PG_ARGISNULL(n))
		stp_refuse(errmsg("levels must not be null"), errhint(HINT_LEVELS));
	array = PG_GETARG_ARRAYTYPE_P(n);
	if (ARR_NDIM(array) != 1 || array_contains_nulls(array) || ARR_DIMS(array)[0] > MAX_LEVELS)
		stp_refuse(errmsg("levels must be an array of 1 to %d numbers, not \"%s\"", MAX_LEVELS,
						  stp_excerpt(OidOutputFunctionCall(F_ARRAY_OUT, PG_GETARG_DATUM(n)))),
				   errhint(HINT_LEVELS));
	levels.count = ARR_DIMS(array)[0];
	for (int i = 0; i < levels.count; i++)
	{
		double share = ((const double *) ARR_DATA_PTR(array))[i];

		if (!(share > 0 && share < 1))
			stp_refuse(
				errmsg("level must be between 0 and 1, not \"%s\"", float8out_internal(share)),
				errhint(HINT_LEVELS));
		levels.level[i] = stp_core_funnel_level(share);
	}
	return levels;
}

/* What is asked of any funnel: the arguments of both functions. */
typedef struct Question
{
	StpFunnelQuestion of; /* its funnel is NULL over no rows */
	Levels levels;
	double per;
} Question;

/* From argument n on: overdispersion, levels and per. */
static void
get_question(FunctionCallInfo fcinfo, int n, Question *question)
{
	question->of.overdispersion = (StpOverdispersion) get_word(
		fcinfo, n, "overdispersion", overdispersion_words, lengthof(overdispersion_words));
	question->levels = get_levels(fcinfo, n + 1);
	question->per = stp_get_per(fcinfo, n + 2);
}

/* Of the funnel that is an argument. */
static void
ask(FunctionCallInfo fcinfo, int n, Question *question)
{
	if (PG_ARGISNULL(n))
		question->of.funnel = NULL;
	else
		question->of = stp_core_funnel_ask(PG_GETARG_FUNNEL(n), question->of.overdispersion);
}

/* The columns of stp.funnel. */
enum
{
	VALUE,
	TARGET,
	Z,
	LOWER,
	UPPER,
	FLAG,
	STATUS,
	COLUMNS
};

/* The row as it is made; NAN is NULL. */
typedef struct Row
{
	double value, target, z;
	double lower[MAX_LEVELS], upper[MAX_LEVELS];
	bool has_limits;
	int side;		   /* above the limits (1), below them (-1) */
	double side_level; /* the widest that it is outside */
	const char *status;
} Row;

/* Limits at every level, and the widest that the value lies outside of. */
static void
find_limits(const Question *question, double value, double denominator, Row *row)
{
	row->has_limits = true;
	for (int i = 0; i < question->levels.count; i++)
	{
		const StpFunnelLevel *level = &question->levels.level[i];
		StpLimits limits = stp_core_funnel_limits(&question->of, denominator, level);
		int side;

		/* A limit beyond the largest number there is is none, by itself or in the unit of the
		 * value. */
		if (!isfinite(limits.upper * question->per))
			limits.lower = limits.upper = NAN;
		if (isnan(limits.lower))
			row->has_limits = false;
		row->lower[i] = limits.lower * question->per;
		row->upper[i] = limits.upper * question->per;
		side = stp_core_funnel_side(&question->of, value, denominator, level, limits);
		if (side != 0 && level->share > row->side_level)
		{
			row->side = side;
			row->side_level = level->share;
		}
	}
}

static const char *
find_status(const Question *question, const double pair[2], double minimum, const Row *row)
{
	if (isnan(pair[0]) || isnan(pair[1]) || !question->of.funnel ||
		isnan(question->of.funnel->target))
		return "no data";
	if (pair[1] == 0)
		return "zero denominator";
	if (pair[0] < minimum)
		return "too few";
	/* No logarithm of the value, or of the target. */
	if (!row->has_limits || (question->of.funnel->method == STP_FUNNEL_LOG && pair[0] == 0))
		return "undefined";
	return "ok";
}

static Row
make_row(const Question *question, const double pair[2], double minimum)
{
	double value = pair[1] > 0 ? pair[0] / pair[1] : NAN;
	Row row = {value * question->per, NAN, NAN, .status = NULL};

	if (question->of.funnel)
	{
		row.target = question->of.funnel->target * question->per;
		if (pair[1] > 0)
		{
			find_limits(question, value, pair[1], &row);
			row.z = stp_core_funnel_adjusted_z(&question->of, value, pair[1]);
		}
	}
	row.status = find_status(question, pair, minimum, &row);
	return row;
}

static Datum
number_array(const double *numbers, int count)
{
	Datum elements[MAX_LEVELS];

	for (int i = 0; i < count; i++)
	{
		stp_check_range(numbers[i], true);
		elements[i] = Float8GetDatum(numbers[i]);
	}
	return PointerGetDatum(construct_array(elements, count, FLOAT8OID, sizeof(float8),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* Where the value lies, in words. */
static Datum
flag_text(const Row *row)
{
	StringInfoData text;

	if (row->side == 0)
		return CStringGetTextDatum("inside");
	initStringInfo(&text);
	appendStringInfoString(&text, row->side > 0 ? "high" : "low");
	stp_append_sum(&text, ' ', row->side_level);
	return CStringGetTextDatum(text.data);
}

/* What is kept from row to row: the row type, and what is asked if that is always the same. */
typedef struct FunnelMaker
{
	TupleDesc row;
	bool is_asked;
	Question question;
} FunnelMaker;

static FunnelMaker *
get_maker(FunctionCallInfo fcinfo)
{
	FmgrInfo *function = fcinfo->flinfo;
	FunnelMaker *maker = function->fn_extra;
	MemoryContext old_context;

	if (likely(maker))
		return maker;
	maker = MemoryContextAllocZero(function->fn_mcxt, sizeof(FunnelMaker));
	old_context = MemoryContextSwitchTo(function->fn_mcxt);
	if (get_call_result_type(fcinfo, NULL, &maker->row) != TYPEFUNC_COMPOSITE ||
		maker->row->natts != COLUMNS)
		elog(ERROR, "function %u does not return what stp.funnel does", function->fn_oid);
	maker->row = BlessTupleDesc(maker->row);
	MemoryContextSwitchTo(old_context);
	function->fn_extra = maker;
	return maker;
}

/* The question of this row: its words and levels are read once where they are constants. */
static const Question *
get_row_question(FunctionCallInfo fcinfo, FunnelMaker *maker)
{
	if (!maker->is_asked)
	{
		get_question(fcinfo, 3, &maker->question);
		maker->is_asked = get_fn_expr_arg_stable(fcinfo->flinfo, 3) &&
						  get_fn_expr_arg_stable(fcinfo->flinfo, 4) &&
						  get_fn_expr_arg_stable(fcinfo->flinfo, 5);
	}
	ask(fcinfo, 2, &maker->question);
	return &maker->question;
}

static Datum
return_row(TupleDesc type, const Row *row, int levels)
{
	bool is_ok = strcmp(row->status, "ok") == 0;
	Datum values[COLUMNS] = {Float8GetDatum(row->value), Float8GetDatum(row->target),
							 Float8GetDatum(row->z)};
	bool nulls[COLUMNS] = {isnan(row->value), isnan(row->target), isnan(row->z),
						   !row->has_limits,  !row->has_limits,	  !is_ok};

	stp_check_range(row->value, false);
	stp_check_range(row->target, false);
	if (row->has_limits)
	{
		values[LOWER] = number_array(row->lower, levels);
		values[UPPER] = number_array(row->upper, levels);
	}
	if (is_ok)
		values[FLAG] = flag_text(row);
	values[STATUS] = CStringGetTextDatum(row->status);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(type, values, nulls)));
}

/* Not strict: a NULL count is a row with the status "no data". */
PG_FUNCTION_INFO_V1(stp_funnel);
Datum
stp_funnel(PG_FUNCTION_ARGS)
{
	FunnelMaker *maker = get_maker(fcinfo);
	const Question *question = get_row_question(fcinfo, maker);
	double minimum = stp_get_count(fcinfo, 6, "minimum_events"), pair[2];
	Row row;

	get_pair(fcinfo, 0, question->of.funnel ? question->of.funnel->method : STP_FUNNEL_ROOT, pair);
	row = make_row(question, pair, isnan(minimum) ? 0 : minimum);
	return return_row(maker->row, &row, question->levels.count);
}

/* The curve --------------------------------------------------------------------------------- */

/* Most points: more than any screen has. */
#define MAX_POINTS 100000

/* The ends of a curve and how many points it has. */
typedef struct Span
{
	double first, last;
	int points;
} Span;

static Span
get_span(FunctionCallInfo fcinfo, int n)
{
	static const char *const hint =
		"Pass denominators above 0, such as the least and the greatest.";
	Span span = {stp_check_finite(PG_GETARG_FLOAT8(n), "first", hint),
				 stp_check_finite(PG_GETARG_FLOAT8(n + 1), "last", hint), 0};

	if (span.first <= 0)
		stp_refuse(errmsg("first must be above 0, not \"%s\"", float8out_internal(span.first)),
				   errhint("%s", hint));
	if (span.last < span.first)
		stp_refuse(errmsg("first \"%s\" is above last \"%s\"", float8out_internal(span.first),
						  float8out_internal(span.last)),
				   errhint("Swap the two."));
	return span;
}

static int
get_points(FunctionCallInfo fcinfo, int n)
{
	int points = PG_GETARG_INT32(n);

	if (points < 2 || points > MAX_POINTS)
		stp_refuse(errmsg("points must be from 2 to %d, not \"%d\"", MAX_POINTS, points),
				   errhint("100 make a smooth curve."));
	return points;
}

/* Closer for small ones, where the curve bends: each the same multiple of the one before. */
static double
place_point(const Span *span, int i)
{
	double share = (double) i / (span->points - 1), ratio = span->last / span->first;

	if (i == span->points - 1)
		return span->last;
	if (isfinite(ratio))
		return span->first * pow(ratio, share);
	/* The ratio is beyond the largest number there is. */
	return pow(span->first, 1 - share) * pow(span->last, share);
}

/* The rows of one point: a limit below and above for each level. */
static void
put_point(ReturnSetInfo *result, const Question *question, double denominator)
{
	Row row = {.status = NULL};

	find_limits(question, NAN, denominator, &row);
	for (int i = 0; i < question->levels.count; i++)
	{
		Datum values[] = {Float8GetDatum(denominator),
						  Float8GetDatum(question->levels.level[i].share),
						  Float8GetDatum(row.lower[i]), Float8GetDatum(row.upper[i])};
		bool nulls[] = {false, false, isnan(row.lower[i]), isnan(row.upper[i])};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(stp_funnel_curve);
Datum
stp_funnel_curve(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Span span = get_span(fcinfo, 1);
	Question question;

	get_question(fcinfo, 3, &question);
	ask(fcinfo, 0, &question);
	span.points = get_points(fcinfo, 6);
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < span.points; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_point(result, &question, place_point(&span, i));
	}
	return (Datum) 0;
}
