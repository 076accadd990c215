/*
 * mark.h: what has changed since stp.refresh() last looked.
 */
#ifndef STP_MARK_H
#define STP_MARK_H

#include "commands/trigger.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"

/*
 * Write marks, with the rights of the owner: rows (input, code, first_day, last_day) of a query
 * over $2, the kind of statement, and $3, the stamps of this transaction. Within SPI_connect().
 */
extern void stp_write_marks(const char *rows, Snapshot snapshot, TimestampTz recorded_at,
							TriggerEvent event);

#endif
