SELECT unit, stp.percentile_rank(value) OVER () AS score FROM value
