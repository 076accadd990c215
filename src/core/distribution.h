/*
 * distribution.h: tails and quantiles of the normal, Student t, gamma and beta distributions,
 * without any backend header and without allocation.
 *
 * confidence and tail are strictly between 0 and 1; a quantile's tail is at most 1/2, and upper
 * says which of the two it is. Quantiles have a relative error of about 1e-14, for shapes from 1e-3
 * to beyond 1e15 (a small shape a magnifies the rounding of the tail itself by 1/a).
 *
 * The chi-square distribution with d degrees of freedom is twice the gamma distribution of shape
 * d/2.
 */
#ifndef STP_CORE_DISTRIBUTION_H
#define STP_CORE_DISTRIBUTION_H

#include <stdbool.h>

/* The z, and the t with so many degrees of freedom, for which -z to z holds the share confidence.
 */
double stp_core_normal_two_sided(double confidence);
double stp_core_student_two_sided(double freedom, double confidence);

/* The share of Student's distribution with so many degrees of freedom that lies above t. */
double stp_core_student_tail(double freedom, double t);

/* Regularised incomplete gamma function, P (lower) or Q (upper), of x > 0; and its inverse. */
double stp_core_gamma_tail(double shape, double x, bool upper);
double stp_core_gamma_quantile(double shape, double tail, bool upper);

/*
 * Regularised incomplete beta function and its inverse, in terms of the odds x / (1 - x) > 0, which
 * stay accurate where x rounds to 1. The quantile wants a shape of at least 1/2 on the side away
 * from its tail: b for the lower tail, a for the upper one.
 */
double stp_core_beta_tail(double a, double b, double odds, bool upper);
double stp_core_beta_odds(double a, double b, double tail, bool upper);

#endif
