-- The base schema. Runs on plain PostgreSQL ≥ 15; readings live in plain.sql or timescale.sql.
CREATE EXTENSION IF NOT EXISTS ltree;

-- Roles -----------------------------------------------------------------------------------------
-- Each service works as its own role (SET ROLE at connect). mingchu_reader owns the views through which
-- the api reads readings, so that the policies of device and site apply there too.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['mingchu_ingest', 'mingchu_alerts', 'mingchu_api', 'mingchu_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', name, current_user);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', name);
    END LOOP;
END $$;

-- Registry --------------------------------------------------------------------------------------
CREATE TABLE authority (
    path ltree PRIMARY KEY,
    zh text NOT NULL,
    en text NOT NULL
);

CREATE TABLE operator (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uscc text NOT NULL UNIQUE CHECK (length(uscc) = 18),  -- GB 32100 unified social credit code
    zh text NOT NULL,
    en text NOT NULL
);

CREATE TABLE site (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> 'edge'),
    kind text NOT NULL,
    zh text NOT NULL,
    en text NOT NULL,
    address text NOT NULL DEFAULT '',
    authority ltree NOT NULL REFERENCES authority (path),
    operator_id bigint NOT NULL REFERENCES operator (id),
    schedule jsonb NOT NULL
);
CREATE INDEX ON site USING gist (authority);
CREATE INDEX ON site (operator_id);

CREATE TABLE device_profile (
    code text PRIMARY KEY,
    version integer NOT NULL,
    body jsonb NOT NULL
);

CREATE TABLE metric (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    profile_code text NOT NULL REFERENCES device_profile (code),
    name text NOT NULL,
    unit text NOT NULL,
    UNIQUE (profile_code, name)
);

-- Edges and devices draw from one sequence: a ledger row's source is one number.
CREATE SEQUENCE source_id;

CREATE TABLE edge (
    id bigint PRIMARY KEY DEFAULT nextval('source_id'),
    code text NOT NULL UNIQUE,
    zh text NOT NULL,
    en text NOT NULL,
    authority ltree NOT NULL REFERENCES authority (path),
    credential text,  -- mosquitto's $7$ PBKDF2-SHA512 form; NULL: revoked
    online boolean NOT NULL DEFAULT false,
    last_seen timestamptz,
    config_version integer NOT NULL DEFAULT 1
);

CREATE TABLE device (
    id bigint PRIMARY KEY DEFAULT nextval('source_id'),
    site_id bigint NOT NULL REFERENCES site (id),
    code text NOT NULL,
    profile_code text NOT NULL REFERENCES device_profile (code),
    zh text NOT NULL,
    en text NOT NULL,
    credential text,
    online boolean NOT NULL DEFAULT false,
    last_seen timestamptz,
    UNIQUE (site_id, code)
);

CREATE TABLE camera (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id bigint NOT NULL REFERENCES site (id),
    edge_id bigint NOT NULL REFERENCES edge (id),
    code text NOT NULL UNIQUE,
    zh text NOT NULL,
    en text NOT NULL,
    url text NOT NULL,
    zones jsonb NOT NULL,
    health text NOT NULL DEFAULT 'OFFLINE',
    health_at timestamptz,
    health_why text NOT NULL DEFAULT ''
);
CREATE INDEX ON camera (site_id);
CREATE INDEX ON camera (edge_id);

-- People ----------------------------------------------------------------------------------------
CREATE TABLE person (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text NOT NULL UNIQUE,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('operator', 'regulator', 'admin')),
    password text NOT NULL,  -- argon2id
    authority ltree REFERENCES authority (path),
    operator_id bigint REFERENCES operator (id),
    lang text NOT NULL DEFAULT 'zh',
    enabled boolean NOT NULL DEFAULT true,
    CHECK ((authority IS NULL) <> (operator_id IS NULL))
);

CREATE TABLE session (
    token_sha256 bytea PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person (id),
    created timestamptz NOT NULL DEFAULT now(),
    expires timestamptz NOT NULL
);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    person_id bigint,
    action text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    hash bytea NOT NULL
);

-- Landing ---------------------------------------------------------------------------------------
-- One row per message that was committed. `time` is the message's own, so that a repeat has the same key.
CREATE TABLE ledger (
    source_id bigint NOT NULL,
    key uuid NOT NULL,
    time timestamptz NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    seq bigint,
    rows integer NOT NULL,
    PRIMARY KEY (source_id, time, key)
);

-- Messages that could not be landed, whole. The same one again only counts up, so that a stuck sender fills no disk.
CREATE TABLE dead_letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    received timestamptz NOT NULL DEFAULT now(),
    topic text NOT NULL,
    payload bytea NOT NULL,
    reason text NOT NULL,
    seen integer NOT NULL DEFAULT 1,
    last timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE reading_latest (
    device_id bigint NOT NULL,
    metric_id integer NOT NULL,
    time timestamptz NOT NULL,
    value double precision NOT NULL,
    quality smallint NOT NULL,
    PRIMARY KEY (device_id, metric_id)
) WITH (fillfactor = 70);

CREATE TABLE device_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id bigint NOT NULL REFERENCES device (id),
    code text NOT NULL,
    phase text NOT NULL,
    time timestamptz NOT NULL,
    text text NOT NULL,
    quality smallint NOT NULL DEFAULT 0,
    received timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON device_event (device_id, time);
CREATE INDEX ON device_event (device_id, code, time DESC, id DESC) WHERE phase <> 'pulse';

CREATE TABLE transaction (
    device_id bigint NOT NULL REFERENCES device (id),
    tx_id text NOT NULL,
    seq bigint NOT NULL,
    time timestamptz NOT NULL,
    product text NOT NULL,
    gross_g double precision NOT NULL,
    tare_g double precision NOT NULL,
    net_g double precision NOT NULL,
    unit_price double precision NOT NULL,  -- fen/kg
    amount double precision NOT NULL,  -- fen
    pay text NOT NULL,
    trace text NOT NULL,
    quality smallint NOT NULL DEFAULT 0,
    received timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (device_id, tx_id)
);
CREATE INDEX ON transaction (device_id, time);

CREATE TABLE scene_event (
    id uuid PRIMARY KEY,
    camera_id bigint NOT NULL REFERENCES camera (id),
    scene text NOT NULL,
    zone text NOT NULL,
    track integer NOT NULL,
    first timestamptz NOT NULL,
    best timestamptz NOT NULL,
    last timestamptz NOT NULL,
    why text NOT NULL,
    samples jsonb NOT NULL,
    model text NOT NULL,
    rule_version integer NOT NULL,
    ended timestamptz,
    ended_why text NOT NULL DEFAULT '',
    received timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON scene_event (camera_id, first);

CREATE TABLE evidence (
    scene_event_id uuid NOT NULL REFERENCES scene_event (id),
    kind text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    size bigint NOT NULL,
    begin_at timestamptz NOT NULL,
    end_at timestamptz NOT NULL,
    complete boolean NOT NULL,
    why text NOT NULL,
    PRIMARY KEY (scene_event_id, kind, sha256)
);
CREATE INDEX ON evidence (sha256);

CREATE TABLE camera_health (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id bigint NOT NULL REFERENCES camera (id),
    state text NOT NULL,
    at timestamptz NOT NULL,
    why text NOT NULL
);

-- Deciding --------------------------------------------------------------------------------------
CREATE TABLE rule (
    code text NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (code, version)
);
CREATE UNIQUE INDEX ON rule (code) WHERE active;

-- The last known truth of a rule's predicate on a device; a signal is written only when it flips.
CREATE TABLE predicate_state (
    rule_code text NOT NULL,
    device_id bigint NOT NULL REFERENCES device (id),
    value boolean NOT NULL,
    time timestamptz NOT NULL,
    PRIMARY KEY (rule_code, device_id)
);

-- A queue: rows with handled IS NULL are work; marking them and their consequences is one transaction.
CREATE TABLE signal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_code text NOT NULL,
    rule_version integer NOT NULL,
    device_id bigint REFERENCES device (id),
    camera_id bigint REFERENCES camera (id),
    zone text NOT NULL DEFAULT '',
    scene_event_id uuid REFERENCES scene_event (id),
    value boolean NOT NULL,
    pulse boolean NOT NULL DEFAULT false,  -- true and over at once: raises, and leaves the condition CLEARED
    time timestamptz NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    why text NOT NULL,
    handled timestamptz,
    outcome text NOT NULL DEFAULT '',  -- the named reason of what the alert engine made of it
    CHECK ((device_id IS NULL) <> (camera_id IS NULL))
);
CREATE INDEX signal_work ON signal (id) WHERE handled IS NULL;

-- A condition that is true and waits for its rule's duration.
CREATE TABLE pending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_code text NOT NULL,
    rule_version integer NOT NULL,
    device_id bigint REFERENCES device (id),
    camera_id bigint REFERENCES camera (id),
    zone text NOT NULL DEFAULT '',
    scene_event_id uuid REFERENCES scene_event (id),
    since timestamptz NOT NULL,  -- the subject's clock
    due timestamptz NOT NULL,    -- ours
    why text NOT NULL,
    CHECK ((device_id IS NULL) <> (camera_id IS NULL))
);
CREATE UNIQUE INDEX pending_subject ON pending (rule_code, coalesce(device_id, 0), coalesce(camera_id, 0), zone);
CREATE INDEX ON pending (due);

CREATE TABLE alert (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_code text NOT NULL,
    rule_version integer NOT NULL,
    site_id bigint NOT NULL REFERENCES site (id),
    device_id bigint REFERENCES device (id),
    camera_id bigint REFERENCES camera (id),
    zone text NOT NULL DEFAULT '',
    scene_event_id uuid REFERENCES scene_event (id),
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),
    condition text NOT NULL CHECK (condition IN ('ACTIVE', 'CLEARED')),
    status text NOT NULL CHECK (status IN ('open', 'acknowledged', 'rectified', 'closed', 'dismissed')),
    began timestamptz NOT NULL,   -- when the subject's own clock says that it began
    raised timestamptz NOT NULL DEFAULT now(),
    changed timestamptz NOT NULL DEFAULT now(),
    cleared timestamptz,
    due timestamptz NOT NULL,     -- acknowledge (class I) or rectify (II, III) by then
    why text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CHECK ((device_id IS NULL) <> (camera_id IS NULL))
);
-- One open incident per rule and subject.
CREATE UNIQUE INDEX alert_incident ON alert (rule_code, coalesce(device_id, 0), coalesce(camera_id, 0), zone)
    WHERE status NOT IN ('closed', 'dismissed');
CREATE INDEX ON alert (site_id, raised);
CREATE INDEX ON alert (device_id, raised) WHERE device_id IS NOT NULL;
CREATE INDEX alert_queue ON alert (status, severity, raised);

-- Append-only, hash-chained per alert.
CREATE TABLE alert_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id bigint NOT NULL REFERENCES alert (id),
    at timestamptz NOT NULL DEFAULT now(),
    person_id bigint REFERENCES person (id),  -- NULL: the system
    action text NOT NULL,
    source text,
    target text NOT NULL,
    condition text NOT NULL,
    reason text NOT NULL DEFAULT '',
    hash bytea NOT NULL
);
CREATE INDEX ON alert_history (alert_id, id);

CREATE TABLE rectification (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id bigint NOT NULL REFERENCES alert (id),
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    text text NOT NULL CHECK (text <> '')
);

CREATE TABLE rectification_photo (
    rectification_id bigint NOT NULL REFERENCES rectification (id),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    size bigint NOT NULL,
    PRIMARY KEY (rectification_id, sha256)
);
CREATE INDEX ON rectification_photo (sha256);

CREATE TABLE review (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id bigint NOT NULL REFERENCES alert (id),
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    verdict text NOT NULL CHECK (verdict IN ('accept', 'reject', 'dismiss')),
    reason text NOT NULL
);

-- Telling ---------------------------------------------------------------------------------------
CREATE TABLE channel (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operator_id bigint REFERENCES operator (id),
    authority ltree REFERENCES authority (path),
    url text NOT NULL,
    secret text NOT NULL,  -- HMAC key of the signature header
    lang text NOT NULL DEFAULT 'zh',
    enabled boolean NOT NULL DEFAULT true,
    CHECK ((authority IS NULL) <> (operator_id IS NULL))
);

CREATE TABLE push (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),  -- also the idempotency key
    alert_id bigint NOT NULL REFERENCES alert (id),
    channel_id bigint NOT NULL REFERENCES channel (id),
    reason text NOT NULL,  -- raised, rejected, closed, dismissed, rectified
    created timestamptz NOT NULL DEFAULT now(),
    next_try timestamptz DEFAULT now(),  -- NULL: finished (sent or failed for good)
    tries integer NOT NULL DEFAULT 0,
    sent timestamptz,
    failed timestamptz,
    last_error text NOT NULL DEFAULT ''
);
CREATE INDEX push_work ON push (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX push_channel_work ON push (channel_id, next_try) WHERE next_try IS NOT NULL;
CREATE INDEX ON push (alert_id);

-- Hash chains -----------------------------------------------------------------------------------
-- Each row's hash covers the row before it, so that an edit or a gap shows (PROMISES S11).
CREATE FUNCTION chain_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE previous bytea;
BEGIN
    SELECT hash INTO previous FROM alert_history WHERE alert_id = NEW.alert_id ORDER BY id DESC LIMIT 1;
    NEW.hash := sha256(coalesce(previous, ''::bytea) || convert_to(jsonb_build_array(
        NEW.alert_id, extract(epoch FROM NEW.at), NEW.person_id, NEW.action, NEW.source, NEW.target, NEW.condition,
        NEW.reason)::text, 'UTF8'));
    RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON alert_history FOR EACH ROW EXECUTE FUNCTION chain_history();

CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE previous bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('mingchu.audit'));
    SELECT hash INTO previous FROM audit ORDER BY id DESC LIMIT 1;
    NEW.hash := sha256(coalesce(previous, ''::bytea) || convert_to(jsonb_build_array(
        extract(epoch FROM NEW.at), NEW.person_id, NEW.action, NEW.detail)::text, 'UTF8'));
    RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION chain_audit();

-- Row-level security ----------------------------------------------------------------------------
-- The api sets mingchu.authority (an ltree path) or mingchu.operator (an id) for each transaction. Unset: no rows.
CREATE FUNCTION scope_authority() RETURNS ltree LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('mingchu.authority', true), '')::ltree $$;
CREATE FUNCTION scope_operator() RETURNS bigint LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('mingchu.operator', true), '')::bigint $$;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['operator', 'site', 'edge', 'device', 'camera', 'person', 'device_event', 'transaction',
        'scene_event', 'evidence', 'camera_health', 'alert', 'alert_history', 'rectification', 'rectification_photo',
        'review', 'channel', 'push', 'reading_latest'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY services ON %I TO mingchu_ingest, mingchu_alerts USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;

CREATE POLICY scope ON site TO mingchu_api, mingchu_reader
    USING (authority <@ scope_authority() OR operator_id = scope_operator());
CREATE POLICY scope ON operator TO mingchu_api
    USING (id = scope_operator() OR EXISTS (SELECT FROM site WHERE site.operator_id = operator.id));
CREATE POLICY scope ON edge TO mingchu_api USING (authority <@ scope_authority());
CREATE POLICY scope ON person TO mingchu_api USING (
    authority <@ scope_authority() OR operator_id = scope_operator()
    OR EXISTS (SELECT FROM operator WHERE operator.id = person.operator_id));
CREATE POLICY scope ON channel TO mingchu_api USING (
    authority <@ scope_authority() OR operator_id = scope_operator()
    OR EXISTS (SELECT FROM operator WHERE operator.id = channel.operator_id));
CREATE POLICY scope ON device TO mingchu_api, mingchu_reader
    USING (EXISTS (SELECT FROM site WHERE site.id = device.site_id));
CREATE POLICY scope ON camera TO mingchu_api USING (EXISTS (SELECT FROM site WHERE site.id = camera.site_id));
CREATE POLICY scope ON device_event TO mingchu_api
    USING (EXISTS (SELECT FROM device WHERE device.id = device_event.device_id));
CREATE POLICY scope ON transaction TO mingchu_api
    USING (EXISTS (SELECT FROM device WHERE device.id = transaction.device_id));
CREATE POLICY scope ON reading_latest TO mingchu_api
    USING (EXISTS (SELECT FROM device WHERE device.id = reading_latest.device_id));
CREATE POLICY scope ON scene_event TO mingchu_api
    USING (EXISTS (SELECT FROM camera WHERE camera.id = scene_event.camera_id));
CREATE POLICY scope ON camera_health TO mingchu_api
    USING (EXISTS (SELECT FROM camera WHERE camera.id = camera_health.camera_id));
CREATE POLICY scope ON evidence TO mingchu_api
    USING (EXISTS (SELECT FROM scene_event WHERE scene_event.id = evidence.scene_event_id));
CREATE POLICY scope ON alert TO mingchu_api USING (EXISTS (SELECT FROM site WHERE site.id = alert.site_id));
CREATE POLICY scope ON alert_history TO mingchu_api
    USING (EXISTS (SELECT FROM alert WHERE alert.id = alert_history.alert_id));
CREATE POLICY scope ON rectification TO mingchu_api
    USING (EXISTS (SELECT FROM alert WHERE alert.id = rectification.alert_id));
CREATE POLICY scope ON rectification_photo TO mingchu_api
    USING (EXISTS (SELECT FROM rectification WHERE rectification.id = rectification_photo.rectification_id));
CREATE POLICY scope ON review TO mingchu_api USING (EXISTS (SELECT FROM alert WHERE alert.id = review.alert_id));
CREATE POLICY scope ON push TO mingchu_api USING (EXISTS (SELECT FROM alert WHERE alert.id = push.alert_id));

-- Before anybody has logged in there is no scope: these few look-ups run with the owner's rights.
CREATE FUNCTION person_by_login(wanted text) RETURNS SETOF person
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT * FROM person WHERE login = wanted AND enabled $$;
CREATE FUNCTION person_by_session(token bytea) RETURNS SETOF person
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT person.* FROM person JOIN session ON session.person_id = person.id
       WHERE token_sha256 = token AND expires > now() AND enabled $$;
CREATE FUNCTION edge_credential(wanted text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT credential FROM edge WHERE code = wanted $$;

-- Whom an alert's push goes to: 'operator' (the site's own) or 'authority' (those at or above the site's). A person
-- who acts must reach channels that he may not read, hence the owner's rights; it shows numbers only.
CREATE FUNCTION push_channels(site bigint, audience text) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT channel.id FROM channel JOIN site ON site.id = push_channels.site
       WHERE channel.enabled AND CASE audience
           WHEN 'operator' THEN channel.operator_id = site.operator_id
           WHEN 'authority' THEN channel.authority @> site.authority
           ELSE false END $$;
REVOKE EXECUTE ON FUNCTION push_channels FROM PUBLIC;

-- Grants ----------------------------------------------------------------------------------------
GRANT SELECT ON authority, operator, site, device_profile, metric, rule
    TO mingchu_ingest, mingchu_alerts, mingchu_api;
GRANT SELECT ON edge, device, camera TO mingchu_ingest, mingchu_alerts;
-- Not the credentials, and not the cameras' addresses, which carry theirs.
GRANT SELECT (id, code, zh, en, authority, online, last_seen, config_version) ON edge TO mingchu_api;
GRANT SELECT (id, site_id, code, profile_code, zh, en, online, last_seen) ON device TO mingchu_api;
GRANT SELECT (id, site_id, edge_id, code, zh, en, zones, health, health_at, health_why) ON camera TO mingchu_api;
GRANT SELECT ON site, device TO mingchu_reader;

GRANT INSERT, SELECT ON ledger, device_event, transaction, scene_event, evidence, camera_health, signal, dead_letter
    TO mingchu_ingest;
GRANT UPDATE (seen, last) ON dead_letter TO mingchu_ingest;
GRANT UPDATE (ended, ended_why) ON scene_event TO mingchu_ingest;
GRANT UPDATE (complete, why) ON evidence TO mingchu_ingest;
GRANT INSERT, SELECT, UPDATE ON reading_latest, predicate_state TO mingchu_ingest;
GRANT UPDATE (online, last_seen) ON device, edge TO mingchu_ingest;
GRANT UPDATE (health, health_at, health_why) ON camera TO mingchu_ingest;

GRANT SELECT ON signal, pending, predicate_state, reading_latest, device_event, transaction, scene_event, evidence,
    camera_health, alert, alert_history, rectification, rectification_photo, review, channel, push, person
    TO mingchu_alerts;
GRANT UPDATE (handled, outcome) ON signal TO mingchu_alerts;
GRANT INSERT, UPDATE, DELETE ON pending TO mingchu_alerts;
GRANT INSERT ON alert, alert_history, push TO mingchu_alerts;
GRANT UPDATE (condition, status, cleared, changed, severity, due, why, version, scene_event_id) ON alert TO mingchu_alerts;
GRANT UPDATE (next_try, tries, sent, failed, last_error) ON push TO mingchu_alerts;

GRANT SELECT ON device_event, transaction, reading_latest, scene_event, evidence, camera_health, alert, alert_history,
    rectification, rectification_photo, review, push, dead_letter TO mingchu_api;
GRANT SELECT (id, operator_id, authority, url, lang, enabled) ON channel TO mingchu_api;  -- not the secret
GRANT EXECUTE ON FUNCTION push_channels TO mingchu_alerts, mingchu_api;
GRANT SELECT (id, login, name, role, authority, operator_id, lang, enabled) ON person TO mingchu_api;
GRANT UPDATE (status, changed, version) ON alert TO mingchu_api;  -- the condition is the machine's alone
GRANT INSERT ON alert_history, rectification, rectification_photo, review, push, audit TO mingchu_api;
GRANT SELECT ON audit TO mingchu_api;
GRANT SELECT, INSERT, DELETE ON session TO mingchu_api;
