-- How long what is kept, in days; an administrator may change it.
CREATE TABLE retention (
    kind text PRIMARY KEY CHECK (kind IN ('reading', 'rollup', 'transaction', 'device_event', 'ledger', 'dead_letter')),
    days integer NOT NULL CHECK (days > 0)
);
INSERT INTO retention VALUES ('reading', 90), ('rollup', 730), ('transaction', 730), ('device_event', 730),
    ('ledger', 90), ('dead_letter', 90);
GRANT SELECT ON retention TO mingchu_ingest, mingchu_alerts, mingchu_api;

CREATE INDEX ON transaction USING brin (time);
CREATE INDEX ON device_event USING brin (time);
CREATE INDEX ON ledger USING brin (received);
CREATE INDEX ON dead_letter (last);

-- Forgets what is older than its kind is kept; returns how much of it, in chunks, partitions or rows.
CREATE FUNCTION forget(wanted text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    before timestamptz;
    gone bigint;
BEGIN
    SELECT now() - make_interval(days => days) INTO STRICT before FROM retention WHERE kind = wanted;
    CASE wanted
        WHEN 'reading' THEN RETURN reading_forget(before);
        WHEN 'rollup' THEN RETURN rollup_forget(before);
        WHEN 'transaction' THEN DELETE FROM transaction WHERE time < before;
        WHEN 'device_event' THEN DELETE FROM device_event WHERE time < before;
        WHEN 'ledger' THEN DELETE FROM ledger WHERE received < before;
        WHEN 'dead_letter' THEN DELETE FROM dead_letter WHERE last < before;
    END CASE;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
REVOKE EXECUTE ON FUNCTION forget, reading_forget, rollup_forget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget, reading_forget, rollup_forget TO mingchu_ingest;

-- Sales by scale and day, exact at every moment: what lands is added in the same transaction.
CREATE TABLE transaction_1d (
    device_id bigint NOT NULL REFERENCES device (id),
    day date NOT NULL,  -- of the site's own time zone
    n bigint NOT NULL,
    net_g double precision NOT NULL,
    amount double precision NOT NULL,  -- fen
    first timestamptz NOT NULL,
    last timestamptz NOT NULL,
    PRIMARY KEY (device_id, day)
);
CREATE INDEX ON transaction_1d (day, device_id) INCLUDE (n, net_g, amount);

CREATE FUNCTION add_sales() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO transaction_1d AS already
        SELECT sold.device_id, (sold.time AT TIME ZONE coalesce(site.schedule->>'timezone', 'Asia/Shanghai'))::date,
            count(*), sum(net_g), sum(amount), min(time), max(time)
        FROM sold JOIN device ON device.id = sold.device_id JOIN site ON site.id = device.site_id
        GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (device_id, day) DO UPDATE
            SET n = already.n + excluded.n, net_g = already.net_g + excluded.net_g, amount = already.amount + excluded.amount,
                first = least(already.first, excluded.first), last = greatest(already.last, excluded.last);
    RETURN NULL;
END $$;
CREATE TRIGGER add_sales AFTER INSERT ON transaction REFERENCING NEW TABLE AS sold
    FOR EACH STATEMENT EXECUTE FUNCTION add_sales();
INSERT INTO transaction_1d
    SELECT transaction.device_id, (time AT TIME ZONE coalesce(site.schedule->>'timezone', 'Asia/Shanghai'))::date,
        count(*), sum(net_g), sum(amount), min(time), max(time)
    FROM transaction JOIN device ON device.id = transaction.device_id JOIN site ON site.id = device.site_id GROUP BY 1, 2;

ALTER TABLE transaction_1d ENABLE ROW LEVEL SECURITY;
CREATE POLICY services ON transaction_1d TO mingchu_ingest, mingchu_alerts USING (true);
CREATE POLICY scope ON transaction_1d TO mingchu_api
    USING (EXISTS (SELECT FROM device WHERE device.id = transaction_1d.device_id));
GRANT SELECT ON transaction_1d TO mingchu_ingest, mingchu_alerts, mingchu_api;
