/*
 * history.h: reading the tables as they stood at a past time.
 */
#ifndef STP_HISTORY_H
#define STP_HISTORY_H

#include "datatype/timestamp.h"
#include "executor/spi.h"

/* Define the setting stp.as_of; called once, when the library is loaded. */
extern void stp_define_as_of(void);

/* Whether who writes to the table restores a dump, whose rows may bear a past time and name what is
 * no longer there. pg_dump and pg_restore say that they do, in every session, by switching off what
 * checks functions. */
extern bool stp_is_restoring(Relation table);

/* Read as of a time until AtEOXact_GUC(true, the result) is called, or an error ends it. */
extern int stp_set_as_of(TimestampTz time);

/*
 * A query over tables, views and functions of ours, each named as R(schema, name): a macro R makes
 * the text that reads the present and the one that reads them as of the time that is set.
 */
typedef struct StpQuery
{
	const char *present;
	const char *past;
} StpQuery;

#define STP_PRESENT(schema, name) #schema "." #name
#define STP_PAST(schema, name) "stp_internal." #name "_as_of"
#define STP_QUERY(text)                                                                            \
	{                                                                                              \
		text(STP_PRESENT), text(STP_PAST)                                                          \
	}

/*
 * Ask it through SPI, which is connected. Some of the rows would make another figure: under a
 * policy of row-level security that could hide any it is an error.
 */
extern SPITupleTable *stp_ask(const StpQuery *query, int arguments, const Oid *types,
							  const Datum *values);

/* What takes the columns of a row. What they point to is gone when it returns. */
typedef void (*StpTake)(void *taker, const Datum *values, const bool *nulls);

/* Ask it as stp_ask() does; of many rows none is kept, and each is taken as it is found. */
extern void stp_ask_each(const StpQuery *query, int arguments, const Oid *types,
						 const Datum *values, StpTake take, void *taker);

/*
 * A query of the few rows of one code ($1, a text). Its plan is the same for every code and takes
 * longer to make than to run, so that a session keeps it.
 */
typedef struct StpCodeQuery
{
	StpQuery query;
	SPIPlanPtr present;
	SPIPlanPtr past;
} StpCodeQuery;

#define STP_CODE_QUERY(text)                                                                       \
	{                                                                                              \
		STP_QUERY(text), NULL, NULL                                                                \
	}

/* Ask it of a code, as stp_ask() does. */
extern SPITupleTable *stp_ask_of(StpCodeQuery *query, Datum code);

#endif
