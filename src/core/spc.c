/*
 * spc.c: a series in order of its days, its segments, and the limits of each, without any backend
 * header. The rules are in spc_rules.c.
 */
#include "spc.h"

#include <math.h>

#include "order.h"
#include "pause.h"
#include "period.h"
#include "sum.h"

/* Control chart constants of ranges of two: d2, D4 (Montgomery, appendix VI), and the exponent that
 * makes times between events nearly normal (Nelson 1994). */
#define D2 1.128
#define D4 3.267
#define T_EXPONENT 3.6
/* The median of a geometric distribution in its means (Provost and Murray 2011, p. 228). */
#define G_MEDIAN 0.693

/* A stretch of rows with limits of its own. */
typedef struct Segment
{
	const StpSpcQuestion *question;
	const StpSpcPoint *point;
	StpSpcRow *row;
	size_t rows;
	double *numbers; /* scratch, one for each row, and so the next one */
	size_t *order;
	double centre, sigma;
	double constant; /* the one value that all have, but for spikes that are screened; NAN: none */
} Segment;

size_t
stp_core_spc_size(int32_t points)
{
	return offsetof(StpSpc, point) + (size_t) points * sizeof(StpSpcPoint);
}

/* Whether a chart divides by denominators and has no meaning without. */
static bool
needs_denominator(StpSpcChart chart)
{
	return chart >= STP_SPC_P && chart <= STP_SPC_U_PRIME;
}

/* The order of days -----------------------------------------------------------------------------
 */

static void
swap_points(StpSpcPoint *a, StpSpcPoint *b)
{
	StpSpcPoint swapped = *a;

	*a = *b;
	*b = swapped;
}

/* Let the root of a heap sink to its place. */
static void
sift_down(StpSpcPoint *point, size_t root, size_t n)
{
	for (size_t child = 2 * root + 1; child < n; child = 2 * root + 1)
	{
		if (child + 1 < n && point[child + 1].day > point[child].day)
			child++;
		if (point[child].day <= point[root].day)
			return;
		swap_points(&point[root], &point[child]);
		root = child;
	}
}

/* Heap sort, as it takes no memory and n log n whatever the order; most series come in order. */
int32_t
stp_core_spc_sort(StpSpc *series)
{
	StpSpcPoint *point = series->point;
	size_t n = (size_t) series->points, sorted = 1;

	while (sorted < n && point[sorted - 1].day <= point[sorted].day)
		sorted++;
	for (size_t root = sorted < n ? n / 2 : 0; root-- > 0;)
	{
		stp_core_pause_sometimes(root);
		sift_down(point, root, n);
	}
	for (size_t last = sorted < n ? n : 1; last-- > 1;)
	{
		stp_core_pause_sometimes(last);
		swap_points(&point[0], &point[last]);
		sift_down(point, 0, last);
	}
	for (size_t i = 1; i < n; i++)
		if (point[i - 1].day == point[i].day)
			return (int32_t) i;
	return 0;
}

/* A number, or none. */
static bool
is_number(double number, bool may_be_negative)
{
	return isnan(number) || (isfinite(number) && (may_be_negative || number >= 0));
}

bool
stp_core_spc_point_is_valid(const StpSpcPoint *point)
{
	return is_number(point->value, true) && is_number(point->denominator, false) &&
		   is_number(point->target, true) && point->unused == 0;
}

bool
stp_core_spc_is_valid(const StpSpc *series)
{
	if (series->points < 1 || series->points > STP_SPC_MAX_POINTS)
		return false;
	STP_EACH (i, (size_t) series->points)
		if (!stp_core_spc_point_is_valid(&series->point[i]) ||
			(i > 0 && series->point[i - 1].day >= series->point[i].day))
			return false;
	return true;
}

/* Values ------------------------------------------------------------------------------------------
 */

/* Whether values of the chart are divided, and so can be without a value. */
static bool
divides(const StpSpc *series, StpSpcChart chart)
{
	if (chart > STP_SPC_U_PRIME)
		return false;
	STP_EACH (i, (size_t) series->points)
		if (!isnan(series->point[i].denominator))
			return true;
	return false;
}

/* Whether a point cannot be on the chart; a share that is above 1 in the last bits can. */
static StpSpcFault
find_fault(const StpSpcPoint *point, StpSpcChart chart)
{
	bool is_proportion = chart == STP_SPC_P || chart == STP_SPC_P_PRIME;

	if (chart == STP_SPC_T && point->value <= 0)
		return STP_SPC_NOT_POSITIVE;
	if (chart >= STP_SPC_P && point->value < 0)
		return STP_SPC_NEGATIVE;
	if (is_proportion && stp_core_compare(point->value, point->denominator) == STP_AFTER)
		return STP_SPC_ABOVE_DENOMINATOR;
	return STP_SPC_FINE;
}

StpSpcFault
stp_core_spc_find_fault(const StpSpc *series, StpSpcChart chart, size_t *faulty)
{
	*faulty = 0;
	if (needs_denominator(chart) && !divides(series, chart))
		return STP_SPC_NO_DENOMINATORS;
	STP_EACH (i, (size_t) series->points)
	{
		StpSpcFault fault = find_fault(&series->point[i], chart);

		if (fault == STP_SPC_FINE)
			continue;
		*faulty = i;
		return fault;
	}
	return STP_SPC_FINE;
}

bool
stp_core_spc_can_centre(StpSpcChart chart, double mean)
{
	bool is_share = chart == STP_SPC_P || chart == STP_SPC_P_PRIME;

	if (isnan(mean) || chart == STP_SPC_XMR || chart == STP_SPC_RUN)
		return true;
	return mean >= 0 && !(is_share && mean > 1) && !(chart == STP_SPC_T && mean == 0);
}

/* A quotient beyond the largest number is none. */
static void
fill_values(const StpSpc *series, const StpSpcQuestion *question, StpSpcRow *rows)
{
	bool is_divided = divides(series, question->chart);

	STP_EACH (i, (size_t) series->points)
	{
		const StpSpcPoint *point = &series->point[i];
		double value = point->value;

		if (is_divided)
			value = point->denominator > 0 ? value / point->denominator : NAN;
		rows[i] = (StpSpcRow){.value = isfinite(value * question->per) ? value : NAN,
							  .rule = STP_SPC_NO_RULE};
	}
}

/* Segments and ghosts: both lists of days are in order, as the points are. */
static void
fill_segments(const StpSpc *series, const StpSpcQuestion *question, StpSpcRow *rows)
{
	size_t rebase = 0, ghost = 0;
	int32_t segment = 1;

	STP_EACH (i, (size_t) series->points)
	{
		int32_t day = series->point[i].day;
		bool is_new = false;

		for (; rebase < question->rebases && question->rebase[rebase] <= day; rebase++)
			is_new = i > 0;
		for (; ghost < question->ghost_days && question->ghosts[ghost] < day; ghost++)
			;
		segment += is_new;
		rows[i].segment = segment;
		rows[i].is_ghost = ghost < question->ghost_days && question->ghosts[ghost] == day;
	}
}

/* The step from the point before, in its segment; a missing value is passed over or breaks. */
static void
fill_moving_ranges(const StpSpcQuestion *question, StpSpcRow *rows, size_t n)
{
	double before = NAN;

	STP_EACH (i, n)
	{
		StpSpcRow *row = &rows[i];

		if (i > 0 && row->segment != rows[i - 1].segment)
			before = NAN;
		row->moving_range = row->is_ghost ? NAN : fabs(row->value - before);
		if (!isfinite(row->moving_range * question->per))
			row->moving_range = NAN;
		if (!row->is_ghost && (question->dialect->missing_breaks || !isnan(row->value)))
			before = row->value;
	}
	if (question->chart == STP_SPC_MR)
		STP_EACH (i, n)
			rows[i].value = rows[i].moving_range;
}

/* Gaps --------------------------------------------------------------------------------------------
 */

/* Months since a fixed one, where all points have the same day of the month or all have its last.
 */
static bool
count_months(const StpSpc *series, double *months)
{
	bool same_first = true, same_last = true;
	int32_t first = 0, last = 0;

	STP_EACH (i, (size_t) series->points)
	{
		int32_t day = series->point[i].day;
		stp_period month;

		if (!stp_core_period_of_day(day, STP_GRAIN_MONTH, &month))
			return false;
		if (i == 0)
		{
			first = day - stp_core_period_first_day(month);
			last = stp_core_period_last_day(month) - day;
		}
		same_first &= day - stp_core_period_first_day(month) == first;
		same_last &= stp_core_period_last_day(month) - day == last;
		if (!same_first && !same_last)
			return false;
		months[i] = stp_core_period_ordinal(month);
	}
	return true;
}

/* Days, without those of weekends where no point is on one; day 0 was a Saturday. */
static void
count_days(const StpSpc *series, double *days)
{
	bool has_weekends = false;

	STP_EACH (i, (size_t) series->points)
	{
		double day = series->point[i].day, week = floor(day / 7), rest = day - 7 * week;

		has_weekends |= rest < 2;
		days[i] = 5 * week + fmax(rest - 2, 0);
	}
	if (has_weekends)
		STP_EACH (i, (size_t) series->points)
			days[i] = series->point[i].day;
}

/* The usual step, the lower median: a few that are late do not matter. */
static double
usual_step(const StpSpcWork *work, size_t steps)
{
	if (steps < 2)
		return INFINITY;
	stp_core_order(work->numbers, steps, work->order);
	return work->numbers[work->order[(steps - 1) / 2]];
}

/*
 * The grain of a series, if nobody says which it is, is its usual step, in months where its days
 * are days of months: so days, working days, weeks, months, quarters and years are found. Events
 * have no grain.
 */
static void
fill_gaps(const StpSpc *series, const StpSpcQuestion *question, const StpSpcWork *work,
		  StpSpcRow *rows)
{
	size_t steps = (size_t) series->points - 1;
	double *step = work->numbers, grain = question->grain_months;
	bool are_months;

	if (question->chart >= STP_SPC_G)
		return;
	are_months = count_months(series, step);
	if (!are_months)
		count_days(series, step);
	STP_EACH (i, steps)
		step[i] = step[i + 1] - step[i];
	if (!are_months || grain == 0)
		grain = usual_step(work, steps);
	STP_EACH (i, steps)
		if (step[i] >= 1.5 * grain)
			rows[i + 1].gap = (int32_t) (step[i] / grain + 0.5) - 1;
}

/* The base: the points that limits are made of
 * ------------------------------------------------------ */

static bool
is_in_range(const Segment *s, size_t i)
{
	return s->point[i].day >= s->question->base_first && s->point[i].day < s->question->base_end;
}

/* Whether the range of days has points of the segment; else it is as if none were given. */
static bool
has_range(const Segment *s)
{
	if (s->question->base_first == s->question->base_end)
		return false;
	STP_EACH (i, s->rows)
		if (is_in_range(s, i) && !s->row[i].is_ghost && !isnan(s->row[i].value))
			return true;
	return false;
}

/* A missing value counts among the first points, as in the tools, and is then not used. */
static void
choose_base(const Segment *s)
{
	bool ranged = has_range(s);
	int32_t baseline = s->question->baseline, before = 0;
	size_t behind = 0;

	STP_EACH (i, s->rows)
	{
		StpSpcRow *row = &s->row[i];

		if (row->is_ghost)
			continue;
		before++;
		if ((ranged && !is_in_range(s, i)) || (baseline > 0 && before > baseline))
			continue;
		row->is_base = !isnan(row->value);
		behind = i + 1;
	}
	STP_EACH (i, s->rows)
		s->row[i].is_after_base = i >= behind;
}

/* A mean from a sum and what rounding took from it; infinite where the sum is. */
static double
mean_of(double sum, double error, double count)
{
	if (!(count > 0))
		return NAN;
	return isfinite(sum) ? (sum + error) / count : sum;
}

/* Mean of the numbers of base points. */
static double
base_mean(const Segment *s)
{
	double sum = 0, error = 0;
	size_t count = 0;

	STP_EACH (i, s->rows)
	{
		if (!s->row[i].is_base || isnan(s->numbers[i]))
			continue;
		stp_core_add_to_sum(&sum, &error, s->numbers[i]);
		count++;
	}
	return mean_of(sum, error, (double) count);
}

static double
base_median(const Segment *s)
{
	size_t present;

	STP_EACH (i, s->rows)
		s->numbers[i] = s->row[i].is_base ? s->row[i].value : NAN;
	present = stp_core_order(s->numbers, s->rows, s->order);
	return present == 0 ? NAN : stp_core_quantile(s->numbers, s->order, present, 0.5);
}

/* Sum of numerators over sum of denominators. */
static double
base_ratio(const Segment *s)
{
	double above = 0, above_error = 0, below = 0, below_error = 0;

	STP_EACH (i, s->rows)
	{
		if (!s->row[i].is_base)
			continue;
		stp_core_add_to_sum(&above, &above_error, s->point[i].value);
		stp_core_add_to_sum(&below, &below_error, s->point[i].denominator);
	}
	return mean_of(above, above_error, below + below_error);
}

/* A value on the scale on which the chart measures. */
static double
to_scale(const Segment *s, double value)
{
	return s->question->chart == STP_SPC_T ? pow(value, 1 / T_EXPONENT) : value;
}

/* And back. */
static double
from_scale(const Segment *s, double value)
{
	return s->question->chart == STP_SPC_T ? pow(value, T_EXPONENT) : value;
}

/* What the base comes to when ranges beyond a cut do not count, nor the numbers that have them; a
 * cut of NAN cuts nothing. */
typedef struct Ranges
{
	double range, mean;		/* means of what is kept */
	double least, greatest; /* of what is kept and what is not in the base */
} Ranges;

static void
widen(Ranges *measured, double number)
{
	measured->least = fmin(measured->least, number);
	measured->greatest = fmax(measured->greatest, number);
}

static Ranges
measure_ranges(const Segment *s, double cut)
{
	const StpSpcDialect *dialect = s->question->dialect;
	double before = NAN, ranges = 0, ranges_error = 0, sum = 0, sum_error = 0;
	size_t count = 0, kept = 0;
	Ranges measured = {NAN, NAN, INFINITY, -INFINITY};

	STP_EACH (i, s->rows)
	{
		bool is_missing = isnan(s->row[i].value);
		double number = s->row[i].is_base ? s->numbers[i] : NAN, range = fabs(number - before);

		if (s->row[i].is_ghost || (is_missing && !dialect->missing_breaks))
			continue;
		if (!s->row[i].is_base)
			widen(&measured, s->numbers[i]);
		before = number;
		if (isnan(number) || range > cut || (dialect->screen_strict && range == cut))
			continue;
		stp_core_add_to_sum(&sum, &sum_error, number);
		widen(&measured, number);
		kept++;
		if (isnan(range))
			continue;
		stp_core_add_to_sum(&ranges, &ranges_error, range);
		count++;
	}
	measured.mean = mean_of(sum, sum_error, (double) kept);
	measured.range = mean_of(ranges, ranges_error, (double) count);
	return measured;
}

/*
 * The mean range, screened where the dialect does so. Where only steps of nothing would be left,
 * limits would fall on the mean and nearly every point outside: then nothing is screened, unless
 * the mean moves too and is the one value that all the rest of the segment have.
 */
static double
screened_range(Segment *s, bool may_move)
{
	Ranges all = measure_ranges(s, NAN), kept;

	if (!s->question->dialect->screen || !(all.range > 0))
		return all.range;
	kept = measure_ranges(s, D4 * all.range);
	may_move &= s->question->dialect->screen_mean;
	if (!(kept.range > 0) || stp_core_tied(kept.range, 0, fmax(-kept.least, kept.greatest)))
	{
		if (!may_move || !stp_core_tied(kept.least, kept.greatest, 0))
			return all.range;
		s->constant = from_scale(s, kept.least);
	}
	if (may_move)
		s->centre = kept.mean;
	return kept.range;
}

/* Limits ------------------------------------------------------------------------------------------
 */

/* Sigma of a proportion or rate with the row's denominator; none where it has none. */
static double
own_sigma(const Segment *s, size_t i)
{
	double c = s->centre, denominator = s->point[i].denominator;
	double rest = stp_core_tied(c, 1, 0) ? 0 : 1 - c;
	double variance = s->question->chart >= STP_SPC_U ? c : c * rest;

	return denominator > 0 ? sqrt(fmax(variance, 0) / denominator) : NAN;
}

static void
fill_numbers(const Segment *s)
{
	STP_EACH (i, s->rows)
		s->numbers[i] = to_scale(s, s->row[i].value);
}

/* The centre from which limits are measured, on the chart's scale. */
static double
estimate_centre(const Segment *s)
{
	const StpSpcQuestion *q = s->question;

	fill_numbers(s);
	if (!isnan(q->mean))
		return to_scale(s, q->mean);
	if (q->chart == STP_SPC_RUN || (q->chart == STP_SPC_XMR && q->dialect->median_centre))
		return base_median(s);
	return needs_denominator(q->chart) ? base_ratio(s) : base_mean(s);
}

/* Sigma of charts that have one for all points; of p' and u', what their own ones are multiplied
 * by. */
static double
estimate_sigma(Segment *s)
{
	const StpSpcQuestion *q = s->question;

	switch (q->chart)
	{
		case STP_SPC_XMR:
		case STP_SPC_T:
			fill_numbers(s);
			if (!isnan(q->sigma))
				return q->sigma;
			return screened_range(s, isnan(q->mean) && !q->dialect->median_centre) *
				   q->dialect->sigma_factor / 3;
		case STP_SPC_P_PRIME:
		case STP_SPC_U_PRIME:
			STP_EACH (i, s->rows)
				s->numbers[i] = (s->row[i].value - s->centre) / own_sigma(s, i);
			return screened_range(s, false) / D2;
		case STP_SPC_C:
			return sqrt(s->centre);
		case STP_SPC_G:
			return sqrt(s->centre * (s->centre + 1));
		default:
			return NAN;
	}
}

/* The value that all have, which is the centre, but for the last bits. What only those of the base
 * have is not enough: limits of no width would call all the others special. */
static double
find_constant(const Segment *s)
{
	double value, largest;
	size_t present = 0;

	STP_EACH (i, s->rows)
	{
		s->numbers[i] = s->row[i].is_ghost ? NAN : s->row[i].value;
		present += !isnan(s->numbers[i]);
	}
	if (stp_core_differ(s->numbers, s->rows, &value, &largest) || present < 2 ||
		stp_core_compare(value, from_scale(s, s->centre)) != STP_AT)
		return NAN;
	return value;
}

/* Limits so many sigma from the centre. */
static void
place(StpSpcRow *row, double centre, double sigma)
{
	row->mean = centre;
	row->lower = centre - 3 * sigma;
	row->upper = centre + 3 * sigma;
	row->near_lower = centre - 2 * sigma;
	row->near_upper = centre + 2 * sigma;
}

/* Not below the least that values can be, not above the greatest; NAN stays. */
static void
clip(StpSpcRow *row, double least, double greatest)
{
	double *limit[] = {&row->lower, &row->upper, &row->near_lower, &row->near_upper};

	for (int i = 0; i < 4; i++)
		if (*limit[i] < least)
			*limit[i] = least;
		else if (*limit[i] > greatest)
			*limit[i] = greatest;
}

/* Back from the scale on which times between events are nearly normal. */
static void
untransform(StpSpcRow *row)
{
	double *limit[] = {&row->mean, &row->lower, &row->upper, &row->near_lower, &row->near_upper};

	clip(row, 0, INFINITY);
	for (int i = 0; i < 5; i++)
		*limit[i] = pow(*limit[i], T_EXPONENT);
}

/* Ranges are never below nothing, and their sigma is a share of their mean. */
static void
place_range(StpSpcRow *row, double centre)
{
	place(row, centre, (D4 - 1) / 3 * centre);
	row->near_upper = D4 * 2 / 3 * centre;
	clip(row, 0, INFINITY);
}

static void
place_row(const Segment *s, size_t i, double median)
{
	const StpSpcQuestion *q = s->question;
	StpSpcRow *row = &s->row[i];
	bool is_prime = q->chart == STP_SPC_P_PRIME || q->chart == STP_SPC_U_PRIME;
	double own = needs_denominator(q->chart) ? own_sigma(s, i) : s->sigma;

	if (q->chart == STP_SPC_MR)
		place_range(row, s->centre);
	else
		place(row, s->centre, is_prime ? own * s->sigma : own);
	if (q->chart == STP_SPC_T)
		untransform(row);
	if (q->chart == STP_SPC_G || (q->dialect->clip && q->chart >= STP_SPC_P))
		clip(row, 0, q->chart <= STP_SPC_P_PRIME ? 1 : INFINITY);
	if (q->chart == STP_SPC_G)
		row->mean = median;
}

/* The centre of a g chart as it is shown: geometric counts lie mostly below their mean. */
static double
shown_centre(const Segment *s)
{
	if (s->question->chart != STP_SPC_G)
		return s->centre;
	return isnan(s->question->mean) ? base_median(s) : G_MEDIAN * s->centre;
}

/* Whether limits leave room for chance, and are numbers in the unit that is shown. */
static bool
has_width(const StpSpcRow *row, double per)
{
	return isfinite(row->lower * per) && isfinite(row->upper * per) && row->upper > row->lower &&
		   !stp_core_tied(row->lower, row->upper, 0);
}

/* Limits that are no numbers, or all on the mean, say nothing of chance: there are none. */
static void
take_away(StpSpcRow *row, double per)
{
	place(row, isfinite(row->mean * per) ? row->mean : NAN, NAN);
}

/* Where nothing varies they are on the value; a chart of counts has its limits all the same. */
static void
place_constant(const Segment *s)
{
	STP_EACH (i, s->rows)
	{
		place(&s->row[i], s->constant, s->question->chart == STP_SPC_RUN ? NAN : 0);
		s->row[i].status = STP_SPC_CONSTANT;
	}
}

/* What limits are worth, and where there are none; of a run chart its centre. */
static void
fill_status(const Segment *s)
{
	int32_t values = 0;
	bool is_run = s->question->chart == STP_SPC_RUN;

	STP_EACH (i, s->rows)
		values += !s->row[i].is_ghost && !isnan(s->row[i].value);
	STP_EACH (i, s->rows)
		if (isnan(is_run ? s->row[i].mean : s->row[i].upper))
			s->row[i].status = STP_SPC_TOO_FEW;
		else if (s->row[i].status != STP_SPC_CONSTANT)
			s->row[i].status =
				values < s->question->dialect->warn_points ? STP_SPC_TRIAL : STP_SPC_OK;
}

static void
fill_limits(Segment *s)
{
	double shown;
	bool has_limits = false;

	choose_base(s);
	s->centre = estimate_centre(s);
	s->constant = find_constant(s);
	s->sigma = estimate_sigma(s);
	shown = shown_centre(s);
	STP_EACH (i, s->rows)
	{
		place_row(s, i, shown);
		if (has_width(&s->row[i], s->question->per))
			has_limits = true;
		else
			take_away(&s->row[i], s->question->per);
	}
	if (!isnan(s->constant) && !has_limits)
		place_constant(s);
	fill_status(s);
}

static void
fill_segment_limits(const StpSpc *series, const StpSpcQuestion *question, const StpSpcWork *work,
					StpSpcRow *rows)
{
	size_t n = (size_t) series->points;

	for (size_t from = 0, to; from < n; from = to)
	{
		Segment segment = {
			question, series->point + from, rows + from, 0, work->numbers, work->order, NAN, NAN,
			NAN};

		for (to = from; to < n && rows[to].segment == rows[from].segment; to++)
			stp_core_pause_sometimes(to);
		segment.rows = to - from;
		fill_limits(&segment);
	}
}

/* A chart with too few points altogether, and points that have no value. */
static void
fill_missing_status(const StpSpcQuestion *question, StpSpcRow *rows, size_t n)
{
	int32_t values = 0;

	STP_EACH (i, n)
		values += !rows[i].is_ghost && !isnan(rows[i].value);
	STP_EACH (i, n)
	{
		if (isnan(rows[i].value))
			rows[i].status = STP_SPC_NO_DATA;
		else if (values < question->dialect->minimum_points)
			rows[i].status = STP_SPC_TOO_FEW;
		rows[i].is_judged =
			!rows[i].is_ghost && !isnan(rows[i].value) && rows[i].status != STP_SPC_TOO_FEW;
	}
}

/* What is shown is in the unit that was asked for; flags do not depend on it. */
static void
scale(StpSpcRow *row, double per)
{
	double *shown[] = {&row->value,		 &row->mean,	   &row->lower,		  &row->upper,
					   &row->near_lower, &row->near_upper, &row->moving_range};

	for (int i = 0; i < 7; i++)
		*shown[i] *= per;
}

StpSpcFault
stp_core_spc_judge(const StpSpc *series, const StpSpcQuestion *question, const StpSpcWork *work,
				   StpSpcRow *rows, size_t *faulty)
{
	size_t n = (size_t) series->points;
	StpSpcFault fault = stp_core_spc_find_fault(series, question->chart, faulty);

	if (fault != STP_SPC_FINE)
		return fault;
	fill_values(series, question, rows);
	fill_segments(series, question, rows);
	fill_gaps(series, question, work, rows);
	fill_moving_ranges(question, rows, n);
	fill_segment_limits(series, question, work, rows);
	fill_missing_status(question, rows, n);
	stp_core_spc_flag(question, rows, n, work->shown);
	if (question->per != 1)
		STP_EACH (i, n)
			scale(&rows[i], question->per);
	return STP_SPC_FINE;
}
