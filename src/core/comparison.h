/*
 * comparison.h: the ratings of two periods drawn together, to tell a change from chance, without
 * any backend header.
 */
#ifndef STP_CORE_COMPARISON_H
#define STP_CORE_COMPARISON_H

#include "robustness.h"

/* The rating of one period. */
typedef struct StpPeriodDraws
{
	StpAssessment *assessment; /* assessed; afterwards it has its values and weights, and the
								* results of the last draw */
	const double *lower; /* [nodes * units] 95% limits of the values; NAN: the value is certain */
	const double *upper;

	StpSimulation *ranks; /* out: the ranks, as stp_core_keep_ranks() keeps them; zeroes before */

	/* workspace */
	double *value;	 /* [nodes * units] */
	double *chance;	 /* [nodes * units] normal deviates of one draw; NAN: the value is certain */
	bool *uncertain; /* [nodes] whether any of a leaf's values is not */
} StpPeriodDraws;

/* How the category of a unit moves in a draw. */
typedef enum StpMove
{
	STP_WORSE,
	STP_SAME,
	STP_BETTER,
	STP_MOVES
} StpMove;

/* Two periods of one scheme, on one map. */
typedef struct StpComparedPeriods
{
	StpPeriodDraws before, after;
	const size_t *former;	   /* [units after] the place of a unit before, or STP_NO_PLACE */
	const double *correlation; /* [nodes] of the chance in a leaf's two values, from 0 to 1 */
	double spread; /* each weight is drawn between 1 - spread and 1 + spread of itself; 0: fixed */
	uint64_t seed;
	size_t draws;

	double *rise; /* out [nodes * units after] share of draws in which the score is higher after; a
				   * draw that says neither counts half */
	double *move; /* out [units after * STP_MOVES] share of draws in which the category moves so */

	double *weight; /* workspace [nodes] */
} StpComparedPeriods;

/* Rate both periods again and again. */
void stp_core_compare_periods(StpComparedPeriods *compared);

#endif
