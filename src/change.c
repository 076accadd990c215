/*
 * change.c: stp.explain_change(), why ratings are not what they were in an earlier period.
 *
 * Seven things may have changed: a unit's own data, its peers' data, who reported, the boundaries,
 * who belongs where, and what the units are measured by: the weights of the scheme, and all else of
 * it. The map changes in an order that there is only one of: who belongs to what there was before a
 * merger, of those who belong to what came of it, nobody knows. The change of
 * the score is shared by the effect of each thing, averaged over all orders in which they can
 * change (core/change.c). The parts add up, and no order is preferred.
 *
 * The same is done of each indicator's part of the score, so that these add up too; and what the
 * own data of an indicator did is that of the organisations that moved its value.
 *
 * On the map of the first period a unit that is new since stands for what it was made of: its score
 * there is the mean of its predecessors', by their people.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "core/change.h"
#include "history.h"
#include "period.h"
#include "rating.h"
#include "stp_metrics.h"

/* The arguments of stp.explain_change(). */
enum
{
	ARG_SCHEME_1,
	ARG_PERIOD_1,
	ARG_PERIOD_2,
	ARG_UNIT,
	ARG_SCHEME_2
};

/* Its columns. */
enum
{
	CHANGE_UNIT,
	CHANGE_PLACE,
	CHANGE_DEPTH,
	CHANGE_PART,
	CHANGE_INDICATOR,
	CHANGE_ORGANISATION,
	CHANGE_CHANGE,
	CHANGE_SCORE,
	CHANGE_RANK,
	CHANGE_CATEGORY,
	CHANGE_SPECIAL_CAUSES,
	CHANGE_PREDECESSORS,
	CHANGE_REASON,
	CHANGE_COLUMNS
};

/* The names of the parts, the steps of the map aside. */
static const char *const part_names[STP_FACTORS] = {[STP_OWN_DATA] = "own data",
													[STP_PEERS_DATA] = "peers' data",
													[STP_REPORTING] = "reporting",
													[STP_WEIGHTS] = "weights",
													[STP_METHOD] = "method"};

/* What rounding may take from the sum of the parts of a score that can be split. */
#define ROUNDING 1e-9

/* A side of the change of scheme: a scheme in both periods. */
typedef struct Side
{
	Scheme *scheme;
	Cohort *cohort[2]; /* by map */
	Mixed *mixed;
	size_t *begin;					   /* [2 * nodes * most units + 1]: first part of each cell */
	size_t most_parts;				   /* of a cell */
	const MixedPart **part;			   /* the parts, cell by cell */
	Rating *rating[2][MIXED_VARIANTS]; /* by whose weights they have */
	bool *wanted[2];				   /* [units of the cohort] */
	size_t leaves;
	size_t *node; /* [leaves] */
	size_t *slot; /* [leaves]: the place of its indicator among all */
} Side;

/* What there is of each unit of a cohort for a set of changes. */
typedef struct Outcome
{
	double *score; /* NAN: none */
	double *part;  /* [units * leaves of the side]: of the score */
	int32 *rank;   /* of the first and the last set only */
	int32 *category;
} Outcome;

/* A unit, or a part of it, on the map of the first period; by side. */
typedef struct Origin
{
	size_t place[2];
	double weight;
} Origin;

/* What is explained. */
typedef struct Subject
{
	Datum code;
	size_t place[2]; /* on the map of the second period, by side */
	Origin *origin;
	size_t origins;
	Datum predecessors; /* an array; 0: it has none */
	Field heirs;		/* what it has become, if it has ended */
} Subject;

/* All of it. */
typedef struct Change
{
	FunctionCallInfo fcinfo;
	bool without_charts; /* no special causes are asked for */
	Side side[2];
	Outcome outcome[STP_SETS];
	Datum *indicator; /* [slots] */
	size_t slots;
	Datum *code; /* of the subjects */
	size_t codes;
	Subject *subject; /* [codes] */
	const Field *movement;
	size_t moving; /* units that it is of */
} Change;

PG_FUNCTION_INFO_V1(stp_explain_change);
PG_FUNCTION_INFO_V1(stp_change_parts);

#define PREDECESSORS_QUERY(R)                                                                      \
	"SELECT unit, predecessor, weight, stands_in, heirs FROM " R(                                  \
		stp_internal,                                                                              \
		predecessors) "($1, $2, $3, $4) ORDER BY predecessor COLLATE pg_catalog.\"C\""
static const StpQuery predecessors_query = STP_QUERY(PREDECESSORS_QUERY);

/*---------------------------------------------------------------------------
 * What is explained
 *---------------------------------------------------------------------------
 */

/* The place of a unit in a cohort, near the one that was found before: cohorts have an order. */
static size_t
find_place(const Cohort *cohort, Datum code, size_t *hint)
{
	Field wanted = {code, false};

	for (size_t i = 0; i < cohort->units; i++)
	{
		size_t place = (*hint + i) % cohort->units;

		CHECK_FOR_INTERRUPTS();
		if (!stp_same_text(wanted, (Field){cohort->unit_codes[place], false}))
			continue;
		*hint = place + 1;
		return place;
	}
	return STP_NO_PLACE;
}

/* Whose change is asked for: one unit's, or those of all in the second period and then those that
 * are in the first alone. */
static void
list_codes(Change *change)
{
	const Cohort *first = change->side[0].cohort[0], *second = change->side[1].cohort[1];
	size_t hint = 0;

	change->code = stp_allocate_cells(sizeof(Datum), first->units + second->units + 1, 1);
	if (!change->fcinfo->args[ARG_UNIT].isnull)
	{
		change->code[change->codes++] = change->fcinfo->args[ARG_UNIT].value;
		return;
	}
	for (size_t u = 0; u < second->units; u++)
		change->code[change->codes++] = second->unit_codes[u];
	for (size_t u = 0; u < first->units; u++)
		if (find_place(second, first->unit_codes[u], &hint) == STP_NO_PLACE)
			change->code[change->codes++] = first->unit_codes[u];
}

/* Add whoever stands for a subject on the first map. */
static void
add_origin(const Change *change, Subject *s, Datum code, double weight)
{
	Origin *origin = &s->origin[s->origins++];
	size_t hint = 0;

	origin->weight = weight;
	for (int side = 0; side < 2; side++)
		origin->place[side] = find_place(change->side[side].cohort[0], code, &hint);
}

/* Read what is known of a subject's past; the rows are of all. */
static void
read_past(const Change *change, SPITupleTable *found, Subject *s)
{
	Datum *codes = stp_allocate_cells(sizeof(Datum), found->numvals + 1, 1);
	size_t named = 0;

	s->origin = stp_allocate_cells(sizeof(Origin), found->numvals + 1, 1);
	s->heirs.isnull = true;
	for (uint64 row = 0; row < found->numvals; row++)
	{
		Field code = stp_get_field(found, row, 2);

		CHECK_FOR_INTERRUPTS();
		if (!stp_same_text(stp_get_field(found, row, 1), (Field){s->code, false}))
			continue;
		if (code.isnull)
		{
			s->heirs = stp_get_field(found, row, 5);
			continue;
		}
		codes[named++] = code.datum;
		if (DatumGetBool(stp_get_field(found, row, 4).datum))
			add_origin(change, s, code.datum, stp_get_number(found, row, 3));
	}
	if (named > 0)
		s->predecessors = stp_text_array(codes, named);
	if (s->origins == 0)
		add_origin(change, s, s->code, 1);
}

/* Find whose change is asked for, and who stood for it. */
static void
find_subjects(Change *change)
{
	const Cohort *first = change->side[0].cohort[0];
	Oid types[] = {TEXTOID, TEXTARRAYOID, first->period_type, first->period_type};
	size_t hint[2] = {0, 0};
	SPITupleTable *found;

	list_codes(change);
	found = stp_ask(&predecessors_query, lengthof(types), types,
					(Datum[]){first->scheme->code, stp_text_array(change->code, change->codes),
							  first->period, change->side[1].cohort[1]->period});
	change->subject = stp_allocate_cells(sizeof(Subject), change->codes, 1);
	for (size_t i = 0; i < change->codes; i++)
	{
		Subject *s = &change->subject[i];

		s->code = change->code[i];
		read_past(change, found, s);
		for (int side = 0; side < 2; side++)
			s->place[side] = find_place(change->side[side].cohort[1], s->code, &hint[side]);
	}
}

/* Note which units of the cohorts have to be rated by themselves. */
static void
mark_wanted(Change *change)
{
	for (int side = 0; side < 2; side++)
	{
		Side *d = &change->side[side];

		for (int map = 0; map < 2; map++)
			d->wanted[map] = stp_allocate_cells(sizeof(bool), d->cohort[map]->units, 1);
		for (size_t i = 0; i < change->codes; i++)
		{
			const Subject *s = &change->subject[i];

			CHECK_FOR_INTERRUPTS();
			if (s->place[side] != STP_NO_PLACE)
				d->wanted[1][s->place[side]] = true;
			for (size_t o = 0; o < s->origins; o++)
				if (s->origin[o].place[side] != STP_NO_PLACE)
					d->wanted[0][s->origin[o].place[side]] = true;
		}
	}
}

/*---------------------------------------------------------------------------
 * Loading
 *---------------------------------------------------------------------------
 */

/* The place of an indicator among those of both schemes. */
static size_t
find_slot(Change *change, Datum indicator)
{
	for (size_t slot = 0; slot < change->slots; slot++)
		if (stp_same_text((Field){change->indicator[slot], false}, (Field){indicator, false}))
			return slot;
	change->indicator[change->slots] = indicator;
	return change->slots++;
}

/* The leaves of a side, and the places of their indicators. */
static void
list_leaves(Change *change, Side *d)
{
	d->node = stp_allocate_cells(sizeof(size_t), d->scheme->nodes, 1);
	d->slot = stp_allocate_cells(sizeof(size_t), d->scheme->nodes, 1);
	for (size_t n = 0; n < d->scheme->nodes; n++)
	{
		if (!d->scheme->node[n].leaf)
			continue;
		d->node[d->leaves] = n;
		d->slot[d->leaves++] =
			find_slot(change, stp_get_label(d->scheme, n, SCHEME_INDICATOR).datum);
	}
}

/* Which cell a part of an organisation is of. */
static size_t
cell_of(const Side *d, bool map, size_t node, size_t unit)
{
	size_t units = Max(d->cohort[0]->units, d->cohort[1]->units);

	return ((map ? d->scheme->nodes : 0) + node) * units + unit;
}

/* Put the parts of organisations together by their cells. */
static void
sort_parts(Side *d)
{
	size_t cells = cell_of(d, true, d->scheme->nodes, 0);
	const MixedPart *part = d->mixed->part;

	d->begin = stp_allocate_cells(sizeof(size_t), cells + 1, 1);
	d->part = stp_allocate_cells(sizeof(MixedPart *), d->mixed->parts, 1);
	for (size_t i = 0; i < d->mixed->parts; i++)
		d->begin[cell_of(d, (part[i].variant & MIXED_MAP) != 0, part[i].node, part[i].unit)]++;
	for (size_t cell = 0; cell < cells; cell++)
		d->begin[cell + 1] += d->begin[cell];
	/* Backwards: each cell then begins where its last part was put. */
	for (size_t i = d->mixed->parts; i-- > 0;)
	{
		size_t cell = cell_of(d, (part[i].variant & MIXED_MAP) != 0, part[i].node, part[i].unit);

		CHECK_FOR_INTERRUPTS();
		d->part[--d->begin[cell]] = &part[i];
		d->most_parts = Max(d->most_parts, d->begin[cell + 1] - d->begin[cell]);
	}
}

/*
 * Load what is on one side of a change of scheme. The targets are those of the period that the
 * scheme is of; where there is one scheme, the other side is the same with the second period's.
 */
static void
load_side(Change *change, int side)
{
	Side *d = &change->side[side];
	const Targets *targets;

	if (side == 0 || !change->fcinfo->args[ARG_SCHEME_2].isnull)
	{
		d->scheme =
			stp_load_scheme(change->fcinfo->args[side == 0 ? ARG_SCHEME_1 : ARG_SCHEME_2].value);
		d->cohort[0] = stp_load_cohort(d->scheme, change->fcinfo, ARG_PERIOD_1, 0);
		d->cohort[1] = stp_load_cohort(d->scheme, change->fcinfo, ARG_PERIOD_2, 0);
		d->mixed = stp_load_mixed(d->cohort[0], d->cohort[1]);
		sort_parts(d);
	}
	else
		*d = change->side[0];
	targets = stp_load_targets(d->cohort[side], d->cohort[0], d->cohort[1]);
	for (int v = 0; v < MIXED_VARIANTS; v++)
		d->rating[side][v] = stp_with_targets(d->mixed->rating[v], targets);
}

/* The child of a node with the code of another scheme's node; STP_NO_PLACE: there is none. */
static size_t
find_child(const Scheme *scheme, size_t parent, const Scheme *other, size_t node)
{
	for (size_t n = parent + 1; n < scheme->nodes; n++)
		if (scheme->node[n].parent == (int) parent &&
			stp_same_text(stp_get_label(scheme, n, SCHEME_NODE),
						  stp_get_label(other, node, SCHEME_NODE)))
			return n;
	return STP_NO_PLACE;
}

/* How many children a node has. */
static size_t
count_children(const Scheme *scheme, size_t parent)
{
	size_t children = 0;

	for (size_t n = parent + 1; n < scheme->nodes; n++)
		children += scheme->node[n].parent == (int) parent;
	return children;
}

/* The node of the other scheme that each is, by its code and those above; roots are one another. */
static size_t *
match_nodes(const Scheme *scheme, const Scheme *other)
{
	size_t *match = stp_allocate_cells(sizeof(size_t), scheme->nodes, 1);

	for (size_t n = 1; n < scheme->nodes; n++)
	{
		size_t above = match[scheme->node[n].parent];

		CHECK_FOR_INTERRUPTS();
		match[n] = above == STP_NO_PLACE ? STP_NO_PLACE : find_child(other, above, scheme, n);
	}
	return match;
}

/* Whether the children of a node are all in the other scheme, which has no more of them. */
static bool
has_same_children(const Scheme *scheme, size_t parent, const Scheme *other, const size_t *match)
{
	for (size_t n = parent + 1; n < scheme->nodes; n++)
		if (scheme->node[n].parent == (int) parent && match[n] == STP_NO_PLACE)
			return false;
	return match[parent] != STP_NO_PLACE &&
		   count_children(scheme, parent) == count_children(other, match[parent]);
}

/* A side's ratings with the weights of the other: of nodes whose parents have the same children,
 * for of others no weight says the same in both. */
static void
exchange_weights(Side *d, int side, const Scheme *other)
{
	size_t *match = match_nodes(d->scheme, other);
	double *weight = stp_allocate_cells(sizeof(double), d->scheme->nodes, 1);

	for (size_t n = 0; n < d->scheme->nodes; n++)
	{
		int parent = d->scheme->node[n].parent;

		weight[n] = d->scheme->node[n].weight;
		if (parent >= 0 && has_same_children(d->scheme, (size_t) parent, other, match))
			weight[n] = other->node[match[n]].weight;
	}
	for (int v = 0; v < MIXED_VARIANTS; v++)
		d->rating[!side][v] = stp_with_weights(d->rating[side][v], weight);
}

/* Load both sides, and what their leaves have in common. */
static void
load_sides(Change *change)
{
	Side *one = &change->side[0], *other = &change->side[1];

	load_side(change, 0);
	load_side(change, 1);
	change->indicator =
		stp_allocate_cells(sizeof(Datum), one->scheme->nodes + other->scheme->nodes, 1);
	list_leaves(change, one);
	list_leaves(change, other);
	exchange_weights(one, 0, other->scheme);
	exchange_weights(other, 1, one->scheme);
}

/*---------------------------------------------------------------------------
 * Rating
 *---------------------------------------------------------------------------
 */

/* Whether two ratings of the same units have the same numbers to go by. */
static bool
same_cells(const Rating *one, const Rating *other)
{
	for (int g = 0; g < one->groups; g++)
	{
		const StpAssessment *a = &one->group[g].assessment, *b = &other->group[g].assessment;
		size_t size = a->nodes * a->units * sizeof(double);

		CHECK_FOR_INTERRUPTS();
		if (memcmp(a->value, b->value, size) != 0 ||
			memcmp(a->denominator, b->denominator, size) != 0 ||
			memcmp(a->completeness, b->completeness, size) != 0)
			return false;
	}
	return true;
}

/* Whether two ratings of the same units by the same scheme have the same weights and targets. */
static bool
same_nodes(const Rating *one, const Rating *other)
{
	for (int g = 0; g < one->groups; g++)
		for (size_t n = 0; n < one->scheme->nodes; n++)
		{
			const StpNode *a = &one->group[g].assessment.node[n];
			const StpNode *b = &other->group[g].assessment.node[n];
			size_t units = one->group[g].assessment.units;

			CHECK_FOR_INTERRUPTS();
			if (a->weight != b->weight || (a->target == NULL) != (b->target == NULL) ||
				(a->target != NULL && memcmp(a->target, b->target, units * sizeof(double)) != 0))
				return false;
		}
	return true;
}

/* Whether it makes no difference to a side who reported. */
static bool
reports_alike(const Side *d)
{
	const Mixed *m = d->mixed;

	for (int v = 0; v < MIXED_VARIANTS; v++)
		if (!(v & MIXED_REPORTING) && !same_cells(m->rating[v], m->rating[v | MIXED_REPORTING]))
			return false;
	return true;
}

/* The steps of the map. */
#define MAP (STP_BIT(STP_MAP_STEP_1) | STP_BIT(STP_MAP_STEP_2))

/* The factors that have not changed, of which there is nothing to compute. */
static int
find_idle(const Change *change)
{
	const Side *one = &change->side[0], *other = &change->side[1];
	bool one_scheme = change->fcinfo->args[ARG_SCHEME_2].isnull;
	int idle = 0;

	if (reports_alike(one) && reports_alike(other))
		idle |= STP_BIT(STP_REPORTING);
	if (one->cohort[0]->boundaries == one->cohort[1]->boundaries)
		idle |= MAP;
	if (same_nodes(one->rating[0][0], one->rating[1][0]) &&
		same_nodes(other->rating[0][0], other->rating[1][0]))
		idle |= STP_BIT(STP_WEIGHTS);
	if (one_scheme && same_nodes(one->rating[0][0], other->rating[0][0]) &&
		same_nodes(one->rating[0][MIXED_MAP], other->rating[0][MIXED_MAP]))
		idle |= STP_BIT(STP_METHOD);
	return idle;
}

/* Whether the map of a set of changes is one: the second step is never without the first. */
static bool
is_possible(int set)
{
	return (set & MAP) != STP_BIT(STP_MAP_STEP_2);
}

/* The set of which there is the same as of this one. Without succession the map between is that of
 * before, or backwards in time that of after. */
static int
find_same(const Change *change, int set, int idle)
{
	const Mixed *mixed = change->side[0].mixed;

	set &= ~idle;
	if ((set & MAP) != STP_BIT(STP_MAP_STEP_1) || mixed->succeeded)
		return set;
	return mixed->backwards ? set | MAP : set & ~MAP;
}

/* Which variant of the map a set of changes makes. */
static int
find_map(int set)
{
	return (set & MAP) == MAP ? MIXED_MAP : (set & MAP) != 0 ? MIXED_BETWEEN : 0;
}

/* Whether the units are those of the second period: on the map between those of the later. */
static bool
is_later_cohort(const Change *change, int set)
{
	const Mixed *mixed = change->side[0].mixed;
	int map = find_map(set);

	return map == MIXED_BETWEEN ? mixed->succeeded != mixed->backwards : map == MIXED_MAP;
}

/* The rating that a set of changes makes, with the data of either period. */
static const Rating *
find_rating(const Change *change, int set, bool later_data)
{
	const Side *d = &change->side[(set & STP_BIT(STP_METHOD)) != 0];
	int variant = (later_data ? MIXED_DATA : 0) |
				  (set & STP_BIT(STP_REPORTING) ? MIXED_REPORTING : 0) | find_map(set);

	return d->rating[(set & STP_BIT(STP_WEIGHTS)) != 0][variant];
}

/* Room for what there is of the units of a cohort. */
static void
allocate_outcome(Outcome *o, const Side *d, size_t units)
{
	o->score = stp_allocate_cells(sizeof(double), units, 1);
	o->part = stp_allocate_cells(sizeof(double), units, d->leaves);
	o->rank = stp_allocate_cells(sizeof(int32), units, 1);
	o->category = stp_allocate_cells(sizeof(int32), units, 1);
}

/* Keep what was computed of a group. What has no score is no part of it. */
static void
keep_outcome(Outcome *o, const Side *d, const PeerGroup *group)
{
	const StpAssessment *a = &group->assessment;

	for (size_t u = 0; u < a->units; u++)
	{
		size_t unit = group->first + u;

		CHECK_FOR_INTERRUPTS();
		o->score[unit] = a->score[u];
		o->rank[unit] = a->rank[u];
		o->category[unit] = a->category[u];
		for (size_t leaf = 0; leaf < d->leaves; leaf++)
		{
			double part = a->contribution[d->node[leaf] * a->units + u];

			o->part[unit * d->leaves + leaf] = isnan(part) ? 0 : part;
		}
	}
}

/*
 * Rate for a set of changes. Where own and peers' data are of one period it is one rating for all;
 * otherwise each unit alone has the data of the other.
 */
static void
rate_set(Change *change, int set)
{
	const Side *d = &change->side[(set & STP_BIT(STP_METHOD)) != 0];
	bool later = is_later_cohort(change, set), own_later = set & STP_BIT(STP_OWN_DATA);
	const Rating *rating = find_rating(change, set, set & STP_BIT(STP_PEERS_DATA));
	const Rating *own = find_rating(change, set, own_later);
	Outcome *o = &change->outcome[set];

	allocate_outcome(o, d, d->cohort[later]->units);
	for (int g = 0; g < rating->groups; g++)
	{
		StpAssessment *a = &rating->group[g].assessment;

		if (own == rating)
		{
			stp_core_assess_parts(a);
			stp_core_rank_node(a, 0);
			stp_core_categorise_root(a);
		}
		else
		{
			if (a->kept == NULL && stp_core_normalises(a))
				a->kept = stp_allocate_cells(4 * sizeof(double), a->nodes, a->units);
			stp_core_assess_alone(a, &own->group[g].assessment,
								  d->wanted[later] + rating->group[g].first);
		}
		keep_outcome(o, d, &rating->group[g]);
	}
}

/* Rate for every set of changes that makes a difference. */
static void
rate_sets(Change *change)
{
	int idle = find_idle(change);

	for (int set = 0; set < STP_SETS; set++)
		if (is_possible(set) && find_same(change, set, idle) == set)
			rate_set(change, set);
	for (int set = 0; set < STP_SETS; set++)
		if (is_possible(set))
			change->outcome[set] = change->outcome[find_same(change, set, idle)];
}

/*---------------------------------------------------------------------------
 * One unit
 *---------------------------------------------------------------------------
 */

/* What there is of a subject for every set of changes: its score, and what part of it each
 * indicator is. */
typedef struct Games
{
	const Change *change;
	const Subject *subject;
	double score[STP_SETS];
	double *part; /* [slots * STP_SETS] */
	bool adds_up; /* the parts to the score, which means of 1 cannot be split into */
} Games;

/* Add a unit of a cohort to the games of a subject, with a weight. */
static void
add_unit(Games *g, int set, size_t place, double weight)
{
	const Side *d = &g->change->side[(set & STP_BIT(STP_METHOD)) != 0];
	const Outcome *o = &g->change->outcome[set];

	if (place == STP_NO_PLACE)
	{
		g->score[set] = NAN;
		return;
	}
	g->score[set] += weight * o->score[place];
	for (size_t leaf = 0; leaf < d->leaves; leaf++)
		g->part[d->slot[leaf] * STP_SETS + set] += weight * o->part[place * d->leaves + leaf];
}

/* Whether the parts of a score are all of it. */
static bool
parts_add_up(const Games *g, int set)
{
	double rest = g->score[set];

	for (size_t slot = 0; slot < g->change->slots; slot++)
		rest -= g->part[slot * STP_SETS + set];
	return isnan(rest) || fabs(rest) <= ROUNDING * Max(fabs(g->score[set]), 1);
}

/* Fill the games of a subject. */
static void
fill_games(Games *g, const Subject *s)
{
	g->subject = s;
	g->adds_up = true;
	memset(g->part, 0, g->change->slots * STP_SETS * sizeof(double));
	for (int set = 0; set < STP_SETS; set++)
	{
		bool side = set & STP_BIT(STP_METHOD), later = is_later_cohort(g->change, set);

		g->score[set] = 0;
		if (!is_possible(set))
			continue;
		if (later)
			add_unit(g, set, s->place[side], 1);
		for (size_t i = 0; i < s->origins && !later; i++)
			add_unit(g, set, s->origin[i].place[side], s->origin[i].weight);
		g->adds_up = g->adds_up && parts_add_up(g, set);
	}
}

/*---------------------------------------------------------------------------
 * Own data by organisation
 *---------------------------------------------------------------------------
 */

/* Points of an organisation; NULL: of nobody alone. */
typedef struct Share
{
	Field organisation;
	double points;
} Share;

/* Those of the own data of a subject in an indicator. */
typedef struct Shares
{
	Share *share;
	size_t count;
	size_t room;
} Shares;

/* Compare organisations, nobody last. */
static int
compare_shares(const void *one, const void *other)
{
	const Share *a = one, *b = other;

	return stp_compare_text(a->organisation, b->organisation);
}

/* Add points to an organisation. */
static void
add_points(Shares *s, Field organisation, double points)
{
	for (size_t i = 0; i < s->count; i++)
		if (stp_same_text(s->share[i].organisation, organisation))
		{
			s->share[i].points += points;
			return;
		}
	if (s->count == s->room)
	{
		s->room = Max(2 * s->room, 16);
		s->share = s->share == NULL ? palloc(s->room * sizeof(Share))
									: repalloc_huge(s->share, s->room * sizeof(Share));
	}
	s->share[s->count++] = (Share){organisation, points};
}

/* What organisations had to do with a value before and after; the last is nobody. */
typedef struct Movers
{
	Field *organisation;
	StpQuotientPart *before;
	StpQuotientPart *after;
	double *share;
	size_t count;
} Movers;

/* Room for as many as there are parts of one value, and nobody. */
static void
allocate_movers(Movers *m, const Change *change)
{
	size_t room = Max(change->side[0].most_parts, change->side[1].most_parts) + 1;

	m->organisation = stp_allocate_cells(sizeof(Field), room, 1);
	m->before = stp_allocate_cells(sizeof(StpQuotientPart), room, 1);
	m->after = stp_allocate_cells(sizeof(StpQuotientPart), room, 1);
	m->share = stp_allocate_cells(sizeof(double), room, 1);
}

/* The place of an organisation among those that have moved a value. */
static size_t
find_mover(Movers *m, Field organisation)
{
	for (size_t i = 0; i < m->count; i++)
		if (stp_same_text(m->organisation[i], organisation))
			return i;
	m->organisation[m->count] = organisation;
	m->before[m->count] = m->after[m->count] = (StpQuotientPart){0, 0};
	return m->count++;
}

/* A value of a leaf in a unit, in one of the mixed ratings. */
typedef struct Cell
{
	const PeerGroup *group;
	size_t place;
} Cell;

/* Find it. */
static Cell
find_cell(const Rating *rating, size_t node, size_t unit)
{
	const PeerGroup *group = rating->group;

	while (unit >= group->first + group->assessment.units)
		group++;
	return (Cell){group, node * group->assessment.units + unit - group->first};
}

/* The people below a value, which are of no organisation. */
static void
add_people(StpQuotientPart *of_nobody, const StpQuotientPart *part, size_t parts, const Cell *cell)
{
	double denominator = 0;

	for (size_t i = 0; i < parts; i++)
		denominator += part[i].denominator;
	of_nobody->denominator = denominator > 0 ? 0 : cell->group->assessment.denominator[cell->place];
}

/* Who has moved a value from one period's data to the other's, of those that reported in one of
 * them, on a map. False: there is no value in either. */
static bool
find_movers(Movers *m, const Side *d, int variant, size_t node, size_t unit)
{
	Cell before = find_cell(d->mixed->rating[variant], node, unit);
	Cell after = find_cell(d->mixed->rating[variant | MIXED_DATA], node, unit);
	size_t cell = cell_of(d, (variant & MIXED_MAP) != 0, node, unit), nobody;

	m->count = 0;
	if (isnan(before.group->assessment.value[before.place]) ||
		isnan(after.group->assessment.value[after.place]))
		return false;
	for (size_t i = d->begin[cell]; i < d->begin[cell + 1]; i++)
	{
		const MixedPart *part = d->part[i];
		bool later = part->variant & MIXED_DATA;
		const Cell *of = later ? &after : &before;
		size_t mover;

		CHECK_FOR_INTERRUPTS();
		if ((part->variant & ~MIXED_DATA) != variant)
			continue;
		mover = find_mover(m, part->organisation);
		(later ? m->after : m->before)[mover] = (StpQuotientPart){
			isnan(part->numerator) ? 0 : part->numerator * of->group->reports[of->place].scale,
			isnan(part->denominator) ? 0 : part->denominator};
	}
	nobody = find_mover(m, (Field){0, true});
	add_people(&m->before[nobody], m->before, nobody, &before);
	add_people(&m->after[nobody], m->after, nobody, &after);
	return true;
}

/* Points that a value of a subject has brought by its own data, to those who moved it. */
static void
share_points(Shares *s, Movers *m, const Side *d, int variant, size_t node, size_t unit,
			 double points)
{
	if (points == 0)
		return;
	if (!find_movers(m, d, variant, node, unit) ||
		!stp_core_share_quotient(m->before, m->after, m->count, m->share))
	{
		add_points(s, (Field){0, true}, points);
		return;
	}
	for (size_t i = 0; i < m->count; i++)
		if (m->share[i] != 0)
			add_points(s, m->organisation[i], points * m->share[i]);
}

/* The points of a leaf in a unit of a cohort that are due to its own data, of the orders in which
 * the rating is by then of one side, and of one reporting and map. */
static double
own_points(const Change *change, int side, int variant, size_t leaf, size_t unit)
{
	const Side *d = &change->side[side];
	int bits = STP_BIT(STP_METHOD) | STP_BIT(STP_REPORTING) | MAP;
	int wanted = (side ? STP_BIT(STP_METHOD) : 0) |
				 (variant & MIXED_REPORTING ? STP_BIT(STP_REPORTING) : 0) |
				 (variant & MIXED_MAP ? MAP : 0);
	double points = 0;

	for (int set = 0; set < STP_SETS; set++)
	{
		const Outcome *with, *without = &change->outcome[set];
		double share = stp_core_share_of_orders(set, STP_OWN_DATA);

		if ((set & STP_BIT(STP_OWN_DATA)) || (set & bits) != wanted || share == 0)
			continue;
		with = &change->outcome[set | STP_BIT(STP_OWN_DATA)];
		points +=
			share * (with->part[unit * d->leaves + leaf] - without->part[unit * d->leaves + leaf]);
	}
	return points;
}

/* The points of one leaf, on all maps. */
static void
share_leaf(Shares *s, Movers *m, const Games *g, int side, size_t leaf)
{
	const Side *d = &g->change->side[side];
	const Subject *subject = g->subject;

	for (int variant = 0; variant < MIXED_VARIANTS; variant++)
	{
		/* Of no order is the map between when the own data change. */
		if (variant & (MIXED_DATA | MIXED_BETWEEN))
			continue;
		if (variant & MIXED_MAP)
			share_points(s, m, d, variant, d->node[leaf], subject->place[side],
						 own_points(g->change, side, variant, leaf, subject->place[side]));
		else
			for (size_t i = 0; i < subject->origins; i++)
			{
				const Origin *o = &subject->origin[i];

				share_points(s, m, d, variant, d->node[leaf], o->place[side],
							 o->weight *
								 own_points(g->change, side, variant, leaf, o->place[side]));
			}
	}
}

/* The points of an indicator that are due to a subject's own data, by organisation. */
static void
share_indicator(Shares *s, Movers *m, const Games *g, size_t slot)
{
	s->count = 0;
	for (int side = 0; side < 2; side++)
	{
		const Side *d = &g->change->side[side];

		for (size_t leaf = 0; leaf < d->leaves; leaf++)
			if (d->slot[leaf] == slot)
				share_leaf(s, m, g, side, leaf);
	}
	qsort(s->share, s->count, sizeof(Share), compare_shares);
}

/*---------------------------------------------------------------------------
 * Rows
 *---------------------------------------------------------------------------
 */

/* Rows on their way out. */
typedef struct Writer
{
	ReturnSetInfo *result;
	Row row;
	int place;
	Games games;
	Movers movers;
	Shares shares;
	Field reason;
} Writer;

/* Begin a row of a depth, whose other columns are NULL. */
static Row *
begin_row(Writer *out, int depth, const char *part)
{
	Row *row = &out->row;

	for (int i = 0; i < CHANGE_COLUMNS; i++)
		row->nulls[i] = true;
	stp_put_field(row, CHANGE_UNIT, (Field){out->games.subject->code, false});
	stp_put_field(row, CHANGE_PLACE, (Field){Int32GetDatum(++out->place), false});
	stp_put_field(row, CHANGE_DEPTH, (Field){Int32GetDatum(depth), false});
	stp_put_field(row, CHANGE_PART, (Field){CStringGetTextDatum(part), false});
	return row;
}

/* And end it. */
static void
end_row(Writer *out)
{
	tuplestore_putvalues(out->result->setResult, out->result->setDesc, out->row.values,
						 out->row.nulls);
}

/* The rows of organisations below an indicator of the own data. */
static void
write_organisations(Writer *out, size_t slot)
{
	share_indicator(&out->shares, &out->movers, &out->games, slot);
	for (size_t i = 0; i < out->shares.count; i++)
	{
		const Share *share = &out->shares.share[i];
		Row *row;

		if (share->points == 0)
			continue;
		row = begin_row(out, 3, part_names[STP_OWN_DATA]);
		stp_put_field(row, CHANGE_INDICATOR, (Field){out->games.change->indicator[slot], false});
		stp_put_field(row, CHANGE_ORGANISATION, share->organisation);
		stp_put_number(row, CHANGE_CHANGE, share->points);
		end_row(out);
	}
}

/* The rows of indicators below a part. What cannot be split is a row of none. */
static void
write_indicators(Writer *out, StpFactor factor, const char *part, double change)
{
	const Games *g = &out->games;

	if (!g->adds_up && change != 0)
	{
		stp_put_number(begin_row(out, 2, part), CHANGE_CHANGE, change);
		end_row(out);
	}
	for (size_t slot = 0; slot < g->change->slots && g->adds_up; slot++)
	{
		double points = stp_core_effect(g->part + slot * STP_SETS, factor);
		Row *row;

		if (points == 0)
			continue;
		row = begin_row(out, 2, part);
		stp_put_field(row, CHANGE_INDICATOR, (Field){g->change->indicator[slot], false});
		stp_put_number(row, CHANGE_CHANGE, points);
		end_row(out);
		if (factor == STP_OWN_DATA)
			write_organisations(out, slot);
	}
}

/* Of the unit's values in the second period, those that are no common cause: "indicator: signal".
 */
static Datum
find_special_causes(const Change *change, size_t place)
{
	static const char *const signals[] = {"improvement", "concern", "high", "low", "non-random"};
	const Scheme *scheme = change->side[1].scheme;
	Datum *causes = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	size_t found = 0;

	for (size_t n = 0; n < scheme->nodes; n++)
	{
		const Field *movement = &change->movement[n * change->moving + place];

		for (size_t i = 0; i < lengthof(signals) && !movement->isnull; i++)
			if (stp_is_word(DatumGetTextPP(movement->datum), signals[i]))
				causes[found++] = CStringGetTextDatum(psprintf(
					"%s: %s", TextDatumGetCString(stp_get_label(scheme, n, SCHEME_INDICATOR).datum),
					signals[i]));
	}
	return stp_text_array(causes, found);
}

/* What a part is called: backwards in time memberships change before boundaries. */
static const char *
name_part(const Change *change, StpFactor factor)
{
	if (!(STP_BIT(factor) & MAP))
		return part_names[factor];
	return (factor == STP_MAP_STEP_1) != change->side[0].mixed->backwards ? "boundaries"
																		  : "membership";
}

/* The row of a part, with the score that they add up to so far, and those below it. */
static void
write_part(Writer *out, StpFactor factor, double *score, Datum causes)
{
	const Subject *s = out->games.subject;
	const char *part = name_part(out->games.change, factor);
	bool moved = s->predecessors != 0 && strcmp(part, "boundaries") == 0;
	const double *game = out->games.score;
	bool is_there = !isnan(game[0]) && !isnan(game[STP_SETS - 1]);
	double change = is_there ? stp_core_effect(game, factor) : NAN;
	Row *row = begin_row(out, 1, part);

	*score += change;
	stp_put_number(row, CHANGE_CHANGE, change);
	stp_put_number(row, CHANGE_SCORE, *score);
	stp_put_field(row, CHANGE_SPECIAL_CAUSES,
				  (Field){causes, factor != STP_OWN_DATA || causes == 0});
	stp_put_field(row, CHANGE_PREDECESSORS, (Field){s->predecessors, !moved});
	if (isnan(change))
		stp_put_field(row, CHANGE_REASON, out->reason);
	end_row(out);
	if (!isnan(change))
		write_indicators(out, factor, part, change);
}

/* The row of one end, where the subject is this unit of the side's cohort; STP_NO_PLACE: none
 * alone. */
static void
write_end(Writer *out, bool after, size_t place)
{
	const Change *change = out->games.change;
	int set = after ? STP_SETS - 1 : 0;
	const Outcome *o = &change->outcome[set];
	const Scheme *scheme = change->side[after].scheme;
	Row *row = begin_row(out, 0, after ? "after" : "before");

	stp_put_number(row, CHANGE_SCORE, out->games.score[set]);
	if (place != STP_NO_PLACE)
	{
		stp_put_rank(row, CHANGE_RANK, o->rank[place]);
		stp_put_category(row, CHANGE_CATEGORY, scheme, &scheme->node[0], o->category[place]);
	}
	if (isnan(out->games.score[set]) || !out->games.subject->heirs.isnull)
		stp_put_field(row, CHANGE_REASON, out->reason);
	end_row(out);
}

/* Why a subject has no change; NULL: it has one. */
static Field
find_reason(const Games *g)
{
	const Subject *s = g->subject;
	const char *first = stp_period_text(g->change->fcinfo->args[ARG_PERIOD_1].value);
	const char *second = stp_period_text(g->change->fcinfo->args[ARG_PERIOD_2].value);
	const char *why = NULL;

	if (!s->heirs.isnull)
		why = psprintf("it ended before %s; ask for what it has become: %s", second,
					   TextDatumGetCString(s->heirs.datum));
	else if (isnan(g->score[0]) && isnan(g->score[STP_SETS - 1]))
		why = "it has no score in either period";
	else if (isnan(g->score[0]))
		why = s->origins > 1 ? psprintf("a predecessor has no score in %s", first)
			  : s->origin[0].place[0] == STP_NO_PLACE ? psprintf("it is not rated in %s", first)
													  : psprintf("it has no score in %s", first);
	else if (isnan(g->score[STP_SETS - 1]))
		why = psprintf(s->place[1] == STP_NO_PLACE ? "it is not rated in %s"
												   : "it has no score in %s",
					   second);
	else
		why = "it has no score on the way from one period to the other";
	return (Field){CStringGetTextDatum(why), false};
}

/* Whether a subject has a change, or one end of it. */
static bool
has_end(const Games *g)
{
	return g->subject->heirs.isnull && !(isnan(g->score[0]) && isnan(g->score[STP_SETS - 1]));
}

/* A unit that has neither, and is asked for by itself. */
static void
refuse_nothing(const Games *g)
{
	const Subject *s = g->subject;

	if (!s->heirs.isnull)
		stp_refuse(errmsg("\"%s\" has no score in %s: it ended before",
						  TextDatumGetCString(s->code),
						  stp_period_text(g->change->fcinfo->args[ARG_PERIOD_2].value)),
				   errhint("Ask for what it has become: %s.", TextDatumGetCString(s->heirs.datum)));
	stp_refuse(
		errmsg("\"%s\" has no score in either period", stp_excerpt(TextDatumGetCString(s->code))),
		errhint(
			"SELECT unit FROM stp.cohort(%s, '%s') lists what is rated.",
			quote_literal_cstr(TextDatumGetCString(g->change->fcinfo->args[ARG_SCHEME_1].value)),
			stp_period_text(g->change->fcinfo->args[ARG_PERIOD_1].value)));
}

/* All rows of a subject: before, the parts, and after. What has ended, or has no score at either
 * end, has no more than before. */
static void
write_subject(Writer *out, const Subject *s)
{
	const Change *change = out->games.change;
	size_t place = s->origins == 1 ? s->origin[0].place[0] : STP_NO_PLACE;
	size_t moving = change->moving == 1 ? 0 : s->place[1];
	Datum causes = 0;
	double score;

	out->place = 0;
	fill_games(&out->games, s);
	out->reason = find_reason(&out->games);
	if (!change->fcinfo->args[ARG_UNIT].isnull && !has_end(&out->games))
		refuse_nothing(&out->games);
	write_end(out, false, place);
	if (!has_end(&out->games))
		return;
	if (s->place[1] != STP_NO_PLACE && change->movement != NULL)
		causes = find_special_causes(change, moving);
	score = out->games.score[0];
	for (int factor = 0; factor < STP_FACTORS; factor++)
		write_part(out, (StpFactor) factor, &score, causes);
	write_end(out, true, s->place[1]);
}

/* Load how the values of the second period have moved, of those that are asked for. */
static void
load_movements(Change *change)
{
	const Cohort *cohort = change->side[1].cohort[1];
	bool one = !change->fcinfo->args[ARG_UNIT].isnull;

	if (change->without_charts)
		return;
	change->moving = one ? 1 : cohort->units;
	change->movement =
		stp_load_movements(cohort, one ? change->code : cohort->unit_codes, change->moving);
}

/* Explain all that is asked for. */
static void
explain_changes(Change *change, ReturnSetInfo *result)
{
	Writer *out = palloc0(sizeof(Writer));

	load_sides(change);
	find_subjects(change);
	mark_wanted(change);
	rate_sets(change);
	load_movements(change);
	out->result = result;
	out->games.change = change;
	out->games.part = stp_allocate_cells(sizeof(double), change->slots, STP_SETS);
	allocate_movers(&out->movers, change);
	for (size_t i = 0; i < change->codes; i++)
		write_subject(out, &change->subject[i]);
}

/* What is asked for in rows. */
static void
answer(FunctionCallInfo fcinfo, bool without_charts)
{
	Change *change;

	InitMaterializedSRF(fcinfo, 0);
	for (int argument = 0; argument <= ARG_PERIOD_2; argument++)
		if (PG_ARGISNULL(argument))
			return;
	SPI_connect();
	change = palloc0(sizeof(Change));
	change->fcinfo = fcinfo;
	change->without_charts = without_charts;
	explain_changes(change, (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
}

/* stp.explain_change(scheme, period_1, period_2, unit, scheme_2) */
Datum
stp_explain_change(PG_FUNCTION_ARGS)
{
	answer(fcinfo, false);
	return (Datum) 0;
}

/* stp_internal.change_parts(scheme, period_1, period_2, unit, scheme_2) */
Datum
stp_change_parts(PG_FUNCTION_ARGS)
{
	answer(fcinfo, true);
	return (Datum) 0;
}
