/* Fuzz target: funnels of any units are valid, and their limits hold the target. */
#include "input.h"
#include "funnel.h"

#define UNITS 100

/* Limits are finite, on either side of the target, and not beyond the scale; or there are none. */
static void
check_limits(const StpFunnel *funnel, StpOverdispersion how, double value, double denominator,
			 double level)
{
	StpFunnelQuestion question = stp_core_funnel_ask(funnel, how);
	StpFunnelLevel reach = stp_core_funnel_level(level);
	StpLimits limits = stp_core_funnel_limits(&question, denominator, &reach);
	int side = stp_core_funnel_side(&question, value, denominator, &reach, limits);

	CHECK(isnan(limits.lower) == isnan(limits.upper));
	CHECK(!isinf(limits.lower) && !isinf(limits.upper));
	CHECK(!(limits.lower < 0) && !(limits.lower > limits.upper));
	CHECK(!(limits.lower > funnel->target) && !(limits.upper < funnel->target));
	CHECK(side >= -1 && side <= 1);
	(void) stp_core_funnel_adjusted_z(&question, value, denominator);
}

static StpFunnel
take_units(Input *input)
{
	StpFunnelMethod method = (StpFunnelMethod) take_between(input, 0, STP_FUNNEL_METHODS - 1);
	StpExtremes extremes = take_between(input, 0, 1) ? STP_TRIMMED : STP_WINSORISED;
	StpFunnel funnel = {method, take_count(input), {0, NAN, 0}};
	double z[UNITS], precision[UNITS], share = take_between(input, 0, 49) / 100.0;
	size_t n = (size_t) take_between(input, 0, UNITS), order[UNITS];
	double most = stp_core_funnel_is_proportion(method) ? 1 : HUGE_VAL;
	StpFunnelQuestion question;

	funnel.target = fmin(funnel.target, most);
	question = stp_core_funnel_ask(&funnel, STP_NO_OVERDISPERSION);
	for (size_t i = 0; i < n; i++)
	{
		double value = fmin(take_count(input), most), denominator = take_count(input);

		precision[i] = stp_core_funnel_precision(method, funnel.target, value, denominator);
		z[i] = denominator > 0 ? stp_core_funnel_adjusted_z(&question, value, denominator) : NAN;
	}
	funnel.dispersion = stp_core_dispersion(z, precision, n, extremes, share, order);
	return funnel;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	StpFunnel funnel;
	StpOverdispersion how = (StpOverdispersion) take_between(&input, 0, STP_MULTIPLICATIVE);
	double level = take_confidence(&input), value = take_count(&input),
		   denominator = take_count(&input);

	take(&input, &funnel, sizeof(funnel));
	if (denominator == 0)
		return 0;
	if (stp_core_funnel_is_valid(&funnel))
		check_limits(&funnel, how, value, denominator, level);
	funnel = take_units(&input);
	/* Squares of z-scores beyond a double are reported as overflow. */
	if (stp_core_funnel_is_valid(&funnel))
		check_limits(&funnel, how, value, denominator, level);
	else
		CHECK(isinf(funnel.dispersion.phi));
	return 0;
}
