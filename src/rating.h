/*
 * rating.h: everything one call of the rating engine needs. What rates (stp.assess, stp.explain and
 * others) loads a scheme, a cohort and a rating, each from the one before, runs stp_core_assess()
 * on the rating's groups as often as it likes, and reads the results.
 */
#ifndef STP_RATING_H
#define STP_RATING_H

#include "fmgr.h"
#include "funcapi.h"
#include "utils/date.h"

#include "core/estimate.h"
#include "scheme.h"

/* Units that are compared with one another, as places in the cohort. */
typedef struct Peers
{
	size_t first;
	size_t units;
	Field label;
} Peers;

/* A leaf and a period that it may take. */
typedef struct Candidate
{
	size_t node;
	Datum period;
	double came; /* weights of reports, of all units */
	double missing;
	double organisations; /* that have reported, of all units */
	bool taken;			  /* its values are those of the leaf */
} Candidate;

/* What a row can say of itself. The first are those of figures. */
typedef enum RowStatus
{
	ROW_NO_DATA,
	ROW_OK,
	ROW_RESTATED,
	ROW_INFERRED,
	ROW_SUPPRESSED,
	ROW_PARTIAL,
	ROW_INCOMPLETE,
	ROW_ZERO_DENOMINATOR,
	ROW_CONSTANT_COHORT,
	ROW_FEW_UNITS,
	ROW_UNDEFINED_VALUE,
	ROW_NO_REFERENCE,
	ROW_NO_TARGET,
	ROW_NO_STANDARD_ERROR,
	ROW_LOW_COVERAGE,
	ROW_NOT_QUALIFIED,
	ROW_UNDEFINED_MEAN,
	ROW_STATUSES
} RowStatus;

extern const char *const stp_status_words[ROW_STATUSES];

/* What stands behind the value of a leaf; zeroes: nobody reported. */
typedef struct Report
{
	double numerator; /* NAN: there is none */
	double spread;	  /* half of what suppressed counts can be; NAN: none is */
	double scale;	  /* of the value, for what is missing */
	double restated;  /* part that counts there only on these boundaries; NAN: none */
	int organisations;
	int expected;
	int16 months;		   /* that somebody has reported for, of a leaf that takes several; */
	int16 months_expected; /* of so many; 0: it takes one period */
	RowStatus status;
} Report;

/* A value of a candidate, in a unit. */
typedef struct Figure
{
	uint32 candidate;
	uint32 unit;
	double value;
	double denominator;
	double completeness;
	Report report;
} Figure;

/* As many of them as fit into 8 kB. */
#define FIGURES_TOGETHER 100
typedef struct Figures
{
	struct Figures *before;
	size_t count;
	Figure figure[FIGURES_TOGETHER];
} Figures;

/* What a query has found about candidates; each is a leaf of the query. */
typedef struct Values
{
	Candidate *candidate;
	size_t candidates;
	MemoryContext memory;
	Figures *last;
} Values;

/* Of the latest periods, of earlier ones where these are not complete, and of leaves that take
 * several. */
#define MAX_QUERIES 3

/* A scheme in a period: which periods its leaves take, and whom it rates. Valid until SPI_finish().
 */
typedef struct Cohort
{
	Scheme *scheme;
	Datum period;
	Oid period_type;
	DateADT boundaries;	  /* on whose map */
	Field *value_period;  /* [nodes]: the period that a leaf takes */
	MemoryContext memory; /* of figures: who has what is rated needs them no more */
	Values values[MAX_QUERIES];
	int queries;
	size_t units;
	Datum *unit_codes; /* those of a group come one after the other */
	int groups;
	Peers *peers;
} Cohort;

/* A group of the cohort, with its values. */
typedef struct PeerGroup
{
	StpAssessment assessment;
	size_t first; /* place of its first unit among all */
	Field label;
	Report *reports; /* [nodes * units of the group] */
} PeerGroup;

/* What is rated, valid until SPI_finish(). */
typedef struct Rating
{
	Scheme *scheme;
	const Cohort *cohort;
	int groups;
	PeerGroup *group;
} Rating;

/* A row on its way out: as many columns as any function that rates returns, and what becomes NULL
 * in them. */
#define ROW_MAX_COLUMNS 36
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
extern void stp_put_category(Row *row, int column, const Scheme *scheme, const StpNode *node,
							 int32 category);

/* An array of text. */
extern Datum stp_text_array(Datum *texts, size_t count);

/* Load a scheme in the period that is this argument of the call, on the boundaries that are another
 * (0: none, or NULL: those of the period), through SPI, which is connected. */
extern Cohort *stp_load_cohort(Scheme *scheme, FunctionCallInfo fcinfo, int period, int boundaries);

/* The same on the boundaries of a day. */
extern Cohort *stp_load_cohort_on(Scheme *scheme, FunctionCallInfo fcinfo, int period, DateADT day);

/* Load the values of a cohort. */
extern Rating *stp_load_rating(const Cohort *cohort);

/* Ratings of two cohorts of one scheme, with the data (+1: of the second), the reporting (+2) and
 * the map (+8) of either; +4: on the map with the later boundaries, and the memberships of the
 * earlier, if anything succeeded between them. Without targets of one's own. */
#define MIXED_DATA 1
#define MIXED_REPORTING 2
#define MIXED_BETWEEN 4
#define MIXED_MAP 8
#define MIXED_VARIANTS 12

/* A value of a leaf in a unit, which is a place in the cohort; or what one organisation adds to its
 * numerator and denominator (of values: to their sum and their number). */
typedef struct MixedPart
{
	int variant;
	size_t node;
	size_t unit;
	Field organisation;
	double numerator;
	double denominator;
	double value;
	double scale;
	double completeness;
} MixedPart;

typedef struct Mixed
{
	bool succeeded; /* otherwise the map between is one of the others */
	bool backwards; /* the second period's map is the earlier */
	Rating *rating[MIXED_VARIANTS];
	MixedPart *part; /* of organisations */
	size_t parts;
} Mixed;

/* Load them. */
extern Mixed *stp_load_mixed(const Cohort *first, const Cohort *second);

/* By what units are measured, in the place of the standard. */
typedef struct Targets
{
	const Cohort *first; /* the first cohort that they were loaded for */
	size_t *leaf_nodes;	 /* the leaves that are measured */
	SPITupleTable *found;
} Targets;

/* The targets of the periods that a cohort takes, of the units of one cohort and of another (or
 * NULL), all of the same scheme. */
extern Targets *stp_load_targets(const Cohort *when, const Cohort *one, const Cohort *other);

/* The same rating, of the same cells, where the units of its cohort are measured by their targets.
 */
extern Rating *stp_with_targets(const Rating *rating, const Targets *targets);

/* The same with these weights of the nodes. */
extern Rating *stp_with_weights(const Rating *rating, const double *weight);

/* Load all of it for a function whose first arguments are scheme and period, and whose argument
 * boundaries is this (0: it has none). Errors: those of stp_load_scheme(). */
extern Rating *stp_load_call(FunctionCallInfo fcinfo, int boundaries);

/* The unit that is the third argument of the call, and its group. Error 22023: the scheme does not
 * rate it in the period, which is the second. */
extern PeerGroup *stp_find_unit(const Rating *rating, FunctionCallInfo fcinfo, size_t *unit);

/* The 95% limits of a leaf's value; NAN where its kind has none. */
extern StpLimits stp_find_limits(const PeerGroup *group, const StpNode *node, size_t cell);

/* Of each node the movement of its value over time, of so many units, [node * count + unit]: NULL
 * for what is no leaf, or has no period. */
extern Field *stp_load_movements(const Cohort *data, Datum *units, size_t count);

#endif
