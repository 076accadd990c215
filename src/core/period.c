/*
 * core/period.c: the calendar of reporting periods, and their text.
 */
#include <stdio.h>
#include <string.h>

#include "period.h"

#define FIRST_YEAR 1900
#define MONTHS (300 * 12)

/* Of 2000-01-01, counted from 1 March of the year 0. */
#define EPOCH_DAY 730425

static const struct
{
	const char *name;
	int months;
	/* How it is written after the financial year: letter, digits of the number, greatest number. */
	char letter;
	int digits;
	int most;
} grains[] = {[STP_GRAIN_YEAR] = {"year", 12, '\0', 0, 0},
			  [STP_GRAIN_HALF] = {"half", 6, 'H', 1, 2},
			  [STP_GRAIN_QUARTER] = {"quarter", 3, 'Q', 1, 4},
			  [STP_GRAIN_MONTH] = {"month", 1, 'M', 2, 12}};

/* The grain called name. */
bool
stp_core_grain_parse(const char *name, stp_grain *grain)
{
	for (int i = STP_GRAIN_YEAR; i <= STP_GRAIN_MONTH; i++)
	{
		if (strcmp(name, grains[i].name) == 0)
		{
			*grain = (stp_grain) i;
			return true;
		}
	}
	return false;
}

const char *
stp_core_grain_name(stp_grain grain)
{
	return grains[grain].name;
}

/* ---- the encoding ---- */

/* Months from April 1900 to the first month. */
static int
first_month(stp_period period)
{
	return period / 4;
}

stp_grain
stp_core_period_grain(stp_period period)
{
	return (stp_grain) (period % 4);
}

/* The period of that grain in which the month lies. */
static stp_period
period_at(int month, stp_grain grain)
{
	return (month - month % grains[grain].months) * 4 + (stp_period) grain;
}

/* Are these the bits of a period? A quarter, say, must begin with one. */
bool
stp_core_period_valid(int32_t bits)
{
	return bits >= 0 && bits < MONTHS * 4 &&
		   first_month(bits) % grains[stp_core_period_grain(bits)].months == 0;
}

/* ---- text ---- */

/* White space as PostgreSQL's own input functions see it, in any locale. */
static void
skip_space(const char **at)
{
	while (**at == ' ' || (**at >= '\t' && **at <= '\r'))
		(*at)++;
}

/* Take exactly count digits. */
static bool
take_digits(const char **at, int count, int *value)
{
	*value = 0;
	for (; count > 0; count--, (*at)++)
	{
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

/* Take H1, Q3 or M09: a grain, and its first month counted from April. */
static bool
take_part(const char **at, stp_grain *grain, int *month)
{
	int number;

	for (int i = STP_GRAIN_HALF; i <= STP_GRAIN_MONTH; i++)
	{
		if (**at != grains[i].letter && **at != grains[i].letter + ('a' - 'A'))
			continue;
		(*at)++;
		*grain = (stp_grain) i;
		if (!take_digits(at, grains[i].digits, &number) || number < 1 || number > grains[i].most)
			return false;
		*month = (number - 1) * grains[i].months;
		return true;
	}
	return false;
}

/* Take /17 and, where there is one, the part of the year: what follows 2016 in a financial year. */
static bool
take_financial_year(const char **at, int year, stp_grain *grain, int *month)
{
	int next;

	(*at)++;
	*grain = STP_GRAIN_YEAR;
	*month = 0;
	if (!take_digits(at, 2, &next) || next != (year + 1) % 100)
		return false;
	if (**at != ' ' || (*at)[1] <= ' ')
		return true;
	(*at)++;
	return take_part(at, grain, month);
}

/* Take -12: what follows 2016 in a calendar month. */
static bool
take_calendar_month(const char **at, stp_grain *grain, int *month)
{
	(*at)++;
	*grain = STP_GRAIN_MONTH;
	if (!take_digits(at, 2, month) || *month < 1 || *month > 12)
		return false;
	*month -= 4;
	return true;
}

/* The last step of reading: the text must end here, and the month be one we can hold. */
static stp_period_status
finish(const char *at, int year, int month, stp_grain grain, stp_period *period)
{
	month += (year - FIRST_YEAR) * 12;
	skip_space(&at);
	if (*at != '\0')
		return STP_PERIOD_MALFORMED;
	if (month < 0 || month >= MONTHS)
		return STP_PERIOD_OUT_OF_RANGE;
	*period = period_at(month, grain);
	return STP_PERIOD_OK;
}

/* Read 2016/17, 2016/17 H1, 2016/17 Q3, 2016/17 M09 or 2016-12. */
stp_period_status
stp_core_period_parse(const char *text, stp_period *period)
{
	int year;
	int month;
	stp_grain grain;
	bool taken = false;

	skip_space(&text);
	if (!take_digits(&text, 4, &year))
		return STP_PERIOD_MALFORMED;
	if (*text == '/')
		taken = take_financial_year(&text, year, &grain, &month);
	else if (*text == '-')
		taken = take_calendar_month(&text, &grain, &month);
	return taken ? finish(text, year, month, grain, period) : STP_PERIOD_MALFORMED;
}

/* Write the period as it is read. */
void
stp_core_period_print(stp_period period, char text[STP_PERIOD_TEXT_SIZE])
{
	int month = first_month(period);
	int year = FIRST_YEAR + month / 12;
	stp_grain grain = stp_core_period_grain(period);

	if (grain == STP_GRAIN_MONTH)
		snprintf(text, STP_PERIOD_TEXT_SIZE, "%04d-%02d", FIRST_YEAR + (month + 3) / 12,
				 (month + 3) % 12 + 1);
	else if (grain == STP_GRAIN_YEAR)
		snprintf(text, STP_PERIOD_TEXT_SIZE, "%04d/%02d", year, (year + 1) % 100);
	else
		snprintf(text, STP_PERIOD_TEXT_SIZE, "%04d/%02d %c%d", year, (year + 1) % 100,
				 grains[grain].letter, month % 12 / grains[grain].months + 1);
}

/* ---- the calendar ---- */

/* The day a month begins, the month counted from April 1900. */
static int32_t
day_of_month_start(int month)
{
	/* In years that begin in March, leap days come last and every month's start has one formula. */
	int from_march = month + FIRST_YEAR * 12 + 1;
	int year = from_march / 12;

	return 365 * year + year / 4 - year / 100 + year / 400 + (153 * (from_march % 12) + 2) / 5 -
		   EPOCH_DAY;
}

/* The period of that grain in which the day lies; false where there is none. */
bool
stp_core_period_of_day(int32_t day, stp_grain grain, stp_period *period)
{
	int32_t since;
	int month;

	if (day < day_of_month_start(0) || day >= day_of_month_start(MONTHS))
		return false;
	/* Twelfths of a mean year are never more than one month out. */
	since = day - day_of_month_start(0);
	month = (int) ((int64_t) since * 4800 / 146097);
	if (day < day_of_month_start(month))
		month--;
	else if (day >= day_of_month_start(month + 1))
		month++;
	*period = period_at(month, grain);
	return true;
}

int32_t
stp_core_period_first_day(stp_period period)
{
	return day_of_month_start(first_month(period));
}

/* The month after the last. */
static int
end_month(stp_period period)
{
	return first_month(period) + grains[stp_core_period_grain(period)].months;
}

int32_t
stp_core_period_last_day(stp_period period)
{
	return day_of_month_start(end_month(period)) - 1;
}

/* The last Thursday of the period. */
int32_t
stp_core_period_last_thursday(stp_period period)
{
	int32_t last = stp_core_period_last_day(period);

	/* Day 5, 2000-01-06, was a Thursday. */
	return last - ((last - 5) % 7 + 7) % 7;
}

/* The last calendar month of the period. */
stp_period
stp_core_period_last_month(stp_period period)
{
	return period_at(end_month(period) - 1, STP_GRAIN_MONTH);
}

/* ---- arithmetic ---- */

/* The period of that grain in which the period lies; the grain must not be finer than its own. */
stp_period
stp_core_period_coarsen(stp_period period, stp_grain grain)
{
	return period_at(first_month(period), grain);
}

/* Have the two a day in common? */
bool
stp_core_period_overlap(stp_period a, stp_period b)
{
	return first_month(a) < end_month(b) && first_month(b) < end_month(a);
}

/* How many periods of its grain there are before it, since April 1900. */
int32_t
stp_core_period_ordinal(stp_period period)
{
	return first_month(period) / grains[stp_core_period_grain(period)].months;
}

/* The period a number of its own grain later, or earlier where negative; false out of range. */
bool
stp_core_period_shift(stp_period period, int64_t number, stp_period *shifted)
{
	stp_grain grain = stp_core_period_grain(period);
	int64_t ordinal = stp_core_period_ordinal(period) + number;

	if (ordinal < 0 || ordinal >= MONTHS / grains[grain].months)
		return false;
	*shifted = period_at((int) ordinal * grains[grain].months, grain);
	return true;
}

/* Is the month written as a financial year would be with a hyphen: 2010-11? */
bool
stp_core_period_looks_financial(stp_period period)
{
	int month = (first_month(period) + 3) % 12 + 1;
	int year = FIRST_YEAR + (first_month(period) + 3) / 12;

	return stp_core_period_grain(period) == STP_GRAIN_MONTH && month == (year + 1) % 100;
}
