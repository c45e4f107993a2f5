"""The write that an undo takes back, found among the events of a tag: erased, abandoned, written again."""

from __future__ import annotations

from station.bench.item.undo import LastWrite, last_write
from station.domain.events import AnyEvent, TagErased
from station.domain.ports import Logged
from tests.support.sample_events import UID, abandoned, started, verified

A, B = "31234000000015", "31234000000023"


def last(*events: AnyEvent) -> LastWrite | None:
    return last_write(Logged(seq, "2026-11-30T10:00:00+00:00", event) for seq, event in enumerate(events, 1))


def test_a_write_after_an_erasure_has_no_item_before_it() -> None:
    """An undo of it leaves a blank tag, so it must not bind the tag to the item before the erasure."""
    erased = TagErased(attempt="second", uid=UID, barcode=A, operator="ann")
    found = last(started("first"), verified("first"), started("second"), erased, started("third", barcode=B))
    assert found is not None and (found.write.attempt, found.before) == ("third", None)


def test_a_write_after_another_item_s_is_undone_to_that_item() -> None:
    found = last(started("first"), verified("first"), started("second", barcode=B))
    assert found is not None and found.before is not None and found.before.barcode == A


def test_an_abandoned_write_can_be_undone() -> None:
    """Its remains are on the tag, and the journal has the content before them."""
    found = last(started("first"), abandoned("first"))
    assert found is not None and (found.write.attempt, found.verified) == ("first", False)
