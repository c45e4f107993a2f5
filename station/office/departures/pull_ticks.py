"""Tick the lines of a pull list at the shelf: a scan finds the line, and large buttons say what became of its piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from station.base.errors import DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import ungrouped
from station.domain.events import PullTicked
from station.domain.people.rights import Right
from station.domain.withdrawals.pull_list import PullListStanding, PullOutcome, PullStanding
from station.office.asked import Asked, part_of_path
from station.office.corrections import NOTE
from station.office.departures.pull_lists import OUTCOMES, known
from station.office.forms import Declined, Field, FieldKind, Form, Lent, Make, Onward
from station.reports.tables.pull_lists import LISTS, RECALLED, outcome_of, place_of, place_words
from station.runtime.withdrawal_decisions import LONGEST_NOTE

SCAN, OUTCOME, DONE = "scan", "outcome", "done"


def tick(asked: Asked) -> Form:
    """Ask for a scan; with a line in the address, also what became of its piece. A scan never ticks."""
    now = known(asked)
    lines = asked.sources.visibility(asked.viewer).pull_lines(now.id)
    line = _line(lines, asked.names["line"]) if "line" in asked.names else None
    here = f"{LISTS}/{now.id}"

    why_not = "" if line is None else _why_not(now, line)

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str | Onward:
        outcome = typed.get(OUTCOME, "")
        if line is None or not outcome:
            return Onward(f"{here}/lines/{part_of_path(_scanned(asked, lines, typed).content.line)}")
        if why_not:
            raise Declined(why_not)
        event = PullTicked(
            list=now.id,
            line=line.content.line,
            outcome=PullOutcome.ON_LOAN if outcome == RECALLED else PullOutcome(outcome),
            recalled=outcome == RECALLED,
            note=clean(typed.get(NOTE, ""), LONGEST_NOTE),
            title=line.content.title,
            operator=asked.viewer.id,
            authorised=lent.authorised,
        )
        asked.sources.acts.order([event], lent.by, last)
        return f"{here}/tick?{DONE}={part_of_path(line.content.line)}"

    scan = Field(name=SCAN, label=tell("pull.scan"))
    buttons = (
        Field(
            name=OUTCOME,
            label=tell("pull.what"),
            kind=FieldKind.BUTTONS,
            choices=tuple((code, tell(f"pull.outcome.{code}")) for code in OUTCOMES),
        ),
        Field(name=NOTE, label=tell("pull.head.note"), kind=FieldKind.LONG),
    )
    return Form(
        template="tick",
        title=tell("form.title.tick", name=clean(now.name)),
        subject="" if line is None else _title(line),
        button=tell("form.do.tick"),
        back=here,
        act=act,
        right=Right.PROCESS,
        fields=(scan, *(() if line is None or why_not else buttons)),
        lines=() if line is None else tuple(filter(None, _about(asked, line))),
        notes=tuple(filter(None, (why_not, _done(lines, asked.text(DONE))))),
    )


def _line(lines: Sequence[PullStanding], name: str) -> PullStanding:
    """Return the line with this name. Raise `DepartureRefused`."""
    line = next((line for line in lines if line.content.line == name), None)
    if line is None:
        raise DepartureRefused(Sentence("pull.no-line", line=clean(name, 60)))
    return line


def _scanned(asked: Asked, lines: Sequence[PullStanding], typed: Mapping[str, str]) -> PullStanding:
    """Return the line of the scanned barcode. Raise `Declined`."""
    barcode = ungrouped(typed.get(SCAN, "").strip(), asked.sources.settings.barcodes)
    if not barcode:
        raise Declined(tell("pull.scan-something"), SCAN)
    line = next((line for line in lines if line.content.barcode == barcode), None)
    if line is None:
        raise Declined(tell("pull.not-on-list", barcode=clean(barcode, 60)), SCAN)
    return line


def _title(line: PullStanding) -> str:
    return clean(line.content.title or line.content.line)


def _about(asked: Asked, line: PullStanding) -> Iterator[str]:
    """Yield what a person compares at the shelf, and what was found before."""
    content, names = line.content, asked.names_seen()
    yield clean(content.call_number)
    yield clean(content.author)
    yield clean(place_words(place_of(line)))
    yield clean(content.note)
    if line.outcome is not None:
        outcome = tell(f"pull.outcome.{outcome_of(line)}")
        yield tell("pull.found-by", outcome=outcome, who=names.get(line.by, line.by)) if line.by else outcome
        yield clean(line.note)


def _why_not(now: PullListStanding, line: PullStanding) -> str:
    """Return why the line cannot be ticked now; "" = it can."""
    if line.withdrawal:
        return tell("pull.withdrawn", title=_title(line))
    return tell("pull.closed", name=clean(now.name)) if now.closed_at else ""


def _done(lines: Sequence[PullStanding], name: str) -> str:
    """Return what was ticked last."""
    line = next((line for line in lines if line.content.line == name), None)
    if line is None or line.outcome is None:
        return ""
    return tell("pull.ticked", title=_title(line), outcome=tell(f"pull.outcome.{outcome_of(line)}"))


FORMS: Final[tuple[tuple[str, Make], ...]] = (
    (f"{LISTS}/{{id}}/tick", tick),
    (f"{LISTS}/{{id}}/lines/{{line}}", tick),
)
