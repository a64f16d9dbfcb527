-- Drops the chunks that end at or before the given time.
CREATE FUNCTION reading_forget(before timestamptz) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS
    $$ SELECT count(*) FROM drop_chunks('reading', before) $$;
