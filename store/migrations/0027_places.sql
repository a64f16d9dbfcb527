-- The regulator's places (ADR 36): where sites are, what they are permitted, and cameras gone through by people.

-- WGS 84, degrees; both or none.
ALTER TABLE site
    ADD COLUMN longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    ADD COLUMN latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    ADD CHECK ((longitude IS NULL) = (latitude IS NULL));
CREATE POLICY changes ON site AS RESTRICTIVE FOR UPDATE TO mingchu_api
    USING (scope_configures() AND authority <@ scope_authority());
GRANT UPDATE (longitude, latitude) ON site TO mingchu_api;

-- Whether the step that `due` is for was taken in time: class I to be acknowledged, the others to be rectified (as in
-- domain.alert). NULL: not taken yet, or sent back. Kept here, so that a month's share is read off an index.
ALTER TABLE alert ADD COLUMN met boolean;
CREATE FUNCTION note_met() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.severity = 1 THEN
        IF OLD.status = 'open' THEN NEW.met := now() <= OLD.due; END IF;
    ELSIF NEW.status IN ('rectified', 'closed') THEN
        IF OLD.status NOT IN ('rectified', 'closed') THEN NEW.met := now() <= OLD.due; END IF;
    ELSE
        NEW.met := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER met BEFORE UPDATE OF status ON alert FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION note_met();
UPDATE alert SET met = taken.at <= due FROM (
    SELECT alert_id, min(step.at) AS at FROM alert_history AS step JOIN alert AS one ON one.id = alert_id
    WHERE CASE WHEN one.severity = 1 THEN target <> 'open' ELSE target IN ('rectified', 'closed') END
    GROUP BY alert_id) AS taken
    WHERE taken.alert_id = alert.id AND (severity = 1 OR status IN ('rectified', 'closed'));
-- The month's steps and the unfinished with their deadlines are read off an index each, without the table. The first
-- holds nothing of an alert that was just raised, the second nothing of one that is finished.
CREATE INDEX alert_met ON alert (due) INCLUDE (site_id, met) WHERE met IS NOT NULL AND status <> 'dismissed';
CREATE INDEX alert_standing ON alert (site_id, severity, status) INCLUDE (due)
    WHERE status IN ('open', 'acknowledged', 'rectified');

-- Licences and permits of a site, as its authority's admin writes them down.
CREATE TABLE licence (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id bigint NOT NULL REFERENCES site (id),
    kind text NOT NULL CHECK (kind IN ('food', 'special_equipment', 'metrology', 'fire', 'business', 'other')),
    number text NOT NULL CHECK (number <> ''),
    valid_until date NOT NULL,
    UNIQUE (site_id, kind, number)
);
CREATE INDEX ON licence (valid_until);
ALTER TABLE licence ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON licence TO mingchu_api USING (EXISTS (SELECT FROM site WHERE site.id = licence.site_id));
CREATE POLICY adds ON licence AS RESTRICTIVE FOR INSERT TO mingchu_api
    WITH CHECK (scope_provisions() AND configurable(site_id));
CREATE POLICY changes ON licence AS RESTRICTIVE FOR UPDATE TO mingchu_api
    USING (scope_provisions() AND configurable(site_id));
CREATE POLICY removes ON licence AS RESTRICTIVE FOR DELETE TO mingchu_api
    USING (scope_provisions() AND configurable(site_id));
GRANT SELECT, INSERT (site_id, kind, number, valid_until), UPDATE (valid_until), DELETE ON licence TO mingchu_api;

-- A person's own lists of cameras: what the wall shows, `columns` by `columns` at a time, and what a tour goes through.
CREATE TABLE camera_list (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person (id),
    name text NOT NULL CHECK (name <> ''),
    columns smallint NOT NULL CHECK (columns BETWEEN 2 AND 4),
    cameras bigint[] NOT NULL CHECK (cardinality(cameras) BETWEEN 1 AND 200),
    UNIQUE (person_id, name)
);
ALTER TABLE camera_list ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON camera_list TO mingchu_api USING (person_id = scope_person());
GRANT SELECT, INSERT (person_id, name, columns, cameras), UPDATE (columns, cameras), DELETE ON camera_list TO mingchu_api;

-- A tour: a person goes through cameras, one still of each. Rows are only ever added: who looked at what and when,
-- the digest of what was shown, what was found, and the end.
CREATE TABLE tour (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person (id),
    plan text NOT NULL,  -- 'worst', or the list's name
    cameras bigint[] NOT NULL CHECK (cardinality(cameras) BETWEEN 1 AND 200),
    began timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON tour (person_id, id);
CREATE TABLE tour_end (
    tour_id bigint PRIMARY KEY REFERENCES tour (id),
    at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE tour_look (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tour_id bigint NOT NULL REFERENCES tour (id),
    camera_id bigint NOT NULL REFERENCES camera (id),
    at timestamptz NOT NULL DEFAULT now(),
    captured timestamptz,  -- by the camera; NULL: there was no picture, `why` says so
    digest text CHECK (digest ~ '^[0-9a-f]{64}$'),  -- SHA-256 of the redacted still that was shown; no file by itself
    why text NOT NULL DEFAULT '',
    CHECK ((captured IS NULL) = (digest IS NULL))
);
CREATE INDEX ON tour_look (tour_id, camera_id);
CREATE INDEX ON tour_look (camera_id, at);
-- The bytes of a look, kept in the vault: what was shown, by its digest.
CREATE TABLE tour_picture (
    look_id bigint PRIMARY KEY REFERENCES tour_look (id),
    at timestamptz NOT NULL DEFAULT now(),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
CREATE INDEX ON tour_picture (sha256);
CREATE TABLE tour_finding (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    look_id bigint NOT NULL REFERENCES tour_look (id),
    at timestamptz NOT NULL DEFAULT now(),
    words text NOT NULL CHECK (words <> '')
);
CREATE INDEX ON tour_finding (look_id);

-- Read by whoever may see the person and, of looks, the camera; added to by the person alone.
ALTER TABLE tour ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON tour TO mingchu_api
    USING (EXISTS (SELECT FROM person WHERE person.id = tour.person_id)) WITH CHECK (person_id = scope_person());
ALTER TABLE tour_end ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON tour_end TO mingchu_api USING (EXISTS (SELECT FROM tour WHERE tour.id = tour_end.tour_id))
    WITH CHECK (EXISTS (SELECT FROM tour WHERE tour.id = tour_end.tour_id AND person_id = scope_person()));
ALTER TABLE tour_look ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON tour_look TO mingchu_api
    USING (EXISTS (SELECT FROM tour WHERE tour.id = tour_look.tour_id)
        AND EXISTS (SELECT FROM camera WHERE camera.id = tour_look.camera_id))
    WITH CHECK (EXISTS (SELECT FROM tour WHERE tour.id = tour_look.tour_id AND person_id = scope_person()
            AND tour_look.camera_id = ANY (cameras))
        AND EXISTS (SELECT FROM camera WHERE camera.id = tour_look.camera_id));
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tour_picture', 'tour_finding'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %1$I TO mingchu_api
            USING (EXISTS (SELECT FROM tour_look WHERE tour_look.id = %1$I.look_id))
            WITH CHECK (EXISTS (SELECT FROM tour_look JOIN tour ON tour.id = tour_id
                WHERE tour_look.id = %1$I.look_id AND person_id = scope_person()))', name);
    END LOOP;
END $$;
GRANT SELECT ON tour, tour_end, tour_look, tour_picture, tour_finding TO mingchu_api;
GRANT INSERT (person_id, plan, cameras) ON tour TO mingchu_api;
GRANT INSERT (tour_id) ON tour_end TO mingchu_api;
GRANT INSERT (tour_id, camera_id, captured, digest, why) ON tour_look TO mingchu_api;
GRANT INSERT (look_id, sha256) ON tour_picture TO mingchu_api;
GRANT INSERT (look_id, words) ON tour_finding TO mingchu_api;
