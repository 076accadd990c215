/*
 * scheme.c: rating schemes: checked at commit, and loaded for the engine.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "history.h"
#include "scheme.h"
#include "schema.h"
#include "stamp.h"
#include "stp_metrics.h"

/*---------------------------------------------------------------------------
 * Loading
 *---------------------------------------------------------------------------
 */

/* The columns of stp.scheme_tree() that only the engine looks at, behind the others. */
enum
{
	TREE_WEIGHT = SCHEME_COLUMNS + 1,
	TREE_AGGREGATION,
	TREE_MINIMUM_COVERAGE,
	TREE_DECIMALS,
	TREE_RESCALE,
	TREE_SCALE_LOW,
	TREE_SCALE_HIGH,
	TREE_SCALE_BETTER,
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
	TREE_TIES,
	TREE_TRANSFORMATION,
	TREE_MINIMUM_UNITS,
	TREE_MINIMUM_QUALIFIED,
	TREE_PIVOTAL
};

#define SCHEME_QUERY(R)                                                                            \
	"SELECT better, categorise, rates, complete_from, missing_weight, category_group, seeds, "     \
	"strictness "                                                                                  \
	"FROM " R(stp, scheme) " WHERE scheme OPERATOR(pg_catalog.=) $1"

#define FAULTS_QUERY(R) "SELECT fault, hint FROM " R(stp_internal, scheme_faults) "($1)"

#define GAPS_QUERY(R) "SELECT gap, hint FROM " R(stp, scheme_gaps) "($1)"

#define TREE_QUERY(R)                                                                              \
	"SELECT node, parent, depth, name, indicator, unit_of_measure, maximum_age, takes, "           \
	"reference_period, weight, aggregation, "                                                      \
	"minimum_coverage, decimals, rescale, scale_low, scale_high, scale_better, kind, per, "        \
	"better, standard, floor, method, low, high, "                                                 \
	"reference, winsorise, overdispersion, critical, ties, transformation, minimum_units, "        \
	"minimum_qualified, pivotal "                                                                  \
	"FROM " R(stp, scheme_tree) "($1)"

#define CATEGORIES_QUERY(R)                                                                        \
	"SELECT NULL::pg_catalog.text AS node, category, cut, position "                               \
	"FROM " R(                                                                                     \
		stp, scheme_category) " WHERE scheme OPERATOR(pg_catalog.=) $1 "                           \
							  "UNION ALL SELECT node, category, cut, position "                    \
							  "FROM " R(                                                           \
								  stp,                                                             \
								  scheme_node_category) " WHERE scheme OPERATOR(pg_catalog.=) $1 " \
														"ORDER BY node NULLS FIRST, position"

#define BRACKETS_QUERY(R)                                                                          \
	"SELECT node, cut, score FROM " R(                                                             \
		stp, scheme_bracket) " "                                                                   \
							 "WHERE scheme OPERATOR(pg_catalog.=) $1 ORDER BY node, position"

#define RULES_QUERY(R)                                                                             \
	"SELECT o.override, o.name, o.no_better_than, o.no_worse_than, "                               \
	"c.node, c.measure, c.comparison, c.threshold "                                                \
	"FROM " R(stp, scheme_override) " o JOIN " R(                                                  \
		stp, scheme_override_condition) " c "                                                      \
										"ON c.scheme OPERATOR(pg_catalog.=) o.scheme "             \
										"AND c.override OPERATOR(pg_catalog.=) o.override "        \
										"WHERE o.scheme OPERATOR(pg_catalog.=) $1 ORDER BY "       \
										"o.override, c.node, c.measure"

static StpCodeQuery scheme_query = STP_CODE_QUERY(SCHEME_QUERY);
static StpCodeQuery faults_query = STP_CODE_QUERY(FAULTS_QUERY);
static StpCodeQuery gaps_query = STP_CODE_QUERY(GAPS_QUERY);
static StpCodeQuery tree_query = STP_CODE_QUERY(TREE_QUERY);
static StpCodeQuery categories_query = STP_CODE_QUERY(CATEGORIES_QUERY);
static StpCodeQuery brackets_query = STP_CODE_QUERY(BRACKETS_QUERY);
static StpCodeQuery rules_query = STP_CODE_QUERY(RULES_QUERY);

/* Which of the words a text column holds; the table's CHECK has seen to it that it is one. */
static int
find_word(SPITupleTable *table, uint64 row, int column, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (stp_field_is(table, row, column, words[i]))
			return i;
	elog(ERROR, "unexpected word in column %d of a scheme", column);
}

/* The scheme's own row; there must be one. */
static void
load_row(Scheme *scheme)
{
	static const char *const categorisations[] = {"cuts", "quartiles", "k_means", "natural_breaks"};
	SPITupleTable *found = stp_ask_of(&scheme_query, scheme->code);

	if (found->numvals == 0)
		stp_refuse(errmsg("unknown scheme \"%s\"", stp_excerpt(TextDatumGetCString(scheme->code))),
				   errhint("SELECT scheme FROM stp.scheme lists them."));
	scheme->higher_is_better = stp_field_is(found, 0, 1, "higher");
	scheme->categorise =
		(StpCategorise) find_word(found, 0, 2, categorisations, lengthof(categorisations));
	scheme->by_qualified = stp_field_is(found, 0, 6, "qualified");
	scheme->seeds = stp_field_is(found, 0, 7, "even") ? STP_SEED_EVEN : STP_SEED_MEDIANS;
	scheme->strict = stp_get_number(found, 0, 8);
	scheme->rates = stp_get_field(found, 0, 3).datum;
	scheme->complete_from = stp_get_number(found, 0, 4);
	scheme->rates_organisations = stp_field_is(found, 0, 3, "organisation");
	scheme->shares_overall = stp_field_is(found, 0, 5, "overall");
}

/* Refuse the scheme if a query of (what is wrong, hint) finds something. */
static void
check(const Scheme *scheme, StpCodeQuery *query, const char *separator)
{
	SPITupleTable *found = stp_ask_of(query, scheme->code);

	if (found->numvals > 0)
		ereport(ERROR, (errcode(ERRCODE_CHECK_VIOLATION),
						errmsg("scheme \"%s\"%s %s", TextDatumGetCString(scheme->code), separator,
							   SPI_getvalue(found->vals[0], found->tupdesc, 1)),
						errhint("%s", SPI_getvalue(found->vals[0], found->tupdesc, 2))));
}

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

/* What banding needs to know of a leaf. */
static StpBand
read_band(SPITupleTable *tree, uint64 row)
{
	static const char *const overdispersions[] = {"none", "additive", "multiplicative"};
	StpBand band;

	band.method =
		stp_field_is(tree, row, TREE_KIND, "proportion") ? STP_FUNNEL_ARCSINE : STP_FUNNEL_ROOT;
	band.overdispersion = (StpOverdispersion) find_word(tree, row, TREE_OVERDISPERSION,
														overdispersions, lengthof(overdispersions));
	band.reference =
		stp_field_is(tree, row, TREE_REFERENCE, "standard")
			? stp_get_number(tree, row, TREE_STANDARD) / stp_get_number(tree, row, TREE_PER)
			: NAN;
	band.winsorise = stp_get_number(tree, row, TREE_WINSORISE);
	band.critical = stp_get_number(tree, row, TREE_CRITICAL);
	return band;
}

/* The method of a leaf. */
static StpMethod
find_method(SPITupleTable *tree, uint64 row)
{
	const char *words[STP_METHODS];

	for (int i = 0; i < STP_METHODS; i++)
		words[i] = stp_core_methods[i].word;
	return (StpMethod) find_word(tree, row, TREE_METHOD, words, STP_METHODS);
}

/* What becomes of the numbers of a cohort. */
static void
read_method(SPITupleTable *tree, uint64 row, StpNode *node)
{
	static const char *const ties[] = {"average", "low", "high"};

	node->method = find_method(tree, row);
	node->ties = (StpTies) find_word(tree, row, TREE_TIES, ties, lengthof(ties));
	node->low = stp_get_number(tree, row, TREE_LOW);
	node->high = stp_get_number(tree, row, TREE_HIGH);
	node->reference = (StpReference){NAN, NAN, NAN, NAN};
	node->minimum_units = (size_t) stp_get_int(tree, row, TREE_MINIMUM_UNITS, 0);
}

/* What the engine needs to know of a leaf. */
static void
read_leaf(SPITupleTable *tree, uint64 row, StpNode *node)
{
	static const char *const transformations[] = {"none", "log", "root"};

	read_method(tree, row, node);
	node->transformation = (StpTransformation) find_word(
		tree, row, TREE_TRANSFORMATION, transformations, lengthof(transformations));
	node->higher_is_better = !stp_field_is(tree, row, TREE_BETTER, "lower");
	node->standard = stp_get_number(tree, row, TREE_STANDARD);
	node->floor = stp_get_number(tree, row, TREE_FLOOR);
	node->per = stp_get_number(tree, row, TREE_PER);
	node->counted = !stp_field_is(tree, row, TREE_KIND, "mean") &&
					!stp_field_is(tree, row, TREE_KIND, "judgement");
	node->band = read_band(tree, row);
	node->frozen = !stp_get_field(tree, row, SCHEME_REFERENCE_PERIOD).isnull;
}

/* On which scale the scores of a node are; where nothing says so, better as those of the scheme. */
static void
read_scale(const Scheme *scheme, SPITupleTable *tree, uint64 row, StpNode *node)
{
	node->rescales = DatumGetBool(stp_get_field(tree, row, TREE_RESCALE).datum);
	node->scale_low = stp_get_number(tree, row, TREE_SCALE_LOW);
	node->scale_high = stp_get_number(tree, row, TREE_SCALE_HIGH);
	node->scores_rise = stp_get_field(tree, row, TREE_SCALE_BETTER).isnull
							? scheme->higher_is_better
							: stp_field_is(tree, row, TREE_SCALE_BETTER, "higher");
}

/* One node: what the engine needs to know of it. */
static StpNode
read_node(const Scheme *scheme, SPITupleTable *tree, uint64 row)
{
	static const char *const aggregations[] = {"arithmetic", "geometric", "harmonic", "sum"};
	StpNode node = {.parent = -1};

	node.weight = stp_get_number(tree, row, TREE_WEIGHT);
	node.aggregation = (StpAggregation) find_word(tree, row, TREE_AGGREGATION, aggregations,
												  lengthof(aggregations));
	node.minimum_coverage = stp_get_number(tree, row, TREE_MINIMUM_COVERAGE);
	node.decimals = stp_get_int(tree, row, TREE_DECIMALS, -1);
	read_scale(scheme, tree, row, &node);
	node.minimum_qualified = stp_get_int(tree, row, TREE_MINIMUM_QUALIFIED, 0);
	node.pivotal = DatumGetBool(stp_get_field(tree, row, TREE_PIVOTAL).datum);
	node.leaf = !stp_get_field(tree, row, SCHEME_INDICATOR).isnull;
	node.normalised = !node.leaf && !stp_get_field(tree, row, TREE_METHOD).isnull;
	if (node.leaf)
		read_leaf(tree, row, &node);
	if (node.normalised)
		read_method(tree, row, &node);
	return node;
}

/* The place of a node's parent: the row above, or of its ancestors the one that is one level up. */
static int
find_parent(const Scheme *scheme, int row)
{
	int depth = stp_get_int(scheme->tree, row, SCHEME_DEPTH, 0), above = row - 1;

	while (above >= 0 && stp_get_int(scheme->tree, above, SCHEME_DEPTH, 0) >= depth)
		above = scheme->node[above].parent;
	return above;
}

/* In which direction what comes to each node that is normalised is good: that of the scores of its
 * children, which have one scale, or the scheme's where they are rescaled. */
static void
turn_normalised(Scheme *scheme)
{
	StpNode *node = scheme->node;

	for (size_t n = 0; n < scheme->nodes; n++)
		node[n].higher_is_better =
			node[n].normalised ? scheme->higher_is_better : node[n].higher_is_better;
	for (size_t n = 1; n < scheme->nodes; n++)
		if (node[node[n].parent].normalised && node[n].weight > 0 && !node[node[n].parent].rescales)
			node[node[n].parent].higher_is_better = node[n].scores_rise;
}

/* The tree of the scheme, parents first. */
static void
load_tree(Scheme *scheme)
{
	SPITupleTable *tree = stp_ask_of(&tree_query, scheme->code);

	if (tree->numvals == 0)
		stp_refuse(errmsg("scheme \"%s\" has no nodes", TextDatumGetCString(scheme->code)),
				   errhint("Add its tree to stp.scheme_node."));
	scheme->tree = tree;
	scheme->nodes = tree->numvals;
	scheme->node = stp_allocate_cells(sizeof(StpNode), tree->numvals, 1);
	for (uint64 row = 0; row < tree->numvals; row++)
	{
		CHECK_FOR_INTERRUPTS();
		scheme->node[row] = read_node(scheme, tree, row);
		scheme->node[row].parent = find_parent(scheme, (int) row);
	}
	turn_normalised(scheme);
	stp_core_total_weights(scheme->node, tree->numvals);
}

/* The place of the node that a column of text names; NULL names the root. */
static int
find_node(const Scheme *scheme, const SPITupleTable *found, uint64 row, int column)
{
	Field code = stp_get_field(found, row, column);

	for (int n = 0; n < (int) scheme->nodes && !code.isnull; n++)
		if (stp_same_text(code, stp_get_label(scheme, n, SCHEME_NODE)))
			return n;
	return 0;
}

/* Categories of the root and of other nodes, best first. */
static void
load_categories(Scheme *scheme)
{
	SPITupleTable *found = stp_ask_of(&categories_query, scheme->code);

	scheme->cuts = (int) found->numvals;
	scheme->cut = stp_allocate_cells(sizeof(double), found->numvals, 1);
	scheme->categories = stp_allocate_cells(sizeof(Datum), found->numvals, 1);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		StpNode *node = &scheme->node[find_node(scheme, found, row, 1)];

		CHECK_FOR_INTERRUPTS();
		if (node->categories++ == 0)
			node->first_cut = (int) row;
		scheme->categories[row] = stp_get_field(found, row, 2).datum;
		scheme->cut[row] = stp_get_number(found, row, 3);
	}
}

/* Ranges of values, node by node, lowest first. */
static void
load_brackets(Scheme *scheme)
{
	SPITupleTable *found = stp_ask_of(&brackets_query, scheme->code);
	StpBracket *brackets = stp_allocate_cells(sizeof(StpBracket), found->numvals, 1);

	for (uint64 row = 0; row < found->numvals; row++)
	{
		StpNode *node = &scheme->node[find_node(scheme, found, row, 1)];

		CHECK_FOR_INTERRUPTS();
		brackets[row] = (StpBracket){stp_get_number(found, row, 2), stp_get_number(found, row, 3)};
		if (node->brackets++ == 0)
			node->bracket = &brackets[row];
	}
}

/* One condition of a rule. */
static StpCondition
read_condition(const Scheme *scheme, SPITupleTable *found, uint64 row)
{
	static const char *const comparisons[] = {"<", "<=", "=", ">=", ">"};
	static const char *const measures[] = {"value", "score", "qualified", "quartile"};
	StpCondition condition;

	condition.node = find_node(scheme, found, row, 5);
	condition.measure = (StpMeasure) find_word(found, row, 6, measures, lengthof(measures));
	condition.comparison =
		(StpComparison) find_word(found, row, 7, comparisons, lengthof(comparisons));
	condition.threshold = stp_get_number(found, row, 8);
	return condition;
}

/* The place of the root's category that a column names, 1 = best; 0 for NULL. */
static int
find_category(const Scheme *scheme, SPITupleTable *found, uint64 row, int column)
{
	Field wanted = stp_get_field(found, row, column);
	const StpNode *root = &scheme->node[0];

	for (int i = 0; i < root->categories && !wanted.isnull; i++)
		if (stp_same_text(wanted, (Field){scheme->categories[root->first_cut + i], false}))
			return i + 1;
	return 0;
}

/* Rules: a row for each condition, those of one rule together. */
static void
load_overrides(Scheme *scheme)
{
	SPITupleTable *found = stp_ask_of(&rules_query, scheme->code);
	StpCondition *conditions = stp_allocate_cells(sizeof(StpCondition), found->numvals, 1);
	StpOverride *rule = NULL;

	scheme->override = stp_allocate_cells(sizeof(StpOverride), found->numvals, 1);
	scheme->override_names = stp_allocate_cells(sizeof(Datum), found->numvals, 1);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		CHECK_FOR_INTERRUPTS();
		conditions[row] = read_condition(scheme, found, row);
		if (row == 0 ||
			!stp_same_text(stp_get_field(found, row, 1), stp_get_field(found, row - 1, 1)))
		{
			rule = &scheme->override[scheme->overrides];
			rule->condition = &conditions[row];
			rule->no_better_than = find_category(scheme, found, row, 3);
			rule->no_worse_than = find_category(scheme, found, row, 4);
			scheme->override_names[scheme->overrides++] = stp_get_field(found, row, 2).datum;
		}
		rule->conditions++;
	}
}

Scheme *
stp_load_scheme(Datum code)
{
	Scheme *scheme = palloc0(sizeof(Scheme));

	scheme->code = code;
	load_row(scheme);
	/* Indicators may have changed since the scheme was checked, and it may be half built. */
	check(scheme, &faults_query, ":");
	check(scheme, &gaps_query, "");
	load_tree(scheme);
	load_categories(scheme);
	load_brackets(scheme);
	load_overrides(scheme);
	return scheme;
}

/*---------------------------------------------------------------------------
 * The check at commit
 *---------------------------------------------------------------------------
 */

/*
 * Schemes that were found sound, and when: since then this (sub)transaction has changed nothing. A
 * scheme of thousands of nodes is checked once, not once for each of them.
 */
static struct
{
	FullTransactionId transaction;
	SubTransactionId subtransaction;
	uint64 writes;
	List *schemes;
} sound;

PG_FUNCTION_INFO_V1(stp_check_scheme);

/* Forget what was found before something was changed. */
static void
forget_old(void)
{
	FullTransactionId transaction = GetTopFullTransactionId();
	SubTransactionId subtransaction = GetCurrentSubTransactionId();
	uint64 writes = stp_count_writes();

	if (FullTransactionIdEquals(sound.transaction, transaction) &&
		sound.subtransaction == subtransaction && sound.writes == writes)
		return;
	/* The list of another transaction went with its memory. */
	sound.transaction = transaction;
	sound.subtransaction = subtransaction;
	sound.writes = writes;
	sound.schemes = NIL;
}

/* Whether a scheme was found sound as it stands. */
static bool
is_sound(const char *scheme)
{
	ListCell *cell;

	forget_old();
	foreach(cell, sound.schemes) if (strcmp(lfirst(cell), scheme) == 0) return true;
	return false;
}

/* Remember that a scheme is sound. */
static void
remember(const char *scheme)
{
	MemoryContext old_context = MemoryContextSwitchTo(TopTransactionContext);

	forget_old();
	sound.schemes = lappend(sound.schemes, pstrdup(scheme));
	MemoryContextSwitchTo(old_context);
}

/* Refuse a scheme that has a fault. Transactions that change schemes check one after the other, or
 * two sound halves could make a broken whole. */
static void
check_at_commit(Relation table, const char *scheme)
{
	Oid type = TEXTOID;
	Datum value = CStringGetTextDatum(scheme);

	stp_take_lock(STP_LOCK_RELATION, get_relname_relid("scheme", RelationGetNamespace(table)));
	SPI_connect();
	stp_execute_as_owner("SELECT f.fault, f.hint FROM stp_internal.scheme_faults($1) f", NULL,
						 InvalidSnapshot, false, 1, &type, &value, NULL);
	if (SPI_processed > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("scheme \"%s\": %s", scheme,
						SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1)),
				 errhint("%s", SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2))));
	SPI_finish();
	remember(scheme);
}

/* stp_internal.check_scheme(), of the tables that have a column scheme. */
Datum
stp_check_scheme(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = stp_get_trigger(fcinfo, TRIGGER_EVENT_ROW, STP_ON_ANY_CHANGE);
	TupleDesc columns = RelationGetDescr(trigger->tg_relation);
	HeapTuple rows[] = {trigger->tg_trigtuple, trigger->tg_newtuple};
	int column = SPI_fnumber(columns, "scheme");

	if (column <= 0)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("stp.%s has no column scheme",
							   RelationGetRelationName(trigger->tg_relation))));
	for (size_t i = 0; i < lengthof(rows); i++)
	{
		const char *scheme = rows[i] == NULL ? NULL : SPI_getvalue(rows[i], columns, column);

		if (scheme != NULL && !is_sound(scheme))
			check_at_commit(trigger->tg_relation, scheme);
	}
	return PointerGetDatum(NULL);
}
