-- Scenes that go on now (ADR 49): few at any time, looked for every few seconds.
CREATE INDEX scene_event_going_on ON scene_event (scene) WHERE ended IS NULL;
