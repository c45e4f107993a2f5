-- The ledger of tags across all benches, made by `station/fleet/ledger.py` from the copies of their events.

SET LOCAL ROLE station_owner;

-- How far the ledger is with each timeline.
CREATE TABLE ledger_place (
    journal text COLLATE "C" PRIMARY KEY,
    seq bigint NOT NULL,
    until bigint NOT NULL,  -- the newest event when the ledger began with the timeline
    stopped boolean NOT NULL DEFAULT false  -- at an event that cannot be read
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
CREATE INDEX tag_write_uid ON tag_write (uid, place);
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

-- Two tags of one part that different benches wrote, neither of which knew of the other's. The bench of `uid`, the later one
-- by their clocks unless its journal lost the write, opens a correction.
CREATE TABLE second_tag (
    uid text COLLATE "C" NOT NULL,
    other_uid text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    bench text COLLATE "C" NOT NULL,
    other_bench text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    other_at text COLLATE "C" NOT NULL,
    PRIMARY KEY (uid, other_uid)
);
CREATE INDEX second_tag_item ON second_tag (barcode, part);
CREATE INDEX second_tag_bench ON second_tag (bench);

ALTER TABLE second_tag ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_bench ON second_tag TO station_projector, station_owner USING (true);
CREATE POLICY viewed_site ON second_tag FOR SELECT TO station_viewer USING (bench IN (SELECT b.bench FROM bench b));
ALTER TABLE holding ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_bench ON holding TO station_projector, station_owner USING (true);
CREATE POLICY viewed_site ON holding FOR SELECT TO station_viewer USING (bench IN (SELECT b.bench FROM bench b));
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_place, tag_write, holding, second_tag TO station_projector;
GRANT SELECT ON holding, second_tag TO station_viewer;

-- False while the ledger is made again: it then knows an earlier state of a tag, which must not stop anybody.
CREATE FUNCTION ledger_is_made() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN NOT EXISTS (SELECT FROM ledger_place p WHERE p.seq < p.until AND NOT p.stopped)
    AND NOT EXISTS (SELECT FROM timeline t WHERE t.current AND t.head_seq >= t.first_seq
        AND NOT EXISTS (SELECT FROM timeline o JOIN ledger_place p USING (journal) WHERE o.bench = t.bench));

-- How far the ledger is with the present timeline of a bench. No row while the ledger is made again.
CREATE FUNCTION ledger_place_of(sender text) RETURNS TABLE (journal text, seq bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.id, coalesce(p.seq, 0) FROM timeline t LEFT JOIN ledger_place p USING (journal)
    WHERE t.bench = sender AND t.current AND ledger_is_made()
$$;

-- What a bench cannot know of an item or a tag. `held`: another bench, or a lost part of its own journal, wrote this tag last.
-- Not `held`: its own tag that no longer carries what it wrote, or that another tag replaced. A tag that was written in a past
-- that it shares with another bench is its own, too. Only what is certain.
CREATE FUNCTION tags_elsewhere(sender text, of_barcode text, of_uid text)
    RETURNS TABLE (held boolean, uid text, barcode text, part bigint, parts bigint, bench text, at text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    (SELECT true, h.uid, h.barcode, h.part, h.parts, b.name, h.at
        FROM holding h JOIN bench b USING (bench)
        WHERE h.certain AND (h.lost OR h.bench <> sender) AND (h.uid = of_uid OR (of_barcode <> '' AND h.barcode = of_barcode))
        ORDER BY h.part, h.uid LIMIT 50)
    UNION ALL
    (SELECT DISTINCT false, w.uid, w.barcode, w.part, w.parts, '', ''
        FROM tag_write w
        WHERE NOT w.lost AND (w.bench = sender OR EXISTS (
            SELECT FROM timeline t JOIN timeline o USING (id)
            WHERE t.bench = sender AND o.journal = w.journal AND w.ended_seq <= least(t.shared_seq, t.last_seq)))
        AND w.ended_seq IS NOT NULL AND w.barcode <> ''
        AND (w.uid = of_uid OR (of_barcode <> '' AND w.barcode = of_barcode))
        AND NOT EXISTS (SELECT FROM holding h WHERE h.uid = w.uid
            AND (NOT h.certain OR (h.barcode, h.part) = (w.barcode, w.part)))
        ORDER BY 2 LIMIT 50)
$$;

-- The second tags that a bench wrote, the newest first. One of which an event waits for the projector is left out: the event may
-- end it. Events of other items do not count, since some of a busy fleet always wait.
CREATE FUNCTION second_tags_of(sender text)
    RETURNS TABLE (uid text, barcode text, part bigint, other_uid text, bench text, at text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.uid, s.barcode, s.part, s.other_uid, b.name, s.other_at
    FROM second_tag s JOIN bench b ON b.bench = s.other_bench
    WHERE s.bench = sender AND ledger_is_made()
    AND NOT EXISTS (SELECT FROM timeline t JOIN ledger_place p USING (journal) JOIN event e USING (journal)
        WHERE p.seq < t.head_seq AND NOT p.stopped AND e.seq > p.seq
        AND (position(convert_to(s.barcode, 'UTF8') IN e.payload) > 0 OR position(convert_to(s.uid, 'UTF8') IN e.payload) > 0
            OR position(convert_to(s.other_uid, 'UTF8') IN e.payload) > 0))
    ORDER BY s.at DESC, s.uid, s.other_uid LIMIT 100
$$;
GRANT EXECUTE ON FUNCTION ledger_place_of, tags_elsewhere, second_tags_of TO station_receiver;
RESET ROLE;
