/*
 * rating.h: everything one call of the rating engine needs, loaded into one structure. What rates
 * (stp.assess, stp.explain and others) loads it, runs stp_core_assess() on its groups as often as
 * it likes, and reads the results.
 */
#ifndef STP_RATING_H
#define STP_RATING_H

#include "fmgr.h"
#include "funcapi.h"

#include "core/assessment.h"
#include "core/estimate.h"

/* A column of a query. */
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
	Field value_unit;
	Field value_period; /* as text */
	Field period;		/* as stp.period */
	int depth;
} NodeLabels;

/* What stands behind the value of a leaf; zeroes: nobody reported. */
typedef struct Report
{
	double numerator; /* NAN: there is none */
	int64 organisations;
	bool zero_denominator;
} Report;

/* Units that are compared with one another. */
typedef struct PeerGroup
{
	StpAssessment assessment;
	size_t first; /* place of its first unit among all */
	Field label;
	Report *reports; /* [nodes * units of the group] */
} PeerGroup;

/* One call, valid until SPI_finish(). */
typedef struct Rating
{
	Datum scheme;
	Datum period;
	Datum membership_period; /* who belongs where, and who is there at all, is taken from it */
	bool moved;				 /* it is another one, and values depend on it */
	Oid period_type;

	bool higher_is_better;
	bool quantiles;
	Datum rates;

	size_t nodes;
	StpNode *node; /* each group has a copy, with its own reference */
	NodeLabels *labels;

	int cuts;
	double *cut;
	Datum *categories; /* [cuts] their labels */
	size_t overrides;
	StpOverride *override;
	Datum *override_names;

	size_t units;
	Datum *unit_codes;
	int groups;
	PeerGroup *group;
} Rating;

/* A row on its way out: as many columns as any function that rates returns, and what becomes NULL
 * in them. */
#define ROW_MAX_COLUMNS 32
typedef struct Row
{
	Datum values[ROW_MAX_COLUMNS];
	bool nulls[ROW_MAX_COLUMNS];
} Row;

/* Set a column that was read from another row. */
extern void stp_put_field(Row *row, int column, Field field);
/* Set a column of type float8; NAN becomes NULL. */
extern void stp_put_number(Row *row, int column, double number);
/* Set a column to a rank; 0 becomes NULL. */
extern void stp_put_rank(Row *row, int column, int32 rank);
/* Set a column to the label of a node's category, 1 = best; 0 becomes NULL. */
extern void stp_put_category(Row *row, int column, const Rating *rating, const StpNode *node,
							 int32 category);

/* Load the scheme and the period in these arguments of the call through SPI, which is connected.
 * Errors: 22023 unknown scheme, no nodes; 23514 not sound, cuts still to be filled in. */
extern void stp_load_rating(Rating *rating, FunctionCallInfo fcinfo, int scheme, int period);

/* The same with the memberships of another period. */
extern void stp_load_moved_rating(Rating *rating, FunctionCallInfo fcinfo, int scheme, int period,
								  int membership_period);

/* Which unit of which group has the code; NULL if none has. */
extern PeerGroup *stp_find_unit(const Rating *rating, Datum code, size_t *unit);

/* The 95% limits of a leaf's value; NAN where its kind has none. */
extern StpLimits stp_find_limits(const PeerGroup *group, const StpNode *node, size_t cell);

/* Whether two columns of text are the same; NULL is the same as NULL. */
extern bool stp_same_text(Field a, Field b);

/* Memory for an array over cells, zeroed; a large cohort may need more than palloc gives. */
extern void *stp_allocate_cells(size_t size, size_t nodes, size_t units);

#endif
