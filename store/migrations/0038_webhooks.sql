-- Webhooks by kind of event: programs of others that are told, apart from the channels, which tell people (ADR 50).

-- `authority` or `operator_id`: whose it is. It hears of what its own side may read, and of nothing else.
CREATE TABLE webhook (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operator_id bigint REFERENCES operator (id),
    authority ltree REFERENCES authority (path),
    name text NOT NULL CHECK (name <> ''),
    url text NOT NULL,
    place text NOT NULL GENERATED ALWAYS AS (coalesce(substring(url FROM '^[a-z]+://(?:[^/@]*@)?([^/?#]+)'), '')) STORED,
    secret text NOT NULL,
    secret_before text,  -- signs as well until secret_until
    secret_until timestamptz,
    kinds text[] NOT NULL CHECK (cardinality(kinds) > 0),  -- domain.webhook.EventKind
    enabled boolean NOT NULL DEFAULT true,
    person_id bigint NOT NULL REFERENCES person (id),
    made timestamptz NOT NULL DEFAULT now(),
    -- What the deliverer knows of it: its bucket as of budget_at, and how it went of late.
    tokens float8,  -- NULL: full
    budget_at timestamptz NOT NULL DEFAULT now(),
    held_until timestamptz,  -- nothing goes before
    failures integer NOT NULL DEFAULT 0,  -- in a row
    failing_since timestamptz,
    dead timestamptz,  -- given up; nothing is kept for it any more
    last_sent timestamptz,
    last_failed timestamptz,
    last_error text NOT NULL DEFAULT '',
    dropped bigint NOT NULL DEFAULT 0,  -- events that it never got, in all
    missed bigint NOT NULL DEFAULT 0,  -- those of them that it has not been told of yet
    missed_since timestamptz,
    CHECK ((authority IS NULL) <> (operator_id IS NULL)),
    CHECK ((secret_before IS NULL) = (secret_until IS NULL))
);
CREATE INDEX ON webhook (operator_id);

-- The outbox: what has happened, written in the transaction in which it did. `authorities`: who governs one of these, and
-- `operator_id`, may read it. `webhook_id`: it is for that one alone. `spread`: its deliveries are there.
CREATE TABLE webhook_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    subject text NOT NULL,
    data jsonb NOT NULL,
    authorities ltree[] NOT NULL DEFAULT '{}',
    operator_id bigint,
    webhook_id bigint REFERENCES webhook (id) ON DELETE CASCADE,
    spread boolean NOT NULL DEFAULT false
);
CREATE INDEX webhook_event_work ON webhook_event (id) WHERE NOT spread;
CREATE INDEX ON webhook_event (at);
CREATE INDEX ON webhook_event (webhook_id) WHERE webhook_id IS NOT NULL;

CREATE TABLE webhook_delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id bigint NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    event_id bigint NOT NULL REFERENCES webhook_event (id) ON DELETE CASCADE,
    asked timestamptz NOT NULL DEFAULT now(),  -- since when it waits
    urgent boolean NOT NULL DEFAULT false,  -- a person waits for it: a ping, or one that is sent again
    next_try timestamptz DEFAULT now(),  -- NULL: finished (sent or failed for good)
    tries integer NOT NULL DEFAULT 0,
    sent timestamptz,
    failed timestamptz,
    status smallint,  -- of the last answer, in HTTP
    last_error text NOT NULL DEFAULT '',
    UNIQUE (webhook_id, event_id)
);
CREATE INDEX webhook_delivery_work ON webhook_delivery (webhook_id, urgent DESC, id) WHERE next_try IS NOT NULL;
CREATE INDEX ON webhook_delivery (webhook_id, id);
CREATE INDEX ON webhook_delivery (event_id);

-- Whether a webhook hears of an event of that kind, which those may read.
CREATE FUNCTION webhook_wants(webhook, kind text, authorities ltree[], operator bigint) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT $1.enabled AND $1.dead IS NULL AND $1.kinds @> ARRAY[$2]
        AND (coalesce($1.authority @> ANY ($3), false) OR coalesce($1.operator_id = $4, false)) $$;

-- Rights ------------------------------------------------------------------------------------------
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['webhook', 'webhook_event', 'webhook_delivery'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY services ON %I TO mingchu_alerts USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;
-- Its own side's, and of the authorities above; an operator's programs are nobody else's business.
CREATE POLICY own ON webhook TO mingchu_api USING (authority <@ scope_authority() OR operator_id = scope_operator())
    WITH CHECK (authority <@ scope_authority() OR operator_id = scope_operator());
CREATE POLICY own ON webhook_delivery TO mingchu_api
    USING (EXISTS (SELECT FROM webhook WHERE webhook.id = webhook_delivery.webhook_id));
CREATE POLICY reads ON webhook_event FOR SELECT TO mingchu_api USING (
    EXISTS (SELECT FROM webhook WHERE webhook.id = webhook_event.webhook_id)
    OR EXISTS (SELECT FROM webhook_delivery WHERE webhook_delivery.event_id = webhook_event.id));
CREATE POLICY pings ON webhook_event FOR INSERT TO mingchu_api WITH CHECK (
    kind = 'webhook.ping' AND EXISTS (SELECT FROM webhook WHERE webhook.id = webhook_event.webhook_id));

-- A new secret; the old one signs too for a while, so that the receiver can change over. False: there is no such one.
CREATE FUNCTION webhook_rotate(wanted bigint, fresh text, overlap interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE webhook SET secret = fresh, secret_before = secret, secret_until = now() + overlap
        WHERE id = wanted AND (authority <@ scope_authority() OR operator_id = scope_operator());
    RETURN FOUND;
END $$;
REVOKE EXECUTE ON FUNCTION webhook_rotate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION webhook_rotate TO mingchu_api;

-- Never the address whole, nor a secret.
GRANT SELECT (id, operator_id, authority, name, place, secret_until, kinds, enabled, person_id, made, tokens, budget_at,
    held_until, failures, failing_since, dead, last_sent, last_failed, last_error, dropped, missed, missed_since)
    ON webhook TO mingchu_api;
GRANT INSERT (operator_id, authority, name, url, secret, kinds, person_id), DELETE ON webhook TO mingchu_api;
GRANT UPDATE (name, url, kinds, enabled, dead, failures, failing_since, held_until, last_error, missed_since)
    ON webhook TO mingchu_api;
GRANT SELECT, INSERT (kind, subject, data, webhook_id, spread) ON webhook_event TO mingchu_api;
GRANT SELECT, INSERT (webhook_id, event_id, urgent), UPDATE (asked, urgent, next_try, tries, sent, failed, status, last_error)
    ON webhook_delivery TO mingchu_api;

GRANT SELECT, UPDATE (tokens, budget_at, held_until, failures, failing_since, dead, last_sent, last_failed, last_error,
    dropped, missed, missed_since) ON webhook TO mingchu_alerts;
GRANT SELECT, INSERT (kind, subject, data, webhook_id), UPDATE (spread), DELETE ON webhook_event TO mingchu_alerts;
GRANT SELECT, INSERT, UPDATE ON webhook_delivery TO mingchu_alerts;

-- That one was given up is told to people, over the channels of its side: the notice says which (`about` is the channel).
ALTER TABLE push ADD COLUMN webhook_id bigint REFERENCES webhook (id) ON DELETE SET NULL;
CREATE INDEX ON push (webhook_id) WHERE webhook_id IS NOT NULL;

-- Keeping -----------------------------------------------------------------------------------------
ALTER TABLE retention
    DROP CONSTRAINT retention_kind_check,
    ADD CONSTRAINT retention_kind_check CHECK (kind IN ('reading', 'rollup', 'transaction', 'device_event', 'ledger',
        'dead_letter', 'webhook_event'));
INSERT INTO retention VALUES ('webhook_event', 14);

CREATE OR REPLACE FUNCTION forget(wanted text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    before timestamptz;
    gone bigint;
BEGIN
    SELECT now() - make_interval(days => days) INTO STRICT before FROM retention WHERE kind = wanted;
    CASE wanted
        WHEN 'reading' THEN RETURN reading_forget(before);
        WHEN 'rollup' THEN RETURN rollup_forget(before);
        WHEN 'ledger' THEN RETURN ledger_forget(before);
        WHEN 'dead_letter' THEN RETURN letters_forget(before);
        WHEN 'transaction' THEN DELETE FROM transaction WHERE time < before;
        WHEN 'device_event' THEN DELETE FROM device_event WHERE time < before;
        WHEN 'webhook_event' THEN DELETE FROM webhook_event WHERE at < before;
    END CASE;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;

CREATE OR REPLACE FUNCTION backlog() RETURNS TABLE (name text, waiting bigint, oldest timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT 'signals', count(*), min(received) FROM signal WHERE handled IS NULL
    UNION ALL SELECT 'conditions', count(*), min(since) FROM pending
    UNION ALL SELECT 'pushes', count(*), min(created) FROM push WHERE next_try IS NOT NULL
    UNION ALL SELECT 'replays', count(*), min(replay) FROM dead_letter WHERE replay IS NOT NULL
    UNION ALL SELECT 'events', count(*), min(at) FROM webhook_event WHERE NOT spread
    UNION ALL SELECT 'deliveries', count(*), min(asked) FROM webhook_delivery WHERE next_try IS NOT NULL
$$;
