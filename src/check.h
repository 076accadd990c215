/*
 * check.h: checks of arguments that several modules need, so that their errors read alike.
 */
#ifndef STP_CHECK_H
#define STP_CHECK_H

#include "stp_metrics.h"

#include <math.h>

#include "utils/float.h"

/* Refuse NaN and infinity; the hint says what to pass instead. */
static inline double
stp_check_finite(double number, const char *name, const char *hint)
{
	if (unlikely(!isfinite(number)))
		stp_refuse(
			errmsg("%s must be a finite number, not \"%s\"", name, float8out_internal(number)),
			errhint("%s", hint));
	return number;
}

/* Refuse a result beyond float8: arguments were finite, so infinity is overflow, and so is NAN
 * where it does not mean NULL. */
static inline void
stp_check_range(double result, bool required)
{
	if (unlikely(isinf(result) || (isnan(result) && required)))
		float_overflow_error();
}

/* A result of the function called; NAN is NULL. */
static inline Datum
stp_return_number(FunctionCallInfo fcinfo, double result)
{
	if (isnan(result))
		PG_RETURN_NULL();
	stp_check_range(result, false);
	PG_RETURN_FLOAT8(result);
}

#endif
