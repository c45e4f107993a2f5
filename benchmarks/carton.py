"""The open carton with many open lines: a scan, a search by title words, opening by carton id, and the import of so many
lines."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.report import Row, Section, duration, percentile
from station.acquisitions import vendor_files
from station.acquisitions.vendor_files import FileOptions
from station.base.clock import SystemClock
from station.base.settings import Barcodes
from station.domain import events as ev
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.receiving.shipment import shipment_id
from station.domain.receiving.vendor import Vendor
from station.store.database.database import open_writer
from station.store.journal.journal import JournalStore
from station.store.queries.queries import Queries

_OF_A_LIST: Final = 50
"""Lines of one list."""
_VENDORS: Final = 12
_OF_A_FILE: Final = 10_000
"""Lines of one imported list: the most that a list may have."""
_WORDS: Final = ("river", "lake", "sea", "hill", "wood", "stone", "bridge", "garden", "winter", "letters")
_BOUND_S: Final = 0.050


def section(folder: Path, lines: int, scans: int) -> Section:
    """Measure with `lines` lines on open lists of `_VENDORS` vendors; beside: with the lines of one list a vendor."""
    many, few = (_Desk(folder / f"carton-{count}.db", count) for count in (lines, _VENDORS * _OF_A_LIST))
    rows: list[Row] = []
    figures: dict[str, float] = {}
    for what, how, act in (
        ("scan at the carton", "journal.order(CopyCounted) to the disk, and the count read back", _Desk.scan),
        ("search by two title words", "Queries.line_proposals", _Desk.search),
        ("shipment opened by carton id", "lists_of_carton, journal.order(ShipmentOpened), its lines", _Desk.opens),
    ):
        times, beside = [], []
        for n in range(scans if act is _Desk.scan else max(scans // 5, 1)):
            times.append(_time(act, many, n))
            beside.append(_time(act, few, n))
        half, slow = percentile(times, 50), percentile(times, 95)
        rows.append(
            Row(
                what=what,
                value=f"{duration(half)}, p95 {duration(slow)}",
                beside=duration(percentile(beside, 50)),
                ratio=half / percentile(beside, 50),
                how=how,
            )
        )
        figures |= {f"{what} p50 ms": half * 1e3, f"{what} p95 ms": slow * 1e3}
    for name, data in (("CSV", _csv(lines)), ("EDIFACT", _edifact(lines))):
        source = folder / f"import.{name}"
        source.write_bytes(data)
        own, read = _import(folder / f"import-{name}.db", source, lines)
        rows.append(
            Row(
                what=f"import of {lines:,} lines, {name}",
                value=duration(own),
                beside=duration(read),
                ratio=own / read,
                how=f"beside: reading {len(data) / 1e6:.1f} MB into memory",
            )
        )
        figures |= {f"import {name} s": own, f"read {name} s": read}
    return Section(
        title="Open carton",
        how=f"{scans} scans, {lines:,} open lines on {lines // _OF_A_LIST:,} lists of {_VENDORS} vendors; beside: "
        f"{_VENDORS * _OF_A_LIST} lines; bound of a scan {_BOUND_S * 1e3:.0f} ms",
        rows=tuple(rows),
        figures=figures,
    )


class _Desk:
    """A journal with so many lines on open lists, each in a carton of its own."""

    def __init__(self, path: Path, lines: int) -> None:
        clock = SystemClock()
        self.lines = lines
        self._sql = open_writer(path)
        self.journal = JournalStore(self._sql, clock)
        self.queries = Queries(path, clock)
        self._chance = random.Random(1500)
        self._sql.execute("PRAGMA synchronous=OFF")
        self.journal.order(ev.WorkerRegistered(worker="w-head", role=Role.SYSTEMS, operator="bench"))
        for n in range(_VENDORS):
            vendor = Vendor(id=f"vendor-{n}", name=f"Imaginary Books {n}", codes=(f"{n:07}",))
            self.journal.order(ev.VendorRecorded(content=vendor, operator="w-head"))
        self._lists = []
        for number in range(lines // _OF_A_LIST):
            content = _list(number)
            self._lists.append(ev.list_id(self.journal.record(ev.PackingListImported(content=content))))
        self._sql.execute("PRAGMA synchronous=FULL")
        self._shipments = [
            shipment_id(self.journal.order(ev.ShipmentOpened(lists=(ident,), operator="bench")))
            for ident in self._lists[:_VENDORS]
        ]

    def scan(self, _n: int) -> None:
        """Count a copy of a listed title in its vendor's shipment."""
        line = self._chance.randrange(self.lines)
        shipment = self._shipments[(line // _OF_A_LIST) % _VENDORS]
        number = _number(line)
        event = ev.CopyCounted(shipment=shipment, scanned=number, numbers=(number,), operator="bench")
        count = self.queries.count(self.journal.order(event))
        if count is None or count.key is None:
            raise RuntimeError("a copy is not on its line")

    def search(self, n: int) -> None:
        shipment = self.queries.shipment(self._shipments[n % _VENDORS])
        words = self._chance.sample(_WORDS, 2)
        if shipment is None or not self.queries.line_proposals(shipment, words):
            raise RuntimeError("no line has these words")

    def opens(self, n: int) -> None:
        """Open the shipment of a carton, read its lines, and close it."""
        carton = _carton(_VENDORS + n % (len(self._lists) - _VENDORS) if len(self._lists) > _VENDORS else n % _VENDORS)
        lists = self.queries.lists_of_carton(carton)
        event = ev.ShipmentOpened(lists=lists, carton=carton, operator="bench")
        shipment = self.queries.shipment(ident := shipment_id(self.journal.order(event)))
        if shipment is None or len(self.queries.shipment_lines(shipment)) != _OF_A_LIST:
            raise RuntimeError("the carton holds other lines")
        self.journal.order(ev.ShipmentClosed(shipment=ident, more=True, operator="bench"))


def _time(act: Callable[[_Desk, int], None], desk: _Desk, n: int) -> float:
    began = perf_counter()
    act(desk, n)
    return perf_counter() - began


def _list(number: int) -> PackingList:
    first = number * _OF_A_LIST
    return PackingList(
        name=f"INV-{number}",
        vendor=f"Imaginary Books {number % _VENDORS}",
        lines=tuple(
            PackingLine(
                line=str(n - first + 1),
                numbers=(_number(n),),
                order_line=f"POL-{n}",
                vendor_number=f"V{n}",
                title=_title(n),
                price="12.50",
                carton=_carton(number),
            )
            for n in range(first, first + _OF_A_LIST)
        ),
    )


def _number(n: int) -> str:
    """Return an ISBN with its check digit."""
    digits = f"978{n:09}"
    return digits + str(-sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10)


def _carton(n: int) -> str:
    """Return a serial shipping container code with its check digit."""
    digits = f"{n:017}"
    return digits + str(-sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(digits)) % 10)


def _title(n: int) -> str:
    return f"The {_WORDS[n % 10]} and the {_WORDS[n // 10 % 10]}: imaginary book {n}"


def _csv(lines: int) -> bytes:
    rows = (f"INV-{n // _OF_A_FILE},{n % _OF_A_FILE + 1},{_number(n)},{_title(n)},1,12.50\n" for n in range(lines))
    return ("list,line,isbn,title,quantity,price\n" + "".join(rows)).encode()


def _edifact(lines: int) -> bytes:
    """Return despatch advices of `_OF_A_FILE` lines each, made up by the standard."""
    parts = ["UNA:+.? '", "UNB+UNOC:3+1234567:31B+7654321:31B+260302:0900+1'"]
    for first in range(0, lines, _OF_A_FILE):
        here = range(first, min(first + _OF_A_FILE, lines))
        parts.append(f"UNH+{first + 1}+DESADV:D:96A:UN:EAN005'BGM+351+DES-{first}+9'DTM+137:20260302:102'CPS+1'")
        parts += (
            f"LIN+{n - first + 1}++{_number(n)}:EN'IMD+L+050+:::{_title(n)[:35]}:{_title(n)[35:70]}'QTY+12:1'"
            for n in here
        )
        parts.append(f"UNT+{5 + 3 * len(here)}+{first + 1}'")
    parts.append(f"UNZ+{len(range(0, lines, _OF_A_FILE))}+1'")
    return "".join(parts).encode("latin-1")


def _import(path: Path, source: Path, lines: int) -> tuple[float, float]:
    """Return the seconds of reading a file into the journal, and those of reading its bytes."""
    began = perf_counter()
    source.read_bytes()
    read = perf_counter() - began
    with closing(open_writer(path)) as sql:
        journal = JournalStore(sql, SystemClock())
        began = perf_counter()
        lists = vendor_files.read(
            source.read_bytes(), source.name, FileOptions(vendor="Imaginary Books"), Barcodes()
        ).lists
        journal.order(*(ev.PackingListImported(content=content, operator="bench") for content in lists))
        own = perf_counter() - began
    if sum(len(content.lines) for content in lists) != lines:
        raise RuntimeError("the file has other lines")
    return own, read
