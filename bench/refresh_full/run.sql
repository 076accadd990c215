-- The first refresh after the load: all periods. Rows are those of stp.assessment_node.
SET client_min_messages = warning;
SELECT clock_timestamp() AS begun \gset
CALL stp.refresh();
SELECT extract(epoch FROM clock_timestamp() - :'begun') AS seconds \gset
SELECT concat_ws(E'\t', round(1000 * :seconds, 1), '', '', round(count(*) / :seconds) || ' rows/s') FROM stp.assessment_node;
