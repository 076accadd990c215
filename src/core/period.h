/*
 * core/period.h: reporting periods of the English health service, without any backend header.
 *
 * A period is a financial year (April to March), or a half, quarter or calendar month of one. It is
 * held in 32 bits as (months since April 1900) * 4 + grain, so that the order of the integers is
 * the order of the periods: by first day, then the longer first. Days are counted from 2000-01-01,
 * as PostgreSQL counts its dates.
 */
#ifndef STP_CORE_PERIOD_H
#define STP_CORE_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

typedef int32_t stp_period;

/* The numbers are stored: never change them. */
typedef enum stp_grain
{
	STP_GRAIN_YEAR = 0,
	STP_GRAIN_HALF = 1,
	STP_GRAIN_QUARTER = 2,
	STP_GRAIN_MONTH = 3
} stp_grain;

typedef enum stp_period_status
{
	STP_PERIOD_OK,
	STP_PERIOD_MALFORMED,
	STP_PERIOD_OUT_OF_RANGE
} stp_period_status;

/* What a text that is no period as we write it may mean. */
typedef struct stp_period_meanings
{
	stp_period meant[4];
	int count;
	bool is_out_of_range;
} stp_period_meanings;

#define STP_PERIOD_RANGE "1900/01 to 2199/00"
#define STP_PERIOD_RANGE_DAYS "1900-04-01 to 2200-03-31"

/* Room for the longest text, 2016/17 Q3, and to spare. */
#define STP_PERIOD_TEXT_SIZE 32

extern bool stp_core_grain_parse(const char *name, stp_grain *grain);
extern const char *stp_core_grain_name(stp_grain grain);

extern stp_period_status stp_core_period_parse(const char *text, stp_period *period);
extern stp_period_status stp_core_period_read(const char *text, stp_period_meanings *meanings);
extern bool stp_core_period_looks_financial(stp_period period);
extern void stp_core_period_print(stp_period period, char text[STP_PERIOD_TEXT_SIZE]);

extern bool stp_core_period_valid(int32_t bits);
extern stp_grain stp_core_period_grain(stp_period period);
extern bool stp_core_period_of_day(int32_t day, stp_grain grain, stp_period *period);
extern int32_t stp_core_period_first_day(stp_period period);
extern int32_t stp_core_period_last_day(stp_period period);
extern int32_t stp_core_period_last_thursday(stp_period period);
extern stp_period stp_core_period_last_month(stp_period period);
extern stp_period stp_core_period_coarsen(stp_period period, stp_grain grain);
extern bool stp_core_period_overlap(stp_period a, stp_period b);
extern int32_t stp_core_period_ordinal(stp_period period);
extern bool stp_core_period_shift(stp_period period, int64_t number, stp_period *shifted);

#endif
