-- The audit log's numbers follow its chain (ADR 27). Before, a row took its number before it waited for its turn in
-- the chain: two at once could be chained in one order and numbered in the other, and a third could follow the wrong one.
CREATE OR REPLACE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE previous bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('mingchu.audit'));
    NEW.id := nextval(pg_get_serial_sequence('audit', 'id'));
    SELECT hash INTO previous FROM audit ORDER BY id DESC LIMIT 1;
    NEW.hash := sha256(coalesce(previous, ''::bytea) || convert_to(jsonb_build_array(
        extract(epoch FROM NEW.at), NEW.person_id, NEW.action, NEW.detail)::text, 'UTF8'));
    RETURN NEW;
END $$;

-- Rows before this one may follow a near one instead of the one before; the verifier knows it by this row.
INSERT INTO audit (action) SELECT 'chain_ordered' WHERE EXISTS (SELECT FROM audit);
