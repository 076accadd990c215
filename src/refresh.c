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

/* Take a step, and commit: gives what it says. */
static bool
take_step(FunctionCallInfo fcinfo, const char *step, TimestampTz run_at)
{
	Oid types[3] = {TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum values[3] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), TimestampTzGetDatum(run_at)};
	char nulls[3] = {PG_ARGISNULL(0) ? 'n' : ' ', PG_ARGISNULL(1) ? 'n' : ' ', ' '};
	bool isnull, result;

	stp_execute_as_owner(psprintf("SELECT stp_internal.%s($1, $2, $3)", step), NULL,
						 InvalidSnapshot, false, 3, types, values, nulls);
	result = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	commit();
	return result;
}

/* Do what is stale, each in a transaction of its own, until nothing is left that is free. */
static void
rate(FunctionCallInfo fcinfo, TimestampTz run_at)
{
	TimestampTz told = run_at;

	for (int done = 1; take_step(fcinfo, "refresh_next", run_at); done++)
	{
		if (TimestampDifferenceExceeds(told, GetCurrentTimestamp(), TELL_AFTER_MS))
		{
			ereport(NOTICE, (errmsg("stp.refresh: %d done", done)));
			told = GetCurrentTimestamp();
		}
	}
}

/* stp.refresh(scheme, as_of) */
Datum
stp_refresh(PG_FUNCTION_ARGS)
{
	TimestampTz run_at = GetCurrentTimestamp();

	if (RecoveryInProgress())
	{
		ereport(NOTICE, (errmsg("stp.refresh: nothing to do on a standby")));
		PG_RETURN_VOID();
	}
	refuse_transaction_block(fcinfo);
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	commit();
	(void) take_step(fcinfo, "begin_refresh", run_at);
	(void) take_step(fcinfo, "note_stale", run_at);
	rate(fcinfo, run_at);
	(void) take_step(fcinfo, "end_refresh", run_at);
	SPI_finish();
	PG_RETURN_VOID();
}
