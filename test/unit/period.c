/*
 * Unit tests of core/period.c. The calendar is checked against a walk through every day of the
 * range, which shares nothing with the formula it checks but the rule for leap years.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "period.h"

#define FIRST_DAY -36434 /* 1900-04-01 */
#define LAST_DAY 73138	 /* 2200-03-31 */

/* Grains in the order of their codes. */
static const int months_of[] = {12, 6, 3, 1};

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Read what must be readable. */
static stp_period
parsed(const char *text)
{
	stp_period period = -1;

	assert_int_equal(stp_core_period_parse(text, &period), STP_PERIOD_OK);
	return period;
}

static void
assert_prints(stp_period period, const char *expected)
{
	char text[STP_PERIOD_TEXT_SIZE];

	stp_core_period_print(period, text);
	assert_string_equal(text, expected);
}

/* 300 years, 600 halves, 1200 quarters and 3600 months are valid, no other bits, and each reads
 * back. */
static void
test_every_period_round_trips(void **state)
{
	int count[4] = {0};
	char text[STP_PERIOD_TEXT_SIZE];

	(void) state;
	for (int32_t bits = -100; bits < 20000; bits++)
	{
		if (!stp_core_period_valid(bits))
			continue;
		count[stp_core_period_grain(bits)]++;
		stp_core_period_print(bits, text);
		assert_int_equal(parsed(text), bits);
	}
	for (int grain = 0; grain < 4; grain++)
		assert_int_equal(count[grain], 3600 / months_of[grain]);
	assert_false(stp_core_period_valid(INT32_MIN));
	assert_false(stp_core_period_valid(INT32_MAX));
}

/* The stored numbers, written down: a change of encoding would make stored data lie. */
static void
test_encoding_is_fixed(void **state)
{
	(void) state;
	assert_int_equal(parsed("1900/01"), 0);
	assert_int_equal(parsed("1900/01 H2"), 25);
	assert_int_equal(parsed("1900/01 Q2"), 14);
	assert_int_equal(parsed("1900-05"), 7);
	assert_int_equal(parsed("2016/17"), 5568);
	assert_int_equal(parsed("2200-03"), 14399);
}

/* Walk the days one by one: each lies in the month, quarter, half and year it should. */
static void
test_calendar_day_by_day(void **state)
{
	int32_t day = FIRST_DAY;
	stp_period period;
	char text[STP_PERIOD_TEXT_SIZE];
	char expected[STP_PERIOD_TEXT_SIZE];

	(void) state;
	for (int i = 3; i < 3603; i++)
	{
		int year = 1900 + i / 12;
		int month = i % 12 + 1;
		int length = days_in_month(year, month);

		snprintf(expected, sizeof expected, "%04d-%02d", year, month);
		for (int32_t d = day; d < day + length; d++)
		{
			for (int grain = 0; grain < 4; grain++)
			{
				assert_true(stp_core_period_of_day(d, (stp_grain) grain, &period));
				assert_true(stp_core_period_valid(period));
				assert_int_equal(stp_core_period_grain(period), grain);
				assert_int_equal(period / 4, (i - 3) - (i - 3) % months_of[grain]);
				assert_in_range(d - stp_core_period_first_day(period), 0, 366);
				assert_in_range(stp_core_period_last_day(period) - d, 0, 366);
			}
			stp_core_period_print(period, text);
			assert_string_equal(text, expected);
		}
		assert_int_equal(stp_core_period_first_day(period), day);
		assert_int_equal(stp_core_period_last_day(period), day + length - 1);
		day += length;
	}
	assert_int_equal(day, LAST_DAY + 1);
}

static void
test_days_out_of_range(void **state)
{
	static const int32_t days[] = {FIRST_DAY - 1, LAST_DAY + 1, INT32_MIN, INT32_MAX};
	stp_period period;

	(void) state;
	for (size_t i = 0; i < sizeof days / sizeof *days; i++)
		assert_false(stp_core_period_of_day(days[i], STP_GRAIN_MONTH, &period));
}

/* Integer order is by first day, then the longer first. */
static void
test_order(void **state)
{
	stp_period before = 0;

	(void) state;
	for (stp_period p = 1; p < 14400; p++)
	{
		if (!stp_core_period_valid(p))
			continue;
		int32_t first = stp_core_period_first_day(p);
		int32_t first_before = stp_core_period_first_day(before);

		assert_true(first > first_before ||
					(first == first_before &&
					 stp_core_period_last_day(p) < stp_core_period_last_day(before)));
		before = p;
	}
}

/* What lies in a period are its neighbours in the order, from itself to its last month. */
static void
test_parts_are_neighbours(void **state)
{
	(void) state;
	for (stp_period a = 5568 - 48; a < 5568 + 96; a++)
	{
		for (stp_period b = 5568 - 48; b < 5568 + 96; b++)
		{
			if (!stp_core_period_valid(a) || !stp_core_period_valid(b))
				continue;
			bool contains = stp_core_period_first_day(a) <= stp_core_period_first_day(b) &&
							stp_core_period_last_day(b) <= stp_core_period_last_day(a);
			bool apart = stp_core_period_last_day(a) < stp_core_period_first_day(b) ||
						 stp_core_period_last_day(b) < stp_core_period_first_day(a);

			assert_int_equal(contains, b >= a && b <= stp_core_period_last_month(a));
			assert_int_equal(!apart, stp_core_period_overlap(a, b));
		}
	}
}

/* A day in 2000-01-06, a Thursday, decides every other. */
static void
test_last_thursday(void **state)
{
	(void) state;
	for (stp_period p = 0; p < 14400; p++)
	{
		if (!stp_core_period_valid(p))
			continue;
		int32_t thursday = stp_core_period_last_thursday(p);

		assert_int_equal((thursday - 5) % 7, 0);
		assert_in_range(stp_core_period_last_day(p) - thursday, 0, 6);
	}
}

static void
test_shift(void **state)
{
	stp_period shifted = -1;

	(void) state;
	assert_true(stp_core_period_shift(parsed("2016/17 Q4"), 1, &shifted));
	assert_prints(shifted, "2017/18 Q1");
	assert_true(stp_core_period_shift(parsed("2016-04"), -1, &shifted));
	assert_prints(shifted, "2016-03");
	assert_true(stp_core_period_shift(parsed("1900/01"), 299, &shifted));
	assert_prints(shifted, "2199/00");
	assert_false(stp_core_period_shift(parsed("1900/01"), 300, &shifted));
	assert_false(stp_core_period_shift(parsed("1900/01"), -1, &shifted));
	assert_false(stp_core_period_shift(parsed("2200-03"), 1, &shifted));
	assert_false(stp_core_period_shift(parsed("2016/17"), -(int64_t) INT32_MIN, &shifted));
	assert_prints(shifted, "2199/00");
}

static void
test_coarsen(void **state)
{
	(void) state;
	assert_prints(stp_core_period_coarsen(parsed("2017-01"), STP_GRAIN_QUARTER), "2016/17 Q4");
	assert_prints(stp_core_period_coarsen(parsed("2017-01"), STP_GRAIN_HALF), "2016/17 H2");
	assert_prints(stp_core_period_coarsen(parsed("2017-03"), STP_GRAIN_YEAR), "2016/17");
	assert_prints(stp_core_period_coarsen(parsed("2017-04"), STP_GRAIN_YEAR), "2017/18");
}

static void
test_grain_names(void **state)
{
	stp_grain grain;

	(void) state;
	for (int i = 0; i < 4; i++)
	{
		assert_true(stp_core_grain_parse(stp_core_grain_name((stp_grain) i), &grain));
		assert_int_equal(grain, i);
	}
	assert_false(stp_core_grain_parse("Year", &grain));
	assert_false(stp_core_grain_parse("years", &grain));
	assert_false(stp_core_grain_parse("", &grain));
}

static void
test_parse_accepts(void **state)
{
	(void) state;
	assert_prints(parsed(" \t\n\v\f\r2016/17 \r\n"), "2016/17");
	assert_prints(parsed("1999/00 h2"), "1999/00 H2");
	assert_prints(parsed("2016/17 m09"), "2016-12");
	assert_prints(parsed("2016/17 M10"), "2017-01");
	assert_prints(parsed("2199/00 M12"), "2200-03");
	assert_prints(parsed("2011-12"), "2011-12");
}

static void
test_parse_rejects(void **state)
{
	static const char *const malformed[] = {"",
											" ",
											"2",
											"2016",
											"2016/",
											"2016/1",
											"2016/18",
											"2016/16",
											"2016/177",
											"02016/17",
											"2016 /17",
											"2016/ 17",
											"2016-17",
											"2016-1",
											"2016-00",
											"2016-13",
											"2016-012",
											"2016-12-01",
											"2016/17 H",
											"2016/17 H0",
											"2016/17 H3",
											"2016/17 Q0",
											"2016/17 Q5",
											"2016/17 Q10",
											"2016/17 M0",
											"2016/17 M00",
											"2016/17 M9",
											"2016/17 M13",
											"2016/17  Q1",
											"2016/17Q1",
											"2016/17 Y1",
											"2016/17 1",
											"-016/17",
											"+016/17",
											"2016/17\xa0",
											"\xd9\xa2"
											"016/17"};
	stp_period period = -1;

	(void) state;
	for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
		assert_int_equal(stp_core_period_parse(malformed[i], &period), STP_PERIOD_MALFORMED);
	assert_int_equal(period, -1);
}

static void
test_parse_range(void **state)
{
	static const char *const outside[] = {"0000/01", "1899/00",	   "1899/00 M12", "1900-03",
										  "2200/01", "2200/01 Q1", "2200-04",	  "9999/00"};
	stp_period period = -1;

	(void) state;
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		assert_int_equal(stp_core_period_parse(outside[i], &period), STP_PERIOD_OUT_OF_RANGE);
	assert_int_equal(period, -1);
}

/* All that a text may mean, as it is printed, separated by commas. */
static stp_period_status
read_meanings(const char *text, char all[128])
{
	stp_period_meanings meanings;
	stp_period_status status = stp_core_period_read(text, &meanings);
	size_t n = 0;

	all[0] = '\0';
	for (int i = 0; i < meanings.count; i++)
	{
		char one[STP_PERIOD_TEXT_SIZE];

		stp_core_period_print(meanings.meant[i], one);
		n += (size_t) snprintf(all + n, 128 - n, "%s%s", i == 0 ? "" : ", ", one);
	}
	return status;
}

/* What can mean one thing is read. */
static void
test_meant(void **state)
{
	static const char *const meant[][2] = {{"2016-17", "2016/17"},
										   {"2016-2017", "2016/17"},
										   {"2016/2017", "2016/17"},
										   {"16/17", "2016/17"},
										   {"99/00", "1999/00"},
										   {"69-70", "2069/70"},
										   {" 2016-17 q3", "2016/17 Q3"},
										   {"2016/17H1", "2016/17 H1"},
										   {"2016-17 M09 ", "2016-12"},
										   {"\xef\xbb\xbf"
											"2016/17",
											"2016/17"},
										   {"2016/17\xc2\xa0", "2016/17"},
										   {"2016\xe2\x80\x93"
											"17",
											"2016/17"},
										   {"Apr-16", "2016-04"},
										   {"April 2016", "2016-04"},
										   {"201617", "2016/17"},
										   {"201604", "2016-04"},
										   {"Q1 2016/17", "2016/17 Q1"},
										   {"2016/17 M9", "2016-12"},
										   {"January 2010-11", "2011-01"},
										   {"FY 2010-11", "2010/11"},
										   {"2010-11 Q3", "2010/11 Q3"},
										   {"\xc2\xa0"
											"2010-11",
											"2010-11"}};
	char all[128];

	(void) state;
	for (size_t i = 0; i < sizeof meant / sizeof *meant; i++)
	{
		assert_int_equal(read_meanings(meant[i][0], all), STP_PERIOD_OK);
		assert_string_equal(all, meant[i][1]);
	}
}

/* What can mean several things, or whose kind can, is not read, and all that it may mean told. */
static void
test_several_meanings(void **state)
{
	static const char *const unclear[][2] = {
		{"2010\xe2\x80\x93"
		 "11",
		 "2010/11, 2010-11"},
		{"201011", "2010/11, 2010-11"},
		{"11/12", "2011/12, 2012-11"},
		{"2016", "2015/16, 2016/17"},
		{"Q1 2016", "2016/17 Q1, 2015/16 Q4"},
		{"M4 2016", "2016-07, 2016-04"},
		{"2016/12", "2016-12"},
		{"2016-04-01", "2016/17, 2016/17 H1, 2016/17 Q1, 2016-04"},
		{"20170101", "2016/17 Q4, 2017-01"},
		{"2016-05-01", "2016-05"},
		{"2016/18", ""},
		{"2016-13", ""},
		{"216/17", ""},
		{"2016/7x", ""},
		{"2016-17 Q5", ""},
		{"Q5 2016", ""},
		{"2016/3017", ""},
		{"16.17", ""},
		{"16-Apr", ""},
		{"1 April 2016", ""},
		{"", ""},
		{"Q1", ""},
		{"April", ""},
		{"2016/17~", ""},
		{"2016-17-18", ""},
		{"2016/17 Q1 Q2", ""},
		{"2016-04-32", ""}};
	char all[128];

	(void) state;
	for (size_t i = 0; i < sizeof unclear / sizeof *unclear; i++)
	{
		assert_int_equal(read_meanings(unclear[i][0], all), STP_PERIOD_MALFORMED);
		assert_string_equal(all, unclear[i][1]);
	}
	assert_int_equal(read_meanings("April 1899", all), STP_PERIOD_OUT_OF_RANGE);
	assert_int_equal(read_meanings("2200-01 M1", all), STP_PERIOD_OUT_OF_RANGE);
}

/* Of all periods these look like financial years with a hyphen: 2000-01 to 2011-12, and those of
 * the other centuries. */
static void
test_looks_financial(void **state)
{
	int count = 0;

	(void) state;
	for (stp_period p = 0; p < 14400; p++)
		count += stp_core_period_valid(p) && stp_core_period_looks_financial(p);
	assert_int_equal(count, 11 + 12 + 12 + 1);
	assert_true(stp_core_period_looks_financial(parsed("2010-11")));
	assert_true(stp_core_period_looks_financial(parsed("2000-01")));
	assert_false(stp_core_period_looks_financial(parsed("2010-12")));
	assert_false(stp_core_period_looks_financial(parsed("2010/11")));
}

/* Broken texts are refused or mean what they print; nothing is read past the end. */
static void
test_broken_text(void **state)
{
	static const char letters[] = "0123456789/- HhQqMm\t\x80";
	unsigned int seed = 20161201;
	stp_period period;
	stp_period again;

	(void) state;
	for (int i = 0; i < 200000; i++)
	{
		char text[] = "2016/17 Q3";

		for (int changes = 0; changes < 3; changes++)
		{
			seed = seed * 1103515245u + 12345u;
			text[(seed >> 16) % (sizeof text - 1)] = letters[(seed >> 20) % sizeof letters];
		}
		if (stp_core_period_parse(text, &period) == STP_PERIOD_OK)
		{
			char printed[STP_PERIOD_TEXT_SIZE];

			assert_true(stp_core_period_valid(period));
			stp_core_period_print(period, printed);
			assert_int_equal(stp_core_period_parse(printed, &again), STP_PERIOD_OK);
			assert_int_equal(again, period);
		}
		else
		{
			stp_period_meanings meanings;

			(void) stp_core_period_read(text, &meanings);
			for (int m = 0; m < meanings.count; m++)
				assert_true(stp_core_period_valid(meanings.meant[m]));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_period_round_trips),
		cmocka_unit_test(test_encoding_is_fixed),
		cmocka_unit_test(test_calendar_day_by_day),
		cmocka_unit_test(test_days_out_of_range),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_parts_are_neighbours),
		cmocka_unit_test(test_last_thursday),
		cmocka_unit_test(test_shift),
		cmocka_unit_test(test_coarsen),
		cmocka_unit_test(test_grain_names),
		cmocka_unit_test(test_parse_accepts),
		cmocka_unit_test(test_parse_rejects),
		cmocka_unit_test(test_parse_range),
		cmocka_unit_test(test_meant),
		cmocka_unit_test(test_several_meanings),
		cmocka_unit_test(test_looks_financial),
		cmocka_unit_test(test_broken_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
