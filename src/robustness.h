/*
 * robustness.h: what functions that draw ratings have in common.
 */
#ifndef STP_ROBUSTNESS_H
#define STP_ROBUSTNESS_H

#include "stp_metrics.h"

/* The share of draws below the low and above the high rank. */
#define STP_DRAWN_TAIL 0.05

/* How often to draw, and how far weights spread. Error 22023: out of range. */
extern size_t stp_check_draws(int32 draws);
extern double stp_check_spread(double spread);

#endif
