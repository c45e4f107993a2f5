"""One row for each adapter: the adapter, and control of the world behind it. A new adapter adds a class and a line in
`RIGS`.

A rig must take its facts about the world from the world itself (the emulator's effect log, the file's lines), never
from the adapter.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import pytest

from station.base import settings
from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.settings.delivery import AlmaOrders as AlmaOrdersSettings
from station.base.words import tell
from station.domain.deliveries.delivery import Delivery
from station.domain.deliveries.intents import (
    FactsIntent,
    Holdings,
    Intent,
    KeepIntent,
    MembersIntent,
    MoveIntent,
    NoteIntent,
    ReceiveIntent,
    ResultIntent,
    ScanInIntent,
    WithdrawIntent,
    lane,
)
from station.domain.ports import DeliverySystem
from station.domain.verdict import Verdict
from station.sync.alma.mapping import parse
from station.sync.alma.orders import AlmaOrders
from station.sync.alma.system import Alma
from station.sync.file_sink import FileSink
from station.sync.sip2.opening import open_sip2
from tests.conftest import FakeClock
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.controlled_emulator import controlled
from tests.support.patience import PATIENCE_S

ITEMS = [f"3123400000{number:04}" for number in range(40)]
"""Barcodes that the world knows."""
UNKNOWN = "39999999999999"
SET = "7001"
MAPPING = """
name = "contract"
[fields]
internal_note_3 = "{entry}"
weeding_number = "{weeding_number}"
weeding_date = "{weeding_date}"
"""


def sample(which: str, barcode: str, uid: str = "E004015012345678") -> Intent:
    """Return one intent of a kind about one item."""
    match which:
        case "result":
            return ResultIntent(
                barcode=barcode, uid=uid, part=1, parts=1, verdict=Verdict.PASS, whole=True, operator="ann"
            )
        case "note":
            return NoteIntent(barcode=barcode, text=f"checked {uid[-4:]}", operator="ann")
        case "scan-in":
            return ScanInIntent(barcode=barcode, library="MAIN", department="TECHSERV", work_order_type="RFID")
        case "withdraw":
            return WithdrawIntent(barcode=barcode, holdings=Holdings.RETAIN)
        case "set-members":
            return MembersIntent(set_id=SET, barcodes=(barcode,))
        case "facts":
            return FactsIntent(barcode=barcode, weeding_number="W-7", weeding_date="2026-11-24")
        case "move":
            return MoveIntent(barcode=barcode, library="EAST", location="reserve")
        case "receive":
            return ReceiveIntent(order_line=f"POL-{barcode}", barcode=f"8{barcode[1:]}", library="MAIN")
        case "keep":
            return KeepIntent(order_line=f"POL-{barcode}", barcode=barcode)
    raise AssertionError(f"tests/sync/system_rigs.py has no sample of {which!r}")


class Rig(Protocol):
    """The world behind one adapter. A fault affects the next change that is sent."""

    takes: frozenset[str]
    """The kinds of intents of its adapter."""
    system: DeliverySystem
    needs_known_items: bool
    """True if an item that the world does not know is refused."""
    tells_fails: bool
    """True if failed items are sent as well."""
    answers: bool
    """True if the world can lose requests and answers, and be down."""
    secrets: tuple[str, ...]
    """Texts that must never be shown."""
    world_says: dict[str, str]
    """Fields of the record of `ITEMS[0]`, as in the world."""

    def effects(self) -> int:
        """Return the number of changes that took effect."""
        ...

    def lose_answer(self) -> None: ...

    def lose_request(self) -> None: ...

    def down(self) -> None: ...

    def up(self) -> None: ...

    def faults(self) -> tuple[Callable[[], object], ...]:
        """Return further faults, one at a time."""
        ...

    def calm(self) -> None:
        """End all faults."""
        ...

    def close(self) -> None: ...


class FileRig:
    """The results file."""

    takes = FileSink.kinds
    needs_known_items = False
    tells_fails = True
    answers = False
    secrets = ()
    world_says: dict[str, str] = {}

    def __init__(self, folder: Path, _process: AlmaProcess) -> None:
        self.path = folder / "out" / "results.jsonl"
        self.system: DeliverySystem = FileSink(self.path, tell)

    def effects(self) -> int:
        return len(self.path.read_bytes().splitlines()) if self.path.exists() else 0

    def lose_answer(self) -> None:
        raise AssertionError("a file answers at once")

    lose_request = lose_answer

    def down(self) -> None:
        """Replace the folder by a file, so that not even root can write there."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.rename(self.path.parent, self.path.parent.with_name("aside"))
        self.path.parent.write_bytes(b"")

    def up(self) -> None:
        self.path.parent.unlink()
        os.rename(self.path.parent.with_name("aside"), self.path.parent)

    def faults(self) -> tuple[Callable[[], object], ...]:
        return ()

    def calm(self) -> None:
        """Do nothing: there are no faults."""

    def close(self) -> None:
        """Nothing to close."""


class AlmaRig:
    """Ex Libris Alma, emulated."""

    takes = Alma.kinds
    needs_known_items = True
    tells_fails = True
    answers = True
    secrets = (CANARY,)
    world_says = {"title": "Fictitious", "location": "stacks", "library": "MAIN", "call_number": "QA 76 .N6 2020"}

    def __init__(self, _folder: Path, process: AlmaProcess) -> None:
        self.process = process
        process.reset({code: fictitious(code, pid=100 + n) for n, code in enumerate(ITEMS)})
        self.make_set()
        config = settings.Alma(base_url=process.base_url, timeout_s=20.0)
        table = parse(MAPPING, "contract.toml")
        self.adapter: Alma | AlmaOrders = Alma(config, lambda: Secret(CANARY), FakeClock(), mapping=table)
        self.system: DeliverySystem = self.adapter

    def make_set(self) -> None:
        """Make a set through the API, so that the emulator chooses its number."""
        import urllib.request

        body = json.dumps(
            {
                "name": "Contract",
                "type": {"value": "ITEMIZED"},
                "content": {"value": "ITEM"},
                "private": {"value": "false"},
            }
        ).encode()
        request = urllib.request.Request(
            f"{self.process.base_url}/almaws/v1/conf/sets",
            body,
            {"Authorization": f"apikey {CANARY}", "Content-Type": "application/json", "Accept": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            self.set_id = str(json.loads(answer.read())["id"])
        self.start = len(self.process.effects())

    def effects(self) -> int:
        """See `Rig.effects`. The holdings record that Alma makes for a moved item is no change of its own."""
        return len([row for row in self.process.effects() if row["kind"] != "holding-create"]) - self.start

    def lose_answer(self) -> None:
        self.process.do("drop-answer-after-effect", n=1)

    def lose_request(self) -> None:
        self.process.do("drop-before-effect", n=1)

    def down(self) -> None:
        self.process.do("down")

    def up(self) -> None:
        self.process.do("up")

    def calm(self) -> None:
        for fault in ("status", "html", "throttle", "error", "half", "flood"):
            for more in ({}, {"method": "PUT"}):
                self.process.do(fault, n=0, **more)
        self.process.do("redirect-elsewhere", url="")
        self.process.do("keys", keys=None)

    def faults(self) -> tuple[Callable[[], object], ...]:
        do = self.process.do
        return (
            lambda: do("status", n=20, code=500),
            lambda: do("status", n=20, code=403),
            lambda: do("html", n=20),
            lambda: do("throttle", n=20, **{"as": "body"}),
            lambda: do("throttle", n=20, **{"as": "status"}, retry_after=9),
            lambda: do("half", n=20),
            lambda: do("error", n=20, code="401652"),
            lambda: do("flood", n=20),
            lambda: do("half", n=1, method="PUT"),
            lambda: do("html", n=1, method="PUT"),
            lambda: do("redirect-elsewhere", url="https://elsewhere.example/x"),
            lambda: do("keys", keys={"other": ["bibs:read"]}),
        )

    def close(self) -> None:
        self.process.do("up")
        self.adapter.close()


class AlmaOrdersRig(AlmaRig):
    """The acquisitions of the emulated Alma: each item was received for its order line, which has a second copy that was
    not."""

    takes = AlmaOrders.kinds
    world_says: dict[str, str] = {}

    def __init__(self, _folder: Path, process: AlmaProcess) -> None:
        self.process = process
        items, lines = {}, []
        for number, code in enumerate(ITEMS):
            line, transit = f"POL-{code}", {"value": "TRANSIT"}
            items[code] = fictitious(
                code, pid=100 + number, po_line=line, arrival_date="2026-11-20Z", process_type=transit
            )
            items[f"7{code[1:]}"] = fictitious(
                f"7{code[1:]}", pid=200 + number, po_line=line, process_type={"value": "ACQ"}
            )
            lines.append({"number": line, "owner": {"value": "MAIN"}, "resource_metadata": {"mms_id": "99"}})
        process.reset(
            items, {"po_lines": lines, "acq_departments": {"MAIN": ["TECHSERV"]}, "departments": ["TECHSERV"]}
        )
        self.start = len(process.effects())
        orders = AlmaOrdersSettings(enabled=True, library="MAIN", department="TECHSERV")
        config = settings.Alma(base_url=process.base_url, timeout_s=20.0, orders=orders)
        self.adapter = AlmaOrders(config, lambda: Secret(CANARY), FakeClock())
        self.system: DeliverySystem = self.adapter


class Sip2Rig:
    """An emulated SIP2 server: an item that passes is checked in, and the tag's number goes into the item
    properties."""

    takes = frozenset({"result", "scan-in"})
    needs_known_items = True
    tells_fails = False
    answers = True
    secrets = (CANARY,)

    world_says = {"title": "A title", "location": "STACKS"}

    def __init__(self, folder: Path, _process: AlmaProcess) -> None:
        items = {code: {"title": "A title", "status": "06", "location": "STACKS"} for code in ITEMS}
        (folder / "items.json").write_text(json.dumps(items))
        self.emulator = controlled(
            "library_systems.sip2",
            ["--items", str(folder / "items.json"), "--control", str(folder / "c"), "--password", CANARY],
            folder / "log",
        )
        config = settings.Sip2(
            host="127.0.0.1", port=self.emulator.ready["port"], tls="none", user="station", institution="MAIN",
            desk="TECHSERV", check_in=True, timeout_s=1.0, voyager_url=self.rest(folder),
        )  # fmt: skip
        self.adapter = open_sip2(
            config, folder, SystemClock(), lambda: Secret(CANARY), bib=self.bib, complete=lambda record: record
        )
        self.system: DeliverySystem = self.adapter

    def rest(self, _folder: Path) -> str:
        """Return the address of a service beside SIP2, or ""."""
        return ""

    def bib(self, _barcode: str) -> str:
        """Return the record number of a barcode, as in the catalog index."""
        return ""

    def effects(self) -> int:
        return len(self.emulator.call("log")["log"])

    def lose_answer(self) -> None:
        self.emulator.call("next", what="close-after", only="09")

    def lose_request(self) -> None:
        self.emulator.call("next", what="close-before", only="09")

    def down(self) -> None:
        self.emulator.call("down")

    def up(self) -> None:
        self.emulator.call("up")

    def calm(self) -> None:
        self.emulator.call("calm")

    def faults(self) -> tuple[Callable[[], object], ...]:
        def strike(what: str, only: str = "", n: int = 20) -> Callable[[], object]:
            return lambda: self.emulator.call("next", what=what, only=only, n=n)

        whats = ("silence", "close-before", "close-after", "resend", "wrong-checksum", "garbage", "other-item", "half")
        return (
            *(strike(what, "09", 1) for what in (*whats, "no-cr", "huge", "other-message", "stale-first")),
            *(strike(what) for what in whats),
            lambda: self.emulator.call("set", name="online", value="N"),
            lambda: self.emulator.call("set", name="unknown-item", value="none"),
            lambda: self.emulator.call("set", name="checkin-ok", value="0"),
        )

    def close(self) -> None:
        self.adapter.close()
        self.emulator.stop()


class VoyagerRig(Sip2Rig):
    """Voyager: the SIP2 profile, and its REST service, which is only read. A write there counts as an effect, so that
    every test here would show it."""

    world_says = {"title": "A title", "location": "stk", "call_number": "QA76 .N6 2020", "item_type": "normal"}

    def rest(self, folder: Path) -> str:
        records = {
            str(1000 + n): [{"itemBarcode": code, "location": ["stk", "Stacks"], "typeDesc": "normal",
                             "itemStatus": "Not Charged", "callNumber": "QA76 .N6 2020"}]
            for n, code in enumerate(ITEMS)
        }  # fmt: skip
        (folder / "records.json").write_text(json.dumps(records))
        self.service = controlled(
            "library_systems.voyager",
            ["--records", str(folder / "records.json"), "--control", str(folder / "v")],
            folder / "log-voyager",
        )
        return str(self.service.ready["base_url"])

    def bib(self, barcode: str) -> str:
        return str(1000 + ITEMS.index(barcode)) if barcode in ITEMS else ""

    def effects(self) -> int:
        written = [row for row in self.service.call("log")["log"] if row["method"] != "GET"]
        return super().effects() + len(written)

    def calm(self) -> None:
        super().calm()
        self.service.call("calm")
        self.service.call("up")

    def faults(self) -> tuple[Callable[[], object], ...]:
        def strike(what: str) -> Callable[[], object]:
            return lambda: self.service.call("next", what=what, n=20)

        whats = ("status", "html", "half", "flood", "bomb", "utf-16", "nested", "elsewhere", "close")
        of_sip2 = super().faults()[0], super().faults()[-1]  # the row sip2 covers the rest of them
        return (*of_sip2, *(strike(what) for what in whats), lambda: self.service.call("down"))

    def close(self) -> None:
        super().close()
        self.service.stop()


RIGS: dict[str, type[FileRig] | type[AlmaRig] | type[Sip2Rig]] = {
    "file": FileRig,
    "alma": AlmaRig,
    "alma-orders": AlmaOrdersRig,
    "sip2": Sip2Rig,
    "voyager": VoyagerRig,
}
"""Every adapter of the station."""
EACH: Final = tuple(RIGS)
PAIRS: Final = tuple((name, which) for name, made in RIGS.items() for which in sorted(made.takes))
"""Each adapter with each kind of intent that it takes."""
ANSWERING: Final = tuple((name, which) for name, which in PAIRS if RIGS[name].answers)
TELLING_FAILS: Final = tuple(name for name, which in PAIRS if which == "result" and RIGS[name].tells_fails)
LOOKING_UP: Final = tuple(name for name, made in RIGS.items() if made.world_says)
KNOWING: Final = tuple((name, which) for name, which in PAIRS if RIGS[name].needs_known_items)


def taking(which: str) -> tuple[str, ...]:
    """Return the adapters that take a kind."""
    return tuple(name for name, kind in PAIRS if kind == which)


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path, alma_process: AlmaProcess):
    """One adapter with a fresh world."""
    made = RIGS[request.param](tmp_path, alma_process)
    yield made
    made.close()


def intent_for(rig: Rig, which: str, barcode: str, uid: str = "E004015012345678") -> Intent:
    """Return a sample that this world can execute."""
    intent = sample(which, barcode, uid)
    if isinstance(intent, MembersIntent) and isinstance(rig, AlmaRig) and which in rig.takes:
        return MembersIntent(set_id=rig.set_id, barcodes=intent.barcodes)
    return intent


def delivery_of(number: int, intent: Intent, system: str) -> Delivery:
    """Return a delivery in the form in which the courier passes it."""
    from station.domain.deliveries.delivery import DeliveryState

    return Delivery(
        id=f"j1-{number}-{system}",
        system=system,
        lane=lane(intent),
        state=DeliveryState.LEASED,
        intent=intent,
        event_seq=number,
        event_at="2026-11-24T10:00:00.000000+00:00",
    )


class Witness:
    """A `Sending` that records its witnesses, and the number of effects at each call."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.told: list[str] = []
        self.effects_before: list[int] = []
        self.lock = threading.Lock()

    def __call__(self, witness: str) -> None:
        with self.lock:
            self.told.append(witness)
            self.effects_before.append(self.rig.effects())
