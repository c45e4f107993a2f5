"""Answers of a reader made from a capture to requests that were not recorded; and the protocol of a capture."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.base.clock import Deadline
from station.drivers.feig.protocol import conversation as feig_conversation
from station.drivers.feig.replies import Refused
from station.drivers.from_capture import REFUSALS, driver_of
from station.drivers.line.capture import Capture, Line, load
from station.drivers.line.exchange import exchange
from station.drivers.line.replay import Replay
from station.drivers.threem.protocol import conversation as threem_conversation
from station.drivers.threem.replies import Refused as ThreemRefused
from tests.conftest import FakeClock
from tests.drivers.feig.frames import WORDS, Words
from tests.drivers.threem.frames import WORDS as THREEM_WORDS
from tests.drivers.threem.frames import Words as ThreemWords
from tests.support.for_each import for_each

NOTHING = Capture({}, (Line(dir=">", hex="00"),))


@pytest.mark.parametrize("advanced", [False, True])
@for_each("words", WORDS)
def test_a_feig_reader_refuses_whatever_was_not_recorded(words: Words, advanced: bool, clock: FakeClock) -> None:
    replay = Replay(NOTHING, clock, in_order=False, otherwise=REFUSALS["feig"])
    answer, stale = exchange(feig_conversation(advanced=advanced), replay.connect(), words.request, Deadline(clock, 1))
    assert (answer, stale, replay.unknown) == (Refused(0x80), 0, 1)


@for_each("words", THREEM_WORDS)
def test_a_3m_reader_too(words: ThreemWords, clock: FakeClock) -> None:
    replay = Replay(NOTHING, clock, in_order=False, otherwise=REFUSALS["3m"])
    line = replay.connect()
    if words.request.row.start == 0xD5:
        return
    answer, _ = exchange(threem_conversation(), line, words.request, Deadline(clock, 1))
    assert isinstance(answer, ThreemRefused) and replay.unknown == 1


def test_an_acknowledgement_of_the_host_has_no_answer() -> None:
    assert REFUSALS["nfcpy"](bytes.fromhex("0000ff00ff00")) == b""
    assert REFUSALS["nfcpy"](bytes.fromhex("0000ff02fed4022a00")).startswith(bytes.fromhex("0000ff00ff00"))


def test_whose_protocol_each_given_trace_is_in(shared: Path) -> None:
    found = {path.name: driver_of(load(path)) for path in (shared / "domain" / "traces").glob("*.jsonl")}
    assert found == {
        "REAL-3m810-live-capture.jsonl": "3m",
        "biblio-rfid-3m810-scan.jsonl": "3m",
        "biblio-rfid-cprm02.jsonl": "feig",
        "metratec-rfid-1.4.5-quasarmx-tcp.jsonl": "",
        "nfcpy-pn532-ntag213.jsonl": "nfcpy",
        "nfcpy-udp-type2.jsonl": "",
        "rfidgeek-trf7970a.jsonl": "",
    }


def test_a_request_that_was_recorded_in_pieces_is_found(clock: FakeClock) -> None:
    pieces = [Line(dir=">", hex="d6"), Line(dir=">", hex="0001"), Line(dir="<", hex="aa"), Line(dir=">", hex="d7")]
    replay = Replay(Capture({}, tuple(pieces)), clock, in_order=False)
    line = replay.connect()
    for _ in range(2):
        line.write(bytes.fromhex("d60001"), Deadline(clock, 1))
        assert line.read(Deadline(clock, 1)) == b"\xaa"
    line.write(b"\xd6", Deadline(clock, 1))  # a part of a request is another request
    assert replay.unknown == 0
