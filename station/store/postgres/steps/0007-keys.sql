-- A bench that leaves ends its key.

SET LOCAL ROLE station_owner;

-- No key has the digest of zeros.
CREATE FUNCTION end_key(of_bench text) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
    UPDATE bench b SET key_digest = decode(repeat('00', 32), 'hex') WHERE b.bench = of_bench
$$;

-- The bench leaves. Another machine with the same key and journal does not end the key. `outcome`: 'taken' or 'moved'.
CREATE FUNCTION leave_bench(sender text, of_machine bytea, OUT outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    outcome := CASE WHEN is_machine(sender, of_machine) THEN 'taken' ELSE 'moved' END;
    IF outcome = 'taken' THEN
        PERFORM end_key(sender);
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION leave_bench TO station_receiver;
RESET ROLE;
