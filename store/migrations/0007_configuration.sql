-- Configuration as people change it: who may, what it was before, and what the edge has made of it (ADR 19).

-- A right of regulators and admins only: an operator's scope never writes here.
ALTER TABLE person ADD COLUMN configures boolean NOT NULL DEFAULT true;
GRANT SELECT (configures) ON person TO mingchu_api;

ALTER TABLE camera
    ADD COLUMN schedule jsonb,  -- its own opening hours; NULL: its site's
    ADD COLUMN removed timestamptz,  -- watched no more; the row stays for what it has seen
    ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE edge
    ADD COLUMN applied_version integer,
    ADD COLUMN applied_at timestamptz,
    ADD COLUMN applied_refused jsonb NOT NULL DEFAULT '{}';  -- camera → why

-- An address without what lets one in: neither the part before the last @, nor the query, nor what is named like a secret.
CREATE FUNCTION url_address(url text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(url, '^([a-z]+://).*@', '\1'), '[?].*$', '?***'),
        '((user|usr|pass|pwd|key|token|auth)[a-z_]*=)[^&/?#]*', '\1***', 'gi') $$;
CREATE FUNCTION url_login(url text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT coalesce(substring(url FROM '^[a-z]+://([^:@/]*)(?::[^/]*)?@'), '') $$;

-- All that a camera is told, and nothing of how it fares.
CREATE FUNCTION camera_configuration(one camera) RETURNS jsonb LANGUAGE sql STABLE AS
    $$ SELECT to_jsonb(one) - ARRAY['health', 'health_at', 'health_why', 'version'] $$;

-- Every change, whoever makes it, is a version, and stays. `body` has the address without its credential,
-- and not the sub-stream's, which a later migration adds.
CREATE TABLE camera_revision (
    camera_id bigint NOT NULL REFERENCES camera (id),
    version integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    person_id bigint REFERENCES person (id),  -- NULL: the command line, or a registry file
    restores integer,  -- the version that was gone back to
    edge_version integer NOT NULL,  -- the edge's configuration that brings it
    body jsonb NOT NULL,
    PRIMARY KEY (camera_id, version)
);

CREATE FUNCTION count_camera_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version
        + CASE WHEN camera_configuration(NEW) IS DISTINCT FROM camera_configuration(OLD) THEN 1 ELSE 0 END;
    RETURN NEW;
END $$;
CREATE TRIGGER version BEFORE UPDATE ON camera FOR EACH ROW EXECUTE FUNCTION count_camera_version();

-- A person may change a camera whose edge is not his to see: hence the owner's rights.
CREATE FUNCTION revise_camera() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE former bigint := NEW.edge_id;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.version = OLD.version THEN RETURN NULL; END IF;
        former := OLD.edge_id;
    END IF;
    UPDATE edge SET config_version = config_version + 1 WHERE id IN (NEW.edge_id, former);
    INSERT INTO camera_revision (camera_id, version, person_id, restores, edge_version, body)
        SELECT NEW.id, NEW.version, nullif(current_setting('mingchu.person', true), '')::bigint,
            nullif(current_setting('mingchu.restores', true), '')::integer, config_version,
            camera_configuration(NEW) - ARRAY['url', 'live_url'] || jsonb_build_object('address', url_address(NEW.url))
        FROM edge WHERE id = NEW.edge_id;
    PERFORM pg_notify('mingchu_config', '');
    RETURN NULL;
END $$;
CREATE TRIGGER revise AFTER INSERT OR UPDATE ON camera FOR EACH ROW EXECUTE FUNCTION revise_camera();

INSERT INTO camera_revision (camera_id, version, edge_version, body)
    SELECT camera.id, camera.version, edge.config_version,
        camera_configuration(camera) - ARRAY['url', 'live_url'] || jsonb_build_object('address', url_address(camera.url))
    FROM camera JOIN edge ON edge.id = camera.edge_id;

-- Ingest locks an edge before its cameras; who changes a camera does the same, and neither waits for the other in a ring.
CREATE FUNCTION lock_edge_of_camera(wanted bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS
    $$ SELECT 1 FROM edge WHERE id = (SELECT edge_id FROM camera WHERE id = wanted) FOR NO KEY UPDATE $$;

-- What the people of a camera's authority may know of where it is reached, and of what its edge has made of it.
CREATE FUNCTION camera_source(wanted bigint) RETURNS TABLE (address text, login text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT url_address(url), url_login(url) FROM camera JOIN site ON site.id = camera.site_id
       WHERE camera.id = wanted AND site.authority <@ scope_authority() $$;
CREATE FUNCTION edge_applied(camera bigint)
    RETURNS TABLE (edge text, online boolean, version integer, at timestamptz, refused text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT edge.code, edge.online, applied_version, applied_at, coalesce(applied_refused ->> one.code, '')
       FROM camera AS one JOIN edge ON edge.id = one.edge_id WHERE one.id = edge_applied.camera $$;
REVOKE EXECUTE ON FUNCTION lock_edge_of_camera, camera_source, edge_applied FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_edge_of_camera, camera_source, edge_applied TO mingchu_api;

-- The api sets mingchu.configures and mingchu.person for each transaction, beside the scope.
CREATE FUNCTION scope_configures() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('mingchu.configures', true), '') = 'on' AND scope_authority() IS NOT NULL $$;
CREATE FUNCTION configurable(wanted bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT scope_configures() AND EXISTS (SELECT FROM site WHERE id = wanted AND authority <@ scope_authority()) $$;

CREATE POLICY adds ON camera AS RESTRICTIVE FOR INSERT TO mingchu_api
    WITH CHECK (configurable(site_id) AND EXISTS (SELECT FROM edge WHERE edge.id = edge_id));
CREATE POLICY changes ON camera AS RESTRICTIVE FOR UPDATE TO mingchu_api
    USING (configurable(site_id)) WITH CHECK (configurable(site_id));
GRANT SELECT (schedule, removed, version, view, turns, replay) ON camera TO mingchu_api;
GRANT INSERT (site_id, edge_id, code, zh, en, url, zones, schedule, turns, replay) ON camera TO mingchu_api;
GRANT UPDATE (zh, en, url, zones, schedule, view, turns, replay, removed) ON camera TO mingchu_api;
GRANT SELECT (applied_version, applied_at, applied_refused) ON edge TO mingchu_api;
GRANT UPDATE (applied_version, applied_at, applied_refused) ON edge TO mingchu_ingest;

ALTER TABLE camera_revision ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON camera_revision TO mingchu_api
    USING (EXISTS (SELECT FROM camera WHERE camera.id = camera_revision.camera_id));
GRANT SELECT ON camera_revision TO mingchu_api;
