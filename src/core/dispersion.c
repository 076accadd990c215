/*
 * dispersion.c: over-dispersion, without any backend header.
 *
 * D. J. Spiegelhalter, Handling over-dispersion of performance indicators, Quality and Safety in
 * Health Care 14 (2005) 347-351. The variance between units is the moment estimator of R.
 * DerSimonian and N. Laird, Controlled Clinical Trials 7 (1986) 177-188.
 */
#include "dispersion.h"

#include <math.h>
#include <stdbool.h>

#include "order.h"
#include "pause.h"
#include "sum.h"

/* The z-scores that are taken, in order, and the bounds to which they are pulled in. */
typedef struct Taken
{
	const double *z;
	const size_t *order;
	size_t first, end;
	double low, high;
} Taken;

static void
winsorise(Taken *taken, size_t present, double share)
{
	taken->end = present;
	taken->low = stp_core_quantile(taken->z, taken->order, present, share);
	taken->high = stp_core_quantile(taken->z, taken->order, present, 1 - share);
}

/*
 * What stays has an average rank from share * (n + 1) to before (1 - share) * (n + 1). Tied
 * z-scores stay or go together, so that none depends on the order of the rows.
 */
static void
trim(Taken *taken, size_t present, double share)
{
	double from = share * (double) (present + 1), to = (1 - share) * (double) (present + 1);
	size_t start = 0;

	taken->first = present;
	STP_EACH (i, present)
	{
		double rank = (double) (start + i) / 2 + 1;

		if (i + 1 < present && stp_core_compare(taken->z[taken->order[start]],
												taken->z[taken->order[i + 1]]) == STP_AT)
			continue;
		if (stp_core_reaches(rank, from, true) && !stp_core_reaches(rank, to, true))
		{
			taken->first = taken->first < start ? taken->first : start;
			taken->end = i + 1;
		}
		start = i + 1;
	}
}

static double
mean_square(const Taken *taken)
{
	double squares = 0;

	for (size_t i = taken->first; i < taken->end; i++)
	{
		double z = fmin(fmax(taken->z[taken->order[i]], taken->low), taken->high);

		stp_core_pause_sometimes(i);
		squares += z * z;
	}
	return squares / (double) (taken->end - taken->first);
}

/* By the method of moments; 0 if units differ no more than by chance. */
static double
variance_between(const Taken *taken, const double *precision, double phi)
{
	double units = (double) (taken->end - taken->first), excess = units * phi - (units - 1);
	StpExactSum weights = {.parts = 0}, squares = {.parts = 0};
	double weight, spread;

	if (units < 2 || !(excess > 0))
		return 0;
	for (size_t i = taken->first; i < taken->end; i++)
	{
		weight = precision[taken->order[i]];
		stp_core_pause_sometimes(i);
		stp_core_exact_sum_add(&weights, weight);
		stp_core_exact_sum_add(&squares, weight * weight);
	}
	weight = stp_core_exact_sum_value(&weights);
	spread = weight - stp_core_exact_sum_value(&squares) / weight;
	/* One unit that outweighs all others has none to differ from. */
	return spread > 0 && isfinite(excess / spread) ? excess / spread : 0;
}

StpDispersion
stp_core_dispersion(const double *z, const double *precision, size_t n, StpExtremes extremes,
					double share, size_t *order)
{
	size_t present = stp_core_order(z, n, order);
	Taken taken = {z, order, 0, 0, -INFINITY, INFINITY};
	StpDispersion dispersion = {0, NAN, 0};

	if (present > 0 && extremes == STP_WINSORISED)
		winsorise(&taken, present, share);
	else if (present > 0)
		trim(&taken, present, share);
	if (taken.end <= taken.first)
		return dispersion;
	dispersion.units = (int64_t) (taken.end - taken.first);
	dispersion.phi = mean_square(&taken);
	dispersion.tau2 = variance_between(&taken, precision, dispersion.phi);
	return dispersion;
}

double
stp_core_overdispersed(const StpDispersion *dispersion, StpOverdispersion overdispersion,
					   double variance)
{
	if (overdispersion == STP_ADDITIVE)
		return variance + dispersion->tau2;
	/* Units that differ less than by chance are not drawn nearer: there is no such process. */
	if (overdispersion == STP_MULTIPLICATIVE && dispersion->phi > 1)
		return variance * dispersion->phi;
	return variance;
}
