-- Load the published figures of March 2026 into the tables.
\copy stp.system (system, name, kind, parent, valid_from) FROM 'demo/data/system.csv' WITH (FORMAT csv, HEADER)
\copy stp.organisation (organisation, name, type, subtype, region) FROM 'demo/data/organisation.csv' WITH (FORMAT csv, HEADER)
\copy stp.membership (organisation, system, share, valid_from, basis) FROM 'demo/data/membership.csv' WITH (FORMAT csv, HEADER)
\copy stp.population (system, period, age_from, persons) FROM 'demo/data/population.csv' WITH (FORMAT csv, HEADER)
\copy stp.observation (organisation, indicator, period, numerator, denominator, value) FROM 'demo/data/observation.csv' WITH (FORMAT csv, HEADER)
\copy stp.expected_report (organisation, indicator, valid_from) FROM 'demo/data/expected_report.csv' WITH (FORMAT csv, HEADER)
