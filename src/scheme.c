/*
 * scheme.c: the check of schemes at commit.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "stp_metrics.h"
#include "schema.h"
#include "stamp.h"

/*
 * Schemes that were found sound, and when: since then this (sub)transaction has changed nothing. A
 * scheme of thousands of nodes is checked once, not once for each of them.
 */
static struct
{
	FullTransactionId transaction;
	SubTransactionId subtransaction;
	uint64 writes;
	List *schemes;
} sound;

PG_FUNCTION_INFO_V1(stp_check_scheme);

/* Forget what was found before something was changed. */
static void
forget_old(void)
{
	FullTransactionId transaction = GetTopFullTransactionId();
	SubTransactionId subtransaction = GetCurrentSubTransactionId();
	uint64 writes = stp_count_writes();

	if (FullTransactionIdEquals(sound.transaction, transaction) &&
		sound.subtransaction == subtransaction && sound.writes == writes)
		return;
	/* The list of another transaction went with its memory. */
	sound.transaction = transaction;
	sound.subtransaction = subtransaction;
	sound.writes = writes;
	sound.schemes = NIL;
}

/* Whether a scheme was found sound as it stands. */
static bool
is_sound(const char *scheme)
{
	ListCell *cell;

	forget_old();
	foreach(cell, sound.schemes) if (strcmp(lfirst(cell), scheme) == 0) return true;
	return false;
}

/* Remember that a scheme is sound. */
static void
remember(const char *scheme)
{
	MemoryContext old_context = MemoryContextSwitchTo(TopTransactionContext);

	forget_old();
	sound.schemes = lappend(sound.schemes, pstrdup(scheme));
	MemoryContextSwitchTo(old_context);
}

/* Refuse a scheme that has a fault. Transactions that change schemes check one after the other, or
 * two sound halves could make a broken whole. */
static void
check_scheme(Relation table, const char *scheme)
{
	Oid type = TEXTOID;
	Datum value = CStringGetTextDatum(scheme);

	(void) stp_take_lock(STP_LOCK_RELATION,
						 get_relname_relid("scheme", RelationGetNamespace(table)), true);
	SPI_connect();
	stp_execute_as_owner("SELECT f.fault, f.hint FROM stp_internal.scheme_faults($1) f", NULL,
						 InvalidSnapshot, false, 1, &type, &value, NULL);
	if (SPI_processed > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("scheme \"%s\": %s", scheme,
						SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1)),
				 errhint("%s", SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2))));
	SPI_finish();
	remember(scheme);
}

/* stp_internal.check_scheme(), of the tables that have a column scheme. */
Datum
stp_check_scheme(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = stp_get_trigger(fcinfo, TRIGGER_EVENT_ROW, STP_ON_ANY_CHANGE);
	TupleDesc columns = RelationGetDescr(trigger->tg_relation);
	HeapTuple rows[] = {trigger->tg_trigtuple, trigger->tg_newtuple};
	int column = SPI_fnumber(columns, "scheme");

	if (column <= 0)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("stp.%s has no column scheme",
							   RelationGetRelationName(trigger->tg_relation))));
	for (size_t i = 0; i < lengthof(rows); i++)
	{
		const char *scheme = rows[i] == NULL ? NULL : SPI_getvalue(rows[i], columns, column);

		if (scheme != NULL && !is_sound(scheme))
			check_scheme(trigger->tg_relation, scheme);
	}
	return PointerGetDatum(NULL);
}
