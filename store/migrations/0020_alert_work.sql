-- The gravest signals come first out of any backlog by an index, without reading the rest of it.
ALTER TABLE signal ADD COLUMN severity smallint;  -- its rule's; NULL where there is no such rule: handled last
UPDATE signal SET severity = (SELECT (body->>'severity')::smallint FROM rule
    WHERE code = rule_code AND version = rule_version) WHERE handled IS NULL;
DROP INDEX signal_work;
CREATE INDEX signal_work ON signal (severity, id) WHERE handled IS NULL;

-- The console's queue: a list for each status and severity, of all sites or of each, read from its beginning.
DROP INDEX alert_queue;
CREATE INDEX alert_queue ON alert (status, severity, id) INCLUDE (site_id);
CREATE INDEX alert_site_queue ON alert (site_id, status, severity, id);
-- What changed of late. A summary, so that an alert that clears is still updated in its place (HOT).
CREATE INDEX alert_changed ON alert USING brin (changed) WITH (pages_per_range = 16, autosummarize = on);
