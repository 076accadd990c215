/*
 * mutate.c: random numbers that are the same on every machine, and changes of inputs.
 */
#include "fuzz.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
/* Inputs grow by splicing; beyond this they are cut. */
#define MAX_LENGTH 20000
/* What is cleared keeps no more memory than this: there are tens of thousands of them. */
#define MAX_KEPT 4096
#define POOL_ROOM 2048

static uint64_t state;

void
random_start(uint64_t seed)
{
	state = seed;
}

/* SplitMix64. */
uint64_t
random_bits(void)
{
	uint64_t bits = state += UINT64_C(0x9E3779B97F4A7C15);

	bits = (bits ^ (bits >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	bits = (bits ^ (bits >> 27)) * UINT64_C(0x94D049BB133111EB);
	return bits ^ (bits >> 31);
}

size_t
random_below(size_t below)
{
	return below > 0 ? random_bits() % below : 0;
}

bool
random_once(size_t in)
{
	return random_bits() % in == 0;
}

/* Make room for a length, and end with a zero there. */
static void
bytes_resize(Bytes *bytes, size_t length)
{
	if (length + 1 > bytes->room)
	{
		bytes->room = 2 * length + 64;
		bytes->data = realloc(bytes->data, bytes->room);
		if (bytes->data == NULL)
			stop("out of memory");
	}
	bytes->length = length;
	bytes->data[length] = '\0';
}

void
bytes_clear(Bytes *bytes)
{
	if (bytes->room > MAX_KEPT)
		bytes_free(bytes);
	bytes_resize(bytes, 0);
}

void
bytes_add(Bytes *bytes, const char *data, size_t length)
{
	size_t before = bytes->length;

	bytes_resize(bytes, before + length);
	memcpy(bytes->data + before, data, length);
}

void
bytes_print(Bytes *bytes, const char *format, ...)
{
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	bytes_add(bytes, text, strlen(text));
}

void
bytes_free(Bytes *bytes)
{
	free(bytes->data);
	*bytes = (Bytes){0};
}

void
pool_add(Pool *pool, const char *data, size_t length)
{
	Bytes *item;

	if (pool->items == pool->room)
	{
		pool->room = pool->room * 2 + 64;
		pool->item = realloc(pool->item, pool->room * sizeof(Bytes));
		if (pool->item == NULL)
			stop("out of memory");
	}
	if (pool->items < pool->genuine + POOL_ROOM)
	{
		item = &pool->item[pool->items++];
		*item = (Bytes){0};
	}
	else
		item = &pool->item[pool->genuine + random_below(POOL_ROOM)];
	bytes_clear(item);
	bytes_add(item, data, length);
}

/* Half of the time a genuine one. */
const Bytes *
pool_pick(const Pool *pool)
{
	if (pool->items == 0)
		return NULL;
	if (pool->genuine > 0 && random_once(2))
		return &pool->item[random_below(pool->genuine)];
	return &pool->item[random_below(pool->items)];
}

/* Hostile numbers --------------------------------------------------------------------------- */

/* Any bits at all, which include NaNs and infinities; or a number of any size. */
static double
any_double(void)
{
	uint64_t bits = random_bits();
	double number;

	if (random_once(2))
	{
		memcpy(&number, &bits, sizeof(number));
		return number;
	}
	number = ldexp((double) (int64_t) bits, (int) random_below(200) - 150);
	return random_once(2) ? number : floor(number);
}

double
hostile_double(void)
{
	static const double known[] = {0,
								   -0.0,
								   1,
								   -1,
								   2,
								   3,
								   0.5,
								   100,
								   1e-9,
								   1e9,
								   1e15,
								   1e18,
								   1e100,
								   1e154,
								   1e155,
								   1e300,
								   1e308,
								   -1e308,
								   DBL_MAX,
								   -DBL_MAX,
								   DBL_MIN,
								   4.9e-324,
								   1e-300,
								   1e-200,
								   0.95,
								   0.99999999999999989,
								   12,
								   9.99999,
								   10,
								   9007199254740992,
								   9223372036854775807.0,
								   2147483647,
								   2147483648.0,
								   NAN,
								   INFINITY,
								   -INFINITY};

	if (random_once(3))
		return (double) random_below(1000);
	return random_once(3) ? any_double() : known[random_below(LENGTH(known))];
}

int64_t
hostile_integer(void)
{
	static const int64_t known[] = {0,		   1,		   -1,		   2,		   3,
									4,		   11,		   12,		   13,		   100,
									1000,	   10000,	   36524,	   36525,	   36526,
									INT32_MAX, INT32_MIN,  INT64_MAX,  INT64_MIN,  INT64_MAX / 2,
									65535,	   0x01000000, 14403,	   1000000,	   2099,
									32767,	   -32768,	   4294967295, 4294967296, 20260331};

	if (random_once(3))
		return (int64_t) random_below(2000) - 500;
	if (random_once(4))
		return (int64_t) (random_bits() >> random_below(64));
	return known[random_below(LENGTH(known))];
}

/* Changes ----------------------------------------------------------------------------------- */

/* Put other bytes in the place of some. */
static void
replace(Bytes *bytes, size_t at, size_t old, const char *data, size_t length)
{
	size_t before = bytes->length;

	if (before + length - old > MAX_LENGTH)
		return;
	if (length > old)
		bytes_resize(bytes, before + length - old);
	memmove(bytes->data + at + length, bytes->data + at + old, before - at - old);
	memcpy(bytes->data + at, data, length);
	bytes_resize(bytes, before + length - old);
}

/* A piece out of another input in the place of a piece. */
static void
splice(Bytes *bytes, const Pool *pool)
{
	const Bytes *other = pool_pick(pool);
	size_t at = random_below(bytes->length + 1);
	size_t from, length;

	if (other == NULL || other == bytes)
		return;
	from = random_below(other->length + 1);
	length = random_below(other->length - from + 1);
	replace(bytes, at, random_below(bytes->length - at + 1), other->data + from, length);
}

/* Take a piece away, or say it again. */
static void
repeat_or_cut(Bytes *bytes)
{
	size_t at = random_below(bytes->length + 1);
	size_t length = random_below(bytes->length - at + 1);
	Bytes piece = {0};

	if (random_once(2))
	{
		replace(bytes, at, length, "", 0);
		return;
	}
	bytes_add(&piece, bytes->data + at, length);
	replace(bytes, at, 0, piece.data, piece.length);
	bytes_free(&piece);
}

/* Whether a byte can be part of a number. */
static bool
is_of_number(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte != '\0' && strchr(".-+eE", byte) != NULL);
}

/* Another number in the place of the first one after some place. */
static void
replace_number(Bytes *bytes)
{
	char number[64];
	size_t at = random_below(bytes->length), end;

	while (at < bytes->length && !(bytes->data[at] >= '0' && bytes->data[at] <= '9'))
		at++;
	while (at > 0 && is_of_number(bytes->data[at - 1]) && at <= bytes->length)
		at--;
	for (end = at; end < bytes->length && is_of_number(bytes->data[end]); end++)
		;
	if (random_once(2))
		snprintf(number, sizeof(number), "%.17g", hostile_double());
	else
		snprintf(number, sizeof(number), "%lld", (long long) hostile_integer());
	replace(bytes, at, end - at, number, strlen(number));
}

/* A word that means something somewhere. */
static void
insert_word(Bytes *bytes)
{
	static const char *const words[] = {"NaN",
										"Infinity",
										"-inf",
										"0x1p-1074",
										"1e999",
										"-0",
										"+",
										"--",
										",,",
										"(",
										")",
										"()",
										"{}",
										" ",
										"\t",
										"\n",
										"/",
										"-",
										" H1",
										" H2",
										" Q4",
										" M09",
										"M13",
										"/00",
										"2199/00",
										"1900-04",
										"2200-03",
										"0000-00-00",
										"9999-12-31",
										"10000-01-01",
										"18446744073709551616",
										"NULL",
										"\\",
										"'",
										"\"",
										"\xc3\xa9",
										"\xef\xbc\x91",
										"\xe2\x80\x93",
										"\xc2\xa0",
										"%s%n",
										"e",
										".",
										"0"};
	const char *word = words[random_below(LENGTH(words))];

	replace(bytes, random_below(bytes->length + 1), 0, word, strlen(word));
}

static void
change_byte(Bytes *bytes, bool binary)
{
	static const char likely[] = "0123456789-/(),.eEQHM {}\"\\";
	size_t at = random_below(bytes->length);

	if (bytes->length == 0)
		return;
	if (binary && random_once(2))
		bytes->data[at] = (char) random_bits();
	else if (binary)
		bytes->data[at] ^= (char) (1 << random_below(8));
	else
		bytes->data[at] = likely[random_below(sizeof(likely) - 1)];
}

/* Write a number in network order over as many bytes. */
static void
put_number(Bytes *bytes, size_t at, uint64_t bits, size_t size)
{
	for (size_t i = 0; i < size && at + i < bytes->length; i++)
		bytes->data[at + i] = (char) (bits >> 8 * (size - 1 - i));
}

/* A field of a binary value; most are at multiples of four after one or five bytes. */
static void
change_field(Bytes *bytes)
{
	size_t at = random_below(bytes->length) / 4 * 4 + random_below(2);
	double number = hostile_double();
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	if (random_once(3))
		put_number(bytes, at, (uint64_t) hostile_integer(), 4);
	else
		put_number(bytes, at, random_once(2) ? bits : (uint64_t) hostile_integer(), 8);
}

/* One unit in the last place of a number up or down, and the like: what checks are off by. */
static void
nudge_field(Bytes *bytes)
{
	size_t at = random_below(bytes->length);

	if (bytes->length > 0)
		bytes->data[at] += random_once(2) ? 1 : -1;
}

void
mutate_text(Bytes *bytes, const Pool *pool)
{
	for (size_t changes = 1 + random_below(4); changes > 0; changes--)
		switch (random_below(6))
		{
			case 0:
				splice(bytes, pool);
				break;
			case 1:
				repeat_or_cut(bytes);
				break;
			case 2:
				insert_word(bytes);
				break;
			case 3:
				change_byte(bytes, false);
				break;
			default:
				replace_number(bytes);
		}
}

void
mutate_binary(Bytes *bytes, const Pool *pool)
{
	for (size_t changes = 1 + random_below(4); changes > 0; changes--)
		switch (random_below(7))
		{
			case 0:
				splice(bytes, pool);
				break;
			case 1:
				repeat_or_cut(bytes);
				break;
			case 2:
				change_byte(bytes, true);
				break;
			case 3:
				nudge_field(bytes);
				break;
			default:
				change_field(bytes);
		}
}
