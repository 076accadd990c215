-- Names that would be programs, and an indicator whose numbers are hidden.
UPDATE stp.system SET name = '</script><img src=x onerror=alert(1)> & "Sons"' WHERE system = 'QWO';
UPDATE stp.organisation SET name = '{{data}}<!-- ' || name WHERE organisation = 'R0A';
INSERT INTO stp.display_rule (indicator, hidden_below, rounded_to) VALUES ('cancer_62_days', 100000, 10);
CALL stp.refresh();
