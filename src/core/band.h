/*
 * band.h: z-score banding of indicators, without any backend header: 0 worse, 1 as expected, 2
 * better, with over-dispersion (Spiegelhalter 2005, Spiegelhalter et al. 2012).
 *
 * NAN marks a missing value. Nothing allocates: the caller brings the workspace.
 */
#ifndef STP_CORE_BAND_H
#define STP_CORE_BAND_H

#include <stdbool.h>
#include <stddef.h>

#include "funnel.h"

typedef struct StpBand
{
	StpFunnelMethod method; /* arcsine or root: its variance depends on the denominator only */
	StpOverdispersion overdispersion;
	double reference; /* of numerator / denominator; NAN: that of the cohort */
	double winsorise; /* share of the z-scores pulled in at either end, when dispersion is found */
	double critical;  /* |z| beyond it is not as expected */
} StpBand;

/* Numerator over denominator of the whole cohort; NAN without denominators. */
double stp_core_band_mean(const double *value, const double *denominator, size_t n);

/*
 * z[0..n) from the values (numerator / denominator) and their denominators; order is a
 * workspace of n. A missing value or denominator has no z.
 */
void stp_core_band_z(const StpBand *band, const double *value, const double *denominator, size_t n,
					 size_t *order, double *z);

/* 0, 1 or 2; NAN without z. */
double stp_core_band(const StpBand *band, double z, bool higher_is_better);

#endif
