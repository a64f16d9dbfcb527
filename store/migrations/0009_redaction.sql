-- Redaction (ADR 20). `of_sha256`: a redacted picture's original.
ALTER TABLE evidence ADD COLUMN of_sha256 text CHECK (of_sha256 ~ '^[0-9a-f]{64}$');

-- A second, smaller stream of the camera for the live view; '' where there is none. Carries a credential like `url`:
-- the api has no grant on it.
ALTER TABLE camera ADD COLUMN live_url text NOT NULL DEFAULT '';

-- Who may see what unblurred, until when and for what: an alert's evidence, or a camera's live view. Append-only.
CREATE TABLE unblurred (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person (id),
    alert_id bigint REFERENCES alert (id),
    camera_id bigint REFERENCES camera (id),
    purpose text NOT NULL,
    words text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > since),
    CHECK ((alert_id IS NULL) <> (camera_id IS NULL))
);
CREATE INDEX ON unblurred (person_id, until);

-- The api sets mingchu.person for each transaction: a grant is its person's own, on what that person may see.
CREATE FUNCTION scope_person() RETURNS bigint LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('mingchu.person', true), '')::bigint $$;
ALTER TABLE unblurred ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON unblurred TO mingchu_api USING (
    person_id = scope_person()
    AND (alert_id IS NULL OR EXISTS (SELECT FROM alert WHERE alert.id = unblurred.alert_id))
    AND (camera_id IS NULL OR EXISTS (SELECT FROM camera WHERE camera.id = unblurred.camera_id)));
GRANT SELECT, INSERT ON unblurred TO mingchu_api;
