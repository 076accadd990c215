/*
 * change.c: stp.explain_change(), why a rating is not what it was in an earlier period.
 *
 * Five things may have changed: the unit's own data, its peers' data, who reported, who belongs
 * where, and what the units are measured by: the scheme, and their targets. The change of the score
 * is split by Shapley's value: the effect of each thing, averaged over all orders in which the five
 * can change. The parts add up, and no order is preferred.
 *
 * On the map of the first period a unit that is new since stands for what it was made of: its score
 * there is the mean of its predecessors', by their people.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "history.h"
#include "rating.h"
#include "stp_metrics.h"

/* What may change; sets of them are bits. */
enum
{
	OWN_DATA = 1,
	PEERS_DATA = 2,
	REPORTING = 4,
	MEMBERSHIP = 8,
	METHOD = 16
};
#define FACTORS 5
#define SETS (1 << FACTORS)

/* The arguments of stp.explain_change(). */
enum
{
	ARG_SCHEME_1,
	ARG_PERIOD_1,
	ARG_PERIOD_2,
	ARG_UNIT,
	ARG_SCHEME_2
};

/* Its columns. */
enum
{
	CHANGE_PLACE,
	CHANGE_PART,
	CHANGE_CHANGE,
	CHANGE_SCORE,
	CHANGE_RANK,
	CHANGE_CATEGORY,
	CHANGE_SPECIAL_CAUSES,
	CHANGE_PREDECESSORS
};

static const char *const part_names[FACTORS] = {"own data", "peers' data", "reporting",
												"membership", "weights and method"};

/* Who stands for the unit on the map of the first period: itself, or its predecessors. */
typedef struct StandIns
{
	int units;
	Datum *code;
	double *weight;
	Datum predecessors; /* an array; 0: it has none */
} StandIns;

/* A rating with the data, the memberships and the scheme of either period. */
typedef struct Variant
{
	Rating *rating;
	PeerGroup *group; /* the unit's; NULL: it is not rated */
	size_t unit;	  /* its place there */
} Variant;

/* How a unit stands. */
typedef struct Standing
{
	const Scheme *scheme;
	double score;	  /* NAN: none */
	int32_t rank;	  /* 0: none */
	int32_t category; /* 1 = best, 0: none */
} Standing;

PG_FUNCTION_INFO_V1(stp_explain_change);

#define PREDECESSORS_QUERY(R)                                                                      \
	"SELECT predecessor, weight, stands_in FROM " R(stp_internal, predecessors) "($1, $2, $3, $4)"
static const StpQuery predecessors_query = STP_QUERY(PREDECESSORS_QUERY);

/* Who stands for the unit in the first period. Error: it has ended before the second. */
static StandIns
find_stand_ins(FunctionCallInfo fcinfo)
{
	Oid *types;
	int arguments;
	SPITupleTable *found;
	StandIns s = {0};
	Datum *codes;
	int named = 0;

	get_func_signature(fcinfo->flinfo->fn_oid, &types, &arguments);
	found = stp_ask(&predecessors_query, 4,
					(Oid[]){TEXTOID, TEXTOID, types[ARG_PERIOD_1], types[ARG_PERIOD_2]},
					(Datum[]){PG_GETARG_DATUM(ARG_SCHEME_1), PG_GETARG_DATUM(ARG_UNIT),
							  PG_GETARG_DATUM(ARG_PERIOD_1), PG_GETARG_DATUM(ARG_PERIOD_2)});
	s.code = stp_allocate_cells(sizeof(Datum), found->numvals + 1, 1);
	s.weight = stp_allocate_cells(sizeof(double), found->numvals + 1, 1);
	codes = stp_allocate_cells(sizeof(Datum), found->numvals + 1, 1);
	for (uint64 row = 0; row < found->numvals; row++)
	{
		Datum code = stp_get_field(found, row, 1).datum;

		codes[named++] = code;
		if (!DatumGetBool(stp_get_field(found, row, 3).datum))
			continue;
		s.code[s.units] = code;
		s.weight[s.units++] = stp_get_number(found, row, 2);
	}
	if (named > 0)
		s.predecessors =
			PointerGetDatum(construct_array(codes, named, TEXTOID, -1, false, TYPALIGN_INT));
	if (s.units == 0)
	{
		s.code[s.units] = PG_GETARG_DATUM(ARG_UNIT);
		s.weight[s.units++] = 1;
	}
	return s;
}

/* Where a unit is in each of the variants. */
static void
find_unit(Variant *variant, Datum unit)
{
	for (int set = 0; set < SETS; set++)
		if (variant[set].rating != NULL)
			variant[set].group = stp_find_unit(variant[set].rating, unit, &variant[set].unit);
}

/*
 * Load the variants that sets of changes make of one scheme, own data aside; METHOD: the second.
 * The targets are those of the period that the scheme is of; of the first, where there is no
 * second, either.
 */
static void
load_variants(Variant *variant, FunctionCallInfo fcinfo, int method)
{
	Scheme *scheme = stp_load_scheme(PG_GETARG_DATUM(method ? ARG_SCHEME_2 : ARG_SCHEME_1));
	const Cohort *before = stp_load_cohort(scheme, fcinfo, ARG_PERIOD_1, 0);
	const Cohort *after = stp_load_cohort(scheme, fcinfo, ARG_PERIOD_2, 0);
	const Targets *targets = stp_load_targets(method ? after : before, before, after);
	const Targets *later =
		PG_ARGISNULL(ARG_SCHEME_2) ? stp_load_targets(after, before, after) : NULL;

	for (int set = 0; set < SETS; set++)
	{
		Rating *rating;

		if ((set & OWN_DATA) || (set & METHOD) != method)
			continue;
		rating =
			stp_load_variant(set & PEERS_DATA ? after : before, set & REPORTING ? after : before,
							 set & MEMBERSHIP ? after : before);
		variant[set].rating = stp_with_targets(rating, targets);
		if (later != NULL)
			variant[set | METHOD].rating = stp_with_targets(rating, later);
	}
}

/* Swap two numbers. */
static void
swap(double *one, double *other)
{
	double number = *one;

	*one = *other;
	*other = number;
}

/* Swap the values of a unit's leaves with those that another variant has for it. */
static void
swap_values(const Variant *one, const Variant *other)
{
	StpAssessment *a = &one->group->assessment, *b = &other->group->assessment;

	for (size_t n = 0; n < a->nodes; n++)
	{
		size_t i = n * a->units + one->unit, j = n * b->units + other->unit;
		swap(&a->value[i], &b->value[j]);
		swap(&a->denominator[i], &b->denominator[j]);
		swap(&a->completeness[i], &b->completeness[j]);
	}
}

/* How the unit stands in a variant, whose own data may be those of another. */
static Standing
rate(const Variant *variant, const Variant *own)
{
	Standing standing = {.scheme = variant->rating->scheme, .score = NAN};
	StpAssessment *a;

	if (variant->group == NULL || own->group == NULL)
		return standing;
	a = &variant->group->assessment;
	if (own != variant)
		swap_values(variant, own);
	stp_core_assess_root(a, true);
	standing.score = a->score[variant->unit];
	standing.rank = a->rank[variant->unit];
	standing.category = a->category[variant->unit];
	if (own != variant)
		swap_values(variant, own);
	return standing;
}

/* How what has been found in the variants stands for a set of changes. */
static Standing
rate_set(const Variant *variant, int set)
{
	int others = set & ~OWN_DATA;
	int own = (others & ~PEERS_DATA) | (set & OWN_DATA ? PEERS_DATA : 0);

	CHECK_FOR_INTERRUPTS();
	return rate(&variant[others], &variant[own]);
}

/* How the unit stands on the map of the first period: as those that stand for it do on average. */
static void
rate_before(Variant *variant, const StandIns *s, Standing *standing)
{
	for (int i = 0; i < s->units; i++)
	{
		find_unit(variant, s->code[i]);
		for (int set = 0; set < SETS; set++)
		{
			Standing one;

			if (set & MEMBERSHIP)
				continue;
			one = rate_set(variant, set);
			if (set == 0 && s->units > 1 && isnan(one.score))
				ereport(NOTICE, (errmsg("predecessor \"%s\" has no score in the first period",
										TextDatumGetCString(s->code[i]))));
			one.score *= s->weight[i];
			if (i > 0)
			{
				one.score += standing[set].score;
				one.rank = one.category = 0;
			}
			standing[set] = one;
		}
	}
}

/* How the unit stands for every set of changes; returns the data of the second period. */
static const Cohort *
rate_sets(FunctionCallInfo fcinfo, const StandIns *s, Standing *standing)
{
	Variant *variant = palloc0(SETS * sizeof(Variant));

	load_variants(variant, fcinfo, 0);
	if (!PG_ARGISNULL(ARG_SCHEME_2))
		load_variants(variant, fcinfo, METHOD);
	rate_before(variant, s, standing);
	find_unit(variant, PG_GETARG_DATUM(ARG_UNIT));
	for (int set = 0; set < SETS; set++)
		if (set & MEMBERSHIP)
			standing[set] = rate_set(variant, set);
	return variant[SETS - 1 - OWN_DATA].rating->data;
}

/* Of the unit's values in the second period, those that are no common cause: "indicator: signal".
 */
static Datum
find_special_causes(const Cohort *data, Datum unit)
{
	static const char *const signals[] = {"improvement", "concern", "high", "low", "non-random"};
	const Field *movement = stp_load_movements(data, unit);
	Datum *causes = stp_allocate_cells(sizeof(Datum), data->scheme->nodes, 1);
	int found = 0;

	for (size_t n = 0; n < data->scheme->nodes; n++)
	{
		const char *word = movement[n].isnull ? "" : TextDatumGetCString(movement[n].datum);

		for (size_t i = 0; i < lengthof(signals); i++)
			if (strcmp(word, signals[i]) == 0)
				causes[found++] = CStringGetTextDatum(psprintf(
					"%s: %s",
					TextDatumGetCString(stp_get_label(data->scheme, n, SCHEME_INDICATOR).datum),
					word));
	}
	return PointerGetDatum(construct_array(causes, found, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The mean effect of a factor over all orders in which the factors can change. */
static double
effect(const Standing *standing, int factor)
{
	/* Of the orders, the share in which so many of the others have changed before. */
	static const double share[FACTORS] = {1.0 / 5, 1.0 / 20, 1.0 / 30, 1.0 / 20, 1.0 / 5};
	double sum = 0;

	for (int set = 0; set < SETS; set++)
		if (!(set & (1 << factor)))
			sum += share[__builtin_popcount((unsigned) set)] *
				   (standing[set | (1 << factor)].score - standing[set].score);
	return sum;
}

/* One row; standing NULL: a part, which has no rank and category; causes, predecessors 0: none are
 * shown. */
static void
write_row(ReturnSetInfo *result, int place, const char *part, double change, double score,
		  const Standing *standing, Datum causes, Datum predecessors)
{
	Row row = {0};

	row.values[CHANGE_PLACE] = Int32GetDatum(place);
	row.values[CHANGE_PART] = CStringGetTextDatum(part);
	stp_put_number(&row, CHANGE_CHANGE, change);
	stp_put_number(&row, CHANGE_SCORE, score);
	row.nulls[CHANGE_RANK] = row.nulls[CHANGE_CATEGORY] = true;
	if (standing != NULL)
	{
		stp_put_rank(&row, CHANGE_RANK, standing->rank);
		stp_put_category(&row, CHANGE_CATEGORY, standing->scheme, &standing->scheme->node[0],
						 standing->category);
	}
	row.values[CHANGE_SPECIAL_CAUSES] = causes;
	row.nulls[CHANGE_SPECIAL_CAUSES] = causes == 0;
	row.values[CHANGE_PREDECESSORS] = predecessors;
	row.nulls[CHANGE_PREDECESSORS] = predecessors == 0;
	tuplestore_putvalues(result->setResult, result->setDesc, row.values, row.nulls);
}

/* Before, the five parts with the score that they add up to so far, and after. */
static void
write_parts(const Standing *standing, Datum causes, Datum predecessors, ReturnSetInfo *result)
{
	const Standing *before = &standing[0], *after = &standing[SETS - 1];
	double score = before->score;

	write_row(result, 1, "before", NAN, before->score, before, 0, 0);
	for (int factor = 0; factor < FACTORS; factor++)
	{
		double change = effect(standing, factor);
		bool moved = (1 << factor) == MEMBERSHIP && predecessors != 0;

		score += change;
		write_row(result, factor + 2, moved ? "boundaries" : part_names[factor], change, score,
				  NULL, (1 << factor) == OWN_DATA ? causes : 0, moved ? predecessors : 0);
	}
	write_row(result, FACTORS + 2, "after", NAN, after->score, after, 0, 0);
}

/* stp.explain_change(scheme, period_1, period_2, unit, scheme_2) */
Datum
stp_explain_change(PG_FUNCTION_ARGS)
{
	Standing standing[SETS];
	const Cohort *data;
	StandIns stand_ins;

	InitMaterializedSRF(fcinfo, 0);
	for (int argument = 0; argument <= ARG_UNIT; argument++)
		if (PG_ARGISNULL(argument))
			return (Datum) 0;
	SPI_connect();
	stand_ins = find_stand_ins(fcinfo);
	data = rate_sets(fcinfo, &stand_ins, standing);
	if (isnan(standing[0].score) && isnan(standing[SETS - 1].score))
		stp_refuse(errmsg("\"%s\" has no score in either period",
						  stp_excerpt(text_to_cstring(PG_GETARG_TEXT_PP(ARG_UNIT)))),
				   errhint("SELECT unit FROM stp.cohort(scheme, period) lists what is rated."));
	write_parts(standing, find_special_causes(data, PG_GETARG_DATUM(ARG_UNIT)),
				stand_ins.predecessors, (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}
