/*
 * refresh.c: stp.refresh(), and the triggers that note what has changed.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "stp_metrics.h"
#include "schema.h"
#include "stamp.h"

/* How often stp.refresh() says how far it is. */
#define TELL_AFTER_MS 3000

PG_FUNCTION_INFO_V1(stp_mark_change);
PG_FUNCTION_INFO_V1(stp_mark_source);
PG_FUNCTION_INFO_V1(stp_refresh);

/*---------------------------------------------------------------------------
 * Marks
 *---------------------------------------------------------------------------
 */

/* What a trigger was given as its argument. */
static const char *
get_argument(const Trigger *trigger, int n)
{
	if (n >= trigger->tgnargs)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("trigger \"%s\" lacks its argument %d", trigger->tgname, n + 1)));
	return trigger->tgargs[n];
}

/* Whether the statement has changed no row. What is restored from a dump bears no stamp of this
 * transaction, and is marked by what the dump says was marked. */
static bool
is_idle(const TriggerData *trigger)
{
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && stp_count_own() == 0)
		return true;
	return (trigger->tg_oldtable == NULL || tuplestore_tuple_count(trigger->tg_oldtable) == 0) &&
		   (trigger->tg_newtable == NULL || tuplestore_tuple_count(trigger->tg_newtable) == 0);
}

/* The rows that a statement has changed, as something to select from. */
static const char *
changed_rows(const TriggerData *trigger)
{
	const Trigger *t = trigger->tg_trigger;
	const char *matters = t->tgnargs > 3 ? t->tgargs[3] : "*";

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return psprintf("(SELECT * FROM %s WHERE recorded_at = ANY ($3))", t->tgnewtable);
	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return t->tgoldtable;
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		return psprintf("stp.%s", quote_identifier(RelationGetRelationName(trigger->tg_relation)));
	return psprintf("((SELECT %1$s FROM %2$s EXCEPT SELECT %1$s FROM %3$s) UNION ALL "
					"(SELECT %1$s FROM %3$s EXCEPT SELECT %1$s FROM %2$s))",
					matters, t->tgoldtable, t->tgnewtable);
}

/* The kind of statement, as the expressions of marks know it. */
static const char *
operation(TriggerEvent event)
{
	return TRIGGER_FIRED_BY_INSERT(event)	? "INSERT"
		   : TRIGGER_FIRED_BY_UPDATE(event) ? "UPDATE"
		   : TRIGGER_FIRED_BY_DELETE(event) ? "DELETE"
											: "TRUNCATE";
}

/* Write marks: rows (input, code, first_day, last_day) of a query over $2 and $3, which are free.
 */
static void
write_marks(const char *rows, Snapshot snapshot, TimestampTz recorded_at, const char *operation)
{
	Oid types[3] = {TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZARRAYOID};
	Datum values[3];

	values[0] = TimestampTzGetDatum(recorded_at);
	values[1] = CStringGetTextDatum(operation);
	values[2] = stp_own_stamps();
	stp_execute_as_owner(
		psprintf("INSERT INTO stp.input_change (input, code, first_day, last_day, recorded_at) "
				 "SELECT DISTINCT m.*, $1 FROM (%s) m ON CONFLICT DO NOTHING",
				 rows),
		NULL, snapshot, false, 3, types, values, NULL);
}

/* stp_internal.mark_change(code, first_day, last_day, what matters): expressions over a changed row
 * c. */
Datum
stp_mark_change(PG_FUNCTION_ARGS)
{
	/* TRUNCATE leaves no rows to look at afterwards. */
	bool before = CALLED_AS_TRIGGER(fcinfo) &&
				  TRIGGER_FIRED_BEFORE(((TriggerData *) fcinfo->context)->tg_event);
	TriggerData *trigger =
		before ? stp_get_trigger(fcinfo, TRIGGER_EVENT_BEFORE, STP_ON(TRIGGER_EVENT_TRUNCATE))
			   : stp_get_trigger(fcinfo, 0, STP_ON_ANY_CHANGE);
	const char *table = RelationGetRelationName(trigger->tg_relation);
	const char *input = pnstrdup(table, strcspn(table, "_"));

	if (!before && is_idle(trigger))
		return PointerGetDatum(NULL);
	SPI_connect();
	if (!before && SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
		elog(ERROR, "transition tables of stp.%s are missing", table);
	write_marks(psprintf("SELECT %s, %s, %s, %s FROM %s c", quote_literal_cstr(input),
						 get_argument(trigger->tg_trigger, 0), get_argument(trigger->tg_trigger, 1),
						 get_argument(trigger->tg_trigger, 2), changed_rows(trigger)),
				/* TRUNCATE takes out what no snapshot of this transaction may show. */
				before ? GetLatestSnapshot() : InvalidSnapshot, stp_recording_stamp(),
				operation(trigger->tg_event));
	SPI_finish();
	return PointerGetDatum(NULL);
}

/*
 * stp_internal.mark_source(source): a table has changed from which observations come. It is not
 * versioned: its transaction needs no stamp.
 */
Datum
stp_mark_source(PG_FUNCTION_ARGS)
{
	TriggerData *trigger =
		stp_get_trigger(fcinfo, 0, STP_ON_ANY_CHANGE | STP_ON(TRIGGER_EVENT_TRUNCATE));

	SPI_connect();
	write_marks(psprintf("SELECT 'source', %s, date '-infinity', date 'infinity'",
						 quote_literal_cstr(get_argument(trigger->tg_trigger, 0))),
				InvalidSnapshot, GetCurrentTransactionStartTimestamp(),
				operation(trigger->tg_event));
	SPI_finish();
	return PointerGetDatum(NULL);
}

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
