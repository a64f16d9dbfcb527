-- What each process says of itself every few seconds, so that one page tells what runs, since when, and how far behind.
CREATE TABLE process (
    service text NOT NULL,
    instance text NOT NULL,  -- stable: a process that is started again takes its place
    pid integer NOT NULL,
    started timestamptz NOT NULL,
    seen timestamptz NOT NULL DEFAULT now(),
    cpu_s double precision NOT NULL,  -- since its start
    memory bigint NOT NULL,  -- bytes
    counters jsonb NOT NULL,
    PRIMARY KEY (service, instance)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON process TO mingchu_ingest, mingchu_alerts, mingchu_api;

-- How much waits, and since when: numbers only, of all authorities together, hence the owner's rights.
CREATE FUNCTION backlog() RETURNS TABLE (name text, waiting bigint, oldest timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT 'signals', count(*), min(received) FROM signal WHERE handled IS NULL
    UNION ALL SELECT 'conditions', count(*), min(since) FROM pending
    UNION ALL SELECT 'pushes', count(*), min(created) FROM push WHERE next_try IS NOT NULL
    UNION ALL SELECT 'replays', count(*), min(replay) FROM dead_letter WHERE replay IS NOT NULL
$$;
REVOKE EXECUTE ON FUNCTION backlog FROM PUBLIC;
GRANT EXECUTE ON FUNCTION backlog TO mingchu_api;

ALTER TABLE edge_load ADD COLUMN counters jsonb NOT NULL DEFAULT '{}';

-- What monitoring draws: how many are how, and what each edge has counted. Numbers, again of all authorities.
CREATE FUNCTION fleet() RETURNS TABLE (family text, subject text, value double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT 'edges', CASE WHEN online THEN 'online' ELSE 'offline' END, count(*)::double precision
        FROM edge WHERE admitted GROUP BY online
    UNION ALL SELECT 'cameras', health, count(*) FROM camera WHERE removed IS NULL GROUP BY health
    UNION ALL SELECT 'devices', CASE WHEN online THEN 'online' ELSE 'offline' END, count(*) FROM device GROUP BY online
    UNION ALL SELECT 'alerts', status, count(*) FROM alert WHERE status NOT IN ('closed', 'dismissed') GROUP BY status
    UNION ALL SELECT 'edge:' || name, edge.code, total::double precision
        FROM edge_load JOIN edge ON edge.id = edge_id, jsonb_each_text(counters) AS counter (name, total)
$$;
REVOKE EXECUTE ON FUNCTION fleet FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fleet TO mingchu_api;
