-- Module judgement: levels that somebody awarded, with who, when and on what evidence.

CREATE TABLE stp.judgement
(
    indicator    text NOT NULL REFERENCES stp.indicator DEFERRABLE INITIALLY DEFERRED,
    organisation text NOT NULL REFERENCES stp.organisation DEFERRABLE INITIALLY DEFERRED,
    period       stp.period NOT NULL,
    judged_on    date NOT NULL,
    value        float8 NOT NULL,
    label        text,
    judged_by    text NOT NULL,
    evidence     text NOT NULL,
    reason       text,
    stands       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (indicator, period, organisation, judged_on)
);
COMMENT ON TABLE stp.judgement IS
    'Levels that somebody awarded an organisation, every one of them: inspections, leadership, ratings that others published. '
    'A system that is judged itself is an organisation too, which belongs to it with share 1.';
COMMENT ON COLUMN stp.judgement.indicator IS 'What was judged: an indicator of kind judgement.';
COMMENT ON COLUMN stp.judgement.period IS 'The period that the judgement is about.';
COMMENT ON COLUMN stp.judgement.judged_on IS
    'The day it was given or published. The latest of an indicator, organisation and period counts.';
COMMENT ON COLUMN stp.judgement.value IS 'The level, as stp.indicator.unit_of_measure says.';
COMMENT ON COLUMN stp.judgement.label IS 'The level in the words that were used.';
COMMENT ON COLUMN stp.judgement.judged_by IS 'Who judged.';
COMMENT ON COLUMN stp.judgement.evidence IS 'On what it rests: the document, the page that tells of it.';
COMMENT ON COLUMN stp.judgement.reason IS 'Why this level, in the words of who judged; NULL: none was given.';
COMMENT ON COLUMN stp.judgement.stands IS
    'Whether the level holds until the organisation is judged again: it has it in each later period of the same length for which '
    'anybody was judged. false: in its own period alone.';

CREATE FUNCTION stp_internal.check_judgement() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT n.indicator, n.organisation, n.period, fault.what, fault.hint INTO bad
      FROM new_rows n JOIN stp.indicator i ON i.indicator = n.indicator
     CROSS JOIN LATERAL (VALUES
           (i.kind <> 'judgement', format('"%s" is a %s, not a judgement', n.indicator, i.kind),
            'What was counted or measured goes into stp.observation.'),
           (NOT n.judged_on BETWEEN stp.first_day(n.period) AND current_date, format('judged on %s', n.judged_on),
            'Give the day it was given or published: not before the period begins, nor in the future.'),
           (stp_internal.tidy_code(n.label) = '', 'a label without a word',
            'Leave the label out, or write the level as it was called.'),
           (stp_internal.tidy_code(n.reason) = '', 'a reason without a word',
            'Leave the reason out, or write why this level was given.'),
           (stp_internal.tidy_code(n.judged_by) = '', 'nobody who judged', 'judged_by names who did.'),
           (stp_internal.tidy_code(n.evidence) = '', 'no evidence', 'Name the document or the page that tells of it.'))
           fault (is_there, what, hint)
     WHERE fault.is_there
     ORDER BY n.indicator COLLATE "C", n.organisation COLLATE "C" LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'judgement "%" of organisation "%" in %: %', bad.indicator, bad.organisation, bad.period, bad.what
              USING ERRCODE = 'invalid_parameter_value', HINT = bad.hint;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.check_judgement() IS
    'Trigger: refuses judgements of an indicator that is none, on a day that is none, by nobody or without evidence, SQLSTATE '
    '22023.';
CALL stp.guard_rows('judgement', 'guard', 'value: count');
CALL stp.guard_rows('judgement', 'check_judgement');

-- A level that stands is repeated in the periods for which others were judged: a leaf takes one period for all.
CREATE VIEW stp.judgement_observation WITH (security_invoker = true) AS
SELECT j.indicator, j.organisation, p.period, NULL::float8 AS numerator, NULL::float8 AS denominator, j.value,
       NULL::text AS status
  FROM (SELECT DISTINCT a.indicator, a.period FROM stp.judgement a) p
  JOIN stp.judgement j ON j.indicator = p.indicator
   AND (j.period = p.period OR (j.stands AND j.period < p.period AND stp.grain(j.period) = stp.grain(p.period)))
 WHERE NOT EXISTS (SELECT FROM stp.judgement later
                    WHERE later.indicator = j.indicator AND later.organisation = j.organisation
                      AND ((later.period = j.period AND later.judged_on > j.judged_on)
                           OR (later.period > j.period AND later.period <= p.period
                               AND stp.grain(later.period) = stp.grain(p.period))));
COMMENT ON VIEW stp.judgement_observation IS
    'The judgements that count, in the shape of stp.observation: of each period the latest; and levels that stand, in later '
    'periods too.';
CALL stp.copy_comments('stp.observation', 'stp.judgement_observation');

SELECT pg_catalog.pg_extension_config_dump('stp.judgement', '');
GRANT SELECT ON stp.judgement_observation TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.judgement TO @extowner@ WITH GRANT OPTION;

