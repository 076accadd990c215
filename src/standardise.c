/*
 * standardise.c: the type stp.standardised, its aggregates and the rate read from it.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "check.h"
#include "core/estimate.h"
#include "core/standardise.h"
#include "estimate.h"
#include "state_text.h"

/* The first byte of the binary format. */
#define STANDARDISED_VERSION 2

#define PG_GETARG_STANDARDISED(n) ((StpStandardised *) PG_DETOAST_DATUM(PG_GETARG_DATUM(n)))

StaticAssertDecl(sizeof(StpStandardised) == 96 && sizeof(StpBand) == 32,
				 "the type's fields are on disk like this");

/* In builds with assertions: no function takes or gives a state that rows cannot have made. */
static inline void
assert_valid(const StpStandardised *state)
{
	Assert(VARSIZE(state) == stp_core_standardised_size(state->bands));
	Assert(stp_core_standardised_is_valid(state));
	(void) state;
}

/* A state over no rows, with room for some bands. */
static StpStandardised *
new_state(int32 bands)
{
	size_t size = stp_core_standardised_size(bands);
	StpStandardised *state = palloc0(size);

	SET_VARSIZE(state, size);
	return state;
}

/* How many bands a text has, as each opens a parenthesis; no more are read than can be. */
static int32
count_bands(const char *text)
{
	int32 count = -1;

	for (; *text != '\0' && count <= STP_STANDARDISED_MAX_BANDS; text++)
	{
		CHECK_FOR_INTERRUPTS();
		count += *text == '(';
	}
	return Max(count, 0);
}

static bool
read_pair(char **at, StpSum *sum)
{
	return stp_read_sum(at, ',', &sum->sum) && stp_read_sum(at, ',', &sum->error);
}

static bool
read_band(char **at, StpBand *band)
{
	return stp_read_count(at, '(', &band->age_from) && stp_read_sum(at, ',', &band->population) &&
		   stp_read_sum(at, ',', &band->standard_population) &&
		   stp_read_count(at, ',', &band->rows) && stp_read_delimiter(at, ')');
}

/* A state with room for as many bands as there are parentheses. */
static bool
read_state(char *at, StpStandardised *state, int32 bands)
{
	if (!stp_read_count(&at, '(', &state->rows) || !stp_read_count(&at, ',', &state->missing) ||
		!stp_read_count(&at, ',', &state->unpopulated) || !read_pair(&at, &state->weight) ||
		!read_pair(&at, &state->events) || !read_pair(&at, &state->weighted_rate) ||
		!read_pair(&at, &state->weighted_variance) || !stp_read_delimiter(&at, ')'))
		return false;
	for (state->bands = 0; state->bands < bands; state->bands++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!read_band(&at, &state->band[state->bands]))
			return false;
	}
	return *at == '\0';
}

PG_FUNCTION_INFO_V1(stp_standardised_in);
Datum
stp_standardised_in(PG_FUNCTION_ARGS)
{
	char *text = PG_GETARG_CSTRING(0);
	int32 bands = count_bands(text);
	StpStandardised *state = new_state(bands);

	if (!read_state(text, state, bands))
		ereturn(
			fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type stp.standardised: \"%s\"", stp_excerpt(text)),
			 errhint("Read only what was written from a stp.standardised before.")));
	if (!stp_core_standardised_is_valid(state))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid value for type stp.standardised: \"%s\"", stp_excerpt(text)),
				 errdetail("No age bands give this state."),
				 errhint("Read only what was written from a stp.standardised before.")));
	PG_RETURN_POINTER(state);
}

static void
append_pair(StringInfo text, const StpSum *sum)
{
	stp_append_sum(text, ',', sum->sum);
	stp_append_sum(text, ',', sum->error);
}

static void
append_band(StringInfo text, const StpBand *band)
{
	appendStringInfo(text, "(" INT64_FORMAT, band->age_from);
	stp_append_sum(text, ',', band->population);
	stp_append_sum(text, ',', band->standard_population);
	appendStringInfo(text, "," INT64_FORMAT ")", band->rows);
}

PG_FUNCTION_INFO_V1(stp_standardised_out);
Datum
stp_standardised_out(PG_FUNCTION_ARGS)
{
	const StpStandardised *state = PG_GETARG_STANDARDISED(0);
	StringInfoData text;

	assert_valid(state);
	initStringInfo(&text);
	appendStringInfo(&text, "(" INT64_FORMAT "," INT64_FORMAT "," INT64_FORMAT, state->rows,
					 state->missing, state->unpopulated);
	append_pair(&text, &state->weight);
	append_pair(&text, &state->events);
	append_pair(&text, &state->weighted_rate);
	append_pair(&text, &state->weighted_variance);
	appendStringInfoChar(&text, ')');
	for (int32 i = 0; i < state->bands; i++)
	{
		CHECK_FOR_INTERRUPTS();
		append_band(&text, &state->band[i]);
	}
	PG_RETURN_CSTRING(text.data);
}

/* The number of bands, refused before anything is allocated for them. */
static int32
receive_bands(StringInfo message)
{
	int32 bands = pq_getmsgint(message, 4);

	if (bands < 0 || bands > STP_STANDARDISED_MAX_BANDS)
		stp_refuse_binary(errmsg("binary stp.standardised has \"%d\" age bands", bands),
						  errdetail("There are from 0 to %d.", STP_STANDARDISED_MAX_BANDS),
						  errhint("Send only what was received as a stp.standardised before."));
	return bands;
}

static void
receive_pair(StringInfo message, StpSum *sum)
{
	sum->sum = pq_getmsgfloat8(message);
	sum->error = pq_getmsgfloat8(message);
}

static void
receive_band(StringInfo message, StpBand *band)
{
	band->age_from = pq_getmsgint64(message);
	band->population = pq_getmsgfloat8(message);
	band->standard_population = pq_getmsgfloat8(message);
	band->rows = pq_getmsgint64(message);
}

static StpStandardised *
receive_state(StringInfo message)
{
	int32 bands = receive_bands(message);
	StpStandardised *state = new_state(bands);

	state->bands = bands;
	state->rows = pq_getmsgint64(message);
	state->missing = pq_getmsgint64(message);
	state->unpopulated = pq_getmsgint64(message);
	receive_pair(message, &state->weight);
	receive_pair(message, &state->events);
	receive_pair(message, &state->weighted_rate);
	receive_pair(message, &state->weighted_variance);
	for (int32 i = 0; i < bands; i++)
	{
		CHECK_FOR_INTERRUPTS();
		receive_band(message, &state->band[i]);
	}
	return state;
}

PG_FUNCTION_INFO_V1(stp_standardised_recv);
Datum
stp_standardised_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	StpStandardised *state;
	int version = pq_getmsgbyte(message);

	if (version != STANDARDISED_VERSION)
		stp_refuse_binary(errmsg("unknown version \"%d\" of binary stp.standardised", version),
						  errhint("Upgrade stp_metrics on the server that reads."));
	state = receive_state(message);
	if (!stp_core_standardised_is_valid(state))
		stp_refuse_binary(errmsg("invalid binary value for type stp.standardised"),
						  errdetail("No age bands give this state."),
						  errhint("Send only what was received as a stp.standardised before."));
	PG_RETURN_POINTER(state);
}

static void
send_pair(StringInfo message, const StpSum *sum)
{
	pq_sendfloat8(message, sum->sum);
	pq_sendfloat8(message, sum->error);
}

static void
send_band(StringInfo message, const StpBand *band)
{
	pq_sendint64(message, band->age_from);
	pq_sendfloat8(message, band->population);
	pq_sendfloat8(message, band->standard_population);
	pq_sendint64(message, band->rows);
}

PG_FUNCTION_INFO_V1(stp_standardised_send);
Datum
stp_standardised_send(PG_FUNCTION_ARGS)
{
	const StpStandardised *state = PG_GETARG_STANDARDISED(0);
	StringInfoData message;

	assert_valid(state);
	pq_begintypsend(&message);
	pq_sendbyte(&message, STANDARDISED_VERSION);
	pq_sendint32(&message, state->bands);
	pq_sendint64(&message, state->rows);
	pq_sendint64(&message, state->missing);
	pq_sendint64(&message, state->unpopulated);
	send_pair(&message, &state->weight);
	send_pair(&message, &state->events);
	send_pair(&message, &state->weighted_rate);
	send_pair(&message, &state->weighted_variance);
	for (int32 i = 0; i < state->bands; i++)
	{
		CHECK_FOR_INTERRUPTS();
		send_band(&message, &state->band[i]);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* The state to change: an aggregate's own in place, a copy of anybody else's. */
static StpStandardised *
writable_state(FunctionCallInfo fcinfo)
{
	StpStandardised *state;

	if (AggCheckCallContext(fcinfo, NULL))
		state = PG_GETARG_STANDARDISED(0);
	else
		state = (StpStandardised *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
	assert_valid(state);
	return state;
}

/* Finite numbers that overflow are an error, as in sum(). */
static Datum
return_state(StpStandardised *state)
{
	if (unlikely(stp_core_standardised_overflowed(state)))
		float_overflow_error();
	assert_valid(state);
	PG_RETURN_POINTER(state);
}

/* The bands of one state are told apart in one way only. */
static void
refuse_mixed_forms(bool mixed)
{
	if (unlikely(mixed))
		stp_refuse(errmsg("age bands with and without events per person cannot be mixed"),
				   errhint("Give all rows of a state by events per person: 1 where persons had one "
						   "event each."));
}

static bool
is_plain(const StpStandardised *state)
{
	return state->rows > 0 && state->bands == 0;
}

static double
get_standard_population(FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		stp_refuse(errmsg("standard population must not be null"),
				   errhint("Join the standard population by age band; stp.age_band_faults() says "
						   "which bands do not fit it."));
	return stp_get_count(fcinfo, argument, "standard population");
}

/* A whole number that a row cannot do without. */
static int32
get_whole(FunctionCallInfo fcinfo, int argument, int32 least, const char *name, const char *hint)
{
	if (PG_ARGISNULL(argument))
		stp_refuse(errmsg("%s must not be null", name), errhint("%s", hint));
	if (unlikely(PG_GETARG_INT32(argument) < least))
		stp_refuse(
			errmsg("%s must be at least %d, not \"%d\"", name, least, PG_GETARG_INT32(argument)),
			errhint("%s", hint));
	return PG_GETARG_INT32(argument);
}

/* Not strict, because what is missing counts as that; the aggregate's state never is NULL. */
PG_FUNCTION_INFO_V1(stp_standardised_accum);
Datum
stp_standardised_accum(PG_FUNCTION_ARGS)
{
	StpStandardised *state;
	double events, population, standard_population;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = writable_state(fcinfo);
	refuse_mixed_forms(state->bands > 0);
	events = stp_get_count(fcinfo, 1, "events");
	population = stp_get_count(fcinfo, 2, "population");
	standard_population = get_standard_population(fcinfo, 3);
	if (isnan(events) || isnan(population))
		state->missing++;
	else
		stp_core_standardise_band(state, events, population, standard_population);
	return return_state(state);
}

/* As many bands as this would be more than one population has. */
static void
check_bands(int32 bands)
{
	if (bands > STP_STANDARDISED_MAX_BANDS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("more than %d age bands", STP_STANDARDISED_MAX_BANDS),
						errhint("Give as age_from the youngest age of the band, in years.")));
}

/* The smaller number first, so that no plan shows in the message. */
static void
refuse_populations(const StpBand *a, const StpBand *b)
{
	bool of_people = a->population != b->population;
	double one = of_people ? a->population : a->standard_population;
	double other = of_people ? b->population : b->standard_population;

	stp_refuse(errmsg("age band from %d has the %s \"%s\" and \"%s\"", (int) a->age_from,
					  of_people ? "populations" : "standard populations",
					  float8out_internal(Min(one, other)), float8out_internal(Max(one, other))),
			   errhint("All rows of an age band have the same two populations, whatever their "
					   "number of events: GROUP BY area, or add up persons and population by age "
					   "band first."));
}

/* Count a row of a band: in place when the band is known, else in a state that has room for it. */
static StpStandardised *
count_band(StpStandardised *state, const StpBand *band)
{
	StpBand *known = stp_core_get_band(state, band->age_from);
	StpStandardised *larger;

	if (known != NULL)
	{
		if (unlikely(!stp_core_same_populations(known, band)))
			refuse_populations(known, band);
		known->rows++;
		return state;
	}
	check_bands(state->bands + 1);
	larger = new_state(state->bands + 1);
	memcpy(VARDATA(larger), VARDATA(state), VARSIZE(state) - VARHDRSZ);
	stp_core_insert_band(larger, band);
	return larger;
}

PG_FUNCTION_INFO_V1(stp_standardised_accum_persons);
Datum
stp_standardised_accum_persons(PG_FUNCTION_ARGS)
{
	StpStandardised *state;
	StpBand band = {.rows = 1};
	double persons;
	int32 events_per_person;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = writable_state(fcinfo);
	refuse_mixed_forms(is_plain(state));
	band.age_from =
		get_whole(fcinfo, 1, 0, "age_from", "Give the youngest age of the band, in years.");
	persons = stp_get_count(fcinfo, 2, "persons");
	band.population = stp_get_count(fcinfo, 3, "population");
	band.standard_population = get_standard_population(fcinfo, 4);
	events_per_person = get_whole(fcinfo, 5, 1, "events per person",
								  "Count the persons who had 1 event each, those who had 2, and "
								  "so on; those without any are not counted.");
	if (isnan(persons) || isnan(band.population))
		state->missing++;
	else
	{
		stp_core_standardise_persons(state, persons, events_per_person, &band);
		state = count_band(state, &band);
	}
	return return_state(state);
}

/* A state with the bands of both, each once, and the sums of the first. */
static StpStandardised *
merge_bands(const StpStandardised *state, const StpStandardised *other)
{
	StpStandardised *merged = new_state(state->bands + other->bands);
	const StpBand *odd;

	memcpy(VARDATA(merged), VARDATA(state), offsetof(StpStandardised, band) - VARHDRSZ);
	odd = stp_core_merge_bands(merged, state, other);
	if (unlikely(odd != NULL))
		refuse_populations(&merged->band[merged->bands - 1], odd);
	check_bands(merged->bands);
	SET_VARSIZE(merged, stp_core_standardised_size(merged->bands));
	return merged;
}

/* Not strict: of what is NULL it is not known what is missing, but that something is. */
PG_FUNCTION_INFO_V1(stp_standardised_combine);
Datum
stp_standardised_combine(PG_FUNCTION_ARGS)
{
	StpStandardised *state;
	const StpStandardised *other;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = writable_state(fcinfo);
	if (PG_ARGISNULL(1))
	{
		state->missing++;
		return return_state(state);
	}
	other = PG_GETARG_STANDARDISED(1);
	assert_valid(other);
	refuse_mixed_forms((is_plain(state) && other->bands > 0) ||
					   (is_plain(other) && state->bands > 0));
	if (other->bands > 0)
		state = merge_bands(state, other);
	stp_core_standardised_merge(state, other);
	return return_state(state);
}

/* Below as many events a rate is not shown. */
static double
get_minimum_events(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(3))
		stp_refuse(errmsg("minimum_events must not be null"),
				   errhint("Pass 0 to suppress nothing."));
	return stp_get_count(fcinfo, 3, "minimum_events");
}

/* Whether there is a rate to show. */
static StpStatus
find_status(const StpStandardised *state, const StpStandardisedRate *rate, double minimum_events)
{
	if (state->rows == 0 || state->missing > 0)
		return STP_NO_DATA;
	if (state->unpopulated > 0 || rate->weight == 0)
		return STP_ZERO_DENOMINATOR;
	return rate->events < minimum_events ? STP_SUPPRESSED : STP_OK;
}

/* Sums in range whose quotients or squares are not; where there are no events, 0 is right. */
static void
check_rate(const StpStandardisedRate *rate)
{
	if (unlikely(isinf(rate->weight)))
		float_overflow_error();
	if (unlikely(rate->variance == 0 && rate->rate > 0))
		float_underflow_error();
}

static StpEstimate
estimate_rate(const StpStandardised *state, double per, double confidence, double minimum_events)
{
	StpStandardisedRate rate = stp_core_standardised_rate(state);
	StpStatus status = find_status(state, &rate, minimum_events);
	StpEstimate estimate = {rate.rate * per, NAN, NAN, NULL, STP_TOO_FEW};
	StpLimits limits;

	if (status != STP_OK)
		return stp_no_estimate(status);
	check_rate(&rate);
	/* Dobson's method spreads the variance over the events, and here is nothing to spread. */
	if (rate.variance == 0)
		return estimate;
	limits = stp_core_count_limits(rate.events, confidence);
	estimate.lower = stp_core_dobson_limit(&rate, limits.lower) * per;
	estimate.upper = stp_core_dobson_limit(&rate, limits.upper) * per;
	estimate.method = rate.events < STP_EXACT_BELOW ? "Dobson, exact Poisson" : "Dobson, Byar";
	estimate.status = STP_OK;
	return estimate;
}

/* Not strict, so that no state is a row that says so. */
PG_FUNCTION_INFO_V1(stp_dsr);
Datum
stp_dsr(PG_FUNCTION_ARGS)
{
	double per = stp_get_per(fcinfo, 1), confidence = stp_get_confidence(fcinfo, 2);
	double minimum_events = get_minimum_events(fcinfo);
	StpEstimate estimate = stp_no_estimate(STP_NO_DATA);

	if (!PG_ARGISNULL(0))
	{
		const StpStandardised *state = PG_GETARG_STANDARDISED(0);

		assert_valid(state);
		estimate = estimate_rate(state, per, confidence, minimum_events);
	}
	return stp_return_estimate(fcinfo, &estimate);
}
