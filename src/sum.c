/*
 * sum.c: stp.exact_sum, the sum that does not depend on the order of its terms, and stp.whole_sum,
 * the sum that does not leave out what is not known.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "check.h"
#include "core/sum.h"

/* Parts that a new state has room for: most sums never need more. */
#define FIRST_PARTS 3

#define PARTS(state) ((double *) ARR_DATA_PTR(state))

/* Refuse what the functions below have not made: anybody can call them with any array. */
static void
refuse_state(void)
{
	stp_refuse(errmsg("not a state of stp.exact_sum"),
			   errhint("Call the aggregate stp.exact_sum(float8)."));
}

/*
 * The state: an array of parts as core/sum.h has them; an empty one: nothing was added yet. More
 * parts than there can be would be added for hours.
 */
static ArrayType *
get_state(FunctionCallInfo fcinfo, int argument, size_t *n)
{
	ArrayType *state = PG_GETARG_ARRAYTYPE_P(argument);

	if (ARR_NDIM(state) > 1 || ARR_HASNULL(state) || ARR_ELEMTYPE(state) != FLOAT8OID)
		refuse_state();
	*n = ARR_NDIM(state) == 0 ? 0 : (size_t) ARR_DIMS(state)[0];
	if (!stp_core_exact_is_possible(PARTS(state), *n))
		refuse_state();
	return state;
}

/* The state with room for more parts. An aggregate's executor moves it to where its states live. */
static ArrayType *
enlarge(const ArrayType *state, size_t n, size_t parts)
{
	size_t size = ARR_OVERHEAD_NONULLS(1) + parts * sizeof(double);
	ArrayType *larger = palloc0(size);

	SET_VARSIZE(larger, size);
	larger->ndim = 1;
	larger->elemtype = FLOAT8OID;
	ARR_DIMS(larger)[0] = (int) parts;
	ARR_LBOUND(larger)[0] = 1;
	if (n > 0)
		memcpy(PARTS(larger), PARTS(state), n * sizeof(double));
	return larger;
}

/* Add a term, to a state that may be changed. */
static ArrayType *
add(ArrayType *state, size_t *n, double term)
{
	double rest = stp_core_exact_add(PARTS(state), *n, term);

	if (rest == 0)
		return state;
	if (unlikely(!isfinite(rest)))
		float_overflow_error();
	state = enlarge(state, *n, *n + 1);
	PARTS(state)[(*n)++] = rest;
	return state;
}

/* The first argument as a state that may be changed: its own in an aggregate, else a copy; NULL: a
 * new one. */
static ArrayType *
get_own_state(FunctionCallInfo fcinfo, size_t *n)
{
	ArrayType *state = NULL;
	size_t parts;

	*n = 0;
	if (!PG_ARGISNULL(0))
		state = get_state(fcinfo, 0, n);
	parts = Max(*n, FIRST_PARTS);
	if (*n < parts || !AggCheckCallContext(fcinfo, NULL))
		state = enlarge(state, *n, parts);
	*n = parts;
	return state;
}

PG_FUNCTION_INFO_V1(stp_exact_sum_accum);
Datum
stp_exact_sum_accum(PG_FUNCTION_ARGS)
{
	size_t n;
	ArrayType *state;
	double term;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	state = get_own_state(fcinfo, &n);
	term = stp_check_finite(PG_GETARG_FLOAT8(1), "term", "Leave out what is not known.");
	PG_RETURN_ARRAYTYPE_P(add(state, &n, term));
}

PG_FUNCTION_INFO_V1(stp_exact_sum_combine);
Datum
stp_exact_sum_combine(PG_FUNCTION_ARGS)
{
	size_t n, terms;
	ArrayType *state = get_state(fcinfo, 0, &n), *other = get_state(fcinfo, 1, &terms);

	if (terms == 0)
		PG_RETURN_ARRAYTYPE_P(state);
	state = get_own_state(fcinfo, &n);
	for (size_t i = 0; i < terms; i++)
	{
		CHECK_FOR_INTERRUPTS();
		state = add(state, &n, PARTS(other)[i]);
	}
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(stp_exact_sum_final);
Datum
stp_exact_sum_final(PG_FUNCTION_ARGS)
{
	size_t n;
	ArrayType *state = get_state(fcinfo, 0, &n);
	double sum = stp_core_exact_value(PARTS(state), n);

	if (n == 0)
		PG_RETURN_NULL();
	if (!isfinite(sum))
		float_overflow_error();
	PG_RETURN_FLOAT8(sum);
}

/* What sum(float8) does: infinity is a result only of infinity. */
static inline double
add_in_range(double a, double b)
{
	double sum = a + b;

	if (unlikely(isinf(sum)) && !isinf(a) && !isinf(b))
		float_overflow_error();
	return sum;
}

/*
 * The state is NULL once a term was, and -0 before the first. A term is added to +0 at the least,
 * so that no sum is -0: rounding to nearest gives that only for two of them.
 */
PG_FUNCTION_INFO_V1(stp_whole_sum_accum);
Datum
stp_whole_sum_accum(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(add_in_range(PG_GETARG_FLOAT8(0) + 0.0, PG_GETARG_FLOAT8(1)));
}

/* Two states without a term are -0 and -0, whose sum is -0: without a term. */
PG_FUNCTION_INFO_V1(stp_whole_sum_combine);
Datum
stp_whole_sum_combine(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(add_in_range(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1)));
}

PG_FUNCTION_INFO_V1(stp_whole_sum_final);
Datum
stp_whole_sum_final(PG_FUNCTION_ARGS)
{
	double sum = PG_GETARG_FLOAT8(0);

	if (sum == 0 && signbit(sum))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(sum);
}
