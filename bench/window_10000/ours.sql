SELECT unit, stp.min_max(value) OVER () AS score FROM value
