/*
 * dispersion.h: how much more units differ from what is expected than chance does (over-dispersion:
 * Spiegelhalter 2005), without any backend header.
 *
 * NAN marks a missing value. Nothing allocates: the caller brings the workspace.
 */
#ifndef STP_CORE_DISPERSION_H
#define STP_CORE_DISPERSION_H

#include <stddef.h>
#include <stdint.h>

/* What is done about it: nothing, a variance between units is added, or all variances are
 * multiplied. */
typedef enum StpOverdispersion
{
	STP_NO_OVERDISPERSION,
	STP_ADDITIVE,
	STP_MULTIPLICATIVE
} StpOverdispersion;

/* What is done to the z-scores at either end, lest a few outliers make the measure. */
typedef enum StpExtremes
{
	STP_WINSORISED, /* pulled in to the quantiles */
	STP_TRIMMED		/* left out, by average rank */
} StpExtremes;

typedef struct StpDispersion
{
	int64_t units; /* whose z-scores were taken */
	double phi;	   /* mean of their squares, which chance makes 1; NAN without units */
	double tau2;   /* variance between units beyond that of chance, never below 0 */
} StpDispersion;

/*
 * Of z[0..n), where those present have a precision: 1 over the variance that chance gives, up to a
 * factor, by whose inverse tau2 is then multiplied. share of the z-scores are extremes at either
 * end, 0 <= share < 1/2. order is a workspace of n. The same whatever the order of the units.
 */
StpDispersion stp_core_dispersion(const double *z, const double *precision, size_t n,
								  StpExtremes extremes, double share, size_t *order);

/* The variance of a unit to which chance gives this one, up to the same factor. */
double stp_core_overdispersed(const StpDispersion *dispersion, StpOverdispersion overdispersion,
							  double variance);

#endif
