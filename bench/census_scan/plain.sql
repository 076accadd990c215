-- Not the same answer, but what the same rows cost where only totals are wanted.
SELECT system, sum(end_date - start_date), min(start_date), max(end_date) FROM spell GROUP BY system
