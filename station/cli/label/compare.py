"""`station label BARCODE --seen TEXT`: compare the label on the item with the label it should have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from station.base.errors import LabelRefused
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.catalog.labels import LineDifference, compare_scan, split_like
from station.cli.shared.app import NOT_GOOD, App
from station.runtime.library_systems import catalog_index

MAX_TEXT = 2000


class Compared(msgspec.Struct, frozen=True):
    """Result of `--seen`."""

    barcode: str
    expected: tuple[str, ...]
    seen: tuple[str, ...]
    same: bool
    differences: tuple[LineDifference, ...] = ()
    sentences: tuple[str, ...] = ()


def compare_seen(app: App, settings: Settings, data: Path, barcodes: tuple[str, ...], seen: str) -> int:
    """Report every difference, line by line. Return exit code 1 if there is one."""
    if len(barcodes) != 1:
        raise click.UsageError("--seen takes one barcode: a label is compared with one item")
    index = catalog_index(settings, data)
    try:
        item = index.find(check(barcodes[0], settings.barcodes))
    finally:
        index.close()
    if not item.label_lines:
        raise LabelRefused(Sentence("label.no-number"))
    text = clean(seen, MAX_TEXT)
    differences = compare_scan(item.label_lines, text)
    compared = Compared(
        barcode=item.barcode,
        expected=item.label_lines,
        seen=split_like(item.label_lines, text),
        same=not differences,
        differences=differences,
        sentences=tuple(tell(difference.sentence) for difference in differences),
    )
    app.report(compared, _lines(compared))
    return NOT_GOOD if differences else 0


def _lines(compared: Compared) -> Iterator[str]:
    if compared.same:
        yield tell("label.right", label=" | ".join(compared.expected))
        return
    yield from compared.sentences
    yield tell("label.must-say", label=" | ".join(compared.expected))
