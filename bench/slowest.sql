-- Of the questions that run.sql has put into the table question: the slowest of what is kept, each the best of three, and of what
-- is not.
UPDATE question SET ms = CASE WHEN is_kept THEN least(elapsed(query), elapsed(query), elapsed(query)) ELSE elapsed(query) END;
SELECT concat_ws(E'\t', round(max(ms) FILTER (WHERE is_kept)::numeric, 1), round(max(ms) FILTER (WHERE NOT is_kept)::numeric, 1),
                 round((max(ms) FILTER (WHERE is_kept) / max(ms) FILTER (WHERE NOT is_kept))::numeric, 4)) FROM question;
