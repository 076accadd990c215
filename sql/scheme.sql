-- Module scheme: a tree that is not sound is refused at commit, with the fault and a hint.
\set SHOW_CONTEXT never
INSERT INTO stp.indicator (indicator, name, unit_of_measure, kind, better, denominator) VALUES
    ('up', 'Up', 'x', 'mean', 'higher', 'none'), ('down', 'Down', 'x', 'mean', 'lower', 'none'), ('level', 'Level', 'x', 'mean', 'neutral', 'none');
INSERT INTO stp.scheme (scheme, name) VALUES ('mine', 'My scheme');
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator) VALUES
    ('mine', 'all', NULL, 'All', 1, NULL), ('mine', 'a', 'all', 'A', 1, 'up'), ('mine', 'b', 'all', 'B', 2, 'down');

-- weights
UPDATE stp.scheme_node SET weight = 0 WHERE scheme = 'mine' AND parent = 'all';
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.scheme_node SET weight = -1 WHERE scheme = 'mine' AND node = 'a';
UPDATE stp.scheme_node SET weight = 'NaN' WHERE scheme = 'mine' AND node = 'a';
UPDATE stp.scheme_node SET weight = 'infinity' WHERE scheme = 'mine' AND node = 'a';
-- the tree: orphan, two roots, cycles, a leaf with children
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator) VALUES ('mine', 'c', 'nowhere', 'C', 'up');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.scheme_node WHERE scheme = 'mine' AND node = 'all';
INSERT INTO stp.scheme_node (scheme, node, parent, name) VALUES ('mine', 'root', NULL, 'Another');
INSERT INTO stp.scheme_node (scheme, node, parent, name) VALUES ('mine', 'c', 'd', 'C'), ('mine', 'd', 'c', 'D');
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.scheme_node SET parent = 'all' WHERE scheme = 'mine' AND node = 'all';
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator) VALUES ('mine', 'c', 'a', 'C', 'up');
-- leaves and what is above them
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator) VALUES ('mine', 'c', 'all', 'C', 'level');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator) VALUES ('mine', 'c', 'all', 'C', 'nothing');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_node (scheme, node, parent, name, method) VALUES ('mine', 'c', 'all', 'C', 'min_max');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, aggregation) VALUES ('mine', 'c', 'all', 'C', 'up', 'geometric');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('mine', 'c', 'all', 'C', 'up', 'goalposts');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low, high) VALUES ('mine', 'c', 'all', 'C', 'up', 'goalposts', 5, 5);
\set VERBOSITY terse
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('mine', 'c', 'all', 'C', 'up', 'by_ear');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_node (scheme, node, parent, name) VALUES ('nobody''s', 'c', NULL, 'C');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low) VALUES ('mine', 'c', 'all', 'C', 'up', 'ranked', 5);
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low) VALUES ('mine', 'c', 'all', 'C', 'up', 'as_is', 5);
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low) VALUES ('mine', 'c', 'all', 'C', 'up', 'min_max', 200);
-- scales: what is scored on another is refused, unless the node above rescales, which needs two ends
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, indicator, method) VALUES ('mine', 'c', 'all', 1, 'C', 'up', 'ranked');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, indicator, method, low, high) VALUES
    ('mine', 'c', 'all', 1, 'C', 'down', 'as_is', 1, 4), ('mine', 'd', 'all', 2, 'D', 'level', 'as_is', NULL, NULL), ('mine', 'e', 'all', 3, 'E', 'up', 'min_max', 1, 10.5);
UPDATE stp.scheme_node SET rescale = true WHERE scheme = 'mine' AND node = 'a';
\echo :LAST_ERROR_SQLSTATE
BEGIN;
UPDATE stp.scheme_node SET rescale = true WHERE scheme = 'mine' AND node = 'all';
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, indicator, method) VALUES ('mine', 'c', 'all', 1, 'C', 'up', 'z_score');
COMMIT;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
UPDATE stp.scheme_node SET rescale = true WHERE scheme = 'mine' AND node = 'all';
INSERT INTO stp.scheme_node (scheme, node, parent, position, name, indicator, method) VALUES ('mine', 'c', 'all', 1, 'C', 'up', 'ranked');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT node, rescale, scale_low, scale_high, scale_better FROM stp.scheme_tree('mine');
ROLLBACK;
\set VERBOSITY terse
UPDATE stp.scheme SET missing_weight = 'nowhere' WHERE scheme = 'mine';
\set VERBOSITY default
-- banding, reference periods, decimals
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, critical) VALUES ('mine', 'c', 'all', 'C', 'up', 'z_score', 3);
INSERT INTO stp.scheme_node (scheme, node, parent, name, overdispersion) VALUES ('mine', 'c', 'all', 'C', 'none');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, reference) VALUES ('mine', 'c', 'all', 'C', 'diagnostics_within_6_weeks', 'banded', 'standard');
\set VERBOSITY terse
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, winsorise) VALUES ('mine', 'c', 'all', 'C', 'up', 'banded', 0.5);
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, critical) VALUES ('mine', 'c', 'all', 'C', 'up', 'banded', 0);
\set VERBOSITY default
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, reference_period) VALUES ('mine', 'c', 'all', 'C', 'up', '2026-03');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, ties) VALUES ('mine', 'c', 'all', 'C', 'up', 'high');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, ties) VALUES ('mine', 'c', 'all', 'C', 'up', 'exponential_rank', 'first');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, transformation) VALUES ('mine', 'c', 'all', 'C', 'up', 'log');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, transformation) VALUES ('mine', 'c', 'all', 'C', 'up', 'min_max', 'ln');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low, high, transformation) VALUES ('mine', 'c', 'all', 'C', 'up', 'goalposts', 0, 5, 'log');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method, low, high, transformation) VALUES ('mine', 'c', 'all', 'C', 'up', 'goalposts', -1, 5, 'root');
INSERT INTO stp.scheme_node (scheme, node, parent, name, transformation) VALUES ('mine', 'c', 'all', 'C', 'log');
\set VERBOSITY terse
INSERT INTO stp.scheme_node (scheme, node, parent, name, decimals) VALUES ('mine', 'c', 'all', 'C', -1);
\set VERBOSITY default
-- what is rated, and within which group
\set VERBOSITY terse
UPDATE stp.scheme SET peer_group = 'type' WHERE scheme = 'mine';
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
UPDATE stp.scheme SET rates = 'nation', peer_group = 'parent' WHERE scheme = 'mine';
\set VERBOSITY default
\set VERBOSITY terse
UPDATE stp.scheme SET rates = 'organisation', peer_group = 'parent' WHERE scheme = 'mine';
\set VERBOSITY default
\set VERBOSITY terse
UPDATE stp.scheme SET categorise = 'halves' WHERE scheme = 'mine';
\set VERBOSITY default
-- brackets
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('mine', 'a', 1, NULL, 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('mine', 'z', 1, NULL, 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('mine', 'c', 'all', 'C', 'level', 'brackets');
SELECT * FROM stp.assess('mine', '2026-03');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('mine', 'c', 1, NULL, 1), ('mine', 'c', 2, 5, 2), ('mine', 'c', 3, 4, 3);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('mine', 'c', 1, 3, 1), ('mine', 'c', 2, 5, 2);
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('mine', 'c', 1, NULL, 1), ('mine', 'c', 2, NULL, 2);
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('mine', 'c', 1, NULL, 1), ('mine', 'c', 2, 'infinity', 2);
INSERT INTO stp.scheme_bracket (scheme, node, position, cut, score) VALUES ('mine', 'c', 1, NULL, 'NaN');
DELETE FROM stp.scheme_node WHERE scheme = 'mine' AND node = 'c';
-- categories
INSERT INTO stp.scheme_category VALUES ('mine', 1, 'Good', 50), ('mine', 2, 'Fair', 60), ('mine', 3, 'Poor', NULL);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_category VALUES ('mine', 1, 'Good', 50), ('mine', 2, 'Fair', 40);
INSERT INTO stp.scheme_category VALUES ('mine', 1, 'Good', 'NaN'), ('mine', 2, 'Fair', NULL);
INSERT INTO stp.scheme_category VALUES ('mine', 1, 'Good', 60), ('mine', 2, 'Fair', 50), ('mine', 3, 'Poor', NULL);
UPDATE stp.scheme SET better = 'lower' WHERE scheme = 'mine';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_node_category VALUES ('mine', 'all', 1, 'Good', 1), ('mine', 'all', 2, 'Bad', NULL);
INSERT INTO stp.scheme_node_category VALUES ('mine', 'a', 1, 'Good', 1), ('mine', 'a', 2, 'Fair', 2), ('mine', 'a', 3, 'Bad', NULL);
INSERT INTO stp.scheme_node_category VALUES ('mine', 'z', 1, 'Good', 1);
\echo :LAST_ERROR_SQLSTATE
-- a cut that is left open is passed over until the scheme is used
UPDATE stp.scheme_category SET cut = NULL WHERE scheme = 'mine' AND category = 'Fair';
SELECT * FROM stp.assess('mine', '2026-03');
\echo :LAST_ERROR_SQLSTATE
UPDATE stp.scheme_category SET cut = 70 WHERE scheme = 'mine' AND category = 'Fair';
UPDATE stp.scheme_category SET cut = 50 WHERE scheme = 'mine' AND category = 'Fair';
SELECT * FROM stp.assess('nof-2026-27', '2026-03');
\echo :LAST_ERROR_SQLSTATE
-- overrides
INSERT INTO stp.scheme_override VALUES ('mine', 'rule', 'Rule', 'Excellent', NULL);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
INSERT INTO stp.scheme_override VALUES ('mine', 'rule', 'Rule', NULL, NULL);
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_override VALUES ('mine', 'rule', 'Rule', 'Poor', 'Good');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_override VALUES ('mine', 'rule', 'Rule', 'Fair', NULL);
SELECT * FROM stp.assess('mine', '2026-03');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_override_condition VALUES ('mine', 'other', 'a', 'value', '<', 1);
INSERT INTO stp.scheme_override_condition VALUES ('mine', 'rule', 'z', 'value', '<', 1);
INSERT INTO stp.scheme_override_condition VALUES ('mine', 'rule', 'all', 'value', '<', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_override_condition VALUES ('mine', 'rule', 'a', 'value', '<', 'NaN');
\set VERBOSITY terse
INSERT INTO stp.scheme_override_condition VALUES ('mine', 'rule', 'a', 'value', '<>', 1);
\set VERBOSITY default
INSERT INTO stp.scheme_override_condition VALUES ('mine', 'rule', 'a', 'value', '<', 1);
DELETE FROM stp.scheme_node WHERE scheme = 'mine' AND node = 'a';
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM stp.assess('mine', '2026-03');

-- a change in several steps is judged at commit
BEGIN;
DELETE FROM stp.scheme_node WHERE scheme = 'mine' AND node = 'all';
INSERT INTO stp.scheme_node (scheme, node, name) VALUES ('mine', 'all', 'Everything');
COMMIT;
SELECT node, parent, name, weight, indicator FROM stp.scheme_node WHERE scheme = 'mine' ORDER BY node;

-- builtin schemes are copied, not edited
UPDATE stp.scheme_node SET weight = 2 WHERE scheme = 'stp-2026' AND node = 'finance';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM stp.scheme WHERE scheme = 'stp-2026';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_node (scheme, node, parent, name) VALUES ('stp-2026', 'more', 'overall', 'More');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_category VALUES ('stp-2026', 5, 'Worse', NULL);
INSERT INTO stp.scheme_override VALUES ('nof-2025-26', 'more', 'More', '2', NULL);
UPDATE stp.scheme_override_condition SET threshold = 2 WHERE scheme = 'nof-2025-26';
DELETE FROM stp.scheme_bracket WHERE scheme = 'stp-2017';
UPDATE stp.scheme_node_category SET cut = 2 WHERE scheme = 'nof-2025-26';
INSERT INTO stp.scheme (scheme, name, builtin) VALUES ('fake', 'Fake', true);
\echo :LAST_ERROR_SQLSTATE
CALL stp.copy_scheme('stp-2026', 'copy');
UPDATE stp.scheme_node SET weight = 2 WHERE scheme = 'copy' AND node = 'finance';
SELECT count(*) FILTER (WHERE builtin) AS builtin, count(*) AS nodes FROM stp.scheme_node WHERE scheme = 'copy';
CALL stp.copy_scheme('nothing', 'copy 2');
\echo :LAST_ERROR_SQLSTATE
CALL stp.copy_scheme('stp-2026', 'copy');
\echo :LAST_ERROR_SQLSTATE

-- deleting a scheme takes its nodes and categories
DELETE FROM stp.scheme WHERE NOT builtin;
SELECT count(*) FROM stp.scheme_node WHERE NOT builtin;
DELETE FROM stp.indicator WHERE NOT builtin;

-- the first scheme that shipped
SELECT repeat('  ', depth) || node AS node, weight, indicator, method, aggregation FROM stp.scheme_tree('stp-2026');
SELECT category, cut FROM stp.scheme_category WHERE scheme = 'stp-2026' ORDER BY position;
SELECT description LIKE '%are ours%' AS says_what_is_ours FROM stp.scheme WHERE scheme = 'stp-2026';
-- A scheme is checked once at commit, however many of its rows have changed; and again when something has changed since.
INSERT INTO stp.scheme (scheme, name) VALUES ('checked', 'Checked');
BEGIN;
INSERT INTO stp.scheme_node (scheme, node, parent, name) VALUES ('checked', 'all', NULL, 'All');
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator) SELECT 'checked', 'n' || n, 'all', 'N', 'ae_within_4_hours' FROM generate_series(1, 3) n;
SET CONSTRAINTS ALL IMMEDIATE;
SAVEPOINT s;
SET CONSTRAINTS ALL DEFERRED;
DELETE FROM stp.scheme_node WHERE scheme = 'checked' AND node = 'all';
SET CONSTRAINTS ALL IMMEDIATE;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
UPDATE stp.scheme_node SET parent = 'n2' WHERE scheme = 'checked' AND node = 'n1';
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
DELETE FROM stp.scheme WHERE scheme = 'checked';
