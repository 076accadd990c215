/*
 * score.h: methods that make scores of the values of a cohort, without any backend
 * header.
 *
 * NAN marks a missing value; callers have refused real NaN and infinity before. Nothing allocates:
 * the caller brings the workspace.
 */
#ifndef STP_CORE_SCORE_H
#define STP_CORE_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Each fills scores[0..n), which may be the array values, and returns true; a missing value stays
 * missing. A constant cohort (no two values present that differ by more than ties do, as order.h
 * says) returns false, and all scores are NAN.
 */
bool stp_core_min_max(const double *values, size_t n, double low, double high, double *scores);
/* Over the sample standard deviation. */
bool stp_core_z_score(const double *values, size_t n, double *scores);
/* (rank - 1) / (n - 1), ties take the lowest rank; order is a workspace of n. */
bool stp_core_percentile_rank(const double *values, size_t n, size_t *order, double *scores);
/* The same of values that are in order already, on a scale from 0 to full; high for the best. */
bool stp_core_percentile_in_order(const double *values, size_t n, const size_t *order,
								  size_t present, bool highest_first, double full, double *scores);

/* Which rank those take that tie: the mean of their places, the lowest or the highest. */
typedef enum StpTies
{
	STP_TIES_AVERAGE,
	STP_TIES_LOW,
	STP_TIES_HIGH
} StpTies;

/*
 * Indices of multiple deprivation: -23 ln(1 - R (1 - exp(-100 / 23))), R = rank / n from the least
 * on, so that the last tenth has half of the scale from 0 to 100; order is a workspace of n.
 */
bool stp_core_exponential_rank(const double *values, size_t n, StpTies ties, size_t *order,
							   double *scores);
/* The same of values that are in order already, from the highest on if that is to be the least. */
bool stp_core_exponential_in_order(const double *values, size_t n, const size_t *order,
								   size_t present, bool highest_first, StpTies ties,
								   double *scores);
/* The score of a place: so many of the others come before it, and so many after it. */
double stp_core_exponential_place(size_t before, size_t after, size_t others, StpTies ties);

/* Min-max scores between bounds that are given: low at the worst, high at the best, and beyond. */
void stp_core_min_max_from(const double *values, size_t n, double worst, double best, double low,
						   double high, double *scores);

/*
 * NHS Oversight Framework 2025/26, step 1: 1.00 (best) to 4.00 in hundredths. NAN as standard or
 * floor = none. Never fails: ties take the best score, and one organisation alone gets the best.
 */
void stp_core_ranked_score(const double *values, size_t n, bool higher_is_better, double standard,
						   double floor, size_t *order, double *scores);
/* The same of values that are in order already, their ties merged. */
void stp_core_ranked_in_order(const double *values, size_t n, const size_t *order, size_t present,
							  bool higher_is_better, double standard, double floor, double *scores);
/*
 * The same where each has a target of its own: 1.00 for whoever reaches it, 4.00 for whoever misses
 * the floor, whatever its target; the rest are spread among themselves, from 1.00 if they have no
 * target (NAN). INFINITY: there is one, but nobody knows it, and no score.
 */
void stp_core_ranked_by_targets(const double *values, size_t n, const size_t *order, size_t present,
								bool higher_is_better, const double *targets, double floor,
								double *scores);

/* The score of whoever is ranked, neither at a target nor below the floor: so many of the others
 * who are ranked are ahead. */
double stp_core_ranked_place(bool has_target, bool has_floor, size_t ahead, size_t others);

/* 0 at the worse goalpost, 100 at the better one; NAN where low and high are tied. */
double stp_core_goalposts(double value, double low, double high, bool higher_is_better,
						  bool truncate);

/* 0 at the worst of minimum and maximum, 1 at the target; NAN where the two are tied. */
double stp_core_distance_to_target(double value, double minimum, double maximum, double target,
								   bool higher_is_better, bool cap);

#endif
