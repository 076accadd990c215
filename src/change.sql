
-- Module change: why a rating is not what it was.

CREATE FUNCTION stp.explain_change(scheme text, period_1 stp.period, period_2 stp.period, unit text, scheme_2 text DEFAULT NULL)
RETURNS TABLE (place int, part text, change float8, score float8, rank int, category text, special_causes text[])
LANGUAGE c STABLE PARALLEL SAFE COST 1000000 ROWS 7 -- not STRICT: most changes are within one scheme
AS 'MODULE_PATHNAME', 'stp_explain_change';
COMMENT ON FUNCTION stp.explain_change(text, stp.period, stp.period, text, text) IS
    'Why the overall score of a unit in period_2 is not that of period_1. Rows in the order of place: before; own data: the '
    'values of the unit; peers'' data: those of the others, which are what it is compared with; reporting: which '
    'organisations have reported, each with its figure of the other period where it has none; membership: which organisations '
    'belong to which system, and which units there are; weights and method: from scheme to scheme_2 (NULL: the same), and '
    'from the targets of one period to those of the other; after. special_causes: on the row of the own data, ''indicator: '
    'signal'' of each value of the unit in period_2 that its chart shows as a special cause, as movement of stp.explain(); '
    'none: it is within what is usual. change: points of the score; the five add up to the whole change. score: what they '
    'add up to so far. Each is the effect of the one thing, averaged over all orders in which the five can change '
    '(Shapley''s value), so that none is preferred. NULL where a score on the way does not exist, for example because the '
    'unit is not rated in one of the periods. Errors: those of stp.assess(); 22023 the unit has no score in either period. '
    'Source: Shapley 1953; Shorrocks, Journal of Economic Inequality 11, 2013.';
