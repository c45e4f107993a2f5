-- What the office over all benches shows besides the benches' own tables.

-- The quarantine, without what its events say.
ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
CREATE POLICY viewed_site ON quarantine FOR SELECT TO station_viewer USING (bench IN (SELECT b.bench FROM bench b));
GRANT SELECT (bench, journal, seq, hash, at, kind, why, arrived) ON quarantine TO station_viewer;

-- How many items a site is to tag.
CREATE TABLE goal (
    name text COLLATE "C" PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 100),
    site text COLLATE "C" NOT NULL CHECK (length(site) <= 100),
    total bigint NOT NULL CHECK (total > 0)
);
ALTER TABLE goal OWNER TO station_owner;
ALTER TABLE goal ENABLE ROW LEVEL SECURITY;
CREATE POLICY viewed_site ON goal FOR SELECT TO station_viewer USING (is_viewed(site));
GRANT SELECT ON goal TO station_viewer;

-- Pages about one item or tag find its events. Row security lets a session use these indexes only if the function cannot
-- tell anything of rows that the session may not see: it raises no error, and only a superuser may say so. Otherwise the
-- pages are as right, and slow.
CREATE INDEX event_barcode ON event (json_extract(payload, '$.barcode')) WHERE json_extract(payload, '$.barcode') IS NOT NULL;
CREATE INDEX event_uid ON event (json_extract(payload, '$.uid')) WHERE json_extract(payload, '$.uid') IS NOT NULL;
DO $$
BEGIN
    ALTER FUNCTION json_extract(bytea, text) LEAKPROOF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'not as superuser: pages about one item are slow';
END $$;
