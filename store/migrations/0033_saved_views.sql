-- What a person has made of the queue's filters, under a name of his own. Nobody else sees it.
CREATE TABLE saved_view (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL DEFAULT scope_person() REFERENCES person (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    query text NOT NULL CHECK (length(query) <= 300),  -- of the queue's address
    UNIQUE (person_id, name)
);
ALTER TABLE saved_view ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON saved_view TO mingchu_api USING (person_id = scope_person());
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_view TO mingchu_api;
