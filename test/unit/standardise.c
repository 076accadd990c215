/*
 * Unit tests of core/standardise.c: known answers, properties of merging, and states that no age
 * bands can have given.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "standardise.h"

#define PARTS 20
/* More bands than any test makes. */
#define ROOM 400

/* A state on the stack, with room. */
typedef union Room
{
	StpStandardised state;
	char bytes[sizeof(StpStandardised) + ROOM * sizeof(StpBand)];
} Room;

static void
assert_close(double ours, double expected, double tolerance)
{
	assert_true(fabs(ours - expected) <= tolerance * fabs(expected));
}

static void
assert_same(const StpStandardised *ours, const StpStandardised *expected)
{
	StpStandardisedRate a = stp_core_standardised_rate(ours);
	StpStandardisedRate b = stp_core_standardised_rate(expected);

	assert_true(stp_core_standardised_is_valid(ours));
	assert_true(stp_core_standardised_is_valid(expected));
	assert_int_equal(ours->rows, expected->rows);
	assert_int_equal(ours->bands, expected->bands);
	assert_close(a.events, b.events, 1e-12);
	assert_close(a.rate, b.rate, 1e-12);
	assert_close(a.variance, b.variance, 1e-12);
}

/* A row of the repeated form. */
static void
add_persons(StpStandardised *state, int64_t age_from, double persons, double population,
			double standard_population, int64_t events_per_person)
{
	StpBand band = {age_from, population, standard_population, 1};
	StpBand *known = stp_core_get_band(state, age_from);

	stp_core_standardise_persons(state, persons, events_per_person, &band);
	if (known == NULL)
		stp_core_insert_band(state, &band);
	else
	{
		assert_true(stp_core_same_populations(known, &band));
		known->rows++;
	}
	assert_true(state->bands <= ROOM);
}

/* Merge as the database does: the bands first, from both as they were. */
static void
merge(Room *state, const StpStandardised *other)
{
	Room before = *state;

	assert_null(stp_core_merge_bands(&state->state, &before.state, other));
	stp_core_standardised_merge(&state->state, other);
}

static void
test_rate(void **state)
{
	Room room = {0};
	StpStandardisedRate rate;

	(void) state;
	stp_core_standardise_band(&room.state, 10, 1000, 3);
	stp_core_standardise_band(&room.state, 30, 500, 1);
	rate = stp_core_standardised_rate(&room.state);
	assert_true(stp_core_standardised_is_valid(&room.state));
	assert_true(rate.events == 40);
	assert_close(rate.rate, (3 * 0.01 + 0.06) / 4, 1e-15);
	assert_close(rate.variance, (10 * 9e-6 + 30 * 4e-6) / 16, 1e-15);
	assert_true(stp_core_dobson_limit(&rate, 40) == rate.rate);
	assert_close(stp_core_dobson_limit(&rate, 50), rate.rate + 10 * sqrt(rate.variance / 40),
				 1e-15);
}

static void
test_nothing(void **state)
{
	Room room = {0};

	(void) state;
	assert_true(stp_core_standardised_is_valid(&room.state));
	assert_true(stp_core_standardised_rate(&room.state).weight == 0);
	room.state.missing = 2;
	assert_true(stp_core_standardised_is_valid(&room.state));
}

/* A band that nobody is in is no band of the standard, unless something is asked of it. */
static void
test_unpopulated(void **state)
{
	static const double rows[][3] = {{0, 0, 0}, {1, 0, 0}, {0, 0, 1}, {1, 0, 1}};
	Room room = {0};

	(void) state;
	for (int i = 0; i < 4; i++)
	{
		stp_core_standardise_band(&room.state, rows[i][0], rows[i][1], rows[i][2]);
		assert_int_equal(room.state.unpopulated, i);
		assert_true(stp_core_standardised_is_valid(&room.state));
	}
}

/* The same events, with each person's told apart: same rate, variance by the square. */
static void
test_repeated_events(void **state)
{
	Room plain = {0}, repeated = {0};
	StpStandardisedRate a, b;

	(void) state;
	stp_core_standardise_band(&plain.state, 7 + 2 * 4, 1000, 3);
	stp_core_standardise_band(&plain.state, 5, 1000, 3);
	stp_core_standardise_band(&plain.state, 2, 400, 1);
	add_persons(&repeated.state, 75, 7, 1000, 3, 1);
	add_persons(&repeated.state, 75, 4, 1000, 3, 2);
	add_persons(&repeated.state, 5, 5, 1000, 3, 1);
	add_persons(&repeated.state, 0, 1, 400, 1, 2);
	a = stp_core_standardised_rate(&plain.state);
	b = stp_core_standardised_rate(&repeated.state);
	assert_true(stp_core_standardised_is_valid(&repeated.state));
	assert_int_equal(repeated.state.bands, 3);
	assert_int_equal(repeated.state.band[1].age_from, 5);
	assert_int_equal(repeated.state.band[2].rows, 2);
	assert_true(b.weight == 7);
	assert_true(a.events == b.events);
	assert_close(b.rate, a.rate, 1e-15);
	assert_close(b.variance, (28 * 9e-6 + 4 * 6.25e-6) / 49, 1e-15);
}

/* With one event each, the two forms are one. */
static void
test_single_events(void **state)
{
	Room plain = {0}, repeated = {0};

	(void) state;
	for (int i = 0; i < 19; i++)
	{
		double events = floor(50 * random_share()), population = 1000 + floor(9 * random_share());

		stp_core_standardise_band(&plain.state, events, population, 1 + i % 4);
		add_persons(&repeated.state, i, events, population, 1 + i % 4, 1);
	}
	repeated.state.bands = 0;
	repeated.state.weight = plain.state.weight;
	assert_same(&repeated.state, &plain.state);
}

/* Random states of one form and the same rows in one. */
static void
fill_parts(Room *parts, Room *whole, bool repeated)
{
	memset(parts, 0, PARTS * sizeof(Room));
	memset(whole, 0, sizeof(Room));
	for (int i = 0; i < 1000; i++)
	{
		double events = floor(9 * random_share()) + 0.1;
		double population = pow(10, i % 7) * (1 + i % 2);
		double weight = 1000 + 500 * (i % 5);
		int64_t lot = 1 + (int64_t) (3 * random_share());
		StpStandardised *states[] = {&parts[i % PARTS].state, &whole->state};

		for (int j = 0; j < 2; j++)
		{
			if (repeated)
				add_persons(states[j], i % 70, events, population, weight, lot);
			else
				stp_core_standardise_band(states[j], events, population, weight);
		}
	}
}

static void
shuffle(Room *parts)
{
	for (int i = PARTS - 1; i > 0; i--)
	{
		int j = (int) (random_share() * (i + 1));
		Room swapped = parts[i];

		parts[i] = parts[j];
		parts[j] = swapped;
	}
}

static void
test_merge_in_any_order(void **state)
{
	static Room parts[PARTS], whole;

	(void) state;
	for (int try = 0; try < 200; try++)
	{
		Room merged = {0};

		if (try % 20 == 0)
			fill_parts(parts, &whole, try % 40 == 0);
		shuffle(parts);
		for (int i = 0; i < PARTS; i++)
			merge(&merged, &parts[i].state);
		assert_same(&merged.state, &whole.state);
		assert_memory_equal(merged.state.band, whole.state.band,
							(size_t) whole.state.bands * sizeof(StpBand));
	}
}

/* The standard population has no unit, and a rate that of events per person. */
static void
test_scale(void **state)
{
	(void) state;
	for (int try = 0; try < 200; try++)
	{
		Room one = {0}, heavy = {0}, large = {0};
		StpStandardisedRate a, b;

		for (int i = 0; i < 19; i++)
		{
			double events = random_share() * 100, population = 1 + random_share() * 1000;
			double weight = 1 + random_share();

			stp_core_standardise_band(&one.state, events, population, weight);
			stp_core_standardise_band(&heavy.state, events, population, weight * 1000);
			stp_core_standardise_band(&large.state, events, population * 1000, weight);
		}
		assert_same(&heavy.state, &one.state);
		a = stp_core_standardised_rate(&one.state);
		b = stp_core_standardised_rate(&large.state);
		assert_close(b.rate * 1e3, a.rate, 1e-12);
		assert_close(b.variance * 1e6, a.variance, 1e-12);
		assert_close(stp_core_dobson_limit(&b, 2 * b.events) * 1e3,
					 stp_core_dobson_limit(&a, 2 * a.events), 1e-12);
	}
}

static void
test_extremes(void **state)
{
	static const double sizes[] = {1e-3, 1, 1e9, 1e15};

	(void) state;
	for (int i = 0; i < 4; i++)
	{
		for (int j = 0; j < 4; j++)
		{
			Room room = {0};
			StpStandardisedRate rate;

			stp_core_standardise_band(&room.state, sizes[i], sizes[j], 5500);
			stp_core_standardise_band(&room.state, sizes[i], sizes[j], 7000);
			rate = stp_core_standardised_rate(&room.state);
			assert_true(stp_core_standardised_is_valid(&room.state));
			assert_close(rate.rate, sizes[i] / sizes[j], 1e-15);
			assert_true(isfinite(rate.variance) && rate.variance > 0);
		}
	}
}

static void
test_overflow(void **state)
{
	Room room = {0}, many = {.state = {.rows = STP_STANDARDISED_MAX_ROWS}};

	(void) state;
	stp_core_standardise_band(&room.state, 1, 1, 1e150);
	assert_false(stp_core_standardised_overflowed(&room.state));
	stp_core_standardise_band(&room.state, 1, 1, 1e155);
	assert_true(stp_core_standardised_overflowed(&room.state));
	assert_true(stp_core_standardised_is_valid(&many.state));
	merge(&many, &(StpStandardised){.rows = 1});
	assert_true(stp_core_standardised_overflowed(&many.state));
}

/* One valid state of each form, and what spoils it. */
static void
test_invalid_states(void **state)
{
	Room plain = {0}, repeated = {0}, bad;

	(void) state;
	stp_core_standardise_band(&plain.state, 10, 1000, 3);
	stp_core_standardise_band(&plain.state, 30, 500, 1);
	add_persons(&repeated.state, 0, 7, 1000, 3, 1);
	add_persons(&repeated.state, 5, 4, 1000, 3, 2);

#define IS_INVALID(form, field, value)                                                             \
	do                                                                                             \
	{                                                                                              \
		bad = form;                                                                                \
		assert_true(stp_core_standardised_is_valid(&bad.state));                                   \
		bad.state.field = (value);                                                                 \
		assert_false(stp_core_standardised_is_valid(&bad.state));                                  \
	} while (0)

	IS_INVALID(plain, rows, 0);
	IS_INVALID(plain, rows, -1);
	IS_INVALID(plain, rows, INT64_MAX);
	IS_INVALID(plain, missing, -1);
	IS_INVALID(plain, unpopulated, -1);
	IS_INVALID(plain, unpopulated, 3);
	IS_INVALID(plain, weight.sum, 0);
	IS_INVALID(plain, weight.sum, -1);
	IS_INVALID(plain, weight.sum, NAN);
	IS_INVALID(plain, events.sum, 0);
	IS_INVALID(plain, events.sum, INFINITY);
	IS_INVALID(plain, events.error, 41);
	IS_INVALID(plain, events.error, NAN);
	IS_INVALID(plain, weighted_rate.sum, 1);
	IS_INVALID(plain, weighted_rate.sum, -1);
	IS_INVALID(plain, weighted_variance.sum, 1e-6);
	IS_INVALID(plain, weighted_variance.error, -1);
	IS_INVALID(plain, bands, -1);
	IS_INVALID(plain, bands, STP_STANDARDISED_MAX_BANDS + 1);
	IS_INVALID(repeated, bands, 1);
	IS_INVALID(repeated, rows, 3);
	IS_INVALID(repeated, weight.sum, 3);
	IS_INVALID(repeated, band[0].rows, 0);
	IS_INVALID(repeated, band[0].rows, 2);
	IS_INVALID(repeated, band[0].rows, INT64_MAX);
	IS_INVALID(repeated, band[0].age_from, -1);
	IS_INVALID(repeated, band[0].age_from, 5);
	IS_INVALID(repeated, band[1].age_from, (int64_t) INT32_MAX + 1);
	IS_INVALID(repeated, band[1].population, NAN);
	IS_INVALID(repeated, band[0].population, -1);
	IS_INVALID(repeated, band[1].standard_population, INFINITY);
	IS_INVALID(repeated, band[0].standard_population, -1);
}

/* A number that is any power of two, or none. */
static double
random_size(void)
{
	double power = random_share() < 0.5 ? 40 : 2000;

	return random_share() < 0.1 ? 0
								: ldexp(1 + random_share(), (int) ((random_share() - 0.5) * power));
}

/* The most an error can be before its sum is no sum. */
static StpSum
random_sum(void)
{
	StpSum sum = {random_size(), 0};

	sum.error = sum.sum * (random_share() < 0.5	  ? random_share() - 0.5
						   : random_share() < 0.5 ? 0.5
												  : -0.5);
	return sum;
}

/* As nobody's rows would make it, but valid; half of them on the edge. */
static StpStandardised
random_hostile_state(void)
{
	StpStandardised state;

	do
	{
		state = (StpStandardised){.rows = 1 + (int64_t) (random_share() * 5),
								  .weight = random_sum(),
								  .events = random_sum(),
								  .weighted_rate = random_sum(),
								  .weighted_variance = random_sum()};
		if (random_share() < 0.5)
			state.weighted_rate.sum =
				sqrt(state.events.sum + state.events.error) *
				sqrt(state.weighted_variance.sum + state.weighted_variance.error);
		if (random_share() < 0.5)
			state.weighted_rate.error = 0;
		while (stp_core_standardised_is_valid(&state) && random_share() < 0.95)
			state.weighted_rate.sum = nextafter(state.weighted_rate.sum, INFINITY);
		while (!stp_core_standardised_is_valid(&state) && state.weighted_rate.sum > 0 &&
			   random_share() < 0.95)
			state.weighted_rate.sum = nextafter(state.weighted_rate.sum, 0);
	} while (!stp_core_standardised_is_valid(&state));
	return state;
}

/* Whatever is merged or added, what can be read gives what can be read, or overflows. */
static void
test_hostile_states_stay_valid(void **state)
{
	(void) state;
	for (int i = 0; i < 20000; i++)
	{
		StpStandardised sum = random_hostile_state();

		for (int j = 0; j < 6 && !stp_core_standardised_overflowed(&sum); j++)
		{
			StpStandardised other = random_hostile_state();

			assert_true(stp_core_standardised_is_valid(&sum));
			if (random_share() < 0.5)
				stp_core_standardised_merge(&sum, &other);
			else
				stp_core_standardise_band(&sum, random_size(), random_size(), random_size());
		}
	}
}

/* The state that brought a server with assertions down: its variance has underflowed. */
static void
test_underflow_hides_nothing(void **state)
{
	StpStandardised underflowed = {
		.rows = 19, .weight = {100000, 0}, .events = {1, 0}, .weighted_rate = {187.5, 0}};

	(void) state;
	assert_false(stp_core_standardised_is_valid(&underflowed));
	underflowed.weighted_rate.sum = 1e-154;
	assert_true(stp_core_standardised_is_valid(&underflowed));
}

/* Bands whose weight has no room in a double. */
static void
test_weight_overflows(void **state)
{
	Room room = {0};

	(void) state;
	add_persons(&room.state, 0, 0, 1, 1e308, 1);
	add_persons(&room.state, 5, 0, 1, 1e308, 1);
	add_persons(&room.state, 9, 0, 1, 1e308, 1);
	assert_true(isinf(stp_core_standardised_rate(&room.state).weight));
}

/* One band, two populations: the merge stops at it, and says which. */
static void
test_uneven_bands(void **state)
{
	static const double sizes[][2] = {{1000, 3}, {1001, 3}, {1000, 4}};
	Room merged;

	(void) state;
	for (int i = 0; i < 3; i++)
	{
		Room a = {0}, b = {0};
		const StpBand *odd;

		memset(&merged, 0, sizeof(merged));
		add_persons(&a.state, 0, 1, 500, 1, 1);
		add_persons(&a.state, 5, 1, 1000, 3, 1);
		add_persons(&b.state, 5, 1, sizes[i][0], sizes[i][1], 2);
		odd = stp_core_merge_bands(&merged.state, &a.state, &b.state);
		assert_int_equal(merged.state.bands, 2);
		assert_true(i == 0 ? odd == NULL : odd->age_from == 5);
		if (odd != NULL)
			assert_false(stp_core_same_populations(odd, &merged.state.band[1]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_unpopulated),
		cmocka_unit_test(test_repeated_events),
		cmocka_unit_test(test_single_events),
		cmocka_unit_test(test_merge_in_any_order),
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_invalid_states),
		cmocka_unit_test(test_hostile_states_stay_valid),
		cmocka_unit_test(test_underflow_hides_nothing),
		cmocka_unit_test(test_weight_overflows),
		cmocka_unit_test(test_uneven_bands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
