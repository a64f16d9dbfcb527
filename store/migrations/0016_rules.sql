-- What rules need over time (ADR 29): since when a value is unchanged, duties with dates, and what proved an alert.
ALTER TABLE reading_latest ADD COLUMN since timestamptz;  -- the first of the latest readings that are all alike

CREATE INDEX device_event_time ON device_event USING brin (time) WITH (pages_per_range = 16, autosummarize = on);

-- A duty of a device: when it was done last, when it is due next.
CREATE TABLE device_date (
    device_id bigint NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    what text NOT NULL CHECK (what IN ('maintenance', 'inspection', 'verification', 'calibration')),
    done date,
    due date,
    PRIMARY KEY (device_id, what),
    CHECK (done IS NOT NULL OR due IS NOT NULL)
);

-- The rules whose conditions keep one alert active, where several share it. It is clear when all are over.
CREATE TABLE alert_source (
    alert_id bigint NOT NULL REFERENCES alert (id),
    rule_code text NOT NULL,
    rule_version integer NOT NULL,
    since timestamptz NOT NULL,
    over timestamptz,
    why text NOT NULL,
    PRIMARY KEY (alert_id, rule_code)
);

-- What was measured when an alert was raised. `at` is the subject's clock; values are in the profile's units.
CREATE TABLE alert_sample (
    alert_id bigint NOT NULL REFERENCES alert (id),
    at timestamptz NOT NULL,
    name text NOT NULL,
    value double precision NOT NULL
);
CREATE INDEX ON alert_sample (alert_id, at);

-- The ledger of an excursion, one row an alert; it outlives the readings.
CREATE TABLE excursion (
    alert_id bigint PRIMARY KEY REFERENCES alert (id),
    metric text NOT NULL,
    bound double precision NOT NULL,
    began timestamptz NOT NULL,
    ended timestamptz NOT NULL,
    peak double precision NOT NULL,
    peak_at timestamptz NOT NULL,
    degree_minutes double precision NOT NULL,
    mean_kinetic double precision NOT NULL,
    recorded_s double precision NOT NULL,
    readings integer NOT NULL
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['device_date', 'alert_source', 'alert_sample', 'excursion'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY services ON %I TO mingchu_alerts USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO mingchu_alerts, mingchu_api', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['alert_source', 'alert_sample', 'excursion'] LOOP
        EXECUTE format('CREATE POLICY scope ON %I TO mingchu_api
            USING (EXISTS (SELECT FROM alert WHERE alert.id = %I.alert_id))', name, name);
    END LOOP;
END $$;
CREATE POLICY scope ON device_date TO mingchu_api
    USING (EXISTS (SELECT FROM device WHERE device.id = device_date.device_id));
GRANT INSERT, UPDATE ON alert_source, excursion TO mingchu_alerts;
GRANT INSERT ON alert_sample TO mingchu_alerts;
-- The engine looks at figures, and writes what flips as ingest does.
GRANT INSERT ON signal TO mingchu_alerts;
GRANT INSERT, UPDATE ON predicate_state TO mingchu_alerts;

-- Devices as rules about figures ask for them. Who was not heard says nothing about now, nor what an edge still brings.
CREATE VIEW device_scope WITH (security_invoker = true) AS
    SELECT device.id, device.site_id, device.profile_code, ARRAY[profile.code, profile.body->>'base'] AS profiles,
        device.online AND device.last_seen > now() - make_interval(secs => (profile.body->>'silence_s')::float8)
            AND NOT EXISTS (SELECT FROM edge WHERE edge.id = device.via AND NOT edge.online) AS heard
    FROM device JOIN device_profile AS profile ON profile.code = device.profile_code WHERE device.revoked IS NULL;
GRANT SELECT ON device_scope TO mingchu_alerts;
