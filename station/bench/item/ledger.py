"""The ledger of tags and items: second tags, and tags that were reused for another item. Pure.

"No second tag on any item" is a rule of libraries, and re-tagging of returned books happens
(docs/reference/quality-sources.md#processing-stations). The journal of verified writes reveals both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.events import TagErased, TagUndoVerified, TagWriteVerified
from station.domain.withdrawals.withdrawal import Withdrawal
from station.domain.workflows import LedgerLine

if TYPE_CHECKING:
    from station.domain.item_state import StateSince
    from station.domain.ports import Binding, Logged


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
        return tuple(holding for holding in self.now.values() if (holding.barcode, holding.part) == (barcode, part))


def ledger(writes: Iterable[Logged]) -> Ledger:
    """Build the ledger from verified writes and undos, oldest first."""
    now: dict[str, Holding] = {}
    before: dict[str, tuple[Holding, ...]] = {}
    for write in writes:
        match write.event:
            case TagWriteVerified(uid=uid, barcode=barcode, part=part):
                old = now.pop(uid, None)
                now[uid] = Holding(uid, barcode, part, write.at)
                if old is not None and (old.barcode, old.part) != (barcode, part):
                    before[uid] = (*before.get(uid, ()), old)
            case TagUndoVerified(uid=uid, restored=restored, part=part):
                old = now.pop(uid, None)
                if old is not None:
                    before[uid] = (*before.get(uid, ()), old)
                if restored:
                    now[uid] = Holding(uid, restored, part, write.at)
            case TagErased(uid=uid):
                old = now.pop(uid, None)
                if old is not None:
                    before[uid] = (*before.get(uid, ()), old)
            case _:
                pass
    return Ledger(now, before)


def suspects(holdings: Ledger) -> tuple[LedgerLine, ...]:
    """Return every second tag, then every tag that was used for more than one item."""
    by_item: dict[tuple[str, int], list[Holding]] = {}
    for holding in holdings.now.values():
        by_item.setdefault((holding.barcode, holding.part), []).append(holding)
    lines = [
        LedgerLine(
            kind="second-tag",
            uid=holding.uid,
            barcode=barcode,
            part=part,
            at=holding.at,
            sentence=_second(holding, many),
        )
        for (barcode, part), many in by_item.items()
        if len(many) > 1
        for holding in many[:-1]
    ]
    for uid, old in holdings.before.items():
        now = holdings.now.get(uid)
        lines += [
            LedgerLine(
                kind="used-again",
                uid=uid,
                barcode=holding.barcode,
                part=holding.part,
                at=holding.at,
                sentence=Sentence("inspect.was-of", barcode=holding.barcode, part=holding.part, day=holding.at[:10]),
            )
            for holding in old
            if now is None or holding.barcode != now.barcode
        ]
    return tuple(lines)


def _second(holding: Holding, many: list[Holding]) -> Sentence:
    return Sentence("inspect.second-tag", barcode=holding.barcode, part=holding.part, tag=f"...{many[-1].uid[-6:]}")


def of_tag(
    holdings: Ledger, uid: str, says: tuple[str, int] | None, bound: Binding | None = None
) -> tuple[Sentence, ...]:
    """Return the ledger's statements about one tag. `says`: item and part on the finished tag; None = it names none.
    `bound`: what the tag carries, if the journal's newest write of it is not known to be the newest."""
    now = holdings.now.get(uid)
    sentences = []
    if bound is not None and bound.bench:
        sentences.append(
            Sentence("inspect.written-at", bench=bound.bench, day=bound.day, barcode=bound.barcode, part=bound.part)
        )
    elif now is None and says is not None:
        sentences.append(Sentence("inspect.not-in-journal"))
    elif now is not None and says is not None and (now.barcode, now.part) != says:
        sentences.append(Sentence("inspect.bound-to", barcode=now.barcode, part=now.part))
    elif now is not None and says is None:
        sentences.append(Sentence("inspect.should-say", barcode=now.barcode, part=now.part))
    key = says or ((now.barcode, now.part) if now is not None else None)
    others = [holding for holding in holdings.holders(*key) if holding.uid != uid] if key is not None else []
    sentences += [
        Sentence("inspect.other-tag", tag=f"...{holding.uid[-6:]}", day=holding.at[:10]) for holding in others
    ]
    sentences += [
        Sentence("inspect.was-of", barcode=holding.barcode, part=holding.part, day=holding.at[:10])
        for holding in holdings.before.get(uid, ())
        if now is None or holding.barcode != now.barcode
    ]
    return tuple(sentences)


def state_lines(state: StateSince | None, leaves: Withdrawal | None) -> tuple[Sentence, ...]:
    """Return what the journal knows of an item's state, and what its withdrawal waits for; () = the station has done nothing
    with it."""
    known = Sentence("inspect.state", state=state.words, day=state.at[:10]) if state is not None else EMPTY
    return tuple(filter(None, (known, leaves.next_words if leaves is not None else EMPTY)))


def of_item_elsewhere(bindings: Iterable[Binding]) -> tuple[Sentence, ...]:
    """Return the tags of an item that other benches wrote."""
    return tuple(
        Sentence("inspect.tagged-at", part=binding.part, tag=binding.uid, bench=binding.bench, day=binding.day)
        for binding in bindings
        if binding.bench
    )


def of_item(holdings: Ledger, barcode: str) -> tuple[Sentence, ...]:
    """Return every tag that carries or carried the item, oldest first. Reports a second tag of the same part."""
    sentences = []
    for holding in holdings.now.values():
        if holding.barcode == barcode:
            sentences.append(Sentence("inspect.carried-by", part=holding.part, tag=holding.uid, day=holding.at[:10]))
            others = [other for other in holdings.holders(barcode, holding.part) if other.uid != holding.uid]
            if others:
                tag = f"...{others[-1].uid[-6:]}"
                sentences.append(Sentence("inspect.second-tag", barcode=barcode, part=holding.part, tag=tag))
    for old in holdings.before.values():
        sentences += [
            Sentence("inspect.was-on", part=holding.part, tag=holding.uid, day=holding.at[:10])
            for holding in old
            if holding.barcode == barcode
        ]
    return tuple(dict.fromkeys(sentences))
