-- Clocks that survive restarts, working calendars, cards, and the rescue of people in a lift (ADR 32).

-- Versioned data, as rules are; of each code the highest version is active, and alerts finish on the one they began with.
CREATE TABLE ladder (
    code text NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (code, version)
);
CREATE UNIQUE INDEX ON ladder (code) WHERE active;
CREATE TABLE calendar (
    code text NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (code, version)
);
CREATE UNIQUE INDEX ON calendar (code) WHERE active;
ALTER TABLE authority ADD COLUMN calendar text;  -- NULL: its superior's; at the top 'china'

-- One clock of an alert. It runs while done is NULL, and is done once: fired, or cancelled by one of `ends`.
-- Who starts, cancels or fires one holds its alert's row lock.
CREATE TABLE clock (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id bigint NOT NULL,  -- no foreign key, whose check would cost as much as the row: no alert is ever deleted
    ladder text NOT NULL,
    version integer NOT NULL,
    rung text NOT NULL,
    kind text NOT NULL,
    ends text[] NOT NULL,
    started timestamptz NOT NULL DEFAULT now(),
    due timestamptz NOT NULL,
    done timestamptz,
    outcome text CHECK (outcome IN ('fired', 'cancelled', 'failed')),
    why text NOT NULL DEFAULT '',  -- the mark that cancelled it, or the fault
    CHECK ((done IS NULL) = (outcome IS NULL))
);
CREATE INDEX ON clock (alert_id);
CREATE INDEX clock_work ON clock (due) WHERE done IS NULL;

-- Cards: issued by a ladder, lifted by a regulator. Append-only, both.
CREATE TABLE card (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id bigint NOT NULL REFERENCES site (id),
    alert_id bigint NOT NULL REFERENCES alert (id),
    colour text NOT NULL CHECK (colour IN ('yellow', 'red')),
    issued timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON card (site_id);
CREATE INDEX ON card (alert_id);
CREATE TABLE card_lift (
    card_id bigint PRIMARY KEY REFERENCES card (id),
    person_id bigint NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL CHECK (reason <> '')
);

-- Rescue: who is called for which lift, and what they did.
CREATE TABLE rescuer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE,
    zh text NOT NULL,
    en text NOT NULL,
    phone text NOT NULL DEFAULT ''
);
CREATE TABLE device_rescuer (
    device_id bigint NOT NULL REFERENCES device (id),
    role text NOT NULL CHECK (role IN ('maintainer', 'grid', 'emergency')),
    rescuer_id bigint NOT NULL REFERENCES rescuer (id),
    PRIMARY KEY (device_id, role)
);
CREATE INDEX ON device_rescuer (rescuer_id);
ALTER TABLE channel ADD COLUMN rescuer_id bigint REFERENCES rescuer (id);
ALTER TABLE channel DROP CONSTRAINT channel_check;
ALTER TABLE channel ADD CONSTRAINT channel_owner CHECK (num_nonnulls(authority, operator_id, rescuer_id) = 1);
ALTER TABLE push ADD COLUMN role text NOT NULL DEFAULT '';  -- of a rescuer: the push brings a link for that role

-- `began` is the round's: a lift that traps people again calls for help again. `at` is ours, `claimed` the phone's.
CREATE TABLE rescue_step (
    alert_id bigint NOT NULL REFERENCES alert (id),
    began timestamptz NOT NULL,
    role text NOT NULL CHECK (role IN ('maintainer', 'grid', 'emergency')),
    action text NOT NULL CHECK (action IN ('answered', 'arrived', 'released')),
    at timestamptz NOT NULL DEFAULT now(),
    claimed timestamptz,
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    CHECK ((latitude IS NULL) = (longitude IS NULL)),
    PRIMARY KEY (alert_id, began, role, action)
);

-- What links are signed with: one key for all processes, made here, 240 random bits.
CREATE TABLE link_key (one boolean PRIMARY KEY DEFAULT true CHECK (one), key text NOT NULL);
INSERT INTO link_key (key) VALUES (replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));

-- Whom a push reaches, as before; and 'level-n': the authority n levels above the site's, or the next above that has a
-- channel.
CREATE OR REPLACE FUNCTION push_channels(site bigint, audience text) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT channel.id FROM channel JOIN site ON site.id = push_channels.site
       WHERE channel.enabled AND CASE
           WHEN audience = 'operator' THEN channel.operator_id = site.operator_id
           WHEN audience = 'authority' THEN channel.authority @> site.authority
           WHEN audience LIKE 'level-_' THEN channel.authority = (
               SELECT above.authority FROM channel AS above WHERE above.enabled AND above.authority @> site.authority
               AND nlevel(above.authority) <= nlevel(site.authority) - right(audience, 1)::integer
               ORDER BY nlevel(above.authority) DESC LIMIT 1)
           ELSE false END $$;

-- A signed link is all that a rescuer has: its alert's authority is the scope that it opens. It shows a path only.
CREATE FUNCTION alert_authority(alert bigint) RETURNS ltree
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT site.authority FROM alert JOIN site ON site.id = alert.site_id WHERE alert.id = alert_authority.alert $$;
REVOKE EXECUTE ON FUNCTION alert_authority FROM PUBLIC;
GRANT EXECUTE ON FUNCTION alert_authority TO mingchu_api;

-- Row-level security ------------------------------------------------------------------------------
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['clock', 'card', 'card_lift', 'rescuer', 'device_rescuer', 'rescue_step'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY services ON %I TO mingchu_alerts USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;
CREATE POLICY scope ON clock TO mingchu_api USING (EXISTS (SELECT FROM alert WHERE alert.id = clock.alert_id));
CREATE POLICY scope ON card TO mingchu_api USING (EXISTS (SELECT FROM site WHERE site.id = card.site_id));
CREATE POLICY scope ON card_lift TO mingchu_api USING (EXISTS (SELECT FROM card WHERE card.id = card_lift.card_id));
CREATE POLICY scope ON device_rescuer TO mingchu_api
    USING (EXISTS (SELECT FROM device WHERE device.id = device_rescuer.device_id));
CREATE POLICY scope ON rescuer TO mingchu_api
    USING (EXISTS (SELECT FROM device_rescuer WHERE device_rescuer.rescuer_id = rescuer.id));
CREATE POLICY scope ON rescue_step TO mingchu_api
    USING (EXISTS (SELECT FROM alert WHERE alert.id = rescue_step.alert_id));
-- Whose push it is may be told, as with an operator's: the channel of a rescuer who serves one of the person's lifts.
CREATE POLICY rescuers ON channel FOR SELECT TO mingchu_api
    USING (rescuer_id IS NOT NULL AND EXISTS (SELECT FROM rescuer WHERE rescuer.id = channel.rescuer_id));

GRANT SELECT ON ladder, calendar, link_key TO mingchu_alerts, mingchu_api;
GRANT SELECT ON clock, card, card_lift, rescuer, device_rescuer, rescue_step TO mingchu_alerts, mingchu_api;
GRANT INSERT ON clock TO mingchu_alerts, mingchu_api;
GRANT UPDATE (done, outcome, why) ON clock TO mingchu_alerts, mingchu_api;
GRANT INSERT ON card TO mingchu_alerts;
GRANT INSERT ON card_lift, rescue_step TO mingchu_api;
GRANT UPDATE (due) ON alert TO mingchu_api;  -- a report that was sent back starts its deadline anew
GRANT SELECT (rescuer_id) ON channel TO mingchu_api;
