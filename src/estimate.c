/*
 * estimate.c: rates, proportions, ratios and means with their confidence limits, as rows of the
 * composite type stp.estimate.
 *
 * These functions are not strict: a NULL count, which is what sum() gives over no rows, is a row
 * with the status "no data", and the batch goes on.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "check.h"
#include "core/estimate.h"
#include "estimate.h"

#define HINT_COUNT "Pass NULL for a missing number."
#define HINT_PER "Pass a number above zero, such as 100000 for a rate per 100,000."
#define HINT_CORRELATION "Pass 0 where the two share nothing, 1 where they are of the same data."
#define HINT_CONFIDENCE "Pass a share strictly between 0 and 1, such as 0.95."

/* The columns of stp.estimate. */
enum
{
	VALUE,
	LOWER,
	UPPER,
	METHOD,
	STATUS,
	COLUMNS
};

/* More words than one function ever says. */
#define MAX_WORDS 8

/* What is kept from row to row: the row type, and the words said so far as text. */
typedef struct EstimateMaker
{
	TupleDesc row;
	int word_count;
	const char *words[MAX_WORDS];
	Datum texts[MAX_WORDS];
} EstimateMaker;

static const char *const status_words[] = {"ok", "suppressed", "zero denominator", "no data",
										   "too few"};

static EstimateMaker *
get_maker(FunctionCallInfo fcinfo)
{
	FmgrInfo *function = fcinfo->flinfo;
	EstimateMaker *maker = function->fn_extra;
	MemoryContext old_context;

	if (likely(maker))
		return maker;
	maker = MemoryContextAllocZero(function->fn_mcxt, sizeof(EstimateMaker));
	old_context = MemoryContextSwitchTo(function->fn_mcxt);
	if (get_call_result_type(fcinfo, NULL, &maker->row) != TYPEFUNC_COMPOSITE ||
		maker->row->natts != COLUMNS)
		elog(ERROR, "function %u does not return stp.estimate", function->fn_oid);
	maker->row = BlessTupleDesc(maker->row);
	MemoryContextSwitchTo(old_context);
	function->fn_extra = maker;
	return maker;
}

/* A word as text, made once; words are told apart by their address. */
static Datum
say(EstimateMaker *maker, MemoryContext context, const char *word)
{
	MemoryContext old_context;
	int i;

	for (i = 0; i < maker->word_count; i++)
		if (maker->words[i] == word)
			return maker->texts[i];
	if (i == MAX_WORDS)
		return CStringGetTextDatum(word);
	old_context = MemoryContextSwitchTo(context);
	maker->texts[i] = CStringGetTextDatum(word);
	MemoryContextSwitchTo(old_context);
	maker->words[i] = word;
	maker->word_count++;
	return maker->texts[i];
}

Datum
stp_return_estimate(FunctionCallInfo fcinfo, const StpEstimate *estimate)
{
	EstimateMaker *maker = get_maker(fcinfo);
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	Datum values[COLUMNS] = {Float8GetDatum(estimate->value), Float8GetDatum(estimate->lower),
							 Float8GetDatum(estimate->upper)};
	bool nulls[COLUMNS] = {isnan(estimate->value), isnan(estimate->lower), isnan(estimate->upper),
						   estimate->method == NULL};
	bool has_limits = estimate->status == STP_OK;

	stp_check_range(estimate->value, has_limits || estimate->status == STP_TOO_FEW);
	stp_check_range(estimate->lower, has_limits);
	stp_check_range(estimate->upper, has_limits);
	if (estimate->method)
		values[METHOD] = say(maker, context, estimate->method);
	values[STATUS] = say(maker, context, status_words[estimate->status]);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(maker->row, values, nulls)));
}

/* A zero is added, so that a negative zero becomes positive. */
double
stp_get_count(FunctionCallInfo fcinfo, int n, const char *name)
{
	double count;

	if (PG_ARGISNULL(n))
		return NAN;
	count = stp_check_finite(PG_GETARG_FLOAT8(n), name, HINT_COUNT);
	if (unlikely(count < 0))
		stp_refuse(
			errmsg("%s must not be negative, but is \"%s\"", name, float8out_internal(count)),
			errhint("Correct the number, or pass NULL if it is not known."));
	return count + 0.0;
}

/* An argument that says what to compute, and so may not be missing. */
static double
get_parameter(FunctionCallInfo fcinfo, int n, const char *name, const char *hint)
{
	if (PG_ARGISNULL(n))
		stp_refuse(errmsg("%s must not be null", name), errhint("%s", hint));
	return stp_check_finite(PG_GETARG_FLOAT8(n), name, hint);
}

double
stp_get_per(FunctionCallInfo fcinfo, int n)
{
	double per = get_parameter(fcinfo, n, "per", HINT_PER);

	if (unlikely(per <= 0))
		stp_refuse(errmsg("per must be positive, not \"%s\"", float8out_internal(per)),
				   errhint(HINT_PER));
	return per;
}

double
stp_get_confidence(FunctionCallInfo fcinfo, int n)
{
	double confidence = get_parameter(fcinfo, n, "confidence", HINT_CONFIDENCE);

	if (unlikely(confidence <= 0 || confidence >= 1))
		stp_refuse(errmsg("confidence must be between 0 and 1, not \"%s\"",
						  float8out_internal(confidence)),
				   errhint(HINT_CONFIDENCE));
	return confidence;
}

static StpEstimate
without_limits(double value)
{
	StpEstimate estimate = {value, NAN, NAN, NULL, STP_TOO_FEW};

	return estimate;
}

/* Multiplying first is exact for the usual whole numbers. */
static double
scale(double count, double population, double per, bool multiply_first)
{
	return multiply_first ? count * per / population : count / population * per;
}

/* A count over the population, times per; all three in one way, so that they stay in order. */
static StpEstimate
scale_count(double count, StpLimits limits, double population, double per, const char *method)
{
	bool multiply_first = isfinite(limits.upper * per);
	StpEstimate estimate = {scale(count, population, per, multiply_first),
							scale(limits.lower, population, per, multiply_first),
							scale(limits.upper, population, per, multiply_first), method, STP_OK};

	return estimate;
}

/* Events over what they are counted against; NAN = missing. */
static StpEstimate
estimate_rate(double events, double population, double per, double confidence)
{
	const char *method = events < STP_EXACT_BELOW ? "exact Poisson" : "Byar";

	if (isnan(events) || isnan(population))
		return stp_no_estimate(STP_NO_DATA);
	if (population == 0)
		return stp_no_estimate(STP_ZERO_DENOMINATOR);
	return scale_count(events, stp_core_count_limits(events, confidence), population, per, method);
}

static StpEstimate
estimate_proportion(double numerator, double denominator, double per, double confidence)
{
	StpLimits limits;

	if (isnan(numerator) || isnan(denominator))
		return stp_no_estimate(STP_NO_DATA);
	if (unlikely(numerator > denominator))
		stp_refuse(
			errmsg("numerator \"%s\" is above denominator \"%s\"", float8out_internal(numerator),
				   float8out_internal(denominator)),
			errhint("Use stp.rate for events that can happen more than once to one person."));
	if (denominator == 0)
		return stp_no_estimate(STP_ZERO_DENOMINATOR);
	limits = stp_core_wilson_limits(numerator, denominator, confidence);
	return scale_count(numerator / denominator, limits, 1, per, "Wilson");
}

/* Read two counts with their scale and confidence, and return what is made of them. */
static Datum
return_from_counts(FunctionCallInfo fcinfo, const char *above, const char *below,
				   StpEstimate (*make)(double, double, double, double))
{
	double count = stp_get_count(fcinfo, 0, above), against = stp_get_count(fcinfo, 1, below);
	double per = stp_get_per(fcinfo, 2), confidence = stp_get_confidence(fcinfo, 3);
	StpEstimate estimate = make(count, against, per, confidence);

	return stp_return_estimate(fcinfo, &estimate);
}

PG_FUNCTION_INFO_V1(stp_rate);
Datum
stp_rate(PG_FUNCTION_ARGS)
{
	return return_from_counts(fcinfo, "events", "population", estimate_rate);
}

PG_FUNCTION_INFO_V1(stp_ratio);
Datum
stp_ratio(PG_FUNCTION_ARGS)
{
	return return_from_counts(fcinfo, "observed", "expected", estimate_rate);
}

PG_FUNCTION_INFO_V1(stp_proportion);
Datum
stp_proportion(PG_FUNCTION_ARGS)
{
	return return_from_counts(fcinfo, "numerator", "denominator", estimate_proportion);
}

/* mean and deviation NAN = missing, as they are over no values, and the second over one. */
static StpEstimate
estimate_mean(int64 n, double mean, double deviation, double confidence)
{
	StpEstimate estimate;
	StpLimits limits;

	if (n == 0 || isnan(mean) || (n > 1 && isnan(deviation)))
		return stp_no_estimate(STP_NO_DATA);
	if (n == 1)
		return without_limits(mean);
	limits = stp_core_mean_limits((double) n, mean, deviation, confidence);
	estimate = (StpEstimate){mean, limits.lower, limits.upper, "Student t", STP_OK};
	return estimate;
}

PG_FUNCTION_INFO_V1(stp_mean);
Datum
stp_mean(PG_FUNCTION_ARGS)
{
	int64 n = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);
	double mean = PG_ARGISNULL(1) ? NAN : stp_check_finite(PG_GETARG_FLOAT8(1), "mean", HINT_COUNT);
	double deviation = stp_get_count(fcinfo, 2, "stddev");
	double confidence = stp_get_confidence(fcinfo, 3);
	StpEstimate estimate;

	if (unlikely(n < 0))
		stp_refuse(errmsg("n must not be negative, but is \"" INT64_FORMAT "\"", n),
				   errhint("Pass count(), avg() and stddev_samp() over the same values."));
	estimate = estimate_mean(n, mean, deviation, confidence);
	return stp_return_estimate(fcinfo, &estimate);
}

/* Two groups to compare; NAN = missing. */
typedef struct TwoGroups
{
	double events_1, population_1, events_2, population_2;
	double per, confidence;
} TwoGroups;

/* One estimate minus another; both have limits. */
static StpEstimate
subtract(const StpEstimate *first, const StpEstimate *second, double correlation)
{
	StpLimits limits = stp_core_difference_limits(
		first->value, (StpLimits){first->lower, first->upper}, second->value,
		(StpLimits){second->lower, second->upper}, correlation);
	StpEstimate difference = {first->value - second->value, limits.lower, limits.upper,
							  "Zou-Donner", STP_OK};

	return difference;
}

static StpEstimate
estimate_difference(const TwoGroups *groups)
{
	StpEstimate first =
		estimate_rate(groups->events_1, groups->population_1, groups->per, groups->confidence);
	StpEstimate second =
		estimate_rate(groups->events_2, groups->population_2, groups->per, groups->confidence);

	if (first.status != STP_OK || second.status != STP_OK)
		return stp_no_estimate(Max(first.status, second.status));
	return subtract(&first, &second, 0);
}

/* What keeps two groups from having a ratio; STP_OK when nothing does. */
static StpStatus
check_ratio(const TwoGroups *groups)
{
	if (isnan(groups->events_1) || isnan(groups->population_1) || isnan(groups->events_2) ||
		isnan(groups->population_2))
		return STP_NO_DATA;
	if (groups->population_1 == 0 || groups->population_2 == 0 || groups->events_2 == 0)
		return STP_ZERO_DENOMINATOR;
	return STP_OK;
}

static StpEstimate
estimate_rate_ratio(const TwoGroups *groups)
{
	double first = groups->events_1, second = groups->events_2;
	double per = groups->population_2 / groups->population_1 * groups->per;
	StpStatus status = check_ratio(groups);
	StpEstimate estimate;

	if (status != STP_OK)
		return stp_no_estimate(status);
	estimate =
		scale_count(first / second, stp_core_count_ratio_limits(first, second, groups->confidence),
					1, per, "exact conditional");
	/* Some thousandths of an event, such as apportioning leaves, bound nothing. */
	if (isinf(estimate.upper))
		estimate = without_limits(estimate.value);
	return estimate;
}

/* Read two groups, and return what is made of them. */
static Datum
return_from_groups(FunctionCallInfo fcinfo, StpEstimate (*make)(const TwoGroups *))
{
	TwoGroups groups;
	StpEstimate estimate;

	groups.events_1 = stp_get_count(fcinfo, 0, "events_1");
	groups.population_1 = stp_get_count(fcinfo, 1, "population_1");
	groups.events_2 = stp_get_count(fcinfo, 2, "events_2");
	groups.population_2 = stp_get_count(fcinfo, 3, "population_2");
	groups.per = stp_get_per(fcinfo, 4);
	groups.confidence = stp_get_confidence(fcinfo, 5);
	estimate = make(&groups);
	return stp_return_estimate(fcinfo, &estimate);
}

PG_FUNCTION_INFO_V1(stp_rate_difference);
Datum
stp_rate_difference(PG_FUNCTION_ARGS)
{
	return return_from_groups(fcinfo, estimate_difference);
}

PG_FUNCTION_INFO_V1(stp_rate_ratio);
Datum
stp_rate_ratio(PG_FUNCTION_ARGS)
{
	return return_from_groups(fcinfo, estimate_rate_ratio);
}

/* A number of a row of stp.estimate; NAN = missing. */
static double
get_number(HeapTupleHeader row, int column, const char *name)
{
	bool isnull;
	Datum number = GetAttributeByNum(row, (AttrNumber) (column + 1), &isnull);

	return isnull ? NAN : stp_check_finite(DatumGetFloat8(number), name, HINT_COUNT);
}

/* Why a row of stp.estimate has no value, as far as it says so. */
static StpStatus
get_status(HeapTupleHeader row)
{
	bool isnull;
	Datum word = GetAttributeByNum(row, STATUS + 1, &isnull);

	for (size_t i = 0; i < lengthof(status_words) && !isnull; i++)
		if (stp_is_word(DatumGetTextPP(word), status_words[i]) && i != STP_OK && i != STP_TOO_FEW)
			return (StpStatus) i;
	return STP_NO_DATA;
}

/* Refuse a value outside its limits; not one that rounding has put there. */
static void
enclose(StpEstimate *estimate, const char *name)
{
	double rounding = 1e-12 * fabs(estimate->value);

	if (unlikely(estimate->lower - estimate->value > rounding ||
				 estimate->value - estimate->upper > rounding))
		stp_refuse(errmsg("value \"%s\" of %s does not lie within its limits",
						  float8out_internal(estimate->value), name),
				   errhint("lower must not be above value, and upper not below it."));
	if (estimate->lower > estimate->value)
		estimate->lower = estimate->value;
	if (estimate->upper < estimate->value)
		estimate->upper = estimate->value;
}

/* An argument of type stp.estimate: with limits, without, or neither. */
static StpEstimate
get_estimate(FunctionCallInfo fcinfo, int n, const char *name)
{
	HeapTupleHeader row;
	StpEstimate estimate = stp_no_estimate(STP_NO_DATA);

	if (PG_ARGISNULL(n))
		return estimate;
	row = PG_GETARG_HEAPTUPLEHEADER(n);
	estimate.value = get_number(row, VALUE, name);
	if (isnan(estimate.value))
		return stp_no_estimate(get_status(row));
	estimate.lower = get_number(row, LOWER, name);
	estimate.upper = get_number(row, UPPER, name);
	estimate.status = isnan(estimate.lower) || isnan(estimate.upper) ? STP_TOO_FEW : STP_OK;
	enclose(&estimate, name);
	return estimate;
}

/* How far the chance in two estimates is the same. */
static double
get_correlation(FunctionCallInfo fcinfo, int n)
{
	double correlation = get_parameter(fcinfo, n, "correlation", HINT_CORRELATION);

	if (unlikely(correlation < -1 || correlation > 1))
		stp_refuse(
			errmsg("correlation must be from -1 to 1, not \"%s\"", float8out_internal(correlation)),
			errhint(HINT_CORRELATION));
	return correlation;
}

PG_FUNCTION_INFO_V1(stp_difference);
Datum
stp_difference(PG_FUNCTION_ARGS)
{
	StpEstimate first = get_estimate(fcinfo, 0, "estimate_1");
	StpEstimate second = get_estimate(fcinfo, 1, "estimate_2");
	double correlation = get_correlation(fcinfo, 2);
	StpEstimate difference;

	if (isnan(first.value) || isnan(second.value))
		difference = stp_no_estimate(isnan(first.value) ? first.status : second.status);
	else if (first.status == STP_OK && second.status == STP_OK)
		difference = subtract(&first, &second, correlation);
	else
		difference = without_limits(first.value - second.value);
	return stp_return_estimate(fcinfo, &difference);
}

PG_FUNCTION_INFO_V1(stp_compare);
Datum
stp_compare(PG_FUNCTION_ARGS)
{
	HeapTupleHeader estimate = PG_GETARG_HEAPTUPLEHEADER(0);
	double reference = stp_check_finite(PG_GETARG_FLOAT8(1), "reference", HINT_COUNT);
	bool no_lower, no_upper;
	Datum lower = GetAttributeByNum(estimate, LOWER + 1, &no_lower);
	Datum upper = GetAttributeByNum(estimate, UPPER + 1, &no_upper);

	if (no_lower || no_upper)
		PG_RETURN_NULL();
	if (DatumGetFloat8(upper) < reference)
		PG_RETURN_TEXT_P(cstring_to_text("lower"));
	if (DatumGetFloat8(lower) > reference)
		PG_RETURN_TEXT_P(cstring_to_text("higher"));
	PG_RETURN_TEXT_P(cstring_to_text("similar"));
}
