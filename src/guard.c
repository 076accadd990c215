/*
 * guard.c: what a statement has written is checked as a whole, in one walk over its rows.
 *
 * A foreign key looks at each row by itself, at commit, and names the first that fails in words
 * that tell a loader little. The guard asks the same of each distinct code once, before that, and
 * names all that are unknown. The keys remain: for what others delete meanwhile, for pg_dump, which
 * takes the order of tables from them, and for who draws a diagram. The guard reads them, so that
 * nothing is declared twice.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "stp_metrics.h"
#include "code.h"
#include "history.h"
#include "period.h"
#include "schema.h"

/* Stands among the words of a rule for any relation there is. */
#define ANY_RELATION "schema.relation"

/* Unknown codes that an error names. */
#define NAMED 10

/*
 * Distinct codes of a foreign key, and bytes of them, that are kept until they are looked up: about
 * 20 MB. One table refers to six others at most.
 */
#define MAX_CODES 65536
#define MAX_BYTES (8 * 1024 * 1024)

typedef struct Bytes
{
	const char *start;
	size_t length;
} Bytes;

/* A code, or several columns that are one together, and where it stands. */
typedef struct Code
{
	Bytes key;
	uint32 hash;
	char status;
	Datum *values;
	uint64 first, rows;
	const char *row;   /* how an error shows the first one */
	const char *meant; /* the code that there is, but for what cannot be seen and for case */
	bool is_total;	   /* the whole of England, which is no organisation */
} Code;

#define SH_PREFIX codes
#define SH_ELEMENT_TYPE Code
#define SH_KEY_TYPE Bytes
#define SH_KEY key
#define SH_HASH_KEY(table, key) hash_bytes((const unsigned char *) (key).start, (int) (key).length)
#define SH_EQUAL(table, a, b)                                                                      \
	((a).length == (b).length && memcmp((a).start, (b).start, (a).length) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(table, code) (code)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* A foreign key, the codes that rows have had for it, and those of them that are unknown. */
typedef struct Reference
{
	ForeignKeyCacheInfo *key;
	MemoryContext context;
	codes_hash *codes;
	size_t bytes;
	Code **unknown; /* in the order in which they first occurred */
	int unknowns;
	bool partly; /* there were too many to look at the rest */
} Reference;

/* Numbers that a column may hold. */
typedef struct Range
{
	const char *name, *low, *high;
	bool with_low, with_high;
	int decimals; /* at most; -1: any */
	const char *fault, *hint;
} Range;

static const Range ranges[] = {
	{"count", "0", "Infinity", true, false, -1, "is not a finite number at or above 0",
	 "Correct the report, or leave the row out."},
	{"weight", "0", "Infinity", false, false, -1, "is not a finite number above 0",
	 "Leave out the rows that have none."},
	{"share", "0", "1", false, true, -1, "is not above 0 and at most 1",
	 "Give the share as a fraction: 0.25 for a quarter."},
	{"money", "-Infinity", "Infinity", false, false, 2,
	 "is not a finite number of pounds and whole pennies",
	 "Round it to two decimals, or leave the row out if it is not known."}};

/* A rule of a column: it is a code, or one of a grain, a range and words is what it must have. */
typedef struct Rule
{
	const char *column;
	AttrNumber number;
	Oid type;
	const char *text; /* as the trigger has it */
	bool has_grain;
	stp_grain grain;
	const Range *range;
	Numeric low, high;
	bool is_code;
	List *words;
} Rule;

/* A statement that is checked. */
typedef struct Guard
{
	TriggerData *trigger;
	Relation table;
	TupleTableSlot *slot; /* the row it is at */
	uint64 row;			  /* its number */
	AttrNumber last;	  /* column that anything asks for */
	List *references;
	List *rules;
	AttrNumber period;			/* column of that name and type; 0: none */
	bool has_years, has_months; /* of which there can be no doubt */
	stp_period doubtful;		/* first month that looks like a financial year */
	uint64 doubtfuls;			/* and how many rows have such a one */
	StringInfoData key;			/* of the row's code */
	MemoryContext row_context;	/* what is gone with the row */
} Guard;

PG_FUNCTION_INFO_V1(stp_guard);

/*---------------------------------------------------------------------------
 * Rows, and how an error shows them
 *---------------------------------------------------------------------------
 */

/* Go to the first row again. */
static void
rewind_rows(Guard *guard)
{
	guard->row = 0;
	tuplestore_rescan(guard->trigger->tg_newtable);
}

/* Go to the next row; false: there is none. */
static bool
next_row(Guard *guard)
{
	CHECK_FOR_INTERRUPTS();
	MemoryContextReset(guard->row_context);
	if (!tuplestore_gettupleslot(guard->trigger->tg_newtable, true, false, guard->slot))
		return false;
	guard->row++;
	slot_getsomeattrs(guard->slot, guard->last);
	return true;
}

/* A value as an error shows it. */
static const char *
spell(Oid type, Datum value)
{
	Oid function;
	bool is_varlena;

	getTypeOutputInfo(type, &function, &is_varlena);
	return stp_excerpt(OidOutputFunctionCall(function, value));
}

/* The columns of the primary key, as a list: their names, or what a row has in them. */
static const char *
list_key(Guard *guard, bool names)
{
	Bitmapset *key = RelationGetIndexAttrBitmap(guard->table, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	const char *comma = "";
	StringInfoData list;
	int i = -1;

	initStringInfo(&list);
	while ((i = bms_next_member(key, i)) >= 0)
	{
		AttrNumber number = (AttrNumber) (i + FirstLowInvalidHeapAttributeNumber);
		Form_pg_attribute column = TupleDescAttr(RelationGetDescr(guard->table), number - 1);
		bool isnull = false;
		Datum value = names ? 0 : slot_getattr(guard->slot, number, &isnull);

		appendStringInfo(&list, "%s%s", comma,
						 names	  ? NameStr(column->attname)
						 : isnull ? "NULL"
								  : spell(column->atttypid, value));
		comma = ", ";
	}
	return list.data;
}

/* Have dates shown the same whatever the session's style is, until the error that comes next. */
static void
show_iso_dates(void)
{
	(void) NewGUCNestLevel();
	stp_set("datestyle", "ISO");
}

/* Whether who writes may see the keys of the rows: those that he inserts are his own, those that he
 * updates he may see if he could read them. As referential integrity does. */
static bool
may_show_rows(Guard *guard)
{
	Oid table = RelationGetRelid(guard->table);

	return TRIGGER_FIRED_BY_INSERT(guard->trigger->tg_event) ||
		   (pg_class_aclcheck(table, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
			check_enable_rls(table, InvalidOid, true) != RLS_ENABLED);
}

/* Refuse the row it is at. */
static void
refuse_row(Guard *guard, const char *fault, const char *hint)
{
	show_iso_dates();
	stp_refuse(errmsg("%s", fault),
			   may_show_rows(guard)
				   ? errdetail("Row of stp.%s (%s): (%s).", RelationGetRelationName(guard->table),
							   list_key(guard, true), list_key(guard, false))
				   : 0,
			   errhint("%s", hint));
}

/* Refuse a trigger whose arguments mean nothing. */
static void
refuse_argument(Guard *guard, const char *argument)
{
	ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
					errmsg("trigger \"%s\" has no use for its argument \"%s\"",
						   guard->trigger->tg_trigger->tgname, argument)));
}

/*---------------------------------------------------------------------------
 * Rules of single columns
 *---------------------------------------------------------------------------
 */

static Numeric
parse_numeric(const char *text)
{
	return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

static const Range *
find_range(const char *name)
{
	for (size_t i = 0; i < lengthof(ranges); i++)
		if (strcmp(ranges[i].name, name) == 0)
			return &ranges[i];
	return NULL;
}

/* The parts of a list that is separated by a comma and a space. */
static List *
split(const char *text)
{
	List *parts = NIL;
	const char *end;

	for (; (end = strstr(text, ", ")) != NULL; text = end + 2)
		parts = lappend(parts, pnstrdup(text, end - text));
	return lappend(parts, pstrdup(text));
}

static bool
is_period(Oid type)
{
	return type == GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("period"),
								   ObjectIdGetDatum(get_namespace_oid("stp", false)));
}

static bool
is_number(Oid type)
{
	return type == INT4OID || type == INT8OID || type == FLOAT8OID || type == NUMERICOID;
}

/* The rule for a column: code, the name of a grain or of a range, else the words there are. */
static Rule *
make_rule(Guard *guard, const char *column, const char *text)
{
	Rule *rule = palloc0(sizeof(Rule));
	bool fits;

	rule->column = column;
	rule->text = text;
	rule->number = SPI_fnumber(RelationGetDescr(guard->table), column);
	if (rule->number <= 0)
		refuse_argument(guard, column);
	rule->type = TupleDescAttr(RelationGetDescr(guard->table), rule->number - 1)->atttypid;
	rule->has_grain = stp_core_grain_parse(text, &rule->grain);
	rule->range = find_range(text);
	rule->is_code = strcmp(text, "code") == 0;
	if (rule->range != NULL)
	{
		rule->low = parse_numeric(rule->range->low);
		rule->high = parse_numeric(rule->range->high);
	}
	else if (!rule->has_grain && !rule->is_code)
		rule->words = split(text);
	fits = rule->has_grain		 ? is_period(rule->type)
		   : rule->range != NULL ? is_number(rule->type)
								 : rule->type == TEXTOID;
	if (!fits)
		refuse_argument(guard, text);
	return rule;
}

/* Add the rules of an argument "column, column: rule". */
static void
add_rules(Guard *guard, const char *argument)
{
	const char *colon = strstr(argument, ": ");
	ListCell *cell;

	if (colon == NULL)
		refuse_argument(guard, argument);
	foreach(cell, split(pnstrdup(argument, colon - argument)))
	{
		Rule *rule = make_rule(guard, lfirst(cell), colon + 2);

		guard->rules = lappend(guard->rules, rule);
		guard->last = Max(guard->last, rule->number);
	}
}

static void
check_grain(Guard *guard, const Rule *rule, stp_period period)
{
	char text[STP_PERIOD_TEXT_SIZE], example[STP_PERIOD_TEXT_SIZE];
	stp_grain grain = stp_core_period_grain(period);
	stp_period meant = period;

	if (grain == rule->grain)
		return;
	(void) stp_core_period_of_day(stp_core_period_last_day(period), rule->grain, &meant);
	stp_core_period_print(period, text);
	stp_core_period_print(meant, example);
	refuse_row(guard,
			   psprintf("%s %s is a %s, not a %s", rule->column, text, stp_core_grain_name(grain),
						rule->text),
			   psprintf("Give the figures of a whole %s, for example %s.", rule->text, example));
}

/* A number of whatever type; NaN is above infinity in it. */
static Numeric
get_numeric(Oid type, Datum value)
{
	switch (type)
	{
		case INT4OID:
			return int64_to_numeric(DatumGetInt32(value));
		case INT8OID:
			return int64_to_numeric(DatumGetInt64(value));
		case FLOAT8OID:
			return DatumGetNumeric(DirectFunctionCall1(float8_numeric, value));
		default:
			return DatumGetNumeric(value);
	}
}

static int
compare(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

static void
check_range(Guard *guard, const Rule *rule, Datum value)
{
	const Range *range = rule->range;
	Numeric number = get_numeric(rule->type, value);

	if (compare(number, rule->low) >= (range->with_low ? 0 : 1) &&
		compare(number, rule->high) <= (range->with_high ? 0 : -1) &&
		(range->decimals < 0 || compare(number, DatumGetNumeric(DirectFunctionCall2(
													numeric_round, NumericGetDatum(number),
													Int32GetDatum(range->decimals)))) == 0))
		return;
	refuse_row(guard, psprintf("%s %s %s", rule->column, spell(rule->type, value), range->fault),
			   range->hint);
}

/* Whether rows can be read from it, now and after a restore. */
static bool
is_readable(Oid relation)
{
	char kind = get_rel_relkind(relation);

	return get_rel_persistence(relation) != RELPERSISTENCE_TEMP &&
		   (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_VIEW ||
			kind == RELKIND_MATVIEW || kind == RELKIND_FOREIGN_TABLE);
}

/*
 * Whether it is the name of a relation as the catalogue would write it, with its schema. Who writes
 * it must be allowed to read the relation: what is read of it others see. A dump knows what was
 * there, which need not be there any more.
 */
static bool
names_relation(Guard *guard, Datum name)
{
	LOCAL_FCINFO(call, 1);
	Oid relation;

	if (strchr(TextDatumGetCString(name), '.') == NULL)
		return false;
	if (stp_is_restoring(guard->table))
		return true;
	InitFunctionCallInfoData(*call, NULL, 1, InvalidOid, NULL, NULL);
	call->args[0].value = name;
	call->args[0].isnull = false;
	relation = DatumGetObjectId(to_regclass(call));
	if (call->isnull || !is_readable(relation) ||
		!stp_is_word(DatumGetTextPP(name), stp_relation_name(relation)))
		return false;
	if (pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(relation));
	return true;
}

static void
check_word(Guard *guard, const Rule *rule, Datum value)
{
	text *word = DatumGetTextPP(value);
	ListCell *cell;

	foreach(cell, rule->words)
	{
		const char *known = lfirst(cell);

		if (strcmp(known, ANY_RELATION) == 0 ? names_relation(guard, value)
											 : stp_is_word(word, known))
			return;
	}
	refuse_row(guard,
			   psprintf("unknown %s \"%s\" in stp.%s", rule->column, spell(rule->type, value),
						RelationGetRelationName(guard->table)),
			   psprintf("Give one of: %s.", rule->text));
}

/* Refuse a code of which something cannot be seen: it would be another one that looks the same. */
static void
check_code(Guard *guard, const Rule *rule, Datum value)
{
	const char *odd;
	text *tidy = stp_tidy_code(DatumGetTextPP(value), &odd);

	if (tidy == NULL)
		return;
	refuse_row(guard,
			   psprintf("%s \"%s\" of stp.%s has a character that cannot be seen: %s", rule->column,
						spell(rule->type, value), RelationGetRelationName(guard->table), odd),
			   VARSIZE_ANY_EXHDR(tidy) == 0
				   ? "Write a code that can be seen."
				   : psprintf("Write \"%s\".", spell(TEXTOID, PointerGetDatum(tidy))));
}

static void
check_rules(Guard *guard)
{
	MemoryContext old_context = MemoryContextSwitchTo(guard->row_context);
	ListCell *cell;

	foreach(cell, guard->rules)
	{
		const Rule *rule = lfirst(cell);
		Datum value = guard->slot->tts_values[rule->number - 1];

		if (guard->slot->tts_isnull[rule->number - 1])
			continue;
		if (rule->has_grain)
			check_grain(guard, rule, DatumGetPeriod(value));
		else if (rule->range != NULL)
			check_range(guard, rule, value);
		else if (rule->is_code)
			check_code(guard, rule, value);
		else
			check_word(guard, rule, value);
	}
	MemoryContextSwitchTo(old_context);
}

/*---------------------------------------------------------------------------
 * Months that look like financial years
 *---------------------------------------------------------------------------
 */

/* Find the column of periods. */
static void
find_period(Guard *guard)
{
	int number = SPI_fnumber(RelationGetDescr(guard->table), "period");

	if (number <= 0 ||
		!is_period(TupleDescAttr(RelationGetDescr(guard->table), number - 1)->atttypid))
		return;
	guard->period = (AttrNumber) number;
	guard->last = Max(guard->last, guard->period);
}

/* Look what the row's period is. */
static void
look_at_period(Guard *guard)
{
	stp_period period;

	if (guard->period == 0 || guard->slot->tts_isnull[guard->period - 1])
		return;
	period = DatumGetPeriod(guard->slot->tts_values[guard->period - 1]);
	if (stp_core_period_looks_financial(period))
	{
		if (guard->doubtfuls++ == 0)
			guard->doubtful = period;
	}
	else if (stp_core_period_grain(period) == STP_GRAIN_MONTH)
		guard->has_months = true;
	else if (stp_core_period_grain(period) == STP_GRAIN_YEAR)
		guard->has_years = true;
}

/*
 * Tell of months that are written as a financial year would be with a hyphen, 2010-11, if there
 * are years beside them and no other months: once for what the client sent as one, which may reach
 * the table in several statements.
 */
static void
warn_of_months(const Guard *guard)
{
	static TimestampTz warned_at = 0;
	char text[STP_PERIOD_TEXT_SIZE], year[STP_PERIOD_TEXT_SIZE];

	if (guard->doubtfuls == 0 || !guard->has_years || guard->has_months ||
		warned_at == GetCurrentStatementStartTimestamp())
		return;
	warned_at = GetCurrentStatementStartTimestamp();
	stp_core_period_print(guard->doubtful, text);
	snprintf(year, sizeof year, "%.4s/%s", text, text + 5);
	ereport(WARNING, (errmsg("period %s is a month, in stp.%s beside financial years", text,
							 RelationGetRelationName(guard->table)),
					  errdetail("Rows with such a month: " UINT64_FORMAT ".", guard->doubtfuls),
					  errhint("Write %s if the financial year is meant.", year)));
}

/*---------------------------------------------------------------------------
 * Codes
 *---------------------------------------------------------------------------
 */

/* Begin to collect codes, and forget those that were. */
static void
begin_codes(Reference *reference)
{
	MemoryContextReset(reference->context);
	reference->codes = codes_create(reference->context, 256, NULL);
	reference->bytes = 0;
}

/* Have the codes of a foreign key collected. */
static void
add_reference(Guard *guard, ForeignKeyCacheInfo *key)
{
	Reference *reference = palloc0(sizeof(Reference));

	reference->key = key;
	reference->context = AllocSetContextCreate(CurrentMemoryContext, "codes of a foreign key",
											   ALLOCSET_DEFAULT_SIZES);
	begin_codes(reference);
	for (int i = 0; i < key->nkeys; i++)
		guard->last = Max(guard->last, key->conkey[i]);
	guard->references = lappend(guard->references, reference);
}

/* Add what a column holds to a code: its bytes, of which there may be more where values are equal,
 * but never fewer. */
static void
append_value(StringInfo key, Form_pg_attribute column, Datum value)
{
	if (column->attlen == -1)
	{
		struct varlena *text = PG_DETOAST_DATUM_PACKED(value);
		uint32 length = VARSIZE_ANY_EXHDR(text);

		appendBinaryStringInfo(key, (char *) &length, sizeof(length));
		appendBinaryStringInfo(key, VARDATA_ANY(text), length);
	}
	else
		appendBinaryStringInfo(key, column->attbyval ? (char *) &value : DatumGetPointer(value),
							   column->attbyval ? (int) sizeof(value) : column->attlen);
}

/* The code of the row for a foreign key; false: it has none, because a column is NULL. */
static bool
read_code(Guard *guard, const ForeignKeyCacheInfo *key)
{
	MemoryContext old_context = MemoryContextSwitchTo(guard->row_context);
	bool complete = true;

	resetStringInfo(&guard->key);
	for (int i = 0; i < key->nkeys && complete; i++)
	{
		int column = key->conkey[i] - 1;

		complete = !guard->slot->tts_isnull[column];
		if (complete)
			append_value(&guard->key, TupleDescAttr(RelationGetDescr(guard->table), column),
						 guard->slot->tts_values[column]);
	}
	MemoryContextSwitchTo(old_context);
	return complete;
}

/* Keep a code that is new. */
static void
keep_code(Guard *guard, Reference *reference, Code *code)
{
	MemoryContext old_context = MemoryContextSwitchTo(reference->context);
	const ForeignKeyCacheInfo *key = reference->key;

	code->key.start = memcpy(palloc(code->key.length), code->key.start, code->key.length);
	code->values = palloc(key->nkeys * sizeof(Datum));
	for (int i = 0; i < key->nkeys; i++)
	{
		int n = key->conkey[i] - 1;
		Form_pg_attribute column = TupleDescAttr(RelationGetDescr(guard->table), n);

		code->values[i] = datumCopy(guard->slot->tts_values[n], column->attbyval, column->attlen);
	}
	code->first = guard->row;
	code->rows = 0;
	code->row = code->meant = NULL;
	reference->bytes += code->key.length;
	MemoryContextSwitchTo(old_context);
}

static int
compare_first(const void *a, const void *b)
{
	uint64 first = (*(Code *const *) a)->first, other = (*(Code *const *) b)->first;

	return (first > other) - (first < other);
}

/* The codes that were collected, in the order in which they first occurred. */
static Code **
list_codes(Reference *reference)
{
	Code **list =
		MemoryContextAlloc(reference->context, Max(reference->codes->members, 1) * sizeof(Code *));
	codes_iterator iterator;
	Code *code;
	int n = 0;

	codes_start_iterate(reference->codes, &iterator);
	while ((code = codes_iterate(reference->codes, &iterator)) != NULL)
		list[n++] = code;
	qsort(list, n, sizeof(Code *), compare_first);
	return list;
}

/* The values of codes in one of their columns, as an array. */
static Datum
make_array(Code **list, int n, int column, Oid type)
{
	Datum *values = palloc(Max(n, 1) * sizeof(Datum));
	int16 length;
	bool by_value;
	char align;

	for (int i = 0; i < n; i++)
		values[i] = list[i]->values[column];
	get_typlenbyvalalign(type, &length, &by_value, &align);
	return PointerGetDatum(construct_array(values, n, type, length, by_value, align));
}

/* The query for which of the codes that are its arguments there is no row: their numbers, from 1.
 */
static const char *
make_query(const ForeignKeyCacheInfo *key, const Oid *types)
{
	StringInfoData query, columns;
	const char *table = stp_relation_name(key->confrelid);

	initStringInfo(&query);
	initStringInfo(&columns);
	appendStringInfoString(&query, "SELECT c.n FROM unnest(");
	for (int i = 0; i < key->nkeys; i++)
	{
		appendStringInfo(&query, "%s$%d", i == 0 ? "" : ", ", i + 1);
		appendStringInfo(&columns, "c%d, ", i);
	}
	appendStringInfo(&query,
					 ") WITH ORDINALITY c (%sn) "
					 "WHERE NOT EXISTS (SELECT FROM ONLY %s r WHERE",
					 columns.data, table);
	for (int i = 0; i < key->nkeys; i++)
	{
		const char *referenced =
			psprintf("r.%s", quote_identifier(get_attname(key->confrelid, key->confkey[i], false)));

		appendStringInfoString(&query, i == 0 ? " " : " AND ");
		generate_operator_clause(&query, referenced, get_atttype(key->confrelid, key->confkey[i]),
								 key->conpfeqop[i], psprintf("c.c%d", i), types[i]);
	}
	appendStringInfoString(&query, ") ORDER BY c.n");
	return query.data;
}

/* Find which of the codes are unknown, with the owner's rights, as the foreign key does. */
static void
look_up(Guard *guard, Reference *reference)
{
	const ForeignKeyCacheInfo *key = reference->key;
	int n = (int) reference->codes->members;
	Code **list = list_codes(reference);
	Oid types[INDEX_MAX_KEYS], arrays[INDEX_MAX_KEYS];
	Datum values[INDEX_MAX_KEYS];
	bool isnull;

	if (n == 0)
		return;
	for (int i = 0; i < key->nkeys; i++)
	{
		types[i] = TupleDescAttr(RelationGetDescr(guard->table), key->conkey[i] - 1)->atttypid;
		arrays[i] = get_array_type(types[i]);
		values[i] = make_array(list, n, i, types[i]);
	}
	stp_execute_as_owner(make_query(key, types), NULL, InvalidSnapshot, false, key->nkeys, arrays,
						 values, NULL);
	reference->unknowns = (int) SPI_processed;
	reference->unknown = palloc(Max(SPI_processed, 1) * sizeof(Code *));
	for (int i = 0; i < reference->unknowns; i++)
		reference->unknown[i] =
			list[DatumGetInt64(
					 SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull)) -
				 1];
	SPI_freetuptable(SPI_tuptable);
}

/*---------------------------------------------------------------------------
 * The error that names unknown codes
 *---------------------------------------------------------------------------
 */

static int
count_named(const Reference *reference)
{
	return Min(reference->unknowns, NAMED);
}

/* Have the first row of each code that is named in words. */
static void
describe_rows(Guard *guard)
{
	ListCell *cell;

	rewind_rows(guard);
	while (next_row(guard))
		foreach(cell, guard->references)
		{
			Reference *reference = lfirst(cell);

			for (int i = 0; i < count_named(reference); i++)
				if (reference->unknown[i]->first == guard->row)
					reference->unknown[i]->row = list_key(guard, false);
		}
}

/* Find the codes that may be meant, with the owner's rights: they are those that would be taken. */
static void
find_meant(Guard *guard, Reference *reference)
{
	const ForeignKeyCacheInfo *key = reference->key;
	const char *column = quote_identifier(get_attname(key->confrelid, key->confkey[0], false));
	Oid types[] = {TEXTOID};

	if (key->nkeys > 1 ||
		TupleDescAttr(RelationGetDescr(guard->table), key->conkey[0] - 1)->atttypid != TEXTOID)
		return;
	for (int i = 0; i < count_named(reference); i++)
	{
		Code *code = reference->unknown[i];

		stp_execute_as_owner(
			psprintf("SELECT (SELECT r.%1$s FROM ONLY %2$s r "
					 "WHERE upper(r.%1$s COLLATE \"C\") = stp_internal.ods_code($1) "
					 "ORDER BY r.%1$s COLLATE \"C\" LIMIT 1), "
					 "nullif(stp_internal.is_national($1) AND %3$s, false)",
					 column, stp_relation_name(key->confrelid),
					 strcmp(column, "organisation") == 0 ? "true" : "false"),
			NULL, InvalidSnapshot, false, 1, types, code->values, NULL);
		code->meant = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
		if (code->meant != NULL)
			code->meant = stp_excerpt(code->meant);
		code->is_total = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2) != NULL;
	}
}

/* Add what cannot be seen of a code. */
static void
append_odd(StringInfo message, Oid type, Datum value)
{
	const char *odd;

	if (type == TEXTOID && stp_tidy_code(DatumGetTextPP(value), &odd) != NULL)
		appendStringInfo(message, " (with %s)", odd);
}

/* Add a code: "Z"; or (A, 2026-03), where it has several columns. */
static void
append_code(StringInfo message, const Guard *guard, const ForeignKeyCacheInfo *key,
			const Code *code)
{
	TupleDesc columns = RelationGetDescr(guard->table);
	bool single = key->nkeys == 1;

	appendStringInfoChar(message, single ? '"' : '(');
	for (int i = 0; i < key->nkeys; i++)
		appendStringInfo(
			message, "%s%s", i == 0 ? "" : ", ",
			spell(TupleDescAttr(columns, key->conkey[i] - 1)->atttypid, code->values[i]));
	appendStringInfoChar(message, single ? '"' : ')');
	for (int i = 0; i < key->nkeys; i++)
		append_odd(message, TupleDescAttr(columns, key->conkey[i] - 1)->atttypid, code->values[i]);
}

/* The advice for unknown codes: what to write, to leave out totals, and for those that are not
 * there at all, to add them. */
static const char *
advise(Guard *guard, const char *tables, int unknowns)
{
	const char *table = RelationGetRelationName(guard->table);
	StringInfoData hint;
	ListCell *cell;
	int meant = 0, totals = 0;

	initStringInfo(&hint);
	foreach(cell, guard->references)
	{
		const Reference *reference = lfirst(cell);

		for (int i = 0; i < count_named(reference); i++)
			if (reference->unknown[i]->meant != NULL)
				appendStringInfo(&hint, "%s\"%s\"", meant++ == 0 ? "Write " : ", ",
								 reference->unknown[i]->meant);
			else if (reference->unknown[i]->is_total)
				totals++;
	}
	if (meant > 0)
		appendStringInfoString(&hint, ". ");
	if (totals > 0)
		appendStringInfoString(
			&hint, "Leave out totals: -, X24, ENGLAND and TOTAL are the whole of England. ");
	meant += totals;
	if (meant < unknowns)
		appendStringInfo(&hint, "Add %s to %s first, or correct the code%s in stp.%s.",
						 meant > 0		 ? "the others"
						 : unknowns == 1 ? "it"
										 : "them",
						 tables, unknowns == 1 ? "" : "s", table);
	else
		hint.data[hint.len - 1] = '\0';
	return hint.data;
}

/* Add the names of the columns that a foreign key of several refers to. */
static void
append_columns(StringInfo message, const ForeignKeyCacheInfo *key)
{
	for (int i = 0; key->nkeys > 1 && i < key->nkeys; i++)
		appendStringInfo(message, "%s%s%s", i == 0 ? "(" : ", ",
						 get_attname(key->confrelid, key->confkey[i], false),
						 i == key->nkeys - 1 ? ") = " : "");
}

/* Add what is unknown of a foreign key: unknown organisation "Y", "Z" and 2 more. */
static void
append_unknown(StringInfo message, const Guard *guard, const Reference *reference)
{
	int named = count_named(reference);

	appendStringInfo(message, "%sunknown %s ", message->len == 0 ? "" : "; ",
					 get_rel_name(reference->key->confrelid));
	append_columns(message, reference->key);
	for (int i = 0; i < named; i++)
	{
		appendStringInfoString(message, i == 0 ? "" : ", ");
		append_code(message, guard, reference->key, reference->unknown[i]);
	}
	if (reference->unknowns > named)
		appendStringInfo(message, " and %s%d more", reference->partly ? "at least " : "",
						 reference->unknowns - named);
}

/* Add where the codes that are named stand; gives how many rows that are. */
static uint64
append_rows(StringInfo rows, const Reference *reference)
{
	uint64 n = 0;

	for (int i = 0; i < count_named(reference); i++)
	{
		const Code *code = reference->unknown[i];

		appendStringInfo(rows, "%s(%s)", rows->len == 0 ? "" : "; ", code->row);
		if (code->rows > 1)
			appendStringInfo(rows, " and %s" UINT64_FORMAT " more",
							 reference->partly ? "at least " : "", code->rows - 1);
		n += code->rows;
	}
	return n;
}

/* Refuse the statement if there are unknown codes, all at once. */
static void
refuse_unknown(Guard *guard)
{
	StringInfoData message, rows, tables;
	const char *table = RelationGetRelationName(guard->table);
	int unknowns = 0;
	uint64 in_rows = 0;
	ListCell *cell;

	foreach(cell, guard->references) unknowns += ((Reference *) lfirst(cell))->unknowns;
	if (unknowns == 0)
		return;
	show_iso_dates();
	describe_rows(guard);
	foreach(cell, guard->references) find_meant(guard, lfirst(cell));
	initStringInfo(&message);
	initStringInfo(&rows);
	initStringInfo(&tables);
	foreach(cell, guard->references)
	{
		const Reference *reference = lfirst(cell);

		if (reference->unknowns == 0)
			continue;
		append_unknown(&message, guard, reference);
		in_rows += append_rows(&rows, reference);
		appendStringInfo(&tables, "%sstp.%s", tables.len == 0 ? "" : " and ",
						 get_rel_name(reference->key->confrelid));
	}
	stp_refuse(errmsg("%s", message.data),
			   may_show_rows(guard)
				   ? errdetail("Row%s of stp.%s (%s): %s.", in_rows == 1 ? "" : "s", table,
							   list_key(guard, true), rows.data)
				   : 0,
			   errhint("%s", advise(guard, tables.data, unknowns)));
}

/*---------------------------------------------------------------------------
 * The trigger
 *---------------------------------------------------------------------------
 */

/* Collect the row's code for a foreign key. */
static void
collect_code(Guard *guard, Reference *reference)
{
	Code *code;
	bool found;

	if (!read_code(guard, reference->key))
		return;
	code =
		codes_insert(reference->codes, (Bytes){guard->key.data, (size_t) guard->key.len}, &found);
	if (!found)
		keep_code(guard, reference, code);
	code->rows++;
	if (reference->codes->members < MAX_CODES && reference->bytes < MAX_BYTES)
		return;
	look_up(guard, reference);
	reference->partly = true;
	refuse_unknown(guard);
	begin_codes(reference);
}

/* What is to be checked of a table. */
static void
begin_guard(Guard *guard, TriggerData *trigger)
{
	ListCell *cell;

	guard->trigger = trigger;
	guard->table = trigger->tg_relation;
	guard->slot = MakeSingleTupleTableSlot(RelationGetDescr(guard->table), &TTSOpsMinimalTuple);
	guard->row_context =
		AllocSetContextCreate(CurrentMemoryContext, "row of a guard", ALLOCSET_SMALL_SIZES);
	initStringInfo(&guard->key);
	/* A copy: the table's may go while codes are looked up. */
	/* A key to a table of the user's own is for PostgreSQL alone to check. */
	foreach(cell, copyObject(RelationGetFKeyList(guard->table)))
	{
		if (stp_is_ours(((ForeignKeyCacheInfo *) lfirst(cell))->confrelid))
			add_reference(guard, lfirst(cell));
	}
	find_period(guard);
	for (int i = 0; i < trigger->tg_trigger->tgnargs; i++)
		add_rules(guard, trigger->tg_trigger->tgargs[i]);
	tuplestore_select_read_pointer(
		trigger->tg_newtable,
		tuplestore_alloc_read_pointer(trigger->tg_newtable, EXEC_FLAG_REWIND));
	rewind_rows(guard);
}

/* stp_internal.guard(rule, ...) */
Datum
stp_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger =
		stp_get_trigger(fcinfo, 0, STP_ON(TRIGGER_EVENT_INSERT) | STP_ON(TRIGGER_EVENT_UPDATE));
	Guard guard = {0};
	ListCell *cell;

	if (trigger->tg_newtable == NULL)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("trigger \"%s\" lacks the new rows", trigger->tg_trigger->tgname)));
	SPI_connect();
	begin_guard(&guard, trigger);
	while (next_row(&guard))
	{
		check_rules(&guard);
		look_at_period(&guard);
		foreach(cell, guard.references) collect_code(&guard, lfirst(cell));
	}
	foreach(cell, guard.references) look_up(&guard, lfirst(cell));
	refuse_unknown(&guard);
	warn_of_months(&guard);
	ExecDropSingleTupleTableSlot(guard.slot);
	SPI_finish();
	return PointerGetDatum(NULL);
}
