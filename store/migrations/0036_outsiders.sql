-- Accounts of vendors and of maintenance firms (ADR 45). They have no scope: every table stays shut to them. What they
-- may see are the views below, each of which holds its own filter; what they may do are the policies and functions.

CREATE FUNCTION scope_vendor() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('mingchu.vendor', true), '') $$;
CREATE FUNCTION scope_firm() RETURNS bigint LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('mingchu.firm', true), '')::bigint $$;

-- People ------------------------------------------------------------------------------------------
-- A maintenance firm is a rescuer: whom a lift calls and who looks after it is the same firm.
ALTER TABLE person
    ADD COLUMN vendor_code text REFERENCES vendor (code),
    ADD COLUMN firm_id bigint REFERENCES rescuer (id),
    DROP CONSTRAINT person_check,
    ADD CONSTRAINT person_place CHECK (num_nonnulls(authority, operator_id, vendor_code, firm_id) = 1),
    DROP CONSTRAINT person_role_check,
    ADD CONSTRAINT person_role_check CHECK (role IN ('operator', 'regulator', 'admin', 'vendor', 'maintainer')),
    ADD CHECK ((role = 'vendor') = (vendor_code IS NOT NULL) AND (role = 'maintainer') = (firm_id IS NOT NULL));
CREATE INDEX ON person (vendor_code);
CREATE INDEX ON person (firm_id);
ALTER TABLE role
    DROP CONSTRAINT role_base_check,
    ADD CONSTRAINT role_base_check CHECK (base IN ('operator', 'regulator', 'admin', 'vendor', 'maintainer'));
GRANT SELECT (vendor_code, firm_id), INSERT (vendor_code, firm_id) ON person TO mingchu_api;

-- Equipment that no device of ours watches has its maintenance firm here.
ALTER TABLE equipment ADD COLUMN firm_id bigint REFERENCES rescuer (id);
CREATE INDEX ON equipment (firm_id);
GRANT SELECT (firm_id), UPDATE (firm_id) ON equipment TO mingchu_api;
-- What the scope's firm looks after: what it is named for, and what it is the maintainer of by the device.
CREATE FUNCTION firm_upkeep() RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT id FROM equipment WHERE firm_id = scope_firm() AND removed IS NULL
    UNION SELECT id FROM equipment JOIN device_rescuer USING (device_id)
        WHERE rescuer_id = scope_firm() AND role = 'maintainer' AND removed IS NULL $$;

-- Whom a scope governs, outsiders too: those all of whose devices, or lifts and equipment, are in its tree, as an
-- operator's sites are; and whoever has the whole tree governs all.
CREATE FUNCTION governed(place ltree, employer bigint, vendor text, firm bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT CASE
        WHEN vendor IS NULL AND firm IS NULL THEN governed(place, employer)
        WHEN scope_authority() IS NULL THEN false
        WHEN NOT EXISTS (SELECT FROM authority WHERE NOT path <@ scope_authority()) THEN true
        ELSE (SELECT coalesce(bool_and(site.authority <@ scope_authority()), false) FROM site WHERE id IN (
            SELECT site_id FROM device WHERE vendor_code = vendor
            UNION SELECT site_id FROM device JOIN device_rescuer ON device_id = device.id WHERE rescuer_id = firm
            UNION SELECT site_id FROM equipment WHERE firm_id = firm AND removed IS NULL)) END $$;
REVOKE EXECUTE ON FUNCTION governed(ltree, bigint, text, bigint), firm_upkeep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION governed(ltree, bigint, text, bigint), firm_upkeep TO mingchu_api;

CREATE POLICY outsiders ON person FOR SELECT TO mingchu_api
    USING (num_nonnulls(vendor_code, firm_id) = 1 AND governed(NULL, NULL, vendor_code, firm_id));
CREATE POLICY outsiders_in ON person FOR INSERT TO mingchu_api WITH CHECK (num_nonnulls(vendor_code, firm_id) = 1);
CREATE POLICY outsiders_change ON person FOR UPDATE TO mingchu_api USING (num_nonnulls(vendor_code, firm_id) = 1);
ALTER POLICY adds ON person WITH CHECK (scope_manages() AND governed(authority, operator_id, vendor_code, firm_id));
ALTER POLICY changes ON person
    USING (id IS DISTINCT FROM scope_person() AND scope_manages()
        AND governed(authority, operator_id, vendor_code, firm_id))
    WITH CHECK (scope_manages() AND governed(authority, operator_id, vendor_code, firm_id));
ALTER POLICY revokes ON api_token USING (scope_manages() AND EXISTS (SELECT FROM person
    WHERE person.id = person_id AND governed(authority, operator_id, vendor_code, firm_id)));
ALTER POLICY sees ON api_token USING (scope_manages() AND EXISTS (SELECT FROM person
    WHERE person.id = person_id AND governed(authority, operator_id, vendor_code, firm_id)));
ALTER POLICY reads ON audit USING (
    person_id = scope_person()
    OR scope_audits() AND person_id IN (
        SELECT id FROM person WHERE governed(authority, operator_id, vendor_code, firm_id))
    OR scope_audits() AND person_id IS NULL AND has_whole_tree());
-- Who lets people in chooses whose; who keeps the registry says which firm looks after a piece of equipment.
CREATE POLICY managers ON vendor FOR SELECT TO mingchu_api USING (scope_manages());
CREATE POLICY keepers ON rescuer FOR SELECT TO mingchu_api USING (scope_manages() OR scope_configures());

-- Vendors -----------------------------------------------------------------------------------------
-- Of a site only its code, which stands in the devices' topics; nothing of its operator.
CREATE VIEW vendor_device WITH (security_barrier) AS
    SELECT device.id, site.code AS site, device.code, device.zh, device.en, profile_code AS profile, profile.version,
        serial, online, last_seen, admitted, issued, revoked
    FROM device JOIN site ON site.id = site_id JOIN device_profile AS profile ON profile.code = profile_code
    WHERE device.vendor_code = scope_vendor();
CREATE INDEX dead_letter_device ON dead_letter (split_part(topic, '/', 3), split_part(topic, '/', 4), id);
CREATE VIEW vendor_letter WITH (security_barrier) AS
    SELECT own.id AS device_id, letter.id, letter.key, topic, payload, reason, partial, seen, received, last, replay,
        kept
    FROM vendor_device AS own JOIN dead_letter AS letter ON split_part(topic, '/', 3) = own.site
        AND split_part(topic, '/', 4) = own.code AND split_part(topic, '/', 1) IN ('mc', 'mx');
CREATE VIEW vendor_presence WITH (security_barrier) AS
    SELECT change.device_id, change.at, change.online
    FROM presence_change AS change JOIN device ON device.id = device_id WHERE device.vendor_code = scope_vendor();
GRANT SELECT ON vendor_device, vendor_letter, vendor_presence TO mingchu_api;

-- What is missing of a device is reckoned as for everybody, in the scope of its station; only of one's own device.
CREATE FUNCTION vendor_station(device bigint) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT site.authority::text FROM device AS one JOIN site ON site.id = one.site_id
    WHERE one.id = vendor_station.device AND one.vendor_code = scope_vendor() $$;
-- A new secret for a device that has one; who was put out stays out. False: there is no such device.
CREATE FUNCTION vendor_rotate(device bigint, hashed text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE device AS one SET credential = hashed, issued = now() WHERE one.id = vendor_rotate.device
        AND one.vendor_code = scope_vendor() AND one.revoked IS NULL AND one.admitted;
    IF FOUND THEN PERFORM pg_notify('mingchu_config', ''); END IF;
    RETURN FOUND;
END $$;
REVOKE EXECUTE ON FUNCTION vendor_station, vendor_rotate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vendor_station, vendor_rotate TO mingchu_api;

-- Reports of the vendor kit, as they were signed. Append-only.
CREATE TABLE conformance_report (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vendor_code text NOT NULL REFERENCES vendor (code),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    profile text NOT NULL,
    version integer NOT NULL,
    device text NOT NULL,
    conforms boolean NOT NULL,
    failed integer NOT NULL,
    made timestamptz NOT NULL,
    key text NOT NULL,  -- the signer's public key, hexadecimal
    page bytea NOT NULL,
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (vendor_code, sha256)
);
ALTER TABLE conformance_report ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON conformance_report TO mingchu_api USING (vendor_code = scope_vendor())
    WITH CHECK (vendor_code = scope_vendor() AND person_id = scope_person());
CREATE POLICY provisions ON conformance_report FOR SELECT TO mingchu_api USING (scope_provisions());
GRANT SELECT, INSERT (vendor_code, sha256, profile, version, device, conforms, failed, made, key, page, person_id)
    ON conformance_report TO mingchu_api;

-- Maintenance firms -------------------------------------------------------------------------------
-- The view of how equipment stands asks for the reader's own rights: here it is read with the owner's.
CREATE FUNCTION firm_standing() RETURNS SETOF equipment_standing
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT * FROM equipment_standing WHERE id IN (SELECT firm_upkeep()) $$;
REVOKE EXECUTE ON FUNCTION firm_standing FROM PUBLIC;
GRANT EXECUTE ON FUNCTION firm_standing TO mingchu_api;
CREATE VIEW firm_equipment WITH (security_barrier) AS
    SELECT one.id, one.site_id, one.code, one.kind, one.zh, one.en, registration, use_unit, maintainer, hotline,
        next_inspection, one.device_id, token, site_code, site_zh, site_en, site.address, one.timezone, device,
        device.online, last_inspection, failed, last_maintenance
    FROM firm_standing() AS one JOIN site ON site.id = one.site_id LEFT JOIN device ON device.id = one.device_id;
-- Alerts that call a rescuer, of the lifts that call this one; no evidence, no history, none of the operator's words.
CREATE VIEW firm_rescue WITH (security_barrier) AS
    SELECT alert.id, served.role, alert.rule_code, alert.rule_version, site.zh AS site_zh, site.en AS site_en,
        site.address, device.zh AS lift_zh, device.en AS lift_en, device.code AS lift_code, alert.status,
        alert.condition, alert.began AS trapped, called.began
    FROM device_rescuer AS served JOIN alert ON alert.device_id = served.device_id
    JOIN site ON site.id = alert.site_id JOIN device ON device.id = alert.device_id
    JOIN LATERAL (SELECT max(started) AS began FROM clock WHERE alert_id = alert.id AND kind = 'rescue_called')
        AS called ON called.began IS NOT NULL
    WHERE served.rescuer_id = scope_firm();
CREATE VIEW firm_rescue_step WITH (security_barrier) AS
    SELECT step.alert_id, step.began, step.role, step.action, step.at
    FROM rescue_step AS step WHERE step.alert_id IN (SELECT id FROM firm_rescue);
GRANT SELECT ON firm_equipment, firm_rescue, firm_rescue_step TO mingchu_api;

CREATE POLICY firm ON equipment_record TO mingchu_api USING (equipment_id IN (SELECT firm_upkeep()))
    WITH CHECK (person_id = scope_person() AND kind = 'maintenance' AND equipment_id IN (SELECT firm_upkeep()));

-- Attempts ----------------------------------------------------------------------------------------
-- How often somebody has tried, for all processes of the api together. Unlogged: it is cheap, and may be lost. A key is
-- a hash, so that it has one length and tells nothing; whoever has tried too often is not written down again.
CREATE UNLOGGED TABLE attempt (
    key bytea PRIMARY KEY,
    n integer NOT NULL,
    until timestamptz NOT NULL
);
CREATE INDEX ON attempt (until);
GRANT SELECT, INSERT, UPDATE, DELETE ON attempt TO mingchu_api;
