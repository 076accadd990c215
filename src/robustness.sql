
-- Module robustness: how much a rating hangs on its weights, on the chance in its values, and on each of its indicators; which
-- ranks that chance allows.

CREATE FUNCTION stp.robustness(scheme text, period stp.period, draws int DEFAULT 1000, spread float8 DEFAULT 0.25,
                               seed bigint DEFAULT 1, intervals boolean DEFAULT true)
RETURNS TABLE (unit text, peer_group text, rank int, rank_low int, rank_median int, rank_high int,
               category text, is_present boolean, probability float8)
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10000000 ROWS 200
AS 'MODULE_PATHNAME', 'stp_robustness';
COMMENT ON FUNCTION stp.robustness(text, stp.period, int, float8, bigint, boolean) IS
    'The rating of stp.assess() drawn at random many times: one row for each unit and category of the scheme, one for each unit '
    'where it has none, and one without category if that comes up. draws: from 1 to 1,000,000. spread: each weight is drawn '
    'uniformly between 1 - spread and 1 + spread of itself, from 0 (fixed) to 1. intervals: whether each value that has 95% '
    'limits (see stp.explain) is drawn too, from the halves of two normal distributions whose 97.5% points are the limits; a '
    'share stays between 0 and the whole, a count above 0. seed: the same seed gives the same draws, on any machine. rank: as '
    'rated; rank_low, rank_median, rank_high: the ranks that 5%, 50% and 95% of the draws do not exceed. is_present: whether '
    'this is the category as rated. probability: share of the draws with this category. Memory of each peer group, beside that '
    'of the rating: 4 bytes x units x the smaller of draws and units + 1, and 24 bytes x units x nodes. Errors: those of '
    'stp.assess(); 22023 draws or spread out of range; 53400 more memory than work_mem times hash_mem_multiplier. Source: '
    'uncertainty analysis of the OECD and JRC, Handbook on Constructing Composite Indicators, 2008, step 7.';

CREATE FUNCTION stp.rank_set(estimates float8[], standard_errors float8[], confidence float8 DEFAULT 0.95, best int DEFAULT 1,
                             draws int DEFAULT 10000, seed bigint DEFAULT 1, higher_is_better boolean DEFAULT true)
RETURNS TABLE (place int, estimate float8, rank int, rank_low int, rank_high int, all_low int, all_high int, may_be_best boolean)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10000000 ROWS 40
AS 'MODULE_PATHNAME', 'stp_rank_set';
COMMENT ON FUNCTION stp.rank_set(float8[], float8[], float8, int, int, bigint, boolean) IS
    'Confidence sets of the ranks of estimates with standard errors, which are taken as independent and normal: a row for '
    'each place of the lists. rank: 1 is the best, ties share the best rank. rank_low to rank_high: has the true rank of this '
    'one with at least the confidence. all_low to all_high: have those of all at once. may_be_best: whether it may be among '
    'so many of the best (best). An estimate or a standard error that is NULL has no set and is '
    'no competitor. A standard error of 0 is certain. '
    'confidence: strictly between 0 and 1. draws: from 100 to 1,000,000; seed: the same seed gives the same draws, on any '
    'machine. Memory: 8 bytes x estimates x (draws + estimates), and 24 bytes x draws; time: draws x estimates squared. '
    'Errors: 22023 NaN or infinity; a negative standard error; lists of different lengths or of several dimensions; '
    'confidence, best or draws out of range; 53400 more memory than work_mem times hash_mem_multiplier. Source: Mogstad, '
    'Romano, Shaikh and Wilhelm, Inference for Ranks with Applications to Mobility across Neighbourhoods and Academic '
    'Achievement across Countries, Review of Economic Studies 91(1), 2024: two-sided sets from studentised differences, '
    'stepdown (algorithm 3.2), parametric bootstrap.';

CREATE FUNCTION stp.rank_confidence(scheme text, period stp.period, confidence float8 DEFAULT 0.95, best int DEFAULT 1,
                                    draws int DEFAULT 2000, seed bigint DEFAULT 1)
RETURNS TABLE (unit text, peer_group text, rank int, rank_low int, rank_high int, all_low int, all_high int, may_be_best boolean)
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10000000 ROWS 50
AS 'MODULE_PATHNAME', 'stp_rank_confidence';
COMMENT ON FUNCTION stp.rank_confidence(text, stp.period, float8, int, int, bigint) IS
    'Confidence sets of the ranks of the overall scores of stp.assess(), within each peer group: a row for each unit, columns '
    'and arguments as of stp.rank_set(). The errors of scores, which hang on one another, are drawn as stp.robustness() draws '
    'values, with the weights of the scheme; each difference of two scores is divided by its own standard deviation over the '
    'draws. rank: by score, before overrides. A unit without a score has no set; a draw without one is passed over. Memory of '
    'each peer group, beside that of the rating: 8 bytes x units x (draws + units), and 24 bytes x (draws + units x nodes). '
    'Errors: those of stp.assess(); 22023 confidence, best or draws out of range; 53400 more memory than work_mem times '
    'hash_mem_multiplier. Source: that of stp.rank_set().';

CREATE FUNCTION stp.leave_one_out(scheme text, period stp.period)
RETURNS TABLE (node text, name text, indicator text, unit text, peer_group text, score float8, score_without float8,
               rank int, rank_without int, rank_change int, category text, category_without text)
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 800
AS 'MODULE_PATHNAME', 'stp_leave_one_out';
COMMENT ON FUNCTION stp.leave_one_out(text, stp.period) IS
    'The rating of stp.assess() without each of the indicators in turn: one row for each leaf that has a weight, and unit. The '
    'weight of the leaf goes to its siblings; a node whose only leaf it is goes with it. rank_change: rank_without - rank, above '
    '0 where the unit would lose places. Errors: those of stp.assess().';

CREATE FUNCTION stp.compare_schemes(scheme_1 text, scheme_2 text, period stp.period)
RETURNS TABLE (unit text, peer_group_1 text, peer_group_2 text, score_1 float8, score_2 float8, rank_1 int,
    rank_2 int, rank_change int,
               category_1 text, category_2 text, status_1 text, status_2 text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 200000 ROWS 50
BEGIN ATOMIC
    SELECT coalesce(a.unit, b.unit), a.peer_group, b.peer_group, a.score, b.score, a.rank, b.rank, b.rank - a.rank,
           a.category, b.category, a.status, b.status
      FROM (SELECT * FROM stp.assess(compare_schemes.scheme_1, compare_schemes.period) WHERE parent IS NULL) a
      FULL JOIN (SELECT * FROM stp.assess(compare_schemes.scheme_2, compare_schemes.period)
          WHERE parent IS NULL) b ON b.unit = a.unit
     ORDER BY a.rank, b.rank, coalesce(a.unit, b.unit) COLLATE "C";
END;
COMMENT ON FUNCTION stp.compare_schemes(text, text, stp.period) IS
    'The overall ratings of one period by two schemes side by side, a row for each unit that either rates. rank_change: rank_2 - '
    'rank_1, above 0 where the unit loses places. Errors: those of stp.assess().';
