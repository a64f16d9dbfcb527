-- What it had by migration 0030: channels of kinds, oversight, outages, places, equipment, identity, inspections.
INSERT INTO channel (authority, kind, url, secret, name) VALUES ('city', 'email', 'mailto:a@hook.test', '', '值班');
INSERT INTO push (channel_id, about, reason, next_try) VALUES (4, 4, 'test', NULL);
INSERT INTO push_key (vapid_private, vapid_public) VALUES ('private', 'public');
INSERT INTO risk_weights (version, body) VALUES (1, '{}');
INSERT INTO risk_day (day, at, weights, subjects) VALUES (current_date, now(), 1, 2);
INSERT INTO risk_score VALUES (1, 0, current_date, 40, '{1, 2}'), (1, 3, current_date, 20, '{0, 1}');
INSERT INTO draw (authority, person_id, body, sha256) VALUES ('city', 1, '{}', repeat('1', 64));
INSERT INTO draw_site VALUES (1, 1, now());
INSERT INTO report (span, begin_at, end_at, closed, authority, body, sha256)
    VALUES ('day', now() - interval '1 day', now(), now(), 'city', '{}', repeat('2', 64));
INSERT INTO evidence_tombstone (sha256, size, severity, days, since) VALUES (repeat('3', 64), 9, 3, 180, now());
INSERT INTO legal_hold (alert_id, person_id, why) VALUES (1, 1, '诉讼');
INSERT INTO outage_member (alert_id, device_id, since) VALUES (3, 3, now());
INSERT INTO trouble (kind) VALUES ('full');
INSERT INTO process (service, instance, pid, started, cpu_s, memory, counters) VALUES ('ingest', '1', 1, now(), 1, 1, '{}');
INSERT INTO licence (site_id, kind, number, valid_until) VALUES (1, 'food', 'JY1', current_date + 30);
INSERT INTO camera_list (person_id, name, columns, cameras) VALUES (1, '一墙', 2, '{1}');
INSERT INTO tour (person_id, plan, cameras) VALUES (1, 'list', '{1}');
INSERT INTO tour_look (tour_id, camera_id) VALUES (1, 1);
INSERT INTO tour_picture (look_id, sha256) VALUES (1, repeat('4', 64));
INSERT INTO tour_finding (look_id, words) VALUES (1, '垃圾桶开着');
INSERT INTO tour_end VALUES (1, now());
INSERT INTO equipment (site_id, code, kind, zh, en, device_id) VALUES (2, 'eq-1', 'elevator', '一号梯', 'Lift 1', 2);
INSERT INTO equipment_record (equipment_id, kind, day, done_by, result, person_id)
    VALUES (1, 'maintenance', current_date, '维保', 'passed', 1);
INSERT INTO site_public (site_id) VALUES (1);
INSERT INTO complaint (site_id, topic, words) VALUES (1, 'hygiene', '有蟑螂');
INSERT INTO complaint_contact VALUES (1, '10086');
INSERT INTO complaint_answer (complaint_id, person_id, words, closes) VALUES (1, 1, '已处理', true);
INSERT INTO role (authority, zh, en, base, permissions) VALUES ('city', '值班员', 'Duty', 'regulator', '{}');
INSERT INTO api_token (person_id, sha256, name, scopes, expires) VALUES (1, '\x04', 't', '{}', now() + interval '1 day');
INSERT INTO report_key (alert_id, person_id, key) VALUES (2, 2, md5('phone')::uuid);
INSERT INTO inspection_plan (site_id, body, every, starts, person_id) VALUES (1, '{}', 'week', current_date, 1);
INSERT INTO inspection (site_id, plan_id, body, due) VALUES (1, 1, '{}', now() + interval '1 day');
INSERT INTO inspection_answer (inspection_id, item, value, failed, person_id, login) VALUES (1, 'bin', 'no', false, 2, 'canteen');
