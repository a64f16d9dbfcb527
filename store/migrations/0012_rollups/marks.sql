-- Rollups that are kept (ADR 23): hours and days outlive the readings that they were made of.
-- 'open': hours before it are closed; 'stored': hours before it are in rollup_1h. No rows where TimescaleDB keeps them.
CREATE TABLE rollup_mark (name text PRIMARY KEY, at timestamptz NOT NULL);
-- Hours of devices to which something was added after they were closed.
CREATE TABLE rollup_late (
    device_id bigint NOT NULL,
    bucket timestamptz NOT NULL,
    times integer NOT NULL DEFAULT 1,
    PRIMARY KEY (device_id, bucket)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON rollup_mark, rollup_late TO mingchu_ingest;
