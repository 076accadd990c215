/* Fuzz target: limits of any counts hold the estimate, and quantiles come to an end. */
#include "input.h"
#include "estimate.h"
#include "finance.h"

/* Where a limit exists it is on its side. */
static void
check_limits(double estimate, StpLimits limits)
{
	CHECK(!(limits.lower > estimate) && !(limits.upper < estimate));
}

static void
check_outturn(Input *input, double confidence)
{
	double to_date[STP_MONTHS], profile[STP_MONTHS], plan[STP_MONTHS];
	StpYear year = {.to_date = to_date, .months = take_between(input, 0, STP_MONTHS)};
	StpOutturn outturn;

	for (int i = 0; i < STP_MONTHS; i++)
	{
		to_date[i] = take_finite(input);
		profile[i] = take_finite(input);
		plan[i] = take_double(input);
	}
	year.profile = take_between(input, 0, 1) ? profile : NULL;
	year.plan = take_between(input, 0, 1) ? plan : NULL;
	year.target = take_double(input);
	year.independent = take_between(input, 0, 1);
	outturn = stp_core_outturn(&year, confidence);
	CHECK(!(outturn.lower > outturn.upper));
	CHECK(!(outturn.probability < 0) && !(outturn.probability > 1));
	CHECK(!(outturn.autocorrelation < 0) && !(outturn.autocorrelation >= 1));
	CHECK(!(outturn.trend < 0) && !(outturn.trend > 1 + 1e-9));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	double confidence = take_confidence(&input);
	double a = take_count(&input), b = take_count(&input), number = take_finite(&input);

	check_limits(a, stp_core_poisson_limits(a, confidence));
	check_limits(a, stp_core_byar_limits(a, confidence));
	check_limits(a, stp_core_count_limits(a, confidence));
	if (b >= a && b > 0)
		check_limits(a / b, stp_core_wilson_limits(a, b, confidence));
	if (a >= 2)
		check_limits(number, stp_core_mean_limits(a, number, b, confidence));
	if (b > 0)
		check_limits(a / b, stp_core_count_ratio_limits(a, b, confidence));
	check_outturn(&input, confidence);
	check_limits(a - b, stp_core_difference_limits(a, stp_core_count_limits(a, confidence), b,
												   stp_core_count_limits(b, confidence),
												   take_between(&input, -8, 8) / 8.0));
	return 0;
}
