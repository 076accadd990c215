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
/* Age bands in one state: more than there are days in anybody's childhood. */
#define STP_STANDARDISED_MAX_BANDS 10000

/* A sum and what rounding took from it (sum.h). */
typedef struct StpSum
{
	double sum;
	double error;
} StpSum;

/* Repeated events: an age band, and how many rows it has, each for a number of events. */
typedef struct StpBand
{
	int64_t age_from;
	double population;
	double standard_population;
	int64_t rows;
} StpBand;

/*
 * Every field is eight bytes but for the first two, and there is no padding. This is what the type
 * holds on disk, so it cannot change. All zeroes is the state over no rows.
 *
 * A row of the plain form is an age band: it is counted, and its standard population is in weight.
 * Of the repeated form, an age band has a row for each number of events per person, all with its
 * two populations. So the bands are kept by their youngest age: each counts once, and one that
 * comes with other populations is found, whatever the order rows and states come in.
 */
typedef struct StpStandardised
{
	int32_t size_word;	 /* the database's own */
	int32_t bands;		 /* how many follow: repeated form */
	int64_t rows;		 /* but for the missing ones */
	int64_t missing;	 /* rows without events or population */
	int64_t unpopulated; /* rows that need a population and have none */
	StpSum weight;		 /* standard population, plain form */
	StpSum events;
	StpSum weighted_rate;	  /* of standard population * events / population */
	StpSum weighted_variance; /* of the variances of its terms */
	StpBand band[];			  /* by age */
} StpStandardised;

/* What a state comes to: a rate per person, its variance, and what they rest on. */
typedef struct StpStandardisedRate
{
	double weight; /* the standard population, each age band once */
	double events;
	double rate;
	double variance;
} StpStandardisedRate;

size_t stp_core_standardised_size(int32_t bands);

/* The plain form: one row is one age band. Every number is >= 0. */
void stp_core_standardise_band(StpStandardised *state, double events, double population,
							   double standard_population);
/* The repeated form: the sums of a row, whose band is then to be counted. */
void stp_core_standardise_persons(StpStandardised *state, double persons, int64_t events_per_person,
								  const StpBand *band);
/* The band of that age; NULL when the state has none. */
StpBand *stp_core_get_band(StpStandardised *state, int64_t age_from);
/* Take in one that it has not; there must be room. */
void stp_core_insert_band(StpStandardised *state, const StpBand *band);
bool stp_core_same_populations(const StpBand *a, const StpBand *b);

/* All but the bands. */
void stp_core_standardised_merge(StpStandardised *state, const StpStandardised *other);
/*
 * Needs room for the bands of both. NULL, or the band of one of them whose populations are not
 * those that the other has for it, which is then the last one merged.
 */
const StpBand *stp_core_merge_bands(StpStandardised *merged, const StpStandardised *a,
									const StpStandardised *b);

/* Whether a sum or a count has left its range. */
bool stp_core_standardised_overflowed(const StpStandardised *state);
/* Whether rows can have made this state. The bands are within its size. */
bool stp_core_standardised_is_valid(const StpStandardised *state);

/* Without weight there is no rate. */
StpStandardisedRate stp_core_standardised_rate(const StpStandardised *state);
/* A limit of the rate from the same limit of the number of events, which is not 0. */
double stp_core_dobson_limit(const StpStandardisedRate *rate, double events_limit);

#endif
