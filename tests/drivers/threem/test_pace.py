"""When the driver leaves a 3M reader a silence before the next request, and how many blocks one read asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from station.base.errors import ReaderRefused, ReaderSilent, RemoteProtocolError, TagRefused
from station.base.settings import Reader
from station.domain.tag_image import Uid
from station.drivers.threem.reader import SILENCE_S, ThreemReader
from tests.conftest import FakeClock
from tests.drivers.scripted_transport import Scripted
from tests.drivers.threem.frames import SLI, sealed

SLIX = Uid("E00401500000AB01")
OTHER = Uid("E00401500000AB02")
SETTINGS = Reader(driver="3m")
PROBE = ("D500050400118C66", "D500090400110A0500027250")
EMPTY = ("D60005FE0007DA02", sealed("FE 00 00 07 00"))


class Wire(Scripted):
    """A wire on which bytes that follow an answer are still under way when the answer is complete.

    A caller that looks for them before time has passed finds nothing, and meets them before the next answer.
    """

    def __init__(self, clock: FakeClock, *lines: tuple[str, str]) -> None:
        super().__init__(clock, *lines)
        self._read_at = -1.0

    def read(self, deadline: Any) -> bytes:
        self._read_at = self._clock.monotonic()
        return super().read(deadline)

    def discard_input(self) -> int:
        return 0 if self._clock.monotonic() == self._read_at else super().discard_input()


def reader_on(clock: FakeClock, *lines: tuple[str, str], settings: Reader = SETTINGS) -> tuple[ThreemReader, Wire]:
    line = Wire(clock, PROBE, *lines)

    def opened() -> Wire:
        line.closed = False
        return line

    reader = ThreemReader(opened, clock, settings)
    reader.reconnect()
    return reader, line


def gaps(line: Scripted) -> list[float]:
    """Return the seconds between the requests; answers take no time here."""
    return [round(after - before, 6) for before, after in zip(line.at, line.at[1:], strict=False)]


# --- exchanges, as (question, good answer, refusal) -------------------------------------------------------------------


def read(first: int, count: int, uid: Uid = SLIX, fill: int = 0) -> tuple[str, str, str]:
    records = f"00 {fill:08X}" * count
    return (
        sealed(f"02 {uid} {first:02X} {count:02X} 04"),
        sealed(f"02 00 {uid} {first:02X} {count:02X} {records}"),
        sealed(f"02 06 {uid}"),
    )


def old_read(first: int, count: int, uid: Uid = SLIX) -> tuple[str, str]:
    records = "".join(f"{block:02X} {int(block == 9):02X} 01020304" for block in range(first, first + count))
    return sealed(f"02 {uid} {first:02X} {count:02X}"), sealed(f"02 00 {uid} {count:02X} {records}")


def write(first: int, count: int, uid: Uid = SLIX) -> tuple[str, str, str]:
    return (
        sealed(f"04 {uid} {first:02X} {count:02X} 00 {bytes(4 * count).hex()}"),
        sealed(f"04 00 {uid} {first + count:02X}"),
        sealed(f"04 12 {uid} {first:02X}"),
    )


def byte(command: str, value: int, uid: Uid = SLIX) -> tuple[str, str, str]:
    return sealed(f"{command} {uid} {value:02X}"), sealed(f"{command} 00 {uid}"), sealed(f"{command} 12 {uid}")


def information(uid: Uid = SLIX) -> tuple[str, str, str]:
    return (
        sealed(f"0D {uid} 0F"),
        sealed(f"0D 00 {uid} 0F 06 07 03 1B 0001"),
        sealed(f"0D 11 {uid}"),
    )


class TestSilence:
    def test_none_where_the_last_answer_is_no_answer_to_the_next_question(self, clock: FakeClock) -> None:
        """The order of the write algorithm, except for the second of the two reads that must agree."""
        lines = [EMPTY, information()[:2], read(0, 28)[:2], write(1, 6)[:2], read(1, 6)[:2], write(0, 1)[:2]]
        lines += [read(0, 1)[:2], byte("0B", 6)[:2], information()[:2], byte("09", 7)[:2], EMPTY, read(0, 28)[:2]]
        reader, line = reader_on(clock, *lines)
        reader.inventory()
        reader.system_information(SLIX)
        reader.read_blocks(SLIX, 0, 28)
        reader.write_blocks(SLIX, 1, bytes(24), 4)
        reader.read_blocks(SLIX, 1, 6)
        reader.write_blocks(SLIX, 0, bytes(4), 4)
        reader.read_blocks(SLIX, 0, 1)
        reader.write_dsfid(SLIX, 6)
        reader.system_information(SLIX)
        reader.write_afi(SLIX, 7)
        reader.inventory()
        reader.read_blocks(SLIX, 0, 28)
        assert line.done
        assert gaps(line) == [0.0] * len(lines)

    @pytest.mark.parametrize(
        ("first", "second", "ask"),
        [
            (write(0, 8), write(8, 2), lambda reader: reader.write_blocks(SLIX, 0, bytes(40), 4)),
            (byte("09", 1), byte("09", 2), lambda reader: (reader.write_afi(SLIX, 1), reader.write_afi(SLIX, 2))),
            (byte("0B", 1), byte("0B", 2), lambda reader: (reader.write_dsfid(SLIX, 1), reader.write_dsfid(SLIX, 2))),
            (byte("08", 1), byte("08", 2), lambda reader: (reader.lock_block(SLIX, 1), reader.lock_block(SLIX, 2))),
        ],
    )
    def test_a_doubled_answer_is_never_taken_for_the_success_of_the_next_write(
        self,
        clock: FakeClock,
        first: tuple[str, str, str],
        second: tuple[str, str, str],
        ask: Callable[[ThreemReader], None],
    ) -> None:
        reader, line = reader_on(clock, (first[0], first[1] + first[1]), PROBE, (second[0], second[2]))
        with pytest.raises(TagRefused):
            ask(reader)
        assert line.done

    def test_nor_for_a_second_read_that_must_agree_with_the_first(self, clock: FakeClock) -> None:
        asked, answer, _ = read(1, 6)
        reader, line = reader_on(clock, (asked, answer + answer), PROBE, (asked, read(1, 6, fill=1)[1]))
        assert reader.read_blocks(SLIX, 1, 6).data != reader.read_blocks(SLIX, 1, 6).data
        assert line.done

    def test_nor_for_the_next_look_at_the_pad(self, clock: FakeClock) -> None:
        seen = sealed(f"FE 00 00 07 01 06 {SLIX}")
        reader, line = reader_on(clock, (EMPTY[0], seen + seen), PROBE, EMPTY)
        assert [len(reader.inventory().tags) for _ in range(2)] == [1, 0]
        assert line.done

    def test_a_doubled_answer_that_cannot_be_mistaken_is_passed_over_and_raises_a_fence(self, clock: FakeClock) -> None:
        asked, answer, _ = write(0, 1)
        reader, line = reader_on(clock, (asked, answer + answer), read(0, 1)[:2], PROBE, EMPTY)
        reader.write_blocks(SLIX, 0, bytes(4), 4)
        assert reader.read_blocks(SLIX, 0, 1).data == bytes(4)
        reader.inventory()
        assert line.done
        # No silence before the read; one before and one after the fence.
        assert gaps(line)[1:] == [0.0, SILENCE_S, SILENCE_S]

    @pytest.mark.parametrize(
        ("answer", "error"), [("", ReaderSilent), ("D6000C0900E00401500000AB01FFFF", RemoteProtocolError)]
    )
    def test_before_everything_behind_a_question_without_an_answer(
        self, clock: FakeClock, answer: str, error: type[Exception]
    ) -> None:
        reader, line = reader_on(clock, (byte("09", 1)[0], answer), PROBE, EMPTY)
        with pytest.raises(error):
            reader.write_afi(SLIX, 1)
        ended = clock.monotonic()
        reader.inventory()
        assert line.done
        assert [round(at - ended, 6) for at in line.at[-2:]] == [SILENCE_S, 2 * SILENCE_S]

    def test_before_the_first_question(self, clock: FakeClock) -> None:
        opened = clock.monotonic()
        _, line = reader_on(clock)
        assert line.at[0] == opened + SILENCE_S


class TestHowMuchIsRead:
    REFUSED = (sealed(f"02 FE {SLIX}"), sealed("02 FE"))

    def test_the_whole_tag_and_eight_blocks_a_write(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, read(0, 28)[:2], write(0, 8)[:2], write(8, 2)[:2])
        assert (reader.capabilities.max_blocks_per_read, reader.capabilities.max_blocks_per_write) == (32, 8)
        assert len(reader.read_blocks(SLIX, 0, 28).data) == 112
        reader.write_blocks(SLIX, 0, bytes(40), 4)
        assert line.done

    def test_as_many_as_the_settings_say(self, clock: FakeClock) -> None:
        settings = Reader(driver="3m", most_blocks=20)
        reader, line = reader_on(clock, read(0, 20)[:2], read(20, 8)[:2], write(0, 10)[:2], settings=settings)
        assert (reader.capabilities.max_blocks_per_read, reader.capabilities.max_blocks_per_write) == (20, 20)
        reader.read_blocks(SLIX, 0, 28)
        reader.write_blocks(SLIX, 0, bytes(40), 4)
        assert line.done

    @pytest.mark.parametrize("refusal", REFUSED)
    def test_not_enough_memory_is_believed_until_the_next_greeting(self, clock: FakeClock, refusal: str) -> None:
        parts = [read(first, min(8, 28 - first))[:2] for first in range(0, 28, 8)]
        whole = read(0, 28)
        lines = [(whole[0], refusal), *parts, *parts, PROBE, whole[:2]]
        reader, line = reader_on(clock, *lines)
        for _ in range(2):
            assert len(reader.read_blocks(SLIX, 0, 28).data) == 112
            assert reader.capabilities.max_blocks_per_read == 8
        reader.reconnect()
        reader.read_blocks(SLIX, 0, 28)
        assert line.done

    @pytest.mark.parametrize("code", ["31", "32", "02"])
    def test_a_refused_option_is_left_out_and_locks_are_still_told(self, clock: FakeClock, code: str) -> None:
        refused = (read(8, 2)[0], sealed(f"02 {code} {SLIX}"))
        reader, line = reader_on(clock, refused, old_read(8, 2), old_read(8, 2))
        for _ in range(2):
            assert reader.read_blocks(SLIX, 8, 2).locked == (False, True)
        assert line.done

    @pytest.mark.parametrize("code", ["32", "02"])
    def test_a_refusal_that_may_mean_either(self, clock: FakeClock, code: str) -> None:
        refused = (read(0, 10)[0], sealed(f"02 {code} {SLIX}"))
        reader, line = reader_on(clock, refused, old_read(0, 8), old_read(8, 2))
        assert reader.read_blocks(SLIX, 0, 10).locked == (False,) * 9 + (True,)
        assert line.done

    def test_another_refusal_is_told_at_once(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (read(0, 28)[0], sealed(f"02 FD {SLIX}")))
        with pytest.raises(ReaderRefused):
            reader.read_blocks(SLIX, 0, 28)
        assert line.done

    def test_one_block_that_is_too_much_is_told(self, clock: FakeClock) -> None:
        refused = [(read(0, count)[0], self.REFUSED[0]) for count in (10, 8, 4, 2, 1)]
        reader, line = reader_on(clock, *refused)
        with pytest.raises(ReaderRefused, match="memory"):
            reader.read_blocks(SLIX, 0, 10)
        assert line.done

    @pytest.mark.parametrize("answer", ["", "D6005502"])
    def test_so_many_blocks_that_are_never_answered_are_given_up_for_good(self, clock: FakeClock, answer: str) -> None:
        """After silence or a truncated answer, the driver sends a fence and then the request in the shape of the known
        clients. An answer for a few blocks proves nothing about many.
        """
        tries = [(read(0, 10)[0], answer), PROBE, old_read(0, 8), read(8, 2)[:2]]
        parts = [read(0, 8)[:2], read(8, 2)[:2]]
        reader, line = reader_on(clock, *tries, *tries, *parts, PROBE, *parts)
        for _ in range(3):
            assert len(reader.read_blocks(SLIX, 0, 10).data) == 40
        assert reader.capabilities.max_blocks_per_read == 8
        reader.reconnect()  # silence costs time: the large read is not tried again
        assert len(reader.read_blocks(SLIX, 0, 10).data) == 40
        assert reader.capabilities.max_blocks_per_read == 8
        assert line.done

    def test_a_shape_that_is_never_answered_is_given_up_for_good(self, clock: FakeClock) -> None:
        tries = [(read(0, 2)[0], ""), PROBE, old_read(0, 2)]
        reader, line = reader_on(clock, *tries, *tries, old_read(0, 2), PROBE, old_read(0, 2))
        for _ in range(3):
            assert reader.read_blocks(SLIX, 0, 2).data == bytes((1, 2, 3, 4)) * 2
        reader.reconnect()
        reader.read_blocks(SLIX, 0, 2)
        assert line.done

    def test_one_answer_that_was_lost_on_the_line_teaches_nothing(self, clock: FakeClock) -> None:
        lost = [(read(0, 28)[0], ""), PROBE, old_read(0, 8), read(8, 20)[:2]]
        reader, line = reader_on(clock, *lost, read(0, 28)[:2])
        for _ in range(2):
            assert len(reader.read_blocks(SLIX, 0, 28).data) == 112
        assert reader.capabilities.max_blocks_per_read == 32
        assert line.done

    def test_what_was_answered_once_is_not_given_up(self, clock: FakeClock) -> None:
        whole = read(0, 28)
        reader, line = reader_on(clock, whole[:2], (whole[0], ""), PROBE, whole[:2])
        reader.read_blocks(SLIX, 0, 28)
        with pytest.raises(ReaderSilent):
            reader.read_blocks(SLIX, 0, 28)
        assert len(reader.read_blocks(SLIX, 0, 28).data) == 112
        assert line.done

    def test_a_reader_that_is_gone_teaches_nothing(self, clock: FakeClock) -> None:
        whole = read(0, 28)
        silent = [(whole[0], ""), (PROBE[0], "")]
        reader, line = reader_on(clock, *silent, PROBE, (whole[0], ""), (PROBE[0], ""), PROBE, whole[:2])
        for _ in range(2):
            with pytest.raises(ReaderSilent):
                reader.read_blocks(SLIX, 0, 28)
        assert len(reader.read_blocks(SLIX, 0, 28).data) == 112
        assert line.done


def test_a_tag_of_another_uid_is_no_reason_for_silence(clock: FakeClock) -> None:
    reader, line = reader_on(clock, byte("09", 7)[:2], byte("09", 7, OTHER)[:2], byte("09", 7, SLI)[:2])
    for uid in (SLIX, OTHER, SLI):
        reader.write_afi(uid, 7)
    assert gaps(line) == [0.0] * 3
