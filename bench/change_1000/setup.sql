-- The same of 1,000 systems.
\set units 1000
\ir ../change_42/setup.sql
