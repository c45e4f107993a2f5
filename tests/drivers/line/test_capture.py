"""Captures: a recording holds what happened, and playing it makes the same happen again."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from station.base.clock import Clock, Deadline
from station.base.errors import (
    CaptureUnreadable,
    PortBusy,
    PortLost,
    PortMissing,
    ReaderSilent,
    ReplayDiverged,
    TransportError,
)
from station.base.settings import Reader
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain.tag_image import Uid
from station.drivers.feig import commands, control
from station.drivers.feig.protocol import conversation
from station.drivers.feig.replies import InventoryAnswer, SoftwareVersion, TagInformation
from station.drivers.feig.request import Request
from station.drivers.line.capture import Capture, CapturingTransport, Line, Recorder, load, parse, recording
from station.drivers.line.exchange import exchange
from station.drivers.line.replay import Replay
from station.drivers.line.serial import Transport
from station.drivers.registry import make_reader, reader_owner
from tests.conftest import SHARED, FakeClock, missing
from tests.drivers.feig.test_against_emulator import A, Bench, connected
from tests.stories.system_calls import written_uid
from tests.support.patience import PATIENCE_S

TRACES = sorted((SHARED / "domain" / "traces").glob("*.jsonl"))


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


class Told:
    """A line with a scripted outcome for each operation."""

    def __init__(self, outcomes: list[object]) -> None:
        self.outcomes = outcomes
        self.closed = False

    def _next(self) -> object:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, TransportError):
            raise outcome
        return outcome

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._next()

    def read(self, deadline: Deadline) -> bytes:
        outcome = self._next()
        assert isinstance(outcome, bytes)
        return outcome

    def discard_input(self) -> int:
        outcome = self._next()
        assert isinstance(outcome, int)
        return outcome

    def close(self) -> None:
        self.closed = True


def outcome(work: Callable[[], object]) -> object:
    try:
        return work()
    except TransportError as error:
        return type(error)


FAULTS = st.sampled_from([PortLost, ReaderSilent])
READS = st.one_of(st.binary(min_size=1, max_size=9), FAULTS.map(lambda error: error("then")))
EXCHANGES = st.lists(
    st.tuples(
        st.lists(st.one_of(st.integers(0, 2), st.just(PortLost("then"))), min_size=1, max_size=3),  # discards
        st.binary(min_size=1, max_size=9),
        st.one_of(st.none(), FAULTS.map(lambda error: error("then"))),  # write
        st.lists(READS, max_size=4),
    ),
    max_size=6,
)
OPENINGS = st.lists(st.one_of(st.just(PortBusy("then")), st.just(PortMissing("then")), EXCHANGES), max_size=4)


@given(OPENINGS)
def test_played_in_order_everything_happens_again(openings: list[object]) -> None:
    """This covers bytes in their pieces, silence, loss in each operation, and ports that could not be opened."""
    clock = FakeClock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "capture.jsonl"
        recorder = Recorder(path, clock, {"driver": "none"})

        def open_line(what: object) -> Transport:
            if isinstance(what, TransportError):
                raise what
            steps = [step for discards, _, write, reads in what for step in (*discards, write, *reads)]  # type: ignore[attr-defined]
            return Told(steps)

        def run(connect: Callable[[object], Transport]) -> list[object]:
            seen: list[object] = []
            for what in openings:
                opened = outcome(lambda what=what: connect(what))
                if isinstance(opened, type):
                    seen.append(opened)
                    continue
                line: Transport = opened  # type: ignore[assignment]
                for discards, sent, _, reads in what:  # type: ignore[attr-defined]
                    seen += [outcome(line.discard_input) for _ in discards]
                    seen.append(outcome(lambda sent=sent, line=line: line.write(sent, Deadline(clock, 1))))
                    for _ in reads:
                        seen.append(outcome(lambda line=line: line.read(Deadline(clock, 1))))
                line.close()
            return seen

        first = run(lambda what: recording(lambda: open_line(what), recorder)())
        recorder.close()
        if not first:
            return
        replay = Replay(load(path), clock)
        assert run(lambda _: replay.connect()) == first
        assert replay.done


def test_lines_say_when_and_which_way(tmp_path: Path) -> None:
    clock = FakeClock()
    recorder = Recorder(tmp_path / "c.jsonl", clock, {"driver": "feig"})
    line = CapturingTransport(Told([0, None, b"\x06\x00", ReaderSilent("x")]), recorder)
    clock.pause(1.5)
    line.discard_input()
    line.write(b"\x05\xff", Deadline(clock, 1))
    clock.pause(0.25)
    line.read(Deadline(clock, 1))
    with pytest.raises(ReaderSilent):
        line.read(Deadline(clock, 1))
    recorder.close()
    recorder.close()
    rows = [json.loads(row) for row in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert rows[0]["meta"]["driver"] == "feig"
    assert rows[1:] == [
        {"t": 1.5, "dir": ">", "hex": "05ff"},
        {"t": 1.75, "dir": "<", "hex": "0600"},
        {"t": 1.75, "event": "silent", "during": "read"},
    ]
    assert (tmp_path / "c.jsonl").stat().st_mode & 0o777 == 0o600, "the capture holds the content of tags"


def test_a_second_session_goes_behind_the_first(tmp_path: Path) -> None:
    for _ in range(2):
        recorder = Recorder(tmp_path / "c.jsonl", FakeClock(), {"driver": "feig"})
        recorder.bytes(">", b"\x01")
        recorder.close()
    made = load(tmp_path / "c.jsonl")
    assert (made.meta["driver"], made.exchanges) == ("feig", 2)


def test_a_full_capture_ends_and_the_work_goes_on(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "c.jsonl", FakeClock(), {}, limit=400)
    line = CapturingTransport(Told([None] * 50), recorder)
    for _ in range(50):
        line.write(bytes(8), Deadline(FakeClock(), 1))
    made = load(tmp_path / "c.jsonl")
    assert made.lines[-1].event == "full"
    assert made.exchanges < 50
    assert (tmp_path / "c.jsonl").stat().st_size < 500


def test_a_place_where_nothing_can_be_written_does_not_stop_the_reader(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "no" / "folder", FakeClock(), {})
    line = CapturingTransport(Told([None, b"x"]), recorder)
    line.write(b"y", Deadline(FakeClock(), 1))
    assert line.read(Deadline(FakeClock(), 1)) == b"x"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing in it"),
        ('{"meta": {}}\n', "nothing in it"),
        ("hello\n", "line 1"),
        ('{"meta": {}}\n{"dir": ">", "hex": "0"}\n', "line 2"),
        ('{"dir": "?", "hex": "00"}\n', "line 1"),
        ('{"dir": ">", "hex": 5}\n', "line 1"),
        ("[" * 100000, "line 1"),
    ],
)
def test_what_is_no_capture_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(CaptureUnreadable, match=why):
        parse(text)


@given(st.text(max_size=200))
def test_no_text_makes_anything_but_a_capture_or_its_error(text: str) -> None:
    with contextlib.suppress(CaptureUnreadable):
        parse(text)


def test_something_else_than_was_recorded_is_told(clock: FakeClock) -> None:
    replay = Replay(Capture({}, (Line(dir=">", hex="05ff"), Line(dir="<", hex="06"))), clock)
    line = replay.connect()
    with pytest.raises(ReplayDiverged, match="05ff was recorded here, but aa is sent"):
        line.write(b"\xaa", Deadline(clock, 1))
    line.write(b"\x05\xff", Deadline(clock, 1))
    assert line.read(Deadline(clock, 1)) == b"\x06"
    with pytest.raises(ReaderSilent):
        line.read(Deadline(clock, 3))
    line.close()
    with pytest.raises(PortLost):
        line.write(b"\x05", Deadline(clock, 1))
    with pytest.raises(PortMissing):
        replay.connect()


# --- the driver on a capture ----------------------------------------------------------------------------------------


def session(owner_settings: Reader, data: Path, clock: Clock) -> list[object]:
    """Use a reader through its thread, as the station does; return what it reported."""
    owner = reader_owner(owner_settings, clock, data=data)
    owner.start()
    try:
        reader = owner.reader
        reader.reconnect()
        said: list[object] = [reader.capabilities, reader.inventory(), reader.system_information(A)]
        reader.write_blocks(A, 0, bytes(range(8)), 4)
        said += [reader.read_blocks(A, 0, 28)]
        reader.write_afi(A, 0xC2)
        reader.reset_field()
        return [*said, reader.inventory(), reader.system_information(A)]
    finally:
        assert owner.stop(PATIENCE_S)


def test_a_whole_session_is_recorded_and_played_without_the_reader(plain: Bench, tmp_path: Path) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    told = session(Reader(port=plain.link, answer_ms=100, capture="run.jsonl"), tmp_path, plain.clock)
    writes = plain.tag(A)["writes"]
    elsewhere = tmp_path / "elsewhere"  # where nothing is known of this reader, as when it was recorded
    elsewhere.mkdir()
    shutil.copy(tmp_path / "run.jsonl", elsewhere)
    played = session(Reader(port="replay:run.jsonl", answer_ms=100), elsewhere, FakeClock())
    assert played == told
    assert plain.tag(A)["writes"] == writes, "the replay did not write to the tag"
    assert load(tmp_path / "run.jsonl").meta["driver"] == "feig"


def test_a_reader_that_was_pulled_out_is_pulled_out_again(plain: Bench, tmp_path: Path) -> None:
    settings = Reader(port=plain.link, answer_ms=100, capture="run.jsonl")

    def use(reader_settings: Reader, unplug: Callable[[], object], plug: Callable[[], object]) -> list[object]:
        owner = reader_owner(reader_settings, plain.clock, data=tmp_path)
        owner.start()
        try:
            reader = owner.reader
            said = [outcome(reader.reconnect), outcome(reader.inventory)]
            unplug()
            said += [outcome(reader.inventory), outcome(reader.reconnect)]
            plug()
            return [*said, outcome(reader.reconnect), outcome(reader.inventory)]
        finally:
            assert owner.stop(PATIENCE_S)

    told = use(settings, lambda: plain.do("unplug"), lambda: plain.do("plug"))
    assert told[2] is PortLost and told[3] is PortMissing and told[4] is None
    assert use(Reader(port="replay:run.jsonl", answer_ms=100), lambda: None, lambda: None) == told


# --- recordings of other people's programs --------------------------------------------------------------------------


def test_a_line_that_took_nothing_then_takes_nothing_again_until_the_deadline(clock: FakeClock) -> None:
    replay = Replay(Capture({}, (Line(dir=">", hex="05ff"), Line(event="silent", during="write"))), clock)
    line = replay.connect()
    began = clock.monotonic()
    with pytest.raises(ReaderSilent):
        line.write(b"\x05\xff", Deadline(clock, 2))
    assert clock.monotonic() - began == 2


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_every_given_trace_is_a_capture_and_can_be_played(path: Path, clock: FakeClock) -> None:
    trace = load(path)
    replay = Replay(trace, clock)
    line = replay.connect()
    heard = 0
    for row in trace.lines:
        if row.dir == ">":
            line.write(row.data, Deadline(clock, 1))
        else:
            assert line.read(Deadline(clock, 1)) == row.data
            heard += len(row.data)
    assert replay.done
    assert heard > 0 and trace.exchanges > 0


def test_there_are_traces() -> None:
    if not SHARED.is_dir():
        missing("../shared")
    assert {path.name for path in TRACES} >= {"REAL-3m810-live-capture.jsonl", "biblio-rfid-cprm02.jsonl"}


def test_our_driver_s_requests_find_their_answers_in_biblio_rfid_s_trace(clock: FakeClock) -> None:
    """In another order: Biblio-RFID asked other things in between, and in other steps."""
    path = SHARED / "domain" / "traces" / "biblio-rfid-cprm02.jsonl"
    if not path.exists():
        missing("../shared")
    line = Replay(load(path), clock, in_order=False).connect()
    tag = Uid("E00401000012AB01")

    def ask(request: Request[object]) -> object:
        answer, _ = exchange(conversation(), line, request, Deadline(clock, 1))
        return answer

    version = ask(control.software_version())
    assert isinstance(version, SoftwareVersion) and version.software_type == 80
    found = ask(commands.inventory())
    assert isinstance(found, InventoryAnswer)
    assert [seen.uid for seen in found.tags] == [tag, "E00700000071AB02"]
    information = ask(commands.system_information(tag))
    assert isinstance(information, TagInformation) and (information.block_size, information.afi) == (4, 0xDA)
    assert ask(control.software_version()) == version, "the trace is searched from the beginning again"
    with pytest.raises(ReaderSilent):
        ask(commands.read_blocks(tag, 0, 28, security=True))


# --- the command ----------------------------------------------------------------------------------------------------


def data_for(bench: Bench, folder: Path) -> Path:
    folder.mkdir()
    values = {"library.isil": "US-TxDa", "reader.port": bench.link}
    (folder / "station.toml").write_text(template(**values).replace("answer_ms = 1000", "answer_ms = 8000"))
    return folder


def test_the_command_records_another_command_and_refuses_to_replace(plain: Bench, tmp_path: Path) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    data, file = data_for(plain, tmp_path / "data"), tmp_path / "device.jsonl"
    result = CliRunner().invoke(station, ["reader", "capture", "--data", str(data), "--json", str(file)])
    assert result.exit_code == 0, result.output
    assert A in result.stdout and json.loads(result.stdout)
    made = load(file)
    assert made.meta["port"] == plain.link
    assert any("b02b" in line.hex for line in made.lines), "system information was read"
    assert not any(written_uid(bytes.fromhex(line.hex)) for line in made.lines), "nothing is written to a tag"
    again = CliRunner().invoke(station, ["reader", "capture", "--data", str(data), str(file), "--", "tag", "read"])
    assert again.exit_code == 2 and "exists already" in again.stderr
    replayed = tmp_path / "replayed"
    replayed.mkdir()
    (replayed / "station.toml").write_text(template(**{"library.isil": "US-TxDa", "reader.port": f"replay:{file}"}))
    plain.do("unplug")
    played = CliRunner().invoke(station, ["tag", "read", "--data", str(replayed), "--json"])
    assert played.exit_code == 0, played.output
    assert json.loads(played.stdout) == json.loads(result.stdout)


def test_a_command_that_fails_is_recorded_too_and_keeps_its_exit_code(plain: Bench, tmp_path: Path) -> None:
    data, file = data_for(plain, tmp_path / "data"), tmp_path / "device.jsonl"
    arguments = ["reader", "capture", "--data", str(data), str(file), "--", "tag", "read", "--json"]
    result = CliRunner().invoke(station, arguments)
    assert result.exit_code == 20
    assert json.loads(result.stdout)["error"]["code"] == "tag-absent"
    assert load(file).exchanges > 0
    assert make_reader(Reader(port=plain.link, answer_ms=100), plain.clock)
    assert connected(plain).inventory().tags == ()
