/*
 * finance.h: the outturn of a financial year forecast from its months so far, without any backend
 * header and without allocation.
 */
#ifndef STP_CORE_FINANCE_H
#define STP_CORE_FINANCE_H

#define STP_MONTHS 12
#define STP_MONTHS_NEEDED 4

typedef enum StpOutturnStatus
{
	STP_OUTTURN_OK,
	STP_OUTTURN_TOO_FEW,
	STP_OUTTURN_CONSTANT, /* the months do not differ: a forecast without limits */
	STP_OUTTURN_REPORTED  /* the year is over: nothing is left to forecast */
} StpOutturnStatus;

/* NAN is none. */
typedef struct StpOutturn
{
	double forecast, lower, upper;
	double probability; /* of an outturn at or above the target */
	StpOutturnStatus status;
} StpOutturn;

/*
 * to_date[i] is the position at the end of month i of the year, for 0 <= months <= STP_MONTHS;
 * profile, if not NULL, is what each month of the year usually deviates from the year's mean; a
 * target of NAN is none; confidence is strictly between 0 and 1. All numbers are finite.
 */
StpOutturn stp_core_outturn(const double *to_date, int months, const double *profile, double target,
							double confidence);

#endif
