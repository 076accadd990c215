/*
 * change.c: how a change is shared by what has changed, without any backend header.
 *
 * L. S. Shapley, A value for n-person games, Contributions to the Theory of Games II (1953);
 * G. Owen, Values of games with a priori unions, Mathematical Economics and Game Theory (1977);
 * U. Faigle, W. Kern, The Shapley value for cooperative games under precedence constraints,
 * International Journal of Game Theory 21 (1992): of two that have an order there is only that.
 */
#include "change.h"

#include <math.h>

#include "pause.h"

/* What a quotient may change by and is the same, of all that its parts moved. */
#define UNMOVED 1e-9

/* The scheme and the map, each as one thing. */
#define SCHEME (STP_BIT(STP_WEIGHTS) | STP_BIT(STP_METHOD))
#define MAP (STP_BIT(STP_MAP_STEP_1) | STP_BIT(STP_MAP_STEP_2))

/* Whether of one thing that is not the factor's there is a part in a set, but not all. */
static bool
is_split(int set, int thing, StpFactor factor)
{
	return !(STP_BIT(factor) & thing) && (set & thing) != 0 && (set & thing) != thing;
}

double
stp_core_share_of_orders(int set, StpFactor factor)
{
	/* Of the orders of five things, those in which so many of the others come before. */
	static const double share[] = {1.0 / 5, 1.0 / 20, 1.0 / 30, 1.0 / 20, 1.0 / 5};
	int before = __builtin_popcount((unsigned) (set & ~SCHEME & ~MAP));

	if (is_split(set, SCHEME, factor) || is_split(set, MAP, factor) ||
		(factor == STP_MAP_STEP_1 && (set & STP_BIT(STP_MAP_STEP_2))) ||
		(factor == STP_MAP_STEP_2 && !(set & STP_BIT(STP_MAP_STEP_1))))
		return 0;
	before += !(STP_BIT(factor) & SCHEME) && (set & SCHEME);
	before += !(STP_BIT(factor) & MAP) && (set & MAP);
	return STP_BIT(factor) & SCHEME ? share[before] / 2 : share[before];
}

double
stp_core_effect(const double *game, StpFactor factor)
{
	double sum = 0;

	for (int set = 0; set < STP_SETS; set++)
	{
		double share = set & STP_BIT(factor) ? 0 : stp_core_share_of_orders(set, factor);

		if (share > 0)
			sum += share * (game[set | STP_BIT(factor)] - game[set]);
	}
	return sum;
}

/* What parts add up to. */
static StpQuotientPart
sum_of(const StpQuotientPart *part, size_t parts)
{
	StpQuotientPart sum = {0, 0};

	STP_EACH (i, parts)
	{
		sum.numerator += part[i].numerator;
		sum.denominator += part[i].denominator;
	}
	return sum;
}

bool
stp_core_share_quotient(const StpQuotientPart *before, const StpQuotientPart *after, size_t parts,
						double *share)
{
	StpQuotientPart one = sum_of(before, parts), other = sum_of(after, parts);
	double level = (one.numerator / one.denominator + other.numerator / other.denominator) / 2;
	double moved = 0, moves = 0;

	STP_EACH (i, parts)
	{
		share[i] = after[i].numerator - before[i].numerator -
				   level * (after[i].denominator - before[i].denominator);
		moved += share[i];
		moves += fabs(share[i]);
	}
	if (!(fabs(moved) > UNMOVED * moves))
		return false;
	STP_EACH (i, parts)
		share[i] /= moved;
	return true;
}
