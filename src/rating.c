/*
 * rating.c: loads what one call of the rating engine needs beside the scheme (scheme.c): its
 * cohorts and the values of its leaves. SQL functions gather them (rating.sql); here they become
 * arrays.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "history.h"
#include "rating.h"

/* Of the limits of values. */
#define CONFIDENCE 0.95

#define PERIODS_QUERY(R)                                                                           \
	"SELECT latest.period "                                                                        \
	"FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) "                               \
	"WITH ORDINALITY leaf (indicator, maximum_age, number) CROSS JOIN LATERAL "                    \
	"(SELECT " R(stp_internal, latest_period) "(leaf.indicator, $3, leaf.maximum_age) AS period "  \
											  "OFFSET 0) latest ORDER BY leaf.number"

#define COHORT_QUERY(R) "SELECT unit, peer_group FROM " R(stp, cohort) "($1, $2)"

#define VALUES_QUERY(R)                                                                            \
	"SELECT leaf, unit, value, numerator, denominator, organisations, status "                     \
	"FROM " R(stp_internal, leaf_values) "($1, $2, $3, $4)"

#define MOVED_QUERY(R)                                                                             \
	"SELECT leaf, unit, value, numerator, denominator, organisations, status "                     \
	"FROM " R(stp_internal, moved_values) "($1, $2, $3, $4)"

#define REFERENCES_QUERY(R)                                                                        \
	"SELECT node, peer_group, smallest, largest, mean, deviation "                                 \
	"FROM " R(stp_internal, reference_values) "($1)"

static const StpQuery periods_query = STP_QUERY(PERIODS_QUERY);
static const StpQuery cohort_query = STP_QUERY(COHORT_QUERY);
static const StpQuery values_query = STP_QUERY(VALUES_QUERY);
static const StpQuery moved_query = STP_QUERY(MOVED_QUERY);
static const StpQuery references_query = STP_QUERY(REFERENCES_QUERY);

/* An array of text. */
static Datum
text_array(Datum *texts, size_t count)
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

/* The periods of the leaves, in their order. */
static SPITupleTable *
ask_periods(const Cohort *cohort)
{
	const Scheme *scheme = cohort->scheme;
	Datum *indicators = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	Datum *ages = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	Oid types[] = {TEXTARRAYOID, INT4ARRAYOID, cohort->period_type};
	Datum values[lengthof(types)] = {0, 0, cohort->period};
	size_t leaves = 0;

	for (size_t n = 0; n < scheme->nodes; n++)
		if (scheme->node[n].leaf)
		{
			indicators[leaves] = stp_get_label(scheme, n, SCHEME_INDICATOR).datum;
			ages[leaves++] = stp_get_label(scheme, n, SCHEME_MAXIMUM_AGE).datum;
		}
	values[0] = text_array(indicators, leaves);
	values[1] = int_array(ages, leaves, INT4OID);
	return stp_ask(&periods_query, lengthof(types), types, values);
}

/* The period that each leaf takes. */
static void
load_periods(Cohort *cohort)
{
	const Scheme *scheme = cohort->scheme;
	SPITupleTable *found = ask_periods(cohort);
	uint64 leaf = 0;

	cohort->value_period = stp_allocate_cells(sizeof(Field), scheme->nodes, 1);
	for (size_t n = 0; n < scheme->nodes; n++)
	{
		CHECK_FOR_INTERRUPTS();
		cohort->value_period[n] =
			scheme->node[n].leaf ? stp_get_field(found, leaf++, 1) : (Field){.isnull = true};
	}
}

/* Who is rated, and in which group. */
static void
load_units(Cohort *cohort)
{
	Oid types[] = {TEXTOID, cohort->period_type};
	Datum values[] = {cohort->scheme->code, cohort->period};
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

Cohort *
stp_load_cohort(Scheme *scheme, FunctionCallInfo fcinfo, int period)
{
	Cohort *cohort = palloc0(sizeof(Cohort));
	Oid *argument_types;
	int arguments;

	get_func_signature(fcinfo->flinfo->fn_oid, &argument_types, &arguments);
	cohort->scheme = scheme;
	cohort->period = PG_GETARG_DATUM(period);
	cohort->period_type = argument_types[period];
	load_periods(cohort);
	load_units(cohort);
	return cohort;
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
	a->tied = stp_allocate_cells(sizeof(double), a->units, 1);
	a->weight = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->covered = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->total = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->present = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->scale = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->offset = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->exact = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->state = stp_allocate_cells(sizeof(StpComposite), a->nodes, 1);
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
	a->quantiles = scheme->quantiles;
	a->shares_overall = scheme->shares_overall;
	a->cut = stp_allocate_cells(sizeof(double), scheme->cuts, 1);
	memcpy(a->cut, scheme->cut, scheme->cuts * sizeof(double));
	a->override = scheme->override;
	a->overrides = scheme->overrides;
	a->value = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	a->denominator = stp_allocate_cells(sizeof(double), a->nodes, a->units);
	group->reports = stp_allocate_cells(sizeof(Report), a->nodes, a->units);
	for (size_t cell = 0; cell < a->nodes * a->units; cell++)
	{
		CHECK_FOR_INTERRUPTS();
		a->value[cell] = a->denominator[cell] = group->reports[cell].numerator = NAN;
	}
	allocate_results(a);
}

/* Put what stp_internal.leaf_values() found into its cells; leaf_nodes says which node each leaf
 * is, and group_of which group each unit is in. */
static void
store_values(Rating *rating, const int *leaf_nodes, const int *group_of, SPITupleTable *found)
{
	for (uint64 row = 0; row < found->numvals; row++)
	{
		int leaf = (int) DatumGetInt64(stp_get_field(found, row, 1).datum) - 1;
		size_t unit = (size_t) DatumGetInt64(stp_get_field(found, row, 2).datum) - 1;
		PeerGroup *group = &rating->group[group_of[unit]];
		size_t cell = (size_t) leaf_nodes[leaf] * group->assessment.units + (unit - group->first);

		CHECK_FOR_INTERRUPTS();
		group->assessment.value[cell] = stp_get_number(found, row, 3);
		group->reports[cell].numerator = stp_get_number(found, row, 4);
		group->assessment.denominator[cell] = stp_get_number(found, row, 5);
		group->reports[cell].organisations = stp_get_int(found, row, 6, 0);
		group->reports[cell].zero_denominator = stp_field_is(found, row, 7, "zero denominator");
	}
}

/* The values of all leaves that have a period, in one query; which node each leaf is. */
static SPITupleTable *
ask_values(const Rating *rating, int *leaf_nodes)
{
	const Scheme *scheme = rating->scheme;
	const Cohort *data = rating->data, *cohort = rating->cohort;
	bool moved = data != cohort && !scheme->rates_organisations;
	Oid periods_type = get_array_type(data->period_type);
	Datum *indicators = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	Datum *periods = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	Datum *belongings = stp_allocate_cells(sizeof(Datum), scheme->nodes, 1);
	Oid types[] = {moved ? periods_type : TEXTOID, TEXTARRAYOID, periods_type, TEXTARRAYOID};
	Datum values[lengthof(types)] = {scheme->rates};
	int leaves = 0;

	for (int n = 0; n < (int) scheme->nodes; n++)
		if (!data->value_period[n].isnull)
		{
			Field belonging = cohort->value_period[n];

			leaf_nodes[leaves] = n;
			indicators[leaves] = stp_get_label(scheme, n, SCHEME_INDICATOR).datum;
			periods[leaves] = data->value_period[n].datum;
			belongings[leaves++] = belonging.isnull ? cohort->period : belonging.datum;
		}
	if (moved)
		values[0] = int_array(belongings, leaves, data->period_type);
	values[1] = text_array(indicators, leaves);
	values[2] = int_array(periods, leaves, data->period_type);
	values[3] = text_array(cohort->unit_codes, cohort->units);
	return stp_ask(moved ? &moved_query : &values_query, lengthof(types), types, values);
}

/* Fill the cells of all groups. */
static void
load_values(Rating *rating)
{
	int *leaf_nodes = stp_allocate_cells(sizeof(int), rating->scheme->nodes, 1);
	int *group_of = stp_allocate_cells(sizeof(int), rating->cohort->units, 1);

	for (int g = 0; g < rating->groups; g++)
	{
		CHECK_FOR_INTERRUPTS();
		prepare_group(rating->scheme, &rating->cohort->peers[g], &rating->group[g]);
		for (size_t u = 0; u < rating->group[g].assessment.units; u++)
			group_of[rating->group[g].first + u] = g;
	}
	store_values(rating, leaf_nodes, group_of, ask_values(rating, leaf_nodes));
}

/* Whether the scores of any leaf are measured by another period. */
static bool
has_frozen(const Scheme *scheme)
{
	for (size_t n = 0; n < scheme->nodes; n++)
		if (scheme->node[n].frozen)
			return true;
	return false;
}

/* What the scores of leaves are measured by where that is another period. */
static void
load_references(Rating *rating)
{
	Scheme *scheme = rating->scheme;
	Oid type = TEXTOID;
	SPITupleTable *found;

	if (!has_frozen(scheme))
		return;
	if (scheme->references == NULL)
		scheme->references = stp_ask(&references_query, 1, &type, &scheme->code);
	found = scheme->references;
	for (uint64 row = 0; row < found->numvals; row++)
		for (int g = 0; g < rating->groups; g++)
		{
			CHECK_FOR_INTERRUPTS();
			if (stp_same_text(stp_get_field(found, row, 2), rating->group[g].label))
				rating->group[g].assessment.node[stp_find_node(scheme, found, row, 1)].reference =
					(StpReference){stp_get_number(found, row, 3), stp_get_number(found, row, 4),
								   stp_get_number(found, row, 5), stp_get_number(found, row, 6)};
		}
}

Rating *
stp_load_rating(const Cohort *data, const Cohort *cohort)
{
	Rating *rating = palloc0(sizeof(Rating));

	rating->scheme = cohort->scheme;
	rating->data = data;
	rating->cohort = cohort;
	rating->groups = cohort->groups;
	rating->group = stp_allocate_cells(sizeof(PeerGroup), cohort->groups, 1);
	load_values(rating);
	load_references(rating);
	return rating;
}

Rating *
stp_load_call(FunctionCallInfo fcinfo)
{
	Cohort *cohort = stp_load_cohort(stp_load_scheme(PG_GETARG_DATUM(0)), fcinfo, 1);

	return stp_load_rating(cohort, cohort);
}

PeerGroup *
stp_find_unit(const Rating *rating, Datum code, size_t *unit)
{
	Field wanted = {code, false};

	for (int g = 0; g < rating->groups; g++)
		for (*unit = 0; *unit < rating->group[g].assessment.units; (*unit)++)
		{
			size_t place = rating->group[g].first + *unit;

			if (stp_same_text(wanted, (Field){rating->cohort->unit_codes[place], false}))
				return &rating->group[g];
		}
	return NULL;
}

StpLimits
stp_find_limits(const PeerGroup *group, const StpNode *node, size_t cell)
{
	double numerator = group->reports[cell].numerator;
	double denominator = group->assessment.denominator[cell];
	StpLimits limits = {NAN, NAN};

	if (!node->leaf || !node->counted || isnan(group->assessment.value[cell]))
		return limits;
	if (node->band.transform == STP_ARCSINE_ROOT)
	{
		limits = stp_core_wilson_limits(numerator, denominator, CONFIDENCE);
		denominator = 1;
	}
	else
		limits = stp_core_count_limits(numerator, CONFIDENCE);
	limits.lower = limits.lower * node->per / denominator;
	limits.upper = limits.upper * node->per / denominator;
	return limits;
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
