-- Rules as people change them: every version stays, one of each code is current, and one may be tried before (ADR 30).
ALTER TABLE rule
    DROP COLUMN active,
    ADD COLUMN current boolean NOT NULL DEFAULT true,
    ADD COLUMN enabled boolean NOT NULL DEFAULT true,
    ADD COLUMN shipped integer,  -- which version of the product's own file it is; NULL: people made it
    ADD COLUMN at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN person_id bigint REFERENCES person (id)
        DEFAULT nullif(current_setting('mingchu.person', true), '')::bigint,  -- NULL: the file, or the command line
    ADD COLUMN why text NOT NULL DEFAULT '',
    ADD COLUMN made_on integer,  -- the version that people made it from
    ADD COLUMN restores integer;  -- the version that was gone back to
UPDATE rule SET shipped = version, current = version = (SELECT max(version) FROM rule AS other WHERE other.code = rule.code);
ALTER TABLE rule ADD COLUMN active boolean NOT NULL GENERATED ALWAYS AS (current AND enabled) STORED;
CREATE UNIQUE INDEX ON rule (code) WHERE current;

-- Rules are the installation's, not an authority's: only an admin of all of it changes them.
CREATE FUNCTION governs_rules() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT scope_configures() AND NOT EXISTS (SELECT FROM authority WHERE NOT path <@ scope_authority())
        AND EXISTS (SELECT FROM person WHERE id = nullif(current_setting('mingchu.person', true), '')::bigint
            AND role = 'admin' AND enabled AND configures) $$;
REVOKE EXECUTE ON FUNCTION governs_rules FROM PUBLIC;
GRANT EXECUTE ON FUNCTION governs_rules TO mingchu_api;

ALTER TABLE rule ENABLE ROW LEVEL SECURITY;
CREATE POLICY services ON rule TO mingchu_ingest, mingchu_alerts USING (true);
CREATE POLICY reads ON rule FOR SELECT TO mingchu_api USING (true);
CREATE POLICY adds ON rule FOR INSERT TO mingchu_api WITH CHECK (governs_rules());
CREATE POLICY retires ON rule FOR UPDATE TO mingchu_api USING (governs_rules()) WITH CHECK (governs_rules());
-- A version that was released never changes: only whether it is the current one.
GRANT INSERT (code, version, body, enabled, why, made_on, restores), UPDATE (current) ON rule TO mingchu_api;

CREATE FUNCTION announce_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('mingchu_config', '');
    RETURN NULL;
END $$;
CREATE TRIGGER announce AFTER INSERT OR UPDATE ON rule FOR EACH STATEMENT EXECUTE FUNCTION announce_rule();

-- Whom a new version does not concern any more (the rule is off, or the device's profile is out of it) never signals
-- again: what is still so there is over, in the same transaction.
CREATE FUNCTION release_subjects() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    wanted jsonb := coalesce(NEW.body->'profiles', '[]');
    concerned bigint[];
BEGIN
    IF NEW.enabled AND wanted = '[]' THEN RETURN NULL; END IF;
    SELECT coalesce(array_agg(device.id), '{}') INTO concerned
        FROM device JOIN device_profile AS profile ON profile.code = profile_code
        WHERE NEW.enabled AND (wanted ? profile.code OR wanted ? coalesce(profile.body->>'base', ''));
    INSERT INTO signal (rule_code, rule_version, device_id, camera_id, zone, value, time, why, severity)
        SELECT NEW.code, NEW.version, device_id, camera_id, zone, false, now(), 'the rule does not look here any more',
            (NEW.body->>'severity')::smallint
        FROM (SELECT device_id, camera_id, zone FROM alert WHERE condition = 'ACTIVE'
                AND status NOT IN ('closed', 'dismissed') AND (rule_code = NEW.code OR EXISTS (
                    SELECT FROM alert_source AS source WHERE source.alert_id = alert.id AND source.rule_code = NEW.code))
            UNION SELECT device_id, camera_id, zone FROM pending WHERE rule_code = NEW.code) AS held
        WHERE NOT NEW.enabled OR device_id <> ALL (concerned);
    DELETE FROM predicate_state WHERE rule_code = NEW.code AND device_id <> ALL (concerned);
    PERFORM pg_notify('mingchu_signal', '');
    RETURN NULL;
END $$;
CREATE TRIGGER release AFTER INSERT ON rule FOR EACH ROW WHEN (NEW.current) EXECUTE FUNCTION release_subjects();

-- What a rule would have raised: asked for here, answered by the alerts process. An authority's, as its alerts are.
CREATE TABLE rule_preview (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id bigint NOT NULL REFERENCES person (id)
        DEFAULT nullif(current_setting('mingchu.person', true), '')::bigint,
    authority ltree NOT NULL DEFAULT scope_authority(),
    created timestamptz NOT NULL DEFAULT now(),
    body jsonb NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    taken timestamptz,  -- last sign of life of who works at it
    tries integer NOT NULL DEFAULT 0,
    done integer NOT NULL DEFAULT 0,  -- subjects
    total integer NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0,
    answer jsonb,
    why text NOT NULL DEFAULT ''
);
CREATE INDEX rule_preview_work ON rule_preview (created) WHERE state IN ('waiting', 'running');
CREATE INDEX ON rule_preview (person_id);

ALTER TABLE rule_preview ENABLE ROW LEVEL SECURITY;
CREATE POLICY services ON rule_preview TO mingchu_alerts USING (true) WITH CHECK (true);
CREATE POLICY scope ON rule_preview TO mingchu_api USING (authority <@ scope_authority())
    WITH CHECK (scope_configures() AND authority = scope_authority());
GRANT SELECT, DELETE, INSERT (body, begins, ends) ON rule_preview TO mingchu_api;
GRANT SELECT, UPDATE (state, taken, tries, done, total, rows, answer, why) ON rule_preview TO mingchu_alerts;
GRANT SELECT ON evidence_link TO mingchu_alerts;  -- a scene event's statement names its sub-label
