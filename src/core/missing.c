/*
 * missing.c: from what the scores of a unit's leaves can be to what that of each node above can be,
 * without any backend header.
 */
#include "missing.h"

#include <math.h>
#include <string.h>

#include "order.h"
#include "pause.h"

/* What rounding may take from a share. */
#define ROUNDING 1e-12
/* In the place of infinity where only its reciprocal counts. */
#define FAR 0x1p900

/* One end of a node's reach on its way. */
typedef struct Bound
{
	StpComposite state;
	bool attained;
	bool infinite;
	bool not_positive;
	bool none; /* nothing added yet */
} Bound;

static const StpReach no_reach = {NAN, NAN, .may_lack = true, .exact = true};

static bool
has_score(const StpReach *r)
{
	return !isnan(r->low);
}

/* A child's low or high end as its parent counts it, where what is low may be high. */
static double
counted_end(const StpMissing *m, size_t child, bool high, bool *attained)
{
	const StpReach *r = &m->node[child];
	double low_end = stp_core_counted_score(m->assessment, child, r->low);
	double high_end = stp_core_counted_score(m->assessment, child, r->high);
	bool turned = low_end > high_end;

	*attained = high != turned ? r->high_attained : r->low_attained;
	return high != turned ? high_end : low_end;
}

/* A child's weight as its parent counts it. */
static double
counted_weight(const StpMissing *m, size_t child)
{
	const StpAssessment *a = m->assessment;

	return a->shares_overall ? a->node[child].weight * m->present[child] : a->node[child].weight;
}

void
stp_core_link_children(StpMissing *m)
{
	const StpAssessment *a = m->assessment;

	STP_EACH (n, a->nodes)
		m->first_child[n] = m->next_child[n] = 0;
	/* Each goes in front, so that the last comes first, as the engine adds them. */
	STP_EACH (n, a->nodes)
		if (a->node[n].parent >= 0 && a->node[n].weight > 0)
		{
			m->next_child[n] = m->first_child[a->node[n].parent];
			m->first_child[a->node[n].parent] = n;
		}
}

/* Add a child's end to that of its parent. */
static void
add_end(const StpMissing *m, const StpNode *parent, Bound *b, size_t child, bool high)
{
	bool attained;
	double score = counted_end(m, child, high, &attained);

	b->none = false;
	b->attained &= attained;
	b->not_positive |= score <= 0;
	if (isinf(score) && parent->aggregation != STP_HARMONIC)
		b->infinite = true;
	else
		stp_core_composite_add(&b->state, stp_core_brought_near(score, FAR),
							   counted_weight(m, child));
}

/* The mean that a bound has come to; a mean that asks for positive scores goes to 0 with them. */
static double
bound_mean(const StpNode *node, const Bound *b, bool high)
{
	if (b->none)
		return NAN;
	if (stp_core_asks_for_positive(node) && b->not_positive)
		return high ? NAN : 0;
	if (b->infinite)
		return high ? INFINITY : -INFINITY;
	return stp_core_mean(node, &b->state);
}

/* The end of a node where all of its children have a score that will, or may. */
static Bound
bound_of_sure(const StpMissing *m, size_t n, bool high)
{
	const StpAssessment *a = m->assessment;
	Bound b = {.attained = true, .none = true};

	for (size_t child = m->first_child[n]; child > 0; child = m->next_child[child])
		if (has_score(&m->node[child]) && !m->node[child].may_lack)
			add_end(m, &a->node[n], &b, child, high);
	return b;
}

/* Put the children that may lack a score in order of one of their ends; how many there are. */
static size_t
order_unsure(const StpMissing *m, size_t n, bool high)
{
	size_t count = 0;
	bool attained;

	for (size_t child = m->first_child[n]; child > 0; child = m->next_child[child])
		if (has_score(&m->node[child]) && m->node[child].may_lack)
		{
			m->end[child] = counted_end(m, child, high, &attained);
			m->sequence[count++] = child;
		}
	stp_core_sort(m->end, m->sequence, count);
	return count;
}

/* Of the children that may lack a score let those have one that move the mean on, farthest first.
 */
static void
add_unsure(const StpMissing *m, size_t n, Bound *b, bool high)
{
	const StpNode *node = &m->assessment->node[n];
	size_t unsure = order_unsure(m, n, high);

	for (size_t i = 0; i < unsure; i++)
	{
		size_t child = m->sequence[high ? unsure - 1 - i : i];
		double mean = bound_mean(node, b, high), end = m->end[child];

		if (!b->none && !(high ? end > mean : end < mean))
			return;
		add_end(m, node, b, child, high);
	}
}

/* The farthest end of all children: no mean is beyond it, whoever has a score. */
static Bound
bound_of_all(const StpMissing *m, size_t n, bool high)
{
	const StpAssessment *a = m->assessment;
	Bound farthest = {.none = true};
	double mean = NAN;

	for (size_t child = m->first_child[n]; child > 0; child = m->next_child[child])
	{
		Bound b = {.attained = true, .none = true};
		double end;

		if (!has_score(&m->node[child]))
			continue;
		add_end(m, &a->node[n], &b, child, high);
		end = bound_mean(&a->node[n], &b, high);
		if (isnan(mean) || (high ? end > mean : end < mean))
		{
			mean = end;
			farthest = b;
		}
	}
	return farthest;
}

/* What is known of a node's children: how much of the weight has a score, and what of it is sure.
 */
static void
cover(const StpMissing *m, size_t n, StpReach *r)
{
	const StpAssessment *a = m->assessment;
	double total = 0, present = 0, low = 0, high = 0;

	for (size_t child = m->first_child[n]; child > 0; child = m->next_child[child])
	{
		const StpReach *c = &m->node[child];
		double weight = a->node[child].weight;

		total += weight;
		if (!has_score(c))
			continue;
		present += weight * m->present[child];
		high += weight * m->most[child];
		low += c->may_lack ? 0 : weight * m->fewest[child];
		r->exact &= c->exact;
		/* One that may have no score makes its parent's jump. */
		r->stepwise |= c->stepwise || c->may_lack;
	}
	m->present[n] = total > 0 ? present / total : 0;
	m->most[n] = total > 0 ? high / total : 0;
	m->fewest[n] = total > 0 ? low / total : 0;
}

/* Whether the score of a node is of more than one child. */
static bool
has_two(const StpMissing *m, size_t n)
{
	int scored = 0;

	for (size_t child = m->first_child[n]; child > 0; child = m->next_child[child])
		scored += has_score(&m->node[child]);
	return scored > 1;
}

/* One end of a node above others. */
static void
find_end(const StpMissing *m, size_t n, StpReach *r, bool high)
{
	const StpNode *node = &m->assessment->node[n];
	bool split = m->fewest[n] < m->most[n] && m->assessment->shares_overall && has_two(m, n);
	Bound b = split ? bound_of_all(m, n, high) : bound_of_sure(m, n, high);
	double mean;

	if (!split)
		add_unsure(m, n, &b, high);
	r->exact &= !split;
	mean = stp_core_times_mean(node) * bound_mean(node, &b, high);
	if (stp_core_asks_for_positive(node) && b.not_positive)
	{
		/* What goes to 0 step by step does not come near it. */
		b.attained = false;
		r->may_lack = true;
		r->exact &= !r->stepwise;
	}
	if (isfinite(mean) && node->decimals >= 0)
	{
		mean = stp_core_round(mean, node->decimals);
		b.attained = true;
	}
	*(high ? &r->high : &r->low) = mean;
	*(high ? &r->high_attained : &r->low_attained) = b.attained;
}

/* What a node that is normalised can have, where its children come to something, or may. */
static StpReach
reach_normalised(const StpMissing *m, size_t n, size_t unit, const StpReach *below)
{
	const StpAssessment *a = m->assessment;

	if (!m->open[n])
		return stp_core_reach_known(a->score[n * a->units + unit]);
	return has_score(below) ? stp_core_reach_of_any(&a->node[n], a->units) : no_reach;
}

/* A node above others. */
static StpReach
reach_above(const StpMissing *m, size_t n)
{
	const StpNode *node = &m->assessment->node[n];
	StpReach r = {NAN, NAN, .exact = true};

	cover(m, n, &r);
	if (m->most[n] == 0 || m->most[n] < node->minimum_coverage - ROUNDING)
		return no_reach;
	r.stepwise |= node->decimals >= 0;
	r.may_lack = m->fewest[n] == 0;
	if (m->fewest[n] < node->minimum_coverage - ROUNDING)
	{
		r.may_lack = true;
		r.exact = false;
	}
	find_end(m, n, &r, false);
	find_end(m, n, &r, true);
	return isnan(r.low) || isnan(r.high) ? no_reach : r;
}

/* Whether a number is above another and does not tie with it. */
static bool
is_beyond(double number, double other)
{
	return number > other && (isinf(number) || isinf(other) || !stp_core_tied(number, other, 0));
}

/* Leave of a reach what lies between two numbers; false: nothing. */
static bool
confine(StpReach *r, const StpConfine *to)
{
	if (to->lack)
	{
		bool may = r->may_lack;

		*r = no_reach;
		return may;
	}
	if (!has_score(r) || is_beyond(r->low, to->high) || is_beyond(to->low, r->high))
		return false;
	r->may_lack = false;
	if (r->low < to->low)
	{
		r->low = to->low;
		r->low_attained = true;
	}
	if (r->high > to->high)
	{
		r->high = to->high;
		r->high_attained = true;
	}
	/* A tie may have turned them round. */
	r->low = fmin(r->low, r->high);
	return true;
}

/* Whether a node has a child that must be one of those that qualify. */
static bool
asks_for_pivot(const StpMissing *m, size_t n)
{
	const StpAssessment *a = m->assessment;
	bool asked = false;

	for (size_t child = m->first_child[n]; child > 0; child = m->next_child[child])
		asked = asked || a->node[child].pivotal;
	return asked;
}

bool
stp_core_may_qualify(const StpMissing *m, size_t n, bool sure)
{
	const StpNode *node = &m->assessment->node[n];
	const StpQualifying *q = &m->qualifying[n];

	if (!has_score(&m->node[n]) || (sure && m->node[n].may_lack))
		return false;
	return node->leaf || !m->assessment->qualifies ||
		   ((sure ? q->sure : q->perhaps) >= node->minimum_qualified &&
			((sure ? q->pivot_sure : q->pivot_perhaps) || !asks_for_pivot(m, n)));
}

/* Count a node among those of its parent's children that qualify. */
static void
add_qualifying(const StpMissing *m, size_t n)
{
	const StpNode *node = &m->assessment->node[n];
	StpQualifying *above = &m->qualifying[node->parent];
	bool sure = stp_core_may_qualify(m, n, true), perhaps = stp_core_may_qualify(m, n, false);

	above->sure += sure;
	above->perhaps += perhaps;
	above->pivot_sure |= sure && node->pivotal;
	above->pivot_perhaps |= perhaps && node->pivotal;
}

bool
stp_core_reach_nodes(StpMissing *m, size_t unit)
{
	const StpAssessment *a = m->assessment;

	STP_EACH (n, a->qualifies ? a->nodes : 0)
		m->qualifying[n] = (StpQualifying){0};
	for (size_t n = a->nodes; n-- > 0;)
	{
		const StpConfine *to = m->confine == NULL ? NULL : m->confine[n];

		stp_core_pause_sometimes(n);
		if (a->node[n].leaf)
		{
			m->node[n] = m->leaf[n * a->units + unit];
			m->node[n].exact &=
				m->loose == NULL || !m->loose[n] || m->node[n].low == m->node[n].high;
			m->present[n] = m->most[n] = m->fewest[n] = has_score(&m->node[n]) ? 1 : 0;
		}
		else
			m->node[n] = reach_above(m, n);
		if (a->node[n].normalised)
		{
			m->below[n] = m->node[n];
			m->node[n] = reach_normalised(m, n, unit, &m->below[n]);
		}
		if (to != NULL && !confine(&m->node[n], to))
			return false;
		if (a->qualifies && n > 0 && a->node[n].weight > 0)
			add_qualifying(m, n);
	}
	return true;
}
