-- Module code: codes, and cells of files, without what cannot be seen. RN1, RN1 with a blank behind it and RN1 with a no-break
-- space would be three organisations. The rule is in C, in one place: guards of the tables where codes are born refuse any
-- other code, staging tables and views read it as what it should be.

CREATE FUNCTION stp_internal.tidy_code(code text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'stp_code_tidy';
COMMENT ON FUNCTION stp_internal.tidy_code(text) IS
    'A code without blanks around it and invisible characters in it: byte order mark, no-break space, zero-width space, soft '
    'hyphen, tab and so on. A blank between two words is a space.';

-- Not STRICT, so that the planner takes it in.
CREATE FUNCTION stp_internal.ods_code(code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN upper(stp_internal.tidy_code(code) COLLATE "C");
COMMENT ON FUNCTION stp_internal.ods_code(text) IS
    'A code of the Organisation Data Service as it is written there: tidy, in capital letters.';
