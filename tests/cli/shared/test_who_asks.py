"""No person can act in another's name: at the control socket with a bare client, and with every command that takes
`--operator`, with a running station and without one."""

from __future__ import annotations

import json
import re
import shutil
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from scripts.reference.pages import all_commands
from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.base.settings import load
from station.cli import station
from station.domain import commands
from station.domain.distribution.box import box_id
from station.domain.events import (
    BoxClosed,
    BoxOpened,
    BoxPacked,
    CatalogImported,
    CatalogingRequested,
    CopyCounted,
    CorrectionOpened,
    InvoiceRecorded,
    PackingListImported,
    PurchaseOrderRecorded,
    ShipmentOpened,
    TruckReleased,
    VendorRecorded,
    WorkerRegistered,
)
from station.domain.invoices.invoice import Invoice, InvoiceLine
from station.domain.invoices.order import PurchaseOrder
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.people.sign_on import NOBODY, SIGNING_ON, Pin, lending
from station.domain.receiving.shipment import shipment_id
from station.domain.receiving.vendor import Vendor
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import Authenticator, open_authenticator
from station.runtime.socket import wire
from station.runtime.station import Station
from station.store.owner import open_store
from station.store.people.cards import Kind
from station.store.people.names import People
from station.store.queries.queries import Queries
from tests.cli.session.test_sign_on import PINS, ROLES, prepare, running
from tests.conftest import ROOT, FakeClock
from tests.runtime.socket.test_socket import Raw
from tests.support.hostile_values import filled
from tests.support.told import told

TESS, ANN = "w-tess", "w-ann"
IMPORT = {"kind": "catalog-imported", "source": "a.mrc", "records": 1, "items": 1, "rejected": 0, "operator": TESS}
TRUCK = {"kind": "truck-released", "release": "r1", "truck": "TRUCK-7", "right": ["31234000000016"], "operator": TESS}
WANTED = {"kind": "cataloging-requested", "request": "c1", "title": "A title", "reason": "no record", "operator": TESS}
HELD = {"kind": "retraining-held", "worker": "w-tim", "operator": TESS}
PAD = {"type": "set-security", "barcode": "31234000000016", "secure": False, "source": "w-tess"}
SAMPLES: dict[str, list[dict[str, Any]]] = {
    "submit": [{"submit": {"type": "sign-on", "operator": TESS}}],
    "snapshot": [{"snapshot": True}],
    "watch": [{"watch": True}],
    "health": [{"health": True}],
    "sign_on": [{"sign_on": {"name": "tess", "pin": {"text": "000111"}}}],
    "authorise": [{"authorise": {"what": "q1", "right": "lock", "claim": {"name": "tess", "pin": {"text": "000111"}}}}],
    "order": [
        {"order": [HELD]},
        {"order": [IMPORT, TRUCK]},
        {"order": [WANTED, {"kind": "cataloging-resolved", "request": "c1", "operator": TESS}]},
    ],
    "decide": [{"decide": {"delivery": "d1", "decision": "discard", "operator": TESS}}],
    "retry": [{"retry": "d1", "operator": TESS}],
    "retry_all": [{"retry_all": True, "operator": TESS}],
    "pad": [{"pad": PAD}],
    "read": [{"read": {"order_lines": ["POL-1"]}, "operator": TESS}],
    "item": [{"item": {"barcode": "31999000000014"}, "operator": TESS}],
    "sign_in": [{"sign_in": {"name": "tess", "pin": {"text": "000111"}}}],
    "sign_out": [{"sign_out": "x"}],
    "viewer": [{"viewer": "x"}],
    "names": [{"names": "x"}],
    "account": [{"account": "w-ann", "session": "x"}],
    "change": [{"change": {"what": "speak", "worker": "w-ann", "language": "es", "operator": TESS}}],
    "own_pin": [{"own_pin": {"claim": {"name": "tess", "pin": {"text": "000111"}}, "pin": {"text": "640917"}}}],
    "quit": [{"quit": True}],
}
"""At least one request of each kind, in the technician's name and without any proof."""


def proofs() -> dict[str, str]:
    """Return the table of docs/people.md: the proof that each kind of request needs."""
    page = (ROOT / "docs/people.md").read_text(encoding="utf-8")
    section = page.partition("## What the control socket accepts")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (\w+) \| \S.*\|$", section, re.M))


PROOFS = proofs()
PROVEN = [request for kind, proof in PROOFS.items() if proof == "PIN" for request in SAMPLES[kind]]


def kind_of(request: dict[str, Any]) -> str:
    return next(iter(request))


def claim(name: str, pin: str) -> dict[str, Any]:
    return {"name": name, "pin": {"text": pin}}


def with_claims(request: dict[str, Any], *claims: dict[str, Any]) -> dict[str, Any]:
    return {**request, "claims": list(claims)}


class Desk:
    """A station with sign-on on which no person is signed on, and a bare client at its socket."""

    def __init__(self, data: Path, found: Station) -> None:
        self.data, self.station = data, found
        self.views = Queries(data / JOURNAL, FakeClock())

    def say(self, request: dict[str, Any]) -> dict[str, Any]:
        with Raw(self.data) as raw:
            raw.say(json.dumps({"version": wire.VERSION} | request).encode() + b"\n")
            return raw.hear()

    def refused(self, request: dict[str, Any]) -> str:
        """Return the code of the refusal; assert that no event was journaled."""
        before = self.views.head().seq
        answer = self.say(request)
        assert "error" in answer, answer
        assert self.views.head().seq == before, "no event may be journaled"
        code: str = answer["error"]["code"]  # type: ignore[index]
        return code

    def since(self, seq: int) -> list[Any]:
        return [row.event for row in self.views.events(seq + 1)]

    @property
    def authenticator(self) -> Authenticator:
        return self.station.identity.authenticator


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    prepare(tmp_path)
    with running(tmp_path) as found:
        yield Desk(tmp_path, found)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The same for requests that change nothing: one for all of them."""
    data = prepare(tmp_path_factory.mktemp("refusing"))
    with running(data) as found:
        yield Desk(data, found)


# --- the socket -----------------------------------------------------------------------------------------------------


def test_each_kind_of_request_stands_in_the_table_with_its_proof() -> None:
    kinds = {field.name for field in msgspec.structs.fields(wire.Request)} - {"version", "claims", "operator"}
    kinds -= {"session", "via", "expects", "idle"}
    assert set(PROOFS) == kinds, "a new kind of request needs a row in docs/people.md"
    assert set(SAMPLES) == kinds
    assert set(PROOFS.values()) == {"bench", "none", "own", "PIN", "source"}


def test_without_proof_nothing_is_journaled_in_the_name_of_a_person(desk: Desk) -> None:
    """Each kind of request, each command of the bench and each request to the pad, with the technician's id in every
    text."""
    for requests in SAMPLES.values():
        for request in requests:
            desk.say(request)
    for kind in typing.get_args(commands.Command):
        command = filled(kind, lambda: TESS, {"request": commands.ReadPad()})
        desk.say({"submit": msgspec.to_builtins(command)})
    for kind in typing.get_args(commands.PadRequest):
        for source in (TESS, ""):
            request = filled(kind, lambda: TESS, {"source": source} if "source" in kind.__struct_fields__ else {})
            desk.say({"pad": msgspec.to_builtins(request)})
    people = {f"w-{login}" for login in ROLES}
    found = desk.since(0)
    given = [event for event in found if event.operator in people or event.authorised in people]
    assert given == []
    assert not {type(event) for event in found} & {CatalogImported, TruckReleased, CatalogingRequested}


@pytest.mark.parametrize("request_", PROVEN, ids=kind_of)
def test_only_the_proof_of_whom_a_request_names_is_taken(desk: Desk, request_: dict[str, Any]) -> None:
    grants = [desk.authenticator.grant(TESS, purpose) for purpose in (SIGNING_ON, lending("q1"))]
    assert desk.refused(request_) == "sign-on-needed"
    assert desk.refused(with_claims(request_, claim("ann", PINS["ann"]))) == "sign-on-needed", (
        "the PIN of another person"
    )
    assert desk.refused(with_claims(request_, claim("tess", "000111"))) == "pin-wrong"
    for grant in grants:
        assert desk.refused(with_claims(request_, claim("tess", grant))) == "pin-wrong", (
            "a grant must not count as a PIN"
        )
    desk.authenticator.pins.give(TESS, Pin("650284"), must_change=False)
    assert desk.refused(with_claims(request_, claim("tess", PINS["tess"]))) == "pin-wrong", "the earlier PIN"
    desk.authenticator.pins.give(TESS, Pin("918273"), must_change=True)
    assert desk.refused(with_claims(request_, claim("tess", "918273"))) == "pin-change-needed", "a first PIN"
    desk.authenticator.pins.give(TESS, Pin("650284"), must_change=False)
    before = desk.views.head().seq
    answer = desk.say(with_claims(request_, claim("tess", "650284")))
    if kind_of(request_) == "read":
        assert answer["error"]["code"] == "settings", "the station has no library system with orders"
    else:
        assert "error" not in answer, answer
    journals = kind_of(request_) == "order"
    assert {event.operator for event in desk.since(before)} == ({TESS} if journals else set())


@pytest.mark.parametrize("request_", PROVEN, ids=kind_of)
@pytest.mark.parametrize("name", ["", "machine", NOBODY, "somebody"])
def test_a_request_in_nobodys_name_is_refused(refusing: Desk, request_: dict[str, Any], name: str) -> None:
    """Otherwise it would be journaled as done by the station itself."""
    kind = kind_of(request_)
    if isinstance(request_[kind], list):
        request_ = {kind: [{**event, "operator": name} for event in request_[kind]]}
    elif isinstance(request_[kind], dict) and "operator" in request_[kind]:
        request_ = {kind: {**request_[kind], "operator": name}}
    else:
        request_ = {**request_, "operator": name}
    for claims in ((), (claim("ann", PINS["ann"]),)):
        assert refusing.refused(with_claims(request_, *claims)) == "sign-on-needed"


NOTE = {"type": "note", "barcode": "1", "text": "t", "operator": TESS}
OPENED = {"kind": "correction-opened", "correction": "k1", "barcode": "1", "title": "t", "due": "2026-12-31"}
INSIDE: dict[str, dict[str, Any]] = {
    "found_by": {**OPENED, "found_by": ANN, "operator": TESS},
    "intent": {"kind": "delivery-ordered", "system": "file", "reason": "", "operator": ANN, "intent": NOTE},
    "authorised": {"kind": "retraining-held", "worker": "w-tim", "operator": ANN, "authorised": TESS},
}


@pytest.mark.parametrize("order", INSIDE.values(), ids=INSIDE)
def test_no_name_inside_an_order_goes_without_its_proof(refusing: Desk, order: dict[str, Any]) -> None:
    own = claim("ann", PINS["ann"])
    assert refusing.refused(with_claims({"order": [order]}, own)) == "sign-on-needed"


WIDE, DASH = "Ｗ－ＴＥＳＳ", "w‐tess"
TAKEN = ["w-tess", "W-TESS", WIDE, DASH, "tess", "Tess", "T e s s", "téss", "TESS.", "machine", "Nobody", "w-deadbeef"]


@pytest.mark.parametrize("source", TAKEN)
def test_a_program_cannot_call_itself_like_somebody(refusing: Desk, source: str) -> None:
    for kind in ("set-security", "check-stack"):
        request = {**PAD, "source": source} if kind == "set-security" else {"type": kind, "source": source}
        assert refusing.refused({"pad": request}) == "control-refused"


@pytest.mark.parametrize("source", ["Alma", "command line", "pytest", "Library page", "w3 client"])
def test_a_program_with_a_name_of_its_own_reaches_the_pad(desk: Desk, source: str) -> None:
    answer = desk.say({"pad": {**PAD, "source": source}})
    assert "pad" in answer, answer


def test_the_journal_calls_a_program_a_program(desk: Desk) -> None:
    desk.say({"pad": {**PAD, "source": "Library page"}})
    said = desk.views.journal_page(None, 1)[0]
    assert (said.kind, told(said.summary).startswith('Program "Library page" asked for ')) == (
        "pad-request-refused",
        True,
    )


# --- commands -------------------------------------------------------------------------------------------------------

BARCODE = "31999000000014"
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "board": (),
    "catalog check": ("--all", "--queue"),
    "catalog import": (str(ROOT / "station/catalog/data/sample.mrc"),),
    "catalog rebuild": (),
    "cataloging add": ("--title", "A title"),
    "cataloging resolve": (BARCODE, "--reason", "given back"),
    "withdraw watch": ("--ask",),
    "withdraw answer": (BARCODE, "--task", "lease-return", "--pass-all"),
    "withdraw list": (),
    "withdraw show": (BARCODE,),
    "withdraw decide": (BARCODE, "--reason", "weeded", "--destination", "recycle", "--despite", "worn"),
    "withdraw cancel": ("withdrawal-1", "--reason", "stays"),
    "withdraw confirm": ("withdrawal-1", "--reason", "seen there"),
    "withdraw destroyed": ("withdrawal-1",),
    "withdraw place": ("withdrawal-1",),
    "withdraw oclc": ("withdrawal-1",),
    "withdraw assign": ("withdrawal-1", "--owner", "me"),
    "withdraw report": (),
    "withdraw cart open": ("Cart", "--reason", "weeded", "--destination", "recycle"),
    "withdraw cart close": ("cart-1",),
    "withdraw cart list": (),
    "withdraw lists list": (),
    "withdraw lists show": ("1",),
    "withdraw lists print": ("1",),
    "withdraw lists import": ("--set", "9", "--reason", "weeded", "--destination", "recycle"),
    "withdraw lists tick": ("1", BARCODE, "found"),
    "withdraw lists without": ("1", BARCODE),
    "withdraw lists close": ("1",),
    "convert": ("LIST",),
    "corrections assign": ("k1k1", "--owner", "me"),
    "corrections close": ("k1k1", "--result", "no-defect", "--reason", "it is right"),
    "corrections figures": (),
    "corrections list": (),
    "corrections look": ("k1k1",),
    "corrections mend": ("k1k1",),
    "corrections order": (BARCODE, "--worker", "tim", "--reason", "plan"),
    "corrections overdue": (),
    "corrections recheck": ("k1k1",),
    "corrections show": ("k1k1",),
    "corrections slip": (BARCODE,),
    "corrections waive": ("k1k1", "--reason", "old binding"),
    "journal continue": ("--restored", "--yes"),
    "journal show": (),
    "library facts": (BARCODE, "--condition", "BRITTLE"),
    "library members": ("1234", BARCODE),
    "library note": (BARCODE, "a note"),
    "library scan-in": (BARCODE, "--library", "MAIN", "--department", "D"),
    "outbox discard": ("d1", "--reason", "sold"),
    "outbox list": (),
    "outbox resolve": ("d1", "keep-theirs"),
    "outbox retry": ("--all",),
    "outbox show": ("d1",),
    "people add": ("newer",),
    "people card add": ("tim", "STAFF-7"),
    "people card remove": ("STAFF-1",),
    "people erase": ("tim", "--reason", "asked for"),
    "people leave": ("tim", "--reason", "left"),
    "people list": (),
    "people pin list": (),
    "people pin reset": ("tim",),
    "people pin set": ("new",),
    "people record": ("tim",),
    "people rename": ("tim", "Timothy"),
    "people retrain": ("tim",),
    "people role": ("tim", "operator"),
    "people speak": ("tim", "--language", "es"),
    "process": (BARCODE, "--pass-all"),
    "quality rules accept": (),
    "quality sampling rejected": (),
    "quality sampling state": (),
    "quality sampling unasked": ("worker", "tim"),
    "quality stats": (),
    "set": (BARCODE, "--parts", "2"),
    "receiving close": ("INV-1",),
    "receiving import": ("PACKING",),
    "receiving type": ("INV-2", "--line", "isbn=9780262033848"),
    "receiving vendors import": ("VENDORS",),
    "receiving accounts import": ("PLAN",),
    "receiving shipment open": (),
    "receiving shipment close": (),
    "receiving shipment show": (),
    "receiving count": ("9780262033848",),
    "receiving fault": ("COUNT", "damaged"),
    "receiving undo": ("COUNT",),
    "receiving return": ("COUNT",),
    "receiving bind": ("COUNT", BARCODE),
    "transfers list": (),
    "transfers show": ("transfer-1",),
    "transfers decide": (BARCODE, "--library", "WEST"),
    "transfers import": ("TRANSFERS",),
    "transfers cancel": ("transfer-1", "--reason", "stays"),
    "transfers confirm": ("transfer-1", "--reason", "seen there"),
    "transfers read": ("transfer-1",),
    "transfers lost": (BARCODE,),
    "transfers found": (BARCODE,),
    "receiving boxes show": ("BOX",),
    "receiving boxes open": ("EAST",),
    "receiving boxes pack": ("BOX", BARCODE),
    "receiving boxes take-out": ("BOX", BARCODE),
    "receiving boxes close": ("BOX",),
    "receiving boxes receive": ("CLOSED",),
    "receiving boxes reopen": ("CLOSED", "--reason", "wrong label"),
    "receiving receipts order": ("COUNT", "--yes"),
    "receiving order-lines show": ("POL-1",),
    "receiving invoices compare": ("INVOICE",),
    "receiving claim": ("DIFFERENCE",),
    "receiving differences list": (),
    "receiving differences show": ("DIFFERENCE",),
    "receiving differences assign": ("DIFFERENCE", "--owner", "me"),
    "receiving differences note": ("DIFFERENCE", "--note", "asked"),
    "receiving differences end": ("DIFFERENCE", "accepted", "--reason", "agreed"),
    "receiving invoices list": (),
    "receiving invoices show": ("INVOICE",),
    "receiving invoices sheet": ("INVOICE",),
    "receiving invoices exports": (),
    "receiving invoices import": ("INVOICES",),
    "receiving invoices type": ("A-2", "--vendor", "ybp", "--date", "2026-03-02", "--total", "5.00"),
    "receiving invoices code": ("INVOICE", "1", "--share", "account=11"),
    "receiving invoices rate": ("INVOICE", "1.08"),
    "receiving invoices credit": ("INVOICE", "INVOICE", "1.00"),
    "receiving invoices okay": ("INVOICE",),
    "receiving invoices take-back": ("INVOICE", "--reason", "wrong"),
    "receiving invoices paid": ("INVOICE",),
    "receiving invoices void": ("INVOICE", "--reason", "twice"),
    "receiving invoices correct": ("INVOICE", "--line", "amount=-1.00 account=11"),
    "receiving invoices export": ("INVOICE", "--to", "NEW.csv"),
    "receiving orders show": ("BPO-1",),
    "receiving orders record": ("BPO-1", "--amount", "20.00", "--reason", "more"),
    "receiving orders notice": ("BPO-1",),
    "receiving orders import": ("ORDERS",),
    "receiving expenditure": (),
    "tag erase": ("--barcode", BARCODE),
    "tag history": (BARCODE,),
    "item": (BARCODE,),
    "tag migrate": ("--write", "--barcode", BARCODE),
    "release check": ("LIST",),
    "release truck": ("LIST",),
    "undo": ("--yes",),
}
"""Every command that takes `--operator`, with valid arguments."""
FIRST_CORRECTION = CorrectionOpened(
    correction="k1k1",
    barcode=BARCODE,
    rule="label",
    title=Sentence.verbatim("The label is straight"),
    due="2026-12-31",
    operator=ANN,
)


def run(data: Path, *words: str, lines: tuple[str, ...] = ()) -> Result:
    typed = "".join(f"{line}\n" for line in lines)
    return CliRunner().invoke(station, ["--data", str(data), *words], input=typed)


def with_operator() -> dict[str, click.Command]:
    found = {path.removeprefix("station "): command for path, command in all_commands()}
    return {path: one for path, one in found.items() if any(each.name == "operator" for each in one.params)}


def test_every_command_with_operator_is_tried_here() -> None:
    assert set(ARGUMENTS) == set(with_operator())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    alma = {
        "delivery.alma.enabled": True,
        "delivery.alma.base_url": "https://alma.invalid",
        "delivery.alma.mapping": "ours.toml",
    }
    data = prepare(tmp_path_factory.mktemp("names"), **alma)
    (data / "ours.toml").write_text('name = "ours"\n[fields]\nphysical_condition = "{condition}"\n', encoding="utf-8")
    (data / "credentials").mkdir(mode=0o700, exist_ok=True)
    (data / "credentials" / "alma").write_text("key", encoding="utf-8")
    (data / "credentials" / "alma").chmod(0o600)
    sample = ROOT / "station/catalog/data/sample.mrc"
    assert run(data, "catalog", "import", str(sample), lines=(PINS["ann"],)).exit_code == 0
    people, store = People(data / PEOPLE), open_store(data / JOURNAL, FakeClock())
    people.add("w-new", "new", "New")
    store.journal.record(WorkerRegistered(worker="w-new", role=Role.TRAINEE))
    store.journal.record(
        CatalogingRequested(request="c1c1", barcode=BARCODE, reason=Sentence.verbatim("no record"), operator=ANN)
    )
    store.journal.record(FIRST_CORRECTION)
    content = PackingList(name="INV-1", lines=(PackingLine(line="1", barcode=BARCODE),))
    store.journal.record(PackingListImported(content=content, operator=ANN))
    invoice = Invoice(vendor="ybp", number="A-1", date="2026-03-02", lines=(InvoiceLine(line="1", amount="5.00"),))
    order = PurchaseOrder(number="BPO-1", vendor="ybp", amount="10.00")
    store.journal.record(
        InvoiceRecorded(content=invoice, operator=ANN), PurchaseOrderRecorded(content=order, operator=ANN)
    )
    store.journal.record(VendorRecorded(content=Vendor(id="ybp", name="YBP"), operator=ANN))
    box, gone = (box_id(store.journal.record(BoxOpened(site="EAST", operator=ANN))) for _ in range(2))
    packed = BoxPacked(box=box, barcode=BARCODE, operator=ANN)
    store.journal.record(packed, msgspec.structs.replace(packed, box=gone), BoxClosed(box=gone, operator=ANN))
    opened = store.journal.order(ShipmentOpened(operator=ANN))
    store.journal.order(CopyCounted(shipment=shipment_id(opened), scanned="9780306406157", operator=ANN))
    authenticator = open_authenticator(load(data / "station.toml"), data, store.queries, SystemClock())
    authenticator.give_card(Kind.BARCODE, "STAFF-1", "w-tim")
    store.close()
    (data / "list.txt").write_text(f"{BARCODE}\n", encoding="utf-8")
    (data / "vendors.toml").write_text('[[vendor]]\nid = "new"\nname = "New Books"\n', encoding="utf-8")
    (data / "orders.toml").write_text('[[order]]\nnumber = "B"\nvendor = "ybp"\namount = "1"\n', encoding="utf-8")
    (data / "invoices.csv").write_text("list,vendor,amount\nA-3,ybp,5.00\n", encoding="utf-8")
    (data / "plan.toml").write_text('[[codes]]\naccount = "10-BOOKS"\n', encoding="utf-8")
    (data / "transfers.csv").write_text(f"barcode,library\n{BARCODE},WEST\n", encoding="utf-8")
    (data / "packing.csv").write_text(f"barcode\n{BARCODE}\n", encoding="utf-8")
    return data


@pytest.fixture(scope="module")
def beside(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same data directory with a running station."""
    data = tmp_path_factory.mktemp("running") / "data"
    shutil.copytree(place, data)
    with running(data):
        yield data


def asks(data: Path, name: str) -> None:
    """Assert that the command ends without a PIN, or with a wrong one, and that no event is journaled in the
    technician's name."""
    queries = Queries(data / JOURNAL, FakeClock())
    (difference,), (box, closed) = queries.differences(), queries.boxes()
    named = {
        "LIST": str(data / "list.txt"),
        "PACKING": str(data / "packing.csv"),
        "VENDORS": str(data / "vendors.toml"),
        "PLAN": str(data / "plan.toml"),
        "COUNT": str(difference.count),
        "BOX": box.id,
        "CLOSED": closed.id,
        "INVOICES": str(data / "invoices.csv"),
        "TRANSFERS": str(data / "transfers.csv"),
        "ORDERS": str(data / "orders.toml"),
        "NEW.csv": str(data / "new.csv"),
        "INVOICE": "A-1",
        "DIFFERENCE": difference.id,
    }
    words = [named.get(word, word) for word in ARGUMENTS[name]]
    command = (*name.split(), *words, "--operator", "tess")
    for lines, code, said in (((), 2, "stdin has no line left for a PIN"), (("000111",), 35, "PIN")):
        result = run(data, *command, lines=lines)
        assert (result.exit_code, said in result.output) == (code, True), result.output
    rows = Queries(data / JOURNAL, FakeClock()).events()
    assert not [row.event for row in rows if TESS in (row.event.operator, row.event.authorised)]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_without_a_station_the_command_asks_for_the_pin(place: Path, name: str) -> None:
    asks(place, name)


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - {"journal continue"}))  # no station may run during it
def test_beside_a_station_the_command_asks_for_the_pin(beside: Path, name: str) -> None:
    asks(beside, name)


@pytest.mark.parametrize("words", [("roll", "load", "A-17"), ("tag", "abandon", "E0040100000001AA")], ids=" ".join)
def test_what_is_journaled_as_the_operator_of_the_settings_asks_for_that_pin(
    place: Path, words: tuple[str, ...]
) -> None:
    before = Queries(place / JOURNAL, FakeClock()).head().seq
    for lines, code in (((), 2), (("000111",), 35)):
        assert run(place, *words, lines=lines).exit_code == code
    assert Queries(place / JOURNAL, FakeClock()).head().seq == before
