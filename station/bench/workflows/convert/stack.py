"""A stack of finished items on the pad: compare each tag with journal, catalog and the expected items. Pure.

Several peers stop at "all tags answer" (docs/reference/quality-sources.md#processing-stations: stack verify). This
check reads each tag completely and compares it with the journal of verified writes for this tag, with the content that
its catalog record would give, and with the newest verdict. It names every missing, extra or wrong item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import msgspec

from station.base.sentence import Sentence
from station.domain.item import ItemRecord
from station.domain.ports import Binding
from station.domain.workflows import DoneItem, StackLine, StackReport, StackState
from station.encoding.content import Recognition, TagState


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Known facts about one tag that answered."""

    uid: str
    recognition: Recognition | None = None
    """None = unreadable."""
    secure: bool | None = True
    """The AFI is that of an item that alarms at the gate; None: the reader does not report the AFI."""
    bound: Binding | None = None
    """The part that this tag carries according to the journal."""
    holder: str = ""
    """UID of the tag that the journal has for the item and part on this tag."""
    half: bool = False
    """A write to this tag was begun and has not ended."""
    item: ItemRecord | None = None
    """The record of the item on the tag, or else of the item in the journal."""
    differs: tuple[Sentence, ...] = ()
    """Differences from the content that would be written today, one sentence each."""
    passed: bool = True
    """The newest verdict on this part is a pass."""

    @property
    def says(self) -> tuple[str, int] | None:
        """Item and part on a finished tag of ours; None for any other tag."""
        seen = self.recognition
        if seen is None or seen.content is None or seen.state is not TagState.OURS:
            return None
        return seen.content.primary_item_identifier, seen.content.part

    def means(self, wanted: Collection[tuple[str, int]]) -> tuple[str, int] | None:
        """Return the wanted item and part that this tag matches: first by its content, then by the journal."""
        bound = None if self.bound is None else (str(self.bound.barcode), self.bound.part)
        return next((key for key in (self.says, bound) if key in wanted), self.says or bound)


def doubts(look: Look) -> tuple[Sentence, ...]:
    """Return the faults of this tag, whatever item is expected."""
    seen = look.recognition
    if seen is None:
        return (Sentence("stack.unreadable"),)
    reasons: list[Sentence] = []
    if look.half:
        reasons.append(Sentence("stack.half"))
    if seen.state is not TagState.OURS:
        return (*reasons, Sentence(f"stack.{seen.state.value}"))
    if look.bound is None:
        reasons.append(Sentence("stack.not-in-journal"))
    elif (look.bound.barcode, look.bound.part) != look.says:
        reasons.append(Sentence("stack.bound-to", barcode=look.bound.barcode, part=look.bound.part))
    if look.holder and look.holder != look.uid:
        reasons.append(Sentence("stack.two-tags", tag=f"...{look.holder[-6:]}"))
    if look.item is None:
        reasons.append(Sentence("stack.no-record"))
    reasons += look.differs
    if look.secure is None:
        reasons.append(Sentence("stack.afi-not-told"))
    elif not look.secure:
        reasons.append(Sentence("stack.not-secured"))
    if not look.passed:
        reasons.append(Sentence("stack.no-pass"))
    return tuple(reasons)


def compare(expected: Sequence[DoneItem], looks: Sequence[Look]) -> StackReport:
    """Compare every expected item with the tags that answered. The report lists the stack in its order, then the extra
    tags."""
    wanted = {(item.barcode, item.part): item for item in expected}
    by_key: dict[tuple[str, int], list[Look]] = {}
    strange: list[Look] = []
    for look in looks:
        key = look.means(wanted)
        if key is not None and key in wanted:
            by_key.setdefault(key, []).append(look)
        else:
            strange.append(look)
    lines = [line for key, item in wanted.items() for line in _lines(item, by_key.get(key, []))]
    counts = Counter(look.says for look in strange)
    return StackReport((*lines, *(_extra(look, look.says is not None and counts[look.says] > 1) for look in strange)))


def _lines(item: DoneItem, looks: Sequence[Look]) -> list[StackLine]:
    if not looks:
        missing = StackLine(
            state=StackState.MISSING,
            barcode=item.barcode,
            part=item.part,
            parts=item.parts,
            title=item.title,
            reasons=(Sentence("stack.no-answer"),),
        )
        return [missing]
    more = (Sentence("stack.twice"),) if len(looks) > 1 else ()
    return [_line(item, look, (*more, *doubts(look))) for look in looks]


def _line(item: DoneItem, look: Look, reasons: tuple[Sentence, ...]) -> StackLine:
    return StackLine(
        state=StackState.WRONG if reasons else StackState.RIGHT,
        barcode=item.barcode,
        part=item.part,
        parts=item.parts,
        title=item.title,
        uid=look.uid,
        reasons=reasons,
    )


def _extra(look: Look, twice: bool) -> StackLine:
    barcode, part = look.means(()) or ("", 1)
    more = (Sentence("stack.twice"),) if twice else ()
    return StackLine(
        state=StackState.EXTRA,
        barcode=barcode,
        part=part,
        parts=look.item.parts if look.item is not None else 1,
        title=look.item.title if look.item is not None else "",
        uid=look.uid,
        reasons=(Sentence("stack.not-of-it"), *more, *doubts(look)),
    )
