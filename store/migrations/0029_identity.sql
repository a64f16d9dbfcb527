-- Identity and rights (ADR 38): roles of an authority's own, people kept in the console, API tokens, the audit log in scope.

-- Whom a scope governs: the people of its authority's tree, and an operator's where all of its sites are in the tree.
-- An operator of two districts is above each of them: whoever lets its people in lets them see both.
CREATE FUNCTION governed(place ltree, employer bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce(place <@ scope_authority(), false) OR coalesce(employer = scope_operator(), false)
        OR scope_authority() IS NOT NULL AND employer IS NOT NULL
            AND EXISTS (SELECT FROM site WHERE operator_id = employer)
            AND NOT EXISTS (SELECT FROM site WHERE operator_id = employer AND NOT authority <@ scope_authority()) $$;
-- Rights that the api sets for each transaction, beside the scope.
CREATE FUNCTION scope_manages() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('mingchu.manages', true), '') = 'on' $$;
CREATE FUNCTION scope_audits() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('mingchu.audits', true), '') = 'on' $$;
CREATE FUNCTION scope_sees_faces() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('mingchu.faces', true), '') = 'on' $$;
CREATE FUNCTION has_whole_tree() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT scope_authority() IS NOT NULL AND NOT EXISTS (SELECT FROM authority WHERE NOT path <@ scope_authority()) $$;
REVOKE EXECUTE ON FUNCTION governed, has_whole_tree FROM PUBLIC;
GRANT EXECUTE ON FUNCTION governed, has_whole_tree TO mingchu_api;

-- Roles ---------------------------------------------------------------------------------------------
-- The three built-in roles are code; these stand on one of them and have permissions of their own choice.
CREATE TABLE role (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority ltree NOT NULL REFERENCES authority (path),
    zh text NOT NULL,
    en text NOT NULL,
    base text NOT NULL CHECK (base IN ('operator', 'regulator', 'admin')),
    permissions text[] NOT NULL,
    UNIQUE (authority, zh)
);
ALTER TABLE role ENABLE ROW LEVEL SECURITY;
CREATE POLICY reads ON role FOR SELECT TO mingchu_api USING (
    authority <@ scope_authority() OR authority @> scope_authority()
    OR scope_operator() IS NOT NULL AND EXISTS (SELECT FROM site WHERE site.authority <@ role.authority));
CREATE POLICY adds ON role FOR INSERT TO mingchu_api WITH CHECK (scope_manages() AND authority <@ scope_authority());
CREATE POLICY changes ON role FOR UPDATE TO mingchu_api USING (scope_manages() AND authority <@ scope_authority());
GRANT SELECT, INSERT (authority, zh, en, base, permissions), UPDATE (zh, en, permissions) ON role TO mingchu_api;

-- People --------------------------------------------------------------------------------------------
ALTER TABLE person
    ADD COLUMN role_id bigint REFERENCES role (id),  -- NULL: the built-in role's own permissions
    ADD COLUMN subject text UNIQUE;  -- who the identity provider says that it is, since the first such login
CREATE INDEX ON person (role_id);
CREATE POLICY adds ON person AS RESTRICTIVE FOR INSERT TO mingchu_api
    WITH CHECK (scope_manages() AND governed(authority, operator_id));
CREATE POLICY changes ON person AS RESTRICTIVE FOR UPDATE TO mingchu_api
    USING (id IS DISTINCT FROM scope_person() AND scope_manages() AND governed(authority, operator_id))
    WITH CHECK (scope_manages() AND governed(authority, operator_id));
GRANT SELECT (role_id, subject) ON person TO mingchu_api;
GRANT INSERT (login, name, role, role_id, password, authority, operator_id, lang) ON person TO mingchu_api;
GRANT UPDATE (name, role, role_id, password, lang, enabled, subject) ON person TO mingchu_api;
-- Nobody changes his own row, but for this.
CREATE FUNCTION change_own_password(hashed text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS
    $$ UPDATE person SET password = hashed WHERE id = scope_person() $$;
REVOKE EXECUTE ON FUNCTION change_own_password FROM PUBLIC;
GRANT EXECUTE ON FUNCTION change_own_password TO mingchu_api;

-- Before a login there is no scope: with the owner's rights, as person_by_login.
CREATE FUNCTION role_permissions(wanted bigint) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT permissions FROM role WHERE id = wanted $$;
-- Who an identity provider's subject is. The first time it is the account of that login, which stays bound to the subject.
CREATE FUNCTION person_by_subject(wanted text, named text) RETURNS SETOF person
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE person SET subject = wanted WHERE login = named AND subject IS NULL AND enabled
        AND NOT EXISTS (SELECT FROM person AS bound WHERE bound.subject = wanted);
    RETURN QUERY SELECT * FROM person WHERE subject = wanted AND enabled;
END $$;

ALTER TABLE session
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN agent text NOT NULL DEFAULT '';
CREATE INDEX ON session (person_id);

-- API tokens ----------------------------------------------------------------------------------------
CREATE TABLE api_token (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person (id),
    sha256 bytea NOT NULL UNIQUE,
    name text NOT NULL,
    scopes text[] NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    expires timestamptz NOT NULL,
    used timestamptz,  -- to the minute
    revoked timestamptz
);
CREATE INDEX ON api_token (person_id);
ALTER TABLE api_token ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON api_token TO mingchu_api USING (person_id = scope_person());
CREATE POLICY revokes ON api_token FOR UPDATE TO mingchu_api USING (
    scope_manages() AND EXISTS (SELECT FROM person WHERE person.id = person_id AND governed(authority, operator_id)));
CREATE POLICY sees ON api_token FOR SELECT TO mingchu_api USING (
    scope_manages() AND EXISTS (SELECT FROM person WHERE person.id = person_id AND governed(authority, operator_id)));
GRANT SELECT (id, person_id, name, scopes, created, expires, used, revoked),
    INSERT (person_id, sha256, name, scopes, expires), UPDATE (revoked) ON api_token TO mingchu_api;

CREATE FUNCTION token_person(wanted bytea) RETURNS TABLE (token bigint, person_id bigint, scopes text[])
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE api_token SET used = now()
        WHERE sha256 = wanted AND revoked IS NULL AND expires > now() AND coalesce(used < now() - interval '1 minute', true);
    RETURN QUERY SELECT one.id, one.person_id, one.scopes FROM api_token AS one
        WHERE sha256 = wanted AND revoked IS NULL AND expires > now();
END $$;
CREATE FUNCTION person_by_id(wanted bigint) RETURNS SETOF person
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT * FROM person WHERE id = wanted AND enabled $$;
REVOKE EXECUTE ON FUNCTION role_permissions, person_by_subject, token_person, person_by_id FROM PUBLIC;
GRANT EXECUTE ON FUNCTION role_permissions, person_by_subject, token_person, person_by_id TO mingchu_api;

-- Faces -----------------------------------------------------------------------------------------------
-- A grant is of no use to a token, or to a role, that has not the right.
ALTER POLICY scope ON unblurred USING (
    person_id = scope_person() AND scope_sees_faces()
    AND (alert_id IS NULL OR EXISTS (SELECT FROM alert WHERE alert.id = unblurred.alert_id))
    AND (camera_id IS NULL OR EXISTS (SELECT FROM camera WHERE camera.id = unblurred.camera_id)));

-- The audit log, in scope -------------------------------------------------------------------------------
-- One's own entries; with the right, those of the people one governs; what nobody did is for the whole tree's.
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY adds ON audit FOR INSERT TO mingchu_api, mingchu_alerts, mingchu_ingest WITH CHECK (true);
CREATE POLICY reads ON audit FOR SELECT TO mingchu_api USING (
    person_id = scope_person()
    OR scope_audits() AND person_id IN (SELECT id FROM person WHERE governed(authority, operator_id))
    OR scope_audits() AND person_id IS NULL AND has_whole_tree());
CREATE INDEX ON audit (person_id, id);

-- The first row that does not follow the one before it. Rows from before `chain_ordered` may follow another near one.
CREATE FUNCTION audit_broken() RETURNS TABLE (entry bigint, at text, action text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    WITH link AS (
        SELECT id, audit.at, audit.action, hash, lag(hash, 1, ''::bytea) OVER (ORDER BY id) AS previous,
            convert_to(jsonb_build_array(extract(epoch FROM audit.at), person_id, audit.action, detail)::text, 'UTF8') AS body
        FROM audit)
    SELECT id, link.at::text, link.action FROM link
    WHERE hash <> sha256(previous || body) AND NOT EXISTS (
        SELECT FROM audit AS near
        WHERE link.id < (SELECT min(first.id) FROM audit AS first WHERE first.action = 'chain_ordered')
            AND near.id BETWEEN link.id - 64 AND link.id + 64 AND near.id <> link.id
            AND (link.hash = sha256(near.hash || link.body)
                OR near.id = (SELECT min(first.id) FROM audit AS first) AND link.hash = sha256(link.body)))
    ORDER BY id LIMIT 1 $$;
CREATE FUNCTION audit_length() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT count(*) FROM audit $$;
REVOKE EXECUTE ON FUNCTION audit_broken, audit_length FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_broken, audit_length TO mingchu_api;
