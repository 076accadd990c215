/*
 * assessment.c: stp.assess(). SQL functions gather the scheme, its cohort and the values of its
 * leaves (assessment.sql); the engine computes (core/assessment.c); here the two are joined.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "stp_metrics.h"
#include "history.h"
#include "core/assessment.h"
#include "core/score.h"

/* The columns that stp.assess() returns. */
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
	OUT_VALUE_UNIT,
	OUT_VALUE_PERIOD,
	OUT_ORGANISATIONS,
	OUT_SCORE,
	OUT_WEIGHT,
	OUT_EFFECTIVE_WEIGHT,
	OUT_CONTRIBUTION,
	OUT_COVERAGE,
	OUT_RANK,
	OUT_CATEGORY,
	OUT_OVERRIDE,
	OUT_STATUS,
	OUT_COLUMNS
};

/* What a row can say of itself. */
typedef enum RowStatus
{
	ROW_OK,
	ROW_PARTIAL,
	ROW_NO_DATA,
	ROW_ZERO_DENOMINATOR,
	ROW_CONSTANT_COHORT,
	ROW_LOW_COVERAGE,
	ROW_UNDEFINED_MEAN,
	ROW_STATUSES
} RowStatus;

static const char *const status_words[ROW_STATUSES] = {
	[ROW_OK] = "ok",
	[ROW_PARTIAL] = "partial",
	[ROW_NO_DATA] = "no data",
	[ROW_ZERO_DENOMINATOR] = "zero denominator",
	[ROW_CONSTANT_COHORT] = "constant cohort",
	[ROW_LOW_COVERAGE] = "low coverage",
	[ROW_UNDEFINED_MEAN] = "undefined mean",
};

typedef struct Field
{
	Datum datum;
	bool isnull;
} Field;

/* What every row of a node says. */
typedef struct NodeLabels
{
	Field node;
	Field parent;
	Field name;
	Field indicator;
	Field unit;
	Field value_period; /* as text */
	Field period;		/* as stp.period */
	int depth;
} NodeLabels;

typedef struct Category
{
	double cut; /* NAN: takes the rest */
	Datum label;
} Category;

/* What stands behind the value of a leaf; zeroes: nobody reported. */
typedef struct Report
{
	int64 organisations;
	bool zero_denominator;
} Report;

/* One call of stp.assess(). */
typedef struct Rating
{
	Datum scheme;
	Datum period;
	Oid period_type;

	StpAssessment assessment;
	NodeLabels *labels; /* [nodes] */
	Datum *unit_codes;	/* [units] */
	Report *reports;	/* [nodes * units] */

	Category *categories;
	int category_count;
	Datum status_texts[ROW_STATUSES];
} Rating;

PG_FUNCTION_INFO_V1(stp_assess);
PG_FUNCTION_INFO_V1(stp_assess_as_of);

/* Memory for an array over cells, zeroed; a large cohort may need more than palloc gives. */
static void *
allocate(size_t size, size_t nodes, size_t units)
{
	size_t cells;

	if (nodes != 0 && units > MaxAllocHugeSize / size / nodes)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("too many systems and nodes to rate: %zu x %zu", units, nodes),
						errhint("Rate fewer systems at a time.")));
	cells = Max(nodes * units, 1);
	return MemoryContextAllocExtended(CurrentMemoryContext, cells * size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* Run a query of scheme ($1) and, where it has one, period ($2). */
static SPITupleTable *
query(const Rating *rating, const char *sql)
{
	Oid types[] = {TEXTOID, rating->period_type};
	Datum values[] = {rating->scheme, rating->period};
	int arguments = strstr(sql, "$2") == NULL ? 1 : 2;

	if (SPI_execute_with_args(stp_query_as_of(sql), arguments, types, values, NULL, true, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "query of the rating engine failed: %s", sql);
	return SPI_tuptable;
}

/* A column of any type; columns count from 1. */
static Field
get_column(SPITupleTable *table, uint64 row, int column)
{
	Field result;

	result.datum = SPI_getbinval(table->vals[row], table->tupdesc, column, &result.isnull);
	return result;
}

/* A column of type float8; NAN for NULL. */
static double
get_number(SPITupleTable *table, uint64 row, int column)
{
	Field number = get_column(table, row, column);

	return number.isnull ? NAN : DatumGetFloat8(number.datum);
}

/* Whether a text column holds this word; NULL holds none. */
static bool
column_is(SPITupleTable *table, uint64 row, int column, const char *word)
{
	Field field = get_column(table, row, column);
	text *held;

	if (field.isnull)
		return false;
	held = DatumGetTextPP(field.datum);
	return VARSIZE_ANY_EXHDR(held) == strlen(word) &&
		   memcmp(VARDATA_ANY(held), word, strlen(word)) == 0;
}

/* Which of the words a text column holds; the table's CHECK has seen to it that it is one. */
static int
find_word(SPITupleTable *table, uint64 row, int column, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (column_is(table, row, column, words[i]))
			return i;
	elog(ERROR, "unexpected word in column %d of a scheme", column);
}

/* The scheme's own row; there must be one. */
static void
load_scheme(Rating *rating)
{
	SPITupleTable *scheme =
		query(rating, "SELECT better FROM stp.scheme WHERE scheme OPERATOR(pg_catalog.=) $1");

	if (scheme->numvals == 0)
		stp_refuse(errmsg("unknown scheme \"%s\"", TextDatumGetCString(rating->scheme)),
				   errhint("SELECT scheme FROM stp.scheme lists them."));
	rating->assessment.higher_is_better = column_is(scheme, 0, 1, "higher");
}

/* Indicators may have changed since the scheme was checked, and a scheme may be half built. */
static void
check_scheme(Rating *rating)
{
	SPITupleTable *faults = query(rating, "SELECT fault, hint FROM stp.scheme_faults($1)");

	if (faults->numvals > 0)
		ereport(ERROR, (errcode(ERRCODE_CHECK_VIOLATION),
						errmsg("scheme \"%s\": %s", TextDatumGetCString(rating->scheme),
							   SPI_getvalue(faults->vals[0], faults->tupdesc, 1)),
						errhint("%s", SPI_getvalue(faults->vals[0], faults->tupdesc, 2))));
}

/* One node: what the engine needs to know of it. */
static StpNode
read_node(SPITupleTable *tree, uint64 row)
{
	static const char *const aggregations[] = {"arithmetic", "geometric", "harmonic"};
	static const char *const methods[] = {"as_is",			 "min_max",	  "z_score",
										  "percentile_rank", "goalposts", "distance_to_target",
										  "ranked"};
	StpNode node = {.parent = -1};

	node.weight = get_number(tree, row, 5);
	node.aggregation =
		(StpAggregation) find_word(tree, row, 6, aggregations, lengthof(aggregations));
	node.minimum_coverage = get_number(tree, row, 7);
	node.leaf = !get_column(tree, row, 8).isnull;
	node.method = (StpMethod) find_word(tree, row, 10, methods, lengthof(methods));
	node.low = get_number(tree, row, 11);
	node.high = get_number(tree, row, 12);
	node.higher_is_better = !column_is(tree, row, 13, "lower");
	node.standard = get_number(tree, row, 14);
	node.floor = get_number(tree, row, 15);
	return node;
}

/* One node: what its rows say. */
static NodeLabels
read_labels(SPITupleTable *tree, uint64 row)
{
	NodeLabels labels;

	labels.node = get_column(tree, row, 1);
	labels.parent = get_column(tree, row, 2);
	labels.depth = DatumGetInt32(get_column(tree, row, 3).datum);
	labels.name = get_column(tree, row, 4);
	labels.indicator = get_column(tree, row, 8);
	labels.unit = get_column(tree, row, 9);
	labels.period = get_column(tree, row, 16);
	labels.value_period = get_column(tree, row, 17);
	return labels;
}

/* The place of a node's parent: the nearest row above that is one level up. */
static int
find_parent(const NodeLabels *labels, int row)
{
	int above = row - 1;

	while (above >= 0 && labels[above].depth != labels[row].depth - 1)
		above--;
	return above;
}

/* The tree of the scheme, parents first. */
static void
load_tree(Rating *rating)
{
	SPITupleTable *tree =
		query(rating, "SELECT node, parent, depth, name, weight, aggregation, minimum_coverage, "
					  "indicator, unit, method, low, high, better, standard, floor, value_period, "
					  "value_period::pg_catalog.text FROM stp.scheme_tree($1, $2)");
	StpNode *nodes;

	if (tree->numvals == 0)
		stp_refuse(errmsg("scheme \"%s\" has no nodes", TextDatumGetCString(rating->scheme)),
				   errhint("Add its tree to stp.scheme_node."));
	rating->assessment.nodes = tree->numvals;
	nodes = allocate(sizeof(StpNode), tree->numvals, 1);
	rating->labels = allocate(sizeof(NodeLabels), tree->numvals, 1);
	for (uint64 row = 0; row < tree->numvals; row++)
	{
		nodes[row] = read_node(tree, row);
		rating->labels[row] = read_labels(tree, row);
		nodes[row].parent = find_parent(rating->labels, (int) row);
	}
	rating->assessment.node = nodes;
}

/* Who is rated. */
static void
load_cohort(Rating *rating)
{
	SPITupleTable *cohort = query(rating, "SELECT unit FROM stp.cohort($1, $2)");

	rating->assessment.units = cohort->numvals;
	rating->unit_codes = allocate(sizeof(Datum), cohort->numvals, 1);
	for (uint64 row = 0; row < cohort->numvals; row++)
		rating->unit_codes[row] = get_column(cohort, row, 1).datum;
}

/* Categories, best first. */
static void
load_categories(Rating *rating)
{
	SPITupleTable *found =
		query(rating, "SELECT category, cut FROM stp.scheme_category "
					  "WHERE scheme OPERATOR(pg_catalog.=) $1 ORDER BY position");

	rating->category_count = (int) found->numvals;
	rating->categories = allocate(sizeof(Category), found->numvals, 1);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		rating->categories[row].label = get_column(found, row, 1).datum;
		rating->categories[row].cut = get_number(found, row, 2);
	}
}

/* Room for what the engine reads and writes. */
static void
allocate_cells(Rating *rating)
{
	StpAssessment *a = &rating->assessment;

	a->value = allocate(sizeof(double), a->nodes, a->units);
	for (size_t cell = 0; cell < a->nodes * a->units; cell++)
		a->value[cell] = NAN;
	rating->reports = allocate(sizeof(Report), a->nodes, a->units);
	a->score = allocate(sizeof(double), a->nodes, a->units);
	a->coverage = allocate(sizeof(double), a->nodes, a->units);
	a->effective_weight = allocate(sizeof(double), a->nodes, a->units);
	a->contribution = allocate(sizeof(double), a->nodes, a->units);
	a->rank = allocate(sizeof(int32), a->nodes, a->units);
	a->order = allocate(sizeof(size_t), a->units, 1);
	a->tied = allocate(sizeof(double), a->units, 1);
	a->weight = allocate(sizeof(double), a->nodes, 1);
	a->covered = allocate(sizeof(double), a->nodes, 1);
	a->scale = allocate(sizeof(double), a->nodes, 1);
	a->state = allocate(sizeof(StpComposite), a->nodes, 1);
}

/* Put what stp.leaf_values() found into its cells; leaf_nodes says which node each leaf is. */
static void
store_values(Rating *rating, const int *leaf_nodes, SPITupleTable *found)
{
	for (uint64 row = 0; row < found->numvals; row++)
	{
		int leaf = (int) DatumGetInt64(get_column(found, row, 1).datum) - 1;
		size_t unit = (size_t) DatumGetInt64(get_column(found, row, 2).datum) - 1;
		size_t cell = (size_t) leaf_nodes[leaf] * rating->assessment.units + unit;

		rating->assessment.value[cell] = get_number(found, row, 3);
		rating->reports[cell].organisations = DatumGetInt64(get_column(found, row, 4).datum);
		rating->reports[cell].zero_denominator = column_is(found, row, 5, "zero denominator");
	}
}

/* The values of all leaves that have a period, in one query. */
static void
load_values(Rating *rating)
{
	const StpAssessment *a = &rating->assessment;
	int *leaf_nodes = allocate(sizeof(int), a->nodes, 1);
	Datum *indicators = allocate(sizeof(Datum), a->nodes, 1);
	Datum *periods = allocate(sizeof(Datum), a->nodes, 1);
	int leaves = 0;
	Oid types[3] = {TEXTARRAYOID, get_array_type(rating->period_type), TEXTARRAYOID};
	Datum values[3];

	for (int n = 0; n < (int) a->nodes; n++)
	{
		if (rating->labels[n].period.isnull)
			continue;
		leaf_nodes[leaves] = n;
		indicators[leaves] = rating->labels[n].indicator.datum;
		periods[leaves++] = rating->labels[n].period.datum;
	}
	values[0] = PointerGetDatum(construct_array(indicators, leaves, TEXTOID, -1, false, 'i'));
	values[1] =
		PointerGetDatum(construct_array(periods, leaves, rating->period_type, 4, true, 'i'));
	values[2] = PointerGetDatum(
		construct_array(rating->unit_codes, (int) a->units, TEXTOID, -1, false, 'i'));
	if (SPI_execute_with_args(stp_query_as_of("SELECT leaf, unit, value, organisations, status "
											  "FROM stp.leaf_values($1, $2, $3)"),
							  3, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "query of the rating engine's values failed");
	store_values(rating, leaf_nodes, SPI_tuptable);
}

/* Why a leaf's cell is as it is. */
static RowStatus
leaf_status(const Rating *rating, size_t cell)
{
	if (!isnan(rating->assessment.score[cell]))
		return ROW_OK;
	if (rating->reports[cell].zero_denominator)
		return ROW_ZERO_DENOMINATOR;
	return isnan(rating->assessment.value[cell]) ? ROW_NO_DATA : ROW_CONSTANT_COHORT;
}

/* Why the cell of a node above others is as it is. */
static RowStatus
node_status(const Rating *rating, const StpNode *node, size_t cell)
{
	double coverage = rating->assessment.coverage[cell];

	if (!isnan(rating->assessment.score[cell]))
		return coverage < 1 - 1e-12 ? ROW_PARTIAL : ROW_OK;
	if (coverage == 0)
		return ROW_NO_DATA;
	return coverage < node->minimum_coverage ? ROW_LOW_COVERAGE : ROW_UNDEFINED_MEAN;
}

/* Whether a score reaches a cut; NAN is the cut of the category that takes the rest. */
static bool
reaches(const Rating *rating, double score, double cut)
{
	if (isnan(cut) || stp_core_tied(score, cut, 0))
		return true;
	return rating->assessment.higher_is_better ? score > cut : score < cut;
}

/* The best category whose cut the score reaches; false if there is none. */
static bool
find_category(const Rating *rating, double score, Datum *label)
{
	for (int i = 0; i < rating->category_count && !isnan(score); i++)
		if (reaches(rating, score, rating->categories[i].cut))
		{
			*label = rating->categories[i].label;
			return true;
		}
	return false;
}

/* Set a column of text. */
static void
put_text(Datum *values, bool *nulls, int column, Field field)
{
	values[column] = field.datum;
	nulls[column] = field.isnull;
}

/* Set a column of type float8; NAN becomes NULL. */
static void
put_number(Datum *values, bool *nulls, int column, double number)
{
	values[column] = Float8GetDatum(number);
	nulls[column] = isnan(number);
}

/* The columns that are the same for every row of a node. */
static void
fill_node(const Rating *rating, size_t n, Datum *values, bool *nulls)
{
	const NodeLabels *labels = &rating->labels[n];

	put_text(values, nulls, OUT_NODE, labels->node);
	put_text(values, nulls, OUT_PARENT, labels->parent);
	put_text(values, nulls, OUT_NAME, labels->name);
	put_text(values, nulls, OUT_INDICATOR, labels->indicator);
	put_text(values, nulls, OUT_VALUE_UNIT, labels->unit);
	put_text(values, nulls, OUT_VALUE_PERIOD, labels->value_period);
	values[OUT_DEPTH] = Int32GetDatum(labels->depth);
	values[OUT_PLACE] = Int32GetDatum((int32) n + 1);
	put_number(values, nulls, OUT_WEIGHT, rating->assessment.weight[n]);
}

/* The columns of one system at one node. */
static void
fill_cell(const Rating *rating, size_t n, size_t cell, Datum *values, bool *nulls)
{
	const StpAssessment *a = &rating->assessment;
	const StpNode *node = &a->node[n];

	put_number(values, nulls, OUT_VALUE, a->value[cell]);
	put_number(values, nulls, OUT_SCORE, a->score[cell]);
	put_number(values, nulls, OUT_EFFECTIVE_WEIGHT, a->effective_weight[cell]);
	put_number(values, nulls, OUT_CONTRIBUTION, a->contribution[cell]);
	put_number(values, nulls, OUT_COVERAGE, a->coverage[cell]);
	values[OUT_ORGANISATIONS] = Int64GetDatum(rating->reports[cell].organisations);
	nulls[OUT_ORGANISATIONS] = !node->leaf;
	values[OUT_RANK] = Int32GetDatum(a->rank[cell]);
	nulls[OUT_RANK] = a->rank[cell] == 0;
	nulls[OUT_CATEGORY] =
		node->parent >= 0 || !find_category(rating, a->score[cell], &values[OUT_CATEGORY]);
	values[OUT_STATUS] = rating->status_texts[node->leaf ? leaf_status(rating, cell)
														 : node_status(rating, node, cell)];
}

/* All rows, node by node. */
static void
write_rows(const Rating *rating, ReturnSetInfo *result)
{
	const StpAssessment *a = &rating->assessment;
	Datum values[OUT_COLUMNS] = {0};
	bool nulls[OUT_COLUMNS] = {[OUT_PEER_GROUP] = true, [OUT_OVERRIDE] = true};

	for (size_t n = 0; n < a->nodes; n++)
	{
		fill_node(rating, n, values, nulls);
		for (size_t u = 0; u < a->units; u++)
		{
			CHECK_FOR_INTERRUPTS();
			values[OUT_UNIT] = rating->unit_codes[u];
			fill_cell(rating, n, n * a->units + u, values, nulls);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
	}
}

/* stp.assess(scheme text, period stp.period) */
Datum
stp_assess(PG_FUNCTION_ARGS)
{
	Rating rating = {.scheme = PG_GETARG_DATUM(0), .period = PG_GETARG_DATUM(1)};
	Oid *argument_types;
	int arguments;

	get_func_signature(fcinfo->flinfo->fn_oid, &argument_types, &arguments);
	rating.period_type = argument_types[1];
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	load_scheme(&rating);
	check_scheme(&rating);
	load_tree(&rating);
	load_cohort(&rating);
	load_categories(&rating);
	allocate_cells(&rating);
	load_values(&rating);
	stp_core_assess(&rating.assessment);
	for (int i = 0; i < ROW_STATUSES; i++)
		rating.status_texts[i] = CStringGetTextDatum(status_words[i]);
	write_rows(&rating, (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}

/* stp.assess(scheme text, period stp.period, as_of timestamptz) */
Datum
stp_assess_as_of(PG_FUNCTION_ARGS)
{
	int level = stp_set_as_of(PG_GETARG_TIMESTAMPTZ(2));
	Datum result = stp_assess(fcinfo);

	AtEOXact_GUC(true, level);
	return result;
}
