/*
 * missing_category.c: which categories a unit can have when what is missing is known, and what of
 * it decides, without any backend header.
 *
 * A score that can lie anywhere between two numbers has all categories between them. What makes it
 * jump, or makes a rule hold, is taken case by case: a leaf with a few scores has each of them, a
 * leaf that may have none has one or none, and a node that a rule looks at lies on this side of the
 * threshold or on that. In each case the rest lies between two numbers again.
 */
#include "missing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "pause.h"

/* So many cases are looked at, and so many nodes by cases; what is left is taken as it comes, which
 * makes bounds of the results. */
#define MAX_CASES 128
#define MAX_CHOICES 16
#define MAX_WAYS 160
#define MAX_STRETCHES 32
/* Rules of which each may hold or not. */
#define MAX_DOUBTS 6
/* Leaves among which those that decide are searched for. */
#define MAX_MOVING 100
/* Values of peers that are tried. */
#define MAX_DRAWS 50
/* What ties, and a little more. */
#define TIES 0x1p-39
/* In the place of infinity. */
#define FAR 0x1p900

/* One way that a node can be. */
typedef struct Way
{
	StpConfine confine;
	bool of_value; /* not the score is confined but the unit's own value */
	StpReach reach;
} Way;

/* A node that is looked at case by case. */
typedef struct Choice
{
	size_t node;
	Way *way;
	size_t ways;
	StpReach kept; /* of the leaf, before */
} Choice;

/* A unit that is looked at. */
typedef struct Unit
{
	StpMissing *missing;
	size_t unit;
	const bool *known; /* [nodes] leaves that are known first; NULL: none */
	Way way[MAX_WAYS];
	size_t ways;
	Choice choice[MAX_CHOICES];
	size_t choices;
	size_t first; /* so many of these are of what is known first */
	size_t cases;
	const Way *value_way[MAX_CHOICES]; /* in this case */
	int32_t best, worst;			   /* categories that shares of the cohort can give */
	bool exact;
	StpReach score;
	bool *reached;
} Unit;

/*---------------------------------------------------------------------------
 * Cases
 *---------------------------------------------------------------------------
 */

/* The number next below or above one that does not tie with it. */
static double
beside(double number, bool above)
{
	double step = fmax(fabs(number) * TIES, 0x1p-1000);

	if (isinf(number))
		return number;
	return above ? number + step : number - step;
}

/* Add a way to the choice in hand, unless it is empty or there is no room. */
static bool
add_way(Unit *w, Choice *c, double low, double high, bool lack)
{
	if (!lack && !(low <= high))
		return true;
	if (w->ways == MAX_WAYS)
		return false;
	w->way[w->ways++] = (Way){.confine = {low, high, lack}};
	c->ways++;
	return true;
}

/* Take a choice whose ways have been added, if there are not too many cases. */
static void
close_choice(Unit *w, Choice c, bool fits)
{
	c.way = w->way + (w->ways - c.ways);
	c.kept = w->missing->leaf[c.node * w->missing->assessment->units + w->unit];
	if (fits && c.ways > 1 && w->choices < MAX_CHOICES && w->cases * c.ways <= MAX_CASES)
	{
		w->cases *= c.ways;
		w->choice[w->choices++] = c;
		return;
	}
	w->ways -= c.ways;
	/* One way only leaves everything as it is. */
	if (!fits || c.ways > 1)
		w->exact = false;
}

/* Whether a node is looked at already. */
static bool
is_chosen(const Unit *w, size_t n)
{
	for (size_t i = 0; i < w->choices; i++)
		if (w->choice[i].node == n)
			return true;
	return false;
}

/* Where a condition turns: the last number below, and the first above. */
typedef struct Turn
{
	double below;
	double above;
} Turn;

/* The turn of a condition; what asks for equality turns twice, the second time above its threshold.
 */
static Turn
turn_of(const StpCondition *c, double from)
{
	double at = c->threshold, before = beside(at, false);
	bool second = c->comparison == STP_EQUAL && before < from;

	if (second || c->comparison == STP_AT_MOST || c->comparison == STP_GREATER)
		return (Turn){at, beside(at, true)};
	return (Turn){before, at};
}

/* The next turn of any rule about a node, from a number on. */
static bool
next_turn(const StpAssessment *a, size_t n, StpMeasure measure, double from, Turn *next)
{
	bool found = false;

	for (size_t i = 0; i < a->overrides; i++)
		for (int j = 0; j < a->override[i].conditions; j++)
		{
			const StpCondition *c = &a->override[i].condition[j];
			Turn turn = turn_of(c, from);

			stp_core_pause_sometimes((size_t) j);
			if (c->node != (int) n || c->measure != measure || turn.below < from ||
				(found && next->below <= turn.below))
				continue;
			found = true;
			*next = turn;
		}
	return found;
}

/* Cut what lies between two numbers where rules turn. */
static bool
add_stretches(Unit *w, Choice *c, StpMeasure measure, double low, double high)
{
	const StpAssessment *a = w->missing->assessment;
	double from = low;
	Turn turn;

	while (next_turn(a, c->node, measure, from, &turn) && turn.above <= high)
	{
		if (!add_way(w, c, from, turn.below, false))
			return false;
		from = turn.above;
	}
	return add_way(w, c, from, high, false);
}

/* Let the score be what it can be on a stretch of values; each of a few scores by itself. */
static bool
add_reaches(Unit *w, Choice *c, StpConfine stretch)
{
	StpReach r = stp_core_reach_between(w->missing, w->unit, stretch.low, stretch.high);
	int points = r.points > 1 ? r.points : 1;

	for (int i = 0; i < points; i++)
	{
		if (!add_way(w, c, stretch.low, stretch.high, false))
			return false;
		w->way[w->ways - 1].of_value = true;
		w->way[w->ways - 1].reach = r;
		if (points > 1)
			w->way[w->ways - 1].reach.low = w->way[w->ways - 1].reach.high = r.point[i];
	}
	return true;
}

/* Cut the value of a leaf where rules turn, and find what its score can be on each stretch. */
static void
choose_value(Unit *w, size_t n)
{
	StpMissing *m = w->missing;
	size_t cell = n * m->assessment->units + w->unit, before = w->ways, stretches;
	Choice c = {.node = n};
	StpConfine stretch[MAX_STRETCHES];
	bool fits;

	if (!m->assessment->node[n].leaf || !(m->least[cell] < m->greatest[cell]) || is_chosen(w, n))
		return;
	fits = add_stretches(w, &c, STP_OF_VALUE, m->least[cell], m->greatest[cell]) &&
		   c.ways <= MAX_STRETCHES;
	stretches = fits ? c.ways : 0;
	for (size_t i = 0; i < stretches; i++)
		stretch[i] = w->way[before + i].confine;
	w->ways = before;
	c.ways = 0;
	if (stretches > 1)
		stp_core_take_leaf(m, n);
	for (size_t i = 0; i < stretches && stretches > 1; i++)
		fits &= add_reaches(w, &c, stretch[i]);
	close_choice(w, c, fits);
}

/* Look at a node on either side of where rules turn, and where it has no score. */
static void
choose_score(Unit *w, size_t n)
{
	const StpReach *r = &w->missing->node[n];
	Choice c = {.node = n};
	bool fits;

	if (isnan(r->low) || is_chosen(w, n))
		return;
	fits = add_stretches(w, &c, STP_OF_SCORE, r->low, r->high);
	if (c.ways > 1 && r->stepwise)
		w->exact = false;
	if (r->may_lack)
		fits &= add_way(w, &c, 0, 0, true);
	close_choice(w, c, fits);
}

/* Look at what rules look at. */
static void
choose_by_rules(Unit *w, bool first)
{
	const StpAssessment *a = w->missing->assessment;

	for (size_t i = 0; i < a->overrides; i++)
		for (int j = 0; j < a->override[i].conditions; j++)
		{
			const StpCondition *c = &a->override[i].condition[j];
			size_t n = (size_t) c->node;

			stp_core_pause_sometimes((size_t) j);
			if ((w->known != NULL && w->known[n]) != first)
				continue;
			if (c->measure == STP_OF_SCORE)
				choose_score(w, n);
			else if (c->measure == STP_OF_VALUE)
				choose_value(w, n);
		}
}

/* Look at each score of a leaf that has a few, and at whether it has any. What is not looked at is
 * seen in what it makes of scores. */
static void
choose_leaf(Unit *w, size_t n)
{
	const StpReach *r = &w->missing->node[n];
	Choice c = {.node = n};
	bool fits = true, exact = w->exact;

	for (int i = 0; i < r->points; i++)
		fits &= add_way(w, &c, r->point[i], r->point[i], false);
	if (r->points == 0)
		fits &= add_way(w, &c, r->low, r->high, false);
	if (r->may_lack)
		fits &= add_way(w, &c, 0, 0, true);
	close_choice(w, c, fits);
	w->exact = exact;
}

/* Look at the leaves that may have no score, or at those that have a few. */
static void
choose_leaves(Unit *w, bool first, bool unsure)
{
	const StpAssessment *a = w->missing->assessment;

	for (size_t n = 0; n < a->nodes; n++)
	{
		const StpReach *r = &w->missing->node[n];

		stp_core_pause_sometimes(n);
		if (a->node[n].leaf && !isnan(r->low) && !is_chosen(w, n) && a->weight[n] > 0 &&
			(w->known != NULL && w->known[n]) == first && (unsure ? r->may_lack : r->points > 1))
			choose_leaf(w, n);
	}
}

/*---------------------------------------------------------------------------
 * Rules
 *---------------------------------------------------------------------------
 */

typedef enum Truth
{
	NEVER,
	PERHAPS,
	ALWAYS
} Truth;

/* Whether a comparison holds of all numbers between two, or of some. */
static Truth
holds_between(double low, double high, StpComparison comparison, double threshold)
{
	StpPlace first = stp_core_compare(stp_core_brought_near(low, FAR), threshold);
	StpPlace last = stp_core_compare(stp_core_brought_near(high, FAR), threshold);
	bool at_first = false, at_last = false;

	if (isnan(low))
		return NEVER;
	switch (comparison)
	{
		case STP_LESS:
			at_first = first == STP_BEFORE;
			at_last = last == STP_BEFORE;
			break;
		case STP_AT_MOST:
			at_first = first != STP_AFTER;
			at_last = last != STP_AFTER;
			break;
		case STP_AT_LEAST:
			at_first = first != STP_BEFORE;
			at_last = last != STP_BEFORE;
			break;
		case STP_GREATER:
			at_first = first == STP_AFTER;
			at_last = last == STP_AFTER;
			break;
		case STP_EQUAL:
			if (first == STP_AFTER || last == STP_BEFORE)
				return NEVER;
			at_first = first == STP_AT;
			at_last = last == STP_AT;
			return at_first && at_last ? ALWAYS : PERHAPS;
	}
	return at_first == at_last ? (at_first ? ALWAYS : NEVER) : PERHAPS;
}

/* Whether a condition on what is counted, or on a place in the cohort, holds in the case in hand.
 */
static Truth
count_holds(const Unit *w, const StpCondition *c)
{
	const StpMissing *m = w->missing;
	size_t n = (size_t) c->node;
	double now = stp_core_measured(m->assessment, c, w->unit);

	if (c->measure == STP_OF_QUALIFIED)
		return holds_between(m->qualifying[n].sure, m->qualifying[n].perhaps, c->comparison,
							 c->threshold);
	return m->open[n] ? PERHAPS : holds_between(now, now, c->comparison, c->threshold);
}

/* Whether a condition holds in the case in hand. */
static Truth
condition_holds(const Unit *w, const StpCondition *c)
{
	const StpMissing *m = w->missing;
	size_t n = (size_t) c->node, cell = n * m->assessment->units + w->unit;
	const StpReach *r = &m->node[n];
	double low = m->least[cell], high = m->greatest[cell];
	Truth truth;

	if (c->measure == STP_OF_QUALIFIED || c->measure == STP_OF_QUARTILE)
		return count_holds(w, c);
	if (c->measure == STP_OF_VALUE && !m->assessment->node[n].leaf)
		r = &m->below[n];
	else if (c->measure == STP_OF_VALUE)
	{
		for (size_t i = 0; i < w->choices; i++)
			if (w->choice[i].node == n && w->value_way[i] != NULL)
			{
				low = w->value_way[i]->confine.low;
				high = w->value_way[i]->confine.high;
			}
		return holds_between(low, high, c->comparison, c->threshold);
	}
	truth = holds_between(r->low, r->high, c->comparison, c->threshold);
	return truth == ALWAYS && r->may_lack ? PERHAPS : truth;
}

/* Whether a rule does. */
static Truth
rule_holds(const Unit *w, const StpOverride *rule)
{
	Truth truth = rule->conditions > 0 ? ALWAYS : NEVER;

	for (int i = 0; i < rule->conditions && truth != NEVER; i++)
	{
		Truth one = condition_holds(w, &rule->condition[i]);

		truth = one < truth ? one : truth;
	}
	return truth;
}

/* The category after the rules, of those in doubt the ones that a set names. */
static int32_t
apply_rules(const Unit *w, int32_t category, size_t set)
{
	const StpAssessment *a = w->missing->assessment;
	int32_t best = 0;
	size_t doubt = 0;

	for (size_t i = 0; i < a->overrides; i++)
	{
		Truth truth = rule_holds(w, &a->override[i]);

		if (truth == PERHAPS && doubt < MAX_DOUBTS && (set >> doubt++ & 1))
			truth = ALWAYS;
		if (truth != ALWAYS)
			continue;
		if (a->override[i].no_worse_than > 0 && category > a->override[i].no_worse_than)
			category = a->override[i].no_worse_than;
		if (a->override[i].no_better_than > best)
			best = a->override[i].no_better_than;
	}
	return category > 0 && category < best ? best : category;
}

/* How many rules are in doubt. */
static size_t
count_doubts(const Unit *w)
{
	const StpAssessment *a = w->missing->assessment;
	size_t doubts = 0;

	for (size_t i = 0; i < a->overrides; i++)
		doubts += rule_holds(w, &a->override[i]) == PERHAPS;
	return doubts;
}

/*---------------------------------------------------------------------------
 * Categories
 *---------------------------------------------------------------------------
 */

/* Note a category before rules, and what rules make of it. */
static void
reach(Unit *w, int32_t category)
{
	const StpAssessment *a = w->missing->assessment;
	size_t doubts = a->overrides == 0 ? 0 : count_doubts(w);

	if (doubts > 0)
		w->exact = false;
	if (doubts > MAX_DOUBTS)
		for (int c = 1; c <= a->node[0].categories; c++)
			w->reached[c] |= category > 0;
	for (size_t set = 0; set < (size_t) 1 << (doubts < MAX_DOUBTS ? doubts : MAX_DOUBTS); set++)
		w->reached[a->overrides == 0 ? category : apply_rules(w, category, set)] = true;
}

/* The category of a score, of none the place behind the last. */
static int32_t
category_of(const StpAssessment *a, size_t unit, double score)
{
	int32_t category = stp_core_category_at(a, 0, unit, stp_core_brought_near(score, FAR));

	return category == 0 ? a->node[0].categories + 1 : category;
}

/* All categories from one to another. */
static void
reach_from_to(Unit *w, int32_t one, int32_t other)
{
	int32_t categories = w->missing->assessment->node[0].categories;
	int32_t last = one > other ? one : other;

	for (int32_t c = one < other ? one : other; c <= last; c++)
		reach(w, c > categories ? 0 : c);
}

/* The best, or the worst, category that shares of the cohort can give a unit: its score is at one
 * end, and those of all others at the other. */
static int32_t
category_among(Unit *w, bool best)
{
	StpMissing *m = w->missing;
	StpAssessment *a = m->assessment;
	bool high = stp_core_scores_rise(a, 0) == best;
	int32_t category;

	STP_EACH (u, a->units)
	{
		m->trial[u] = a->score[u];
		a->score[u] =
			stp_core_brought_near((u == w->unit) == high ? m->root[u].high : m->root[u].low, FAR);
	}
	stp_core_find_cuts(a, 0);
	category = category_of(a, w->unit, a->score[w->unit]);
	STP_EACH (u, a->units)
		a->score[u] = m->trial[u];
	stp_core_find_cuts(a, 0);
	return category;
}

/* Whether some unit will not be as it is rated, and whether some may have no score. What comes in
 * may make another qualify, whose score stays. */
static bool
is_any_open(const StpMissing *m, bool *may_lack)
{
	bool open = m->assessment->qualifies && m->open[0];

	*may_lack = false;
	STP_EACH (u, m->assessment->units)
	{
		const StpReach *r = &m->root[u];
		double score = m->assessment->score[u];

		open |= isnan(r->low) ? !isnan(score) : !(r->low == score && r->high == score);
		*may_lack |= r->may_lack && !isnan(r->low);
	}
	return open;
}

/* Categories that are shares of the cohort: bounds, as each score is taken by itself. */
static void
find_shares(Unit *w)
{
	const StpAssessment *a = w->missing->assessment;
	bool may_lack, open = is_any_open(w->missing, &may_lack);

	w->best = w->worst = category_of(a, w->unit, a->score[w->unit]);
	if (may_lack || (open && (a->categorise != STP_BY_QUANTILES || a->qualifies)))
	{
		w->best = 1;
		/* There may be no clusters, and then no category. */
		w->worst = a->node[0].categories + (a->categorise != STP_BY_QUANTILES);
	}
	else if (open && !isnan(w->missing->root[w->unit].low))
	{
		w->best = category_among(w, true);
		w->worst = category_among(w, false);
	}
	w->exact &= w->best == w->worst;
}

/* The categories of a score of the root, in the case in hand. */
static void
reach_categories(Unit *w, const StpReach *r)
{
	const StpAssessment *a = w->missing->assessment;
	double low = r->low_attained ? r->low : beside(r->low, true);
	double high = r->high_attained ? r->high : beside(r->high, false);
	int32_t one, other;

	if (r->may_lack || !stp_core_may_qualify(w->missing, 0, true))
		reach(w, 0);
	if (!stp_core_may_qualify(w->missing, 0, false))
		return;
	/* Whether the others that are missing come together nobody has tried. */
	if (a->qualifies)
		w->exact &= r->may_lack || stp_core_may_qualify(w->missing, 0, true);
	if (a->categorise != STP_BY_CUTS)
	{
		reach_from_to(w, w->best, w->worst);
		return;
	}
	one = category_of(a, w->unit, low);
	other = category_of(a, w->unit, high);
	reach_from_to(w, one, other);
	if (r->stepwise && abs(one - other) > 1)
		w->exact = false;
}

/*---------------------------------------------------------------------------
 * All cases
 *---------------------------------------------------------------------------
 */

/* What can be in any case. */
static void
join(StpReach *all, const StpReach *r)
{
	if (isnan(all->low) && isnan(all->high))
	{
		bool lacks = all->may_lack;

		*all = *r;
		all->may_lack |= lacks;
		return;
	}
	all->may_lack |= r->may_lack;
	all->exact &= r->exact;
	all->stepwise |= r->stepwise;
	if (r->low < all->low || (r->low == all->low && r->low_attained))
	{
		all->low = r->low;
		all->low_attained = r->low_attained;
	}
	if (r->high > all->high || (r->high == all->high && r->high_attained))
	{
		all->high = r->high;
		all->high_attained = r->high_attained;
	}
}

/* Put the nodes that are looked at on the ways that belong to a case. */
static void
set_case(Unit *w, size_t number)
{
	for (size_t i = 0; i < w->choices; i++)
	{
		const Choice *c = &w->choice[i];
		const Way *way = &c->way[number % c->ways];

		number /= c->ways;
		w->value_way[i] = way->of_value ? way : NULL;
		w->missing->confine[c->node] = way->of_value ? NULL : &way->confine;
		if (way->of_value)
			w->missing->leaf[c->node * w->missing->assessment->units + w->unit] = way->reach;
	}
}

/* Look at one case. */
static void
look_at(Unit *w, size_t number)
{
	StpMissing *m = w->missing;

	set_case(w, number);
	if (!stp_core_reach_nodes(m, w->unit))
		return;
	join(&w->score, &m->node[0]);
	w->exact &= m->node[0].exact;
	if (m->assessment->node[0].categories > 0)
		reach_categories(w, &m->node[0]);
}

/* Find what is to be looked at case by case: first what is known first. */
static void
choose(Unit *w)
{
	w->choices = w->ways = 0;
	w->cases = 1;
	stp_core_reach_nodes(w->missing, w->unit);
	for (int first = w->known == NULL ? 0 : 1; first >= 0; first--)
	{
		choose_by_rules(w, first != 0);
		choose_leaves(w, first != 0, true);
		choose_leaves(w, first != 0, false);
		if (first != 0)
			w->first = w->choices;
	}
}

/* Whether more than one category is reached. */
static bool
is_undecided(const StpMissing *m, const bool *reached)
{
	int count = 0;

	for (int c = 0; c <= m->assessment->node[0].categories; c++)
		count += reached[c];
	return count > 1;
}

/* Add what was reached to what is reached in all. */
static void
add_reached(const StpMissing *m, const bool *once, bool *all)
{
	for (int c = 0; c <= m->assessment->node[0].categories; c++)
		all[c] |= once[c];
}

/* So many cases are of what is known first. */
static size_t
cases_of_first(const Unit *w)
{
	size_t cases = 1;

	for (size_t i = 0; i < w->first; i++)
		cases *= w->choice[i].ways;
	return cases;
}

/* Undo what cases have changed. */
static void
put_back(Unit *w)
{
	StpMissing *m = w->missing;

	for (size_t i = 0; i < w->choices; i++)
	{
		size_t n = w->choice[i].node;

		m->confine[n] = NULL;
		m->leaf[n * m->assessment->units + w->unit] = w->choice[i].kept;
	}
}

/* Look at all cases; whether, in each of what is known first, there is one category only. */
static bool
look_at_all(Unit *w, bool *reached)
{
	StpMissing *m = w->missing;
	size_t first, categories = (size_t) m->assessment->node[0].categories + 1;
	bool decided = true;

	w->exact = true;
	w->first = 0;
	w->score = (StpReach){NAN, NAN, .exact = true};
	w->reached = m->reached_once;
	memset(reached, 0, categories * sizeof(bool));
	if (m->assessment->categorise != STP_BY_CUTS)
		find_shares(w);
	choose(w);
	first = cases_of_first(w);
	/* One case of what is known that leaves more than one category is enough. */
	for (size_t i = 0; i < first && (decided || w->known == NULL); i++)
	{
		memset(m->reached_once, 0, categories * sizeof(bool));
		for (size_t j = i; j < w->cases; j += first)
		{
			stp_core_pause();
			look_at(w, j);
		}
		decided &= !is_undecided(m, m->reached_once);
		add_reached(m, m->reached_once, reached);
	}
	put_back(w);
	return decided;
}

/*---------------------------------------------------------------------------
 * What decides
 *---------------------------------------------------------------------------
 */

/* Whether a rule looks at a node; of a leaf, at its value, or at anything else. */
static bool
is_looked_at(const StpAssessment *a, size_t n, bool of_value)
{
	for (size_t i = 0; i < a->overrides; i++)
		for (int j = 0; j < a->override[i].conditions; j++)
		{
			const StpCondition *c = &a->override[i].condition[j];

			if (c->node == (int) n &&
				(!a->node[n].leaf || (c->measure == STP_OF_VALUE) == of_value))
				return true;
		}
	return false;
}

/* Whether what is missing of a leaf, of the unit or its peers, can move the unit's category. */
static bool
can_move(const StpMissing *m, size_t n, size_t unit)
{
	const StpAssessment *a = m->assessment;
	size_t cell = n * a->units + unit;
	const StpReach *r = &m->leaf[cell];
	bool moves = r->low < r->high || (r->may_lack && !isnan(r->low));

	if (!a->node[n].leaf)
		return false;
	if (m->least[cell] < m->greatest[cell] && is_looked_at(a, n, true))
		return true;
	if (!moves || a->weight[n] > 0)
		return moves;
	for (int above = (int) n; above >= 0; above = a->node[above].parent)
		if (is_looked_at(a, (size_t) above, false))
			return true;
	return false;
}

/* Whether, once these leaves are known, what is missing of the others cannot change the category,
 * whatever they turn out to be. */
static bool
decides(StpMissing *m, size_t unit)
{
	Unit w = {.missing = m, .unit = unit, .known = m->known};

	return look_at_all(&w, m->reached_then);
}

/*
 * The leaves that decide: those without which all others do not. There is no other set as small,
 * nor a smaller one within it: as leaves do not know of one another, of two sets that decide what
 * they share does. So many there are.
 */
static size_t
find_deciding(StpMissing *m, size_t unit)
{
	size_t deciding = 0;

	for (size_t n = 0; n < m->assessment->nodes; n++)
	{
		if (!m->known[n])
			continue;
		m->known[n] = false;
		m->deciding[n] = !decides(m, unit);
		deciding += m->deciding[n];
		m->known[n] = true;
	}
	return deciding;
}

void
stp_core_reach_roots(StpMissing *m)
{
	for (size_t u = 0; u < m->assessment->units && m->assessment->categorise != STP_BY_CUTS; u++)
	{
		stp_core_pause();
		stp_core_reach_nodes(m, u);
		m->root[u] = m->node[0];
	}
}

StpOutcome
stp_core_outcome(StpMissing *m, size_t unit)
{
	Unit w = {.missing = m, .unit = unit};
	StpOutcome o = {.decisive = m->deciding, .reached = m->reached};
	size_t moving = 0;

	look_at_all(&w, m->reached);
	o.score = w.score;
	o.exact = w.exact && w.score.exact;
	if (m->assessment->node[0].categories == 0 || m->assessment->entangled)
		return o;
	for (size_t n = 0; n < m->assessment->nodes; n++)
	{
		stp_core_pause_sometimes(n);
		m->deciding[n] = false;
		m->known[n] = can_move(m, n, unit);
		moving += m->known[n];
	}
	o.searched = !is_undecided(m, m->reached) || moving <= MAX_MOVING;
	if (is_undecided(m, m->reached) && o.searched)
		o.deciding = find_deciding(m, unit);
	return o;
}

/*---------------------------------------------------------------------------
 * One value known
 *---------------------------------------------------------------------------
 */

/* Try one value, with the denominator of the peer it is of where there is none of its own. */
static void
try_value(StpMissing *m, size_t leaf, size_t unit, size_t peer, int32_t present, StpChance *chance)
{
	StpAssessment *a = m->assessment;
	size_t cell = leaf * a->units + unit;
	double value = a->value[leaf * a->units + peer], denominator = a->denominator[cell];
	double least = m->least[cell], greatest = m->greatest[cell];
	StpReach kept = m->leaf[cell];
	int32_t category;

	if (isnan(denominator))
		a->denominator[cell] = a->denominator[leaf * a->units + peer];
	category = stp_core_assess_with(a, leaf, unit, value, NULL);
	a->denominator[cell] = denominator;
	chance->draws++;
	chance->changes += category != present;
	chance->moved += present > 0 && category > 0 ? present - category : NAN;
	if (!a->entangled)
	{
		Unit w = {.missing = m, .unit = unit};

		m->leaf[cell] = stp_core_reach_between(m, unit, value, value);
		m->least[cell] = m->greatest[cell] = value;
		look_at_all(&w, m->reached_then);
		chance->decided += !is_undecided(m, m->reached_then);
		m->leaf[cell] = kept;
		m->least[cell] = least;
		m->greatest[cell] = greatest;
		if (m->ends.leaf != leaf)
			stp_core_take_leaf(m, leaf);
	}
}

/* The peers whose values are tried: those that are known and that the missing value can be, in
 * order of their values. */
static size_t
find_like(StpMissing *m, size_t leaf, size_t unit)
{
	const StpAssessment *a = m->assessment;
	size_t first = leaf * a->units;
	double least = m->least[first + unit], greatest = m->greatest[first + unit];

	STP_EACH (u, a->units)
	{
		double value = a->value[first + u];

		m->trial[u] = u != unit && m->least[first + u] == m->greatest[first + u] &&
							  value >= least && value <= greatest
						  ? value
						  : NAN;
	}
	return stp_core_order(m->trial, a->units, m->peers);
}

StpChance
stp_core_chance(StpMissing *m, size_t leaf, size_t unit)
{
	StpAssessment *a = m->assessment;
	size_t cell = leaf * a->units + unit, like = find_like(m, leaf, unit);
	size_t draws = like < MAX_DRAWS ? like : MAX_DRAWS;
	double value = a->value[cell],
		   completeness = a->completeness == NULL ? 1 : a->completeness[cell];
	StpChance chance = {0, 0, 0, a->entangled ? NAN : 0};

	if (draws == 0)
		return (StpChance){0, NAN, NAN, NAN};
	stp_core_take_leaf(m, leaf);
	if (a->completeness != NULL)
		a->completeness[cell] = 1;
	stp_core_assess_beside(a, unit);
	/* Evenly along the order, where there are many. */
	for (size_t i = 0; i < draws; i++)
		try_value(m, leaf, unit, m->peers[(2 * i + 1) * like / (2 * draws)], a->category[unit],
				  &chance);
	if (a->completeness != NULL)
		a->completeness[cell] = completeness;
	stp_core_assess_with(a, leaf, unit, value, NULL);
	chance.changes /= (double) draws;
	chance.moved /= (double) draws;
	chance.decided /= (double) draws;
	return chance;
}
