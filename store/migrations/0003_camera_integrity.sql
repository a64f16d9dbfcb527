-- What a camera's integrity is judged by (domain.camera.Integrity). `view`: the number of the view that is enrolled as
-- its baseline; `turns`: it is meant to turn; `replay`: loops are looked for.
ALTER TABLE camera
    ADD COLUMN view integer NOT NULL DEFAULT 1 CHECK (view >= 1),
    ADD COLUMN turns boolean NOT NULL DEFAULT false,
    ADD COLUMN replay boolean NOT NULL DEFAULT false;
