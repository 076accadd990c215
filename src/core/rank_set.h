/*
 * rank_set.h: confidence sets of ranks, without any backend header.
 */
#ifndef STP_CORE_RANK_SET_H
#define STP_CORE_RANK_SET_H

#include <stddef.h>
#include <stdint.h>

typedef struct StpRankSets
{
	size_t units;
	size_t draws;
	const double *estimate;	 /* [units], none missing, the highest is the best */
	const double *error;	 /* [units * draws] what chance adds to it; NAN: nobody knows */
	const double *deviation; /* [units * units] of the difference of two; 0: it is certain, NAN:
							  * nobody knows */
	double confidence;

	/* out, [units]: the rank, the lowest and the highest it can be, and those of all at once */
	int32_t *rank;
	int32_t *low;
	int32_t *high;
	int32_t *all_low;
	int32_t *all_high;

	/* workspace, [draws] */
	double *largest;
	size_t *order;
	size_t *spare;
} StpRankSets;

void stp_core_find_rank_sets(StpRankSets *sets);

/* Fill the deviations of differences: from the standard errors of independent estimates, or from
 * the errors as they were drawn. */
void stp_core_independent_deviations(const double *standard_error, size_t units, double *deviation);
void stp_core_drawn_deviations(const double *error, size_t units, size_t draws, double *deviation);

#endif
