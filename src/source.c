/*
 * source.c: what observations come from: the trigger that notes that they have to be taken again,
 * and the rows of a relation that somebody else has made.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "mark.h"
#include "schema.h"
#include "stp_metrics.h"

PG_FUNCTION_INFO_V1(stp_mark_source);
PG_FUNCTION_INFO_V1(stp_source_changed);
PG_FUNCTION_INFO_V1(stp_read_source);

/*
 * stp_internal.mark_source(): the sources that read the table; if it says which sources are
 * switched on, all. They are not versioned: the marks bear no stamp.
 */
Datum
stp_mark_source(PG_FUNCTION_ARGS)
{
	TriggerData *trigger =
		stp_get_trigger(fcinfo, 0, STP_ON_ANY_CHANGE | STP_ON(TRIGGER_EVENT_TRUNCATE));

	SPI_connect();
	stp_write_marks(
		psprintf("SELECT 'source', o.source, date '-infinity', date 'infinity' "
				 "FROM (SELECT source FROM stp_internal.source WHERE source <> 'schema.relation' "
				 "UNION SELECT source FROM stp.observation_source) o "
				 "JOIN stp_internal.source s ON s.source = stp_internal.kind_of_source(o.source) "
				 "WHERE %1$s = ANY (s.tables || 'observation_source'::text)",
				 quote_literal_cstr(RelationGetRelationName(trigger->tg_relation))),
		InvalidSnapshot, DT_NOBEGIN, trigger->tg_event);
	SPI_finish();
	return PointerGetDatum(NULL);
}

/*---------------------------------------------------------------------------
 * Relations of somebody else's, in the shape of stp.observation
 *---------------------------------------------------------------------------
 */

/* The relation that a source names, which stays until the transaction ends, and its owner. */
static Oid
get_relation(text *source, Oid *owner)
{
	RangeVar *name = makeRangeVarFromNameList(textToQualifiedNameList(source));
	Oid relation = RangeVarGetRelid(name, AccessShareLock, true);
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("source \"%s\" is no relation", text_to_cstring(source)),
						errhint("Make it again, or delete it from stp.observation_source.")));
	*owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return relation;
}

static void
refuse_null(void)
{
	ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("source must not be null"),
					errhint("SELECT source FROM stp.observation_source lists them.")));
}

/* A misspelt word would be taken for one of ours, and nothing would ever come of it. */
static void
refuse_unknown(const char *source)
{
	stp_execute_as_owner(
		psprintf("SELECT FROM stp_internal.source WHERE source = %s", quote_literal_cstr(source)),
		NULL, InvalidSnapshot, true, 0, NULL, NULL, NULL);
	if (SPI_processed == 0)
		stp_refuse(
			errmsg("unknown source \"%s\"", stp_excerpt(source)),
			errhint("SELECT source FROM stp.observation_source lists those that are switched "
					"on; name a relation with its schema."));
}

/* Refuse who neither owns what the source reads nor may switch sources on. Its name, as the
 * catalogue would write it. */
static const char *
check_may_mark(text *source)
{
	Oid switches = get_relname_relid("observation_source", get_namespace_oid("stp", false));
	bool may_switch = pg_class_aclcheck(switches, GetUserId(), ACL_INSERT) == ACLCHECK_OK;
	const char *name = text_to_cstring(source);
	Oid owner;

	if (strchr(name, '.') == NULL)
	{
		if (!may_switch)
			aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, "observation_source");
		refuse_unknown(name);
		return name;
	}
	name = stp_relation_name(get_relation(source, &owner));
	if (!may_switch && !has_privs_of_role(GetUserId(), owner))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, name);
	return name;
}

/* stp.source_changed(source, organisations): the observations of some organisations, or of all,
 * have to be taken from it again. */
Datum
stp_source_changed(PG_FUNCTION_ARGS)
{
	const char *source, *marks;

	if (PG_ARGISNULL(0))
		refuse_null();
	SPI_connect();
	source = quote_literal_cstr(check_may_mark(PG_GETARG_TEXT_PP(0)));
	if (PG_ARGISNULL(1) || strchr(source, '.') == NULL)
		marks = psprintf("SELECT 'source', %s, date '-infinity', date 'infinity'", source);
	else
		marks = psprintf(
			"SELECT %s, o, date '-infinity', date 'infinity' FROM unnest(%s::text[]) o WHERE o IS "
			"NOT NULL",
			source, quote_literal_cstr(OidOutputFunctionCall(F_ARRAY_OUT, PG_GETARG_DATUM(1))));
	stp_write_marks(marks, InvalidSnapshot, DT_NOBEGIN, TRIGGER_EVENT_UPDATE);
	SPI_finish();
	PG_RETURN_VOID();
}

/* The query for the rows of a relation, of the organisations that are $1 or of all. */
static const char *
rows_query(Oid relation, bool some)
{
	return psprintf(
		"SELECT indicator::text, organisation::text, period::stp.period, numerator::float8, "
		"denominator::float8, value::float8, status::text FROM %s%s",
		stp_relation_name(relation), some ? " WHERE organisation = ANY ($1)" : "");
}

/* Put the rows of a query into a tuplestore, some at a time; its argument is an array of texts. */
static void
copy_rows(const char *query, Datum *argument, Tuplestorestate *rows)
{
	Oid type = TEXTARRAYOID;
	Portal cursor = SPI_cursor_open_with_args(NULL, query, argument == NULL ? 0 : 1, &type,
											  argument, NULL, true, 0);

	do
	{
		SPI_cursor_fetch(cursor, true, 1000);
		for (uint64 i = 0; i < SPI_processed; i++)
			tuplestore_puttuple(rows, SPI_tuptable->vals[i]);
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed > 0);
	SPI_cursor_close(cursor);
}

/*
 * stp_internal.read_source(source, organisations): with the rights of who owns the relation, and in
 * a context in which its functions can leave nothing behind, as a materialized view is refreshed:
 * whatever they do, they do not do it with the rights of who refreshes ratings.
 */
Datum
stp_read_source(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool some = !PG_ARGISNULL(1);
	Oid relation, owner, user;
	int context, level;

	if (PG_ARGISNULL(0))
		refuse_null();
	InitMaterializedSRF(fcinfo, 0);
	relation = get_relation(PG_GETARG_TEXT_PP(0), &owner);
	GetUserIdAndSecContext(&user, &context);
	/* Row security holds for the owner where it is forced. */
	SetUserIdAndSecContext(owner,
						   (context & ~SECURITY_NOFORCE_RLS) | SECURITY_RESTRICTED_OPERATION);
	level = NewGUCNestLevel();
	stp_set("search_path", "pg_catalog, pg_temp");
	SPI_connect();
	copy_rows(rows_query(relation, some), some ? &fcinfo->args[1].value : NULL, result->setResult);
	SPI_finish();
	/* Settings that its functions have made are gone with it. */
	AtEOXact_GUC(false, level);
	SetUserIdAndSecContext(user, context);
	return (Datum) 0;
}
