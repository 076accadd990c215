\ir ../explain_42/setup.sql
