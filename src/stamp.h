/*
 * stamp.h: the time that rows of a transaction bear, and from which time on it counts.
 */
#ifndef STP_STAMP_H
#define STP_STAMP_H

#include "datatype/timestamp.h"

/* Have commits noted; called once, when the library is loaded. */
extern void stp_watch_commits(void);

/* Whether the script of this extension is running: what it writes was always there. */
extern bool stp_is_installing(void);

/* Note that a statement begins to write to a versioned table. */
extern void stp_begin_writing(void);

/* How many statements of this session have begun to. */
extern uint64 stp_count_writes(void);

/* The stamp of what this transaction writes now; it takes one if it has none. */
extern TimestampTz stp_recording_stamp(void);

/* Take a stamp, later than a row's that another transaction has committed meanwhile. */
extern TimestampTz stp_add_stamp(TimestampTz after);

/* The stamp for superseding a row: later than the row, so that it was there for some time. */
extern TimestampTz stp_stamp_after(TimestampTz was);

/* Whether this transaction has written what bears a stamp, and not settled it. */
extern bool stp_is_own(TimestampTz stamp);

/* The stamps of this transaction that are not settled, the last ones: how many, and as an array. */
extern int stp_count_own(void);
extern Datum stp_own_stamps(void);

#endif
