"""The 3M reader as the core sees it, against a script of literal bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.base.errors import (
    ChipUnfit,
    LocalProtocolError,
    NotPossible,
    PortLost,
    PortMissing,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    StationError,
    TagAbsent,
    TagRefused,
)
from station.base.settings import Reader
from station.domain.ports import Signal
from station.domain.tag_image import Uid
from station.drivers.threem.reader import ThreemReader
from tests.conftest import FakeClock
from tests.drivers.scripted_transport import Scripted
from tests.drivers.threem.frames import SLI, TI, sealed
from tests.support.for_each import for_each
from tests.support.told import told

SETTINGS = Reader(driver="3m")
PROBE = ("D500050400118C66", "D500090400110A0500027250")
VERSION = ("D60003116420", sealed("11 00 0A 03 02 06"))
INVENTORY = "D60005FE0007DA02"
EMPTY = sealed("FE 00 00 07 00")
WRITE_AFI = sealed(f"09 {SLI} C2")
DONE = sealed(f"09 00 {SLI}")
ASK_NOBODY = (sealed("09 E004000000000000 00"), sealed("09 06 E004000000000000"))
"""Write the AFI of a tag that is absent: shows that the reader has the command."""
LOOK = sealed(f"02 {SLI} 00 01")
THERE = sealed(f"02 00 {SLI} 01 00 00 00000000")
GONE = sealed(f"02 06 {SLI}")
GREETING = (PROBE,)
SLIX = Uid("E00401500000AB01")
STANDARD = Uid("E007C0000000AB01")
LRI64 = Uid("E00214000000AB01")
FUJITSU = Uid("E00801000000AB01")
SMALL = Uid("E00802000000AB01")
STRANGE = Uid("E02100000000AB01")


def reader_on(
    clock: FakeClock,
    *lines: tuple[str, str],
    greeting: tuple[tuple[str, str], ...] = GREETING,
    settings: Reader = SETTINGS,
) -> tuple[ThreemReader, Scripted]:
    """Return a connected reader and its line."""
    line = Scripted(clock, *greeting, *lines)
    reader = ThreemReader(lambda: line, clock, settings)
    reader.reconnect()
    return reader, line


class TestGreeting:
    def test_the_probe_of_the_known_clients(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock)
        assert line.done
        assert (reader.capabilities.name, reader.capabilities.firmware) == ("3M / Bibliotheca", "5.0.2")

    def test_the_version_command_of_the_manual_where_the_probe_is_not_answered(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (WRITE_AFI, ""), greeting=((PROBE[0], ""), (PROBE[0], ""), VERSION))
        assert reader.capabilities.firmware == "3.2.6"
        # The version command is the fence from then on.
        with pytest.raises(ReaderSilent):
            reader.write_afi(SLI, 0xC2)
        line = Scripted(clock, (PROBE[0], ""), (PROBE[0], ""), VERSION, (WRITE_AFI, ""), VERSION, (INVENTORY, EMPTY))
        reader = ThreemReader(lambda: line, clock, SETTINGS)
        reader.reconnect()
        with pytest.raises(ReaderSilent):
            reader.write_afi(SLI, 0xC2)
        reader.inventory()
        assert line.done

    def test_a_reader_in_the_middle_of_something_is_greeted_twice(self, clock: FakeClock) -> None:
        assert reader_on(clock, greeting=((PROBE[0], DONE + "D6"), PROBE))[1].done

    def test_another_makers_reader_is_called_what_it_says(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, greeting=((PROBE[0], sealed("04 00 11 0B 01 02 03", "D5")),))
        assert reader.capabilities.name == "3M protocol, family 0B"

    def test_a_silent_device_is_silent_and_its_port_is_given_back(self, clock: FakeClock) -> None:
        line = Scripted(clock, (PROBE[0], ""), (PROBE[0], ""), (VERSION[0], ""))
        reader = ThreemReader(lambda: line, clock, SETTINGS)
        for ask in (reader.reconnect, reader.inventory):
            with pytest.raises(ReaderSilent):
                ask()
        assert line.closed

    def test_a_device_that_speaks_another_language_is_not_used(self, clock: FakeClock) -> None:
        babble = "0600B000D572"
        line = Scripted(clock, (PROBE[0], babble), (PROBE[0], babble), (VERSION[0], babble))
        reader = ThreemReader(lambda: line, clock, SETTINGS)
        with pytest.raises(RemoteProtocolError):
            reader.reconnect()
        with pytest.raises(ReaderSilent):
            reader.inventory()

    def test_a_closed_reader_is_missing(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock)
        reader.close()
        reader.close()
        assert line.closed
        with pytest.raises(PortMissing):
            reader.inventory()


class TestTheCablePulled:
    def test_at_each_byte_of_a_conversation(self, clock: FakeClock) -> None:
        lines = (*GREETING, (INVENTORY, sealed(f"FE 00 00 07 01 06 {SLI}")), (WRITE_AFI, DONE))
        whole = sum(len(bytes.fromhex(answer)) for _, answer in lines)
        for at in range(whole):
            line = Scripted(clock, *lines, lost_after=at)
            reader = ThreemReader(lambda line=line: line, clock, SETTINGS)  # type: ignore[misc]
            with pytest.raises(PortLost):
                converse(reader)
            assert line.closed
            with pytest.raises(PortLost):
                reader.inventory()
        converse(ThreemReader(lambda: Scripted(clock, *lines, lost_after=whole), clock, SETTINGS))


def converse(reader: ThreemReader) -> None:
    reader.reconnect()
    reader.inventory()
    reader.write_afi(SLI, 0xC2)


class TestInventory:
    def test_an_empty_field_is_no_error(self, clock: FakeClock) -> None:
        assert reader_on(clock, (INVENTORY, EMPTY))[0].inventory().tags == ()

    def test_the_same_tag_twice_counts_once(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (INVENTORY, sealed(f"FE 00 00 07 03 06 {SLI} 3E {TI} 06 {SLI}")))
        inventory = reader.inventory()
        assert [(tag.uid, tag.dsfid) for tag in inventory.tags] == [(SLI, 6), (TI, 0x3E)]
        assert not inventory.collision

    def test_a_tag_it_transponder_is_something_that_is_not_resolved(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (INVENTORY, sealed("FE 00 00 07 01 00 00000000 1A23B59F")))
        inventory = reader.inventory()
        assert (inventory.tags, inventory.collision) == ((), True)

    def test_firmware_without_the_dsfid_option_is_asked_tag_by_tag(self, clock: FakeClock) -> None:
        plain = ("D60005FE0005FA40", sealed(f"FE 00 00 05 02 {SLI} {TI}"))
        dsfid = ((sealed(f"0F {SLI}"), sealed(f"0F 00 {SLI} 06")), (sealed(f"0F {TI}"), sealed(f"0F 30 {TI}")))
        reader, line = reader_on(clock, (INVENTORY, sealed("FE 31")), plain, *dsfid, plain, *dsfid)
        for _ in range(2):  # the option is not tried again
            assert [(tag.uid, tag.dsfid) for tag in reader.inventory().tags] == [(SLI, 6), (TI, 0)]
        assert line.done

    def test_any_other_refusal_is_told(self, clock: FakeClock) -> None:
        with pytest.raises(ReaderRefused) as caught:
            reader_on(clock, (INVENTORY, sealed("FE FE")))[0].inventory()
        assert caught.value.status == 0xFE


class TestReadingAndWriting:
    @pytest.mark.parametrize(
        ("passed", "look", "known"),
        [
            ("83 0003 00 0001", "", (False, True)),
            ("83 0002 01 01", "", ()),
            ("83 0002 00 00", "", ()),
            ("00 0000", "00 {SLI} 01 00 00 01020304", ()),
            ("00 0000", "06 {SLI}", None),
        ],
    )
    def test_the_locks_of_an_sli_are_asked_for_by_themselves(
        self, clock: FakeClock, passed: str, look: str, known: tuple[bool, ...] | None
    ) -> None:
        """Cases: the locks are known; the tag refuses; another length; silence of a tag that is there; silence of a tag
        that has left.
        """
        air = "22 2C 01AB1200000104E0 00 01"
        times = 2 if look else 1
        reader, line = reader_on(
            clock,
            (sealed(f"02 {SLI} 00 02 04"), sealed(f"02 00 {SLI} 00 02 00 01020304 00 01020304")),
            *[(sealed(f"14 000C 0003 0000 {air}"), sealed(f"14 00 {passed}"))] * times,
            *[(LOOK, sealed(f"02 {look.format(SLI=SLI)}"))] * (0 if not look else 1 if known is None else 2),
        )
        if known is None:
            with pytest.raises(TagAbsent):
                reader.read_blocks(SLI, 0, 2)
        else:
            assert reader.read_blocks(SLI, 0, 2).locked == known
        assert line.done

    def test_writes_are_split_and_keep_the_order_of_memory(self, clock: FakeClock) -> None:
        content = bytes(range(40))
        reader, line = reader_on(
            clock,
            (sealed(f"04 {SLI} 02 08 00 {content[:32].hex()}"), sealed(f"04 00 {SLI} 0A")),
            (sealed(f"04 {SLI} 0A 02 00 {content[32:].hex()}"), sealed(f"04 00 {SLI}")),
        )
        reader.write_blocks(SLI, 2, content, 4)
        assert line.done

    def test_a_block_that_could_not_be_read_has_its_error(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (sealed(f"02 {SLI} 00 02 04"), sealed(f"02 00 {SLI} 00 02 00 01020304 11")))
        with pytest.raises(TagRefused) as caught:
            reader.read_blocks(SLI, 0, 2)
        assert (caught.value.iso_error, caught.value.block) == (0x10, 1)

    def test_system_information(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (sealed(f"0D {SLI} 0F"), sealed(f"0D 00 {SLI} 0F 06 07 03 1B 0001")))
        information = reader.system_information(SLI)
        assert (information.block_size, information.block_count) == (4, 28)
        assert (information.dsfid, information.afi, information.ic_reference) == (6, 7, 1)

    @pytest.mark.parametrize(
        ("looks", "error"), [([THERE, THERE], TagRefused), ([THERE, GONE], TagAbsent), ([GONE], TagAbsent)]
    )
    def test_a_tag_without_system_information_is_not_called_absent(
        self, clock: FakeClock, looks: list[str], error: type[Exception]
    ) -> None:
        silent = [(sealed(f"0D {SLI} 0F"), sealed(f"0D 06 {SLI}"))] * 2
        reader, line = reader_on(clock, *silent, *((LOOK, look) for look in looks))
        with pytest.raises(error):
            reader.system_information(SLI)
        assert line.done

    def test_a_tag_that_does_not_tell_its_size_is_refused(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (sealed(f"0D {SLI} 0F"), sealed(f"0D 00 {SLI} 02 DA")))
        with pytest.raises(TagRefused):
            reader.system_information(SLI)

    @pytest.mark.parametrize(
        "ask",
        [
            lambda reader: reader.write_blocks(SLI, 0, bytes(5), 4),
            lambda reader: reader.write_blocks(SLI, 0, b"", 4),
            lambda reader: reader.write_blocks(SLI, 0, bytes(4), 0),
            lambda reader: reader.write_blocks(SLI, 250, bytes(4 * 40), 4),
            lambda reader: reader.read_blocks(SLI, 0, 0),
            lambda reader: reader.lock_block(SLI, 256),
            lambda reader: reader.write_afi(SLI, -1),
            lambda reader: reader.write_afi(Uid("E004"), 1),
        ],
    )
    def test_nonsense_is_refused_before_a_byte_is_sent(
        self, clock: FakeClock, ask: Callable[[ThreemReader], None]
    ) -> None:
        reader, line = reader_on(clock)
        sent = len(line.written)
        with pytest.raises(LocalProtocolError):
            ask(reader)
        assert len(line.written) == sent

    @pytest.mark.parametrize(
        ("ask", "error", "words"),
        [
            (lambda reader: reader.write_blocks(SLI, 0, bytes(8), 8), NotPossible, "blocks of 8"),
            (lambda reader: reader.write_blocks(FUJITSU, 0, bytes(8), 4), NotPossible, "blocks of 8"),
            (lambda reader: reader.read_blocks(FUJITSU, 0, 1), NotPossible, "blocks of 8"),
            (lambda reader: reader.write_eas(TI, True), ChipUnfit, "EAS"),
            (lambda reader: reader.read_eas(TI), ChipUnfit, "EAS"),
            (lambda reader: reader.write_afi(STANDARD, 7), ChipUnfit, "AFI"),
            (lambda reader: reader.write_dsfid(STANDARD, 7), ChipUnfit, "DSFID"),
            (lambda reader: reader.lock_block(LRI64, 0), ChipUnfit, "lockable"),
        ],
    )
    def test_what_reader_or_chip_cannot_do_is_refused_with_a_sentence_before_a_byte_is_sent(
        self, clock: FakeClock, ask: Callable[[ThreemReader], None], error: type[StationError], words: str
    ) -> None:
        reader, line = reader_on(clock)
        sent = len(line.written)
        with pytest.raises(error) as caught:
            ask(reader)
        assert words in told(caught.value.sentence)
        assert len(line.written) == sent

    def test_a_chip_that_takes_two_blocks_gets_two_and_an_unknown_one_one(self, clock: FakeClock) -> None:
        reader, line = reader_on(
            clock,
            (sealed(f"04 {SMALL} 00 02 00 0000000000000000"), sealed(f"04 00 {SMALL} 02")),
            (sealed(f"04 {SMALL} 02 01 00 00000000"), sealed(f"04 00 {SMALL} 03")),
            (sealed(f"02 {STRANGE} 00 01 04"), sealed(f"02 00 {STRANGE} 00 01 00 01020304")),
            (sealed(f"02 {STRANGE} 01 01 04"), sealed(f"02 00 {STRANGE} 01 01 00 05060708")),
        )
        reader.write_blocks(SMALL, 0, bytes(12), 4)
        assert reader.read_blocks(STRANGE, 0, 2).data == bytes(range(1, 9))
        assert line.done

    def test_a_tag_known_to_have_other_blocks_is_neither_read_nor_written(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (sealed(f"0D {SLI} 0F"), sealed(f"0D 00 {SLI} 04 07 1F")))
        assert reader.system_information(SLI).block_size == 8
        with pytest.raises(NotPossible):
            reader.read_blocks(SLI, 0, 2)
        with pytest.raises(NotPossible):
            reader.write_blocks(SLI, 0, bytes(8), 4)
        assert line.done

    def test_the_tags_own_refusal_has_its_number_and_block(self, clock: FakeClock) -> None:
        reader, _ = reader_on(clock, (sealed(f"04 {SLI} 05 01 00 00000000"), sealed(f"04 12 {SLI} 05")))
        with pytest.raises(TagRefused) as caught:
            reader.write_blocks(SLI, 5, bytes(4), 4)
        assert (caught.value.iso_error, caught.value.block) == (0x12, 5)

    @pytest.mark.parametrize(
        ("look", "error"), [(GONE, TagAbsent), (sealed(f"02 15 {SLI}"), TagAbsent), (THERE, TagRefused)]
    )
    def test_not_put_is_followed_by_a_look_at_the_tag(
        self, clock: FakeClock, look: str, error: type[Exception]
    ) -> None:
        reader, line = reader_on(
            clock, (sealed(f"04 {SLI} 05 02 00 0000000000000000"), sealed(f"04 16 {SLI} 06")), (LOOK, look)
        )
        with pytest.raises(error) as caught:
            reader.write_blocks(SLI, 5, bytes(8), 4)
        assert line.done
        if isinstance(caught.value, TagRefused):
            assert (caught.value.iso_error, caught.value.block) == (0x13, 6)

    @pytest.mark.parametrize("code", ["02", "31", "32", "FD", "FE"])
    def test_the_readers_own_refusal(self, clock: FakeClock, code: str) -> None:
        reader, _ = reader_on(clock, (WRITE_AFI, sealed(f"09 {code} {SLI}")), ASK_NOBODY)
        with pytest.raises(ReaderRefused) as caught:
            reader.write_afi(SLI, 0xC2)
        assert caught.value.status == int(code, 16)


class TestEas:
    CHECK = sealed(f"03 {SLI}")
    OFF = sealed(f"03 06 {SLI} 00")

    def test_on(self, clock: FakeClock) -> None:
        assert reader_on(clock, (self.CHECK, sealed(f"03 00 {SLI} 01")))[0].read_eas(SLI) is True

    @pytest.mark.parametrize("off", [OFF, sealed("03 06")])
    def test_off_and_absent_are_the_same_words_and_a_look_tells_which(self, clock: FakeClock, off: str) -> None:
        silent = [(self.CHECK, off)] * 2
        reader, line = reader_on(clock, *silent, (LOOK, THERE), (LOOK, THERE), *silent, (LOOK, GONE))
        assert reader.read_eas(SLI) is False
        with pytest.raises(TagAbsent):
            reader.read_eas(SLI)
        assert line.done

    def test_one_alarm_that_was_not_heard_is_not_off(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (self.CHECK, self.OFF), (self.CHECK, sealed(f"03 00 {SLI} 01")))
        assert reader.read_eas(SLI) is True
        assert line.done

    def test_one_look_that_was_not_answered_is_no_proof_of_off(self, clock: FakeClock) -> None:
        silent = [(self.CHECK, self.OFF)] * 2
        reader, line = reader_on(clock, *silent, (LOOK, THERE), (LOOK, GONE))
        with pytest.raises(TagAbsent):
            reader.read_eas(SLI)
        assert line.done

    @pytest.mark.parametrize("on", [True, False])
    def test_is_switched(self, clock: FakeClock, on: bool) -> None:
        reader, line = reader_on(clock, (sealed(f"0C {SLI} {int(on):02X}"), sealed(f"0C 00 {SLI}")))
        reader.write_eas(SLI, on)
        assert line.done


class TestPassThrough:
    BACKWARDS = bytes.fromhex(SLI)[::-1].hex()

    def test_a_custom_command_has_the_makers_code_before_the_address(self, clock: FakeClock) -> None:
        request = sealed(f"14 000B 0021 0000 22 AB 04 {self.BACKWARDS}")
        reader, _ = reader_on(clock, (request, sealed("14 00 03 0003 00 1122")))
        assert reader.air(SLI, 0xAB, b"\x04", 32) == b"\x11\x22"

    def test_texas_instruments_get_option_flag_and_end_of_frame(self, clock: FakeClock) -> None:
        backwards = bytes.fromhex(TI)[::-1].hex()
        request = sealed(f"14 000B 0002 3423 62 27 {backwards} C2")
        reader, line = reader_on(clock, (request, sealed("14 00 03 0001 00")))
        assert reader.air(TI, 0x27, b"\xc2", 0, writes=True) == b""
        assert line.done

    @pytest.mark.parametrize(("answer", "error"), [("0002 01 12", TagRefused), ("0000", TagAbsent)])
    def test_the_tags_own_words(self, clock: FakeClock, answer: str, error: type[Exception]) -> None:
        request = sealed(f"14 000B 0002 1423 22 27 {self.BACKWARDS} C2")
        reader, _ = reader_on(clock, (request, sealed(f"14 00 03 {answer}")))
        with pytest.raises(error):
            reader.air(SLI, 0x27, b"\xc2", 0, writes=True)


class TestTheFence:
    """After a doubtful exchange the probe is sent first, so that a late answer is not taken for the next answer."""

    def test_a_late_answer_is_not_the_next_ones(self, clock: FakeClock) -> None:
        reader, line = reader_on(
            clock, (WRITE_AFI, ""), (PROBE[0], DONE + PROBE[1]), ASK_NOBODY, (WRITE_AFI, sealed("09 12"))
        )
        with pytest.raises(ReaderSilent):
            reader.write_afi(SLI, 0xC2)
        with pytest.raises(TagRefused):
            reader.write_afi(SLI, 0xC2)
        assert line.done

    def test_an_answer_sent_twice_raises_a_fence_before_the_next_question(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (WRITE_AFI, DONE + DONE), PROBE, (WRITE_AFI, DONE), (WRITE_AFI, DONE))
        for _ in range(3):
            reader.write_afi(SLI, 0xC2)
        assert line.done

    def test_bytes_that_nobody_asked_for_raise_a_fence(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (WRITE_AFI, DONE), PROBE, (WRITE_AFI, sealed(f"09 12 {SLI}")))
        reader.write_afi(SLI, 0xC2)
        line.arrive(DONE)
        with pytest.raises(TagRefused):
            reader.write_afi(SLI, 0xC2)
        assert line.done

    @for_each("bit", range(8 * len(bytes.fromhex(DONE))))
    def test_a_garbled_answer_is_an_unknown_outcome_and_raises_a_fence(self, clock: FakeClock, bit: int) -> None:
        garbled = bytearray.fromhex(DONE)
        garbled[bit // 8] ^= 1 << bit % 8
        reader, line = reader_on(clock, (WRITE_AFI, garbled.hex()), PROBE, (INVENTORY, EMPTY))
        with pytest.raises(RemoteProtocolError):
            reader.write_afi(SLI, 0xC2)
        reader.inventory()
        assert line.done

    def test_a_fence_that_gets_no_answer_keeps_the_command_from_being_sent(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (WRITE_AFI, ""), (PROBE[0], ""), PROBE, ASK_NOBODY, (WRITE_AFI, DONE))
        for _ in range(2):
            with pytest.raises(ReaderSilent):
                reader.write_afi(SLI, 0xC2)
        reader.write_afi(SLI, 0xC2)
        assert line.done


def test_silence_is_waited_for_a_little_longer_than_the_reader_may_take(clock: FakeClock) -> None:
    reader, _ = reader_on(clock, (WRITE_AFI, ""))
    before = clock.monotonic()
    with pytest.raises(ReaderSilent):
        reader.write_afi(SLI, 0xC2)
    assert SETTINGS.answer_ms / 1000 < clock.monotonic() - before < SETTINGS.answer_ms / 1000 + 1


def test_no_field_reset_and_no_lamp_are_declared_and_send_nothing(clock: FakeClock) -> None:
    reader, line = reader_on(clock)
    assert not reader.capabilities.can_reset_field
    assert not reader.capabilities.can_signal
    assert reader.capabilities.can_lock
    assert reader.capabilities.can_eas
    assert reader.capabilities.block_sizes == (4,)
    reader.reset_field()
    reader.signal(Signal.GOOD)
    assert len(line.written) == 1
