-- Reports by subscription, pushes about a transferred alert, and clocks that wait for an appeal (ADR 46).

-- Which report goes over which channel: of an authority's sites, or of one site. Ended, it stays on record.
CREATE TABLE report_subscription (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id bigint NOT NULL REFERENCES channel (id),
    span text NOT NULL CHECK (span IN ('day', 'week', 'month')),
    authority ltree REFERENCES authority (path),
    site_id bigint REFERENCES site (id),
    attached text NOT NULL DEFAULT '' CHECK (attached IN ('', 'pdf', 'xlsx')),  -- '': a link alone
    person_id bigint NOT NULL REFERENCES person (id),  -- who has asked for it
    since timestamptz NOT NULL DEFAULT now(),  -- what was closed before is not sent
    ended timestamptz,
    CHECK ((authority IS NULL) <> (site_id IS NULL))
);
CREATE UNIQUE INDEX report_subscription_once
    ON report_subscription (channel_id, span, coalesce(authority, ''), coalesce(site_id, 0)) WHERE ended IS NULL;

-- A report's push is a push like any other: queued, retried and kept. Once for each subscription and report.
ALTER TABLE push
    ADD COLUMN subscription_id bigint REFERENCES report_subscription (id),
    ADD COLUMN report_id bigint REFERENCES report (id),
    DROP CONSTRAINT push_check,
    ADD CONSTRAINT push_subject CHECK (num_nonnulls(alert_id, about, report_id) = 1),
    ADD CONSTRAINT push_of_report CHECK ((report_id IS NULL) = (subscription_id IS NULL));
CREATE UNIQUE INDEX push_report_once ON push (subscription_id, report_id) WHERE subscription_id IS NOT NULL;

-- Whether a channel's own side may read of those sites: a channel is never told more than the people behind it may see.
CREATE FUNCTION channel_may_read(channel bigint, path ltree, site bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT coalesce(bool_or(CASE WHEN path IS NOT NULL THEN holder.authority @> path
           ELSE holder.authority @> place.authority OR holder.operator_id = place.operator_id END), false)
       FROM channel AS holder LEFT JOIN site AS place ON place.id = channel_may_read.site
       WHERE holder.id = channel_may_read.channel AND holder.removed IS NULL AND holder.rescuer_id IS NULL $$;

-- A report's signed link, looked up by nobody: the side that its channel belongs to is the scope that it opens.
CREATE FUNCTION report_of_link(wanted uuid) RETURNS TABLE (push uuid, report_id bigint, created timestamptz, lang text,
    operator_id bigint, authority text, living boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT push.id, push.report_id, push.created, channel.lang, channel.operator_id, channel.authority::text,
           channel_lives(channel) AND report_subscription.ended IS NULL
       FROM push JOIN channel ON channel.id = push.channel_id
       JOIN report_subscription ON report_subscription.id = push.subscription_id WHERE push.id = wanted $$;

ALTER TABLE report_subscription ENABLE ROW LEVEL SECURITY;
CREATE POLICY services ON report_subscription TO mingchu_alerts USING (true);
CREATE POLICY reads ON report_subscription FOR SELECT TO mingchu_api
    USING (EXISTS (SELECT FROM channel WHERE channel.id = report_subscription.channel_id));
CREATE POLICY makes ON report_subscription FOR INSERT TO mingchu_api WITH CHECK (
    channel_may_read(channel_id, authority, site_id)
    AND EXISTS (SELECT FROM channel WHERE channel.id = channel_id
        AND (channel.authority <@ scope_authority() OR channel.operator_id = scope_operator())));
CREATE POLICY ends ON report_subscription FOR UPDATE TO mingchu_api
    USING (EXISTS (SELECT FROM channel WHERE channel.id = report_subscription.channel_id
        AND (channel.authority <@ scope_authority() OR channel.operator_id = scope_operator())));

GRANT SELECT ON report_subscription TO mingchu_api, mingchu_alerts;
GRANT INSERT, UPDATE (ended) ON report_subscription TO mingchu_api;
REVOKE EXECUTE ON FUNCTION channel_may_read, report_of_link FROM PUBLIC;
GRANT EXECUTE ON FUNCTION channel_may_read, report_of_link TO mingchu_api;

-- Whom a push reaches: the operator, the authorities at and above the responsible one, or the one n levels above that
-- (or the next above that has a channel). Responsible is whom the alert was passed to; '': its site's own authority.
DROP FUNCTION push_channels(bigint, text);
CREATE FUNCTION push_channels(site bigint, audience text, responsible text) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT channel.id FROM site CROSS JOIN LATERAL (
           SELECT coalesce(nullif(push_channels.responsible, '')::ltree, site.authority) AS path) AS duty
       CROSS JOIN channel WHERE site.id = push_channels.site AND channel.enabled AND CASE
           WHEN audience = 'operator' THEN channel.operator_id = site.operator_id
           WHEN audience = 'authority' THEN channel.authority @> duty.path
           WHEN audience LIKE 'level-_' THEN channel.authority = (
               SELECT above.authority FROM channel AS above WHERE above.enabled AND above.authority @> duty.path
               AND nlevel(above.authority) <= nlevel(duty.path) - right(audience, 1)::integer
               ORDER BY nlevel(above.authority) DESC LIMIT 1)
           ELSE false END $$;
REVOKE EXECUTE ON FUNCTION push_channels FROM PUBLIC;
GRANT EXECUTE ON FUNCTION push_channels TO mingchu_alerts, mingchu_api;

-- Since when a clock waits: for an appeal, which gives the time back when it is rejected (before, the clocks ran on), or
-- while an outage of its site tells of the alert.
ALTER TABLE clock ADD COLUMN paused timestamptz;
DROP INDEX clock_work;
CREATE INDEX clock_work ON clock (due) WHERE done IS NULL AND paused IS NULL;
UPDATE clock SET paused = appeal.at FROM appeal JOIN alert ON alert.id = appeal.alert_id
    WHERE clock.alert_id = alert.id AND clock.done IS NULL AND appeal.decided IS NULL
    AND CASE WHEN alert.severity = 1 THEN clock.kind IN ('yellow_card', 'red_card')
        ELSE clock.kind NOT LIKE 'rescue\_%' END;
CREATE OR REPLACE FUNCTION give_back_appeal(wanted bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE taken interval;
BEGIN
    SELECT decided - at INTO taken FROM appeal WHERE alert_id = wanted AND verdict = 'rejected';
    -- The deadline of class I did not wait.
    UPDATE alert SET due = due + taken WHERE id = wanted AND severity <> 1 AND taken IS NOT NULL;
    UPDATE clock SET due = due + taken, paused = NULL
        WHERE alert_id = wanted AND done IS NULL AND paused IS NOT NULL AND taken IS NOT NULL;
END $$;
GRANT UPDATE (paused) ON clock TO mingchu_api;
GRANT UPDATE (paused, due) ON clock TO mingchu_alerts;
