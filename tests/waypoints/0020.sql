-- What it had by migration 0020: vendors, rules with duties, the workflow in depth, clocks, cards and rescue.
INSERT INTO vendor (code, zh, en) VALUES ('maker', '厂家', 'Maker');
INSERT INTO claim (code_sha256, vendor_code, profile_code, serial) VALUES ('\x03', 'maker', 'cold-store', 'S-1');
INSERT INTO sparkplug_birth (device_id, gateway_id, payload) VALUES (3, 2, '\x00');
UPDATE device SET online = true WHERE id = 3;
INSERT INTO model (release, sha256, weights, size, card) VALUES ('2026.1', repeat('e', 64), 'w.onnx', 9, '{}');
INSERT INTO device_date VALUES (2, 'maintenance', current_date - 10, current_date + 5);
INSERT INTO alert_source (alert_id, rule_code, rule_version, since, why) VALUES (3, 'lift-entrapment', 1, now(), 'event 16');
INSERT INTO alert_sample VALUES (2, now() - interval '2 h', 'air_temp', -14);
INSERT INTO excursion VALUES (2, 'air_temp', -15, now() - interval '2 h', now() - interval '1 h', -12,
    now() - interval '90 min', 90, 271.5, 3600, 60);
INSERT INTO alert_transfer (alert_id, authority, person_id) VALUES (2, 'city.east', 1);
INSERT INTO alert_comment (alert_id, person_id, side, text) VALUES (2, 2, 'both', '请核查');
INSERT INTO appeal (alert_id, person_id, text, due) VALUES (2, 2, '探头误报', now() + interval '3 days');
INSERT INTO appeal_photo VALUES (1, repeat('f', 64), 'image/jpeg', 9);
INSERT INTO recheck (rectification_id, alert_id, watch_s, next_look) VALUES (1, 2, 600, now());
INSERT INTO recheck_still VALUES (1, repeat('0', 64), 9, now(), 2);
INSERT INTO audit_draw (alert_id, seed, share, drawn, human) VALUES (1, 's', 0.9, 0.5, false);
INSERT INTO campaign (authority, name, begins, ends, filter, person_id)
    VALUES ('city', '专项', now(), now() + interval '30 days', '{}', 1);
INSERT INTO campaign_alert (campaign_id, alert_id, by_hand, person_id) VALUES (1, 2, true, 1);
INSERT INTO ladder (code, version, body) VALUES ('grave', 1, '{}');
INSERT INTO calendar (code, version, body) VALUES ('china', 1, '{}');
INSERT INTO clock (alert_id, ladder, version, rung, kind, ends, due) VALUES
    (2, 'grave', 1, 'rectify', 'remind', '{rectify}', now() + interval '1 h'),
    (3, 'grave', 1, 'call', 'push', '{acknowledge}', now() + interval '5 min');
INSERT INTO card (site_id, alert_id, colour) VALUES (1, 2, 'yellow'), (1, 1, 'yellow');
INSERT INTO card_lift (card_id, person_id, reason) VALUES (2, 1, '已整改');
INSERT INTO rescuer (code, zh, en, phone) VALUES ('firm', '维保', 'Maintenance', '10086');
INSERT INTO device_rescuer VALUES (2, 'maintainer', 1);
INSERT INTO channel (rescuer_id, url, secret) VALUES (1, 'https://hook.test/c', 'secret');
INSERT INTO rescue_step (alert_id, began, role, action) VALUES (3, now() - interval '5 min', 'maintainer', 'answered');
