/*
 * finance.c: money against a control total, money shared out to the penny, and a year's outturn
 * forecast from its months.
 *
 * Money is numeric: nothing here rounds it. The forecast is a statistic, and so float8.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/numeric.h"

#include "check.h"
#include "estimate.h"
#include "core/finance.h"

/* More digits than a column of type numeric can be declared with; work grows with their square. */
#define MAX_DIGITS 1000

#define HINT_MONEY "Pass pounds as a plain number, or NULL if it is not known."
#define HINT_SHARE "Pass a finite number above zero for each part, such as 0.25 for a quarter."
#define HINT_TO_DATE                                                                               \
	"Pass the position at the end of each month since April; NULL for a month that is missing."
#define HINT_PLAN                                                                                  \
	"Pass the planned position at the end of each month, April to March; NULL for what is "        \
	"unknown."
#define HINT_INDEPENDENT "Pass false where it is not known; then it is not relied on."
#define HINT_PROFILE "Pass twelve numbers, April to March, or NULL for no profile."

/* The result of an SQL function of two numbers. */
static Numeric
apply(PGFunction function, Numeric left, Numeric right)
{
	return DatumGetNumeric(
		DirectFunctionCall2(function, NumericGetDatum(left), NumericGetDatum(right)));
}

/* Below, equal to or above 0 as the left number is less than, equal to or more than the right. */
static int
compare(Numeric left, Numeric right)
{
	return DatumGetInt32(
		DirectFunctionCall2(numeric_cmp, NumericGetDatum(left), NumericGetDatum(right)));
}

/* -1, 0 or 1. */
static int
sign_of(Numeric number)
{
	return compare(number, int64_to_numeric(0));
}

/* A number as it is printed. */
static char *
spell(Numeric number)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
}

/* Whether a number has few digits, seen at little cost: it is one of 64 bits, but for decimals. */
static bool
is_short(Numeric number)
{
	return VARSIZE_ANY(number) <= MAX_DIGITS / 10 &&
		   compare(number, int64_to_numeric(PG_INT64_MIN)) >= 0 &&
		   compare(number, int64_to_numeric(PG_INT64_MAX)) <= 0;
}

/* Refuse a number of which a single multiplication takes seconds, which nothing interrupts. */
static Numeric
check_digits(Numeric number, const char *name)
{
	int scale = DatumGetInt32(DirectFunctionCall1(numeric_scale, NumericGetDatum(number)));
	size_t digits = scale <= MAX_DIGITS && is_short(number) ? 0 : strlen(spell(number));

	if (unlikely(digits > MAX_DIGITS))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("%s has %zu digits, more than %d", name, digits, MAX_DIGITS),
						errhint("Round it, or pass a number of fewer digits.")));
	return number;
}

/* Refuse NaN and infinity, and what is too long to compute with. */
static Numeric
check_money(Numeric money, const char *name)
{
	if (unlikely(numeric_is_nan(money) || numeric_is_inf(money)))
		stp_refuse(errmsg("%s must be a finite number, not \"%s\"", name, spell(money)),
				   errhint(HINT_MONEY));
	return check_digits(money, name);
}

/* The argument as money, or NULL. */
static Numeric
get_money(FunctionCallInfo fcinfo, int n, const char *name)
{
	return PG_ARGISNULL(n) ? NULL : check_money(PG_GETARG_NUMERIC(n), name);
}

/* The row type that the function called returns, found once. */
static TupleDesc
get_row_type(FunctionCallInfo fcinfo)
{
	FmgrInfo *function = fcinfo->flinfo;
	MemoryContext old_context;
	TupleDesc row;

	if (likely(function->fn_extra))
		return function->fn_extra;
	old_context = MemoryContextSwitchTo(function->fn_mcxt);
	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "function %u does not return a row", function->fn_oid);
	function->fn_extra = BlessTupleDesc(row);
	MemoryContextSwitchTo(old_context);
	return function->fn_extra;
}

/* The columns as the row that the function called returns. */
static Datum
return_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(get_row_type(fcinfo), values, nulls)));
}

/* The columns of stp.variance. */
enum
{
	ACTUAL,
	CONTROL_TOTAL,
	VARIANCE,
	VARIANCE_PCT,
	MET,
	VARIANCE_STATUS,
	VARIANCE_COLUMNS
};

/* A number into its column; NULL is none. */
static void
put_numeric(Datum *values, bool *nulls, int column, Numeric number)
{
	nulls[column] = number == NULL;
	values[column] = NumericGetDatum(number);
}

/* Multiplied first, so that nothing is rounded before the division. */
static Numeric
percent(Numeric part, Numeric whole)
{
	return apply(numeric_div, apply(numeric_mul, part, int64_to_numeric(100)), whole);
}

/* The argument as what a percentage is of: money of at least 0, or NULL. */
static Numeric
get_turnover(FunctionCallInfo fcinfo, int n)
{
	Numeric turnover = get_money(fcinfo, n, "turnover");

	if (unlikely(turnover && sign_of(turnover) < 0))
		stp_refuse(errmsg("turnover must not be negative, but is \"%s\"", spell(turnover)),
				   errhint(HINT_MONEY));
	return turnover;
}

/* What is to be said of a variance, NULL for none. */
static const char *
describe_variance(Numeric variance, Numeric turnover)
{
	if (!variance)
		return "no data";
	return turnover && sign_of(turnover) == 0 ? "zero denominator" : "ok";
}

PG_FUNCTION_INFO_V1(stp_control_total_variance);
Datum
stp_control_total_variance(PG_FUNCTION_ARGS)
{
	Numeric actual = get_money(fcinfo, 0, "actual");
	Numeric control_total = get_money(fcinfo, 1, "control total");
	Numeric turnover = get_turnover(fcinfo, 2), variance = NULL, variance_pct = NULL;
	Datum values[VARIANCE_COLUMNS] = {0};
	bool nulls[VARIANCE_COLUMNS] = {false};

	if (actual && control_total)
		variance = apply(numeric_sub, actual, control_total);
	if (variance && turnover && sign_of(turnover) != 0)
		variance_pct = percent(variance, turnover);
	put_numeric(values, nulls, ACTUAL, actual);
	put_numeric(values, nulls, CONTROL_TOTAL, control_total);
	put_numeric(values, nulls, VARIANCE, variance);
	put_numeric(values, nulls, VARIANCE_PCT, variance_pct);
	values[MET] = BoolGetDatum(variance && sign_of(variance) >= 0);
	nulls[MET] = variance == NULL;
	values[VARIANCE_STATUS] = CStringGetTextDatum(describe_variance(variance, turnover));
	return return_row(fcinfo, values, nulls);
}

/* One part of a sum of money: whole pennies, and what of a penny is left over. */
typedef struct Part
{
	int number;
	Numeric pennies, remainder;
} Part;

/* The larger remainder first; of equal ones the earlier part. */
static int
compare_remainders(const void *left, const void *right)
{
	const Part *a = left, *b = right;
	int order = compare(b->remainder, a->remainder);

	/* The server's qsort works in place, so that an error may leave it. */
	CHECK_FOR_INTERRUPTS();
	return order != 0 ? order : a->number - b->number;
}

/* The order that the parts were given in. */
static int
compare_numbers(const void *left, const void *right)
{
	CHECK_FOR_INTERRUPTS();
	return ((const Part *) left)->number - ((const Part *) right)->number;
}

/* The shares; anything but finite numbers above zero is refused. */
static Numeric *
get_shares(ArrayType *array, int *n)
{
	Datum *values;
	bool *nulls;

	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &values, &nulls, n);
	if (*n == 0)
		stp_refuse(errmsg("there are no shares"), errhint(HINT_SHARE));
	for (int i = 0; i < *n; i++)
	{
		Numeric share = nulls[i] ? NULL : DatumGetNumeric(values[i]);

		CHECK_FOR_INTERRUPTS();
		if (!share || numeric_is_nan(share) || numeric_is_inf(share) || sign_of(share) <= 0)
			stp_refuse(errmsg("share %d must be a finite number above zero, not \"%s\"", i + 1,
							  share ? spell(share) : "NULL"),
					   errhint(HINT_SHARE));
		check_digits(share, "a share");
	}
	return (Numeric *) values;
}

/* Money without its sign in pennies, of which there must be a whole number. */
static Numeric
get_pennies(Numeric amount)
{
	Numeric pennies = apply(numeric_mul, check_money(amount, "amount"), int64_to_numeric(100));

	if (sign_of(apply(numeric_mod, pennies, int64_to_numeric(1))) != 0)
		stp_refuse(errmsg("amount \"%s\" is not a whole number of pennies", spell(amount)),
				   errhint("Round it to two decimals."));
	return DatumGetNumeric(DirectFunctionCall1(numeric_abs, NumericGetDatum(pennies)));
}

/* The sum of shares. */
static Numeric
sum_shares(const Numeric *shares, int n)
{
	Numeric sum = shares[0];

	for (int i = 1; i < n; i++)
	{
		Numeric before = sum;

		CHECK_FOR_INTERRUPTS();
		sum = apply(numeric_add, before, shares[i]);
		if (i > 1)
			pfree(before);
	}
	return sum;
}

/* Split pennies by shares, rounding down; what was rounded off is returned in pennies. */
static int
split_pennies(Numeric pennies, const Numeric *shares, Part *parts, int n)
{
	Numeric whole = sum_shares(shares, n), left = pennies;

	for (int i = 0; i < n; i++)
	{
		Numeric product = apply(numeric_mul, pennies, shares[i]), before = left;

		CHECK_FOR_INTERRUPTS();
		parts[i].number = i;
		parts[i].pennies = apply(numeric_div_trunc, product, whole);
		parts[i].remainder = apply(numeric_mod, product, whole);
		left = apply(numeric_sub, before, parts[i].pennies);
		pfree(product);
		if (before != pennies)
			pfree(before);
	}
	return DatumGetInt32(DirectFunctionCall1(numeric_int4, NumericGetDatum(left)));
}

/* Hand out the pennies that rounding down has left: fewer than there are parts. */
static void
hand_out(Part *parts, int n, int left)
{
	Assert(left >= 0 && left < n);
	qsort(parts, n, sizeof(Part), compare_remainders);
	for (int i = 0; i < left; i++)
	{
		CHECK_FOR_INTERRUPTS();
		parts[i].pennies = apply(numeric_add, parts[i].pennies, int64_to_numeric(1));
	}
	qsort(parts, n, sizeof(Part), compare_numbers);
}

/* In pounds, with the sign that the amount has. */
static ArrayType *
parts_as_array(const Part *parts, int n, bool negative)
{
	Numeric penny = int64_div_fast_to_numeric(negative ? -1 : 1, 2);
	Datum *pounds = palloc(n * sizeof(Datum));

	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pounds[i] = NumericGetDatum(apply(numeric_mul, parts[i].pennies, penny));
	}
	return construct_array(pounds, n, NUMERICOID, -1, false, TYPALIGN_INT);
}

PG_FUNCTION_INFO_V1(stp_apportion);
Datum
stp_apportion(PG_FUNCTION_ARGS)
{
	Numeric amount = PG_GETARG_NUMERIC(0), pennies = get_pennies(amount);
	int n;
	Numeric *shares = get_shares(PG_GETARG_ARRAYTYPE_P(1), &n);
	Part *parts = palloc(n * sizeof(Part));

	hand_out(parts, n, split_pennies(pennies, shares, parts, n));
	PG_RETURN_ARRAYTYPE_P(parts_as_array(parts, n, sign_of(amount) < 0));
}

/* The columns of stp.outturn. */
enum
{
	FORECAST,
	LOWER,
	UPPER,
	PROBABILITY,
	AUTOCORRELATION,
	TREND,
	METHOD,
	OUTTURN_STATUS,
	OUTTURN_COLUMNS
};

/* The entries of a month-by-month array, the rest 0; NAN for NULL. Their number is returned. */
static int
get_months(ArrayType *array, double *months, const char *name, const char *hint)
{
	Datum *values;
	bool *nulls;
	int n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (n > STP_MONTHS)
		stp_refuse(errmsg("%s has %d months, a year has %d", name, n, STP_MONTHS),
				   errhint("%s", hint));
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &values,
					  &nulls, &n);
	for (int i = 0; i < n; i++)
		months[i] = nulls[i] ? NAN : stp_check_finite(DatumGetFloat8(values[i]), name, hint);
	return n;
}

/* Whether a month has no entry. */
static bool
has_missing(const double *months, int n)
{
	for (int i = 0; i < n; i++)
		if (isnan(months[i]))
			return true;
	return false;
}

/* The profile in the array given, or NULL. */
static double *
get_profile(FunctionCallInfo fcinfo, int n, double *profile)
{
	int months;

	if (PG_ARGISNULL(n))
		return NULL;
	months = get_months(PG_GETARG_ARRAYTYPE_P(n), profile, "profile", HINT_PROFILE);
	if (months != STP_MONTHS || has_missing(profile, months))
		stp_refuse(errmsg("profile \"%s\" is not twelve numbers",
						  OidOutputFunctionCall(F_ARRAY_OUT, PG_GETARG_DATUM(n))),
				   errhint(HINT_PROFILE));
	return profile;
}

/* The planned positions in the array given, NAN where they are not known; or NULL. */
static double *
get_plan(FunctionCallInfo fcinfo, int n, double *plan)
{
	int months;

	if (PG_ARGISNULL(n))
		return NULL;
	months = get_months(PG_GETARG_ARRAYTYPE_P(n), plan, "plan", HINT_PLAN);
	for (int i = months; i < STP_MONTHS; i++)
		plan[i] = NAN;
	return plan;
}

/* Whether the months are known to be independent. */
static bool
get_independent(FunctionCallInfo fcinfo, int n)
{
	if (unlikely(PG_ARGISNULL(n)))
		stp_refuse(errmsg("independent must not be null"), errhint(HINT_INDEPENDENT));
	return PG_GETARG_BOOL(n);
}

static const char *const outturn_words[] = {"ok", "too few",	"constant",
											"ok", "no profile", "step in plan"};

/* How an outturn was found. */
static const char *
describe_method(const StpYear *year, StpOutturnStatus status)
{
	if (status == STP_OUTTURN_REPORTED)
		return "reported";
	return psprintf("Student t%s%s", year->independent ? "" : ", averaged",
					year->profile ? ", profile" : "");
}

/* NAN is NULL; the method is NULL where nothing was computed. */
static Datum
return_outturn(FunctionCallInfo fcinfo, const StpOutturn *outturn, const char *method,
			   const char *status)
{
	double numbers[] = {outturn->forecast,	  outturn->lower,			outturn->upper,
						outturn->probability, outturn->autocorrelation, outturn->trend};
	Datum values[OUTTURN_COLUMNS] = {0};
	bool nulls[OUTTURN_COLUMNS] = {false};

	for (int i = FORECAST; i <= TREND; i++)
	{
		stp_check_range(numbers[i], i == FORECAST && outturn->status != STP_OUTTURN_TOO_FEW);
		values[i] = Float8GetDatum(numbers[i]);
		nulls[i] = isnan(numbers[i]);
	}
	nulls[METHOD] = nulls[FORECAST];
	if (!nulls[METHOD])
		values[METHOD] = CStringGetTextDatum(method);
	values[OUTTURN_STATUS] = CStringGetTextDatum(status);
	return return_row(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(stp_outturn);
Datum
stp_outturn(PG_FUNCTION_ARGS)
{
	double to_date[STP_MONTHS] = {0}, profile[STP_MONTHS], plan[STP_MONTHS];
	StpYear year = {.to_date = to_date, .target = NAN};
	double confidence;
	StpOutturn outturn = {NAN, NAN, NAN, NAN, NAN, NAN, STP_OUTTURN_TOO_FEW};

	if (!PG_ARGISNULL(0))
		year.months =
			get_months(PG_GETARG_ARRAYTYPE_P(0), to_date, "position to date", HINT_TO_DATE);
	if (!PG_ARGISNULL(1))
		year.target = stp_check_finite(PG_GETARG_FLOAT8(1), "control total", HINT_MONEY);
	year.profile = get_profile(fcinfo, 2, profile);
	confidence = stp_get_confidence(fcinfo, 3);
	year.plan = get_plan(fcinfo, 4, plan);
	year.independent = get_independent(fcinfo, 5);
	if (has_missing(to_date, year.months))
		return return_outturn(fcinfo, &outturn, NULL, "missing months");
	outturn = stp_core_outturn(&year, confidence);
	return return_outturn(fcinfo, &outturn, describe_method(&year, outturn.status),
						  outturn_words[outturn.status]);
}
