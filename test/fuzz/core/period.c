/* Fuzz target: any text as a period, and any bits. */
#include "input.h"
#include "period.h"

/* Whatever a valid period is asked, it answers within the range, and its text reads back. */
static void
ask(stp_period period, int64_t number)
{
	char text[STP_PERIOD_TEXT_SIZE];
	stp_period other;

	CHECK(stp_core_period_valid(period));
	stp_core_period_print(period, text);
	CHECK(stp_core_period_parse(text, &other) == STP_PERIOD_OK && other == period);
	CHECK(stp_core_period_first_day(period) <= stp_core_period_last_thursday(period));
	CHECK(stp_core_period_last_thursday(period) <= stp_core_period_last_day(period));
	CHECK(stp_core_period_overlap(period, stp_core_period_last_month(period)));
	CHECK(stp_core_period_of_day(stp_core_period_first_day(period), stp_core_period_grain(period),
								 &other) &&
		  other == period);
	for (int grain = STP_GRAIN_YEAR; grain <= (int) stp_core_period_grain(period); grain++)
		CHECK(stp_core_period_valid(stp_core_period_coarsen(period, grain)));
	if (stp_core_period_shift(period, number, &other))
		CHECK(stp_core_period_valid(other) &&
			  stp_core_period_ordinal(other) - stp_core_period_ordinal(period) == number);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(size + 1, 1);
	Input input = {data, size};
	stp_period period;
	stp_period_meanings meanings;
	stp_grain grain;
	int32_t bits = take_int32(&input);

	memcpy(text, data, size);
	if (stp_core_period_parse(text, &period) == STP_PERIOD_OK)
		ask(period, bits);
	(void) stp_core_period_read(text, &meanings);
	for (int i = 0; i < meanings.count; i++)
		ask(meanings.meant[i], bits);
	(void) stp_core_grain_parse(text, &grain);
	free(text);
	if (stp_core_period_valid(bits))
		ask(bits, take_int32(&input));
	for (int g = STP_GRAIN_YEAR; g <= STP_GRAIN_MONTH; g++)
		if (stp_core_period_of_day(bits, g, &period))
			ask(period, take_int32(&input));
	return 0;
}
