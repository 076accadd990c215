/*
 * composite.h: what is kept of weighted scores, and the means it gives, without any backend header.
 */
#ifndef STP_CORE_COMPOSITE_H
#define STP_CORE_COMPOSITE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "sum.h"

/* Counts stay below this, so that two states can be merged before anybody looks. */
#define STP_COMPOSITE_MAX_SCORES (INT64_MAX / 2)

/*
 * Nine fields of eight bytes and no padding. This is what the type holds on disk, so it cannot
 * change. All zeroes is the state over no scores.
 */
typedef struct StpComposite
{
	int64_t scores;		   /* scores seen, missing ones too */
	int64_t present;	   /* those not missing */
	int64_t not_positive;  /* those present and <= 0: no geometric or harmonic mean */
	double weight_total;   /* weights of all scores */
	double weight_present; /* weights of those present */
	double sum;			   /* of weight * score */
	double sum_error;	   /* what rounding took from sum, which scores of both signs would show */
	double sum_log;		   /* of weight * ln(score), positive scores */
	double sum_reciprocal; /* of weight / score, positive scores */
} StpComposite;

/* score NAN = missing; weight > 0. A plain one is for the arithmetic mean and the coverage only. */
static inline void
stp_core_composite_add_plain(StpComposite *state, double score, double weight)
{
	state->scores++;
	state->weight_total += weight;
	if (isnan(score))
		return;
	state->present++;
	state->weight_present += weight;
	stp_core_add_to_sum(&state->sum, &state->sum_error, weight * score);
}

void stp_core_composite_add(StpComposite *state, double score, double weight);
void stp_core_composite_merge(StpComposite *state, const StpComposite *other);

/* Whether a sum or a count has left its range. */
bool stp_core_composite_overflowed(const StpComposite *state);
/* Whether adding and merging can have made this state. */
bool stp_core_composite_is_valid(const StpComposite *state);

/* NAN when nothing is present; the last two also when a score is not positive. */
double stp_core_arithmetic_mean(const StpComposite *state);
double stp_core_geometric_mean(const StpComposite *state);
double stp_core_harmonic_mean(const StpComposite *state);
/* Share of the weight that is present; NAN when there is no weight. */
double stp_core_coverage(const StpComposite *state);

#endif
