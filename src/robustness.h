/*
 * robustness.h: what functions that draw ratings have in common.
 */
#ifndef STP_ROBUSTNESS_H
#define STP_ROBUSTNESS_H

#include "rating.h"
#include "core/robustness.h"

/* The share of draws below the low and above the high rank. */
#define STP_DRAWN_TAIL 0.05

/* The draws that are asked for. */
typedef struct Draws
{
	size_t draws;
	double spread;
	uint64_t seed;
	bool intervals;
} Draws;

/* Limits of all values of a group; NAN where values are not to be drawn. */
extern void stp_find_all_limits(const PeerGroup *group, bool intervals, double *lower,
								double *upper);

/* Room for the ranks that come up, in the smaller of the two forms. */
extern void stp_allocate_ranks(StpSimulation *simulation);

/* Error 53400: draws take more memory than one operation of a query may. The hint says that so many
 * fewer would not, unless they were fewer than fewest. */
extern void stp_check_draw_memory(size_t draws, size_t units, double needed, double fewer,
								  int fewest);

/* How often to draw, and how far weights spread. Error 22023: out of range. */
extern size_t stp_check_draws(int32 draws);
extern double stp_check_spread(double spread);

#endif
