"""The tables of "Genuine records" in docs/evidence.md: `python -m scripts.evidence.records [FOLDER...]`.

Each genuine item of the folders (default: ../shared/data) goes through import, label and all machine rules. A failed rule
is a false alarm unless the committed judgments (tests/evidence/judged.toml) say that the record is wrong there. Then
known defects and the mistakes of catalogers are seeded into clean items, and genuine call numbers are put into the order
of the shelf. `--list RULE` shows each false alarm of a rule ("*" = of all); `--write` puts the tables into
docs/evidence.md.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from scripts.evidence import corpus, recall
from scripts.evidence.corpus import Piece
from scripts.evidence.judgments import Judgments
from scripts.evidence.seeder import Seeded, Seeder, by_rule, critical
from station.base.text import clean
from station.base.words import tell
from station.catalog.callnumber import sort_key
from station.catalog.labels import shipped
from station.domain.findings import Outcome

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "evidence.md"
ORDERINGS: Final = ROOT / "tests" / "catalog" / "callnumber" / "judged_orderings.toml"
BEGIN: Final = "<!-- genuine -->"
BEGIN_MISTAKES: Final = "<!-- mistakes -->"
END: Final = "<!-- end -->"
SEED: Final = 20
DEFECTS: Final = 500


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
                Alarm(piece, one.rule, tell(one.reason), judgments.of(piece, one.rule))
                for one in corpus.judged(piece)
                if one.outcome is Outcome.FAIL
            ]
    rejected = sum(source.rejected for source in sources)
    return Measured(len(sources), rejected, items, records, labels, wide, tall, tuple(alarms))


def table(found: Measured, seeded: Seeded, orderings: tuple[int, int]) -> list[str]:
    """Return the lines of both tables. `orderings`: those that are wrong, and all."""
    false, true = found.by_rule(False), found.by_rule(True)
    recalls = {one.rule: one for one in by_rule(seeded)}
    defects = len(seeded.seeds)
    hits = defects - len(seeded.missed)
    stops = [seed for seed in seeded.seeds if seed.defect.rules[0] in critical()]
    stopped = sum(seed.found for seed in stops)
    rows = (
        ("files; records that the import rejected", f"{found.files}; {found.rejected}", ""),
        ("genuine items imported", f"{found.items}", ""),
        ("records of files without items, judged by themselves", f"{found.records}", ""),
        ("labels refused: a line is too wide", f"{found.wide} of {found.labels}", _percent(found.wide, found.labels)),
        ("labels refused: too many lines", f"{found.tall} of {found.labels}", _percent(found.tall, found.labels)),
        ("judged orderings that are wrong", f"{orderings[0]} of {orderings[1]}", _percent(*orderings)),
        ("false alarms", f"{false.total()} of {found.pieces} items", f"{_each(false.total(), found.pieces)} an item"),
        ("seeded defects found", f"{hits} of {defects}", _percent(hits, defects)),
        ("... of them, defects that must stop the item", f"{stopped} of {len(stops)}", _percent(stopped, len(stops))),
    )
    lines = ["| measured | number | share |", "|---|---|---|"]
    lines += [f"| {what} | {number} | {share} |" for what, number, share in rows]
    lines += ["", "| rule | false alarms | an item | true findings | seeded | found |", "|---|---|---|---|---|---|"]
    for rule in sorted({*false, *true, *recalls}):
        given = recalls.get(rule)
        counts = f"{given.seeded} | {given.found}" if given else " | "
        lines.append(f"| `{rule}` | {false[rule]} | {_each(false[rule], found.pieces)} | {true[rule]} | {counts} |")
    return lines


def ordered() -> tuple[int, int]:
    """Return the number of judged neighbors on the shelf that are put in the wrong order, and of all; none without the
    judgments."""
    if not ORDERINGS.exists():
        return 0, 0
    rows = [row for rows in tomllib.loads(ORDERINGS.read_text(encoding="utf-8"))["orderings"].values() for row in rows]
    pairs = [(scheme or None, pair) for scheme, numbers, _ in rows for pair in pairwise(numbers.split(" | "))]
    wrong = sum(not sort_key(left, scheme) < sort_key(right, scheme) for scheme, (left, right) in pairs)
    return wrong, len(pairs)


def sections(folders: Sequence[Path]) -> dict[str, list[str]]:
    """Return the lines of docs/evidence.md after each of its marks."""
    seeder = Seeder(folders, SEED)
    genuine = table(measure(folders, Judgments.read()), seeder.seeded(DEFECTS), ordered())
    return {BEGIN: genuine, BEGIN_MISTAKES: recall.table(recall.recall(seeder))}


def written(page: str, lines: Mapping[str, Sequence[str]]) -> str:
    """Return the page with these lines after its marks."""
    for mark, section in lines.items():
        before, _, rest = page.partition(mark)
        _, _, after = rest.partition(END)
        page = "\n".join((f"{before}{mark}", "", *section, "", f"{END}{after}"))
    return page


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
    """Print the tables, write them, or list the false alarms of a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[corpus.SHARED])
    parser.add_argument("--list", metavar="RULE", dest="rule")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.rule:
        alarms = measure(options.folders, Judgments.read()).alarms
        print("\n".join(shown(alarm) for alarm in alarms if options.rule in ("*", alarm.rule) and not alarm.true))
        return
    lines = sections(options.folders)
    if options.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")
    else:
        print("\n".join(line for section in lines.values() for line in section))


if __name__ == "__main__":
    main()
