/*
 * finance.c: the outturn of a financial year forecast from its months so far.
 *
 * The months, less their profile, are taken as independent draws from one normal distribution. The
 * sum of m future ones is m times their mean, and differs from m times the mean of n past ones with
 * the variance s^2 (m + m^2 / n): the prediction interval of Meeker, Hahn and Escobar, Statistical
 * Intervals, 2nd edition, 2017, chapter 4, for the mean of m future observations, times m.
 */
#include "finance.h"

#include <math.h>
#include <stddef.h>

#include "distribution.h"

/* Differences of sums cannot be told from rounding below this share of the largest sum. */
#define ROUNDING 1e-13

/* What the months so far say of those to come. */
typedef struct Sample
{
	double mean, deviation;
} Sample;

/* What the profile says of a month; 0 without one. */
static double
usual_deviation(const double *profile, int month)
{
	return profile ? profile[month] : 0;
}

/* What one month added, less what it usually deviates by. */
static double
month_alone(const double *to_date, const double *profile, int month)
{
	double before = month > 0 ? to_date[month - 1] : 0;

	return to_date[month] - before - usual_deviation(profile, month);
}

/* The largest position, of either sign. */
static double
largest_of(const double *to_date, int months)
{
	double largest = 0;

	for (int i = 0; i < months; i++)
		largest = fmax(largest, fabs(to_date[i]));
	return largest;
}

/* The deviation is 0 where it is no more than rounding. */
static Sample
describe_months(const double *to_date, int months, const double *profile)
{
	Sample sample = {0, 0};

	for (int i = 0; i < months; i++)
		sample.mean += month_alone(to_date, profile, i) / months;
	for (int i = 0; i < months; i++)
	{
		double distance = month_alone(to_date, profile, i) - sample.mean;

		sample.deviation += distance * distance / (months - 1);
	}
	sample.deviation = sqrt(sample.deviation);
	if (sample.deviation <= ROUNDING * largest_of(to_date, months))
		sample.deviation = 0;
	return sample;
}

/* The position to date, and what the months left are expected to add. */
static double
expect_outturn(const double *to_date, int months, const double *profile, double mean)
{
	double outturn = to_date[months - 1];

	for (int i = months; i < STP_MONTHS; i++)
		outturn += mean + usual_deviation(profile, i);
	return outturn;
}

/* The outturn of a year that is over. */
static StpOutturn
reported_outturn(double outturn, double target)
{
	double probability = isnan(target) ? NAN : outturn >= target;

	return (StpOutturn){outturn, outturn, outturn, probability, STP_OUTTURN_REPORTED};
}

StpOutturn
stp_core_outturn(const double *to_date, int months, const double *profile, double target,
				 double confidence)
{
	StpOutturn outturn = {NAN, NAN, NAN, NAN, STP_OUTTURN_TOO_FEW};
	double left = STP_MONTHS - months, spread, reach;
	Sample sample;

	if (months < STP_MONTHS_NEEDED)
		return outturn;
	if (months == STP_MONTHS)
		return reported_outturn(to_date[months - 1], target);
	sample = describe_months(to_date, months, profile);
	outturn.forecast = expect_outturn(to_date, months, profile, sample.mean);
	outturn.status = STP_OUTTURN_CONSTANT;
	if (sample.deviation == 0)
		return outturn;
	spread = sample.deviation * sqrt(left + left * left / months);
	reach = spread * stp_core_student_two_sided(months - 1, confidence);
	outturn.lower = outturn.forecast - reach;
	outturn.upper = outturn.forecast + reach;
	if (!isnan(target))
		outturn.probability =
			stp_core_student_tail(months - 1, (target - outturn.forecast) / spread);
	outturn.status = STP_OUTTURN_OK;
	return outturn;
}
