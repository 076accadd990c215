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

#endif
