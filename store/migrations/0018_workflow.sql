-- The workflow in depth: who is responsible and who works on an alert, supervision, appeals, comments, the machine's
-- re-check, the sampled audit, campaigns (ADR 31).

ALTER TABLE alert
    ADD COLUMN authority ltree REFERENCES authority (path),  -- responsible since a transfer; NULL: its site's
    ADD COLUMN assignee bigint REFERENCES person (id),
    ADD COLUMN supervised ltree REFERENCES authority (path),  -- the authority above that watches over it
    ADD COLUMN supervised_due timestamptz,
    ADD COLUMN supervised_why text NOT NULL DEFAULT '',
    ADD CHECK ((supervised IS NULL) = (supervised_due IS NULL));
CREATE INDEX alert_assignee ON alert (assignee, status, severity, id) WHERE assignee IS NOT NULL;
CREATE INDEX alert_supervised ON alert (supervised_due)
    WHERE supervised IS NOT NULL AND status NOT IN ('closed', 'dismissed');

-- Each authority that an alert was passed to. Append-only: who once was responsible keeps reading it.
CREATE TABLE alert_transfer (
    alert_id bigint NOT NULL REFERENCES alert (id),
    authority ltree NOT NULL REFERENCES authority (path),
    at timestamptz NOT NULL DEFAULT now(),
    person_id bigint NOT NULL REFERENCES person (id)
);
CREATE INDEX ON alert_transfer (alert_id);
CREATE INDEX ON alert_transfer USING gist (authority);

CREATE TABLE alert_comment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id bigint NOT NULL REFERENCES alert (id),
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    side text NOT NULL CHECK (side IN ('both', 'operator', 'authority')),  -- whose eyes it is for
    text text NOT NULL CHECK (text <> '')
);
CREATE INDEX ON alert_comment (alert_id, id);

-- The operator's dispute, once an alert; its verdict is written into it once.
CREATE TABLE appeal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id bigint NOT NULL UNIQUE REFERENCES alert (id),
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    text text NOT NULL CHECK (text <> ''),
    due timestamptz NOT NULL,  -- the regulator must have answered by then
    decided timestamptz,
    decided_by bigint REFERENCES person (id),
    verdict text CHECK (verdict IN ('upheld', 'rejected')),
    reason text NOT NULL DEFAULT '',
    CHECK (num_nonnulls(decided, decided_by, verdict) IN (0, 3))
);
CREATE INDEX appeal_work ON appeal (due) WHERE decided IS NULL;
CREATE TABLE appeal_photo (
    appeal_id bigint NOT NULL REFERENCES appeal (id),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    size bigint NOT NULL,
    PRIMARY KEY (appeal_id, sha256)
);
CREATE INDEX ON appeal_photo (sha256);

-- The machine's look after a report: begun with it, ended once by the alert engine. `result` NULL: it still looks.
CREATE TABLE recheck (
    rectification_id bigint PRIMARY KEY REFERENCES rectification (id),
    alert_id bigint NOT NULL REFERENCES alert (id),
    began timestamptz NOT NULL DEFAULT now(),
    watch_s double precision NOT NULL,
    next_look timestamptz,  -- NULL: it has ended
    ended timestamptz,
    result text CHECK (result IN ('clear', 'violating', 'unjudged')),
    clear_since timestamptz,
    why text NOT NULL DEFAULT '',  -- the named reason: what was seen or measured, or what hindered
    CHECK ((result IS NULL) = (ended IS NULL)),
    CHECK ((result IS NULL) = (next_look IS NOT NULL))
);
CREATE INDEX ON recheck (alert_id);
CREATE INDEX recheck_work ON recheck (next_look) WHERE result IS NULL;

-- A fresh still of the camera, heads hidden, beside the operator's photo.
CREATE TABLE recheck_still (
    rectification_id bigint NOT NULL REFERENCES rectification (id),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size bigint NOT NULL,
    at timestamptz NOT NULL,  -- when it was captured
    person_id bigint NOT NULL REFERENCES person (id),  -- who had it taken
    PRIMARY KEY (rectification_id, sha256)
);
CREATE INDEX ON recheck_still (sha256);

-- Which class III alerts a human looks at, although the machine may close them: by seed, so that it can be drawn again.
CREATE TABLE audit_draw (
    alert_id bigint PRIMARY KEY REFERENCES alert (id),
    at timestamptz NOT NULL DEFAULT now(),
    seed text NOT NULL,
    share double precision NOT NULL,  -- closed by the machine alone
    drawn double precision NOT NULL CHECK (drawn >= 0 AND drawn < 1),
    human boolean NOT NULL
);

-- Special campaigns.
CREATE TABLE campaign (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority ltree NOT NULL REFERENCES authority (path),
    name text NOT NULL CHECK (name <> ''),
    goal text NOT NULL DEFAULT '',
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL CHECK (ends > begins),
    filter jsonb NOT NULL,  -- what its alerts were chosen by, as it was asked for
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE campaign_alert (
    campaign_id bigint NOT NULL REFERENCES campaign (id),
    alert_id bigint NOT NULL REFERENCES alert (id),
    by_hand boolean NOT NULL,
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, alert_id)
);
CREATE INDEX ON campaign_alert (alert_id);

-- Row-level security ------------------------------------------------------------------------------
-- What was passed to an authority: the alert, its camera or device, and the site's name; nothing else of the site.
-- With the owner's rights, since the policies of alert and site would ask each other for ever.
CREATE FUNCTION transferred_alerts() RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT alert_id FROM alert_transfer WHERE authority <@ scope_authority() $$;
CREATE FUNCTION transferred_sites() RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT site_id FROM alert WHERE id IN (SELECT transferred_alerts()) $$;
CREATE FUNCTION transferred_cameras() RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT camera_id FROM alert WHERE id IN (SELECT transferred_alerts()) AND camera_id IS NOT NULL $$;
CREATE FUNCTION transferred_devices() RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT device_id FROM alert WHERE id IN (SELECT transferred_alerts()) AND device_id IS NOT NULL $$;
REVOKE EXECUTE ON FUNCTION transferred_alerts, transferred_sites, transferred_cameras, transferred_devices FROM PUBLIC;
GRANT EXECUTE ON FUNCTION transferred_alerts, transferred_sites, transferred_cameras, transferred_devices
    TO mingchu_api, mingchu_reader;

ALTER POLICY scope ON site USING (
    authority <@ scope_authority() OR operator_id = scope_operator() OR id IN (SELECT transferred_sites()));
ALTER POLICY scope ON device USING (
    EXISTS (SELECT FROM site WHERE site.id = device.site_id
        AND (site.authority <@ scope_authority() OR site.operator_id = scope_operator()))
    OR id IN (SELECT transferred_devices()));
ALTER POLICY scope ON camera USING (
    EXISTS (SELECT FROM site WHERE site.id = camera.site_id
        AND (site.authority <@ scope_authority() OR site.operator_id = scope_operator()))
    OR id IN (SELECT transferred_cameras()));
ALTER POLICY scope ON alert USING (
    EXISTS (SELECT FROM site WHERE site.id = alert.site_id
        AND (site.authority <@ scope_authority() OR site.operator_id = scope_operator()))
    OR id IN (SELECT transferred_alerts()));

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['alert_transfer', 'alert_comment', 'appeal', 'appeal_photo', 'recheck', 'recheck_still',
        'audit_draw', 'campaign', 'campaign_alert'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;
CREATE POLICY scope ON alert_transfer TO mingchu_api
    USING (EXISTS (SELECT FROM alert WHERE alert.id = alert_transfer.alert_id));
CREATE POLICY scope ON alert_comment TO mingchu_api USING (
    EXISTS (SELECT FROM alert WHERE alert.id = alert_comment.alert_id)
    AND (side = 'both' OR side = 'authority' AND scope_authority() IS NOT NULL
        OR side = 'operator' AND scope_operator() IS NOT NULL));
CREATE POLICY scope ON appeal TO mingchu_api USING (EXISTS (SELECT FROM alert WHERE alert.id = appeal.alert_id));
CREATE POLICY scope ON appeal_photo TO mingchu_api
    USING (EXISTS (SELECT FROM appeal WHERE appeal.id = appeal_photo.appeal_id));
CREATE POLICY scope ON recheck TO mingchu_api USING (EXISTS (SELECT FROM alert WHERE alert.id = recheck.alert_id));
CREATE POLICY scope ON recheck_still TO mingchu_api
    USING (EXISTS (SELECT FROM rectification WHERE rectification.id = recheck_still.rectification_id));
CREATE POLICY scope ON audit_draw TO mingchu_api
    USING (scope_authority() IS NOT NULL AND EXISTS (SELECT FROM alert WHERE alert.id = audit_draw.alert_id));
-- A campaign is its authority's and everybody's above, and is read by the authorities below, who do the work.
CREATE POLICY reads ON campaign FOR SELECT TO mingchu_api
    USING (authority <@ scope_authority() OR authority @> scope_authority());
CREATE POLICY makes ON campaign FOR INSERT TO mingchu_api WITH CHECK (authority <@ scope_authority());
CREATE POLICY reads ON campaign_alert FOR SELECT TO mingchu_api USING (
    EXISTS (SELECT FROM campaign WHERE campaign.id = campaign_alert.campaign_id)
    AND EXISTS (SELECT FROM alert WHERE alert.id = campaign_alert.alert_id));
CREATE POLICY makes ON campaign_alert FOR INSERT TO mingchu_api WITH CHECK (
    EXISTS (SELECT FROM campaign WHERE campaign.id = campaign_alert.campaign_id AND authority <@ scope_authority())
    AND EXISTS (SELECT FROM alert WHERE alert.id = campaign_alert.alert_id));
CREATE POLICY services ON recheck TO mingchu_alerts USING (true) WITH CHECK (true);
CREATE POLICY services ON audit_draw TO mingchu_alerts USING (true) WITH CHECK (true);
CREATE POLICY services ON appeal TO mingchu_alerts USING (true);

-- A rejected appeal gives back the time that it took: to the deadline, and to the clocks that still run (ADR 32, whose
-- table may come later than this: nothing is looked up before it is called).
CREATE FUNCTION give_back_appeal(wanted bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE taken interval;
BEGIN
    SELECT decided - at INTO taken FROM appeal WHERE alert_id = wanted AND verdict = 'rejected';
    UPDATE alert SET due = due + taken WHERE id = wanted AND taken IS NOT NULL;
    UPDATE clock SET due = due + taken WHERE alert_id = wanted AND done IS NULL AND taken IS NOT NULL;
END $$;
REVOKE EXECUTE ON FUNCTION give_back_appeal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION give_back_appeal TO mingchu_api;

-- How often a scene on a camera was right, by what people have judged: a verdict or an appeal. What the machine closed
-- alone says nothing of its own precision.
CREATE VIEW scene_precision WITH (security_invoker) AS
    SELECT rule.body ->> 'scene' AS scene, alert.camera_id, count(*)::integer AS judged,
        count(*) FILTER (WHERE alert.status <> 'dismissed')::integer AS confirmed
    FROM alert JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version
    WHERE rule.body ->> 'scene' IS NOT NULL AND alert.camera_id IS NOT NULL AND (alert.status = 'dismissed'
        OR EXISTS (SELECT FROM review WHERE review.alert_id = alert.id AND review.verdict IN ('accept', 'reject'))
        OR EXISTS (SELECT FROM appeal WHERE appeal.alert_id = alert.id AND appeal.verdict = 'rejected'))
    GROUP BY 1, 2;

-- Grants ------------------------------------------------------------------------------------------
GRANT UPDATE (authority, assignee, supervised, supervised_due, supervised_why) ON alert TO mingchu_api;
GRANT SELECT, INSERT ON alert_transfer, alert_comment, appeal, appeal_photo, recheck, recheck_still, campaign,
    campaign_alert TO mingchu_api;
GRANT UPDATE (decided, decided_by, verdict, reason) ON appeal TO mingchu_api;
GRANT SELECT ON audit_draw, scene_precision TO mingchu_api;
GRANT SELECT ON recheck, audit_draw, appeal TO mingchu_alerts;
GRANT UPDATE (next_look, ended, result, clear_since, why) ON recheck TO mingchu_alerts;
GRANT INSERT ON audit_draw TO mingchu_alerts;
