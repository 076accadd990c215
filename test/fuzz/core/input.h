/*
 * input.h: the fuzzer's bytes as numbers, and what every target needs.
 */
#ifndef STP_FUZZ_INPUT_H
#define STP_FUZZ_INPUT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of the input; when it is used up everything is 0. */
typedef struct Input
{
	const uint8_t *data;
	size_t size;
} Input;

/* Must hold, with or without NDEBUG. */
#define CHECK(condition)                                                                           \
	do                                                                                             \
	{                                                                                              \
		if (!(condition))                                                                          \
		{                                                                                          \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
			abort();                                                                               \
		}                                                                                          \
	} while (0)

static inline void
take(Input *input, void *value, size_t size)
{
	size_t length = input->size < size ? input->size : size;

	memset(value, 0, size);
	memcpy(value, input->data, length);
	input->data += length;
	input->size -= length;
}

static inline double
take_double(Input *input)
{
	double value;

	take(input, &value, sizeof(value));
	return value;
}

static inline double
take_finite(Input *input)
{
	double value = take_double(input);

	return isfinite(value) ? value : 1;
}

/* Finite, not negative. */
static inline double
take_count(Input *input)
{
	return fabs(take_finite(input));
}

/* Strictly between 0 and 1. */
static inline double
take_confidence(Input *input)
{
	double value = fabs(take_finite(input));

	return value > 0 && value < 1 ? value : 0.95;
}

static inline int32_t
take_int32(Input *input)
{
	int32_t value;

	take(input, &value, sizeof(value));
	return value;
}

/* From low to high. */
static inline int
take_between(Input *input, int low, int high)
{
	uint8_t value;

	take(input, &value, sizeof(value));
	return low + value % (high - low + 1);
}

#endif
