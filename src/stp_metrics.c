/*
 * stp_metrics.c: the module's magic block, and what is done when the library is loaded.
 */
#include "postgres.h"

#include "stp_metrics.h"
#include "history.h"

PG_MODULE_MAGIC;

void _PG_init(void);

/* Called by the server when it loads the library. */
void
_PG_init(void)
{
	stp_define_as_of();
	stp_watch_commits();
}
