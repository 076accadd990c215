/*
 * census.c: who is present at the midnight that ends each day of a span, without any backend
 * header.
 */
#include "census.h"

size_t
stp_core_census_size(int32_t days)
{
	return offsetof(StpCensus, change) + (size_t) days * sizeof(int32_t);
}

bool
stp_core_census_add(StpCensus *census, int32_t start, int32_t end)
{
	/* 64 bits, because infinity is the last number of 32. */
	int64_t from = (int64_t) start - census->first_day;
	int64_t to = (int64_t) end - census->first_day;

	if (from < 0)
		from = 0;
	/* Gone before the span, or come after it, or on no day at all. */
	if (to <= from || from >= census->days)
		return true;
	if (census->change[from] == INT32_MAX)
		return false;
	census->change[from]++;
	if (to >= census->days)
		return true;
	if (census->change[to] == INT32_MIN)
		return false;
	census->change[to]--;
	return true;
}

bool
stp_core_census_merge(StpCensus *census, const StpCensus *other)
{
	bool in_range = true;

	for (int32_t i = 0; i < census->days; i++)
	{
		int64_t sum = (int64_t) census->change[i] + other->change[i];

		in_range &= sum >= INT32_MIN && sum <= INT32_MAX;
		census->change[i] = (int32_t) sum;
	}
	return in_range;
}

bool
stp_core_census_is_valid(const StpCensus *census)
{
	int64_t occupied = 0;

	if (census->days < 1 || census->days > STP_CENSUS_MAX_DAYS)
		return false;
	for (int32_t i = 0; i < census->days; i++)
	{
		occupied += census->change[i];
		if (occupied < 0)
			return false;
	}
	return true;
}

bool
stp_core_census_covers(const StpCensus *census, int32_t first, int32_t last)
{
	return first >= census->first_day && last < (int64_t) census->first_day + census->days;
}

int64_t
stp_core_census_occupied(const StpCensus *census, int32_t day)
{
	int64_t occupied = 0;

	for (int32_t i = 0; i <= day - census->first_day; i++)
		occupied += census->change[i];
	return occupied;
}

int64_t
stp_core_census_bed_days(const StpCensus *census, int32_t first, int32_t last)
{
	int64_t occupied = stp_core_census_occupied(census, first);
	int64_t bed_days = occupied;

	for (int32_t i = first - census->first_day + 1; i <= last - census->first_day; i++)
	{
		occupied += census->change[i];
		bed_days += occupied;
	}
	return bed_days;
}

int32_t
stp_core_spell_days(int32_t start, int32_t end, int32_t first, int32_t last)
{
	int64_t from = start > first ? start : first;
	int64_t to = end > last ? (int64_t) last + 1 : end;

	return to > from ? (int32_t) (to - from) : 0;
}
