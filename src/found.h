/*
 * found.h: the columns of what a query has found. Columns count from 1.
 */
#ifndef STP_FOUND_H
#define STP_FOUND_H

#include <math.h>

#include "executor/spi.h"

#include "stp_metrics.h"

/* A column of any type. */
typedef struct Field
{
	Datum datum;
	bool isnull;
} Field;

static inline Field
stp_get_field(const SPITupleTable *found, uint64 row, int column)
{
	Field field;

	field.datum = SPI_getbinval(found->vals[row], found->tupdesc, column, &field.isnull);
	return field;
}

/* A column of type float8; NAN for NULL. */
static inline double
stp_get_number(const SPITupleTable *found, uint64 row, int column)
{
	Field number = stp_get_field(found, row, column);

	return number.isnull ? NAN : DatumGetFloat8(number.datum);
}

/* A column of type int4. */
static inline int
stp_get_int(const SPITupleTable *found, uint64 row, int column, int if_null)
{
	Field number = stp_get_field(found, row, column);

	return number.isnull ? if_null : DatumGetInt32(number.datum);
}

/* Whether a column of text holds this word; NULL holds none. */
static inline bool
stp_field_is(const SPITupleTable *found, uint64 row, int column, const char *word)
{
	Field field = stp_get_field(found, row, column);

	return !field.isnull && stp_is_word(DatumGetTextPP(field.datum), word);
}

/* Whether two columns of text are the same; NULL is the same as NULL. */
static inline bool
stp_same_text(Field a, Field b)
{
	text *one, *other;

	if (a.isnull || b.isnull)
		return a.isnull && b.isnull;
	one = DatumGetTextPP(a.datum);
	other = DatumGetTextPP(b.datum);
	return VARSIZE_ANY_EXHDR(one) == VARSIZE_ANY_EXHDR(other) &&
		   memcmp(VARDATA_ANY(one), VARDATA_ANY(other), VARSIZE_ANY_EXHDR(one)) == 0;
}

/* The order of two columns of text, by their bytes, NULL last. */
static inline int
stp_compare_text(Field a, Field b)
{
	text *one, *other;
	int length, other_length, order;

	if (a.isnull || b.isnull)
		return (int) a.isnull - (int) b.isnull;
	one = DatumGetTextPP(a.datum);
	other = DatumGetTextPP(b.datum);
	length = (int) VARSIZE_ANY_EXHDR(one);
	other_length = (int) VARSIZE_ANY_EXHDR(other);
	order = memcmp(VARDATA_ANY(one), VARDATA_ANY(other), (size_t) Min(length, other_length));
	return order != 0 ? order : length - other_length;
}

#endif
