/* Fuzz target: any changes as a census, spells of any days, merged. */
#include "input.h"
#include "census.h"

#define MAX_DAYS 500

/* A census of just its size; NULL where the input has none that is valid. */
static StpCensus *
take_census(Input *input, int32_t first_day, int32_t days)
{
	StpCensus *census = calloc(1, stp_core_census_size(days));

	census->first_day = first_day;
	census->days = days;
	for (int32_t i = 0; i < days; i++)
		census->change[i] = take_int32(input);
	if (stp_core_census_is_valid(census))
		return census;
	free(census);
	return NULL;
}

static void
ask(const StpCensus *census, int32_t a, int32_t b)
{
	int32_t last = census->first_day + census->days - 1;

	CHECK(stp_core_census_is_valid(census));
	CHECK(stp_core_census_bed_days(census, census->first_day, last) >=
		  stp_core_census_occupied(census, last));
	if (a <= b && stp_core_census_covers(census, a, b))
		CHECK(stp_core_census_bed_days(census, a, b) >= stp_core_census_occupied(census, b));
	if (a <= b)
		CHECK(stp_core_spell_days(a, b, census->first_day, last) <= census->days);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	int32_t a = take_int32(&input), b = take_int32(&input);
	/* A year of four digits, as the type demands. */
	int32_t first_day = take_int32(&input) % 700000;
	int32_t days = 1 + take_between(&input, 0, 255) * MAX_DAYS / 256;
	StpCensus *census = take_census(&input, first_day, days);
	StpCensus *other = take_census(&input, first_day, days);

	if (census != NULL)
	{
		if (a > b || stp_core_census_add(census, a, b))
			ask(census, a, b);
		if (other != NULL && stp_core_census_merge(census, other))
			ask(census, a, b);
	}
	free(census);
	free(other);
	return 0;
}
