/*
 * assessment.c: stp.assess() and stp.explain(). What they need is loaded (rating.c), the engine
 * computes (core/assessment.c), and here the rows are written.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "history.h"
#include "period.h"
#include "rating.h"
#include "stp_metrics.h"

/* As much below 1 as rounding may take. */
#define FULL_COVERAGE (1 - 1e-12)

/* The columns that stp.assess() returns, and those that stp.explain() adds. */
enum
{
	OUT_UNIT,
	OUT_PEER_GROUP,
	OUT_NODE,
	OUT_PARENT,
	OUT_DEPTH,
	OUT_PLACE,
	OUT_NAME,
	OUT_INDICATOR,
	OUT_VALUE,
	OUT_UNIT_OF_MEASURE,
	OUT_VALUE_PERIOD,
	OUT_ORGANISATIONS,
	OUT_EXPECTED,
	OUT_COMPLETENESS,
	OUT_MONTHS,
	OUT_MONTHS_EXPECTED,
	OUT_SCORE,
	OUT_WEIGHT,
	OUT_EFFECTIVE_WEIGHT,
	OUT_CONTRIBUTION,
	OUT_COVERAGE,
	OUT_RANK,
	OUT_CATEGORY,
	OUT_OVERRIDE,
	OUT_STATUS,
	OUT_TARGET,
	OUT_RESTATED,
	OUT_LOWER,
	OUT_UPPER,
	OUT_MISSING_WEIGHT,
	OUT_NEXT_CATEGORY,
	OUT_NEEDED_VALUE,
	OUT_MOVEMENT,
	OUT_COLUMNS
};

/* Rows of one peer group on their way out. */
typedef struct Writer
{
	const Rating *rating;
	const PeerGroup *group;
	Datum status_texts[ROW_STATUSES];
	Row row;
} Writer;

StaticAssertDecl(OUT_COLUMNS <= ROW_MAX_COLUMNS, "a row has room for the columns of stp.explain");

PG_FUNCTION_INFO_V1(stp_assess);
PG_FUNCTION_INFO_V1(stp_assess_as_of);
PG_FUNCTION_INFO_V1(stp_explained);
PG_FUNCTION_INFO_V1(stp_node_movements);
PG_FUNCTION_INFO_V1(stp_clusters);

/* Why a leaf's cell is as it is. */
static RowStatus
leaf_status(const PeerGroup *group, const StpNode *node, size_t unit, size_t cell)
{
	if (!isnan(group->assessment.score[cell]) || isnan(group->assessment.value[cell]))
		return group->reports[cell].status;
	if (node->method == STP_BANDED)
		return ROW_NO_STANDARD_ERROR;
	if (stp_core_has_target(node) && !isfinite(stp_core_target(node, unit)))
		return ROW_NO_TARGET;
	if (isnan(stp_core_taken(node, group->assessment.value[cell])))
		return ROW_UNDEFINED_VALUE;
	if (stp_core_has_too_few(&group->assessment, (size_t) (node - group->assessment.node)))
		return ROW_FEW_UNITS;
	return node->frozen ? ROW_NO_REFERENCE : ROW_CONSTANT_COHORT;
}

/* Why the cell of a node above others is as it is. */
static RowStatus
node_status(const PeerGroup *group, const StpNode *node, size_t cell)
{
	const StpAssessment *a = &group->assessment;
	double coverage = a->coverage[cell];
	size_t n = (size_t) (node - a->node);

	if (!isnan(a->score[cell]))
		return !stp_core_qualified(a, n, cell - n * a->units) ? ROW_NOT_QUALIFIED
			   : coverage < FULL_COVERAGE					  ? ROW_PARTIAL
															  : ROW_OK;
	if (coverage == 0)
		return ROW_NO_DATA;
	if (coverage < node->minimum_coverage)
		return ROW_LOW_COVERAGE;
	if (!isnan(a->value[cell]))
		return stp_core_has_too_few(a, n) ? ROW_FEW_UNITS : ROW_CONSTANT_COHORT;
	return ROW_UNDEFINED_MEAN;
}

/* Names of the rules that hold for a unit; NULL if none does. */
static void
put_overrides(Writer *out, size_t unit)
{
	const StpAssessment *a = &out->group->assessment;
	StringInfoData names;

	out->row.nulls[OUT_OVERRIDE] = true;
	for (size_t i = 0; i < a->overrides; i++)
	{
		if (!a->fired[i * a->units + unit])
			continue;
		if (out->row.nulls[OUT_OVERRIDE])
			initStringInfo(&names);
		else
			appendStringInfoString(&names, "; ");
		appendStringInfoString(&names, TextDatumGetCString(out->rating->scheme->override_names[i]));
		out->row.nulls[OUT_OVERRIDE] = false;
	}
	if (!out->row.nulls[OUT_OVERRIDE])
		out->row.values[OUT_OVERRIDE] = CStringGetTextDatum(names.data);
}

/* The columns that are the same for every row of a node. */
static void
fill_node(Writer *out, size_t n)
{
	static const struct
	{
		int column;
		SchemeColumn label;
	} labels[] = {{OUT_NODE, SCHEME_NODE},			 {OUT_PARENT, SCHEME_PARENT},
				  {OUT_DEPTH, SCHEME_DEPTH},		 {OUT_NAME, SCHEME_NAME},
				  {OUT_INDICATOR, SCHEME_INDICATOR}, {OUT_UNIT_OF_MEASURE, SCHEME_UNIT_OF_MEASURE}};

	for (size_t i = 0; i < lengthof(labels); i++)
		stp_put_field(&out->row, labels[i].column,
					  stp_get_label(out->rating->scheme, n, labels[i].label));
	stp_put_field(&out->row, OUT_VALUE_PERIOD, out->rating->cohort->value_period[n]);
	out->row.values[OUT_PLACE] = Int32GetDatum((int32) n + 1);
	stp_put_number(&out->row, OUT_WEIGHT, out->group->assessment.weight[n]);
}

/* What has come of the reports of a leaf. */
static void
fill_report(Row *row, const Report *report, bool leaf)
{
	row->values[OUT_ORGANISATIONS] = Int32GetDatum(report->organisations);
	row->values[OUT_EXPECTED] = Int32GetDatum(report->expected);
	row->nulls[OUT_ORGANISATIONS] = row->nulls[OUT_EXPECTED] = !leaf;
	row->values[OUT_MONTHS] = Int32GetDatum(report->months);
	row->values[OUT_MONTHS_EXPECTED] = Int32GetDatum(report->months_expected);
	row->nulls[OUT_MONTHS] = row->nulls[OUT_MONTHS_EXPECTED] = report->months_expected == 0;
	stp_put_number(row, OUT_RESTATED, leaf ? report->restated : NAN);
}

/* What the value is measured by; NAN: nothing, or nobody knows it. */
static double
shown_target(const StpNode *node, size_t unit)
{
	double target = stp_core_has_target(node) ? stp_core_target(node, unit) : NAN;

	return isinf(target) ? NAN : target;
}

/* The columns of one unit at one node. */
static void
fill_cell(Writer *out, size_t n, size_t unit)
{
	const PeerGroup *group = out->group;
	const StpAssessment *a = &group->assessment;
	const StpNode *node = &a->node[n];
	size_t cell = n * a->units + unit;

	out->row.values[OUT_UNIT] = out->rating->cohort->unit_codes[group->first + unit];
	stp_put_number(&out->row, OUT_VALUE, a->value[cell]);
	stp_put_number(&out->row, OUT_SCORE, a->score[cell]);
	stp_put_number(&out->row, OUT_EFFECTIVE_WEIGHT, a->effective_weight[cell]);
	stp_put_number(&out->row, OUT_CONTRIBUTION, a->contribution[cell]);
	stp_put_number(&out->row, OUT_COVERAGE, a->coverage[cell]);
	fill_report(&out->row, &group->reports[cell], node->leaf);
	stp_put_number(&out->row, OUT_COMPLETENESS, a->completeness[cell]);
	stp_put_rank(&out->row, OUT_RANK, a->rank[cell]);
	stp_put_category(&out->row, OUT_CATEGORY, out->rating->scheme, node, a->category[cell]);
	out->row.nulls[OUT_OVERRIDE] = true;
	if (n == 0)
		put_overrides(out, unit);
	stp_put_number(&out->row, OUT_TARGET,
				   out->row.nulls[OUT_VALUE_PERIOD] ? NAN : shown_target(node, unit));
	out->row.values[OUT_STATUS] =
		out->status_texts[node->leaf ? leaf_status(group, node, unit, cell)
									 : node_status(group, node, cell)];
}

/* A writer of rows of one group. */
static void
start_writer(Writer *out, const Rating *rating, const PeerGroup *group)
{
	memset(out, 0, sizeof(*out));
	out->rating = rating;
	out->group = group;
	stp_put_field(&out->row, OUT_PEER_GROUP, group->label);
	for (int i = 0; i < ROW_STATUSES; i++)
		out->status_texts[i] = CStringGetTextDatum(stp_status_words[i]);
}

/* All rows of a group, node by node. */
static void
write_group(const Rating *rating, const PeerGroup *group, ReturnSetInfo *result)
{
	Writer out;

	start_writer(&out, rating, group);
	for (size_t n = 0; n < rating->scheme->nodes; n++)
	{
		fill_node(&out, n);
		for (size_t u = 0; u < group->assessment.units; u++)
		{
			CHECK_FOR_INTERRUPTS();
			fill_cell(&out, n, u);
			tuplestore_putvalues(result->setResult, result->setDesc, out.row.values, out.row.nulls);
		}
	}
}

/* Begin a result of many rows. They lie one close to the other, where the memory of the query would
 * give each as much as the next power of two; the server does so by itself from 18 on. */
static void
begin_rows(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext former;

	InitMaterializedSRF(fcinfo, 0);
	tuplestore_end(result->setResult);
	former = MemoryContextSwitchTo(GenerationContextCreate(
		result->econtext->ecxt_per_query_memory, "stp_metrics rows", ALLOCSET_DEFAULT_SIZES));
	result->setResult = tuplestore_begin_heap((result->allowedModes & SFRM_Materialize_Random) != 0,
											  false, work_mem);
	MemoryContextSwitchTo(former);
}

/* Rate a cohort, on the boundaries that are this argument. */
static void
assess(FunctionCallInfo fcinfo, int boundaries)
{
	Rating *rating;

	begin_rows(fcinfo);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return;
	SPI_connect();
	rating = stp_load_call(fcinfo, boundaries);
	for (int g = 0; g < rating->groups; g++)
	{
		stp_core_assess(&rating->group[g].assessment);
		write_group(rating, &rating->group[g], (ReturnSetInfo *) fcinfo->resultinfo);
	}
	SPI_finish();
}

/* stp.assess(scheme text, period stp.period, boundaries date) */
Datum
stp_assess(PG_FUNCTION_ARGS)
{
	assess(fcinfo, 2);
	return (Datum) 0;
}

/* stp.assess(scheme text, period stp.period, as_of timestamptz, boundaries date) */
Datum
stp_assess_as_of(PG_FUNCTION_ARGS)
{
	int level;

	if (PG_ARGISNULL(2))
	{
		InitMaterializedSRF(fcinfo, 0);
		return (Datum) 0;
	}
	level = stp_set_as_of(PG_GETARG_TIMESTAMPTZ(2));
	assess(fcinfo, 3);
	AtEOXact_GUC(true, level);
	return (Datum) 0;
}

/* The columns of stp.explain() alone. */
static void
fill_explanation(Writer *out, StpAssessment *a, size_t n, size_t unit)
{
	const StpNode *node = &a->node[n];
	size_t cell = n * a->units + unit;
	StpLimits limits = stp_find_limits(out->group, node, cell);
	StpNeed need = n == 0		? stp_core_needed_score(a, unit)
				   : node->leaf ? stp_core_needed_value(a, n, unit)
								: (StpNeed){NAN, 0};

	stp_put_number(&out->row, OUT_LOWER, limits.lower);
	stp_put_number(&out->row, OUT_UPPER, limits.upper);
	stp_put_number(&out->row, OUT_MISSING_WEIGHT,
				   a->coverage[cell] < FULL_COVERAGE ? a->weight[n] * (1 - a->coverage[cell]) : 0);
	stp_put_category(&out->row, OUT_NEXT_CATEGORY, out->rating->scheme, &a->node[0], need.category);
	stp_put_number(&out->row, OUT_NEEDED_VALUE, need.number);
	out->row.nulls[OUT_MOVEMENT] = true;
}

/* All rows of one unit. */
static void
write_unit(Writer *out, StpAssessment *a, size_t unit, ReturnSetInfo *result)
{
	for (size_t n = 0; n < out->rating->scheme->nodes; n++)
	{
		CHECK_FOR_INTERRUPTS();
		fill_node(out, n);
		fill_cell(out, n, unit);
		fill_explanation(out, a, n, unit);
		tuplestore_putvalues(result->setResult, result->setDesc, out->row.values, out->row.nulls);
	}
}

/* The unit that is asked for. */
static void
explain_one(const Rating *rating, FunctionCallInfo fcinfo)
{
	size_t unit;
	PeerGroup *group = stp_find_unit(rating, fcinfo, &unit);
	Writer out;

	stp_core_assess(&group->assessment);
	start_writer(&out, rating, group);
	write_unit(&out, &group->assessment, unit, (ReturnSetInfo *) fcinfo->resultinfo);
}

/* All units, in the order of the cohort. */
static void
explain_all(const Rating *rating, ReturnSetInfo *result)
{
	for (int g = 0; g < rating->groups; g++)
	{
		PeerGroup *group = &rating->group[g];
		Writer out;

		stp_core_assess(&group->assessment);
		start_writer(&out, rating, group);
		for (size_t u = 0; u < group->assessment.units; u++)
			write_unit(&out, &group->assessment, u, result);
	}
}

/* stp_internal.explained(scheme text, period stp.period, unit text, boundaries date) */
Datum
stp_explained(PG_FUNCTION_ARGS)
{
	Rating *rating;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	SPI_connect();
	rating = stp_load_call(fcinfo, 3);
	if (PG_ARGISNULL(2))
		explain_all(rating, (ReturnSetInfo *) fcinfo->resultinfo);
	else
		explain_one(rating, fcinfo);
	SPI_finish();
	return (Datum) 0;
}

/* The leaves of a scheme that are named, each with a period, as what a cohort takes. */
static Cohort
take_periods(Scheme *scheme, ArrayType *nodes, ArrayType *periods)
{
	Cohort cohort = {.scheme = scheme, .period_type = ARR_ELEMTYPE(periods)};
	Datum *node, *period;
	int count, others;

	deconstruct_array(nodes, TEXTOID, -1, false, TYPALIGN_INT, &node, NULL, &count);
	deconstruct_array(periods, cohort.period_type, sizeof(int32), true, TYPALIGN_INT, &period, NULL,
					  &others);
	if (count != others)
		stp_refuse(errmsg("%d nodes have %d periods", count, others),
				   errhint("Give one period for each node."));
	cohort.value_period = stp_allocate_cells(sizeof(Field), scheme->nodes, 1);
	for (size_t n = 0; n < scheme->nodes; n++)
	{
		CHECK_FOR_INTERRUPTS();
		cohort.value_period[n].isnull = true;
		for (int i = 0; i < count; i++)
			if (stp_same_text(stp_get_label(scheme, n, SCHEME_NODE), (Field){node[i], false}))
				cohort.value_period[n] = (Field){period[i], false};
	}
	return cohort;
}

/* stp_internal.node_movements(scheme text, nodes text[], periods stp.period[], units text[]) */
Datum
stp_node_movements(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Cohort cohort;
	Datum *unit;
	Field *movement;
	int units;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(3), TEXTOID, -1, false, TYPALIGN_INT, &unit, NULL,
					  &units);
	cohort = take_periods(stp_load_scheme(PG_GETARG_DATUM(0)), PG_GETARG_ARRAYTYPE_P(1),
						  PG_GETARG_ARRAYTYPE_P(2));
	movement = stp_load_movements(&cohort, unit, (size_t) units);
	for (size_t n = 0; n < cohort.scheme->nodes; n++)
		for (int u = 0; u < units && !cohort.value_period[n].isnull; u++)
		{
			Field field = movement[n * (size_t) units + (size_t) u];

			CHECK_FOR_INTERRUPTS();
			tuplestore_putvalues(
				result->setResult, result->setDesc,
				(Datum[]){stp_get_label(cohort.scheme, n, SCHEME_NODE).datum, unit[u], field.datum},
				(bool[]){false, false, field.isnull});
		}
	SPI_finish();
	return (Datum) 0;
}

/* The columns of stp.clusters(). */
enum
{
	CLUSTER_UNIT,
	CLUSTER_PEER_GROUP,
	CLUSTER_QUALIFIED,
	CLUSTER_SCORE,
	CLUSTER_CATEGORY,
	CLUSTER_K_MEANS,
	CLUSTER_NATURAL_BREAKS,
	CLUSTER_DEPENDS
};

/* What each unit's category is before rules if clusters are found so. */
static int32 *
categorise_by(StpAssessment *a, StpCategorise method)
{
	int32 *category = stp_allocate_cells(sizeof(int32), a->units, 1);
	StpCategorise own = a->categorise;

	a->categorise = method;
	stp_core_find_cuts(a, 0);
	for (size_t u = 0; u < a->units; u++)
		category[u] = stp_core_find_category(a, 0, u, a->score[u]);
	a->categorise = own;
	return category;
}

/* The units of a group that have a category. */
static void
write_clusters(const Rating *rating, PeerGroup *group, ReturnSetInfo *result)
{
	StpAssessment *a = &group->assessment;
	const StpNode *root = &a->node[0];
	int32 *k_means, *natural_breaks;

	stp_core_assess(a);
	k_means = categorise_by(a, STP_BY_K_MEANS);
	natural_breaks = categorise_by(a, STP_BY_NATURAL_BREAKS);
	for (size_t u = 0; u < a->units; u++)
	{
		Row row = {0};

		CHECK_FOR_INTERRUPTS();
		if (a->category[u] == 0)
			continue;
		row.values[CLUSTER_UNIT] = rating->cohort->unit_codes[group->first + u];
		stp_put_field(&row, CLUSTER_PEER_GROUP, group->label);
		row.nulls[CLUSTER_QUALIFIED] = !a->by_qualified;
		if (a->by_qualified)
			row.values[CLUSTER_QUALIFIED] = Int32GetDatum(a->qualified[u]);
		stp_put_number(&row, CLUSTER_SCORE, a->score[u]);
		stp_put_category(&row, CLUSTER_CATEGORY, rating->scheme, root, a->category[u]);
		stp_put_category(&row, CLUSTER_K_MEANS, rating->scheme, root, k_means[u]);
		stp_put_category(&row, CLUSTER_NATURAL_BREAKS, rating->scheme, root, natural_breaks[u]);
		row.values[CLUSTER_DEPENDS] = BoolGetDatum(k_means[u] != natural_breaks[u]);
		tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
	}
}

/* stp.clusters(scheme text, period stp.period, boundaries date) */
Datum
stp_clusters(PG_FUNCTION_ARGS)
{
	Rating *rating;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	SPI_connect();
	rating = stp_load_call(fcinfo, 2);
	if (rating->scheme->categorise != STP_BY_K_MEANS &&
		rating->scheme->categorise != STP_BY_NATURAL_BREAKS)
		stp_refuse(errmsg("scheme \"%s\" does not categorise by clusters",
						  TextDatumGetCString(rating->scheme->code)),
				   errhint("Say k_means or natural_breaks in stp.scheme.categorise."));
	for (int g = 0; g < rating->groups; g++)
		write_clusters(rating, &rating->group[g], (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}
