-- The operator on a phone, and inspections (ADR 39).

-- A report's pictures: photos with the time that the phone claims (the report's own `at` is ours), and the signature.
ALTER TABLE rectification_photo
    ADD COLUMN kind text NOT NULL DEFAULT 'photo' CHECK (kind IN ('photo', 'signature')),
    ADD COLUMN claimed timestamptz,
    ADD COLUMN claimed_by text CHECK (claimed_by IN ('exif', 'file')),
    ADD CHECK ((claimed IS NULL) = (claimed_by IS NULL));

-- What a phone has sent: the same key again, after a lost answer, is the same report.
CREATE TABLE report_key (
    alert_id bigint NOT NULL REFERENCES alert (id),
    person_id bigint NOT NULL REFERENCES person (id),
    key uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (alert_id, person_id, key)
);

-- Inspections -----------------------------------------------------------------------------------
-- A checklist that comes again and again, as it was when it was planned.
CREATE TABLE inspection_plan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id bigint NOT NULL REFERENCES site (id),
    body jsonb NOT NULL,  -- domain.checklist.Checklist
    every text NOT NULL CHECK (every IN ('day', 'week', 'month', 'year')),
    starts date NOT NULL,  -- in the calendar of domain.period
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    ended timestamptz
);
CREATE INDEX ON inspection_plan (site_id);

CREATE TABLE inspection (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id bigint NOT NULL REFERENCES site (id),
    plan_id bigint REFERENCES inspection_plan (id),  -- NULL: assigned by a person
    person_id bigint REFERENCES person (id),         -- who assigned it
    body jsonb NOT NULL,  -- domain.checklist.Checklist, frozen
    at timestamptz NOT NULL DEFAULT now(),
    due timestamptz NOT NULL,
    done timestamptz,
    digest text CHECK (digest ~ '^[0-9a-f]{64}$'),  -- SHA-256 of the document in canonical form; the audit log has it too
    CHECK ((done IS NULL) = (digest IS NULL)),
    UNIQUE (plan_id, due)
);
CREATE INDEX ON inspection (site_id, due);
CREATE INDEX inspection_work ON inspection (due) WHERE done IS NULL;

CREATE TABLE inspection_answer (
    inspection_id bigint NOT NULL REFERENCES inspection (id),
    item text NOT NULL,
    value text NOT NULL,  -- yes, no, or a number
    failed boolean NOT NULL,
    note text NOT NULL DEFAULT '',
    alert_id bigint REFERENCES alert (id),  -- the alert that a failed item belongs to
    person_id bigint NOT NULL REFERENCES person (id),
    login text NOT NULL,  -- the person's then: the document never changes
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (inspection_id, item)
);

-- Photos of an item, and the signatures; kept as long as the inspection.
CREATE TABLE inspection_paper (
    inspection_id bigint NOT NULL REFERENCES inspection (id),
    item text NOT NULL,  -- the item's code; 'operator' or 'authority': whose signature it is
    kind text NOT NULL CHECK (kind IN ('photo', 'signature')),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    size bigint NOT NULL,
    name text NOT NULL DEFAULT '',  -- who signed, as written
    claimed timestamptz,
    claimed_by text CHECK (claimed_by IN ('exif', 'file')),
    person_id bigint NOT NULL REFERENCES person (id),  -- who was logged in
    login text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (inspection_id, kind, item, sha256)
);
CREATE UNIQUE INDEX inspection_signed ON inspection_paper (inspection_id, item) WHERE kind = 'signature';
CREATE INDEX ON inspection_paper (sha256);

-- What is done stays as it was signed.
CREATE FUNCTION inspection_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM inspection WHERE id = NEW.inspection_id AND done IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'inspection % is done' , NEW.inspection_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER open BEFORE INSERT OR UPDATE ON inspection_answer FOR EACH ROW EXECUTE FUNCTION inspection_is_open();
CREATE TRIGGER open BEFORE INSERT OR UPDATE ON inspection_paper FOR EACH ROW EXECUTE FUNCTION inspection_is_open();

-- Rights ----------------------------------------------------------------------------------------
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['report_key', 'inspection_plan', 'inspection', 'inspection_answer', 'inspection_paper'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY services ON %I TO mingchu_alerts USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;
CREATE POLICY scope ON report_key TO mingchu_api
    USING (EXISTS (SELECT FROM alert WHERE alert.id = report_key.alert_id));
-- A site's own people and its authority's; not who only got one of its alerts passed on.
CREATE FUNCTION site_is_ours(wanted bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM site WHERE id = wanted
        AND (authority <@ scope_authority() OR operator_id = scope_operator())) $$;
-- Planning and assigning are the authority's.
CREATE POLICY scope ON inspection_plan FOR SELECT TO mingchu_api USING (site_is_ours(site_id));
CREATE POLICY plans ON inspection_plan FOR INSERT TO mingchu_api
    WITH CHECK (scope_authority() IS NOT NULL AND site_is_ours(site_id));
CREATE POLICY ends ON inspection_plan FOR UPDATE TO mingchu_api
    USING (scope_authority() IS NOT NULL AND site_is_ours(site_id));
CREATE POLICY scope ON inspection FOR SELECT TO mingchu_api USING (site_is_ours(site_id));
CREATE POLICY assigns ON inspection FOR INSERT TO mingchu_api
    WITH CHECK (scope_authority() IS NOT NULL AND site_is_ours(site_id));
CREATE POLICY finishes ON inspection FOR UPDATE TO mingchu_api USING (site_is_ours(site_id));
CREATE POLICY scope ON inspection_answer TO mingchu_api
    USING (EXISTS (SELECT FROM inspection WHERE inspection.id = inspection_answer.inspection_id));
CREATE POLICY scope ON inspection_paper TO mingchu_api
    USING (EXISTS (SELECT FROM inspection WHERE inspection.id = inspection_paper.inspection_id));

GRANT SELECT, INSERT ON report_key, inspection_plan, inspection, inspection_answer TO mingchu_api;
GRANT SELECT, INSERT, DELETE ON inspection_paper TO mingchu_api;
GRANT UPDATE (ended) ON inspection_plan TO mingchu_api;
GRANT UPDATE (done, digest) ON inspection TO mingchu_api;
GRANT UPDATE (value, failed, note, alert_id, person_id, login, at) ON inspection_answer TO mingchu_api;
GRANT SELECT ON inspection_plan, inspection_paper TO mingchu_alerts;
GRANT SELECT, INSERT ON inspection TO mingchu_alerts;
