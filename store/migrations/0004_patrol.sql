-- Patrol (ADR 16). How an edge looks at a camera, and how often within a period when it is visited.
ALTER TABLE camera
    ADD COLUMN mode text NOT NULL DEFAULT 'watch' CHECK (mode IN ('watch', 'patrol')),
    ADD COLUMN weight smallint NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 12);
GRANT SELECT (mode, weight) ON camera TO mingchu_api;

-- What each edge said last about how it keeps up (domain.wire.EdgeLoad).
CREATE TABLE edge_load (
    edge_id bigint PRIMARY KEY REFERENCES edge (id),
    at timestamptz NOT NULL,
    step smallint NOT NULL,
    periods real NOT NULL,
    frames real NOT NULL,
    patrolled integer NOT NULL,
    promoted integer NOT NULL,
    missed bigint NOT NULL
);
ALTER TABLE edge_load ENABLE ROW LEVEL SECURITY;
CREATE POLICY services ON edge_load TO mingchu_ingest, mingchu_alerts USING (true) WITH CHECK (true);
CREATE POLICY scope ON edge_load TO mingchu_api USING (EXISTS (SELECT FROM edge WHERE edge.id = edge_load.edge_id));
GRANT SELECT, INSERT, UPDATE ON edge_load TO mingchu_ingest;
GRANT SELECT ON edge_load TO mingchu_alerts, mingchu_api;
