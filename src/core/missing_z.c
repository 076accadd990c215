/*
 * missing_z.c: how far from the mean a unit can be, in standard deviations, when the values of
 * others are known, without any backend header.
 *
 * Measured from the unit's own value, let S be the sum of the others' distances and Q that of their
 * squares: the z-score rises with t = -S / sqrt(Q), as z = t / n * sqrt((n - 1) / (1 - t * t / n)).
 * Where S can be below 0, t is largest where each missing value is as near as it can be to one
 * number c for all of them, with c = Q / S (t is quasi-concave there: a linear function that is
 * positive, over a norm). Where it cannot, t is largest at ends: some values are at their worst
 * and the rest, those with the highest middle, at their best (S * S / Q is to be small: a bound
 * follows from a knapsack whose items may be divided).
 */
#include "missing.h"

#include <math.h>

#include "pause.h"
#include "score.h"

/* So many missing values are tried at all combinations of their ends. */
#define TRIED_ALL 12
/* What rounding may take. */
#define ROUNDING 1e-12

/* What is searched, with the unit's gain up. */
typedef struct Search
{
	const StpMissing *missing;
	size_t unit;
	double own;
	bool favour;
	double far;
} Search;

/* Sums over the others, of distances from one's own value. */
typedef struct Sums
{
	double sum;
	double squares;
	size_t free; /* of these so many are at the number that is tried, and not in the sums */
} Sums;

/* The ends of a peer's value, as distances from one's own. */
static double
lower_end(const Search *s, size_t u)
{
	double end = s->favour ? s->missing->worst[u] : -s->missing->best[u];

	return stp_core_brought_near(end, s->far) - (s->favour ? s->own : -s->own);
}

static double
upper_end(const Search *s, size_t u)
{
	double end = s->favour ? s->missing->best[u] : -s->missing->worst[u];

	return stp_core_brought_near(end, s->far) - (s->favour ? s->own : -s->own);
}

/* An end of those in order, as a distance. */
static double
bend_at(const Search *s, size_t i)
{
	const StpMissing *m = s->missing;
	size_t place = s->favour ? i : m->ends.bends - 1 - i;
	double bend = stp_core_brought_near(m->bend[m->order[place]], s->far);

	return s->favour ? bend - s->own : s->own - bend;
}

/* Sums over the peers that are known; a unit that is known itself adds nothing. */
static Sums
sum_of_known(const Search *s)
{
	const StpKnownSums *k = &s->missing->known_sums;
	double way = s->own - k->origin, sum = k->sum - k->count * way;
	double squares = k->squares - 2 * way * k->sum + k->count * way * way;

	return (Sums){s->favour ? sum : -sum, fmax(squares, 0), 0};
}

/* Sums where each is as near as it can be to a number between these two; between them they are
 * free. */
static Sums
sum_between(const Search *s, double from, double to)
{
	const StpMissing *m = s->missing;
	Sums sums = sum_of_known(s);

	STP_EACH (i, m->missing)
	{
		size_t u = m->middle[i];
		double low = lower_end(s, u), high = upper_end(s, u), x;

		if (u == s->unit)
			continue;
		if (low <= from && high >= to)
		{
			sums.free++;
			continue;
		}
		x = high <= from ? high : low;
		sums.sum += x;
		sums.squares += x * x;
	}
	return sums;
}

/* Whether the best number for all lies above this one: Q / S of those that are not free is above.
 */
static bool
lies_above(const Search *s, double number)
{
	Sums sums = sum_between(s, number, number);

	return sums.sum + (double) sums.free * number < 0 && sums.sum * number > sums.squares;
}

/* The number that each missing value is to be near to, where the sum can be below 0. */
static double
common_number(const Search *s)
{
	size_t low = 0, high = s->missing->ends.bends;
	double from, to, c;
	Sums sums;

	/* The first end that it does not lie above. */
	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (lies_above(s, bend_at(s, middle)))
			low = middle + 1;
		else
			high = middle;
	}
	if (s->missing->ends.bends == 0)
		return 0;
	if (low == 0)
		return bend_at(s, 0);
	from = bend_at(s, low - 1);
	if (low == s->missing->ends.bends)
		return from;
	to = bend_at(s, low);
	sums = sum_between(s, from, to);
	c = sums.squares / sums.sum;
	return sums.sum < 0 ? fmin(fmax(c, from), to) : to;
}

/* t, from what it is made of; the square is what is to be small where the sum is not below 0. */
static double
ratio(double sum, double squares)
{
	return squares > 0 ? sum * sum / squares : INFINITY;
}

/* The bound where an item may be divided: the best part of it, if that is neither none nor all. */
static double
divided(double sum, double squares, double step, double slope)
{
	double part = slope > 0 ? sum - 2 * squares / slope : 0;

	return part > 0 && part < step ? ratio(sum + part, squares + slope * part) : INFINITY;
}

/* What is found along the way from all at their lower ends. */
typedef struct Found
{
	double best;   /* ratio that is attained */
	double bound;  /* none is smaller */
	size_t raised; /* so many, by the middle of what they can be, are at their upper ends */
	bool one_kind; /* they can all be the same, so that it is known which to raise */
	bool far;	   /* one is as far as can be */
} Found;

/* The missing value that is raised next. */
static size_t
next_raised(const Search *s, size_t i)
{
	const StpMissing *m = s->missing;

	return m->middle[s->favour ? m->missing - 1 - i : i];
}

/* Raise one after the other. One without end outweighs all, so that t is -1. */
static Found
raise_each(const Search *s, Sums sums)
{
	const StpMissing *m = s->missing;
	Found f = {ratio(sums.sum, sums.squares), INFINITY, 0, true, false};
	double first_low = NAN, first_high = NAN;

	for (size_t i = 0; i < m->missing; i++)
	{
		size_t u = next_raised(s, i);
		double low = lower_end(s, u), high = upper_end(s, u);

		stp_core_pause_sometimes(i);
		if (u == s->unit)
			continue;
		if (high >= s->far / 2)
		{
			f.far |= f.best > 1;
			continue;
		}
		f.one_kind &= isnan(first_low) || (low == first_low && high == first_high);
		first_low = low;
		first_high = high;
		f.bound = fmin(f.bound, divided(sums.sum, sums.squares, high - low, low + high));
		sums.sum += high - low;
		sums.squares += high * high - low * low;
		if (ratio(sums.sum, sums.squares) < f.best)
		{
			f.best = ratio(sums.sum, sums.squares);
			f.raised = i + 1;
		}
	}
	f.far = f.far && f.best > 1;
	return f;
}

/* Put everybody at the lower end, and those in the front at the upper. */
static void
fill_ends(const Search *s, const Found *f, double *x)
{
	const StpMissing *m = s->missing;
	bool one = false;

	STP_EACH (u, m->assessment->units)
		x[u] = lower_end(s, u);
	for (size_t i = 0; i < (f->far ? m->missing : f->raised); i++)
	{
		size_t u = next_raised(s, i);
		double high = upper_end(s, u);

		stp_core_pause_sometimes(i);
		if ((f->far && one) || u == s->unit || (high >= s->far / 2) != f->far)
			continue;
		x[u] = high;
		one = true;
	}
	x[s->unit] = 0;
}

/* All combinations of ends, where there are few. */
static double
try_all(const Search *s, Sums lowest)
{
	const StpMissing *m = s->missing;
	double best = INFINITY;

	for (size_t set = 0; set < (size_t) 1 << m->missing; set++)
	{
		Sums sums = lowest;

		for (size_t i = 0; i < m->missing; i++)
		{
			double low = lower_end(s, m->middle[i]), high = upper_end(s, m->middle[i]);

			if (m->middle[i] == s->unit || !(set >> i & 1))
				continue;
			sums.sum += high - low;
			sums.squares += high * high - low * low;
		}
		best = fmin(best, ratio(sums.sum, sums.squares));
	}
	return best;
}

/* The z-score that a ratio makes, of n values. */
static double
z_of(double ratio, double n)
{
	return -sqrt(ratio) / n * sqrt((n - 1) / (1 - fmin(ratio / n, 1 - ROUNDING)));
}

/* The z-score of the unit among others whose distances from it are these. */
static double
z_of_distances(const StpMissing *m, size_t unit, double *x)
{
	return stp_core_z_score(x, m->assessment->units, m->scores) ? m->scores[unit] : NAN;
}

/* Where the sum cannot be below 0. */
static double
extreme_of_ends(const Search *s, Sums lowest, bool *exact)
{
	const StpMissing *m = s->missing;
	Found f = raise_each(s, lowest);
	bool found = f.one_kind || f.far || !(f.bound < f.best * (1 - ROUNDING));

	if (found)
	{
		fill_ends(s, &f, m->trial);
		return z_of_distances(m, s->unit, m->trial);
	}
	if (m->missing <= TRIED_ALL)
		return z_of(try_all(s, lowest), (double) m->ends.present);
	*exact = false;
	return z_of(fmin(f.bound, f.best), (double) m->ends.present);
}

/* Sums where all are at their lower ends. */
static Sums
sum_of_lowest(const Search *s)
{
	const StpMissing *m = s->missing;
	Sums sums = sum_of_known(s);

	STP_EACH (i, m->missing)
		if (m->middle[i] != s->unit)
		{
			double low = lower_end(s, m->middle[i]);

			sums.sum += low;
			sums.squares += low * low;
		}
	return sums;
}

/* Where the sum can be below 0: each as near as it can be to one number. */
static double
extreme_of_common(const Search *s)
{
	const StpMissing *m = s->missing;
	double c = common_number(s);

	STP_EACH (u, m->assessment->units)
		m->trial[u] = isnan(m->worst[u]) ? NAN : fmin(fmax(c, lower_end(s, u)), upper_end(s, u));
	m->trial[s->unit] = 0;
	return z_of_distances(m, s->unit, m->trial);
}

double
stp_core_extreme_z(StpMissing *m, size_t unit, double own, bool favour, double far, bool *exact)
{
	Search s = {m, unit, own, favour, far};
	Sums lowest = sum_of_lowest(&s);
	double n = (double) m->ends.present, z;

	/* Squares that leave the range: what no z-score exceeds. */
	if (!isfinite(lowest.squares))
	{
		*exact = false;
		z = (n - 1) / sqrt(n);
	}
	else
		z = lowest.sum < 0 ? extreme_of_common(&s) : extreme_of_ends(&s, lowest, exact);
	return favour ? z : -z;
}
