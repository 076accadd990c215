/*
 * sum.c: exact sums of doubles, without any backend header.
 */
#include "sum.h"

#include <float.h>
#include <math.h>

/* What a sum loses is found again only where nothing has more digits than a
 * double; in the x87 it has. */
#if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1
#error "doubles have more digits than they should; for gcc on 32-bit x86: -msse2 -mfpmath=sse"
#endif

double
stp_core_exact_add(double *parts, size_t n, double term)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
	{
		double error = 0;
		double part = parts[i];

		parts[i] = 0;
		stp_core_add_to_sum(&term, &error, part);
		if (error != 0)
			parts[kept++] = error;
	}
	if (kept == n || !isfinite(term))
		return term;
	parts[kept] = term;
	return 0;
}

bool
stp_core_exact_is_possible(const double *parts, size_t n)
{
	if (n > STP_EXACT_MAX_PARTS)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isfinite(parts[i]))
			return false;
	return true;
}

/* The next part below place *i that is used; 0 if there is none. */
static double
next_part(const double *parts, size_t *i)
{
	while (*i > 0)
		if (parts[--*i] != 0)
			return parts[*i];
	return 0;
}

double
stp_core_exact_value(const double *parts, size_t n)
{
	size_t i = n;
	double sum = next_part(parts, &i);
	double rest = 0;
	double below, twice, up;

	/* Parts do not overlap: once one leaves a rest, those below cannot change the sum... */
	while (rest == 0 && (below = next_part(parts, &i)) != 0)
		stp_core_add_to_sum(&sum, &rest, below);
	/* ...but for a rest of half a bit, which was rounded to even: they say which side it is on. */
	below = next_part(parts, &i);
	twice = 2 * rest;
	up = sum + twice;
	if (up - sum == twice && (rest > 0) == (below > 0) && rest != 0 && below != 0)
		return up;
	return sum;
}

void
stp_core_exact_sum_add(StpExactSum *sum, double term)
{
	double rest;

	if (sum->beyond != 0 || !isfinite(term))
	{
		sum->beyond += term;
		return;
	}
	rest = stp_core_exact_add(sum->part, sum->parts, term);
	if (!isfinite(rest))
		sum->beyond = copysign(HUGE_VAL, term);
	else if (rest != 0)
		sum->part[sum->parts++] = rest;
}

double
stp_core_exact_sum_value(const StpExactSum *sum)
{
	return sum->beyond != 0 ? sum->beyond : stp_core_exact_value(sum->part, sum->parts);
}
