"""Labels for the screen: `ports.LabelPort`, printed as the settings say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from station.clock import Clock
from station.errors import LabelRefused
from station.model import Finding, ItemRecord
from station.printing import content
from station.printing.content import Content
from station.printing.job import Printer, load_paper, paper_of
from station.printing.outputs import target
from station.settings import Labels


class BenchLabels:
    """One label at a time. `owners`: who corrects what a rule finds, by the rule's id."""

    def __init__(self, settings: Labels, data: Path, clock: Clock, owners: Mapping[str, str]) -> None:
        self._settings = settings
        self._data = data
        self._clock = clock
        self._owners = owners

    def label(self, item: ItemRecord) -> str:
        """See `ports.LabelPort`."""
        if not item.label_lines:
            raise LabelRefused("the record has no call number, so there is no spine label")
        return self._print(content.spine(item.label_lines, item.barcode), item)

    def slip(self, item: ItemRecord, findings: Sequence[Finding], operator: str) -> str:
        """See `ports.LabelPort`."""
        wrong = content.failures(findings, self._owners)
        if not wrong:
            raise LabelRefused("nothing failed, so there is no flag slip")
        day = self._clock.now()[:10]
        return self._print(content.flag(item, item.label_lines, wrong, operator, day), item)

    def _print(self, label: Content, item: ItemRecord) -> str:
        settings, kind = self._settings, label.kind
        paper = load_paper(paper_of(kind, settings), self._data)
        printer = Printer(
            paper,
            kind,
            settings.format,
            target(settings.to),
            settings=settings,
            data=self._data,
            clock=self._clock,
        )
        page = printer.page(label)
        printed = printer.print([page], f"{kind}-{item.barcode}")
        where = (
            f"saved as {Path(printed.file).name} in {printed.target}" if printed.file else f"sent to {printed.target}"
        )
        return " ".join([f"The {'flag slip' if kind == 'flag' else 'label'} is {where}.", *page.notes])
