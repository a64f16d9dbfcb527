-- The live view. Operators see no edges, yet their requests must reach the edge of a camera that they may see: the
-- api asks for a camera that its own scope has shown it.
CREATE FUNCTION edge_of_camera(wanted bigint) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT edge.code FROM camera JOIN edge ON edge.id = camera.edge_id WHERE camera.id = wanted $$;
REVOKE EXECUTE ON FUNCTION edge_of_camera FROM PUBLIC;
GRANT EXECUTE ON FUNCTION edge_of_camera TO mingchu_api;
