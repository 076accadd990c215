\ir ../change_42/run.sql
