-- Readings on TimescaleDB, any licence: a hypertable with chunks of a day.
CREATE TABLE reading (
    time timestamptz NOT NULL,
    device_id bigint NOT NULL,
    metric_id integer NOT NULL,
    value double precision NOT NULL,
    quality smallint NOT NULL
);
SELECT create_hypertable('reading', by_range('time', INTERVAL '1 day'), create_default_indexes => false);
CREATE INDEX reading_series ON reading (device_id, metric_id, time);

-- Chunks make themselves; the same call as on plain PostgreSQL, with nothing to do.
CREATE FUNCTION reading_partitions(first date, last date) RETURNS integer LANGUAGE sql AS $$ SELECT 0 $$;
