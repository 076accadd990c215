/*
 * what_if.c: what a unit would need for a better category, without any backend header.
 */
#include "assessment.h"

#include <math.h>

#include "order.h"
#include "pause.h"

/* The first step is this share of the cohort's range; then it doubles so many times. */
#define FIRST_STEP 0.0625
#define DOUBLINGS 12
/* Halvings of an interval until neither half is a number of its own. */
#define HALVINGS 60

/* A length that fits the values of a leaf: their range, or what one value is. */
static double
typical_step(const StpAssessment *a, size_t leaf, double value)
{
	double smallest, largest;

	if (stp_core_range(a->value + leaf * a->units, a->units, &smallest, &largest))
		return FIRST_STEP * (largest - smallest);
	return FIRST_STEP * fmax(fabs(value), 1);
}

double
stp_core_bounded(const StpNode *node, double value)
{
	if (!node->counted)
		return value;
	if (node->band.transform == STP_ARCSINE_ROOT)
		value = value > node->per ? node->per : value;
	return value < 0 ? 0 : value;
}

/* Between a value that does not suffice and one that does: the one nearest to the first that does.
 */
static double
bisect(StpAssessment *a, size_t leaf, size_t unit, double fails, double suffices, int32_t now)
{
	for (int i = 0; i < HALVINGS; i++)
	{
		double middle = fails / 2 + suffices / 2;

		if (middle == fails || middle == suffices)
			break;
		stp_core_pause();
		if (stp_core_assess_with(a, leaf, unit, middle) < now)
			suffices = middle;
		else
			fails = middle;
	}
	return suffices;
}

/* Step away in the better direction until the category is better. */
static double
search(StpAssessment *a, size_t leaf, size_t unit, double value, int32_t now)
{
	const StpNode *node = &a->node[leaf];
	double step = typical_step(a, leaf, value) * (node->higher_is_better ? 1 : -1);
	double fails = value;

	for (int i = 0; i <= DOUBLINGS; i++, step *= 2)
	{
		double tried = stp_core_bounded(node, value + step);

		if (tried == fails)
			break;
		if (stp_core_assess_with(a, leaf, unit, tried) < now)
			return bisect(a, leaf, unit, fails, tried, now);
		fails = tried;
	}
	return NAN;
}

double
stp_core_needed_value(StpAssessment *a, size_t leaf, size_t unit)
{
	double value = a->value[leaf * a->units + unit], needed;
	int32_t now = a->category[unit];

	if (isnan(value) || now <= 1)
		return NAN;
	needed = search(a, leaf, unit, value, now);
	stp_core_assess_with(a, leaf, unit, value);
	return needed;
}

double
stp_core_needed_score(StpAssessment *a, size_t unit)
{
	int32_t now = a->category[unit];
	double score = a->score[unit], needed, reached;

	if (now <= 1)
		return NAN;
	needed = a->cut[a->node[0].first_cut + now - 2];
	/* A score that is better already is held back by a rule, which no score lifts. */
	a->score[unit] = needed;
	reached = stp_core_final_category(a, unit);
	a->score[unit] = score;
	stp_core_final_category(a, unit);
	return reached < now ? needed : NAN;
}
