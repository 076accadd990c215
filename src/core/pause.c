/*
 * pause.c: what long work calls, without any backend header.
 */
#include "pause.h"

/* The backend's own definition, which looks for interrupts, takes precedence over this one. */
__attribute__((weak)) void
stp_core_pause(void)
{
}
