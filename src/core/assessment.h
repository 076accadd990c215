/*
 * assessment.h: the rating engine, without any backend header. From the values of a cohort's leaf
 * indicators to the scores of every node of a tree, with what explains them.
 *
 * NAN marks what is missing. Arrays over nodes and units are node-major: [node * units + unit].
 */
#ifndef STP_CORE_ASSESSMENT_H
#define STP_CORE_ASSESSMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "composite.h"

typedef enum StpMethod
{
	STP_AS_IS,
	STP_MIN_MAX,
	STP_Z_SCORE,
	STP_PERCENTILE_RANK,
	STP_GOALPOSTS,
	STP_DISTANCE_TO_TARGET,
	STP_RANKED
} StpMethod;

typedef enum StpAggregation
{
	STP_ARITHMETIC,
	STP_GEOMETRIC,
	STP_HARMONIC
} StpAggregation;

typedef struct StpNode
{
	int parent; /* index of the parent, which comes before its children; -1: root, the first node */
	double weight;

	/* a node above others */
	StpAggregation aggregation;
	double minimum_coverage;

	/* a leaf */
	bool leaf;
	StpMethod method;
	bool higher_is_better;
	double low;	 /* NAN: the method's default */
	double high; /* NAN: the method's default */
	double standard;
	double floor;
} StpNode;

typedef struct StpAssessment
{
	size_t nodes;
	size_t units;
	const StpNode *node;
	bool higher_is_better; /* of scores above the leaves */

	double *value; /* in: values of the leaves */

	double *weight;	  /* [nodes] share of the whole that the scheme gives the node */
	double *score;	  /* as normalised (leaf) or combined */
	double *coverage; /* share of the node's weight that is present */
	double
		*effective_weight; /* share of the whole after the weight of what is missing is re-shared */
	double *contribution;  /* part of the root's score; children add up to their parent */
	int32_t *rank;		   /* 1 = best, 0 = none */

	/* workspace */
	size_t *order;		 /* [units] */
	double *tied;		 /* [units] values with their ties made equal */
	StpComposite *state; /* [nodes] */
	double *covered;	 /* [nodes] */
	double *scale;		 /* [nodes] */
} StpAssessment;

/* Fill everything that is not "in". Never fails. */
void stp_core_assess(StpAssessment *assessment);

#endif
