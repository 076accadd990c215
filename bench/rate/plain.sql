-- The value alone: plain SQL has no limits to offer.
SELECT system, sum(n)::float8 / sum(d) * 100000 AS rate FROM report GROUP BY system
