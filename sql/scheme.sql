-- Module scheme: a tree that is not sound is refused at commit, with the fault and a hint.
\set SHOW_CONTEXT never
INSERT INTO stp.indicator (indicator, name, unit, kind, better, denominator) VALUES
    ('up', 'Up', 'x', 'mean', 'higher', 'none'), ('down', 'Down', 'x', 'mean', 'lower', 'none'), ('level', 'Level', 'x', 'mean', 'neutral', 'none');
INSERT INTO stp.scheme (scheme, name) VALUES ('mine', 'My scheme');
INSERT INTO stp.scheme_node (scheme, node, parent, name, weight, indicator) VALUES
    ('mine', 'all', NULL, 'All', 1, NULL), ('mine', 'a', 'all', 'A', 1, 'up'), ('mine', 'b', 'all', 'B', 2, 'down');

-- weights
UPDATE stp.scheme_node SET weight = 0 WHERE scheme = 'mine' AND node = 'a';
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
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('mine', 'c', 'all', 'C', 'up', 'distance_to_target');
\set VERBOSITY terse
INSERT INTO stp.scheme_node (scheme, node, parent, name, indicator, method) VALUES ('mine', 'c', 'all', 'C', 'up', 'by_ear');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_node (scheme, node, parent, name) VALUES ('nobody''s', 'c', NULL, 'C');
\echo :LAST_ERROR_SQLSTATE
-- categories
INSERT INTO stp.scheme_category VALUES ('mine', 1, 'Good', 50), ('mine', 2, 'Fair', 60), ('mine', 3, 'Poor', NULL);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO stp.scheme_category VALUES ('mine', 1, 'Good', 50), ('mine', 2, 'Fair', 40);
INSERT INTO stp.scheme_category VALUES ('mine', 1, 'Good', NULL), ('mine', 2, 'Fair', NULL);
INSERT INTO stp.scheme_category VALUES ('mine', 1, 'Good', 'NaN'), ('mine', 2, 'Fair', NULL);
INSERT INTO stp.scheme_category VALUES ('mine', 1, 'Good', 60), ('mine', 2, 'Fair', 50), ('mine', 3, 'Poor', NULL);
UPDATE stp.scheme SET better = 'lower' WHERE scheme = 'mine';
\echo :LAST_ERROR_SQLSTATE

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

-- the scheme that ships
SELECT repeat('  ', depth) || node AS node, weight, indicator, method, aggregation FROM stp.scheme_tree('stp-2026', '2026-03');
SELECT category, cut FROM stp.scheme_category WHERE scheme = 'stp-2026' ORDER BY position;
SELECT description LIKE '%are ours%' AS says_what_is_ours FROM stp.scheme WHERE scheme = 'stp-2026';
