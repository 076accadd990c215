/*
 * compat.h: every difference between server versions, and nowhere else.
 * PostgreSQL 15 is the oldest server supported.
 */
#ifndef STP_COMPAT_H
#define STP_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "stp_metrics needs PostgreSQL 15 or newer"
#endif

#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
/* A range that holds something; the caller includes utils/rangetypes.h. */
#define stp_make_range(typcache, lower, upper) make_range(typcache, lower, upper, false, NULL)
/* The caller includes utils/datetime.h; what follows also utils/guc.h. */
#define stp_decode_datetime(field, type, fields, kind, tm, fraction, zone)                         \
	DecodeDateTime(field, type, fields, kind, tm, fraction, zone, &(DateTimeErrorExtra){0})
#define stp_guc_alloc(size) guc_malloc(ERROR, size)
#define stp_guc_free(text) guc_free(text)
/* The caller includes utils/guc_tables.h. */
#define stp_get_settings(n) get_guc_variables(n)
#else
#define stp_decode_datetime DecodeDateTime
#define stp_get_settings(n) (*(n) = GetNumConfigOptions(), get_guc_variables())
/* Settings live in memory of malloc until 16. */
#define stp_guc_alloc(size) stp_guc_malloc(size)
#define stp_guc_free(text) free(text)
static inline void *
stp_guc_malloc(size_t size)
{
	void *memory = malloc(size);

	if (memory == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return memory;
}
#define stp_make_range(typcache, lower, upper) make_range(typcache, lower, upper, false)
/* Soft errors came with 16; before, bad input is a plain error. */
#define ereturn(context, dummy_value, ...)                                                         \
	do                                                                                             \
	{                                                                                              \
		(void) (context);                                                                          \
		ereport(ERROR, __VA_ARGS__);                                                               \
		return dummy_value;                                                                        \
	} while (0)
#endif

#endif
