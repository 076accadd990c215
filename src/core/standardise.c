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
stp_core_standardised_size(int32_t bands)
{
	return sizeof(StpStandardised) + (size_t) bands * sizeof(StpBand);
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
stp_core_standardise_persons(StpStandardised *state, double persons, int64_t events_per_person,
							 const StpBand *band)
{
	double lot = (double) events_per_person;

	add_terms(state, persons * lot, lot, band->population, band->standard_population);
}

bool
stp_core_same_populations(const StpBand *a, const StpBand *b)
{
	return a->population == b->population && a->standard_population == b->standard_population;
}

/* Where the band of that age is, or where it has to go. */
static int32_t
find_band(const StpStandardised *state, int64_t age_from)
{
	int32_t low = 0, high = state->bands;

	while (low < high)
	{
		int32_t middle = low + (high - low) / 2;

		if (state->band[middle].age_from < age_from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

StpBand *
stp_core_get_band(StpStandardised *state, int64_t age_from)
{
	int32_t at = find_band(state, age_from);

	return at < state->bands && state->band[at].age_from == age_from ? &state->band[at] : NULL;
}

void
stp_core_insert_band(StpStandardised *state, const StpBand *band)
{
	int32_t at = find_band(state, band->age_from);
	StpBand *place = &state->band[at];

	memmove(place + 1, place, (size_t) (state->bands - at) * sizeof(StpBand));
	*place = *band;
	state->bands++;
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

/* Put the next band at the end of a state, or count it there; false if it is another there. */
static bool
append_band(StpStandardised *state, const StpBand *next)
{
	StpBand *last = state->band + state->bands - 1;

	if (state->bands == 0 || last->age_from < next->age_from)
	{
		state->band[state->bands++] = *next;
		return true;
	}
	last->rows += next->rows;
	return stp_core_same_populations(last, next);
}

const StpBand *
stp_core_merge_bands(StpStandardised *merged, const StpStandardised *a, const StpStandardised *b)
{
	const StpBand *next_a = a->band, *end_a = next_a + a->bands;
	const StpBand *next_b = b->band, *end_b = next_b + b->bands;

	merged->bands = 0;
	while (next_a < end_a || next_b < end_b)
	{
		bool from_a = next_b == end_b || (next_a < end_a && next_a->age_from < next_b->age_from);
		const StpBand *next = from_a ? next_a++ : next_b++;

		if (!append_band(merged, next))
			return next;
	}
	return NULL;
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

/* The standard population: of the repeated form, each band's once. */
static double
get_weight(const StpStandardised *state)
{
	StpSum weight = state->weight;

	for (int32_t i = 0; i < state->bands; i++)
		add(&weight, state->band[i].standard_population);
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
		((state->rows == 0 || state->bands > 0) && state->weight.sum > 0))
		return false;
	if ((state->events.sum == 0 || get_weight(state) == 0) &&
		(state->weighted_rate.sum > 0 || state->weighted_variance.sum > 0))
		return false;
	return variance_is_valid(state);
}

static bool
band_is_valid(const StpBand *band)
{
	return band->age_from >= 0 && band->age_from <= INT32_MAX && band->population >= 0 &&
		   isfinite(band->population) && band->standard_population >= 0 &&
		   isfinite(band->standard_population) && band->rows >= 1;
}

/* In order, none twice, and their rows are all there are. */
static bool
bands_are_valid(const StpStandardised *state)
{
	int64_t rows = state->rows;

	if (state->bands == 0)
		return true;
	for (int32_t i = 0; i < state->bands; i++)
	{
		const StpBand *band = &state->band[i];

		if (!band_is_valid(band) || band->rows > rows ||
			(i > 0 && band[-1].age_from >= band->age_from))
			return false;
		rows -= band->rows;
	}
	return rows == 0;
}

bool
stp_core_standardised_is_valid(const StpStandardised *state)
{
	return state->rows >= 0 && state->missing >= 0 && state->unpopulated >= 0 &&
		   state->unpopulated <= state->rows && !stp_core_standardised_overflowed(state) &&
		   state->bands >= 0 && state->bands <= STP_STANDARDISED_MAX_BANDS &&
		   bands_are_valid(state) && sums_are_valid(state);
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
