-- The Apache edition has no continuous aggregates: plain views under the same names.
CREATE VIEW reading_1m AS
    SELECT device_id, metric_id, time_bucket(INTERVAL '1 minute', time) AS bucket, count(*) AS n, sum(value) AS total,
        min(value) AS low, max(value) AS high
    FROM reading GROUP BY 1, 2, 3;
CREATE VIEW reading_1h AS
    SELECT device_id, metric_id, time_bucket(INTERVAL '1 hour', time) AS bucket, count(*) AS n, sum(value) AS total,
        min(value) AS low, max(value) AS high
    FROM reading GROUP BY 1, 2, 3;
