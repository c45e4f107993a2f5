"""Requests to the pad over the socket: one at a time, answered by the bench, canceled when the client leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path

import pytest

from station.base.errors import ControlRefused, StationClosed
from station.base.mailbox import Tickets
from station.base.sentence import Sentence
from station.domain.commands import AskPad, PadRequest, ReadPad, SetSecurity, UpdateItem
from station.domain.pad_answers import PadAnswer, PadTag, Refusal
from station.domain.tag_image import Uid
from station.runtime.lock import hold
from station.runtime.socket import wire
from station.runtime.socket.client import connect
from station.runtime.socket.server import Server
from tests.conftest import FakeClock
from tests.runtime.socket.test_socket import Bench, Raw
from tests.support.patience import PATIENCE_S
from tests.support.served_pad import until

TAG = PadTag(uid=Uid("E004010000000001"), state="ours", barcode="31234000000016", secure=True)


class Pad:
    def __init__(self) -> None:
        self.asked: list[PadRequest] = []
        self.open: list[Future[PadAnswer]] = []

    def ask(self, request: PadRequest) -> Future[PadAnswer]:
        self.asked.append(request)
        self.open.append(Future())
        return self.open[-1]


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[Pad]:
    pad = Pad()
    with hold(tmp_path, FakeClock()) as held:
        server = Server(held, Bench(), quit_station=lambda: None, pad=pad)
        server.start()
        try:
            yield pad
        finally:
            assert server.stop(PATIENCE_S)


@pytest.mark.parametrize(
    "request_",
    [
        ReadPad(),
        SetSecurity(barcode="31234000000016", secure=False, source="x"),
        UpdateItem(barcode="31234000000016", part=2, uid="E004010000000001", secure=True),
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        PadAnswer(tags=(TAG,)),
        PadAnswer(refusal=Refusal("bench-busy", Sentence.verbatim("Busy."), Sentence.verbatim("d"))),
    ],
)
def test_a_question_and_its_answer(tmp_path: Path, pad: Pad, request_: PadRequest, answer: PadAnswer) -> None:
    got: list[PadAnswer] = []

    def ask() -> None:
        client = connect(tmp_path)
        assert client is not None
        with client:
            got.append(client.ask(request_))

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: bool(pad.open))
    assert pad.asked == [request_]
    pad.open[0].set_result(answer)
    thread.join(PATIENCE_S)
    assert got == [answer]


def test_text_is_cleaned_at_the_door(tmp_path: Path, pad: Pad) -> None:
    with Raw(tmp_path) as client:
        client.say(
            b'{"version": 4, "pad": {"type": "set-security", "barcode": "3\\u202e1", "secure": true, "source": "a\\u001b[2J"}}\n'
        )
        until(lambda: bool(pad.asked))
        assert pad.asked == [SetSecurity(barcode="31", secure=True, source="a[2J")]
        pad.open[0].set_result(PadAnswer())
        assert client.hear() == {"version": 4, "pad": {"tags": [], "inspected": [], "stack": None, "refusal": None}}


def test_others_are_served_while_one_waits(tmp_path: Path, pad: Pad) -> None:
    with Raw(tmp_path) as waiting, Raw(tmp_path) as other:
        waiting.say(b'{"version": 4, "pad": {"type": "read-pad"}}\n')
        until(lambda: bool(pad.open))
        other.say(b'{"version": 4, "snapshot": true}\n')
        assert "snapshot" in other.hear()
        waiting.say(b'{"version": 4, "pad": {"type": "read-pad"}}\n')
        assert waiting.hear()["error"]["code"] == "control-refused"  # type: ignore[index]
        pad.open[0].set_result(PadAnswer())
        assert "pad" in waiting.hear()


def test_who_goes_takes_the_question_along(tmp_path: Path, pad: Pad) -> None:
    with Raw(tmp_path) as client:
        client.say(b'{"version": 4, "pad": {"type": "read-pad"}}\n')
        until(lambda: bool(pad.open))
    until(lambda: pad.open[0].cancelled())


def test_an_answer_to_nobody_harms_nobody(tmp_path: Path, pad: Pad) -> None:
    with Raw(tmp_path) as client:
        client.say(b'{"version": 4, "pad": {"type": "read-pad"}}\n')
        until(lambda: bool(pad.open))
        pad.open[0].set_running_or_notify_cancel()
    with Raw(tmp_path) as other:
        other.say(b'{"version": 4, "snapshot": true}\n')
        assert "snapshot" in other.hear()
        pad.open[0].set_result(PadAnswer())
        other.say(b'{"version": 4, "snapshot": true}\n')
        assert "snapshot" in other.hear()


def test_a_station_that_closes_says_so(tmp_path: Path, pad: Pad) -> None:
    with Raw(tmp_path) as client:
        client.say(b'{"version": 4, "pad": {"type": "read-pad"}}\n')
        until(lambda: bool(pad.open))
        pad.open[0].set_exception(StationClosed())
        assert client.hear()["error"]["code"] == "station-closed"  # type: ignore[index]


def test_a_station_without_a_pad(tmp_path: Path) -> None:
    with hold(tmp_path, FakeClock()) as held:
        server = Server(held, Bench(), quit_station=lambda: None)
        server.start()
        try:
            client = connect(tmp_path)
            assert client is not None
            with client, pytest.raises(ControlRefused):
                client.ask(ReadPad())
        finally:
            assert server.stop(PATIENCE_S)


@pytest.mark.parametrize(
    "line",
    [
        b'{"version": 4, "pad": {}}',
        b'{"version": 4, "pad": {"type": "scan"}}',
        b'{"version": 4, "pad": {"type": "read-pad"}, "quit": true}',
    ],
)
def test_what_is_no_question(line: bytes) -> None:
    with pytest.raises(wire.BadLine):
        wire.decode_request(line)


# --- tickets ------------------------------------------------------------------------------------------------------------


def tickets() -> Tickets[int]:
    numbers = iter("abcdef")
    return Tickets(lambda: next(numbers))


def test_a_ticket_is_answered_once() -> None:
    desk = tickets()
    ticket, future = desk.new()
    assert desk.begin(ticket) and not future.cancel(), "a request that has begun cannot be canceled"
    assert not desk.begin(ticket), "a request cannot begin twice"
    desk.answer(ticket, 7)
    desk.answer(ticket, 8)
    assert future.result(0) == 7
    assert not desk.begin(ticket)


def test_what_was_taken_back_is_never_begun() -> None:
    desk = tickets()
    ticket, future = desk.new()
    assert future.cancel()
    assert not desk.begin(ticket)
    with pytest.raises(CancelledError):
        future.result(0)


def test_closing_ends_every_wait() -> None:
    desk = tickets()
    (begun, one), (_, two) = desk.new(), desk.new()
    _, cancelled = desk.new()
    assert desk.begin(begun) and cancelled.cancel()
    desk.close()
    _, late = desk.new()
    for future in (one, two, late):
        with pytest.raises(StationClosed):
            future.result(0)
    desk.answer(begun, 1)


def test_nobody_else_can_ask_with_a_ticket_of_his_own() -> None:
    """`submit` also accepts an `AskPad` from the socket. The bench does not know its ticket and ignores it."""
    request = wire.decode_request(
        b'{"version": 4, "submit": {"type": "ask-pad", "ticket": "mine", "request": {"type": "read-pad"}}}'
    )
    assert request.submit == AskPad("mine", ReadPad())
    assert not tickets().begin("mine")
