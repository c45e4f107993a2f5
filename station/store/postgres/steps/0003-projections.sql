-- The tables of `station/store/projections`, as `station/store/database/migrations.py` has them for one bench, and the outbox.
-- The last column names the bench, and leads each key. A session reads and writes the rows of one bench: that of its
-- setting `station.bench`. A test compares the columns with SQLite's.

-- The path of the bench whose events are projected: the view reads the timelines that the caller may see.
ALTER VIEW events SET (security_invoker = true);
ALTER TABLE timeline ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_bench ON timeline TO station_projector USING (bench = current_setting('station.bench'));
CREATE INDEX event_kind ON event (kind, journal, seq);

-- Functions of SQLite that the store's statements use. PostgreSQL has others of these names, for the type json. What is no
-- JSON has no fields: an event that cannot be decoded is kept, and must not stop an index.
-- As in SQLite, a truth value is 1 or 0.
CREATE FUNCTION json_extract(content text, path text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    field json;
BEGIN
    field := content::json #> string_to_array(substr(path, 3), '.');
    RETURN CASE json_typeof(field) WHEN 'boolean' THEN (field::text = 'true')::integer::text ELSE field #>> '{}' END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;

CREATE FUNCTION json_extract(content bytea, path text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN public.json_extract(convert_from(content, 'UTF8'), path);  -- an index is made without a search path
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;

CREATE FUNCTION json_each(content text) RETURNS TABLE (key bigint, value text)
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT place - 1, item FROM jsonb_array_elements_text(content::jsonb) WITH ORDINALITY AS each (item, place) $$;

CREATE FUNCTION json_each(content text, path text) RETURNS TABLE (key bigint, value text)
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT * FROM json_each(json_extract(content, path)) $$;

CREATE FUNCTION json_each(content bytea, path text) RETURNS TABLE (key bigint, value text)
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT * FROM json_each(json_extract(content, path)) $$;

CREATE FUNCTION instr(content bytea, part bytea) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT RETURN position(part IN content) > 0;

CREATE FUNCTION iif(condition boolean, one anycompatible, other anycompatible) RETURNS anycompatible
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN condition THEN one ELSE other END $$;

CREATE FUNCTION max(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT RETURN greatest($1, $2);
CREATE FUNCTION max(bigint, bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT RETURN greatest($1, $2, $3);
CREATE FUNCTION max(bigint, bigint, bigint, bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT RETURN greatest($1, $2, $3, $4);
CREATE FUNCTION max(text, text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT RETURN greatest($1 COLLATE "C", $2 COLLATE "C");

-- As in SQLite, a sum counts truth values, and the largest of bytes exists.
CREATE FUNCTION plus_true(sum bigint, value boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE RETURN CASE WHEN value IS NULL THEN sum ELSE coalesce(sum, 0) + value::integer END;
CREATE AGGREGATE sum(boolean) (SFUNC = plus_true, STYPE = bigint);
CREATE FUNCTION larger(one bytea, other bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT RETURN CASE WHEN one > other THEN one ELSE other END;
CREATE AGGREGATE max(bytea) (SFUNC = larger, STYPE = bytea);
CREATE FUNCTION with_comma(list text, item anyelement) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT concat_ws(',', list, item) $$;
CREATE AGGREGATE group_concat(anyelement) (SFUNC = with_comma, STYPE = text);

-- Whether the viewer's session sees a site: its setting `station.sites` has a JSON array of names, or '*' for all.
CREATE FUNCTION is_viewed(site text) RETURNS boolean LANGUAGE sql STABLE
RETURN CASE current_setting('station.sites')
    WHEN '*' THEN true ELSE jsonb_exists(current_setting('station.sites')::jsonb, site) END;

ALTER TABLE bench ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_bench ON bench TO station_projector USING (true);
CREATE POLICY viewed_site ON bench FOR SELECT TO station_viewer USING (is_viewed(site));
-- The viewer reads one bench at a time: that of its setting `station.bench`, if it sees the bench's site.
CREATE POLICY viewed_bench ON timeline FOR SELECT TO station_viewer
    USING (bench = (SELECT b.bench FROM bench b WHERE b.bench = current_setting('station.bench')));
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_event ON event TO station_projector USING (true);
CREATE POLICY viewed_bench ON event FOR SELECT TO station_viewer USING (journal IN (SELECT t.journal FROM timeline t));
ALTER VIEW lost_events SET (security_invoker = true);
GRANT SELECT ON event, events, lost_events TO station_viewer;

-- Lets the sessions of projector and viewer reach the rows of their bench only.
CREATE PROCEDURE only_own_bench(name regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format($policy$CREATE POLICY own_bench ON %s TO station_projector
        USING (bench = current_setting('station.bench'))$policy$, name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO station_projector', name);
    EXECUTE format($policy$CREATE POLICY viewed_bench ON %s FOR SELECT TO station_viewer
        USING (bench = (SELECT b.bench FROM bench b WHERE b.bench = current_setting('station.bench')))$policy$, name);
    EXECUTE format('GRANT SELECT ON %s TO station_viewer', name);
END $$;

CREATE TABLE account_plans (
    "only" bigint NOT NULL CHECK ("only" = 1),
    content bytea NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, "only")
);

CREATE TABLE additions (
    seq bigint NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    library text COLLATE "C" NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, seq)
);
CREATE INDEX additions_record ON additions (bench, record_id, library) WHERE record_id <> '';

CREATE TABLE arrivals (
    list text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, list, line, barcode)
);

CREATE TABLE attempts (
    attempt text COLLATE "C" NOT NULL,
    uid text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    ended text COLLATE "C" CHECK (ended IN ('verified', 'abandoned', 'resumed', 'superseded')),
    ended_seq bigint,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, attempt),
    UNIQUE (bench, seq),
    CHECK ((ended IS NULL) = (ended_seq IS NULL))
);
CREATE INDEX attempts_open ON attempts (bench, uid, seq) WHERE ended IS NULL;

CREATE TABLE bindings (
    uid text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    parts bigint NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, uid),
    UNIQUE (bench, barcode, part)
);
CREATE INDEX bindings_of_sets ON bindings (bench, barcode, part, parts, seq) WHERE parts > 1;

CREATE TABLE box_items (
    box text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    call_number text COLLATE "C" NOT NULL,
    library text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    missing bigint NOT NULL DEFAULT 0 CHECK (missing IN (0, 1)),
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, box, barcode)
);
CREATE INDEX box_items_barcode ON box_items (bench, barcode, seq);
CREATE INDEX box_items_missing ON box_items (bench, box) WHERE missing = 1;

CREATE TABLE box_log (
    seq bigint NOT NULL,
    box text COLLATE "C" NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, box, seq)
);

CREATE TABLE boxes (
    box text COLLATE "C" NOT NULL,
    site text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'closed', 'received')),
    seq bigint NOT NULL,
    closed_seq bigint,
    due text COLLATE "C" NOT NULL DEFAULT '',
    received_seq bigint,
    reason text COLLATE "C" NOT NULL DEFAULT '',
    newest_seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, box),
    UNIQUE (bench, seq)
);
CREATE INDEX boxes_waiting ON boxes (bench, seq) WHERE state <> 'received';

CREATE TABLE cataloging (
    request text COLLATE "C" NOT NULL,
    entry text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    isbn text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    closed_seq bigint,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, request),
    UNIQUE (bench, seq)
);
CREATE INDEX cataloging_entry ON cataloging (bench, entry);
CREATE INDEX cataloging_open ON cataloging (bench, barcode, isbn) WHERE closed_seq IS NULL;

CREATE TABLE correction_log (
    seq bigint NOT NULL,
    correction text COLLATE "C" NOT NULL,
    report text COLLATE "C",
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, seq),
    UNIQUE (bench, report)
);
CREATE INDEX correction_log_correction ON correction_log (bench, correction, seq);

CREATE TABLE corrections (
    correction text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('mend', 'recheck')),
    barcode text COLLATE "C" NOT NULL,
    rule text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    item_title text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,
    recheck text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'mended', 'closed')),
    owner text COLLATE "C" NOT NULL,
    due text COLLATE "C" NOT NULL,
    worker text COLLATE "C" NOT NULL,
    mender text COLLATE "C" NOT NULL,
    parts text COLLATE "C" NOT NULL,
    returned bigint NOT NULL CHECK (returned >= 0),
    result text COLLATE "C",
    opened_seq bigint NOT NULL,
    closed_seq bigint,
    seen text COLLATE "C" NOT NULL DEFAULT '',
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, correction),
    UNIQUE (bench, opened_seq),
    CHECK ((state = 'closed') = (closed_seq IS NOT NULL)),
    CHECK ((state = 'closed') = (result IS NOT NULL))
);
CREATE INDEX corrections_item ON corrections (bench, barcode);
CREATE UNIQUE INDEX corrections_open ON corrections (bench, barcode, rule, kind) WHERE closed_seq IS NULL;
CREATE INDEX corrections_orders ON corrections (bench, barcode) WHERE kind = 'recheck' AND closed_seq IS NULL;
CREATE INDEX corrections_rechecked ON corrections (bench, barcode, closed_seq) WHERE kind = 'recheck';
CREATE INDEX corrections_waiting ON corrections (bench, owner, opened_seq, due, kind, rule, severity, recheck, state, barcode, worker, closed_seq) WHERE closed_seq IS NULL;
CREATE INDEX corrections_worker ON corrections (bench, worker);

CREATE TABLE counts (
    seq bigint NOT NULL,
    shipment text COLLATE "C" NOT NULL,
    list text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL,
    order_line text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    listed_barcode text COLLATE "C" NOT NULL,
    library text COLLATE "C" NOT NULL,
    faults text COLLATE "C" NOT NULL DEFAULT '',
    barcode text COLLATE "C" NOT NULL DEFAULT '',
    bound_seq bigint,
    returned_seq bigint,
    undone_seq bigint,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, seq)
);
CREATE INDEX counts_barcode ON counts (bench, barcode) WHERE barcode <> '';
CREATE INDEX counts_line ON counts (bench, list, line) WHERE list <> '';
CREATE INDEX counts_number ON counts (bench, number) WHERE list = '' AND number <> '';
CREATE INDEX counts_order_line ON counts (bench, order_line) WHERE order_line <> '';
CREATE INDEX counts_shipment ON counts (bench, shipment, seq);

CREATE TABLE credits (
    credit text COLLATE "C" NOT NULL,
    invoice text COLLATE "C" NOT NULL,
    amount text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, credit, invoice)
);
CREATE INDEX credits_invoice ON credits (bench, invoice);

CREATE TABLE difference_log (
    seq bigint NOT NULL,
    difference text COLLATE "C" NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, difference, seq)
);

CREATE TABLE differences (
    difference text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'claimed', 'ended', 'undone')),
    vendor text COLLATE "C" NOT NULL,
    shipment text COLLATE "C" NOT NULL,
    list text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL,
    count_seq bigint NOT NULL,
    title text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    order_line text COLLATE "C" NOT NULL,
    copies bigint NOT NULL,
    price text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    due text COLLATE "C" NOT NULL,
    ending text COLLATE "C" NOT NULL DEFAULT '',
    claim text COLLATE "C" NOT NULL DEFAULT '',
    seq bigint NOT NULL,
    newest_seq bigint NOT NULL,
    closed_seq bigint,
    invoice text COLLATE "C" NOT NULL DEFAULT '',
    delivery text COLLATE "C" NOT NULL DEFAULT '',
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, difference),
    UNIQUE (bench, seq)
);
CREATE INDEX differences_count ON differences (bench, count_seq) WHERE count_seq <> 0;
CREATE INDEX differences_delivery ON differences (bench, delivery) WHERE delivery <> '';
CREATE INDEX differences_invoice ON differences (bench, invoice) WHERE invoice <> '';
CREATE INDEX differences_line ON differences (bench, list, line) WHERE list <> '' AND closed_seq IS NULL;
CREATE INDEX differences_open ON differences (bench, due, seq) WHERE closed_seq IS NULL;
CREATE INDEX differences_order_line ON differences (bench, order_line) WHERE order_line <> '' AND closed_seq IS NULL;
CREATE INDEX differences_shipment ON differences (bench, shipment);

CREATE TABLE draws (
    seq bigint NOT NULL,
    whose text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    lot bigint NOT NULL,
    position bigint NOT NULL,
    asked bigint NOT NULL CHECK (asked IN (0, 1)),
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, seq, whose)
);
CREATE INDEX draws_by_lot ON draws (bench, whose, subject, lot);

CREATE TABLE erased_tags (
    uid text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, uid)
);
CREATE INDEX erased_tags_barcode ON erased_tags (bench, barcode);

CREATE TABLE exports (
    export text COLLATE "C" NOT NULL,
    exported_by text COLLATE "C" NOT NULL,
    file text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    invoices text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, export),
    UNIQUE (bench, seq)
);

CREATE TABLE invoice_entries (
    invoice text COLLATE "C" NOT NULL,
    place bigint NOT NULL,
    line text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    order_number text COLLATE "C" NOT NULL,
    amount text COLLATE "C" NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, invoice, place)
);
CREATE INDEX invoice_entries_order ON invoice_entries (bench, order_number) WHERE order_number <> '';

CREATE TABLE invoice_lines (
    invoice text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL,
    list text COLLATE "C" NOT NULL,
    list_line text COLLATE "C" NOT NULL,
    order_line text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    copies bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, invoice, line)
);
CREATE INDEX invoice_lines_list ON invoice_lines (bench, list, list_line) WHERE list <> '';
CREATE INDEX invoice_lines_number ON invoice_lines (bench, number) WHERE number <> '';
CREATE INDEX invoice_lines_order ON invoice_lines (bench, order_line) WHERE order_line <> '';

CREATE TABLE invoice_log (
    seq bigint NOT NULL,
    invoice text COLLATE "C" NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, invoice, seq)
);

CREATE TABLE invoices (
    invoice text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'signed', 'exported', 'paid', 'void')),
    vendor text COLLATE "C" NOT NULL,
    number_key text COLLATE "C" NOT NULL,
    date text COLLATE "C" NOT NULL,
    due text COLLATE "C" NOT NULL,
    corrects text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    rule text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    content_seq bigint NOT NULL,
    newest_seq bigint NOT NULL,
    signed_seq bigint,
    signed_by text COLLATE "C" NOT NULL DEFAULT '',
    counted_seq bigint NOT NULL DEFAULT 0,
    reason text COLLATE "C" NOT NULL DEFAULT '',
    second text COLLATE "C" NOT NULL DEFAULT '',
    unproven bigint NOT NULL DEFAULT 0 CHECK (unproven IN (0, 1)),
    exported_seq bigint,
    paid_on text COLLATE "C" NOT NULL DEFAULT '',
    paid_reference text COLLATE "C" NOT NULL DEFAULT '',
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, invoice),
    UNIQUE (bench, seq)
);
CREATE INDEX invoices_date ON invoices (bench, date);
CREATE INDEX invoices_number ON invoices (bench, number_key);
CREATE INDEX invoices_state ON invoices (bench, state, seq);

CREATE TABLE item_states (
    barcode text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('tagged', 'passed', 'failed', 'set-aside', 'erased', 'released')),
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, barcode)
);

CREATE TABLE judgements (
    seq bigint NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    worker text COLLATE "C" NOT NULL,
    vendor text COLLATE "C" NOT NULL,
    material text COLLATE "C" NOT NULL,
    failed bigint NOT NULL CHECK (failed IN (0, 1)),
    machine_bad bigint NOT NULL CHECK (machine_bad IN (0, 1)),
    bad bigint NOT NULL CHECK (bad IN (0, 1)),
    asked bigint NOT NULL CHECK (asked IN (0, 1)),
    by_worker bigint NOT NULL CHECK (by_worker IN (0, 1)),
    by_vendor bigint NOT NULL CHECK (by_vendor IN (0, 1)),
    seconds double precision NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, seq)
);
CREATE INDEX judgements_by_item ON judgements (bench, barcode, part, seq);
CREATE INDEX judgements_by_worker ON judgements (bench, worker, seq);

CREATE TABLE lost_items (
    barcode text COLLATE "C" NOT NULL,
    piece text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, barcode)
);

CREATE TABLE open_draws (
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, barcode, part)
);

CREATE TABLE order_lines (
    order_line text COLLATE "C" NOT NULL,
    cancelled bigint NOT NULL CHECK (cancelled IN (0, 1)),
    content bytea NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, order_line)
);

CREATE TABLE outbox (
    id text COLLATE "C" NOT NULL,
    event_seq bigint NOT NULL,
    place bigint NOT NULL DEFAULT 0 CHECK (place >= 0),
    system text COLLATE "C" NOT NULL,
    lane text COLLATE "C" NOT NULL,
    intent bytea NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'leased', 'delivered', 'deferred', 'in-doubt', 'parked', 'discarded')),
    attempts bigint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    witness text COLLATE "C",
    changed_seq bigint,
    not_before text COLLATE "C" NOT NULL DEFAULT '',
    holds text COLLATE "C" NOT NULL DEFAULT '',
    count_seq bigint NOT NULL DEFAULT 0,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, id),
    UNIQUE (bench, event_seq, system, place)
);
CREATE INDEX outbox_by_state ON outbox (bench, state, event_seq);
CREATE INDEX outbox_count ON outbox (bench, count_seq, event_seq) WHERE count_seq <> 0;
CREATE INDEX outbox_holds ON outbox (bench, holds) WHERE holds <> '' AND state IN ('pending', 'leased', 'deferred', 'in-doubt');
CREATE INDEX outbox_lane ON outbox (bench, lane, event_seq);
CREATE INDEX outbox_line ON outbox (bench, system, event_seq, place) WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt');
CREATE INDEX outbox_waiting ON outbox (bench, system, lane, event_seq, place) WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt');

CREATE TABLE packing_lines (
    list text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL,
    place bigint NOT NULL CHECK (place >= 0),
    current bigint NOT NULL CHECK (current IN (0, 1)),
    barcode text COLLATE "C" NOT NULL,
    order_line text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    content bytea NOT NULL,
    vendor_number text COLLATE "C" NOT NULL DEFAULT '',
    carton text COLLATE "C" NOT NULL DEFAULT '',
    cancelled bigint NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1)),
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, list, line)
);
CREATE INDEX packing_lines_barcode ON packing_lines (bench, barcode) WHERE barcode <> '';
CREATE INDEX packing_lines_carton ON packing_lines (bench, carton) WHERE carton <> '';
CREATE INDEX packing_lines_order ON packing_lines (bench, order_line) WHERE order_line <> '';
CREATE INDEX packing_lines_vendor_number ON packing_lines (bench, vendor_number) WHERE vendor_number <> '';

CREATE TABLE packing_lists (
    list text COLLATE "C" NOT NULL,
    vendor text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    date text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    imported_at text COLLATE "C" NOT NULL DEFAULT '',
    closed_at text COLLATE "C" NOT NULL DEFAULT '',
    seq bigint NOT NULL,
    content_seq bigint NOT NULL,
    closed_seq bigint,
    kind text COLLATE "C" NOT NULL DEFAULT 'box' CHECK (kind IN ('box', 'order')),
    cartons text COLLATE "C" NOT NULL DEFAULT '[]',
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, list),
    UNIQUE (bench, seq)
);
CREATE INDEX packing_lists_open ON packing_lists (bench, vendor) WHERE closed_seq IS NULL;

CREATE TABLE packing_numbers (
    number text COLLATE "C" NOT NULL,
    list text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, number, list, line)
);

CREATE TABLE presence_readings (
    barcode text COLLATE "C" NOT NULL,
    system text COLLATE "C" NOT NULL,
    presence text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, barcode)
);

CREATE TABLE pull_lines (
    list text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL,
    place bigint NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" CHECK (outcome IN ('found', 'not-found', 'on-loan', 'gone', 'wrong-edition', 'back')),
    tick_seq bigint,
    withdrawal_seq bigint,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, list, line)
);
CREATE INDEX pull_lines_barcode ON pull_lines (bench, barcode) WHERE barcode <> '';
CREATE INDEX pull_lines_withdrawal ON pull_lines (bench, withdrawal_seq) WHERE withdrawal_seq IS NOT NULL;

CREATE TABLE pull_lists (
    list text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    closed_seq bigint,
    newest_seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, list),
    UNIQUE (bench, seq)
);

CREATE TABLE purchase_orders (
    number text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, number)
);

CREATE TABLE rejections (
    whose text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    lot bigint NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, whose, subject, lot)
);

CREATE TABLE shipments (
    shipment text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    vendor text COLLATE "C" NOT NULL,
    carton text COLLATE "C" NOT NULL,
    lists text COLLATE "C" NOT NULL,
    donor text COLLATE "C" NOT NULL,
    plan text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    closed_seq bigint,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, shipment),
    UNIQUE (bench, seq)
);
CREATE INDEX shipments_carton ON shipments (bench, carton) WHERE carton <> '';
CREATE INDEX shipments_open ON shipments (bench, seq) WHERE closed_seq IS NULL;

CREATE TABLE streams (
    whose text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, whose, subject)
);

CREATE TABLE system_invoices (
    invoice text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, invoice)
);

CREATE TABLE transfer_log (
    seq bigint NOT NULL,
    transfer text COLLATE "C" NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, transfer, seq)
);

CREATE TABLE transfers (
    transfer text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    site text COLLATE "C" NOT NULL,
    moves bigint NOT NULL CHECK (moves IN (0, 1)),
    reclassifies bigint NOT NULL CHECK (reclassifies IN (0, 1)),
    seq bigint NOT NULL,
    read_seq bigint,
    canceled_seq bigint,
    newest_seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, transfer),
    UNIQUE (bench, seq)
);
CREATE INDEX transfers_barcode ON transfers (bench, barcode, seq);

CREATE TABLE unjudged (
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    uid text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, barcode, part)
);

CREATE TABLE vendors (
    vendor text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, vendor)
);

CREATE TABLE watched_tags (
    uid text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    standing text COLLATE "C" NOT NULL CHECK (standing IN ('destroyed', 'watched')),
    withdrawal text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, uid)
);
CREATE INDEX watched_tags_barcode ON watched_tags (bench, barcode);

CREATE TABLE withdrawal_carts (
    cart text COLLATE "C" NOT NULL,
    operator text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    closed_seq bigint,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, cart),
    UNIQUE (bench, seq)
);

CREATE TABLE withdrawal_items (
    withdrawal text COLLATE "C" NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    part bigint NOT NULL,
    task text COLLATE "C" NOT NULL,
    piece text COLLATE "C" NOT NULL,
    cart text COLLATE "C" NOT NULL DEFAULT '',
    owner text COLLATE "C" NOT NULL DEFAULT '',
    seq bigint NOT NULL,
    decided_seq bigint,
    order_seq bigint,
    deleted_seq bigint,
    checklist text COLLATE "C" NOT NULL DEFAULT 'none' CHECK (checklist IN ('none', 'open', 'left', 'fail', 'pass')),
    judged_seq bigint,
    placed_seq bigint,
    oclc_seq bigint,
    canceled_seq bigint,
    newest_seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, withdrawal),
    UNIQUE (bench, seq)
);
CREATE INDEX withdrawal_items_barcode ON withdrawal_items (bench, barcode, seq);
CREATE INDEX withdrawal_items_cart ON withdrawal_items (bench, cart) WHERE cart <> '';

CREATE TABLE withdrawal_log (
    seq bigint NOT NULL,
    withdrawal text COLLATE "C" NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, withdrawal, seq)
);

CREATE TABLE withdrawals (
    seq bigint NOT NULL,
    barcode text COLLATE "C" NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, seq)
);
CREATE INDEX withdrawals_by_item ON withdrawals (bench, barcode, seq);

CREATE TABLE workers (
    worker text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    standing text COLLATE "C" NOT NULL CHECK (standing IN ('active', 'left', 'erased')),
    seq bigint NOT NULL,
    bench text COLLATE "C" NOT NULL DEFAULT current_setting('station.bench'),
    PRIMARY KEY (bench, worker)
);

CALL only_own_bench('account_plans');
CALL only_own_bench('additions');
CALL only_own_bench('arrivals');
CALL only_own_bench('attempts');
CALL only_own_bench('bindings');
CALL only_own_bench('box_items');
CALL only_own_bench('box_log');
CALL only_own_bench('boxes');
CALL only_own_bench('cataloging');
CALL only_own_bench('correction_log');
CALL only_own_bench('corrections');
CALL only_own_bench('counts');
CALL only_own_bench('credits');
CALL only_own_bench('difference_log');
CALL only_own_bench('differences');
CALL only_own_bench('draws');
CALL only_own_bench('erased_tags');
CALL only_own_bench('exports');
CALL only_own_bench('invoice_entries');
CALL only_own_bench('invoice_lines');
CALL only_own_bench('invoice_log');
CALL only_own_bench('invoices');
CALL only_own_bench('item_states');
CALL only_own_bench('judgements');
CALL only_own_bench('lost_items');
CALL only_own_bench('open_draws');
CALL only_own_bench('order_lines');
CALL only_own_bench('outbox');
CALL only_own_bench('packing_lines');
CALL only_own_bench('packing_lists');
CALL only_own_bench('packing_numbers');
CALL only_own_bench('presence_readings');
CALL only_own_bench('pull_lines');
CALL only_own_bench('pull_lists');
CALL only_own_bench('purchase_orders');
CALL only_own_bench('rejections');
CALL only_own_bench('shipments');
CALL only_own_bench('streams');
CALL only_own_bench('system_invoices');
CALL only_own_bench('transfer_log');
CALL only_own_bench('transfers');
CALL only_own_bench('unjudged');
CALL only_own_bench('vendors');
CALL only_own_bench('watched_tags');
CALL only_own_bench('withdrawal_carts');
CALL only_own_bench('withdrawal_items');
CALL only_own_bench('withdrawal_log');
CALL only_own_bench('withdrawals');
CALL only_own_bench('workers');
