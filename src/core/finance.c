/*
 * finance.c: the outturn of a financial year forecast from its months so far.
 *
 * The months, less their profile, are taken as jointly normal round one mean. What m future ones
 * add up to is predicted from n past ones by generalised least squares, with Student's t of n - 1
 * degrees of freedom. For independent months that is m times their mean, with the variance
 * s^2 (m + m^2 / n): the prediction interval of Meeker, Hahn and Escobar, Statistical Intervals,
 * 2nd edition, 2017, chapter 4, for the mean of m future observations, times m.
 *
 * Few months cannot show that they are independent. So predictions are averaged over what may be
 * the case, each weighed by how well it explains the months: Hoeting, Madigan, Raftery and
 * Volinsky, Bayesian Model Averaging: A Tutorial, Statistical Science 14, 1999. What is averaged
 * over is ours: first-order autocorrelations of 0, 0.1 ... 0.9, all alike likely beforehand, each
 * without a trend or with one, alike likely too, whose slope has mean 0 and the standard deviation
 * TREND.
 */
#include "finance.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "distribution.h"

/* Differences of sums cannot be told from rounding below this share of the largest sum. */
#define ROUNDING 1e-13

/* In standard deviations of a month, by which each month differs from the one before. */
#define TREND 0.3

#define AUTOCORRELATIONS 10

/* A step of more than this share of the way to a limit: 95% would be less than 90%. */
#define STEP (1.0 / 3)

/* A plan may be written in thousands, or its months be rounded: the share of it that is no step. */
#define ROUNDED_PLAN 1e-3

/* The months so far: mean, standard deviation, and each in deviations from the mean; and the months
 * of the plan, all less the profile. */
typedef struct Sample
{
	double mean, deviation;
	double scores[STP_MONTHS];
	double plan[STP_MONTHS]; /* NAN where not known */
	int months;
} Sample;

/* How months may be related. */
typedef struct Model
{
	double autocorrelation, trend;
} Model;

/* What a model says of the sum of the months left, in deviations from the mean of those gone. */
typedef struct Prediction
{
	Model model;
	double sum, variance;
	double planned;	   /* the sum, if the months gone had been as planned */
	double log_weight; /* how well it explains the months, to a constant */
} Prediction;

typedef double Covariance[STP_MONTHS][STP_MONTHS];

/* A model as months so far are told by it: see relate(). */
typedef struct Relation
{
	int months;
	Covariance root;			 /* of the covariance of the months gone */
	double logarithm;			 /* of the root's determinant */
	double ones[STP_MONTHS];	 /* the mean, unrelated */
	double with_sum[STP_MONTHS]; /* the covariance with the sum of the months left, unrelated */
	double sum_variance;
	double weight; /* of the mean */
} Relation;

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
describe_months(const StpYear *year)
{
	Sample sample = {.months = year->months};
	double squares = 0;

	for (int i = 0; i < year->months; i++)
		sample.mean += month_alone(year->to_date, year->profile, i) / year->months;
	for (int i = 0; i < year->months; i++)
	{
		sample.scores[i] = month_alone(year->to_date, year->profile, i) - sample.mean;
		squares += sample.scores[i] * sample.scores[i] / (year->months - 1);
	}
	sample.deviation = sqrt(squares);
	if (sample.deviation <= ROUNDING * largest_of(year->to_date, year->months))
		sample.deviation = 0;
	for (int i = 0; i < year->months; i++)
	{
		sample.scores[i] /= sample.deviation; /* NAN if they do not differ: not used */
		sample.plan[i] = year->plan ? month_alone(year->plan, year->profile, i) : NAN;
	}
	return sample;
}

/* The lower triangle of the covariance of the year's months, in variances of one month. */
static void
relate_months(Model model, Covariance covariance)
{
	const double middle = (STP_MONTHS - 1) / 2.0;

	for (int i = 0; i < STP_MONTHS; i++)
	{
		double alike = 1;

		for (int j = i; j >= 0; j--)
		{
			covariance[i][j] = alike + model.trend * model.trend * (i - middle) * (j - middle);
			alike *= model.autocorrelation;
		}
	}
}

/* The covariance of the first n months becomes its root (Cholesky); the sum of the logarithms of
 * the root's diagonal is returned. */
static double
take_root(Covariance covariance, int n)
{
	double logarithm = 0;

	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j <= i; j++)
		{
			double rest = covariance[i][j];

			for (int k = 0; k < j; k++)
				rest -= covariance[i][k] * covariance[j][k];
			covariance[i][j] = i == j ? sqrt(rest) : rest / covariance[j][j];
		}
		logarithm += log(covariance[i][i]);
	}
	return logarithm;
}

/* What is related as the root says becomes unrelated, with variance 1. */
static void
unrelate(const double (*root)[STP_MONTHS], double *months, int n)
{
	for (int i = 0; i < n; i++)
	{
		for (int k = 0; k < i; k++)
			months[i] -= root[i][k] * months[k];
		months[i] /= root[i][i];
	}
}

/* The sum of products. */
static double
multiply(const double *a, const double *b, int n)
{
	double sum = 0;

	for (int i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* The covariance of each month gone with the sum of those left; the variance of that is returned.
 */
static double
relate_sum(Covariance covariance, int n, double *with_sum)
{
	double variance = 0;

	for (int i = 0; i < n; i++)
		with_sum[i] = 0;
	for (int i = n; i < STP_MONTHS; i++)
	{
		for (int j = 0; j < n; j++)
			with_sum[j] += covariance[i][j];
		for (int j = n; j <= i; j++)
			variance += (i == j ? 1 : 2) * covariance[i][j];
	}
	return variance;
}

/* What a model says of months, n of which have gone. */
static Relation
relate(Model model, int n)
{
	Relation relation = {.months = n};

	relate_months(model, relation.root);
	relation.sum_variance = relate_sum(relation.root, n, relation.with_sum);
	relation.logarithm = take_root(relation.root, n);
	for (int i = 0; i < n; i++)
		relation.ones[i] = 1;
	unrelate(relation.root, relation.ones, n);
	unrelate(relation.root, relation.with_sum, n);
	relation.weight = multiply(relation.ones, relation.ones, n);
	return relation;
}

/* The sum of the months left that the months gone let expect, which become what the mean does not
 * explain of them, unrelated. */
static double
extend(const Relation *relation, double *months)
{
	int n = relation->months;
	double mean;

	unrelate(relation->root, months, n);
	mean = multiply(relation->ones, months, n) / relation->weight;
	for (int i = 0; i < n; i++)
		months[i] -= mean * relation->ones[i];
	return (STP_MONTHS - n) * mean + multiply(relation->with_sum, months, n);
}

/* Generalised least squares; beforehand all means are alike likely, and all scales. */
static Prediction
predict(Sample sample, Model model)
{
	int n = sample.months;
	Relation relation = relate(model, n);
	Prediction prediction = {.model = model};
	double misfit, unexplained = STP_MONTHS - n - multiply(relation.ones, relation.with_sum, n);

	prediction.sum = extend(&relation, sample.scores);
	prediction.planned = extend(&relation, sample.plan);
	misfit = multiply(sample.scores, sample.scores, n);
	prediction.variance =
		misfit / (n - 1) *
		(relation.sum_variance - multiply(relation.with_sum, relation.with_sum, n) +
		 unexplained * unexplained / relation.weight);
	prediction.log_weight =
		-relation.logarithm - log(relation.weight) / 2 - (n - 1) / 2.0 * log(misfit);
	return prediction;
}

/* The mean of the predictions by their weights, with the variance of what they are a mixture of. */
static Prediction
average(const Prediction *predictions, int n)
{
	Prediction mean = {.log_weight = predictions[0].log_weight};
	double weights = 0;

	for (int i = 1; i < n; i++)
		mean.log_weight = fmax(mean.log_weight, predictions[i].log_weight);
	for (int i = 0; i < n; i++)
	{
		double weight = exp(predictions[i].log_weight - mean.log_weight);
		double share = weight / (weights += weight);
		double distance = predictions[i].sum - mean.sum;

		mean.model.autocorrelation +=
			share * (predictions[i].model.autocorrelation - mean.model.autocorrelation);
		mean.model.trend += share * (predictions[i].model.trend - mean.model.trend);
		mean.sum += share * distance;
		mean.planned += share * (predictions[i].planned - mean.planned);
		mean.variance +=
			share * (predictions[i].variance - mean.variance + (1 - share) * distance * distance);
	}
	return mean;
}

/* Without any autocorrelation and trend, and over all that may be. */
static Prediction
predict_sum(const Sample *sample, bool independent)
{
	Prediction predictions[2 * AUTOCORRELATIONS];

	if (independent)
		return predict(*sample, (Model){0, 0});
	for (int i = 0; i < 2 * AUTOCORRELATIONS; i++)
		predictions[i] =
			predict(*sample, (Model){(double) (i / 2) / AUTOCORRELATIONS, i % 2 == 0 ? 0 : TREND});
	return average(predictions, 2 * AUTOCORRELATIONS);
}

/* The position to date, and what the months left are expected to add. */
static double
expect_outturn(const double *to_date, int months, const double *profile, double left)
{
	double outturn = to_date[months - 1] + left;

	for (int i = months; i < STP_MONTHS; i++)
		outturn += usual_deviation(profile, i);
	return outturn;
}

/* What the plan has in the months left beyond what its months gone would have let expect; NAN: not
 * known. */
static double
planned_step(const StpYear *year, double expected)
{
	if (!year->plan)
		return NAN;
	return year->plan[STP_MONTHS - 1] -
		   expect_outturn(year->plan, year->months, year->profile, expected);
}

/* Whether the months left may be taken for such as those gone. */
static StpOutturnStatus
judge(const StpYear *year, double step, double reach)
{
	if (fabs(step) > STEP * reach)
		return STP_OUTTURN_STEP_IN_PLAN;
	return year->profile || year->independent || !isnan(step) ? STP_OUTTURN_OK
															  : STP_OUTTURN_NO_PROFILE;
}

static const StpOutturn no_outturn = {NAN, NAN, NAN, NAN, NAN, NAN, STP_OUTTURN_TOO_FEW};

/* The outturn of a year that is over. */
static StpOutturn
reported_outturn(double outturn, double target)
{
	StpOutturn reported = no_outturn;

	reported.forecast = reported.lower = reported.upper = outturn;
	reported.probability = isnan(target) ? NAN : outturn >= target;
	reported.status = STP_OUTTURN_REPORTED;
	return reported;
}

/* Of months that do not differ, which have no limits; a step in the plan is then what is more than
 * rounding. */
static StpOutturn
constant_outturn(const StpYear *year, const Sample *sample)
{
	StpOutturn constant = no_outturn;
	double step = planned_step(year, predict(*sample, (Model){0, 0}).planned);

	constant.forecast = expect_outturn(year->to_date, year->months, year->profile,
									   (STP_MONTHS - year->months) * sample->mean);
	constant.status = STP_OUTTURN_CONSTANT;
	if (year->plan && fabs(step) > ROUNDED_PLAN * largest_of(year->plan, STP_MONTHS))
		constant.status = STP_OUTTURN_STEP_IN_PLAN;
	return constant;
}

/* The forecast with its limits, in the unit of the year. */
static StpOutturn
predicted_outturn(const StpYear *year, const Sample *sample, double confidence)
{
	Prediction prediction = predict_sum(sample, year->independent);
	double spread = sample->deviation * sqrt(prediction.variance), freedom = year->months - 1;
	double reach = spread * stp_core_student_two_sided(freedom, confidence);
	double left = (STP_MONTHS - year->months) * sample->mean + sample->deviation * prediction.sum;
	StpOutturn outturn = no_outturn;

	outturn.forecast = expect_outturn(year->to_date, year->months, year->profile, left);
	outturn.lower = outturn.forecast - reach;
	outturn.upper = outturn.forecast + reach;
	if (!isnan(year->target))
		outturn.probability =
			stp_core_student_tail(freedom, (year->target - outturn.forecast) / spread);
	if (!year->independent)
	{
		outturn.autocorrelation = prediction.model.autocorrelation;
		outturn.trend = prediction.model.trend / TREND;
	}
	outturn.status = judge(year, planned_step(year, prediction.planned), reach);
	return outturn;
}

StpOutturn
stp_core_outturn(const StpYear *year, double confidence)
{
	Sample sample;

	if (year->months < STP_MONTHS_NEEDED)
		return no_outturn;
	if (year->months == STP_MONTHS)
		return reported_outturn(year->to_date[STP_MONTHS - 1], year->target);
	sample = describe_months(year);
	if (sample.deviation == 0)
		return constant_outturn(year, &sample);
	return predicted_outturn(year, &sample, confidence);
}
