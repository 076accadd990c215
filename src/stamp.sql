-- Module stamp: the time that rows of a transaction bear, and from which time on it counts.
--
-- recorded_at and superseded_at are stamps: the time at which a transaction began to write, which no other transaction has.
-- Whether a stamp counts at some time is a matter of when that transaction was committed, which it notes, at that moment,
-- in stp_internal.recording.

CREATE FUNCTION stp_internal.recording_time() RETURNS timestamptz
LANGUAGE c STABLE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'stp_recording_time';
COMMENT ON FUNCTION stp_internal.recording_time() IS
    'Default of recorded_at: the time at which this transaction began to write to versioned tables, no other transaction''s; '
    '-infinity for rows that the extension ships; infinity where it has not begun, as on another server that rows come from: '
    'their table gives them the time.';

CREATE TABLE stp_internal.recording
(
    committed_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (committed_at, recorded_at)
);
-- Which stamps were there, but not committed, at some time.
CREATE INDEX recording_under_way ON stp_internal.recording USING gist (tstzrange(recorded_at, committed_at));
COMMENT ON TABLE stp_internal.recording IS 'When what bears a stamp was committed. Written at each commit.';
COMMENT ON COLUMN stp_internal.recording.committed_at IS
    'When the transaction was committed: later than all that were committed before it.';
COMMENT ON COLUMN stp_internal.recording.recorded_at IS 'The stamp.';
SELECT pg_catalog.pg_extension_config_dump('stp_internal.recording', '');
GRANT SELECT, INSERT ON stp_internal.recording TO @extowner@;

CREATE FUNCTION stp_internal.settled_time() RETURNS timestamptz
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'stp_settled_time';
COMMENT ON FUNCTION stp_internal.settled_time() IS
    'A time between commits: what is committed until then, or written by this transaction, can be seen by the next statement, '
    'and whatever comes afterwards counts from later. If this transaction has written something, others commit after it. Error '
    '25001: an isolation level above READ COMMITTED.';
