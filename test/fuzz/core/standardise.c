/* Fuzz target: any state of age bands that is valid, added to and merged, stays valid or overflows.
 */
#include "input.h"
#include "standardise.h"

/* Room for one more. */
static StpStandardised *
take_state(Input *input, int bands)
{
	StpStandardised *state = calloc(1, stp_core_standardised_size(bands + 1));

	take(input, &state->rows, offsetof(StpStandardised, band) - offsetof(StpStandardised, rows));
	take(input, state->band, (size_t) bands * sizeof(StpBand));
	state->bands = bands;
	if (stp_core_standardised_is_valid(state))
		return state;
	free(state);
	return NULL;
}

static void
ask(const StpStandardised *state)
{
	StpStandardisedRate rate;

	if (stp_core_standardised_overflowed(state))
		return;
	CHECK(stp_core_standardised_is_valid(state));
	rate = stp_core_standardised_rate(state);
	CHECK(rate.weight >= 0 && rate.events >= 0);
	if (rate.events > 0)
		(void) stp_core_dobson_limit(&rate, rate.events * 2);
}

static void
merge(const StpStandardised *a, const StpStandardised *b)
{
	StpStandardised *merged = calloc(1, stp_core_standardised_size(a->bands + b->bands));

	memcpy(merged, a, offsetof(StpStandardised, band));
	if (stp_core_merge_bands(merged, a, b) != NULL)
	{
		free(merged);
		return;
	}
	stp_core_standardised_merge(merged, b);
	ask(merged);
	free(merged);
}

/* A row of the form that the state has. */
static void
add_row(StpStandardised *state, Input *input)
{
	StpBand band = {take_between(input, 0, 120), take_count(input), take_count(input), 1}, *same;

	if (state->bands == 0 && state->rows > 0)
	{
		stp_core_standardise_band(state, take_count(input), band.population,
								  band.standard_population);
		return;
	}
	same = stp_core_get_band(state, band.age_from);
	/* As the caller refuses other populations for one band. */
	if (same != NULL)
		band = *same;
	stp_core_standardise_persons(state, take_count(input), 1 + (take_int32(input) & 0xffff), &band);
	if (same == NULL)
		stp_core_insert_band(state, &band);
	else
		same->rows++;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	int bands_a = take_between(&input, 0, 7), bands_b = take_between(&input, 0, 7);
	StpStandardised *a = take_state(&input, bands_a), *b = take_state(&input, bands_b);
	StpStandardised *fresh = calloc(1, stp_core_standardised_size(1));

	add_row(fresh, &input);
	ask(fresh);
	if (a != NULL && b != NULL && (a->bands > 0) == (b->bands > 0))
		merge(a, b);
	if (a != NULL && a->bands > 0)
		merge(a, fresh);
	if (a != NULL)
	{
		ask(a);
		add_row(a, &input);
		ask(a);
	}
	free(a);
	free(b);
	free(fresh);
	return 0;
}
