-- Module bi: what business intelligence tools read: a star of plain columns, names beside codes, periods as label and days.
-- Its views of ratings are in bi_rating, of figures in bi_figure.

GRANT SELECT ON ALL TABLES IN SCHEMA stp_bi TO PUBLIC;
