-- What the same house had by migration 0009: patrol, chained evidence, a relay, versions of configuration, enrolment.
INSERT INTO edge_load VALUES (1, now(), 0, 1, 5, 0, 0, 0);
INSERT INTO evidence_link (camera_id, chain, place, previous, hash, scene_event_id, statement)
    VALUES (1, md5('spool')::uuid, 1, '', repeat('c', 64), md5('scene')::uuid, '\x7b7d');
INSERT INTO evidence_missing (scene_event_id, part, at, why) VALUES (md5('scene')::uuid, 'clip', now(), 'the disk was full');
INSERT INTO edge_site VALUES (1, 1);
INSERT INTO edge_clock (edge_id, at, offset_ms, rtt_ms) VALUES (1, now(), 40, 3);
UPDATE camera SET zh = '灶台一' WHERE id = 1;
INSERT INTO edge_code (sha256, edge_id, person_id, expires) VALUES ('\x02', 1, 1, now() + interval '30 min');
INSERT INTO evidence (scene_event_id, kind, sha256, media_type, size, begin_at, end_at, complete, why, of_sha256)
    VALUES (md5('scene')::uuid, 'redacted', repeat('d', 64), 'image/jpeg', 9, now(), now(), true, '', repeat('a', 64));
INSERT INTO unblurred (person_id, alert_id, purpose, words, since, until)
    VALUES (1, 1, 'inquiry', '核查', now(), now() + interval '1 h');
