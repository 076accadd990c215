/*
 * history.c: as of when the tables are read, and where rows go when they are superseded.
 *
 * As of a time a stamp (stamp.h) is known if it was committed until then: all stamps until that
 * time, but for those of the few transactions that were under way.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/supportnodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "stp_metrics.h"
#include "history.h"
#include "schema.h"
#include "stamp.h"

/* The setting: as text, and as what it says. */
static char *as_of_text;
static TimestampTz as_of = DT_NOEND;

/* Times, in memory that lives as long as they are needed. */
typedef struct Times
{
	TimestampTz *time;
	int n;
} Times;

/*
 * Stamps until a time that were not yet committed then; read with a snapshot, of which these
 * numbers tell whether another one may see more.
 */
static struct
{
	TimestampTz as_of;
	TimestampTz moment;
	TransactionId xmin, xmax;
	uint32 running;
	int32 running_sub;
	Times stamps;
} late;

PG_FUNCTION_INFO_V1(stp_as_of);
PG_FUNCTION_INFO_V1(stp_was_known);
PG_FUNCTION_INFO_V1(stp_estimate_known);
PG_FUNCTION_INFO_V1(stp_begin_write);
PG_FUNCTION_INFO_V1(stp_record_update);
PG_FUNCTION_INFO_V1(stp_record_change);

/*---------------------------------------------------------------------------
 * The setting
 *---------------------------------------------------------------------------
 */

/* Read a date with time, or infinity; false if it is none. Unlike timestamptz_in, it raises no
 * error. */
static bool
parse_time(const char *text, TimestampTz *time)
{
	char buffer[MAXDATELEN + MAXDATEFIELDS];
	char *field[MAXDATEFIELDS];
	int type[MAXDATEFIELDS];
	int fields, kind, zone;
	struct pg_tm tm;
	fsec_t fraction;

	if (ParseDateTime(text, buffer, sizeof(buffer), field, type, MAXDATEFIELDS, &fields) != 0 ||
		stp_decode_datetime(field, type, fields, &kind, &tm, &fraction, &zone) != 0)
		return false;
	if (kind == DTK_LATE || kind == DTK_EARLY)
	{
		*time = kind == DTK_LATE ? DT_NOEND : DT_NOBEGIN;
		return true;
	}
	return kind == DTK_DATE && tm2timestamp(&tm, fraction, &zone, time) == 0 &&
		   IS_VALID_TIMESTAMP(*time);
}

/* Write a time so that it means the same in whatever time zone and style it is read; "": infinity.
 */
static void
print_time(TimestampTz time, char *text)
{
	struct pg_tm tm;
	fsec_t fraction;

	if (TIMESTAMP_IS_NOEND(time))
		*text = '\0';
	else if (TIMESTAMP_IS_NOBEGIN(time))
		strcpy(text, "-infinity");
	else if (timestamp2tm(time, NULL, &tm, &fraction, NULL, NULL) != 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("time to read as of is out of range"),
						errhint("Give a time since the tables were made, or none.")));
	else
	{
		tm.tm_isdst = 0; /* known, so that the zone is written */
		EncodeDateTime(&tm, fraction, true, 0, NULL, USE_ISO_DATES, text);
	}
}

/* What SET stp.as_of does first: the time goes along as extra, the text becomes a standard one. */
static bool
check_as_of(char **text, void **extra, GucSource source)
{
	TimestampTz time = DT_NOEND;
	char standard[MAXDATELEN + 1];

	(void) source;
	if (**text != '\0')
	{
		if (!parse_time(*text, &time))
		{
			GUC_check_errdetail("It is not a date with time.");
			GUC_check_errhint("Write for example \"2026-04-01 12:00\", or \"\" for the present.");
			return false;
		}
		print_time(time, standard);
		stp_guc_free(*text);
		*text = strcpy(stp_guc_alloc(strlen(standard) + 1), standard);
	}
	*extra = stp_guc_alloc(sizeof(time));
	memcpy(*extra, &time, sizeof(time));
	return true;
}

static void
assign_as_of(const char *text, void *extra)
{
	(void) text;
	memcpy(&as_of, extra, sizeof(as_of));
}

/*
 * A setting that was made before the library was loaded is not checked by anybody: one that means
 * nothing would be dropped with a warning, and the present be read for the past.
 */
static void
refuse_early_setting(const char *name, const char *text)
{
	TimestampTz time;

	if (text == NULL || *text == '\0')
		return;
	if (pg_strcasecmp(name, "stp.as_of") != 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("unrecognized configuration parameter \"%s\"", name),
						errhint("RESET %s. The setting of stp_metrics is stp.as_of.", name)));
	if (!parse_time(text, &time))
		stp_refuse(errmsg("invalid value for parameter \"stp.as_of\": \"%s\"", text),
				   errhint("RESET stp.as_of, or write for example \"2026-04-01 12:00\"."));
}

void
stp_define_as_of(void)
{
	int settings;
	struct config_generic **setting = stp_get_settings(&settings);

	for (int i = 0; i < settings; i++)
		if ((setting[i]->flags & GUC_CUSTOM_PLACEHOLDER) != 0 &&
			pg_strncasecmp(setting[i]->name, "stp.", 4) == 0)
			refuse_early_setting(setting[i]->name,
								 *((struct config_string *) setting[i])->variable);
	DefineCustomStringVariable("stp.as_of", "Time as of which the tables are read.",
							   "Empty: the present. While it is set, nothing can be written.",
							   &as_of_text, "", PGC_USERSET, 0, check_as_of, assign_as_of, NULL);
	MarkGUCPrefixReserved("stp");
}

int
stp_set_as_of(TimestampTz time)
{
	int level = NewGUCNestLevel();
	char text[MAXDATELEN + 1];

	print_time(time, text);
	stp_set("stp.as_of", text);
	return level;
}

/* The settings of what is asked, until AtEOXact_GUC(true, the result). */
static int
set_for_asking(void)
{
	int level = NewGUCNestLevel();

	stp_set("row_security", "off");
	/* Of joins over functions, and of the past, the planner expects far more rows than there are:
	 * it would sort them, and compile what is quick. */
	stp_set("enable_mergejoin", "off");
	stp_set("jit", "off");
	return level;
}

/* What SPI has found for a query of ours, once its settings have been put back. */
static SPITupleTable *
take_answer(int state, const char *sql, int level)
{
	if (state != SPI_OK_SELECT)
		elog(ERROR, "query of the extension failed: %s", sql);
	AtEOXact_GUC(true, level);
	return SPI_tuptable;
}

/* Arguments whose values the planner may look at. */
static ParamListInfo
make_arguments(int arguments, const Oid *types, const Datum *values)
{
	ParamListInfo list = makeParamList(arguments);

	for (int i = 0; i < arguments; i++)
		list->params[i] =
			(ParamExternData){.value = values[i], .pflags = PARAM_FLAG_CONST, .ptype = types[i]};
	return list;
}

/* Ask for rows that this receives; NULL: that are kept. */
static SPITupleTable *
ask(const StpQuery *query, int arguments, const Oid *types, const Datum *values,
	DestReceiver *receiver)
{
	const char *sql = TIMESTAMP_IS_NOEND(as_of) ? query->present : query->past;
	SPIExecuteOptions options = {
		.params = make_arguments(arguments, types, values), .read_only = true, .dest = receiver};
	int level = set_for_asking();

	return take_answer(SPI_execute_extended(sql, &options), sql, level);
}

SPITupleTable *
stp_ask(const StpQuery *query, int arguments, const Oid *types, const Datum *values)
{
	return ask(query, arguments, types, values, NULL);
}

/* Where the rows of a query go that are not kept. */
typedef struct Receiver
{
	DestReceiver common;
	StpTake take;
	void *taker;
} Receiver;

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	Receiver *receiver = (Receiver *) self;

	slot_getallattrs(slot);
	receiver->take(receiver->taker, slot->tts_values, slot->tts_isnull);
	return true;
}

void
stp_ask_each(const StpQuery *query, int arguments, const Oid *types, const Datum *values,
			 StpTake take, void *taker)
{
	/* Beginning and end are nothing to it; to the server it is like one that keeps the rows. */
	Receiver receiver = {*None_Receiver, take, taker};

	receiver.common.receiveSlot = receive_row;
	receiver.common.mydest = DestTuplestore;
	ask(query, arguments, types, values, &receiver.common);
}

/* A plan for any value of $1, a text, for the session. */
static SPIPlanPtr
keep_plan(const char *sql)
{
	Oid type = TEXTOID;
	SPIPlanPtr plan = SPI_prepare_cursor(sql, 1, &type, CURSOR_OPT_GENERIC_PLAN);

	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "query of the extension cannot be planned: %s", sql);
	return plan;
}

SPITupleTable *
stp_ask_of(StpCodeQuery *query, Datum code)
{
	bool present = TIMESTAMP_IS_NOEND(as_of);
	const char *sql = present ? query->query.present : query->query.past;
	SPIPlanPtr *plan = present ? &query->present : &query->past;
	int level = set_for_asking();

	if (*plan == NULL)
		*plan = keep_plan(sql);
	return take_answer(SPI_execute_plan(*plan, &code, NULL, true, 0), sql, level);
}

Datum
stp_as_of(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_TIMESTAMPTZ(as_of);
}

/*---------------------------------------------------------------------------
 * The past
 *---------------------------------------------------------------------------
 */

static bool
contains(const Times *times, TimestampTz time)
{
	for (int i = 0; i < times->n; i++)
		if (times->time[i] == time)
			return true;
	return false;
}

/* Whether the stamps that were found are those of the time that is set, and of all that is visible
 * now. */
static bool
is_late_current(Snapshot now)
{
	return late.as_of == as_of && late.xmin == now->xmin && late.xmax == now->xmax &&
		   late.running == now->xcnt && late.running_sub == now->subxcnt;
}

/* Ask which stamps there were at a time, but not committed yet: rows (recorded_at, committed_at).
 */
static void
ask_under_way(Snapshot now, TimestampTz time)
{
	static SPIPlanPtr plan;
	Oid type = TIMESTAMPTZOID;
	Datum value = TimestampTzGetDatum(time);

	stp_execute_as_owner("SELECT recorded_at, committed_at FROM stp_internal.recording "
						 "WHERE tstzrange(recorded_at, committed_at) OPERATOR(pg_catalog.@>) $1",
						 &plan, now, true, 1, &type, &value, NULL);
}

/* A time of the answer. */
static TimestampTz
answer(uint64 row, int column)
{
	bool isnull;

	return DatumGetTimestampTz(
		SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull));
}

/* When a stamp was committed, if the answer has it: it is of the time of that stamp. Else infinity.
 */
static TimestampTz
find_commit(TimestampTz stamp)
{
	for (uint64 i = 0; i < SPI_processed; i++)
		if (answer(i, 1) == stamp)
			return answer(i, 2);
	return DT_NOEND;
}

/* Find the stamps until the time that is set that were committed after it. */
static void
find_late(Snapshot now)
{
	TimestampTz *stamps = NULL;

	late.as_of = DT_NOEND;
	SPI_connect();
	ask_under_way(now, as_of);
	/* Who takes a time from a recorded_at or superseded_at means the tables as that transaction
	 * left them, though its stamp is older than its commit. */
	late.moment = find_commit(as_of);
	if (TIMESTAMP_IS_NOEND(late.moment))
		late.moment = as_of;
	else
		ask_under_way(now, late.moment);
	if (SPI_processed > 0)
		stamps = MemoryContextAlloc(TopMemoryContext, SPI_processed * sizeof(*stamps));
	for (uint64 i = 0; i < SPI_processed; i++)
		stamps[i] = answer(i, 1);
	if (late.stamps.time != NULL)
		pfree(late.stamps.time);
	late.stamps = (Times){stamps, (int) SPI_processed};
	late.xmin = now->xmin;
	late.xmax = now->xmax;
	late.running = now->xcnt;
	late.running_sub = now->subxcnt;
	late.as_of = as_of;
	SPI_finish();
}

/* Whether a stamp is one that was committed, and not one of this transaction's own. */
static bool
is_committed(TimestampTz stamp, Snapshot now)
{
	bool found;

	SPI_connect();
	ask_under_way(now, stamp);
	found = !TIMESTAMP_IS_NOEND(find_commit(stamp));
	SPI_finish();
	return found;
}

/* stp_internal.was_known(stamp): whether what bears the stamp was committed at the time that is
 * set. */
Datum
stp_was_known(PG_FUNCTION_ARGS)
{
	TimestampTz stamp = PG_GETARG_TIMESTAMPTZ(0);

	if (TIMESTAMP_IS_NOEND(as_of))
		PG_RETURN_BOOL(true);
	if (!is_late_current(GetActiveSnapshot()))
		find_late(GetActiveSnapshot());
	if (stamp > late.moment || stp_is_own(stamp) || contains(&late.stamps, stamp))
		PG_RETURN_BOOL(false);
	/* A parallel worker does not know the stamps of its leader: that they are noted nowhere tells.
	 */
	PG_RETURN_BOOL(!IsParallelWorker() || stamp < GetCurrentTransactionStartTimestamp() ||
				   is_committed(stamp, GetActiveSnapshot()));
}

/* stp_internal.estimate_known(): the share of stamps that are known, for the planner. */
Datum
stp_estimate_known(PG_FUNCTION_ARGS)
{
	Node *request = (Node *) PG_GETARG_POINTER(0);

	if (!IsA(request, SupportRequestSelectivity))
		PG_RETURN_POINTER(NULL);
	((SupportRequestSelectivity *) request)->selectivity = TIMESTAMP_IS_NOEND(as_of) ? 1.0 : 0.9;
	PG_RETURN_POINTER(request);
}

/*---------------------------------------------------------------------------
 * Triggers of versioned tables
 *---------------------------------------------------------------------------
 */

/* The history of a versioned table. */
static Oid
get_history(Relation table)
{
	const char *name = psprintf("%s_history", RelationGetRelationName(table));
	Oid history = get_relname_relid(name, RelationGetNamespace(table));

	if (!OidIsValid(history))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("stp.%s has no history", RelationGetRelationName(table))));
	return history;
}

/* Refuse to write to a table with a column that its history could not keep. */
static void
check_columns(Relation table)
{
	TupleDesc columns = RelationGetDescr(table);
	Oid history = get_history(table);

	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		if (!column->attisdropped &&
			get_attnum(history, NameStr(column->attname)) == InvalidAttrNumber)
			ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
							errmsg("column \"%s\" of stp.%s is not one of the extension's: its "
								   "history could not keep it",
								   NameStr(column->attname), RelationGetRelationName(table)),
							errhint("ALTER TABLE stp.%s DROP COLUMN %s, and keep it in a table of "
									"your own with the same key.",
									RelationGetRelationName(table),
									quote_identifier(NameStr(column->attname)))));
	}
}

/* The column recorded_at of a table of the trigger. */
static int
recorded_at_column(Relation table)
{
	int column = SPI_fnumber(RelationGetDescr(table), "recorded_at");

	if (column <= 0 || SPI_gettypeid(RelationGetDescr(table), column) != TIMESTAMPTZOID)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("stp.%s has no column recorded_at", RelationGetRelationName(table))));
	return column;
}

/* Refuse a recorded_at that was given by hand. */
static void
refuse_recorded_at(Relation table)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("recorded_at of stp.%s cannot be set", RelationGetRelationName(table)),
			 errhint("Leave recorded_at out: it is the time at which a row was recorded. "
					 "To restore a dump by hand, SET check_function_bodies = off, as pg_dump "
					 "does.")));
}

/* Copy rows that are superseded into the history, but for those that were never committed. */
static void
copy_to_history(Relation table, const char *source, Snapshot snapshot, TimestampTz superseded_at)
{
	TupleDesc columns = RelationGetDescr(table);
	Oid types[2] = {TIMESTAMPTZOID, TIMESTAMPTZARRAYOID};
	Datum values[2] = {TimestampTzGetDatum(superseded_at), 0};
	StringInfoData list;

	values[1] = stp_own_stamps();
	initStringInfo(&list);
	for (int i = 0; i < columns->natts; i++)
		if (!TupleDescAttr(columns, i)->attisdropped)
			appendStringInfo(&list, ", %s",
							 quote_identifier(NameStr(TupleDescAttr(columns, i)->attname)));
	stp_execute_as_owner(
		psprintf("INSERT INTO stp.%s (superseded_at%s) SELECT $1%s FROM %s "
				 "WHERE recorded_at OPERATOR(pg_catalog.<>) ALL ($2)",
				 quote_identifier(psprintf("%s_history", RelationGetRelationName(table))),
				 list.data, list.data, source),
		NULL, snapshot, false, 2, types, values, NULL);
}

/*
 * Before a statement writes: nobody does while the past is read, nor to columns that would be lost.
 * What TRUNCATE takes out is copied here; it sees no snapshot, so that neither does the copy.
 */
Datum
stp_begin_write(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = stp_get_trigger(fcinfo, TRIGGER_EVENT_BEFORE,
										   STP_ON_ANY_CHANGE | STP_ON(TRIGGER_EVENT_TRUNCATE));
	Relation table = trigger->tg_relation;

	if (!TIMESTAMP_IS_NOEND(as_of))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the tables cannot be written while they are read as of \"%s\"",
							   as_of_text),
						errhint("RESET stp.as_of.")));
	check_columns(table);
	stp_begin_writing();
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) && !stp_is_installing())
	{
		SPI_connect();
		copy_to_history(table,
						psprintf("ONLY stp.%s", quote_identifier(RelationGetRelationName(table))),
						GetLatestSnapshot(), stp_add_stamp(DT_NOBEGIN));
		SPI_finish();
	}
	return PointerGetDatum(NULL);
}

/* Before a row is updated: it gets the stamp, which nobody sets by hand. */
Datum
stp_record_update(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = stp_get_trigger(fcinfo, TRIGGER_EVENT_BEFORE | TRIGGER_EVENT_ROW,
										   STP_ON(TRIGGER_EVENT_UPDATE));
	Relation table = trigger->tg_relation;
	TupleDesc columns = RelationGetDescr(table);
	int column = recorded_at_column(table);
	bool isnull, given_isnull;
	Datum was = heap_getattr(trigger->tg_trigtuple, column, columns, &isnull);
	Datum given = heap_getattr(trigger->tg_newtuple, column, columns, &given_isnull);
	Datum value;

	/* What a later version of the extension does to rows is not recorded. */
	if (stp_is_installing())
		return PointerGetDatum(trigger->tg_newtuple);
	/* stamp_rows() has given it. */
	if (TIMESTAMP_IS_NOEND(DatumGetTimestampTz(was)))
		return PointerGetDatum(trigger->tg_newtuple);
	value = TimestampTzGetDatum(stp_stamp_after(DatumGetTimestampTz(was)));
	if (given_isnull || (given != was && !stp_is_own(DatumGetTimestampTz(given))))
		refuse_recorded_at(table);
	return PointerGetDatum(
		heap_modify_tuple_by_cols(trigger->tg_newtuple, columns, 1, &column, &value, &isnull));
}

/* Rows of a transition table that do not bear a stamp of this transaction: whether any bears
 * another one, and the latest of these; whether any bears none. */
typedef struct Foreign
{
	bool any;
	TimestampTz latest;
	bool unstamped;
} Foreign;

/* Look for them. */
static Foreign
find_foreign(Relation table, Tuplestorestate *rows)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(table), &TTSOpsMinimalTuple);
	int column = recorded_at_column(table);
	Foreign foreign = {false, DT_NOBEGIN, false};

	tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		bool isnull;
		TimestampTz recorded_at = DatumGetTimestampTz(slot_getattr(slot, column, &isnull));

		CHECK_FOR_INTERRUPTS();
		if (stp_is_own(recorded_at))
			continue;
		if (TIMESTAMP_IS_NOEND(recorded_at))
		{
			foreign.unstamped = true;
			continue;
		}
		foreign.any = true;
		foreign.latest = Max(foreign.latest, recorded_at);
	}
	ExecDropSingleTupleTableSlot(slot);
	return foreign;
}

/* The condition by which rows t of a table are rows n of the same key. */
static const char *
same_key(Relation table)
{
	Bitmapset *key = RelationGetIndexAttrBitmap(table, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	StringInfoData condition;
	int column = -1;

	initStringInfo(&condition);
	while ((column = bms_next_member(key, column)) >= 0)
	{
		AttrNumber number = (AttrNumber) (column + FirstLowInvalidHeapAttributeNumber);
		const char *name = quote_identifier(NameStr(
			TupleDescAttr(RelationGetDescr(table), AttrNumberGetAttrOffset(number))->attname));

		appendStringInfo(&condition, "%st.%s OPERATOR(pg_catalog.=) n.%s",
						 condition.len > 0 ? " AND " : "", name, name);
	}
	return condition.data;
}

/* Give rows the stamp whose default another server has computed, from which they come. The update
 * marks them as changed. */
static void
stamp_rows(Relation table, const char *rows)
{
	Oid type = TIMESTAMPTZOID;
	Datum stamp = TimestampTzGetDatum(stp_recording_stamp());

	stp_execute_as_owner(psprintf("UPDATE stp.%s t SET recorded_at = $1 FROM %s n WHERE "
								  "n.recorded_at OPERATOR(pg_catalog.=) 'infinity' AND %s",
								  quote_identifier(RelationGetRelationName(table)), rows,
								  same_key(table)),
						 NULL, InvalidSnapshot, false, 1, &type, &stamp, NULL);
}

bool
stp_is_restoring(Relation table)
{
	return !check_function_bodies &&
		   pg_class_aclcheck(RelationGetRelid(table), GetUserId(),
							 ACL_GRANT_OPTION_FOR(ACL_INSERT)) == ACLCHECK_OK;
}

/*
 * After a statement has written: rows that it has put in bear no time of their own, and what it
 * took out goes to the history.
 */
Datum
stp_record_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = stp_get_trigger(fcinfo, 0, STP_ON_ANY_CHANGE);
	Relation table = trigger->tg_relation;
	bool inserted = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	Foreign foreign;

	if (stp_is_installing())
		return PointerGetDatum(NULL);
	foreign = find_foreign(table, inserted ? trigger->tg_newtable : trigger->tg_oldtable);
	if (inserted && foreign.any &&
		(foreign.latest > GetCurrentTimestamp() || !stp_is_restoring(table)))
		refuse_recorded_at(table);
	if (!inserted && foreign.any)
	{
		stp_connect_trigger(trigger);
		copy_to_history(table, trigger->tg_trigger->tgoldtable, InvalidSnapshot,
						stp_stamp_after(foreign.latest));
		SPI_finish();
	}
	if (inserted && foreign.unstamped)
	{
		stp_connect_trigger(trigger);
		stamp_rows(table, trigger->tg_trigger->tgnewtable);
		SPI_finish();
	}
	return PointerGetDatum(NULL);
}
