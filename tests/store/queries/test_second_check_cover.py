"""Events hidden from a person who owes a blind second check: which ones, and from whom."""

from __future__ import annotations

import msgspec
import pytest

from station.base.errors import CorrectionNotOpen, NotAllowed, NotBlind
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, Recheck, Result
from station.domain.corrections.correction import Correction, advance, covers, refusal
from station.domain.findings import Severity
from station.domain.people.rights import Role
from station.store.queries.second_check_cover import TOLD, Cover
from tests.support import sample_events

ITEM = "31234000000015"
TELLING = {"finding", "findings", "verdict", "waivers", "wrong", "right", "intent", "streams", "switches", "result"}
"""Names of fields that hold a result or a consequence of it."""
ORDER = Correction(
    id="k1",
    kind=CorrectionKind.RECHECK,
    barcode=ITEM,
    rule="",
    title=Sentence.verbatim("All checks once more"),
    severity=Severity.MAJOR,
    recheck=Recheck.PERSON,
    worker="w-tim",
)


def test_whatever_names_the_item_is_covered_unless_it_is_known_to_tell_nothing() -> None:
    """Covers every kind of event: a new kind is hidden, or is added to `TOLD` after a decision."""
    cover = Cover(frozenset({ITEM}), {name.encode(): ITEM for name in (ITEM, '"k1"')})
    told, hidden = set(), set()
    for event in sample_events.ONE_OF_EACH:
        payload = ev.encode(event)
        names = ITEM.encode() in payload or b'"k1"' in payload
        (hidden if cover.of(ev.kind(event), payload) else told).add(ev.kind(event))
        assert bool(cover.of(ev.kind(event), payload)) == (names and ev.kind(event) not in TOLD)
    assert {"item-judged", "check-answered", "correction-opened", "delivery-ordered"} <= hidden
    assert hidden >= {"correction-mended", "correction-rechecked", "correction-assigned", "correction-closed"}, "by id"
    assert "item-scanned" in told
    kinds = {ev.kind(event): type(event) for event in sample_events.ONE_OF_EACH}
    assert kinds.keys() >= TOLD
    for kind in TOLD:
        assert not TELLING & {field.name for field in msgspec.structs.fields(kinds[kind])}, kind


@pytest.mark.parametrize(
    ("viewer", "covered"), [("w-bea", True), ("", True), ("nobody", True), ("w-tim", False), ("w-tess", False)]
)
def test_for_whom(viewer: str, covered: bool) -> None:
    assert covers("w-tim", ("w-tess",), viewer) is covered


def test_who_is_not_named_sees_nothing_even_where_the_work_is_nobodys() -> None:
    assert covers("", (), "")


def test_only_a_technician_may_look_and_then_never_does_the_second_check() -> None:
    look = ev.SecondCheckSeen(correction="k1", operator="w-tess")
    assert isinstance(refusal(ORDER, look, Role.OPERATOR), NotAllowed)
    assert refusal(ORDER, look, Role.TECHNICIAN) is None
    mend = msgspec.structs.replace(ORDER, kind=CorrectionKind.MEND)
    assert isinstance(refusal(mend, look, Role.TECHNICIAN), CorrectionNotOpen)
    looked = advance(ORDER, look)
    assert looked.seen == ("w-tess",)
    check = ev.CorrectionRechecked(correction="k1", passed=True, operator="w-tess")
    assert isinstance(refusal(looked, check, Role.TECHNICIAN), NotBlind)
    assert advance(looked, check) == looked, "the events of a person who has looked must not count"
    other = msgspec.structs.replace(check, operator="w-bea")
    assert refusal(looked, other, Role.OPERATOR) is None
    assert advance(looked, other).result is Result.PASSED


def test_who_lends_the_right_to_look_has_looked() -> None:
    lent = ev.SecondCheckSeen(correction="k1", operator="w-bea", authorised="w-tess")
    assert advance(ORDER, lent).seen == ("w-bea", "w-tess")
