-- A million spells of ten years: what the observations of all of them cost.
\set spells 1000000
\ir ../spell.sql
