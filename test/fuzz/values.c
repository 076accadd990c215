/*
 * values.c: hostile values of every type that a function of the extension takes, as text. What the
 * types are comes from the catalog.
 */
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Bytes of an array's text: beyond this PostgreSQL's own reading of arrays takes the time. */
#define MAX_ARRAY 500000

static Type **known;
static int number_known;
static Pool words;

/* Whether a type is one of the extension's own base types. */
#define IS_OURS                                                                                    \
	"EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid"                    \
	" WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'"               \
	" AND d.refclassid = 'pg_extension'::regclass AND e.extname = 'stp_metrics')"                  \
	" AND t.typtype = 'b' AND t.typelem = 0"

/* Fill in the columns of a composite type. */
static void
find_fields(PGconn *connection, Type *type, const char *oid)
{
	PGresult *rows = server_rows(connection,
								 "SELECT a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = "
								 "a.attrelid WHERE c.reltype = $1::oid AND a.attnum > 0 AND NOT "
								 "a.attisdropped ORDER BY a.attnum",
								 1, &oid);

	type->fields = PQntuples(rows);
	type->field = calloc(type->fields, sizeof(Type *));
	for (int i = 0; i < type->fields; i++)
		type->field[i] = type_find(connection, strtoul(PQgetvalue(rows, i, 0), NULL, 10));
	PQclear(rows);
}

/* Take in the genuine values of a type of ours, as text and as binary. */
static void
find_genuine(PGconn *connection, Type *type, const char *oid)
{
	Bytes sql = {0};
	PGresult *rows;

	bytes_print(&sql,
				"SELECT DISTINCT literal::%s::text COLLATE \"C\" FROM fuzz.genuine WHERE type = "
				"$1::oid ORDER BY 1",
				type->name);
	rows = server_rows(connection, sql.data, 1, &oid);
	if (PQntuples(rows) == 0)
		stop("no genuine values of type %s: add some to test/fuzz/genuine.sql", type->name);
	for (int i = 0; i < PQntuples(rows); i++)
		pool_add(&type->text, PQgetvalue(rows, i, 0), PQgetlength(rows, i, 0));
	type->text.genuine = type->text.items;
	PQclear(rows);
	bytes_free(&sql);
}

/* What the catalog says of a type. */
static Type *
describe(PGconn *connection, Oid oid)
{
	Type *type = calloc(1, sizeof(Type));
	char text[16];
	const char *value = text;
	PGresult *rows;

	snprintf(text, sizeof(text), "%u", oid);
	rows = server_rows(connection,
					   "SELECT format_type(t.oid, NULL), CASE WHEN " IS_OURS
					   " THEN 'o' WHEN t.typtype = 'c' "
					   "THEN 'c' WHEN t.typcategory = 'A' THEN 'a' ELSE 'b' END, t.typelem "
					   "FROM pg_type t WHERE t.oid = $1::oid",
					   1, &value);
	type->oid = oid;
	type->name = strdup(PQgetvalue(rows, 0, 0));
	type->form = *PQgetvalue(rows, 0, 1);
	if (type->form == 'a')
		type->element = type_find(connection, strtoul(PQgetvalue(rows, 0, 2), NULL, 10));
	PQclear(rows);
	if (type->form == 'c')
		find_fields(connection, type, text);
	if (type->form == 'o')
		find_genuine(connection, type, text);
	return type;
}

Type *
type_find(PGconn *connection, Oid oid)
{
	Type *type;

	for (int i = 0; i < number_known; i++)
		if (known[i]->oid == oid)
			return known[i];
	type = describe(connection, oid);
	known = realloc(known, (number_known + 1) * sizeof(Type *));
	known[number_known++] = type;
	return type;
}

int
types_of_ours(PGconn *connection, Type ***types)
{
	PGresult *rows = server_rows(
		connection,
		"SELECT t.oid FROM pg_type t WHERE " IS_OURS " ORDER BY t.typname COLLATE \"C\"", 0, NULL);
	int number = PQntuples(rows);

	*types = calloc(number, sizeof(Type *));
	for (int i = 0; i < number; i++)
		(*types)[i] = type_find(connection, strtoul(PQgetvalue(rows, i, 0), NULL, 10));
	PQclear(rows);
	return number;
}

void
words_load(PGconn *connection)
{
	PGresult *rows =
		server_rows(connection, "SELECT word FROM fuzz.word ORDER BY word COLLATE \"C\"", 0, NULL);

	for (int i = 0; i < PQntuples(rows); i++)
		pool_add(&words, PQgetvalue(rows, i, 0), PQgetlength(rows, i, 0));
	words.genuine = words.items;
	PQclear(rows);
}

/* Built-in types ---------------------------------------------------------------------------- */

static void
make_day(Bytes *value)
{
	static const char *const days[] = {"infinity",	 "-infinity",  "4713-01-01 BC", "5874897-12-31",
									   "1900-03-31", "1900-04-01", "2200-03-31",	"2200-04-01",
									   "0001-01-01", "9999-12-31", "2024-02-29",	"2026-03-31"};

	if (random_once(2))
		bytes_print(value, "%04d-%02d-%02d", 2015 + (int) random_below(13),
					1 + (int) random_below(12), 1 + (int) random_below(28));
	else
		bytes_print(value, "%s", days[random_below(LENGTH(days))]);
}

static void
make_time(Bytes *value)
{
	static const char *const times[] = {"infinity",
										"-infinity",
										"4713-01-01 00:00:00+00 BC",
										"294276-12-31 23:59:59.999999+00",
										"2000-01-01 00:00:00+00",
										"1969-12-31 23:59:59.999999+00"};

	if (random_once(2))
	{
		make_day(value);
		return;
	}
	bytes_print(value, "%s", times[random_below(LENGTH(times))]);
}

static void
make_range(Bytes *value)
{
	if (random_once(10))
	{
		bytes_print(value, "empty");
		return;
	}
	bytes_print(value, "%c", random_once(2) ? '[' : '(');
	if (!random_once(10))
		make_day(value);
	bytes_print(value, ",");
	if (!random_once(10))
		make_day(value);
	bytes_print(value, "%c", random_once(2) ? ']' : ')');
}

static void
make_numeric(Bytes *value)
{
	static const char *const numbers[] = {"NaN",
										  "Infinity",
										  "-Infinity",
										  "0.00",
										  "-0.01",
										  "1e131000",
										  "-1e131000",
										  "1e-16000",
										  "0.005",
										  "999999999999.99",
										  "99999999999999999999999999999999.999"};

	if (random_once(2))
		bytes_print(value, "%lld.%02d", (long long) hostile_integer(), (int) random_below(100));
	else
		bytes_print(value, "%s", numbers[random_below(LENGTH(numbers))]);
}

/* Most of the time one that is in range. */
static void
make_integer(Bytes *value, int64_t least, int64_t greatest)
{
	int64_t number = hostile_integer();

	if ((number < least || number > greatest) && !random_once(50))
		number %= greatest;
	bytes_print(value, "%lld", (long long) number);
}

/* A word that somebody knows, or almost, or no word at all. */
static void
make_text(Bytes *value)
{
	const Bytes *word = pool_pick(&words);

	if (word == NULL || random_once(20))
		return;
	bytes_add(value, word->data, word->length);
	if (random_once(4))
		mutate_text(value, &words);
}

static void
make_built_in(const Type *type, Bytes *value)
{
	const char *name = type->name;

	if (strcmp(name, "double precision") == 0 || strcmp(name, "real") == 0)
		bytes_print(value, "%.17g", hostile_double());
	else if (strcmp(name, "bigint") == 0)
		make_integer(value, INT64_MIN, INT64_MAX);
	else if (strcmp(name, "integer") == 0)
		make_integer(value, INT32_MIN, INT32_MAX);
	else if (strcmp(name, "smallint") == 0)
		make_integer(value, -32768, 32767);
	else if (strcmp(name, "numeric") == 0)
		make_numeric(value);
	else if (strcmp(name, "boolean") == 0)
		bytes_print(value, "%s", random_once(2) ? "t" : "f");
	else if (strcmp(name, "date") == 0)
		make_day(value);
	else if (strncmp(name, "timestamp", 9) == 0)
		make_time(value);
	else if (strcmp(name, "daterange") == 0)
		make_range(value);
	else
		make_text(value);
}

/* Types that are made of others ------------------------------------------------------------- */

/* Write an element in quotes, so that nothing in it means anything. */
static void
add_quoted(Bytes *value, const Bytes *element)
{
	bytes_add(value, "\"", 1);
	for (size_t i = 0; i < element->length; i++)
	{
		if (strchr("\"\\", element->data[i]) != NULL)
			bytes_add(value, "\\", 1);
		bytes_add(value, element->data + i, 1);
	}
	bytes_add(value, "\"", 1);
}

static void
make_elements(const Type *type, size_t number, Bytes *value)
{
	Bytes element = {0};

	bytes_add(value, "{", 1);
	for (size_t i = 0; i < number && value->length < MAX_ARRAY; i++)
	{
		if (i > 0)
			bytes_add(value, ",", 1);
		bytes_clear(&element);
		if (make_value(type, &element))
			add_quoted(value, &element);
		else
			bytes_add(value, "NULL", 4);
	}
	bytes_add(value, "}", 1);
	bytes_free(&element);
}

/* Empty, long, of two dimensions, from another lower bound than 1. */
static void
make_array(const Type *type, Bytes *value)
{
	size_t number = random_once(200) ? random_below(3000) : random_below(14);
	int first = (int) random_below(7) - 3;

	if (number > 0 && random_once(12))
	{
		number = 1 + number % 5;
		if (random_once(2))
			bytes_print(value, "[%d:%d][0:%d]=", first, first + 1, (int) number - 1);
		bytes_add(value, "{", 1);
		make_elements(type->element, number, value);
		bytes_add(value, ",", 1);
		make_elements(type->element, number, value);
		bytes_add(value, "}", 1);
		return;
	}
	if (number > 0 && number < 14 && random_once(6))
		bytes_print(value, "[%d:%d]=", first, first + (int) number - 1);
	make_elements(type->element, number, value);
}

static void
make_row(const Type *type, Bytes *value)
{
	Bytes element = {0};

	bytes_add(value, "(", 1);
	for (int i = 0; i < type->fields; i++)
	{
		if (i > 0)
			bytes_add(value, ",", 1);
		bytes_clear(&element);
		if (make_value(type->field[i], &element))
			add_quoted(value, &element);
	}
	bytes_add(value, ")", 1);
	bytes_free(&element);
}

/* Functions want values that pass; the input functions have their own turn. */
static void
make_of_ours(const Type *type, Bytes *value)
{
	const Bytes *item = pool_pick(&type->text);

	bytes_add(value, item->data, item->length);
	if (random_once(50))
		mutate_text(value, &type->text);
}

bool
make_value(const Type *type, Bytes *value)
{
	if (random_once(20))
		return false;
	switch (type->form)
	{
		case 'o':
			make_of_ours(type, value);
			break;
		case 'a':
			make_array(type, value);
			break;
		case 'c':
			make_row(type, value);
			break;
		default:
			make_built_in(type, value);
	}
	return true;
}
