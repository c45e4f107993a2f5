"""Tags, write plans and migrations as text for `station tag plan` and `migrate`, in the language of the bench.

`quality.tag_words` translates the English sentences of the codecs.
"""

from __future__ import annotations

from collections.abc import Iterable

from station.base.cells import filled
from station.base.sentence import Sentence
from station.base.text import printable_hex
from station.base.words import english, tell
from station.encoding.content import BEING_WRITTEN
from station.encoding.doctor.case import numbers
from station.encoding.migration.migration import MigrationNote, NoteKind
from station.encoding.write_plan.image import UNFINISHED
from station.encoding.write_plan.steps import (
    CheckAfi,
    CheckBlocks,
    CheckDsfid,
    CheckLocks,
    LockAfi,
    LockBlocks,
    LockDsfid,
    ResetField,
    SetAfi,
    SetBlocks,
    SetDsfid,
    SetEas,
    Step,
    VerifyAll,
    WritePlan,
)
from station.quality.tag_words import translated, with_meaning


def in_english(sentence: Sentence) -> str:
    """Return the sentence in English, as in `--json`, whatever the language of the bench."""
    values = {name: value for name, value in sentence.values.items() if name != "count"}
    count = sentence.values.get("count")
    return english().tell(sentence.key, count if isinstance(count, int) else None, values)


def runs(values: Iterable[int]) -> str:
    """Return the numbers as text, in order, with consecutive numbers combined."""
    ends = (run.split(" to ") for run in numbers(values).split(", "))  # not for people
    return ", ".join(tell("tag-report.run", first=run[0], last=run[1]) if len(run) > 1 else run[0] for run in ends)


def step_sentence(step: Step, block_size: int) -> Sentence:
    """Return the sentence for one step of a plan."""
    match step:
        case SetDsfid(value) if value in (UNFINISHED, BEING_WRITTEN):
            return Sentence("tag-report.step.dsfid-unfinished", value=f"{value:02X}")
        case SetDsfid(value):
            return Sentence("tag-report.step.dsfid-finished", value=f"{value:02X}")
        case SetBlocks(first, data):
            count, shown = len(data) // block_size, printable_hex(data)
            return Sentence("tag-report.step.write", count=count, first=first, last=first + count - 1, data=shown)
        case SetAfi(value):
            return Sentence("tag-report.step.afi", value=f"{value:02X}")
        case SetEas(on):
            return Sentence("tag-report.step.eas-on" if on else "tag-report.step.eas-off")
        case LockBlocks(first, count):
            return Sentence("tag-report.step.lock", count=count, first=first, last=first + count - 1)
        case LockAfi():
            return Sentence("tag-report.step.lock-afi")
        case LockDsfid():
            return Sentence("tag-report.step.lock-dsfid")
        case CheckBlocks(first, data, twice):
            key = "tag-report.step.check-twice" if twice else "tag-report.step.check"
            count = len(data) // block_size
            return Sentence(key, count=count, first=first, last=first + count - 1)
        case CheckDsfid(value):
            return Sentence("tag-report.step.check-dsfid", value=f"{value:02X}")
        case CheckAfi(value):
            return Sentence("tag-report.step.check-afi", value=f"{value:02X}")
        case CheckLocks(first, count):
            return Sentence("tag-report.step.check-locks", count=count, first=first, last=first + count - 1)
        case ResetField():
            return Sentence("tag-report.step.field")
        case VerifyAll(locks):
            return Sentence("tag-report.step.verify-locks" if locks else "tag-report.step.verify")


def step_words(step: Step, block_size: int) -> str:
    """Return `step_sentence` as text."""
    return tell(step_sentence(step, block_size))


def plan_lines(plan: WritePlan) -> list[str]:
    """Return the steps, numbered, and their counts."""
    if plan.empty:
        return [tell("tag-report.nothing-to-write")]
    width = len(str(len(plan.steps)))
    return [
        *(f"{number:{width}}. {step_words(step, plan.block_size)}" for number, step in enumerate(plan.steps, 1)),
        tell(
            "tag-report.counts",
            steps=tell("tag-report.steps", count=len(plan.steps)),
            commands=tell("tag-report.commands", count=plan.write_commands),
            writes=tell("tag-report.writes", count=plan.block_writes),
        ),
    ]


def element_words(name: str, oid: int) -> str:
    """Return the name of a data element, with its number if it has one (not 0)."""
    words = translated(name)
    return tell("tag-report.element", name=words, oid=oid) if oid else tell(words)


def note_lines(notes: Iterable[MigrationNote]) -> list[str]:
    """Return the result for each element."""
    lines: list[str] = []
    for note in notes:
        what = element_words(note.name, note.oid)
        because = f": {tell(translated(note.reason))}" if note.reason else ""
        before, after = (tell(with_meaning(note.oid, value)) for value in (note.before, note.after))
        kind = filled(tell(f"tag-report.note.{note.kind.value}"), 13)
        match note.kind:
            case NoteKind.KEPT:
                lines.append(f"{kind} {what} = {after}")
            case NoteKind.CHANGED | NoteKind.GUESSED:
                was = before or tell("tag-report.nothing")
                now = after if after == before else f"{was} -> {after}"
                lines.append(f"{kind} {what} = {now}{because}")
            case NoteKind.DROPPED | NoteKind.DOES_NOT_FIT:
                value = f" = {before}" if before else ""
                lines.append(f"{kind} {what}{value}{because}")
    return lines
