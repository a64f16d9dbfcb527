-- What the queue's filters read (ADR 51).

-- The lowest id of the alerts that were raised from that moment on: found by halving, since ids grow as time does. It
-- reads a row for each bit of an id, and no index of the times is needed. For a moment to come: above all ids.
CREATE FUNCTION alert_of(moment timestamptz) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
DECLARE
    low bigint := 0;
    high bigint := (SELECT coalesce(max(id), 0) + 1 FROM alert);
    middle bigint;
    at bigint;
    told timestamptz;
BEGIN
    WHILE low < high LOOP
        middle := (low + high) / 2;
        SELECT id, raised INTO at, told FROM alert WHERE id >= middle ORDER BY id LIMIT 1;
        IF at IS NULL OR told >= moment THEN high := middle; ELSE low := at + 1; END IF;
    END LOOP;
    RETURN low;
END $$;
REVOKE EXECUTE ON FUNCTION alert_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION alert_of TO mingchu_api;

-- A rule's alerts, as lists of a status and severity from their beginnings, as the queue itself has them (0020); a
-- camera's, as a device's.
CREATE INDEX alert_rule ON alert (rule_code, status, severity, id) INCLUDE (site_id);
CREATE INDEX ON alert (camera_id, raised) WHERE camera_id IS NOT NULL;
