"""The idle screen names items that still need work, however narrow it is."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.domain.item import Unjudged
from station.domain.lately import DoneItem, Ended, Lately
from station.domain.snapshot import Snapshot
from station.tui.drawing import lately
from station.tui.drawing.draw import Lines

TITLE = "Concerto for theremin and village band"


def text(lines: Lines) -> str:
    return "\n".join(line.plain for line in lines)


def test_what_waits_is_named_even_if_it_does_not_fit_uncut() -> None:
    waits = Snapshot(unjudged=(Unjudged("31234000000016", 1, TITLE),), lately=Lately(sound_checked=False))
    shown = text(lately.needs(waits, 48, 4))
    assert "No verdict yet: Concerto" in shown
    assert "Check sounds" in shown


def test_an_item_that_was_set_aside_says_so_with_its_reason_if_there_is_room() -> None:
    item = DoneItem(
        "14:04", "31234000000016", TITLE, Ended.SET_ASIDE, "M1", Sentence.verbatim("This item already has a tag.")
    )
    narrow, wide = (text(lately.last_items(Lately(items=(item,)), width, 5)) for width in (46, 110))
    assert "»  2:04 PM Set aside: Concerto" in narrow
    assert TITLE in wide
    assert "Set aside: This item already has a tag." in wide


def test_a_file_of_the_site_that_is_not_used_is_named_with_its_line() -> None:
    waits = Snapshot(
        unusable=(Sentence.verbatim("rules.toml, line 4: own: no such field"),), lately=Lately(sound_checked=True)
    )
    assert "Not used: rules.toml, line 4: own:" in text(lately.needs(waits, 60, 4))


def test_a_title_is_not_cut_while_columns_are_free() -> None:
    title = "Imaginary Communities of the Northern Coast, revised"
    item = DoneItem("14:04", "31234000000016", title, Ended.PASS, "M1")
    assert title in text(lately.last_items(Lately(items=(item,)), 76, 5))


def test_an_item_that_a_person_set_aside_needs_no_reason() -> None:
    item = DoneItem("14:04", "31234000000016", TITLE, Ended.SET_ASIDE, "M1", Sentence("detail.set-aside"))
    assert text(lately.last_items(Lately(items=(item,)), 110, 5)).split("│")[1].rstrip().endswith(" Set aside")


def test_two_volumes_are_told_apart_by_the_end_of_their_call_numbers() -> None:
    volumes = [
        DoneItem("14:04", number, f"{TITLE}, with historical notes", Ended.PASS, f"DP402.F3 F37 2018 {volume}")
        for number, volume in (("31234000000016", "v.1"), ("31234000000024", "v.2"))
    ]
    shown = text(lately.last_items(Lately(items=tuple(volumes)), 64, 5))
    assert "F37 2018 v.1" in shown and "F37 2018 v.2" in shown
