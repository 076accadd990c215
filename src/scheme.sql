-- Module scheme: a rating scheme is data. A tree of weighted nodes whose leaves are indicators, and the categories
-- that its overall score falls into.

CREATE TABLE stp.scheme
(
    scheme      text PRIMARY KEY CHECK (scheme <> ''),
    name        text NOT NULL,
    description text,
    rates       text NOT NULL DEFAULT 'system'
                CHECK (rates = ANY (ARRAY['region', 'system', 'place'])),
    better      text NOT NULL DEFAULT 'higher' CHECK (better = ANY (ARRAY['higher', 'lower'])),
    grain       text NOT NULL DEFAULT 'month'
                CHECK (grain = ANY (ARRAY['month', 'quarter', 'half', 'year'])),
    builtin     boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE stp.scheme IS 'Rating schemes.';
COMMENT ON COLUMN stp.scheme.scheme IS 'Code, for example stp-2026.';
COMMENT ON COLUMN stp.scheme.name IS 'Name for people.';
COMMENT ON COLUMN stp.scheme.description IS 'What the scheme rests on: what is published, what is ours.';
COMMENT ON COLUMN stp.scheme.rates IS 'What it rates: every region, system or place that exists on the last day of the assessed period. They are the cohort.';
COMMENT ON COLUMN stp.scheme.better IS 'higher: a high overall score is good. lower: a low one is (segments 1 to 4).';
COMMENT ON COLUMN stp.scheme.grain IS 'month, quarter, half or year: the periods that stp.refresh() rates, of this length, are those in which a period with observations of one of its indicators ends.';
COMMENT ON COLUMN stp.scheme.builtin IS 'Shipped with the extension: cannot be edited, is not dumped.';

CREATE TABLE stp.scheme_node
(
    scheme           text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    node             text NOT NULL CHECK (node <> ''),
    parent           text,
    position         int NOT NULL DEFAULT 0,
    name             text NOT NULL,
    weight           float8 NOT NULL DEFAULT 1,
    aggregation      text CHECK (aggregation = ANY (ARRAY['arithmetic', 'geometric', 'harmonic'])),
    minimum_coverage float8 NOT NULL DEFAULT 0
                     CHECK (minimum_coverage >= 0 AND minimum_coverage <= 1),
    indicator        text REFERENCES stp.indicator DEFERRABLE INITIALLY DEFERRED,
    method           text CHECK (method = ANY (ARRAY['as_is', 'min_max', 'z_score', 'percentile_rank',
                                                                          'goalposts', 'distance_to_target', 'ranked'])),
    low              float8,
    high             float8,
    maximum_age      int CHECK (maximum_age >= 0),
    builtin          boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, node)
);
COMMENT ON TABLE stp.scheme_node IS 'Nodes of rating schemes: one tree each. A node with an indicator is a leaf and has a method; any other combines its children by its aggregation. Checked at commit.';
COMMENT ON COLUMN stp.scheme_node.scheme IS 'The scheme.';
COMMENT ON COLUMN stp.scheme_node.node IS 'Code of the node, unique in the scheme.';
COMMENT ON COLUMN stp.scheme_node.parent IS 'The node above; NULL for the root, of which there is one.';
COMMENT ON COLUMN stp.scheme_node.position IS 'Order among the children of one parent.';
COMMENT ON COLUMN stp.scheme_node.name IS 'Name for people.';
COMMENT ON COLUMN stp.scheme_node.weight IS 'Weight among the children of one parent, above 0; they need not sum to anything.';
COMMENT ON COLUMN stp.scheme_node.aggregation IS 'How the children''s scores are combined: arithmetic (also when NULL), geometric or harmonic mean, weighted. NULL for a leaf.';
COMMENT ON COLUMN stp.scheme_node.minimum_coverage IS 'Share of its weight, 0 to 1, that must be present; below it the node has no score.';
COMMENT ON COLUMN stp.scheme_node.indicator IS 'The indicator of a leaf.';
COMMENT ON COLUMN stp.scheme_node.method IS 'How the values of the cohort become scores, high where the indicator is good: as_is, min_max, z_score, percentile_rank (0-100; also when NULL), goalposts (0-100), distance_to_target (0-100; the target is the indicator''s standard), ranked (1 best to 4 worst, with the indicator''s standard and floor).';
COMMENT ON COLUMN stp.scheme_node.low IS 'min_max: score of the worst, default 0. goalposts: lower bound of the value. distance_to_target: lower bound of the value, default the cohort''s.';
COMMENT ON COLUMN stp.scheme_node.high IS 'min_max: score of the best, default 100. goalposts: upper bound of the value. distance_to_target: upper bound of the value, default the cohort''s.';
COMMENT ON COLUMN stp.scheme_node.maximum_age IS 'Months that the leaf''s latest period may end before the assessed one does; NULL: 12.';
COMMENT ON COLUMN stp.scheme_node.builtin IS 'Shipped with the extension: cannot be edited, is not dumped.';

CREATE TABLE stp.scheme_category
(
    scheme   text NOT NULL REFERENCES stp.scheme ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    position int NOT NULL CHECK (position >= 1),
    category text NOT NULL,
    cut      float8,
    builtin  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, position),
    UNIQUE (scheme, category)
);
COMMENT ON TABLE stp.scheme_category IS 'Categories of rating schemes, best first.';
COMMENT ON COLUMN stp.scheme_category.scheme IS 'The scheme.';
COMMENT ON COLUMN stp.scheme_category.position IS '1 = best.';
COMMENT ON COLUMN stp.scheme_category.category IS 'Label.';
COMMENT ON COLUMN stp.scheme_category.cut IS 'Overall score that must be reached (where lower is better: not exceeded); NULL for the last category, which takes the rest.';
COMMENT ON COLUMN stp.scheme_category.builtin IS 'Shipped with the extension: cannot be edited, is not dumped.';

CALL stp.keep_history('scheme');
CALL stp.keep_history('scheme_node');
CALL stp.keep_history('scheme_category');

--------------------------------------------------------------------------------------------------------------
-- Guards
--------------------------------------------------------------------------------------------------------------

-- Every rule of a sound scheme. stp.assess() asks again, because an indicator may have changed since.
CREATE FUNCTION stp.scheme_faults(scheme text) RETURNS TABLE (fault text, hint text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE node AS
    (
        SELECT n.*, i.better, i.standard,
               EXISTS (SELECT FROM stp.scheme_node c WHERE c.scheme = n.scheme
                                                      AND c.parent = n.node) AS has_children
          FROM stp.scheme_node n LEFT JOIN stp.indicator i ON i.indicator = n.indicator
         WHERE n.scheme = scheme_faults.scheme
    ),
    reached AS
    (
        SELECT r.node FROM node r WHERE r.parent IS NULL
        UNION ALL
        SELECT c.node FROM reached JOIN node c ON c.parent = reached.node
    )
    SELECT format('weight %s of node "%s" is not a finite number above 0', n.weight, n.node),
           'Leave a node out of the scheme rather than give it no weight.'
      FROM node n WHERE NOT (n.weight > 0 AND n.weight < 'infinity')
    UNION ALL
    SELECT format('node "%s" has the parent "%s", which the scheme does not have', n.node, n.parent),
           'Add the parent, or correct the code.'
      FROM node n WHERE n.parent IS NOT NULL
                    AND NOT EXISTS (SELECT FROM node p WHERE p.node = n.parent)
    UNION ALL
    SELECT format('there are %s root nodes: %s', count(*), string_agg(n.node, ', ' ORDER BY n.node)),
           'Exactly one node has no parent.'
      FROM node n WHERE n.parent IS NULL HAVING count(*) > 1
    UNION ALL
    SELECT format('node "%s" is its own ancestor', min(n.node)), 'Break the cycle: a parent must lead to the root.'
      FROM node n WHERE NOT EXISTS (SELECT FROM reached r WHERE r.node = n.node)
    HAVING count(*) > 0
    UNION ALL
    SELECT format('node "%s" has an indicator and children', n.node), 'Put the indicator into a node of its own.'
      FROM node n WHERE n.indicator IS NOT NULL AND n.has_children
    UNION ALL
    SELECT format('node "%s" has a method, bounds or an age but no indicator', n.node), 'These belong to leaves; a node above them has an aggregation.'
      FROM node n WHERE n.indicator IS NULL
                    AND (n.method IS NOT NULL OR n.low IS NOT NULL OR n.high IS NOT NULL OR n.maximum_age IS NOT NULL)
    UNION ALL
    SELECT format('node "%s" has an indicator and an aggregation', n.node), 'An aggregation combines children; a leaf has a method.'
      FROM node n WHERE n.indicator IS NOT NULL AND n.aggregation IS NOT NULL
    UNION ALL
    SELECT format('node "%s" scores indicator "%s", for which neither higher nor lower is better', n.node, n.indicator),
           'Give the indicator a direction, or use the method as_is.'
      FROM node n WHERE n.better = 'neutral' AND n.method IS DISTINCT FROM 'as_is'
    UNION ALL
    SELECT format('bounds "%s" and "%s" of node "%s" are not two finite numbers in rising order', n.low, n.high, n.node),
           'Give low < high; goalposts need both.'
      FROM node n WHERE n.low >= n.high
                     OR n.low = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
                     OR n.high = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
                     OR (n.method = 'goalposts' AND (n.low IS NULL OR n.high IS NULL))
    UNION ALL
    SELECT format('node "%s" measures the distance to a target, but indicator "%s" has no standard', n.node, n.indicator),
           'Give the indicator a standard.'
      FROM node n WHERE n.method = 'distance_to_target' AND n.standard IS NULL
    UNION ALL
    SELECT format('cut %s of category "%s" is out of order', coalesce(cuts.cut::text, 'NULL'), cuts.category),
           'Best first: cuts must fall (rise where lower is better), and the last category alone has none.'
      FROM (SELECT c.category, c.cut, s.better,
                   lag(c.cut) OVER (ORDER BY c.position) AS better_cut,
                   row_number() OVER (ORDER BY c.position DESC) AS place_from_end
              FROM stp.scheme_category c JOIN stp.scheme s ON s.scheme = c.scheme
             WHERE c.scheme = scheme_faults.scheme) cuts
     WHERE (cuts.cut IS NULL) <> (cuts.place_from_end = 1)
        OR cuts.cut = ANY (ARRAY['-infinity', 'infinity', 'NaN']::float8[])
        OR CASE WHEN cuts.better = 'higher' THEN cuts.cut >= cuts.better_cut
                ELSE cuts.cut <= cuts.better_cut END
    LIMIT 1;
END;
COMMENT ON FUNCTION stp.scheme_faults(text) IS 'The first fault of a scheme''s tree or categories, with a hint; no row if it is sound.';

CALL stp.make_as_of('scheme_faults');

CREATE FUNCTION stp.check_scheme() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed text;
    bad     record;
BEGIN
    -- Transactions that change schemes check one after the other, or two sound halves could make a broken whole.
    PERFORM pg_advisory_xact_lock('stp.scheme'::regclass::bigint);
    FOR changed IN SELECT OLD.scheme UNION SELECT NEW.scheme LOOP
        SELECT * INTO bad FROM stp.scheme_faults(changed);
        IF FOUND THEN
            RAISE EXCEPTION 'scheme "%": %', changed, bad.fault USING ERRCODE = 'check_violation', HINT = bad.hint;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stp.check_scheme() IS 'Constraint trigger: refuses, at commit, a scheme whose nodes are not one sound tree or whose cuts are out of order, SQLSTATE 23514.';

CREATE FUNCTION stp.refuse_builtin_scheme() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM stp.scheme s WHERE s.scheme = NEW.scheme AND s.builtin) THEN
        RAISE EXCEPTION 'builtin scheme "%" cannot be changed', NEW.scheme
              USING ERRCODE = 'restrict_violation', HINT = 'CALL stp.copy_scheme(...) and edit the copy.';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION stp.refuse_builtin_scheme() IS 'Trigger: refuses additions to a scheme that the extension ships, SQLSTATE 23001.';

CREATE TRIGGER known_indicator AFTER INSERT ON stp.scheme_node REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.refuse_unknown_code('indicator', 'indicator');
CREATE TRIGGER known_indicator_update AFTER UPDATE ON stp.scheme_node REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.refuse_unknown_code('indicator', 'indicator');
CREATE TRIGGER known_scheme AFTER INSERT ON stp.scheme_node REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.refuse_unknown_code('scheme', 'scheme');
CREATE TRIGGER known_scheme AFTER INSERT ON stp.scheme_category REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION stp.refuse_unknown_code('scheme', 'scheme');
CREATE CONSTRAINT TRIGGER scheme_is_sound AFTER UPDATE ON stp.scheme
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp.check_scheme();
CREATE CONSTRAINT TRIGGER scheme_is_sound AFTER INSERT OR UPDATE OR DELETE ON stp.scheme_node
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp.check_scheme();
CREATE CONSTRAINT TRIGGER scheme_is_sound AFTER INSERT OR UPDATE OR DELETE ON stp.scheme_category
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stp.check_scheme();

CREATE PROCEDURE stp.copy_scheme(source text, copy text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO stp.scheme (scheme, name, description, rates, better, grain)
    SELECT copy_scheme.copy, s.name, s.description, s.rates, s.better, s.grain FROM stp.scheme s WHERE s.scheme = source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown scheme "%"', source USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT scheme FROM stp.scheme lists them.';
    END IF;
    INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, aggregation, minimum_coverage, indicator, method, low, high, maximum_age)
    SELECT copy_scheme.copy, node, parent, position, name, weight, aggregation, minimum_coverage, indicator, method, low, high, maximum_age
      FROM stp.scheme_node WHERE scheme = source;
    INSERT INTO stp.scheme_category (scheme, position, category, cut)
    SELECT copy_scheme.copy, position, category, cut FROM stp.scheme_category WHERE scheme = source;
END $$;
COMMENT ON PROCEDURE stp.copy_scheme(text, text) IS 'Copies the scheme named first, its nodes and categories, under the name given second; the copy can be edited. Unknown source: SQLSTATE 22023.';

--------------------------------------------------------------------------------------------------------------
-- The scheme that ships
--------------------------------------------------------------------------------------------------------------

INSERT INTO stp.scheme (scheme, name, description, builtin) VALUES
('stp-2026', 'The 2017 STP dashboard on the figures of 2026',
 'Structure: the three themes and nine areas of NHS England''s STP progress dashboard of July 2017 (published). Indicators: those of which figures of 2026 are published for England''s trusts; none for general practice and mental health, which stay in the tree so that the coverage shows it. MRSA cases are left out: they are published as a count without the bed days of the same period. Weights (finance, leadership and prevention 20% each, the other six areas 40% together, equal within an area), percentile ranks among the systems, and the cuts 60, 50 and 40 are ours: the rules of 2017 were never found.', true);

-- Weights of areas are in fifteenths of the whole: 3 + 3 + 3 for finance, leadership and prevention, 1 for each other.
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, weight, indicator, builtin)
SELECT 'stp-2026', n.node, n.parent, n.position, n.name, n.weight, n.indicator, true
  FROM (VALUES
    ('overall', NULL, 1, 'Overall', 1, NULL),
    ('hospital_performance', 'overall', 1, 'Hospital performance', 3, NULL),
    ('patient_focused_change', 'overall', 2, 'Patient-focused change', 6, NULL),
    ('transformation', 'overall', 3, 'Transformation', 6, NULL),
    ('emergency_care', 'hospital_performance', 1, 'Emergency care', 1, NULL),
    ('elective_care', 'hospital_performance', 2, 'Elective care', 1, NULL),
    ('safety', 'hospital_performance', 3, 'Safety', 1, NULL),
    ('general_practice', 'patient_focused_change', 1, 'General practice', 1, NULL),
    ('mental_health', 'patient_focused_change', 2, 'Mental health', 1, NULL),
    ('cancer', 'patient_focused_change', 3, 'Cancer', 1, NULL),
    ('prevention', 'patient_focused_change', 4, 'Prevention', 3, NULL),
    ('leadership', 'transformation', 1, 'Leadership', 3, NULL),
    ('finance', 'transformation', 2, 'Finance', 3, NULL)) n (node, parent, position, name, weight, indicator)
UNION ALL
SELECT 'stp-2026', l.indicator, l.area, l.position, i.name, 1, l.indicator, true
  FROM (VALUES
    ('emergency_care', 1, 'ae_within_4_hours'),
    ('emergency_care', 2, 'handover_within_30_minutes'),
    ('elective_care', 1, 'within_18_weeks'),
    ('elective_care', 2, 'diagnostics_within_6_weeks'),
    ('safety', 1, 'deaths_against_expected'),
    ('safety', 2, 'cdiff_against_threshold'),
    ('safety', 3, 'ecoli_against_threshold'),
    ('cancer', 1, 'cancer_62_days'),
    ('cancer', 2, 'cancer_28_days'),
    ('cancer', 3, 'friends_and_family_positive'),
    ('prevention', 1, 'emergency_admissions'),
    ('prevention', 2, 'delayed_bed_days'),
    ('prevention', 3, 'discharged_on_ready_date'),
    ('leadership', 1, 'well_led'),
    ('leadership', 2, 'staff_engagement'),
    ('leadership', 3, 'raising_concerns'),
    ('finance', 1, 'variance_to_plan_pct'),
    ('finance', 2, 'planned_surplus_pct'),
    ('finance', 3, 'implied_productivity')) l (area, position, indicator)
  JOIN stp.indicator i ON i.indicator = l.indicator;

INSERT INTO stp.scheme_category (scheme, position, category, cut, builtin) VALUES
('stp-2026', 1, 'Outstanding', 60, true),
('stp-2026', 2, 'Advanced', 50, true),
('stp-2026', 3, 'Making progress', 40, true),
('stp-2026', 4, 'Needs most improvement', NULL, true);

CREATE TRIGGER refuse_builtin_mark BEFORE INSERT OR UPDATE ON stp.scheme
    FOR EACH ROW WHEN (NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit();
CREATE TRIGGER refuse_builtin_edit BEFORE UPDATE OR DELETE ON stp.scheme
    FOR EACH ROW WHEN (OLD.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit('scheme', 'CALL stp.copy_scheme(...) and edit the copy.');
CREATE TRIGGER refuse_builtin_mark BEFORE INSERT OR UPDATE ON stp.scheme_node
    FOR EACH ROW WHEN (NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit();
CREATE TRIGGER refuse_builtin_scheme BEFORE INSERT OR UPDATE ON stp.scheme_node
    FOR EACH ROW WHEN (NOT NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_scheme();
CREATE TRIGGER refuse_builtin_edit BEFORE UPDATE OR DELETE ON stp.scheme_node
    FOR EACH ROW WHEN (OLD.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit('node', 'CALL stp.copy_scheme(...) and edit the copy.');
CREATE TRIGGER refuse_builtin_mark BEFORE INSERT OR UPDATE ON stp.scheme_category
    FOR EACH ROW WHEN (NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit();
CREATE TRIGGER refuse_builtin_scheme BEFORE INSERT OR UPDATE ON stp.scheme_category
    FOR EACH ROW WHEN (NOT NEW.builtin) EXECUTE FUNCTION stp.refuse_builtin_scheme();
CREATE TRIGGER refuse_builtin_edit BEFORE UPDATE OR DELETE ON stp.scheme_category
    FOR EACH ROW WHEN (OLD.builtin) EXECUTE FUNCTION stp.refuse_builtin_edit('category', 'CALL stp.copy_scheme(...) and edit the copy.');

SELECT pg_catalog.pg_extension_config_dump('stp.scheme', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_node', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('stp.scheme_category', 'WHERE NOT builtin');

GRANT SELECT ON stp.scheme, stp.scheme_node, stp.scheme_category TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON stp.scheme, stp.scheme_node, stp.scheme_category
    TO @extowner@ WITH GRANT OPTION;

