/*
 * period.h: stp.period for the C of other modules. Its first and last day, as a DateADT, come from
 * stp_core_period_first_day() and stp_core_period_last_day().
 */
#ifndef STP_PERIOD_H
#define STP_PERIOD_H

#include "core/period.h"

#define DatumGetPeriod(datum) ((stp_period) DatumGetInt32(datum))
#define PeriodGetDatum(period) Int32GetDatum(period)
#define PG_GETARG_PERIOD(n) DatumGetPeriod(PG_GETARG_DATUM(n))
#define PG_RETURN_PERIOD(period) return PeriodGetDatum(period)

/* The text of a period, palloc'd. */
extern char *stp_period_text(stp_period period);

#endif
