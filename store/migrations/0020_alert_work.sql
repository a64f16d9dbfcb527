-- The gravest signals come first out of any backlog by an index, without reading the rest of it.
ALTER TABLE signal ADD COLUMN severity smallint;  -- its rule's; NULL where there is no such rule: handled last
UPDATE signal SET severity = (SELECT (body->>'severity')::smallint FROM rule
    WHERE code = rule_code AND version = rule_version) WHERE handled IS NULL;
DROP INDEX signal_work;
CREATE INDEX signal_work ON signal (severity, id) WHERE handled IS NULL;
