/*
 * schema.h: the house: whose rights its own writes have, which locks are only its own, and which
 * triggers are really its own.
 */
#ifndef STP_SCHEMA_H
#define STP_SCHEMA_H

#include "commands/trigger.h"
#include "executor/spi.h"
#include "storage/lock.h"
#include "utils/snapshot.h"

/* Locks of ours. Nobody takes one by hand: pg_advisory_lock() and the like reach no lock of this
 * class. */
typedef enum StpLock
{
	STP_LOCK_STAMP,	  /* for a moment, while a recording time is taken */
	STP_LOCK_COMMIT,  /* from a writer's commit time until it has committed */
	STP_LOCK_RELATION /* by those that take turns about a table; key: the table */
} StpLock;

/* Take a lock until the transaction ends. */
extern void stp_take_lock(StpLock lock, uint32 key);

/* Give a lock back before the transaction ends. */
extern void stp_release_lock(StpLock lock, uint32 key);

/* Set a setting since NewGUCNestLevel(), until AtEOXact_GUC(true, its result) or an error. */
extern void stp_set(const char *setting, const char *value);

/*
 * Execute a statement with the rights of who owns the extension, as triggers of foreign keys do.
 * Its names are looked up in pg_catalog only. InvalidSnapshot: a new one. Within SPI_connect(). A
 * statement that is executed often has a place where its plan is kept; NULL: it is not.
 */
extern void stp_execute_as_owner(const char *sql, SPIPlanPtr *kept, Snapshot snapshot,
								 bool read_only, int arguments, Oid *types, Datum *values,
								 const char *nulls);

/* Bits of statements for stp_get_trigger(). */
#define STP_ON(event) (1 << (event))
#define STP_ON_ANY_CHANGE                                                                          \
	(STP_ON(TRIGGER_EVENT_INSERT) | STP_ON(TRIGGER_EVENT_UPDATE) | STP_ON(TRIGGER_EVENT_DELETE))

/* The name of a relation as the catalogue would write it, with its schema. */
extern char *stp_relation_name(Oid relation);

/* Whether a relation is a member of this extension. */
extern bool stp_is_ours(Oid relation);

/*
 * The trigger's data, if it is one that the extension has made: on a table of its own, with the
 * level and timing given (0 is AFTER, for each STATEMENT) and for one of the statements. Else
 * SQLSTATE 39P01.
 */
extern TriggerData *stp_get_trigger(FunctionCallInfo fcinfo, TriggerEvent level_and_timing,
									int statements);

/* SPI_connect(), for queries that may read the rows which the trigger's statement has changed. */
extern void stp_connect_trigger(TriggerData *trigger);

#endif
