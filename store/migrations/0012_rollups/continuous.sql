-- Continuous aggregates of minutes, hours and days, each made of the finer one; refreshed wherever something was added,
-- however late, within the time that readings are kept. What is forgotten when is the retention table's matter.
SELECT remove_retention_policy('reading'), remove_retention_policy('reading_1m'), remove_retention_policy('reading_1h');
DROP MATERIALIZED VIEW reading_1h;
DROP MATERIALIZED VIEW reading_1m;

CREATE MATERIALIZED VIEW reading_1m WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT device_id, metric_id, time_bucket(INTERVAL '1 minute', time) AS bucket, count(*) AS n, sum(value) AS total,
        min(value) AS low, max(value) AS high
    FROM reading GROUP BY 1, 2, 3 WITH NO DATA;
CREATE MATERIALIZED VIEW reading_1h WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT device_id, metric_id, time_bucket(INTERVAL '1 hour', bucket) AS bucket, sum(n)::bigint AS n,
        sum(total) AS total, min(low) AS low, max(high) AS high
    FROM reading_1m GROUP BY 1, 2, 3 WITH NO DATA;
CREATE MATERIALIZED VIEW reading_1d WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT device_id, metric_id, time_bucket(INTERVAL '1 day', bucket) AS bucket, sum(n)::bigint AS n,
        sum(total) AS total, min(low) AS low, max(high) AS high
    FROM reading_1h GROUP BY 1, 2, 3 WITH NO DATA;
SELECT add_continuous_aggregate_policy('reading_1m', start_offset => INTERVAL '89 days',
    end_offset => INTERVAL '2 minutes', schedule_interval => INTERVAL '1 minute');
SELECT add_continuous_aggregate_policy('reading_1h', start_offset => INTERVAL '89 days',
    end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '10 minutes');
SELECT add_continuous_aggregate_policy('reading_1d', start_offset => INTERVAL '89 days',
    end_offset => INTERVAL '1 day', schedule_interval => INTERVAL '1 hour');

-- The same calls as where the rollups are our own, with nothing to do.
CREATE FUNCTION rollup_close(upto timestamptz) RETURNS timestamptz LANGUAGE sql AS $$ SELECT NULL::timestamptz $$;
CREATE FUNCTION rollup_store(most integer) RETURNS integer LANGUAGE sql AS $$ SELECT 0 $$;
CREATE FUNCTION rollup_repair(most integer) RETURNS integer LANGUAGE sql AS $$ SELECT 0 $$;
CREATE FUNCTION rollup_forget(before timestamptz) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    SELECT (SELECT count(*) FROM drop_chunks('reading_1h', before)) + (SELECT count(*) FROM drop_chunks('reading_1d', before))
$$;
