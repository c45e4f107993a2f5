"""A reader at a TCP port, over real sockets on this machine."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from station.base.clock import Deadline, SystemClock
from station.base.errors import PortLost, PortMissing, ReaderSilent, SettingsError
from station.base.settings import Reader
from station.drivers.line import opening as line_opening
from station.drivers.line.opening import open_line
from station.drivers.line.tcp import CONNECT_S, PORT, TcpTransport, address
from tests.conftest import FakeClock
from tests.drivers.slow_kernel import SlowKernel


def soon() -> Deadline:
    return Deadline(SystemClock(), 10)


class Pair:
    """The station's end and the reader's end."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = f"tcp://127.0.0.1:{server.getsockname()[1]}"
            self.near = TcpTransport(self.port)
            self.far, _ = server.accept()

    def close(self) -> None:
        self.near.close()
        self.far.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.close()


def test_bytes_travel_both_ways_unchanged(pair: Pair) -> None:
    every = bytes(range(256))
    pair.near.write(every, soon())
    assert pair.far.recv(256, socket.MSG_WAITALL) == every
    pair.far.sendall(every)
    got = b""
    while len(got) < 256:
        got += pair.near.read(soon())
    assert got == every


def test_silence_is_said_at_the_deadline(pair: Pair) -> None:
    with pytest.raises(ReaderSilent):
        pair.near.read(Deadline(FakeClock(), 0))


def test_discarded_bytes_are_counted_and_gone(pair: Pair) -> None:
    pair.far.sendall(b"old!!")
    first = pair.near.read(soon())
    pair.far.sendall(b"more")
    count = len(first)
    while count < 9:  # the kernel delivers bytes in its own time
        count += pair.near.discard_input()
    assert count == 9
    with pytest.raises(ReaderSilent):
        pair.near.read(Deadline(FakeClock(), 0))


def test_who_sends_without_end_holds_nobody_up(pair: Pair) -> None:
    pair.far.setblocking(False)
    sent = 0
    deadline = soon()
    while sent < 1_000_000 and not deadline.expired:
        try:
            sent += pair.far.send(bytes(100_000))
        except BlockingIOError:
            break
    count = pair.near.discard_input()
    assert 0 < count < sent


@pytest.mark.parametrize("how", ["end of file", "reset"])
@pytest.mark.parametrize(
    "use",
    [
        lambda line: line.read(soon()),
        lambda line: line.discard_input(),
        lambda line: [line.write(b"x", soon()) for _ in "12345678"],
    ],
    ids=["read", "discard", "write"],
)
def test_a_connection_that_ends_is_lost_in_every_operation(
    pair: Pair, use: Callable[[TcpTransport], object], how: str
) -> None:
    if how == "reset":
        pair.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    pair.far.close()
    deadline = soon()
    with pytest.raises(PortLost):
        while not deadline.expired:  # a first write may still go out
            use(pair.near)
    pair.near.close()
    pair.near.close()
    with pytest.raises(PortLost):
        use(pair.near)


def test_a_connection_that_takes_no_bytes_is_given_up_and_nothing_more_of_it_arrives(pair: Pair) -> None:
    full = Deadline(SystemClock(), 0.2)
    with pytest.raises(PortLost, match="takes no bytes"):
        pair.near.write(bytes(50_000_000), full)  # the far end reads nothing
    assert full.expired
    got = 0
    with pytest.raises(ConnectionResetError):
        while data := pair.far.recv(1_000_000):
            got += len(data)
    assert got < 50_000_000
    with pytest.raises(PortLost, match="closed"):
        pair.near.write(b"x", soon())


def test_it_is_waited_for_until_the_deadline_and_no_longer() -> None:
    clock = FakeClock()
    kernel = SlowKernel(clock)
    for taken in (0, 1, 5):
        with socket.create_server(("127.0.0.1", 0)) as server:
            line = TcpTransport(f"tcp://127.0.0.1:{server.getsockname()[1]}", kernel=kernel)
            kernel.takes = taken
            began = clock.seconds
            with pytest.raises(ReaderSilent):
                line.read(Deadline(clock, 0.005))
            assert clock.seconds - began == pytest.approx(0.005)
            with pytest.raises(PortLost):
                line.write(bytes(100), Deadline(clock, 0.07))
            assert clock.seconds - began == pytest.approx(0.075)


def test_the_first_address_that_can_be_reached_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    gone = ("127.0.0.1", 1)  # no service at the port of tcpmux
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(*stream, gone), (*stream, server.getsockname())])
        line = TcpTransport("tcp://reader.lan")
        line.write(b"x", soon())
        assert server.accept()[0].recv(1) == b"x"
        line.close()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    with pytest.raises(PortMissing, match="no address"):
        TcpTransport("tcp://reader.lan")


def test_a_name_that_nobody_tells_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver's own limit can be half a minute or more."""
    told = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: told.wait())
    try:
        with pytest.raises(PortMissing, match=r"the address of reader\.lan could not be looked up"):
            open_line(Reader(port="tcp://reader.lan", operation_ms=1000))
    finally:
        told.set()


def test_nobody_there_is_a_missing_port(pair: Pair) -> None:
    for port in (pair.port, "tcp://host.invalid:10001"):  # .invalid: RFC 2606
        with pytest.raises(PortMissing):
            open_line(Reader(port=port))


@pytest.mark.parametrize(("operation_ms", "seconds"), [(1000, 1.0), (20000, CONNECT_S)])
def test_reaching_it_ends_within_an_operation(
    monkeypatch: pytest.MonkeyPatch, operation_ms: int, seconds: float
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(line_opening, "TcpTransport", lambda port, most: asked.append(most))
    open_line(Reader(port="tcp://reader.lan", operation_ms=operation_ms))
    assert asked == [seconds]


@pytest.mark.parametrize(
    ("port", "means"),
    [
        ("tcp://10.0.0.7:4001", ("10.0.0.7", 4001)),
        ("tcp://reader.lan", ("reader.lan", PORT)),
        ("tcp://[fe80::1]:10001", ("fe80::1", 10001)),
        ("tcp://[fe80::1]", ("fe80::1", PORT)),
    ],
)
def test_addresses(port: str, means: tuple[str, int]) -> None:
    assert address(port) == means


@pytest.mark.parametrize("port", ["tcp://", "tcp://:10001", "tcp://h:0", "tcp://h:65536", "tcp://h:x", "/dev/ttyUSB0"])
def test_what_is_no_address_is_said_with_its_setting(port: str) -> None:
    with pytest.raises(SettingsError, match=r"reader\.port"):
        address(port)
