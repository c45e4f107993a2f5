"""The channel to a reader, with 3M's frames: silence before a request, time for an answer, error of a
failed greeting.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.base.errors import ReaderSilent, RemoteProtocolError
from station.base.settings import Reader
from station.drivers.reader.channel import Channel
from station.drivers.threem import commands
from station.drivers.threem.commands import error_for
from station.drivers.threem.plain import not_implemented
from station.drivers.threem.protocol import conversation
from station.drivers.threem.replies import Refused
from tests.conftest import FakeClock
from tests.drivers.scripted_transport import Scripted
from tests.drivers.threem.frames import SLI, sealed

PROBE = ("D500050400118C66", "D500090400110A0500027250")
AFI = (sealed(f"0A {SLI}"), sealed(f"0A 00 {SLI} DA"))
SILENCE_S = 0.005
Open = Callable[..., tuple[Channel[Refused], Scripted]]


@pytest.fixture
def opened(clock: FakeClock) -> Open:
    def made(
        *lines: tuple[str, str], always_silent: bool = False, wire_s: float = 0.0
    ) -> tuple[Channel[Refused], Scripted]:
        line = Scripted(clock, *lines)
        channel: Channel[Refused] = Channel(
            lambda: line,
            clock,
            Reader(answer_ms=1000),
            conversation(),
            commands.probe(),
            silence_s=SILENCE_S,
            always_silent=always_silent,
            wire_s=lambda request: wire_s,
            refusal=Refused,
            error_for=error_for,
            unknown=not_implemented,
        )
        channel.connection.open()
        return channel, line

    return made


@pytest.mark.parametrize(("always_silent", "waits"), [(True, SILENCE_S), (False, 0.0)])
def test_silence_before_a_request_whose_answer_cannot_be_mistaken(
    opened: Open, always_silent: bool, waits: float
) -> None:
    channel, line = opened(PROBE, AFI, always_silent=always_silent)
    channel.ask(commands.probe())
    channel.ask(commands.get_afi(SLI))
    assert line.at[1] - line.at[0] == pytest.approx(waits)


def test_an_answer_is_waited_for_as_long_as_reader_wire_and_margin_take(opened: Open, clock: FakeClock) -> None:
    channel, line = opened((PROBE[0], ""), wire_s=3.0)
    with pytest.raises(ReaderSilent):
        channel.ask(commands.probe())
    assert clock.monotonic() - line.at[0] == pytest.approx(1.0 + 3.0 + 0.25)


def test_a_greeting_ends_with_its_first_failure(opened: Open) -> None:
    channel, line = opened((PROBE[0], "D5"), (PROBE[0], ""))
    with pytest.raises(RemoteProtocolError):
        channel.greet([(conversation(), commands.probe())] * 2)
    assert line.done


def test_a_greeting_ends_with_its_first_answer(opened: Open) -> None:
    channel, _ = opened((PROBE[0], ""), PROBE)
    index, version = channel.greet([(conversation(), commands.probe())] * 3)
    assert (index, version.build) == (1, 2)
