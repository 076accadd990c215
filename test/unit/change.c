/*
 * Unit tests of core/change.c: what every share of a change must be, on random games and quotients.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "change.h"
#include "random.h"

#define GAMES 200
#define PARTS 6
#define QUOTIENTS 1000

static double game[STP_SETS];

/* A game of numbers that have nothing to do with one another. */
static void
draw_game(void)
{
	for (int set = 0; set < STP_SETS; set++)
		game[set] = random_share() * 200 - 100;
}

/* All orders are somebody's. */
static void
test_orders_add_up(void **state)
{
	(void) state;
	for (int factor = 0; factor < STP_FACTORS; factor++)
	{
		double sum = 0;

		for (int set = 0; set < STP_SETS; set++)
			if (!(set & STP_BIT(factor)))
				sum += stp_core_share_of_orders(set, (StpFactor) factor);
		assert_true(fabs(sum - 1) < 1e-12);
	}
}

/* The effects are the whole change. */
static void
test_effects_add_up(void **state)
{
	(void) state;
	for (int i = 0; i < GAMES; i++)
	{
		double sum = 0;

		draw_game();
		for (int factor = 0; factor < STP_FACTORS; factor++)
			sum += stp_core_effect(game, (StpFactor) factor);
		assert_true(fabs(sum - (game[STP_SETS - 1] - game[0])) < 1e-9);
	}
}

/* Shapley's value of the game in which the scheme is one thing, by all orders of its five. */
static double
by_orders(int wanted)
{
	static const int bits[5] = {STP_BIT(STP_OWN_DATA), STP_BIT(STP_PEERS_DATA),
								STP_BIT(STP_REPORTING),
								STP_BIT(STP_MAP_STEP_1) | STP_BIT(STP_MAP_STEP_2),
								STP_BIT(STP_WEIGHTS) | STP_BIT(STP_METHOD)};
	double sum = 0;
	int orders = 0;

	for (int code = 0; code < 5 * 5 * 5 * 5 * 5; code++)
	{
		int seen = 0, set = 0, rest = code;
		double effect = 0;

		for (int place = 0; place < 5; place++, rest /= 5)
		{
			int thing = rest % 5;

			seen |= 1 << thing;
			if (thing == wanted)
				effect = game[set | bits[thing]] - game[set];
			set |= bits[thing];
		}
		if (seen != 31)
			continue;
		orders++;
		sum += effect;
	}
	assert_int_equal(orders, 120);
	return sum / orders;
}

/* How the scheme and the map are split does not touch the others, nor what each is as a whole. */
static void
test_sides_are_one_thing(void **state)
{
	(void) state;
	for (int i = 0; i < 5; i++)
	{
		draw_game();
		for (int factor = 0; factor <= STP_REPORTING; factor++)
			assert_true(fabs(stp_core_effect(game, (StpFactor) factor) - by_orders(factor)) < 1e-9);
		assert_true(fabs(stp_core_effect(game, STP_MAP_STEP_1) +
						 stp_core_effect(game, STP_MAP_STEP_2) - by_orders(3)) < 1e-9);
		assert_true(fabs(stp_core_effect(game, STP_WEIGHTS) + stp_core_effect(game, STP_METHOD) -
						 by_orders(4)) < 1e-9);
	}
}

/* What parts of a quotient amount to. */
static double
quotient(const StpQuotientPart *part)
{
	double numerator = 0, denominator = 0;

	for (int i = 0; i < PARTS; i++)
	{
		numerator += part[i].numerator;
		denominator += part[i].denominator;
	}
	return numerator / denominator;
}

/* Shares are 1 together, and of no part that stays as it is. */
static void
test_quotients_are_shared(void **state)
{
	(void) state;
	for (int i = 0; i < QUOTIENTS; i++)
	{
		StpQuotientPart before[PARTS], after[PARTS];
		double share[PARTS], sum = 0;

		for (int p = 0; p < PARTS; p++)
		{
			before[p] = (StpQuotientPart){random_share() * 100, 1 + random_share() * 100};
			after[p] = p == 0 ? before[p]
							  : (StpQuotientPart){random_share() * 100, 1 + random_share() * 100};
		}
		assert_true(stp_core_share_quotient(before, after, PARTS, share));
		for (int p = 0; p < PARTS; p++)
			sum += share[p];
		assert_true(fabs(sum - 1) < 1e-9);
		assert_true(share[0] == 0);
		/* A further numerator is that of the part that has it. */
		sum = share[1] * (quotient(after) - quotient(before));
		after[1].numerator += 1e-3;
		assert_true(stp_core_share_quotient(before, after, PARTS, share));
		assert_true(share[1] * (quotient(after) - quotient(before)) > sum);
	}
}

/* What has not changed, or does not exist, has no shares. */
static void
test_nothing_to_share(void **state)
{
	StpQuotientPart one[2] = {{10, 20}, {30, 40}}, doubled[2] = {{20, 40}, {60, 80}};
	StpQuotientPart swapped[2] = {{30, 40}, {10, 20}}, nothing[2] = {{0, 0}, {0, 0}};
	double share[2];

	(void) state;
	assert_false(stp_core_share_quotient(one, one, 2, share));
	assert_false(stp_core_share_quotient(one, doubled, 2, share));
	assert_false(stp_core_share_quotient(one, swapped, 2, share));
	assert_false(stp_core_share_quotient(one, nothing, 2, share));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders_add_up),		cmocka_unit_test(test_effects_add_up),
		cmocka_unit_test(test_sides_are_one_thing), cmocka_unit_test(test_quotients_are_shared),
		cmocka_unit_test(test_nothing_to_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
