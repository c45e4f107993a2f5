"""The reader as the core sees it, against a script of literal bytes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from itertools import pairwise

import pytest

from station.base.errors import (
    LocalProtocolError,
    PortBusy,
    PortLost,
    PortMissing,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    TagAbsent,
    TagRefused,
)
from station.base.settings import Reader
from station.domain.ports import Signal
from station.domain.tag_image import Uid
from station.drivers.feig.reader import FeigReader
from tests.conftest import FakeClock
from tests.drivers.feig.frames import SLI, TI
from tests.drivers.scripted_transport import CFG4, CFG5, CFG5_ONT, GREETING, INFO, VERSION, Scripted, frame
from tests.support.for_each import for_each

SETTINGS = Reader()
INVENTORY = "07FFB001001C56"
NO_TAG = "0600B0015C63"
DONE = "0600B000D572"
SLIX = Uid("E00401500000AB01")
RESET = ("05FF698901", "06006900F6FA")
WRITE_AFI = "10FFB02701E00401000012AB01C2EF7D"
ASK_NOBODY = (frame("FF B0 27 01 E004000000000000 00"), frame("00 B0 01"))
"""Write the AFI of a tag that is absent: shows that the reader has the command."""


def reader_on(
    clock: FakeClock, *lines: tuple[str, str], greeting: tuple[tuple[str, str], ...] = GREETING
) -> tuple[FeigReader, Scripted]:
    """Return a connected reader and its line."""
    line = Scripted(clock, *greeting, *lines)
    reader = FeigReader(lambda: line, clock, SETTINGS)
    reader.reconnect()
    return reader, line


class TestGreeting:
    def test_a_reader_set_as_needed_is_left_as_it_is(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock)
        assert line.done
        assert (reader.capabilities.name, reader.capabilities.firmware) == ("FEIG CPR.M02", "2.05")
        assert (reader.capabilities.max_blocks_per_read, reader.capabilities.max_blocks_per_write) == (32, 32)
        assert reader.capabilities.can_signal

    def test_before_every_frame_the_line_is_silent_for_psst(self, clock: FakeClock) -> None:
        """H20800-16e 3.1: 5 ms, also if the answer cannot be mistaken."""
        reader, line = reader_on(clock, (INVENTORY, NO_TAG))
        reader.inventory()
        assert [round(after - before, 6) for before, after in pairwise(line.at)] == [0.005] * len(GREETING)

    def test_only_new_tags_is_switched_off_in_ram_and_looked_at_again(self, clock: FakeClock) -> None:
        greeting = (
            *GREETING[:3],
            (frame("FF 80 05"), frame("00 80 00" + CFG5_ONT)),
            (frame("FF 81 05" + CFG5), frame("00 81 00")),
            (frame("FF 80 05"), frame("00 80 00" + CFG5)),
        )
        reader, line = reader_on(clock, (INVENTORY, NO_TAG), greeting=greeting)
        reader.inventory()
        assert line.done

    @pytest.mark.parametrize("status", ["80", "16", "11"])
    def test_where_that_is_refused_the_field_is_reset_before_each_inventory(
        self, clock: FakeClock, status: str
    ) -> None:
        greeting = (
            *GREETING[:3],
            (frame("FF 80 05"), frame("00 80 00" + CFG5_ONT)),
            (frame("FF 81 05" + CFG5), frame(f"00 81 {status}")),
        )
        reader, line = reader_on(clock, RESET, (INVENTORY, NO_TAG), RESET, (INVENTORY, NO_TAG), greeting=greeting)
        reader.inventory()
        reader.inventory()
        assert line.done

    def test_one_slot_and_afi_filter_would_hide_tags_and_are_switched_off(self, clock: FakeClock) -> None:
        greeting = (
            *GREETING[:2],
            (*GREETING[2][:1], frame("00 80 00" + CFG4.replace("09", "39"))),
            (frame("FF 81 04" + CFG4), frame("00 81 00")),
            GREETING[2],
            GREETING[3],
        )
        assert reader_on(clock, greeting=greeting)[1].done

    def test_a_reader_that_keeps_hiding_tags_is_refused(self, clock: FakeClock) -> None:
        hiding = (*GREETING[2][:1], frame("00 80 00" + CFG4.replace("09", "19")))
        line = Scripted(clock, *GREETING[:2], hiding, (frame("FF 81 04" + CFG4), frame("00 81 00")), hiding)
        with pytest.raises(ReaderRefused):
            FeigReader(lambda: line, clock, SETTINGS).reconnect()
        assert line.closed

    def test_nothing_is_set_in_a_reader_of_another_family(self, clock: FakeClock) -> None:
        greeting = ((VERSION[0], frame("00 65 00 0205 00 30 4A 0008")), (INFO[0], frame("00 66 80")))
        reader, line = reader_on(clock, RESET, (INVENTORY, NO_TAG), greeting=greeting)
        reader.inventory()
        reader.signal(Signal.GOOD)
        assert line.done
        assert reader.capabilities.name == "FEIG MR100/PR100"

    def test_small_buffers_make_small_chunks(self, clock: FakeClock) -> None:
        greeting = (VERSION, (INFO[0], frame("00 66 00 0205003050 0138 0040 0040")), *GREETING[2:])
        capabilities = reader_on(clock, greeting=greeting)[0].capabilities
        assert (capabilities.max_blocks_per_read, capabilities.max_blocks_per_write) == (11, 11)

    def test_a_reader_in_the_middle_of_something_is_greeted_twice(self, clock: FakeClock) -> None:
        assert reader_on(clock, greeting=((VERSION[0], DONE + "06"), *GREETING))[1].done

    def test_a_silent_device_is_silent_and_its_port_is_given_back(self, clock: FakeClock) -> None:
        line = Scripted(clock, (VERSION[0], ""), (VERSION[0], ""), ("020007FF656E61", ""))
        reader = FeigReader(lambda: line, clock, SETTINGS)
        with pytest.raises(ReaderSilent):
            reader.reconnect()
        assert line.closed
        with pytest.raises(ReaderSilent):
            reader.inventory()


class TestWithoutAPort:
    def test_nothing_works_before_reconnect(self, clock: FakeClock) -> None:
        reader = FeigReader(lambda: Scripted(clock), clock, SETTINGS)
        with pytest.raises(PortMissing):
            reader.inventory()
        assert reader.capabilities.name == "FEIG"

    @pytest.mark.parametrize("error", [PortMissing, PortBusy])
    def test_why_it_could_not_be_opened_is_said_again_until_it_can(
        self, clock: FakeClock, error: type[PortMissing] | type[PortBusy]
    ) -> None:
        line = Scripted(clock, *GREETING, (INVENTORY, NO_TAG))
        answers: list[object] = [error("first"), line]

        def factory() -> Scripted:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, Scripted)
            return answer

        reader = FeigReader(factory, clock, SETTINGS)
        with pytest.raises(error):
            reader.reconnect()
        with pytest.raises(error):
            reader.write_afi(SLI, 1)
        reader.reconnect()
        assert reader.inventory().tags == ()

    def test_a_closed_reader_is_missing(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock)
        reader.close()
        reader.close()
        assert line.closed
        with pytest.raises(PortMissing):
            reader.reset_field()


class TestTheCablePulled:
    def test_at_each_byte_of_a_conversation(self, clock: FakeClock) -> None:
        lines = (*GREETING, (INVENTORY, frame(f"00 B0 00 01 0300{SLI}")), (WRITE_AFI, DONE))
        whole = sum(len(bytes.fromhex(answer)) for _, answer in lines)
        for at in range(whole):
            line = Scripted(clock, *lines, lost_after=at)
            reader = FeigReader(lambda line=line: line, clock, SETTINGS)  # type: ignore[misc]
            with pytest.raises(PortLost):
                converse(reader)
            assert line.closed
            with pytest.raises(PortLost):
                reader.inventory()
        line = Scripted(clock, *lines, lost_after=whole)
        converse(FeigReader(lambda: line, clock, SETTINGS))


def converse(reader: FeigReader) -> None:
    reader.reconnect()
    reader.inventory()
    reader.write_afi(SLI, 0xC2)


class TestInventory:
    def test_an_empty_field_is_no_error(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (INVENTORY, NO_TAG))
        assert reader.inventory().tags == ()

    def test_more_data_is_fetched_and_a_repeated_tag_counts_once(self, clock: FakeClock) -> None:
        reader, line = reader_on(
            clock,
            (INVENTORY, frame(f"00 B0 94 01 0306{SLI}")),
            ("07FFB0018014D2", frame(f"00 B0 94 02 0306{SLI} 033E{TI}")),
            ("07FFB0018014D2", frame("00 B0 00 01 0300 E00401000012AB77")),
        )
        inventory = reader.inventory()
        assert [tag.uid for tag in inventory.tags] == [SLI, TI, "E00401000012AB77"]
        assert inventory.tags[0].dsfid == 6
        assert not inventory.collision
        assert line.done

    def test_more_that_is_never_anything_new_is_not_asked_for_ever(self, clock: FakeClock) -> None:
        more = ("07FFB0018014D2", frame(f"00 B0 94 01 0306{SLI}"))
        reader, line = reader_on(clock, (INVENTORY, frame(f"00 B0 94 01 0306{SLI}")), more)
        assert reader.inventory().collision
        assert line.done

    @pytest.mark.parametrize("status", ["83", "93"])
    def test_what_could_not_be_resolved_is_a_collision(self, clock: FakeClock, status: str) -> None:
        reader, _ = reader_on(clock, (INVENTORY, frame(f"00 B0 {status}")))
        inventory = reader.inventory()
        assert (inventory.tags, inventory.collision) == ((), True)

    def test_before_a_tag_is_called_gone_the_reader_must_be_set_as_it_was(self, clock: FakeClock) -> None:
        seen = (INVENTORY, frame(f"00 B0 00 01 0306{SLI}"))
        ont = (frame("FF 80 05"), frame("00 80 00" + CFG5_ONT))
        reader, line = reader_on(
            clock,
            seen,
            (INVENTORY, NO_TAG),  # ONT is in force again: the tag was reported once
            GREETING[2],
            ont,
            (frame("FF 81 05" + CFG5), frame("00 81 00")),
            GREETING[3],
            seen,
            (INVENTORY, NO_TAG),  # this tag has really left
            *GREETING[2:],
            (INVENTORY, NO_TAG),
        )
        assert [len(reader.inventory().tags) for _ in range(4)] == [1, 1, 0, 0]
        assert line.done


class TestReadingAndWriting:
    def test_with_the_size_known_32_blocks_go_at_once(self, clock: FakeClock) -> None:
        block = "00 04030201"
        reader, line = reader_on(
            clock,
            (frame(f"FF B0 2B 01 {SLIX}"), frame(f"00 B0 00 00 {SLIX} DA 041C 01")),
            (frame(f"FF B0 23 09 {SLIX} 00 1C"), frame("00 B0 00 1C 04" + block * 27 + "01 04030201")),
        )
        information = reader.system_information(SLIX)
        read = reader.read_blocks(SLIX, 0, information.block_count)
        assert read.data == bytes((1, 2, 3, 4)) * 28
        assert read.locked == (False,) * 27 + (True,)
        assert line.done

    def test_with_the_size_unknown_four_blocks_first(self, clock: FakeClock) -> None:
        block = "00 0807060504030201"
        reader, line = reader_on(
            clock,
            (frame(f"FF B0 23 09 {SLIX} 02 04"), frame("00 B0 00 04 08" + block * 4)),
            (frame(f"FF B0 23 09 {SLIX} 06 10"), frame("00 B0 00 10 08" + block * 16)),
        )
        assert reader.read_blocks(SLIX, 2, 20).data == bytes(range(1, 9)) * 20
        assert line.done

    def test_the_locks_of_an_sli_are_asked_for_by_themselves(self, clock: FakeClock) -> None:
        """H20800-16e 9.1.7: reads of an SLI never report locks, so that SEC is not requested either."""
        reader, line = reader_on(
            clock,
            (frame(f"FF B0 23 01 {SLI} 02 02"), frame("00 B0 00 02 04 00 04030201 00 08070605")),
            (frame(f"FF B0 2C 01 {SLI} 02 02"), frame("00 B0 00 02 00 01")),
        )
        read = reader.read_blocks(SLI, 2, 2)
        assert (read.data, read.locked) == (bytes(range(1, 9)), (False, True))
        assert line.done

    @pytest.mark.parametrize(("there", "error"), [("00 01 04 00 04030201", None), ("01", TagAbsent)])
    def test_silence_to_that_question_is_followed_by_a_look(
        self, clock: FakeClock, there: str, error: type[Exception] | None
    ) -> None:
        """Each question is asked twice: one silence could be chance (`silence.answered`)."""
        reader, line = reader_on(
            clock,
            (frame(f"FF B0 23 01 {SLI} 02 01"), frame("00 B0 00 01 04 00 04030201")),
            *[(frame(f"FF B0 2C 01 {SLI} 02 01"), frame("00 B0 01"))] * 2,
            *[(frame(f"FF B0 23 01 {SLI} 00 01"), frame(f"00 B0 {there}"))] * (1 if error else 2),
        )
        if error:
            with pytest.raises(error):
                reader.read_blocks(SLI, 2, 1)
        else:
            assert reader.read_blocks(SLI, 2, 1).locked == ()
        assert line.done

    @pytest.mark.parametrize(("status", "times"), [("80", 2), ("95 01", 1)])
    def test_where_they_cannot_be_asked_for_they_are_not_known(self, clock: FakeClock, status: str, times: int) -> None:
        """If the reader refuses the command, it is asked once more."""
        reader, line = reader_on(
            clock,
            (frame(f"FF B0 23 01 {SLI} 02 01"), frame("00 B0 00 01 04 00 04030201")),
            *[(frame(f"FF B0 2C 01 {SLI} 02 01"), frame(f"00 B0 {status}"))] * times,
        )
        assert reader.read_blocks(SLI, 2, 1).locked == ()
        assert line.done

    def test_writes_are_split_at_128_bytes_and_reversed_block_by_block(self, clock: FakeClock) -> None:
        reader, line = reader_on(
            clock,
            (frame(f"FF B0 24 01 {SLI} 02 20 04" + "04030201" * 32), DONE),
            (frame(f"FF B0 24 01 {SLI} 22 01 04" + "04030201"), DONE),
        )
        reader.write_blocks(SLI, 2, bytes((1, 2, 3, 4)) * 33, 4)
        assert line.done

    @pytest.mark.parametrize(
        "ask",
        [
            lambda reader: reader.write_blocks(SLI, 0, bytes(5), 4),
            lambda reader: reader.write_blocks(SLI, 0, b"", 4),
            lambda reader: reader.write_blocks(SLI, 0, bytes(4), 0),
            lambda reader: reader.write_blocks(SLI, 240, bytes(4 * 40), 4),
            lambda reader: reader.read_blocks(SLI, 0, 0),
            lambda reader: reader.lock_block(SLI, 256),
            lambda reader: reader.write_afi(SLI, -1),
        ],
    )
    def test_nonsense_is_refused_before_a_byte_is_sent(
        self, clock: FakeClock, ask: Callable[[FeigReader], None]
    ) -> None:
        reader, line = reader_on(clock)
        sent = len(line.written)
        with pytest.raises(LocalProtocolError):
            ask(reader)
        assert len(line.written) == sent

    def test_the_tags_own_refusal_has_its_number_and_block(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (frame(f"FF B0 24 01 {SLI} 05 01 04 00000000"), "0800B0951205FC09"))
        with pytest.raises(TagRefused) as caught:
            reader.write_blocks(SLI, 5, bytes(4), 4)
        assert (caught.value.iso_error, caught.value.block) == (0x12, 5)

    @pytest.mark.parametrize(
        ("look", "error"),
        [("00 B0 01", TagAbsent), ("00 B0 02", TagAbsent), ("00 B0 00 01 04 00 00000000", TagRefused)],
    )
    def test_a_write_error_is_followed_by_a_look_at_the_tag(
        self, clock: FakeClock, look: str, error: type[Exception]
    ) -> None:
        reader, line = reader_on(
            clock,
            (frame(f"FF B0 24 01 {SLI} 05 02 04 0000000000000000"), frame("00 B0 03 06")),
            (frame(f"FF B0 23 01 {SLI} 00 01"), frame(look)),
        )
        with pytest.raises(error) as caught:
            reader.write_blocks(SLI, 5, bytes(8), 4)
        assert line.done
        if isinstance(caught.value, TagRefused):
            assert (caught.value.iso_error, caught.value.block) == (0x13, 6)

    @pytest.mark.parametrize("status", ["0E", "11", "81"])
    def test_the_readers_own_refusal(self, clock: FakeClock, status: str) -> None:
        reader, _ = reader_on(clock, (WRITE_AFI, frame(f"00 B0 {status}")), ASK_NOBODY)
        with pytest.raises(ReaderRefused) as caught:
            reader.write_afi(SLI, 0xC2)
        assert caught.value.status == int(status, 16)


class TestTheFence:
    """After a doubtful exchange the version is requested first, so that no late answer is taken for the next."""

    def test_a_late_answer_is_not_the_next_ones(self, clock: FakeClock) -> None:
        reader, line = reader_on(
            clock, (WRITE_AFI, ""), (VERSION[0], DONE + VERSION[1]), ASK_NOBODY, (WRITE_AFI, frame("00 B0 95 12"))
        )
        with pytest.raises(ReaderSilent):
            reader.write_afi(SLI, 0xC2)
        with pytest.raises(TagRefused):
            reader.write_afi(SLI, 0xC2)
        assert line.done

    def test_a_late_answer_that_is_already_here_is_thrown_away(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (WRITE_AFI, ""), VERSION, ASK_NOBODY, (WRITE_AFI, frame("00 B0 95 12")))
        with pytest.raises(ReaderSilent):
            reader.write_afi(SLI, 0xC2)
        line.arrive(DONE)
        with pytest.raises(TagRefused):
            reader.write_afi(SLI, 0xC2)
        # The waiting bytes were noticed, but the fence had already dealt with them.
        assert line.done

    def test_an_answer_sent_twice_raises_a_fence(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (WRITE_AFI, DONE + DONE), VERSION, (WRITE_AFI, DONE), (WRITE_AFI, DONE))
        for _ in range(3):
            reader.write_afi(SLI, 0xC2)
        assert line.done

    @for_each("bit", range(48))
    def test_a_garbled_answer_is_an_unknown_outcome_and_raises_a_fence(self, clock: FakeClock, bit: int) -> None:
        garbled = bytearray.fromhex(DONE)
        garbled[bit // 8] ^= 1 << bit % 8
        # After the fence the driver checks the reader's configuration: the reader may have restarted.
        reader, line = reader_on(clock, (WRITE_AFI, garbled.hex()), VERSION, *GREETING[2:], (INVENTORY, NO_TAG))
        with pytest.raises(RemoteProtocolError):
            reader.write_afi(SLI, 0xC2)
        reader.inventory()
        assert line.done

    def test_a_fence_that_gets_no_answer_keeps_the_command_from_being_sent(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (WRITE_AFI, ""), (VERSION[0], ""), VERSION, ASK_NOBODY, (WRITE_AFI, DONE))
        for _ in range(2):
            with pytest.raises(ReaderSilent):
                reader.write_afi(SLI, 0xC2)
        reader.write_afi(SLI, 0xC2)
        assert line.done


class TestTime:
    def test_at_least_5_ms_lie_between_an_answer_and_the_next_question(self, clock: FakeClock) -> None:
        _, line = reader_on(clock)
        gaps = [later - earlier for earlier, later in zip(line.at, line.at[1:], strict=False)]
        assert all(gap >= 0.005 - 1e-9 for gap in gaps)

    def test_no_time_is_lost_when_they_have_passed_already(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (INVENTORY, NO_TAG))
        clock.pause(1)
        before = clock.monotonic()
        reader.inventory()
        assert clock.monotonic() == before
        assert line.done

    def test_silence_is_waited_for_a_little_longer_than_the_reader_may_take(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (INVENTORY, ""))
        before = clock.monotonic()
        with pytest.raises(ReaderSilent):
            reader.inventory()
        assert SETTINGS.answer_ms / 1000 < clock.monotonic() - before < SETTINGS.answer_ms / 1000 + 0.6


SENT = {Signal.GOOD: "0011 0000 0002", Signal.WARNING: "003C 0000 0006", Signal.BAD: "0014 0000 000A"}
"""OS, OSF and OS-TIME of Set Output, by signal."""


class TestSignal:
    @pytest.mark.parametrize(("signal", "data"), SENT.items())
    def test_each_differs_in_rhythm(self, clock: FakeClock, signal: Signal, data: str) -> None:
        reader, line = reader_on(clock, (frame(f"FF 71 {data} 0000"), frame("00 71 00")))
        reader.signal(signal)
        assert line.done

    def test_the_buzzers_rhythms_are_told_apart_by_ear(self) -> None:
        """The data of Set Output in `SENT`, decoded by the manual into the milliseconds of each burst. Bits 5-4 of OS
        are the beeper: 01 on, 11 flashing. Bits 5-4 of OSF are its rate: 00 = 5 Hz, halved with each step. OS-TIME is
        in 100 ms.
        """
        assert set(SENT) == set(Signal)
        rhythms = {}
        for signal, data in SENT.items():
            os, osf, tenths = (int(word, 16) for word in data.split())
            state, total, half = os >> 4 & 3, tenths * 100, 100 << (osf >> 4 & 3)
            assert state in (1, 3) and total, f"{signal} is not audible"
            rhythms[signal] = [total] if state == 1 else [half] * (total // (2 * half))
        assert rhythms == {Signal.GOOD: [200], Signal.WARNING: [100, 100, 100], Signal.BAD: [1000]}
        for one, two in itertools.combinations(rhythms.values(), 2):
            assert len(one) != len(two) or max(one) > 3 * max(two) or max(two) > 3 * max(one)

    def test_a_reader_without_lamps_is_no_error(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (frame("FF 71 0011 0000 0002 0000"), frame("00 71 80")))
        reader.signal(Signal.GOOD)
