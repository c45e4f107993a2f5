"""Figures that a reader's wrapper counts, against the emulator with armed faults; and their sentences."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import ReaderSilent, RemoteProtocolError, TagAbsent, TransportError
from station.base.sentence_json import decode_sentence, encode_sentence
from station.base.settings import Reader
from station.domain.inventory import Inventory
from station.domain.ports import ReaderCapabilities
from station.domain.reader_health import (
    SECONDS,
    Histogram,
    LineHealth,
    OperationHealth,
    ReaderHealth,
    advice,
    empty,
    placement,
)
from station.domain.tag_image import Uid
from station.drivers.reader.measured import Measured, Recorder, keep, kept
from station.drivers.reader.owner import ManagedReader
from station.drivers.registry import make_reader, reader_owner
from tests.conftest import FakeClock
from tests.drivers.feig.test_against_emulator import Bench
from tests.drivers.threem.test_against_emulator import Pad
from tests.support.for_each import for_each
from tests.support.told import told

SLIX = Uid("E00401500000AB01")
OTHER = Uid("E00401500000AB02")


@pytest.fixture(params=["feig", "3m"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path) if request.param == "feig" else Pad(tmp_path)
    yield bench
    bench.close()


def settings_of(bench: Bench) -> Reader:
    return Reader(driver="3m" if isinstance(bench, Pad) else "feig", port=bench.link, answer_ms=200)


def test_everything_that_happens_is_counted_and_nothing_else(bench: Bench) -> None:
    settings = settings_of(bench)
    recorder = Recorder(bench.clock, settings)
    reader = Measured(make_reader(settings, bench.clock), recorder)
    write = "04" if isinstance(bench, Pad) else "b024"
    for uid in (SLIX, OTHER):
        bench.do("create", uid=uid, chip="slix", place=True)
    reader.reconnect()
    greeting = recorder.health.line.exchanges
    assert greeting == bench.do("counters")["frames_in"]
    for _ in range(3):
        reader.inventory()
    bench.do("lift", uid=OTHER)
    reader.inventory()
    reader.write_blocks(SLIX, 0, bytes(32), 4)
    bench.do("drop-answer", command=write)
    with pytest.raises(ReaderSilent):
        reader.write_blocks(SLIX, 0, bytes(4), 4)
    bench.do("garble-answer", command=write, bit=20)
    with pytest.raises(RemoteProtocolError):
        reader.write_blocks(SLIX, 0, bytes(4), 4)
    with pytest.raises(TagAbsent):
        reader.read_blocks(OTHER, 0, 1)
    told = recorder.health
    assert (told.name, told.connected, told.connections, told.lost) == (reader.capabilities.name, True, 1, 0)
    assert (told.line.silent, told.line.garbled, told.line.fences) == (1, 1, 2)
    assert told.line.exchanges == bench.do("counters")["frames_in"]
    assert told.line.seconds.total == told.line.exchanges - 2
    assert told.operation("inventory").done == 4 == told.tags.total
    assert told.tags.counts[1:3] == (1, 3)
    writes = told.operation("write_blocks")
    assert (writes.done, writes.errors) == (1, {"reader-silent": 1, "protocol-remote": 1})
    assert told.operation("read_blocks").errors == {"tag-absent": 1}
    assert told.write_seconds.total == 8
    bench.do("unplug")
    for ask in (reader.inventory, reader.inventory, reader.reconnect):
        with pytest.raises(TransportError):
            ask()
    assert (recorder.health.lost, recorder.health.connected) == (1, False)
    bench.do("plug")
    reader.reconnect()
    again = recorder.health
    assert (again.connections, again.lost, again.connected) == (2, 1, True)
    assert again.operation("inventory").done == 4, "figures survive an unplugged reader"
    reader.close()


def test_the_owner_of_a_reader_tells_its_health_to_any_thread(bench: Bench) -> None:
    owner = reader_owner(settings_of(bench), bench.clock)
    assert owner.reader_health() is not None
    owner.start()
    try:
        owner.reader.reconnect()
        owner.reader.inventory()
        told = owner.reader_health()
        assert told is not None
        assert told.operation("inventory").done == 1
    finally:
        owner.stop()


def test_figures_are_put_down_now_and_then_and_not_for_every_operation() -> None:
    clock = FakeClock()
    written: list[ReaderHealth] = []
    recorder = Recorder(clock, Reader(), written.append)
    reader = Measured(cast("ManagedReader", Looker()), recorder)
    for _ in range(4 * 60):  # one minute of looks
        reader.inventory()
        clock.pause(0.25)
    assert len(written) == 6
    done = [one.operation("inventory").done for one in written]
    assert done[0] == 1 and [after - before for before, after in pairwise(done)] == [40] * 5, "at most 10 s are lost"
    assert all(one.cut_off and one.tags.total == one.operation("inventory").done for one in written)
    assert not recorder.health.cut_off


class Looker:
    """A reader with an empty pad."""

    capabilities = ReaderCapabilities("imaginary")

    def inventory(self) -> Inventory:
        return Inventory(())


def test_figures_are_kept_in_a_file_and_a_bad_file_is_none(tmp_path: Path) -> None:
    told = ReaderHealth(since="a", until="b", driver="feig", port="p", tags=empty((1.0,)).with_value(3))
    assert kept(tmp_path) is None
    keep(tmp_path, None)
    assert kept(tmp_path) is None
    keep(tmp_path, told)
    assert kept(tmp_path) == told
    keep(tmp_path / "nowhere", told)  # no reason to stop: the error is ignored
    (tmp_path / "reader-health.json").write_bytes(b"\xff{")
    assert kept(tmp_path) is None


# --- figures --------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 100, allow_nan=False), max_size=60), st.floats(0.01, 1))
def test_a_histogram_loses_no_value_and_its_quantile_covers_its_share(values: list[float], share: float) -> None:
    histogram = empty(SECONDS)
    for value in values:
        histogram = histogram.with_value(value)
    assert histogram.total == len(values)
    bound = histogram.quantile(share)
    if bound is not None:
        assert sum(value <= bound for value in values) >= share * len(values)
    elif values:
        assert sum(value <= SECONDS[-1] for value in values) < share * len(values)


def health(**values: object) -> ReaderHealth:
    return ReaderHealth(since="", until="", driver="feig", port="", **values)  # type: ignore[arg-type]


def line(**values: int) -> LineHealth:
    return LineHealth(exchanges=1000, **values)


def reads(done: int, silent: int) -> OperationHealth:
    return OperationHealth(name="read_blocks", done=done, errors={"tag-absent": silent})


@for_each(("figures", "key"), [
        (health(), "little"),
        (health(line=line()), "good"),
        (health(line=line(garbled=10, silent=10)), "good"),
        (health(line=line(garbled=11)), "garbled"),
        (health(line=line(silent=11)), "silent"),
        (health(line=line(stray=1)), "stray"),
        (health(line=line(), lost=2), "lost"),
        (health(line=line(), tags=empty((1.0,)).with_value(1), collisions=1), "good"),
        (health(line=line(), tags=Histogram((1.0,), (80, 20)), collisions=6), "collisions"),
        (health(line=line(), operations=(reads(94, 6),)), "tags-silent"),
        (health(line=line(), operations=(reads(95, 5),)), "good"),
        (health(line=line(), write_seconds=Histogram(SECONDS, (0, 0, 0, 20, 40, 0, 0, 0, 0, 0))), "slow"),
        (health(line=line(), write_seconds=Histogram(SECONDS, (0, 0, 0, 40, 20, 0, 0, 0, 0, 0))), "good"),
    ])  # fmt: skip
def test_what_stands_out_is_said(figures: ReaderHealth, key: str) -> None:
    said = advice(figures)
    assert [one.key for one in said] == [key]
    assert said[0].bad == (key not in ("good", "little"))
    assert told(said[0].sentence)[-1] in ".?"


# --- placement ------------------------------------------------------------------------------------------------------

A, B = frozenset({"A"}), frozenset({"B"})


@pytest.mark.parametrize(
    ("polls", "unresolved", "keys", "words"),
    [
        ([A] * 10, 0, ["good"], "10 of 10 polls"),
        ([A] * 9 + [frozenset()], 0, ["marginal"], "9 of 10 polls"),
        ([A] * 8 + [frozenset()] * 2, 0, ["bad"], "8 of 10 polls"),
        ([frozenset()] * 10, 0, ["nobody"], "No tag"),
        ([A | B] * 10, 0, ["others"], "B (10 of 10 polls)"),
        ([A] * 9 + [A | B], 0, ["others"], "B (1 of 10 polls)"),
        ([A] * 9 + [frozenset()], 1, ["unresolved", "marginal"], "1 polls"),
    ],
)
def test_a_placement_is_judged(polls: list[frozenset[str]], unresolved: int, keys: list[str], words: str) -> None:
    judged = placement(polls, unresolved)
    assert [one.key for one in judged.advice] == keys
    assert any(words in told(one.sentence) for one in judged.advice)
    assert judged.good == (keys == ["good"])
    stored = msgspec.json.encode(judged, enc_hook=encode_sentence)
    assert msgspec.json.decode(stored, type=type(judged), dec_hook=decode_sentence) == judged


@pytest.mark.parametrize(
    ("polls", "unheard", "keys", "words"),
    [
        ([A] * 9, 1, ["unheard"], "1 of 10 polls"),
        ([A] * 8 + [frozenset()], 1, ["unheard", "bad"], "8 of 9 polls"),
        ([], 10, ["unheard"], "10 of 10 polls"),
        ([frozenset()] * 9, 1, ["unheard", "nobody"], "No tag"),
    ],
)
def test_a_poll_that_the_reader_spoiled_says_nothing_of_the_place(
    polls: list[frozenset[str]], unheard: int, keys: list[str], words: str
) -> None:
    judged = placement(polls, unheard=unheard)
    assert (judged.polls, judged.unheard, judged.good) == (10, unheard, False)
    assert [one.key for one in judged.advice] == keys
    assert any(words in told(one.sentence) for one in judged.advice)
