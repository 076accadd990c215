/*
 * schema.c: the house: whose rights its own writes have, which locks are only its own, and which
 * triggers are really its own.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "stp_metrics.h"
#include "schema.h"

/* The class of our locks among those of applications; SQL functions take 1 and 2. */
#define LOCK_CLASS 0x5354

PG_FUNCTION_INFO_V1(stp_check_alone);
PG_FUNCTION_INFO_V1(stp_take_turn);

static LOCKTAG
lock_tag(StpLock lock, uint32 key)
{
	LOCKTAG tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) lock, key, LOCK_CLASS);
	return tag;
}

void
stp_take_lock(StpLock lock, uint32 key)
{
	LOCKTAG tag = lock_tag(lock, key);

	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

void
stp_release_lock(StpLock lock, uint32 key)
{
	LOCKTAG tag = lock_tag(lock, key);

	(void) LockRelease(&tag, ExclusiveLock, false);
}

void
stp_set(const char *setting, const char *value)
{
	(void) set_config_option(setting, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
}

/* Who owns the extension's objects: not who created the extension, which is trusted. */
static Oid
get_owner(void)
{
	HeapTuple schema =
		SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(get_namespace_oid("stp_internal", false)));
	Oid owner;

	if (!HeapTupleIsValid(schema))
		elog(ERROR, "schema stp_internal is missing");
	owner = ((Form_pg_namespace) GETSTRUCT(schema))->nspowner;
	ReleaseSysCache(schema);
	return owner;
}

/* The plan of a statement, prepared now or kept since. */
static SPIPlanPtr
get_plan(const char *sql, SPIPlanPtr *kept, int arguments, Oid *types)
{
	SPIPlanPtr plan = kept == NULL ? NULL : *kept;

	if (plan == NULL)
		plan = SPI_prepare(sql, arguments, types);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	if (kept != NULL && *kept == NULL)
	{
		SPI_keepplan(plan);
		*kept = plan;
	}
	return plan;
}

void
stp_execute_as_owner(const char *sql, SPIPlanPtr *kept, Snapshot snapshot, bool read_only,
					 int arguments, Oid *types, Datum *values, const char *nulls)
{
	Oid user;
	int context, level, result;
	SPIPlanPtr plan;

	/* An error ends the (sub)transaction, which sets all this back. */
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(get_owner(),
						   context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	level = NewGUCNestLevel();
	stp_set("search_path", "pg_catalog, pg_temp");
	plan = get_plan(sql, kept, arguments, types);
	result =
		SPI_execute_snapshot(plan, values, nulls, snapshot, InvalidSnapshot, read_only, true, 0);
	if (result < 0)
		elog(ERROR, "could not execute \"%s\": %s", sql, SPI_result_code_string(result));
	if (kept == NULL)
		SPI_freeplan(plan);
	AtEOXact_GUC(true, level);
	SetUserIdAndSecContext(user, context);
}

char *
stp_relation_name(Oid relation)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
									  get_rel_name(relation));
}

bool
stp_is_ours(Oid relation)
{
	Oid extension = get_extension_oid("stp_metrics", true);

	return OidIsValid(extension) && getExtensionOfObject(RelationRelationId, relation) == extension;
}

/* Refuse a trigger that the extension has not made. */
static void
refuse_trigger(FunctionCallInfo fcinfo, const char *why)
{
	ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
					errmsg("%s() %s", get_func_name(fcinfo->flinfo->fn_oid), why),
					errhint("It serves the triggers that the extension has made on its own tables, "
							"and no others.")));
}

TriggerData *
stp_get_trigger(FunctionCallInfo fcinfo, TriggerEvent level_and_timing, int statements)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Oid relation;

	if (!CALLED_AS_TRIGGER(fcinfo))
		refuse_trigger(fcinfo, "can only be called as a trigger");
	if ((trigger->tg_event & (TRIGGER_EVENT_ROW | TRIGGER_EVENT_TIMINGMASK)) != level_and_timing ||
		(statements & STP_ON(trigger->tg_event & TRIGGER_EVENT_OPMASK)) == 0)
		refuse_trigger(fcinfo, "was attached to an event, level or time that it does not serve");
	/* Asked once for each statement, not for each row. */
	relation = RelationGetRelid(trigger->tg_relation);
	if (fcinfo->flinfo->fn_extra == NULL || *(Oid *) fcinfo->flinfo->fn_extra != relation)
	{
		if (!stp_is_ours(relation))
			refuse_trigger(fcinfo,
						   psprintf("was attached to \"%s\", which is no table of stp_metrics",
									RelationGetRelationName(trigger->tg_relation)));
		fcinfo->flinfo->fn_extra = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(Oid));
		*(Oid *) fcinfo->flinfo->fn_extra = relation;
	}
	return trigger;
}

void
stp_connect_trigger(TriggerData *trigger)
{
	SPI_connect();
	if (SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
		elog(ERROR, "transition tables of stp.%s are missing",
			 RelationGetRelationName(trigger->tg_relation));
}

/* stp_internal.take_turn(subject): until this transaction ends, others that take turns about the
 * table wait. */
Datum
stp_take_turn(PG_FUNCTION_ARGS)
{
	stp_take_lock(STP_LOCK_RELATION, PG_GETARG_OID(0));
	PG_RETURN_VOID();
}

/* Refuse to take a turn for who may not write to the table that is said to have changed. */
static void
check_turn(Oid subject, Oid changed)
{
	const char *const subjects[] = {"system", "membership", "standard_population"};
	Oid schema = get_namespace_oid("stp", false);
	bool known = false;

	for (size_t i = 0; i < lengthof(subjects); i++)
		known = known || subject == get_relname_relid(subjects[i], schema);
	if (!known || !stp_is_ours(changed) ||
		pg_class_aclmask(changed, GetUserId(), ACL_INSERT | ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE,
						 ACLMASK_ANY) == 0)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to take a turn"),
						errhint("Triggers of the extension do, for who writes to its tables.")));
}

/*
 * stp_internal.check_alone(subject, changed): transactions that check what they have changed do so
 * one after the other, until they end. Only who may change a table of ours, and has, can hold
 * others up. (A lock of the table alone does not tell: PREPARE takes it and asks for no right.)
 */
Datum
stp_check_alone(PG_FUNCTION_ARGS)
{
	Oid changed = PG_GETARG_OID(1);
	Relation relation;

	check_turn(PG_GETARG_OID(0), changed);
	relation = table_open(changed, AccessShareLock);
	if (!CheckRelationLockedByMe(relation, RowExclusiveLock, true))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("this transaction has not changed stp.%s",
							   RelationGetRelationName(relation)),
						errhint("Triggers of the extension call this function.")));
	table_close(relation, NoLock);
	return stp_take_turn(fcinfo);
}
