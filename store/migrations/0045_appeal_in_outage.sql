-- A clock that an outage had stopped before somebody appealed stands still since then (ADR 54): a rejected appeal gives
-- back all of that time, not its own alone.
CREATE OR REPLACE FUNCTION give_back_appeal(wanted bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE one appeal;
BEGIN
    SELECT * INTO one FROM appeal WHERE alert_id = wanted AND verdict = 'rejected';
    IF NOT FOUND THEN RETURN; END IF;
    -- The deadline of class I did not wait.
    UPDATE alert SET due = due + (one.decided - one.at) WHERE id = wanted AND severity <> 1;
    UPDATE clock SET due = due + (one.decided - least(one.at, paused)), paused = NULL
        WHERE alert_id = wanted AND done IS NULL AND paused IS NOT NULL;
END $$;
