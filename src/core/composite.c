/*
 * composite.c: what is kept of weighted scores, and the means it gives, without any backend header.
 */
#include "composite.h"

#include <math.h>

#include "sum.h"

void
stp_core_composite_add(StpComposite *state, double score, double weight)
{
	stp_core_composite_add_plain(state, score, weight);
	if (isnan(score))
		return;
	if (score > 0)
	{
		state->sum_log += weight * log(score);
		state->sum_reciprocal += weight / score;
	}
	else
		state->not_positive++;
}

void
stp_core_composite_merge(StpComposite *state, const StpComposite *other)
{
	state->scores += other->scores;
	state->present += other->present;
	state->not_positive += other->not_positive;
	state->weight_total += other->weight_total;
	state->weight_present += other->weight_present;
	stp_core_add_to_sum(&state->sum, &state->sum_error, other->sum);
	state->sum_error += other->sum_error;
	state->sum_log += other->sum_log;
	state->sum_reciprocal += other->sum_reciprocal;
}

bool
stp_core_composite_overflowed(const StpComposite *state)
{
	return state->scores > STP_COMPOSITE_MAX_SCORES || !isfinite(state->weight_total) ||
		   !isfinite(state->sum) || !isfinite(state->sum_error) || !isfinite(state->sum_log) ||
		   !isfinite(state->sum_reciprocal);
}

/* Counts nest, and every weight is positive. */
static bool
counts_are_valid(const StpComposite *state)
{
	return 0 <= state->not_positive && state->not_positive <= state->present &&
		   state->present <= state->scores && 0 <= state->weight_present &&
		   state->weight_present <= state->weight_total &&
		   (state->scores > 0) == (state->weight_total > 0) &&
		   (state->present > 0) == (state->weight_present > 0);
}

/* A sum over no scores is zero, and scores of one sign give a sum of that sign. */
static bool
sums_are_valid(const StpComposite *state)
{
	int64_t positive = state->present - state->not_positive;

	if (positive == 0 && (state->sum > 0 || state->sum_log != 0 || state->sum_reciprocal != 0))
		return false;
	if (state->not_positive == 0 && state->sum < 0)
		return false;
	if (state->present == 0 && state->sum_error != 0)
		return false;
	return state->sum_reciprocal >= 0;
}

bool
stp_core_composite_is_valid(const StpComposite *state)
{
	return !stp_core_composite_overflowed(state) && counts_are_valid(state) &&
		   sums_are_valid(state);
}

double
stp_core_arithmetic_mean(const StpComposite *state)
{
	if (state->present == 0)
		return NAN;
	return (state->sum + state->sum_error) / state->weight_present;
}

double
stp_core_geometric_mean(const StpComposite *state)
{
	if (state->present == 0 || state->not_positive > 0)
		return NAN;
	return exp(state->sum_log / state->weight_present);
}

double
stp_core_harmonic_mean(const StpComposite *state)
{
	if (state->present == 0 || state->not_positive > 0)
		return NAN;
	return state->weight_present / state->sum_reciprocal;
}

double
stp_core_coverage(const StpComposite *state)
{
	if (state->scores == 0)
		return NAN;
	return state->weight_present / state->weight_total;
}
