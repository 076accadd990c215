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

/* What is done to a value so that its standard error depends on its denominator only. */
typedef enum StpTransform
{
	STP_ARCSINE_ROOT, /* proportions */
	STP_ROOT		  /* rates, and ratios of observed to expected */
} StpTransform;

typedef enum StpOverdispersion
{
	STP_NO_OVERDISPERSION,
	STP_ADDITIVE,
	STP_MULTIPLICATIVE
} StpOverdispersion;

typedef struct StpBand
{
	StpTransform transform;
	StpOverdispersion overdispersion;
	double reference; /* of numerator / denominator; NAN: that of the cohort */
	double winsorise; /* share of the z-scores pulled in at either end, when dispersion is found */
	double critical;  /* |z| beyond it is not as expected */
} StpBand;

/* Numerator over denominator of the whole cohort; NAN without denominators. */
double stp_core_band_mean(const double *value, const double *denominator, size_t n);

/*
 * z[0..n) from the values (numerator / denominator) and their denominators; order and z_winsorised
 * are workspaces of n. A missing value or denominator has no z.
 */
void stp_core_band_z(const StpBand *band, const double *value, const double *denominator, size_t n,
					 size_t *order, double *z_winsorised, double *z);

/* 0, 1 or 2; NAN without z. */
double stp_core_band(const StpBand *band, double z, bool higher_is_better);

#endif
