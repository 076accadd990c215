/* Fuzz target: any state of age bands that is valid, added to and merged, stays valid or overflows.
 */
#include "input.h"
#include "standardise.h"

/* Room for one more. */
static StpStandardised *
take_state(Input *input, int frequencies)
{
	StpStandardised *state = calloc(1, stp_core_standardised_size(frequencies + 1));

	take(input, &state->rows,
		 offsetof(StpStandardised, frequency) - offsetof(StpStandardised, rows));
	take(input, state->frequency, (size_t) frequencies * sizeof(StpFrequency));
	state->frequencies = frequencies;
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
	StpStandardised *merged =
		calloc(1, stp_core_standardised_size(a->frequencies + b->frequencies));

	memcpy(merged, a, offsetof(StpStandardised, frequency));
	stp_core_merge_frequencies(merged, a, b);
	stp_core_standardised_merge(merged, b);
	ask(merged);
	free(merged);
}

/* A row of the form that the state has. */
static void
add_row(StpStandardised *state, Input *input)
{
	StpFrequency frequency = {take_count(input), take_count(input),
							  1 + (take_int32(input) & 0xffff), 1};

	if (state->frequencies == 0 && state->rows > 0)
	{
		stp_core_standardise_band(state, take_count(input), frequency.population,
								  frequency.standard_population);
		return;
	}
	stp_core_standardise_persons(state, take_count(input), &frequency);
	if (!stp_core_count_frequency(state, &frequency))
		stp_core_insert_frequency(state, &frequency);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	int frequencies_a = take_between(&input, 0, 7), frequencies_b = take_between(&input, 0, 7);
	StpStandardised *a = take_state(&input, frequencies_a), *b = take_state(&input, frequencies_b);
	StpStandardised *fresh = calloc(1, stp_core_standardised_size(1));

	add_row(fresh, &input);
	ask(fresh);
	if (a != NULL && b != NULL && (a->frequencies > 0) == (b->frequencies > 0))
		merge(a, b);
	if (a != NULL && a->frequencies > 0)
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
