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
#else
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
