/*
 * change.h: how a change is shared by what has changed, without any backend header.
 */
#ifndef STP_CORE_CHANGE_H
#define STP_CORE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

/* What may change; sets of them are bits. */
typedef enum StpFactor
{
	STP_OWN_DATA,
	STP_PEERS_DATA,
	STP_REPORTING,
	STP_MAP_STEP_1, /* boundaries with the memberships of before; backwards in time the reverse */
	STP_MAP_STEP_2,
	STP_WEIGHTS,
	STP_METHOD,
	STP_FACTORS
} StpFactor;

#define STP_BIT(factor) (1 << (factor))
#define STP_SETS (1 << STP_FACTORS)

/*
 * In which share of all orders a factor changes when just those of a set have: Shapley's value,
 * where the weights and the method of a scheme are one thing, and so are the two steps of the map,
 * which they share as it goes on (Owen's value). So what a change of scheme or map does to the
 * rest does not depend on its sides. The second step of the map never comes before the first.
 */
double stp_core_share_of_orders(int set, StpFactor factor);

/* The mean effect of a factor on what there is for each set [STP_SETS] of factors. */
double stp_core_effect(const double *game, StpFactor factor);

/* What one of several brings to a quotient. */
typedef struct StpQuotientPart
{
	double numerator;
	double denominator;
} StpQuotientPart;

/*
 * The shares of a change of sum(numerator) / sum(denominator) that are due to each part: exactly,
 * r2 - r1 = sum((dn - r dd) / D), with r and D the means of before and after. False, and no
 * shares: it has not changed, or one of them does not exist.
 */
bool stp_core_share_quotient(const StpQuotientPart *before, const StpQuotientPart *after,
							 size_t parts, double *share);

#endif
