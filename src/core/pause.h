/*
 * pause.h: long work that can be interrupted, without any backend header.
 */
#ifndef STP_CORE_PAUSE_H
#define STP_CORE_PAUSE_H

#include <stddef.h>

/* Called every few milliseconds of long work; may jump out of it. Does nothing unless the program
 * defines its own. */
void stp_core_pause(void);

/* Steps that take a millisecond at most. */
#define STP_BLOCK 10000

/* For loops that jump through memory. */
static inline void
stp_core_pause_sometimes(size_t step)
{
	if (step % STP_BLOCK == 0)
		stp_core_pause();
}

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
