/*
 * band.c: z-score banding of indicators, without any backend header.
 *
 * D. J. Spiegelhalter, Handling over-dispersion of performance indicators, Quality and Safety in
 * Health Care 14 (2005) 347-351.
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

/* A share of 1 may have become more by rounding. */
static double
transform(StpTransform how, double value)
{
	return how == STP_ARCSINE_ROOT ? asin(sqrt(value > 1 ? 1 : value)) : sqrt(value);
}

/* Both transforms have the same variance, by the delta method. */
static double
variance(double denominator)
{
	return 1 / (4 * denominator);
}

/* Mean square of the z-scores, whose ends are pulled in to their quantiles; how many there are. */
static size_t
find_dispersion(const StpBand *band, const double *z, size_t n, size_t *order, double *winsorised,
				double *phi)
{
	size_t present = stp_core_order(z, n, order);
	double low, high, squares = 0;

	if (present == 0)
		return 0;
	low = stp_core_quantile(z, order, present, band->winsorise);
	high = stp_core_quantile(z, order, present, 1 - band->winsorise);
	STP_EACH (i, present)
	{
		winsorised[i] = fmin(fmax(z[order[i]], low), high);
		squares += winsorised[i] * winsorised[i];
	}
	*phi = squares / (double) present;
	return present;
}

/* Variance between units beyond that of chance, by the method of moments; 0 if there is none. */
static double
variance_between(const double *z, const double *denominator, size_t n, size_t present, double phi)
{
	double weights = 0, squares = 0;
	double excess = (double) present * phi - ((double) present - 1);

	STP_EACH (i, n)
		if (!isnan(z[i]))
		{
			double weight = 1 / variance(denominator[i]);

			weights += weight;
			squares += weight * weight;
		}
	return present < 2 || excess <= 0 ? 0 : excess / (weights - squares / weights);
}

/* Take out of the z-scores what the cohort differs by beyond chance. */
static void
adjust(const StpBand *band, const double *denominator, size_t n, size_t present, double phi,
	   double *z)
{
	bool additive = band->overdispersion == STP_ADDITIVE;
	double between = additive ? variance_between(z, denominator, n, present, phi) : 0;

	STP_EACH (i, n)
		if (additive)
			z[i] /= sqrt(1 + between / variance(denominator[i]));
		else
			z[i] /= sqrt(fmax(phi, 1));
}

void
stp_core_band_z(const StpBand *band, const double *value, const double *denominator, size_t n,
				size_t *order, double *z_winsorised, double *z)
{
	double reference =
		isnan(band->reference) ? stp_core_band_mean(value, denominator, n) : band->reference;
	double expected = transform(band->transform, reference), phi = 1;
	size_t present;

	STP_EACH (i, n)
		z[i] = denominator[i] > 0 ? (transform(band->transform, value[i]) - expected) /
										sqrt(variance(denominator[i]))
								  : NAN;
	if (band->overdispersion == STP_NO_OVERDISPERSION)
		return;
	present = find_dispersion(band, z, n, order, z_winsorised, &phi);
	adjust(band, denominator, n, present, phi, z);
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
