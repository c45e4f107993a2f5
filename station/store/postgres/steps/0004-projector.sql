-- How far the projector is with the events of each bench. `hash`: of event `seq`, the last that was applied. An event that
-- cannot be applied stops its bench's tables: `stopped_seq` names it.
CREATE TABLE projected (
    seq bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT '',
    stopped_seq bigint,
    why text,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench') PRIMARY KEY REFERENCES bench,
    CHECK ((stopped_seq IS NULL) = (why IS NULL))
);
CALL only_own_bench('projected');
CREATE POLICY every_bench ON projected FOR SELECT TO station_owner USING (true);
GRANT SELECT ON projected TO station_owner;
ALTER TABLE projected OWNER TO station_owner;
