/*
 * assessment.h: the rating engine, without any backend header. From the values of a cohort's leaf
 * indicators to the scores of every node of a tree, with what explains them.
 *
 * NAN marks what is missing. Arrays over nodes and units are node-major: [node * units + unit].
 */
#ifndef STP_CORE_ASSESSMENT_H
#define STP_CORE_ASSESSMENT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "band.h"
#include "cluster.h"
#include "composite.h"
#include "score.h"

/* No place among units, or nodes. */
#define STP_NO_PLACE SIZE_MAX

typedef enum StpMethod
{
	STP_AS_IS,
	STP_MIN_MAX,
	STP_Z_SCORE,
	STP_PERCENTILE_RANK,
	STP_GOALPOSTS,
	STP_DISTANCE_TO_TARGET,
	STP_RANKED,
	STP_BRACKETS,
	STP_BANDED,
	STP_EXPONENTIAL_RANK,
	STP_METHODS
} StpMethod;

/* What becomes of a value before the method sees it. */
typedef enum StpTransformation
{
	STP_AS_REPORTED,
	STP_LOG,
	STP_ROOT
} StpTransformation;

typedef enum StpAggregation
{
	STP_ARITHMETIC,
	STP_GEOMETRIC,
	STP_HARMONIC,
	STP_SUM
} StpAggregation;

/* A range of values that has one score. */
typedef struct StpBracket
{
	double cut; /* the value it begins at; NAN: the lowest bracket */
	double score;
} StpBracket;

/* What a cohort's values were in the period that the scores are measured by. */
typedef struct StpReference
{
	double smallest;
	double largest;
	double mean;
	double deviation;
} StpReference;

typedef struct StpNode
{
	int parent; /* index of the parent, which comes before its children; -1: root, the first node */
	double weight; /* 0: only overrides look at the node */
	int decimals;  /* to which the score is rounded; -1: it is not */
	int first_cut; /* its categories: their place in the cuts of the assessment */
	int categories;
	double scale_low; /* the ends of the scale that its scores are on; NAN: there are none */
	double scale_high;
	bool scores_rise; /* whether a high score is better */
	bool pivotal;	  /* of the children that are, one must qualify for the parent to */

	/* a node above others */
	bool normalised; /* what its children come to becomes a score among the cohort, by the method;
					  * all nodes below it follow it, before any other */
	int minimum_qualified; /* so many of its children must qualify for it to; 0: none */
	StpAggregation aggregation;
	double total; /* sum: the weights of its children together, see stp_core_total_weights() */
	double minimum_coverage;
	bool rescales; /* its children's scores to 0 to 100, as the scheme's are better */

	/* a leaf, or a node that is normalised */
	bool leaf;
	StpMethod method;
	StpTransformation transformation;
	StpTies ties;
	bool higher_is_better;
	size_t minimum_units; /* with a value, or there are no scores */
	double low;			  /* NAN: the method's default */
	double high;		  /* NAN: the method's default */
	double standard;
	double *target; /* [units]: each one's own in the place of the standard; NAN: it has none,
					 * INFINITY: nobody knows it; NULL: the standard holds for all */
	double floor;
	double per; /* value = numerator / denominator x per */
	const StpBracket *bracket;
	int brackets;
	bool counted; /* numerator and denominator are counts, which bounds values and gives errors */
	StpBand band;
	bool frozen; /* min-max and z-score: by the reference, not by the cohort itself */
	StpReference reference;
} StpNode;

typedef enum StpComparison
{
	STP_LESS,
	STP_AT_MOST,
	STP_EQUAL,
	STP_AT_LEAST,
	STP_GREATER
} StpComparison;

/* What of a node a rule looks at. */
typedef enum StpMeasure
{
	STP_OF_VALUE,
	STP_OF_SCORE,
	STP_OF_QUALIFIED, /* how many of its children qualify */
	STP_OF_QUARTILE	  /* of the cohort's scores: 1 the best to 4 the worst */
} StpMeasure;

/* Holds if what is measured of a node compares so; not where it is missing. */
typedef struct StpCondition
{
	int node;
	StpMeasure measure;
	StpComparison comparison;
	double threshold;
} StpCondition;

/* A rule about the category of the root: holds if all its conditions do. */
typedef struct StpOverride
{
	const StpCondition *condition;
	int conditions;
	int no_better_than; /* place of a category, 1 = best; 0: none */
	int no_worse_than;
} StpOverride;

/* Where categories come from. */
typedef enum StpCategorise
{
	STP_BY_CUTS,
	STP_BY_QUANTILES,	  /* equal shares of the cohort */
	STP_BY_K_MEANS,		  /* clusters of the cohort's scores, as many as categories */
	STP_BY_NATURAL_BREAKS /* the same, the best there are */
} StpCategorise;

/* The ends of the quartiles of a node's scores, best first. */
#define STP_QUARTILE_ENDS 3

/* Units that go up the tree abreast: what is known of a node is looked up once for all of them. */
#define STP_ABREAST 64

/* What comes to one node for each of them: a StpComposite of every unit, and what is present. */
typedef struct StpBlock
{
	double weight[STP_ABREAST]; /* of the scores present */
	double sum[STP_ABREAST];
	double sum_error[STP_ABREAST];
	double sum_log[STP_ABREAST];
	double sum_reciprocal[STP_ABREAST];
	int64_t not_positive[STP_ABREAST];
	double covered[STP_ABREAST]; /* weight, and then share of it, that is present */
	double present[STP_ABREAST]; /* the same of leaves with a score, where missing weight is shared
								  * overall */
	double exact[STP_ABREAST];	 /* scores before rounding */
} StpBlock;

typedef struct StpAssessment
{
	size_t nodes;
	size_t units;
	StpNode *node;
	bool higher_is_better;	  /* of the root's scores */
	StpCategorise categorise; /* but by cuts, the cuts are computed */
	StpSeeds seeds;			  /* of k-means, */
	double strict;			  /* and its second run; NAN: there is none */
	bool by_qualified; /* the root's clusters are those of units with as many children that qualify
						*/
	bool
		shares_overall; /* weight of what is missing goes to all that is present, not to siblings */
	double *cut;		/* of the categories of all nodes, best first; NAN takes the rest */
	bool qualifies;		/* whether anybody asks which nodes qualify */
	bool entangled;		/* whether a unit's category depends on the others' scores; both by
						 * stp_core_prepare() */
	const StpOverride *override;
	size_t overrides;

	double *value;		  /* in: values of the leaves */
	double *denominator;  /* in: what stands below them; NAN: nothing */
	double *completeness; /* in: part of the reports of a leaf that have come; NULL: all */

	double *weight;	  /* [nodes] share of the whole that the scheme gives the node */
	double *score;	  /* as normalised (leaf) or combined */
	double *coverage; /* share of the node's weight that is present; of a leaf its completeness */
	double
		*effective_weight; /* share of the whole after the weight of what is missing is re-shared */
	double *contribution;  /* part of the root's score; children add up to their parent */
	int32_t *rank;		   /* 1 = best, 0 = none; the root's by category first */
	int32_t *category;	   /* 1 = best, 0 = none; the root's after overrides */
	bool *fired;		   /* [overrides * units] whether the rule holds */

	/* where anybody asks which nodes qualify */
	int32_t *qualified; /* [nodes * units] so many of the children do */
	bool *pivots;		/* [nodes * units] and one of the pivotal ones */
	double *eligible;	/* [units] scores of a node where it qualifies */

	/* workspace */
	double *group_cut; /* [nodes * categories of the root] where it is by_qualified */
	double *quartile;  /* [nodes * STP_QUARTILE_ENDS] of those that a rule looks at */
	double *kept;  /* [4 * nodes * units] for stp_core_assess_alone() where a node is normalised */
	double *slope; /* [nodes] what one point of what is normalised gives; NAN: it is not said */
	StpClusterSpace clusters; /* of units and as many as any node has categories, where needed */
	double *centre;			  /* [categories] */
	size_t *order;			  /* [nodes * units] of values or scores, lowest first */
	size_t *ordered; /* [nodes] so many of them are in order; 0 before the first assessment */
	size_t *spare;	 /* [units] */
	double *tied;	 /* [units] values with their ties made equal */
	double *total;	 /* [nodes] weights of the children */
	double *scale;	 /* [nodes] contribution = scale x score + offset */
	double *offset;	 /* [nodes] */
	StpBlock *block; /* [nodes] */
} StpAssessment;

/* What the nodes and rules of an assessment ask for; to be called once, before the others. */
void stp_core_prepare(StpAssessment *assessment);

/* Fill everything that is not "in". Never fails. May be called again when what is "in" changed. */
void stp_core_assess(StpAssessment *assessment);

/* The same without ranks and categories. */
void stp_core_assess_parts(StpAssessment *assessment);

/*
 * The same as each wanted unit alone would have it with its own values of another assessment of
 * the same nodes and units, among the others' as they are. Those of other units are of no use then.
 */
void stp_core_assess_alone(StpAssessment *assessment, const StpAssessment *own, const bool *wanted);

/* The same for the score, category and rank of the root alone, without what explains them. */
void stp_core_assess_root(StpAssessment *assessment, bool values_changed);

/* The others' values of a leaf, beside one unit's own: they stay in order while it is tried. */
typedef struct StpOthers
{
	const double *value;
	const size_t *order; /* of those present, the unit among them if it was */
	size_t count;		 /* of the others */
	size_t skip;		 /* the unit's place in the order; count: after them all, or none */
} StpOthers;

/* Begin to ask what a unit would have with other values of its leaves. */
void stp_core_assess_beside(StpAssessment *assessment, size_t unit);
/*
 * The category that the unit would have if a leaf had another value. Leaves changed what depends on
 * the value; called again with the former value, it puts everything back. The others may be NULL.
 */
int32_t stp_core_assess_with(StpAssessment *assessment, size_t leaf, size_t unit, double value,
							 const StpOthers *others);

/* The parts of the engine, each in a file of its own. */

/* Whether a high score of the node is better. */
bool stp_core_scores_rise(const StpAssessment *assessment, size_t node);

/* The mean that a node's aggregation names; of a sum the arithmetic one. */
double stp_core_mean(const StpNode *node, const StpComposite *state);
/*
 * What the mean is multiplied by. A sum is the arithmetic mean times all weights below it in the
 * scheme: so what is missing gives its weight to what is present, as in any mean, and a weight that
 * is drawn or left out does not move the scale.
 */
static inline double
stp_core_times_mean(const StpNode *node)
{
	return node->aggregation == STP_SUM ? node->total : 1;
}
/* Whether the mean asks for positive scores. */
static inline bool
stp_core_asks_for_positive(const StpNode *node)
{
	return node->aggregation == STP_GEOMETRIC || node->aggregation == STP_HARMONIC;
}
/* Add up what the weights of each node's children are together. */
void stp_core_total_weights(StpNode *node, size_t nodes);
/* A node's score as its parent counts it. */
double stp_core_counted_score(const StpAssessment *assessment, size_t node, double score);

/*
 * What tells one method from another: normalise.c has a row for each, and most of the engine looks
 * at no more than this.
 */
typedef struct StpMethodTraits
{
	const char *word; /* in stp.scheme_node.method */
	/* Turn the values of the cohort into scores. */
	void (*score)(StpAssessment *assessment, size_t leaf, const double *value, double *score);
	/* The score of a place, of methods that look at nothing else: so many of the others are worse,
	 * so many are better. NULL: values matter. */
	double (*place)(const StpNode *node, size_t worse, size_t better, size_t others);
	bool alone;	 /* a unit's score can be told from its own value and the ends of the others' */
	bool spread; /* by the cohort's own spread, unless it is frozen: none where all are equal */
	bool target; /* looks at the unit's target */
} StpMethodTraits;

extern const StpMethodTraits stp_core_methods[STP_METHODS];

/* Whether scores are places in the cohort that is rated: none where all values are equal. */
static inline bool
stp_core_is_of_cohort(const StpNode *node)
{
	const StpMethodTraits *method = &stp_core_methods[node->method];

	return method->place != NULL || (method->spread && !node->frozen);
}

/* The ends of the scale that scores are on where nothing is given: of min-max, and of ranks, to
 * which nothing can be given. */
static inline double
stp_core_low_end(const StpNode *node)
{
	return isnan(node->low) ? 0 : node->low;
}
static inline double
stp_core_high_end(const StpNode *node)
{
	return isnan(node->high) ? 100 : node->high;
}

/* Whether a node is a leaf whose method looks at a target; and that of a unit: NAN if it has none,
 * INFINITY if nobody knows it. */
bool stp_core_has_target(const StpNode *node);
double stp_core_target(const StpNode *node, size_t unit);
/* normalise.c: values of a leaf, or of a node that is normalised, to scores, by its method. */
void stp_core_normalise(StpAssessment *assessment, size_t node);
/* Whether fewer units have a value there than it takes for any to have a score. */
bool stp_core_has_too_few(const StpAssessment *assessment, size_t node);
/* Whether what some node's children come to is normalised. */
bool stp_core_normalises(const StpAssessment *assessment);

/* Put them in order. */
StpOthers stp_core_others(StpAssessment *assessment, size_t leaf, size_t unit);
/* Whether the method can tell one unit's score from its own value and the others' order. */
bool stp_core_scores_alone(const StpNode *node);
/* What stp_core_normalise() would make of the unit's value, without a look at all the others. */
double stp_core_score_alone(const StpAssessment *assessment, size_t leaf, size_t unit,
							const StpOthers *others);
/* What values are in the period that the scores of a leaf are measured by. */
StpReference stp_core_describe(const StpNode *node, const double *value, size_t units);
/* What the method takes of a value: its logarithm or root, NAN if it has none; between goalposts,
 * which a value beyond counts as. */
double stp_core_taken(const StpNode *node, double value);
/* Ranks of one node, by value (leaf) or score; ties share the best. */
void stp_core_rank_node(StpAssessment *assessment, size_t node);

/* qualify.c: of units from one on, which nodes qualify: a leaf with a score does, and a node with a
 * score of whose children enough do. */
void stp_core_qualify(StpAssessment *assessment, size_t first, size_t units);
/* The same where only the scores of a leaf and above it are others. */
void stp_core_qualify_above(StpAssessment *assessment, size_t leaf, size_t first, size_t units);
/* Whether a node of a unit does. */
bool stp_core_qualified(const StpAssessment *assessment, size_t node, size_t unit);
/* Scores of a node, of those units that qualify. */
const double *stp_core_eligible(StpAssessment *assessment, size_t node);

/* category.c: categories of every node that has cuts, overrides, and the rank of the root. */
void stp_core_categorise(StpAssessment *assessment);
void stp_core_categorise_root(StpAssessment *assessment);
/* The best category of a node whose cut a score of the unit reaches; 0 if there is none. The first
 * asks whether the node qualifies. */
int32_t stp_core_find_category(const StpAssessment *assessment, size_t node, size_t unit,
							   double score);
int32_t stp_core_category_at(const StpAssessment *assessment, size_t node, size_t unit,
							 double score);
/* What a condition looks at, of a unit. */
double stp_core_measured(const StpAssessment *assessment, const StpCondition *condition,
						 size_t unit);
/* The category of the root of one unit, after overrides. */
int32_t stp_core_final_category(StpAssessment *assessment, size_t unit);
/* Where equal shares or clusters of the cohort part: fills the cuts of the node. */
void stp_core_find_cuts(StpAssessment *assessment, size_t node);
/* What the root's categories depend on, when scores are new. */
void stp_core_settle_root(StpAssessment *assessment);
/* What a unit needs for a better category. */
typedef struct StpNeed
{
	double number;	  /* NAN: there is none */
	int32_t category; /* the one it brings; where there is none the next; 0: none is better */
} StpNeed;

/*
 * what_if.c: the value nearest to the present one with which the unit's category would be better,
 * in the better direction or, if there is none there, in the other. Leaves the assessment as it
 * was.
 */
StpNeed stp_core_needed_value(StpAssessment *assessment, size_t leaf, size_t unit);
/* The same for the overall score, among the others' as they are. */
StpNeed stp_core_needed_score(StpAssessment *assessment, size_t unit);
/* A value that its kind allows: no share above the whole, nothing negative that counts. */
static inline double
stp_core_bounded(const StpNode *node, double value)
{
	if (!node->counted)
		return value;
	if (node->band.method == STP_FUNNEL_ARCSINE)
		value = value > node->per ? node->per : value;
	return value < 0 ? 0 : value;
}

#endif
