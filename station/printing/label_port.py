"""Labels for the screens: `ports.LabelPort`, printed as configured."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from station.base.clock import Clock
from station.base.errors import ItemWithdrawn, LabelRefused
from station.base.sentence import Sentence
from station.base.settings import Labels
from station.base.text import clean
from station.base.words import tell
from station.domain.findings import Finding
from station.domain.item import Barcode, ItemRecord
from station.domain.item_state import ItemState, StateSince
from station.domain.ports import LabelMade
from station.domain.workflows import ReleaseLine
from station.printing import content
from station.printing.content import Content, Wrong
from station.printing.outputs import target
from station.printing.paper import Kind

if TYPE_CHECKING:
    from station.printing.job import Printer


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
        return self._print(content.spine(item.label_lines, item.barcode), item)

    def slip(self, item: ItemRecord, findings: Sequence[Finding], operator: str) -> LabelMade:
        wrong = content.failures(findings, self._owners)
        if not wrong:
            raise LabelRefused(Sentence("label.nothing-failed"))
        day = self._clock.day()
        return self._print(content.flag(item, item.label_lines, wrong, operator, day), item)

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
        return self._print(slip(shown), item)

    def _print(self, label: Content, item: ItemRecord) -> LabelMade:
        kind, printer = label.kind, self._printer(label.kind)
        page = printer.page(label)
        printed = printer.print([page], f"{kind}-{item.barcode or 'truck'}")
        what = "slip" if kind == "flag" else "label"
        sentence = tell(f"label.{printed.code}.{what}", file=Path(printed.file).name, target=printed.target)
        return LabelMade(printed.code, " ".join([sentence, *page.notes]), printer.form.upper())

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
