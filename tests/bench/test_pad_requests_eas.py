"""Security with an EAS bit, as Alma's page requests it: AFI and bit change together, are read back after the field was
off, are refused if reader or chip has no EAS, and are reported correctly."""

from __future__ import annotations

import dataclasses

import pytest

from station.base import errors
from station.base.settings import Settings
from station.bench import desk
from station.bench.item.tag_content import site_profile
from station.domain import events
from station.domain.commands import ReadPad, SetSecurity, UpdateItem
from station.domain.tag_image import Uid
from tests.bench.item.test_eas import EasReader
from tests.bench.test_bench import encoded
from tests.support.simulated_bench import BOOK, OTHER, Rig, SimReader, World
from tests.support.told import told

IN_STOCK, ON_LOAN = 0x07, 0xC2
NO_EAS = Uid("E007000000000001")
"""Texas Instruments: a chip without an EAS bit."""


class Eas(Rig):
    """A rig with a reader that can switch EAS bits."""

    reader: EasReader

    @staticmethod
    def made(world: World) -> SimReader:  # type: ignore[override]
        return EasReader(world)


@pytest.fixture(autouse=True)
def with_eas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the EAS bit in the site's profile."""

    def profile(settings: Settings, text: str | None = None):
        return dataclasses.replace(site_profile(settings, text), eas=True)

    monkeypatch.setattr(desk, "site_profile", profile)


def secured(secure: bool, barcode: str = BOOK) -> SetSecurity:
    return SetSecurity(barcode=barcode, secure=secure, source="Alma")


def placed(rig: Rig, *, eas: bool) -> Uid:
    uid = rig.world.tag(1, **encoded(BOOK))
    if eas and isinstance(rig.reader, EasReader):
        rig.reader.eas.add(uid)
    rig.place(uid)
    return uid


def secure_of(rig: Rig) -> list[bool]:
    answer = rig.ask(ReadPad())
    assert answer.refusal is None
    return [tag.secure for tag in answer.tags]


def test_lent_and_returned_switches_both_and_says_so() -> None:
    rig = Eas()
    uid = placed(rig, eas=True)
    memory = bytes(rig.world.tags[uid].memory)
    assert secure_of(rig) == [True]
    for secure, afi in ((False, ON_LOAN), (True, IN_STOCK)):
        answer = rig.ask(secured(secure))
        assert answer.refusal is None and [tag.secure for tag in answer.tags] == [secure]
        assert (rig.world.tags[uid].afi, uid in rig.reader.eas) == (afi, secure)
        assert secure_of(rig) == [secure]
        verified = rig.journal.events[-1]
        assert isinstance(verified, events.SecurityWriteVerified)
        assert (verified.eas, verified.afi, verified.unchanged) == (secure, afi, False)
    assert bytes(rig.world.tags[uid].memory) == memory


def test_what_is_so_already_is_not_written_again() -> None:
    rig = Eas()
    placed(rig, eas=True)
    assert rig.ask(secured(True)).refusal is None
    last = rig.journal.events[-1]
    assert isinstance(last, events.SecurityWriteVerified) and last.unchanged
    assert rig.reader.writes == 0


def test_a_tag_whose_bit_is_off_is_not_called_secure_and_is_mended() -> None:
    rig = Eas()
    uid = placed(rig, eas=False)
    afi_writes = rig.world.write_commands
    assert secure_of(rig) == [False]
    assert rig.ask(secured(True)).refusal is None
    assert uid in rig.reader.eas and rig.world.write_commands == afi_writes, "the AFI was right and must not be written"
    assert secure_of(rig) == [True]


def test_a_bit_that_is_gone_after_the_field_was_off_is_not_called_done() -> None:
    rig = Eas()
    uid = placed(rig, eas=True)
    reset = rig.reader.reset_field

    def forgets() -> None:
        reset()
        rig.reader.eas.add(uid)

    rig.reader.reset_field = forgets  # type: ignore[method-assign]
    answer = rig.ask(secured(False))
    assert answer.refusal is not None and answer.refusal.code == errors.TagMismatch.code
    assert "not known" in told(answer.refusal.sentence)
    assert rig.journal.kinds()[-3:] == ["security-write-started", "security-write-interrupted", "pad-request-refused"]


def test_a_bit_that_does_not_stick_is_not_called_done() -> None:
    rig = Eas()
    placed(rig, eas=True)
    rig.reader.stuck = True
    answer = rig.ask(secured(False))
    assert answer.refusal is not None and answer.refusal.code == errors.TagMismatch.code


@pytest.mark.parametrize("what", ["reader", "chip"])
def test_where_it_cannot_be_done_nothing_is_written_and_the_reason_is_said(what: str) -> None:
    rig = Rig() if what == "reader" else Eas()
    other = rig.world.tag(2, **encoded(OTHER))
    uid = placed(rig, eas=False)
    if what == "chip":
        rig.world.tags[NO_EAS] = dataclasses.replace(rig.world.tags[uid], uid=NO_EAS)
        rig.world.lift()
        uid = NO_EAS
        rig.place(uid, other)
    before, writes = rig.world.tags[uid].image(), rig.world.write_commands
    assert True in secure_of(rig), "without a readable bit the AFI alone must decide"
    answer = rig.ask(secured(False))
    assert answer.refusal is not None and answer.refusal.code == errors.NotPossible.code
    assert "EAS" in told(answer.refusal.detail) and what in told(answer.refusal.detail)
    assert (rig.world.tags[uid].image(), rig.world.write_commands) == (before, writes)
    assert isinstance(rig.journal.events[-1], events.PadRequestRefused)


def test_a_set_with_one_chip_that_cannot_is_refused_before_the_first_is_changed() -> None:
    from tests.support.simulated_bench import DVD

    rig = Eas()
    first = rig.world.tag(1, **encoded(DVD, part=1, parts=2))
    rig.world.tags[NO_EAS] = dataclasses.replace(
        rig.world.tags[rig.world.tag(9, **encoded(DVD, part=2, parts=2))], uid=NO_EAS
    )
    rig.place(first, NO_EAS)
    answer = rig.ask(secured(False, DVD))
    assert answer.refusal is not None and answer.refusal.code == errors.NotPossible.code
    assert rig.world.tags[first].afi == IN_STOCK and rig.reader.writes == 0


def test_a_tag_written_anew_gets_its_bit() -> None:
    rig = Eas()
    uid = rig.world.tag(1)
    rig.place(uid)
    answer = rig.ask(UpdateItem(barcode=BOOK, secure=None, source="Alma"))
    assert answer.refusal is None and [tag.secure for tag in answer.tags] == [True]
    assert uid in rig.reader.eas
    answer = rig.ask(UpdateItem(barcode=BOOK, secure=False, source="Alma"))
    assert answer.refusal is None and [tag.secure for tag in answer.tags] == [False]
    assert (rig.world.tags[uid].afi, uid in rig.reader.eas) == (ON_LOAN, False)
