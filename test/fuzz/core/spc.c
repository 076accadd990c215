/* Fuzz target: any series on any chart in any dialect. */
#include "input.h"
#include "spc.h"

#define MAX_POINTS 60
#define MAX_DAYS 3

/* A number, or none; small ones more often than not, so that limits are crossed. */
static double
take_number(Input *input)
{
	int kind = take_between(input, 0, 7);

	return kind == 0 ? NAN : kind == 1 ? take_finite(input) : take_between(input, 0, 255) - 100;
}

static StpSpc *
take_series(Input *input)
{
	int32_t n = take_between(input, 1, MAX_POINTS);
	bool divided = take_between(input, 0, 1), dense = take_between(input, 0, 1);
	StpSpc *series = calloc(1, stp_core_spc_size(n));

	series->points = n;
	for (int32_t i = 0; i < n; i++)
		series->point[i] =
			(StpSpcPoint){take_number(input), divided ? fabs(take_number(input)) : NAN,
						  take_number(input), dense ? i * 7 : take_int32(input) % 700000, 0};
	if (stp_core_spc_sort(series) == 0 && stp_core_spc_is_valid(series))
		return series;
	free(series);
	return NULL;
}

static StpSpcDialect
take_dialect(Input *input)
{
	StpSpcDialect dialect = {.sigma_factor = take_between(input, 0, 1) ? 2.66 : take_count(input),
							 .median_centre = take_between(input, 0, 1),
							 .screen = take_between(input, 0, 1),
							 .screen_strict = take_between(input, 0, 1),
							 .screen_mean = take_between(input, 0, 1),
							 .missing_breaks = take_between(input, 0, 1),
							 .baseline_splits = take_between(input, 0, 1),
							 .shift = take_between(input, 2, 9),
							 .trend = take_between(input, 2, 9),
							 .trend_crosses = take_between(input, 0, 1),
							 .any_third = take_between(input, 0, 1),
							 .beyond_three_counts = take_between(input, 0, 1),
							 .mark_third = take_between(input, 0, 1),
							 .conflict = (StpSpcConflict) take_between(input, 0, 3),
							 .minimum_points = take_between(input, 2, 20),
							 .warn_points = take_between(input, 2, 20),
							 .target_decides = take_between(input, 0, 1),
							 .last_point = take_between(input, 0, 1),
							 .clip = take_between(input, 0, 1),
							 .rules = take_between(input, 1, STP_SPC_RULES)};

	for (int i = 0; i < STP_SPC_RULES; i++)
		dialect.rule[i] = (StpSpcRule) take_between(input, 0, STP_SPC_RULES - 1);
	return dialect;
}

static void
take_days(Input *input, const StpSpc *series, int32_t days[MAX_DAYS])
{
	int32_t at = 0;

	for (int i = 0; i < MAX_DAYS; i++)
	{
		at += take_between(input, 0, MAX_POINTS);
		days[i] = at < series->points ? series->point[at].day : INT32_MAX;
	}
}

static void
check_row(const StpSpcRow *row, const StpSpcRow *before)
{
	CHECK(row->segment >= 1 && (before == NULL || row->segment - before->segment <= 1));
	CHECK(row->gap >= 0 && row->rule <= STP_SPC_NO_RULE && row->signal <= STP_SPC_NO_SIGNAL);
	CHECK(!(row->is_ghost && row->is_judged) && !(isnan(row->value) && row->is_judged));
	CHECK(!isinf(row->value) && !isinf(row->mean) && !isinf(row->moving_range));
	CHECK(!isinf(row->lower) && !isinf(row->upper) && !isinf(row->near_lower) &&
		  !isinf(row->near_upper));
	CHECK(isnan(row->upper) == isnan(row->lower) && isnan(row->upper) == isnan(row->near_upper) &&
		  isnan(row->upper) == isnan(row->near_lower));
	CHECK(isnan(row->upper) || row->lower < row->upper ||
		  (row->lower == row->upper &&
		   (row->status == STP_SPC_CONSTANT || row->status == STP_SPC_TOO_FEW ||
			row->status == STP_SPC_NO_DATA)));
	CHECK(isnan(row->near_upper) || row->near_upper <= row->upper);
	for (int rule = 0; rule < STP_SPC_RULES; rule++)
		CHECK(row->flag[rule] >= -1 && row->flag[rule] <= 1 &&
			  (row->is_judged || row->flag[rule] == 0));
}

/* What somebody gives instead of estimates, which the database refuses where it cannot be. */
static void
take_given(Input *input, StpSpcQuestion *question)
{
	double mean = take_number(input), sigma = fabs(take_number(input));
	static const double units[] = {1, 100, 1e-3, 1e300};
	static const int32_t months[] = {0, 1, 3, 12};

	if (take_between(input, 0, 3) == 0 && stp_core_spc_can_centre(question->chart, mean))
		question->mean = mean;
	if (take_between(input, 0, 3) == 0 && question->chart == STP_SPC_XMR && sigma > 0)
		question->sigma = sigma;
	question->per = units[take_between(input, 0, 3)];
	question->grain_months = months[take_between(input, 0, 3)];
}

static void
ask(const StpSpc *series, const StpSpcQuestion *question)
{
	size_t n = (size_t) series->points, faulty;
	StpSpcRow *rows = calloc(n, sizeof(StpSpcRow));
	StpSpcWork work = {calloc(n, sizeof(double)), calloc(n, sizeof(size_t)),
					   calloc(n, sizeof(size_t))};

	if (stp_core_spc_judge(series, question, &work, rows, &faulty) == STP_SPC_FINE)
	{
		StpSpcSummary summary = stp_core_spc_summarise(series, question, rows);

		for (size_t i = 0; i < n; i++)
			check_row(&rows[i], i == 0 ? NULL : &rows[i - 1]);
		CHECK(summary.row <= n && summary.since_row <= summary.row &&
			  summary.segment_row <= summary.row && summary.gaps >= 0);
	}
	else
		CHECK(faulty < n);
	free(rows);
	free(work.numbers);
	free(work.order);
	free(work.shown);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size};
	StpSpcDialect dialect = take_dialect(&input);
	StpSpcQuestion question = {.dialect = &dialect, .mean = NAN, .sigma = NAN, .per = 1};
	int32_t rebase[MAX_DAYS], ghosts[MAX_DAYS];
	StpSpc *series;

	question.chart = (StpSpcChart) take_between(&input, 0, STP_SPC_T);
	question.better = take_between(&input, -1, 1);
	question.baseline = take_between(&input, 0, 1) ? take_between(&input, 2, 20) : 0;
	series = take_series(&input);
	if (series == NULL)
		return 0;
	take_days(&input, series, rebase);
	take_days(&input, series, ghosts);
	question.rebase = rebase;
	question.ghosts = ghosts;
	take_given(&input, &question);
	question.rebases = question.ghost_days = (size_t) take_between(&input, 0, MAX_DAYS);
	ask(series, &question);
	free(series);
	return 0;
}
