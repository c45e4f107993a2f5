"""The table "Genuine records" of docs/evidence.md: `python -m scripts.evidence.records [FOLDER...]`.

Each genuine item of the folders (default: ../shared/data) goes through import, label and all machine rules. A failed rule
is a false alarm unless the committed judgments say that the record is wrong there. `--list RULE` shows each alarm of a
rule ("*" = of all); `--write` puts the table into docs/evidence.md.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.evidence import corpus
from scripts.evidence.corpus import Piece
from scripts.evidence.judgments import Judgments
from station.base.text import clean
from station.catalog.labels import shipped
from station.domain.findings import Outcome


class Alarm(NamedTuple):
    """One rule that failed on one item."""

    piece: Piece
    rule: str
    reason: str
    true: bool | None
    """As judged; None = not judged, which counts as false."""


class Measured(NamedTuple):
    """What a folder's items gave."""

    files: int
    rejected: int
    items: int
    records: int
    """Records of files without items, each judged by itself."""
    labels: int
    wide: int
    """Labels with a line that is wider than the stock."""
    tall: int
    alarms: tuple[Alarm, ...]

    @property
    def pieces(self) -> int:
        """Return the number of items and records that were judged."""
        return self.items + self.records

    def by_rule(self, true: bool) -> Counter[str]:
        """Return the number of alarms by rule: those judged true, or all others."""
        return Counter(alarm.rule for alarm in self.alarms if bool(alarm.true) is true)


def measure(folders: Sequence[Path], judgments: Judgments) -> Measured:
    """Run every item of these folders through label and rules."""
    sources = [found for name, path in corpus.files(folders) if (found := corpus.source(name, path)) is not None]
    template = shipped()
    items = records = labels = wide = tall = 0
    alarms: list[Alarm] = []
    for source in sources:
        for piece in corpus.pieces(source):
            items, records = (items + 1, records) if piece.barcode else (items, records + 1)
            lines = piece.item.label_lines
            labels += bool(lines)
            if lines and piece.item.label_problems:
                is_wide = any(len(line) > template.width for line in lines)
                wide, tall = wide + is_wide, tall + (not is_wide)
            alarms += [
                Alarm(piece, one.rule, one.reason, judgments.of(piece, one.rule))
                for one in corpus.judged(piece)
                if one.outcome is Outcome.FAIL
            ]
    rejected = sum(source.rejected for source in sources)
    return Measured(len(sources), rejected, items, records, labels, wide, tall, tuple(alarms))


def table(found: Measured) -> list[str]:
    """Return the lines of the table."""
    false, true = found.by_rule(False), found.by_rule(True)
    lines = [
        "| measured | number | share |",
        "|---|---|---|",
        f"| files | {found.files} | |",
        f"| genuine items imported | {found.items} | |",
        f"| records without an item, judged by themselves | {found.records} | |",
        f"| records rejected by the import | {found.rejected} | |",
        f"| labels | {found.labels} | |",
        f"| labels refused: a line wider than the stock | {found.wide} | {_percent(found.wide, found.labels)} |",
        f"| labels refused: more lines than the stock has | {found.tall} | {_percent(found.tall, found.labels)} |",
        f"| false alarms | {false.total()} | {_each(false.total(), found.pieces)} an item |",
        "",
        "| rule | false alarms | an item | true findings |",
        "|---|---|---|---|",
    ]
    rules = sorted({*false, *true}, key=lambda rule: (-false[rule], rule))
    lines += [f"| `{rule}` | {false[rule]} | {_each(false[rule], found.pieces)} | {true[rule]} |" for rule in rules]
    return lines


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""


def _each(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else ""


def shown(alarm: Alarm) -> str:
    """Return an alarm as one line for a person who judges it."""
    record, item = alarm.piece.record, alarm.piece.item
    judged = {True: "true", False: "false", None: "?"}[alarm.true]
    place = f"{record.file}#{record.position}"
    return clean(
        f"{judged:5} {alarm.rule:22} {place} {alarm.piece.barcode} | {item.call_number} | {item.title[:50]} | {alarm.reason}",
        400,
    )


def main() -> None:
    """Print the table, or the alarms of a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[corpus.SHARED])
    parser.add_argument("--list", metavar="RULE", dest="rule")
    options = parser.parse_args()
    found = measure(options.folders, Judgments.read())
    if options.rule:
        print("\n".join(shown(alarm) for alarm in found.alarms if options.rule in ("*", alarm.rule) and not alarm.true))
    else:
        print("\n".join(table(found)))


if __name__ == "__main__":
    main()
