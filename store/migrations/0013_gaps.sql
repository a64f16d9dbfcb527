-- What tells why minutes of a device are missing: when it was there, and what of it was refused.
CREATE TABLE presence_change (
    device_id bigint NOT NULL REFERENCES device (id),
    at timestamptz NOT NULL,
    online boolean NOT NULL
);
CREATE INDEX ON presence_change (device_id, at);

CREATE FUNCTION note_presence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO presence_change VALUES (NEW.id, now(), NEW.online);
    RETURN NULL;
END $$;
CREATE TRIGGER note_presence AFTER UPDATE OF online ON device FOR EACH ROW
    WHEN (OLD.online IS DISTINCT FROM NEW.online) EXECUTE FUNCTION note_presence();

ALTER TABLE presence_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY services ON presence_change TO mingchu_ingest, mingchu_alerts USING (true);
CREATE POLICY scope ON presence_change TO mingchu_api
    USING (EXISTS (SELECT FROM device WHERE device.id = presence_change.device_id));
GRANT SELECT ON presence_change TO mingchu_ingest, mingchu_alerts, mingchu_api;

GRANT SELECT ON ledger TO mingchu_reader;
CREATE VIEW device_ledger WITH (security_barrier) AS
    SELECT ledger.source_id AS device_id, ledger.time, ledger.received, ledger.seq
    FROM ledger JOIN device ON device.id = ledger.source_id;
GRANT CREATE ON SCHEMA public TO mingchu_reader;
ALTER VIEW device_ledger OWNER TO mingchu_reader;
REVOKE CREATE ON SCHEMA public FROM mingchu_reader;
GRANT SELECT ON device_ledger TO mingchu_api;

-- A letter that somebody wants to have read again; ingest takes it. Of a partial one the rest was stored at once.
ALTER TABLE dead_letter ADD COLUMN replay timestamptz, ADD COLUMN partial boolean NOT NULL DEFAULT false;
CREATE INDEX dead_letter_replay ON dead_letter (id) WHERE replay IS NOT NULL;
CREATE INDEX ON dead_letter (topic text_pattern_ops);
CREATE INDEX ON dead_letter (reason);
GRANT UPDATE (replay) ON dead_letter TO mingchu_api;
GRANT UPDATE (replay, reason), DELETE ON dead_letter TO mingchu_ingest;
