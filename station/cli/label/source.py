"""Contents of the labels of `station label`: items from the catalog index, verdicts and boxes from the journal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import ItemWithdrawn, LabelRefused
from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.domain.distribution.box import box_scanned
from station.domain.distribution.sites import site_with, sites_of
from station.domain.item import Barcode, ItemRecord
from station.domain.item_state import ItemState
from station.domain.verdict import Verdict
from station.printing import box_papers, content
from station.printing.content import Content, Wrong
from station.printing.paper import Kind
from station.runtime.data_directory import JOURNAL
from station.runtime.library_systems import catalog_index, load_rules
from station.store.queries.queries import Queries

_LONGEST: Final = 60
"""Characters of a box's name in a message."""
_HINT: Final = " (hint)"  # not for people
"""Ending of `ItemRecord.call_number_source` if the call number comes from the bibliographic record."""


class Source:
    """Contents of labels, by the barcode of an item or a box. A withdrawn item gets only a flag slip. Call `close` at the end."""

    def __init__(self, settings: Settings, data: Path, clock: Clock, lines: int) -> None:
        """`lines`: lines of a page of the paper."""
        self._lines = lines
        self._settings = settings
        self._data = data
        self._clock = clock
        self._index = catalog_index(settings, data)

    def close(self) -> None:
        """Close the catalog index."""
        self._index.close()

    def labels(self, barcode: str, kind: Kind, *, part: int = 0, reasons: Sequence[str] = ()) -> tuple[Content, ...]:
        """Return the labels of an item: one label, or one per part. Raises `CatalogError` (`ItemWithdrawn`) and
        `LabelRefused`."""
        if kind in ("box", "packing-slip"):
            return self._of_box(barcode, kind)
        checked = check(barcode, self._settings.barcodes)
        if kind == "item-slip":
            return (self._item_slip(checked),)
        if kind == "flag":
            return (self._flag(checked, reasons),)
        item = self._index.find(checked)
        self._refuse_withdrawn(item)
        note = _note(item, kind)
        return tuple(msgspec.structs.replace(label, note=note) for label in self._contents(item, kind, part))

    def _refuse_withdrawn(self, item: ItemRecord) -> None:
        journal = self._journal()
        state = journal.state_of(item.barcode) if journal is not None else None
        if state is not None and state.state is ItemState.WITHDRAWN:
            raise ItemWithdrawn(clean(item.title) or item.barcode)

    def _contents(self, item: ItemRecord, kind: Kind, part: int) -> tuple[Content, ...]:
        match kind:
            case "spine":
                if not item.label_lines:
                    raise LabelRefused(Sentence("label.no-number"))
                return (content.spine(item.label_lines, item.barcode),)
            case "pocket":
                return (content.pocket(item, item.label_lines),)
            case _:
                if item.parts < 2:
                    raise LabelRefused(Sentence("label.one-part"))
                if part > item.parts:
                    raise LabelRefused(Sentence("label.no-such-part", parts=item.parts, part=part))
                numbers = (part,) if part else range(1, item.parts + 1)
                library = self._settings.library.name
                return tuple(content.part(item, item.label_lines, each, item.parts, library) for each in numbers)

    def _of_box(self, text: str, kind: Kind) -> tuple[Content, ...]:
        """Return the papers of a box by its id, or as its label is scanned."""
        journal, ident = self._journal(), box_scanned(text)
        box = journal.box(ident) if journal is not None and ident else None
        if journal is None or box is None:
            raise LabelRefused(Sentence("label.no-such-box", box=clean(text, _LONGEST)))
        site = site_with(box.site, sites_of(self._settings.distribution))
        if kind == "box":
            return (box_papers.box_label(box, site),)
        return box_papers.packing_slip(box, site, journal.packed(ident), self._lines)

    def _item_slip(self, barcode: Barcode) -> Content:
        """Return the slip in an item, by the box that it is in."""
        journal = self._journal()
        box = journal.box(journal.box_of_item(barcode)) if journal is not None else None
        if journal is None or box is None:
            raise LabelRefused(Sentence("label.in-no-box"))
        item = next(item for item in journal.packed(box.id) if item.barcode == barcode)
        return box_papers.item_slip(box, site_with(box.site, sites_of(self._settings.distribution)), item)

    def _journal(self) -> Queries | None:
        path = self._data / JOURNAL
        return Queries(path, self._clock) if path.exists() else None

    def _flag(self, barcode: Barcode, reasons: Sequence[str]) -> Content:
        """Return a flag slip with the given reasons, else with those of the item's newest verdict."""
        if reasons:
            item = self._index.find(barcode)
            by_hand = [Wrong(reason) for reason in reasons]
            operator, day = self._settings.station.operator, self._clock.day()
            return content.flag(item, item.label_lines, by_hand, operator, day)
        path = self._data / JOURNAL
        # If sign-on is required, a label has no viewer: it omits findings that are hidden from second checkers.
        viewer = "" if self._settings.people.sign_on else self._settings.station.operator
        judged = Queries(path, self._clock, viewer).last_judged(barcode) if path.exists() else None
        if judged is None:
            raise LabelRefused(Sentence("label.not-judged"))
        event = judged.event
        if event.verdict is not Verdict.FAIL:
            raise LabelRefused(Sentence("label.no-fail", verdict=Sentence(f"process.outcome.{event.verdict.value}")))
        owners = {rule.id: rule.owner for rule in load_rules(self._settings, self._data).rules}
        wrong = content.failures(event.findings, owners)
        return content.flag(event.item, event.item.label_lines, wrong, event.operator, local_day(judged.at))


def _note(item: ItemRecord, kind: Kind) -> str:
    """Return a note on a call number from the bibliographic record, and on what the site's template objects to."""
    if not item.label_lines:
        return ""
    notes = [tell(problem) for problem in item.label_problems] if kind == "spine" else []
    if item.call_number_source.endswith(_HINT):
        source = item.call_number_source.removesuffix(_HINT)
        notes.insert(0, tell("label.number-of", source=source, reason=tell(item.call_number_reason)))
    return " ".join(notes)
