-- Alerts that people make from what they found, and how long the pictures of tours, inspections and complaints are kept
-- (ADR 45, ADR 34).

-- Keeping -----------------------------------------------------------------------------------------
ALTER TABLE tour_picture ADD COLUMN size bigint NOT NULL DEFAULT 0;  -- unknown, of what was kept before
GRANT INSERT (size) ON tour_picture TO mingchu_api;
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['complaint', 'complaint_photo', 'complaint_answer', 'tour_look', 'tour_picture',
        'tour_finding'] LOOP
        EXECUTE format('CREATE POLICY keeps ON %I FOR SELECT TO mingchu_alerts USING (true)', name);
    END LOOP;
END $$;
GRANT SELECT ON complaint, complaint_photo, complaint_answer, tour_look, tour_picture, tour_finding, inspection_answer
    TO mingchu_alerts;
CREATE INDEX ON complaint (at);
CREATE INDEX ON tour_picture (at);
CREATE INDEX ON inspection_paper (at);
-- Alerts by hand ----------------------------------------------------------------------------------
-- The rule that they bear. No machine ever raises it: no version of it is current, and so none is in force.
INSERT INTO rule (code, version, shipped, current, enabled, body) VALUES ('by-hand', 1, 1, false, false, '{"code": "by-hand", "version": 1, "kind": "event",
    "zh": "人工发现", "en": "Found by a person", "severity": 3, "source": "ours", "codes": ["by-hand"]}');
-- Who made an alert, and from what: a finding of a tour, or an item of an inspection.
CREATE TABLE alert_by_hand (
    alert_id bigint PRIMARY KEY REFERENCES alert (id),
    person_id bigint NOT NULL REFERENCES person (id),
    finding_id bigint UNIQUE REFERENCES tour_finding (id),
    inspection_id bigint REFERENCES inspection (id),
    item text,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (inspection_id, item),
    CHECK (num_nonnulls(finding_id, inspection_id) = 1),
    CHECK ((inspection_id IS NULL) = (item IS NULL))
);
-- Pictures that came with an alert: whoever sees the alert sees them, wherever else they are kept.
CREATE TABLE alert_picture (
    alert_id bigint NOT NULL REFERENCES alert (id),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    size bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (alert_id, sha256)
);
CREATE INDEX ON alert_picture (sha256);
CREATE INDEX ON alert_picture (at);
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['alert_by_hand', 'alert_picture'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY services ON %I FOR SELECT TO mingchu_alerts USING (true)', name);
        EXECUTE format('CREATE POLICY scope ON %1$I FOR SELECT TO mingchu_api
            USING (EXISTS (SELECT FROM alert WHERE alert.id = %1$I.alert_id))', name);
    END LOOP;
END $$;
CREATE POLICY makes ON alert_by_hand FOR INSERT TO mingchu_api WITH CHECK (person_id = scope_person()
    AND EXISTS (SELECT FROM alert JOIN site ON site.id = site_id WHERE alert.id = alert_id AND rule_code = 'by-hand'
        AND site.authority <@ scope_authority()));
CREATE POLICY makes ON alert_picture FOR INSERT TO mingchu_api WITH CHECK (EXISTS (
    SELECT FROM alert_by_hand AS made WHERE made.alert_id = alert_picture.alert_id AND made.person_id = scope_person()));
GRANT SELECT, INSERT (alert_id, person_id, finding_id, inspection_id, item) ON alert_by_hand TO mingchu_api;
GRANT SELECT, INSERT (alert_id, sha256, media_type, size) ON alert_picture TO mingchu_api;
GRANT SELECT ON alert_by_hand, alert_picture TO mingchu_alerts;
-- The machine's alerts stay the engine's: the api makes those that people make, for its own authority's sites.
CREATE POLICY by_hand ON alert AS RESTRICTIVE FOR INSERT TO mingchu_api WITH CHECK (
    rule_code = 'by-hand' AND status = 'open' AND EXISTS (
        SELECT FROM site WHERE site.id = site_id AND authority <@ scope_authority()));
GRANT INSERT (rule_code, rule_version, site_id, device_id, camera_id, zone, scene_event_id, severity, condition, status,
    began, cleared, due, why) ON alert TO mingchu_api;
-- What is left of pictures is told to whoever could see them.
ALTER POLICY scope ON evidence_tombstone USING (
    EXISTS (SELECT FROM evidence WHERE evidence.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM rectification_photo WHERE rectification_photo.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM appeal_photo WHERE appeal_photo.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM recheck_still WHERE recheck_still.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM inspection_paper WHERE inspection_paper.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM tour_picture WHERE tour_picture.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM complaint_photo WHERE complaint_photo.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM alert_picture WHERE alert_picture.sha256 = evidence_tombstone.sha256));
