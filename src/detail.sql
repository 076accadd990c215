-- Module detail: what stp.refresh() keeps beside a rating, for BI tools, which cannot wait for it or pass arguments. The rows are
-- those of the functions that say it; a scheme whose keeps_detail is false has none, nor has a rating of more than 2,000 units.

CREATE TABLE stp.assessment_robustness
(
    scheme      text NOT NULL,
    period      stp.period NOT NULL,
    unit        text NOT NULL,
    category    text NOT NULL,
    probability float8,
    rank_low    int,
    rank_median int,
    rank_high   int,
    PRIMARY KEY (scheme, period, unit, category)
);
COMMENT ON TABLE stp.assessment_robustness IS
    'Of current ratings, the rows of stp.robustness() with its defaults, kept. Written by stp.refresh().';
COMMENT ON COLUMN stp.assessment_robustness.category IS 'A category of the scheme; empty: none.';
COMMENT ON COLUMN stp.assessment_robustness.probability IS
    'Share of the draws in which the unit has this category; NULL: the scheme has none.';
COMMENT ON COLUMN stp.assessment_robustness.rank_low IS 'The rank that 5% of the draws do not exceed.';
COMMENT ON COLUMN stp.assessment_robustness.rank_median IS 'The rank that 50% of the draws do not exceed.';
COMMENT ON COLUMN stp.assessment_robustness.rank_high IS 'The rank that 95% of the draws do not exceed.';

CREATE TABLE stp.assessment_without
(
    scheme   text NOT NULL,
    period   stp.period NOT NULL,
    unit     text NOT NULL,
    node     text NOT NULL,
    score    float8,
    rank     int,
    category text,
    PRIMARY KEY (scheme, period, unit, node)
);
COMMENT ON TABLE stp.assessment_without IS
    'Of current ratings, what they would be without each of their leaves: the rows of stp.leave_one_out(), kept. Written by '
    'stp.refresh().';
COMMENT ON COLUMN stp.assessment_without.node IS 'The leaf that is left out.';
COMMENT ON COLUMN stp.assessment_without.score IS 'The overall score without it.';
COMMENT ON COLUMN stp.assessment_without.rank IS 'The rank without it, 1 = best.';
COMMENT ON COLUMN stp.assessment_without.category IS 'The category without it.';

CREATE TABLE stp.assessment_change
(
    scheme       text NOT NULL,
    period       stp.period NOT NULL,
    unit         text NOT NULL,
    place        int NOT NULL,
    part         text NOT NULL,
    indicator    text,
    organisation text,
    points       float8 NOT NULL,
    PRIMARY KEY (scheme, period, unit, place)
);
COMMENT ON TABLE stp.assessment_change IS
    'Of current ratings, why the score is not that of the period before: the rows of stp.explain_change() that no other takes '
    'apart, kept; they add up to the change. Written by stp.refresh().';
COMMENT ON COLUMN stp.assessment_change.place IS 'Order of the rows of the unit.';
COMMENT ON COLUMN stp.assessment_change.part IS
    'own data, peers'' data, reporting, membership or boundaries, weights, method.';
COMMENT ON COLUMN stp.assessment_change.indicator IS 'The indicator; NULL: what no indicator has alone.';
COMMENT ON COLUMN stp.assessment_change.organisation IS
    'Of the own data, the organisation that moved it; NULL: the people, or what changed though the value did not.';
COMMENT ON COLUMN stp.assessment_change.points IS 'Points of the score.';

CREATE TABLE stp.assessment_missing
(
    scheme     text NOT NULL,
    period     stp.period NOT NULL,
    unit       text NOT NULL,
    score_low  float8,
    score_high float8,
    categories text[],
    exact      boolean NOT NULL,
    PRIMARY KEY (scheme, period, unit)
);
COMMENT ON TABLE stp.assessment_missing IS
    'Of current ratings, what they can become when all that is missing is known: rows of stp.missing_range(), kept. Written by '
    'stp.refresh().';

-- A cohort of thousands takes more than what one operation of a query may: it is bounded by what is rated.
CREATE PROCEDURE stp_internal.replace_detail(scheme text, period stp.period, rateable boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET work_mem = '1GB' AS $$
DECLARE
    before stp.period := stp_internal.period_before(period);
BEGIN
    DELETE FROM stp.assessment_change d WHERE d.scheme = replace_detail.scheme AND d.period = replace_detail.period;
    DELETE FROM stp.assessment_missing d WHERE d.scheme = replace_detail.scheme AND d.period = replace_detail.period;
    DELETE FROM stp.assessment_robustness d WHERE d.scheme = replace_detail.scheme AND d.period = replace_detail.period;
    DELETE FROM stp.assessment_without d WHERE d.scheme = replace_detail.scheme AND d.period = replace_detail.period;
    IF NOT (rateable AND (SELECT s.keeps_detail FROM stp_internal.scheme_as_of s WHERE s.scheme = replace_detail.scheme))
       -- What compares each unit with each other takes hours in a cohort of tens of thousands.
       OR (SELECT count(*) > 2000 FROM stp.assessment a
            WHERE a.scheme = replace_detail.scheme AND a.period = replace_detail.period) THEN
        RETURN;
    END IF;
    INSERT INTO stp.assessment_robustness
    SELECT replace_detail.scheme, replace_detail.period, r.unit, coalesce(r.category, ''), r.probability, r.rank_low,
           r.rank_median, r.rank_high
      FROM stp.robustness(replace_detail.scheme, replace_detail.period) r;
    INSERT INTO stp.assessment_without
    SELECT replace_detail.scheme, replace_detail.period, l.unit, l.node, l.score_without, l.rank_without, l.category_without
      FROM stp.leave_one_out(replace_detail.scheme, replace_detail.period) l;
    INSERT INTO stp.assessment_missing
    SELECT replace_detail.scheme, replace_detail.period, m.unit, m.score_low, m.score_high, m.categories, m.exact
      FROM stp.missing_range(replace_detail.scheme, replace_detail.period) m;
    IF stp_internal.is_rateable(scheme, before) THEN
        INSERT INTO stp.assessment_change
        SELECT replace_detail.scheme, replace_detail.period, c.unit, c.place, c.part, c.indicator, c.organisation, c.change
          FROM (SELECT c.*, lead(c.depth) OVER (PARTITION BY c.unit ORDER BY c.place) AS next_depth
                  FROM stp.explain_change(replace_detail.scheme, before, replace_detail.period) c) c
         WHERE c.change <> 0 AND (c.next_depth <= c.depth) IS NOT FALSE;
    END IF;
END $$;
CALL stp.copy_comments('stp.missing_range_row', 'stp.assessment_missing');
COMMENT ON PROCEDURE stp_internal.replace_detail(text, stp.period, boolean) IS
    'Replaces what is kept beside one rating; rateable: whether there is a rating.';

SELECT pg_catalog.pg_extension_config_dump('stp.assessment_robustness', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_without', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_change', '');
SELECT pg_catalog.pg_extension_config_dump('stp.assessment_missing', '');
GRANT SELECT ON stp.assessment_robustness, stp.assessment_without, stp.assessment_change,
    stp.assessment_missing TO @extowner@ WITH GRANT OPTION;
-- To restore a dump.
GRANT INSERT ON stp.assessment_robustness, stp.assessment_without, stp.assessment_change,
    stp.assessment_missing TO @extowner@;
