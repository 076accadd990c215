/*
 * spc.c: the type stp.spc, its aggregates, and the charts that are read from it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "check.h"
#include "core/spc.h"
#include "state_text.h"
#include "stp_metrics.h"

/* The first byte of the binary format. */
#define SPC_VERSION 1
/* Bytes of a point in it. */
#define SENT_POINT 28
/* Points that a new state has room for: as many as fit, with its header, into a chunk of the
 * allocator, which has 2^n bytes; one that is twice as large and one more does so too. */
#define FIRST_ROOM 31

/* Days that a chart is rebased on, or that are ghosts, at most. */
#define MAX_DAYS 10000

/* Days have a year of four digits, 0001-01-01 to 9999-12-31. */
#define FIRST_DAY (1721426 - POSTGRES_EPOCH_JDATE)
#define LAST_DAY (5373484 - POSTGRES_EPOCH_JDATE)

#define PG_GETARG_SPC(n) ((StpSpc *) PG_DETOAST_DATUM(PG_GETARG_DATUM(n)))

StaticAssertDecl(offsetof(StpSpc, point) == 8 && sizeof(StpSpcPoint) == 32,
				 "the type's fields are on disk like this");

/* In builds with assertions: no function takes or gives a state that rows cannot have made. */
static inline void
assert_valid(const StpSpc *series)
{
	Assert(VARSIZE(series) == stp_core_spc_size(series->points));
	Assert(stp_core_spc_is_valid(series));
	(void) series;
}

/* A state without points, with room for some; its points are counted when they are there. */
static StpSpc *
new_series(int32 room)
{
	size_t size = stp_core_spc_size(room);
	StpSpc *series = palloc0(size);

	SET_VARSIZE(series, size);
	return series;
}

static int32
room_of(const StpSpc *series)
{
	return (int32) ((VARSIZE(series) - offsetof(StpSpc, point)) / sizeof(StpSpcPoint));
}

/* The day as errors show it, whatever DateStyle says. */
static const char *
day_text(DateADT day)
{
	int year, month, day_of_month;

	if (DATE_NOT_FINITE(day))
		return DATE_IS_NOBEGIN(day) ? "-infinity" : "infinity";
	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	return psprintf("%04d-%02d-%02d", year, month, day_of_month);
}

static void
refuse_size(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a series has more than %d points", STP_SPC_MAX_POINTS),
			 errhint("Give each series a group of its own, or add up its days by week or month.")));
}

/* Into order; which also finds what no order can mend. */
static void
sort_series(StpSpc *series)
{
	int32 twice = stp_core_spc_sort(series);

	if (twice > 0)
		stp_refuse(
			errmsg("day %s is twice in one series", day_text(series->point[twice].day)),
			errhint("Group by what tells the series apart, or add up what a day has before."));
	assert_valid(series);
}

/* Text and binary form ---------------------------------------------------------------------- */

/* How many points a text has, as each opens a parenthesis; no more are read than can be. */
static int32
count_points(const char *text)
{
	int32 points = 0;

	for (; *text != '\0' && points <= STP_SPC_MAX_POINTS; text++)
	{
		CHECK_FOR_INTERRUPTS();
		points += *text == '(';
	}
	return points;
}

/* A number after a comma, or nothing, which is a missing one. */
static bool
read_number(char **at, double *number)
{
	*number = NAN;
	if (**at == ',' && ((*at)[1] == ',' || (*at)[1] == ')'))
		return stp_read_delimiter(at, ',');
	return stp_read_sum(at, ',', number) && isfinite(*number);
}

static bool
read_day(char **at, DateADT *day)
{
	int year, month, day_of_month, length = 0;
	int back[3];

	if (strspn(*at, "0123456789-") < 10 ||
		sscanf(*at, "%4d-%2d-%2d%n", &year, &month, &day_of_month, &length) < 3 || length != 10 ||
		month < 1 || month > 12)
		return false;
	/* There and back, a day that is not in the calendar becomes another. */
	*day = date2j(year, month, day_of_month) - POSTGRES_EPOCH_JDATE;
	if (*day < FIRST_DAY || *day > LAST_DAY)
		return false;
	j2date(*day + POSTGRES_EPOCH_JDATE, &back[0], &back[1], &back[2]);
	*at += length;
	return back[0] == year && back[1] == month && back[2] == day_of_month;
}

static bool
read_series(char *at, StpSpc *series, int32 points)
{
	for (; series->points < points; series->points++)
	{
		StpSpcPoint *point = &series->point[series->points];

		CHECK_FOR_INTERRUPTS();
		if (!stp_read_delimiter(&at, '(') || !read_day(&at, &point->day) ||
			!read_number(&at, &point->value) || !read_number(&at, &point->denominator) ||
			!read_number(&at, &point->target) || !stp_read_delimiter(&at, ')') ||
			!stp_core_spc_point_is_valid(point))
			return false;
	}
	return *at == '\0' && points > 0;
}

PG_FUNCTION_INFO_V1(stp_spc_in);
Datum
stp_spc_in(PG_FUNCTION_ARGS)
{
	char *text = PG_GETARG_CSTRING(0);
	int32 points = count_points(text);
	StpSpc *series = new_series(Min(points, STP_SPC_MAX_POINTS));

	if (points > STP_SPC_MAX_POINTS || !read_series(text, series, points))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type stp.spc: \"%s\"", stp_excerpt(text)),
				 errhint("Read only what was written from a stp.spc before.")));
	if (stp_core_spc_sort(series) > 0)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid value for type stp.spc: \"%s\"", stp_excerpt(text)),
				 errdetail("A day is there twice."),
				 errhint("Read only what was written from a stp.spc before.")));
	PG_RETURN_POINTER(series);
}

static void
append_number(StringInfo text, double number)
{
	if (isnan(number))
		appendStringInfoChar(text, ',');
	else
		stp_append_sum(text, ',', number);
}

PG_FUNCTION_INFO_V1(stp_spc_out);
Datum
stp_spc_out(PG_FUNCTION_ARGS)
{
	const StpSpc *series = PG_GETARG_SPC(0);
	StringInfoData text;

	assert_valid(series);
	initStringInfo(&text);
	for (int32 i = 0; i < series->points; i++)
	{
		const StpSpcPoint *point = &series->point[i];
		int year, month, day;

		CHECK_FOR_INTERRUPTS();
		j2date(point->day + POSTGRES_EPOCH_JDATE, &year, &month, &day);
		appendStringInfo(&text, "(%04d-%02d-%02d", year, month, day);
		append_number(&text, point->value);
		append_number(&text, point->denominator);
		append_number(&text, point->target);
		appendStringInfoChar(&text, ')');
	}
	PG_RETURN_CSTRING(text.data);
}

/* The number of points, refused before anything is allocated for them. */
static int32
receive_points(StringInfo message)
{
	int32 points = pq_getmsgint(message, 4);

	if (points < 1 || points > STP_SPC_MAX_POINTS ||
		(message->len - message->cursor) / SENT_POINT < points)
		stp_refuse_binary(
			errmsg("binary stp.spc has \"%d\" points", points),
			errdetail("There are from 1 to %d, of %d bytes.", STP_SPC_MAX_POINTS, SENT_POINT),
			errhint("Send only what was received as a stp.spc before."));
	return points;
}

/* There are many that are no number; a state has one of them. */
static double
receive_number(StringInfo message)
{
	double number = pq_getmsgfloat8(message);

	return isnan(number) ? NAN : number;
}

PG_FUNCTION_INFO_V1(stp_spc_recv);
Datum
stp_spc_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int version = pq_getmsgbyte(message);
	bool is_valid = true;
	int32 points;
	StpSpc *series;

	if (version != SPC_VERSION)
		stp_refuse_binary(errmsg("unknown version \"%d\" of binary stp.spc", version),
						  errhint("Upgrade stp_metrics on the server that reads."));
	points = receive_points(message);
	series = new_series(points);
	for (; series->points < points; series->points++)
	{
		StpSpcPoint *point = &series->point[series->points];

		CHECK_FOR_INTERRUPTS();
		point->day = (DateADT) pq_getmsgint(message, 4);
		point->value = receive_number(message);
		point->denominator = receive_number(message);
		point->target = receive_number(message);
		is_valid &= point->day >= FIRST_DAY && point->day <= LAST_DAY;
		is_valid &= stp_core_spc_point_is_valid(point);
	}
	if (!is_valid || stp_core_spc_sort(series) > 0)
		stp_refuse_binary(errmsg("invalid binary value for type stp.spc"),
						  errdetail("No points give this state."),
						  errhint("Send only what was received as a stp.spc before."));
	PG_RETURN_POINTER(series);
}

PG_FUNCTION_INFO_V1(stp_spc_send);
Datum
stp_spc_send(PG_FUNCTION_ARGS)
{
	const StpSpc *series = PG_GETARG_SPC(0);
	StringInfoData message;

	assert_valid(series);
	pq_begintypsend(&message);
	pq_sendbyte(&message, SPC_VERSION);
	pq_sendint32(&message, series->points);
	for (int32 i = 0; i < series->points; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pq_sendint32(&message, series->point[i].day);
		pq_sendfloat8(&message, series->point[i].value);
		pq_sendfloat8(&message, series->point[i].denominator);
		pq_sendfloat8(&message, series->point[i].target);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* Aggregates -------------------------------------------------------------------------------- */

static DateADT
get_day(FunctionCallInfo fcinfo, int n)
{
	DateADT day;

	if (PG_ARGISNULL(n))
		stp_refuse(errmsg("day must not be null"),
				   errhint("Leave rows without a day out by FILTER or WHERE."));
	day = PG_GETARG_DATEADT(n);
	if (unlikely(day < FIRST_DAY || day > LAST_DAY))
		stp_refuse(errmsg("day must be within the years 1 to 9999, not \"%s\"",
						  DATE_NOT_FINITE(day)
							  ? day_text(day)
							  : DatumGetCString(DirectFunctionCall1(date_out, PG_GETARG_DATUM(n)))),
				   errhint("Give the first day of the period that the value is of."));
	return day;
}

/* A number of a point; NAN where there is none. */
static double
get_number(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_NARGS() <= n || PG_ARGISNULL(n))
		return NAN;
	return stp_check_finite(PG_GETARG_FLOAT8(n), name,
							"Pass NULL where a day has none: it is kept as a missing point.");
}

static StpSpcPoint
get_point(FunctionCallInfo fcinfo)
{
	StpSpcPoint point = {.day = get_day(fcinfo, 1)};

	point.value = get_number(fcinfo, 2, "value");
	point.denominator = get_number(fcinfo, 3, "denominator");
	point.target = get_number(fcinfo, 4, "target");
	if (unlikely(point.denominator < 0))
		stp_refuse(errmsg("denominator must be at or above 0, not \"%s\"",
						  float8out_internal(point.denominator)),
				   errhint("Correct the report, or leave the row out."));
	return point;
}

/* A state with room for some more points: the same one, or a larger copy. */
static StpSpc *
make_room(StpSpc *series, int32 more)
{
	StpSpc *larger;

	if (more > STP_SPC_MAX_POINTS - series->points)
		refuse_size();
	if (series->points + more <= room_of(series))
		return series;
	larger =
		new_series(Min(Max(2 * series->points + 1, series->points + more), STP_SPC_MAX_POINTS));
	larger->points = series->points;
	memcpy(larger->point, series->point, (size_t) series->points * sizeof(StpSpcPoint));
	return larger;
}

/* The state to change: an aggregate's own in place, a copy of anybody else's. */
static StpSpc *
writable_series(FunctionCallInfo fcinfo)
{
	if (AggCheckCallContext(fcinfo, NULL))
		return PG_GETARG_SPC(0);
	return (StpSpc *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
}

/* A copy that is sorted and has no room to spare. */
static StpSpc *
finish(const StpSpc *grown)
{
	StpSpc *series = new_series(grown->points);

	series->points = grown->points;
	memcpy(series->point, grown->point, (size_t) grown->points * sizeof(StpSpcPoint));
	sort_series(series);
	return series;
}

/* Only an aggregate sees a state that is not finished. */
static Datum
return_grown(FunctionCallInfo fcinfo, const StpSpc *grown)
{
	PG_RETURN_POINTER(AggCheckCallContext(fcinfo, NULL) ? grown : finish(grown));
}

/*
 * Not strict, because the first row has no state and a value may be missing. Points are only put
 * behind each other, in a state with room to spare: they are sorted, and the rest is cut off, at
 * the end. As in census.c, the executor copies a state that is new.
 */
PG_FUNCTION_INFO_V1(stp_spc_accum);
Datum
stp_spc_accum(PG_FUNCTION_ARGS)
{
	StpSpcPoint point = get_point(fcinfo);
	StpSpc *series = PG_ARGISNULL(0) ? new_series(FIRST_ROOM) : writable_series(fcinfo);

	series = make_room(series, 1);
	series->point[series->points++] = point;
	return return_grown(fcinfo, series);
}

PG_FUNCTION_INFO_V1(stp_spc_combine);
Datum
stp_spc_combine(PG_FUNCTION_ARGS)
{
	StpSpc *series = writable_series(fcinfo);
	const StpSpc *other = PG_GETARG_SPC(1);

	series = make_room(series, other->points);
	memcpy(series->point + series->points, other->point,
		   (size_t) other->points * sizeof(StpSpcPoint));
	series->points += other->points;
	return return_grown(fcinfo, series);
}

PG_FUNCTION_INFO_V1(stp_spc_finish);
Datum
stp_spc_finish(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(finish(PG_GETARG_SPC(0)));
}

/* Words ------------------------------------------------------------------------------------- */

static const char *const rule_words[] = {"outside", "trend", "two in three", "shift", "runs"};
static const char *const conflict_words[] = {"precedence", "improvement", "concern", "both"};
static const char *const status_words[] = {"ok", "trial limits", "too few", "constant", "no data"};
static const char *const signal_words[] = {"common cause", "improvement", "concern",
										   "high",		   "low",		  "non-random"};
static const char *const assurance_words[] = {"pass", "hit or miss", "fail"};
static const char *const assurance_icons[] = {"pass", "inconsistent", "fail"};

typedef struct Chart
{
	const char *word;
	StpSpcChart chart;
} Chart;

static const Chart charts[] = {{"xmr", STP_SPC_XMR},	{"i", STP_SPC_XMR}, {"mr", STP_SPC_MR},
							   {"run", STP_SPC_RUN},	{"p", STP_SPC_P},	{"p'", STP_SPC_P_PRIME},
							   {"pp", STP_SPC_P_PRIME}, {"u", STP_SPC_U},	{"u'", STP_SPC_U_PRIME},
							   {"up", STP_SPC_U_PRIME}, {"c", STP_SPC_C},	{"g", STP_SPC_G},
							   {"t", STP_SPC_T}};

/* The place of a word in a list; -1: it is not there. */
static int
find_word(const text *word, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (stp_is_word(word, words[i]))
			return i;
	return -1;
}

/* Dialects ---------------------------------------------------------------------------------- */

/*
 * What tells what a table looked like. Which transactions of others were over: those before an end,
 * but for so many, which only become fewer; on a standby they are counted among subtransactions.
 * Which changes of the own transaction: those of earlier commands. A subtransaction takes its own
 * along when it is rolled back, and nothing else would tell: commands are not counted back.
 */
typedef struct Seen
{
	TransactionId end;
	uint32 running;
	int32 subtransactions;
	CommandId command;
	SubTransactionId inside;
} Seen;

static Seen
look(void)
{
	Snapshot snapshot = GetActiveSnapshot();

	return (Seen){snapshot->xmax, snapshot->xcnt, snapshot->subxcnt, snapshot->curcid,
				  GetCurrentSubTransactionId()};
}

static bool
is_same(Seen a, Seen b)
{
	return a.end == b.end && a.running == b.running && a.subtransactions == b.subtransactions &&
		   a.command == b.command && a.inside == b.inside;
}

/*
 * A dialect as it was read, and the words of rows as they are given: kept from call to call, for a
 * query asks of thousands of series.
 */
typedef struct Reading
{
	text *name; /* NULL: nothing has been read */
	StpSpcDialect dialect;
	Seen seen;
	Datum rule[lengthof(rule_words)], signal[lengthof(signal_words)],
		status[lengthof(status_words)];
} Reading;

static void
make_words(Datum *made, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		made[i] = CStringGetTextDatum(words[i]);
}

static Reading *
get_reading(FunctionCallInfo fcinfo)
{
	Reading *reading = fcinfo->flinfo->fn_extra;
	MemoryContext caller;

	if (reading != NULL)
		return reading;
	caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	reading = palloc0(sizeof(Reading));
	make_words(reading->rule, rule_words, lengthof(rule_words));
	make_words(reading->signal, signal_words, lengthof(signal_words));
	make_words(reading->status, status_words, lengthof(status_words));
	fcinfo->flinfo->fn_extra = reading;
	MemoryContextSwitchTo(caller);
	return reading;
}

/* Whether the name has been read, and nobody can have changed the table since. */
static bool
is_read(const Reading *reading, const text *name)
{
	return reading->name != NULL && VARSIZE(reading->name) == VARSIZE_ANY_EXHDR(name) + VARHDRSZ &&
		   memcmp(VARDATA(reading->name), VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) == 0 &&
		   is_same(reading->seen, look());
}

static Datum
field(int column)
{
	bool is_null;
	Datum value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &is_null);

	Assert(!is_null);
	return value;
}

static bool
field_is(int column, const char *word)
{
	return stp_is_word(DatumGetTextPP(field(column)), word);
}

static void
read_rules(StpSpcDialect *dialect, ArrayType *rules)
{
	Datum *word;
	int n;

	deconstruct_array(rules, TEXTOID, -1, false, TYPALIGN_INT, &word, NULL, &n);
	for (int i = 0; i < n && dialect->rules < STP_SPC_RULES; i++)
	{
		int rule = find_word(DatumGetTextPP(word[i]), rule_words, lengthof(rule_words));

		if (rule >= 0)
			dialect->rule[dialect->rules++] = rule;
	}
}

/* In the order of the columns, which guards keep to what is known. */
#define DIALECT_COLUMNS                                                                            \
	"rules, sigma_factor, centre, screen, screen_strict, screen_mean, missing, baseline_splits, "  \
	"shift, trend, trend_crosses, two_in_three, beyond_three_counts, mark_third, conflict, "       \
	"minimum_points, warn_points, target_on_limit, icon_point, clip"

static StpSpcDialect
read_dialect(void)
{
	StpSpcDialect dialect = {.sigma_factor = DatumGetFloat8(field(2)),
							 .median_centre = field_is(3, "median"),
							 .screen = DatumGetBool(field(4)),
							 .screen_strict = DatumGetBool(field(5)),
							 .screen_mean = DatumGetBool(field(6)),
							 .missing_breaks = field_is(7, "breaks"),
							 .baseline_splits = DatumGetBool(field(8)),
							 .shift = DatumGetInt32(field(9)),
							 .trend = DatumGetInt32(field(10)),
							 .trend_crosses = DatumGetBool(field(11)),
							 .any_third = field_is(12, "any third"),
							 .beyond_three_counts = DatumGetBool(field(13)),
							 .mark_third = DatumGetBool(field(14)),
							 .minimum_points = DatumGetInt32(field(16)),
							 .warn_points = DatumGetInt32(field(17)),
							 .target_decides = field_is(18, "decides"),
							 .last_point = field_is(19, "last"),
							 .clip = DatumGetBool(field(20))};

	dialect.conflict =
		find_word(DatumGetTextPP(field(15)), conflict_words, lengthof(conflict_words));
	read_rules(&dialect, DatumGetArrayTypeP(field(1)));
	return dialect;
}

/* Those there are, as a hint lists them. */
static char *
list_dialects(void)
{
	if (SPI_execute(
			"SELECT pg_catalog.string_agg(dialect, ', ' ORDER BY dialect COLLATE \"C\") FROM "
			"stp.spc_dialect",
			true, 1) != SPI_OK_SELECT)
		elog(ERROR, "cannot list dialects");
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
}

static const StpSpcDialect *
get_dialect(FunctionCallInfo fcinfo, Reading *reading, text *name)
{
	if (is_read(reading, name))
		return &reading->dialect;
	SPI_connect();
	if (SPI_execute_with_args("SELECT " DIALECT_COLUMNS " FROM stp.spc_dialect WHERE dialect "
							  "OPERATOR(pg_catalog.=) $1",
							  1, (Oid[]){TEXTOID}, (Datum[]){PointerGetDatum(name)}, NULL, true,
							  1) != SPI_OK_SELECT)
		elog(ERROR, "cannot read dialects");
	if (SPI_processed == 0)
		stp_refuse(errmsg("unknown dialect \"%s\"", stp_excerpt(text_to_cstring(name))),
				   errhint("There are: %s. Insert a row into stp.spc_dialect for one of your own.",
						   stp_excerpt(list_dialects())));
	reading->dialect = read_dialect();
	SPI_finish();
	if (reading->name != NULL)
		pfree(reading->name);
	reading->name = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, VARSIZE_ANY_EXHDR(name) + VARHDRSZ);
	SET_VARSIZE(reading->name, VARSIZE_ANY_EXHDR(name) + VARHDRSZ);
	memcpy(VARDATA(reading->name), VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	reading->seen = look();
	return &reading->dialect;
}

/* What is asked ------------------------------------------------------------------------------- */

typedef enum Argument
{
	ARG_SERIES,
	ARG_BETTER,
	ARG_DIALECT,
	ARG_CHART,
	ARG_BASELINE,
	ARG_REBASE,
	ARG_GHOSTS,
	ARG_BASE_FROM,
	ARG_BASE_TO,
	ARG_MEAN,
	ARG_SIGMA,
	ARG_PER,
	ARG_GRAIN
} Argument;

static text *
get_word(FunctionCallInfo fcinfo, Argument n, const char *name, const char *hint)
{
	if (PG_ARGISNULL(n))
		stp_refuse(errmsg("%s must not be null", name), errhint("%s", hint));
	return PG_GETARG_TEXT_PP(n);
}

static int
get_better(FunctionCallInfo fcinfo)
{
	static const char *const words[] = {"lower", "neutral", "higher"};
	static const char hint[] =
		"Pass 'higher' where a higher value is better, 'lower' where a lower "
		"one is, and 'neutral' where neither is.";
	text *better = get_word(fcinfo, ARG_BETTER, "better", hint);
	int place = find_word(better, words, lengthof(words));

	if (place < 0)
		stp_refuse(errmsg("better must be \"higher\", \"lower\" or \"neutral\", not \"%s\"",
						  stp_excerpt(text_to_cstring(better))),
				   errhint("%s", hint));
	return place - 1;
}

#define CHART_HINT "Pass xmr (or i), mr, run, p, p' (or pp), u, u' (or up), c, g or t."

static StpSpcChart
read_chart(const text *word)
{
	for (int i = 0; i < (int) lengthof(charts); i++)
		if (stp_is_word(word, charts[i].word))
			return charts[i].chart;
	stp_refuse(errmsg("unknown chart \"%s\"", stp_excerpt(text_to_cstring(word))),
			   errhint(CHART_HINT));
}

static int
compare_days(const void *a, const void *b)
{
	DateADT first = *(const DateADT *) a, second = *(const DateADT *) b;

	return (first > second) - (first < second);
}

/* Days of an array, in order; nothing of none. */
static const int32 *
get_days(FunctionCallInfo fcinfo, Argument n, const char *name, size_t *count)
{
	Datum *day;
	bool *is_null;
	int32 *days;
	int n_days;

	*count = 0;
	if (PG_ARGISNULL(n))
		return NULL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(n), DATEOID, 4, true, TYPALIGN_INT, &day, &is_null,
					  &n_days);
	if (n_days > MAX_DAYS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%s has more than %d days", name, MAX_DAYS),
						errhint("Pass the days of this series.")));
	days = palloc(Max(n_days, 1) * sizeof(int32));
	for (int i = 0; i < n_days; i++)
	{
		if (is_null[i])
			stp_refuse(errmsg("%s must not have a null among its days", name),
					   errhint("Leave it out, as by array_remove(days, NULL)."));
		days[i] = DatumGetDateADT(day[i]);
	}
	qsort(days, n_days, sizeof(int32), compare_days);
	*count = (size_t) n_days;
	return days;
}

/* An end of the range of days that are the base; where it is open, nothing is beyond it. */
static DateADT
get_end(FunctionCallInfo fcinfo, Argument n, const char *name, DateADT open)
{
	DateADT day = PG_ARGISNULL(n) ? open : PG_GETARG_DATEADT(n);

	if (!PG_ARGISNULL(n) && DATE_NOT_FINITE(day))
		stp_refuse(errmsg("%s must be a day, not \"%s\"", name, day_text(day)),
				   errhint("Pass NULL where the range is open."));
	return day;
}

static void
get_baseline(FunctionCallInfo fcinfo, StpSpcQuestion *question)
{
	bool has_range = !PG_ARGISNULL(ARG_BASE_FROM) || !PG_ARGISNULL(ARG_BASE_TO);
	DateADT from = get_end(fcinfo, ARG_BASE_FROM, "base_from", DATEVAL_NOBEGIN);
	DateADT to = get_end(fcinfo, ARG_BASE_TO, "base_to", DATEVAL_NOEND);

	if (!PG_ARGISNULL(ARG_BASELINE))
	{
		question->baseline = PG_GETARG_INT32(ARG_BASELINE);
		if (question->baseline < 2)
			stp_refuse(errmsg("baseline must be at least 2 points, not \"%d\"", question->baseline),
					   errhint("Pass the number of points at the beginning of each segment that "
							   "make its limits, or NULL for all."));
		if (has_range)
			stp_refuse(errmsg("a baseline is %d points or from %s to %s, not both",
							  question->baseline, day_text(from), day_text(to)),
					   errhint("Pass baseline, or base_from and base_to."));
	}
	if (from > to)
		stp_refuse(errmsg("base_from %s is after base_to %s", day_text(from), day_text(to)),
				   errhint("Pass the first day and the last one."));
	question->base_first = has_range ? from : 0;
	question->base_end = has_range ? (to < DATEVAL_NOEND ? to + 1 : to) : 0;
}

static double
get_given(FunctionCallInfo fcinfo, Argument n, const char *name)
{
	if (PG_ARGISNULL(n))
		return NAN;
	return stp_check_finite(PG_GETARG_FLOAT8(n), name, "Pass NULL to have it estimated.");
}

/* A centre that values of the chart cannot have has no limits either. */
static void
check_given(const StpSpcQuestion *question)
{
	if (!stp_core_spc_can_centre(question->chart, question->mean))
		stp_refuse(errmsg("given_mean \"%s\" is not a value that the chart can have",
						  float8out_internal(question->mean * question->per)),
				   errhint("Pass it in the unit of the values that are shown, which are multiplied "
						   "by \"per\"."));
	if (!isnan(question->sigma) && question->chart != STP_SPC_XMR)
		stp_refuse(errmsg("given_sigma \"%s\" is for charts of individual values",
						  float8out_internal(question->sigma * question->per)),
				   errhint("Pass chart xmr, or leave it out: other charts have a sigma of their "
						   "own."));
	if (question->sigma <= 0)
		stp_refuse(errmsg("given_sigma must be above 0, not \"%s\"",
						  float8out_internal(question->sigma * question->per)),
				   errhint("Pass NULL to have it estimated."));
}

/* The months of a period; 0 where nobody says how long it is. */
static int32
get_grain(FunctionCallInfo fcinfo)
{
	static const char *const words[] = {"month", "quarter", "half", "year"};
	static const int32 months[] = {1, 3, 6, 12};
	text *word;
	int place;

	if (PG_ARGISNULL(ARG_GRAIN))
		return 0;
	word = PG_GETARG_TEXT_PP(ARG_GRAIN);
	place = find_word(word, words, lengthof(words));
	if (place < 0)
		stp_refuse(errmsg("unknown grain \"%s\"", stp_excerpt(text_to_cstring(word))),
				   errhint("Pass month, quarter, half or year, or NULL to have it found from the "
						   "usual step of the series."));
	return months[place];
}

static StpSpcQuestion
get_question(FunctionCallInfo fcinfo, Reading *reading)
{
	StpSpcQuestion question = {.better = get_better(fcinfo),
							   .chart =
								   read_chart(get_word(fcinfo, ARG_CHART, "chart", CHART_HINT))};

	question.dialect = get_dialect(fcinfo, reading,
								   get_word(fcinfo, ARG_DIALECT, "dialect",
											"SELECT dialect FROM stp.spc_dialect lists them."));
	question.rebase = get_days(fcinfo, ARG_REBASE, "rebase", &question.rebases);
	question.ghosts = get_days(fcinfo, ARG_GHOSTS, "ghosts", &question.ghost_days);
	get_baseline(fcinfo, &question);
	question.grain_months = get_grain(fcinfo);
	if (PG_ARGISNULL(ARG_PER))
		stp_refuse(errmsg("per must not be null"), errhint("Pass 1, or 100 for per cent."));
	question.per =
		stp_check_finite(PG_GETARG_FLOAT8(ARG_PER), "per", "Pass 1, or 100 for per cent.");
	if (question.per <= 0)
		stp_refuse(errmsg("per must be above 0, not \"%s\"", float8out_internal(question.per)),
				   errhint("Pass 1, or 100 for per cent."));
	question.mean = get_given(fcinfo, ARG_MEAN, "given_mean") / question.per;
	question.sigma = get_given(fcinfo, ARG_SIGMA, "given_sigma") / question.per;
	check_given(&question);
	return question;
}

/* A series that cannot be on the chart. */
static void
refuse_fault(StpSpcFault fault, const StpSpcPoint *point)
{
	const char *day = day_text(point->day), *value = float8out_internal(point->value);

	switch (fault)
	{
		case STP_SPC_FINE:
			break;
		case STP_SPC_NO_DENOMINATORS:
			stp_refuse(
				errmsg("a chart of proportions or rates needs denominators: the series has "
					   "none"),
				errhint("Give it as stp.spc(day, numerator, denominator), or pass chart xmr."));
			break;
		case STP_SPC_NEGATIVE:
			stp_refuse(errmsg("value \"%s\" of %s is below 0", value, day),
					   errhint("Pass chart xmr for what is no count."));
			break;
		case STP_SPC_ABOVE_DENOMINATOR:
			stp_refuse(errmsg("value \"%s\" of %s is above its denominator \"%s\"", value, day,
							  float8out_internal(point->denominator)),
					   errhint("Correct the report, or pass chart u for a rate."));
			break;
		case STP_SPC_NOT_POSITIVE:
			stp_refuse(errmsg("time \"%s\" of %s is not above 0", value, day),
					   errhint("Count those of one day as one event, or pass chart g for a count "
							   "between events."));
			break;
	}
}

static StpSpcRow *
judge(const StpSpc *series, const StpSpcQuestion *question)
{
	size_t n = (size_t) series->points, faulty;
	StpSpcWork work = {palloc(n * sizeof(double)), palloc(n * sizeof(size_t)),
					   palloc(n * sizeof(size_t))};
	StpSpcRow *rows = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(StpSpcRow));
	StpSpcFault fault;

	assert_valid(series);
	fault = stp_core_spc_judge(series, question, &work, rows, &faulty);
	if (fault != STP_SPC_FINE)
		refuse_fault(fault, &series->point[faulty]);
	return rows;
}

/* What is given ------------------------------------------------------------------------------- */

/* Columns of a summary that are counts. */
#define SUMMARY_POINTS 0
#define SUMMARY_SEGMENTS 14
#define SUMMARY_GAPS 17

/* A row of a result, filled from its first column on. */
typedef struct Output
{
	Datum values[32];
	bool nulls[32];
	int n;
} Output;

static void
put(Output *out, Datum value, bool is_null)
{
	out->nulls[out->n] = is_null;
	out->values[out->n++] = value;
}

static void
put_number(Output *out, double number)
{
	stp_check_range(number, false);
	put(out, Float8GetDatum(number), isnan(number));
}

static void
put_text(Output *out, const char *text)
{
	put(out, text == NULL ? (Datum) 0 : CStringGetTextDatum(text), text == NULL);
}

static void
put_limits(Output *out, const StpSpcRow *row)
{
	put_number(out, row->mean);
	put_number(out, row->lower);
	put_number(out, row->upper);
}

/* Flags: those of limits are none where there are no limits. */
static void
put_flags(Output *out, const StpSpcRow *row)
{
	for (int rule = 0; rule < STP_SPC_RULES; rule++)
	{
		bool is_of_limits = rule == STP_SPC_OUTSIDE || rule == STP_SPC_TWO_IN_THREE;

		put(out, Int32GetDatum(row->flag[rule]),
			!row->is_judged || (is_of_limits && isnan(row->upper)));
	}
}

static void
write_point(Output *out, const Reading *reading, const StpSpcPoint *point, const StpSpcRow *row)
{
	out->n = 0;
	put(out, DateADTGetDatum(point->day), false);
	put_number(out, row->value);
	put(out, Int32GetDatum(row->segment), false);
	put_limits(out, row);
	put_number(out, row->near_lower);
	put_number(out, row->near_upper);
	put_number(out, row->moving_range);
	put(out, BoolGetDatum(row->is_base), false);
	put(out, BoolGetDatum(row->is_ghost), false);
	put_flags(out, row);
	put(out, row->rule == STP_SPC_NO_RULE ? (Datum) 0 : reading->rule[row->rule],
		row->rule == STP_SPC_NO_RULE);
	put(out, row->signal == STP_SPC_NO_SIGNAL ? (Datum) 0 : reading->signal[row->signal],
		row->signal == STP_SPC_NO_SIGNAL);
	put(out, BoolGetDatum(row->conflict), !row->is_judged);
	put_number(out, point->target);
	put(out, Int32GetDatum(row->gap), false);
	put(out, reading->status[row->status], false);
}

/* Not strict: what is NULL among the settings is none. */
PG_FUNCTION_INFO_V1(stp_spc_points);
Datum
stp_spc_points(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Reading *reading = get_reading(fcinfo);
	StpSpcQuestion question = get_question(fcinfo, reading);
	const StpSpc *series;
	const StpSpcRow *rows;
	Output out;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(ARG_SERIES))
		return (Datum) 0;
	series = PG_GETARG_SPC(ARG_SERIES);
	rows = judge(series, &question);
	for (int32 i = 0; i < series->points; i++)
	{
		CHECK_FOR_INTERRUPTS();
		write_point(&out, reading, &series->point[i], &rows[i]);
		tuplestore_putvalues(result->setResult, result->setDesc, out.values, out.nulls);
	}
	return (Datum) 0;
}

/* Improvement is where better is, concern where it is not. */
static const char *
icon_of(StpSpcSignal signal, int better)
{
	switch (signal)
	{
		case STP_SPC_COMMON_CAUSE:
			return "common_cause";
		case STP_SPC_IMPROVEMENT:
			return better > 0 ? "improvement_high" : "improvement_low";
		case STP_SPC_CONCERN:
			return better > 0 ? "concern_low" : "concern_high";
		case STP_SPC_HIGH:
			return "neutral_high";
		case STP_SPC_LOW:
			return "neutral_low";
		default:
			return NULL;
	}
}

static const char *
variation_icon(const StpSpcQuestion *question, const StpSpcRow *row)
{
	if (row->conflict && question->dialect->conflict == STP_SPC_BOTH)
		return psprintf("%s, %s", icon_of(STP_SPC_IMPROVEMENT, question->better),
						icon_of(STP_SPC_CONCERN, question->better));
	return icon_of(row->signal, question->better);
}

static void
put_variation(Output *out, const StpSpcQuestion *question, const StpSpcRow *row)
{
	put_text(out, row->signal == STP_SPC_NO_SIGNAL ? NULL : signal_words[row->signal]);
	put_text(out, variation_icon(question, row));
	put_text(out, row->rule == STP_SPC_NO_RULE ? NULL : rule_words[row->rule]);
	put(out, BoolGetDatum(row->conflict), !row->is_judged);
}

static void
put_runs(Output *out, const StpSpcRuns *runs)
{
	int32 numbers[] = {runs->useful, runs->longest, runs->longest_max, runs->crossings,
					   runs->crossings_min};

	for (int i = 0; i < (int) lengthof(numbers); i++)
		put(out, Int32GetDatum(numbers[i]), runs->useful == 0);
}

/* The day of a row; of none of n rows, none. */
static void
put_day(Output *out, const StpSpcPoint *point, size_t row, size_t n)
{
	put(out, row < n ? DateADTGetDatum(point[row].day) : (Datum) 0, row >= n);
}

static void
write_summary(Output *out, const StpSpc *series, const StpSpcQuestion *question,
			  const StpSpcRow *rows)
{
	static const StpSpcRow none = {.value = NAN,
								   .mean = NAN,
								   .lower = NAN,
								   .upper = NAN,
								   .rule = STP_SPC_NO_RULE,
								   .signal = STP_SPC_NO_SIGNAL,
								   .status = STP_SPC_NO_DATA};
	StpSpcSummary summary = stp_core_spc_summarise(series, question, rows);
	size_t n = (size_t) series->points;
	const StpSpcPoint *point = series->point;
	const StpSpcRow *row = summary.row < n ? &rows[summary.row] : &none;
	bool is_assured = summary.assurance != STP_SPC_NO_ASSURANCE;

	put(out, Int32GetDatum(summary.points), false);
	put_day(out, point, summary.row, n);
	put_number(out, row->value);
	put_limits(out, row);
	put_variation(out, question, row);
	put_day(out, point, row->is_judged ? summary.since_row : n, n);
	put_number(out, summary.row < n ? point[summary.row].target : NAN);
	put_text(out, is_assured ? assurance_words[summary.assurance] : NULL);
	put_text(out, is_assured ? assurance_icons[summary.assurance] : NULL);
	put(out, Int32GetDatum(summary.segments), false);
	put_day(out, point, summary.row < n ? summary.segment_row : n, n);
	put_day(out, point, summary.proposal_row, n);
	put(out, Int64GetDatum(summary.gaps), false);
	put_runs(out, &summary.runs);
	put_text(out, status_words[row->status]);
}

/* No series: nothing, but for the counts, which are 0, and the status. */
static void
write_none(Output *out, int columns)
{
	while (out->n < columns - 1)
	{
		bool is_count =
			out->n == SUMMARY_POINTS || out->n == SUMMARY_SEGMENTS || out->n == SUMMARY_GAPS;

		put(out, (Datum) 0, !is_count);
	}
	put_text(out, status_words[STP_SPC_NO_DATA]);
}

/* Not strict: no series is a row with the status no data. */
PG_FUNCTION_INFO_V1(stp_spc_summary);
Datum
stp_spc_summary(PG_FUNCTION_ARGS)
{
	StpSpcQuestion question = get_question(fcinfo, get_reading(fcinfo));
	TupleDesc columns;
	Output out = {.n = 0};

	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "a summary is a row");
	if (PG_ARGISNULL(ARG_SERIES))
		write_none(&out, columns->natts);
	else
	{
		const StpSpc *series = PG_GETARG_SPC(ARG_SERIES);

		write_summary(&out, series, &question, judge(series, &question));
	}
	PG_RETURN_DATUM(
		HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), out.values, out.nulls)));
}

/*
 * stp_internal.chart_that_fits(series, chart, given_mean, per): the chart, or xmr where the series,
 * or the mean, cannot be on it. Not strict: a mean may not be given.
 */
PG_FUNCTION_INFO_V1(stp_spc_chart_that_fits);
Datum
stp_spc_chart_that_fits(PG_FUNCTION_ARGS)
{
	text *word;
	StpSpcChart chart;
	size_t faulty;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	word = PG_GETARG_TEXT_PP(1);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(3))
		PG_RETURN_TEXT_P(word);
	chart = read_chart(word);
	if (stp_core_spc_find_fault(PG_GETARG_SPC(0), chart, &faulty) != STP_SPC_FINE ||
		!stp_core_spc_can_centre(chart,
								 PG_ARGISNULL(2) ? NAN : PG_GETARG_FLOAT8(2) / PG_GETARG_FLOAT8(3)))
		PG_RETURN_TEXT_P(cstring_to_text("xmr"));
	PG_RETURN_TEXT_P(word);
}
