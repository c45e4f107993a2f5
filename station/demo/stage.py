"""Set up and take down the imaginary bench: data directory, emulators, sample catalog, and a real station."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from station.base import settings as configuration
from station.base.clock import SystemClock
from station.base.errors import CatalogError, ImportRefused, IndexUnusable
from station.base.settings import Settings
from station.base.words import ENGLISH, station_session
from station.catalog.sample.sample import SAMPLE_ITEMS, numbered, numbered_barcode
from station.demo import weeding
from station.demo.alma_items import in_use, on_order, order_line_of, order_lines
from station.demo.alma_items import items as alma_items
from station.demo.process import Emulator
from station.demo.staff import employ
from station.domain.events import PackingListImported
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.runtime import library_systems as systems_of
from station.runtime import station as wiring
from station.runtime.data_directory import CATALOG
from station.runtime.open_journal import open_journal
from station.store.catalog_index.import_file import import_file

DEMO_TOML: Final = """\
# Settings of the demo: rewritten at every start of `station demo`, except screen.language, which is kept.
[library]
isil = "US-ImagCC"
name = "Imaginary Community College"

[station]
name = "{name}"
operator = "demo operator"

[reader]
driver = "{driver}"
port = "{port}"
poll_ms = 200

[screen]
language = "{language}"

[tag]
call_number_on_tag = true

[delivery.alma]
enabled = true
base_url = "{alma}"
requests_per_second = 20
timeout_s = 5

[delivery.alma.orders]
enabled = true
library = "MAIN"
department = "TECHSERV"

[withdrawal]
approvers = ["Ida Lund", "Dr. Lee"]

[[distribution.sites]]
code = "MAIN"
name = "Main Library"

[[distribution.sites]]
code = "NORTH"
name = "North Campus"

[[distribution.sites]]
code = "SOUTH"
name = "South Campus"
slip = true
"""


VENDOR: Final = "Imaginary Book Supply"
WEEDING_LIST: Final = "weeding.csv"
"""The librarian's list of the cart of ten, in the data directory."""
LISTED: Final = 12
"""Number of items on the imaginary vendor's packing list."""

CARTON: Final = PackingList(
    name="INV-2026-2",
    vendor=VENDOR,
    date="2026-11-20",
    cartons=("003999000000000013",),
    lines=tuple(
        PackingLine(
            line=str(number), numbers=(isbn,), title=title, quantity=quantity, price=price, library=library,
            order_line=f"POL-{2000 + number}", vendor_number=f"IBS-{7000 + number}",
        )
        for number, (isbn, title, quantity, price, library) in enumerate(
            (
                ("9780999990506", "The mapmaker's daughter", 3, "24.00", "MAIN"),
                ("9780999990513", "Weather for gardeners", 1, "18.50", "NORTH"),
                ("9780999990520", "Small engines of the sea", 1, "31.00", "SOUTH"),
            ),
            1,
        )
    ),
)  # fmt: skip
"""A carton of titles that the catalog does not have yet. No numbered item has one of these ISBNs."""
SIGN_ON_TOML: Final = """
[people]
sign_on = true
"""

EMULATORS: Final = {"feig": "feig", "3m": "threem"}
"""The emulated reader of each driver (`reader.driver`)."""

STEPS: Final = ("catalog", "library-system", "reader", "station")
"""Steps of setting up the bench, in their order."""


class Stage:
    """A context manager: inside it, `station` runs, and `reader` and `ils` can be operated."""

    def __init__(
        self,
        data: Path,
        *,
        numbered_items: int = 0,
        virtual_clock: bool = False,
        sign_on: bool = False,
        weeding: bool = False,
        language: str = ENGLISH,
        name: str = "demo bench",
        further: str = "",
        driver: str = "feig",
        progress: Callable[[str], object] = str,
    ) -> None:
        """`weeding`: add the cart of ten. `language`, `name` of the bench: for the demo's settings. `further`: additional
        settings tables, as TOML. `driver`: a key of `EMULATORS`. `progress` is called at the beginning of each of
        `STEPS`."""
        self._progress = progress
        self._language = language
        self._name = name
        self._further = further
        self._driver = driver
        self.data = data
        self.numbered_items = numbered_items
        self._virtual = virtual_clock
        self._sign_on = sign_on
        self._weeding = weeding
        self._undo: list[Callable[[], object]] = []
        self.records: tuple[ItemRecord, ...] = ()
        self.weeded: tuple[ItemRecord, ...] = ()
        """All copies of the cart's titles."""
        self.settings = Settings()

    def __enter__(self) -> Self:
        try:
            self._enter()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _enter(self) -> None:
        data = self.data
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Unix sockets need short paths, so they are in another directory, for this run only.
        run = Path(tempfile.mkdtemp(prefix="station-demo-"))
        self._undo.append(lambda: shutil.rmtree(run, ignore_errors=True))
        first = configuration.parse(self._toml(run, "http://127.0.0.1"))
        self._progress("catalog")
        self._import_catalog(first)
        index = systems_of.catalog_index(first, data)
        sample = [barcode for barcode, *_ in SAMPLE_ITEMS]
        numbers = [numbered_barcode(number) for number in range(1, self.numbered_items + 1)]
        self.records = tuple(_known(index.find, (*sample, *numbers)))
        if self._weeding:
            self.weeded = tuple(_known(index.find, weeding.all_barcodes()))
            (data / WEEDING_LIST).write_text(weeding.weeding_list(self.weeded), encoding="utf-8")
        self._give_truck_list()
        self._progress("library-system")
        self.ils = self._start_alma(run)
        self._progress("reader")
        self.reader = self._start_reader(run)
        self._progress("station")
        text = self._toml(run, self.ils.ready["base_url"]) + self._further
        text += SIGN_ON_TOML if self._sign_on else ""
        (data / "station.toml").write_text(text, encoding="utf-8")
        self.settings = configuration.parse(text)
        self._give_packing_list()  # after the settings: a journal without settings cannot be verified
        if self._sign_on:
            employ(self.settings, data)
        self.station = wiring.Station(self.settings, data, station_session())
        self._undo.append(lambda: self.station.stop("the demo ended"))
        self.station.start()

    def _toml(self, run: Path, alma: str) -> str:
        return DEMO_TOML.format(
            driver=self._driver, port=run / "reader", alma=alma, language=self._language, name=self._name
        )

    def _leave(self) -> None:
        """Undo all steps in reverse order, even if some of them fail."""
        with contextlib.ExitStack() as all_of_it:
            for undo in self._undo:
                all_of_it.callback(undo)
            self._undo.clear()

    def _import_catalog(self, settings: Settings) -> None:
        sample = resources.files("station.catalog") / "data" / "sample.mrc"
        with resources.as_file(sample) as path:
            try:
                self._import(path, settings)
            except IndexUnusable:  # damaged, or of another version of the program: the demo's index can be replaced
                self._import(path, settings, replace=True)
        if self.numbered_items:
            extra = self.data / "numbered.mrc"
            extra.write_bytes(numbered(self.numbered_items))
            self._import(extra, settings)
        if self._weeding:
            cart = self.data / "weeding.mrc"
            cart.write_bytes(weeding.records())
            self._import(cart, settings)

    def _import(self, path: Path, settings: Settings, *, replace: bool = False) -> None:
        report = import_file(
            path,
            self.data / CATALOG,
            settings.catalog.profile,
            settings.catalog,
            replace=replace,
        )
        if not report.items:
            raise ImportRefused(f"{path.name} holds no items")

    def _give_packing_list(self) -> None:
        """Import the imaginary vendor's packing lists, unless an earlier run did: the first items, which the vendor has
        barcoded, and a carton of new titles."""
        lines = self._listed()
        store = open_journal(self.settings, self.data, SystemClock())
        try:
            if lines and not store.queries.packing_lists():
                content = PackingList(name="INV-2026-1", vendor=VENDOR, date="2026-11-02", lines=tuple(lines))
                store.journal.order(PackingListImported(content=content), PackingListImported(content=CARTON))
        finally:
            store.close()

    def _listed(self) -> list[PackingLine]:
        """Return the lines of the first items, which the vendor has barcoded."""
        return [
            PackingLine(
                line=str(number),
                barcode=record.barcode,
                title=record.title[:300],
                price=record.price,
                library=record.library,
                order_line=order_line_of(number),
            )
            for number, record in enumerate(self.records[:LISTED], 1)
        ]

    def _give_truck_list(self) -> None:
        """Create a truck list that can be chosen at the screen."""
        folder = self.data / "lists"
        folder.mkdir(exist_ok=True)
        lines = [
            "# The items of the truck that goes up today",
            "TRUCK-7",
            *(record.barcode for record in self.records[:LISTED]),
        ]
        (folder / "truck-7.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _start_alma(self, run: Path) -> Emulator:
        state = self.data / "alma.json"
        known = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
        # Keep the items that the imaginary library system has changed or deleted; add new ones.
        had = self.data / "alma-had.json"
        pids = {item["item_data"]["pid"] for item in known.values()}
        pids |= set(json.loads(had.read_text(encoding="utf-8")) if had.exists() else ())
        items = alma_items(self.records) | on_order(CARTON.lines) | in_use(self.weeded, weeding.processes())
        new = {barcode: item for barcode, item in items.items() if item["item_data"]["pid"] not in pids}
        had.write_text(json.dumps(sorted(pids | {item["item_data"]["pid"] for item in new.values()})), encoding="utf-8")
        beside = state.with_name(state.name + ".new")
        beside.write_text(json.dumps(new | known), encoding="utf-8")
        beside.replace(state)
        world = run / "world.json"
        lines = order_lines([*self._listed(), *CARTON.lines], items.values(), VENDOR)
        world.write_text(json.dumps({"po_lines": lines}), encoding="utf-8")
        key = self.data / "credentials" / "alma"
        key.parent.mkdir(mode=0o700, exist_ok=True)
        key.touch(mode=0o600)
        key.write_text("imaginary-key", encoding="utf-8")
        arguments = ["--items", str(state), "--state", str(state), "--control", str(run / "alma.sock")]
        arguments += ["--world", str(world)]
        emulator = Emulator("library_systems.alma", arguments, self.data / "emulators.log")
        self._undo.append(emulator.stop)
        return emulator

    def _start_reader(self, run: Path) -> Emulator:
        memory = self.data / "tags"
        memory.mkdir(exist_ok=True)
        arguments = ["--link", str(run / "reader"), "--memory", str(memory), "--control", str(run / "reader.sock")]
        if self._virtual:
            arguments += ["--clock", "virtual", "--no-drip"]
        emulator = Emulator(EMULATORS[self._driver], arguments, self.data / "emulators.log")
        self._undo.append(emulator.stop)
        return emulator

    def create(self, *tags: msgspec.Struct) -> None:
        """Create the tags (`DemoTag`) that do not exist yet; existing tags keep their memory."""
        have = {tag["uid"] for tag in self.reader.call("tags")["tags"]}
        for tag in tags:
            values = msgspec.to_builtins(tag)
            if values["uid"] not in have:
                self.reader.call("create", **values)


def _known(find: Callable[[Barcode], ItemRecord], barcodes: Iterable[str]) -> Iterator[ItemRecord]:
    for barcode in barcodes:
        with contextlib.suppress(CatalogError):
            yield find(Barcode(barcode))
