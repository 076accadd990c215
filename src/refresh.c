/*
 * refresh.c: whether a procedure may commit.
 */
#include "postgres.h"

#include "nodes/parsenodes.h"
#include "utils/builtins.h"

#include "stp_metrics.h"

PG_FUNCTION_INFO_V1(stp_refuse_transaction_block);

/* Called by a procedure that commits, before it does anything, with its name. */
Datum
stp_refuse_transaction_block(PG_FUNCTION_ARGS)
{
	const CallContext *context = (const CallContext *) fcinfo->context;

	if (context == NULL || !IsA(context, CallContext) || context->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s cannot run inside a transaction block, a function or a trigger",
						text_to_cstring(PG_GETARG_TEXT_PP(0))),
				 errhint("It commits after each period: CALL it as a statement of its own.")));
	PG_RETURN_VOID();
}
