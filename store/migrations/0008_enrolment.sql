-- Enrolment: a code for one use in half an hour's time, shown in the console, gives an edge its credential (ADR 19).
ALTER TABLE edge
    ADD COLUMN site_id bigint REFERENCES site (id),  -- where it stands, if it stands at one site
    ADD COLUMN enrolled timestamptz,  -- when a code was last exchanged for its credential
    ADD COLUMN revoked timestamptz,
    ADD COLUMN admitted boolean NOT NULL GENERATED ALWAYS AS (credential IS NOT NULL) STORED;

CREATE TABLE edge_code (
    sha256 bytea PRIMARY KEY,
    edge_id bigint NOT NULL REFERENCES edge (id),
    person_id bigint NOT NULL REFERENCES person (id),
    created timestamptz NOT NULL DEFAULT now(),
    expires timestamptz NOT NULL,
    used timestamptz,
    credential text  -- what it was used for: the same once more is a repeat whose answer was lost
);
CREATE INDEX ON edge_code (edge_id);

-- Who redeems a code is nobody yet: with the owner's rights. No row: unknown, used or expired.
CREATE FUNCTION redeem_edge_code(wanted bytea, hashed text)
    RETURNS TABLE (edge text, zh text, en text, site text, site_zh text, site_en text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE chosen bigint;
BEGIN
    UPDATE edge_code SET used = now(), credential = hashed
        WHERE sha256 = wanted AND expires > now() AND (used IS NULL OR credential = hashed)
        RETURNING edge_id INTO chosen;
    UPDATE edge SET credential = hashed, enrolled = now(), revoked = NULL WHERE id = chosen;
    IF FOUND THEN PERFORM pg_notify('mingchu_config', ''); END IF;
    RETURN QUERY SELECT one.code, one.zh, one.en, place.code, place.zh, place.en
        FROM edge AS one LEFT JOIN site AS place ON place.id = one.site_id WHERE one.id = chosen;
END $$;
REVOKE EXECUTE ON FUNCTION redeem_edge_code FROM PUBLIC;
GRANT EXECUTE ON FUNCTION redeem_edge_code TO mingchu_api;

-- The api may take a credential away; the only way to give one is a code.
CREATE POLICY adds ON edge AS RESTRICTIVE FOR INSERT TO mingchu_api
    WITH CHECK (scope_configures() AND credential IS NULL AND configurable(site_id));
CREATE POLICY revokes ON edge AS RESTRICTIVE FOR UPDATE TO mingchu_api
    USING (scope_configures()) WITH CHECK (credential IS NULL);
GRANT USAGE ON SEQUENCE source_id TO mingchu_api;
GRANT SELECT (site_id, enrolled, revoked, admitted) ON edge TO mingchu_api;
GRANT INSERT (code, zh, en, authority, site_id) ON edge TO mingchu_api;
GRANT UPDATE (credential, revoked, online) ON edge TO mingchu_api;

ALTER TABLE edge_code ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON edge_code TO mingchu_api
    USING (scope_configures() AND EXISTS (SELECT FROM edge WHERE edge.id = edge_code.edge_id));
GRANT SELECT (edge_id, created, expires, used), INSERT (sha256, edge_id, person_id, expires), DELETE
    ON edge_code TO mingchu_api;
