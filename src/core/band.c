/*
 * band.c: z-score banding of indicators, without any backend header.
 *
 * D. J. Spiegelhalter and others, Statistical methods for healthcare regulation: rating, screening
 * and surveillance, Journal of the Royal Statistical Society A 175 (2012) 1-47.
 */
#include "band.h"

#include <math.h>

#include "order.h"
#include "pause.h"

double
stp_core_band_mean(const double *value, const double *denominator, size_t n)
{
	double events = 0, total = 0;

	STP_EACH (i, n)
		if (!isnan(value[i]) && denominator[i] > 0)
		{
			events += value[i] * denominator[i];
			total += denominator[i];
		}
	return events / total;
}

/* The precisions are the denominators but for a factor, which cancels. */
void
stp_core_band_z(const StpBand *band, const double *value, const double *denominator, size_t n,
				size_t *order, double *z)
{
	double reference =
		isnan(band->reference) ? stp_core_band_mean(value, denominator, n) : band->reference;
	double target = stp_core_funnel_target(band->method, reference);
	StpDispersion dispersion;

	STP_EACH (i, n)
		z[i] = denominator[i] > 0
				   ? (stp_core_funnel_transform(band->method, value[i], denominator[i]) - target) *
						 sqrt(stp_core_funnel_precision(band->method, reference, value[i],
														denominator[i]))
				   : NAN;
	if (band->overdispersion == STP_NO_OVERDISPERSION)
		return;
	dispersion = stp_core_dispersion(z, denominator, n, STP_WINSORISED, band->winsorise, order);
	STP_EACH (i, n)
	{
		double variance = 1 / denominator[i];

		z[i] /=
			sqrt(stp_core_overdispersed(&dispersion, band->overdispersion, variance) / variance);
	}
}

double
stp_core_band(const StpBand *band, double z, bool higher_is_better)
{
	if (isnan(z))
		return NAN;
	if (stp_core_compare(fabs(z), band->critical) != STP_AFTER)
		return 1;
	return (z > 0) == higher_is_better ? 2 : 0;
}
