/*
 * mark.c: the triggers that note what has changed.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "mark.h"
#include "schema.h"
#include "stamp.h"

PG_FUNCTION_INFO_V1(stp_mark_change);

/* What a trigger was given as its argument. */
static const char *
get_argument(const Trigger *trigger, int n)
{
	if (n >= trigger->tgnargs)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("trigger \"%s\" lacks its argument %d", trigger->tgname, n + 1)));
	return trigger->tgargs[n];
}

/* Whether the rows of the table say when they were recorded: whether it is versioned. */
static bool
bears_stamps(const TriggerData *trigger)
{
	return SPI_fnumber(RelationGetDescr(trigger->tg_relation), "recorded_at") > 0;
}

/* Whether the statement has changed no row. What is restored from a dump bears no stamp of this
 * transaction, and is marked by what the dump says was marked. */
static bool
is_idle(const TriggerData *trigger)
{
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && bears_stamps(trigger) && stp_count_own() == 0)
		return true;
	return (trigger->tg_oldtable == NULL || tuplestore_tuple_count(trigger->tg_oldtable) == 0) &&
		   (trigger->tg_newtable == NULL || tuplestore_tuple_count(trigger->tg_newtable) == 0);
}

/* The rows that a statement has changed, as something to select from. */
static const char *
changed_rows(const TriggerData *trigger)
{
	const Trigger *t = trigger->tg_trigger;
	const char *reads = get_argument(t, 3);
	const char *matters = t->tgnargs > 4 ? t->tgargs[4] : "*";

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return psprintf("(SELECT %s FROM %s%s)", reads, t->tgnewtable,
						bears_stamps(trigger) ? " WHERE recorded_at = ANY ($3)" : "");
	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return psprintf("(SELECT %s FROM %s)", reads, t->tgoldtable);
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		return psprintf("stp.%s", quote_identifier(RelationGetRelationName(trigger->tg_relation)));
	return psprintf("((SELECT %1$s FROM %2$s EXCEPT SELECT %1$s FROM %3$s) UNION ALL "
					"(SELECT %1$s FROM %3$s EXCEPT SELECT %1$s FROM %2$s))",
					matters, t->tgoldtable, t->tgnewtable);
}

/* By what changed rows are taken together, where their days are. */
static const char *
grouping(const Trigger *trigger)
{
	return trigger->tgnargs > 5 ? psprintf(" GROUP BY %s", trigger->tgargs[5]) : "";
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

void
stp_write_marks(const char *rows, Snapshot snapshot, TimestampTz recorded_at, TriggerEvent event)
{
	Oid types[3] = {TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZARRAYOID};
	Datum values[3];

	values[0] = TimestampTzGetDatum(recorded_at);
	values[1] = CStringGetTextDatum(operation(event));
	values[2] = stp_own_stamps();
	stp_execute_as_owner(
		psprintf(
			"INSERT INTO stp_internal.input_change (input, code, first_day, last_day, recorded_at) "
			"SELECT DISTINCT m.*, $1 FROM (%s) m ON CONFLICT DO NOTHING",
			rows),
		NULL, snapshot, false, 3, types, values, NULL);
}

/* stp_internal.mark_change(code, first_day, last_day, what they read, what matters, per):
 * expressions over a changed row c, or over all that agree in per. */
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
	/* All tables of a scheme define schemes. */
	const char *input = strncmp(table, "scheme", strlen("scheme")) == 0 ? "scheme" : table;

	if (!before && is_idle(trigger))
		return PointerGetDatum(NULL);
	stp_connect_trigger(trigger);
	stp_write_marks(psprintf("SELECT %s, %s, %s, %s FROM %s c%s", quote_literal_cstr(input),
							 get_argument(trigger->tg_trigger, 0),
							 get_argument(trigger->tg_trigger, 1),
							 get_argument(trigger->tg_trigger, 2), changed_rows(trigger),
							 grouping(trigger->tg_trigger)),
					/* TRUNCATE takes out what no snapshot of this transaction may show. */
					before ? GetLatestSnapshot() : InvalidSnapshot,
					bears_stamps(trigger) ? stp_recording_stamp() : DT_NOBEGIN, trigger->tg_event);
	SPI_finish();
	return PointerGetDatum(NULL);
}
