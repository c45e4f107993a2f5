"""The results file: one line for each result, whatever a crash leaves behind."""

from __future__ import annotations

import errno
import json
import math
import os
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.base.errors import BarcodeUnknown, Conflict, Rejected, Unreachable
from station.base.sentence import Sentence
from station.base.words import Library, Session, tell
from station.domain.deliveries.delivery import Confirmation, Delivery
from station.domain.deliveries.intents import MoveIntent, WithdrawIntent
from station.domain.item import Barcode
from station.sync.file_sink import FileSink, _Perhaps, line
from tests.support.told import raises_told, told
from tests.sync.fakes import delivery


def rows(path: Path) -> list[str]:
    data = path.read_bytes()
    assert data.endswith(b"\n")
    return [json.loads(row)["delivery"] for row in data.splitlines()]


def test_a_line_is_ascii_json_with_the_delivery_first(tmp_path: Path) -> None:
    row = delivery(1, lane="Ωé\u2028\n", failed=("label",))
    sink = FileSink(tmp_path / "new" / "results.jsonl", tell)
    assert not sink.deliver(row).unchanged
    data = (tmp_path / "new" / "results.jsonl").read_bytes()
    assert data.isascii()
    assert data.count(b"\n") == 1
    assert data.startswith(b'{"delivery":"j1-1-alma",')
    assert json.loads(data)["barcode"] == "Ωé\u2028\n"
    assert json.loads(data)["findings"][0]["rule"] == "label"


def test_the_same_delivery_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    sink = FileSink(path, tell)
    sink.deliver(delivery(1))
    sink.deliver(delivery(2))
    before = path.read_bytes()
    assert sink.deliver(delivery(1)).unchanged
    assert FileSink(path, tell).deliver(delivery(2)).unchanged
    assert path.read_bytes() == before


def failed_with(reason: Sentence, note: Sentence) -> Delivery:
    row = delivery(1, failed=("label",))
    (finding,) = row.intent.findings
    findings = (msgspec.structs.replace(finding, reason=reason, note=note),)
    return msgspec.structs.replace(row, intent=msgspec.structs.replace(row.intent, findings=findings))


def test_a_result_is_the_same_whatever_language_its_line_was_told_in(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    row = failed_with(Sentence("finding.no-receipt"), Sentence.verbatim("Lisa looks"))
    FileSink(path, Session().tell).deliver(row)
    (finding,) = json.loads(path.read_bytes())["findings"]
    assert (finding["reason"], finding["note"]) == (told(Sentence("finding.no-receipt")), "Lisa looks")
    spanish = FileSink(path, Session(Library("es")).tell)
    assert spanish.deliver(row).unchanged
    for other in (
        failed_with(Sentence("finding.no-receipt"), Sentence.verbatim("Ann looks")),
        failed_with(Sentence.verbatim("torn"), Sentence.verbatim("Lisa looks")),
        delivery(1),
    ):
        with pytest.raises(Conflict):
            spanish.deliver(other)
    assert len(rows(path)) == 1


def test_one_id_for_two_results_is_a_conflict_and_changes_nothing(tmp_path: Path) -> None:
    """A restored older journal gives out such ids."""
    path = tmp_path / "results.jsonl"
    FileSink(path, tell).deliver(delivery(1, lane="31234000000016"))
    before = path.read_bytes()
    for sink in (FileSink(path, tell), FileSink(path, tell)):
        with raises_told(Conflict, match="another result under j1-1-alma"):
            sink.deliver(delivery(1, lane="31234000000024"))
    assert path.read_bytes() == before


def test_cut_at_every_byte_of_the_last_line_then_repaired(tmp_path: Path) -> None:
    first, second = line(delivery(1), told), line(delivery(2), told)
    path = tmp_path / "results.jsonl"
    for cut in range(len(second) + 1):
        path.write_bytes(first + second[:cut])
        sink = FileSink(path, tell)
        landed = sink.confirm(delivery(2)) is Confirmation.LANDED
        assert landed == (cut >= len(second) - 1)  # a line that lacks only its line feed counts
        assert sink.deliver(delivery(2)).unchanged == landed
        assert path.read_bytes() == first + second
        sink.deliver(delivery(3))
        assert rows(path) == ["j1-1-alma", "j1-2-alma", "j1-3-alma"]


def test_a_torn_line_is_cut_off_when_another_delivery_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    second = line(delivery(2), told)
    for tail in (second[:40], second[:40] + b"\0" * 50, b"\0" * 7, b"{"):
        path.write_bytes(line(delivery(1), told) + tail)
        FileSink(path, tell).deliver(delivery(3))
        assert rows(path) == ["j1-1-alma", "j1-3-alma"]


def test_foreign_text_is_kept_and_no_line_is_glued_to_it(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"a note by hand")
    FileSink(path, tell).deliver(delivery(1))
    assert path.read_bytes() == b"a note by hand\n" + line(delivery(1), told)


def test_a_file_taken_away_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    sink = FileSink(path, tell)
    assert sink.confirm(delivery(1)) is Confirmation.NOT_LANDED
    sink.deliver(delivery(1))
    path.unlink()
    assert sink.confirm(delivery(1)) is Confirmation.NOT_LANDED
    assert not sink.deliver(delivery(1)).unchanged


def test_no_room_and_no_right_are_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unreachable):
        FileSink(tmp_path / "folder", tell).deliver(delivery(1))
    path = tmp_path / "results.jsonl"
    sink = FileSink(path, tell)
    sink.deliver(delivery(1))
    real = os.pwrite

    def full(handle: int, data: bytes, at: int) -> int:
        if len(data) < 40:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, bytes(data[:-30]), at)

    monkeypatch.setattr(os, "pwrite", full)
    with raises_told(Unreachable, match="No space"):
        sink.deliver(delivery(2))
    monkeypatch.undo()
    assert path.read_bytes() == line(delivery(1), told)
    sink.deliver(delivery(2))
    assert rows(path) == ["j1-1-alma", "j1-2-alma"]


def test_it_holds_no_records(tmp_path: Path) -> None:
    with pytest.raises(BarcodeUnknown):
        FileSink(tmp_path / "x", tell).look_up(Barcode("1"))


# --- memory of the file's content -------------------------------------------------------------------------------------


def test_what_is_remembered_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """10,000 results, written as in a year of work: the sink needs as much memory as before the first."""
    path = tmp_path / "results.jsonl"
    sink = FileSink(path, tell)
    sink.deliver(delivery(1))
    before = held(sink)
    with path.open("ab") as file:
        file.writelines(line(delivery(number), told) for number in range(2, 10_001))
    assert sink.confirm(delivery(10_000)) is Confirmation.LANDED
    for number in range(10_001, 10_051):
        assert not sink.deliver(delivery(number)).unchanged
    assert held(sink) == before
    again = FileSink(path, tell)
    assert again.confirm(delivery(1)) is Confirmation.LANDED
    assert held(again) == before


def held(thing: object, seen: set[int] | None = None) -> int:
    """Return the bytes of an object and of all that it holds."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    inner = [*vars(thing).values()] if hasattr(thing, "__dict__") else []
    if isinstance(thing, dict):
        inner += [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple | set | frozenset):
        inner += thing
    size = 0 if isinstance(thing, int) else sys.getsizeof(thing)
    return size + sum(held(one, seen) for one in inner)


def test_no_line_twice_also_after_a_restart_among_many(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"".join(line(delivery(number), told) for number in range(1, 2_001)))
    before = path.read_bytes()
    sink = FileSink(path, tell)
    for number in (1, 2, 1_000, 1_999, 2_000):
        assert sink.deliver(delivery(number)).unchanged
        assert sink.confirm(delivery(number)) is Confirmation.LANDED
    assert sink.confirm(delivery(2_001)) is Confirmation.NOT_LANDED
    assert path.read_bytes() == before


def test_where_the_set_cannot_say_the_file_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of eight bits claims to contain every id: still no result is lost, and none is written twice."""
    monkeypatch.setattr("station.sync.file_sink._Perhaps.BITS", 8)
    path = tmp_path / "results.jsonl"
    sink = FileSink(path, tell)
    for number in range(1, 30):
        assert not sink.deliver(delivery(number)).unchanged
        assert sink.deliver(delivery(number)).unchanged
        assert sink.confirm(delivery(number + 1)) is Confirmation.NOT_LANDED
    assert rows(path) == [delivery(number).id for number in range(1, 30)]


@settings(max_examples=25)
@given(st.lists(st.text(max_size=8), max_size=20), st.integers(1, 64))
def test_the_set_never_denies_a_name_of_its_own(names: list[str], bits: int) -> None:
    there = _Perhaps()
    there.BITS = 8 * bits  # type: ignore[misc]
    for name in names:
        there.add(name)
    assert all(name in there for name in names)


def test_the_shares_in_the_docstring() -> None:
    """(1 - e^(-kn/m))^k, with k = 6 and m = 2^23."""
    share = [(1 - math.exp(-_Perhaps.HASHES * n / _Perhaps.BITS)) ** _Perhaps.HASHES for n in (500_000, 1_000_000)]
    assert share == pytest.approx([0.00075, 0.0176], rel=0.1)


@pytest.mark.parametrize("intent", [WithdrawIntent(barcode="1"), MoveIntent(barcode="1", library="EAST")])
def test_a_file_proves_no_deletion_and_no_move(tmp_path: Path, intent: WithdrawIntent | MoveIntent) -> None:
    path = tmp_path / "results.jsonl"
    with raises_told(Rejected, match="a file cannot confirm this"):
        FileSink(path, tell).deliver(msgspec.structs.replace(delivery(1), intent=intent))
    assert not path.exists()
