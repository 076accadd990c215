-- How long a query takes on the server, planned and executed, in milliseconds. Its rows stay there: the query is timed, not psql.
CREATE FUNCTION elapsed(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || query INTO plan;
    RETURN (plan -> 0 ->> 'Planning Time')::float8 + (plan -> 0 ->> 'Execution Time')::float8;
END $$;

-- The same of the processor alone, without what other processes took of it.
CREATE FUNCTION on_processor(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE begun float8 := split_part(pg_read_file('/proc/self/schedstat'), ' ', 1);
BEGIN
    PERFORM elapsed(query);
    RETURN (split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 - begun) / 1e6;
END $$;
