-- Load what trusts returned for March 2026 of delays to discharge, and of money to the third quarter of 2025/26. After demo/load.sql.
\copy stp.discharge_delay (organisation, period, discharges, discharged_on_ready_date, delayed_bed_days, beds_occupied, beds_available) FROM 'demo/data/discharge_delay.csv' WITH (FORMAT csv, HEADER)
\copy stp.financial_position (organisation, period, measure, basis, surplus) FROM 'demo/data/financial_position.csv' WITH (FORMAT csv, HEADER)
INSERT INTO stp.observation_source VALUES ('discharge_delay');
