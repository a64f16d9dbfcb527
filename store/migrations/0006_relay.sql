-- Local telemetry through an edge (ADR 18). An edge may speak for the devices of the sites whose cameras it watches, and
-- of these; it learns them as part of its configuration.
CREATE TABLE edge_site (
    edge_id bigint NOT NULL REFERENCES edge (id),
    site_id bigint NOT NULL REFERENCES site (id),
    PRIMARY KEY (edge_id, site_id)
);
CREATE INDEX ON edge_site (site_id);

-- Which edge told of a device last, and when by our clock. `last_seen` is when the edge heard it, maybe a day earlier.
ALTER TABLE device ADD COLUMN via bigint REFERENCES edge (id), ADD COLUMN told timestamptz;

-- How many items an edge's full spool has shed since it began, and when we were told last.
ALTER TABLE edge ADD COLUMN shed bigint NOT NULL DEFAULT 0, ADD COLUMN shed_at timestamptz;

-- By how much an edge's clock was ahead of ours, whenever that changed. `at` is the edge's own time, like the capture
-- times of its evidence, so that the offset of an evidence is the newest row before it.
CREATE TABLE edge_clock (
    edge_id bigint NOT NULL REFERENCES edge (id),
    at timestamptz NOT NULL,
    offset_ms bigint NOT NULL,
    rtt_ms integer NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (edge_id, at)
);
CREATE INDEX ON edge_clock (edge_id, received);

ALTER TABLE edge_site ENABLE ROW LEVEL SECURITY;
ALTER TABLE edge_clock ENABLE ROW LEVEL SECURITY;
CREATE POLICY services ON edge_site TO mingchu_ingest, mingchu_alerts USING (true) WITH CHECK (true);
CREATE POLICY services ON edge_clock TO mingchu_ingest, mingchu_alerts USING (true) WITH CHECK (true);
CREATE POLICY scope ON edge_site TO mingchu_api USING (EXISTS (SELECT FROM edge WHERE edge.id = edge_site.edge_id));
CREATE POLICY scope ON edge_clock TO mingchu_api USING (EXISTS (SELECT FROM edge WHERE edge.id = edge_clock.edge_id));

GRANT SELECT ON edge_site TO mingchu_ingest, mingchu_alerts, mingchu_api;
GRANT INSERT, SELECT ON edge_clock TO mingchu_ingest;
GRANT SELECT ON edge_clock TO mingchu_alerts, mingchu_api;
GRANT UPDATE (via, told) ON device TO mingchu_ingest;
GRANT UPDATE (shed, shed_at) ON edge TO mingchu_ingest;
GRANT SELECT (shed, shed_at) ON edge TO mingchu_api;
