\ir ../refresh_full/setup.sql
