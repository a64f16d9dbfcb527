-- What the api reads of readings: views owned by mingchu_reader, to whom the policies of device and site apply.
GRANT SELECT ON reading, reading_1m, reading_1h, metric TO mingchu_reader;
GRANT SELECT, INSERT ON reading TO mingchu_ingest;
GRANT SELECT ON reading, reading_1m, reading_1h TO mingchu_alerts;

CREATE VIEW device_reading WITH (security_barrier) AS
    SELECT reading.device_id, reading.metric_id, reading.time, reading.value, reading.quality
    FROM reading JOIN device ON device.id = reading.device_id;
CREATE VIEW device_reading_1m WITH (security_barrier) AS
    SELECT rollup.* FROM reading_1m AS rollup JOIN device ON device.id = rollup.device_id;
CREATE VIEW device_reading_1h WITH (security_barrier) AS
    SELECT rollup.* FROM reading_1h AS rollup JOIN device ON device.id = rollup.device_id;

GRANT CREATE ON SCHEMA public TO mingchu_reader;
ALTER VIEW device_reading OWNER TO mingchu_reader;
ALTER VIEW device_reading_1m OWNER TO mingchu_reader;
ALTER VIEW device_reading_1h OWNER TO mingchu_reader;
REVOKE CREATE ON SCHEMA public FROM mingchu_reader;
GRANT SELECT ON device_reading, device_reading_1m, device_reading_1h TO mingchu_api;
