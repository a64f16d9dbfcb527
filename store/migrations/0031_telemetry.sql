-- Messages of which something was left out, whole, so that it can be stored once its profile knows it (ADR 48). One partial
-- dead letter stands for all of a topic and a reason; here are its messages, each once, up to a bound.
CREATE TABLE leftover (
    letter_id bigint NOT NULL REFERENCES dead_letter (id) ON DELETE CASCADE,
    key uuid NOT NULL,  -- the message's own
    heard timestamptz NOT NULL,  -- by which its time was judged, and will be again
    payload bytea NOT NULL,
    landed text[] NOT NULL,  -- the metrics of it that are stored
    PRIMARY KEY (letter_id, key)
);
ALTER TABLE dead_letter ADD COLUMN kept integer NOT NULL DEFAULT 0;  -- how many leftovers it has

GRANT SELECT, INSERT, DELETE, UPDATE (landed) ON leftover TO mingchu_ingest;
GRANT UPDATE (kept) ON dead_letter TO mingchu_ingest;

CREATE FUNCTION letters_forget(before timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    gone bigint;
BEGIN
    WITH old AS (DELETE FROM leftover WHERE heard < before RETURNING letter_id)
    UPDATE dead_letter SET kept = kept - n FROM (SELECT letter_id, count(*) AS n FROM old GROUP BY 1) AS fewer
        WHERE id = letter_id;
    DELETE FROM dead_letter WHERE last < before;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
REVOKE EXECUTE ON FUNCTION letters_forget FROM PUBLIC;

CREATE OR REPLACE FUNCTION forget(wanted text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    before timestamptz;
    gone bigint;
BEGIN
    SELECT now() - make_interval(days => days) INTO STRICT before FROM retention WHERE kind = wanted;
    CASE wanted
        WHEN 'reading' THEN RETURN reading_forget(before);
        WHEN 'rollup' THEN RETURN rollup_forget(before);
        WHEN 'ledger' THEN RETURN ledger_forget(before);
        WHEN 'dead_letter' THEN RETURN letters_forget(before);
        WHEN 'transaction' THEN DELETE FROM transaction WHERE time < before;
        WHEN 'device_event' THEN DELETE FROM device_event WHERE time < before;
    END CASE;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;

-- Beside a newest reading that is out of range: the last one before it that is not. Rules take it as if nothing came since.
ALTER TABLE reading_latest ADD COLUMN trusted_time timestamptz, ADD COLUMN trusted_value double precision;
