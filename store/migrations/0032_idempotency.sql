-- What a person's request with an Idempotency-Key was answered, for a day: a repeat gets the same answer and does nothing.
-- A row without an answer is a request in progress, or one whose process died: whether it acted is then not known.
-- The answer may hold a new credential: the api encrypts it with a key that this database does not have.
CREATE TABLE idempotency (
    person_id bigint NOT NULL REFERENCES person ON DELETE CASCADE,
    key_sha256 bytea NOT NULL,
    request_sha256 bytea NOT NULL,
    begun timestamptz NOT NULL DEFAULT now(),
    answer bytea,
    PRIMARY KEY (person_id, key_sha256)
);
CREATE INDEX idempotency_begun ON idempotency (begun);

ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON idempotency TO mingchu_api USING (person_id = scope_person());
GRANT SELECT, INSERT, DELETE ON idempotency TO mingchu_api;
GRANT UPDATE (answer) ON idempotency TO mingchu_api;

-- Everybody's, hence the owner's rights: a person who never comes back leaves nothing behind.
CREATE FUNCTION forget_answers() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    DELETE FROM idempotency WHERE begun < now() - interval '24 hours'
$$;
REVOKE EXECUTE ON FUNCTION forget_answers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_answers TO mingchu_api;
