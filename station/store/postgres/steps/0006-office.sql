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
