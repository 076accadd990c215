/*
 * draw.h: random numbers for simulations, without any backend header. The same seed and stream give
 * the same numbers on every machine, in whatever order streams are used.
 */
#ifndef STP_CORE_DRAW_H
#define STP_CORE_DRAW_H

#include <stddef.h>
#include <stdint.h>

typedef struct StpDraw
{
	uint64_t state;
} StpDraw;

/* Begin a stream: as good as independent of every other stream and seed. */
void stp_core_draw_start(StpDraw *draw, uint64_t seed, uint64_t stream);

/* Uniform, above 0 and below 1. */
double stp_core_draw_uniform(StpDraw *draw);

/* Standard normal: one, or the next n. */
double stp_core_draw_normal(StpDraw *draw);
void stp_core_draw_normals(StpDraw *draw, double *normal, size_t n);

#endif
