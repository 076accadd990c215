/*
 * finance.h: the outturn of a financial year forecast from its months so far, without any backend
 * header and without allocation.
 */
#ifndef STP_CORE_FINANCE_H
#define STP_CORE_FINANCE_H

#include <stdbool.h>

#define STP_MONTHS 12
#define STP_MONTHS_NEEDED 5

typedef enum StpOutturnStatus
{
	STP_OUTTURN_OK,
	STP_OUTTURN_TOO_FEW,
	STP_OUTTURN_CONSTANT,	  /* the months do not differ: a forecast without limits */
	STP_OUTTURN_REPORTED,	  /* the year is over: nothing is left to forecast */
	STP_OUTTURN_NO_PROFILE,	  /* nothing says that the months left are such as those gone */
	STP_OUTTURN_STEP_IN_PLAN, /* the plan says that they are not */
} StpOutturnStatus;

/* NAN is none. */
typedef struct StpOutturn
{
	double forecast, lower, upper;
	double probability;		/* of an outturn at or above the target */
	double autocorrelation; /* of neighbouring months, as far as they tell */
	double trend;			/* probability of one */
	StpOutturnStatus status;
} StpOutturn;

/* What is known of a year. All numbers are finite, but NAN for one that is not known. */
typedef struct StpYear
{
	const double *to_date; /* position at the end of each month so far, none missing */
	int months;			   /* at most STP_MONTHS */
	const double *profile; /* what each month usually deviates by; NULL: unknown */
	const double *plan;	   /* planned position at the end of each of the twelve; NULL: unknown */
	double target;		   /* what the probability is of reaching */
	bool independent;	   /* known to be draws from one distribution, but for the profile */
} StpYear;

/* confidence is strictly between 0 and 1. */
StpOutturn stp_core_outturn(const StpYear *year, double confidence);

#endif
