/*
 * stamp.c: the time that rows of a transaction bear, and from which time on it counts.
 *
 * A transaction that writes to a versioned table takes a time of its own, its stamp, which its rows
 * carry in recorded_at, and those that it supersedes in superseded_at. When it commits it notes in
 * stp_internal.recording from which time on that counts.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "stp_metrics.h"
#include "schema.h"
#include "stamp.h"

/*
 * The stamps of this transaction, in order. There is one, but where a later writer has committed.
 * Of the first ones the time is settled, by a (sub)transaction: what bears them counts as
 * committed, though the transaction goes on.
 */
typedef struct Stamp
{
	TimestampTz time;
	SubTransactionId settled_by; /* 0: not settled */
} Stamp;

static Stamp *own;
static int own_n;

/* Whether this transaction has begun to write to a versioned table. It takes its stamp for the
 * first row that bears it. */
static bool writing;

/* Statements that have begun to, in this session. */
static uint64 writes;

PG_FUNCTION_INFO_V1(stp_recording_time);
PG_FUNCTION_INFO_V1(stp_settled_time);

/* Whether this transaction has written what bears a stamp, and not settled it. */
bool
stp_is_own(TimestampTz stamp)
{
	for (int i = own_n - 1; i >= 0 && own[i].settled_by == InvalidSubTransactionId; i--)
		if (own[i].time == stamp)
			return true;
	return false;
}

/* Whether the script of this extension is running: what it writes was always there. */
bool
stp_is_installing(void)
{
	return creating_extension && CurrentExtensionObject == get_extension_oid("stp_metrics", true);
}

int
stp_count_own(void)
{
	int n = 0;

	while (n < own_n && own[own_n - 1 - n].settled_by == InvalidSubTransactionId)
		n++;
	return n;
}

/* A time that is no other transaction's stamp: who takes one waits until the clock has gone on. */
static TimestampTz
take_stamp(void)
{
	TimestampTz stamp;

	stp_take_lock(STP_LOCK_STAMP, 0);
	stamp = GetCurrentTimestamp();
	while (GetCurrentTimestamp() == stamp)
		;
	stp_release_lock(STP_LOCK_STAMP, 0);
	return stamp;
}

/* Take a stamp, later than a row's that another transaction has committed meanwhile. */
TimestampTz
stp_add_stamp(TimestampTz after)
{
	TimestampTz stamp = Max(take_stamp(), after + 1);

	if (own_n == 0)
		own = MemoryContextAlloc(TopTransactionContext, sizeof(*own));
	else
		own = repalloc(own, (own_n + 1) * sizeof(*own));
	own[own_n++] = (Stamp){stamp, InvalidSubTransactionId};
	return stamp;
}

/* The stamp for superseding a row: later than the row, so that the interval it was there in is one.
 */
TimestampTz
stp_stamp_after(TimestampTz was)
{
	TimestampTz stamp = stp_recording_stamp();

	return was < stamp || stp_is_own(was) ? stamp : stp_add_stamp(was);
}

TimestampTz
stp_recording_stamp(void)
{
	if (stp_is_installing())
		return DT_NOBEGIN;
	return stp_count_own() == 0 ? stp_add_stamp(DT_NOBEGIN) : own[own_n - 1].time;
}

Datum
stp_own_stamps(void)
{
	int n = stp_count_own();
	Datum *stamps = palloc(n * sizeof(Datum));

	for (int i = 0; i < n; i++)
		stamps[i] = TimestampTzGetDatum(own[own_n - n + i].time);
	return PointerGetDatum(construct_array(stamps, n, TIMESTAMPTZOID, sizeof(TimestampTz),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* The last commit time that was noted, -infinity if there is none; the lock of commits is held. */
static TimestampTz
last_commit(void)
{
	Oid schema = get_namespace_oid("stp_internal", false);
	Relation recording = table_open(get_relname_relid("recording", schema), AccessShareLock);
	Relation index = index_open(get_relname_relid("recording_pkey", schema), AccessShareLock);
	/* Not as this transaction's snapshot has it, which may be old, but as it stands. */
	SysScanDesc scan = systable_beginscan_ordered(recording, index, SnapshotSelf, 0, NULL);
	HeapTuple last = systable_getnext_ordered(scan, BackwardScanDirection);
	TimestampTz time = DT_NOBEGIN;
	bool isnull;

	if (HeapTupleIsValid(last))
		time = DatumGetTimestampTz(heap_getattr(last, 1, RelationGetDescr(recording), &isnull));
	systable_endscan_ordered(scan);
	index_close(index, AccessShareLock);
	table_close(recording, AccessShareLock);
	return time;
}

/* A time later than all commits until now, with the lock that commits take one after the other. */
static TimestampTz
take_commit_time(void)
{
	TimestampTz time;

	stp_take_lock(STP_LOCK_COMMIT, 0);
	time = Max(GetCurrentTimestamp(), last_commit() + 1);
	/* Nor before its own stamps, should the clock have been set back. */
	return own_n > 0 ? Max(time, own[own_n - 1].time) : time;
}

/* Note from which time on the stamps of this transaction count that are not settled. */
static void
note_stamps(TimestampTz committed_at)
{
	static SPIPlanPtr plan;
	Oid types[2] = {TIMESTAMPTZARRAYOID, TIMESTAMPTZOID};
	Datum values[2];

	values[0] = stp_own_stamps();
	values[1] = TimestampTzGetDatum(committed_at);
	stp_execute_as_owner("INSERT INTO stp_internal.recording (committed_at, recorded_at) "
						 "SELECT $2, s.stamp FROM unnest($1) s (stamp)",
						 &plan, InvalidSnapshot, false, 2, types, values, NULL);
}

/* Note the time of a commit, which comes next. */
static void
note_commit(void)
{
	/* The same transaction may have dropped the extension. */
	if (stp_count_own() == 0 || !OidIsValid(get_namespace_oid("stp_internal", true)))
		return;
	/* Nothing else is being executed any more; what has written may have made itself read-only
	 * since. */
	XactReadOnly = false;
	PushActiveSnapshot(GetTransactionSnapshot());
	SPI_connect();
	note_stamps(take_commit_time());
	SPI_finish();
	PopActiveSnapshot();
}

/* What was settled in a savepoint is not, when that is rolled back. */
static void
at_savepoint_end(SubXactEvent event, SubTransactionId ended, SubTransactionId parent,
				 void *argument)
{
	(void) argument;
	for (int i = 0; i < own_n; i++)
		if (own[i].settled_by == ended && event == SUBXACT_EVENT_COMMIT_SUB)
			own[i].settled_by = parent;
		else if (own[i].settled_by == ended && event == SUBXACT_EVENT_ABORT_SUB)
			own[i].settled_by = InvalidSubTransactionId;
}

/* What happens when a transaction ends. */
static void
at_end(XactEvent event, void *argument)
{
	(void) argument;
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			/* The lock is held until others see what is committed: times are in the order of
			 * commits. */
			note_commit();
			break;
		case XACT_EVENT_PRE_PREPARE:
			/* When it will be committed cannot be known: a publication meanwhile would be another
			 * one. */
			if (own_n > 0)
				ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
								errmsg("cannot PREPARE a transaction that has changed versioned "
									   "tables of stp_metrics"),
								errhint("COMMIT it.")));
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			own = NULL;
			own_n = 0;
			writing = false;
			break;
		default:
			break;
	}
}

void
stp_watch_commits(void)
{
	RegisterXactCallback(at_end, NULL);
	RegisterSubXactCallback(at_savepoint_end, NULL);
}

/*
 * stp_internal.recording_time(), the default of recorded_at, takes the stamp for the first row;
 * only after stp_begin_writing(), so that nobody gets one who has not written, or in a session that
 * has switched triggers off, as superusers may. Elsewhere, on another server too, from which rows
 * come, it is infinity: who stores them gives them the stamp (history.c).
 */
Datum
stp_recording_time(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	if (!writing && !stp_is_installing() &&
		SessionReplicationRole != SESSION_REPLICATION_ROLE_REPLICA)
		PG_RETURN_TIMESTAMPTZ(DT_NOEND);
	PG_RETURN_TIMESTAMPTZ(stp_recording_stamp());
}

/* Let what this transaction has written so far count from a time on; others commit after it. */
static void
settle_own(TimestampTz time)
{
	SPI_connect();
	note_stamps(time);
	SPI_finish();
	for (int i = 0; i < own_n; i++)
		if (own[i].settled_by == InvalidSubTransactionId)
			own[i].settled_by = GetCurrentSubTransactionId();
}

/*
 * stp_internal.settled_time(): what is committed until this time, or written by this transaction,
 * can be seen by the next statement, and whatever is committed or written later has a later time.
 */
Datum
stp_settled_time(PG_FUNCTION_ARGS)
{
	TimestampTz time;

	(void) fcinfo;
	if (IsolationUsesXactSnapshot())
		ereport(ERROR, (errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
						errmsg("a settled time needs the isolation level READ COMMITTED"),
						errhint("In a stricter one the transaction does not see what others have "
								"committed since it began.")));
	time = take_commit_time();
	if (stp_count_own() > 0)
		settle_own(time);
	while (GetCurrentTimestamp() == time)
		;
	if (own_n == 0)
		stp_release_lock(STP_LOCK_COMMIT, 0);
	PG_RETURN_TIMESTAMPTZ(time);
}

uint64
stp_count_writes(void)
{
	return writes;
}

void
stp_begin_writing(void)
{
	writing = true;
	writes++;
}
