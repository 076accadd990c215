/*
 * order.h: order, ties, ranks and rounding of a cohort's numbers, without any backend header.
 *
 * NAN marks a missing value. Nothing allocates: the caller brings the workspace.
 */
#ifndef STP_CORE_ORDER_H
#define STP_CORE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Smallest and largest of the values present; false if fewer than two distinct ones are. */
bool stp_core_range(const double *values, size_t n, double *smallest, double *largest);

/* Sort indices by their values, none of which is missing, lowest value first. */
void stp_core_sort(const double *values, size_t *order, size_t n);
/* Put the indices of the values present into order, lowest value first; how many there are. */
size_t stp_core_order(const double *values, size_t n, size_t *order);
/* The same from the order of earlier values, of which there were *ordered (0: none): quick where
 * little has changed. Sets *ordered. spare is a workspace of n. */
size_t stp_core_reorder(const double *values, size_t n, size_t *order, size_t *ordered,
						size_t *spare);

/* The value below which a share of the present ones in order lies, by linear interpolation (Hyndman
 * and Fan's type 7, as percentile_cont of SQL); present > 0. */
double stp_core_quantile(const double *values, const size_t *order, size_t present, double share);

/* Competition ranks: 1 = best, ties share the best rank, a missing value gets 0. */
void stp_core_rank(const double *values, size_t n, bool highest_first, size_t *order,
				   int32_t *ranks);
/* The same of values that are in order already. */
void stp_core_rank_in_order(const double *values, size_t n, const size_t *order, size_t present,
							bool highest_first, int32_t *ranks);

/*
 * Whether two numbers differ in the last bits only, as sums do that should be equal. Twelve digits
 * are compared; magnitude is that of the largest number the two are compared among, for numbers
 * that cancel to almost nothing.
 */
bool stp_core_tied(double a, double b, double magnitude);

/* The place of a number beside another: before it, tied to it or after it; or either is missing. */
typedef enum StpPlace
{
	STP_BEFORE = -1,
	STP_AT = 0,
	STP_AFTER = 1,
	STP_NOWHERE = 2
} StpPlace;

StpPlace stp_core_compare(double a, double b);

/* Whether a value is tied to a bound or beyond it; never where either is missing. */
bool stp_core_reaches(double value, double bound, bool upwards);

/* What neighbours in an order are compared by: the greatest magnitude of all, and what no tie among
 * them is apart, so that most need no closer look. */
typedef struct StpNeighbours
{
	double magnitude;
	double apart;
} StpNeighbours;

StpNeighbours stp_core_neighbours(const double *values, const size_t *order, size_t present);

/* Whether two neighbours are equal or tied. */
static inline bool
stp_core_are_alike(const StpNeighbours *among, double a, double b)
{
	double apart = a < b ? b - a : a - b;

	return a == b || (apart <= among->apart && stp_core_tied(a, b, among->magnitude));
}

/*
 * Make ties equal: each value becomes the least of its run of neighbours, in the order given, that
 * are tied to one another. tied may be the array values.
 */
void stp_core_merge_ties(const double *values, size_t n, const size_t *order, size_t present,
						 double *tied);

/* Whether the values present differ, by more than ties do, and the least and the greatest of them.
 */
bool stp_core_differ(const double *values, size_t n, double *smallest, double *largest);

/*
 * To so many decimals, halves away from zero. What is a half but for the last bits is one, because
 * a mean such as 1.005 cannot be written in binary.
 */
double stp_core_round(double number, int decimals);

#endif
