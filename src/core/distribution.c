/*
 * distribution.c: tails and quantiles, without any backend header.
 *
 * Gamma and beta are one family here: t is the logarithm of a gamma variate over its mean a, or of
 * the odds of a beta variate over a / b. As b grows without limit, the second becomes the first, so
 * b is INFINITY for gamma. Both have a log-concave density in t,
 *
 *     exp(-w(t)^2 / 2) * exp(d(a + b) - d(a) - d(b)) / sqrt(2 pi (1/a + 1/b)),
 *
 * where d is the error of Stirling's formula: nothing in it cancels, however large the shapes.
 */
#include "distribution.h"

#include <float.h>
#include <math.h>

#define LOG_SQRT_2PI 0.918938533204672741780329736406
#define SQRT_HALF 0.707106781186547524400844362105
/* From here on, Stirling's series is exact to the last digit. */
#define STIRLING_FROM 16
/* Both shapes at least this: the asymptotic quantile is a good start... */
#define ASYMPTOTIC_START 10
/* ... and above this, where fractions converge slowly, it is exact to 2e-14. */
#define ASYMPTOTIC_ABOVE 1e6
/* Beyond what rounding may leave in a factor of a continued fraction. */
#define CONVERGED 1e-15

typedef struct Variate
{
	double a, b;
	double odds;	  /* a / b */
	double spread;	  /* about the standard deviation of t */
	double log_scale; /* logarithm of the density at t = 0 */
} Variate;

/* What the density at t is made of. */
typedef struct Place
{
	double odds; /* at t */
	double u, v; /* relative distance of x from its mean, and of 1 - x */
	double w;	 /* signed root: the density is proportional to exp(-w^2 / 2) */
} Place;

/* A polynomial of degree 7, highest coefficient first. */
static double
polynomial(const double *coefficients, double x)
{
	double sum = 0;

	for (int i = 0; i < 8; i++)
		sum = sum * x + coefficients[i];
	return sum;
}

/*
 * The normal quantile for an upper tail of at most 1/2; centre = 1/2 - tail, so that neither is
 * lost beside the other. M. J. Wichura, Algorithm AS 241, Applied Statistics 37 (1988).
 */
static double
normal_quantile(double tail, double centre)
{
	static const double p[3][8] = {
		{2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
		 4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
		 1.3314166789178437745e+2, 3.3871328727963666080e+0},
		{7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
		 1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
		 4.63033784615654529590e+0, 1.42343711074968357734e+0},
		{2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
		 2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
		 5.46378491116411436990e+0, 6.65790464350110377720e+0}};
	static const double q[3][8] = {
		{5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
		 2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
		 4.2313330701600911252e+1, 1.0},
		{1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
		 1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
		 2.05319162663775882187e+0, 1.0},
		{2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
		 7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
		 5.99832206555887937690e-1, 1.0}};
	double r;

	if (centre <= 0.425)
	{
		r = 0.180625 - centre * centre;
		return centre * polynomial(p[0], r) / polynomial(q[0], r);
	}
	r = sqrt(-log(tail));
	if (r <= 5)
		return polynomial(p[1], r - 1.6) / polynomial(q[1], r - 1.6);
	return polynomial(p[2], r - 5) / polynomial(q[2], r - 5);
}

double
stp_core_normal_two_sided(double confidence)
{
	return normal_quantile((1 - confidence) / 2, confidence / 2);
}

/*
 * What Stirling's formula lacks, ln a! - ((a + 1/2) ln a - a + ln sqrt(2 pi)). The series of de
 * Moivre and Stirling (Abramowitz and Stegun 1964, 6.1.40); small arguments are first raised to it.
 */
static double
stirling_error(double a)
{
	double raised = 0, inverse;

	for (; a < STIRLING_FROM; a++)
		raised += (a + 0.5) * (log1p(a) - log(a)) - 1;
	inverse = 1 / (a * a);
	return raised + (1.0 / 12 -
					 inverse * (1.0 / 360 -
								inverse * (1.0 / 1260 - inverse * (1.0 / 1680 - inverse / 1188)))) /
						a;
}

static Variate
describe_variate(double a, double b)
{
	Variate variate = {a, b, a / b, sqrt(1 / a + 1 / b), 0};

	variate.log_scale = stirling_error(a + b) - stirling_error(a) - stirling_error(b) -
						LOG_SQRT_2PI - log(variate.spread);
	return variate;
}

/* u - ln(1 + u), where ln(1 + u) is known but cancels near 0: there by the series of atanh. */
static double
log_deficit(double u, double log_ratio)
{
	double r = u / (2 + u), square = r * r, power = 1, sum = 0;

	if (fabs(u) > 0.5)
		return u - log_ratio;
	for (int k = 3; power > DBL_EPSILON / 4; k += 2, power *= square)
		sum += power / k;
	return r * (u - 2 * square * sum);
}

static Place
locate(const Variate *variate, double t)
{
	Place place;
	double step = expm1(t), log_rest, half_square;

	place.odds = variate->odds * exp(t);
	place.u = step / (1 + place.odds);
	place.v = -variate->odds * place.u;
	log_rest = log((1 + variate->odds) / (1 + place.odds));
	half_square = variate->a * log_deficit(place.u, t + log_rest);
	if (!isinf(variate->b))
		half_square += variate->b * log_deficit(place.v, log_rest);
	place.w = copysign(sqrt(2 * half_square), t);
	return place;
}

/*
 * The normal deviate with the same lower tail, but for terms of the order shape^(-3/2), which move
 * the quantile by a relative shape^-2 / 50. N. M. Temme, Asymptotic inversion of incomplete gamma
 * functions, Mathematics of Computation 58 (1992), and of the incomplete beta function, Journal of
 * Computational and Applied Mathematics 41 (1992): w = z + ln f(w) / w, here read from w to z.
 */
static double
asymptotic_deviate(const Variate *variate, const Place *place)
{
	/* Near 0 the quotient is rounding noise, and its limit is known. */
	if (fabs(place->w) < 1e-4)
		return place->w + (1 - variate->odds) / (1 + variate->odds) * variate->spread / 3;
	return place->w - log(place->w / (variate->a * place->u * variate->spread)) / place->w;
}

/* The t of that deviate, by Newton's method. */
static double
asymptotic_quantile(const Variate *variate, double deviate)
{
	double t = deviate * variate->spread;

	for (int i = 0; i < 50; i++)
	{
		Place place = locate(variate, t);
		double slope = fabs(place.w) < 1e-4 ? 1 / variate->spread : variate->a * place.u / place.w;
		double step = (deviate - asymptotic_deviate(variate, &place)) / slope;

		t += step;
		if (fabs(step) <= 1e-14 * variate->spread)
			break;
	}
	return t;
}

/* Sum of x^k / ((a + 1) ... (a + k)): the lower tail of gamma over density / a. */
static double
gamma_series(double a, double x)
{
	double term = 1, sum = 1;

	for (double k = 1; term > sum * (DBL_EPSILON / 4); k++)
	{
		term *= x / (a + k);
		sum += term;
	}
	return sum;
}

/*
 * The upper tail of gamma over density: Legendre's continued fraction (Abramowitz and Stegun 1964,
 * 6.5.31, contracted), evaluated from the front (W. J. Lentz, Applied Optics 15, 1976).
 */
static double
gamma_fraction(double a, double x)
{
	double part = x + 1 - a, c = part, d = 0, fraction = part, factor = 0;

	for (double k = 1; fabs(factor - 1) > CONVERGED; k++)
	{
		part += 2;
		d = 1 / (part - k * (k - a) * d);
		c = part - k * (k - a) / c;
		factor = c * d;
		fraction *= factor;
	}
	return 1 / fraction;
}

/*
 * The lower tail of beta over density: the continued fraction of A. R. Didonato and A. H. Morris,
 * Significant digit computation of the incomplete beta function ratios, ACM TOMS 18 (1992). Its
 * x is needed as y = 1 - x and as excess = a - (a + b) x too, which would cancel.
 */
static double
beta_fraction(double a, double b, double x, double y, double excess)
{
	double part = a / (a + 1) * (excess + 1), c = part, d = 0, fraction = part, factor = 0;

	for (double m = 1; fabs(factor - 1) > CONVERGED; m++)
	{
		double n = a + 2 * m, weight = m * (b - m) * x / (n - 1);
		double numerator = (a + m - 1) / (n - 1) * (a + b + m - 1) * x * weight;

		part = m + weight + (a + m) / (n + 1) * (excess + 1 + m * (1 + y));
		d = 1 / (part + numerator * d);
		c = part + numerator / c;
		factor = c * d;
		fraction *= factor;
	}
	return 1 / fraction;
}

/* The tail at t, from whichever side converges there. */
static double
tail_from_density(const Variate *variate, const Place *place, double t, double density, bool upper)
{
	double a = variate->a, b = variate->b, odds = place->odds, ratio;
	bool in_lower;

	if (isinf(b))
	{
		double x = a * exp(t);

		in_lower = x < a + 1;
		ratio = in_lower ? gamma_series(a, x) / a : gamma_fraction(a, x);
	}
	else
	{
		double x = odds / (1 + odds), y = 1 / (1 + odds);

		in_lower = odds < (a + 1) / (b + 1);
		ratio = in_lower ? beta_fraction(a, b, x, y, -a * place->u)
						 : beta_fraction(b, a, y, x, -b * place->v);
	}
	return in_lower == upper ? 1 - density * ratio : density * ratio;
}

/* The tail at t, and the density there. */
static double
find_tail(const Variate *variate, double t, bool upper, double *density)
{
	Place place = locate(variate, t);

	*density = exp(variate->log_scale - place.w * place.w / 2);
	if (fmin(variate->a, variate->b) > ASYMPTOTIC_ABOVE)
	{
		double deviate = asymptotic_deviate(variate, &place);

		return erfc((upper ? deviate : -deviate) * SQRT_HALF) / 2;
	}
	return tail_from_density(variate, &place, t, *density, upper);
}

/* The t whose lower tail it would be if the density grew like a power of x: true near x = 0. */
static double
power_quantile(const Variate *variate, double tail)
{
	double a = variate->a, b = variate->b;
	double log_growth = isinf(b) ? a : (a + b) * log1p(variate->odds);

	return (log(tail * a) - variate->log_scale - log_growth) / a;
}

/*
 * From start to the quantile, by Newton's method on the logarithm of the tail: it is concave in t,
 * so that the method converges from everywhere. Steps are limited lest the tail vanish.
 */
static double
refine_quantile(const Variate *variate, double start, double tail, bool upper)
{
	double t = start;

	for (int i = 0; i < 100; i++)
	{
		double density, here = find_tail(variate, t, upper, &density);
		double step = log(tail / here) * here / (upper ? -density : density);

		t += fmin(fmax(step, -1), 1);
		if (fabs(step) < 1e-9)
			break;
	}
	return t;
}

/* The t that has this tail on this side. */
static double
find_quantile(const Variate *variate, double tail, bool upper)
{
	double smaller = fmin(variate->a, variate->b), start = 0;

	if (smaller >= ASYMPTOTIC_START)
	{
		double deviate = normal_quantile(tail, 0.5 - tail);

		start = asymptotic_quantile(variate, upper ? deviate : -deviate);
		if (smaller > ASYMPTOTIC_ABOVE)
			return start;
	}
	else if (!upper && variate->a < ASYMPTOTIC_START)
	{
		start = fmin(power_quantile(variate, tail), 0);
		/* So near 0 that nothing but the power is left; it may be beyond a double. */
		if (variate->a * exp(start) * (1 + variate->odds) < DBL_EPSILON / 16)
			return start;
	}
	return refine_quantile(variate, start, tail, upper);
}

double
stp_core_gamma_tail(double shape, double x, bool upper)
{
	Variate variate = describe_variate(shape, INFINITY);
	double density;

	return find_tail(&variate, log(x / shape), upper, &density);
}

double
stp_core_gamma_quantile(double shape, double tail, bool upper)
{
	Variate variate = describe_variate(shape, INFINITY);

	return shape * exp(find_quantile(&variate, tail, upper));
}

double
stp_core_beta_tail(double a, double b, double odds, bool upper)
{
	Variate variate = describe_variate(a, b);
	double density;

	return find_tail(&variate, log(odds / variate.odds), upper, &density);
}

double
stp_core_beta_odds(double a, double b, double tail, bool upper)
{
	Variate variate;

	/* The odds of 1 - x are the inverse. */
	if (upper)
		return 1 / stp_core_beta_odds(b, a, tail, false);
	variate = describe_variate(a, b);
	return variate.odds * exp(find_quantile(&variate, tail, false));
}

/* t^2 over the degrees of freedom is a ratio of gamma variates, which is what odds are. */
double
stp_core_student_two_sided(double freedom, double confidence)
{
	double odds = confidence <= 0.5 ? stp_core_beta_odds(0.5, freedom / 2, confidence, false)
									: stp_core_beta_odds(0.5, freedom / 2, 1 - confidence, true);

	return sqrt(freedom * odds);
}

/* The same odds; where they are not a number above zero, t is as good as zero or infinite. */
double
stp_core_student_tail(double freedom, double t)
{
	double odds = t * t / freedom;
	double beyond;

	if (odds == 0)
		return 0.5;
	beyond = isfinite(odds) ? stp_core_beta_tail(0.5, freedom / 2, odds, true) / 2 : 0;
	return t > 0 ? beyond : 1 - beyond;
}
