/*
 * what_if.c: what a unit would need for a better category, without any backend header.
 *
 * The category is a step function of the number that is tried. Whatever can turn it (a cut of the
 * root, a bracket, a threshold of a rule, peers that are passed) changes once on the way along the
 * number line. So a stretch at whose ends all of these are the same holds no step, and one that
 * holds any is halved, the nearer half first, until its ends are neighbours among the numbers a
 * double can hold: what is found is the nearest, and if nothing is found there is nothing.
 */
#include "assessment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "pause.h"

/* Where a stretch cannot be known by its ends, it is cut up: the first piece is this share of the
 * cohort's range long, so many double the length, and there are so many. */
#define FIRST_PIECE 0x1p-10
#define DOUBLES_IN 4
#define PIECES 80
/* The least and the greatest of the others' values, the target and the floor. */
#define BENDS 4
/* The end of the numbers, but for what weights and scales may make of them. */
#define FARTHEST 0x1p960
/* What ties, of a number: see stp_core_tied(). */
#define TIES 0x1p-40
/* Decimal digits that a tie leaves to choose. */
#define DIGITS 14

/* What is searched: the number of one unit that is tried, and what it goes through on the way. */
typedef struct Search
{
	StpAssessment *assessment;
	size_t unit;
	size_t leaf;			 /* whose value is tried */
	bool of_score;			 /* of the root, instead */
	const StpOthers *others; /* if the leaf's score can be told beside them; otherwise NULL */
	bool forward;			 /* in the better direction */
	double score;			 /* the leaf's at present */
	int32_t now;			 /* the category to be bettered */
	double bend[BENDS];		 /* values where the score's way may turn or break off; NAN: none */
	double range;			 /* of the cohort's values */
} Search;

/* One number, tried. */
typedef struct Trial
{
	double number;
	int32_t category;
	bool better;
	uint64_t state; /* what can turn the category, in one number */
} Trial;

/* A state and one thing more (FNV-1a). */
static uint64_t
add_state(uint64_t state, int thing)
{
	return (state ^ (uint64_t) (thing + 1)) * UINT64_C(0x100000001B3);
}

/* Whether the leaf has a better score than at present. */
static bool
scores_better(const Search *s)
{
	const StpAssessment *a = s->assessment;
	StpPlace place = stp_core_compare(a->score[s->leaf * a->units + s->unit], s->score);

	return place == (stp_core_scores_rise(a, s->leaf) ? STP_AFTER : STP_BEFORE);
}

/* Whether it has a score, and all above it, and where it is beside what its score turns at. */
static uint64_t
leaf_state(const Search *s, double value, uint64_t state)
{
	const StpAssessment *a = s->assessment;
	const StpNode *node = &a->node[s->leaf];

	for (int n = (int) s->leaf; n >= 0; n = a->node[n].parent)
		state = add_state(state, isnan(a->score[(size_t) n * a->units + s->unit]));
	for (int i = 0; i < BENDS; i++)
		state = add_state(state, stp_core_compare(value, s->bend[i]));
	state = add_state(state, scores_better(s));
	/* A node can have any number of brackets. */
	for (int i = 0; i < node->brackets; i++)
	{
		stp_core_pause_sometimes((size_t) i);
		state = add_state(state, stp_core_compare(value, node->bracket[i].cut));
	}
	return state;
}

/* Where the unit is beside the cut of a better category and the thresholds of the rules. */
static uint64_t
unit_state(const Search *s)
{
	const StpAssessment *a = s->assessment;
	int32_t category = stp_core_find_category(a, 0, s->unit, a->score[s->unit]);
	uint64_t state = add_state(0, category == 0 ? 0 : category < s->now ? 1 : 2);

	for (size_t i = 0; i < a->overrides; i++)
		for (int j = 0; j < a->override[i].conditions; j++)
		{
			const StpCondition *c = &a->override[i].condition[j];

			state =
				add_state(state, stp_core_compare(stp_core_measured(a, c, s->unit), c->threshold));
		}
	return state;
}

/* What the category would be with another number. */
static Trial
try_number(const Search *s, double number)
{
	StpAssessment *a = s->assessment;
	Trial t = {.number = number};

	stp_core_pause();
	if (s->of_score)
	{
		a->score[s->unit] = number;
		t.category = stp_core_final_category(a, s->unit);
	}
	else
		t.category = stp_core_assess_with(a, s->leaf, s->unit, number, s->others);
	t.better = t.category > 0 && t.category < s->now && (s->forward || scores_better(s));
	t.state = unit_state(s);
	if (!s->of_score)
		t.state = leaf_state(s, number, t.state);
	return t;
}

/* The place of a number among all that a double can hold. */
static int64_t
to_place(double number)
{
	int64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return bits < 0 ? INT64_MIN - bits : bits;
}

static double
from_place(int64_t place)
{
	int64_t bits = place < 0 ? INT64_MIN - place : place;
	double number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

/* The number half way between two, so many doubles from one as from the other; the first if they
 * are neighbours. */
static double
halfway(double from, double to)
{
	int64_t first = to_place(from), last = to_place(to);
	uint64_t half =
		(last > first ? (uint64_t) last - (uint64_t) first : (uint64_t) first - (uint64_t) last) /
		2;

	return half == 0 ? from
					 : from_place(last > first ? first + (int64_t) half : first - (int64_t) half);
}

/* The nearest that is better on a stretch that begins with one that is not; otherwise its end. */
static Trial
find_nearest(const Search *s, Trial from, Trial to)
{
	while (from.state != to.state)
	{
		double half = halfway(from.number, to.number);
		Trial middle, nearest;

		if (half == from.number)
			return to;
		middle = try_number(s, half);
		nearest = find_nearest(s, from, middle);
		if (nearest.better)
			return nearest;
		from = middle;
	}
	return to;
}

/*
 * Whether a better value can mean a worse place: it moves the limits of all bands, where the others
 * matter also their z-scores, and what comes to a node above that is normalised.
 */
static bool
turns_round(const Search *s)
{
	const StpNode *node = &s->assessment->node[s->leaf];
	bool turns = node->method == STP_BANDED ||
				 (node->method == STP_Z_SCORE && !node->frozen && s->assessment->entangled);

	for (int above = node->parent; above >= 0; above = s->assessment->node[above].parent)
		turns = turns || s->assessment->node[above].normalised;
	return turns && !s->of_score;
}

/* Look along a stretch, piece by piece where need be. */
static Trial
look_along(const Search *s, Trial from, Trial to)
{
	double start = from.number, sign = to.number > start ? 1 : -1;
	double step = FIRST_PIECE * (s->range > 0 ? s->range : fmax(fabs(start), 1));

	for (int i = 0; i < PIECES && turns_round(s); i++, step *= 1 + 1.0 / DOUBLES_IN)
	{
		double number = start + sign * step;
		Trial piece, nearest;

		if (!(sign * number < sign * to.number))
			break;
		piece = try_number(s, number);
		nearest = find_nearest(s, from, piece);
		if (nearest.better)
			return nearest;
		from = piece;
	}
	return find_nearest(s, from, to);
}

/* Look in one direction, to the end. */
static Trial
look(const Search *s, Trial from, bool up)
{
	double end = up ? fmax(from.number, FARTHEST) : fmin(from.number, -FARTHEST);

	if (!s->of_score)
		end = stp_core_bounded(&s->assessment->node[s->leaf], end);
	return look_along(s, from, try_number(s, end));
}

/* The number of so many digits nearest to one, on the side of another. */
static double
to_digits(double number, int digits, bool up)
{
	int decimals = digits - 1 - (int) floor(log10(fabs(number)));
	double unit = pow(10, abs(decimals));
	double scaled = decimals < 0 ? number / unit : number * unit;
	double whole = up ? ceil(scaled) : floor(scaled);

	return decimals < 0 ? whole * unit : whole / unit;
}

/*
 * Of the numbers from the one found to where it would no longer tie with it, the one with the
 * fewest digits: 60 where 59.99999999994543 is enough, and safe from the last bits that shares and
 * quotients lose.
 */
static Trial
shorten(const Search *s, Trial from, Trial found)
{
	bool up = found.number > from.number;
	double limit = found.number + (up ? TIES : -TIES) * fabs(found.number);

	for (int digits = 1; digits <= DIGITS && found.number != 0; digits++)
	{
		double number = to_digits(found.number, digits, up);
		Trial shorter;

		if (!(up ? number >= found.number && number <= limit
				 : number <= found.number && number >= limit))
			continue;
		shorter = try_number(s, number);
		return shorter.category == found.category ? shorter : found;
	}
	return found;
}

/*
 * Search in the better direction, or else in the other for a value with a better score: brackets
 * can have the best in the middle, and a target can lie on the wrong side of the worst. To escape a
 * rule by a worse score is no way. Everything is put back.
 */
static StpNeed
search(Search *s, double number, bool up)
{
	Trial from, found;

	s->forward = true;
	from = try_number(s, number);
	found = look(s, from, up);
	if (!found.better && !s->of_score)
	{
		s->forward = false;
		found = look(s, from, !up);
	}
	if (found.better)
		found = shorten(s, from, found);
	try_number(s, number);
	return found.better ? (StpNeed){found.number + 0.0, found.category}
						: (StpNeed){NAN, s->now - 1};
}

/*
 * The values that the score's way can turn at, by method. Scores of a cohort rise with the own
 * value from end to end; but where all others are equal there is none when it is tied to them, and
 * where the others' scores matter they move from its ends on.
 */
static void
find_bends(Search *s)
{
	const StpNode *node = &s->assessment->node[s->leaf];
	double *value = &s->assessment->value[s->leaf * s->assessment->units], own = value[s->unit];
	size_t units = s->assessment->units;
	bool of_cohort = stp_core_is_of_cohort(node);
	double least, greatest;

	for (int i = 0; i < BENDS; i++)
		s->bend[i] = NAN;
	if (stp_core_range(value, units, &least, &greatest))
		s->range = greatest - least;
	if (stp_core_has_target(node))
	{
		s->bend[0] = stp_core_target(node, s->unit);
		s->bend[1] = node->floor;
	}
	value[s->unit] = NAN;
	stp_core_range(value, units, &least, &greatest);
	value[s->unit] = own;
	if (node->frozen || least > greatest)
		return;
	if (node->method == STP_DISTANCE_TO_TARGET ||
		(of_cohort && (s->assessment->entangled || stp_core_compare(least, greatest) == STP_AT)))
	{
		s->bend[2] = least;
		s->bend[3] = greatest;
	}
}

StpNeed
stp_core_needed_value(StpAssessment *a, size_t leaf, size_t unit)
{
	double value = a->value[leaf * a->units + unit];
	Search s = {.assessment = a, .unit = unit, .leaf = leaf, .now = a->category[unit]};
	StpOthers others;

	if (isnan(value) || s.now <= 1)
		return (StpNeed){NAN, s.now > 1 ? s.now - 1 : 0};
	s.score = a->score[leaf * a->units + unit];
	if (!a->entangled && stp_core_scores_alone(&a->node[leaf]))
	{
		others = stp_core_others(a, leaf, unit);
		s.others = &others;
	}
	find_bends(&s);
	stp_core_assess_beside(a, unit);
	return search(&s, value, a->node[leaf].higher_is_better);
}

StpNeed
stp_core_needed_score(StpAssessment *a, size_t unit)
{
	Search s = {.assessment = a, .unit = unit, .of_score = true, .now = a->category[unit]};

	if (s.now <= 1)
		return (StpNeed){NAN, 0};
	return search(&s, a->score[unit], stp_core_scores_rise(a, 0));
}
