/*
 * normalise.c: values of a cohort to scores, by the method of a leaf, without any backend header.
 */
#include "assessment.h"

#include <math.h>
#include <string.h>

#include "order.h"
#include "pause.h"
#include "score.h"

/* The value, or what stands in where none is given. */
static double
or_default(double given, double otherwise)
{
	return isnan(given) ? otherwise : given;
}

/* Bounds of a leaf's values where the scheme gives none: those of the cohort. */
static void
cohort_bounds(const StpNode *node, const double *value, size_t units, double *low, double *high)
{
	stp_core_range(value, units, low, high);
	*low = or_default(node->low, *low);
	*high = or_default(node->high, *high);
}

double
stp_core_taken(const StpNode *node, double value)
{
	if (node->method == STP_GOALPOSTS && !isnan(value))
		value = fmin(fmax(value, node->low), node->high);
	switch (node->transformation)
	{
		case STP_LOG:
			return value > 0 ? log(value) : NAN;
		case STP_ROOT:
			return value >= 0 ? sqrt(value) : NAN;
		case STP_AS_REPORTED:
			break;
	}
	return value;
}

StpReference
stp_core_describe(const StpNode *node, const double *value, size_t units)
{
	StpReference r = {NAN, NAN, NAN, NAN};
	double sum = 0, squares = 0;
	size_t present = 0;

	STP_EACH (u, units)
	{
		double taken = stp_core_taken(node, value[u]);

		if (isnan(taken))
			continue;
		present++;
		sum += taken;
		r.smallest = fmin(r.smallest, taken);
		r.largest = fmax(r.largest, taken);
	}
	if (present == 0)
		return r;
	r.mean = sum / (double) present;
	STP_EACH (u, units)
	{
		double away = stp_core_taken(node, value[u]) - r.mean;

		squares += isnan(away) ? 0 : away * away;
	}
	r.deviation = present < 2 ? NAN : sqrt(squares / (double) (present - 1));
	return r;
}

bool
stp_core_has_target(const StpNode *node)
{
	return node->leaf && stp_core_methods[node->method].target;
}

double
stp_core_target(const StpNode *node, size_t unit)
{
	return node->target == NULL ? node->standard : node->target[unit];
}

/*
 * Share of the way to a target, which may be worse than the worst value of the cohort: whoever has
 * reached it is there, whatever the others are.
 */
static double
way_gone(const StpNode *node, double value, double low, double high, double target)
{
	double worst = node->higher_is_better ? low : high;

	if (!isfinite(target))
		return NAN;
	if (stp_core_reaches(value, target, node->higher_is_better))
		return 1;
	if (stp_core_reaches(worst, target, node->higher_is_better))
		return 0;
	return stp_core_distance_to_target(value, low, high, target, node->higher_is_better, true);
}

/* The value itself. */
static void
score_as_is(StpAssessment *a, size_t n, const double *value, double *score)
{
	(void) n;
	memcpy(score, value, a->units * sizeof(double));
}

/* Share of the way to the target, in percent. */
static void
score_distance(StpAssessment *a, size_t n, const double *value, double *score)
{
	const StpNode *node = &a->node[n];
	double low, high;

	cohort_bounds(node, value, a->units, &low, &high);
	STP_EACH (u, a->units)
		score[u] = isnan(value[u])
					   ? NAN
					   : 100 * way_gone(node, value[u], low, high, stp_core_target(node, u));
}

/* Place of each value between two fixed bounds, in percent; all three transformed. */
static void
score_goalposts(StpAssessment *a, size_t n, const double *value, double *score)
{
	const StpNode *node = &a->node[n];
	double low = stp_core_taken(node, node->low), high = stp_core_taken(node, node->high);

	STP_EACH (u, a->units)
		score[u] = isnan(value[u]) ? NAN
								   : stp_core_goalposts(stp_core_taken(node, value[u]), low, high,
														node->higher_is_better, true);
}

/* Put a node's values or scores in order; how many are present. */
static size_t
order_node(StpAssessment *a, size_t n, const double *number)
{
	return stp_core_reorder(number, a->units, a->order + n * a->units, &a->ordered[n], a->spare);
}

/* The same, and what their ties make equal into the workspace. */
static size_t
order_and_merge(StpAssessment *a, size_t n, const double *number)
{
	size_t present = order_node(a, n, number);

	stp_core_merge_ties(number, a->units, a->order + n * a->units, present, a->tied);
	return present;
}

void
stp_core_rank_node(StpAssessment *a, size_t n)
{
	const StpNode *node = &a->node[n];
	size_t present =
		order_and_merge(a, n, node->leaf ? a->value + n * a->units : stp_core_eligible(a, n));

	stp_core_rank_in_order(a->tied, a->units, a->order + n * a->units, present,
						   node->leaf ? node->higher_is_better : stp_core_scores_rise(a, n),
						   a->rank + n * a->units);
}

/* Share of the others in the cohort that are worse, in percent. */
static void
score_percentile(StpAssessment *a, size_t n, const double *value, double *score)
{
	size_t present = order_node(a, n, value);

	stp_core_percentile_in_order(value, a->units, a->order + n * a->units, present,
								 a->node[n].higher_is_better, 100, score);
}

/* The same of one place. */
static double
percentile_place(const StpNode *node, size_t worse, size_t better, size_t others)
{
	(void) node;
	(void) better;
	return 100 * ((double) worse / (double) others);
}

/* From the best on to 100, the worst: half of the scale for the last tenth. */
static void
score_exponential(StpAssessment *a, size_t n, const double *value, double *score)
{
	const StpNode *node = &a->node[n];
	size_t present = order_node(a, n, value);

	stp_core_exponential_in_order(value, a->units, a->order + n * a->units, present,
								  node->higher_is_better, node->ties, score);
}

/* The same of one place. */
static double
exponential_place(const StpNode *node, size_t worse, size_t better, size_t others)
{
	return stp_core_exponential_place(better, worse, others, node->ties);
}

/* From 1 (best) to 4 by rank. */
static void
score_ranked(StpAssessment *a, size_t n, const double *value, double *score)
{
	const StpNode *node = &a->node[n];
	size_t present = order_and_merge(a, n, value);

	if (node->target != NULL)
		stp_core_ranked_by_targets(a->tied, a->units, a->order + n * a->units, present,
								   node->higher_is_better, node->target, node->floor, score);
	else
		stp_core_ranked_in_order(a->tied, a->units, a->order + n * a->units, present,
								 node->higher_is_better, node->standard, node->floor, score);
}

/* The score of the highest bracket that the value reaches; NAN if there is none so low. */
static double
find_bracket(const StpNode *node, double value)
{
	double score = NAN;

	for (int i = 0; i < node->brackets && !isnan(value); i++)
	{
		double cut = node->bracket[i].cut;

		if (isnan(cut) || stp_core_compare(value, cut) != STP_BEFORE)
			score = node->bracket[i].score;
	}
	return score;
}

/* Each value's bracket. */
static void
score_brackets(StpAssessment *a, size_t n, const double *value, double *score)
{
	const StpNode *node = &a->node[n];

	/* A node can have any number of brackets. */
	for (size_t u = 0; u < a->units; u++)
	{
		stp_core_pause();
		score[u] = find_bracket(node, value[u]);
	}
}

/* Worse, as expected or better: 0, 1, 2. */
static void
score_banded(StpAssessment *a, size_t n, const double *value, double *score)
{
	const StpNode *node = &a->node[n];
	const double *denominator = a->denominator + n * a->units;

	STP_EACH (u, a->units)
		score[u] = node->counted ? value[u] / node->per : NAN;
	stp_core_band_z(&node->band, score, denominator, a->units, a->order + n * a->units, score);
	/* That was an order of deviations, of which there may be fewer than values. */
	a->ordered[n] = 0;
	STP_EACH (u, a->units)
		score[u] = stp_core_band(&node->band, score[u], node->higher_is_better);
}

/* Min-max and z-score against the cohort of another period. */
static void
score_by_reference(const StpNode *node, const double *value, size_t units, double *score)
{
	const StpReference *r = &node->reference;
	double sign = node->higher_is_better ? 1 : -1;
	double worst = node->higher_is_better ? r->smallest : r->largest;
	double best = node->higher_is_better ? r->largest : r->smallest;

	STP_EACH (u, units)
		score[u] = stp_core_taken(node, value[u]);
	/* A cohort that was constant, or nobody at all. */
	if (stp_core_compare(r->smallest, r->largest) != STP_BEFORE)
		STP_EACH (u, units)
			score[u] = NAN;
	else if (node->method == STP_MIN_MAX)
		stp_core_min_max_from(score, units, worst, best, stp_core_low_end(node),
							  stp_core_high_end(node), score);
	else
		STP_EACH (u, units)
			score[u] = sign * (score[u] - r->mean) / r->deviation;
}

/* Scores of min-max and z-score, which see values with the better direction up. */
static void
score_by_spread(const StpNode *node, const double *value, size_t units, double *score)
{
	STP_EACH (u, units)
		score[u] = (node->higher_is_better ? 1 : -1) * stp_core_taken(node, value[u]);
	if (node->method == STP_MIN_MAX)
		stp_core_min_max(score, units, stp_core_low_end(node), stp_core_high_end(node), score);
	else
		stp_core_z_score(score, units, score);
}

/* Min-max and z-score, against the cohort itself or that of another period. */
static void
score_spread(StpAssessment *a, size_t n, const double *value, double *score)
{
	const StpNode *node = &a->node[n];

	if (node->frozen)
		score_by_reference(node, value, a->units, score);
	else
		score_by_spread(node, value, a->units, score);
}

/* The methods. Ties that are all there is make a constant cohort, which gets no scores. */
const StpMethodTraits stp_core_methods[STP_METHODS] = {
	[STP_AS_IS] = {"as_is", score_as_is, .alone = true},
	[STP_MIN_MAX] = {"min_max", score_spread, .alone = true, .spread = true},
	[STP_Z_SCORE] = {"z_score", score_spread, .spread = true},
	[STP_PERCENTILE_RANK] = {"percentile_rank", score_percentile, .place = percentile_place},
	[STP_GOALPOSTS] = {"goalposts", score_goalposts, .alone = true},
	[STP_DISTANCE_TO_TARGET] = {"distance_to_target", score_distance, .alone = true,
								.target = true},
	[STP_RANKED] = {"ranked", score_ranked, .target = true},
	[STP_BRACKETS] = {"brackets", score_brackets, .alone = true},
	[STP_BANDED] = {"banded", .score = score_banded},
	[STP_EXPONENTIAL_RANK] = {"exponential_rank", score_exponential, .place = exponential_place},
};

bool
stp_core_has_too_few(const StpAssessment *a, size_t n)
{
	const double *value = a->value + n * a->units;
	size_t present = 0;

	STP_EACH (u, a->node[n].minimum_units == 0 ? 0 : a->units)
		present += !isnan(value[u]);
	return present < a->node[n].minimum_units;
}

/* What is left of a score: rounded, and NAN beyond the largest number there is. */
static double
finish_score(int decimals, double score)
{
	if (!isfinite(score))
		return NAN;
	return decimals < 0 ? score : stp_core_round(score, decimals);
}

/*
 * Shares leave sums that should be equal apart in the last bit, which must neither part ranks nor
 * become the whole range of scores: hence the ties. A score beyond the largest number there is is
 * none.
 */
void
stp_core_normalise(StpAssessment *a, size_t n)
{
	const double *value = a->value + n * a->units;
	double *score = a->score + n * a->units;
	int decimals = a->node[n].decimals;
	bool few = stp_core_has_too_few(a, n);

	stp_core_methods[a->node[n].method].score(a, n, value, score);
	STP_EACH (u, a->units)
		score[u] = few ? NAN : finish_score(decimals, score[u]);
}

StpOthers
stp_core_others(StpAssessment *a, size_t n, size_t unit)
{
	const double *value = a->value + n * a->units;
	size_t *order = a->order + n * a->units, present = order_node(a, n, value);
	StpOthers o = {.value = value, .order = order, .count = present, .skip = present};

	if (isnan(value[unit]))
		return o;
	o.count--;
	for (o.skip = 0; order[o.skip] != unit; o.skip++)
		stp_core_pause_sometimes(o.skip);
	return o;
}

/* The value of another by its place among them, lowest first. */
static double
other_value(const StpOthers *o, size_t place)
{
	return o->value[o->order[place < o->skip ? place : place + 1]];
}

bool
stp_core_scores_alone(const StpNode *node)
{
	const StpMethodTraits *method = &stp_core_methods[node->method];

	/* The ends of the others may have no logarithm or root. */
	return node->frozen || method->place != NULL ||
		   (method->alone && (!method->spread || node->transformation == STP_AS_REPORTED));
}

/* How many of the others are below a value. */
static size_t
count_below(const StpOthers *o, double value)
{
	size_t low = 0, high = o->count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (other_value(o, middle) < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The score of a place among the others; all that is tied to the value, neighbour by neighbour, is
 * neither worse nor better. */
static double
place_alone(const StpNode *node, double value, const StpOthers *o)
{
	size_t first = count_below(o, value), last = first;
	double magnitude, nearest;

	if (o->count == 0)
		return NAN;
	magnitude =
		fmax(fabs(value), fmax(fabs(other_value(o, 0)), fabs(other_value(o, o->count - 1))));
	for (nearest = value; first > 0; first--)
	{
		double next = other_value(o, first - 1);

		if (!stp_core_tied(next, nearest, magnitude))
			break;
		nearest = next;
		stp_core_pause_sometimes(first);
	}
	for (nearest = value; last < o->count; last++)
	{
		double next = other_value(o, last);

		if (!stp_core_tied(next, nearest, magnitude))
			break;
		nearest = next;
		stp_core_pause_sometimes(last);
	}
	if (first == 0 && last == o->count)
		return NAN;
	last = o->count - last;
	return stp_core_methods[node->method].place(node, node->higher_is_better ? first : last,
												node->higher_is_better ? last : first, o->count);
}

double
stp_core_score_alone(const StpAssessment *a, size_t n, size_t unit, const StpOthers *o)
{
	StpAssessment one = *a;
	StpNode node = a->node[n];
	const StpMethodTraits *method = &stp_core_methods[node.method];
	/* The ends of the others are all that bounds look at. */
	double value[3] = {a->value[n * a->units + unit], NAN, NAN}, score[3] = {NAN, NAN, NAN};
	double target[3] = {stp_core_target(&node, unit), NAN, NAN};

	if (isnan(value[0]) || o->count + 1 < node.minimum_units)
		return NAN;
	if (method->place != NULL)
		return finish_score(node.decimals, place_alone(&node, value[0], o));
	if (o->count > 0)
	{
		value[1] = other_value(o, 0);
		value[2] = other_value(o, o->count - 1);
	}
	node.target = target;
	one.node = &node;
	one.units = 3;
	method->score(&one, 0, value, score);
	return finish_score(node.decimals, score[0]);
}
