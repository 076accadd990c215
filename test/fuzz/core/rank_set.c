/* Fuzz target: rank sets of hostile estimates and errors. */
#include "input.h"
#include "rank_set.h"

#define UNITS 6
#define DRAWS 40

/* Finite, or nobody knows. */
static double
take_error(Input *input)
{
	double error = take_double(input);

	return isinf(error) ? 0 : error;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	double estimate[UNITS], error[UNITS * DRAWS], deviation[UNITS * UNITS], largest[DRAWS];
	int32_t rank[UNITS], low[UNITS], high[UNITS], all_low[UNITS], all_high[UNITS];
	size_t order[DRAWS], spare[DRAWS];
	StpRankSets s = {.units = 1 + (size_t) take_int32(&input) % UNITS,
					 .draws = 2 + (size_t) take_int32(&input) % (DRAWS - 1),
					 .estimate = estimate,
					 .error = error,
					 .deviation = deviation,
					 .confidence = take_confidence(&input),
					 .rank = rank,
					 .low = low,
					 .high = high,
					 .all_low = all_low,
					 .all_high = all_high,
					 .largest = largest,
					 .order = order,
					 .spare = spare};
	bool drawn = take_int32(&input) % 2 == 0;

	for (size_t u = 0; u < s.units; u++)
		estimate[u] = take_finite(&input);
	for (size_t i = 0; i < s.units * s.draws; i++)
		error[i] = take_error(&input);
	if (drawn)
		stp_core_drawn_deviations(error, s.units, s.draws, deviation);
	else
		stp_core_independent_deviations(estimate, s.units, deviation);
	stp_core_find_rank_sets(&s);
	for (size_t u = 0; u < s.units; u++)
	{
		CHECK(1 <= low[u] && low[u] <= rank[u] && rank[u] <= high[u] && high[u] <= (int) s.units);
		CHECK(1 <= all_low[u] && all_low[u] <= rank[u] && rank[u] <= all_high[u]);
		CHECK(all_high[u] <= (int) s.units);
	}
	return 0;
}
