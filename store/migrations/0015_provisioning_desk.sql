-- Provisioning from the console (ADR 28): what the api may do for an admin, and of which authority's devices.

-- An admin who may configure; the api sets it for each transaction, beside the scope.
CREATE FUNCTION scope_provisions() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('mingchu.provisions', true), '') = 'on' AND scope_configures() $$;
-- Vendors and profiles are everybody's: only who has the whole tree of authorities changes them.
CREATE FUNCTION scope_is_whole() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT scope_provisions() AND NOT EXISTS (SELECT FROM authority WHERE NOT path <@ scope_authority()) $$;

ALTER TABLE vendor ENABLE ROW LEVEL SECURITY;
CREATE POLICY reads ON vendor FOR SELECT TO mingchu_api USING (scope_provisions());
CREATE POLICY adds ON vendor FOR INSERT TO mingchu_api WITH CHECK (scope_is_whole());
CREATE POLICY changes ON vendor FOR UPDATE TO mingchu_api USING (scope_is_whole());
GRANT SELECT, INSERT (code, zh, en, contact), UPDATE (zh, en, contact) ON vendor TO mingchu_api;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['device_profile', 'device_profile_version', 'metric'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY reads ON %I FOR SELECT USING (true)', name);
        EXECUTE format('CREATE POLICY adds ON %I FOR INSERT TO mingchu_api WITH CHECK (scope_is_whole())', name);
        EXECUTE format('CREATE POLICY changes ON %I FOR UPDATE TO mingchu_api USING (scope_is_whole())', name);
    END LOOP;
END $$;
GRANT INSERT (code, version, body), UPDATE (version, body, vendor_code) ON device_profile TO mingchu_api;
GRANT SELECT, INSERT (code, version, body) ON device_profile_version TO mingchu_api;
GRANT INSERT (profile_code, name, unit) ON metric TO mingchu_api;

-- The api gives credentials (their hashes) and takes them, and can read none.
ALTER TABLE device ADD COLUMN admitted boolean NOT NULL GENERATED ALWAYS AS (credential IS NOT NULL) STORED;
CREATE POLICY adds ON device AS RESTRICTIVE FOR INSERT TO mingchu_api
    WITH CHECK (scope_provisions() AND configurable(site_id));
CREATE POLICY changes ON device AS RESTRICTIVE FOR UPDATE TO mingchu_api
    USING (scope_provisions() AND configurable(site_id)) WITH CHECK (scope_provisions() AND configurable(site_id));
GRANT SELECT (vendor_code, serial, issued, revoked, admitted, xmax) ON device TO mingchu_api;
GRANT INSERT (site_id, code, profile_code, zh, en, vendor_code, serial, credential, issued) ON device TO mingchu_api;
GRANT UPDATE (profile_code, zh, en, vendor_code, serial, credential, issued, revoked, online) ON device TO mingchu_api;
ALTER FUNCTION note_assignment() SECURITY DEFINER SET search_path = public;

-- Who has a label in his hand may use it, for a site of his own.
ALTER TABLE claim ENABLE ROW LEVEL SECURITY;
CREATE POLICY uses ON claim TO mingchu_api USING (scope_provisions());
GRANT SELECT (code_sha256, vendor_code, profile_code, serial, made, claimed), UPDATE (claimed, device_id)
    ON claim TO mingchu_api;
