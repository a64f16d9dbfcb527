-- Oversight (ADR 34): risk scores, random draws, reports, and evidence that is kept for a time or by a legal hold.

-- When we heard of it: what came after a report was closed does not count in it.
ALTER TABLE camera_health ADD COLUMN received timestamptz;
UPDATE camera_health SET received = at;
ALTER TABLE camera_health ALTER COLUMN received SET DEFAULT now(), ALTER COLUMN received SET NOT NULL;
CREATE INDEX ON camera_health (camera_id, at, id);
CREATE INDEX ON alert_history USING brin (at) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX ON review (alert_id);
CREATE INDEX ON review (at);
CREATE INDEX ON rectification (alert_id);
CREATE INDEX ON scene_event (received);
CREATE INDEX ON alert (scene_event_id) WHERE scene_event_id IS NOT NULL;

-- Where an alert stood at a moment: what its history said last before it.
CREATE FUNCTION alert_status_at(wanted bigint, moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT target FROM alert_history WHERE alert_id = wanted AND at < moment ORDER BY id DESC LIMIT 1),
        'open') $$;
-- An authority's sites, or one.
CREATE FUNCTION sites_of(path ltree, one bigint) RETURNS TABLE (id bigint) LANGUAGE sql STABLE AS
    $$ SELECT site.id FROM site WHERE site.authority <@ path OR site.id = one $$;

-- Risk ------------------------------------------------------------------------------------------
CREATE TABLE risk_weights (
    version integer PRIMARY KEY,
    body jsonb NOT NULL,  -- domain.risk.Weights
    installed timestamptz NOT NULL DEFAULT now()
);

-- A day that was scored, as of `at`: its end, or a moment within it while it goes on.
CREATE TABLE risk_day (
    day date PRIMARY KEY,
    at timestamptz NOT NULL,
    weights integer NOT NULL REFERENCES risk_weights (version),
    subjects integer NOT NULL
);

-- `device_id` 0: the site itself. `measures` in the order of the weights' terms.
CREATE TABLE risk_score (
    site_id bigint NOT NULL REFERENCES site (id),
    device_id bigint NOT NULL,
    day date NOT NULL,
    score smallint NOT NULL CHECK (score BETWEEN 0 AND 100),
    measures double precision[] NOT NULL,
    PRIMARY KEY (site_id, device_id, day)
);
CREATE INDEX ON risk_score (day, score DESC, site_id) WHERE device_id = 0;
CREATE INDEX risk_score_old ON risk_score (day);

-- Random draws (双随机) -----------------------------------------------------------------------------
CREATE TABLE draw (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    authority ltree NOT NULL REFERENCES authority (path),
    person_id bigint REFERENCES person (id),  -- NULL: the command line
    body jsonb NOT NULL,  -- domain.draw.Draw: seed, candidates with their lots, who was drawn
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$')  -- of the body in canonical form; the audit log has it too
);
CREATE TABLE draw_site (
    draw_id bigint NOT NULL REFERENCES draw (id),
    site_id bigint NOT NULL REFERENCES site (id),
    at timestamptz NOT NULL,
    PRIMARY KEY (site_id, draw_id)
);

-- Reports ---------------------------------------------------------------------------------------
CREATE TABLE report (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    span text NOT NULL CHECK (span IN ('day', 'week', 'month')),
    begin_at timestamptz NOT NULL,
    end_at timestamptz NOT NULL,
    closed timestamptz NOT NULL,  -- facts that we heard of later do not count
    authority ltree REFERENCES authority (path),
    site_id bigint REFERENCES site (id),
    made timestamptz NOT NULL DEFAULT now(),
    body jsonb NOT NULL,  -- domain.report.Figures
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),  -- of the figures in canonical form
    CHECK ((authority IS NULL) <> (site_id IS NULL))
);
CREATE UNIQUE INDEX report_once ON report (span, begin_at, coalesce(authority, ''), coalesce(site_id, 0));

-- Evidence: how long, and what is left of it -------------------------------------------------------
CREATE TABLE evidence_class (
    severity smallint PRIMARY KEY CHECK (severity BETWEEN 1 AND 4),
    days integer NOT NULL CHECK (days > 0)
);
INSERT INTO evidence_class VALUES (1, 730), (2, 180), (3, 180), (4, 180);

-- What is left of bytes whose time was over. `gone` NULL: decided, and the file not deleted yet.
CREATE TABLE evidence_tombstone (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size bigint NOT NULL,
    severity smallint NOT NULL,
    days integer NOT NULL,
    since timestamptz NOT NULL,  -- what the days were counted from
    decided timestamptz NOT NULL DEFAULT now(),
    gone timestamptz,
    found boolean  -- false: the bytes had never come
);
CREATE INDEX ON evidence_tombstone (decided) WHERE gone IS NULL;

CREATE TABLE legal_hold (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id bigint REFERENCES alert (id),
    site_id bigint REFERENCES site (id),
    person_id bigint NOT NULL REFERENCES person (id),
    placed timestamptz NOT NULL DEFAULT now(),
    until timestamptz,  -- NULL: until it is lifted
    why text NOT NULL CHECK (why <> ''),
    lifted timestamptz,
    lifted_by bigint REFERENCES person (id),
    lifted_why text NOT NULL DEFAULT '',
    CHECK ((alert_id IS NULL) <> (site_id IS NULL)),
    CHECK ((lifted IS NULL) = (lifted_by IS NULL))
);
CREATE INDEX ON legal_hold (alert_id);
CREATE INDEX ON legal_hold (site_id);

-- Who deletes and who holds wait for each other.
CREATE FUNCTION lock_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('mingchu.evidence'));
    RETURN NEW;
END $$;
CREATE TRIGGER evidence BEFORE INSERT ON legal_hold FOR EACH ROW EXECUTE FUNCTION lock_evidence();

-- Rights ----------------------------------------------------------------------------------------
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['risk_score', 'draw', 'draw_site', 'report', 'evidence_tombstone', 'legal_hold'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY services ON %I TO mingchu_alerts USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;
CREATE POLICY scope ON risk_score TO mingchu_api USING (EXISTS (SELECT FROM site WHERE site.id = risk_score.site_id));
CREATE POLICY scope ON draw TO mingchu_api USING (authority <@ scope_authority());
CREATE POLICY scope ON draw_site TO mingchu_api
    USING (EXISTS (SELECT FROM draw WHERE draw.id = draw_site.draw_id));
CREATE POLICY scope ON report TO mingchu_api USING (
    authority <@ scope_authority() OR EXISTS (SELECT FROM site WHERE site.id = report.site_id));
CREATE POLICY scope ON evidence_tombstone TO mingchu_api USING (
    EXISTS (SELECT FROM evidence WHERE evidence.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM rectification_photo WHERE rectification_photo.sha256 = evidence_tombstone.sha256));
-- Of a hold only the authority's people know.
CREATE POLICY scope ON legal_hold TO mingchu_api USING (scope_authority() IS NOT NULL
    AND (EXISTS (SELECT FROM alert WHERE alert.id = legal_hold.alert_id)
        OR EXISTS (SELECT FROM site WHERE site.id = legal_hold.site_id)));

GRANT SELECT ON risk_weights, risk_day, risk_score, draw, draw_site, report, evidence_class, evidence_tombstone, legal_hold
    TO mingchu_api, mingchu_alerts;
GRANT INSERT, UPDATE ON risk_day TO mingchu_alerts;
GRANT INSERT, UPDATE, DELETE ON risk_score TO mingchu_alerts;
GRANT INSERT ON draw, draw_site, report, legal_hold TO mingchu_api;
GRANT INSERT ON report TO mingchu_alerts;
GRANT UPDATE (lifted, lifted_by, lifted_why) ON legal_hold TO mingchu_api;
GRANT INSERT, UPDATE (gone, found) ON evidence_tombstone TO mingchu_alerts;
GRANT INSERT ON audit TO mingchu_alerts;

-- The weights of patrolled cameras follow the risk of their sites, where the weights' file says so.
GRANT UPDATE (weight) ON camera TO mingchu_alerts;
GRANT EXECUTE ON FUNCTION lock_edge_of_camera TO mingchu_alerts;

-- What is kept by the time of its alert: the papers beside a report, too.
GRANT SELECT ON appeal, appeal_photo, recheck_still TO mingchu_alerts;
CREATE POLICY kept ON appeal_photo TO mingchu_alerts USING (true);
CREATE POLICY kept ON recheck_still TO mingchu_alerts USING (true);

-- The deadline that an alert began with: clocks and appeals move `due` later, and a report of a closed period must not
-- change with it.
ALTER TABLE alert ADD COLUMN first_due timestamptz;
UPDATE alert SET first_due = due;
CREATE FUNCTION note_first_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.first_due := NEW.due;
    RETURN NEW;
END $$;
CREATE TRIGGER note_first_due BEFORE INSERT ON alert FOR EACH ROW EXECUTE FUNCTION note_first_due();
ALTER TABLE alert ALTER COLUMN first_due SET NOT NULL;
CREATE INDEX ON alert (first_due);
