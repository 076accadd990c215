/*
 * funnel.h: what a unit of some size is expected to reach, and between which limits chance leaves
 * it, without any backend header.
 *
 * A value is numerator / denominator; NAN marks a missing one.
 */
#ifndef STP_CORE_FUNNEL_H
#define STP_CORE_FUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "dispersion.h"
#include "estimate.h"

/* How limits and z-scores are found. The numbers are on disk, so they cannot change. */
typedef enum StpFunnelMethod
{
	/* of proportions */
	STP_FUNNEL_ARCSINE, /* arcsine of the root */
	STP_FUNNEL_WILSON,	/* as it is, with the variance at the target */
	/* of rates, and ratios of observed to expected events */
	STP_FUNNEL_EXPECTED, /* exact Poisson limits of the expected events; z-scores as root */
	STP_FUNNEL_OBSERVED, /* where the limits of the observed events meet the target; likewise */
	STP_FUNNEL_LOG,
	STP_FUNNEL_ROOT,
	/* of one count over another, both by chance */
	STP_FUNNEL_COUNTS /* logarithm, with a half added to both */
} StpFunnelMethod;

#define STP_FUNNEL_METHODS (STP_FUNNEL_COUNTS + 1)

/* Forty bytes and no padding. This is what the type stp.dispersion holds on disk, so it cannot
 * change. */
typedef struct StpFunnel
{
	int64_t method;
	double target; /* numerator / denominator that is expected; NAN: not known, as without units */
	StpDispersion dispersion;
} StpFunnel;

/* Whether units can have made it. */
bool stp_core_funnel_is_valid(const StpFunnel *funnel);

static inline bool
stp_core_funnel_is_proportion(int64_t method)
{
	return method == STP_FUNNEL_ARCSINE || method == STP_FUNNEL_WILSON;
}

/* The value on the scale of the method, and the target; not finite where there is none. */
double stp_core_funnel_transform(StpFunnelMethod method, double value, double denominator);
double stp_core_funnel_target(StpFunnelMethod method, double target);
/* 1 over the variance that chance gives it there, at the target as a value. */
double stp_core_funnel_precision(StpFunnelMethod method, double target, double value,
								 double denominator);

/* What is asked of a funnel, and the target on the scale of its method, found once. */
typedef struct StpFunnelQuestion
{
	const StpFunnel *funnel;
	StpOverdispersion overdispersion;
	double target;
} StpFunnelQuestion;

StpFunnelQuestion stp_core_funnel_ask(const StpFunnel *funnel, StpOverdispersion overdispersion);

/* The share of units that chance leaves between limits, strictly between 0 and 1, and so many
 * standard errors away as they are. */
typedef struct StpFunnelLevel
{
	double share;
	double reach;
} StpFunnelLevel;

StpFunnelLevel stp_core_funnel_level(double share);

/* z-score, beside what the units differ by if that is asked for; NAN where there is none. */
double stp_core_funnel_adjusted_z(const StpFunnelQuestion *question, double value,
								  double denominator);

/* Limits of the value of a unit with this denominator, above 0; NAN both where there are none. */
StpLimits stp_core_funnel_limits(const StpFunnelQuestion *question, double denominator,
								 const StpFunnelLevel *level);

/* Whether a value lies above its limits (1), below them (-1) or neither (0). */
int stp_core_funnel_side(const StpFunnelQuestion *question, double value, double denominator,
						 const StpFunnelLevel *level, StpLimits limits);

#endif
