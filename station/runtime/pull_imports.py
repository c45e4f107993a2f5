"""Make a pull list from a file, or from a set in the library system, with the records of the catalog."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from station.acquisitions.pull_lists import MOST, lines_of, lines_of_set
from station.base.errors import CatalogError, SyncError
from station.base.settings import Settings
from station.base.text import clean
from station.domain.events import PullListImported
from station.domain.item import Barcode
from station.domain.withdrawals.pull_list import PullLine, PullList
from station.runtime.library_systems import catalog_index, set_barcodes
from station.runtime.withdrawal_decisions import LONGEST_NOTE, refuse_unknown


class PullWish(msgspec.Struct, frozen=True, kw_only=True):
    """The decision for all lines of a list."""

    name: str
    reason: str
    destination: str
    approver: str = ""
    note: str = ""


def from_file(
    settings: Settings, data: Path, wish: PullWish, content: bytes, file: str, operator: str
) -> PullListImported:
    """Return the list of a file. Raise `DepartureRefused` with row and reason: the whole list is taken, or nothing."""
    lines = lines_of(content, file, settings.barcodes)
    return _imported(settings, data, wish, lines, file, hashlib.sha256(content).hexdigest(), operator)


def from_set(settings: Settings, data: Path, wish: PullWish, set_id: str, operator: str) -> PullListImported:
    """Return the list of a set's members. Raise `DepartureRefused` for a member whose barcode is none, and what the library
    system raises: all members are taken, or none."""
    name = clean(set_id, 60)
    lines = lines_of_set(set_barcodes(settings, data, set_id, MOST), name, settings.barcodes)
    return _imported(settings, data, wish, lines, name, "", operator)


def _imported(
    settings: Settings,
    data: Path,
    wish: PullWish,
    lines: Iterable[PullLine],
    source: str,
    digest: str,
    operator: str,
) -> PullListImported:
    approver = clean(wish.approver, 100)
    refuse_unknown(settings.withdrawal, wish.reason, wish.destination, approver)
    index = catalog_index(settings, data)
    try:
        filled = []
        for line in lines:
            try:
                record = index.find(Barcode(line.barcode))
            except (CatalogError, SyncError):
                filled.append(line)  # the list says what is known of it
                continue
            filled.append(
                msgspec.structs.replace(
                    line,
                    title=line.title or record.title,
                    author=line.author or record.author,
                    call_number=line.call_number or record.call_number,
                    library=line.library or record.library,
                    location=line.location or record.location,
                )
            )
    finally:
        index.close()
    content = PullList(
        name=clean(wish.name, 100),
        reason=wish.reason,
        destination=wish.destination,
        approver=approver,
        note=clean(wish.note, LONGEST_NOTE),
        lines=tuple(filled),
    )
    return PullListImported(content=content, source=clean(source, 200), digest=digest, operator=operator)
