/*
 * missing_leaf.c: what the scores of a leaf can be when its missing values are known, method by
 * method, without any backend header.
 *
 * Values are seen with the better direction up. A better value of its own never makes a unit's
 * score worse, by any method but brackets and banded, and neither does a worse value of a peer but
 * where ranks leave out who has reached a target: so the extremes are found at the ends of what
 * values can be, or where a peer just counts.
 */
#include "missing.h"

#include <math.h>
#include <string.h>

#include "order.h"
#include "pause.h"
#include "score.h"

/* In the place of infinity, and less far, to tell what is approached from what grows. */
#define FAR 0x1p500
#define LESS_FAR 0x1p400
/* By so much the scores of these two differ where they grow. */
#define GROWS 0x1p40
/* What is left of a share of something so far. */
#define NOTHING 0x1p-200

/* How much two numbers that tie may differ, as a share of themselves and of the largest: see
 * order.h.
 */
#define TIE 0x1p-40
#define TIE_OF_LARGEST 0x1p-50

/* Two numbers. */
typedef struct Between
{
	double low;
	double high;
} Between;

/* A score on trial: of a unit with a value of its own, among peers who favour it or do not. */
typedef struct Trial
{
	StpMissing *missing;
	const StpNode *node;
	size_t unit;
	double own;
	bool favour;
	double far;
	bool exact;
} Trial;

/* A number with the better direction up. */
static double
upwards(const StpNode *node, double number)
{
	return node->higher_is_better ? number : -number;
}

/* Keep the two lowest and the two highest of some numbers. */
static void
keep_two(double number, double *least, double *most)
{
	if (number < least[0])
	{
		least[1] = least[0];
		least[0] = number;
	}
	else if (number < least[1])
		least[1] = number;
	if (number > most[0])
	{
		most[1] = most[0];
		most[0] = number;
	}
	else if (number > most[1])
		most[1] = number;
}

/* The extreme of the others: the next where one's own is it. */
static double
of_others(const double *two, double own)
{
	return two[0] == own ? two[1] : two[0];
}

/* Widen what counts as large. */
static void
add_magnitude(StpEnds *ends, double number)
{
	if (isfinite(number) && fabs(number) > ends->magnitude)
		ends->magnitude = fabs(number);
}

/* The worst and the best that the method can take of what lies between two values, the better
 * direction up. What has no logarithm or root lies below all that has. */
static Between
taken_between(const StpNode *node, double least, double greatest, bool *undefined)
{
	double low = stp_core_taken(node, least), high = stp_core_taken(node, greatest);

	if (isnan(low) && !isnan(least) && !isnan(high))
	{
		*undefined = true;
		low = node->transformation == STP_LOG ? -INFINITY : 0;
	}
	return node->higher_is_better ? (Between){low, high} : (Between){-high, -low};
}

/* The ends of one unit's value. */
static void
add_unit(StpMissing *m, const StpNode *node, size_t cell, size_t unit)
{
	StpEnds *e = &m->ends;
	Between ends = taken_between(node, m->least[cell], m->greatest[cell], &e->undefined);
	double worst = ends.low, best = ends.high;

	m->worst[unit] = worst;
	m->best[unit] = best;
	e->values += !isnan(m->least[cell]);
	/* One that the method cannot take is a value all the same. */
	e->open |= isnan(m->assessment->value[cell]) && !isnan(m->least[cell]) &&
			   (!isnan(worst) || node->minimum_units > 0);
	if (isnan(worst))
		return;
	e->present++;
	e->open |= worst < best;
	e->unbounded |= isinf(worst) || isinf(best);
	add_magnitude(e, worst);
	add_magnitude(e, best);
	keep_two(worst, e->least_worst, e->most_worst);
	keep_two(best, e->least_best, e->most_best);
	if (worst < best)
	{
		m->bend[e->bends++] = worst;
		m->bend[e->bends++] = best;
		m->middle[m->missing++] = unit;
	}
}

/* Sums of what is known, about its mean. */
static void
sum_known(StpMissing *m)
{
	StpKnownSums *k = &m->known_sums;

	*k = (StpKnownSums){0, 0, 0, 0};
	STP_EACH (u, m->assessment->units)
		if (m->worst[u] == m->best[u])
		{
			k->count++;
			k->origin += (m->worst[u] - k->origin) / k->count;
		}
	STP_EACH (u, m->assessment->units)
		if (m->worst[u] == m->best[u])
		{
			k->sum += m->worst[u] - k->origin;
			k->squares += (m->worst[u] - k->origin) * (m->worst[u] - k->origin);
		}
}

/* Put the ends that z-scores are searched along in order, and the missing values by their middle.
 */
static void
order_ends(StpMissing *m)
{
	for (size_t i = 0; i < m->ends.bends; i++)
	{
		stp_core_pause_sometimes(i);
		m->order[i] = i;
	}
	stp_core_sort(m->bend, m->order, m->ends.bends);
	for (size_t i = 0; i < m->missing; i++)
	{
		size_t u = m->middle[i];

		stp_core_pause_sometimes(i);
		m->trial[u] =
			stp_core_brought_near(m->worst[u], FAR) + stp_core_brought_near(m->best[u], FAR);
	}
	stp_core_sort(m->trial, m->middle, m->missing);
	sum_known(m);
}

/*---------------------------------------------------------------------------
 * One score, tried
 *---------------------------------------------------------------------------
 */

/* Rate three values as the engine does: one's own, and the least and the greatest of the peers'. */
static double
score_of_three(const Trial *t, double least, double most)
{
	StpNode node = *t->node;
	double value[3] = {t->own, least, most}, score[3], tied[3], target[3] = {NAN, NAN, NAN};
	size_t order[3], ordered = 0;
	StpAssessment three = {.nodes = 1,
						   .units = 3,
						   .node = &node,
						   .value = value,
						   .score = score,
						   .order = order,
						   .ordered = &ordered,
						   .tied = tied};

	for (int i = 0; i < 3; i++)
		value[i] = isinf(value[i]) && i > 0 && t->missing->ends.present < 2
					   ? NAN
					   : upwards(&node, stp_core_brought_near(value[i], t->far));
	if (node.target != NULL)
	{
		target[0] = node.target[t->unit];
		node.target = target;
	}
	node.decimals = -1;
	stp_core_normalise(&three, 0);
	return score[0];
}

/* The same where the peers are as favourable as they can be: the further down they reach the
 * better, and the less far up. */
static double
try_range(const Trial *t)
{
	const StpEnds *e = &t->missing->ends;
	double worst = t->missing->worst[t->unit], best = t->missing->best[t->unit];

	if (t->favour)
		return score_of_three(t, of_others(e->least_worst, worst), of_others(e->most_worst, worst));
	return score_of_three(t, of_others(e->least_best, best), of_others(e->most_best, best));
}

/* How two numbers of the leaf compare, as the engine compares them; what has no end ties with
 * nothing else. */
static StpPlace
place_beside(const Trial *t, double a, double b)
{
	bool tied = isfinite(a) && isfinite(b) && stp_core_tied(a, b, t->missing->ends.magnitude);

	if (isnan(a) || isnan(b))
		return STP_NOWHERE;
	if (a == b || tied)
		return STP_AT;
	return a < b ? STP_BEFORE : STP_AFTER;
}

/* What lies below this is before a value, and above that after it; between, they tie. */
static Between
ties_of(const Trial *t, double value)
{
	double tie = fmax(TIE * fabs(value), TIE_OF_LARGEST * t->missing->ends.magnitude);

	return (Between){value - tie, value + tie};
}

/*
 * The score of a place among the others. Where all would be equal there is none; as soon as they
 * are not, some are not as favourable as could be, or as the reverse.
 */
static double
try_place(const Trial *t)
{
	const StpMissing *m = t->missing;
	const double *peer = t->favour ? m->worst : m->best;
	Between ties = ties_of(t, t->own);
	size_t below = 0, above = 0, others = m->ends.present - 1;
	bool could_be_worse = of_others(m->ends.least_worst, m->worst[t->unit]) < ties.low;
	bool could_be_better = of_others(m->ends.most_best, m->best[t->unit]) > ties.high;

	STP_EACH (u, m->assessment->units)
	{
		below += peer[u] < ties.low;
		above += peer[u] > ties.high;
	}
	/* Itself, if it was counted with what it is not now. */
	below -= peer[t->unit] < ties.low;
	above -= peer[t->unit] > ties.high;
	if (others == 0 || (below + above == 0 && !could_be_worse && !could_be_better))
		return NAN;
	if (below + above == 0)
		*(could_be_worse ? &below : &above) = 1;
	return stp_core_methods[t->node->method].place(t->node, below, above, others);
}

/* The target of a unit with the better direction up; INFINITY: there is none. */
static double
target_of(const StpNode *node, size_t unit)
{
	double target = stp_core_target(node, unit);

	return isnan(target) ? INFINITY : upwards(node, target);
}

/* Whether its target is not known, so that it is never ranked. */
static bool
has_unknown_target(const StpNode *node, size_t unit)
{
	return node->target != NULL && isinf(node->target[unit]);
}

/* Whether a number is below another or ties with it. */
static bool
is_up_to(double number, double other)
{
	return number <= other ||
		   (isfinite(number) && isfinite(other) && stp_core_tied(number, other, 0));
}

/*
 * From where to where each unit is ranked, that is from the floor to short of its target, and
 * whether it may not be: it has reached the target, or missed the floor.
 */
static void
find_stands(StpMissing *m, const StpNode *node)
{
	double floor = isnan(node->floor) ? -INFINITY : upwards(node, node->floor);

	STP_EACH (u, m->assessment->units)
	{
		double target = target_of(node, u), best = m->best[u];

		m->from[u] = fmax(m->worst[u], floor);
		m->to[u] = fmin(best, target);
		m->out[u] =
			has_unknown_target(node, u) || is_up_to(target, best) || !is_up_to(floor, m->worst[u]);
		if (isnan(m->worst[u]) || has_unknown_target(node, u) || !is_up_to(m->from[u], best) ||
			is_up_to(target, m->from[u]))
			m->from[u] = m->to[u] = NAN;
	}
}

/*
 * Count the peers where each favours most of where it can stand, or least: who is ahead worsens a
 * place, who is behind or level betters it, and who is not ranked leaves it.
 */
static void
count_stands(const Trial *t, size_t *ahead, size_t *others)
{
	const StpMissing *m = t->missing;
	Between ties = ties_of(t, t->own);
	size_t in_front = 0, ranked = 0;

	STP_EACH (u, m->assessment->units)
	{
		bool is_ahead = t->favour ? m->from[u] > ties.high && !m->out[u] : m->to[u] > ties.high;
		bool is_behind = t->favour ? m->from[u] <= ties.high : m->to[u] <= ties.high && !m->out[u];

		in_front += u != t->unit && is_ahead;
		ranked += u != t->unit && (is_ahead || is_behind);
	}
	*ahead = in_front;
	*others = ranked;
}

/* From 1 to 4 by rank: each peer by itself is where it favours most, or least. */
static double
try_ranked(const Trial *t)
{
	const StpNode *node = t->node;
	double target = target_of(node, t->unit);
	size_t ahead, others;

	if (!isnan(node->floor) && !stp_core_reaches(t->own, upwards(node, node->floor), true))
		return 4;
	if (has_unknown_target(node, t->unit))
		return NAN;
	if (isfinite(target) && stp_core_reaches(t->own, target, true))
		return 1;
	count_stands(t, &ahead, &others);
	return stp_core_ranked_place(isfinite(target), !isnan(node->floor), ahead, others);
}

/* The score of a trial, by the leaf's method; NAN: none. */
static double
try_method(Trial *t)
{
	if (stp_core_methods[t->node->method].place != NULL)
		return try_place(t);
	switch (t->node->method)
	{
		case STP_RANKED:
			return try_ranked(t);
		case STP_Z_SCORE:
			if (!t->node->frozen)
				return stp_core_extreme_z(t->missing, t->unit, t->own, t->favour, t->far,
										  &t->exact);
			break;
		default:
			break;
	}
	return try_range(t);
}

/* The same, with the value so far as to stand for one without end. */
static double
try_far(Trial *t, double own, double far)
{
	t->far = far;
	t->own = stp_core_brought_near(own, far);
	return try_method(t);
}

/* Make a score as the leaf shows it. */
static double
shown(const StpNode *node, double score)
{
	return node->decimals >= 0 ? stp_core_round(score, node->decimals) : score;
}

/* Widen a reach by a score that is attained or not. */
static void
widen(StpReach *r, double score, bool attained)
{
	if (isnan(score))
	{
		r->may_lack = true;
		return;
	}
	if (isnan(r->low) || score < r->low || (score == r->low && attained))
	{
		r->low_attained = attained;
		r->low = score;
	}
	if (isnan(r->high) || score > r->high || (score == r->high && attained))
	{
		r->high_attained = attained;
		r->high = score;
	}
}

/* Widen a reach by the score with a value at one end; it is the limit where there is no end. */
static void
widen_by(StpReach *r, Trial *t, double own)
{
	const StpEnds *e = &t->missing->ends;
	double score = try_far(t, own, FAR);
	bool attained = true;

	if (e->unbounded && !isnan(score))
	{
		if (fabs(score) > GROWS * fabs(try_far(t, own, LESS_FAR)) && fabs(score) > GROWS)
			score = copysign(INFINITY, score);
		attained = !isinf(score) && (score == 0 || fabs(score) >= NOTHING);
		if (fabs(score) < NOTHING)
			score = 0;
	}
	attained |= isfinite(score) && t->node->decimals >= 0;
	widen(r, shown(t->node, score), attained);
}

/* Whether a way to a target has no points between its beginning and its end: nobody else can be
 * short of the target, so that a unit that is begins the way itself. */
static bool
is_way_without_length(const Trial *t)
{
	const StpNode *node = t->node;
	double given = node->higher_is_better ? node->low : node->high;
	double worst = isnan(given)
					   ? of_others(t->missing->ends.least_worst, t->missing->worst[t->unit])
					   : upwards(node, given);

	return node->method == STP_DISTANCE_TO_TARGET &&
		   place_beside(t, worst, target_of(t->node, t->unit)) != STP_BEFORE;
}

/* Between the ends: the extremes are at one's own, with peers who favour it or do not; where all
 * would be equal so that there is no score, they are where not all are. */
static StpReach
reach_ends(Trial *t, double worst, double best)
{
	StpReach r = {NAN, NAN, .exact = true};

	t->favour = false;
	widen_by(&r, t, worst);
	if (r.may_lack && best > worst)
		widen_by(&r, t, best);
	t->favour = true;
	widen_by(&r, t, best);
	if (r.may_lack && best > worst)
		widen_by(&r, t, worst);
	r.exact = t->exact;
	r.stepwise = t->node->method == STP_RANKED || stp_core_methods[t->node->method].place != NULL ||
				 t->node->decimals >= 0 || is_way_without_length(t);
	return r;
}

/* Whether all values of the leaf can be equal, or there is only one. */
static bool
can_be_constant(const Trial *t, double worst, double best)
{
	const StpEnds *e = &t->missing->ends;
	double own_worst = t->missing->worst[t->unit], own_best = t->missing->best[t->unit];
	double highest_worst = fmax(worst, of_others(e->most_worst, own_worst));
	double lowest_best = fmin(best, of_others(e->least_best, own_best));

	return e->present < 2 || place_beside(t, highest_worst, lowest_best) != STP_AFTER;
}

/*---------------------------------------------------------------------------
 * Brackets and bands
 *---------------------------------------------------------------------------
 */

/* Add one of a few scores. */
static void
add_point(StpReach *r, const StpNode *node, double score)
{
	score = shown(node, score);
	widen(r, score, true);
	for (int i = 0; i < r->points; i++)
		if (r->point[i] == score)
			return;
	if (isnan(score))
		return;
	if (r->points < STP_REACH_POINTS)
		r->point[r->points] = score;
	r->points++;
}

/* Whatever brackets lie between the ends. */
static StpReach
reach_brackets(Trial *t, double worst, double best)
{
	StpReach r = {NAN, NAN, .exact = true, .stepwise = true};
	double least = fmin(upwards(t->node, worst), upwards(t->node, best));
	double most = fmax(upwards(t->node, worst), upwards(t->node, best));

	t->far = FAR;
	t->own = upwards(t->node, least);
	add_point(&r, t->node, score_of_three(t, NAN, NAN));
	for (int i = 0; i < t->node->brackets; i++)
	{
		double cut = t->node->bracket[i].cut;

		stp_core_pause_sometimes((size_t) i);
		if (cut > least && stp_core_compare(cut, most) != STP_AFTER)
			add_point(&r, t->node, t->node->bracket[i].score);
	}
	if (r.points > STP_REACH_POINTS)
		r.points = 0;
	return r;
}

/* Add a numerator to a sum, or what has no end to that of denominators. */
static void
add_to_band(double p, double denominator, double *sum, double *endless)
{
	if (isinf(p))
		*endless += denominator;
	else
		*sum += p * denominator;
}

/* Add up the numerators and denominators of the cohort, where all have their least, or their
 * greatest. */
static void
sum_bands(StpMissing *m, const StpNode *node)
{
	size_t first = m->ends.leaf * m->assessment->units;
	StpBandSums *sums = &m->bands;

	*sums = (StpBandSums){.lowest = NAN, .highest = NAN};
	STP_EACH (u, m->assessment->units)
	{
		size_t cell = first + u;
		double denominator = m->denominator[cell];
		double least = m->least[cell] / node->per, greatest = m->greatest[cell] / node->per;

		if (denominator > 0 && !isnan(least))
		{
			sums->least += least * denominator;
			add_to_band(greatest, denominator, &sums->greatest, &sums->endless);
			sums->denominator += denominator;
		}
		else if (isnan(denominator) && isnan(m->assessment->value[cell]))
		{
			sums->lowest = fmin(sums->lowest, least);
			sums->highest = fmax(sums->highest, greatest);
		}
	}
}

/* Numerator over denominator of the whole cohort where a unit has a value of its own and the peers
 * have their least, or their greatest. Who may have any denominator may make it all. */
static double
band_reference(const Trial *t, double p, double denominator, bool least)
{
	const StpBandSums *sums = &t->missing->bands;
	size_t cell = t->missing->ends.leaf * t->missing->assessment->units + t->unit;
	double counted = (least ? t->missing->least : t->missing->greatest)[cell] / t->node->per;
	double events = least ? sums->least : sums->greatest, endless = least ? 0 : sums->endless;

	add_to_band(counted, -denominator, &events, &endless);
	add_to_band(p, denominator, &events, &endless);
	/* Denominators that are taken away again may leave their last bits. */
	if (endless > sums->denominator * TIE)
		return INFINITY;
	return least ? fmin(sums->lowest, events / sums->denominator)
				 : fmax(sums->highest, events / sums->denominator);
}

/* The z-score before over-dispersion. */
static double
band_z(const Trial *t, double own, double denominator, bool least_peers)
{
	const StpBand *band = &t->node->band;
	double p = stp_core_brought_near(own, FAR) / t->node->per, reference = band->reference, z;

	if (isnan(reference))
		reference = stp_core_brought_near(band_reference(t, p, denominator, least_peers), FAR);
	z = (stp_core_funnel_transform(band->method, p, denominator) -
		 stp_core_funnel_target(band->method, reference)) *
		sqrt(stp_core_funnel_precision(band->method, reference, p, denominator));
	return isnan(z) ? z : fmin(fmax(z, -FAR), FAR);
}

/*
 * Worse, as expected or better. A z-score goes up with one's own value and down with the peers'.
 * Over-dispersion draws it nearer to 0 by what is not known: what is found is what it would be
 * without, and as expected.
 */
static StpReach
reach_bands(Trial *t, double worst, double best)
{
	const StpNode *node = t->node;
	StpReach r = {NAN, NAN, .stepwise = true};
	size_t cell = t->missing->ends.leaf * t->missing->assessment->units + t->unit;
	double denominator = t->missing->denominator[cell], first, last;

	if (!node->counted || denominator <= 0 ||
		(isnan(denominator) && !isnan(t->missing->assessment->value[cell])))
		return (StpReach){NAN, NAN, .may_lack = true, .exact = true};
	first = stp_core_band(
		&node->band, band_z(t, fmin(upwards(node, worst), upwards(node, best)), denominator, false),
		node->higher_is_better);
	last = stp_core_band(
		&node->band, band_z(t, fmax(upwards(node, worst), upwards(node, best)), denominator, true),
		node->higher_is_better);
	r.exact = node->band.overdispersion == STP_NO_OVERDISPERSION && !isnan(first) && !isnan(last);
	for (int score = 0; score <= 2; score++)
		if (isnan(first) || isnan(last) ||
			(score >= fmin(first, last) && score <= fmax(first, last)) ||
			(score == 1 && node->band.overdispersion != STP_NO_OVERDISPERSION))
			add_point(&r, node, score);
	return r;
}

/*---------------------------------------------------------------------------
 * A leaf
 *---------------------------------------------------------------------------
 */

void
stp_core_take_leaf(StpMissing *m, size_t leaf)
{
	const StpNode *node = &m->assessment->node[leaf];
	size_t units = m->assessment->units;

	m->missing = 0;
	m->plain = *node;
	if (node->method == STP_GOALPOSTS)
	{
		m->plain.low = stp_core_taken(node, node->low);
		m->plain.high = stp_core_taken(node, node->high);
	}
	m->plain.transformation = STP_AS_REPORTED;
	m->plain.minimum_units = 0;
	m->ends = (StpEnds){.leaf = leaf,
						.least_worst = {INFINITY, INFINITY},
						.most_worst = {-INFINITY, -INFINITY},
						.least_best = {INFINITY, INFINITY},
						.most_best = {-INFINITY, -INFINITY}};
	STP_EACH (u, units)
		add_unit(m, node, leaf * units + u, u);
	if (node->method == STP_Z_SCORE && !node->frozen)
		order_ends(m);
	if (node->method == STP_RANKED)
		find_stands(m, node);
	if (node->method == STP_BANDED)
		sum_bands(m, node);
}

StpReach
stp_core_reach_of_any(const StpNode *node, size_t units)
{
	double count = (double) units, far = (count - 1) / sqrt(count);
	StpReach r = {-far, far, true, true, .may_lack = true};

	if (node->method != STP_Z_SCORE)
	{
		r.low = stp_core_low_end(node);
		r.high = stp_core_high_end(node);
	}
	r.stepwise = stp_core_methods[node->method].place != NULL;
	r.low = shown(node, r.low);
	r.high = shown(node, r.high);
	return r;
}

StpReach
stp_core_reach_between(StpMissing *m, size_t unit, double least, double greatest)
{
	const StpNode *node = &m->assessment->node[m->ends.leaf];
	Trial t = {.missing = m, .node = &m->plain, .unit = unit, .exact = true};
	bool undefined = false;
	Between ends = taken_between(node, least, greatest, &undefined);
	double worst = ends.low, best = ends.high;
	bool of_cohort = stp_core_is_of_cohort(node);
	StpReach r;

	stp_core_pause();
	if (isnan(m->worst[unit]) || isnan(worst) || isnan(best))
		return (StpReach){NAN, NAN, .may_lack = true, .exact = true};
	if ((of_cohort && m->ends.present < 2) || m->ends.values < node->minimum_units)
		return (StpReach){NAN, NAN, .may_lack = true, .exact = true};
	if (of_cohort && m->ends.undefined)
		return stp_core_reach_of_any(&m->plain, m->ends.present);
	if (node->method == STP_BRACKETS)
		return reach_brackets(&t, worst, best);
	if (node->method == STP_BANDED)
		return reach_bands(&t, worst, best);
	r = reach_ends(&t, worst, best);
	if (of_cohort && can_be_constant(&t, worst, best))
	{
		size_t own = m->worst[unit] < m->best[unit] && !(worst < best);

		/* From one side of the others to the other side there is no way but through them. */
		r.stepwise |= m->ends.present == 2 || m->missing - own < 2;
		r.may_lack = true;
	}
	/* Nobody has told such numbers from those without end. */
	r.exact &= m->ends.magnitude < LESS_FAR && !undefined;
	r.may_lack |= undefined;
	return r;
}

/* Every unit at the leaf in hand. What is missing of several with the same to come is the same. */
static void
reach_leaf(StpMissing *m, size_t leaf)
{
	const StpNode *node = &m->assessment->node[leaf];
	size_t first = leaf * m->assessment->units, before = SIZE_MAX;

	stp_core_take_leaf(m, leaf);
	for (size_t u = 0; u < m->assessment->units; u++)
	{
		size_t cell = first + u;

		stp_core_pause();
		if (!m->ends.open)
			m->leaf[cell] = stp_core_reach_known(m->assessment->score[cell]);
		else if (before != SIZE_MAX && m->worst[u] < m->best[u] && node->target == NULL &&
				 node->method != STP_BANDED && m->least[cell] == m->least[first + before] &&
				 m->greatest[cell] == m->greatest[first + before])
			m->leaf[cell] = m->leaf[first + before];
		else
		{
			m->leaf[cell] = stp_core_reach_between(m, u, m->least[cell], m->greatest[cell]);
			before = m->worst[u] < m->best[u] ? u : before;
		}
	}
}

void
stp_core_reach_leaves(StpMissing *m)
{
	const StpAssessment *a = m->assessment;

	for (size_t n = 0; n < a->nodes; n++)
	{
		m->open[n] = false;
		if (!a->node[n].leaf)
			continue;
		reach_leaf(m, n);
		m->open[n] = m->ends.open;
	}
	for (size_t n = a->nodes; n-- > 1;)
		m->open[a->node[n].parent] |= m->open[n];
}
