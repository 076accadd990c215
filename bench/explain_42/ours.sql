-- All that is explained but movement; in the place of plain SQL the rating alone.
SELECT unit, peer_group, node, parent, depth, place, name, indicator, value, unit_of_measure, value_period, organisations,
       expected, completeness, months, months_expected, score, weight, effective_weight, contribution, coverage, rank,
       category, override, status, target, restated, lower, upper, missing_weight, next_category, needed_value
  FROM stp.explain('bench', '2026-03')
