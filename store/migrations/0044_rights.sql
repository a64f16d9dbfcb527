-- What a review of the rights found (ADR 54): messages are their tenant's also while nobody could read them; functions
-- with the owner's rights look where their authors meant, and answer the service that they were written for.

-- A refused message is seen and replayed by whoever sees the site or the edge under whose topic it came; one of no
-- place that is known, by whoever has the whole tree.
ALTER TABLE dead_letter ENABLE ROW LEVEL SECURITY;
CREATE POLICY services ON dead_letter TO mingchu_ingest USING (true) WITH CHECK (true);
CREATE POLICY scope ON dead_letter TO mingchu_api USING (
    EXISTS (SELECT FROM site WHERE site.code = CASE split_part(topic, '/', 1)
        WHEN 'mc' THEN split_part(topic, '/', 3) WHEN 'mx' THEN split_part(topic, '/', 3)
        WHEN 'spBv1.0' THEN split_part(topic, '/', 2) END)
    OR EXISTS (SELECT FROM edge WHERE edge.code = split_part(topic, '/', 4) AND starts_with(topic, 'mc/v1/edge/'))
    OR (SELECT has_whole_tree()));

-- Of functions with the owner's rights. A name is looked up among a session's own temporary tables first, unless they are
-- named last: whoever made one of the name `person` had it written to with the owner's rights. And what is nobody's in
-- particular is every service's: a password's hash, all that was ever measured. Called again when functions are made anew.
CREATE PROCEDURE guard_functions() LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
        AND 'search_path=public' = ANY (proconfig) LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', one);
    END LOOP;
    REVOKE EXECUTE ON FUNCTION person_by_login, person_by_session, edge_credential, scope_is_whole, reading_partitions,
        reading_forget, rollup_forget FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION person_by_login, person_by_session, edge_credential, scope_is_whole TO mingchu_api;
    GRANT EXECUTE ON FUNCTION reading_partitions, reading_forget, rollup_forget TO mingchu_ingest;
END $$;
REVOKE EXECUTE ON PROCEDURE guard_functions FROM PUBLIC;
CALL guard_functions();

-- What is done stays as it was signed: nothing is taken out of it either.
CREATE OR REPLACE FUNCTION inspection_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE one bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.inspection_id ELSE NEW.inspection_id END;
BEGIN
    PERFORM FROM inspection WHERE id = one AND done IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'inspection % is done', one;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER still_open BEFORE DELETE ON inspection_paper FOR EACH ROW EXECUTE FUNCTION inspection_is_open();
