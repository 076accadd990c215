/*
 * cluster.h: clusters of numbers on a line, without any backend header.
 *
 * Numbers come in rising order, finite, with their ties made equal. Nothing allocates.
 */
#ifndef STP_CORE_CLUSTER_H
#define STP_CORE_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the centres of k-means are before the first step. */
typedef enum StpSeeds
{
	STP_SEED_MEDIANS, /* the medians of equal shares of the numbers */
	STP_SEED_EVEN	  /* the middles of equal stretches of what lies between the ends */
} StpSeeds;

/* Room for what is searched: of n numbers and so many clusters. */
typedef struct StpClusterSpace
{
	double *number;	 /* [n] for whoever has none of its own */
	double *scaled;	 /* [n] from 0 to 1 */
	double *sum;	 /* [n + 1] of those before */
	double *squares; /* [n + 1] */
	double *cost;	 /* [2 * n] of the best clusters up to a number */
	uint32_t *begin; /* [clusters * n] where the last of them begins */
} StpClusterSpace;

/*
 * Lloyd's k-means: fills the centres, lowest first. Where strict is not NAN there is a second run
 * from the centres of the first, in which a number farther than that from its centre belongs to it
 * but does not move it. A number half way between two centres, but for the last bits, belongs to
 * the higher one. False: fewer than so many numbers differ, or a share of them is empty that was to
 * give a seed, or they lie farther apart than the largest number there is.
 */
bool stp_core_k_means(const double *number, size_t n, int clusters, StpSeeds seeds, double strict,
					  const StpClusterSpace *space, double *centre);

/* The clusters whose sum of squares about their centres is the least there is; of two divisions as
 * good, the one whose higher clusters begin lower. False: as above, but for seeds. */
bool stp_core_natural_breaks(const double *number, size_t n, int clusters,
							 const StpClusterSpace *space, double *centre);

#endif
