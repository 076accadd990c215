/*
 * score.h: from the values of a cohort to scores, without any backend header.
 *
 * NAN marks a missing value; callers have refused real NaN and infinity before. Nothing allocates:
 * the caller brings the workspace.
 */
#ifndef STP_CORE_SCORE_H
#define STP_CORE_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Smallest and largest of the values present; false if fewer than two distinct ones are. */
bool stp_core_range(const double *values, size_t n, double *smallest, double *largest);

/*
 * Each fills scores[0..n), which may be the array values, and returns true; a missing value stays
 * missing. A constant cohort (fewer than two distinct values present) returns false, and all scores
 * are NAN.
 */
bool stp_core_min_max(const double *values, size_t n, double low, double high, double *scores);
/* Over the sample standard deviation. */
bool stp_core_z_score(const double *values, size_t n, double *scores);
/* (rank - 1) / (n - 1), ties take the lowest rank; order is a workspace of n. */
bool stp_core_percentile_rank(const double *values, size_t n, size_t *order, double *scores);

/* Min-max scores between bounds that are given: low at the worst, high at the best, and beyond. */
void stp_core_min_max_from(const double *values, size_t n, double worst, double best, double low,
						   double high, double *scores);

/*
 * NHS Oversight Framework 2025/26, step 1: 1.00 (best) to 4.00 in hundredths. NAN as standard or
 * floor = none. Never fails: ties take the best score, and one organisation alone gets the best.
 */
void stp_core_ranked_score(const double *values, size_t n, bool higher_is_better, double standard,
						   double floor, size_t *order, double *scores);

/* 0 at the worse goalpost, 100 at the better one; NAN where low = high. */
double stp_core_goalposts(double value, double low, double high, bool higher_is_better,
						  bool truncate);

/* 0 at the worst of minimum and maximum, 1 at the target; NAN where the two coincide. */
double stp_core_distance_to_target(double value, double minimum, double maximum, double target,
								   bool higher_is_better, bool cap);

/* Put the indices of the values present into order, lowest value first; how many there are. */
size_t stp_core_order(const double *values, size_t n, size_t *order);
/* The same from the order of earlier values, of which there were *ordered (0: none): quick where
 * little has changed. Sets *ordered. */
size_t stp_core_reorder(const double *values, size_t n, size_t *order, size_t *ordered);

/* The value below which a share of the present ones in order lies, by linear interpolation (Hyndman
 * and Fan's type 7, as percentile_cont of SQL); present > 0. */
double stp_core_quantile(const double *values, const size_t *order, size_t present, double share);

/*
 * To so many decimals, halves away from zero. What is a half but for the last bits is one, because
 * a mean such as 1.005 cannot be written in binary.
 */
double stp_core_round(double number, int decimals);

/* Competition ranks: 1 = best, ties share the best rank, a missing value gets 0. */
void stp_core_rank(const double *values, size_t n, bool highest_first, size_t *order,
				   int32_t *ranks);
/* The same, and percentile ranks that are high for the best, of values that are in order already.
 */
void stp_core_rank_in_order(const double *values, size_t n, const size_t *order, size_t present,
							bool highest_first, int32_t *ranks);
bool stp_core_percentile_in_order(const double *values, size_t n, const size_t *order,
								  size_t present, bool highest_first, double *scores);

/*
 * Whether two numbers differ in the last bits only, as sums do that should be equal. Twelve digits
 * are compared; magnitude is that of the largest number the two are compared among, for numbers
 * that cancel to almost nothing.
 */
bool stp_core_tied(double a, double b, double magnitude);

/*
 * Make ties equal: each value becomes the least of its run of neighbours, in the order given, that
 * are tied to one another. tied may be the array values.
 */
void stp_core_merge_ties(const double *values, size_t n, const size_t *order, size_t present,
						 double *tied);

/* Whether the values present differ, by more than ties do. */
bool stp_core_differ(const double *values, size_t n);

/* Called every few milliseconds of long work; may jump out of it. Does nothing unless the program
 * defines its own. */
void stp_core_pause(void);

/* Steps that take a millisecond at most. */
#define STP_BLOCK 10000

/* Pause, and say where to do so again. */
static inline size_t
stp_core_next_pause(size_t i, size_t n)
{
	stp_core_pause();
	return n - i > STP_BLOCK ? i + STP_BLOCK : n;
}

/* A loop from 0 to before n that pauses, at no cost to each step. */
#define STP_EACH(i, n)                                                                             \
	for (size_t i = 0, i##_pause = 0; i < (n);)                                                    \
		for (i##_pause = stp_core_next_pause(i, n); i < i##_pause; i++)

#endif
