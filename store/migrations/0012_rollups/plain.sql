-- Drops the daily partitions that end at or before the given time, and what lies before it in the default one.
CREATE FUNCTION reading_forget(before timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET lock_timeout = '5s' AS $$
DECLARE
    name text;
    gone bigint := 0;
    strays bigint;
BEGIN
    FOR name IN SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'reading'::regclass AND relname ~ '^reading_[0-9]{8}$'
            AND (to_date(right(relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' <= before LOOP
        EXECUTE format('DROP TABLE %I', name);
        gone := gone + 1;
    END LOOP;
    DELETE FROM reading_other WHERE time < before;
    GET DIAGNOSTICS strays = ROW_COUNT;
    RETURN gone + strays;
END $$;
