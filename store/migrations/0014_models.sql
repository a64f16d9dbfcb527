-- Models as data: which versions there are, and with which one a camera is looked at (ADR 24).
CREATE TABLE model (
    release text PRIMARY KEY,  -- name and version, as its card has them
    sha256 text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),  -- of its pack, which lies in the evidence vault
    weights text NOT NULL,  -- the digest by which evidence names it
    size bigint NOT NULL,
    card jsonb NOT NULL,  -- domain.model.Card
    published timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON model TO mingchu_api, mingchu_ingest;

ALTER TABLE camera ADD COLUMN model text REFERENCES model (release);  -- NULL: the one that its edge ships
GRANT SELECT (model), INSERT (mode, weight, model), UPDATE (mode, weight, model) ON camera TO mingchu_api;
