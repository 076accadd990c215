/*
 * missing.h: what a rating can become when what is missing is known, without any backend header.
 *
 * A missing value touches the scores of its own leaf only; leaves do not know of one another; and
 * the mean of a node goes the way of each score below it. So what a unit's score can be at the
 * lowest is what comes of the lowest score that each of its leaves can have, found leaf by leaf,
 * over all that the leaf's missing values can be, the unit's own and its peers'. Of a node that is
 * normalised, where anything of anybody's is missing, there are only bounds: what no cohort can go
 * beyond.
 */
#ifndef STP_CORE_MISSING_H
#define STP_CORE_MISSING_H

#include <math.h>

#include "assessment.h"

/* So many scores are kept one by one. */
#define STP_REACH_POINTS 8

/* The scores that something can have. */
typedef struct StpReach
{
	double low; /* NAN: none; may be infinite */
	double high;
	bool low_attained; /* false: it only comes as near as one likes */
	bool high_attained;
	bool may_lack; /* it may have no score, too */
	bool exact;	   /* false: low and high may be farther apart than what can be */
	bool stepwise; /* not all that lies between them */
	int points;	   /* stepwise, and these are all; 0: too many to keep */
	double point[STP_REACH_POINTS];
} StpReach;

/* What stands at the other end of a leaf's values, prepared for one leaf after the other. */
typedef struct StpEnds
{
	size_t leaf;
	size_t values;	  /* units that have a value, or can have one, */
	size_t present;	  /* and one that the method can take */
	bool open;		  /* some value of the leaf is missing */
	bool unbounded;	  /* and has no end */
	bool undefined;	  /* some value may have no logarithm or root */
	double magnitude; /* of the largest number that is finite */
	double least_worst[2],
		most_worst[2]; /* of the peers' worst values, the two lowest and highest, */
	double least_best[2], most_best[2]; /* and of their best */
	size_t bends;						/* of all ends that are not known */
} StpEnds;

/* A score that is kept between two numbers, or is to be lacking. */
typedef struct StpConfine
{
	double low;
	double high;
	bool lack;
} StpConfine;

/* How many children of a node qualify for sure, and perhaps; and whether a pivotal one does. */
typedef struct StpQualifying
{
	int sure;
	int perhaps;
	bool pivot_sure;
	bool pivot_perhaps;
} StpQualifying;

/* Numerators and denominators of a leaf that is banded, added up. */
typedef struct StpBandSums
{
	double least; /* numerators, at the least */
	double greatest;
	double denominator;
	double endless; /* denominators of those whose greatest has no end */
	double lowest;	/* value of those whose denominator nobody knows; NAN: there are none */
	double highest;
} StpBandSums;

/* Sums over the values of a leaf that are known, of distances from about their mean. */
typedef struct StpKnownSums
{
	double origin;
	double count;
	double sum;
	double squares;
} StpKnownSums;

typedef struct StpMissing
{
	StpAssessment *assessment; /* assessed as it stands */
	double *least;	  /* [nodes * units] what a value can be, at the least and the greatest: */
	double *greatest; /* itself where it is known; NAN: there will be none; may be infinite */
	const double *denominator; /* [nodes * units] when all is known; NAN: nobody knows */
	const bool *loose;		   /* [nodes] what the leaf can be is only bounded */

	/* out */
	StpReach *leaf; /* [nodes * units] */

	/* workspace */
	StpEnds ends;
	StpNode plain; /* the leaf in hand, as if its values were reported transformed, and of enough */
	double *worst; /* [units] of the leaf in hand, the better direction up */
	double *best;  /* [units] */
	double *from;  /* [units] ranked from here, */
	double *to;	   /* [units] to there; NAN: never */
	bool *out;	   /* [units] may be not ranked */
	StpBandSums bands;
	StpKnownSums known_sums;
	double *trial;				/* [units] */
	double *scores;				/* [units] */
	double *bend;				/* [2 * units] in order */
	size_t *order;				/* [2 * units] */
	size_t *middle;				/* [units] the missing ones by the middle of what they can be */
	size_t missing;				/* so many */
	StpReach *node;				/* [nodes] of the unit in hand */
	StpReach *below;			/* [nodes] what comes to those that are normalised */
	StpQualifying *qualifying;	/* [nodes] the same */
	bool *open;					/* [nodes] whether any unit's value below is missing */
	double *present;			/* [nodes] share of the node's weight that can have a score */
	double *most;				/* [nodes] its coverage at the most, and at the least */
	double *fewest;				/* [nodes] */
	double *end;				/* [nodes] */
	size_t *sequence;			/* [nodes] */
	size_t *first_child;		/* [nodes] of those with a weight; 0: none */
	size_t *next_child;			/* [nodes] */
	const StpConfine **confine; /* [nodes] what the scores of nodes are kept to; NULL: not */
	bool *reached;				/* [categories + 1] */
	bool *reached_once;			/* [categories + 1] */
	bool *reached_then;			/* [categories + 1] */
	size_t *peers;				/* [units] */
	StpReach *root;				/* [units] */
	bool *known;				/* [nodes] */
	bool *deciding;				/* [nodes] */
} StpMissing;

/* missing_leaf.c: fill the reach of every unit at every leaf. */
void stp_core_reach_leaves(StpMissing *missing);
/* What no cohort of so many units can go beyond, whoever is counted: the ends of the method's
 * scale, or (n - 1) / sqrt(n) sample standard deviations. */
StpReach stp_core_reach_of_any(const StpNode *node, size_t units);
/* What a score is as rated, where nothing of anybody's is missing. */
static inline StpReach
stp_core_reach_known(double score)
{
	StpReach r = {score, score, true, true, .exact = true, .may_lack = isnan(score)};

	return r;
}
/* Get a leaf in hand; then what the score of a unit can be if its own value lies between these. */
void stp_core_take_leaf(StpMissing *missing, size_t leaf);
StpReach stp_core_reach_between(StpMissing *missing, size_t unit, double least, double greatest);
/* missing_z.c: the z-score of a unit with a value (better up), where the others' are as favourable
 * as they can be, or the reverse; not exact where there are too many ways to try. */
double stp_core_extreme_z(StpMissing *missing, size_t unit, double own, bool favour, double far,
						  bool *exact);

/* missing.c: from what a unit's leaves can have to what each node above can; results in node.
 * False: nothing, as nodes are confined. */
bool stp_core_reach_nodes(StpMissing *missing, size_t unit);
/* Whether a node qualifies then: perhaps, or for sure. */
bool stp_core_may_qualify(const StpMissing *missing, size_t node, bool sure);

/* Link the children of each node; once, before the others. */
void stp_core_link_children(StpMissing *missing);

/* What a unit's rating can become. */
typedef struct StpOutcome
{
	StpReach score;		  /* of the root */
	const bool *reached;  /* [categories + 1] whether it can have the category; 0: none */
	bool exact;			  /* false: these are bounds, nothing lies beyond */
	bool searched;		  /* for what decides: */
	size_t deciding;	  /* so many leaves, */
	const bool *decisive; /* [nodes] these */
} StpOutcome;

/* missing_category.c. First the reach of all units, whose cuts the cohort may make. */
void stp_core_reach_roots(StpMissing *missing);
StpOutcome stp_core_outcome(StpMissing *missing, size_t unit);

/* What comes of it when one missing value is known, and like one that is known of a peer. */
typedef struct StpChance
{
	size_t draws;	/* so many values were tried; 0: there are none like it */
	double changes; /* share of them with another category than at present */
	double moved;	/* categories up, on average; NAN: there is none at present, or none then */
	double decided; /* share of them where nothing else can change the category; NAN: not known */
} StpChance;

StpChance stp_core_chance(StpMissing *missing, size_t leaf, size_t unit);

/* A number in the place of infinity. */
static inline double
stp_core_brought_near(double number, double far)
{
	return isinf(number) ? (number > 0 ? far : -far) : number;
}

#endif
