/*
 * Unit tests of core/spc.c and core/spc_rules.c: order, validity, rules against what their words
 * say, looked for window by window, and limits under shift, scale and reversal.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "spc.h"
#include "random.h"

#define SERIES 3000
#define POINTS 40

static const StpSpcDialect by_default = {
	.sigma_factor = 2.66,
	.missing_breaks = true,
	.shift = 7,
	.trend = 7,
	.minimum_points = 2,
	.warn_points = 13,
	.clip = true,
	.rules = 4,
	.rule = {STP_SPC_OUTSIDE, STP_SPC_TREND, STP_SPC_TWO_IN_THREE, STP_SPC_SHIFT}};

/* A chart of a series, with just the memory that it needs, so that the sanitizer sees what is
 * beyond. */
typedef struct Chart
{
	StpSpc *series;
	StpSpcDialect dialect;
	StpSpcQuestion question;
	StpSpcRow *rows;
} Chart;

static int
random_int(int low, int high)
{
	return low + (int) (random_share() * (high - low + 1));
}

static Chart
new_chart(int32_t points)
{
	Chart chart = {.series = calloc(1, stp_core_spc_size(points)),
				   .dialect = by_default,
				   .question = {.mean = NAN, .sigma = NAN, .per = 1, .better = 1},
				   .rows = calloc((size_t) points, sizeof(StpSpcRow))};

	chart.series->points = points;
	for (int32_t i = 0; i < points; i++)
		chart.series->point[i] = (StpSpcPoint){0, NAN, NAN, i, 0};
	return chart;
}

static StpSpcFault
judge(Chart *chart)
{
	size_t n = (size_t) chart->series->points, faulty;
	StpSpcWork work = {malloc(n * sizeof(double)), malloc(n * sizeof(size_t)),
					   malloc(n * sizeof(size_t))};
	StpSpcFault fault;

	chart->question.dialect = &chart->dialect;
	fault = stp_core_spc_judge(chart->series, &chart->question, &work, chart->rows, &faulty);
	free(work.numbers);
	free(work.order);
	free(work.shown);
	return fault;
}

static void
free_chart(Chart *chart)
{
	free(chart->series);
	free(chart->rows);
}

/* Few values, so that ties and runs are many; some missing. */
static void
fill_random(Chart *chart, int missing_in)
{
	int level = 0;

	for (int32_t i = 0; i < chart->series->points; i++)
	{
		level += random_int(-1, 1);
		chart->series->point[i].value = level + random_int(-1, 1);
		if (missing_in > 0 && random_int(1, missing_in) == 1)
			chart->series->point[i].value = NAN;
	}
}

static void
test_order(void **unused)
{
	(void) unused;
	for (int s = 0; s < SERIES; s++)
	{
		int32_t n = random_int(1, POINTS);
		Chart chart = new_chart(n);
		StpSpcPoint *point = chart.series->point;

		for (int32_t i = 0; i < n; i++)
			point[i].value = i;
		for (int32_t i = n - 1; i > 0; i--)
		{
			int32_t j = random_int(0, i);
			StpSpcPoint swapped = point[i];

			point[i] = point[j];
			point[j] = swapped;
		}
		assert_int_equal(stp_core_spc_sort(chart.series), 0);
		for (int32_t i = 0; i < n; i++)
			assert_true(point[i].day == i && point[i].value == i);
		assert_true(stp_core_spc_is_valid(chart.series));
		if (n > 1)
		{
			point[0].day = point[n / 2].day = n;
			point[n - 1].day = n / 2 == n - 1 ? n : 0;
			assert_true(stp_core_spc_sort(chart.series) > 0);
			assert_false(stp_core_spc_is_valid(chart.series));
		}
		free_chart(&chart);
	}
}

static void
test_validity(void **unused)
{
	Chart chart = new_chart(2);
	StpSpcPoint *point = chart.series->point;

	(void) unused;
	assert_true(stp_core_spc_is_valid(chart.series));
	point[1].denominator = -1;
	assert_false(stp_core_spc_is_valid(chart.series));
	point[1].denominator = INFINITY;
	assert_false(stp_core_spc_is_valid(chart.series));
	point[1].denominator = 0;
	assert_true(stp_core_spc_is_valid(chart.series));
	point[1].value = -INFINITY;
	assert_false(stp_core_spc_is_valid(chart.series));
	point[1] = (StpSpcPoint){1, NAN, NAN, 1, 1};
	assert_false(stp_core_spc_is_valid(chart.series));
	point[1] = (StpSpcPoint){1, NAN, NAN, 0, 0};
	assert_false(stp_core_spc_is_valid(chart.series));
	chart.series->points = 0;
	assert_false(stp_core_spc_is_valid(chart.series));
	chart.series->points = STP_SPC_MAX_POINTS + 1;
	assert_false(stp_core_spc_is_valid(chart.series));
	free_chart(&chart);
}

static int
sign(double number)
{
	return (number > 0) - (number < 0);
}

/* Whether points from i on are all on one side of the centre, or all go one way. */
static bool
is_shift(const StpSpcRow *row, int i, int n, int side)
{
	for (int j = i; j < i + n; j++)
		if (sign(row[j].value - row[j].mean) != side)
			return false;
	return true;
}

static bool
is_trend(const StpSpcRow *row, int i, int n, int side)
{
	for (int j = i; j < i + n - 1; j++)
		if (sign(row[j + 1].value - row[j].value) != side)
			return false;
	return true;
}

static int
near_side(const StpSpcRow *row)
{
	if (row->value > row->upper || row->value < row->lower)
		return 0;
	return row->value > row->near_upper ? 1 : row->value < row->near_lower ? -1 : 0;
}

static bool
is_two_in_three(const StpSpcRow *row, int i, int side)
{
	int near = 0;

	for (int j = i; j < i + 3; j++)
		near += near_side(&row[j]) == side;
	return near >= 2 && is_shift(row, i, 3, side);
}

/* A flag as its words say: the point is in a window that the rule finds. */
static int
slow_flag(const StpSpcRow *row, int n, int i, int window,
		  bool (*rule)(const StpSpcRow *, int, int, int))
{
	int found = 0;

	for (int j = i - window + 1; j <= i; j++)
		for (int side = -1; side <= 1; side += 2)
			if (j >= 0 && j + window <= n && rule(row, j, window, side))
				found = side;
	return found;
}

static int
slow_two_in_three(const StpSpcRow *row, int n, int i)
{
	for (int j = i - 2; j <= i; j++)
		for (int side = -1; side <= 1; side += 2)
			if (j >= 0 && j + 3 <= n && is_two_in_three(row, j, side) && near_side(&row[i]) == side)
				return side;
	return 0;
}

static void
test_rules_by_their_words(void **unused)
{
	int flagged[STP_SPC_RULES] = {0};

	(void) unused;
	for (int s = 0; s < SERIES; s++)
	{
		Chart chart = new_chart(POINTS);
		const StpSpcRow *row = chart.rows;

		fill_random(&chart, s % 2 == 0 ? 0 : 10);
		chart.dialect.shift = random_int(2, 8);
		chart.dialect.trend = random_int(2, 6);
		assert_int_equal(judge(&chart), STP_SPC_FINE);
		for (int i = 0; i < POINTS; i++)
		{
			if (!row[i].is_judged || row[i].status == STP_SPC_CONSTANT)
				continue;
			assert_int_equal(row[i].flag[STP_SPC_OUTSIDE],
							 (row[i].value > row[i].upper) - (row[i].value < row[i].lower));
			assert_int_equal(row[i].flag[STP_SPC_SHIFT],
							 slow_flag(row, POINTS, i, chart.dialect.shift, is_shift));
			assert_int_equal(row[i].flag[STP_SPC_TREND],
							 slow_flag(row, POINTS, i, chart.dialect.trend, is_trend));
			assert_int_equal(row[i].flag[STP_SPC_TWO_IN_THREE], slow_two_in_three(row, POINTS, i));
			for (int rule = 0; rule < STP_SPC_RULES; rule++)
				flagged[rule] += row[i].flag[rule] != 0;
		}
		free_chart(&chart);
	}
	for (int rule = STP_SPC_OUTSIDE; rule <= STP_SPC_SHIFT; rule++)
		assert_true(flagged[rule] > 100);
}

/* The same chart when values are a * value + b, or come in the other order. */
static void
test_symmetries(void **unused)
{
	(void) unused;
	for (int s = 0; s < SERIES; s++)
	{
		Chart chart = new_chart(POINTS), moved = new_chart(POINTS), turned = new_chart(POINTS);
		double a = s % 2 == 0 ? 4 : -4, b = random_int(-1000, 1000);

		fill_random(&chart, 20);
		for (int i = 0; i < POINTS; i++)
		{
			moved.series->point[i].value = a * chart.series->point[i].value + b;
			turned.series->point[i].value = chart.series->point[POINTS - 1 - i].value;
		}
		judge(&chart);
		judge(&moved);
		judge(&turned);
		for (int i = 0; i < POINTS; i++)
		{
			const StpSpcRow *row = &chart.rows[i], *other = &moved.rows[i];
			const StpSpcRow *mirrored = &turned.rows[POINTS - 1 - i];
			double limit = a * (a > 0 ? row->upper : row->lower) + b;

			if (!row->is_judged)
				continue;
			assert_true(fabs(other->upper - limit) <= 1e-9 * (fabs(limit) + fabs(a)));
			assert_true(fabs(other->mean - (a * row->mean + b)) <= 1e-9 * (fabs(b) + fabs(a)));
			for (int rule = STP_SPC_OUTSIDE; rule <= STP_SPC_SHIFT; rule++)
			{
				bool is_turn = (row->high & row->low & (1 << STP_SPC_TREND)) != 0;

				if (rule == STP_SPC_TREND && is_turn)
					continue;
				assert_int_equal(other->flag[rule], sign(a) * row->flag[rule]);
				assert_int_equal(mirrored->flag[rule],
								 rule == STP_SPC_TREND ? -row->flag[rule] : row->flag[rule]);
			}
		}
		free_chart(&chart);
		free_chart(&moved);
		free_chart(&turned);
	}
}

/* Segments are charts of their own, and ghosts are as if they were not there. */
static void
test_segments_and_ghosts(void **unused)
{
	(void) unused;
	for (int s = 0; s < SERIES; s++)
	{
		int32_t cut = random_int(2, POINTS - 2), ghost = random_int(0, POINTS - 1);
		Chart whole = new_chart(POINTS), part = new_chart(POINTS - cut),
			  fewer = new_chart(POINTS - 1);

		fill_random(&whole, 20);
		memcpy(part.series->point, whole.series->point + cut,
			   (size_t) (POINTS - cut) * sizeof(StpSpcPoint));
		for (int i = 0; i < POINTS - 1; i++)
			fewer.series->point[i] = whole.series->point[i + (i >= ghost)];
		whole.question.rebase = &cut;
		whole.question.rebases = 1;
		judge(&whole);
		judge(&part);
		for (int i = cut; i < POINTS; i++)
		{
			assert_int_equal(whole.rows[i].segment, 2);
			assert_memory_equal(whole.rows[i].flag, part.rows[i - cut].flag, STP_SPC_RULES);
			assert_memory_equal(&whole.rows[i].upper, &part.rows[i - cut].upper, sizeof(double));
		}
		whole.question.rebases = 0;
		whole.question.ghosts = &ghost;
		whole.question.ghost_days = 1;
		judge(&whole);
		judge(&fewer);
		for (int i = 0; i < POINTS - 1; i++)
		{
			const StpSpcRow *row = &whole.rows[i + (i >= ghost)];

			assert_memory_equal(row->flag, fewer.rows[i].flag, STP_SPC_RULES);
			assert_memory_equal(&row->upper, &fewer.rows[i].upper, sizeof(double));
		}
		assert_true(whole.rows[ghost].is_ghost && !whole.rows[ghost].is_judged);
		free_chart(&whole);
		free_chart(&part);
		free_chart(&fewer);
	}
}

/* The quantile by whole numbers, of which 2^62 is the largest. */
static void
test_crossings(void **unused)
{
	(void) unused;
	for (int n = 2; n <= 62; n++)
	{
		uint64_t choose = 1, sum = 1;
		int32_t k = 0;

		while ((long double) sum < 0.05L * powl(2, n - 1))
		{
			uint64_t factor = (uint64_t) (n - 1 - k), divisor = (uint64_t) (k + 1);

			/* In parts, of which none is beyond 64 bits. */
			choose = choose / divisor * factor + choose % divisor * factor / divisor;
			sum += choose;
			k++;
		}
		assert_int_equal(stp_core_spc_crossings_min(n), k);
	}
	assert_int_equal(stp_core_spc_crossings_min(1), 0);
	/* By the normal approximation, which is good to one there. */
	assert_in_range(stp_core_spc_crossings_min(1000001), 500000 - 823, 500000 - 821);
	assert_int_equal(stp_core_spc_longest_max(1), 3);
	assert_int_equal(stp_core_spc_longest_max(11), 6);
	assert_int_equal(stp_core_spc_longest_max(12), 7);
}

/* Gaps of a series with some of its days left out. */
static void
assert_gaps(const int32_t *days, int32_t n, int64_t expected)
{
	Chart chart = new_chart(n);

	for (int32_t i = 0; i < n; i++)
		chart.series->point[i] = (StpSpcPoint){i % 3, NAN, NAN, days[i], 0};
	judge(&chart);
	assert_int_equal(stp_core_spc_summarise(chart.series, &chart.question, chart.rows).gaps,
					 expected);
	free_chart(&chart);
}

static void
test_gaps(void **unused)
{
	/* From Saturday 1 January 2000: days; weeks; Monday to Friday; ends of January, February, ...
	 */
	static const int32_t daily[] = {0, 1, 2, 5, 6, 7}, weekly[] = {2, 9, 16, 37, 44};
	static const int32_t working[] = {2, 3, 4, 5, 6, 9, 10, 12, 13, 16};
	static const int32_t month_ends[] = {30, 59, 90, 181, 212}, quarters[] = {0, 91, 182, 366};
	static const int32_t late[] = {0, 31, 61, 91, 122, 150};

	(void) unused;
	assert_gaps(daily, 6, 2);
	assert_gaps(weekly, 5, 2);
	assert_gaps(working, 10, 1);
	assert_gaps(month_ends, 5, 2);
	assert_gaps(quarters, 4, 1);
	assert_gaps(late, 6, 0);
	assert_gaps(daily, 2, 0);
	assert_gaps(daily, 1, 0);
}

/* A grain that is known is not guessed from the steps. */
static void
test_known_grain(void **unused)
{
	/* 1 April 2000, 1 October 2000, 1 April 2001, 1 July 2001. */
	static const int32_t days[] = {91, 274, 456, 547}, grains[] = {0, 1, 3, 6, 12};
	static const int64_t expected[] = {0, 12, 2, 0, 0};

	(void) unused;
	for (size_t g = 0; g < sizeof grains / sizeof *grains; g++)
	{
		Chart chart = new_chart(4);

		for (int32_t i = 0; i < 4; i++)
			chart.series->point[i] = (StpSpcPoint){i, NAN, NAN, days[i], 0};
		chart.question.grain_months = grains[g];
		judge(&chart);
		assert_int_equal(stp_core_spc_summarise(chart.series, &chart.question, chart.rows).gaps,
						 expected[g]);
		free_chart(&chart);
	}
}

/* Whether all values that are shown are the same. */
static bool
is_flat(const Chart *chart)
{
	double value = NAN;

	for (int32_t i = 0; i < chart->series->points; i++)
	{
		double here = chart->rows[i].value;

		if (!isnan(here) && !isnan(value) && here != value)
			return false;
		if (!isnan(here))
			value = here;
	}
	return true;
}

/* Limits leave room, or are those of a series that never varies: whatever the base is made of. */
static void
test_width(void **unused)
{
	int constant = 0, none = 0;

	(void) unused;
	for (int s = 0; s < SERIES; s++)
	{
		Chart chart = new_chart(POINTS);
		int flat = random_int(0, POINTS), level = random_int(0, 2);

		chart.question.chart = (StpSpcChart) random_int(STP_SPC_XMR, STP_SPC_G);
		chart.question.baseline = random_int(2, 20);
		for (int i = 0; i < POINTS; i++)
		{
			int value = i < flat ? 2 * level : random_int(0, 4);

			chart.series->point[i] = (StpSpcPoint){value, 4, NAN, i, 0};
		}
		assert_int_equal(judge(&chart), STP_SPC_FINE);
		for (int i = 0; i < POINTS; i++)
		{
			const StpSpcRow *row = &chart.rows[i];

			constant += row->status == STP_SPC_CONSTANT;
			none += isnan(row->upper);
			if (row->status == STP_SPC_CONSTANT)
				assert_true(is_flat(&chart));
			else if (!isnan(row->value) && !isnan(row->upper))
				assert_true(row->lower < row->upper);
			if (isnan(row->upper) && chart.question.chart != STP_SPC_RUN)
				assert_false(row->is_judged);
		}
		free_chart(&chart);
	}
	assert_true(constant > 100 && none > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_validity),
		cmocka_unit_test(test_rules_by_their_words),
		cmocka_unit_test(test_symmetries),
		cmocka_unit_test(test_segments_and_ghosts),
		cmocka_unit_test(test_crossings),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_known_grain),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
