-- Vendors, versions of device profiles, and how devices come and go (ADR 22).
CREATE TABLE vendor (
    code text PRIMARY KEY,
    zh text NOT NULL,
    en text NOT NULL,
    contact text NOT NULL DEFAULT '',
    since timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE device_profile ADD COLUMN vendor_code text REFERENCES vendor (code);

-- Every version that was ever in use. What a message was read by is found by when it was received: no column on the
-- ledger, which is written for every message and looked up hardly ever.
CREATE TABLE device_profile_version (
    code text NOT NULL REFERENCES device_profile (code),
    version integer NOT NULL,
    body jsonb NOT NULL,
    installed timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (code, version)
);
INSERT INTO device_profile_version (code, version, body, installed)
    SELECT code, version, body, '-infinity' FROM device_profile;

CREATE TABLE device_assignment (
    device_id bigint NOT NULL REFERENCES device (id),
    profile_code text NOT NULL REFERENCES device_profile (code),
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (device_id, since)
);
INSERT INTO device_assignment (device_id, profile_code, since) SELECT id, profile_code, '-infinity' FROM device;

CREATE FUNCTION note_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO device_assignment (device_id, profile_code) VALUES (NEW.id, NEW.profile_code)
        ON CONFLICT (device_id, since) DO UPDATE SET profile_code = excluded.profile_code;
    RETURN NULL;
END $$;
CREATE TRIGGER assigned_at_first AFTER INSERT ON device FOR EACH ROW EXECUTE FUNCTION note_assignment();
CREATE TRIGGER assigned AFTER UPDATE OF profile_code ON device FOR EACH ROW
    WHEN (OLD.profile_code IS DISTINCT FROM NEW.profile_code) EXECUTE FUNCTION note_assignment();

CREATE VIEW message_profile AS
    SELECT ledger.source_id AS device_id, ledger.key, ledger.time, ledger.received,
        assignment.profile_code, version.version
    FROM ledger
    CROSS JOIN LATERAL (SELECT profile_code FROM device_assignment WHERE device_id = ledger.source_id
        AND since <= ledger.received ORDER BY since DESC LIMIT 1) AS assignment
    CROSS JOIN LATERAL (SELECT version FROM device_profile_version WHERE code = assignment.profile_code
        AND installed <= ledger.received ORDER BY installed DESC LIMIT 1) AS version;

-- A device without a credential speaks through an edge or a gateway; for one that is revoked nobody may speak.
ALTER TABLE device
    ADD COLUMN vendor_code text REFERENCES vendor (code),
    ADD COLUMN serial text NOT NULL DEFAULT '',
    ADD COLUMN issued timestamptz,  -- when its credential was
    ADD COLUMN revoked timestamptz;
CREATE UNIQUE INDEX ON device (vendor_code, serial) WHERE serial <> '';

-- A code on a label, by which whoever installs the device makes it his. Only its hash is kept.
CREATE TABLE claim (
    code_sha256 bytea PRIMARY KEY,
    vendor_code text NOT NULL REFERENCES vendor (code),
    profile_code text NOT NULL REFERENCES device_profile (code),
    serial text NOT NULL,
    made timestamptz NOT NULL DEFAULT now(),
    claimed timestamptz,
    device_id bigint REFERENCES device (id),
    UNIQUE (vendor_code, serial)
);

CREATE TABLE sparkplug_birth (
    device_id bigint PRIMARY KEY REFERENCES device (id),
    gateway_id bigint NOT NULL REFERENCES device (id),
    payload bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON sparkplug_birth TO mingchu_ingest;
