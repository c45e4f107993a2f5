"""Labels for the screens: `ports.LabelPort`, printed as configured."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from station.base.clock import Clock
from station.base.errors import ItemWithdrawn, LabelRefused
from station.base.sentence import Sentence
from station.base.settings import Labels
from station.base.text import clean
from station.base.words import tell
from station.domain.distribution.box import Box, PackedItem, Site, box_number
from station.domain.findings import Finding
from station.domain.item import Barcode, ItemRecord
from station.domain.item_state import ItemState, StateSince
from station.domain.ports import LabelMade
from station.domain.workflows import ReleaseLine
from station.printing import box_papers, content
from station.printing.content import Content, Wrong
from station.printing.outputs import target
from station.printing.paper import Kind

if TYPE_CHECKING:
    from station.printing.job import Printer

_WHAT: Final[dict[Kind, str]] = {"flag": "slip", "box": "box", "packing-slip": "packing-slip", "item-slip": "item-slip"}
"""Name in the sentence about the job; of all others "label"."""


class BenchLabels:
    """Prints one label at a time. `owners`: who corrects the findings of a rule, by the rule's id."""

    def __init__(
        self,
        settings: Labels,
        data: Path,
        clock: Clock,
        owners: Mapping[str, str],
        state_of: Callable[[str], StateSince | None],
    ) -> None:
        """`state_of`: returns the state of the item with a barcode."""
        self._state_of = state_of
        self._settings = settings
        self._data = data
        self._clock = clock
        self._owners = owners

    def label(self, item: ItemRecord) -> LabelMade:
        state = self._state_of(item.barcode)
        if state is not None and state.state is ItemState.WITHDRAWN:
            raise ItemWithdrawn(clean(item.title) or item.barcode)
        if not item.label_lines:
            raise LabelRefused(Sentence("label.no-number"))
        return self._print(content.spine(item.label_lines, item.barcode), item.barcode)

    def slip(self, item: ItemRecord, findings: Sequence[Finding], operator: str) -> LabelMade:
        wrong = content.failures(findings, self._owners)
        if not wrong:
            raise LabelRefused(Sentence("label.nothing-failed"))
        day = self._clock.day()
        return self._print(content.flag(item, item.label_lines, wrong, operator, day), item.barcode)

    def truck(self, truck: str, wrong: Sequence[ReleaseLine], count: int, operator: str) -> LabelMade:
        """See `ports.LabelPort`. The slip lists as many items as fit on it, and the number of the others."""
        if not wrong:
            raise LabelRefused(Sentence("release.all-right", count=count))
        item = ItemRecord(barcode=Barcode(""), title=tell("release.slip", truck=truck or "-"))
        day, printer = self._clock.day(), self._printer("flag")

        def slip(shown: int) -> Content:
            rows = [
                Wrong(f"{line.barcode} {line.title}", " ".join(map(tell, line.reasons)), "") for line in wrong[:shown]
            ]
            if shown < len(wrong):
                rows.append(Wrong(tell("stage.and-more", count=len(wrong) - shown), "", ""))
            return content.flag(item, (), rows, operator, day)

        def too_many(shown: int) -> bool:
            return bool(printer.page(slip(shown)).problems)

        # Each item takes at least a line, and more items never fit better, so a binary search needs few attempts.
        at_most = range(1, min(len(wrong), printer.paper.lines) + 1)
        shown = max(1, bisect_left(at_most, True, key=too_many))
        return self._print(slip(shown), "truck")

    def box_label(self, box: Box, site: Site) -> LabelMade:
        return self._print(box_papers.box_label(box, site), box_number(box.id))

    def packing_slip(self, box: Box, site: Site, items: Sequence[PackedItem]) -> LabelMade:
        printer = self._printer("packing-slip")
        return self._send(printer, box_papers.packing_slip(box, site, items, printer.paper.lines), box_number(box.id))

    def item_slip(self, box: Box, site: Site, item: PackedItem) -> LabelMade:
        return self._print(box_papers.item_slip(box, site, item), item.barcode)

    def _print(self, label: Content, about: str) -> LabelMade:
        return self._send(self._printer(label.kind), (label,), about)

    def _send(self, printer: Printer, labels: Sequence[Content], about: str) -> LabelMade:
        """Print one job. `about`: what its file is named by."""
        kind, pages = labels[0].kind, [printer.page(label) for label in labels]
        printed = printer.print(pages, f"{kind}-{about}")
        sentence = tell(
            f"label.{printed.code}.{_WHAT.get(kind, 'label')}", file=Path(printed.file).name, target=printed.target
        )
        notes = dict.fromkeys(note for page in pages for note in page.notes)
        return LabelMade(printed.code, " ".join([sentence, *notes]), printer.form.upper())

    def _printer(self, kind: Kind) -> Printer:
        # The drawing code is imported for the first label: its import takes longer than the rest of the screens' start.
        from station.printing.job import Printer, load_paper, paper_of

        settings = self._settings
        return Printer(
            load_paper(paper_of(kind, settings), self._data),
            kind,
            settings.format,
            target(settings.to),
            settings=settings,
            data=self._data,
            clock=self._clock,
        )
