-- The cohort of change_42: 42 systems, 17 indicators, two months.
\ir ../change_42/setup.sql
