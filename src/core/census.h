/*
 * census.h: who is present at the midnight that ends each day of a span, without any backend
 * header. Days are numbers as in a date of the database, counted from 2000-01-01.
 */
#ifndef STP_CORE_CENSUS_H
#define STP_CORE_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A hundred years: more is a mistake in a date. So no sum over a span leaves 64 bits. */
#define STP_CENSUS_MAX_DAYS 36525
/* The end of a spell that has none; what the database takes for infinity. */
#define STP_CENSUS_OPEN INT32_MAX

/*
 * How the number of those present changes from day to day: that on the first day, then each day
 * less the one before. A spell adds one on its first day in the span and takes it off again on the
 * day of its end, whatever lies between. This is what the type holds on disk, so it cannot change.
 */
typedef struct StpCensus
{
	int32_t size_word; /* the database's own */
	int32_t first_day;
	int32_t days;
	int32_t change[]; /* one for each day */
} StpCensus;

size_t stp_core_census_size(int32_t days);

/* Count a spell, start <= end. False when a counter would leave its range. */
bool stp_core_census_add(StpCensus *census, int32_t start, int32_t end);
/* Count the spells of another census of the same span. False as above. */
bool stp_core_census_merge(StpCensus *census, const StpCensus *other);

/* Whether spells can have made this census. The changes are within its size. */
bool stp_core_census_is_valid(const StpCensus *census);

/* Whether the span has all days from first to last. */
bool stp_core_census_covers(const StpCensus *census, int32_t first, int32_t last);
/* Those present on a day of the span. */
int64_t stp_core_census_occupied(const StpCensus *census, int32_t day);
/* The sum of those present over days of the span, the last one included. */
int64_t stp_core_census_bed_days(const StpCensus *census, int32_t first, int32_t last);

/* The days of one spell, start <= end, that are between two days, the last one included. */
int32_t stp_core_spell_days(int32_t start, int32_t end, int32_t first, int32_t last);

#endif
