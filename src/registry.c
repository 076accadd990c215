/*
 * registry.c: the view stp.observation_text takes files. Its rows are gathered and written many at
 * a time: each statement that writes to stp.observation is checked, recorded and marked as a whole,
 * which costs as much for a row as for thousands.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "stp_metrics.h"
#include "schema.h"

/* Columns of the view, all of them text. */
#define CELLS 6

/* Rows, and bytes of them, that are kept until they are written: 8 MB at most, and a row. */
#define MAX_ROWS 10000
#define MAX_BYTES (8 * 1024 * 1024)

/*
 * Rows that wait, column by column. A statement in a savepoint has a batch of its own, in the
 * savepoint's memory, so that what is rolled back is forgotten and nothing else is. Of one
 * statement within another, both in the same savepoint, the inner one writes the rows of both.
 */
typedef struct Batch
{
	struct Batch *next; /* of statements that this one is within */
	MemoryContext context;
	MemoryContextCallback callback;
	SubTransactionId savepoint;
	ArrayBuildState *cells[CELLS];
	int rows;
	size_t bytes;
} Batch;

static Batch *batches = NULL;

PG_FUNCTION_INFO_V1(stp_gather_report);
PG_FUNCTION_INFO_V1(stp_write_reports);

/* Called when the batch's memory goes. */
static void
forget_batch(void *argument)
{
	for (Batch **at = &batches; *at != NULL; at = &(*at)->next)
		if (*at == argument)
		{
			*at = (*at)->next;
			return;
		}
}

/* The batch of this savepoint; NULL: it has none. */
static Batch *
get_batch(void)
{
	SubTransactionId now = GetCurrentSubTransactionId();
	Batch *batch = batches;

	while (batch != NULL && batch->savepoint != now)
		batch = batch->next;
	return batch;
}

static Batch *
make_batch(void)
{
	MemoryContext context =
		AllocSetContextCreate(CurTransactionContext, "stp reports", ALLOCSET_DEFAULT_SIZES);
	Batch *batch = MemoryContextAllocZero(context, sizeof(Batch));

	batch->context = context;
	batch->savepoint = GetCurrentSubTransactionId();
	batch->callback.func = forget_batch;
	batch->callback.arg = batch;
	for (int i = 0; i < CELLS; i++)
		batch->cells[i] = initArrayResult(TEXTOID, context, false);
	MemoryContextRegisterResetCallback(context, &batch->callback);
	batch->next = batches;
	batches = batch;
	return batch;
}

static void
load_cells(Oid *types, Datum *values)
{
	SPI_connect();
	if (SPI_execute_with_args("SELECT stp_internal.load_reports($1, $2, $3, $4, $5, $6)", CELLS,
							  types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "reports could not be loaded");
	SPI_finish();
}

/* The error in hand again. One that says what to do is told without the statement in which it was
 * found, which is forty lines. */
static void
throw_again(MemoryContext context)
{
	ErrorData *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	if (error->hint == NULL)
		PG_RE_THROW();
	FlushErrorState();
	error->context = error->internalquery = NULL;
	error->internalpos = 0;
	ThrowErrorData(error);
}

/* Write what waits, with the rights of who loads. Forgotten first: triggers may load as well. */
static void
write_batch(Batch *batch)
{
	MemoryContext context = CurrentMemoryContext;
	Oid types[CELLS];
	Datum values[CELLS];

	for (int i = 0; i < CELLS; i++)
	{
		types[i] = TEXTARRAYOID;
		values[i] = makeArrayResult(batch->cells[i], CurrentMemoryContext);
	}
	MemoryContextDelete(batch->context);
	PG_TRY();
	{
		load_cells(types, values);
	}
	PG_CATCH();
	{
		throw_again(context);
	}
	PG_END_TRY();
}

/* The view has the columns that this file knows, or it is not that view. */
static void
check_columns(TupleDesc columns)
{
	bool fits = columns->natts == CELLS;

	for (int i = 0; fits && i < CELLS; i++)
		fits = TupleDescAttr(columns, i)->atttypid == TEXTOID;
	if (!fits)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("reports are written to a view of %d columns of text", CELLS),
						errhint("Leave the triggers of stp.observation_text where they are.")));
}

/* INSTEAD OF INSERT: the row waits. */
Datum
stp_gather_report(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = stp_get_trigger(fcinfo, TRIGGER_EVENT_ROW | TRIGGER_EVENT_INSTEAD,
										   STP_ON(TRIGGER_EVENT_INSERT));
	TupleDesc columns = RelationGetDescr(trigger->tg_relation);
	Batch *batch = get_batch();

	check_columns(columns);
	if (batch == NULL)
		batch = make_batch();
	for (int i = 0; i < CELLS; i++)
	{
		bool isnull;
		Datum cell = heap_getattr(trigger->tg_trigtuple, i + 1, columns, &isnull);

		accumArrayResult(batch->cells[i], cell, isnull, TEXTOID, batch->context);
	}
	batch->bytes += trigger->tg_trigtuple->t_len;
	if (++batch->rows == MAX_ROWS || batch->bytes >= MAX_BYTES)
		write_batch(batch);
	return PointerGetDatum(trigger->tg_trigtuple);
}

/* AFTER INSERT, for each STATEMENT: what still waits is written. */
Datum
stp_write_reports(PG_FUNCTION_ARGS)
{
	Batch *batch;

	(void) stp_get_trigger(fcinfo, 0, STP_ON(TRIGGER_EVENT_INSERT));
	batch = get_batch();
	if (batch != NULL)
		write_batch(batch);
	return PointerGetDatum(NULL);
}
