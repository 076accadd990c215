-- Module publish: what is published stays as it is, and it shows if it does not.
--
-- stp.publish() writes with the rights of the owner, and nobody else does. Each publication carries a hash of itself and
-- of the one before: who can write the tables all the same, as their owner, breaks a chain that stp.verify() checks.

CREATE TABLE stp.publication
(
    number       int NOT NULL UNIQUE CHECK (number >= 1),
    scheme       text NOT NULL,
    period       stp.period NOT NULL,
    revision     int NOT NULL CHECK (revision >= 1),
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    note         text NOT NULL,
    version      text NOT NULL,
    definition   jsonb NOT NULL,
    fingerprint  text NOT NULL,
    result       text NOT NULL,
    hash         text NOT NULL,
    PRIMARY KEY (scheme, period, revision)
);
COMMENT ON TABLE stp.publication IS
    'Published ratings: what is published stays as it is; a correction is a new revision. Written by stp.publish().';
COMMENT ON COLUMN stp.publication.number IS 'Which publication of this database it is, from 1: the order of the chain.';
COMMENT ON COLUMN stp.publication.revision IS '1 for the first, one more for each correction.';
COMMENT ON COLUMN stp.publication.published_at IS
    'When it was published; stp.assess(scheme, period, published_at) gives the same rows again.';
COMMENT ON COLUMN stp.publication.published_by IS 'The role that published it.';
COMMENT ON COLUMN stp.publication.note IS 'What is to be said about it; of a correction, the reason.';
COMMENT ON COLUMN stp.publication.version IS
    'Version of the extension, which stands for its arithmetic and for the builtin rows.';
COMMENT ON COLUMN stp.publication.definition IS 'The scheme as it was: the rows of its tables, and of its indicators.';
COMMENT ON COLUMN stp.publication.fingerprint IS
    'SHA-256, in hexadecimal digits, of the rows of stp_internal.rating_input() in order.';
COMMENT ON COLUMN stp.publication.result IS 'SHA-256 of the rows of stp.published_node in order.';
COMMENT ON COLUMN stp.publication.hash IS
    'SHA-256 of the other columns and of the hash of the publication before. Print it with the rating: it stands for this '
    'publication and for all before it.';

CREATE TABLE stp.published_node
(
    revision int NOT NULL,
    LIKE stp.assessment_node,
    PRIMARY KEY (scheme, period, revision, unit, node),
    FOREIGN KEY (scheme, period, revision) REFERENCES stp.publication DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX published_root ON stp.published_node (scheme, period, revision) WHERE parent IS NULL;
COMMENT ON TABLE stp.published_node IS
    'Published ratings with all their nodes: the rows of stp.assess(), frozen. Written by stp.publish().';
COMMENT ON COLUMN stp.published_node.revision IS 'The revision.';
CALL stp.copy_comments('stp.assessment_node', 'stp.published_node');

CREATE FUNCTION stp_internal.refuse_published_edit() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = 'stp_internal'), 'USAGE') THEN
        RAISE EXCEPTION 'what is published in stp.% stays as it is', TG_TABLE_NAME
              USING ERRCODE = 'insufficient_privilege', HINT = 'CALL stp.publish() again: it makes a new revision.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp_internal.refuse_published_edit() IS
    'Trigger: refuses changes of published rows by anybody but the owner of the extension, SQLSTATE 42501.';
CREATE TRIGGER refuse_published_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON stp.publication
    FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.refuse_published_edit();
CREATE TRIGGER refuse_published_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON stp.published_node
    FOR EACH STATEMENT EXECUTE FUNCTION stp_internal.refuse_published_edit();

-- Every versioned table whose name begins with scheme defines schemes, now or in a later version.
CREATE FUNCTION stp_internal.scheme_definition(scheme text) RETURNS jsonb
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 SET jit = off AS $$
DECLARE
    part       record;
    definition jsonb;
    whole      jsonb := '{}';
BEGIN
    FOR part IN SELECT left(c.relname, -length('_as_of')) AS name FROM pg_class c
                 WHERE c.relnamespace = 'stp_internal'::regnamespace AND c.relname LIKE 'scheme%\_as\_of' ORDER BY 1
    LOOP
        EXECUTE format('SELECT jsonb_agg(r.row ORDER BY r.row::text COLLATE "C")
                          FROM (SELECT to_jsonb(t) - ''recorded_at'' AS row FROM stp_internal.%I t WHERE t.scheme = $1) r',
                       part.name || '_as_of') INTO definition USING scheme;
        whole := whole || jsonb_build_object(part.name, definition);
    END LOOP;
    SELECT jsonb_agg(to_jsonb(i) - 'recorded_at' ORDER BY i.indicator COLLATE "C") INTO definition
      FROM stp_internal.indicator_as_of i
     WHERE i.indicator IN (SELECT l.indicator FROM stp_internal.scheme_leaf l WHERE l.scheme = scheme_definition.scheme);
    RETURN whole || jsonb_build_object('indicator', definition);
END $$;
COMMENT ON FUNCTION stp_internal.scheme_definition(text) IS
    'All that defines a scheme: the rows of the scheme tables, and of its indicators.';

CREATE FUNCTION stp_internal.looked_at(scheme text, period stp.period)
RETURNS TABLE (indicator text, report_period stp.period, value_period stp.period)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 50
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH leaf AS MATERIALIZED
    (
        SELECT DISTINCT n.indicator, a.value_period, coalesce(n.takes, 'latest') AS takes, p.period,
               coalesce(n.maximum_age, 12) AS maximum_age,
               stp_internal.first_month(a.value_period, n.takes) AS first,
               stp.last_month(a.value_period) AS last
          FROM (SELECT looked_at.period UNION
                SELECT n.reference_period FROM stp_internal.scheme_node_as_of n
                 WHERE n.scheme = looked_at.scheme AND n.reference_period IS NOT NULL) p (period)
         CROSS JOIN LATERAL stp.assess(looked_at.scheme, p.period) a
          JOIN stp_internal.scheme_node_as_of n ON n.scheme = looked_at.scheme AND n.node = a.node
         WHERE a.value_period IS NOT NULL AND (p.period = looked_at.period OR p.period = n.reference_period)
    )
    SELECT l.indicator, c.period, l.value_period
      FROM leaf l
     CROSS JOIN LATERAL stp_internal.candidate_periods_as_of(l.indicator, l.period, l.maximum_age) c
     WHERE l.takes <> 'whole' AND stp.last_day(c.period) >= stp.last_day(l.value_period)
    UNION
    SELECT l.indicator, m.period, l.value_period
      FROM leaf l CROSS JOIN LATERAL stp.periods(l.first, l.last) m (period)
     WHERE l.takes <> 'latest'
    UNION
    SELECT l.indicator, r.period, l.value_period
      FROM leaf l
      JOIN stp_internal.reported_period_as_of r ON r.indicator = l.indicator
       AND stp.first_day(r.period) >= stp.first_day(l.first) AND stp.last_day(r.period) <= stp.last_day(l.last)
     WHERE l.takes <> 'latest';
END $$;
COMMENT ON FUNCTION stp_internal.looked_at(text, stp.period) IS
    'The periods of indicators that a rating takes, and those that it found not complete enough. value_period: what the leaf '
        'shows.';

CREATE FUNCTION stp_internal.target_input(scheme text, period stp.period, indicator text, value_period stp.period)
RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 50
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    RETURN QUERY
    SELECT jsonb_build_object('indicator', target_input.indicator, 'unit', t.unit, 'target', t.target)
      FROM stp_internal.scheme_as_of s
     CROSS JOIN LATERAL stp_internal.targets_as_of(s.rates, target_input.indicator, stp.last_day(value_period),
                                                   stp.last_day(value_period)) t
     WHERE s.scheme = target_input.scheme AND t.set_for <> 'standard'
       AND EXISTS (SELECT FROM stp_internal.scheme_node_as_of n
                    WHERE n.scheme = s.scheme AND n.indicator = target_input.indicator
                      AND n.method = ANY (ARRAY['ranked', 'distance_to_target']))
       AND t.unit IN (SELECT c.unit FROM stp_internal.cohort_as_of(s.scheme, target_input.period) c);
END $$;
COMMENT ON FUNCTION stp_internal.target_input(text, stp.period, text, stp.period) IS
    'The targets that the leaves of a scheme with the indicator are measured by, in the period that they show.';

CREATE FUNCTION stp_internal.rating_input(scheme text, period stp.period) RETURNS TABLE (input text, content jsonb)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 2000
SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH looked_at AS MATERIALIZED
        (SELECT * FROM stp_internal.looked_at(rating_input.scheme, rating_input.period) l (indicator, period, value_period)),
    report AS MATERIALIZED
        (SELECT o.* FROM stp_internal.observation_as_of o
          WHERE EXISTS (SELECT FROM looked_at l WHERE l.indicator = o.indicator AND l.period = o.period)),
    absence AS MATERIALIZED
        (SELECT DISTINCT l.indicator, l.period, m.organisation, m.missing
           FROM looked_at l CROSS JOIN LATERAL stp_internal.missing_reports_as_of(l.indicator, l.period) m),
    followed AS MATERIALIZED
        (SELECT s.* FROM stp_internal.succession_as_of s WHERE s.day <= stp.last_day(rating_input.period)),
    -- From the day of the report to the boundaries of the rating.
    part AS MATERIALIZED
    (
        SELECT m.* FROM stp_internal.membership_as_of m
         WHERE m.valid_from <= stp.last_day(rating_input.period)
           AND EXISTS (SELECT FROM (SELECT organisation, stp.last_day(period) FROM report
                                    UNION ALL SELECT organisation, stp.last_day(period) FROM absence
                                    UNION ALL SELECT f.successor, f.day FROM followed f) r (organisation, day)
                        WHERE r.organisation = m.organisation AND (m.valid_to IS NULL OR m.valid_to >= r.day))
    ),
    served AS MATERIALIZED
    (
        SELECT p.system FROM part p UNION SELECT f.successor FROM followed f
        UNION SELECT c.unit FROM stp_internal.cohort_as_of(rating_input.scheme, rating_input.period) c
    )
    SELECT 'scheme', stp_internal.scheme_definition(rating_input.scheme)
    UNION ALL
    SELECT 'unit', to_jsonb(c) FROM stp_internal.cohort_as_of(rating_input.scheme, rating_input.period) c
    UNION ALL
    -- With what they rest on: the value of a rule is of its baseline.
    SELECT DISTINCT 'target', t.* FROM looked_at l
     CROSS JOIN LATERAL stp_internal.target_input(rating_input.scheme, rating_input.period, l.indicator, l.value_period) t
    UNION ALL
    SELECT 'observation', to_jsonb(r) - 'recorded_at' FROM report r
    UNION ALL
    SELECT 'missing', to_jsonb(a) FROM absence a
    UNION ALL
    -- Leaves of several periods also wait for duties of other lengths than the reports that are looked at.
    SELECT 'duty', to_jsonb(e) - 'recorded_at' FROM stp_internal.expected_report_as_of e
     WHERE e.grain <> 'month' AND e.indicator IN (SELECT l.indicator FROM looked_at l)
    UNION ALL
    SELECT 'membership', to_jsonb(p) - 'recorded_at' FROM part p
    UNION ALL
    SELECT 'succession', to_jsonb(f) - 'recorded_at' FROM followed f
    UNION ALL
    SELECT 'system', to_jsonb(s) - 'recorded_at' FROM stp_internal.system_as_of s
     WHERE s.system IN (SELECT a.above FROM stp_internal.system_above_as_of a JOIN served v ON v.system = a.system)
    UNION ALL
    SELECT 'population', to_jsonb(p) - 'recorded_at' FROM stp_internal.population_as_of p
     WHERE EXISTS (SELECT FROM looked_at l JOIN stp_internal.indicator_as_of i ON i.indicator = l.indicator
                    WHERE i.denominator = 'population'
                      AND p.period = (SELECT max(q.period) FROM stp_internal.population_as_of q
                                       WHERE q.system = p.system AND stp.first_day(q.period) <= stp.last_day(l.value_period)));
END $$;
COMMENT ON FUNCTION stp_internal.rating_input(text, stp.period) IS
    'All that a rating rests on, in no order: the definition of the scheme, who is rated in which peer group, what units '
    'have of targets, the observations that its leaves take or found too few, who is missing there, the memberships of all '
    'these until its last day, the successions until then, the systems these lie in and those that are rated, the populations.';

--------------------------------------------------------------------------------------------------------------
-- Hashes: over text that is the same whatever the session's settings
--------------------------------------------------------------------------------------------------------------

CREATE FUNCTION stp_internal.sha256_hex(content text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN encode(sha256(convert_to(content, 'UTF8')), 'hex');
COMMENT ON FUNCTION stp_internal.sha256_hex(text) IS 'SHA-256 of a text in UTF-8, in hexadecimal digits.';

CREATE FUNCTION stp_internal.input_hash(scheme text, period stp.period) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN stp_internal.sha256_hex(string_agg(concat_ws(' ', i.input, i.content), E'\n'
                                              ORDER BY concat_ws(' ', i.input, i.content) COLLATE "C"))
      FROM stp_internal.rating_input(scheme, period) i;
END $$;
COMMENT ON FUNCTION stp_internal.input_hash(text, stp.period) IS 'The fingerprint of what a rating rests on as of stp.as_of().';

CREATE FUNCTION stp_internal.result_hash(nodes stp.published_node[]) RETURNS text
-- not STRICT: no rows is NULL
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS $$
BEGIN
    RETURN stp_internal.sha256_hex(coalesce(string_agg(n::text, E'\n' ORDER BY n.unit COLLATE "C", n.node COLLATE "C"), ''))
      FROM unnest(nodes) n;
END $$;
COMMENT ON FUNCTION stp_internal.result_hash(stp.published_node[]) IS 'The hash of the rows of a publication.';

CREATE FUNCTION stp_internal.publication_hash(publication stp.publication, previous text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET timezone = 'UTC' AS $$
BEGIN
    publication.hash := previous;
    RETURN stp_internal.sha256_hex(publication::text);
END $$;
COMMENT ON FUNCTION stp_internal.publication_hash(stp.publication, text) IS 'The hash of a publication and of the one before.';

--------------------------------------------------------------------------------------------------------------
-- Publish and verify
--------------------------------------------------------------------------------------------------------------

CREATE PROCEDURE stp_internal.publish(scheme text, period stp.period, note text, published_by text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET stp.as_of = '' SET datestyle = 'ISO' SET jit = off AS $$
DECLARE
    last     stp.publication;
    previous stp.publication;
    new      stp.publication;
    nodes    stp.published_node[];
BEGIN
    IF scheme IS NULL OR period IS NULL THEN
        RAISE EXCEPTION 'a publication needs a scheme and a period' USING ERRCODE = 'null_value_not_allowed',
              HINT = 'For example CALL stp.publish(''stp-2026'', ''2026-03'', ''First publication'').';
    ELSIF (note <> '') IS NOT TRUE THEN
        RAISE EXCEPTION 'a publication needs a note' USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Say what is published, or why it is published again.';
    END IF;
    -- Before anything is read: one publication at a time.
    PERFORM stp_internal.take_turn('stp.publication'::regclass);
    new := (NULL, publish.scheme, publish.period, NULL, stp_internal.settled_time(), publish.published_by, publish.note,
            (SELECT extversion FROM pg_extension WHERE extname = 'stp_metrics'), NULL, NULL, NULL, NULL);
    SELECT * INTO last FROM stp.publication p ORDER BY p.number DESC LIMIT 1;
    IF new.published_at <= last.published_at THEN
        RAISE EXCEPTION 'the clock says %, but publication % was made at %', new.published_at, last.number, last.published_at
              USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Set the server''s clock right.';
    END IF;
    PERFORM set_config('stp.as_of', new.published_at::text, true);
    new.definition := stp_internal.scheme_definition(scheme);
    new.fingerprint := stp_internal.input_hash(scheme, period);
    SELECT * INTO previous FROM stp.publication p
     WHERE p.scheme = publish.scheme AND p.period = publish.period ORDER BY p.revision DESC LIMIT 1;
    IF (previous.fingerprint, previous.version) = (new.fingerprint, new.version) THEN
        RAISE EXCEPTION 'nothing that the rating of scheme "%" in % rests on has changed since revision %', scheme,
            period, previous.revision
              USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'The published revision still stands.';
    END IF;
    new.number := coalesce(last.number, 0) + 1;
    new.revision := coalesce(previous.revision, 0) + 1;
    SELECT array_agg(ROW(new.revision, publish.scheme, publish.period, a.*)::stp.published_node)
      INTO nodes FROM stp.assess(publish.scheme, publish.period, new.published_at) a;
    IF NOT EXISTS (SELECT FROM unnest(nodes) n WHERE num_nonnulls(n.value, n.score) > 0) THEN
        RAISE EXCEPTION 'scheme "%" has neither a figure nor a score in %', scheme, period
              USING ERRCODE = 'object_not_in_prerequisite_state',
                    HINT = format('SELECT unit, node, status FROM stp.assess(%L, %L) says why.', scheme, period);
    END IF;
    new.result := stp_internal.result_hash(nodes);
    new.hash := stp_internal.publication_hash(new, last.hash);
    INSERT INTO stp.publication SELECT new.*;
    INSERT INTO stp.published_node SELECT (n).* FROM unnest(nodes) n;
END $$;
COMMENT ON PROCEDURE stp_internal.publish(text, stp.period, text, text) IS
    'What stp.publish() does with the rights of the owner, in the name of the role given last.';

CREATE PROCEDURE stp.publish(scheme text, period stp.period, note text)
LANGUAGE c AS 'MODULE_PATHNAME', 'stp_publish';
COMMENT ON PROCEDURE stp.publish(text, stp.period, text) IS
    'Freezes the rating of a scheme in a period, with a note, as a new revision, in the name of the role that calls it. It is '
    'computed from what is committed, and from what this transaction has changed, with the rights of the owner, so that whoever '
    'may execute it needs no others. Others go on meanwhile; only if this transaction has changed something do they commit after '
    'it. Errors: 22004 no scheme or period; 22023 no note, unknown scheme; 23514 a scheme that is not sound; 55000 there is '
    'nothing to publish, or nothing has changed since the last revision; 25001 an isolation level above READ COMMITTED.';

CREATE FUNCTION stp.verify(scheme text DEFAULT NULL, period stp.period DEFAULT NULL)
RETURNS TABLE (number int, published_scheme text, published_period stp.period, revision int, published_at timestamptz,
               published_by text, scheme_agrees boolean, inputs_agree boolean, result_agrees boolean, chain_agrees boolean,
               status text)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp SET stp.as_of = '' SET datestyle = 'ISO' SET jit = off SET row_security = off AS $$
DECLARE
    p        stp.publication;
    previous stp.publication;
    kept     text;
BEGIN
    FOR p IN SELECT q.* FROM stp.publication q
              WHERE (verify.scheme IS NULL OR q.scheme = verify.scheme)
                AND (verify.period IS NULL OR q.period = verify.period)
              ORDER BY q.number
    LOOP
        SELECT p.number, p.scheme, p.period, p.revision, p.published_at, p.published_by, false, false, false
          INTO number, published_scheme, published_period, revision, published_at, published_by, scheme_agrees,
              inputs_agree, result_agrees;
        SELECT q.* INTO previous FROM stp.publication q WHERE q.number = p.number - 1;
        chain_agrees := p.hash = stp_internal.publication_hash(p, previous.hash)
                        AND (p.number = 1 OR p.published_at > previous.published_at IS TRUE);
        SELECT stp_internal.result_hash(array_agg(n)) INTO kept FROM stp.published_node n
         WHERE n.scheme = p.scheme AND n.period = p.period AND n.revision = p.revision;
        BEGIN
            PERFORM set_config('stp.as_of', p.published_at::text, true);
            scheme_agrees := p.definition::text = stp_internal.scheme_definition(p.scheme)::text;
            inputs_agree := p.fingerprint = stp_internal.input_hash(p.scheme, p.period);
            SELECT kept = p.result AND p.result = stp_internal.result_hash(
                       array_agg(ROW(p.revision, p.scheme, p.period, a.*)::stp.published_node)) INTO result_agrees
              FROM stp.assess(p.scheme, p.period) a;
            status := NULL;
        EXCEPTION WHEN OTHERS THEN
            status := format('cannot be computed: %s', SQLERRM);
        END;
        SELECT scheme_agrees IS TRUE, inputs_agree IS TRUE, result_agrees IS TRUE, chain_agrees IS TRUE
          INTO scheme_agrees, inputs_agree, result_agrees, chain_agrees;
        status := coalesce(nullif(concat_ws(', ', CASE WHEN NOT scheme_agrees THEN 'scheme differs' END,
                                            CASE WHEN NOT inputs_agree THEN 'inputs differ' END,
                                            CASE WHEN NOT result_agrees THEN 'result differs' END,
                                            CASE WHEN NOT chain_agrees THEN 'chain is broken' END, status), ''), 'ok');
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION stp.verify(text, stp.period) IS
    'Whether what is published is still what it was: one row for each publication (of a scheme, in a period; NULL: of all), none '
    'where nothing is published. It is computed again as of its own time: scheme_agrees (the scheme''s definition), inputs_agree '
    '(what the rating rests on), result_agrees (every row, to the last bit, kept and computed again); chain_agrees: neither the '
    'publication nor the one before it was changed or taken out. status: ok, or what differs. Who verifies must be able to read '
    'the tables and their histories; SQLSTATE 42501 under row-level security that would hide rows.';

CREATE FUNCTION stp.assessment_as_of(scheme text, period stp.period, as_of timestamptz) RETURNS SETOF stp.published_node
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1500
BEGIN ATOMIC
    SELECT n.*
      FROM (SELECT * FROM stp.publication q
             WHERE q.scheme = assessment_as_of.scheme AND q.period = assessment_as_of.period
               AND q.published_at <= assessment_as_of.as_of
             ORDER BY q.revision DESC LIMIT 1) p
      JOIN stp.published_node n ON n.scheme = p.scheme AND n.period = p.period AND n.revision = p.revision;
END;
COMMENT ON FUNCTION stp.assessment_as_of(text, stp.period, timestamptz) IS
    'The published rating that was known at a time: the rows of stp.published_node of the latest revision published until then; '
    'no rows if there was none. stp.assess() with a third argument computes what could have been known then.';

SELECT pg_catalog.pg_extension_config_dump('stp.publication', '');
SELECT pg_catalog.pg_extension_config_dump('stp.published_node', '');
GRANT SELECT ON stp.publication, stp.published_node TO @extowner@ WITH GRANT OPTION;
-- To restore a dump.
GRANT INSERT ON stp.publication, stp.published_node TO @extowner@;
