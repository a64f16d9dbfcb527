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
ALTER POLICY scope ON evidence_tombstone USING (
    EXISTS (SELECT FROM evidence WHERE evidence.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM rectification_photo WHERE rectification_photo.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM appeal_photo WHERE appeal_photo.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM recheck_still WHERE recheck_still.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM inspection_paper WHERE inspection_paper.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM tour_picture WHERE tour_picture.sha256 = evidence_tombstone.sha256)
    OR EXISTS (SELECT FROM complaint_photo WHERE complaint_photo.sha256 = evidence_tombstone.sha256));
