"""Write plans and migrations in words, for `station tag plan` and `migrate`."""

from __future__ import annotations

from collections.abc import Iterable

from station.encoding.content import BEING_WRITTEN
from station.encoding.migration import MigrationNote, NoteKind
from station.encoding.plan import (
    UNFINISHED,
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
from station.text import printable_hex


def blocks(first: int, count: int) -> str:
    """ "block 3" or "blocks 3-5"."""
    return f"block {first}" if count == 1 else f"blocks {first}-{first + count - 1}"


def several(count: int, one: str) -> str:
    """ "1 block" or "2 blocks"."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def step_words(step: Step, block_size: int) -> str:
    """One step of a plan."""
    match step:
        case SetDsfid(value) if value in (UNFINISHED, BEING_WRITTEN):
            return f"Set DSFID to {value:02X}: from here on nobody takes the tag for finished."
        case SetDsfid(value):
            return f"Set DSFID to {value:02X}: the tag is finished."
        case SetBlocks(first, data):
            return f"Write {blocks(first, len(data) // block_size)}: {printable_hex(data)}"
        case SetAfi(value):
            return f"Set AFI to {value:02X}."
        case SetEas(on):
            return f"Switch the EAS bit {'on' if on else 'off'}."
        case LockBlocks(first, count):
            return f"Lock {blocks(first, count)} for ever."
        case LockAfi():
            return "Lock the AFI for ever."
        case LockDsfid():
            return "Lock the DSFID for ever."
        case CheckBlocks(first, data, twice):
            return f"Read {blocks(first, len(data) // block_size)}{' twice' if twice else ''} and compare."
        case CheckDsfid(value):
            return f"Read the DSFID: it must be {value:02X}."
        case CheckLocks(first, count):
            return f"Read the locks of {blocks(first, count)}: all must be locked."
        case ResetField():
            return "Field off and on: the tag must answer alone."
        case VerifyAll(locks):
            return f"Read everything{', locks too,' if locks else ''} and compare byte for byte."


def plan_lines(plan: WritePlan) -> list[str]:
    """The steps, numbered, and their counts."""
    if plan.empty:
        return ["Nothing has to be written: the tag holds exactly this."]
    width = len(str(len(plan.steps)))
    return [
        *(f"{number:{width}}. {step_words(step, plan.block_size)}" for number, step in enumerate(plan.steps, 1)),
        f"{several(len(plan.steps), 'step')}: {several(plan.write_commands, 'writing command')}, "
        f"{several(plan.block_writes, 'block write')}.",
    ]


def note_lines(notes: Iterable[MigrationNote]) -> list[str]:
    """What became of each element."""
    lines: list[str] = []
    for note in notes:
        what = f"{note.name} (OID {note.oid})" if note.oid else note.name
        because = f": {note.reason}" if note.reason else ""
        match note.kind:
            case NoteKind.KEPT:
                lines.append(f"kept          {what} = {note.after}")
            case NoteKind.CHANGED | NoteKind.GUESSED:
                was = note.before or "nothing"
                now = note.after if note.after == note.before else f"{was} -> {note.after}"
                lines.append(f"{note.kind.value:13} {what} = {now}{because}")
            case NoteKind.DROPPED | NoteKind.DOES_NOT_FIT:
                value = f" = {note.before}" if note.before else ""
                lines.append(f"{note.kind.value:13} {what}{value}{because}")
    return lines
