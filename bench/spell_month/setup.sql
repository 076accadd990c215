\ir ../spell_one/setup.sql
