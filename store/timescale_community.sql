-- The Community edition: continuous aggregates (hierarchical, real-time), compression and retention (DESIGN, Database).
CREATE MATERIALIZED VIEW reading_1m WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT device_id, metric_id, time_bucket(INTERVAL '1 minute', time) AS bucket, count(*) AS n, sum(value) AS total,
        min(value) AS low, max(value) AS high
    FROM reading GROUP BY 1, 2, 3 WITH NO DATA;
CREATE MATERIALIZED VIEW reading_1h WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT device_id, metric_id, time_bucket(INTERVAL '1 hour', bucket) AS bucket, sum(n) AS n, sum(total) AS total,
        min(low) AS low, max(high) AS high
    FROM reading_1m GROUP BY 1, 2, 3 WITH NO DATA;
SELECT add_continuous_aggregate_policy('reading_1m', start_offset => INTERVAL '3 days',
    end_offset => INTERVAL '2 minutes', schedule_interval => INTERVAL '1 minute');
SELECT add_continuous_aggregate_policy('reading_1h', start_offset => INTERVAL '7 days',
    end_offset => INTERVAL '2 hours', schedule_interval => INTERVAL '10 minutes');

ALTER TABLE reading SET (timescaledb.compress, timescaledb.compress_segmentby = 'device_id, metric_id',
    timescaledb.compress_orderby = 'time');
SELECT add_compression_policy('reading', INTERVAL '7 days');
SELECT add_retention_policy('reading', INTERVAL '90 days');
SELECT add_retention_policy('reading_1m', INTERVAL '2 years');
SELECT add_retention_policy('reading_1h', INTERVAL '2 years');
