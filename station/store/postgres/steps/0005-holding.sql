-- The ledger of tags across all benches, made by `station/fleet/ledger.py` from the copies of their events.

-- How far the ledger is with each timeline.
CREATE TABLE ledger_place (
    journal text COLLATE "C" PRIMARY KEY,
    seq bigint NOT NULL
);

-- Each change of a tag, and each look that found a tag as it should be. A lost part of a journal keeps its rows: these tags
-- were written.
CREATE TABLE tag_write (
    journal text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,  -- of the event that began it
    ended_seq bigint,  -- of the event that proved the tag; NULL = none yet
    place bigint GENERATED ALWAYS AS IDENTITY,  -- orders the changes of one bench
    bench text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    attempt text COLLATE "C" NOT NULL,
    uid text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,  -- '' = the tag carries no item, or none that is known
    part bigint NOT NULL,
    parts bigint NOT NULL,
    before bytea,  -- digest of the memory, '' = blank; NULL = not known, or nothing was written
    after bytea,
    replaces text COLLATE "C" NOT NULL,  -- UID of the tag that this part had before; '' = none
    lost boolean NOT NULL,  -- the bench continued from an older copy of its journal, without this event
    PRIMARY KEY (journal, seq)
);
CREATE INDEX tag_write_attempt ON tag_write (journal, attempt) WHERE ended_seq IS NULL;
CREATE INDEX tag_write_uid ON tag_write (uid, place) WHERE ended_seq IS NOT NULL;
CREATE INDEX tag_write_bench ON tag_write (bench);
CREATE INDEX tag_write_item ON tag_write (barcode, part) WHERE ended_seq IS NOT NULL AND barcode <> '';

-- What each tag carries now, by its newest write of all benches.
CREATE TABLE holding (
    uid text COLLATE "C" PRIMARY KEY,
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    parts bigint NOT NULL,
    bench text COLLATE "C" NOT NULL,
    journal text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,  -- of the event that proved the tag
    at text COLLATE "C" NOT NULL,
    certain boolean NOT NULL,  -- false = the events of the benches leave open which write is the newest
    lost boolean NOT NULL  -- as of the write
);
CREATE INDEX holding_item ON holding (barcode, part);
CREATE INDEX holding_bench ON holding (bench);

ALTER TABLE holding ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_bench ON holding TO station_projector, station_owner USING (true);
CREATE POLICY viewed_site ON holding FOR SELECT TO station_viewer USING (bench IN (SELECT b.bench FROM bench b));
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_place, tag_write, holding TO station_projector;
GRANT SELECT ON holding TO station_viewer;
