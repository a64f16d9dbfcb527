-- Hourly rollups of our own, where no continuous aggregate keeps them: plain PostgreSQL and TimescaleDB's Apache
-- edition. Minutes stay a view (they would take as much room as the readings), days are a view of hours (ADR 23).
DROP VIEW reading_1h;

CREATE TABLE rollup_1h (
    device_id bigint NOT NULL,
    metric_id integer NOT NULL,
    bucket timestamptz NOT NULL,
    n bigint NOT NULL,
    total double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    PRIMARY KEY (device_id, metric_id, bucket) INCLUDE (n, total, low, high)  -- a chart reads the index alone
);
CREATE INDEX ON rollup_1h USING brin (bucket);

INSERT INTO rollup_mark (name, at) SELECT name, coalesce(
    (SELECT date_trunc('hour', min(time), 'UTC') FROM reading), date_trunc('hour', now(), 'UTC'))
    FROM unnest(ARRAY['open', 'stored']) AS name;

CREATE VIEW reading_1h AS
    SELECT device_id, metric_id, bucket, n, total, low, high
    FROM rollup_1h WHERE bucket < (SELECT at FROM rollup_mark WHERE name = 'stored')
    UNION ALL
    SELECT device_id, metric_id, date_trunc('hour', time, 'UTC') AS bucket, count(*) AS n, sum(value) AS total,
        min(value) AS low, max(value) AS high
    FROM reading WHERE time >= (SELECT at FROM rollup_mark WHERE name = 'stored') GROUP BY 1, 2, 3;
CREATE VIEW reading_1d AS
    SELECT device_id, metric_id, date_trunc('day', bucket, 'UTC') AS bucket, sum(n)::bigint AS n,
        sum(total) AS total, min(low) AS low, max(high) AS high
    FROM reading_1h GROUP BY 1, 2, 3;

-- Whatever is still open and lies before the given time is closed: from now on, who writes there says so.
CREATE FUNCTION rollup_close(upto timestamptz) RETURNS timestamptz LANGUAGE sql AS $$
    UPDATE rollup_mark SET at = upto WHERE name = 'open' AND at < upto;
    SELECT at FROM rollup_mark WHERE name = 'open';
$$;

-- Stores the oldest closed hours that are not stored yet, at most so many; returns how many.
CREATE FUNCTION rollup_store(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz;
    until timestamptz;
    upto timestamptz;
BEGIN
    SELECT at INTO STRICT until FROM rollup_mark WHERE name = 'open';
    SELECT at INTO STRICT first FROM rollup_mark WHERE name = 'stored' FOR UPDATE;
    upto := least(until, first + make_interval(hours => most));
    IF upto <= first THEN RETURN 0; END IF;
    INSERT INTO rollup_1h AS old
        SELECT device_id, metric_id, date_trunc('hour', time, 'UTC'), count(*), sum(value), min(value), max(value)
        FROM reading WHERE time >= first AND time < upto GROUP BY 1, 2, 3
        ON CONFLICT (device_id, metric_id, bucket) DO UPDATE
            SET n = excluded.n, total = excluded.total, low = excluded.low, high = excluded.high;
    UPDATE rollup_mark SET at = upto WHERE name = 'stored';
    RETURN extract(epoch FROM upto - first) / 3600;
END $$;

-- Computes anew at most so many hours of devices to which something was added later; returns how many.
CREATE FUNCTION rollup_repair(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    devices bigint[];
    buckets timestamptz[];
BEGIN
    WITH taken AS (
        DELETE FROM rollup_late WHERE (device_id, bucket) IN (
            SELECT device_id, bucket FROM rollup_late ORDER BY device_id, bucket LIMIT most FOR UPDATE SKIP LOCKED)
        RETURNING device_id, bucket)
    SELECT array_agg(device_id), array_agg(bucket) INTO devices, buckets FROM taken;
    -- A statement of its own: it must see what was committed together with the rows that were taken.
    INSERT INTO rollup_1h AS old
        SELECT late.device_id, sums.* FROM unnest(devices, buckets) AS late (device_id, bucket) CROSS JOIN LATERAL (
            SELECT metric_id, late.bucket, count(*), sum(value), min(value), max(value) FROM reading
            WHERE reading.device_id = late.device_id AND time >= late.bucket
                AND time < late.bucket + INTERVAL '1 hour' GROUP BY metric_id) AS sums
        ON CONFLICT (device_id, metric_id, bucket) DO UPDATE
            SET n = excluded.n, total = excluded.total, low = excluded.low, high = excluded.high;
    RETURN coalesce(cardinality(devices), 0);
END $$;

CREATE FUNCTION rollup_forget(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM rollup_1h WHERE bucket < before;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON rollup_1h TO mingchu_ingest;
