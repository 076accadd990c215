/*
 * census.c: the type stp.census, its aggregates and what is read from it.
 */
#include "postgres.h"

#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/rangetypes.h"
#include "utils/tuplestore.h"

#include "core/census.h"
#include "period.h"
#include "state_text.h"
#include "stp_metrics.h"

/* The first byte of the binary format. */
#define CENSUS_VERSION 1

/* Spans are within the years that are written with four digits, 0001-01-01 to 9999-12-31. */
#define FIRST_DAY (1721426 - POSTGRES_EPOCH_JDATE)
#define LAST_DAY (5373484 - POSTGRES_EPOCH_JDATE)

#define PG_GETARG_CENSUS(n) ((StpCensus *) PG_DETOAST_DATUM(PG_GETARG_DATUM(n)))

StaticAssertDecl(offsetof(StpCensus, change) == 12, "the type's fields are on disk like this");
StaticAssertDecl(STP_CENSUS_OPEN == DATEVAL_NOEND, "a spell until infinity is an open one");

/* A span as the days from first to before end. */
typedef struct StpSpan
{
	DateADT first;
	DateADT end;
} StpSpan;

/* In builds with assertions: no function takes or gives a state that spells cannot have made. */
static inline void
assert_valid(const StpCensus *census)
{
	Assert(VARSIZE(census) == stp_core_census_size(census->days));
	Assert(stp_core_census_is_valid(census));
	(void) census;
}

/* A state over no spells. */
static StpCensus *
new_census(DateADT first_day, int32 days)
{
	size_t size = stp_core_census_size(days);
	StpCensus *census = palloc0(size);

	SET_VARSIZE(census, size);
	census->first_day = first_day;
	census->days = days;
	return census;
}

/* The day as errors show it. */
static char *
day_text(DateADT day)
{
	return DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(day)));
}

static char *
span_text(StpSpan span)
{
	return psprintf("[%s,%s)", day_text(span.first), day_text(span.end));
}

/* The days a census counts. */
static StpSpan
span_of(const StpCensus *census)
{
	return (StpSpan){census->first_day, census->first_day + census->days};
}

/* Whether all days have a year of four digits, as in the text. */
static bool
is_in_calendar(int32 first_day, int32 days)
{
	return first_day >= FIRST_DAY && (int64) first_day + days - 1 <= LAST_DAY;
}

/* Text and binary form ---------------------------------------------------------------------- */

/* How many days a text has, as a comma is before each; no more are read than can be. */
static int32
count_days(const char *text)
{
	int32 days = 0;

	for (; *text != '\0' && days <= STP_CENSUS_MAX_DAYS; text++)
	{
		CHECK_FOR_INTERRUPTS();
		days += *text == ',';
	}
	return days;
}

/* A day as 2026-03-31, whatever DateStyle says. */
static bool
read_day(char **at, DateADT *day)
{
	int year, month, day_of_month, length = 0;
	int back[3];

	if (sscanf(*at, "%4d-%2d-%2d%n", &year, &month, &day_of_month, &length) < 3 || length != 10 ||
		strspn(*at, "0123456789-") < 10)
		return false;
	/* There and back, a day that is not in the calendar becomes another. */
	j2date(date2j(year, month, day_of_month), &back[0], &back[1], &back[2]);
	*day = date2j(year, month, day_of_month) - POSTGRES_EPOCH_JDATE;
	*at += length;
	return back[0] == year && back[1] == month && back[2] == day_of_month;
}

/* Those present on each day; what makes no change that can be held is out of range. */
static bool
read_occupied(char **at, StpCensus *census, bool *in_range)
{
	int64 before = 0, occupied;

	for (int32 i = 0; i < census->days; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!stp_read_count(at, ',', &occupied))
			return false;
		if (occupied < 0 || occupied - before < INT32_MIN || occupied - before > INT32_MAX)
		{
			*in_range = false;
			continue;
		}
		census->change[i] = (int32) (occupied - before);
		before = occupied;
	}
	return stp_read_delimiter(at, ')') && **at == '\0';
}

PG_FUNCTION_INFO_V1(stp_census_in);
Datum
stp_census_in(PG_FUNCTION_ARGS)
{
	char *text = PG_GETARG_CSTRING(0);
	char *at = text;
	StpCensus *census = new_census(0, count_days(text));
	bool in_range = true;

	if (!stp_read_delimiter(&at, '(') || !read_day(&at, &census->first_day) ||
		!read_occupied(&at, census, &in_range))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type stp.census: \"%s\"", stp_excerpt(text)),
				 errhint("Read only what was written from a stp.census before.")));
	if (!in_range || !is_in_calendar(census->first_day, census->days) ||
		!stp_core_census_is_valid(census))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid value for type stp.census: \"%s\"", stp_excerpt(text)),
				 errdetail("No spells give this state."),
				 errhint("Read only what was written from a stp.census before.")));
	PG_RETURN_POINTER(census);
}

/* The text shows those present, not the changes: people can read it. */
PG_FUNCTION_INFO_V1(stp_census_out);
Datum
stp_census_out(PG_FUNCTION_ARGS)
{
	const StpCensus *census = PG_GETARG_CENSUS(0);
	int year, month, day_of_month;
	int64 occupied = 0;
	StringInfoData text;

	assert_valid(census);
	initStringInfo(&text);
	j2date(census->first_day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	appendStringInfo(&text, "(%04d-%02d-%02d", year, month, day_of_month);
	for (int32 i = 0; i < census->days; i++)
	{
		CHECK_FOR_INTERRUPTS();
		occupied += census->change[i];
		appendStringInfo(&text, "," INT64_FORMAT, occupied);
	}
	appendStringInfoChar(&text, ')');
	PG_RETURN_CSTRING(text.data);
}

/* The number of days, refused before anything is allocated for them. */
static int32
receive_days(StringInfo message)
{
	int32 days = pq_getmsgint(message, 4);

	if (days < 1 || days > STP_CENSUS_MAX_DAYS)
		stp_refuse_binary(errmsg("binary stp.census has \"%d\" days", days),
						  errdetail("There are from 1 to %d.", STP_CENSUS_MAX_DAYS),
						  errhint("Send only what was received as a stp.census before."));
	return days;
}

PG_FUNCTION_INFO_V1(stp_census_recv);
Datum
stp_census_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	StpCensus *census;
	DateADT first_day;
	int version = pq_getmsgbyte(message);

	if (version != CENSUS_VERSION)
		stp_refuse_binary(errmsg("unknown version \"%d\" of binary stp.census", version),
						  errhint("Upgrade stp_metrics on the server that reads."));
	first_day = (DateADT) pq_getmsgint(message, 4);
	census = new_census(first_day, receive_days(message));
	for (int32 i = 0; i < census->days; i++)
	{
		CHECK_FOR_INTERRUPTS();
		census->change[i] = (int32) pq_getmsgint(message, 4);
	}
	if (!is_in_calendar(first_day, census->days) || !stp_core_census_is_valid(census))
		stp_refuse_binary(errmsg("invalid binary value for type stp.census"),
						  errdetail("No spells give this state."),
						  errhint("Send only what was received as a stp.census before."));
	PG_RETURN_POINTER(census);
}

PG_FUNCTION_INFO_V1(stp_census_send);
Datum
stp_census_send(PG_FUNCTION_ARGS)
{
	const StpCensus *census = PG_GETARG_CENSUS(0);
	StringInfoData message;

	assert_valid(census);
	pq_begintypsend(&message);
	pq_sendbyte(&message, CENSUS_VERSION);
	pq_sendint32(&message, census->first_day);
	pq_sendint32(&message, census->days);
	for (int32 i = 0; i < census->days; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pq_sendint32(&message, census->change[i]);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* Aggregates -------------------------------------------------------------------------------- */

/* A span that does not say which days to count. */
static void
refuse_unbounded(const RangeType *range)
{
	stp_refuse(errmsg("span must have a first and a last day, not \"%s\"",
					  OidOutputFunctionCall(F_RANGE_OUT, RangeTypePGetDatum(range))),
			   errhint("Give the days to count, as daterange('2016-04-01', '2017-04-01') or "
					   "stp.daterange(period)."));
}

/*
 * The two days of a bounded range follow its type, as on disk, and are read there: to ask the type
 * cache for each row would cost more than to count it. In its canonical form, which a date range
 * has unless a bound is infinite, the lower bound is included and the upper one is not.
 */
static StpSpan
get_span(FunctionCallInfo fcinfo)
{
	const RangeType *range;
	StpSpan span;

	if (PG_ARGISNULL(3))
		stp_refuse(errmsg("span must not be null"), errhint("Give the days to count."));
	range = PG_GETARG_RANGE_P(3);
	if (unlikely(range_get_flags(range) != RANGE_LB_INC))
		refuse_unbounded(range);
	memcpy(&span, range + 1, sizeof(span));
	if (unlikely(DATE_NOT_FINITE(span.first) || DATE_NOT_FINITE(span.end)))
		refuse_unbounded(range);
	return span;
}

/* Sizes are checked before anything is allocated. */
static StpCensus *
census_of_span(StpSpan span)
{
	int64 days = (int64) span.end - span.first;

	if (days > STP_CENSUS_MAX_DAYS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("span \"%s\" is longer than 100 years", span_text(span)),
						errhint("A census has a counter for each day: give the days to count.")));
	if (!is_in_calendar(span.first, (int32) days))
		stp_refuse(errmsg("span \"%s\" is not within the years 1 to 9999", span_text(span)),
				   errhint("Give the days to count."));
	return new_census(span.first, (int32) days);
}

/* The state to change: an aggregate's own in place, a copy of anybody else's. */
static StpCensus *
writable_census(FunctionCallInfo fcinfo)
{
	if (AggCheckCallContext(fcinfo, NULL))
		return PG_GETARG_CENSUS(0);
	return (StpCensus *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
}

/* All spells of a census are counted over one span, or the days of some would be missing. */
static void
refuse_other_span(const StpCensus *census, StpSpan span)
{
	if (unlikely(span.first != census->first_day || span.end != census->first_day + census->days))
		stp_refuse(errmsg("spans \"%s\" and \"%s\" cannot be counted together",
						  span_text(span_of(census)), span_text(span)),
				   errhint("Group by the span, or count all spells over one."));
}

/* A counter that would leave its range is an error, as in sum(). */
static void
check_counters(bool in_range)
{
	if (unlikely(!in_range))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("more than %d spells start or end on one day", INT32_MAX),
						errhint("Group the spells, and add up what is read from the groups.")));
}

/* The first day of a spell. */
static DateADT
get_start(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n))
		stp_refuse(errmsg("start date must not be null"),
				   errhint("A spell without start date cannot be counted: leave it out by FILTER "
						   "or WHERE."));
	if (unlikely(DATE_NOT_FINITE(PG_GETARG_DATEADT(n))))
		stp_refuse(
			errmsg("start date must be a finite date, not \"%s\"", day_text(PG_GETARG_DATEADT(n))),
			errhint("Give the first day of the span for those present before."));
	return PG_GETARG_DATEADT(n);
}

/* The day a spell ends; that of one that is open is after all others. */
static DateADT
get_end(FunctionCallInfo fcinfo, int n, DateADT start)
{
	if (PG_ARGISNULL(n))
		return STP_CENSUS_OPEN;
	if (unlikely(PG_GETARG_DATEADT(n) < start))
		stp_refuse(errmsg("end date \"%s\" is before start date \"%s\"",
						  day_text(PG_GETARG_DATEADT(n)), day_text(start)),
				   errhint("A spell ends on the day it starts or later; leave the end NULL for who "
						   "is still present."));
	return PG_GETARG_DATEADT(n);
}

/*
 * Not strict, because a spell may have no end. A new state is not made in the aggregate's context:
 * it is the executor who copies there what is not the pointer it gave, once for each group. From
 * then on the pointer stays the same, and nothing is copied.
 */
PG_FUNCTION_INFO_V1(stp_census_accum);
Datum
stp_census_accum(PG_FUNCTION_ARGS)
{
	StpSpan span = get_span(fcinfo);
	DateADT start = get_start(fcinfo, 1);
	DateADT end = get_end(fcinfo, 2, start);
	StpCensus *census = PG_ARGISNULL(0) ? census_of_span(span) : writable_census(fcinfo);

	refuse_other_span(census, span);
	check_counters(stp_core_census_add(census, start, end));
	PG_RETURN_POINTER(census);
}

PG_FUNCTION_INFO_V1(stp_census_combine);
Datum
stp_census_combine(PG_FUNCTION_ARGS)
{
	StpCensus *census = writable_census(fcinfo);
	const StpCensus *other = PG_GETARG_CENSUS(1);

	assert_valid(census);
	assert_valid(other);
	refuse_other_span(census, span_of(other));
	check_counters(stp_core_census_merge(census, other));
	assert_valid(census);
	PG_RETURN_POINTER(census);
}

/* What is read from a census ------------------------------------------------------------------ */

PG_FUNCTION_INFO_V1(stp_census_occupied);
Datum
stp_census_occupied(PG_FUNCTION_ARGS)
{
	const StpCensus *census = PG_GETARG_CENSUS(0);
	DateADT day = PG_GETARG_DATEADT(1);

	assert_valid(census);
	if (!stp_core_census_covers(census, day, day))
		PG_RETURN_NULL();
	PG_RETURN_INT64(stp_core_census_occupied(census, day));
}

PG_FUNCTION_INFO_V1(stp_census_bed_days);
Datum
stp_census_bed_days(PG_FUNCTION_ARGS)
{
	const StpCensus *census = PG_GETARG_CENSUS(0);

	assert_valid(census);
	PG_RETURN_INT64(
		stp_core_census_bed_days(census, census->first_day, census->first_day + census->days - 1));
}

/* The bed days of a period; false when the span has not all of its days. */
static bool
sum_period(const StpCensus *census, stp_period period, int64 *bed_days)
{
	int32 first = stp_core_period_first_day(period);
	int32 last = stp_core_period_last_day(period);

	assert_valid(census);
	if (!stp_core_census_covers(census, first, last))
		return false;
	*bed_days = stp_core_census_bed_days(census, first, last);
	return true;
}

PG_FUNCTION_INFO_V1(stp_census_bed_days_period);
Datum
stp_census_bed_days_period(PG_FUNCTION_ARGS)
{
	int64 bed_days;

	if (!sum_period(PG_GETARG_CENSUS(0), PG_GETARG_PERIOD(1), &bed_days))
		PG_RETURN_NULL();
	PG_RETURN_INT64(bed_days);
}

PG_FUNCTION_INFO_V1(stp_census_mean_occupied);
Datum
stp_census_mean_occupied(PG_FUNCTION_ARGS)
{
	stp_period period = PG_GETARG_PERIOD(1);
	int32 days = stp_core_period_last_day(period) - stp_core_period_first_day(period) + 1;
	int64 bed_days;

	if (!sum_period(PG_GETARG_CENSUS(0), period, &bed_days))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((float8) bed_days / days);
}

PG_FUNCTION_INFO_V1(stp_census_daily);
Datum
stp_census_daily(PG_FUNCTION_ARGS)
{
	const StpCensus *census = PG_GETARG_CENSUS(0);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool nulls[2] = {false, false};
	int64 occupied = 0;

	assert_valid(census);
	InitMaterializedSRF(fcinfo, 0);
	for (int32 i = 0; i < census->days; i++)
	{
		Datum values[2];

		CHECK_FOR_INTERRUPTS();
		occupied += census->change[i];
		values[0] = DateADTGetDatum(census->first_day + i);
		values[1] = Int64GetDatum(occupied);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Not strict, because a spell may have no end. */
PG_FUNCTION_INFO_V1(stp_spell_bed_days);
Datum
stp_spell_bed_days(PG_FUNCTION_ARGS)
{
	DateADT start = get_start(fcinfo, 0);
	DateADT end = get_end(fcinfo, 1, start);
	stp_period period;

	if (PG_ARGISNULL(2))
		PG_RETURN_NULL();
	period = PG_GETARG_PERIOD(2);
	PG_RETURN_INT32(stp_core_spell_days(start, end, stp_core_period_first_day(period),
										stp_core_period_last_day(period)));
}
