"""The rules of a conversation, with a server of literal bytes on a manual clock: how often a message is sent, how long
the station waits, and when a connection is never used again. The checksums of the server are computed here, not by the
station's codec."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from station.base import settings
from station.base.clock import Deadline
from station.base.credentials import Secret
from station.base.errors import InDoubt, Unreachable
from station.sync.sip2.opening import terms_of
from station.sync.sip2.session import Session, Terms
from tests.conftest import FakeClock
from tests.support.told import raises_told

DATE = "20261125    120000"
Talk = Callable[[bytes], Iterator[bytes]]


def told(body: str, sequence: int, *, garbled: bool = False) -> bytes:
    """Return a server's message, with its trailer by the standard; `garbled`: a checksum that is off by one."""
    text = f"{body}AY{sequence}AZ".encode("ascii")
    total = -sum(text) + (1 if garbled else 0)
    return text + f"{total % 65536:04X}\r".encode("ascii")


def sequence_of(request: bytes) -> int:
    return int(request[request.rindex(b"AY") + 2 :][:1])


def status(timeout: str = "050", retries: str = "003") -> str:
    return f"98YYYYYY{timeout}{retries}{DATE}2.00AOMAIN|AMLibrary|BXYYYYYYYYYYYYYYYY|"


ITEM = f"18030001{DATE}ABx|AJTitle|"
CHECKED_IN = f"101YUN{DATE}AOMAIN|ABx|AQ|AJTitle|"


class Line:
    """One connection. `talk` yields the pieces that answer a request. When it has no more, the server is silent."""

    def __init__(self, clock: FakeClock, talk: Talk) -> None:
        self.clock = clock
        self.talk = talk
        self.pieces: Iterator[bytes] = iter(())
        self.closed = False
        self.written: list[bytes] = []

    def write(self, data: bytes, deadline: Deadline) -> None:
        assert not self.closed
        self.written.append(data)
        self.pieces = self.talk(data)

    def read(self, deadline: Deadline) -> bytes:
        assert not self.closed
        if deadline.expired:
            raise TimeoutError
        piece = next(self.pieces, None)
        if piece is None:
            self.clock.seconds += deadline.remaining
            raise TimeoutError
        return piece

    def close(self) -> None:
        self.closed = True


class Server:
    """Answers 99 automatically and all other messages by `talk`; records all connections."""

    def __init__(self, talk: Talk, terminator: bytes = b"\r", **said: str) -> None:
        self.clock = FakeClock()
        self.lines: list[Line] = []
        self.said = said
        self.talk = talk
        terms = Terms(institution="MAIN", limit_s=10_000, terminator=terminator)
        self.session = Session(self.connect, terms, self.clock, lambda: Secret("p"))

    def connect(self, deadline: Deadline) -> Line:
        self.lines.append(Line(self.clock, self._talk))
        return self.lines[-1]

    def _talk(self, request: bytes) -> Iterator[bytes]:
        if request.startswith(b"99"):
            yield told(status(**self.said), sequence_of(request))
        else:
            yield from self.talk(request)

    def sent(self, code: bytes = b"") -> list[bytes]:
        return [request for line in self.lines for request in line.written if request.startswith(code)]

    def ask(self) -> object:
        return self.session.ask("17", {"transaction_date": DATE}, (("AO", "MAIN"), ("AB", "x")))

    def check_in(self) -> object:
        fixed = {"no_block": "N", "transaction_date": DATE, "return_date": DATE}
        return self.session.change("09", fixed, (("AP", "TS"), ("AO", "MAIN"), ("AB", "x"), ("AC", "")))


def silent(_request: bytes) -> Iterator[bytes]:
    yield from ()


def endless(piece: Callable[[], bytes], most: int) -> Iterator[bytes]:
    """Yield this many pieces, and fail if the reader takes them all."""
    for _ in range(most):
        yield piece()
    raise AssertionError(f"{most} pieces were read, and the reader did not stop")


def test_a_good_talk() -> None:
    """The server of these tests is understood as long as it behaves correctly."""
    server = Server(lambda request: iter([told(ITEM if request[:2] == b"17" else CHECKED_IN, sequence_of(request))]))
    server.ask()
    server.check_in()
    assert (len(server.lines), len(server.sent(b"17")), len(server.sent(b"09"))) == (1, 1, 1)


def test_a_change_is_not_sent_again_when_its_answer_was_garbled_and_cannot_be_had_again() -> None:
    """09, a garbled 10, the station's 97, and the server's 96: it requests the 97, or the 09, which it has executed."""

    def talk(request: bytes) -> Iterator[bytes]:
        yield b"96AZFEF6\r" if request[:2] == b"97" else told(CHECKED_IN, sequence_of(request), garbled=True)

    server = Server(talk)
    with raises_told(InDoubt, match="cannot be had again"):
        server.check_in()
    assert (len(server.sent(b"09")), len(server.sent(b"97"))) == (1, 1)
    assert server.lines[-1].closed


def test_a_garbled_answer_is_asked_for_once() -> None:
    def talk(request: bytes) -> Iterator[bytes]:
        number = sequence_of(request) if b"AY" in request else 0
        yield told(ITEM, number, garbled=True)

    server = Server(talk, retries="000")
    with raises_told(Unreachable, match="checksum is wrong, again"):
        server.ask()
    assert (len(server.sent(b"17")), len(server.sent(b"97"))) == (1, 1)


@pytest.mark.parametrize("again", ["whole", "without its trailer", "nothing", "96"])
def test_what_real_servers_answer_to_97(again: str) -> None:
    """Section 3.5, row "97 resend": the old answer, from Evergreen without its trailer; invenio-sip2 does not answer;
    pysip2 sends its 96 once more. A question gets its answer each time, and error detection continues."""
    garbled = iter([True])

    def talk(request: bytes) -> Iterator[bytes]:
        if request[:2] != b"97":
            yield told(ITEM, sequence_of(request), garbled=next(garbled, False))
        elif again == "96":
            yield b"96AZFEF6\r"
        elif again != "nothing":
            yield told(ITEM, 1) if again == "whole" else ITEM.encode() + b"\r"

    server = Server(talk)
    server.session.connect()
    server.session._sequence = 0  # the next question has the number 1, which `talk` repeats
    server.ask()
    server.ask()
    times = {"whole": 2, "without its trailer": 2, "nothing": 3, "96": 3}[again]
    assert (len(server.sent(b"17")), len(server.sent(b"97"))) == (times, 1)
    assert all(b"AZ" in request for request in server.sent(b"17")), "error detection must continue"
    assert len(server.lines) == (2 if again == "nothing" else 1)


def test_a_change_whose_answer_comes_again_without_a_trailer_is_done() -> None:
    def talk(request: bytes) -> Iterator[bytes]:
        again = request[:2] == b"97"
        yield CHECKED_IN.encode() + b"\r" if again else told(CHECKED_IN, sequence_of(request), garbled=True)

    server = Server(talk)
    server.check_in()
    assert len(server.sent(b"09")) == 1


@pytest.mark.parametrize(("setting", "end"), [("cr", b"\r"), ("crlf", b"\r\n")])
def test_each_message_ends_as_the_settings_say(setting: str, end: bytes) -> None:
    """CR, because more stops the server (invenio-sip2, pysip2: docs/reference/systems.md#sip2-servers); CR LF where it is
    required (#sip2-reports)."""
    garbled = iter([True])

    def talk(request: bytes) -> Iterator[bytes]:
        if request[:2] == b"97":
            yield told(ITEM, 2)
        else:
            yield told(ITEM, sequence_of(request), garbled=next(garbled, False))

    config = settings.Sip2(enabled=True, host="127.0.0.1", tls="none", institution="M", terminator=setting)  # type: ignore[arg-type]
    server = Server(talk, terminator=terms_of(config).terminator)
    server.ask()
    assert {request[:2] for request in server.sent()} == {b"99", b"17", b"97"}
    assert all(request.endswith(end) and request.count(b"\r") == 1 for request in server.sent())
    assert all(request.count(b"\n") == end.count(b"\n") for request in server.sent())


def test_answers_to_earlier_messages_are_passed_over_but_not_for_ever() -> None:
    server = Server(lambda request: endless(lambda: told(ITEM, (sequence_of(request) + 5) % 10), 200), retries="000")
    with raises_told(Unreachable, match="too many answers to earlier messages"):
        server.ask()


def test_one_deadline_for_the_whole_answer_however_it_drips() -> None:
    """A byte per second, and five seconds in total."""

    def drip(request: bytes) -> Iterator[bytes]:
        def piece() -> bytes:
            server.clock.seconds += 1
            return b"1"

        return endless(piece, 100)

    server = Server(drip, retries="000")
    began = server.clock.seconds
    with raises_told(Unreachable, match="no end of the answer"):
        server.ask()
    assert server.clock.seconds - began == 5.0


@pytest.mark.parametrize(("retries", "times"), [("000", 1), ("001", 2), ("003", 4), ("999", 4)])
def test_a_question_is_repeated_as_often_as_the_status_says(retries: str, times: int) -> None:
    """999 is "unknown": three times (docs/reference/systems.md#sip2-messages)."""
    server = Server(silent, retries=retries)
    with pytest.raises(Unreachable):
        server.ask()
    assert len(server.sent(b"17")) == times
    assert len(server.lines) == times, "each try must have its own connection"


def test_a_line_with_an_unanswered_change_is_never_used_again() -> None:
    """Its answer may still arrive, and must not be taken for that of the next message."""
    server = Server(silent)
    with pytest.raises(InDoubt):
        server.check_in()
    assert server.lines[0].closed
    with pytest.raises(InDoubt):
        server.check_in()
    assert len(server.lines) == 2


def test_sequence_numbers_go_on_over_connections() -> None:
    """A server that knows the log-in's account may repeat its old answer if number and sum occur again
    (docs/reference/systems.md#sip2-error-detection)."""
    server = Server(silent, retries="000")
    for _ in range(5):
        with pytest.raises((InDoubt, Unreachable)):
            server.check_in()
    numbers = [sequence_of(request) for request in server.sent()]
    assert len(server.lines) == 5
    assert numbers == [(numbers[0] + place) % 10 for place in range(len(numbers))]
