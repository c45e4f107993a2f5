"""Packing lists of this station, one JSON file each in a separate directory, and the items received for each line.

Importing or closing a list replaces its file as a whole. The directory is read again when it has changed, so a list
that is imported while the station runs applies from the next item on. Received items are counted in the journal
(`ItemJudged.receipt`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from station.acquisitions.packing_lists import number_of
from station.base.errors import StoreError
from station.base.settings import Receiving
from station.base.text import clean
from station.base.words import tell
from station.domain.item import ItemRecord
from station.domain.packing_lists import LineKey, PackingLine, PackingList, Receipt
from station.store.database.disk import sync_file

_ENDING: Final = ".json"

Arrived = Callable[[LineKey], frozenset[str]]
"""Returns the barcodes that were judged as copies of a line."""


class PackingLists:
    """Implements `domain.ports.PackingLists` over a directory. Any thread may call it. The directory need not exist
    yet."""

    def __init__(self, directory: Path, settings: Receiving, arrived: Arrived) -> None:
        self.directory = directory
        self._settings = settings
        self._arrived = arrived
        self._lock = threading.Lock()
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._lists: tuple[PackingList, ...] = ()

    def receipt(self, item: ItemRecord, scanned: str = "") -> Receipt | None:
        """Implement `domain.ports.PackingLists.receipt`. Raises `StoreError`."""
        lists = self.all()
        found = [(one, line) for one in lists for line in one.lines if _means(line, item, scanned)]
        came = {id(line): self._arrived(LineKey(one.key, line.line)) for one, line in found}
        # An item received for a list that was closed later still belongs to that list.
        found = [pair for pair in found if not pair[0].closed or item.barcode in came[id(pair[1])]]
        if not found:
            return self._missing(item, [one for one in lists if not one.closed])

        def rank(pair: tuple[PackingList, PackingLine]) -> tuple[bool, bool, bool, bool]:
            line = pair[1]
            return (
                item.barcode not in came[id(line)],
                line.barcode != item.barcode,
                not (item.purchase and line.order_line == item.purchase),
                len(came[id(line)]) >= line.quantity,
            )

        one, line = min(found, key=rank)
        return Receipt(
            listed=True,
            ordered=line.ordered,
            shipped=line.quantity,
            received=len(came[id(line)] | {item.barcode}),
            library=line.library,
            vendor=one.vendor,
            price=line.price,
            order_line=line.order_line,
            key=LineKey(one.key, line.line),
        )

    def _missing(self, item: ItemRecord, lists: Iterable[PackingList]) -> Receipt | None:
        """Return a receipt for an item that is on no open list, if the settings expect it on one."""
        expect = self._settings.expect_listed
        known = {one.vendor.casefold() for one in lists}
        due = expect == "always" or (expect == "same-vendor" and item.vendor and item.vendor.casefold() in known)
        return Receipt(listed=False, vendor=item.vendor) if due and known else None

    def all(self) -> tuple[PackingList, ...]:
        """Return all lists, open and closed, oldest import first. Raises `StoreError` for a file that cannot be
        read."""
        with self._lock:
            seen = self._look()
            if seen != self._seen:
                self._lists = tuple(sorted((_read(self.directory / name) for name, _, _ in seen), key=_age))
                self._seen = seen
            return self._lists

    def find(self, key: str) -> PackingList | None:
        """Return the list with this key, or the only list with this number."""
        exact = [one for one in self.all() if one.key == key]
        named = [one for one in self.all() if one.name == key]
        return exact[0] if exact else named[0] if len(named) == 1 else None

    def came(self, one: PackingList) -> tuple[tuple[PackingLine, frozenset[str]], ...]:
        """Return the lines of a list, each with the barcodes received for it."""
        return tuple((line, self._arrived(LineKey(one.key, line.line))) for line in one.lines)

    def keep(self, new: PackingList) -> bool:
        """Write a list. Return True if it replaced one with the same key. Durable when this returns."""
        path = self.directory / (quote(new.key, safe=" ")[:200] + _ENDING)
        there = path.exists()
        beside = path.with_name(path.name + ".new")
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(new), indent=1) + b"\n")
            sync_file(beside)
            beside.replace(path)
            sync_file(self.directory)
        except OSError as error:
            raise StoreError(f"{path}: {error}") from error
        return there

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        try:
            with os.scandir(self.directory) as entries:
                files = [one for one in entries if one.name.endswith(_ENDING) and one.is_file()]
                return tuple(sorted((one.name, (told := one.stat()).st_mtime_ns, told.st_size) for one in files))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"{self.directory}: {error}") from error


def _means(line: PackingLine, item: ItemRecord, scanned: str) -> bool:
    if line.barcode:
        return line.barcode == item.barcode
    if item.purchase and line.order_line:
        return line.order_line == item.purchase or _by_number(line, item, scanned)
    return _by_number(line, item, scanned)


def _by_number(line: PackingLine, item: ItemRecord, scanned: str) -> bool:
    if not line.numbers:
        return False
    others = item.marc.other_numbers if item.marc is not None else ()
    mine = {*item.isbns, *others, *((number_of(scanned),) if scanned else ())}
    return bool(mine & set(line.numbers))


def _age(one: PackingList) -> tuple[str, str]:
    return one.given, one.key


def _read(path: Path) -> PackingList:
    try:
        return msgspec.json.decode(path.read_bytes(), type=PackingList)
    except (OSError, msgspec.MsgspecError) as error:
        raise StoreError(tell("store.list-broken", path=path, why=clean(str(error), 300))) from error
