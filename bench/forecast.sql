-- How often the 95% interval of stp.outturn() holds the outturn of years that are drawn: the table of doc/finance.md. Seven
-- processes, and one that no argument describes, each with what may be known of it. A month is 5 and normal noise of standard
-- deviation 1 in all of them.
SELECT setseed(0.14) \g /dev/null

CREATE TABLE process (number int, process text, autocorrelation float8, usual float8[]);
INSERT INTO process
SELECT p.number, p.process, p.autocorrelation, array_agg(5 + CASE p.number WHEN 4 THEN 0.3 * i WHEN 5 THEN 3 * (i >= 4)::int
           WHEN 6 THEN -3 * (i IN (8, 9, 10))::int WHEN 7 THEN 4 * (i = 11)::int ELSE 0 END ORDER BY i)
  FROM (VALUES (1, 'independent', 0.0), (2, 'autocorrelation 0.4', 0.4), (3, 'autocorrelation 0.8', 0.8),
               (4, 'trend: each month 0.3 more', 0), (5, 'step: 3 more from August on', 0),
               (6, 'seasons: 3 less December to February', 0), (7, 'last month catches up: 4 more in March', 0),
               (8, 'beyond these: March settles the year at 60', 0))
       p (number, process, autocorrelation), generate_series(0, 11) i
 GROUP BY p.number, p.process, p.autocorrelation;

-- By Box and Muller.
CREATE FUNCTION noise() RETURNS float8 LANGUAGE sql VOLATILE AS $$ SELECT sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) $$;

-- The months of a year.
CREATE FUNCTION draw(p process) RETURNS float8[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    noise float8 := noise();
    months float8[];
BEGIN
    FOR i IN 1..12 LOOP
        months[i] := p.usual[i] + noise;
        noise := p.autocorrelation * noise + sqrt(1 - p.autocorrelation ^ 2) * noise();
    END LOOP;
    IF p.number = 8 THEN
        months[12] := 60 + noise - (SELECT sum(m) FROM unnest(months[:11]) m);
    END IF;
    RETURN months;
END $$;

-- The positions at the ends of the first months.
CREATE FUNCTION to_date(months float8[], first int) RETURNS float8[] LANGUAGE sql AS $$
    SELECT array_agg(position ORDER BY i)
      FROM (SELECT i, sum(month) OVER (ORDER BY i) AS position FROM unnest(months[:first]) WITH ORDINALITY m (month, i)) t $$;

-- What each month deviates from its year's mean, in the mean of two years.
CREATE FUNCTION profile(one float8[], two float8[]) RETURNS float8[] LANGUAGE sql AS $$
    SELECT array_agg(mean - overall ORDER BY i)
      FROM (SELECT i, (a + b) / 2 AS mean, avg((a + b) / 2) OVER () AS overall
              FROM unnest(one, two) WITH ORDINALITY y (a, b, i)) t $$;

CREATE TABLE drawn (number int, months float8[], one float8[], two float8[]);
DO $$
DECLARE
    p process;
BEGIN
    FOR p IN SELECT * FROM process ORDER BY number LOOP
        INSERT INTO drawn SELECT p.number, draw(p), draw(p), draw(p) FROM generate_series(1, 4000);
    END LOOP;
END $$;

CREATE TABLE forecast AS
SELECT d.number, known.place, known.what, month, o.status, to_date.whole[12] BETWEEN o.lower AND o.upper AS held, o.upper - o.lower AS width
  FROM drawn d
  JOIN process p USING (number)
 CROSS JOIN LATERAL (SELECT to_date(d.months, 12) AS whole, to_date(p.usual, 12) AS plan, profile(d.one, d.two) AS profile
                     OFFSET 0) to_date
 CROSS JOIN LATERAL (VALUES (1, 'nothing', NULL, NULL, false), (2, 'the plan', NULL, to_date.plan, false),
                            (3, 'two earlier years', to_date.profile, NULL, false),
                            (4, 'said to be independent', NULL, NULL, true)) known (place, what, profile, plan, independent)
 CROSS JOIN (VALUES (3), (6), (9), (11)) m (month)
 CROSS JOIN LATERAL stp.outturn(to_date.whole[:month], NULL, known.profile, 0.95, known.plan, known.independent) o;

-- Of each status that at least 1% of the years have: the share that has it, where it is not all, and how often they held.
CREATE TABLE cell AS
SELECT number, place, what, month, string_agg(coalesce(round(held, 3) || ' ', '') || status
           || CASE WHEN share < 0.995 THEN format(' (%s%%)', round(100 * share)) ELSE '' END, ', ' ORDER BY share DESC) AS cell
  FROM (SELECT number, place, what, month, status, avg(held::int) AS held, count(*) / sum(count(*)) OVER years AS share
          FROM forecast
         GROUP BY number, place, what, month, status
        WINDOW years AS (PARTITION BY number, place, month)) t
 WHERE share >= 0.01
 GROUP BY number, place, what, month;

\pset footer off
SELECT p.process, what AS known, max(cell) FILTER (WHERE month = 3) AS "3 months", max(cell) FILTER (WHERE month = 6) AS "6 months",
       max(cell) FILTER (WHERE month = 9) AS "9 months", max(cell) FILTER (WHERE month = 11) AS "11 months",
       (SELECT round((avg(width) FILTER (WHERE f.place = cell.place) / avg(width) FILTER (WHERE f.place = 4))::numeric, 1)
          FROM forecast f WHERE f.number = p.number AND f.month = 6) AS width
  FROM cell JOIN process p USING (number)
 GROUP BY p.number, p.process, place, what
 ORDER BY p.number, place;
