/*
 * scheme.h: a rating scheme as the engine wants it, loaded once in a call and passed along.
 */
#ifndef STP_SCHEME_H
#define STP_SCHEME_H

#include "core/assessment.h"
#include "found.h"

/* What a row of the tree says beside what the scheme computes by: read by whoever wants to know. */
typedef enum SchemeColumn
{
	SCHEME_NODE = 1,
	SCHEME_PARENT,
	SCHEME_DEPTH,
	SCHEME_NAME,
	SCHEME_INDICATOR,
	SCHEME_UNIT_OF_MEASURE,
	SCHEME_MAXIMUM_AGE,
	SCHEME_TAKES,
	SCHEME_REFERENCE_PERIOD,
	SCHEME_COLUMNS = SCHEME_REFERENCE_PERIOD
} SchemeColumn;

/* Valid until SPI_finish(). */
typedef struct Scheme
{
	Datum code;
	bool higher_is_better;
	StpCategorise categorise;
	StpSeeds seeds;
	double strict;
	bool by_qualified;
	double complete_from;
	bool shares_overall; /* the weight of what is missing */
	Datum rates;
	bool rates_organisations;

	size_t nodes;
	StpNode *node; /* parents first; each peer group has a copy, with its own reference */
	SPITupleTable *tree;

	int cuts;
	double *cut;
	Datum *categories; /* [cuts] their labels */
	size_t overrides;
	StpOverride *override;
	Datum *override_names;

	struct Rating *
		*references; /* [nodes] ratings of reference periods; NULL before they are needed */
} Scheme;

/*
 * Load a scheme through SPI, which is connected. Errors: 22023 unknown, no nodes; 23514 not sound,
 * cuts still to be filled in.
 */
extern Scheme *stp_load_scheme(Datum code);

/* A column of a node. */
static inline Field
stp_get_label(const Scheme *scheme, size_t node, SchemeColumn column)
{
	return stp_get_field(scheme->tree, node, column);
}

/* Memory for an array over cells, zeroed; a large cohort may need more than palloc gives. */
extern void *stp_allocate_cells(size_t size, size_t nodes, size_t units);

#endif
