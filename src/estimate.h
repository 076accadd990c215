/*
 * estimate.h: stp.estimate for the C of other modules.
 */
#ifndef STP_ESTIMATE_H
#define STP_ESTIMATE_H

#include "stp_metrics.h"

typedef enum StpStatus
{
	STP_OK,
	STP_SUPPRESSED,
	STP_ZERO_DENOMINATOR,
	STP_NO_DATA,
	STP_TOO_FEW /* a value without limits */
} StpStatus;

/* NAN is NULL; none of the three may be missing when the status is STP_OK. */
typedef struct StpEstimate
{
	double value, lower, upper;
	const char *method; /* in static storage; NULL where nothing was computed */
	StpStatus status;
} StpEstimate;

/* The row that says why there is no value. */
static inline StpEstimate
stp_no_estimate(StpStatus status)
{
	StpEstimate estimate = {NAN, NAN, NAN, NULL, status};

	return estimate;
}

/*
 * The row as the result of the function called, which is declared to return stp.estimate; it keeps
 * what it needs for the next row in fn_extra. SQLSTATE 22003 where a number left the range of
 * float8.
 */
Datum stp_return_estimate(FunctionCallInfo fcinfo, const StpEstimate *estimate);

/* The argument as a number, NAN when it is NULL; SQLSTATE 22023 unless it is finite and >= 0. */
double stp_get_count(FunctionCallInfo fcinfo, int n, const char *name);
/* SQLSTATE 22023 unless it is finite and > 0. */
double stp_get_per(FunctionCallInfo fcinfo, int n);
/* SQLSTATE 22023 unless it is strictly between 0 and 1. */
double stp_get_confidence(FunctionCallInfo fcinfo, int n);

#endif
