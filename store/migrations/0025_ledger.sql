-- The ledger in days of the messages' own time (ADR 41): a day is dropped whole instead of row by row. The same on every
-- kind of server. A repeat says the same time, so it meets the row of its first coming in the same partition.
DROP VIEW device_ledger, message_profile;
ALTER TABLE ledger RENAME TO ledger_before;
ALTER INDEX ledger_pkey RENAME TO ledger_before_pkey;
ALTER INDEX ledger_received_idx RENAME TO ledger_before_received_idx;

CREATE TABLE ledger (
    source_id bigint NOT NULL,
    key uuid NOT NULL,
    time timestamptz NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    seq bigint,
    rows integer NOT NULL,
    PRIMARY KEY (source_id, time, key)
) PARTITION BY RANGE (time);
CREATE INDEX ledger_received_idx ON ledger USING brin (received);
-- What claims no believable time: from clocks that were never set, and what is of no day that was made.
CREATE TABLE ledger_unset PARTITION OF ledger FOR VALUES FROM (MINVALUE) TO ('2020-01-01 00:00:00+00');
CREATE TABLE ledger_other PARTITION OF ledger DEFAULT;
CREATE INDEX ledger_other_time ON ledger_other (time);

-- All that is there becomes one partition, as it lies, which goes when its last day does.
DO $$
DECLARE
    beyond timestamptz := date_trunc('day', now(), 'UTC') + INTERVAL '1 day';
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_before) THEN
        DROP TABLE ledger_before;
        RETURN;
    END IF;
    WITH stray AS (DELETE FROM ledger_before WHERE time < '2020-01-01 00:00:00+00' OR time >= beyond RETURNING *)
    INSERT INTO ledger (source_id, key, time, received, seq, rows)
        SELECT source_id, key, time, received, seq, rows FROM stray;
    EXECUTE format('ALTER TABLE ledger ATTACH PARTITION ledger_before FOR VALUES FROM (%L) TO (%L)',
        '2020-01-01 00:00:00+00', beyond);
END $$;

-- The partitions of whole days: [begin, beyond).
CREATE FUNCTION ledger_days() RETURNS TABLE (partition regclass, begin timestamptz, beyond timestamptz)
    LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT oid::regclass, substring(bound FROM $x$FROM \('([^']+)'\)$x$)::timestamptz,
        substring(bound FROM $x$TO \('([^']+)'\)$x$)::timestamptz
    FROM (SELECT pg_class.oid, pg_get_expr(relpartbound, pg_class.oid) AS bound
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'ledger'::regclass) AS part
    WHERE bound LIKE 'FOR VALUES FROM (''%'
$$;

-- Makes the missing days of [first, last]; what lies in ledger_other of such a day moves into it. Returns how many.
CREATE FUNCTION ledger_partitions(first date, last date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET lock_timeout = '2s' AS $$
DECLARE
    low timestamptz;
    high timestamptz;
    name text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('mingchu.ledger_partitions'));
    FOR low IN SELECT day::date::timestamp AT TIME ZONE 'UTC' FROM generate_series(first, last, INTERVAL '1 day') AS day LOOP
        high := low + INTERVAL '1 day';
        CONTINUE WHEN EXISTS (SELECT FROM ledger_days() AS made WHERE made.begin <= low AND made.beyond > low);
        name := 'ledger_' || to_char(low AT TIME ZONE 'UTC', 'YYYYMMDD');
        LOCK TABLE ledger_other IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('CREATE TABLE %I (LIKE ledger INCLUDING ALL)', name);
        EXECUTE format('WITH stray AS (DELETE FROM ledger_other WHERE time >= %L AND time < %L RETURNING *)'
            ' INSERT INTO %I (source_id, key, time, received, seq, rows)'
            ' SELECT source_id, key, time, received, seq, rows FROM stray', low, high, name);
        EXECUTE format('ALTER TABLE ledger ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Drops the days that ended a day and more before the given time; what came so late that it was received since then
-- stays, in ledger_other, for as long as everything is kept. Returns how many days, and rows of no day, went.
CREATE FUNCTION ledger_forget(before timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET lock_timeout = '5s' AS $$
DECLARE
    old regclass;
    gone bigint := 0;
    strays bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('mingchu.ledger_partitions'));
    FOR old IN SELECT partition FROM ledger_days() WHERE beyond <= before - INTERVAL '1 day' LOOP
        EXECUTE format('ALTER TABLE ledger DETACH PARTITION %s', old);
        EXECUTE format('INSERT INTO ledger (source_id, key, time, received, seq, rows)'
            ' SELECT source_id, key, time, received, seq, rows FROM %s WHERE received >= %L', old, before);
        EXECUTE format('DROP TABLE %s', old);
        gone := gone + 1;
    END LOOP;
    DELETE FROM ledger_other WHERE received < before;
    GET DIAGNOSTICS strays = ROW_COUNT;
    gone := gone + strays;
    DELETE FROM ledger_unset WHERE received < before;
    GET DIAGNOSTICS strays = ROW_COUNT;
    RETURN gone + strays;
END $$;

CREATE OR REPLACE FUNCTION forget(wanted text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    before timestamptz;
    gone bigint;
BEGIN
    SELECT now() - make_interval(days => days) INTO STRICT before FROM retention WHERE kind = wanted;
    CASE wanted
        WHEN 'reading' THEN RETURN reading_forget(before);
        WHEN 'rollup' THEN RETURN rollup_forget(before);
        WHEN 'ledger' THEN RETURN ledger_forget(before);
        WHEN 'transaction' THEN DELETE FROM transaction WHERE time < before;
        WHEN 'device_event' THEN DELETE FROM device_event WHERE time < before;
        WHEN 'dead_letter' THEN DELETE FROM dead_letter WHERE last < before;
    END CASE;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;

REVOKE EXECUTE ON FUNCTION ledger_days, ledger_partitions, ledger_forget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_partitions TO mingchu_ingest;
-- Days are made ahead, so that this may wait for a better moment: nobody queues behind it while a backup reads.
ALTER FUNCTION reading_partitions SET lock_timeout = '2s';

GRANT INSERT, SELECT ON ledger TO mingchu_ingest;
GRANT SELECT ON ledger TO mingchu_reader;
CREATE VIEW message_profile AS
    SELECT ledger.source_id AS device_id, ledger.key, ledger.time, ledger.received,
        assignment.profile_code, version.version
    FROM ledger
    CROSS JOIN LATERAL (SELECT profile_code FROM device_assignment WHERE device_id = ledger.source_id
        AND since <= ledger.received ORDER BY since DESC LIMIT 1) AS assignment
    CROSS JOIN LATERAL (SELECT version FROM device_profile_version WHERE code = assignment.profile_code
        AND installed <= ledger.received ORDER BY installed DESC LIMIT 1) AS version;
CREATE VIEW device_ledger WITH (security_barrier) AS
    SELECT ledger.source_id AS device_id, ledger.time, ledger.received, ledger.seq
    FROM ledger JOIN device ON device.id = ledger.source_id;
GRANT CREATE ON SCHEMA public TO mingchu_reader;
ALTER VIEW device_ledger OWNER TO mingchu_reader;
REVOKE CREATE ON SCHEMA public FROM mingchu_reader;
GRANT SELECT ON device_ledger TO mingchu_api;
