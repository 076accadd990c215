/*
 * refresh.c: stp.refresh().
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "stp_metrics.h"
#include "schema.h"

/* How often stp.refresh() says how far it is. */
#define TELL_AFTER_MS 3000

PG_FUNCTION_INFO_V1(stp_refresh);

/*---------------------------------------------------------------------------
 * Refresh
 *---------------------------------------------------------------------------
 */

/* Refuse to be called where nothing can be committed. */
static void
refuse_transaction_block(FunctionCallInfo fcinfo)
{
	const CallContext *context = (const CallContext *) fcinfo->context;

	if (context == NULL || !IsA(context, CallContext) || context->atomic)
		ereport(
			ERROR,
			(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
			 errmsg("stp.refresh() cannot run inside a transaction block, a function or a trigger"),
			 errhint("It commits after each period: CALL it as a statement of its own.")));
}

/* Commit, and go on in a transaction that sees what others have committed, whatever the session's
 * default. */
static void
commit(void)
{
	SPI_commit();
	if (SPI_execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE", false, 0) !=
		SPI_OK_UTILITY)
		elog(ERROR, "the isolation level could not be set");
}

/* Write the plan: gives the time that names the run, and how many ratings are stale. */
static int
begin_refresh(FunctionCallInfo fcinfo, TimestampTz *run_at)
{
	Oid types[2] = {TEXTOID, TIMESTAMPTZOID};
	Datum values[2] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
	char nulls[2] = {PG_ARGISNULL(0) ? 'n' : ' ', PG_ARGISNULL(1) ? 'n' : ' '};
	bool isnull;
	HeapTuple row;

	stp_execute_as_owner("SELECT b.run_at, b.total FROM stp_internal.begin_refresh($1, $2) b", NULL,
						 InvalidSnapshot, false, 2, types, values, nulls);
	row = SPI_tuptable->vals[0];
	*run_at = DatumGetTimestampTz(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));
	return DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull));
}

/* Do one rating of the plan. */
static void
refresh_step(FunctionCallInfo fcinfo, TimestampTz run_at, int step)
{
	Oid types[3] = {TIMESTAMPTZOID, INT4OID, TIMESTAMPTZOID};
	Datum values[3] = {TimestampTzGetDatum(run_at), Int32GetDatum(step), PG_GETARG_DATUM(1)};
	char nulls[3] = {' ', ' ', PG_ARGISNULL(1) ? 'n' : ' '};

	stp_execute_as_owner("CALL stp_internal.refresh_step($1, $2, $3)", NULL, InvalidSnapshot, false,
						 3, types, values, nulls);
}

/* stp.refresh(scheme, as_of) */
Datum
stp_refresh(PG_FUNCTION_ARGS)
{
	TimestampTz run_at, told = GetCurrentTimestamp();
	int total;

	if (RecoveryInProgress())
	{
		ereport(NOTICE, (errmsg("stp.refresh: nothing to do on a standby")));
		PG_RETURN_VOID();
	}
	refuse_transaction_block(fcinfo);
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	commit();
	total = begin_refresh(fcinfo, &run_at);
	commit();
	for (int step = 1; step <= total; step++)
	{
		refresh_step(fcinfo, run_at, step);
		commit();
		if (TimestampDifferenceExceeds(told, GetCurrentTimestamp(), TELL_AFTER_MS))
		{
			ereport(NOTICE, (errmsg("stp.refresh: %d of %d ratings done", step, total)));
			told = GetCurrentTimestamp();
		}
	}
	SPI_finish();
	PG_RETURN_VOID();
}
