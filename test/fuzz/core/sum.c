/* Fuzz target: an exact sum is the same in both orders. */
#include "input.h"
#include "sum.h"

#define TERMS 200

static double
sum(const double *terms, int number, bool backwards)
{
	double parts[TERMS] = {0};
	size_t used = 0;

	for (int i = 0; i < number; i++)
	{
		double rest = stp_core_exact_add(parts, used, terms[backwards ? number - 1 - i : i]);

		if (rest != 0)
		{
			CHECK(used < TERMS);
			parts[used++] = rest;
		}
	}
	return stp_core_exact_value(parts, used);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	double terms[TERMS];
	int number = 0;

	/* Far from overflow, where the order decides who meets infinity. */
	while (input.size > 0 && number < TERMS)
	{
		terms[number] = take_finite(&input);
		if (fabs(terms[number]) < 1e300)
			number++;
	}
	CHECK(sum(terms, number, false) == sum(terms, number, true));
	return 0;
}
