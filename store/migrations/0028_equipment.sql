-- Special equipment, and what the public may see and say (ADR 37).

-- Registry ----------------------------------------------------------------------------------------
-- `code`: the device code of its nameplate. `token`: what its QR code says; nobody can guess it. The hotline is the
-- maintainer's, which the law has posted in the car.
CREATE TABLE equipment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id bigint NOT NULL REFERENCES site (id),
    code text NOT NULL,
    kind text NOT NULL,
    zh text NOT NULL,
    en text NOT NULL,
    registration text NOT NULL DEFAULT '',
    use_unit text NOT NULL DEFAULT '',
    maintainer text NOT NULL DEFAULT '',
    hotline text NOT NULL DEFAULT '',
    next_inspection date,
    device_id bigint REFERENCES device (id),
    token text NOT NULL UNIQUE DEFAULT replace(gen_random_uuid()::text, '-', ''),
    removed timestamptz,
    UNIQUE (site_id, code)
);
CREATE INDEX ON equipment (next_inspection) WHERE removed IS NULL;
CREATE INDEX ON equipment (device_id);

-- Append-only. `next_inspection`: what an inspection that was passed set.
CREATE TABLE equipment_record (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    equipment_id bigint NOT NULL REFERENCES equipment (id),
    kind text NOT NULL CHECK (kind IN ('inspection', 'maintenance')),
    day date NOT NULL,
    done_by text NOT NULL CHECK (done_by <> ''),
    result text NOT NULL CHECK (result IN ('passed', 'failed')),
    next_inspection date,
    note text NOT NULL DEFAULT '',
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    CHECK (next_inspection IS NULL OR (kind = 'inspection' AND result = 'passed' AND next_inspection > day))
);
CREATE INDEX ON equipment_record (equipment_id, kind, day DESC, id DESC);

-- Who may write an inspection down may not always change the registry: hence the owner's rights. What is written down
-- late sets no date that a later inspection has replaced.
CREATE FUNCTION take_inspection() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE equipment SET next_inspection = NEW.next_inspection
    WHERE id = NEW.equipment_id AND NEW.next_inspection IS NOT NULL AND NOT EXISTS (
        SELECT FROM equipment_record AS later WHERE later.equipment_id = NEW.equipment_id
        AND later.kind = 'inspection' AND later.day > NEW.day);
    RETURN NULL;
END $$;
CREATE TRIGGER inspection AFTER INSERT ON equipment_record FOR EACH ROW EXECUTE FUNCTION take_inspection();

-- How each stands, under the reader's own rights.
CREATE VIEW equipment_standing WITH (security_invoker = true) AS
    SELECT equipment.id, equipment.site_id, equipment.code, equipment.kind, equipment.zh, equipment.en, registration,
        use_unit, maintainer, hotline, next_inspection, equipment.device_id, token, removed,
        site.code AS site_code, site.zh AS site_zh, site.en AS site_en,
        coalesce(site.schedule ->> 'timezone', 'Asia/Shanghai') AS timezone, device.code AS device,
        inspected.day AS last_inspection, coalesce(inspected.result = 'failed', false) AS failed,
        (SELECT max(day) FROM equipment_record AS record WHERE record.equipment_id = equipment.id
            AND record.kind = 'maintenance') AS last_maintenance
    FROM equipment JOIN site ON site.id = equipment.site_id LEFT JOIN device ON device.id = equipment.device_id
    LEFT JOIN LATERAL (SELECT day, result FROM equipment_record AS record WHERE record.equipment_id = equipment.id
        AND record.kind = 'inspection' ORDER BY day DESC, record.id DESC LIMIT 1) AS inspected ON true;

-- What the public says ----------------------------------------------------------------------------
-- Of a site, or of one piece of its equipment and the device that watches it. `receipt` leads to the answers.
CREATE TABLE complaint (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    site_id bigint NOT NULL REFERENCES site (id),
    equipment_id bigint REFERENCES equipment (id),
    device_id bigint REFERENCES device (id),
    topic text NOT NULL CHECK (topic IN ('trapped', 'fault', 'hygiene', 'feedback')),
    words text NOT NULL CHECK (words <> ''),
    receipt text NOT NULL UNIQUE DEFAULT replace(gen_random_uuid()::text, '-', '')
);
CREATE INDEX ON complaint (site_id, at);
CREATE INDEX ON complaint (equipment_id, at);
CREATE INDEX ON complaint (device_id, at) WHERE device_id IS NOT NULL;
CREATE TABLE complaint_contact (complaint_id bigint PRIMARY KEY REFERENCES complaint (id), phone text NOT NULL);
CREATE TABLE complaint_photo (
    complaint_id bigint NOT NULL REFERENCES complaint (id),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL DEFAULT 'image/jpeg',
    size bigint NOT NULL,
    PRIMARY KEY (complaint_id, sha256)
);
CREATE INDEX ON complaint_photo (sha256);
-- Append-only. A complaint is closed by an answer.
CREATE TABLE complaint_answer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    complaint_id bigint NOT NULL REFERENCES complaint (id),
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    words text NOT NULL CHECK (words <> ''),
    closes boolean NOT NULL
);
CREATE INDEX ON complaint_answer (complaint_id, id);
CREATE UNIQUE INDEX ON complaint_answer (complaint_id) WHERE closes;

-- What a site shows the public --------------------------------------------------------------------
-- Nothing without a row. The token stays when publication ends and begins again: badges are embedded elsewhere.
CREATE TABLE site_public (
    site_id bigint PRIMARY KEY REFERENCES site (id),
    token text NOT NULL UNIQUE DEFAULT replace(gen_random_uuid()::text, '-', ''),
    published boolean NOT NULL DEFAULT false,
    since timestamptz NOT NULL DEFAULT now(),  -- what was seen before does not count
    grade text NOT NULL DEFAULT '' CHECK (grade IN ('', 'A', 'B', 'C')),
    live_consent boolean NOT NULL DEFAULT false
);
CREATE TABLE site_live_wish (
    site_id bigint PRIMARY KEY REFERENCES site (id),
    wanted boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE public_camera (camera_id bigint PRIMARY KEY REFERENCES camera (id));
-- The newest redacted picture of a published camera; `asked` bounds how often its edge is troubled, by all processes.
CREATE TABLE public_look (
    camera_id bigint PRIMARY KEY REFERENCES public_camera (camera_id) ON DELETE CASCADE,
    asked timestamptz NOT NULL DEFAULT now(),
    passed timestamptz,
    why text NOT NULL DEFAULT '',
    jpeg bytea
);

-- Rights ------------------------------------------------------------------------------------------
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['equipment', 'equipment_record', 'complaint', 'complaint_contact', 'complaint_photo',
        'complaint_answer', 'site_public', 'site_live_wish', 'public_camera', 'public_look'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;
CREATE POLICY scope ON equipment TO mingchu_api USING (EXISTS (SELECT FROM site WHERE site.id = equipment.site_id))
    WITH CHECK (configurable(site_id) AND (device_id IS NULL OR EXISTS (
        SELECT FROM device WHERE device.id = equipment.device_id AND device.site_id = equipment.site_id)));
CREATE POLICY scope ON equipment_record TO mingchu_api
    USING (EXISTS (SELECT FROM equipment WHERE equipment.id = equipment_record.equipment_id))
    WITH CHECK (person_id = scope_person() AND (kind = 'maintenance' OR scope_authority() IS NOT NULL)
        AND EXISTS (SELECT FROM equipment WHERE equipment.id = equipment_record.equipment_id));
-- A complaint is the authority's, for whoever complains shall not fear the operator; who is trapped is everybody's.
CREATE POLICY scope ON complaint TO mingchu_api USING (EXISTS (SELECT FROM site WHERE site.id = complaint.site_id)
    AND (scope_authority() IS NOT NULL OR topic = 'trapped'));
CREATE POLICY scope ON complaint_contact TO mingchu_api USING (scope_authority() IS NOT NULL
    AND EXISTS (SELECT FROM complaint WHERE complaint.id = complaint_contact.complaint_id));
CREATE POLICY scope ON complaint_photo TO mingchu_api
    USING (EXISTS (SELECT FROM complaint WHERE complaint.id = complaint_photo.complaint_id));
CREATE POLICY scope ON complaint_answer TO mingchu_api
    USING (EXISTS (SELECT FROM complaint WHERE complaint.id = complaint_answer.complaint_id))
    WITH CHECK (person_id = scope_person() AND scope_authority() IS NOT NULL
        AND EXISTS (SELECT FROM complaint WHERE complaint.id = complaint_answer.complaint_id));
CREATE POLICY scope ON site_public TO mingchu_api USING (EXISTS (SELECT FROM site WHERE site.id = site_public.site_id))
    WITH CHECK (configurable(site_id));
CREATE POLICY changes ON site_public AS RESTRICTIVE FOR UPDATE TO mingchu_api USING (configurable(site_id));
-- The operator's own choice: nobody makes it for him.
CREATE POLICY scope ON site_live_wish TO mingchu_api
    USING (EXISTS (SELECT FROM site WHERE site.id = site_live_wish.site_id))
    WITH CHECK (EXISTS (SELECT FROM site WHERE site.id = site_live_wish.site_id AND operator_id = scope_operator()));
CREATE POLICY scope ON public_camera TO mingchu_api
    USING (EXISTS (SELECT FROM camera WHERE camera.id = public_camera.camera_id))
    WITH CHECK (EXISTS (SELECT FROM camera WHERE camera.id = public_camera.camera_id AND configurable(camera.site_id)));
CREATE POLICY removes ON public_camera AS RESTRICTIVE FOR DELETE TO mingchu_api
    USING (EXISTS (SELECT FROM camera WHERE camera.id = public_camera.camera_id AND configurable(camera.site_id)));

GRANT SELECT, INSERT ON equipment, equipment_record, complaint_answer TO mingchu_api;
GRANT UPDATE (kind, zh, en, registration, use_unit, maintainer, hotline, next_inspection, device_id, removed)
    ON equipment TO mingchu_api;
GRANT SELECT ON equipment_standing, complaint, complaint_contact, complaint_photo TO mingchu_api;
GRANT SELECT, INSERT, UPDATE ON site_public, site_live_wish TO mingchu_api;
GRANT SELECT, INSERT, DELETE ON public_camera TO mingchu_api;

-- The public has no scope. These functions are all that its pages can reach; each shows what the public may see.
CREATE FUNCTION public_equipment(wanted text, moment timestamptz)
    RETURNS TABLE (zh text, en text, kind text, registration text, maintainer text, hotline text,
        last_inspection date, next_inspection date, failed boolean, today date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT zh, en, kind, registration, maintainer, hotline, last_inspection, next_inspection, failed,
        (moment AT TIME ZONE timezone)::date
    FROM equipment_standing WHERE token = wanted AND removed IS NULL $$;

CREATE FUNCTION public_site(wanted text)
    RETURNS TABLE (zh text, en text, address text, published boolean, grade text, live boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT zh, en, address, published, grade, live_consent AND coalesce(wanted, false)
    FROM site_public JOIN site ON site.id = site_public.site_id
    LEFT JOIN site_live_wish ON site_live_wish.site_id = site.id WHERE token = public_site.wanted $$;

-- A published site's published cameras, numbered by their code.
CREATE FUNCTION public_cameras(wanted text)
    RETURNS TABLE (place integer, camera_id bigint, code text, zh text, en text, edge text, well boolean,
        asked timestamptz, passed timestamptz, why text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT row_number() OVER (ORDER BY camera.code)::integer, camera.id, camera.code, camera.zh, camera.en, edge.code,
        health = 'OK' AND edge.online, asked, CASE WHEN passed >= since THEN passed END, coalesce(why, '')
    FROM site_public JOIN camera ON camera.site_id = site_public.site_id AND camera.removed IS NULL
    JOIN public_camera ON public_camera.camera_id = camera.id JOIN edge ON edge.id = camera.edge_id
    LEFT JOIN public_look ON public_look.camera_id = camera.id WHERE token = wanted AND published $$;

CREATE FUNCTION public_picture(wanted text, number integer) RETURNS TABLE (jpeg bytea, passed timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT look.jpeg, shown.passed FROM public_cameras(wanted) AS shown
    JOIN public_look AS look ON look.camera_id = shown.camera_id
    WHERE shown.place = number AND shown.passed IS NOT NULL $$;

-- Which cameras are to be looked at now: whoever is given one looks, nobody else does for so long.
CREATE FUNCTION public_claim(wanted text, every interval) RETURNS TABLE (camera_id bigint, code text, edge text)
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    WITH claimed AS (
        INSERT INTO public_look AS look (camera_id, asked) SELECT shown.camera_id, now()
        FROM public_cameras(wanted) AS shown ORDER BY shown.camera_id
        ON CONFLICT (camera_id) DO UPDATE SET asked = now() WHERE look.asked <= now() - every
        RETURNING look.camera_id)
    SELECT shown.camera_id, shown.code, shown.edge
    FROM claimed JOIN public_cameras(wanted) AS shown ON shown.camera_id = claimed.camera_id $$;

CREATE FUNCTION public_looked(camera bigint, taken timestamptz, picture bytea, reason text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE public_look SET why = reason, passed = coalesce(taken, passed), jpeg = coalesce(picture, jpeg)
    WHERE camera_id = camera $$;

-- The receipt; NULL where there is nothing of that token to complain of, '' where it has had its `most` of a day.
CREATE FUNCTION public_complain(of_equipment text, of_site text, topic text, words text, phone text,
        photos text[], sizes bigint[], most integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    subject record;
    made record;
BEGIN
    SELECT site_id, id, device_id INTO subject FROM equipment WHERE token = of_equipment AND removed IS NULL
        UNION ALL SELECT site_id, NULL, NULL FROM site_public WHERE token = of_site AND published;
    IF NOT FOUND THEN RETURN NULL; END IF;
    IF (SELECT count(*) FROM complaint WHERE site_id = subject.site_id AND at > now() - interval '24 hours'
        AND equipment_id IS NOT DISTINCT FROM subject.id) >= most THEN RETURN ''; END IF;
    INSERT INTO complaint (site_id, equipment_id, device_id, topic, words)
        VALUES (subject.site_id, subject.id, subject.device_id, public_complain.topic, public_complain.words)
        RETURNING id, receipt INTO made;
    INSERT INTO complaint_contact SELECT made.id, public_complain.phone WHERE public_complain.phone <> '';
    INSERT INTO complaint_photo (complaint_id, sha256, size)
        SELECT made.id, sha256, size FROM unnest(photos, sizes) AS kept (sha256, size) ON CONFLICT DO NOTHING;
    RETURN made.receipt;
END $$;

CREATE FUNCTION public_receipt(wanted text)
    RETURNS TABLE (zh text, en text, at timestamptz, topic text, answered timestamptz, answer text, closes boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce(equipment.zh, site.zh), coalesce(equipment.en, site.en), complaint.at, topic,
        answer.at, answer.words, answer.closes
    FROM complaint JOIN site ON site.id = complaint.site_id LEFT JOIN equipment ON equipment.id = complaint.equipment_id
    LEFT JOIN complaint_answer AS answer ON answer.complaint_id = complaint.id
    WHERE receipt = wanted ORDER BY answer.id $$;

REVOKE EXECUTE ON FUNCTION public_equipment, public_site, public_cameras, public_picture, public_claim, public_looked,
    public_complain, public_receipt FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public_equipment, public_site, public_cameras, public_picture, public_claim, public_looked,
    public_complain, public_receipt TO mingchu_api;
