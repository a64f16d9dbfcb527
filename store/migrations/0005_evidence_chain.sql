-- The statements that an edge made of a camera's scenes, byte for byte, each naming the hash of the one before it (ADR 17).
-- Two statements may claim one place: a fork is kept, so that it shows.
CREATE TABLE evidence_link (
    camera_id bigint NOT NULL REFERENCES camera (id),
    chain uuid NOT NULL,  -- the edge's spool: a new spool begins a new chain
    place bigint NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    scene_event_id uuid NOT NULL REFERENCES scene_event (id),
    statement bytea NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (camera_id, chain, place, hash)
);
CREATE INDEX ON evidence_link (scene_event_id);

-- Evidence that will never come, and why; `sha256` is of what had been announced before, else empty.
CREATE TABLE evidence_missing (
    scene_event_id uuid NOT NULL REFERENCES scene_event (id),
    part text NOT NULL,
    sha256 text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    why text NOT NULL,
    PRIMARY KEY (scene_event_id, part, sha256)
);

-- How an edge's disk is (domain.wire.Storage).
ALTER TABLE edge
    ADD COLUMN storage text NOT NULL DEFAULT 'OK',
    ADD COLUMN storage_at timestamptz,
    ADD COLUMN storage_why text NOT NULL DEFAULT '';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['evidence_link', 'evidence_missing'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY services ON %I TO mingchu_ingest, mingchu_alerts USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY scope ON %I TO mingchu_api USING (EXISTS ('
            'SELECT FROM scene_event WHERE scene_event.id = %I.scene_event_id))', name, name);
    END LOOP;
END $$;
GRANT INSERT, SELECT ON evidence_link, evidence_missing TO mingchu_ingest;
GRANT SELECT ON evidence_link, evidence_missing TO mingchu_api;
GRANT UPDATE (storage, storage_at, storage_why) ON edge TO mingchu_ingest;
GRANT SELECT (storage, storage_at, storage_why) ON edge TO mingchu_api;
