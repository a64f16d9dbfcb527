-- What falls silent together is one incident (ADR 35): an alert about a site, and which of its devices and cameras it is.

-- With neither device nor camera an alert is about its site; `zone` is then the edge that it is about, or ''.
ALTER TABLE alert DROP CONSTRAINT alert_check, ADD CONSTRAINT alert_subject CHECK (device_id IS NULL OR camera_id IS NULL);
DROP INDEX alert_incident;
CREATE UNIQUE INDEX alert_incident ON alert (rule_code, coalesce(device_id, 0), coalesce(camera_id, 0), zone,
    (CASE WHEN device_id IS NULL AND camera_id IS NULL THEN site_id ELSE 0 END)) WHERE status NOT IN ('closed', 'dismissed');

-- What an outage holds. `back`: it was heard again. `freed`: the outage is over, its silence is its own from then on.
CREATE TABLE outage_member (
    alert_id bigint NOT NULL REFERENCES alert (id),
    device_id bigint REFERENCES device (id),
    camera_id bigint REFERENCES camera (id),
    since timestamptz NOT NULL,
    back timestamptz,
    freed timestamptz,
    CHECK ((device_id IS NULL) <> (camera_id IS NULL))
);
CREATE UNIQUE INDEX outage_member_once ON outage_member (alert_id, coalesce(device_id, 0), coalesce(camera_id, 0));
CREATE INDEX outage_member_device ON outage_member (device_id) WHERE back IS NULL;
CREATE INDEX outage_member_camera ON outage_member (camera_id) WHERE back IS NULL;
CREATE INDEX outage_member_open ON outage_member (alert_id) WHERE freed IS NULL;
-- Whether an outage has it, or had it until less than `patience` seconds ago: its own rule's time begins with its freedom.
CREATE FUNCTION outage_holds(part outage_member, patience float8) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT part.back IS NULL AND CASE WHEN part.freed IS NULL
        THEN EXISTS (SELECT FROM alert WHERE alert.id = part.alert_id AND alert.status <> 'closed')
        ELSE part.freed > now() - make_interval(secs => patience) END $$;
ALTER TABLE outage_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY services ON outage_member TO mingchu_alerts USING (true) WITH CHECK (true);
CREATE POLICY scope ON outage_member TO mingchu_api
    USING (EXISTS (SELECT FROM alert WHERE alert.id = outage_member.alert_id));
GRANT SELECT, INSERT, UPDATE (since, back, freed) ON outage_member TO mingchu_alerts;
GRANT SELECT ON outage_member TO mingchu_api;

-- Since when an edge is away: what it watches is unseen since then, and nobody else would say so.
ALTER TABLE edge ADD COLUMN away_since timestamptz;
UPDATE edge SET away_since = coalesce(last_seen, now()) WHERE NOT online AND last_seen IS NOT NULL;
CREATE FUNCTION note_edge_away() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.away_since := CASE WHEN NEW.online THEN NULL ELSE now() END;
    RETURN NEW;
END $$;
CREATE TRIGGER away BEFORE UPDATE OF online ON edge FOR EACH ROW WHEN (OLD.online <> NEW.online)
    EXECUTE FUNCTION note_edge_away();

-- An outage whose rule is off is ended by the engine, which knows what it holds: no signal is about a site.
CREATE OR REPLACE FUNCTION release_subjects() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
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
                AND num_nonnulls(device_id, camera_id) = 1
                AND status NOT IN ('closed', 'dismissed') AND (rule_code = NEW.code OR EXISTS (
                    SELECT FROM alert_source AS source WHERE source.alert_id = alert.id AND source.rule_code = NEW.code))
            UNION SELECT device_id, camera_id, zone FROM pending WHERE rule_code = NEW.code) AS held
        WHERE NOT NEW.enabled OR device_id <> ALL (concerned);
    DELETE FROM predicate_state WHERE rule_code = NEW.code AND device_id <> ALL (concerned);
    PERFORM pg_notify('mingchu_signal', '');
    RETURN NULL;
END $$;

-- Troubles of the house itself (nobody hears the broker, a disk is full): one such time, and when the operations were told.
CREATE TABLE trouble (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('deaf', 'full')),
    began timestamptz NOT NULL DEFAULT now(),
    told timestamptz,
    ended timestamptz
);
CREATE UNIQUE INDEX trouble_now ON trouble (kind) WHERE ended IS NULL;
GRANT SELECT, INSERT, UPDATE ON trouble TO mingchu_alerts;
GRANT SELECT ON trouble TO mingchu_api;
