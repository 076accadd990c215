/*
 * registry.c: stp.exact_sum, the sum that does not depend on the order of its terms.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "check.h"
#include "core/sum.h"

/* Parts that a new state has room for: most sums never need more. */
#define FIRST_PARTS 3

#define PARTS(state) ((double *) ARR_DATA_PTR(state))

/* The state: an array of parts as core/sum.h has them; an empty one: nothing was added yet. */
static ArrayType *
get_state(FunctionCallInfo fcinfo, int argument, size_t *n)
{
	ArrayType *state = PG_GETARG_ARRAYTYPE_P(argument);

	if (ARR_NDIM(state) > 1 || ARR_HASNULL(state) || ARR_ELEMTYPE(state) != FLOAT8OID)
		stp_refuse(errmsg("not a state of stp.exact_sum"),
				   errhint("Call the aggregate stp.exact_sum(float8)."));
	*n = ARR_NDIM(state) == 0 ? 0 : (size_t) ARR_DIMS(state)[0];
	return state;
}

/* The state with room for more parts, in the context that it lives in. */
static ArrayType *
enlarge(const ArrayType *state, size_t n, size_t parts, MemoryContext context)
{
	size_t size = ARR_OVERHEAD_NONULLS(1) + parts * sizeof(double);
	ArrayType *larger = MemoryContextAllocZero(context, size);

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
add(ArrayType *state, size_t *n, double term, MemoryContext context)
{
	double rest = stp_core_exact_add(PARTS(state), *n, term);

	if (rest == 0)
		return state;
	state = enlarge(state, *n, *n + 1, context);
	PARTS(state)[(*n)++] = rest;
	return state;
}

/* The first argument as a state that may be changed: its own in an aggregate, else a copy. */
static ArrayType *
get_own_state(FunctionCallInfo fcinfo, size_t *n, MemoryContext *context)
{
	ArrayType *state = get_state(fcinfo, 0, n);
	bool own = AggCheckCallContext(fcinfo, context) != 0;

	if (!own)
		*context = CurrentMemoryContext;
	if (!own || *n < FIRST_PARTS)
	{
		state = enlarge(state, *n, Max(*n, FIRST_PARTS), *context);
		*n = Max(*n, FIRST_PARTS);
	}
	return state;
}

PG_FUNCTION_INFO_V1(stp_exact_sum_accum);
Datum
stp_exact_sum_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	size_t n;
	ArrayType *state = get_own_state(fcinfo, &n, &context);
	double term = stp_check_finite(PG_GETARG_FLOAT8(1), "term", "Leave out what is not known.");

	PG_RETURN_ARRAYTYPE_P(add(state, &n, term, context));
}

PG_FUNCTION_INFO_V1(stp_exact_sum_combine);
Datum
stp_exact_sum_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	size_t n, terms;
	ArrayType *state, *other = get_state(fcinfo, 1, &terms);

	if (terms == 0)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	state = get_own_state(fcinfo, &n, &context);
	for (size_t i = 0; i < terms; i++)
		state = add(state, &n, PARTS(other)[i], context);
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
