-- What webhooks hear of, written by the database itself in the transaction of the fact, whoever writes that (ADR 50).
-- Where no webhook wants the kind, nothing is written. No name of a person and no words of the public are among it.

-- Which step of an alert's history is told as what.
CREATE TABLE webhook_turn (action text NOT NULL, kind text NOT NULL, PRIMARY KEY (action, kind));
INSERT INTO webhook_turn (action, kind) VALUES
    ('raised', 'alert.opened'), ('recurred', 'alert.recurred'), ('repeated', 'alert.recurred'),
    ('cleared', 'alert.cleared'), ('acknowledge', 'alert.acknowledged'), ('report', 'alert.reported'),
    ('reject', 'alert.rejected'), ('accept', 'alert.closed'), ('settle', 'alert.closed'),
    ('dismiss', 'alert.dismissed'), ('uphold', 'alert.dismissed'), ('transfer', 'alert.transferred'),
    ('supervise', 'alert.supervised'), ('ack_overdue', 'alert.overdue'), ('overdue', 'alert.overdue'),
    ('escalated', 'alert.escalated'), ('yellow_card', 'card.issued'), ('red_card', 'card.issued'),
    ('appeal', 'appeal.filed'), ('uphold', 'appeal.decided'), ('deny', 'appeal.decided');

CREATE FUNCTION webhook_thing(id bigint, code text, zh text, en text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN $1 IS NOT NULL THEN
        jsonb_build_object('id', $1, 'code', $2, 'zh', $3, 'en', $4) END $$;
CREATE FUNCTION webhook_site(wanted bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT webhook_thing(site.id, site.code, site.zh, site.en)
        || jsonb_build_object('authority', site.authority::text, 'operator', operator.uscc)
    FROM site JOIN operator ON operator.id = site.operator_id WHERE site.id = wanted $$;

-- One event that the site's side and the authorities above may read; of the authorities alone where `office`.
CREATE FUNCTION tell_webhooks(kind text, at timestamptz, subject text, site bigint, office boolean, data jsonb) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    path ltree;
    owner bigint;
BEGIN
    SELECT one.authority, one.operator_id INTO path, owner FROM site AS one WHERE one.id = tell_webhooks.site;
    owner := CASE WHEN NOT office THEN owner END;
    IF EXISTS (SELECT FROM webhook WHERE webhook_wants(webhook, kind, ARRAY[path], owner)) THEN
        INSERT INTO webhook_event (kind, at, subject, data, authorities, operator_id) VALUES (kind, at, subject,
            jsonb_build_object('site', webhook_site(site)) || data, ARRAY[path], owner);
        PERFORM pg_notify('mingchu_webhook', '');
    END IF;
END $$;

-- A batch of the engine's at a time. Whoever an alert was passed to hears of it, as he reads it.
CREATE FUNCTION webhook_alerts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET timezone = 'UTC' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM webhook) THEN RETURN NULL; END IF;
    INSERT INTO webhook_event (kind, at, subject, data, authorities, operator_id)
        SELECT turn.kind, step.at, 'alerts/' || alert.id, jsonb_build_object(
            'alert', alert.id, 'version', alert.version, 'action', step.action, 'reason', step.reason,
            'by', CASE WHEN step.person_id IS NULL THEN 'system' WHEN actor.operator_id IS NOT NULL THEN 'operator'
                ELSE 'authority' END,
            'severity', alert.severity, 'status', step.target, 'condition', step.condition,
            'rule', jsonb_build_object('code', alert.rule_code, 'version', alert.rule_version,
                'zh', coalesce(rule.body->>'zh', alert.rule_code), 'en', coalesce(rule.body->>'en', alert.rule_code)),
            'site', webhook_site(alert.site_id),
            'device', webhook_thing(device.id, device.code, device.zh, device.en),
            'camera', webhook_thing(camera.id, camera.code, camera.zh, camera.en),
            'zone', alert.zone, 'began', alert.began, 'raised', alert.raised, 'due', alert.due),
            reach.authorities, site.operator_id
        FROM steps AS step JOIN webhook_turn AS turn ON turn.action = step.action
        JOIN alert ON alert.id = step.alert_id JOIN site ON site.id = alert.site_id
        LEFT JOIN person AS actor ON actor.id = step.person_id
        LEFT JOIN device ON device.id = alert.device_id LEFT JOIN camera ON camera.id = alert.camera_id
        LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version
        CROSS JOIN LATERAL (SELECT ARRAY[site.authority] || ARRAY(
            SELECT passed.authority FROM alert_transfer AS passed WHERE passed.alert_id = alert.id) AS authorities) AS reach
        WHERE EXISTS (SELECT FROM webhook WHERE webhook_wants(webhook, turn.kind, reach.authorities, site.operator_id))
        ORDER BY step.id;
    IF FOUND THEN PERFORM pg_notify('mingchu_webhook', ''); END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook AFTER INSERT ON alert_history REFERENCING NEW TABLE AS steps
    FOR EACH STATEMENT EXECUTE FUNCTION webhook_alerts();

CREATE FUNCTION webhook_presence() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET timezone = 'UTC' AS $$
BEGIN
    IF EXISTS (SELECT FROM webhook) THEN
        PERFORM tell_webhooks(CASE WHEN NEW.online THEN 'device.online' ELSE 'device.offline' END, NEW.at,
            'devices/' || device.id, site_id, false, jsonb_build_object(
                'device', webhook_thing(device.id, code, zh, en), 'online', NEW.online, 'last_seen', last_seen))
        FROM device WHERE device.id = NEW.device_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook AFTER INSERT ON presence_change FOR EACH ROW EXECUTE FUNCTION webhook_presence();

CREATE FUNCTION webhook_camera() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET timezone = 'UTC' AS $$
BEGIN
    IF EXISTS (SELECT FROM webhook) THEN
        PERFORM tell_webhooks(
            CASE NEW.health WHEN 'OK' THEN 'camera.online' WHEN 'OFFLINE' THEN 'camera.offline' ELSE 'camera.impaired' END,
            coalesce(NEW.health_at, now()), 'cameras/' || NEW.id, NEW.site_id, false, jsonb_build_object(
                'camera', webhook_thing(NEW.id, NEW.code, NEW.zh, NEW.en), 'health', NEW.health, 'before', OLD.health,
                'why', NEW.health_why));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook AFTER UPDATE OF health ON camera FOR EACH ROW
    WHEN (OLD.health IS DISTINCT FROM NEW.health) EXECUTE FUNCTION webhook_camera();

-- Operators see no edges. An edge stands under an authority, not at a site.
CREATE FUNCTION webhook_edge() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET timezone = 'UTC' AS $$
DECLARE told text := CASE WHEN NEW.online THEN 'edge.online' ELSE 'edge.offline' END;
BEGIN
    IF EXISTS (SELECT FROM webhook WHERE webhook_wants(webhook, told, ARRAY[NEW.authority], NULL)) THEN
        INSERT INTO webhook_event (kind, subject, data, authorities) VALUES (told, 'edges/' || NEW.id, jsonb_build_object(
            'edge', webhook_thing(NEW.id, NEW.code, NEW.zh, NEW.en), 'authority', NEW.authority::text,
            'online', NEW.online, 'last_seen', NEW.last_seen), ARRAY[NEW.authority]);
        PERFORM pg_notify('mingchu_webhook', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook AFTER UPDATE OF online ON edge FOR EACH ROW WHEN (OLD.online <> NEW.online)
    EXECUTE FUNCTION webhook_edge();

CREATE FUNCTION webhook_report() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET timezone = 'UTC' AS $$
DECLARE
    told jsonb := jsonb_build_object('report', NEW.id, 'span', NEW.span, 'begin', NEW.begin_at, 'end', NEW.end_at,
        'authority', NEW.authority::text, 'sha256', NEW.sha256);
BEGIN
    IF NEW.site_id IS NOT NULL THEN
        PERFORM tell_webhooks('report.ready', NEW.made, 'reports/' || NEW.id, NEW.site_id, false, told);
    ELSIF EXISTS (SELECT FROM webhook WHERE webhook_wants(webhook, 'report.ready', ARRAY[NEW.authority], NULL)) THEN
        INSERT INTO webhook_event (kind, at, subject, data, authorities)
            VALUES ('report.ready', NEW.made, 'reports/' || NEW.id, told || '{"site": null}', ARRAY[NEW.authority]);
        PERFORM pg_notify('mingchu_webhook', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook AFTER INSERT ON report FOR EACH ROW EXECUTE FUNCTION webhook_report();

-- Read by whom the complaint itself is: who is trapped is everybody's, the rest the authority's.
CREATE FUNCTION webhook_complaint() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET timezone = 'UTC' AS $$
BEGIN
    IF EXISTS (SELECT FROM webhook) THEN
        PERFORM tell_webhooks('complaint.received', NEW.at, 'complaints/' || NEW.id, NEW.site_id, NEW.topic <> 'trapped',
            jsonb_build_object('complaint', NEW.id, 'topic', NEW.topic, 'equipment', (
                SELECT webhook_thing(id, code, zh, en) FROM equipment WHERE id = NEW.equipment_id)));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook AFTER INSERT ON complaint FOR EACH ROW EXECUTE FUNCTION webhook_complaint();

CREATE FUNCTION webhook_inspection() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET timezone = 'UTC' AS $$
BEGIN
    IF EXISTS (SELECT FROM webhook) THEN
        PERFORM tell_webhooks('inspection.finished', NEW.done, 'inspections/' || NEW.id, NEW.site_id, false,
            jsonb_build_object('inspection', NEW.id, 'due', NEW.due, 'done', NEW.done, 'digest', NEW.digest, 'items', (
                SELECT count(*) FROM inspection_answer WHERE inspection_id = NEW.id), 'failed', (
                SELECT count(*) FROM inspection_answer WHERE inspection_id = NEW.id AND failed)));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER webhook AFTER UPDATE OF done ON inspection FOR EACH ROW
    WHEN (OLD.done IS NULL AND NEW.done IS NOT NULL) EXECUTE FUNCTION webhook_inspection();

REVOKE EXECUTE ON FUNCTION tell_webhooks, webhook_site, webhook_alerts, webhook_presence, webhook_camera, webhook_edge,
    webhook_report, webhook_complaint, webhook_inspection FROM PUBLIC;
