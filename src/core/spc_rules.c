/*
 * spc_rules.c: which points of a series with limits are special causes, and what the chart comes
 * to, without any backend header.
 *
 * Every rule is one pass over the points that take part: ghosts do not, and where a dialect passes
 * over missing values, neither do they. A pass keeps the run it is in, so that its cost does not
 * depend on how many points a rule wants.
 */
#include "spc.h"

#include <math.h>

#include "order.h"
#include "pause.h"

#define BIT(rule) (1u << (rule))

/* The rows that take part in rules, by their indices in order. */
typedef struct Shown
{
	const StpSpcDialect *dialect;
	StpSpcRow *row;
	const size_t *index;
	size_t n;
} Shown;

static StpSpcRow *
at(const Shown *s, size_t i)
{
	return &s->row[s->index[i]];
}

/* A point is part of what a rule found. In a segment without variation only limits say something.
 */
static void
mark(StpSpcRow *row, StpSpcRule rule, int side)
{
	if (!row->is_judged || (row->status == STP_SPC_CONSTANT && rule != STP_SPC_OUTSIDE))
		return;
	row->flag[rule] = (int8_t) side;
	if (side > 0)
		row->high |= BIT(rule);
	else
		row->low |= BIT(rule);
}

/* Which side of the centre, 0 where it is on it or missing. */
static int
side_of(const StpSpcRow *row)
{
	StpPlace place = stp_core_compare(row->value, row->mean);

	return place == STP_NOWHERE ? 0 : (int) place;
}

/* Beyond which of two limits, not counting what is on them but for the last bits. */
static int
beyond(double value, double lower, double upper)
{
	double magnitude = fmax(fabs(lower), fabs(upper));

	if (value > upper && !stp_core_tied(value, upper, magnitude))
		return 1;
	return value < lower && !stp_core_tied(value, lower, magnitude) ? -1 : 0;
}

/* Whether the rules of levels, as shift and two in three, begin anew: other limits, or the end of
 * the baseline where a dialect draws a line there. */
static bool
is_cut(const Shown *s, size_t i)
{
	const StpSpcRow *row = at(s, i), *before;

	if (i == 0)
		return true;
	before = at(s, i - 1);
	return row->segment != before->segment ||
		   (s->dialect->baseline_splits && row->is_after_base != before->is_after_base);
}

static void
flag_outside(const Shown *s)
{
	STP_EACH (i, s->n)
	{
		int side = beyond(at(s, i)->value, at(s, i)->lower, at(s, i)->upper);

		if (side != 0)
			mark(at(s, i), STP_SPC_OUTSIDE, side);
	}
}

/* The last so many points of a run that is long enough; of one that was before, only its new one.
 */
static void
mark_run(const Shown *s, size_t last, size_t run, size_t needed, StpSpcRule rule, int side)
{
	if (run < needed || side == 0)
		return;
	for (size_t i = run == needed ? last + 1 - needed : last; i <= last; i++)
		mark(at(s, i), rule, side);
}

static void
flag_shift(const Shown *s)
{
	int side = 0;
	size_t run = 0;

	STP_EACH (i, s->n)
	{
		int here = side_of(at(s, i));

		run = here == side && !is_cut(s, i) ? run + 1 : 1;
		side = here;
		mark_run(s, i, run, (size_t) s->dialect->shift, STP_SPC_SHIFT, side);
	}
}

/* Which way the value goes from the point before: by any step at all. */
static int
step_to(const Shown *s, size_t i)
{
	double before;

	if (i == 0 || (!s->dialect->trend_crosses && at(s, i)->segment != at(s, i - 1)->segment))
		return 0;
	before = at(s, i - 1)->value;
	return (at(s, i)->value > before) - (at(s, i)->value < before);
}

/* Where two trends meet, the later one has the point; that it was in both is kept in its bits. */
static void
flag_trend(const Shown *s)
{
	int way = 0;
	size_t points = 1;

	STP_EACH (i, s->n)
	{
		int here = step_to(s, i);

		points = here != 0 && here == way ? points + 1 : 2;
		way = here;
		mark_run(s, i, points, (size_t) s->dialect->trend, STP_SPC_TREND, way);
	}
}

/* Beyond the near limit of two sigma, and not farther than the dialect counts. */
static int
near_side(const Shown *s, const StpSpcRow *row)
{
	if (!s->dialect->beyond_three_counts && beyond(row->value, row->lower, row->upper) != 0)
		return 0;
	return beyond(row->value, row->near_lower, row->near_upper);
}

/* The side on which a window of points has two of three; 0: none. */
static int
two_of_three(const Shown *s, size_t from, size_t to)
{
	int net = 0, sides = 0;

	for (size_t i = from; i <= to; i++)
	{
		net += near_side(s, at(s, i));
		sides += side_of(at(s, i));
	}
	if (net > -2 && net < 2)
		return 0;
	if (s->dialect->any_third || sides == 3 || sides == -3)
		return net > 0 ? 1 : -1;
	return 0;
}

static void
flag_two_in_three(const Shown *s)
{
	size_t begin = 0;

	STP_EACH (i, s->n)
	{
		size_t from;
		int side;

		if (is_cut(s, i))
			begin = i;
		from = i - begin < 2 ? begin : i - 2;
		side = two_of_three(s, from, i);
		for (size_t j = from; side != 0 && j <= i; j++)
			if (s->dialect->mark_third || near_side(s, at(s, j)) == side)
				mark(at(s, j), STP_SPC_TWO_IN_THREE, side);
	}
}

/* Anhoej's rules ---------------------------------------------------------------------------------
 */

/*
 * The 5% quantile of a binomial distribution with probability 1/2: its terms are summed from ten
 * deviations below the middle: what is left out does not show, and the first one is no zero.
 */
int32_t
stp_core_spc_crossings_min(int32_t useful)
{
	double n = useful - 1, k = fmax(0, floor(n / 2 - 5 * sqrt(n + 1))), term, sum;

	if (useful < 2)
		return 0;
	term = exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2));
	for (sum = term; sum < 0.05; sum += term)
	{
		term *= (n - k) / (k + 1);
		k++;
	}
	return (int32_t) k;
}

int32_t
stp_core_spc_longest_max(int32_t useful)
{
	return (int32_t) (log2(useful) + 0.5) + 3;
}

/* Points of a segment on either side of the centre, in runs. */
static StpSpcRuns
count_runs(const StpSpcRow *row, size_t n)
{
	StpSpcRuns runs = {0};
	int32_t run = 0;
	int side = 0;

	STP_EACH (i, n)
	{
		int here = row[i].is_ghost ? 0 : side_of(&row[i]);

		if (here == 0)
			continue;
		runs.crossings += runs.useful > 0 && here != side;
		run = here == side ? run + 1 : 1;
		side = here;
		runs.useful++;
		if (run > runs.longest)
			runs.longest = run;
	}
	if (runs.useful > 0)
	{
		runs.longest_max = stp_core_spc_longest_max(runs.useful);
		runs.crossings_min = stp_core_spc_crossings_min(runs.useful);
	}
	return runs;
}

/* Neighbouring ranges share a point, so that their runs say nothing. */
static void
flag_runs(const StpSpcQuestion *question, StpSpcRow *row, size_t n)
{
	StpSpcRuns runs = count_runs(row, n);

	if (question->chart == STP_SPC_MR || runs.useful == 0 ||
		(runs.longest <= runs.longest_max && runs.crossings >= runs.crossings_min))
		return;
	STP_EACH (i, n)
		if (row[i].is_judged && row[i].status != STP_SPC_CONSTANT)
			row[i].flag[STP_SPC_RUNS] = 1;
}

/* Rows from one on that are in its segment. */
static size_t
segment_length(const StpSpcRow *row, size_t n)
{
	size_t length = 1;

	while (length < n && row[length].segment == row->segment)
	{
		stp_core_pause_sometimes(length);
		length++;
	}
	return length;
}

/* The dialect's word ------------------------------------------------------------------------------
 */

/* On a run chart Anhoej's rules are the ones that speak, in every dialect. */
static int32_t
speaking_rules(const StpSpcQuestion *question, const StpSpcRule **rules)
{
	static const StpSpcRule of_run_chart[] = {STP_SPC_RUNS};

	*rules = question->chart == STP_SPC_RUN ? of_run_chart : question->dialect->rule;
	return question->chart == STP_SPC_RUN ? 1 : question->dialect->rules;
}

/* Which way a point with signals both ways is read. Where neither is better no rule says
 * improvement or concern; Making Data Count's query looks for the high ones first. */
static int
resolve(const StpSpcQuestion *question, int first)
{
	StpSpcConflict conflict = question->dialect->conflict;

	if (conflict == STP_SPC_BY_PRECEDENCE || conflict == STP_SPC_BOTH)
		return first;
	if (question->better == 0)
		return 1;
	return conflict == STP_SPC_IMPROVEMENT_WINS ? question->better : -question->better;
}

static StpSpcSignal
signal_of(const StpSpcQuestion *question, StpSpcRule rule, int side)
{
	if (rule == STP_SPC_NO_RULE)
		return STP_SPC_COMMON_CAUSE;
	if (rule == STP_SPC_RUNS)
		return STP_SPC_NON_RANDOM;
	if (question->better == 0)
		return side > 0 ? STP_SPC_HIGH : STP_SPC_LOW;
	return side == question->better ? STP_SPC_IMPROVEMENT : STP_SPC_CONCERN;
}

/* The first rule that points a way; 0: the first that is flagged at all. */
static StpSpcRule
first_rule(const StpSpcRow *row, const StpSpcRule *rules, int32_t n, int side)
{
	for (int32_t i = 0; i < n; i++)
		if (side == 0  ? row->flag[rules[i]] != 0
			: side > 0 ? (row->high & BIT(rules[i])) != 0
					   : (row->low & BIT(rules[i])) != 0)
			return rules[i];
	return STP_SPC_NO_RULE;
}

static void
fill_signal(const StpSpcQuestion *question, StpSpcRow *row)
{
	const StpSpcRule *rules;
	int32_t n = speaking_rules(question, &rules);
	bool both = first_rule(row, rules, n, 1) != STP_SPC_NO_RULE &&
				first_rule(row, rules, n, -1) != STP_SPC_NO_RULE;
	int side;

	row->rule = first_rule(row, rules, n, 0);
	side = row->rule == STP_SPC_NO_RULE ? 0 : row->flag[row->rule];
	if (both && row->rule != STP_SPC_RUNS && resolve(question, side) != side)
	{
		side = -side;
		row->rule = first_rule(row, rules, n, side);
	}
	row->conflict = both && question->better != 0;
	row->signal = signal_of(question, row->rule, side);
}

void
stp_core_spc_flag(const StpSpcQuestion *question, StpSpcRow *rows, size_t n, size_t *shown)
{
	Shown s = {question->dialect, rows, shown, 0};

	STP_EACH (i, n)
		if (!rows[i].is_ghost && (question->dialect->missing_breaks || !isnan(rows[i].value)))
			shown[s.n++] = i;
	flag_outside(&s);
	flag_trend(&s);
	flag_two_in_three(&s);
	flag_shift(&s);
	for (size_t from = 0; from < n; from += segment_length(rows + from, n - from))
		flag_runs(question, rows + from, segment_length(rows + from, n - from));
	STP_EACH (i, n)
	{
		rows[i].signal = STP_SPC_NO_SIGNAL;
		if (rows[i].is_judged)
			fill_signal(question, &rows[i]);
	}
}

/* What the chart comes to
 * -------------------------------------------------------------------------- */

/* The last point that is no ghost and, as most dialects have it, has a value. */
static size_t
icon_row(const StpSpcQuestion *question, const StpSpcRow *rows, size_t n)
{
	for (size_t i = n; i-- > 0;)
	{
		stp_core_pause_sometimes(i);
		if (!rows[i].is_ghost && (question->dialect->last_point || !isnan(rows[i].value)))
			return i;
	}
	return n;
}

/* The first point since when all that say anything say the same. */
static size_t
since(const StpSpcRow *rows, size_t row)
{
	size_t first = row;

	for (size_t i = row; i-- > 0;)
	{
		stp_core_pause_sometimes(i);
		if (!rows[i].is_judged)
			continue;
		if (rows[i].signal != rows[row].signal)
			break;
		first = i;
	}
	return first;
}

/*
 * The first point of a shift that goes on to a row, where it has the points for limits of its own
 * and a part of the segment before it; n: none. It is a question, for whoever knows the process.
 */
static size_t
propose(const StpSpcQuestion *question, const StpSpcRow *rows, size_t row, size_t n)
{
	int side = rows[row].flag[STP_SPC_SHIFT];
	int32_t points = 0;
	size_t first = n;

	for (size_t i = row + 1; side != 0 && i-- > 0 && rows[i].segment == rows[row].segment;)
	{
		stp_core_pause_sometimes(i);
		if (!rows[i].is_judged)
			continue;
		if (rows[i].flag[STP_SPC_SHIFT] != side)
			return points >= question->dialect->warn_points ? first : n;
		first = i;
		points++;
	}
	return n;
}

/* Whether a limit is where values end, such as 100%: some may be there, so that it excludes none.
 */
static bool
is_end(const StpSpcQuestion *question, double limit)
{
	bool has_upper = question->chart == STP_SPC_P || question->chart == STP_SPC_P_PRIME;

	if (question->chart < STP_SPC_P && question->chart != STP_SPC_MR)
		return false;
	return limit == 0 || (has_upper && limit == question->per);
}

/*
 * Whether the target would be met whatever chance brings. A process that does not vary meets the
 * target or fails it: 100% against 100% is a pass.
 */
static StpSpcAssurance
assure(const StpSpcQuestion *question, const StpSpcRow *row, double target)
{
	double better = question->better > 0 ? row->lower : row->upper;
	double worse = question->better > 0 ? row->upper : row->lower;
	bool up = question->better > 0;
	bool decides = question->dialect->target_decides || row->status == STP_SPC_CONSTANT;

	if (question->better == 0 || !row->is_judged || isnan(target) || isnan(row->upper))
		return STP_SPC_NO_ASSURANCE;
	if (stp_core_reaches(target, better, !up) &&
		(decides || stp_core_compare(target, better) != STP_AT))
		return STP_SPC_PASS;
	if (stp_core_reaches(target, worse, up) &&
		((decides && !is_end(question, worse)) || stp_core_compare(target, worse) != STP_AT))
		return STP_SPC_FAIL;
	return STP_SPC_HIT_OR_MISS;
}

StpSpcSummary
stp_core_spc_summarise(const StpSpc *series, const StpSpcQuestion *question, const StpSpcRow *rows)
{
	size_t n = (size_t) series->points;
	StpSpcSummary summary = {.row = icon_row(question, rows, n),
							 .proposal_row = n,
							 .segments = rows[n - 1].segment,
							 .assurance = STP_SPC_NO_ASSURANCE};

	STP_EACH (i, n)
	{
		summary.points += !rows[i].is_ghost && !isnan(rows[i].value);
		summary.gaps += rows[i].gap + (!rows[i].is_ghost && isnan(rows[i].value));
	}
	if (summary.row == n)
		return summary;
	summary.segment_row = summary.row;
	while (summary.segment_row > 0 &&
		   rows[summary.segment_row - 1].segment == rows[summary.row].segment)
		summary.segment_row--;
	summary.since_row = since(rows, summary.row);
	summary.proposal_row = propose(question, rows, summary.row, n);
	summary.assurance = assure(question, &rows[summary.row], series->point[summary.row].target);
	summary.runs = count_runs(rows + summary.segment_row,
							  segment_length(rows + summary.segment_row, n - summary.segment_row));
	return summary;
}
