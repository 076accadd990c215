/*
 * standardise.c: what is kept of age bands, and the directly standardised rate it gives, without
 * any backend header.
 */
#include "standardise.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "sum.h"

size_t
stp_core_standardised_size(int32_t frequencies)
{
	return sizeof(StpStandardised) + (size_t) frequencies * sizeof(StpFrequency);
}

/* What rounding takes from a sum of n rows, and from the product of two, is far below n of these.
 */
#define ROUNDING (64 * DBL_EPSILON)

/*
 * Of true sums the error is a sliver. Where somebody has written a state with an error as large as
 * its sum, it goes into the sum, so that what was valid stays valid.
 */
static inline void
settle(StpSum *sum)
{
	double error = sum->error;

	if (!(fabs(error) > sum->sum / 2))
		return;
	sum->error = 0;
	stp_core_add_to_sum(&sum->sum, &sum->error, error);
}

static inline void
add(StpSum *sum, double term)
{
	stp_core_add_to_sum(&sum->sum, &sum->error, term);
	settle(sum);
}

static inline void
merge(StpSum *sum, const StpSum *other)
{
	stp_core_add_to_sum(&sum->sum, &sum->error, other->sum);
	sum->error += other->error;
	settle(sum);
}

/* An infinite sum has lost its error. */
static double
total(const StpSum *sum)
{
	return isinf(sum->sum) ? sum->sum : sum->sum + sum->error;
}

/*
 * Add a row's terms of the rate and of its variance. Events come in lots: all the events of a
 * person at once, so that the variance of their number is that of the lots times the square of
 * their size.
 */
static inline void
add_terms(StpStandardised *state, double events, double lot, double population,
		  double standard_population)
{
	double scale, term;

	state->rows++;
	add(&state->events, events);
	if (population == 0)
	{
		/* Nobody, and nothing asked of them: the band is out of the standard. */
		state->unpopulated += events > 0 || standard_population > 0;
		return;
	}
	scale = standard_population / population;
	term = events * scale;
	add(&state->weighted_rate, term);
	add(&state->weighted_variance, term * scale * lot);
}

void
stp_core_standardise_band(StpStandardised *state, double events, double population,
						  double standard_population)
{
	add(&state->weight, standard_population);
	add_terms(state, events, 1, population, standard_population);
}

void
stp_core_standardise_persons(StpStandardised *state, double persons, const StpFrequency *frequency)
{
	double lot = (double) frequency->events_per_person;

	add_terms(state, persons * lot, lot, frequency->population, frequency->standard_population);
}

static bool
same_populations(const StpFrequency *a, const StpFrequency *b)
{
	return a->population == b->population && a->standard_population == b->standard_population;
}

static bool
is_before(const StpFrequency *a, const StpFrequency *b)
{
	if (a->population != b->population)
		return a->population < b->population;
	if (a->standard_population != b->standard_population)
		return a->standard_population < b->standard_population;
	return a->events_per_person < b->events_per_person;
}

/* Where the frequency is, or where it has to go. */
static int32_t
find_frequency(const StpStandardised *state, const StpFrequency *frequency)
{
	int32_t low = 0, high = state->frequencies;

	while (low < high)
	{
		int32_t middle = low + (high - low) / 2;

		if (is_before(&state->frequency[middle], frequency))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
stp_core_count_frequency(StpStandardised *state, const StpFrequency *frequency)
{
	int32_t at = find_frequency(state, frequency);

	if (at == state->frequencies || is_before(frequency, &state->frequency[at]))
		return false;
	state->frequency[at].rows += frequency->rows;
	return true;
}

void
stp_core_insert_frequency(StpStandardised *state, const StpFrequency *frequency)
{
	int32_t at = find_frequency(state, frequency);
	StpFrequency *place = &state->frequency[at];

	memmove(place + 1, place, (size_t) (state->frequencies - at) * sizeof(StpFrequency));
	*place = *frequency;
	state->frequencies++;
}

void
stp_core_standardised_merge(StpStandardised *state, const StpStandardised *other)
{
	state->rows += other->rows;
	state->missing += other->missing;
	state->unpopulated += other->unpopulated;
	merge(&state->weight, &other->weight);
	merge(&state->events, &other->events);
	merge(&state->weighted_rate, &other->weighted_rate);
	merge(&state->weighted_variance, &other->weighted_variance);
}

/* Put the next frequency at the end of a state, or count it there. */
static void
append_frequency(StpStandardised *state, const StpFrequency *next)
{
	StpFrequency *last = state->frequency + state->frequencies - 1;

	if (state->frequencies > 0 && !is_before(last, next))
		last->rows += next->rows;
	else
		state->frequency[state->frequencies++] = *next;
}

void
stp_core_merge_frequencies(StpStandardised *merged, const StpStandardised *a,
						   const StpStandardised *b)
{
	const StpFrequency *next_a = a->frequency, *end_a = next_a + a->frequencies;
	const StpFrequency *next_b = b->frequency, *end_b = next_b + b->frequencies;

	merged->frequencies = 0;
	while (next_a < end_a || next_b < end_b)
	{
		if (next_b == end_b || (next_a < end_a && is_before(next_a, next_b)))
			append_frequency(merged, next_a++);
		else
			append_frequency(merged, next_b++);
	}
}

bool
stp_core_standardised_overflowed(const StpStandardised *state)
{
	return state->rows > STP_STANDARDISED_MAX_ROWS || state->missing > STP_STANDARDISED_MAX_ROWS ||
		   !isfinite(total(&state->weight)) || !isfinite(total(&state->events)) ||
		   !isfinite(total(&state->weighted_rate)) || !isfinite(total(&state->weighted_variance));
}

/* Terms are not negative, and rounding takes little: nothing is left only of nothing. */
static bool
sum_is_valid(const StpSum *sum)
{
	return sum->sum >= 0 && isfinite(sum->sum) && fabs(sum->error) <= sum->sum / 2;
}

/*
 * By Cauchy and Schwarz, whatever the terms. Each row may have lost a variance that is too small
 * for a double, and some rounding: both allowances grow with the rows, so that they hold for what
 * two valid states are merged to.
 */
static bool
variance_is_valid(const StpStandardised *state)
{
	double rows = (double) state->rows;
	double variance = total(&state->weighted_variance) + rows * DBL_MIN;

	return sqrt(total(&state->events)) * sqrt(variance) * (1 + rows * ROUNDING) >=
		   total(&state->weighted_rate);
}

/* The standard population. Of the repeated form, the bands of each two populations first. */
static double
get_weight(const StpStandardised *state)
{
	const StpFrequency *next = state->frequency, *end = next + state->frequencies;
	StpSum weight = state->weight;

	while (next < end)
	{
		const StpFrequency *first = next;
		int64_t bands = 0;

		for (; next < end && same_populations(next, first); next++)
			bands = next->rows > bands ? next->rows : bands;
		add(&weight, (double) bands * first->standard_population);
	}
	return total(&weight);
}

/* Sums go with rows, and rates with weight and events. */
static bool
sums_are_valid(const StpStandardised *state)
{
	if (!sum_is_valid(&state->weight) || !sum_is_valid(&state->events) ||
		!sum_is_valid(&state->weighted_rate) || !sum_is_valid(&state->weighted_variance))
		return false;
	if ((state->rows == 0 && state->events.sum > 0) ||
		((state->rows == 0 || state->frequencies > 0) && state->weight.sum > 0))
		return false;
	if ((state->events.sum == 0 || get_weight(state) == 0) &&
		(state->weighted_rate.sum > 0 || state->weighted_variance.sum > 0))
		return false;
	return variance_is_valid(state);
}

static bool
frequency_is_valid(const StpFrequency *frequency)
{
	return frequency->population >= 0 && isfinite(frequency->population) &&
		   frequency->standard_population >= 0 && isfinite(frequency->standard_population) &&
		   frequency->events_per_person >= 1 && frequency->events_per_person <= INT32_MAX &&
		   frequency->rows >= 1;
}

/* In order, none twice, and their rows are all there are. */
static bool
frequencies_are_valid(const StpStandardised *state)
{
	int64_t rows = state->rows;

	if (state->frequencies == 0)
		return true;
	for (int32_t i = 0; i < state->frequencies; i++)
	{
		const StpFrequency *frequency = &state->frequency[i];

		if (!frequency_is_valid(frequency) || frequency->rows > rows ||
			(i > 0 && !is_before(frequency - 1, frequency)))
			return false;
		rows -= frequency->rows;
	}
	return rows == 0;
}

bool
stp_core_standardised_is_valid(const StpStandardised *state)
{
	return state->rows >= 0 && state->missing >= 0 && state->unpopulated >= 0 &&
		   state->unpopulated <= state->rows && !stp_core_standardised_overflowed(state) &&
		   state->frequencies >= 0 && state->frequencies <= STP_STANDARDISED_MAX_FREQUENCIES &&
		   frequencies_are_valid(state) && sums_are_valid(state);
}

StpStandardisedRate
stp_core_standardised_rate(const StpStandardised *state)
{
	double weight = get_weight(state);
	StpStandardisedRate rate = {
		.weight = weight,
		.events = total(&state->events),
		.rate = total(&state->weighted_rate) / weight,
		/* Twice, because a square can overflow. */
		.variance = total(&state->weighted_variance) / weight / weight,
	};

	return rate;
}

/*
 * Dobson AJ, Kuulasmaa K, Eberle E, Scherer J. Confidence intervals for weighted sums of Poisson
 * parameters. Statistics in Medicine 1991;10:457-462.
 */
double
stp_core_dobson_limit(const StpStandardisedRate *rate, double events_limit)
{
	return rate->rate + sqrt(rate->variance / rate->events) * (events_limit - rate->events);
}
