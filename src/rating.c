/*
 * rating.c: loads what one call of the rating engine needs beside the scheme (scheme.c): its
 * cohorts and the values of its leaves. SQL functions gather them (rating.sql); here they become
 * arrays.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "history.h"
#include "period.h"
#include "rating.h"
#include "stp_metrics.h"

/* Of the limits of values. */
#define CONFIDENCE 0.95

#define PERIODS_QUERY(R)                                                                           \
	"SELECT leaf.number, candidate.period "                                                        \
	"FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) "                               \
	"WITH ORDINALITY leaf (indicator, maximum_age, number) CROSS JOIN LATERAL " R(                 \
		stp_internal, candidate_periods) "(leaf.indicator, $3, leaf.maximum_age) candidate "       \
										 "ORDER BY leaf.number, candidate.place"

#define COHORT_QUERY(R) "SELECT unit, peer_group FROM " R(stp, cohort) "($1, $2, $3)"

#define VALUE_COLUMNS                                                                              \
	"SELECT leaf, unit, value, numerator, denominator, spread, scale, organisations, expected, "   \
	"came, missing, completeness, restated, months, months_expected, status FROM "

#define SUMMED_QUERY(R) VALUE_COLUMNS R(stp_internal, summed_values) "($1, $2, $3, $4, $5)"

#define VALUES_QUERY(R) VALUE_COLUMNS R(stp_internal, leaf_values) "($1, $2, $3, $4, $5)"

#define OWN_QUERY(R) VALUE_COLUMNS R(stp_internal, own_values) "($1, $2, $3, $4)"

#define TAKEN_QUERY(R) VALUE_COLUMNS R(stp_internal, taken_values) "($1, $2, $3, $4, $5, $6)"

#define MIXED_QUERY(R)                                                                             \
	"SELECT variant, leaf, unit, organisation, numerator, denominator, value, scale, "             \
	"completeness FROM " R(stp_internal, mixed_values) "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"

#define SUCCEEDED_QUERY(R)                                                                         \
	"SELECT EXISTS (SELECT FROM " R(stp, succession) " s "                                         \
													 "WHERE s.day OPERATOR(pg_catalog.>) $1 "      \
													 "AND s.day OPERATOR(pg_catalog.<=) $2)"

#define MOVEMENTS_QUERY(R)                                                                         \
	"SELECT leaf, unit, movement FROM " R(stp_internal, movements) "($1, $2, $3, $4, $5)"

/* Of those indicators only that anybody has a target for. */
#define TARGETS_QUERY(R)                                                                           \
	"SELECT leaf.number, cohort.number, target.target "                                            \
	"FROM (SELECT * FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) "                \
	"WITH ORDINALITY l (indicator, period, number) WHERE EXISTS (SELECT FROM " R(                  \
		stp, target) " t WHERE t.indicator OPERATOR(pg_catalog.=) l.indicator) OFFSET 0) leaf "    \
					 "CROSS JOIN LATERAL " R(                                                      \
						 stp_internal,                                                             \
						 targets) "($1, leaf.indicator, stp.last_day(leaf.period), "               \
								  "stp.last_day(leaf.period)) target "                             \
								  "JOIN pg_catalog.unnest($4) WITH ORDINALITY "                    \
								  "cohort (unit, number) "                                         \
								  "ON cohort.unit OPERATOR(pg_catalog.=) target.unit"

/* The columns of the values. */
enum
{
	VALUE_LEAF,
	VALUE_UNIT,
	VALUE_VALUE,
	VALUE_NUMERATOR,
	VALUE_DENOMINATOR,
	VALUE_SPREAD,
	VALUE_SCALE,
	VALUE_ORGANISATIONS,
	VALUE_EXPECTED,
	VALUE_CAME,
	VALUE_MISSING,
	VALUE_COMPLETENESS,
	VALUE_RESTATED,
	VALUE_MONTHS,
	VALUE_MONTHS_EXPECTED,
	VALUE_STATUS
};

static const StpQuery periods_query = STP_QUERY(PERIODS_QUERY);
static const StpQuery cohort_query = STP_QUERY(COHORT_QUERY);
static const StpQuery summed_query = STP_QUERY(SUMMED_QUERY);
static const StpQuery own_query = STP_QUERY(OWN_QUERY);
static const StpQuery values_query = STP_QUERY(VALUES_QUERY);
static const StpQuery taken_query = STP_QUERY(TAKEN_QUERY);
static const StpQuery mixed_query = STP_QUERY(MIXED_QUERY);
static const StpQuery succeeded_query = STP_QUERY(SUCCEEDED_QUERY);
static const StpQuery movements_query = STP_QUERY(MOVEMENTS_QUERY);
static const StpQuery targets_query = STP_QUERY(TARGETS_QUERY);

const char *const stp_status_words[ROW_STATUSES] = {
	[ROW_NO_DATA] = "no data",
	[ROW_OK] = "ok",
	[ROW_RESTATED] = "restated",
	[ROW_INFERRED] = "inferred",
	[ROW_SUPPRESSED] = "suppressed",
	[ROW_PARTIAL] = "partial",
	[ROW_INCOMPLETE] = "incomplete",
	[ROW_ZERO_DENOMINATOR] = "zero denominator",
	[ROW_CONSTANT_COHORT] = "constant cohort",
	[ROW_FEW_UNITS] = "few units",
	[ROW_UNDEFINED_VALUE] = "undefined value",
	[ROW_NO_REFERENCE] = "no reference",
	[ROW_NO_TARGET] = "no target",
	[ROW_NO_STANDARD_ERROR] = "no standard error",
	[ROW_LOW_COVERAGE] = "low coverage",
	[ROW_NOT_QUALIFIED] = "not qualified",
	[ROW_UNDEFINED_MEAN] = "undefined mean",
};

Datum
stp_text_array(Datum *texts, size_t count)
{
	return PointerGetDatum(construct_array(texts, (int) count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* An array of int or stp.period. */
static Datum
int_array(Datum *numbers, size_t count, Oid type)
{
	return PointerGetDatum(
		construct_array(numbers, (int) count, type, sizeof(int32), true, TYPALIGN_INT));
}

/* The same of numbers some of which are NULL. */
static Datum
int_array_with_nulls(Datum *numbers, bool *nulls, size_t count, Oid type)
{
	int length = (int) count, first = 1;

	return PointerGetDatum(construct_md_array(numbers, nulls, 1, &length, &first, type,
											  sizeof(int32), true, TYPALIGN_INT));
}

/* Whether a leaf takes a word: latest, whole, rolling 12. */
static bool
leaf_takes(const Scheme *scheme, size_t n, const char *word)
{
	return stp_field_is(scheme->tree, n, SCHEME_TAKES, word);
}

/* The periods that the leaves may take, leaf by leaf, the latest first; not of those that take the
 * whole period, whichever that is. */
static SPITupleTable *
ask_periods(const Cohort *cohort, size_t *leaf_nodes)
{
	const Scheme *scheme = cohort->scheme;
	Datum *indicators = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	Datum *ages = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	Oid types[] = {TEXTARRAYOID, INT4ARRAYOID, cohort->period_type};
	Datum values[lengthof(types)] = {0, 0, cohort->period};
	size_t leaves = 0;

	for (size_t n = 0; n < scheme->nodes; n++)
		if (scheme->node[n].leaf && !leaf_takes(scheme, n, "whole"))
		{
			indicators[leaves] = stp_get_label(scheme, n, SCHEME_INDICATOR).datum;
			ages[leaves] = stp_get_label(scheme, n, SCHEME_MAXIMUM_AGE).datum;
			leaf_nodes[leaves++] = n;
		}
	values[0] = stp_text_array(indicators, leaves);
	values[1] = int_array(ages, leaves, INT4OID);
	return stp_ask(&periods_query, lengthof(types), types, values);
}

/* A row of the periods that leaves may take. */
static Candidate
find_candidate(SPITupleTable *found, uint64 row, const size_t *leaf_nodes)
{
	size_t leaf = (size_t) DatumGetInt64(stp_get_field(found, row, 1).datum) - 1;

	return (Candidate){.node = leaf_nodes[leaf], .period = stp_get_field(found, row, 2).datum};
}

static inline double
number_of(const Datum *values, const bool *nulls, int column)
{
	return nulls[column] ? NAN : DatumGetFloat8(values[column]);
}

static inline int
int_of(const Datum *values, const bool *nulls, int column)
{
	return nulls[column] ? 0 : DatumGetInt32(values[column]);
}

/* Which of the words of a figure this is. */
static RowStatus
status_of(Datum word)
{
	text *status_word = DatumGetTextPP(word);

	for (int status = ROW_OK; status < ROW_STATUSES; status++)
		if (stp_is_word(status_word, stp_status_words[status]))
			return (RowStatus) status;
	return ROW_NO_DATA;
}

/* Room for one more. */
static Figure *
add_figure(Values *found)
{
	if (found->last == NULL || found->last->count == FIGURES_TOGETHER)
	{
		Figures *next = MemoryContextAlloc(found->memory, sizeof(Figures));

		next->before = found->last;
		next->count = 0;
		found->last = next;
	}
	return &found->last->figure[found->last->count++];
}

/* Sum up how many of the reports for a candidate have come. */
static void
count_reports(Candidate *candidate, const Datum *values, const bool *nulls)
{
	double missing = number_of(values, nulls, VALUE_MISSING);
	double came = number_of(values, nulls, VALUE_CAME);

	candidate->came += isnan(came) ? 0 : came;
	candidate->missing += isnan(missing) ? 0 : missing;
	candidate->organisations += int_of(values, nulls, VALUE_ORGANISATIONS);
}

/* Take a row of values. */
static void
take_figure(void *found, const Datum *values, const bool *nulls)
{
	Figure *f = add_figure(found);
	Report *report = &f->report;

	CHECK_FOR_INTERRUPTS();
	/* Places in the arrays that were asked about. */
	f->candidate = (uint32) DatumGetInt64(values[VALUE_LEAF]) - 1;
	f->unit = (uint32) DatumGetInt64(values[VALUE_UNIT]) - 1;
	f->value = number_of(values, nulls, VALUE_VALUE);
	f->denominator = number_of(values, nulls, VALUE_DENOMINATOR);
	f->completeness = number_of(values, nulls, VALUE_COMPLETENESS);
	report->numerator = number_of(values, nulls, VALUE_NUMERATOR);
	report->spread = number_of(values, nulls, VALUE_SPREAD);
	report->scale = number_of(values, nulls, VALUE_SCALE);
	report->restated = number_of(values, nulls, VALUE_RESTATED);
	report->organisations = int_of(values, nulls, VALUE_ORGANISATIONS);
	report->expected = int_of(values, nulls, VALUE_EXPECTED);
	report->months = (int16) int_of(values, nulls, VALUE_MONTHS);
	report->months_expected = (int16) int_of(values, nulls, VALUE_MONTHS_EXPECTED);
	report->status = status_of(values[VALUE_STATUS]);
	count_reports(&((Values *) found)->candidate[f->candidate], values, nulls);
}

/* Whether sums can be asked for by themselves. A library may be newer than the extension of a
 * database: in 0.2, until ALTER EXTENSION UPDATE, they could not. */
static bool
has_summed_values(int arguments, const Oid *types)
{
	List *name = list_make2(makeString("stp_internal"), makeString("summed_values"));

	return OidIsValid(LookupFuncName(name, arguments, types, true));
}

/* Ask for the figures of candidates: what is summed up, and what organisations have reported. */
static Values
ask_candidates(const Cohort *cohort, Candidate *candidate, size_t candidates)
{
	const Scheme *scheme = cohort->scheme;
	Oid periods_type = get_array_type(cohort->period_type);
	Datum *indicators = stp_allocate_cells(sizeof(Datum), candidates, 1);
	Datum *periods = stp_allocate_cells(sizeof(Datum), candidates, 1);
	Oid types[] = {TEXTOID, TEXTARRAYOID, periods_type, TEXTARRAYOID, DATEOID};
	Datum values[lengthof(types)] = {scheme->rates};
	Values found = {candidate, candidates, cohort->memory, NULL};

	for (size_t i = 0; i < candidates; i++)
	{
		indicators[i] = stp_get_label(scheme, candidate[i].node, SCHEME_INDICATOR).datum;
		periods[i] = candidate[i].period;
	}
	values[1] = stp_text_array(indicators, candidates);
	values[2] = int_array(periods, candidates, cohort->period_type);
	values[3] = stp_text_array(cohort->unit_codes, cohort->units);
	values[4] = DateADTGetDatum(cohort->boundaries);
	if (!has_summed_values(lengthof(types), types))
	{
		stp_ask_each(&values_query, lengthof(types), types, values, take_figure, &found);
		return found;
	}
	stp_ask_each(&summed_query, lengthof(types), types, values, take_figure, &found);
	if (stp_is_word(DatumGetTextPP(scheme->rates), "organisation"))
		stp_ask_each(&own_query, lengthof(types) - 1, types + 1, values + 1, take_figure, &found);
	return found;
}

/*
 * How much of what the cohort was to report has come; what is enough counts alike. In an early
 * period nobody may be expected yet who reports later: it has also to have as many reports as later
 * ones.
 */
static double
judge_completeness(const Cohort *cohort, const Candidate *candidate, double most)
{
	double complete = candidate->organisations > 0 ? 1 : 0;

	if (candidate->missing > 0)
		complete = candidate->came / (candidate->came + candidate->missing);
	if (candidate->organisations < most)
		complete = Min(complete, candidate->organisations / most);
	return Min(complete, cohort->scheme->complete_from);
}

/* Ask about candidates, and let each leaf take its first that is more complete than what it has. */
static void
try_candidates(Cohort *cohort, Candidate *candidate, size_t candidates, double *best, double *most)
{
	if (candidates == 0)
		return;
	cohort->values[cohort->queries++] = ask_candidates(cohort, candidate, candidates);
	for (size_t i = 0; i < candidates; i++)
	{
		size_t n = candidate[i].node;
		double complete = judge_completeness(cohort, &candidate[i], most[n]);

		most[n] = Max(most[n], candidate[i].organisations);
		if (complete <= best[n])
			continue;
		best[n] = complete;
		cohort->value_period[n] = (Field){candidate[i].period, false};
	}
}

/*
 * The period that each leaf takes: the latest in which enough reports have come, or if there is
 * none that with the most. Mostly it is the latest that there is, so that these are asked about
 * first.
 */
static void
choose_periods(Cohort *cohort)
{
	size_t nodes = cohort->scheme->nodes, latest = 0, earlier = 0;
	size_t *leaf_nodes = stp_allocate_cells(sizeof(size_t), nodes, 1);
	SPITupleTable *found = ask_periods(cohort, leaf_nodes);
	Candidate *first = stp_allocate_cells(sizeof(Candidate), nodes, 1);
	Candidate *rest = stp_allocate_cells(sizeof(Candidate), found->numvals, 1);
	double *best = stp_allocate_cells(sizeof(double), nodes, 1);
	double *most = stp_allocate_cells(sizeof(double), nodes, 1);

	for (size_t n = 0; n < nodes; n++)
		best[n] = -1;
	for (uint64 row = 0; row < found->numvals; row++)
	{
		Candidate c = find_candidate(found, row, leaf_nodes);

		if (latest == 0 || first[latest - 1].node != c.node)
			first[latest++] = c;
	}
	try_candidates(cohort, first, latest, best, most);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		Candidate c = find_candidate(found, row, leaf_nodes);

		if (best[c.node] < cohort->scheme->complete_from &&
			c.period != cohort->value_period[c.node].datum)
			rest[earlier++] = c;
	}
	try_candidates(cohort, rest, earlier, best, most);
}

/* Of what was found, the values of leaves that take one period are those of this period. */
static void
mark_taken(Cohort *cohort)
{
	for (int q = 0; q < cohort->queries; q++)
		for (size_t i = 0; i < cohort->values[q].candidates; i++)
		{
			Candidate *c = &cohort->values[q].candidate[i];

			c->taken = c->period == cohort->value_period[c->node].datum &&
					   leaf_takes(cohort->scheme, c->node, "latest");
		}
}

/* The period that each leaf takes, and the values of those that take one. */
static void
load_periods(Cohort *cohort)
{
	const Scheme *scheme = cohort->scheme;

	cohort->value_period = stp_allocate_cells(sizeof(Field), scheme->nodes, 1);
	for (size_t n = 0; n < scheme->nodes; n++)
		cohort->value_period[n].isnull = true;
	choose_periods(cohort);
	mark_taken(cohort);
	for (size_t n = 0; n < scheme->nodes; n++)
		if (scheme->node[n].leaf && leaf_takes(scheme, n, "whole"))
			cohort->value_period[n] = (Field){cohort->period, false};
}

/* Who is rated, and in which group. */
static void
load_units(Cohort *cohort)
{
	Oid types[] = {TEXTOID, cohort->period_type, DATEOID};
	Datum values[] = {cohort->scheme->code, cohort->period, DateADTGetDatum(cohort->boundaries)};
	SPITupleTable *found = stp_ask(&cohort_query, lengthof(types), types, values);

	cohort->units = found->numvals;
	cohort->unit_codes = stp_allocate_cells(sizeof(Datum), found->numvals, 1);
	cohort->peers = stp_allocate_cells(sizeof(Peers), found->numvals, 1);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		Field label = stp_get_field(found, row, 2);

		CHECK_FOR_INTERRUPTS();
		cohort->unit_codes[row] = stp_get_field(found, row, 1).datum;
		if (row == 0 || !stp_same_text(label, cohort->peers[cohort->groups - 1].label))
			cohort->peers[cohort->groups++] = (Peers){.first = row, .label = label};
		cohort->peers[cohort->groups - 1].units++;
	}
}

/* Load a scheme in a period, on the boundaries of a day. */
static Cohort *
load_cohort(Scheme *scheme, Datum period, Oid period_type, DateADT boundaries)
{
	Cohort *cohort = palloc0(sizeof(Cohort));

	cohort->scheme = scheme;
	cohort->period = period;
	cohort->period_type = period_type;
	cohort->boundaries = boundaries;
	cohort->memory =
		AllocSetContextCreate(CurrentMemoryContext, "stp_metrics figures", ALLOCSET_DEFAULT_SIZES);
	load_units(cohort);
	load_periods(cohort);
	return cohort;
}

Cohort *
stp_load_cohort_on(Scheme *scheme, FunctionCallInfo fcinfo, int period, DateADT day)
{
	Oid *argument_types;
	int arguments;

	get_func_signature(fcinfo->flinfo->fn_oid, &argument_types, &arguments);
	return load_cohort(scheme, PG_GETARG_DATUM(period), argument_types[period], day);
}

Cohort *
stp_load_cohort(Scheme *scheme, FunctionCallInfo fcinfo, int period, int boundaries)
{
	DateADT day = stp_core_period_last_day(PG_GETARG_PERIOD(period));

	if (boundaries > 0 && !PG_ARGISNULL(boundaries))
		day = PG_GETARG_DATEADT(boundaries);
	if (DATE_NOT_FINITE(day))
		stp_refuse(errmsg("there are no boundaries of %s",
						  DATE_IS_NOBEGIN(day) ? "-infinity" : "infinity"),
				   errhint("Give a day, for example 2026-04-01, or leave boundaries out: those of "
						   "the period."));
	return stp_load_cohort_on(scheme, fcinfo, period, day);
}

/* Room for what the engine writes. */
static void
allocate_results(StpAssessment *a)
{
	a->score = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	a->coverage = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	a->effective_weight = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	a->contribution = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	a->rank = stp_allocate_cells(sizeof(int32), a->nodes, a->units);
	a->category = stp_allocate_cells(sizeof(int32), a->nodes, a->units);
	a->fired = stp_allocate_cells(sizeof(bool), a->overrides, a->units);
	a->order = stp_allocate_cells(sizeof(size_t), a->nodes, a->units);
	a->ordered = stp_allocate_cells(sizeof(size_t), a->nodes, 1);
	a->spare = stp_allocate_cells(sizeof(size_t), a->units, 1);
	a->tied = stp_allocate_cells(sizeof(double), a->units, 1);
	a->weight = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->total = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->scale = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->offset = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->block = stp_allocate_cells(sizeof(StpBlock), a->nodes, 1);
	a->slope = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->quartile = stp_allocate_cells(sizeof(double), a->nodes, STP_QUARTILE_ENDS);
}

/* Room for clusters of the units, as many as some node has categories. */
static void
allocate_clusters(StpAssessment *a)
{
	StpClusterSpace *space = &a->clusters;
	int categories = 0;

	for (size_t n = 0; n < a->nodes; n++)
		categories = Max(categories, a->node[n].categories);
	a->centre = stp_allocate_cells(sizeof(double), categories, 1);
	a->group_cut = stp_allocate_cells(sizeof(double), a->nodes + 1, categories);
	space->number = stp_allocate_cells(sizeof(double), a->units, 1);
	space->scaled = stp_allocate_cells(sizeof(double), a->units, 1);
	space->sum = stp_allocate_cells(sizeof(double), a->units + 1, 1);
	space->squares = stp_allocate_cells(sizeof(double), a->units + 1, 1);
	space->cost = stp_allocate_cells(sizeof(double), a->units, 2);
	space->begin = stp_allocate_cells(sizeof(uint32), a->units, categories);
}

/* Room for what few schemes ask for. */
static void
allocate_on_demand(StpAssessment *a)
{
	stp_core_prepare(a);
	if (a->qualifies)
	{
		a->qualified = stp_allocate_cells(sizeof(int32), a->nodes, a->units);
		a->pivots = stp_allocate_cells(sizeof(bool), a->nodes, a->units);
		a->eligible = stp_allocate_cells(sizeof(double), a->units, 1);
	}
	if (a->categorise == STP_BY_K_MEANS || a->categorise == STP_BY_NATURAL_BREAKS)
		allocate_clusters(a);
}

/* Give a group its copy of the scheme, and cells in which nothing is reported. */
static void
prepare_group(const Scheme *scheme, const Peers *peers, PeerGroup *group)
{
	StpAssessment *a = &group->assessment;

	group->first = peers->first;
	group->label = peers->label;
	a->units = peers->units;
	a->nodes = scheme->nodes;
	a->node = stp_allocate_cells(sizeof(StpNode), a->nodes, 1);
	memcpy(a->node, scheme->node, a->nodes * sizeof(StpNode));
	a->higher_is_better = scheme->higher_is_better;
	a->categorise = scheme->categorise;
	a->by_qualified = scheme->by_qualified;
	a->seeds = scheme->seeds;
	a->strict = scheme->strict;
	a->shares_overall = scheme->shares_overall;
	a->cut = stp_allocate_cells(sizeof(double), scheme->cuts, 1);
	memcpy(a->cut, scheme->cut, scheme->cuts * sizeof(double));
	a->override = scheme->override;
	a->overrides = scheme->overrides;
	a->value = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	a->denominator = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	a->completeness = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	group->reports = stp_allocate_cells(sizeof(Report), a->nodes, a->units);
	for (size_t cell = 0; cell < a->nodes * a->units; cell++)
	{
		CHECK_FOR_INTERRUPTS();
		a->value[cell] = a->denominator[cell] = a->completeness[cell] = NAN;
		group->reports[cell].numerator = group->reports[cell].spread = NAN;
		group->reports[cell].restated = NAN;
	}
	allocate_results(a);
	allocate_on_demand(a);
}

/* Put a figure into its cell. */
static void
store_figure(PeerGroup *group, size_t node, const Figure *figure)
{
	StpAssessment *a = &group->assessment;
	size_t cell = node * a->units + (figure->unit - group->first);

	a->value[cell] = figure->value;
	a->denominator[cell] = figure->denominator;
	a->completeness[cell] = figure->completeness;
	group->reports[cell] = figure->report;
}

/* Put the figures that were found and are taken into their cells; group_of says which group each
 * unit is in. */
static void
store_values(Rating *rating, const int *group_of, const Values *values)
{
	for (const Figures *figures = values->last; figures != NULL; figures = figures->before)
	{
		CHECK_FOR_INTERRUPTS();
		for (size_t i = 0; i < figures->count; i++)
		{
			const Figure *figure = &figures->figure[i];
			const Candidate *candidate = &values->candidate[figure->candidate];

			if (candidate->taken)
				store_figure(&rating->group[group_of[figure->unit]], candidate->node, figure);
		}
	}
}

/* Give every group its cells; which group each unit is in. */
static int *
prepare_groups(Rating *rating)
{
	int *group_of = stp_allocate_cells(sizeof(int), rating->cohort->units, 1);

	for (int g = 0; g < rating->groups; g++)
	{
		CHECK_FOR_INTERRUPTS();
		prepare_group(rating->scheme, &rating->cohort->peers[g], &rating->group[g]);
		for (size_t u = 0; u < rating->group[g].assessment.units; u++)
			group_of[rating->group[g].first + u] = g;
	}
	return group_of;
}

/* Leaves that are asked about: which node each is, and its columns. */
typedef struct Leaves
{
	size_t count;
	Candidate *candidate;
	Datum *indicators, *takes, *first, *second; /* second: periods of another cohort */
} Leaves;

/* Room for all leaves of a scheme. */
static Leaves
allocate_leaves(const Scheme *scheme)
{
	Leaves l = {.candidate = stp_allocate_cells(sizeof(Candidate), scheme->nodes, 1)};
	Datum **columns[] = {&l.indicators, &l.takes, &l.first, &l.second};

	for (size_t i = 0; i < lengthof(columns); i++)
		*columns[i] = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	return l;
}

/* Add a leaf with its periods. */
static void
add_leaf(Leaves *l, const Scheme *scheme, size_t n, Datum first, Datum second)
{
	l->candidate[l->count] = (Candidate){.node = n, .taken = true};
	l->indicators[l->count] = stp_get_label(scheme, n, SCHEME_INDICATOR).datum;
	l->takes[l->count] = stp_get_label(scheme, n, SCHEME_TAKES).datum;
	l->first[l->count] = first;
	l->second[l->count++] = second;
}

/* Ask for the values of the leaves that take several periods, and store them. */
static void
load_several(Rating *rating, const int *group_of)
{
	const Scheme *scheme = rating->scheme;
	const Cohort *cohort = rating->cohort;
	Oid period = cohort->period_type, periods = get_array_type(period);
	Oid types[] = {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, periods, TEXTARRAYOID, DATEOID};
	Datum values[lengthof(types)] = {scheme->rates};
	Leaves l = allocate_leaves(scheme);
	Values found;

	for (size_t n = 0; n < scheme->nodes; n++)
		if (scheme->node[n].leaf && !leaf_takes(scheme, n, "latest") &&
			!cohort->value_period[n].isnull)
			add_leaf(&l, scheme, n, cohort->value_period[n].datum, (Datum) 0);
	if (l.count == 0)
		return;
	values[1] = stp_text_array(l.indicators, l.count);
	values[2] = stp_text_array(l.takes, l.count);
	values[3] = int_array(l.first, l.count, period);
	values[4] = stp_text_array(cohort->unit_codes, cohort->units);
	values[5] = DateADTGetDatum(cohort->boundaries);
	found = (Values){l.candidate, l.count, cohort->memory, NULL};
	stp_ask_each(&taken_query, lengthof(types), types, values, take_figure, &found);
	store_values(rating, group_of, &found);
}

/* A rating of a cohort without any values. */
static Rating *
make_rating(const Cohort *cohort)
{
	Rating *rating = palloc0(sizeof(Rating));

	rating->scheme = cohort->scheme;
	rating->cohort = cohort;
	rating->groups = cohort->groups;
	rating->group = stp_allocate_cells(sizeof(PeerGroup), cohort->groups, 1);
	return rating;
}

/* A rating without its references. */
static Rating *
load_rating(const Cohort *cohort)
{
	Rating *rating = make_rating(cohort);
	int *group_of = prepare_groups(rating);

	for (int q = 0; q < cohort->queries; q++)
		store_values(rating, group_of, &cohort->values[q]);
	load_several(rating, group_of);
	return rating;
}

/* The rating of a reference period, for each node that has one; nodes with the same share it. */
static Rating **
load_reference_ratings(Scheme *scheme, Oid period_type)
{
	Rating **reference = stp_allocate_cells(sizeof(Rating *), scheme->nodes, 1);

	for (size_t n = 0; n < scheme->nodes; n++)
	{
		Field period = stp_get_label(scheme, n, SCHEME_REFERENCE_PERIOD);

		for (size_t before = 0; before < n && scheme->node[n].frozen && !reference[n]; before++)
			if (reference[before] && reference[before]->cohort->period == period.datum)
				reference[n] = reference[before];
		if (scheme->node[n].frozen && !reference[n])
		{
			Cohort *cohort = load_cohort(scheme, period.datum, period_type,
										 stp_core_period_last_day(DatumGetPeriod(period.datum)));

			reference[n] = load_rating(cohort);
		}
	}
	return reference;
}

/* What the scores of leaves are measured by where that is another period. */
static void
load_references(Rating *rating)
{
	Scheme *scheme = rating->scheme;

	if (scheme->references == NULL)
		scheme->references = load_reference_ratings(scheme, rating->cohort->period_type);
	for (size_t n = 0; n < scheme->nodes; n++)
		for (int g = 0; g < rating->groups && scheme->node[n].frozen; g++)
			for (int r = 0; r < scheme->references[n]->groups; r++)
			{
				const PeerGroup *then = &scheme->references[n]->group[r];

				CHECK_FOR_INTERRUPTS();
				if (stp_same_text(then->label, rating->group[g].label))
					rating->group[g].assessment.node[n].reference = stp_core_describe(
						&scheme->node[n], then->assessment.value + n * then->assessment.units,
						then->assessment.units);
			}
}

/* The leaves that are measured by a target, and the periods whose targets these are. */
static size_t
find_measured(const Cohort *when, size_t *leaf_nodes, Datum *indicators, Datum *periods)
{
	const Scheme *scheme = when->scheme;
	size_t leaves = 0;

	for (size_t n = 0; n < scheme->nodes; n++)
	{
		Field period = when->value_period[n];

		if (!stp_core_has_target(&scheme->node[n]))
			continue;
		indicators[leaves] = stp_get_label(scheme, n, SCHEME_INDICATOR).datum;
		periods[leaves] = period.isnull ? when->period : period.datum;
		leaf_nodes[leaves++] = n;
	}
	return leaves;
}

/* The target of a unit, in the place of the standard; NAN: nobody knows it. */
static void
store_target(Rating *rating, size_t n, size_t unit, double target)
{
	PeerGroup *group = rating->group;
	StpNode *node;

	while (unit >= group->first + group->assessment.units)
		group++;
	node = &group->assessment.node[n];
	if (node->target == NULL)
	{
		node->target = stp_allocate_cells(sizeof(double), 1, group->assessment.units);
		for (size_t u = 0; u < group->assessment.units; u++)
			node->target[u] = node->standard;
	}
	node->target[unit - group->first] = isnan(target) ? INFINITY : target;
}

/* The codes of the units of two cohorts, one after the other; other may be NULL. */
static Datum
all_units(const Cohort *one, const Cohort *other)
{
	size_t others = other ? other->units : 0;
	Datum *codes = stp_allocate_cells(sizeof(Datum), one->units + others, 1);

	memcpy(codes, one->unit_codes, one->units * sizeof(Datum));
	if (others > 0)
		memcpy(codes + one->units, other->unit_codes, others * sizeof(Datum));
	return stp_text_array(codes, one->units + others);
}

Targets *
stp_load_targets(const Cohort *when, const Cohort *one, const Cohort *other)
{
	Targets *targets = palloc0(sizeof(Targets));
	Oid period = when->period_type;
	Datum *indicators = stp_allocate_cells(sizeof(Datum), when->scheme->nodes, 1);
	Datum *periods = stp_allocate_cells(sizeof(Datum), when->scheme->nodes, 1);
	Oid types[] = {TEXTOID, TEXTARRAYOID, get_array_type(period), TEXTARRAYOID};
	Datum values[lengthof(types)] = {when->scheme->rates};
	size_t leaves;

	targets->first = one;
	targets->leaf_nodes = stp_allocate_cells(sizeof(size_t), when->scheme->nodes, 1);
	leaves = find_measured(when, targets->leaf_nodes, indicators, periods);
	if (leaves == 0)
		return targets;
	values[1] = stp_text_array(indicators, leaves);
	values[2] = int_array(periods, leaves, period);
	values[3] = all_units(one, other);
	targets->found = stp_ask(&targets_query, lengthof(types), types, values);
	return targets;
}

/* Give the leaves of a rating that are measured by one the targets of its units. */
static void
put_targets(Rating *rating, const Targets *targets)
{
	size_t begin = rating->cohort == targets->first ? 0 : targets->first->units;

	for (uint64 row = 0; targets->found != NULL && row < targets->found->numvals; row++)
	{
		size_t leaf = (size_t) DatumGetInt64(stp_get_field(targets->found, row, 1).datum) - 1;
		size_t unit = (size_t) DatumGetInt64(stp_get_field(targets->found, row, 2).datum) - 1;

		CHECK_FOR_INTERRUPTS();
		if (unit >= begin && unit - begin < rating->cohort->units)
			store_target(rating, targets->leaf_nodes[leaf], unit - begin,
						 stp_get_number(targets->found, row, 3));
	}
}

/* The same rating, of the same cells, with nodes of its own. */
static Rating *
copy_nodes(const Rating *rating)
{
	Rating *copy = memcpy(palloc(sizeof(Rating)), rating, sizeof(Rating));

	copy->group = stp_allocate_cells(sizeof(PeerGroup), rating->groups, 1);
	for (int g = 0; g < rating->groups; g++)
	{
		StpAssessment *a = &copy->group[g].assessment;
		StpNode *node = rating->group[g].assessment.node;

		CHECK_FOR_INTERRUPTS();
		copy->group[g] = rating->group[g];
		a->node = stp_allocate_cells(sizeof(StpNode), a->nodes, 1);
		memcpy(a->node, node, a->nodes * sizeof(StpNode));
	}
	return copy;
}

Rating *
stp_with_targets(const Rating *rating, const Targets *targets)
{
	Rating *copy = copy_nodes(rating);

	put_targets(copy, targets);
	return copy;
}

Rating *
stp_with_weights(const Rating *rating, const double *weight)
{
	Rating *copy = copy_nodes(rating);

	for (int g = 0; g < copy->groups; g++)
	{
		StpNode *node = copy->group[g].assessment.node;

		for (size_t n = 0; n < copy->scheme->nodes; n++)
			node[n].weight = weight[n];
		stp_core_total_weights(node, copy->scheme->nodes);
	}
	return copy;
}

Rating *
stp_load_rating(const Cohort *cohort)
{
	Rating *rating = load_rating(cohort);

	load_references(rating);
	put_targets(rating, stp_load_targets(cohort, cohort, NULL));
	return rating;
}

/* The leaves that have a period in either cohort, with NULL as the first or second of those that
 * have not in one. */
static SPITupleTable *
ask_mixed(const Cohort *first, const Cohort *second, bool succeeded, size_t *leaf_nodes)
{
	const Scheme *scheme = first->scheme;
	Oid period = first->period_type, periods = get_array_type(period);
	Oid types[] = {TEXTOID,		 TEXTARRAYOID, TEXTARRAYOID, periods, periods,
				   TEXTARRAYOID, TEXTARRAYOID, DATEOID,		 DATEOID, BOOLOID};
	Datum values[lengthof(types)] = {scheme->rates};
	Leaves l = allocate_leaves(scheme);
	bool *nulls[] = {stp_allocate_cells(sizeof(bool), scheme->nodes, 1),
					 stp_allocate_cells(sizeof(bool), scheme->nodes, 1)};

	for (size_t n = 0; n < scheme->nodes; n++)
	{
		Field one = first->value_period[n], other = second->value_period[n];

		if (!scheme->node[n].leaf || (one.isnull && other.isnull))
			continue;
		nulls[0][l.count] = one.isnull;
		nulls[1][l.count] = other.isnull;
		leaf_nodes[l.count] = n;
		add_leaf(&l, scheme, n, one.datum, other.datum);
	}
	values[1] = stp_text_array(l.indicators, l.count);
	values[2] = stp_text_array(l.takes, l.count);
	values[3] = int_array_with_nulls(l.first, nulls[0], l.count, period);
	values[4] = int_array_with_nulls(l.second, nulls[1], l.count, period);
	values[5] = stp_text_array(first->unit_codes, first->units);
	values[6] = stp_text_array(second->unit_codes, second->units);
	values[7] = DateADTGetDatum(first->boundaries);
	values[8] = DateADTGetDatum(second->boundaries);
	values[9] = BoolGetDatum(succeeded);
	return stp_ask(&mixed_query, lengthof(types), types, values);
}

/* A cell of a rating. */
static void
store_mixed(Rating *rating, const int *group_of, const MixedPart *part)
{
	PeerGroup *group = &rating->group[group_of[part->unit]];
	StpAssessment *a = &group->assessment;
	size_t cell = part->node * a->units + (part->unit - group->first);

	a->value[cell] = part->value;
	a->denominator[cell] = part->denominator;
	a->completeness[cell] = part->completeness;
	group->reports[cell].scale = part->scale;
}

/* A row of what was found. */
static MixedPart
read_mixed(SPITupleTable *found, uint64 row, const size_t *leaf_nodes)
{
	enum
	{
		VARIANT,
		LEAF,
		UNIT,
		ORGANISATION,
		NUMERATOR,
		DENOMINATOR,
		VALUE,
		SCALE,
		COMPLETENESS,
		COLUMNS
	};
	Datum values[COLUMNS];
	bool nulls[COLUMNS];
	double number[COLUMNS];

	heap_deform_tuple(found->vals[row], found->tupdesc, values, nulls);
	for (int i = NUMERATOR; i < COLUMNS; i++)
		number[i] = nulls[i] ? NAN : DatumGetFloat8(values[i]);
	return (MixedPart){.variant = DatumGetInt32(values[VARIANT]),
					   .node = leaf_nodes[DatumGetInt64(values[LEAF]) - 1],
					   .unit = (size_t) DatumGetInt64(values[UNIT]) - 1,
					   .organisation = {values[ORGANISATION], nulls[ORGANISATION]},
					   .numerator = number[NUMERATOR],
					   .denominator = number[DENOMINATOR],
					   .value = number[VALUE],
					   .scale = number[SCALE],
					   .completeness = number[COMPLETENESS]};
}

/* Whether anything became another between the maps of two cohorts. */
static bool
ask_succeeded(const Cohort *first, const Cohort *second)
{
	DateADT begin = Min(first->boundaries, second->boundaries);
	DateADT end = Max(first->boundaries, second->boundaries);
	SPITupleTable *found = stp_ask(&succeeded_query, 2, (Oid[]){DATEOID, DATEOID},
								   (Datum[]){DateADTGetDatum(begin), DateADTGetDatum(end)});

	return DatumGetBool(stp_get_field(found, 0, 1).datum);
}

/* Ratings without values. That of a map between that there is not is the one without succession. */
static void
make_mixed(Mixed *mixed, const Cohort *first, const Cohort *second, int **group_of)
{
	for (int v = MIXED_VARIANTS; v-- > 0;)
	{
		bool is_second = v & MIXED_BETWEEN ? !mixed->backwards : (v & MIXED_MAP) != 0;

		if ((v & MIXED_BETWEEN) && !mixed->succeeded)
			continue;
		mixed->rating[v] = make_rating(is_second ? second : first);
		group_of[v] = prepare_groups(mixed->rating[v]);
		load_references(mixed->rating[v]);
	}
	for (int v = MIXED_BETWEEN; v < MIXED_MAP && !mixed->succeeded; v++)
		mixed->rating[v] = mixed->rating[v - MIXED_BETWEEN + (mixed->backwards ? MIXED_MAP : 0)];
}

Mixed *
stp_load_mixed(const Cohort *first, const Cohort *second)
{
	Mixed *mixed = palloc0(sizeof(Mixed));
	size_t *leaf_nodes = stp_allocate_cells(sizeof(size_t), first->scheme->nodes, 1);
	int *group_of[MIXED_VARIANTS];
	SPITupleTable *found;

	mixed->succeeded = ask_succeeded(first, second);
	mixed->backwards = first->boundaries > second->boundaries;
	make_mixed(mixed, first, second, group_of);
	found = ask_mixed(first, second, mixed->succeeded, leaf_nodes);
	mixed->part = stp_allocate_cells(sizeof(MixedPart), found->numvals, 1);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		MixedPart part = read_mixed(found, row, leaf_nodes);

		CHECK_FOR_INTERRUPTS();
		if (part.organisation.isnull)
			store_mixed(mixed->rating[part.variant], group_of[part.variant], &part);
		else
			mixed->part[mixed->parts++] = part;
	}
	return mixed;
}

Rating *
stp_load_call(FunctionCallInfo fcinfo, int boundaries)
{
	Cohort *cohort = stp_load_cohort(stp_load_scheme(PG_GETARG_DATUM(0)), fcinfo, 1, boundaries);
	Rating *rating = stp_load_rating(cohort);

	/* What is to be written finds room. */
	MemoryContextReset(cohort->memory);
	cohort->queries = 0;
	return rating;
}

PeerGroup *
stp_find_unit(const Rating *rating, FunctionCallInfo fcinfo, size_t *unit)
{
	Field wanted = {PG_GETARG_DATUM(2), false};

	for (int g = 0; g < rating->groups; g++)
		for (*unit = 0; *unit < rating->group[g].assessment.units; (*unit)++)
		{
			size_t place = rating->group[g].first + *unit;

			if (stp_same_text(wanted, (Field){rating->cohort->unit_codes[place], false}))
				return &rating->group[g];
		}
	stp_refuse(errmsg("scheme \"%s\" does not rate \"%s\" in %s",
					  TextDatumGetCString(rating->scheme->code),
					  stp_excerpt(TextDatumGetCString(wanted.datum)),
					  stp_period_text(PG_GETARG_PERIOD(1))),
			   errhint("SELECT unit FROM stp.cohort(%s, '%s') lists what it rates.",
					   quote_literal_cstr(TextDatumGetCString(rating->scheme->code)),
					   stp_period_text(PG_GETARG_PERIOD(1))));
}

/* The limits of a count over its denominator, in the unit of the value. */
static StpLimits
count_limits(const StpNode *node, double numerator, double denominator)
{
	StpLimits limits;

	if (node->band.method == STP_FUNNEL_ARCSINE)
	{
		limits = stp_core_wilson_limits(Min(numerator, denominator), denominator, CONFIDENCE);
		denominator = 1;
	}
	else
		limits = stp_core_count_limits(numerator, CONFIDENCE);
	limits.lower = limits.lower * node->per / denominator;
	limits.upper = limits.upper * node->per / denominator;
	return limits;
}

StpLimits
stp_find_limits(const PeerGroup *group, const StpNode *node, size_t cell)
{
	const Report *report = &group->reports[cell];
	double spread = isnan(report->spread) ? 0 : report->spread;
	double denominator = group->assessment.denominator[cell];
	StpLimits limits = {NAN, NAN};

	if (!node->leaf || !node->counted || isnan(group->assessment.value[cell]))
		return limits;
	limits.lower = count_limits(node, Max(report->numerator - spread, 0), denominator).lower;
	limits.upper = count_limits(node, report->numerator + spread, denominator).upper;
	limits.lower *= report->scale;
	limits.upper *= report->scale;
	return limits;
}

/* Which movements are asked for, and which node each of them is of. */
typedef struct Moving
{
	size_t leaves;
	size_t *node;
	Datum *indicators, *periods, *several;
} Moving;

/* The leaves that have a period. */
static Moving
find_moving(const Cohort *data)
{
	const Scheme *scheme = data->scheme;
	Moving m = {.node = stp_allocate_cells(sizeof(size_t), scheme->nodes, 1)};
	Datum **columns[] = {&m.indicators, &m.periods, &m.several};

	for (size_t i = 0; i < lengthof(columns); i++)
		*columns[i] = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	for (size_t n = 0; n < scheme->nodes; n++)
	{
		if (!scheme->node[n].leaf || data->value_period[n].isnull)
			continue;
		m.indicators[m.leaves] = stp_get_label(scheme, n, SCHEME_INDICATOR).datum;
		m.periods[m.leaves] = data->value_period[n].datum;
		m.several[m.leaves] = BoolGetDatum(!leaf_takes(scheme, n, "latest"));
		m.node[m.leaves++] = n;
	}
	return m;
}

Field *
stp_load_movements(const Cohort *data, Datum *units, size_t count)
{
	const Scheme *scheme = data->scheme;
	Field none = {CStringGetTextDatum(stp_status_words[ROW_NO_DATA]), false};
	Field *movement = stp_allocate_cells(sizeof(Field), scheme->nodes, count);
	Moving m = find_moving(data);
	Oid types[] = {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, get_array_type(data->period_type),
				   BOOLARRAYOID};
	Datum values[] = {scheme->rates, stp_text_array(units, count),
					  stp_text_array(m.indicators, m.leaves),
					  int_array(m.periods, m.leaves, data->period_type),
					  PointerGetDatum(construct_array(m.several, (int) m.leaves, BOOLOID,
													  sizeof(bool), true, TYPALIGN_CHAR))};
	SPITupleTable *found;

	for (size_t i = 0; i < scheme->nodes * count; i++)
		movement[i].isnull = true;
	for (size_t leaf = 0; leaf < m.leaves; leaf++)
		for (size_t u = 0; u < count; u++)
			movement[m.node[leaf] * count + u] = none;
	found = stp_ask(&movements_query, lengthof(types), types, values);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		size_t leaf = (size_t) DatumGetInt64(stp_get_field(found, row, 1).datum) - 1;
		size_t unit = (size_t) DatumGetInt64(stp_get_field(found, row, 2).datum) - 1;

		CHECK_FOR_INTERRUPTS();
		movement[m.node[leaf] * count + unit] = stp_get_field(found, row, 3);
	}
	return movement;
}

void
stp_put_field(Row *row, int column, Field field)
{
	row->values[column] = field.datum;
	row->nulls[column] = field.isnull;
}

void
stp_put_number(Row *row, int column, double number)
{
	row->values[column] = Float8GetDatum(number);
	row->nulls[column] = isnan(number);
}

void
stp_put_rank(Row *row, int column, int32 rank)
{
	row->values[column] = Int32GetDatum(rank);
	row->nulls[column] = rank == 0;
}

void
stp_put_category(Row *row, int column, const Scheme *scheme, const StpNode *node, int32 category)
{
	row->nulls[column] = category <= 0;
	if (category > 0)
		row->values[column] = scheme->categories[node->first_cut + category - 1];
}
