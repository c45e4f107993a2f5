-- Exact copies of the benches' journals. Only functions of `station_owner` write them, and each event proves itself there:
-- its hash is recomputed from the event before it, its payload and the intents of its deliveries.

DO $$
DECLARE
    made text;
BEGIN
    FOREACH made IN ARRAY ARRAY['station_owner', 'station_receiver', 'station_projector', 'station_viewer'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I %s', made, CASE made WHEN 'station_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
        EXCEPTION WHEN duplicate_object THEN NULL;  -- another center of the same server
        END;
    END LOOP;
    EXECUTE format('GRANT station_owner TO %I', current_user);
    -- TEMPORARY is revoked, too: no caller makes a table that a function of the owner could read instead of its own.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO station_receiver, station_projector, station_viewer', current_database());
END $$;
REVOKE ALL ON FUNCTION payload_json FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payload_json TO station_owner, station_projector;
GRANT USAGE, CREATE ON SCHEMA public TO station_owner;
SET LOCAL ROLE station_owner;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE bench (
    bench text COLLATE "C" PRIMARY KEY DEFAULT left(replace(gen_random_uuid()::text, '-', ''), 12),
    name text COLLATE "C" NOT NULL CHECK (length(name) <= 100),
    site text COLLATE "C" NOT NULL CHECK (length(site) <= 100),
    key_digest bytea NOT NULL CHECK (octet_length(key_digest) = 32),
    joined timestamptz NOT NULL DEFAULT now(),
    seen timestamptz,  -- its last batch or heartbeat
    machine bytea CHECK (octet_length(machine) = 32),  -- digest of its machine and journal file; NULL = take the next one
    adopted_with text COLLATE "C",  -- the newest journal id when it was adopted; NULL = it was not
    moved timestamptz,  -- when another machine last used its key and journal; NULL = none since a person said so
    refused bigint NOT NULL DEFAULT 0,  -- requests that were refused before they were decoded; of too many, one a minute
    refused_at timestamptz,  -- the last of them
    snapshot jsonb CHECK (octet_length(snapshot::text) <= 8192)  -- its last heartbeat: domain/heartbeat.py
);

CREATE TABLE invitation (
    code_digest bytea PRIMARY KEY CHECK (octet_length(code_digest) = 32),
    site text COLLATE "C" NOT NULL CHECK (length(site) <= 100),
    again text COLLATE "C" REFERENCES bench,  -- the bench that gets another key, on a new machine; NULL = a new bench
    expires timestamptz NOT NULL,
    used timestamptz
);

-- A part of a bench's journal with one journal id. A bench that was made of a copy of another bench's journal has a copy of
-- that part, too, up to where it went its own way: `station fleet adopt`.
CREATE TABLE timeline (
    journal text COLLATE "C" PRIMARY KEY,  -- names this copy: the id, and for the copy of an adopted bench its bench, too
    id text COLLATE "C" NOT NULL CHECK (id ~ '^[0-9a-f]{16}$')  -- the journal id: the hashes are over it
        GENERATED ALWAYS AS (split_part(journal, '.', 1)) STORED,
    bench text COLLATE "C" NOT NULL REFERENCES bench,
    parent text COLLATE "C" REFERENCES timeline,
    first_seq bigint NOT NULL CHECK (first_seq > 0),
    last_seq bigint,  -- its last event on the bench's present path, first_seq - 1 = none; NULL = the path ends here
    head_seq bigint NOT NULL,
    head bytea NOT NULL CHECK (octet_length(head) = 32),
    current boolean NOT NULL,
    shared_seq bigint NOT NULL DEFAULT 0,  -- up to here an earlier bench has the same events
    place bigint GENERATED ALWAYS AS IDENTITY,  -- in the order in which the timelines began
    UNIQUE (bench, id),
    CHECK (journal IN (id, id || '.' || bench)),
    CHECK (head_seq >= first_seq - 1 AND current = (last_seq IS NULL))
);
CREATE UNIQUE INDEX timeline_current ON timeline (bench) WHERE current;

CREATE TABLE event (
    journal text COLLATE "C" NOT NULL REFERENCES timeline,
    seq bigint NOT NULL CHECK (seq > 0),
    at text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    payload bytea NOT NULL,
    deliveries bytea NOT NULL CHECK (octet_length(deliveries) IN (0, 32)),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    arrived timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (journal, seq)
);

-- What the outbox needs to be made again: the chain holds only the digest of the intents.
CREATE TABLE delivery (
    journal text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    system text COLLATE "C" NOT NULL,
    place integer NOT NULL CHECK (place >= 0),
    lane text COLLATE "C" NOT NULL,
    intent bytea NOT NULL,
    not_before text COLLATE "C" NOT NULL,
    PRIMARY KEY (journal, seq, system, place),
    FOREIGN KEY (journal, seq) REFERENCES event
);

-- Events that were refused. They are shown, and never merged.
CREATE TABLE quarantine (
    bench text COLLATE "C" NOT NULL REFERENCES bench,
    journal text COLLATE "C" NOT NULL,  -- as the sender stated it
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    at text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    payload bytea NOT NULL,
    deliveries jsonb NOT NULL,
    why text NOT NULL CHECK (why IN ('fork', 'foreign', 'hash', 'timeline')),
    arrived timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (bench, journal, seq, hash)
);

CREATE VIEW events AS  -- each bench's own path through its timelines
    SELECT t.bench, t.id, e.* FROM timeline t JOIN event e USING (journal) WHERE t.current OR e.seq <= t.last_seq;
CREATE VIEW lost_events AS  -- what came after the event from which an older copy continued
    SELECT t.bench, e.* FROM timeline t JOIN event e USING (journal) WHERE e.seq > t.last_seq;

CREATE FUNCTION journal_genesis(journal text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT
RETURN sha256(convert_to(E'station-journal-1\n' || journal || E'\n', 'UTF8'));

CREATE FUNCTION journal_hash(
    before bytea, journal text, seq bigint, at text, kind text, deliveries bytea, payload bytea
) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT
RETURN sha256(
    before
    || convert_to(
        E'station-journal-1\n' || journal || E'\n' || seq || E'\n' || at || E'\n' || kind || E'\n'
        || encode(deliveries, 'hex') || E'\n' || octet_length(payload) || E'\n', 'UTF8')
    || payload
);

-- What a bench's copy of the events with a journal id is called: by the id, unless another bench has some of them.
CREATE FUNCTION copy_name(of_id text, of_bench text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp
RETURN CASE WHEN EXISTS (SELECT FROM timeline t WHERE t.journal = of_id) THEN of_id || '.' || of_bench ELSE of_id END;

CREATE FUNCTION sized(field bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT
RETURN int8send(octet_length(field)) || field;

-- Which timeline an event `timeline-began` begins. All NULL for a payload that cannot be read.
CREATE FUNCTION began_timeline(
    payload bytea, OUT journal text, OUT parent text, OUT parent_seq bigint, OUT parent_hash text
)
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = public, pg_temp AS $$
DECLARE
    fields jsonb;
BEGIN
    fields := payload_json(payload);
    journal := fields ->> 'journal';
    parent := fields ->> 'parent';
    parent_seq := coalesce((fields ->> 'parent_seq')::bigint, 0);  -- an event omits zeros
    parent_hash := fields ->> 'parent_hash';
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    journal := NULL;
END $$;

-- Is this the machine of the bench? A bench without one takes it. Another machine is written down in `moved`.
CREATE FUNCTION is_machine(sender text, of_machine bytea) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(of_machine, '') = '' THEN
        RETURN true;  -- it is not stated
    END IF;
    UPDATE bench b SET machine = of_machine WHERE b.bench = sender AND b.machine IS NULL;
    UPDATE bench b SET moved = clock_timestamp() WHERE b.bench = sender AND b.machine <> of_machine;
    RETURN NOT FOUND;
END $$;

-- Take events that follow event `base_seq` of `base_journal`, whose hash the sender states. `outcome`: 'taken', else why the
-- first event that was not taken was refused. The events before it are taken. The head is that of the bench's present
-- timeline.
CREATE FUNCTION receive_events(
    sender text, base_journal text, base_seq bigint, base_hash bytea,
    times text[], kinds text[], payloads bytea[], hashes bytea[],
    delivery_seqs bigint[], systems text[], places integer[], lanes text[], intents bytea[], not_befores text[],
    of_machine bytea,
    OUT outcome text, OUT head_journal text, OUT head_seq bigint, OUT head bytea
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    most_kept CONSTANT bigint := 20000;  -- events of one bench in quarantine
    line timeline;  -- to which the next event belongs
    known timeline;
    began record;
    stored bytea;
    computed bytea;
    digest bytea;
    before bytea := base_hash;
    number bigint := base_seq;
    position integer := 1;
    of_journal text := base_journal;
    begins boolean;
BEGIN
    outcome := 'taken';
    PERFORM FROM bench b WHERE b.bench = sender FOR UPDATE;  -- one batch of a bench at a time
    SELECT * INTO line FROM timeline t WHERE t.id = base_journal AND t.bench = sender;
    IF NOT FOUND THEN
        outcome := 'foreign';
    ELSIF NOT is_machine(sender, of_machine) THEN
        outcome := 'moved';
    ELSE
        SELECT e.hash INTO stored FROM event e WHERE e.journal = line.journal AND e.seq = base_seq;
        IF base_seq = 0 AND line.parent IS NULL THEN
            stored := journal_genesis(base_journal);
        END IF;
        outcome := CASE WHEN stored IS NULL THEN 'gap' WHEN stored <> base_hash THEN 'fork' ELSE 'taken' END;
    END IF;

    WHILE outcome = 'taken' AND position <= cardinality(hashes) LOOP
        number := base_seq + position;
        begins := kinds[position] = 'timeline-began';
        IF begins THEN
            SELECT * INTO began FROM began_timeline(payloads[position]);
            IF (began.parent, began.parent_seq, began.parent_hash)
                    IS DISTINCT FROM (line.id, number - 1, encode(before, 'hex'))
                    OR began.journal IS NULL OR began.journal !~ '^[0-9a-f]{16}$' THEN
                outcome := 'timeline';
                EXIT;
            END IF;
            of_journal := began.journal;
            SELECT * INTO known FROM timeline t WHERE t.id = of_journal AND t.bench = sender;
            IF (FOUND AND (known.parent, known.first_seq) IS DISTINCT FROM (line.journal, number))
                    OR (NOT FOUND AND NOT may_begin(of_journal, sender, line.id, number)) THEN
                outcome := 'foreign';
                EXIT;
            END IF;
        END IF;
        SELECT coalesce(sha256(string_agg(
                sized(convert_to(d.system, 'UTF8')) || sized(convert_to(d.lane, 'UTF8')) || sized(d.intent), ''
                ORDER BY d.system COLLATE "C", d.lane COLLATE "C", d.intent)), '')
            INTO digest
            FROM unnest(delivery_seqs, systems, lanes, intents) AS d (seq, system, lane, intent)
            WHERE d.seq = number;
        computed := journal_hash(before, of_journal, number, times[position], kinds[position], digest, payloads[position]);
        IF computed IS DISTINCT FROM hashes[position] THEN
            outcome := 'hash';
            EXIT;
        END IF;
        IF begins THEN
            UPDATE timeline t SET head_seq = line.head_seq, head = line.head, shared_seq = line.shared_seq
                WHERE t.journal = line.journal;
            IF known.journal IS NULL THEN
                PERFORM begin_timeline(of_journal, sender, line.journal, number, before);
            END IF;
            SELECT * INTO line FROM timeline t WHERE t.id = of_journal AND t.bench = sender;
        END IF;
        IF number <= line.head_seq THEN
            SELECT e.hash INTO stored FROM event e WHERE e.journal = line.journal AND e.seq = number;
            IF stored IS DISTINCT FROM computed THEN
                outcome := 'fork';
                EXIT;
            END IF;
        ELSIF NOT line.current THEN
            outcome := 'fork';
            EXIT;
        ELSE
            INSERT INTO event (journal, seq, at, kind, payload, deliveries, hash) VALUES
                (line.journal, number, times[position], kinds[position], payloads[position], digest, computed);
            INSERT INTO delivery (journal, seq, system, place, lane, intent, not_before)
                SELECT line.journal, d.seq, d.system, d.place, d.lane, d.intent, d.not_before
                FROM unnest(delivery_seqs, systems, places, lanes, intents, not_befores)
                    AS d (seq, system, place, lane, intent, not_before)
                WHERE d.seq = number;
            line.head_seq := number;
            line.head := computed;
            IF line.journal <> line.id AND EXISTS (
                    SELECT FROM timeline o JOIN event e USING (journal)
                    WHERE o.id = line.id AND o.place < line.place AND e.seq = number AND e.hash = computed) THEN
                line.shared_seq := number;
            END IF;
        END IF;
        before := computed;
        position := position + 1;
    END LOOP;

    IF line.journal IS NOT NULL THEN
        UPDATE timeline t SET head_seq = line.head_seq, head = line.head, shared_seq = line.shared_seq
            WHERE t.journal = line.journal;
    END IF;
    IF outcome NOT IN ('taken', 'gap', 'moved') AND (SELECT count(*) FROM quarantine q WHERE q.bench = sender) < most_kept THEN
        INSERT INTO quarantine (bench, journal, seq, hash, at, kind, payload, deliveries, why)
            SELECT sender, of_journal, base_seq + e.place, e.hash, e.at, e.kind, e.payload,
                (SELECT coalesce(jsonb_agg(jsonb_build_array(d.system, d.place, d.lane, encode(d.intent, 'hex'), d.not_before)), '[]')
                    FROM unnest(delivery_seqs, systems, places, lanes, intents, not_befores)
                        AS d (seq, system, place, lane, intent, not_before)
                    WHERE d.seq = base_seq + e.place),
                outcome
            FROM unnest(times, kinds, payloads, hashes) WITH ORDINALITY AS e (at, kind, payload, hash, place)
            WHERE e.place >= position
            ON CONFLICT DO NOTHING;
    END IF;
    UPDATE bench b SET seen = clock_timestamp() WHERE b.bench = sender AND outcome <> 'moved';
    SELECT t.id, t.head_seq, t.head INTO head_journal, head_seq, head
        FROM timeline t WHERE t.bench = sender AND t.current;
END $$;

-- Whether a timeline is the bench's own. An adopted bench owns its timelines from `adopted_with` on. It shares the earlier
-- ones with the bench whose journal was copied.
CREATE FUNCTION is_own(of_bench text, of_id text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp
RETURN (
    SELECT b.adopted_with IS NULL OR b.adopted_with = of_id OR EXISTS (
        SELECT FROM timeline a WHERE a.bench = of_bench AND a.id = b.adopted_with AND NOT EXISTS (
            SELECT FROM timeline t WHERE t.bench = of_bench AND t.id = of_id AND t.place < a.place))
    FROM bench b WHERE b.bench = of_bench);

-- Whether a bench may begin a timeline that it does not have yet. If another bench has the timeline, both must begin it at the
-- same event, and one of the two benches must share it rather than own it. Either bench may send it first.
CREATE FUNCTION may_begin(new text, of_bench text, of_parent text, begins_at bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp
RETURN NOT EXISTS (
    SELECT FROM timeline o LEFT JOIN timeline p ON p.journal = o.parent
    WHERE o.id = new AND ((p.id, o.first_seq) IS DISTINCT FROM (of_parent, begins_at)
        OR (is_own(of_bench, new) AND is_own(o.bench, new))));

-- Let the bench's path go through a new timeline. What its other timelines have beyond the path is lost.
CREATE FUNCTION begin_timeline(new text, of_bench text, of_parent text, begins_at bigint, before bytea) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    child timeline;
BEGIN
    UPDATE timeline SET current = false, last_seq = first_seq - 1 WHERE bench = of_bench;
    INSERT INTO timeline (journal, bench, parent, first_seq, head_seq, head, current)
        VALUES (copy_name(new, of_bench), of_bench, of_parent, begins_at, begins_at - 1, before, true)
        RETURNING * INTO child;
    WHILE child.parent IS NOT NULL LOOP
        UPDATE timeline SET last_seq = child.first_seq - 1 WHERE journal = child.parent RETURNING * INTO child;
    END LOOP;
END $$;

-- Keep how a bench is. `outcome`: 'taken' or 'moved'.
CREATE FUNCTION heard_of(sender text, of_machine bytea, of_snapshot text, OUT outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM bench b WHERE b.bench = sender FOR UPDATE;
    outcome := CASE WHEN is_machine(sender, of_machine) THEN 'taken' ELSE 'moved' END;
    UPDATE bench b SET seen = clock_timestamp(), snapshot = of_snapshot::jsonb
        WHERE b.bench = sender AND outcome = 'taken';
END $$;

-- A request of the bench was too large, could not be read, or was one too many.
CREATE FUNCTION refused_request(sender text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE bench b SET refused = b.refused + 1, refused_at = clock_timestamp() WHERE b.bench = sender
$$;

-- A person says that the bench is on this machine now, and that no other one has its journal.
CREATE FUNCTION move_bench(sender text, of_machine bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE bench b SET machine = of_machine, moved = NULL WHERE b.bench = sender
$$;

-- The key's digest of a bench; NULL for an unknown one.
CREATE FUNCTION key_digest_of(sender text) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
RETURN (SELECT b.key_digest FROM bench b WHERE b.bench = sender);

-- The timelines of the bench's path, the newest first, each with its last event on the path and that event's hash. The
-- oldest is always there.
CREATE FUNCTION path_of(sender text) RETURNS TABLE (journal text, seq bigint, hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.id, coalesce(t.last_seq, t.head_seq), CASE
        WHEN t.current THEN t.head
        WHEN t.last_seq = 0 THEN journal_genesis(t.id)
        ELSE (SELECT e.hash FROM event e WHERE e.journal = t.journal AND e.seq = t.last_seq) END
    FROM timeline t WHERE t.bench = sender AND (t.current OR t.parent IS NULL OR t.last_seq >= t.first_seq)
    ORDER BY t.first_seq DESC, t.current DESC, t.place DESC
$$;

-- Use an invitation once. `of_newest`: the newest journal id of a bench that asks to be adopted; '' = it joins. `outcome`:
-- 'joined', 'no-code', 'known' (the journal belongs to a bench already; for one that asks to be adopted: it has not been
-- continued), or 'unknown' (no bench has a part of the journal of one that asks to be adopted).
CREATE FUNCTION join_bench(
    of_code bytea, of_journal text, of_newest text, of_name text, of_key bytea, OUT outcome text, OUT joined text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    invited invitation;
    shares boolean;
BEGIN
    SELECT * INTO invited FROM invitation i
        WHERE i.code_digest = of_code AND i.used IS NULL AND i.expires > clock_timestamp()
        AND (i.again IS NULL OR of_newest = '') FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'no-code';
        RETURN;
    END IF;
    shares := EXISTS (SELECT FROM timeline t WHERE t.id = of_journal);
    IF invited.again IS NOT NULL THEN
        UPDATE bench b SET key_digest = of_key, machine = NULL, moved = NULL WHERE b.bench = invited.again RETURNING b.bench INTO joined;
    ELSIF of_newest <> '' AND NOT shares THEN
        outcome := 'unknown';
        RETURN;
    ELSIF shares AND (of_newest = '' OR EXISTS (SELECT FROM timeline t WHERE t.id = of_newest)) THEN
        outcome := 'known';
        RETURN;
    ELSE
        INSERT INTO bench (name, site, key_digest, adopted_with)
            VALUES (of_name, invited.site, of_key, nullif(of_newest, '')) RETURNING bench INTO joined;
        INSERT INTO timeline (journal, bench, first_seq, head_seq, head, current)
            VALUES (copy_name(of_journal, joined), joined, 1, 0, journal_genesis(of_journal), true);
    END IF;
    UPDATE invitation i SET used = clock_timestamp() WHERE i.code_digest = of_code;
    outcome := 'joined';
END $$;

-- Events of the bench's path after event `after`: at most 500, or a million bytes.
CREATE FUNCTION copied_events(sender text, after bigint) RETURNS TABLE (seq bigint, at text, kind text, payload bytea, hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.seq, s.at, s.kind, s.payload, s.hash
    FROM (
        SELECT f.*, sum(octet_length(f.payload)) OVER (ORDER BY f.seq) AS bytes, row_number() OVER (ORDER BY f.seq) AS place
        FROM (SELECT * FROM events e WHERE e.bench = sender AND e.seq > after ORDER BY e.seq LIMIT 500) AS f
    ) AS s
    WHERE s.place = 1 OR s.bytes <= 1000000
    ORDER BY s.seq
$$;

-- The deliveries of events `first` to `last` of the bench's path.
CREATE FUNCTION copied_deliveries(sender text, first bigint, last bigint)
    RETURNS TABLE (seq bigint, system text, place integer, lane text, intent bytea, not_before text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.seq, d.system, d.place, d.lane, d.intent, d.not_before
    FROM events e JOIN delivery d USING (journal, seq)
    WHERE e.bench = sender AND e.seq BETWEEN first AND last
    ORDER BY d.seq, d.system, d.place
$$;

GRANT USAGE ON SCHEMA public TO station_receiver, station_projector, station_viewer;
GRANT EXECUTE ON FUNCTION key_digest_of, path_of, join_bench, receive_events, copied_events, copied_deliveries, heard_of,
    refused_request, move_bench TO station_receiver;
GRANT SELECT ON timeline, event, delivery, events, lost_events TO station_projector;
GRANT SELECT (bench, name, site, joined, seen) ON bench TO station_projector;
GRANT SELECT (bench, name, site, joined, seen, moved, refused, snapshot) ON bench TO station_viewer;
GRANT SELECT ON timeline TO station_viewer;
RESET ROLE;
