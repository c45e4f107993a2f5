"""Text by the cells of a terminal: the figures of the screens; no cut within what a reader sees as one character."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from station.base.cells import cells, centered, cut, filled, wrapped
from tests.support.for_each import for_each

BOOK, CAFE, FLAG, SKIN, FAMILY, KA = "図書館", "cafe\u0301\u0323", "🇨🇭", "👍🏽", "👩\u200d🔬", "กำนี้"
TEXT = st.text(
    st.one_of(
        st.characters(categories=["L", "N", "P", "S", "M", "Zs"]),
        st.sampled_from([*"日本語한국어ｆ、。「」 -e", "\u0301", "\u20dd", "🇨", "🇭", "👍", "🏽"]),
    ),
    max_size=60,
)


@for_each(
    ("text", "width"),
    [("", 0), ("abc", 3), ("é", 1), (BOOK, 6), (CAFE, 4), (FLAG, 2), (SKIN, 2), (FAMILY, 2), ("ｆ", 2)],
)
def test_cells_are_those_that_a_terminal_gives(text: str, width: int) -> None:
    """Unicode TR 11: wide characters have two cells, marks none; a flag, a skin color or joined emoji have two."""
    assert cells(text) == width


@given(TEXT)
def test_the_screens_count_the_same(text: str) -> None:
    assert cells(text) == Content(text).cell_length


@for_each(
    ("text", "room", "kept"),
    [
        (BOOK, 6, BOOK),
        (BOOK, 5, "図書…"),
        (BOOK, 4, "図…"),
        (BOOK, 2, "…"),
        (BOOK, 1, "…"),
        (BOOK, 0, ""),
        (f"{CAFE}s", 4, "caf…"),
        (f"{CAFE}s", 5, f"{CAFE}s"),
        (f"a{FLAG}{FLAG}", 4, f"a{FLAG}…"),
        (f"a{FLAG}b", 2, "a…"),
        (f"{SKIN}ab", 3, f"{SKIN}…"),
        (f"x{FAMILY}y", 3, "x…"),
    ],
)
def test_what_is_too_long_gives_way_by_whole_characters(text: str, room: int, kept: str) -> None:
    assert cut(text, room) == kept


@given(TEXT, st.integers(0, 40))
def test_nothing_is_wider_than_its_room(text: str, room: int) -> None:
    assert cells(cut(text, room)) <= room
    assert text.startswith(cut(text, room, ""))
    assert cells(filled(cut(text, room), room)) == cells(centered(cut(text, room), room)) == room
    lines = wrapped(text, max(2, room))
    assert all(cells(line) <= max(2, room) for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split()), "no text is lost"


@for_each(
    ("text", "room", "lines"),
    [
        ("図書館の本", 5, ["図書", "館の", "本"]),
        ("「本」と、紙。", 6, ["「本」", "と、", "紙。"]),
        ("label 図書館", 10, ["label 図書", "館"]),
        (f"{CAFE} {CAFE}", 9, [f"{CAFE} {CAFE}"]),
        (f"{FLAG}{FLAG}{FLAG}", 5, [f"{FLAG}{FLAG}", FLAG]),
        ("ｔｗｏ ｗｏｒｄｓ", 12, ["ｔｗｏ", "ｗｏｒｄｓ"]),
        ("図", 1, ["図"]),
        ("", 5, []),
    ],
)
def test_lines_are_broken_by_cells(text: str, room: int, lines: list[str]) -> None:
    assert wrapped(text, room) == lines


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        (
            "see /tmp/a-very-long/path-of/a-file.toml for more",
            12,
            ["see", "/tmp/a-very-long/path-of/a-file.toml", "for more"],
        ),
        ("a well-known word", 8, ["a", "well-known", "word"]),
        ("short enough", 20, ["short enough"]),
    ],
)
def test_words_stay_whole_where_somebody_may_copy_them(text: str, room: int, lines: list[str]) -> None:
    assert wrapped(text, room, whole=True) == lines
    assert " ".join(wrapped(text, room, whole=True)) == text


@given(st.text(st.sampled_from("ab cdef.,–é!'"), max_size=60), st.integers(1, 20))
def test_narrow_text_is_broken_and_centered_as_it_always_was(text: str, room: int) -> None:
    """Except for blanks at the ends of lines, which `textwrap` leaves where a torn word has no room after them."""
    text = text.strip()
    assert wrapped(text, room) == [line.rstrip() for line in textwrap.wrap(text, room)]
    assert centered(text, room) == text.center(room)
    hyphens = "a shelf-ready on-order item-level call-number"
    assert wrapped(hyphens, room + 8) == textwrap.wrap(hyphens, room + 8)
