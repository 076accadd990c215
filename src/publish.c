/*
 * publish.c: stp.publish(), which writes what its caller cannot.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "stp_metrics.h"
#include "period.h"
#include "schema.h"

PG_FUNCTION_INFO_V1(stp_publish);

/* The type that a function's argument has. */
static Oid
argument_type(FunctionCallInfo fcinfo, int n)
{
	return get_call_expr_argtype(fcinfo->flinfo->fn_expr, n);
}

/* stp.publish(scheme, period, note): with the rights of the owner, in the name of who calls it. */
Datum
stp_publish(PG_FUNCTION_ARGS)
{
	Oid types[4] = {TEXTOID, argument_type(fcinfo, 1), TEXTOID, TEXTOID};
	Datum values[4];
	char nulls[4] = {' ', ' ', ' ', ' '};

	for (int i = 0; i < 3; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	values[3] = CStringGetTextDatum(GetUserNameFromId(GetUserId(), false));
	SPI_connect();
	stp_execute_as_owner("CALL stp_internal.publish($1, $2, $3, $4)", NULL, InvalidSnapshot, false,
						 4, types, values, nulls);
	SPI_finish();
	PG_RETURN_VOID();
}
