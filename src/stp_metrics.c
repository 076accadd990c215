/*
 * stp_metrics.c: the module's magic block.
 */
#include "postgres.h"

#include "stp_metrics.h"

PG_MODULE_MAGIC;
