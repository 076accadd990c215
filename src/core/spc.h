/*
 * spc.h: a series over time, its process limits, and which of its points are special causes,
 * without any backend header.
 *
 * NAN marks what is missing. Days are numbers as in a date of the database, counted from
 * 2000-01-01. The caller brings all memory.
 */
#ifndef STP_CORE_SPC_H
#define STP_CORE_SPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than there are days in 2,700 years: a state has 32 MB at most. */
#define STP_SPC_MAX_POINTS 1000000

/* What a day has. This and the series are what the type holds on disk, so they cannot change. */
typedef struct StpSpcPoint
{
	double value;
	double denominator;
	double target;
	int32_t day;
	int32_t unused; /* 0 */
} StpSpcPoint;

typedef struct StpSpc
{
	int32_t size_word; /* the database's own */
	int32_t points;
	StpSpcPoint point[];
} StpSpc;

typedef enum StpSpcChart
{
	STP_SPC_XMR,
	STP_SPC_MR,
	STP_SPC_RUN,
	STP_SPC_P,
	STP_SPC_P_PRIME,
	STP_SPC_U,
	STP_SPC_U_PRIME,
	STP_SPC_C,
	STP_SPC_G,
	STP_SPC_T
} StpSpcChart;

/* The rules in the order of the columns; the last has no direction. */
typedef enum StpSpcRule
{
	STP_SPC_OUTSIDE,
	STP_SPC_TREND,
	STP_SPC_TWO_IN_THREE,
	STP_SPC_SHIFT,
	STP_SPC_RUNS,
	STP_SPC_RULES,
	STP_SPC_NO_RULE = STP_SPC_RULES
} StpSpcRule;

/* What a point gets that shows both an improvement and a concern. */
typedef enum StpSpcConflict
{
	STP_SPC_BY_PRECEDENCE,
	STP_SPC_IMPROVEMENT_WINS,
	STP_SPC_CONCERN_WINS,
	STP_SPC_BOTH
} StpSpcConflict;

typedef enum StpSpcStatus
{
	STP_SPC_OK,
	STP_SPC_TRIAL,
	STP_SPC_TOO_FEW,
	STP_SPC_CONSTANT,
	STP_SPC_NO_DATA
} StpSpcStatus;

typedef enum StpSpcSignal
{
	STP_SPC_COMMON_CAUSE,
	STP_SPC_IMPROVEMENT,
	STP_SPC_CONCERN,
	STP_SPC_HIGH,
	STP_SPC_LOW,
	STP_SPC_NON_RANDOM,
	STP_SPC_NO_SIGNAL
} StpSpcSignal;

typedef enum StpSpcAssurance
{
	STP_SPC_PASS,
	STP_SPC_HIT_OR_MISS,
	STP_SPC_FAIL,
	STP_SPC_NO_ASSURANCE
} StpSpcAssurance;

/* How a tool reads a chart: the columns of stp.spc_dialect, where each is described. */
typedef struct StpSpcDialect
{
	double sigma_factor;
	bool median_centre;
	bool screen, screen_strict, screen_mean;
	bool missing_breaks, baseline_splits;
	int32_t shift, trend;
	bool trend_crosses;
	bool any_third, beyond_three_counts, mark_third;
	StpSpcConflict conflict;
	int32_t minimum_points, warn_points;
	bool target_decides, last_point, clip;
	int32_t rules;
	StpSpcRule rule[STP_SPC_RULES]; /* those that make a signal, the first one first */
} StpSpcDialect;

/* What is asked of a series. */
typedef struct StpSpcQuestion
{
	const StpSpcDialect *dialect;
	StpSpcChart chart;
	int better;						/* 1: higher, -1: lower, 0: neutral */
	int32_t baseline;				/* points of each segment that make its limits; 0: all */
	int32_t base_first, base_end;	/* or those from a day to before another; equal: all */
	double mean, sigma;				/* given, not estimated */
	double per;						/* what values and limits are multiplied by */
	int32_t grain_months;			/* months of a period; 0: by the usual step */
	const int32_t *rebase, *ghosts; /* days, in order */
	size_t rebases, ghost_days;
} StpSpcQuestion;

/* A point and what is said of it. */
typedef struct StpSpcRow
{
	double value, mean, lower, upper, near_lower, near_upper, moving_range;
	int32_t segment; /* from 1 */
	int32_t gap;	 /* periods between it and the point before that the series has not */
	bool is_base, is_ghost;
	bool is_after_base; /* behind the last point that the limits are made of */
	bool is_judged;		/* its flags say something; those of limits where it has limits */
	bool conflict;
	int8_t flag[STP_SPC_RULES]; /* -1, 0, 1; 1 of the last */
	uint8_t high, low;			/* a bit for each rule that points there: a turn is in two trends */
	StpSpcRule rule;
	StpSpcSignal signal;
	StpSpcStatus status;
} StpSpcRow;

/* Anhoej's rules: points off the centre, and how often and how seldom they cross it. */
typedef struct StpSpcRuns
{
	int32_t useful, longest, longest_max, crossings, crossings_min;
} StpSpcRuns;

typedef struct StpSpcSummary
{
	size_t row; /* whose icons are shown; the number of rows: none */
	size_t segment_row, since_row;
	size_t proposal_row; /* where a new segment might begin; the number of rows: nowhere */
	int32_t points, segments;
	int64_t gaps;
	StpSpcAssurance assurance;
	StpSpcRuns runs; /* of the segment; useful 0: none */
} StpSpcSummary;

/* Why a series cannot be on a chart, and the point that is the reason. */
typedef enum StpSpcFault
{
	STP_SPC_FINE,
	STP_SPC_NO_DENOMINATORS,
	STP_SPC_NEGATIVE,
	STP_SPC_ABOVE_DENOMINATOR,
	STP_SPC_NOT_POSITIVE
} StpSpcFault;

typedef struct StpSpcWork
{
	double *numbers; /* one for each point, and so the next two */
	size_t *order;
	size_t *shown;
} StpSpcWork;

size_t stp_core_spc_size(int32_t points);

/* Put the points into order of their days. The index of a day that is there twice, or 0. */
int32_t stp_core_spc_sort(StpSpc *series);
/* Whether points in order can have made this series. They are within its size. */
bool stp_core_spc_is_valid(const StpSpc *series);
bool stp_core_spc_point_is_valid(const StpSpcPoint *point);

/* Whether the series can be on the chart, and the point that is the reason why not. */
StpSpcFault stp_core_spc_find_fault(const StpSpc *series, StpSpcChart chart, size_t *faulty);
/* Whether a mean that is given, if it is, is a value that the chart can have. */
bool stp_core_spc_can_centre(StpSpcChart chart, double mean);
/* Fill the rows, one for each point. */
StpSpcFault stp_core_spc_judge(const StpSpc *series, const StpSpcQuestion *question,
							   const StpSpcWork *work, StpSpcRow *rows, size_t *faulty);
/* The rules over rows that have their limits: the second half of the above. */
void stp_core_spc_flag(const StpSpcQuestion *question, StpSpcRow *rows, size_t n, size_t *shown);
/* What the chart comes to. */
StpSpcSummary stp_core_spc_summarise(const StpSpc *series, const StpSpcQuestion *question,
									 const StpSpcRow *rows);

/* The least number of crossings that chance gives in 95% of series with so many points off the
 * centre, and the longest run (Anhoej and Olesen 2014). */
int32_t stp_core_spc_crossings_min(int32_t useful);
int32_t stp_core_spc_longest_max(int32_t useful);

#endif
