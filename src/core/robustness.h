/*
 * robustness.h: how ranks and categories change when weights and values are drawn at random,
 * without any backend header.
 */
#ifndef STP_CORE_ROBUSTNESS_H
#define STP_CORE_ROBUSTNESS_H

#include <math.h>

#include "assessment.h"

typedef struct StpSimulation
{
	StpAssessment *assessment; /* assessed; afterwards it has its values and weights, and the
								* results of the last draw */
	const double *lower; /* [nodes * units] 95% limits of the values; NAN: the value is certain */
	const double *upper;
	double spread; /* each weight is drawn between 1 - spread and 1 + spread of itself; 0: fixed */
	uint64_t seed;
	size_t draws;

	double *score; /* out [units * draws] each score of each unit; NULL: ranks and categories */

	/* out, where scores are not: one of the two, whichever is smaller; the other is NULL. 0: no
	 * rank */
	int32_t *rank;	   /* [units * draws] each rank of each unit */
	uint32_t *counted; /* [units * (units + 1)] how often each unit had each rank */
	double *share;	   /* out [units * (categories + 1)] of draws with each category, 0: none */

	/* workspace */
	double *value;		  /* [nodes * units] */
	double *weight;		  /* [nodes] */
	double *normal;		  /* [units] */
	size_t *uncertain;	  /* [nodes] how many values of a leaf have limits */
	size_t counted_units; /* the unit that count is of, from 1 on; 0: of none */
	size_t *count;		  /* [units + 1], where each rank is kept */
} StpSimulation;

/* Deviations of a normal distribution between a value and its 95% limits. */
#define STP_TO_LIMIT 1.959963984540054

/*
 * A value so many deviations from what was reported: from two halves of normal distributions, one
 * towards each limit, so that draws keep the skewness of the interval.
 */
static inline double
stp_core_drawn_value(const StpNode *node, double value, double lower, double upper, double normal)
{
	double limit = normal < 0 ? lower : upper;

	return stp_core_bounded(node, value + fabs(normal) * (limit - value) / STP_TO_LIMIT);
}

/* Whether there are more draws than ranks that a unit can have, so that to count them is smaller.
 */
static inline bool
stp_core_counts_ranks(size_t units, size_t draws)
{
	return draws > units;
}

/* Keep the ranks that one draw has given, of a simulation with these: assessment, draws, rank or
 * counted, count. */
void stp_core_keep_ranks(StpSimulation *simulation, size_t draw);

/* Rate again and again. */
void stp_core_simulate(StpSimulation *simulation);

/* Of a unit's ranks the one that a share of the draws does not exceed; 0 where it has none. */
int32_t stp_core_rank_quantile(StpSimulation *simulation, size_t unit, double share);

#endif
