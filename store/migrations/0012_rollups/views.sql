-- Who may read the rollups, and the views through which the api does.
GRANT SELECT ON reading_1h, reading_1d TO mingchu_reader, mingchu_alerts, mingchu_ingest;
GRANT SELECT ON reading_1m TO mingchu_reader, mingchu_alerts, mingchu_ingest;

CREATE VIEW device_reading_1m WITH (security_barrier) AS
    SELECT rollup.* FROM reading_1m AS rollup JOIN device ON device.id = rollup.device_id;
CREATE VIEW device_reading_1h WITH (security_barrier) AS
    SELECT rollup.* FROM reading_1h AS rollup JOIN device ON device.id = rollup.device_id;
CREATE VIEW device_reading_1d WITH (security_barrier) AS
    SELECT rollup.* FROM reading_1d AS rollup JOIN device ON device.id = rollup.device_id;
GRANT CREATE ON SCHEMA public TO mingchu_reader;
ALTER VIEW device_reading_1m OWNER TO mingchu_reader;
ALTER VIEW device_reading_1h OWNER TO mingchu_reader;
ALTER VIEW device_reading_1d OWNER TO mingchu_reader;
REVOKE CREATE ON SCHEMA public FROM mingchu_reader;
GRANT SELECT ON device_reading_1m, device_reading_1h, device_reading_1d TO mingchu_api;
