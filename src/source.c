/*
 * source.c: the trigger that notes that observations have to be taken from a source again.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "mark.h"
#include "schema.h"

PG_FUNCTION_INFO_V1(stp_mark_source);

/*
 * stp_internal.mark_source(): the sources that read the table; if it says which sources are
 * switched on, all. They are not versioned: the marks bear no stamp.
 */
Datum
stp_mark_source(PG_FUNCTION_ARGS)
{
	TriggerData *trigger =
		stp_get_trigger(fcinfo, 0, STP_ON_ANY_CHANGE | STP_ON(TRIGGER_EVENT_TRUNCATE));

	SPI_connect();
	stp_write_marks(
		psprintf(
			"SELECT 'source', s.source, date '-infinity', date 'infinity' "
			"FROM stp_internal.source s WHERE %1$s = ANY (s.tables || 'observation_source'::text)",
			quote_literal_cstr(RelationGetRelationName(trigger->tg_relation))),
		InvalidSnapshot, DT_NOBEGIN, trigger->tg_event);
	SPI_finish();
	return PointerGetDatum(NULL);
}
