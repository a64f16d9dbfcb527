-- A house as it was after migration 0003: a kitchen and a building, a camera, a lift and a cold room, three alerts.
INSERT INTO authority VALUES ('city', '市', 'City'), ('city.east', '东区', 'East');
INSERT INTO operator (uscc, zh, en) VALUES ('91440101MA5MCQ0018', '食堂', 'Canteen'), ('91440101MA5MCQ0026', '物业', 'Estate');
INSERT INTO site (code, kind, zh, en, authority, operator_id, schedule) VALUES
    ('kitchen', 'restaurant', '厨房', 'Kitchen', 'city.east', 1, '{"openings": []}'),
    ('tower', 'building', '大厦', 'Tower', 'city', 2, '{"openings": []}');
INSERT INTO device_profile (code, version, body) VALUES
    ('elevator-gbt24476', 1, '{"code": "elevator-gbt24476", "version": 1}'),
    ('cold-store', 1, '{"code": "cold-store", "version": 1}');
INSERT INTO metric (profile_code, name, unit) VALUES ('cold-store', 'air_temp', 'Cel'), ('elevator-gbt24476', 'floor', '1');
INSERT INTO edge (code, zh, en, authority, credential, online, last_seen)
    VALUES ('edge-1', '边缘', 'Edge', 'city', 'hashed', false, now() - interval '1 hour');
INSERT INTO device (site_id, code, profile_code, zh, en, credential, online, last_seen) VALUES
    (2, 'lift-1', 'elevator-gbt24476', '一号梯', 'Lift 1', 'hashed', true, now()),
    (1, 'cold-1', 'cold-store', '一号库', 'Cold 1', 'hashed', false, now() - interval '1 day');
INSERT INTO camera (site_id, edge_id, code, zh, en, url, zones, health)
    VALUES (1, 1, 'stove-1', '灶台', 'Stove', 'rtsp://u:hunter22@h/1', '[]', 'OK');
INSERT INTO person (login, name, role, password, authority, operator_id) VALUES
    ('city', '市局', 'admin', 'hashed', 'city', NULL), ('canteen', '店长', 'operator', 'hashed', NULL, 1);
INSERT INTO session (token_sha256, person_id, expires) VALUES ('\x01', 1, now() + interval '1 hour');
INSERT INTO audit (person_id, action, detail) VALUES (1, 'login', '{}'), (1, 'close', '{"alert": 1}');

INSERT INTO ledger (source_id, key, time, received, seq, rows)
    SELECT 3, md5(n::text)::uuid, now() - make_interval(mins => n * 10), now() - make_interval(mins => n * 10), n, 1
    FROM generate_series(1, 40) AS n;
INSERT INTO ledger (source_id, key, time, rows) VALUES (3, md5('unset')::uuid, '1970-01-01', 1);
INSERT INTO reading (time, device_id, metric_id, value, quality)
    SELECT now() - make_interval(mins => n * 10), 3, 1, -18 + n % 5, 0 FROM generate_series(1, 40) AS n;
INSERT INTO reading_latest VALUES (3, 1, now() - interval '10 min', -17, 0);
INSERT INTO dead_letter (topic, payload, reason) VALUES ('mc/v1/kitchen/cold-1/telemetry', '\x7b', 'truncated');
INSERT INTO device_event (device_id, code, phase, time, text) VALUES (2, '16', 'begin', now() - interval '5 min', '');
INSERT INTO transaction VALUES (3, 't-1', 1, now() - interval '1 hour', '白菜', 1000, 0, 1000, 500, 500, 'cash', '', 0, now());
INSERT INTO scene_event (id, camera_id, scene, zone, track, first, best, last, why, samples, model, rule_version, ended)
    VALUES (md5('scene')::uuid, 1, 'SMOKING', 'stove', 1, now() - interval '3 h', now() - interval '3 h',
        now() - interval '3 h', 'seen', '[]', 'd', 1, now() - interval '2 h');
INSERT INTO evidence VALUES
    (md5('scene')::uuid, 'still', repeat('a', 64), 'image/jpeg', 10, now(), now(), true, '');
INSERT INTO camera_health (camera_id, state, at, why) VALUES (1, 'OK', now() - interval '1 day', '');

INSERT INTO rule (code, version, body) VALUES
    ('smoking', 1, '{"code": "smoking", "version": 1, "kind": "scene", "severity": 3, "scene": "SMOKING", "zh": "吸烟", "en": "Smoking"}'),
    ('cold-warm', 1, '{"code": "cold-warm", "version": 1, "kind": "threshold", "severity": 2, "profiles": ["cold-store"], "predicate": "air_temp > -15", "zh": "过热", "en": "Warm"}'),
    ('lift-entrapment', 1, '{"code": "lift-entrapment", "version": 1, "kind": "event", "severity": 1, "profiles": ["elevator-gbt24476"], "codes": ["16"], "zh": "困人", "en": "Trapped"}');
INSERT INTO predicate_state VALUES ('cold-warm', 3, false, now());
INSERT INTO signal (rule_code, rule_version, camera_id, scene_event_id, value, time, why, handled)
    VALUES ('smoking', 1, 1, md5('scene')::uuid, true, now() - interval '3 h', 'seen', now());
INSERT INTO signal (rule_code, rule_version, device_id, value, time, why)
    VALUES ('lift-entrapment', 1, 2, true, now() - interval '5 min', '16');
INSERT INTO pending (rule_code, rule_version, device_id, since, due, why)
    VALUES ('cold-warm', 1, 3, now(), now() + interval '1 h', '-14');
INSERT INTO alert (rule_code, rule_version, site_id, device_id, camera_id, zone, scene_event_id, severity, condition, status,
    began, raised, due, why) VALUES
    ('smoking', 1, 1, NULL, 1, 'stove', md5('scene')::uuid, 3, 'CLEARED', 'closed',
        now() - interval '3 h', now() - interval '3 h', now() + interval '4 h', 'seen'),
    ('cold-warm', 1, 1, 3, NULL, '', NULL, 2, 'CLEARED', 'rectified',
        now() - interval '2 h', now() - interval '2 h', now() + interval '4 h', 'air_temp=-14'),
    ('lift-entrapment', 1, 2, 2, NULL, '', NULL, 1, 'ACTIVE', 'open',
        now() - interval '5 min', now() - interval '5 min', now() + interval '5 min', 'event 16');
INSERT INTO alert_history (alert_id, person_id, action, source, target, condition, at) VALUES
    (1, NULL, 'raise', NULL, 'open', 'ACTIVE', now() - interval '3 h'),
    (2, NULL, 'raise', NULL, 'open', 'ACTIVE', now() - interval '2 h'),
    (2, 2, 'rectify', 'open', 'rectified', 'CLEARED', now() - interval '1 h'),
    (1, 1, 'close', 'open', 'closed', 'CLEARED', now() - interval '1 h'),
    (3, NULL, 'raise', NULL, 'open', 'ACTIVE', now() - interval '5 min');
INSERT INTO rectification (alert_id, person_id, at, text) VALUES (2, 2, now() - interval '1 h', '已修复');
INSERT INTO rectification_photo (rectification_id, sha256, media_type, size) VALUES (1, repeat('b', 64), 'image/jpeg', 10);
INSERT INTO review (alert_id, person_id, verdict, reason) VALUES (1, 1, 'accept', '');
INSERT INTO channel (operator_id, url, secret) VALUES (1, 'https://hook.test/a', 'secret');
INSERT INTO channel (authority, url, secret) VALUES ('city', 'https://hook.test/b', 'secret');
INSERT INTO push (alert_id, channel_id, reason, next_try, sent) VALUES (1, 1, 'raised', NULL, now()), (3, 2, 'raised', now(), NULL);
