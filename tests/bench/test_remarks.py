"""Remarks end by themselves: a notice with its step or after ten seconds, a wrong scan after three."""

from __future__ import annotations

import pytest

from station.bench.remarks import NOTICE_SECONDS, WRONG_SCAN_SECONDS
from station.catalog.record.publisher_number import publisher_kind
from station.domain.snapshot import Light, Phase, Sound
from tests.support.simulated_bench import BOOK, CATALOG, OTHER, Rig
from tests.support.told import told


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.look()
    return made


def later(rig: Rig, seconds: float) -> None:
    rig.clock.pause(seconds)
    rig.look()


def test_another_item_scanned_in_mid_check_is_amber_with_sound_and_both_titles(rig: Rig) -> None:
    """It is the strongest sign that two items were mixed up."""
    rig.scan(BOOK)
    assert rig.place(rig.world.tag(1)).phase is Phase.CHECKING
    now = rig.scan(OTHER)
    assert (now.phase, now.light, now.wrong_scan, now.sound) == (
        Phase.CHECKING,
        Light.WARNING,
        "other-item",
        Sound.WARNING,
    )
    assert all(CATALOG[barcode].title in told(now.notice.sentence) for barcode in (BOOK, OTHER))
    assert now.item is not None and now.item.barcode == BOOK


def test_a_wrong_scan_is_amber_for_three_seconds(rig: Rig) -> None:
    before = rig.now
    now = rig.scan("12345")
    assert (now.phase, now.light, now.wrong_scan, now.sound) == (Phase.IDLE, Light.WARNING, "malformed", Sound.WARNING)
    assert told(now.prompt) != told(before.prompt)
    later(rig, WRONG_SCAN_SECONDS)
    assert (rig.now.light, rig.now.wrong_scan, told(rig.now.prompt)) == (before.light, "", told(before.prompt))
    assert rig.now.notice.code == "barcode-malformed", "the reason can still be read"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("9780306406157", "isbn"),
        ("978030640615751995", "isbn"),
        ("0-306-40615-2", "isbn"),
        ("9790260000438", "ismn"),
        ("9770317847001", "issn"),
        ("036000291452", "upc"),
        ("4006381333931", "ean"),
        ("9780306406158", ""),
        ("12345", ""),
    ],
)
def test_a_publishers_barcode_is_named(text: str, kind: str) -> None:
    assert publisher_kind(text) == kind


def test_an_isbn_is_answered_with_what_to_scan(rig: Rig) -> None:
    now = rig.scan("9780306406157")
    assert now.wrong_scan == "isbn"
    assert told(now.prompt) == "That is the publisher's barcode (ISBN). Scan the library's barcode."


def test_a_wrong_scan_hides_no_stop(rig: Rig) -> None:
    rig.scan("31234000000065")
    stopped = rig.now
    assert stopped.fault is not None
    rig.scan("12345")
    assert (told(rig.now.prompt), rig.now.wrong_scan) == (told(stopped.prompt), "")


def test_a_notice_ends_after_ten_seconds(rig: Rig) -> None:
    rig.scan("12345")
    later(rig, NOTICE_SECONDS - 1)
    assert rig.now.notice.code
    later(rig, 1)
    assert not rig.now.notice.code


def test_a_notice_ends_with_its_step(rig: Rig) -> None:
    rig.scan(BOOK)
    rig.scan(BOOK)
    assert rig.now.notice.code == "notice.scanned-already"
    rig.place(rig.world.tag(1))
    assert rig.now.phase is not Phase.NEED_TAG
    assert not rig.now.notice.code
