/*
 * robustness.h: what functions that draw ratings have in common.
 */
#ifndef STP_ROBUSTNESS_H
#define STP_ROBUSTNESS_H

#include "stp_metrics.h"
#include "core/robustness.h"

/* The share of draws below the low and above the high rank. */
#define STP_DRAWN_TAIL 0.05

/* Room for the ranks that come up, in the smaller of the two forms. */
extern void stp_allocate_ranks(StpSimulation *simulation);
/* Bytes of them. */
extern double stp_bytes_of_ranks(size_t units, size_t draws);

/* How often to draw, and how far weights spread. Error 22023: out of range. */
extern size_t stp_check_draws(int32 draws);
extern double stp_check_spread(double spread);

#endif
