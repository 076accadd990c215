/*
 * core/period_meaning.c: periods as others write them. A text that can mean one thing is read; of
 * one that can mean several, or whose kind can, all that it may mean is told.
 */
#include <stdio.h>
#include <string.h>

#include "code.h"
#include "period.h"

/* Longer texts than this are no periods. */
#define TIDY_SIZE 128

/* What stands between the parts of a text. */
#define SEPARATORS " -/_,."

/* The dash of a range, 2010-11 with an en dash, which no month is written with. */
#define RANGE '~'

/* What has been read of a text. */
typedef struct Reading
{
	bool says_financial; /* FY */
	char part;			 /* H, Q or M, and the number after it */
	int number;
	int named; /* calendar month, 1 to 12; 0: none */
	/* The years: what they may be. */
	bool has_years;
	bool is_financial; /* year/year + 1 */
	bool is_lone;	   /* year and no more */
	bool is_short;	   /* in two digits */
	bool is_day;
	bool is_month_first; /* 2010-11 is a month to all that write months so, and with us */
	bool is_doubtful;	 /* others mean something else by the same kind of text */
	int year;
	int month_year, month, day; /* calendar month; 0: none */
} Reading;

/* ---- letters ---- */

/* Whether a dash that is no hyphen, in UTF-8, begins here; its length is in `length`. */
static bool
is_dash(const char *at, char *meant, size_t *length)
{
	static const struct
	{
		const char *bytes;
		char meant;
	} dashes[] = {{"\xe2\x80\x90", '-'},   {"\xe2\x80\x91", '-'},	{"\xe2\x80\x92", RANGE},
				  {"\xe2\x80\x93", RANGE}, {"\xe2\x80\x94", RANGE}, {"\xe2\x80\x95", RANGE},
				  {"\xe2\x88\x92", RANGE}};

	for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++)
	{
		*meant = dashes[i].meant;
		*length = strlen(dashes[i].bytes);
		if (strncmp(at, dashes[i].bytes, *length) == 0)
			return true;
	}
	return false;
}

/* The text in upper-case ASCII, without what cannot be seen; false: it is none. */
static bool
tidy(const char *text, char to[TIDY_SIZE])
{
	char seen[TIDY_SIZE];
	size_t n = 0, length = strlen(text);
	uint32_t odd;

	if (length >= TIDY_SIZE)
		return false;
	seen[stp_core_code_tidy(text, length, seen, &odd)] = '\0';
	for (const char *at = seen; *at != '\0'; at += length)
	{
		char c = *at;

		length = 1;
		if (c == RANGE || ((c < ' ' || c > '~') && !is_dash(at, &c, &length)))
			return false;
		to[n++] = c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
	}
	to[n] = '\0';
	return n > 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Take a number; how many digits it has, of which none or more than eight are no number. */
static size_t
take_number(const char **at, int *value)
{
	size_t digits = strspn(*at, "0123456789");

	*value = 0;
	if (digits > 8)
		return 0;
	for (size_t i = 0; i < digits; i++)
		*value = *value * 10 + (*(*at)++ - '0');
	return digits;
}

/* ---- years ---- */

/* The century that PostgreSQL gives its dates. */
static int
in_century(int year)
{
	return year + (year < 70 ? 2000 : 1900);
}

static bool
is_month(int number)
{
	return number >= 1 && number <= 12;
}

static void
set_month(Reading *reading, int year, int month)
{
	reading->month_year = year;
	reading->month = month;
}

/* Four digits and what follows: 17, 2017, 4, 04-01 or nothing. */
static bool
take_after_year(const char **at, Reading *reading)
{
	const char separator = **at;
	bool follows = strchr("-/~", separator) != NULL && separator != '\0' && is_digit((*at)[1]);
	int next, day;
	size_t digits;

	reading->is_lone = !follows;
	if (!follows)
		return true;
	(*at)++;
	digits = take_number(at, &next);
	reading->is_financial = (digits == 2 && next == (reading->year + 1) % 100) ||
							(digits == 4 && next == reading->year + 1);
	if (digits <= 2 && is_month(next) && !(separator == '/' && reading->is_financial))
		set_month(reading, reading->year, next);
	reading->is_month_first = separator == '-' && reading->month > 0;
	/* 2016/12 may be a slip. */
	reading->is_doubtful = separator == '/' && reading->month > 0;
	if (digits == 2 && reading->month > 0 && **at == separator && is_digit((*at)[1]))
	{
		(*at)++;
		reading->is_day = take_number(at, &day) == 2 && day >= 1 && day <= 31;
		reading->day = day;
		reading->is_financial = false;
		return reading->is_day;
	}
	return reading->is_financial || reading->month > 0;
}

/* Six digits: 201617 or 201604. */
static bool
split_six(Reading *reading, int number)
{
	reading->year = number / 100;
	reading->is_financial = number % 100 == (reading->year + 1) % 100;
	if (is_month(number % 100))
		set_month(reading, reading->year, number % 100);
	return reading->is_financial || reading->month > 0;
}

/* Eight digits: 20162017 or 20160401. */
static bool
split_eight(Reading *reading, int number)
{
	reading->year = number / 10000;
	reading->is_financial = number % 10000 == reading->year + 1;
	reading->day = number % 100;
	reading->is_day = !reading->is_financial && is_month(number / 100 % 100) && reading->day >= 1 &&
					  reading->day <= 31;
	if (reading->is_day)
		set_month(reading, reading->year, number / 100 % 100);
	return reading->is_financial || reading->is_day;
}

/* One or two digits and what follows: 16/17, 04/2016, or 16 alone, which a named month explains. */
static bool
take_after_short(const char **at, Reading *reading, int number)
{
	int next;
	size_t digits = 0;

	reading->is_short = true;
	reading->year = in_century(number);
	reading->is_lone = **at == '\0' || strchr("-/~", **at) == NULL || !is_digit((*at)[1]);
	if (reading->is_lone)
		return true;
	(*at)++;
	digits = take_number(at, &next);
	if (digits == 4 && is_month(number))
		set_month(reading, next, number);
	reading->is_financial = digits == 2 && next == (number + 1) % 100;
	if (reading->is_financial && is_month(number))
		set_month(reading, in_century(next), number);
	return reading->is_financial || reading->month > 0;
}

static bool
take_years(const char **at, Reading *reading)
{
	int number;
	size_t digits = take_number(at, &number);

	if (reading->has_years)
		return false;
	reading->has_years = true;
	switch (digits)
	{
		case 4:
			reading->year = number;
			return take_after_year(at, reading);
		case 6:
			return split_six(reading, number);
		case 8:
			return split_eight(reading, number);
		case 1:
		case 2:
			return take_after_short(at, reading, number);
		default:
			return false;
	}
}

/* ---- words ---- */

/* Whether the word is this one, or its first letters, of which there must be so many. */
static bool
begins(const char *whole, const char *word, size_t length, size_t least)
{
	return length >= least && length <= strlen(whole) && strncmp(whole, word, length) == 0;
}

/* A named month, 1 to 12; 0: it is none. */
static int
find_month(const char *word, size_t length)
{
	static const char *const months[] = {"JANUARY",	  "FEBRUARY", "MARCH",	  "APRIL",
										 "MAY",		  "JUNE",	  "JULY",	  "AUGUST",
										 "SEPTEMBER", "OCTOBER",  "NOVEMBER", "DECEMBER"};

	for (int i = 0; i < 12; i++)
		if (begins(months[i], word, length, 3))
			return i + 1;
	return 0;
}

/* The letter of the part of a year that the word names; '\0': it names none. */
static char
find_part(const char *word, size_t length)
{
	static const char *const parts[] = {"H", "HALF", "Q", "QTR", "QUARTER", "M", "MONTH"};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (length == strlen(parts[i]) && strncmp(parts[i], word, length) == 0)
			return *word;
	return '\0';
}

/* FY, April, or Q and the number after it. */
static bool
take_word(const char **at, Reading *reading)
{
	const char *word = *at;
	size_t length = 0, digits;

	while (is_letter(word[length]))
		length++;
	*at += length;
	if (length == 2 && strncmp(word, "FY", 2) == 0 && !reading->has_years)
		return reading->says_financial = true;
	if (reading->part || reading->named)
		return false;
	/* A year of two digits stands after its month: 16-Apr is a day in April to a spreadsheet. */
	reading->named = find_month(word, length);
	if (reading->named > 0)
		return !(reading->has_years && reading->is_lone && reading->is_short);
	reading->part = find_part(word, length);
	*at += strspn(*at, " ");
	digits = take_number(at, &reading->number);
	return reading->part && (digits == 1 || digits == 2);
}

static bool
read_text(const char *at, Reading *reading)
{
	while (*at != '\0')
	{
		if (is_letter(*at) ? !take_word(&at, reading) : !is_digit(*at) || !take_years(&at, reading))
			return false;
		at += strspn(at, SEPARATORS);
	}
	return reading->has_years;
}

/* ---- what it may mean ---- */

/* Add a period by the text that we write it with. */
static void
add(stp_period_meanings *meanings, const char *text)
{
	stp_period period;

	switch (stp_core_period_parse(text, &period))
	{
		case STP_PERIOD_OK:
			meanings->meant[meanings->count++] = period;
			break;
		case STP_PERIOD_OUT_OF_RANGE:
			meanings->is_out_of_range = true;
			break;
		case STP_PERIOD_MALFORMED:
			break;
	}
}

static void
add_month(stp_period_meanings *meanings, int year, int month)
{
	char text[STP_PERIOD_TEXT_SIZE];

	snprintf(text, sizeof text, "%04d-%02d", year, month);
	add(meanings, text);
}

/* The financial year, or its part of that letter and number. */
static void
add_financial(stp_period_meanings *meanings, int year, char part, int number)
{
	char text[STP_PERIOD_TEXT_SIZE];
	int n = snprintf(text, sizeof text, "%04d/%02d", year, (year + 1) % 100);

	if (part == 'M')
		snprintf(text + n, sizeof text - (size_t) n, " M%02d", number);
	else if (part)
		snprintf(text + n, sizeof text - (size_t) n, " %c%d", part, number);
	add(meanings, text);
}

/* The parts of a year that has but one number, which is the financial or the calendar year. */
static void
add_part_of_year(stp_period_meanings *meanings, const Reading *reading)
{
	add_financial(meanings, reading->year, reading->part, reading->number);
	if (reading->part == 'M')
		add_month(meanings, reading->year, reading->number);
	else if (reading->part == 'Q' && reading->number == 1)
		add_financial(meanings, reading->year - 1, 'Q', 4);
	else if (reading->part == 'Q' && reading->number <= 4)
		add_financial(meanings, reading->year, 'Q', reading->number - 1);
}

/* The periods that begin on a day, and its month. */
static void
add_of_day(stp_period_meanings *meanings, const Reading *reading)
{
	int since_april = (reading->month + 8) % 12;
	int year = reading->month_year - (reading->month < 4);

	if (reading->day == 1 && since_april == 0)
		add_financial(meanings, year, '\0', 0);
	if (reading->day == 1 && since_april % 6 == 0)
		add_financial(meanings, year, 'H', since_april / 6 + 1);
	if (reading->day == 1 && since_april % 3 == 0)
		add_financial(meanings, year, 'Q', since_april / 3 + 1);
	add_month(meanings, reading->month_year, reading->month);
}

/* All that the years may mean by themselves. */
static void
add_years(stp_period_meanings *meanings, const Reading *reading)
{
	if (reading->is_day)
	{
		add_of_day(meanings, reading);
		return;
	}
	if (reading->is_financial && !(reading->is_month_first && !reading->says_financial))
		add_financial(meanings, reading->year, '\0', 0);
	if (reading->month > 0 && !reading->says_financial)
		add_month(meanings, reading->month_year, reading->month);
	if (reading->is_lone && !reading->is_short)
	{
		add_financial(meanings, reading->year - 1, '\0', 0);
		add_financial(meanings, reading->year, '\0', 0);
	}
}

/* Whether others mean something else by this kind of text, though not by this one. */
static bool
is_doubtful(const Reading *reading)
{
	if (reading->named > 0)
		return false;
	return reading->is_doubtful || reading->is_day || reading->is_lone;
}

stp_period_status
stp_core_period_read(const char *text, stp_period_meanings *meanings)
{
	char tidied[TIDY_SIZE];
	Reading reading = {0};

	*meanings = (stp_period_meanings){0};
	if (!tidy(text, tidied) || !read_text(tidied, &reading))
		return STP_PERIOD_MALFORMED;
	if (reading.named > 0 && reading.is_financial)
		add_month(meanings, reading.year + (reading.named < 4), reading.named);
	else if (reading.named > 0 && reading.is_lone)
		add_month(meanings, reading.year, reading.named);
	else if (reading.part && reading.is_financial)
		add_financial(meanings, reading.year, reading.part, reading.number);
	else if (reading.part && reading.is_lone && !reading.is_short)
		add_part_of_year(meanings, &reading);
	else if (!reading.part && reading.named == 0)
		add_years(meanings, &reading);
	if (meanings->count == 1 && !is_doubtful(&reading))
		return STP_PERIOD_OK;
	return meanings->count == 0 && meanings->is_out_of_range ? STP_PERIOD_OUT_OF_RANGE
															 : STP_PERIOD_MALFORMED;
}
