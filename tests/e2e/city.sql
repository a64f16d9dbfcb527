-- What the small English city of the docs' pictures has besides its alerts. Run once, by the owner.

-- A night of a cold store: half an hour too warm, an hour far too warm, a door left open three times.
INSERT INTO reading
SELECT now() - interval '21 hours' + n * interval '1 minute', device.id, metric.id,
    CASE name
        WHEN 'air_temp' THEN CASE WHEN n BETWEEN 300 AND 350 THEN -13.2 WHEN n BETWEEN 700 AND 760 THEN -10.0
            ELSE -19.5 + 0.8 * sin(n / 25.0) END
        WHEN 'product_temp' THEN -19.8 + 0.2 * sin(n / 40.0)
        WHEN 'set_point' THEN -20
        WHEN 'door_open' THEN (n BETWEEN 300 AND 307 OR n BETWEEN 500 AND 503 OR n BETWEEN 800 AND 815)::int
        ELSE 0
    END, 0
FROM generate_series(0, 1100) AS n, device JOIN metric USING (profile_code)
WHERE code = 'cold-2' AND name IN ('air_temp', 'product_temp', 'set_point', 'door_open', 'defrost');

INSERT INTO equipment (site_id, code, kind, zh, en, registration, use_unit, maintainer, hotline, next_inspection, device_id)
SELECT site_id, '3110-' || id, 'elevator', en, en, 'Lift-2019-0' || id, 'Lake Plaza Ltd.', 'Anson Lift Maintenance',
    '400-000-0001', current_date + CASE code WHEN 'lift-1' THEN 12 ELSE 210 END, id
FROM device WHERE code IN ('lift-1', 'lift-2');

INSERT INTO equipment_record (equipment_id, kind, day, done_by, result, person_id)
SELECT equipment.id, one.kind, current_date - days, done_by, 'passed', person.id
FROM equipment, person, (VALUES
    ('inspection', 353, 'Lincheng Lift Inspection'), ('maintenance', 9, 'Anson Lift Maintenance')
) AS one (kind, days, done_by)
WHERE login = 'regulator' AND equipment.en = 'Lift 1';

INSERT INTO site_public (site_id, published, grade)
SELECT id, true, 'A' FROM site WHERE code IN ('kitchen-site-1', 'kitchen-2');
INSERT INTO public_camera SELECT id FROM camera WHERE code IN ('kitchen-1', 'stove-1', 'hats-1');

INSERT INTO licence (site_id, kind, number, valid_until)
SELECT id, 'food', 'JY2990' || id, current_date + 400 FROM site WHERE kind = 'restaurant';

INSERT INTO camera_list (person_id, name, columns, cameras)
SELECT id, 'Kitchens', 3, (SELECT array_agg(camera.id ORDER BY camera.id) FROM camera) FROM person
WHERE login IN ('regulator', 'admin');
