"""The newest write of a tag follows from what the benches found on it, whatever their clocks say."""

from __future__ import annotations

from random import Random

import pytest

from station.fleet.tag_order import BLANK, TagWrite, newest

ITEMS = ("", "30001000000010", "30001000000028", "30001000000036")


def content(item: str) -> bytes:
    return item.encode() or BLANK


def write(place: int, bench: str, found: str, item: str, at: str = "2026-12-01") -> TagWrite:
    """Write an item to a tag; "" = erase it."""
    return TagWrite(place, bench, bench, place, at, item, 1, 1, content(found), content(item))


def history(random: Random) -> list[TagWrite]:
    """Return what three benches with wrong clocks did to one tag, in order."""
    on_tag, done = "", []
    for place in range(random.randrange(1, 12)):
        item = random.choice([item for item in ITEMS if item != on_tag])
        done.append(write(place, random.choice("ABC"), on_tag, item, f"20{random.randrange(10, 99)}-01-01"))
        on_tag = item
    return done


@pytest.mark.parametrize("seed", range(500))
def test_the_newest_write_is_found_in_any_order_and_with_any_clocks(seed: int) -> None:
    random = Random(seed)
    done = history(random)
    shuffled = random.sample(done, len(done))

    found, certain = newest(shuffled)

    assert (found.barcode, certain) == (done[-1].barcode, True)


def test_a_write_that_is_not_known_yet_leaves_it_open() -> None:
    """What B erased has not arrived: A's write, or C's, may be the newest."""
    first, erased, last = (
        write(0, "A", "", ITEMS[1]),
        write(0, "B", ITEMS[1], ""),
        write(0, "C", "", ITEMS[2], "2001-01-01"),
    )
    assert newest([first, last]) == (first, False)
    assert newest([last, erased, first]) == (last, True)


def test_a_write_that_was_cut_off_leaves_it_open_until_a_later_one_ends_the_chain() -> None:
    first, last = write(0, "A", "", ITEMS[1]), write(0, "C", "half of each", ITEMS[2], "2001-01-01")
    cut_off = TagWrite(0, "B", "B", None, "2026-12-02", "", 0, 0, first.after, content(ITEMS[2]))
    looked = TagWrite(0, "A", "A", 1, "2026-12-01", ITEMS[1], 1, 1, None, None)

    assert newest([cut_off, first]) == (first, False)
    assert newest([cut_off, looked]) == (looked, False)
    assert newest([last, cut_off, first]) == (last, True)


def test_an_undo_brings_back_what_another_bench_wrote() -> None:
    first = write(0, "A", "", ITEMS[1])
    other = write(0, "B", ITEMS[1], ITEMS[2])
    undone = TagWrite(1, "B", "B", 1, "2026-12-02", "", 0, 0, other.after, other.before)

    assert newest([first, other, undone]) == (first, True)


def test_a_tag_that_was_found_as_it_should_be_carries_its_item() -> None:
    looked = TagWrite(0, "A", "A", 1, "2026-12-01", ITEMS[1], 1, 1, None, None)
    assert newest([looked]) == (looked, True)

    later = TagWrite(0, "B", "B", 1, "2026-12-02", ITEMS[2], 1, 1, b"of a vendor", content(ITEMS[2]))
    assert newest([looked, later]) == (later, True)


def test_a_destroyed_tag_of_another_bench_is_not_certain() -> None:
    tagged = write(0, "A", "", ITEMS[1])
    destroyed = TagWrite(0, "B", "B", 1, "2026-12-02", "", 0, 0, None, None)

    found, certain = newest([tagged, destroyed])

    assert (found.barcode, certain) == ("", False)
