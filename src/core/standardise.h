/*
 * standardise.h: what is kept of age bands, and the directly standardised rate it gives, without
 * any backend header.
 */
#ifndef STP_CORE_STANDARDISE_H
#define STP_CORE_STANDARDISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counts stay below this, so that two states can be merged before anybody looks. */
#define STP_STANDARDISED_MAX_ROWS (INT64_MAX / 2)
/* Frequencies in one state: more than age, sex, deprivation and number of events can make. */
#define STP_STANDARDISED_MAX_FREQUENCIES 10000

/* A sum and what rounding took from it (sum.h). */
typedef struct StpSum
{
	double sum;
	double error;
} StpSum;

/* Repeated events: rows of age bands of one size whose persons had the same number of events. */
typedef struct StpFrequency
{
	double population;
	double standard_population;
	int64_t events_per_person;
	int64_t rows;
} StpFrequency;

/*
 * Every field is eight bytes but for the first two, and there is no padding. This is what the type
 * holds on disk, so it cannot change. All zeroes is the state over no rows.
 *
 * A row of the plain form is an age band: it is counted, and its standard population is in weight.
 * Of the repeated form, an age band has a row for each number of events per person, and nothing in
 * a row says which of them belong together. So the rows are counted by their two populations and
 * their number of events: of the bands with the same two populations there are as many as there
 * are rows with the number of events that occurs most. These counts are exact whatever the order
 * rows and states come in, and so is the weight that is worked out from them at the end.
 */
typedef struct StpStandardised
{
	int32_t size_word;	 /* the database's own */
	int32_t frequencies; /* how many follow */
	int64_t rows;		 /* but for the missing ones */
	int64_t missing;	 /* rows without events or population */
	int64_t unpopulated; /* rows that need a population and have none */
	StpSum weight;		 /* standard population, plain form */
	StpSum events;
	StpSum weighted_rate;	  /* of standard population * events / population */
	StpSum weighted_variance; /* of the variances of its terms */
	StpFrequency frequency[]; /* by population, standard population, events per person */
} StpStandardised;

/* What a state comes to: a rate per person, its variance, and what they rest on. */
typedef struct StpStandardisedRate
{
	double weight; /* the standard population, each age band once */
	double events;
	double rate;
	double variance;
} StpStandardisedRate;

size_t stp_core_standardised_size(int32_t frequencies);

/* The plain form: one row is one age band. Every number is >= 0. */
void stp_core_standardise_band(StpStandardised *state, double events, double population,
							   double standard_population);
/* The repeated form: the sums of a row, whose frequency is then to be counted. */
void stp_core_standardise_persons(StpStandardised *state, double persons,
								  const StpFrequency *frequency);
/* Count the rows of a frequency that the state has; false when it has it not. */
bool stp_core_count_frequency(StpStandardised *state, const StpFrequency *frequency);
/* Take in one that it has not; there must be room. */
void stp_core_insert_frequency(StpStandardised *state, const StpFrequency *frequency);

/* All but the frequencies. */
void stp_core_standardised_merge(StpStandardised *state, const StpStandardised *other);
/* Needs room for the frequencies of both. */
void stp_core_merge_frequencies(StpStandardised *merged, const StpStandardised *a,
								const StpStandardised *b);

/* Whether a sum or a count has left its range. */
bool stp_core_standardised_overflowed(const StpStandardised *state);
/* Whether rows can have made this state. The frequencies are within its size. */
bool stp_core_standardised_is_valid(const StpStandardised *state);

/* Without weight there is no rate. */
StpStandardisedRate stp_core_standardised_rate(const StpStandardised *state);
/* A limit of the rate from the same limit of the number of events, which is not 0. */
double stp_core_dobson_limit(const StpStandardisedRate *rate, double events_limit);

#endif
