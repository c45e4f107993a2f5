"""`station set` and `station sets` as separate processes with the emulated reader (killed: tests/stories/kill)."""

from __future__ import annotations

from station.cli.workflows.sets import known_sets
from station.domain.events import (
    AnyEvent,
    CatalogingRequested,
    SetClosed,
    SetOpened,
    SetSized,
)
from station.domain.ports import Logged
from station.domain.tag_image import TagImage, Uid
from station.domain.workflows import SetModel
from station.encoding.content import TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from station.runtime.data_directory import JOURNAL
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.stories.test_command_line import FIRST, OTHER_UID, UID, Bench, _import, bench  # noqa: F401 - the fixture
from tests.support.told import told

THIRD_UID, FOURTH_UID = "E004010000000003", "E004010000000004"


def parts_of(bench: Bench, *uids: str) -> list[tuple[str, int, int]]:  # noqa: F811
    """Return identifier, part and number of parts of these tags, from the emulator's memory by the station's
    decoder."""
    found = []
    for uid in uids:
        tag = bench.reader.call("dump", uid=uid)["tag"]
        memory = bytes.fromhex(tag["memory"])
        image = TagImage(Uid(uid), 4, memory, (False,) * (len(memory) // 4), tag["afi"], tag["dsfid"])
        seen = recognise(image, TagProfile("US-ImagCC"))
        assert seen.state is TagState.OURS and seen.content is not None, seen
        found.append((seen.content.primary_item_identifier, seen.content.part, seen.content.parts))
    return sorted(found)


def happened(bench: Bench) -> list[AnyEvent]:  # noqa: F811
    return [row.event for row in Queries(bench.data / JOURNAL, FakeClock()).events()]


def test_a_set_by_command_line(bench: Bench) -> None:  # noqa: F811
    _import(bench)
    bench.reader.call("place", uid=UID)
    code, half = bench.json("set", FIRST, "--parts", "3", "--leave", "--timeout", "60")
    assert (code, half["missing"]) == (1, [2, 3]), half
    assert parts_of(bench, UID) == [(FIRST, 1, 3)]
    code, known = bench.json("sets", "--incomplete")
    assert code == 1 and [(one["barcode"], one["missing"]) for one in known] == [(FIRST, [2, 3])]

    bench.reader.call("create", uid=THIRD_UID, chip="slix", memory="", afi=0, dsfid=0, locked=[])
    for uid in (OTHER_UID, THIRD_UID):
        bench.reader.call("place", uid=uid)
    code, whole = bench.json("set", FIRST, "--any-order", "--loose", "1", "--timeout", "60")
    assert (code, whole["complete"], whole["loose"]) == (0, True, 1)
    assert parts_of(bench, UID, OTHER_UID, THIRD_UID) == [(FIRST, 1, 3), (FIRST, 2, 3), (FIRST, 3, 3)]
    (requested,) = [event for event in happened(bench) if isinstance(event, CatalogingRequested)]
    assert (requested.barcode, requested.code) == (FIRST, "set-parts") and "record says 1" in told(requested.reason)


def test_a_set_that_was_never_put_down_is_incomplete() -> None:
    opened = SetOpened(barcode=FIRST, model=SetModel.EVERY, parts=2, record_parts=2)
    logged = [
        Logged(1, "2026-11-25T10:00", opened),
        Logged(2, "2026-11-25T10:01", SetSized(barcode=FIRST, model=SetModel.EVERY, parts=3, before=2, record_parts=2)),
    ]
    (one,) = known_sets(logged)
    assert (one.complete, one.missing, one.parts) == (False, (1, 2, 3), 3)
    closed = SetClosed(barcode=FIRST, model=SetModel.EVERY, parts=3, record_parts=2, complete=True, loose=2)
    (one,) = known_sets([*logged, Logged(3, "2026-11-25T10:02", closed)])
    assert (one.complete, one.missing, one.loose) == (True, (), 2)
