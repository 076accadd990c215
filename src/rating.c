/*
 * rating.c: loads what one call of the rating engine needs. SQL functions gather the scheme, its
 * cohort and the values of its leaves (rating.sql); here they become arrays.
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

#include "history.h"
#include "rating.h"
#include "schema.h"
#include "stp_metrics.h"

/* Of the limits of values. */
#define CONFIDENCE 0.95

/* The columns of stp_internal.scheme_tree(), as load_tree() asks for them. */
enum
{
	TREE_NODE = 1,
	TREE_PARENT,
	TREE_DEPTH,
	TREE_NAME,
	TREE_WEIGHT,
	TREE_AGGREGATION,
	TREE_MINIMUM_COVERAGE,
	TREE_DECIMALS,
	TREE_INDICATOR,
	TREE_VALUE_UNIT,
	TREE_KIND,
	TREE_PER,
	TREE_BETTER,
	TREE_STANDARD,
	TREE_FLOOR,
	TREE_METHOD,
	TREE_LOW,
	TREE_HIGH,
	TREE_REFERENCE,
	TREE_WINSORISE,
	TREE_OVERDISPERSION,
	TREE_CRITICAL,
	TREE_FROZEN,
	TREE_PERIOD,
	TREE_VALUE_PERIOD
};

#define TREE_QUERY                                                                                 \
	"SELECT node, parent, depth, name, weight, aggregation, minimum_coverage, decimals, "          \
	"indicator, value_unit, kind, per, better, standard, floor, method, low, high, reference, "    \
	"winsorise, overdispersion, critical, reference_period IS NOT NULL, value_period, "            \
	"value_period::pg_catalog.text FROM stp_internal.scheme_tree($1, $2)"

#define RULES_QUERY                                                                                \
	"SELECT o.override, o.name, o.no_better_than, o.no_worse_than, "                               \
	"c.node, c.measure, c.comparison, c.threshold "                                                \
	"FROM stp.scheme_override o JOIN stp.scheme_override_condition c "                             \
	"ON c.scheme OPERATOR(pg_catalog.=) o.scheme "                                                 \
	"AND c.override OPERATOR(pg_catalog.=) o.override "                                            \
	"WHERE o.scheme OPERATOR(pg_catalog.=) $1 ORDER BY o.override, c.node, c.measure"

#define MOVED_QUERY                                                                                \
	"SELECT leaf, unit, value, numerator, denominator, organisations, status "                     \
	"FROM stp_internal.moved_values($1, $2, $3, $4, $5)"

#define VALUES_QUERY                                                                               \
	"SELECT leaf, unit, value, numerator, denominator, organisations, status "                     \
	"FROM stp_internal.leaf_values($1, $2, $3, $4)"

void *
stp_allocate_cells(size_t size, size_t nodes, size_t units)
{
	size_t cells;

	if (nodes != 0 && units > MaxAllocHugeSize / size / nodes)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("too many units and nodes to rate: %zu x %zu", units, nodes),
						errhint("Rate fewer units at a time.")));
	cells = Max(nodes * units, 1);
	/* To clear one large array after the other takes its time. */
	CHECK_FOR_INTERRUPTS();
	return MemoryContextAllocExtended(CurrentMemoryContext, cells * size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/*
 * Run a query of the rating. Some of the rows would make another rating: under a policy of
 * row-level security that could hide any it is an error.
 */
static SPITupleTable *
select_all(const char *sql, int arguments, Oid *types, Datum *values)
{
	int level = NewGUCNestLevel();

	stp_set("row_security", "off");
	if (SPI_execute_with_args(stp_query_as_of(sql), arguments, types, values, NULL, true, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "query of the rating engine failed: %s", sql);
	AtEOXact_GUC(true, level);
	return SPI_tuptable;
}

/* Run a query of scheme ($1) and, where it has one, a period ($2). */
static SPITupleTable *
query_in(const Rating *rating, Datum period, const char *sql)
{
	Oid types[] = {TEXTOID, rating->period_type};
	Datum values[] = {rating->scheme, period};

	return select_all(sql, strstr(sql, "$2") == NULL ? 1 : 2, types, values);
}

/* The same of the period whose data are rated. */
static SPITupleTable *
query(const Rating *rating, const char *sql)
{
	return query_in(rating, rating->period, sql);
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

/* A column of type int4. */
static int
get_int(SPITupleTable *table, uint64 row, int column, int if_null)
{
	Field number = get_column(table, row, column);

	return number.isnull ? if_null : DatumGetInt32(number.datum);
}

bool
stp_same_text(Field a, Field b)
{
	text *one, *other;

	if (a.isnull || b.isnull)
		return a.isnull && b.isnull;
	one = DatumGetTextPP(a.datum);
	other = DatumGetTextPP(b.datum);
	return VARSIZE_ANY_EXHDR(one) == VARSIZE_ANY_EXHDR(other) &&
		   memcmp(VARDATA_ANY(one), VARDATA_ANY(other), VARSIZE_ANY_EXHDR(one)) == 0;
}

/* Whether a text column holds this word; NULL holds none. */
static bool
column_is(SPITupleTable *table, uint64 row, int column, const char *word)
{
	Field field = get_column(table, row, column);

	return !field.isnull && stp_is_word(DatumGetTextPP(field.datum), word);
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
	SPITupleTable *scheme = query(rating, "SELECT better, categorise, rates FROM stp.scheme "
										  "WHERE scheme OPERATOR(pg_catalog.=) $1");

	if (scheme->numvals == 0)
		stp_refuse(
			errmsg("unknown scheme \"%s\"", stp_excerpt(TextDatumGetCString(rating->scheme))),
			errhint("SELECT scheme FROM stp.scheme lists them."));
	rating->higher_is_better = column_is(scheme, 0, 1, "higher");
	rating->quantiles = column_is(scheme, 0, 2, "quartiles");
	rating->rates = get_column(scheme, 0, 3).datum;
	/* Organisations that are rated themselves have the values they have. */
	if (column_is(scheme, 0, 3, "organisation"))
		rating->moved = false;
}

/* Refuse the scheme if a query of (what is wrong, hint) finds something. */
static void
check_scheme(Rating *rating, const char *sql, const char *separator)
{
	SPITupleTable *found = query(rating, sql);

	if (found->numvals > 0)
		ereport(ERROR, (errcode(ERRCODE_CHECK_VIOLATION),
						errmsg("scheme \"%s\"%s %s", TextDatumGetCString(rating->scheme), separator,
							   SPI_getvalue(found->vals[0], found->tupdesc, 1)),
						errhint("%s", SPI_getvalue(found->vals[0], found->tupdesc, 2))));
}

/* What banding needs to know of a leaf. */
static StpBand
read_band(SPITupleTable *tree, uint64 row)
{
	static const char *const overdispersions[] = {"none", "additive", "multiplicative"};
	StpBand band;

	band.transform = column_is(tree, row, TREE_KIND, "proportion") ? STP_ARCSINE_ROOT : STP_ROOT;
	band.overdispersion = (StpOverdispersion) find_word(tree, row, TREE_OVERDISPERSION,
														overdispersions, lengthof(overdispersions));
	band.reference = column_is(tree, row, TREE_REFERENCE, "standard")
						 ? get_number(tree, row, TREE_STANDARD) / get_number(tree, row, TREE_PER)
						 : NAN;
	band.winsorise = get_number(tree, row, TREE_WINSORISE);
	band.critical = get_number(tree, row, TREE_CRITICAL);
	return band;
}

/* What the engine needs to know of a leaf. */
static void
read_leaf(SPITupleTable *tree, uint64 row, StpNode *node)
{
	static const char *const methods[] = {"as_is",			 "min_max",	  "z_score",
										  "percentile_rank", "goalposts", "distance_to_target",
										  "ranked",			 "brackets",  "banded"};

	node->method = (StpMethod) find_word(tree, row, TREE_METHOD, methods, lengthof(methods));
	node->higher_is_better = !column_is(tree, row, TREE_BETTER, "lower");
	node->low = get_number(tree, row, TREE_LOW);
	node->high = get_number(tree, row, TREE_HIGH);
	node->standard = get_number(tree, row, TREE_STANDARD);
	node->floor = get_number(tree, row, TREE_FLOOR);
	node->per = get_number(tree, row, TREE_PER);
	node->counted =
		!column_is(tree, row, TREE_KIND, "mean") && !column_is(tree, row, TREE_KIND, "judgement");
	node->band = read_band(tree, row);
	node->frozen = DatumGetBool(get_column(tree, row, TREE_FROZEN).datum);
	node->reference = (StpReference){NAN, NAN, NAN, NAN};
}

/* One node: what the engine needs to know of it. */
static StpNode
read_node(SPITupleTable *tree, uint64 row)
{
	static const char *const aggregations[] = {"arithmetic", "geometric", "harmonic"};
	StpNode node = {.parent = -1};

	node.weight = get_number(tree, row, TREE_WEIGHT);
	node.aggregation = (StpAggregation) find_word(tree, row, TREE_AGGREGATION, aggregations,
												  lengthof(aggregations));
	node.minimum_coverage = get_number(tree, row, TREE_MINIMUM_COVERAGE);
	node.decimals = get_int(tree, row, TREE_DECIMALS, -1);
	node.leaf = !get_column(tree, row, TREE_INDICATOR).isnull;
	if (node.leaf)
		read_leaf(tree, row, &node);
	return node;
}

/* One node: what its rows say. */
static NodeLabels
read_labels(SPITupleTable *tree, uint64 row)
{
	NodeLabels labels;

	labels.node = get_column(tree, row, TREE_NODE);
	labels.parent = get_column(tree, row, TREE_PARENT);
	labels.depth = get_int(tree, row, TREE_DEPTH, 0);
	labels.name = get_column(tree, row, TREE_NAME);
	labels.indicator = get_column(tree, row, TREE_INDICATOR);
	labels.value_unit = get_column(tree, row, TREE_VALUE_UNIT);
	labels.period = get_column(tree, row, TREE_PERIOD);
	labels.value_period = get_column(tree, row, TREE_VALUE_PERIOD);
	return labels;
}

/* The place of a node's parent: the row above, or of its ancestors the one that is one level up. */
static int
find_parent(const Rating *rating, int row)
{
	int above = row - 1;

	while (above >= 0 && rating->labels[above].depth >= rating->labels[row].depth)
		above = rating->node[above].parent;
	return above;
}

/* The tree of the scheme, parents first. */
static void
load_tree(Rating *rating)
{
	SPITupleTable *tree = query(rating, TREE_QUERY);

	if (tree->numvals == 0)
		stp_refuse(errmsg("scheme \"%s\" has no nodes", TextDatumGetCString(rating->scheme)),
				   errhint("Add its tree to stp.scheme_node."));
	rating->nodes = tree->numvals;
	rating->node = stp_allocate_cells(sizeof(StpNode), tree->numvals, 1);
	rating->labels = stp_allocate_cells(sizeof(NodeLabels), tree->numvals, 1);
	for (uint64 row = 0; row < tree->numvals; row++)
	{
		CHECK_FOR_INTERRUPTS();
		rating->node[row] = read_node(tree, row);
		rating->labels[row] = read_labels(tree, row);
		rating->node[row].parent = find_parent(rating, (int) row);
	}
}

/* The place of the node that a column names; NULL names the root. */
static int
find_node(const Rating *rating, SPITupleTable *table, uint64 row, int column)
{
	Field code = get_column(table, row, column);

	for (int n = 0; n < (int) rating->nodes && !code.isnull; n++)
		if (stp_same_text(code, rating->labels[n].node))
			return n;
	return 0;
}

/* Categories of the root and of other nodes, best first. */
static void
load_categories(Rating *rating)
{
	SPITupleTable *found = query(
		rating,
		"SELECT NULL::pg_catalog.text AS node, category, cut, position FROM stp.scheme_category "
		"WHERE scheme OPERATOR(pg_catalog.=) $1 UNION ALL "
		"SELECT node, category, cut, position FROM stp.scheme_node_category "
		"WHERE scheme OPERATOR(pg_catalog.=) $1 ORDER BY node NULLS FIRST, position");

	rating->cuts = (int) found->numvals;
	rating->cut = stp_allocate_cells(sizeof(double), found->numvals, 1);
	rating->categories = stp_allocate_cells(sizeof(Datum), found->numvals, 1);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		StpNode *node = &rating->node[find_node(rating, found, row, 1)];

		CHECK_FOR_INTERRUPTS();
		if (node->categories++ == 0)
			node->first_cut = (int) row;
		rating->categories[row] = get_column(found, row, 2).datum;
		rating->cut[row] = get_number(found, row, 3);
	}
}

/* Ranges of values, node by node, lowest first. */
static void
load_brackets(Rating *rating)
{
	SPITupleTable *found =
		query(rating, "SELECT node, cut, score FROM stp.scheme_bracket "
					  "WHERE scheme OPERATOR(pg_catalog.=) $1 ORDER BY node, position");
	StpBracket *brackets = stp_allocate_cells(sizeof(StpBracket), found->numvals, 1);

	for (uint64 row = 0; row < found->numvals; row++)
	{
		StpNode *node = &rating->node[find_node(rating, found, row, 1)];

		CHECK_FOR_INTERRUPTS();
		brackets[row] = (StpBracket){get_number(found, row, 2), get_number(found, row, 3)};
		if (node->brackets++ == 0)
			node->bracket = &brackets[row];
	}
}

/* One condition of a rule. */
static StpCondition
read_condition(const Rating *rating, SPITupleTable *found, uint64 row)
{
	static const char *const comparisons[] = {"<", "<=", "=", ">=", ">"};
	StpCondition condition;

	condition.node = find_node(rating, found, row, 5);
	condition.of_score = column_is(found, row, 6, "score");
	condition.comparison =
		(StpComparison) find_word(found, row, 7, comparisons, lengthof(comparisons));
	condition.threshold = get_number(found, row, 8);
	return condition;
}

/* The place of the root's category that a column names, 1 = best; 0 for NULL. */
static int
find_category(const Rating *rating, SPITupleTable *found, uint64 row, int column)
{
	Field wanted = get_column(found, row, column);
	const StpNode *root = &rating->node[0];

	for (int i = 0; i < root->categories && !wanted.isnull; i++)
		if (stp_same_text(wanted, (Field){rating->categories[root->first_cut + i], false}))
			return i + 1;
	return 0;
}

/* Rules: a row for each condition, those of one rule together. */
static void
load_overrides(Rating *rating)
{
	SPITupleTable *found = query(rating, RULES_QUERY);
	StpCondition *conditions = stp_allocate_cells(sizeof(StpCondition), found->numvals, 1);
	StpOverride *rule = NULL;

	rating->override = stp_allocate_cells(sizeof(StpOverride), found->numvals, 1);
	rating->override_names = stp_allocate_cells(sizeof(Datum), found->numvals, 1);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		CHECK_FOR_INTERRUPTS();
		conditions[row] = read_condition(rating, found, row);
		if (row == 0 || !stp_same_text(get_column(found, row, 1), get_column(found, row - 1, 1)))
		{
			rule = &rating->override[rating->overrides];
			rule->condition = &conditions[row];
			rule->no_better_than = find_category(rating, found, row, 3);
			rule->no_worse_than = find_category(rating, found, row, 4);
			rating->override_names[rating->overrides++] = get_column(found, row, 2).datum;
		}
		rule->conditions++;
	}
}

/* Who is rated, and in which group: the members of a group come one after the other. */
static void
load_cohort(Rating *rating)
{
	SPITupleTable *cohort = query_in(rating, rating->membership_period,
									 "SELECT unit, peer_group FROM stp.cohort($1, $2)");

	rating->units = cohort->numvals;
	rating->unit_codes = stp_allocate_cells(sizeof(Datum), cohort->numvals, 1);
	rating->group = stp_allocate_cells(sizeof(PeerGroup), cohort->numvals, 1);
	for (uint64 row = 0; row < cohort->numvals; row++)
	{
		Field label = get_column(cohort, row, 2);

		CHECK_FOR_INTERRUPTS();
		rating->unit_codes[row] = get_column(cohort, row, 1).datum;
		if (row == 0 || !stp_same_text(label, rating->group[rating->groups - 1].label))
		{
			rating->group[rating->groups].first = row;
			rating->group[rating->groups++].label = label;
		}
		rating->group[rating->groups - 1].assessment.units++;
	}
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
	a->scale = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->exact = stp_allocate_cells(sizeof(double), a->nodes, 1);
	a->state = stp_allocate_cells(sizeof(StpComposite), a->nodes, 1);
}

/* Give a group its copy of the scheme, and cells in which nothing is reported. */
static void
prepare_group(const Rating *rating, PeerGroup *group)
{
	StpAssessment *a = &group->assessment;

	a->nodes = rating->nodes;
	a->node = stp_allocate_cells(sizeof(StpNode), a->nodes, 1);
	memcpy(a->node, rating->node, a->nodes * sizeof(StpNode));
	a->higher_is_better = rating->higher_is_better;
	a->quantiles = rating->quantiles;
	a->cut = stp_allocate_cells(sizeof(double), rating->cuts, 1);
	memcpy(a->cut, rating->cut, rating->cuts * sizeof(double));
	a->override = rating->override;
	a->overrides = rating->overrides;
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

/* Put what stp_internal.leaf_values() found into its cells; leaf_nodes says which node each leaf is, and
 * group_of which group each unit is in. */
static void
store_values(Rating *rating, const int *leaf_nodes, const int *group_of, SPITupleTable *found)
{
	for (uint64 row = 0; row < found->numvals; row++)
	{
		int leaf = (int) DatumGetInt64(get_column(found, row, 1).datum) - 1;
		size_t unit = (size_t) DatumGetInt64(get_column(found, row, 2).datum) - 1;
		PeerGroup *group = &rating->group[group_of[unit]];
		size_t cell = (size_t) leaf_nodes[leaf] * group->assessment.units + (unit - group->first);

		CHECK_FOR_INTERRUPTS();
		group->assessment.value[cell] = get_number(found, row, 3);
		group->reports[cell].numerator = get_number(found, row, 4);
		group->assessment.denominator[cell] = get_number(found, row, 5);
		group->reports[cell].organisations = DatumGetInt64(get_column(found, row, 6).datum);
		group->reports[cell].zero_denominator = column_is(found, row, 7, "zero denominator");
	}
}

/* An array of text. */
static Datum
text_array(Datum *texts, size_t count)
{
	return PointerGetDatum(construct_array(texts, (int) count, TEXTOID, -1, false, 'i'));
}

/* The values of all leaves that have a period, in one query; which node each leaf is. */
static SPITupleTable *
query_values(const Rating *rating, int *leaf_nodes)
{
	Datum *nodes = stp_allocate_cells(sizeof(Datum), rating->nodes, 1);
	Datum *indicators = stp_allocate_cells(sizeof(Datum), rating->nodes, 1);
	Datum *periods = stp_allocate_cells(sizeof(Datum), rating->nodes, 1);
	Oid types[] = {TEXTOID, TEXTARRAYOID, get_array_type(rating->period_type), TEXTARRAYOID,
				   rating->period_type};
	Datum values[lengthof(types)] = {rating->moved ? rating->scheme : rating->rates};
	int leaves = 0;

	for (int n = 0; n < (int) rating->nodes; n++)
		if (!rating->labels[n].period.isnull)
		{
			leaf_nodes[leaves] = n;
			nodes[leaves] = rating->labels[n].node.datum;
			indicators[leaves] = rating->labels[n].indicator.datum;
			periods[leaves++] = rating->labels[n].period.datum;
		}
	values[1] = text_array(rating->moved ? nodes : indicators, leaves);
	values[2] =
		PointerGetDatum(construct_array(periods, leaves, rating->period_type, 4, true, 'i'));
	values[3] = text_array(rating->unit_codes, rating->units);
	values[4] = rating->membership_period;
	return select_all(rating->moved ? MOVED_QUERY : VALUES_QUERY, lengthof(types) - !rating->moved,
					  types, values);
}

/* Fill the cells of all groups. */
static void
load_values(Rating *rating)
{
	int *leaf_nodes = stp_allocate_cells(sizeof(int), rating->nodes, 1);
	int *group_of = stp_allocate_cells(sizeof(int), rating->units, 1);

	for (int g = 0; g < rating->groups; g++)
	{
		CHECK_FOR_INTERRUPTS();
		prepare_group(rating, &rating->group[g]);
		for (size_t u = 0; u < rating->group[g].assessment.units; u++)
			group_of[rating->group[g].first + u] = g;
	}
	store_values(rating, leaf_nodes, group_of, query_values(rating, leaf_nodes));
}

/* What the scores of leaves are measured by where that is another period. */
static void
load_references(Rating *rating)
{
	SPITupleTable *found;
	bool any = false;

	for (size_t n = 0; n < rating->nodes; n++)
		any = any || rating->node[n].frozen;
	if (!any)
		return;
	found = query(rating, "SELECT node, peer_group, smallest, largest, mean, deviation "
						  "FROM stp_internal.reference_values($1)");
	for (uint64 row = 0; row < found->numvals; row++)
		for (int g = 0; g < rating->groups; g++)
		{
			CHECK_FOR_INTERRUPTS();
			if (stp_same_text(get_column(found, row, 2), rating->group[g].label))
				rating->group[g].assessment.node[find_node(rating, found, row, 1)].reference =
					(StpReference){get_number(found, row, 3), get_number(found, row, 4),
								   get_number(found, row, 5), get_number(found, row, 6)};
		}
}

/* Load everything but what the call has said. */
static void
load_rating(Rating *rating)
{
	load_scheme(rating);
	/* Indicators may have changed since the scheme was checked, and it may be half built. */
	check_scheme(rating, "SELECT fault, hint FROM stp_internal.scheme_faults($1)", ":");
	check_scheme(rating, "SELECT gap, hint FROM stp.scheme_gaps($1)", "");
	load_tree(rating);
	load_categories(rating);
	load_brackets(rating);
	load_overrides(rating);
	load_cohort(rating);
	load_values(rating);
	load_references(rating);
}

void
stp_load_rating(Rating *rating, FunctionCallInfo fcinfo, int scheme, int period)
{
	stp_load_moved_rating(rating, fcinfo, scheme, period, period);
}

void
stp_load_moved_rating(Rating *rating, FunctionCallInfo fcinfo, int scheme, int period,
					  int membership_period)
{
	Oid *argument_types;
	int arguments;

	memset(rating, 0, sizeof(*rating));
	get_func_signature(fcinfo->flinfo->fn_oid, &argument_types, &arguments);
	rating->scheme = PG_GETARG_DATUM(scheme);
	rating->period = PG_GETARG_DATUM(period);
	rating->membership_period = PG_GETARG_DATUM(membership_period);
	rating->moved = period != membership_period;
	rating->period_type = argument_types[period];
	load_rating(rating);
}

PeerGroup *
stp_find_unit(const Rating *rating, Datum code, size_t *unit)
{
	Field wanted = {code, false};

	for (int g = 0; g < rating->groups; g++)
		for (*unit = 0; *unit < rating->group[g].assessment.units; (*unit)++)
			if (stp_same_text(wanted,
							  (Field){rating->unit_codes[rating->group[g].first + *unit], false}))
				return &rating->group[g];
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
stp_put_category(Row *row, int column, const Rating *rating, const StpNode *node, int32 category)
{
	row->nulls[column] = category <= 0;
	if (category > 0)
		row->values[column] = rating->categories[node->first_cut + category - 1];
}
