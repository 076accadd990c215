/* Fuzz target: scores of a cohort of hostile values, and what is drawn from any seed. */
#include "input.h"
#include "band.h"
#include "draw.h"
#include "order.h"
#include "score.h"

#define UNITS 40

/* Ranks are those that are asked for, whether all at once or in an order that is there already. */
static void
check_ranks(const double *values, size_t n)
{
	size_t order[UNITS], again[UNITS], spare[UNITS], ordered = 0;
	int32_t ranks[UNITS], same[UNITS];
	size_t present = stp_core_order(values, n, order);

	CHECK(present <= n && stp_core_reorder(values, n, again, &ordered, spare) == present);
	stp_core_rank(values, n, true, order, ranks);
	stp_core_order(values, n, order);
	stp_core_rank_in_order(values, n, order, present, true, same);
	for (size_t i = 0; i < n; i++)
		CHECK(ranks[i] == same[i] && ranks[i] >= 0 && ranks[i] <= (int32_t) n &&
			  (ranks[i] == 0) == (bool) isnan(values[i]));
	if (present > 0)
		CHECK(stp_core_quantile(values, order, present, 0) <=
			  stp_core_quantile(values, order, present, 1));
}

static void
check_scores(const double *values, size_t n, double low, double high)
{
	size_t order[UNITS];
	double scores[UNITS], smallest, largest;

	if (stp_core_range(values, n, &smallest, &largest))
		CHECK(smallest < largest);
	(void) stp_core_min_max(values, n, low, high, scores);
	(void) stp_core_z_score(values, n, scores);
	(void) stp_core_percentile_rank(values, n, order, scores);
	for (size_t i = 0; i < n; i++)
		CHECK(!(scores[i] < 0) && !(scores[i] > 1));
	(void) stp_core_exponential_rank(values, n, STP_TIES_AVERAGE, order, scores);
	for (size_t i = 0; i < n; i++)
		CHECK(!(scores[i] <= 0) && !(scores[i] > 100));
	stp_core_ranked_score(values, n, true, low <= high ? NAN : low, NAN, order, scores);
	for (size_t i = 0; i < n; i++)
		CHECK(!(scores[i] < 1) && !(scores[i] > 4));
	(void) stp_core_goalposts(values[0], low, high, true, true);
	(void) stp_core_distance_to_target(values[0], low, high, values[0], true, true);
	(void) stp_core_round(low, (int) n % 10 - 1);
}

static void
check_bands(const double *values, const double *denominators, size_t n, const StpBand *band)
{
	size_t order[UNITS];
	double z[UNITS];

	stp_core_band_z(band, values, denominators, n, order, z);
	for (size_t i = 0; i < n; i++)
	{
		double place = stp_core_band(band, z[i], true);

		CHECK(isnan(place) || place == 0 || place == 1 || place == 2);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	double values[UNITS], denominators[UNITS], low = take_finite(&input),
											   high = take_finite(&input);
	StpBand band = {take_between(&input, 0, 1) ? STP_FUNNEL_ROOT : STP_FUNNEL_ARCSINE,
					take_between(&input, 0, 2), take_count(&input),
					take_between(&input, 0, 49) / 100.0, take_count(&input)};
	StpDraw draw;
	size_t n = (size_t) take_between(&input, 1, UNITS);

	stp_core_draw_start(&draw, (uint64_t) take_int32(&input), (uint64_t) take_int32(&input));
	CHECK(stp_core_draw_uniform(&draw) > 0 && stp_core_draw_uniform(&draw) < 1);
	CHECK(fabs(stp_core_draw_normal(&draw)) < 40);
	for (size_t i = 0; i < n; i++)
	{
		double value = take_double(&input);

		values[i] = isinf(value) ? 0 : value;
		denominators[i] = take_count(&input);
	}
	check_ranks(values, n);
	check_scores(values, n, low, high);
	for (size_t i = 0; i < n; i++)
		values[i] = isnan(values[i]) ? NAN : fmin(fabs(values[i]), 1);
	check_bands(values, denominators, n, &band);
	return 0;
}
