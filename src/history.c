/*
 * history.c: as of when the tables are read, when rows were recorded, and where they go when they
 * are superseded.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "stp_metrics.h"
#include "history.h"

/* The advisory lock that writers share and that stp.settled_time() takes alone: "stp hist". */
#define HISTORY_LOCK INT64CONST(0x7374702068697374)

/* The setting: as text, and as what it says. */
static char *as_of_text;
static TimestampTz as_of = DT_NOEND;

/* The recording time of a transaction, and the (sub)transaction that holds the lock for it. */
static struct
{
	FullTransactionId transaction;
	SubTransactionId subtransaction;
	TimestampTz time;
} stamp;

/* Whether stp_record_history() is writing just now. */
static bool recording;

PG_FUNCTION_INFO_V1(stp_as_of);
PG_FUNCTION_INFO_V1(stp_recording_time);
PG_FUNCTION_INFO_V1(stp_settled_time);
PG_FUNCTION_INFO_V1(stp_record_update);
PG_FUNCTION_INFO_V1(stp_record_history);
PG_FUNCTION_INFO_V1(stp_guard_history);

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
	if (kind == DTK_LATE)
	{
		*time = DT_NOEND;
		return true;
	}
	return kind == DTK_DATE && tm2timestamp(&tm, fraction, &zone, time) == 0;
}

/* Write a time so that it means the same in whatever time zone and style it is read; "": infinity.
 */
static void
print_time(TimestampTz time, char *text)
{
	struct pg_tm tm;
	fsec_t fraction;

	if (TIMESTAMP_IS_NOEND(time))
	{
		*text = '\0';
		return;
	}
	if (timestamp2tm(time, NULL, &tm, &fraction, NULL, NULL) != 0)
		elog(ERROR, "timestamp out of range");
	tm.tm_isdst = 0; /* known, so that the zone is written */
	EncodeDateTime(&tm, fraction, true, 0, NULL, USE_ISO_DATES, text);
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

void
stp_define_as_of(void)
{
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
	(void) set_config_option("stp.as_of", text, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
							 0, false);
	/* The past is estimated too high: what is quick would be compiled first. */
	(void) set_config_option("jit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
	return level;
}

const char *
stp_query_as_of(const char *sql)
{
	static const char qualifier[] = " stp.";
	StringInfoData query;
	const char *name;

	if (TIMESTAMP_IS_NOEND(as_of))
		return sql;
	initStringInfo(&query);
	while ((name = strstr(sql, qualifier)) != NULL)
	{
		name += strlen(qualifier);
		name += strspn(name, "abcdefghijklmnopqrstuvwxyz_");
		appendBinaryStringInfo(&query, sql, (int) (name - sql));
		appendStringInfoString(&query, "_as_of");
		sql = name;
	}
	appendStringInfoString(&query, sql);
	return query.data;
}

Datum
stp_as_of(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_TIMESTAMPTZ(as_of);
}

/* Whether the script of this extension is running: what it writes was always there. */
static bool
is_installing(void)
{
	return creating_extension && CurrentExtensionObject == get_extension_oid("stp_metrics", true);
}

/*
 * Whether the transaction has its recording time already, with the lock: what a subtransaction
 * took is gone when it is rolled back, and is not counted upon when it has ended otherwise.
 */
static bool
has_stamp(void)
{
	return FullTransactionIdEquals(stamp.transaction, GetTopFullTransactionId()) &&
		   SubTransactionIsActive(stamp.subtransaction);
}

/*
 * Rows of one transaction are recorded at one time. It is not the transaction's start: the time
 * is taken under a lock that stp.settled_time() waits for, so that what is written after that
 * call is recorded after it too.
 */
static TimestampTz
recording_time(void)
{
	if (is_installing())
		return DT_NOBEGIN;
	if (!TIMESTAMP_IS_NOEND(as_of))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the tables cannot be written while they are read as of \"%s\"",
							   as_of_text),
						errhint("RESET stp.as_of.")));
	if (!has_stamp())
	{
		DirectFunctionCall1(pg_advisory_xact_lock_shared_int8, Int64GetDatum(HISTORY_LOCK));
		stamp.transaction = GetTopFullTransactionId();
		stamp.subtransaction = GetCurrentSubTransactionId();
		stamp.time = GetCurrentTimestamp();
	}
	return stamp.time;
}

Datum
stp_recording_time(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_TIMESTAMPTZ(recording_time());
}

Datum
stp_settled_time(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	if (IsolationUsesXactSnapshot())
		ereport(ERROR, (errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
						errmsg("a settled time needs the isolation level READ COMMITTED"),
						errhint("In a stricter one the transaction does not see what others have "
								"recorded since it began.")));
	DirectFunctionCall1(pg_advisory_xact_lock_int8, Int64GetDatum(HISTORY_LOCK));
	stamp.subtransaction = InvalidSubTransactionId;
	PG_RETURN_TIMESTAMPTZ(GetCurrentTimestamp());
}

/* The trigger's own data; refuses a call that is none. */
static TriggerData *
get_trigger_data(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("this function can only be called as a trigger")));
	return (TriggerData *) fcinfo->context;
}

Datum
stp_record_update(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = get_trigger_data(fcinfo);
	TupleDesc columns = RelationGetDescr(trigger->tg_relation);
	int column = SPI_fnumber(columns, "recorded_at");
	bool isnull, given_isnull;
	Datum was = heap_getattr(trigger->tg_trigtuple, column, columns, &isnull);
	Datum given = heap_getattr(trigger->tg_newtuple, column, columns, &given_isnull);
	/* A transaction that began to write earlier may have committed a later version of the row. */
	TimestampTz time = Max(recording_time(), DatumGetTimestampTz(was));
	Datum value = TimestampTzGetDatum(time);

	if (given_isnull || (given != was && DatumGetTimestampTz(given) != time))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("recorded_at of stp.%s cannot be set",
						RelationGetRelationName(trigger->tg_relation)),
				 errhint("Leave recorded_at out: it is the time at which a row was recorded.")));
	return PointerGetDatum(
		heap_modify_tuple_by_cols(trigger->tg_newtuple, columns, 1, &column, &value, &isnull));
}

/* Copy the rows that are superseded now, but for those that were never committed. */
static void
copy_to_history(const char *relation, const char *source, TimestampTz now)
{
	char *sql = psprintf("INSERT INTO stp.%s SELECT $1, o.* FROM %s o "
						 "WHERE o.recorded_at OPERATOR(pg_catalog.<) $1 ON CONFLICT DO NOTHING",
						 quote_identifier(psprintf("%s_history", relation)), source);
	Oid type = TIMESTAMPTZOID;
	Datum value = TimestampTzGetDatum(now);

	recording = true;
	PG_TRY();
	{
		if (SPI_execute_with_args(sql, 1, &type, &value, NULL, false, 0) != SPI_OK_INSERT)
			elog(ERROR, "history of stp.%s could not be written", relation);
	}
	PG_FINALLY();
	{
		recording = false;
	}
	PG_END_TRY();
}

Datum
stp_record_history(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = get_trigger_data(fcinfo);
	const char *relation = RelationGetRelationName(trigger->tg_relation);
	bool truncated = TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event);

	SPI_connect();
	if (SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
		elog(ERROR, "transition table of stp.%s is missing", relation);
	copy_to_history(relation,
					truncated ? psprintf("stp.%s", quote_identifier(relation)) : "old_rows",
					recording_time());
	SPI_finish();
	return PointerGetDatum(NULL);
}

Datum
stp_guard_history(PG_FUNCTION_ARGS)
{
	Relation history = get_trigger_data(fcinfo)->tg_relation;

	if (!recording && pg_class_aclcheck(RelationGetRelid(history), GetUserId(),
										ACL_GRANT_OPTION_FOR(ACL_INSERT)) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("rows of stp.%s are written by the extension",
						RelationGetRelationName(history)),
				 errhint("Only who may grant INSERT on it may write it, to restore a dump.")));
	return PointerGetDatum(NULL);
}
