"""The checker of a history: it compares what was asked for with the library system's own log, and uses no other data.

It does not use delivery ids, the courier's states, or an adapter: it recognizes an entry in a note by its text, and a
scan-in by its place. It checks:

* Each intent took effect exactly once, or was ended by a person or parked with a reason. In the latter cases it took
  effect at most once, plus once for each time that a person chose "send ours" or another try. There is no other end.
* Effects on one item, of whatever kind, are in the order of the intents.
* Every effect was asked for, and no change touched a field that is not the station's.
* An edit by a person that the station could have read before its write was not overwritten.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

Json = dict[str, Any]

ENDS = ("done", "given-up", "parked")
OURS = "item_data.internal_note_3"
MADE_BY_A_SCAN_IN = {
    "item_data.process_type",
    "item_data.base_status",
    "item_data.work_order_type",
    "item_data.work_order_at",
}
DATED = {"item_data.modification_date"}
_ENTRY = re.compile(r"RFID \[[^\]]*\] (?:says \"([^\"]*)\"|([a-z]+) [0-9]+/[0-9]+ ([0-9A-F]+) )")


class Asked(NamedTuple):
    """One intent in a person's terms."""

    item: str
    what: tuple[str, ...]
    """("result", verdict, uid), ("note", text), ("scan-in", library, department, work order) or ("withdraw", holdings)."""
    ended: str
    """ "done", "given-up" (a person ended it) or "parked"; any other value is an error."""
    reason: str = ""
    sends: int = 1
    """How often it may take effect: once, plus once for each time that a person had it sent again."""


class Happened(NamedTuple):
    """One effect, as logged."""

    seq: int
    item: str
    what: tuple[str, ...]


def judge(asked: Sequence[Asked], log: Json) -> list[str]:
    """Return the faults as sentences; empty if the history is correct."""
    effects, wrong = read_effects(log)
    for one in asked:
        if one.ended not in ENDS:
            wrong.append(f"{one.item}: {one.what} is {one.ended}: neither done nor parked, and nobody gave it up")
        elif one.ended == "parked" and not one.reason:
            wrong.append(f"{one.item}: {one.what} is parked without a reason")
    lines: dict[str, tuple[list[Asked], list[Happened]]] = defaultdict(lambda: ([], []))
    for one in asked:
        lines[one.item][0].append(one)
    for effect in effects:
        lines[effect.item][1].append(effect)
    for item, (wanted, done) in sorted(lines.items()):
        if not fits(wanted, [effect.what for effect in done]):
            told = [(one.what, one.ended) for one in wanted]
            wrong.append(f"{item}: asked {told}, but happened {[effect.what for effect in done]}")
    return wrong + lost_edits(log)


def fits(wanted: Sequence[Asked], done: Sequence[tuple[str, ...]]) -> bool:
    """Return whether `done` can be the effects of the intents in their order, each as often as allowed.

    An intent that a person had sent again may come later than those after it. It is only counted, without a position.
    """
    placed = [one for one in wanted if one.sends == 1]
    most: Counter[tuple[str, ...]] = Counter()
    least: Counter[tuple[str, ...]] = Counter()
    for one in wanted:
        if one.sends > 1:
            most[one.what] += one.sends
            least[one.what] += one.ended == "done"
    reach = {(0, tuple(sorted(most.items())))}
    for what in done:
        after = set()
        for at, left in reach:
            stock = dict(left)
            if stock.get(what, 0) > 0:
                after.add((at, tuple(sorted({**stock, what: stock[what] - 1}.items()))))
            position = at
            while position < len(placed):
                if placed[position].what == what:
                    after.add((position + 1, left))
                if placed[position].ended == "done":
                    break  # this one must happen before any after it
                position += 1
        reach = after
    return any(
        all(one.ended != "done" for one in placed[at:])
        and all(most[what] - count >= least[what] for what, count in left)
        for at, left in reach
    )


def read_effects(log: Json) -> tuple[list[Happened], list[str]]:
    """Return the effects in order, and the effects that no intent could have caused."""
    found: list[Happened] = []
    wrong: list[str] = []
    for row in log["effects"]:
        item, seq = row["barcode"], row["seq"]
        if row["kind"] == "item-put":
            after = note_at(log, row["pid"], seq)
            read = note_at(log, row["pid"], last_read(log, row))
            old, new = entries(read), entries(after)
            if new[:-1] != old:
                wrong.append(f"{item}: a note was read with the entries {old} and sent with {new}")
            if foreign_text(read) != foreign_text(after):
                wrong.append(f"{item}: other people's text in the note was changed: {read!r} -> {after!r}")
            found += [Happened(seq, item, entry) for entry in new[len(old) :]]
        elif row["kind"] == "scan-in":
            params = row["params"]
            found.append(
                Happened(
                    seq, item,
                    ("scan-in", *(params.get(name, "") for name in ("library", "department", "work_order_type"))),
                )
            )  # fmt: skip
            if row["in_house_use"]:
                wrong.append(f"{item}: a scan-in was counted as an in-house use")
            strange = set(row["changed"]) - MADE_BY_A_SCAN_IN - DATED
            wrong += [f"{item}: a scan-in changed {name}" for name in sorted(strange)]
        elif row["kind"] == "withdraw":
            found.append(Happened(seq, item, ("withdraw", row["holdings"])))
        else:
            wrong.append(f"nobody asked for {row['kind']} of {item}")
    return found, wrong


def note_at(log: Json, pid: str, seq: int) -> str:
    """Return the station's note of an item after this event of the log ("" at the beginning)."""
    rows = [
        row for row in (*log["effects"], *log["edits"])
        if row["pid"] == pid and row["seq"] <= seq and OURS in row["changed"]
    ]  # fmt: skip
    return str(max(rows, key=lambda row: int(row["seq"]))["after"][OURS] or "") if rows else ""


def last_read(log: Json, effect: Json) -> int:
    """Return the newest event that the station knew when it sent this change: the one before its last reading."""
    path = re.compile(rf"/items/{effect['pid']}$")
    return max(
        (
            request["seq"]
            for request in log["requests"]
            if request["method"] == "GET" and request["status"] == 200 and request["seq"] < effect["seq"]
            and path.search(request["path"])
        ),
        default=-1,
    )  # fmt: skip


def entries(note: str) -> list[tuple[str, ...]]:
    """Return the content of the station's entries in a note, in order."""
    return [
        ("note", found[1]) if found[1] is not None else ("result", found[2], found[3])
        for found in _ENTRY.finditer(note)
    ]


def foreign_text(note: str) -> list[str]:
    """Return the pieces of a note that are not the station's."""
    return [piece for piece in note.split(" | ") if piece.strip() and not piece.startswith("RFID [")]


def lost_edits(log: Json) -> list[str]:
    """Return the edits that a later write of the station undid although the station had read the item after them."""
    wrong = []
    for effect in log["effects"]:
        if effect["kind"] != "item-put":
            continue
        seen = last_read(log, effect)
        for name in sorted(set(effect["changed"]) - {OURS} - DATED):
            edits = [edit for edit in log["edits"] if edit["pid"] == effect["pid"] and edit["seq"] < effect["seq"]]
            newest = max((edit["seq"] for edit in edits if name in edit["changed"]), default=None)
            if newest is None:
                wrong.append(f"{effect['barcode']}: {name} was changed, which is not the station's")
            elif newest <= seen:
                wrong.append(f"{effect['barcode']}: the edit of {name} (seq {newest}) was read and then overwritten")
    return wrong
