/* Fuzz target: any state of weighted scores that is valid, added to and merged, stays valid or
 * overflows. */
#include "input.h"
#include "composite.h"

static void
ask(const StpComposite *state)
{
	double coverage = stp_core_coverage(state);

	if (stp_core_composite_overflowed(state))
		return;
	CHECK(stp_core_composite_is_valid(state));
	CHECK(isnan(coverage) || (coverage >= 0 && coverage <= 1));
	(void) stp_core_arithmetic_mean(state);
	/* An infinite one is reported as overflow. */
	CHECK(isinf(stp_core_geometric_mean(state)) || !(stp_core_geometric_mean(state) < 0));
	CHECK(isinf(stp_core_harmonic_mean(state)) || !(stp_core_harmonic_mean(state) < 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	StpComposite a, b, fresh = {0};
	double score = take_double(&input), weight = take_count(&input);

	take(&input, &a, sizeof(a));
	take(&input, &b, sizeof(b));
	if (isinf(score) || weight == 0)
		return 0;
	stp_core_composite_add(&fresh, score, weight);
	ask(&fresh);
	if (!stp_core_composite_is_valid(&a))
		return 0;
	ask(&a);
	if (stp_core_composite_is_valid(&b))
	{
		stp_core_composite_merge(&b, &a);
		ask(&b);
	}
	stp_core_composite_add(&a, score, weight);
	ask(&a);
	return 0;
}
