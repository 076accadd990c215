-- Not the same answer, but what one count by organisation and month of the same rows costs.
SELECT organisation, stp.month(admission_date), count(*) FROM stp.spell GROUP BY 1, 2
