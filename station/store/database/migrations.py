"""The journal's schema as numbered steps. A released step is never changed; a new step is added instead.

Each step runs in one transaction together with `PRAGMA user_version` and sqlite-utils' record of it. The statements are
plain data, so that the crash tests can run them over another engine. sqlite-utils is imported only if a step is due,
since the import takes a third of a second (measured).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID: Final = 0x52_50_53_4A
"""Bytes 68 to 71 of the file: "RPSJ"."""

STEPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "0001-journal-outbox-projections",
        (
            "PRAGMA application_id = 1380995914",
            """CREATE TABLE journal (
                one INTEGER PRIMARY KEY CHECK (one = 1),
                id TEXT NOT NULL CHECK (length(id) = 16)
            ) STRICT""",
            "INSERT INTO journal (one, id) VALUES (1, lower(hex(randomblob(8))))",
            """CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
               BEGIN SELECT raise(ABORT, 'the journal is append-only'); END""",
            """CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
               BEGIN SELECT raise(ABORT, 'the journal is append-only'); END""",
            """CREATE TABLE events (
                seq INTEGER PRIMARY KEY CHECK (seq > 0),
                at TEXT NOT NULL,
                kind TEXT NOT NULL,
                payload BLOB NOT NULL,
                deliveries BLOB NOT NULL CHECK (length(deliveries) IN (0, 32)),
                prev BLOB NOT NULL CHECK (length(prev) = 32),
                hash BLOB NOT NULL CHECK (length(hash) = 32)
            ) STRICT""",
            "CREATE INDEX events_by_kind ON events (kind, at)",
            """CREATE TRIGGER events_in_order BEFORE INSERT ON events
               WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
               BEGIN SELECT raise(ABORT, 'the journal is append-only'); END""",
            """CREATE TRIGGER events_no_update BEFORE UPDATE ON events
               BEGIN SELECT raise(ABORT, 'the journal is append-only'); END""",
            """CREATE TRIGGER events_no_delete BEFORE DELETE ON events
               BEGIN SELECT raise(ABORT, 'the journal is append-only'); END""",
            """CREATE TABLE attempts (
                attempt TEXT PRIMARY KEY,
                uid TEXT NOT NULL,
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                ended TEXT CHECK (ended IN ('verified', 'abandoned', 'resumed', 'superseded')),
                ended_seq INTEGER REFERENCES events (seq),
                CHECK ((ended IS NULL) = (ended_seq IS NULL))
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX attempts_open ON attempts (uid, seq) WHERE ended IS NULL",
            """CREATE TABLE bindings (
                uid TEXT PRIMARY KEY,
                barcode TEXT NOT NULL,
                part INTEGER NOT NULL,
                parts INTEGER NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq),
                UNIQUE (barcode, part)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE outbox (
                id TEXT PRIMARY KEY,
                event_seq INTEGER NOT NULL REFERENCES events (seq),
                system TEXT NOT NULL,
                lane TEXT NOT NULL,
                intent BLOB NOT NULL,
                state TEXT NOT NULL DEFAULT 'pending'
                    CHECK (state IN ('pending', 'leased', 'delivered', 'deferred', 'in-doubt', 'parked')),
                attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                detail TEXT NOT NULL DEFAULT '',
                UNIQUE (event_seq, system)
            ) STRICT, WITHOUT ROWID""",
            """CREATE INDEX outbox_waiting ON outbox (system, lane, event_seq)
               WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt')""",
            "CREATE INDEX outbox_by_state ON outbox (state)",
            """CREATE TRIGGER outbox_same_work BEFORE UPDATE OF id, event_seq, system, lane, intent ON outbox
               BEGIN SELECT raise(ABORT, 'a delivery changes its state only'); END""",
            """CREATE TRIGGER outbox_no_delete BEFORE DELETE ON outbox
               BEGIN SELECT raise(ABORT, 'a delivery is never deleted'); END""",
            "PRAGMA user_version = 1",
        ),
    ),
    (
        "0002-cataloging-queue",
        (
            # one row per request; requests about one piece share the entry, which is the id of the first request
            """CREATE TABLE cataloging (
                request TEXT PRIMARY KEY,
                entry TEXT NOT NULL,
                barcode TEXT NOT NULL,
                isbn TEXT NOT NULL,
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                closed_seq INTEGER REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX cataloging_open ON cataloging (barcode, isbn) WHERE closed_seq IS NULL",
            "CREATE INDEX cataloging_entry ON cataloging (entry)",
            "PRAGMA user_version = 2",
        ),
    ),
    (
        "0003-corrections-workers",
        (
            # one row per `station.domain.corrections.correction.Correction`
            """CREATE TABLE corrections (
                correction TEXT PRIMARY KEY,
                kind TEXT NOT NULL CHECK (kind IN ('mend', 'recheck')),
                barcode TEXT NOT NULL,
                rule TEXT NOT NULL,
                title TEXT NOT NULL,
                item_title TEXT NOT NULL,
                severity TEXT NOT NULL,
                recheck TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('open', 'mended', 'closed')),
                owner TEXT NOT NULL,
                due TEXT NOT NULL,
                worker TEXT NOT NULL,
                mender TEXT NOT NULL,
                parts TEXT NOT NULL,
                returned INTEGER NOT NULL CHECK (returned >= 0),
                result TEXT,
                opened_seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                closed_seq INTEGER REFERENCES events (seq),
                CHECK ((state = 'closed') = (closed_seq IS NOT NULL)),
                CHECK ((state = 'closed') = (result IS NOT NULL))
            ) STRICT, WITHOUT ROWID""",
            "CREATE UNIQUE INDEX corrections_open ON corrections (barcode, rule, kind) WHERE closed_seq IS NULL",
            "CREATE INDEX corrections_worker ON corrections (worker)",
            # every event about a correction; a report keeps its own id
            """CREATE TABLE correction_log (
                seq INTEGER PRIMARY KEY REFERENCES events (seq),
                correction TEXT NOT NULL REFERENCES corrections (correction),
                report TEXT UNIQUE
            ) STRICT""",
            "CREATE INDEX correction_log_correction ON correction_log (correction, seq)",
            """CREATE TABLE workers (
                worker TEXT PRIMARY KEY,
                role TEXT NOT NULL,
                standing TEXT NOT NULL CHECK (standing IN ('active', 'left', 'erased')),
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "PRAGMA user_version = 3",
        ),
    ),
    (
        "0004-outbox-intents",
        (
            # A new state, several deliveries of one event to one system, and two new columns: `witness` (not NULL:
            # something may have been sent) and `changed_seq` (the newest event about the delivery, which holds the
            # evidence).
            """CREATE TABLE outbox_new (
                id TEXT PRIMARY KEY,
                event_seq INTEGER NOT NULL REFERENCES events (seq),
                place INTEGER NOT NULL DEFAULT 0 CHECK (place >= 0),
                system TEXT NOT NULL,
                lane TEXT NOT NULL,
                intent BLOB NOT NULL,
                state TEXT NOT NULL DEFAULT 'pending' CHECK (
                    state IN ('pending', 'leased', 'delivered', 'deferred', 'in-doubt', 'parked', 'discarded')),
                attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                detail TEXT NOT NULL DEFAULT '',
                witness TEXT,
                changed_seq INTEGER REFERENCES events (seq),
                UNIQUE (event_seq, system, place)
            ) STRICT, WITHOUT ROWID""",
            """INSERT INTO outbox_new (id, event_seq, system, lane, intent, state, attempts, detail, witness, changed_seq)
               SELECT o.id, o.event_seq, o.system, o.lane, o.intent, o.state, o.attempts, o.detail,
                   CASE WHEN o.state IN ('leased', 'in-doubt', 'parked') THEN '' END, c.seq
               FROM outbox o LEFT JOIN (
                   SELECT json_extract(CAST(payload AS TEXT), '$.delivery') AS delivery, max(seq) AS seq
                   FROM events WHERE kind = 'delivery-changed' GROUP BY delivery) c ON c.delivery = o.id""",
            "DROP TABLE outbox",
            "ALTER TABLE outbox_new RENAME TO outbox",
            """CREATE INDEX outbox_waiting ON outbox (system, lane, event_seq, place)
               WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt')""",
            """CREATE INDEX outbox_line ON outbox (system, event_seq, place)
               WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt')""",
            "CREATE INDEX outbox_by_state ON outbox (state, event_seq)",
            """CREATE TRIGGER outbox_same_work BEFORE UPDATE OF id, event_seq, place, system, lane, intent ON outbox
               BEGIN SELECT raise(ABORT, 'a delivery changes its state only'); END""",
            """CREATE TRIGGER outbox_no_delete BEFORE DELETE ON outbox
               BEGIN SELECT raise(ABORT, 'a delivery is never deleted'); END""",
            "PRAGMA user_version = 4",
        ),
    ),
    (
        "0005-sampling-statistics",
        (
            # the newest `station.domain.sampling.Stream` of each, as JSON
            """CREATE TABLE streams (
                whose TEXT NOT NULL,
                subject TEXT NOT NULL,
                state BLOB NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq),
                PRIMARY KEY (whose, subject)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE draws (
                seq INTEGER NOT NULL REFERENCES events (seq),
                whose TEXT NOT NULL,
                subject TEXT NOT NULL,
                lot INTEGER NOT NULL,
                position INTEGER NOT NULL,
                asked INTEGER NOT NULL CHECK (asked IN (0, 1)),
                barcode TEXT NOT NULL,
                part INTEGER NOT NULL,
                PRIMARY KEY (seq, whose)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX draws_by_lot ON draws (whose, subject, lot)",
            # drawn and not judged yet
            """CREATE TABLE open_draws (
                barcode TEXT NOT NULL,
                part INTEGER NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq),
                PRIMARY KEY (barcode, part)
            ) STRICT, WITHOUT ROWID""",
            # one row per verdict, for statistics. asked: the operator confirmed everything; by_...: because of that
            # stream's own draw (or because nothing was drawn); bad: the operator found something critical or major
            """CREATE TABLE judgements (
                seq INTEGER PRIMARY KEY REFERENCES events (seq),
                barcode TEXT NOT NULL,
                part INTEGER NOT NULL,
                worker TEXT NOT NULL,
                vendor TEXT NOT NULL,
                material TEXT NOT NULL,
                failed INTEGER NOT NULL CHECK (failed IN (0, 1)),
                machine_bad INTEGER NOT NULL CHECK (machine_bad IN (0, 1)),
                bad INTEGER NOT NULL CHECK (bad IN (0, 1)),
                asked INTEGER NOT NULL CHECK (asked IN (0, 1)),
                by_worker INTEGER NOT NULL CHECK (by_worker IN (0, 1)),
                by_vendor INTEGER NOT NULL CHECK (by_vendor IN (0, 1)),
                seconds REAL NOT NULL
            ) STRICT""",
            "CREATE INDEX judgements_by_item ON judgements (barcode, part, seq)",
            "CREATE INDEX judgements_by_worker ON judgements (worker, seq)",
            # earlier verdicts: everything was asked
            """INSERT INTO judgements
               SELECT seq, barcode, part, worker, vendor, material, failed, machine_bad, bad, asked, asked, asked, seconds
               FROM (
                SELECT e.seq AS seq,
                    json_extract(p, '$.barcode') AS barcode,
                    json_extract(p, '$.part') AS part,
                    coalesce(json_extract(p, '$.operator'), '') AS worker,
                    coalesce(json_extract(p, '$.item.vendor'), '') AS vendor,
                    coalesce(json_extract(p, '$.item.material'), '') AS material,
                    CAST(coalesce(json_extract(p, '$.seconds'), 0) AS REAL) AS seconds,
                    json_extract(p, '$.verdict') = 'fail' AS failed,
                    EXISTS (SELECT 1 FROM json_each(p, '$.findings') f
                        WHERE json_extract(f.value, '$.by') = 'machine' AND json_extract(f.value, '$.outcome') = 'fail'
                        AND json_extract(f.value, '$.severity') IN ('critical', 'major')) AS machine_bad,
                    EXISTS (SELECT 1 FROM json_each(p, '$.findings') f
                        WHERE json_extract(f.value, '$.by') <> 'machine' AND json_extract(f.value, '$.outcome') = 'fail'
                        AND json_extract(f.value, '$.severity') IN ('critical', 'major')) AS bad,
                    EXISTS (SELECT 1 FROM json_each(p, '$.findings') f
                        WHERE json_extract(f.value, '$.by') <> 'machine'
                        AND json_extract(f.value, '$.outcome') IN ('pass', 'fail')) AS asked
                FROM (SELECT seq, CAST(payload AS TEXT) AS p FROM events WHERE kind = 'item-judged') e
               )""",
            "PRAGMA user_version = 5",
        ),
    ),
    (
        "0006-arrivals",
        (
            # the items that are copies of a line of a packing list
            """CREATE TABLE arrivals (
                list TEXT NOT NULL,
                line TEXT NOT NULL,
                barcode TEXT NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq),
                PRIMARY KEY (list, line, barcode)
            ) STRICT, WITHOUT ROWID""",
            "PRAGMA user_version = 6",
        ),
    ),
    (
        "0007-histories",
        (
            # all events about one tag or one item (`store.queries.history`), found without reading the whole journal
            """CREATE INDEX events_uid ON events (json_extract(CAST(payload AS TEXT), '$.uid'))
                WHERE json_extract(CAST(payload AS TEXT), '$.uid') IS NOT NULL""",
            """CREATE INDEX events_barcode ON events (json_extract(CAST(payload AS TEXT), '$.barcode'))
                WHERE json_extract(CAST(payload AS TEXT), '$.barcode') IS NOT NULL""",
            "CREATE INDEX outbox_lane ON outbox (lane, event_seq)",
            "PRAGMA user_version = 7",
        ),
    ),
    (
        "0008-blind",
        (
            # ids of workers who looked before the second check (`store.queries.second_check_cover`), separated by
            # spaces
            "ALTER TABLE corrections ADD COLUMN seen TEXT NOT NULL DEFAULT ''",
            "CREATE INDEX corrections_orders ON corrections (barcode) WHERE kind = 'recheck' AND closed_seq IS NULL",
            "PRAGMA user_version = 8",
        ),
    ),
    (
        "0009-rejections",
        (
            # lots of work that were rejected while they held items that the operator was not asked about
            """CREATE TABLE rejections (
                whose TEXT NOT NULL,
                subject TEXT NOT NULL,
                lot INTEGER NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq),
                PRIMARY KEY (whose, subject, lot)
            ) STRICT, WITHOUT ROWID""",
            """INSERT OR REPLACE INTO rejections SELECT whose, subject, lot, seq FROM (
                SELECT json_extract(s.value, '$.whose') AS whose, json_extract(s.value, '$.subject') AS subject,
                    (SELECT max(d.lot) FROM draws d WHERE d.whose = json_extract(s.value, '$.whose')
                        AND d.subject = json_extract(s.value, '$.subject') AND d.seq <= e.seq AND d.position > 0) AS lot,
                    e.seq AS seq
                FROM events e, json_each(CAST(e.payload AS TEXT), '$.switches') s
                WHERE e.kind IN ('sampling-counted', 'item-drawn') AND json_extract(s.value, '$.unasked') > 0
                    AND json_extract(s.value, '$.code') IN ('rejected', 'recheck')
                    AND json_extract(s.value, '$.whose') IN ('worker', 'vendor')
                ORDER BY e.seq
            ) WHERE lot IS NOT NULL""",
            "CREATE INDEX corrections_rechecked ON corrections (barcode, closed_seq) WHERE kind = 'recheck'",
            "PRAGMA user_version = 9",
        ),
    ),
    (
        "0010-taken-back",
        (
            # the earliest time to send a delivery, ISO 8601 UTC; '' = at once
            "ALTER TABLE outbox ADD COLUMN not_before TEXT NOT NULL DEFAULT ''",
            "DROP TRIGGER outbox_same_work",
            """CREATE TRIGGER outbox_same_work
               BEFORE UPDATE OF id, event_seq, place, system, lane, intent, not_before ON outbox
               BEGIN SELECT raise(ABORT, 'a delivery changes its state only'); END""",
            # items with a verified tag and no verdict yet; earlier journals name none
            """CREATE TABLE unjudged (
                barcode TEXT NOT NULL,
                part INTEGER NOT NULL,
                uid TEXT NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq),
                PRIMARY KEY (barcode, part)
            ) STRICT, WITHOUT ROWID""",
            "PRAGMA user_version = 10",
        ),
    ),
    (
        "0011-item-states",
        (
            # see `station.store.projections.item_states`
            """CREATE TABLE item_states (
                barcode TEXT PRIMARY KEY,
                state TEXT NOT NULL CHECK (
                    state IN ('tagged', 'passed', 'failed', 'set-aside', 'erased', 'released')),
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE withdrawals (
                seq INTEGER PRIMARY KEY REFERENCES events (seq),
                barcode TEXT NOT NULL
            ) STRICT""",
            "CREATE INDEX withdrawals_by_item ON withdrawals (barcode, seq)",
            """INSERT INTO item_states SELECT barcode, state, max(seq) FROM (
                SELECT seq, json_extract(p, '$.barcode') AS barcode, CASE kind
                    WHEN 'item-judged' THEN iif(json_extract(p, '$.verdict') = 'pass', 'passed', 'failed')
                    WHEN 'item-set-aside' THEN 'set-aside'
                    WHEN 'tag-erased' THEN 'erased'
                    WHEN 'tag-undo-verified'
                        THEN iif(json_extract(p, '$.restored') = json_extract(p, '$.barcode'), 'tagged', 'erased')
                    ELSE 'tagged' END AS state
                FROM (SELECT seq, kind, CAST(payload AS TEXT) AS p FROM events WHERE kind IN ('tag-write-verified',
                    'item-judged', 'verdict-taken-back', 'item-set-aside', 'tag-erased', 'tag-undo-verified'))
                WHERE (kind <> 'item-set-aside' OR coalesce(json_extract(p, '$.code'), '') <> 'sender-gone')
                    AND (kind <> 'tag-erased' OR json_extract(p, '$.barcode') <> '')
                UNION ALL
                SELECT e.seq, r.value, 'released' FROM events e, json_each(CAST(e.payload AS TEXT), '$.right') r
                WHERE e.kind = 'truck-released'
            ) GROUP BY barcode""",
            """INSERT INTO withdrawals SELECT seq, barcode FROM (
                SELECT seq, json_extract(p, '$.barcode') AS barcode
                FROM (SELECT seq, CAST(payload AS TEXT) AS p FROM events WHERE kind = 'checklist-judged')
                WHERE json_extract(p, '$.verdict') = 'pass'
                UNION ALL
                SELECT seq, json_extract(p, '$.intent.barcode')
                FROM (SELECT seq, CAST(payload AS TEXT) AS p FROM events WHERE kind = 'delivery-ordered')
                WHERE json_extract(p, '$.intent.type') = 'withdraw'
            ) WHERE seq NOT IN (
                SELECT CAST(substr(json_extract(p, '$.delivery'), 18) AS INTEGER)
                FROM (SELECT CAST(payload AS TEXT) AS p FROM events WHERE kind = 'delivery-changed')
                WHERE json_extract(p, '$.state') = 'discarded')""",
            "PRAGMA user_version = 11",
        ),
    ),
    (
        "0012-packing-lists",
        (
            # see `station.store.projections.packing_lists`; `imported_at` and `closed_at`: times of a list that was taken over
            """CREATE TABLE packing_lists (
                list TEXT PRIMARY KEY,
                vendor TEXT NOT NULL,
                name TEXT NOT NULL,
                date TEXT NOT NULL,
                source TEXT NOT NULL,
                digest TEXT NOT NULL,
                imported_at TEXT NOT NULL DEFAULT '',
                closed_at TEXT NOT NULL DEFAULT '',
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                content_seq INTEGER NOT NULL REFERENCES events (seq),
                closed_seq INTEGER REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX packing_lists_open ON packing_lists (vendor) WHERE closed_seq IS NULL",
            # `content`: a `domain.packing_lists.packing_list.PackingLine` as JSON; the other columns repeat what is looked up
            """CREATE TABLE packing_lines (
                list TEXT NOT NULL REFERENCES packing_lists (list),
                line TEXT NOT NULL,
                place INTEGER NOT NULL CHECK (place >= 0),
                current INTEGER NOT NULL CHECK (current IN (0, 1)),
                barcode TEXT NOT NULL,
                order_line TEXT NOT NULL,
                quantity INTEGER NOT NULL CHECK (quantity >= 0),
                content BLOB NOT NULL,
                PRIMARY KEY (list, line)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX packing_lines_barcode ON packing_lines (barcode) WHERE barcode <> ''",
            "CREATE INDEX packing_lines_order ON packing_lines (order_line) WHERE order_line <> ''",
            # the numbers (ISBN, publisher's number) of current lines without a barcode
            """CREATE TABLE packing_numbers (
                number TEXT NOT NULL,
                list TEXT NOT NULL,
                line TEXT NOT NULL,
                PRIMARY KEY (number, list, line),
                FOREIGN KEY (list, line) REFERENCES packing_lines (list, line)
            ) STRICT, WITHOUT ROWID""",
            "PRAGMA user_version = 12",
        ),
    ),
    (
        "0013-sentences",
        (
            # Events may hold a sentence as its key with values, which an older program must not read. A delivery's
            # detail is in its event; a correction's title is a sentence as JSON (`station.base.sentence_json`).
            "ALTER TABLE outbox DROP COLUMN detail",
            "UPDATE corrections SET title = json_quote(title)",
            "PRAGMA user_version = 13",
        ),
    ),
    (
        "0014-smaller",
        (
            # `prev` repeated the hash of the event before. Times ascend with the numbers, which an index has anyway
            # (`store.database.since`).
            "ALTER TABLE events DROP COLUMN prev",
            "DROP INDEX events_by_kind",
            "CREATE INDEX events_by_kind ON events (kind)",
            "PRAGMA user_version = 14",
        ),
    ),
    (
        "0015-archives",
        (
            # A payload may only be replaced by a stub that names an archive (`store.database.archives`).
            "DROP TRIGGER events_no_update",
            """CREATE TRIGGER events_no_update BEFORE UPDATE ON events
               WHEN NEW.seq IS NOT OLD.seq OR NEW.at IS NOT OLD.at OR NEW.kind IS NOT OLD.kind
                   OR NEW.deliveries IS NOT OLD.deliveries OR NEW.hash IS NOT OLD.hash
                   OR substr(NEW.payload, 1, 11) IS NOT CAST('{"archive":' AS BLOB)
                   OR substr(OLD.payload, 1, 11) IS CAST('{"archive":' AS BLOB)
                   OR (SELECT kind FROM events WHERE seq = json_extract(CAST(NEW.payload AS TEXT), '$.archive'))
                       IS NOT 'events-archived'
               BEGIN SELECT raise(ABORT, 'the journal is append-only'); END""",
            "PRAGMA user_version = 15",
        ),
    ),
    (
        "0016-office",
        (
            # What lists in a browser ask for. The second index holds all by which open corrections are chosen and sorted, so
            # that a page of them reads no other rows.
            "CREATE INDEX corrections_item ON corrections (barcode)",
            """CREATE INDEX corrections_waiting ON corrections
                (owner, opened_seq, due, kind, rule, severity, recheck, state, barcode, worker, closed_seq)
                WHERE closed_seq IS NULL""",
            "CREATE INDEX bindings_of_sets ON bindings (barcode, part, parts, seq) WHERE parts > 1",
            # of all draws and counts, the few that switched a stream
            "CREATE INDEX events_switching ON events (kind) WHERE instr(payload, CAST('\"switches\"' AS BLOB))",
            "PRAGMA user_version = 16",
        ),
    ),
    (
        "0017-receiving",
        (
            "ALTER TABLE packing_lists ADD COLUMN kind TEXT NOT NULL DEFAULT 'box' CHECK (kind IN ('box', 'order'))",
            # serial shipping container codes as a JSON array
            "ALTER TABLE packing_lists ADD COLUMN cartons TEXT NOT NULL DEFAULT '[]'",
            "ALTER TABLE packing_lines ADD COLUMN vendor_number TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE packing_lines ADD COLUMN carton TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE packing_lines ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1))",
            "CREATE INDEX packing_lines_vendor_number ON packing_lines (vendor_number) WHERE vendor_number <> ''",
            "CREATE INDEX packing_lines_carton ON packing_lines (carton) WHERE carton <> ''",
            # the numbers of all current lines, also of those with a barcode
            """INSERT OR IGNORE INTO packing_numbers (number, list, line)
                SELECT n.value, l.list, l.line
                FROM packing_lines l JOIN json_each(CAST(l.content AS TEXT), '$.numbers') n
                WHERE l.current = 1 AND l.barcode <> ''""",
            """CREATE TABLE vendors (
                vendor TEXT PRIMARY KEY,
                content BLOB NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            # one row per `station.domain.receiving.shipment.Shipment`; `lists`: ids as a JSON array
            """CREATE TABLE shipments (
                shipment TEXT PRIMARY KEY,
                purpose TEXT NOT NULL,
                vendor TEXT NOT NULL,
                carton TEXT NOT NULL,
                lists TEXT NOT NULL,
                donor TEXT NOT NULL,
                plan TEXT NOT NULL,
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                closed_seq INTEGER REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX shipments_open ON shipments (seq) WHERE closed_seq IS NULL",
            "CREATE INDEX shipments_carton ON shipments (carton) WHERE carton <> ''",
            # one row per counted copy; `order_line`, `listed_barcode`, `barcode`: "" = none; `bound_seq`: event by which our
            # barcode was stuck on
            """CREATE TABLE counts (
                seq INTEGER PRIMARY KEY REFERENCES events (seq),
                shipment TEXT NOT NULL,
                list TEXT NOT NULL,
                line TEXT NOT NULL,
                order_line TEXT NOT NULL,
                outcome TEXT NOT NULL,
                title TEXT NOT NULL,
                number TEXT NOT NULL,
                listed_barcode TEXT NOT NULL,
                library TEXT NOT NULL,
                faults TEXT NOT NULL DEFAULT '',
                barcode TEXT NOT NULL DEFAULT '',
                bound_seq INTEGER REFERENCES events (seq),
                returned_seq INTEGER REFERENCES events (seq),
                undone_seq INTEGER REFERENCES events (seq)
            ) STRICT""",
            "CREATE INDEX counts_shipment ON counts (shipment, seq)",
            "CREATE INDEX counts_line ON counts (list, line) WHERE list <> ''",
            "CREATE INDEX counts_order_line ON counts (order_line) WHERE order_line <> ''",
            "CREATE INDEX counts_barcode ON counts (barcode) WHERE barcode <> ''",
            # copies that became part of the collection, for the title effect
            """CREATE TABLE additions (
                seq INTEGER PRIMARY KEY REFERENCES events (seq),
                barcode TEXT NOT NULL,
                record_id TEXT NOT NULL,
                library TEXT NOT NULL
            ) STRICT""",
            "CREATE INDEX additions_record ON additions (record_id, library) WHERE record_id <> ''",
            # one row per `station.domain.receiving.difference.Difference`
            """CREATE TABLE differences (
                difference TEXT PRIMARY KEY,
                kind TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'ended', 'undone')),
                vendor TEXT NOT NULL,
                shipment TEXT NOT NULL,
                list TEXT NOT NULL,
                line TEXT NOT NULL,
                count_seq INTEGER NOT NULL,
                title TEXT NOT NULL,
                number TEXT NOT NULL,
                order_line TEXT NOT NULL,
                copies INTEGER NOT NULL,
                price TEXT NOT NULL,
                owner TEXT NOT NULL,
                due TEXT NOT NULL,
                ending TEXT NOT NULL DEFAULT '',
                claim TEXT NOT NULL DEFAULT '',
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                newest_seq INTEGER NOT NULL REFERENCES events (seq),
                closed_seq INTEGER REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX differences_open ON differences (due, seq) WHERE closed_seq IS NULL",
            "CREATE INDEX differences_shipment ON differences (shipment)",
            "CREATE INDEX differences_count ON differences (count_seq) WHERE count_seq <> 0",
            "CREATE TABLE difference_log (seq INTEGER NOT NULL REFERENCES events (seq), difference TEXT NOT NULL, "
            "PRIMARY KEY (difference, seq)) STRICT, WITHOUT ROWID",
            "PRAGMA user_version = 17",
        ),
    ),
    (
        "0018-purchases",
        (
            # "" = the difference shows at no invoice
            "ALTER TABLE differences ADD COLUMN invoice TEXT NOT NULL DEFAULT ''",
            "CREATE INDEX differences_invoice ON differences (invoice) WHERE invoice <> ''",
            "CREATE INDEX differences_line ON differences (list, line) WHERE list <> '' AND closed_seq IS NULL",
            "CREATE INDEX differences_order_line ON differences (order_line) WHERE order_line <> '' AND closed_seq IS NULL",
            # copies that were counted without a packing list, by the number on the piece
            "CREATE INDEX counts_number ON counts (number) WHERE list = '' AND number <> ''",
            # the newest account plan; one row
            """CREATE TABLE account_plans (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                content BLOB NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT""",
            """CREATE TABLE purchase_orders (
                number TEXT PRIMARY KEY,
                content BLOB NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            # one row per `station.domain.invoices.standing.InvoiceStanding`; `content`: with rate, accounts and orders that
            # persons chose; `number_key`: `station.domain.invoices.invoice.number_key`
            """CREATE TABLE invoices (
                invoice TEXT PRIMARY KEY,
                kind TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('open', 'signed', 'exported', 'paid', 'void')),
                vendor TEXT NOT NULL,
                number_key TEXT NOT NULL,
                date TEXT NOT NULL,
                due TEXT NOT NULL,
                corrects TEXT NOT NULL,
                content BLOB NOT NULL,
                rule TEXT NOT NULL,
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                content_seq INTEGER NOT NULL REFERENCES events (seq),
                newest_seq INTEGER NOT NULL REFERENCES events (seq),
                signed_seq INTEGER REFERENCES events (seq),
                signed_by TEXT NOT NULL DEFAULT '',
                counted_seq INTEGER NOT NULL DEFAULT 0,
                reason TEXT NOT NULL DEFAULT '',
                second TEXT NOT NULL DEFAULT '',
                unproven INTEGER NOT NULL DEFAULT 0 CHECK (unproven IN (0, 1)),
                exported_seq INTEGER REFERENCES events (seq),
                paid_on TEXT NOT NULL DEFAULT '',
                paid_reference TEXT NOT NULL DEFAULT ''
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX invoices_state ON invoices (state, seq)",
            "CREATE INDEX invoices_number ON invoices (number_key)",
            "CREATE INDEX invoices_date ON invoices (date)",
            # by which a line is found from packing list, order line and number; `copies`: negative in a credit memo
            """CREATE TABLE invoice_lines (
                invoice TEXT NOT NULL,
                line TEXT NOT NULL,
                list TEXT NOT NULL,
                list_line TEXT NOT NULL,
                order_line TEXT NOT NULL,
                number TEXT NOT NULL,
                copies INTEGER NOT NULL,
                PRIMARY KEY (invoice, line)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX invoice_lines_list ON invoice_lines (list, list_line) WHERE list <> ''",
            "CREATE INDEX invoice_lines_order ON invoice_lines (order_line) WHERE order_line <> ''",
            "CREATE INDEX invoice_lines_number ON invoice_lines (number) WHERE number <> ''",
            # what was certified, in the site's currency
            """CREATE TABLE invoice_entries (
                invoice TEXT NOT NULL,
                place INTEGER NOT NULL,
                line TEXT NOT NULL,
                part TEXT NOT NULL,
                account TEXT NOT NULL,
                fund TEXT NOT NULL,
                order_number TEXT NOT NULL,
                amount TEXT NOT NULL,
                PRIMARY KEY (invoice, place)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX invoice_entries_order ON invoice_entries (order_number) WHERE order_number <> ''",
            # `invoices`: ids as a JSON array
            """CREATE TABLE exports (
                export TEXT PRIMARY KEY,
                exported_by TEXT NOT NULL,
                file TEXT NOT NULL,
                digest TEXT NOT NULL,
                invoices TEXT NOT NULL,
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE credits (
                credit TEXT NOT NULL,
                invoice TEXT NOT NULL,
                amount TEXT NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq),
                PRIMARY KEY (credit, invoice)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX credits_invoice ON credits (invoice)",
            "CREATE TABLE invoice_log (seq INTEGER NOT NULL REFERENCES events (seq), invoice TEXT NOT NULL, "
            "PRIMARY KEY (invoice, seq)) STRICT, WITHOUT ROWID",
            "PRAGMA user_version = 18",
        ),
    ),
    (
        "0019-boxes-and-receipts",
        (
            # one row per `station.domain.distribution.box.Box`; `seq`: the newest opening
            """CREATE TABLE boxes (
                box TEXT PRIMARY KEY,
                site TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'received')),
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                closed_seq INTEGER REFERENCES events (seq),
                due TEXT NOT NULL DEFAULT '',
                received_seq INTEGER REFERENCES events (seq),
                reason TEXT NOT NULL DEFAULT '',
                newest_seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX boxes_waiting ON boxes (seq) WHERE state <> 'received'",
            # the items that are in a box, or left with it
            """CREATE TABLE box_items (
                box TEXT NOT NULL,
                barcode TEXT NOT NULL,
                title TEXT NOT NULL,
                call_number TEXT NOT NULL,
                library TEXT NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq),
                missing INTEGER NOT NULL DEFAULT 0 CHECK (missing IN (0, 1)),
                PRIMARY KEY (box, barcode)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX box_items_barcode ON box_items (barcode, seq)",
            "CREATE INDEX box_items_missing ON box_items (box) WHERE missing = 1",
            "CREATE TABLE box_log (seq INTEGER NOT NULL REFERENCES events (seq), box TEXT NOT NULL, "
            "PRIMARY KEY (box, seq)) STRICT, WITHOUT ROWID",
            # the newest content of each order line in a library system
            """CREATE TABLE order_lines (
                order_line TEXT PRIMARY KEY,
                cancelled INTEGER NOT NULL CHECK (cancelled IN (0, 1)),
                content BLOB NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            # `content`: '' = the library system has no such invoice
            """CREATE TABLE system_invoices (
                invoice TEXT PRIMARY KEY,
                content BLOB NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            # the item of a receipt: until it has arrived, other deliveries about the item wait; '' = none
            "ALTER TABLE outbox ADD COLUMN holds TEXT NOT NULL DEFAULT ''",
            """CREATE INDEX outbox_holds ON outbox (holds)
               WHERE holds <> '' AND state IN ('pending', 'leased', 'deferred', 'in-doubt')""",
            # number of the count whose copy shall be received, or kept; 0 = none
            "ALTER TABLE outbox ADD COLUMN count_seq INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX outbox_count ON outbox (count_seq, event_seq) WHERE count_seq <> 0",
            "DROP TRIGGER outbox_same_work",
            """CREATE TRIGGER outbox_same_work
               BEFORE UPDATE OF id, event_seq, place, system, lane, intent, not_before, holds, count_seq ON outbox
               BEGIN SELECT raise(ABORT, 'a delivery changes its state only'); END""",
            # "" = the difference is about no delivery
            "ALTER TABLE differences ADD COLUMN delivery TEXT NOT NULL DEFAULT ''",
            "CREATE INDEX differences_delivery ON differences (delivery) WHERE delivery <> ''",
            "PRAGMA user_version = 19",
        ),
    ),
    (
        "0020-departures",
        (
            # `moves`, `reclassifies`: 1 = the library system does not show the new place, or the new call number, yet;
            # `read_seq`: the event since which it shows all of it
            """CREATE TABLE transfers (
                transfer TEXT PRIMARY KEY,
                barcode TEXT NOT NULL,
                site TEXT NOT NULL,
                moves INTEGER NOT NULL CHECK (moves IN (0, 1)),
                reclassifies INTEGER NOT NULL CHECK (reclassifies IN (0, 1)),
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                read_seq INTEGER REFERENCES events (seq),
                canceled_seq INTEGER REFERENCES events (seq),
                newest_seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX transfers_barcode ON transfers (barcode, seq)",
            "CREATE TABLE transfer_log (seq INTEGER NOT NULL REFERENCES events (seq), transfer TEXT NOT NULL, "
            "PRIMARY KEY (transfer, seq)) STRICT, WITHOUT ROWID",
            # what leaves the library. `seq`: the event that decided it, or else the first checklist or order about it
            """CREATE TABLE withdrawal_items (
                withdrawal TEXT PRIMARY KEY,
                barcode TEXT NOT NULL,
                part INTEGER NOT NULL,
                task TEXT NOT NULL,
                piece TEXT NOT NULL,
                cart TEXT NOT NULL DEFAULT '',
                owner TEXT NOT NULL DEFAULT '',
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                decided_seq INTEGER REFERENCES events (seq),
                order_seq INTEGER REFERENCES events (seq),
                deleted_seq INTEGER REFERENCES events (seq),
                checklist TEXT NOT NULL DEFAULT 'none' CHECK (checklist IN ('none', 'open', 'left', 'fail', 'pass')),
                judged_seq INTEGER REFERENCES events (seq),
                placed_seq INTEGER REFERENCES events (seq),
                oclc_seq INTEGER REFERENCES events (seq),
                canceled_seq INTEGER REFERENCES events (seq),
                newest_seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX withdrawal_items_barcode ON withdrawal_items (barcode, seq)",
            "CREATE INDEX withdrawal_items_cart ON withdrawal_items (cart) WHERE cart <> ''",
            "CREATE TABLE withdrawal_log (seq INTEGER NOT NULL REFERENCES events (seq), withdrawal TEXT NOT NULL, "
            "PRIMARY KEY (withdrawal, seq)) STRICT, WITHOUT ROWID",
            # tags that were read back blank, until they are written again
            """CREATE TABLE erased_tags (
                uid TEXT PRIMARY KEY,
                barcode TEXT NOT NULL,
                part INTEGER NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX erased_tags_barcode ON erased_tags (barcode)",
            # tags that must not be seen again, until they are read back blank or written again
            """CREATE TABLE watched_tags (
                uid TEXT PRIMARY KEY,
                barcode TEXT NOT NULL,
                part INTEGER NOT NULL,
                standing TEXT NOT NULL CHECK (standing IN ('destroyed', 'watched')),
                withdrawal TEXT NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX watched_tags_barcode ON watched_tags (barcode)",
            """CREATE TABLE withdrawal_carts (
                cart TEXT PRIMARY KEY,
                operator TEXT NOT NULL,
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                closed_seq INTEGER REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            # journals of a version without decisions: an item that was checked or ordered stands in the list
            """INSERT INTO erased_tags SELECT uid, barcode, part, seq FROM (
                SELECT max(seq) AS seq, kind, json_extract(p, '$.uid') AS uid, json_extract(p, '$.barcode') AS barcode,
                    coalesce(json_extract(p, '$.part'), 1) AS part
                FROM (SELECT seq, kind, CAST(payload AS TEXT) AS p FROM events
                    WHERE kind IN ('tag-erased', 'tag-write-verified', 'tag-undo-verified'))
                GROUP BY json_extract(p, '$.uid')
            ) WHERE kind = 'tag-erased' AND barcode <> ''""",
            """CREATE TEMP TABLE of_withdrawals AS
                SELECT seq, kind, json_extract(p, '$.barcode') AS barcode, json_extract(p, '$.task') AS task,
                    coalesce(json_extract(p, '$.verdict'), '') AS verdict
                FROM (SELECT seq, kind, CAST(payload AS TEXT) AS p FROM events
                    WHERE kind IN ('checklist-began', 'checklist-judged', 'checklist-left'))
                UNION ALL
                SELECT seq, 'ordered', json_extract(p, '$.intent.barcode'), 'withdrawal', ''
                FROM (SELECT seq, CAST(payload AS TEXT) AS p FROM events WHERE kind = 'delivery-ordered')
                WHERE json_extract(p, '$.intent.type') = 'withdraw'""",
            """INSERT INTO withdrawal_items (withdrawal, barcode, part, task, piece, seq, order_seq, deleted_seq, checklist,
                    judged_seq, newest_seq)
                SELECT 'withdrawal-' || min(w.seq), w.barcode, 0,
                    (SELECT n.task FROM of_withdrawals n WHERE n.barcode = w.barcode ORDER BY n.seq DESC LIMIT 1),
                    'present', min(w.seq),
                    (SELECT max(n.seq) FROM of_withdrawals n WHERE n.barcode = w.barcode AND n.kind = 'ordered'),
                    (SELECT max(o.changed_seq) FROM outbox o JOIN of_withdrawals n ON n.seq = o.event_seq
                        WHERE n.barcode = w.barcode AND n.kind = 'ordered' AND o.state = 'delivered'),
                    coalesce((SELECT CASE n.kind WHEN 'checklist-began' THEN 'open' WHEN 'checklist-left' THEN 'left'
                            ELSE iif(n.verdict = 'pass', 'pass', 'fail') END
                        FROM of_withdrawals n WHERE n.barcode = w.barcode AND n.kind <> 'ordered'
                        ORDER BY n.seq DESC LIMIT 1), 'none'),
                    (SELECT max(n.seq) FROM of_withdrawals n WHERE n.barcode = w.barcode AND n.kind = 'checklist-judged'),
                    max(w.seq)
                FROM of_withdrawals w GROUP BY w.barcode""",
            "INSERT INTO withdrawal_log SELECT w.seq, i.withdrawal FROM of_withdrawals w JOIN withdrawal_items i USING (barcode)",
            "DROP TABLE of_withdrawals",
            # weeding lists; `place`: place of the line in its file
            """CREATE TABLE pull_lists (
                list TEXT PRIMARY KEY,
                seq INTEGER NOT NULL UNIQUE REFERENCES events (seq),
                closed_seq INTEGER REFERENCES events (seq),
                newest_seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE pull_lines (
                list TEXT NOT NULL,
                line TEXT NOT NULL,
                place INTEGER NOT NULL,
                barcode TEXT NOT NULL,
                outcome TEXT CHECK (outcome IN ('found', 'not-found', 'on-loan', 'gone', 'wrong-edition', 'back')),
                tick_seq INTEGER REFERENCES events (seq),
                withdrawal_seq INTEGER REFERENCES events (seq),
                PRIMARY KEY (list, line)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX pull_lines_barcode ON pull_lines (barcode) WHERE barcode <> ''",
            "CREATE INDEX pull_lines_withdrawal ON pull_lines (withdrawal_seq) WHERE withdrawal_seq IS NOT NULL",
            # items that are not here, until they turn up
            """CREATE TABLE lost_items (
                barcode TEXT PRIMARY KEY,
                piece TEXT NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            # what library systems have, as far as it contradicted the journal
            """CREATE TABLE presence_readings (
                barcode TEXT PRIMARY KEY,
                system TEXT NOT NULL,
                presence TEXT NOT NULL,
                title TEXT NOT NULL,
                seq INTEGER NOT NULL REFERENCES events (seq)
            ) STRICT, WITHOUT ROWID""",
            "PRAGMA user_version = 20",
        ),
    ),
)

SCHEMA_VERSION: Final = len(STEPS)
"""The value of `PRAGMA user_version` after the last step."""


def migrate(connection: sqlite3.Connection) -> int:
    """Bring the schema up to date. Return the number of steps run. `connection` is in autocommit mode."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version >= SCHEMA_VERSION:
        return 0
    from sqlite_utils import Database, Migrations

    database = Database(connection, execute_plugins=False, strict=True)
    steps = Migrations("station-journal")
    for name, statements in STEPS:
        steps(name=name)(_runner(statements))
    steps.apply(database)
    return SCHEMA_VERSION - version


def _runner(statements: tuple[str, ...]) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        for statement in statements:
            database.conn.execute(statement)

    return run
