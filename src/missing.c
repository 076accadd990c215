/*
 * missing.c: stp.missing_range() and stp.missing_values(), what a rating can become when what is
 * missing is known. Here is what a missing value can be; what comes of it is found by
 * core/missing.c.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "history.h"
#include "period.h"
#include "rating.h"
#include "stp_metrics.h"
#include "core/missing.h"

/* Where the denominators of indicators come from. */
#define SOURCES_QUERY(R)                                                                           \
	"SELECT l.number, i.denominator "                                                              \
	"FROM pg_catalog.unnest($1) WITH ORDINALITY l (indicator, number) JOIN " R(                    \
		stp, indicator) " i ON i.indicator OPERATOR(pg_catalog.=) l.indicator"

#define SHARED_QUERY(R)                                                                            \
	"SELECT FROM " R(stp_internal, shares_at) "($1, $2, $2, $2) m "                                \
											  "WHERE m.unit OPERATOR(pg_catalog.=) ANY ($3) "      \
											  "GROUP BY m.organisation "                           \
											  "HAVING pg_catalog.count(DISTINCT m.unit) "          \
											  "OPERATOR(pg_catalog.>) 1 LIMIT 1"

static const StpQuery shared_query = STP_QUERY(SHARED_QUERY);
static const StpQuery sources_query = STP_QUERY(SOURCES_QUERY);

/* The columns of stp.missing_range(). */
enum
{
	RANGE_UNIT,
	RANGE_PEER_GROUP,
	RANGE_SCORE,
	RANGE_SCORE_LOW,
	RANGE_SCORE_HIGH,
	RANGE_LOW_ATTAINED,
	RANGE_HIGH_ATTAINED,
	RANGE_CATEGORY,
	RANGE_CATEGORIES,
	RANGE_EXACT,
	RANGE_MISSING,
	RANGE_MISSING_OF_PEERS,
	RANGE_DECIDING
};

/* The columns of stp.missing_values(). */
enum
{
	VALUE_UNIT,
	VALUE_PEER_GROUP,
	VALUE_NODE,
	VALUE_NAME,
	VALUE_INDICATOR,
	VALUE_STATUS,
	VALUE_VALUE,
	VALUE_LEAST,
	VALUE_GREATEST,
	VALUE_WEIGHT,
	VALUE_SCORE_LOW,
	VALUE_SCORE_HIGH,
	VALUE_TRIED,
	VALUE_CHANGES,
	VALUE_MOVED,
	VALUE_DECIDES
};

/* What is asked. */
typedef struct Question
{
	Rating *rating;
	bool within_reported; /* a missing value is like those that are known */
	bool *by_reports;	  /* [nodes] denominators are reported, and missing with the numerators */
	bool *loose;		  /* [nodes] what the leaf can be is only bounded */
} Question;

PG_FUNCTION_INFO_V1(stp_missing_range);
PG_FUNCTION_INFO_V1(stp_missing_values);

/*---------------------------------------------------------------------------
 * What a missing value can be
 *---------------------------------------------------------------------------
 */

/* Whether a value is missing, or not all of it is there. */
static bool
is_open(const PeerGroup *group, size_t cell)
{
	switch (group->reports[cell].status)
	{
		case ROW_NO_DATA:
		case ROW_SUPPRESSED:
		case ROW_PARTIAL:
		case ROW_INCOMPLETE:
			return true;
		default:
			return false;
	}
}

/* What lies between two numbers. */
typedef struct Between
{
	double least;
	double greatest;
} Between;

/* What any value of the kind can be; where the scheme says on which scale a value is, on that. */
static Between
any_value(const StpNode *node)
{
	Between b = {-INFINITY, INFINITY};

	if (node->counted)
	{
		b.least = 0;
		if (node->band.method == STP_FUNNEL_ARCSINE)
			b.greatest = node->per;
	}
	else if (node->method == STP_AS_IS && !isnan(node->low))
		b = (Between){node->low, node->high};
	return b;
}

/*
 * What a count over a denominator can be of which a part is there: a suppressed count between its
 * least and its greatest, and the reports to come between nothing and all that they may hold, which
 * is their usual denominator for a share and has no end for a rate.
 */
static Between
part_of_value(const PeerGroup *group, const StpNode *node, size_t cell, bool by_reports,
			  double *denominator)
{
	const StpAssessment *a = &group->assessment;
	const Report *report = &group->reports[cell];
	double spread = isnan(report->spread) ? 0 : report->spread;
	double numerator = isnan(report->numerator) ? 0 : report->numerator;
	double whole = a->completeness[cell] < 1 && by_reports
					   ? a->denominator[cell] / a->completeness[cell]
					   : a->denominator[cell];
	double most = numerator + spread;

	*denominator = whole;
	if (a->completeness[cell] < 1)
		most = node->band.method == STP_FUNNEL_ARCSINE ? most + whole - a->denominator[cell]
													   : INFINITY;
	if (node->band.method == STP_FUNNEL_ARCSINE)
		most = Min(most, whole);
	return (Between){Max(numerator - spread, 0) / whole * node->per, most / whole * node->per};
}

/* What the value of a cell can be, and its denominator when all is known; NAN: it will have none,
 * or nobody knows. */
static Between
feasible(const Question *q, const PeerGroup *group, size_t n, size_t cell, double *denominator)
{
	const StpAssessment *a = &group->assessment;
	const StpNode *node = &a->node[n];
	const Report *report = &group->reports[cell];

	*denominator = a->denominator[cell];
	if (!is_open(group, cell))
		return (Between){a->value[cell], a->value[cell]};
	if (node->counted && a->denominator[cell] > 0 &&
		(report->organisations > 0 || report->months > 0) && a->completeness[cell] > 0)
		return part_of_value(group, node, cell, q->by_reports[n], denominator);
	if (q->by_reports[n])
		*denominator = NAN;
	return any_value(node);
}

/* Keep what can be to what is known of others, if it lies there at all. */
static Between
keep_within(Between b, double least, double greatest)
{
	if (!(least <= greatest) || b.greatest < least || b.least > greatest)
		return b;
	return (Between){Max(b.least, least), Min(b.greatest, greatest)};
}

/* Least and greatest value that is known of a leaf in a group. */
static Between
known_values(const PeerGroup *group, size_t n)
{
	const StpAssessment *a = &group->assessment;
	Between b = {INFINITY, -INFINITY};

	for (size_t u = 0; u < a->units; u++)
	{
		double value = a->value[n * a->units + u];

		if (isnan(value) || is_open(group, n * a->units + u))
			continue;
		b.least = Min(b.least, value);
		b.greatest = Max(b.greatest, value);
	}
	return b;
}

/* Every cell of a leaf. */
static void
fill_leaf(const Question *q, const PeerGroup *group, size_t n, double *least, double *greatest,
		  double *denominator)
{
	const StpAssessment *a = &group->assessment;
	Between known = known_values(group, n);

	for (size_t u = 0; u < a->units; u++)
	{
		size_t cell = n * a->units + u;
		Between b = feasible(q, group, n, cell, &denominator[cell]);

		CHECK_FOR_INTERRUPTS();
		if (q->within_reported && is_open(group, cell))
			b = keep_within(b, known.least, known.greatest);
		least[cell] = b.least;
		greatest[cell] = b.greatest;
	}
}

/* Room for the search. */
static void
allocate_search(StpMissing *m)
{
	size_t units = m->assessment->units, nodes = m->assessment->nodes;
	size_t categories = (size_t) m->assessment->node[0].categories + 1;
	double **of_units[] = {&m->worst, &m->best, &m->from, &m->to, &m->trial, &m->scores};
	double **of_nodes[] = {&m->present, &m->most, &m->fewest, &m->end};
	size_t **places[] = {&m->sequence, &m->first_child, &m->next_child};
	bool **marks[] = {&m->known, &m->deciding, &m->open};
	bool **reached[] = {&m->reached, &m->reached_once, &m->reached_then};

	for (size_t i = 0; i < lengthof(of_units); i++)
		*of_units[i] = stp_allocate_cells(sizeof(double), units, 1);
	for (size_t i = 0; i < lengthof(of_nodes); i++)
		*of_nodes[i] = stp_allocate_cells(sizeof(double), nodes, 1);
	for (size_t i = 0; i < lengthof(places); i++)
		*places[i] = stp_allocate_cells(sizeof(size_t), nodes, 1);
	for (size_t i = 0; i < lengthof(marks); i++)
		*marks[i] = stp_allocate_cells(sizeof(bool), nodes, 1);
	for (size_t i = 0; i < lengthof(reached); i++)
		*reached[i] = stp_allocate_cells(sizeof(bool), categories, 1);
	m->leaf = stp_allocate_cells(sizeof(StpReach), nodes, units);
	m->node = stp_allocate_cells(sizeof(StpReach), nodes, 1);
	m->root = stp_allocate_cells(sizeof(StpReach), units, 1);
	m->below = stp_allocate_cells(sizeof(StpReach), nodes, 1);
	m->qualifying = stp_allocate_cells(sizeof(StpQualifying), nodes, 1);
	m->confine = stp_allocate_cells(sizeof(StpConfine *), nodes, 1);
	m->bend = stp_allocate_cells(sizeof(double), units, 2);
	m->order = stp_allocate_cells(sizeof(size_t), units, 2);
	m->middle = stp_allocate_cells(sizeof(size_t), units, 1);
	m->out = stp_allocate_cells(sizeof(bool), units, 1);
	m->peers = stp_allocate_cells(sizeof(size_t), units, 1);
}

/* What can come of a group, with all that the search needs. */
static StpMissing
prepare(const Question *q, PeerGroup *group)
{
	StpAssessment *a = &group->assessment;
	double *least = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	double *greatest = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	double *denominator = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	StpMissing m = {.assessment = a, .least = least, .greatest = greatest};

	for (size_t n = 0; n < a->nodes; n++)
		if (a->node[n].leaf)
			fill_leaf(q, group, n, least, greatest, denominator);
	m.denominator = denominator;
	m.loose = q->loose;
	allocate_search(&m);
	stp_core_link_children(&m);
	stp_core_reach_leaves(&m);
	stp_core_reach_roots(&m);
	return m;
}

/*---------------------------------------------------------------------------
 * The question
 *---------------------------------------------------------------------------
 */

/* Which leaves have denominators of their own reports. */
static void
load_sources(Question *q)
{
	const Scheme *scheme = q->rating->scheme;
	Datum *indicators = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	size_t *leaf_nodes = stp_allocate_cells(sizeof(size_t), scheme->nodes, 1);
	Oid type = TEXTARRAYOID;
	Datum argument;
	SPITupleTable *found;
	size_t leaves = 0;

	for (size_t n = 0; n < scheme->nodes; n++)
		if (scheme->node[n].leaf)
		{
			indicators[leaves] = stp_get_label(scheme, n, SCHEME_INDICATOR).datum;
			leaf_nodes[leaves++] = n;
		}
	argument = stp_text_array(indicators, leaves);
	found = stp_ask(&sources_query, 1, &type, &argument);
	q->by_reports = stp_allocate_cells(sizeof(bool), scheme->nodes, 1);
	for (uint64 row = 0; row < found->numvals; row++)
		q->by_reports[leaf_nodes[DatumGetInt64(stp_get_field(found, row, 1).datum) - 1]] =
			stp_field_is(found, row, 2, "reports");
}

/* Whether any organisation counts in several of the units, so that what is missing of it does. */
static bool
ask_shared(const Cohort *cohort)
{
	Oid types[] = {TEXTOID, DATEOID, TEXTARRAYOID};
	Datum values[] = {cohort->scheme->rates, DateADTGetDatum(cohort->boundaries),
					  stp_text_array(cohort->unit_codes, cohort->units)};

	return stp_ask(&shared_query, lengthof(types), types, values)->numvals > 0;
}

/* Whether a leaf has the indicator of another, so that their values go together. */
static bool
is_twice(const Scheme *scheme, size_t n)
{
	for (size_t other = 0; other < scheme->nodes; other++)
	{
		CHECK_FOR_INTERRUPTS();
		if (other != n && scheme->node[other].leaf &&
			stp_same_text(stp_get_label(scheme, n, SCHEME_INDICATOR),
						  stp_get_label(scheme, other, SCHEME_INDICATOR)))
			return true;
	}
	return false;
}

/* Whether what is missing of a leaf has denominators that are only usual. */
static bool
has_usual_weight(const Question *q, const PeerGroup *group, size_t n)
{
	const StpAssessment *a = &group->assessment;

	for (size_t u = 0; u < a->units && q->by_reports[n]; u++)
		if (a->completeness[n * a->units + u] < 1)
			return true;
	return false;
}

/* Of which leaves what can be is only bounded, since it is not free or not known how much weighs.
 */
static void
find_loose(Question *q)
{
	const Rating *rating = q->rating;
	bool shared = ask_shared(rating->cohort);

	q->loose = stp_allocate_cells(sizeof(bool), rating->scheme->nodes, 1);
	for (size_t n = 0; n < rating->scheme->nodes; n++)
	{
		if (!rating->scheme->node[n].leaf)
			continue;
		q->loose[n] = shared || is_twice(rating->scheme, n);
		for (int g = 0; g < rating->groups && !q->loose[n]; g++)
			q->loose[n] = has_usual_weight(q, &rating->group[g], n);
	}
}

/* Whether a missing value is to be like those that are known. */
static bool
read_within(FunctionCallInfo fcinfo, int argument)
{
	text *word;

	if (PG_ARGISNULL(argument))
		return false;
	word = PG_GETARG_TEXT_PP(argument);
	if (!stp_is_word(word, "possible") && !stp_is_word(word, "reported"))
		stp_refuse(errmsg("unknown word \"%s\" for within", stp_excerpt(text_to_cstring(word))),
				   errhint("A missing value lies within what is \"possible\" for its kind, or "
						   "within what is \"reported\" of others."));
	return stp_is_word(word, "reported");
}

/* Load what is asked about, through SPI, which is connected. */
static Question
load_question(FunctionCallInfo fcinfo)
{
	Question q = {.within_reported = read_within(fcinfo, 3)};
	size_t unit;

	q.rating = stp_load_call(fcinfo, 0);
	if (!PG_ARGISNULL(2))
		stp_find_unit(q.rating, fcinfo, &unit);
	load_sources(&q);
	find_loose(&q);
	for (int g = 0; g < q.rating->groups; g++)
		stp_core_assess(&q.rating->group[g].assessment);
	return q;
}

/* Whether a unit is asked about. */
static bool
is_asked(FunctionCallInfo fcinfo, Datum unit)
{
	return PG_ARGISNULL(2) ||
		   stp_same_text((Field){PG_GETARG_DATUM(2), false}, (Field){unit, false});
}

/*---------------------------------------------------------------------------
 * stp.missing_range()
 *---------------------------------------------------------------------------
 */

/* How many leaves of a unit are missing, and how many only its peers' can move. */
static void
count_missing(const PeerGroup *group, const StpMissing *m, size_t unit, Row *row)
{
	const StpAssessment *a = &group->assessment;
	int own = 0, of_peers = 0;

	for (size_t n = 0; n < a->nodes; n++)
	{
		size_t cell = n * a->units + unit;
		const StpReach *r = &m->leaf[cell];

		if (!a->node[n].leaf)
			continue;
		if (is_open(group, cell))
			own++;
		else if (r->low < r->high || (!isnan(r->low) && r->may_lack))
			of_peers++;
	}
	row->values[RANGE_MISSING] = Int32GetDatum(own);
	row->values[RANGE_MISSING_OF_PEERS] = Int32GetDatum(of_peers);
}

/* The categories that can be had, best first; NULL at the end: none. */
static Datum
category_array(const Rating *rating, const StpNode *root, const bool *reached)
{
	Datum *labels = stp_allocate_cells(sizeof(Datum), (size_t) root->categories + 1, 1);
	bool *nulls = stp_allocate_cells(sizeof(bool), (size_t) root->categories + 1, 1);
	int count = 0, lower = 1;

	for (int c = 1; c <= root->categories; c++)
		if (reached[c])
			labels[count++] = rating->scheme->categories[root->first_cut + c - 1];
	if (reached[0])
		nulls[count++] = true;
	return PointerGetDatum(
		construct_md_array(labels, nulls, 1, &count, &lower, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The nodes of a set of leaves, in the order of the tree. */
static Datum
node_array(const Rating *rating, const bool *chosen)
{
	Datum *nodes = stp_allocate_cells(sizeof(Datum), rating->scheme->nodes, 1);
	size_t count = 0;

	for (size_t n = 0; n < rating->scheme->nodes; n++)
		if (chosen[n])
			nodes[count++] = stp_get_label(rating->scheme, n, SCHEME_NODE).datum;
	return stp_text_array(nodes, count);
}

/* What the rating can become. */
static void
put_outcome(const Rating *rating, const StpNode *root, const StpOutcome *o, Row *row)
{
	stp_put_number(row, RANGE_SCORE_LOW, o->score.low);
	stp_put_number(row, RANGE_SCORE_HIGH, o->score.high);
	row->values[RANGE_LOW_ATTAINED] = BoolGetDatum(o->score.low_attained);
	row->values[RANGE_HIGH_ATTAINED] = BoolGetDatum(o->score.high_attained);
	row->nulls[RANGE_LOW_ATTAINED] = row->nulls[RANGE_HIGH_ATTAINED] = isnan(o->score.low);
	row->nulls[RANGE_CATEGORIES] = root->categories == 0;
	if (root->categories > 0)
		row->values[RANGE_CATEGORIES] = category_array(rating, root, o->reached);
	row->values[RANGE_EXACT] = BoolGetDatum(o->exact);
	row->nulls[RANGE_DECIDING] = !o->searched;
	if (o->searched)
		row->values[RANGE_DECIDING] = node_array(rating, o->decisive);
}

/* The row of one unit. */
static void
write_range(const Question *q, const PeerGroup *group, StpMissing *m, size_t unit,
			ReturnSetInfo *result)
{
	const StpAssessment *a = &group->assessment;
	StpOutcome outcome = stp_core_outcome(m, unit);
	Row row = {0};

	row.values[RANGE_UNIT] = q->rating->cohort->unit_codes[group->first + unit];
	stp_put_field(&row, RANGE_PEER_GROUP, group->label);
	stp_put_number(&row, RANGE_SCORE, a->score[unit]);
	stp_put_category(&row, RANGE_CATEGORY, q->rating->scheme, &a->node[0], a->category[unit]);
	count_missing(group, m, unit, &row);
	put_outcome(q->rating, &a->node[0], &outcome, &row);
	tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
}

/* The rows of a group. */
static void
write_ranges(FunctionCallInfo fcinfo, const Question *q, PeerGroup *group)
{
	StpMissing m = prepare(q, group);

	for (size_t u = 0; u < group->assessment.units; u++)
	{
		CHECK_FOR_INTERRUPTS();
		if (is_asked(fcinfo, q->rating->cohort->unit_codes[group->first + u]))
			write_range(q, group, &m, u, (ReturnSetInfo *) fcinfo->resultinfo);
	}
}

/* Answer for each group. */
static void
answer(FunctionCallInfo fcinfo, void (*write)(FunctionCallInfo, const Question *, PeerGroup *))
{
	Question q;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return;
	SPI_connect();
	q = load_question(fcinfo);
	for (int g = 0; g < q.rating->groups; g++)
		write(fcinfo, &q, &q.rating->group[g]);
	SPI_finish();
}

/* stp.missing_range(scheme text, period stp.period, unit text, within text) */
Datum
stp_missing_range(PG_FUNCTION_ARGS)
{
	answer(fcinfo, write_ranges);
	return (Datum) 0;
}

/*---------------------------------------------------------------------------
 * stp.missing_values()
 *---------------------------------------------------------------------------
 */

/* The columns of a leaf. */
static void
put_leaf(const Rating *rating, size_t n, double weight, Row *row)
{
	stp_put_field(row, VALUE_NODE, stp_get_label(rating->scheme, n, SCHEME_NODE));
	stp_put_field(row, VALUE_NAME, stp_get_label(rating->scheme, n, SCHEME_NAME));
	stp_put_field(row, VALUE_INDICATOR, stp_get_label(rating->scheme, n, SCHEME_INDICATOR));
	stp_put_number(row, VALUE_WEIGHT, weight);
}

/* The row of one missing value. */
static void
write_value(const Question *q, const PeerGroup *group, StpMissing *m, size_t n, size_t unit,
			Row *row, ReturnSetInfo *result)
{
	const StpAssessment *a = &group->assessment;
	size_t cell = n * a->units + unit;
	StpChance chance = stp_core_chance(m, n, unit);
	bool none = a->node[0].categories == 0;

	row->values[VALUE_UNIT] = q->rating->cohort->unit_codes[group->first + unit];
	put_leaf(q->rating, n, a->weight[n], row);
	row->values[VALUE_STATUS] = CStringGetTextDatum(stp_status_words[group->reports[cell].status]);
	stp_put_number(row, VALUE_VALUE, a->value[cell]);
	stp_put_number(row, VALUE_LEAST, m->least[cell]);
	stp_put_number(row, VALUE_GREATEST, m->greatest[cell]);
	stp_put_number(row, VALUE_SCORE_LOW, m->leaf[cell].low);
	stp_put_number(row, VALUE_SCORE_HIGH, m->leaf[cell].high);
	row->values[VALUE_TRIED] = Int32GetDatum((int32) chance.draws);
	stp_put_number(row, VALUE_CHANGES, none ? NAN : chance.changes);
	stp_put_number(row, VALUE_MOVED, none ? NAN : chance.moved);
	stp_put_number(row, VALUE_DECIDES, none ? NAN : chance.decided);
	tuplestore_putvalues(result->setResult, result->setDesc, row->values, row->nulls);
}

/* The rows of a group. */
static void
write_values(FunctionCallInfo fcinfo, const Question *q, PeerGroup *group)
{
	StpMissing m = prepare(q, group);
	const StpAssessment *a = &group->assessment;
	Row row = {0};

	stp_put_field(&row, VALUE_PEER_GROUP, group->label);
	for (size_t u = 0; u < a->units; u++)
		for (size_t n = 0; n < a->nodes; n++)
		{
			CHECK_FOR_INTERRUPTS();
			if (a->node[n].leaf && is_open(group, n * a->units + u) &&
				is_asked(fcinfo, q->rating->cohort->unit_codes[group->first + u]))
				write_value(q, group, &m, n, u, &row, (ReturnSetInfo *) fcinfo->resultinfo);
		}
}

/* stp.missing_values(scheme text, period stp.period, unit text, within text) */
Datum
stp_missing_values(PG_FUNCTION_ARGS)
{
	answer(fcinfo, write_values);
	return (Datum) 0;
}
