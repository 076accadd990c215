\i test/fixtures/assessment/cms_2021_04.sql
VACUUM ANALYZE;
