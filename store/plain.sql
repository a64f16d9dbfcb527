-- Readings on PostgreSQL without the TimescaleDB extension: daily native partitions and plain views, same names.
CREATE TABLE reading (
    time timestamptz NOT NULL,
    device_id bigint NOT NULL,
    metric_id integer NOT NULL,
    value double precision NOT NULL,
    quality smallint NOT NULL
) PARTITION BY RANGE (time);
CREATE INDEX reading_series ON reading (device_id, metric_id, time);
-- What is older or newer than the partitions made ahead still lands.
CREATE TABLE reading_other PARTITION OF reading DEFAULT;

-- Makes the daily partitions of [first, last]; a day whose rows already lie in reading_other stays there.
CREATE FUNCTION reading_partitions(first date, last date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    day date := first;
    made integer := 0;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('mingchu.reading_partitions'));
    WHILE day <= last LOOP
        name := 'reading_' || to_char(day, 'YYYYMMDD');
        IF to_regclass(name) IS NULL AND NOT EXISTS (
            SELECT FROM reading_other WHERE time >= day::timestamp AT TIME ZONE 'UTC'
                AND time < (day + 1)::timestamp AT TIME ZONE 'UTC') THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF reading FOR VALUES FROM (%L) TO (%L)', name,
                day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
        day := day + 1;
    END LOOP;
    RETURN made;
END $$;

CREATE VIEW reading_1m AS
    SELECT device_id, metric_id, date_trunc('minute', time, 'UTC') AS bucket, count(*) AS n, sum(value) AS total,
        min(value) AS low, max(value) AS high
    FROM reading GROUP BY 1, 2, 3;
CREATE VIEW reading_1h AS
    SELECT device_id, metric_id, date_trunc('hour', time, 'UTC') AS bucket, count(*) AS n, sum(value) AS total,
        min(value) AS low, max(value) AS high
    FROM reading GROUP BY 1, 2, 3;
