\echo Use "ALTER EXTENSION stp_metrics UPDATE TO '0.3'" to load this file. \quit

-- How src/*.sql has changed since 0.2, in an order in which it can be done. test/tap/upgrade.pl compares what comes of it with
-- a fresh installation.
