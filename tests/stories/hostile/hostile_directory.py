"""A data directory in which every file is hostile, as an older version, another program or a person may have left it.

The data journaled here was not cleaned on input, so each export and log must make it harmless. `test_sources` tests
that the inputs clean as well.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pymarc

from station.base.sentence import Sentence
from station.base.settings import load
from station.cli.admin.settings_file import template
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, Recheck
from station.domain.deliveries.delivery import DeliveryState, NewDelivery, Why
from station.domain.deliveries.intents import Intent, KeepIntent, MoveIntent, ReceiveIntent, WithdrawIntent
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import MissingCopies, PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.reader_health import SECONDS, TAGS, ReaderHealth, empty
from station.domain.receiving.vendor import Account, Contact, Mapper, Vendor
from station.domain.verdict import Verdict
from station.drivers.reader import measured
from station.runtime.data_directory import CATALOG, JOURNAL, PEOPLE
from station.store.catalog_index.import_file import import_file
from station.store.owner import open_store
from station.store.people.names import People
from tests.conftest import ROOT, FakeClock
from tests.support.altered_people import altered_people
from tests.support.hostile_text import MARK
from tests.support.hostile_values import STORABLE, Dealer, filled
from tests.support.sample_events import UID, image

BARCODE, OTHER, THIRD = "31999000000014", "31999000000022", "31999000000147"
STAFF: Final = {"ann": Role.SYSTEMS, "bea": Role.OPERATOR}
KEYS: Final[dict[str, Any]] = {
    "old": image(),
    "new": image(fill=b"\x11"),
    "barcode": BARCODE,
    "uid": str(UID),
    "correction": "c0ffee0123456789",
    "due": "2020-01-01",
    "due_by": "2020-01-01",
    "part": 1,
    "parts": 2,
    "rule": "spine-label",
    "worker": "w-bea",
    "exported_holdings": "",
    "withdrawal": "",
}
"""Values that the program needs to find its data; all other text is hostile. A field that is newer than the golden
corpus is empty, so that the other texts stay as they were dealt."""
SAMPLE: Final = ROOT / "station/catalog/data/sample.mrc"


def settings_text(**more: object) -> str:
    values: dict[str, object] = {"library.isil": "US-TxDa", "station.operator": "ann", "rules.site_file": "own.toml"}
    return template(**{**values, **more})


def bench(data: Path, deal: Dealer, **settings: object) -> Path:
    """Make the whole directory. `settings`: further settings, by dotted name."""
    (data / "station.toml").write_text(settings_text(**settings), encoding="utf-8")
    (data / "own.toml").write_text("", encoding="utf-8")
    _catalog(data, deal)
    _people(data, deal)
    _journal(data, deal, _packing(deal))
    measured.keep(
        data,
        filled(ReaderHealth, deal, {"seconds": empty(SECONDS), "write_seconds": empty(SECONDS), "tags": empty(TAGS)}),
    )
    return data


def _catalog(data: Path, deal: Dealer) -> None:
    file = data / "books.mrc"
    file.write_bytes(records(deal))
    settings = load(data / "station.toml").catalog
    import_file(file, data / CATALOG, settings.profile, settings)


def records(deal: Dealer) -> bytes:
    """Return the sample catalog with hostile text appended to every text of every record, without the characters that
    end a field."""
    found = []
    with SAMPLE.open("rb") as file:
        for record in pymarc.MARCReader(file):
            assert record is not None
            for field in record.get_fields():
                if field.is_control_field() or field.tag in ("949", "050", "090", "041", "043"):
                    continue
                field.subfields = [
                    one._replace(value=f"{one.value} {marc_text(deal)}") if one.code in "abcntxz" else one
                    for one in field.subfields
                ]
            order = pymarc.Field("970", pymarc.Indicators(" ", " "), [])
            order.subfields = [pymarc.Subfield(code, marc_text(deal)[:200]) for code in "abcdefghlmnpqstuv"]
            record.add_field(order)
            found.append(record.as_marc())
    return b"".join(found)


def marc_text(deal: Dealer) -> str:
    """Return hostile text without the three characters that end subfields, fields and records (ISO 2709)."""
    return deal()[:900].translate({0x1D: None, 0x1E: None, 0x1F: None})


def _people(data: Path, deal: Dealer) -> None:
    people = People(data / PEOPLE)
    for login in STAFF:
        people.add(f"w-{login}", login, login)
    with altered_people(data / PEOPLE) as sql:
        for login in STAFF:
            sql.execute("UPDATE people SET name = ? WHERE worker = ?", (deal(), f"w-{login}"))


def _packing(deal: Dealer) -> list[ev.AnyEvent]:
    """Return the events of packing lists: two that are open, and one of each other kind."""
    events: list[ev.AnyEvent] = []
    for name in ("1", "2"):
        lines = tuple(
            PackingLine(
                line=str(n),
                barcode=BARCODE,
                order_line=deal()[:40],
                numbers=("9780306406157",),
                title=deal()[:300],
                price=deal()[:40],
                library=deal()[:40],
            )
            for n in range(6)
        )
        content = PackingList(name=name, vendor=deal()[:50].replace(chr(0), ""), lines=lines)
        text, source = deal(), deal()[:200]
        events.append(ev.PackingListImported(content=content, source=source, digest=text))
        events.append(ev.PackingListTakenOver(file=source, problem=text, imported_at=text))
        earlier = msgspec.structs.replace(content, name=f"earlier {name}")
        events.append(
            ev.PackingListTakenOver(file=source, content=earlier, source=source, imported_at=text, closed=True)
        )
        missing = (MissingCopies(line=text, title=source, copies=1),)
        events.append(ev.PackingListClosed(list=text, vendor=content.vendor, name=source, missing=missing))
        events.append(ev.PackingListReplaced(list=text, replaces=1, content=content, source=source))
    return events


def _vendor(deal: Callable[[], str]) -> ev.VendorRecorded:
    content = Vendor(
        id="vendor-1",
        name=f"{MARK} {deal()[:40]}",
        names=(f"{MARK} {deal()[:40]}",),
        codes=(f"{MARK} {deal()[:40]}",),
        accounts=(Account(number=f"{MARK} {deal()[:40]}", library=deal()[:99], note=deal()[:99]),),
        contacts=(Contact(name=f"{MARK} {deal()[:40]}", task=deal()[:99], mail=deal()[:99], phone=deal()[:99]),),
        mapper=Mapper(columns={"isbn": f"{MARK} {deal()[:40]}"}, sheet=deal()[:20]),
    )
    return ev.VendorRecorded(content=content, operator=deal())


def item(deal: Dealer, barcode: str = BARCODE) -> ItemRecord:
    return filled(ItemRecord, deal, {**KEYS, "barcode": Barcode(barcode), "alternate_title": deal()})


def _journal(data: Path, deal: Dealer, packing: list[ev.AnyEvent]) -> None:
    store = open_store(data / JOURNAL, FakeClock())
    try:
        record = store.journal.record
        for login, role in STAFF.items():
            record(ev.WorkerRegistered(worker=f"w-{login}", role=role))
        last = {
            ev.RulesInForce,
            ev.StaffCalled,
            ev.StaffCallAnswered,
            ev.SoundChecked,
            ev.VerdictTakenBack,
        }  # newer than the golden corpus: recorded last, to keep the other texts
        apart = ("Worker", "PackingList")
        named = {kind.__name__: kind for kind in ev.AnyEvent.__args__ if not kind.__name__.startswith(apart)}
        newest = {*ev.ShipmentEvent.__args__}  # recorded after all others, for the same reason
        unwritten = {
            *ev.PurchaseStep.__args__,
            *ev.DistributionStep.__args__,
            *ev.DepartureEvent.__args__,  # test_withdrawals.py, test_transfers.py
            ev.OrderLineRead,
            ev.SystemInvoiceRead,
        }
        later = last | newest | unwritten
        kinds = {kind: deal.of_kind(kind) for _, kind in sorted(named.items()) if kind not in later}
        for kind, texts in kinds.items():
            record(filled(kind, texts, {"old": image(), "new": image(), "exported_holdings": "", "withdrawal": ""}))
        for kind, texts in kinds.items():
            # A withdrawn item gets no label, which would hide what labels do with hostile text.
            keys = {**KEYS, "verdict": Verdict.FAIL} if kind is ev.WithdrawalJudged else KEYS
            record(filled(kind, texts, keys))
        _corrections(record, deal)
        for n in range(24):
            vendor = msgspec.structs.replace(item(deal), vendor=deal()[:60], material=deal()[:40])
            outcome = Outcome.FAIL if n % 3 == 0 else Outcome.PASS
            finding = Finding(
                "spine-label",
                deal(),
                Severity.MAJOR,
                outcome,
                "w-bea",
                Sentence.verbatim(deal()),
                note=Sentence.verbatim(deal()),
            )
            record(
                ev.ItemJudged(
                    barcode=BARCODE,
                    uid=str(UID),
                    part=1,
                    parts=1,
                    verdict=Verdict.FAIL,
                    findings=(finding,),
                    item=vendor,
                    operator="w-bea",
                )
            )
        _printable(record)
        _deliveries(store, deal)
        for kind in sorted(last, key=lambda one: one.__name__):
            record(filled(kind, deal, KEYS))
        record(*packing)
        for kind in sorted(newest - {ev.VendorRecorded}, key=lambda one: one.__name__):
            record(filled(kind, deal.of_kind(kind), KEYS))
        record(_vendor(deal.of_kind(ev.VendorRecorded)))
    finally:
        assert store.close()


def _printable(record: Any) -> None:
    """Record a correction of OTHER with hostile text of characters that a label can print."""
    ascii_only = Dealer(strings=[text for text in STORABLE if text.isascii() and len(text) < 40])
    opened = filled(ev.CorrectionOpened, lambda: f"{MARK} {ascii_only()[:40]}", {**KEYS, "barcode": OTHER})
    record(msgspec.structs.replace(opened, correction="facade0123456789", what=CorrectionKind.MEND))


def _corrections(record: Any, deal: Dealer) -> None:
    for n, what in enumerate([*CorrectionKind, *CorrectionKind, *CorrectionKind]):
        # A recheck is a blind second check, which would hide its item with all its text.
        about = THIRD if what is CorrectionKind.RECHECK else BARCODE
        opened = filled(ev.CorrectionOpened, deal, {**KEYS, "correction": f"{n:016x}", "barcode": about})
        record(msgspec.structs.replace(opened, what=what, recheck=Recheck.PERSON, owner=deal(), operator="w-bea"))
    named = filled(
        ev.CorrectionOpened,
        deal,
        {**KEYS, "correction": "f" * 16, "barcode": "31999000000030", "rule": f"{MARK} {deal()}"},
    )
    record(msgspec.structs.replace(named, what=CorrectionKind.MEND))
    first = f"{0:016x}"
    record(
        ev.CorrectionMended(correction=first, note=Sentence.of(deal()), operator=deal()),
        ev.CorrectionRechecked(correction=first, passed=False, reason=Sentence.of(deal()), operator=deal()),
    )


def _deliveries(store: Any, deal: Dealer) -> None:
    for kind in Intent.__args__:
        if kind in (ReceiveIntent, KeepIntent, MoveIntent):  # newer than the golden corpus
            continue
        keys = {"barcode": BARCODE, **({"reason": ""} if kind is WithdrawIntent else {})}  # its reason is newer, too
        new = NewDelivery(deal()[:60], deal()[:60], filled(kind, deal, keys))
        store.journal.record(ev.StationStarted(version=deal(), station=deal()), deliveries=[new])
    for row in store.queries.outbox_page():
        store.outbox.lease(row.id)
        store.outbox.settle(row.id, DeliveryState.PARKED, Sentence.verbatim(deal()), why=Why(reason=deal()))


def tag_dump(text: str) -> str:
    """Return a tag of ISO 28560-2 whose identifier is this text in UTF-8 (compaction 7 of ISO/IEC 15962), in
    hexadecimal."""
    data = text.encode("utf-8", "ignore")[:60]
    return (bytes([0x71, len(data)]) + data).ljust(112, b"\0").hex()


def tag_title(text: str) -> str:
    """Return a tag with a valid identifier and this text as its title (OID 17; ISO 28560-2, table 1), in
    hexadecimal."""
    data = text.encode("utf-8", "ignore")[:60]
    return (bytes([0x11, 0x02, 0x30, 0x39, 0x7F, 0x02, len(data)]) + data).ljust(112, b"\0").hex()
