SELECT unit, score, category FROM stp.assess('cms-stars-2021', '2020/21') WHERE parent IS NULL
