/*
 * random.h: random numbers that are the same on every machine, as long as no call draws two of its
 * arguments: the order of these is the compiler's.
 */
#ifndef STP_TEST_RANDOM_H
#define STP_TEST_RANDOM_H

#include <stdint.h>

/* Uniform in [0, 1): xorshift from a fixed seed. */
static double
random_share(void)
{
	static uint64_t seed = 42;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (double) (seed >> 11) / 9007199254740992.0;
}

#endif
