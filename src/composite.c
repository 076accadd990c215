/*
 * composite.c: the type stp.composite, its aggregates and the means read from it.
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "check.h"
#include "core/composite.h"
#include "state_text.h"

/* The first byte of the binary format. */
#define COMPOSITE_VERSION 1

#define PG_GETARG_COMPOSITE(n) ((StpComposite *) PG_GETARG_POINTER(n))

StaticAssertDecl(sizeof(StpComposite) == 72, "stp.composite has this INTERNALLENGTH in SQL");

/* In builds with assertions: no function takes or gives a state that scores cannot have made. */
static inline void
assert_valid(const StpComposite *state)
{
	Assert(stp_core_composite_is_valid(state));
	(void) state;
}

static bool
read_state(char *at, StpComposite *state)
{
	return stp_read_count(&at, '(', &state->scores) && stp_read_count(&at, ',', &state->present) &&
		   stp_read_count(&at, ',', &state->not_positive) &&
		   stp_read_sum(&at, ',', &state->weight_total) &&
		   stp_read_sum(&at, ',', &state->weight_present) && stp_read_sum(&at, ',', &state->sum) &&
		   stp_read_sum(&at, ',', &state->sum_error) && stp_read_sum(&at, ',', &state->sum_log) &&
		   stp_read_sum(&at, ',', &state->sum_reciprocal) && stp_read_delimiter(&at, ')') &&
		   *at == '\0';
}

PG_FUNCTION_INFO_V1(stp_composite_in);
Datum
stp_composite_in(PG_FUNCTION_ARGS)
{
	char *text = PG_GETARG_CSTRING(0);
	StpComposite *state = palloc(sizeof(StpComposite));

	if (!read_state(text, state))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type stp.composite: \"%s\"", stp_excerpt(text)),
				 errhint("Read only what was written from a stp.composite before.")));
	if (!stp_core_composite_is_valid(state))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid value for type stp.composite: \"%s\"", stp_excerpt(text)),
				 errdetail("No scores and weights give this state."),
				 errhint("Read only what was written from a stp.composite before.")));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(stp_composite_out);
Datum
stp_composite_out(PG_FUNCTION_ARGS)
{
	const StpComposite *state = PG_GETARG_COMPOSITE(0);
	StringInfoData text;

	assert_valid(state);
	initStringInfo(&text);
	appendStringInfo(&text, "(" INT64_FORMAT "," INT64_FORMAT "," INT64_FORMAT, state->scores,
					 state->present, state->not_positive);
	stp_append_sum(&text, ',', state->weight_total);
	stp_append_sum(&text, ',', state->weight_present);
	stp_append_sum(&text, ',', state->sum);
	stp_append_sum(&text, ',', state->sum_error);
	stp_append_sum(&text, ',', state->sum_log);
	stp_append_sum(&text, ',', state->sum_reciprocal);
	appendStringInfoChar(&text, ')');
	PG_RETURN_CSTRING(text.data);
}

PG_FUNCTION_INFO_V1(stp_composite_recv);
Datum
stp_composite_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	StpComposite *state = palloc(sizeof(StpComposite));
	int version = pq_getmsgbyte(message);

	if (version != COMPOSITE_VERSION)
		stp_refuse_binary(errmsg("unknown version \"%d\" of binary stp.composite", version),
						  errhint("Upgrade stp_metrics on the server that reads."));
	state->scores = pq_getmsgint64(message);
	state->present = pq_getmsgint64(message);
	state->not_positive = pq_getmsgint64(message);
	state->weight_total = pq_getmsgfloat8(message);
	state->weight_present = pq_getmsgfloat8(message);
	state->sum = pq_getmsgfloat8(message);
	state->sum_error = pq_getmsgfloat8(message);
	state->sum_log = pq_getmsgfloat8(message);
	state->sum_reciprocal = pq_getmsgfloat8(message);
	if (!stp_core_composite_is_valid(state))
		stp_refuse_binary(errmsg("invalid binary value for type stp.composite"),
						  errdetail("No scores and weights give this state."),
						  errhint("Send only what was received as a stp.composite before."));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(stp_composite_send);
Datum
stp_composite_send(PG_FUNCTION_ARGS)
{
	const StpComposite *state = PG_GETARG_COMPOSITE(0);
	StringInfoData message;

	assert_valid(state);
	pq_begintypsend(&message);
	pq_sendbyte(&message, COMPOSITE_VERSION);
	pq_sendint64(&message, state->scores);
	pq_sendint64(&message, state->present);
	pq_sendint64(&message, state->not_positive);
	pq_sendfloat8(&message, state->weight_total);
	pq_sendfloat8(&message, state->weight_present);
	pq_sendfloat8(&message, state->sum);
	pq_sendfloat8(&message, state->sum_error);
	pq_sendfloat8(&message, state->sum_log);
	pq_sendfloat8(&message, state->sum_reciprocal);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* The state to change: an aggregate's own in place, a copy of anybody else's. */
static StpComposite *
writable_state(FunctionCallInfo fcinfo)
{
	StpComposite *state = PG_GETARG_COMPOSITE(0);
	StpComposite *copy;

	assert_valid(state);
	if (AggCheckCallContext(fcinfo, NULL))
		return state;
	copy = palloc(sizeof(StpComposite));
	*copy = *state;
	return copy;
}

/* Finite scores that overflow are an error, as in sum(). */
static Datum
return_state(StpComposite *state)
{
	if (unlikely(stp_core_composite_overflowed(state)))
		float_overflow_error();
	assert_valid(state);
	PG_RETURN_POINTER(state);
}

/* NAN when the score is missing. */
static double
get_score(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n))
		return NAN;
	return stp_check_finite(PG_GETARG_FLOAT8(n), "score", "Pass NULL for a missing score.");
}

static double
get_weight(FunctionCallInfo fcinfo, int n)
{
	static const char *const hint =
		"Give every score a weight above zero, and leave out the rows that are not to count.";
	double weight;

	if (PG_ARGISNULL(n))
		stp_refuse(errmsg("weight must not be null"), errhint("%s", hint));
	weight = stp_check_finite(PG_GETARG_FLOAT8(n), "weight", hint);
	if (unlikely(weight <= 0))
		stp_refuse(errmsg("weight must be positive, not \"%s\"", float8out_internal(weight)),
				   errhint("%s", hint));
	return weight;
}

/* Not strict, because a score may be NULL; the aggregate's state never is. */
PG_FUNCTION_INFO_V1(stp_composite_accum);
Datum
stp_composite_accum(PG_FUNCTION_ARGS)
{
	StpComposite *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = writable_state(fcinfo);
	stp_core_composite_add(state, get_score(fcinfo, 1), get_weight(fcinfo, 2));
	return return_state(state);
}

PG_FUNCTION_INFO_V1(stp_composite_combine);
Datum
stp_composite_combine(PG_FUNCTION_ARGS)
{
	StpComposite *state = writable_state(fcinfo);
	const StpComposite *other = PG_GETARG_COMPOSITE(1);

	assert_valid(other);
	stp_core_composite_merge(state, other);
	return return_state(state);
}

/* Read a state: NULL where the result is not defined. */
static Datum
read_result(FunctionCallInfo fcinfo, double (*read)(const StpComposite *))
{
	const StpComposite *state = PG_GETARG_COMPOSITE(0);

	assert_valid(state);
	return stp_return_number(fcinfo, read(state));
}

PG_FUNCTION_INFO_V1(stp_composite_arithmetic_mean);
Datum
stp_composite_arithmetic_mean(PG_FUNCTION_ARGS)
{
	return read_result(fcinfo, stp_core_arithmetic_mean);
}

PG_FUNCTION_INFO_V1(stp_composite_geometric_mean);
Datum
stp_composite_geometric_mean(PG_FUNCTION_ARGS)
{
	return read_result(fcinfo, stp_core_geometric_mean);
}

PG_FUNCTION_INFO_V1(stp_composite_harmonic_mean);
Datum
stp_composite_harmonic_mean(PG_FUNCTION_ARGS)
{
	return read_result(fcinfo, stp_core_harmonic_mean);
}

PG_FUNCTION_INFO_V1(stp_composite_coverage);
Datum
stp_composite_coverage(PG_FUNCTION_ARGS)
{
	return read_result(fcinfo, stp_core_coverage);
}
