-- Channels of several kinds, their budgets and ladders; pushes that share a message; one-time links (ADR 33).
ALTER TABLE channel
    ADD COLUMN kind text NOT NULL DEFAULT 'webhook'
        CHECK (kind IN ('webhook', 'wecom', 'dingtalk', 'feishu', 'email', 'webpush')),
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN person_id bigint REFERENCES person (id),  -- whose browser it is (webpush); NULL: the whole side's
    ADD COLUMN rank smallint NOT NULL DEFAULT 1 CHECK (rank BETWEEN 1 AND 9),  -- the lowest goes first, the next when it fails
    ADD COLUMN quiet_from time,  -- between these, by `timezone`, only class I is sent
    ADD COLUMN quiet_to time,
    ADD COLUMN timezone text NOT NULL DEFAULT 'Asia/Shanghai',
    ADD COLUMN removed timestamptz,
    ADD COLUMN place text NOT NULL GENERATED ALWAYS AS (coalesce(
        substring(url FROM '^[a-z]+://(?:[^/@]*@)?([^/?#]+)'), substring(url FROM '^mailto:(.+)$'), '')) STORED,
    -- What the pusher knows of it: the two buckets as of budget_at (domain.budget), and how it went of late.
    ADD COLUMN tokens_open float8,  -- NULL: full
    ADD COLUMN tokens_reserved float8,
    ADD COLUMN budget_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN ordinary_after timestamptz,  -- all but class I is held until then, and then told together
    ADD COLUMN failures integer NOT NULL DEFAULT 0,  -- passing ones in a row
    ADD COLUMN refusals integer NOT NULL DEFAULT 0,  -- final ones in a row
    ADD COLUMN dead timestamptz,  -- given up after too many of those
    ADD COLUMN last_sent timestamptz,
    ADD COLUMN last_failed timestamptz,
    ADD COLUMN last_error text NOT NULL DEFAULT '',
    ADD CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
    ADD CHECK (person_id IS NOT NULL OR kind <> 'webpush');
CREATE UNIQUE INDEX channel_webpush ON channel (url) WHERE kind = 'webpush' AND removed IS NULL;

ALTER TABLE push
    ALTER COLUMN alert_id DROP NOT NULL,  -- NULL: about a channel, or a test
    ADD COLUMN about bigint REFERENCES channel (id),
    ADD COLUMN message uuid,  -- those of one message share it: the idempotency key. NULL until it is first sent
    ADD COLUMN instead_of uuid REFERENCES push (id),  -- the one that did not get through on the ladder's step before
    ADD COLUMN opened timestamptz,  -- where the channel tells
    ADD COLUMN acted timestamptz,  -- its one-time link was used
    ADD CHECK ((alert_id IS NULL) = (about IS NOT NULL));
CREATE INDEX push_message ON push (message) WHERE message IS NOT NULL;
CREATE INDEX push_instead_of ON push (instead_of) WHERE instead_of IS NOT NULL;
-- A channel's messages are visible with the channel, those about an alert with the alert.
CREATE POLICY channels ON push TO mingchu_api USING (
    alert_id IS NULL AND EXISTS (SELECT FROM channel WHERE channel.id = push.channel_id));

-- This house's pair of keys for Web Push (VAPID, RFC 8292). The first pusher makes it; links are signed with link_key.
CREATE TABLE push_key (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    vapid_private text NOT NULL,
    vapid_public text NOT NULL
);
GRANT SELECT, INSERT ON push_key TO mingchu_alerts;
GRANT SELECT (sole, vapid_public) ON push_key TO mingchu_api;

-- Whether pushes begin at this channel: alive, and no living channel of the same side has a lower rank.
CREATE FUNCTION channel_lives(channel) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT $1.enabled AND $1.dead IS NULL AND $1.removed IS NULL
       AND ($1.person_id IS NULL OR EXISTS (SELECT FROM person WHERE id = $1.person_id AND person.enabled)) $$;
CREATE FUNCTION channel_leads(wanted bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT coalesce((SELECT channel_lives(channel) AND NOT EXISTS (SELECT FROM channel AS other
           WHERE other.operator_id IS NOT DISTINCT FROM channel.operator_id
           AND other.authority IS NOT DISTINCT FROM channel.authority
           AND other.rescuer_id IS NOT DISTINCT FROM channel.rescuer_id AND other.rank < channel.rank
           AND channel_lives(other)) FROM channel WHERE channel.id = wanted), false) $$;
-- The living channels of the next rank on the same side.
CREATE FUNCTION channels_after(wanted bigint) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT next.id FROM (SELECT other.id, rank() OVER (ORDER BY other.rank) AS place FROM channel
           JOIN channel AS other ON other.operator_id IS NOT DISTINCT FROM channel.operator_id
           AND other.authority IS NOT DISTINCT FROM channel.authority
           AND other.rescuer_id IS NOT DISTINCT FROM channel.rescuer_id AND other.rank > channel.rank
           WHERE channel.id = wanted AND channel_lives(other)) AS next WHERE next.place = 1 $$;

-- A one-time link, looked up by nobody: its push, with the side that its channel belongs to.
CREATE FUNCTION push_of_link(wanted uuid) RETURNS TABLE (push uuid, alert_id bigint, reason text, created timestamptz,
    acted timestamptz, lang text, operator_id bigint, authority text, channel_id bigint, living boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT push.id, push.alert_id, push.reason, push.created, push.acted, channel.lang, channel.operator_id,
           channel.authority::text, channel.id, channel_lives(channel)
       FROM push JOIN channel ON channel.id = push.channel_id WHERE push.id = wanted AND push.alert_id IS NOT NULL $$;
-- Who acts when a link is used: the person whose channel it is, else the channel itself as a person who cannot log in.
-- NULL where the link was used already.
CREATE FUNCTION use_link(wanted uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE mine channel; actor bigint;
BEGIN
    UPDATE push SET acted = now(), opened = coalesce(opened, now()) WHERE id = wanted AND acted IS NULL;
    IF NOT FOUND THEN RETURN NULL; END IF;
    SELECT channel.* INTO mine FROM channel JOIN push ON push.channel_id = channel.id WHERE push.id = wanted;
    IF mine.person_id IS NOT NULL THEN RETURN mine.person_id; END IF;
    INSERT INTO person (login, name, role, password, authority, operator_id, enabled)
        VALUES ('channel ' || mine.id, coalesce(nullif(mine.name, ''), mine.kind),
            CASE WHEN mine.operator_id IS NULL THEN 'regulator' ELSE 'operator' END, '!', mine.authority,
            mine.operator_id, false)
        ON CONFLICT (login) DO UPDATE SET name = excluded.name RETURNING id INTO actor;
    RETURN actor;
END $$;

-- A browser has one subscription; whoever logs in there next takes it over from whoever did before.
CREATE FUNCTION drop_subscription(endpoint text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS
    $$ UPDATE channel SET removed = now(), enabled = false
       WHERE kind = 'webpush' AND url = endpoint AND removed IS NULL $$;

-- The console: rows of one's own side, or of what one regulates; never the address whole, nor the secret.
DROP POLICY scope ON channel;
CREATE POLICY scope ON channel FOR SELECT TO mingchu_api USING (
    authority <@ scope_authority() OR operator_id = scope_operator()
    OR EXISTS (SELECT FROM operator WHERE operator.id = channel.operator_id));
CREATE POLICY own ON channel FOR INSERT TO mingchu_api
    WITH CHECK (authority <@ scope_authority() OR operator_id = scope_operator());
CREATE POLICY change ON channel FOR UPDATE TO mingchu_api
    USING (authority <@ scope_authority() OR operator_id = scope_operator())
    WITH CHECK (authority <@ scope_authority() OR operator_id = scope_operator());
REVOKE SELECT (url) ON channel FROM mingchu_api;
GRANT SELECT (kind, name, person_id, rank, quiet_from, quiet_to, timezone, removed, place, tokens_open, tokens_reserved,
    budget_at, ordinary_after, failures, refusals, dead, last_sent, last_failed, last_error) ON channel TO mingchu_api;
GRANT INSERT (operator_id, authority, kind, name, person_id, rank, url, secret, lang, quiet_from, quiet_to)
    ON channel TO mingchu_api;
GRANT UPDATE (name, rank, lang, enabled, quiet_from, quiet_to, removed, dead, refusals, failures, ordinary_after)
    ON channel TO mingchu_api;
GRANT UPDATE (opened) ON push TO mingchu_api;

GRANT UPDATE (tokens_open, tokens_reserved, budget_at, ordinary_after, failures, refusals, dead, removed, last_sent,
    last_failed, last_error) ON channel TO mingchu_alerts;
GRANT UPDATE (message) ON push TO mingchu_alerts;
REVOKE EXECUTE ON FUNCTION channel_lives, channel_leads, channels_after, push_of_link, use_link, drop_subscription
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION channel_leads TO mingchu_alerts, mingchu_api;
GRANT EXECUTE ON FUNCTION channels_after TO mingchu_alerts;
GRANT EXECUTE ON FUNCTION push_of_link, use_link, drop_subscription TO mingchu_api;
