/*
 * Unit tests of core/census.c: days counted one by one, the edges of spans and counters, and states
 * that no spells can have given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "census.h"
#include "random.h"

#define SPELLS 2000
/* The longest span that these tests count day by day. */
#define ROOM 800

/* A census over no spells, of just the size it needs, so that the sanitizer sees what is beyond. */
static StpCensus *
new_census(int32_t first_day, int32_t days)
{
	StpCensus *census = calloc(1, stp_core_census_size(days));

	assert_non_null(census);
	census->first_day = first_day;
	census->days = days;
	return census;
}

static int32_t
random_int(int32_t low, int32_t high)
{
	return low + (int32_t) (random_share() * (high - low + 1));
}

/* A spell that may be outside of the span, empty, or open. */
static void
random_spell(const StpCensus *census, int32_t *start, int32_t *end)
{
	*start = random_int(census->first_day - 40, census->first_day + census->days + 20);
	*end = random_share() < 0.1 ? STP_CENSUS_OPEN : *start + random_int(0, 60);
}

/* The same the slow way. */
static void
count_days(const StpCensus *census, int64_t *occupied, int32_t start, int32_t end)
{
	for (int32_t i = 0; i < census->days; i++)
		occupied[i] += start <= census->first_day + i && census->first_day + i < end;
}

static void
assert_occupied(const StpCensus *census, const int64_t *occupied)
{
	for (int32_t i = 0; i < census->days; i++)
		assert_int_equal(stp_core_census_occupied(census, census->first_day + i), occupied[i]);
}

static void
test_day_by_day(void **state)
{
	(void) state;
	for (int try = 0; try < 20; try++)
	{
		int64_t occupied[ROOM] = {0};
		StpCensus *census = new_census(random_int(-50000, 50000), random_int(1, ROOM));

		for (int i = 0; i < SPELLS; i++)
		{
			int32_t start, end;

			random_spell(census, &start, &end);
			assert_true(stp_core_census_add(census, start, end));
			count_days(census, occupied, start, end);
		}
		assert_true(stp_core_census_is_valid(census));
		assert_occupied(census, occupied);
		free(census);
	}
}

/* The days of single spells add up to the bed days of any part of the span. */
static void
test_bed_days(void **state)
{
	StpCensus *census = new_census(5844, 366);
	int32_t first[50], last[50];
	int64_t expected[50] = {0};

	(void) state;
	for (int i = 0; i < 50; i++)
	{
		first[i] = random_int(5844, 5844 + 365);
		last[i] = random_int(first[i], 5844 + 365);
	}
	for (int i = 0; i < SPELLS; i++)
	{
		int32_t start, end;

		random_spell(census, &start, &end);
		assert_true(stp_core_census_add(census, start, end));
		for (int j = 0; j < 50; j++)
			expected[j] += stp_core_spell_days(start, end, first[j], last[j]);
	}
	for (int j = 0; j < 50; j++)
		assert_int_equal(stp_core_census_bed_days(census, first[j], last[j]), expected[j]);
	free(census);
}

static void
test_spell_days(void **state)
{
	(void) state;
	assert_int_equal(stp_core_spell_days(10, 12, 0, 30), 2);
	assert_int_equal(stp_core_spell_days(10, 10, 0, 30), 0);
	assert_int_equal(stp_core_spell_days(-5, 1, 0, 30), 1);
	assert_int_equal(stp_core_spell_days(-5, 0, 0, 30), 0);
	assert_int_equal(stp_core_spell_days(30, 99, 0, 30), 1);
	assert_int_equal(stp_core_spell_days(31, 99, 0, 30), 0);
	assert_int_equal(stp_core_spell_days(-5, STP_CENSUS_OPEN, 0, 30), 31);
	assert_int_equal(stp_core_spell_days(INT32_MIN + 1, STP_CENSUS_OPEN, 0, 30), 31);
	assert_int_equal(stp_core_spell_days(0, STP_CENSUS_OPEN, 0, INT32_MAX - 1), INT32_MAX);
}

static void
test_covers(void **state)
{
	StpCensus *census = new_census(100, 10);

	(void) state;
	assert_true(stp_core_census_covers(census, 100, 109));
	assert_false(stp_core_census_covers(census, 99, 109));
	assert_false(stp_core_census_covers(census, 100, 110));
	assert_false(stp_core_census_covers(census, INT32_MIN, INT32_MIN));
	assert_false(stp_core_census_covers(census, INT32_MAX, INT32_MAX));
	free(census);
}

/* Merged, two parts of the spells are all of them. */
static void
test_merge(void **state)
{
	StpCensus *parts[3] = {new_census(0, 90), new_census(0, 90), new_census(0, 90)};

	(void) state;
	for (int i = 0; i < SPELLS; i++)
	{
		int32_t start, end;

		random_spell(parts[0], &start, &end);
		assert_true(stp_core_census_add(parts[i % 2], start, end));
		assert_true(stp_core_census_add(parts[2], start, end));
	}
	assert_true(stp_core_census_merge(parts[0], parts[1]));
	assert_memory_equal(parts[0], parts[2], stp_core_census_size(90));
	for (int i = 0; i < 3; i++)
		free(parts[i]);
}

static void
test_overflow(void **state)
{
	StpCensus *census = new_census(0, 3);
	StpCensus *other = new_census(0, 3);

	(void) state;
	census->change[0] = INT32_MAX;
	assert_false(stp_core_census_add(census, -1, 1));
	assert_true(stp_core_census_add(census, 0, 0));
	assert_true(stp_core_census_add(census, 1, 2));
	census->change[2] = INT32_MIN;
	assert_false(stp_core_census_add(census, 1, 2));
	assert_true(stp_core_census_add(census, 1, 3));
	other->change[0] = 1;
	assert_false(stp_core_census_merge(census, other));
	census->change[0] = 1;
	other->change[2] = -1;
	assert_false(stp_core_census_merge(census, other));
	census->change[2] = INT32_MIN + 1;
	assert_true(stp_core_census_merge(census, other));
	free(census);
	free(other);
}

/* As much as the type can hold, for a hundred years. */
static void
test_extremes(void **state)
{
	StpCensus *census = new_census(0, STP_CENSUS_MAX_DAYS);

	(void) state;
	for (int32_t i = 0; i < census->days; i++)
		census->change[i] = INT32_MAX;
	assert_true(stp_core_census_is_valid(census));
	assert_int_equal(stp_core_census_occupied(census, census->days - 1),
					 (int64_t) INT32_MAX * STP_CENSUS_MAX_DAYS);
	assert_int_equal(stp_core_census_bed_days(census, 0, census->days - 1),
					 (int64_t) INT32_MAX * STP_CENSUS_MAX_DAYS * (STP_CENSUS_MAX_DAYS + 1) / 2);
	free(census);
}

static void
test_invalid_states(void **state)
{
	StpCensus *census = new_census(0, 3);

	(void) state;
	assert_true(stp_core_census_is_valid(census));
	census->change[0] = 1;
	census->change[2] = -1;
	assert_true(stp_core_census_is_valid(census));
	census->change[2] = -2;
	assert_false(stp_core_census_is_valid(census));
	census->change[1] = 1;
	assert_true(stp_core_census_is_valid(census));
	census->change[0] = -1;
	assert_false(stp_core_census_is_valid(census));
	census->days = 0;
	assert_false(stp_core_census_is_valid(census));
	census->days = -1;
	assert_false(stp_core_census_is_valid(census));
	census->days = STP_CENSUS_MAX_DAYS + 1;
	assert_false(stp_core_census_is_valid(census));
	free(census);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_day_by_day), cmocka_unit_test(test_bed_days),
		cmocka_unit_test(test_spell_days), cmocka_unit_test(test_covers),
		cmocka_unit_test(test_merge),	   cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_extremes),   cmocka_unit_test(test_invalid_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
