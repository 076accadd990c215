/*
 * history.h: reading the tables as they stood at a past time.
 */
#ifndef STP_HISTORY_H
#define STP_HISTORY_H

#include "datatype/timestamp.h"

/* Define the setting stp.as_of; called once, when the library is loaded. */
extern void stp_define_as_of(void);

/* Read as of a time until AtEOXact_GUC(true, the result) is called, or an error ends it. */
extern int stp_set_as_of(TimestampTz time);

/*
 * A query of ours, "... FROM stp.this JOIN stp.that ...", as it is to be asked as of the time that
 * is set: of stp.this_as_of and stp.that_as_of.
 */
extern const char *stp_query_as_of(const char *sql);

#endif
