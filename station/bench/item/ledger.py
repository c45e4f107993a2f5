"""The ledger of tags and items: second tags, and tags that were reused for another item. Pure.

"No second tag on any item" is a rule of libraries, and re-tagging of returned books happens
(docs/reference/quality-sources.md#processing-stations). The journal of verified writes reveals both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from station.base.sentence import Sentence
from station.domain.events import TagErased, TagUndoVerified, TagWriteVerified
from station.domain.workflows import LedgerLine

if TYPE_CHECKING:
    from station.domain.item_state import StateSince
    from station.domain.ports import Logged


class Holding(msgspec.Struct, frozen=True):
    """A tag carries this part of this item since `at`."""

    uid: str
    barcode: str
    part: int
    at: str


class Ledger(msgspec.Struct, frozen=True):
    """Content of every tag by its newest verified write, and its earlier content."""

    now: dict[str, Holding]
    """By UID."""
    before: dict[str, tuple[Holding, ...]]
    """By UID, oldest first: earlier items or parts that differ from the current one."""

    def holders(self, barcode: str, part: int) -> tuple[Holding, ...]:
        """Return every tag whose newest write was this part of this item, oldest first."""
        return tuple(one for one in self.now.values() if (one.barcode, one.part) == (barcode, part))


def ledger(writes: Iterable[Logged]) -> Ledger:
    """Build the ledger from verified writes and undos, oldest first."""
    now: dict[str, Holding] = {}
    before: dict[str, tuple[Holding, ...]] = {}
    for one in writes:
        match one.event:
            case TagWriteVerified(uid=uid, barcode=barcode, part=part):
                old = now.pop(uid, None)
                now[uid] = Holding(uid, barcode, part, one.at)
                if old is not None and (old.barcode, old.part) != (barcode, part):
                    before[uid] = (*before.get(uid, ()), old)
            case TagUndoVerified(uid=uid, restored=restored, part=part):
                old = now.pop(uid, None)
                if old is not None:
                    before[uid] = (*before.get(uid, ()), old)
                if restored:
                    now[uid] = Holding(uid, restored, part, one.at)
            case TagErased(uid=uid):
                old = now.pop(uid, None)
                if old is not None:
                    before[uid] = (*before.get(uid, ()), old)
            case _:
                pass
    return Ledger(now, before)


def suspects(found: Ledger) -> tuple[LedgerLine, ...]:
    """Return every second tag, then every tag that was used for more than one item."""
    by_item: dict[tuple[str, int], list[Holding]] = {}
    for one in found.now.values():
        by_item.setdefault((one.barcode, one.part), []).append(one)
    lines = [
        LedgerLine(kind="second-tag", uid=one.uid, barcode=barcode, part=part, at=one.at, sentence=_second(one, many))
        for (barcode, part), many in by_item.items()
        if len(many) > 1
        for one in many[:-1]
    ]
    for uid, old in found.before.items():
        now = found.now.get(uid)
        lines += [
            LedgerLine(
                kind="used-again",
                uid=uid,
                barcode=one.barcode,
                part=one.part,
                at=one.at,
                sentence=Sentence("inspect.was-of", barcode=one.barcode, part=one.part, day=one.at[:10]),
            )
            for one in old
            if now is None or one.barcode != now.barcode
        ]
    return tuple(lines)


def _second(one: Holding, many: list[Holding]) -> Sentence:
    return Sentence("inspect.second-tag", barcode=one.barcode, part=one.part, tag=f"...{many[-1].uid[-6:]}")


def of_tag(found: Ledger, uid: str, says: tuple[str, int] | None) -> tuple[Sentence, ...]:
    """Return the ledger's statements about one tag. `says`: item and part on the finished tag; None = it names none."""
    now = found.now.get(uid)
    sentences = []
    if now is None and says is not None:
        sentences.append(Sentence("inspect.not-in-journal"))
    elif now is not None and says is not None and (now.barcode, now.part) != says:
        sentences.append(Sentence("inspect.bound-to", barcode=now.barcode, part=now.part))
    elif now is not None and says is None:
        sentences.append(Sentence("inspect.should-say", barcode=now.barcode, part=now.part))
    key = says or ((now.barcode, now.part) if now is not None else None)
    others = [one for one in found.holders(*key) if one.uid != uid] if key is not None else []
    sentences += [Sentence("inspect.other-tag", tag=f"...{one.uid[-6:]}", day=one.at[:10]) for one in others]
    sentences += [
        Sentence("inspect.was-of", barcode=one.barcode, part=one.part, day=one.at[:10])
        for one in found.before.get(uid, ())
        if now is None or one.barcode != now.barcode
    ]
    return tuple(sentences)


def state_line(state: StateSince | None) -> tuple[Sentence, ...]:
    """Return what the journal knows of an item's state; () = the station has done nothing with it."""
    return (Sentence("inspect.state", state=state.words, day=state.at[:10]),) if state is not None else ()


def of_item(found: Ledger, barcode: str) -> tuple[Sentence, ...]:
    """Return every tag that carries or carried the item, oldest first. Reports a second tag of the same part."""
    sentences = []
    for one in found.now.values():
        if one.barcode == barcode:
            sentences.append(Sentence("inspect.carried-by", part=one.part, tag=one.uid, day=one.at[:10]))
            others = [other for other in found.holders(barcode, one.part) if other.uid != one.uid]
            if others:
                tag = f"...{others[-1].uid[-6:]}"
                sentences.append(Sentence("inspect.second-tag", barcode=barcode, part=one.part, tag=tag))
    for old in found.before.values():
        sentences += [
            Sentence("inspect.was-on", part=one.part, tag=one.uid, day=one.at[:10])
            for one in old
            if one.barcode == barcode
        ]
    return tuple(dict.fromkeys(sentences))
