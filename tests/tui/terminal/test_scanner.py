"""The scanner's bursts, by key names as Textual gives them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.settings import Scanner
from station.tui.terminal.scanner import MAX_BURST, BurstCollector
from tests.support.for_each import for_each

STX = "\x02"


def keys(text: str) -> list[tuple[str, str | None]]:
    """Return characters as (key, character), with control characters by Textual's names."""
    names = {
        "\r": "enter",
        "\n": "ctrl+j",
        "\t": "tab",
        " ": "space",
        "\x02": "ctrl+b",
        "\x1d": "ctrl+right_square_bracket",
    }
    return [(names.get(char, char), char) for char in text]


def bursts(collector: BurstCollector, text: str, start: float = 0.0, gap: float = 0.01) -> list[str]:
    found = []
    for index, (key, character) in enumerate(keys(text)):
        taken = collector.feed(key, character, start + index * gap)
        if taken.text is not None:
            found.append(taken.text)
    return found


def test_a_burst_ends_with_its_terminator_and_nothing_else() -> None:
    collector = BurstCollector(Scanner())
    assert bursts(collector, "31234000004217") == []
    assert collector.open
    assert collector.feed("enter", "\r", 1.0).text == "31234000004217"
    assert not collector.open


def test_tab_as_terminator() -> None:
    assert bursts(BurstCollector(Scanner(terminator="tab")), "31234\t") == ["31234"]


def test_the_other_terminator_does_not_end_a_burst_and_does_not_join_two_codes() -> None:
    assert bursts(BurstCollector(Scanner(terminator="tab")), "31234\r31235\t") == ["31234\r31235"]


def test_carriage_return_and_line_feed_make_one_burst() -> None:
    assert bursts(BurstCollector(Scanner()), "31234\r\n31235\r\n") == ["31234", "31235"]


@pytest.mark.parametrize("prefix", [STX, "~", "]C1", "\x02\x02"])
def test_only_the_prefix_begins_a_burst(prefix: str) -> None:
    collector = BurstCollector(Scanner(prefix=prefix))
    assert bursts(collector, "31234\r") == []
    assert bursts(collector, f"xx{prefix}31234\r") == ["31234"]


def test_a_prefix_that_begins_twice_is_found() -> None:
    assert bursts(BurstCollector(Scanner(prefix="]C1")), "]]C131234\r") == ["31234"]


def test_a_lost_terminator_never_joins_two_codes() -> None:
    """The bench refuses text that is not one barcode. A blank may belong to one, so the second code has no blank before
    it."""
    assert bursts(BurstCollector(Scanner(prefix=STX)), f"{STX}31234{STX}31235\r") == ["31234\r31235"]


def test_a_printable_prefix_within_a_code_is_part_of_the_code() -> None:
    assert bursts(BurstCollector(Scanner(prefix="3")), "331333\r") == ["31333"]


def test_two_codes_in_one_burst_are_passed_as_they_are() -> None:
    assert bursts(BurstCollector(Scanner()), "3123431235\r") == ["3123431235"]


def test_an_unfinished_burst_is_thrown_away_after_silence() -> None:
    collector = BurstCollector(Scanner(abandon_after_ms=2000))
    assert bursts(collector, "999") == []
    assert bursts(collector, "31234\r", start=2.5) == ["31234"]


def test_silence_never_completes_a_burst() -> None:
    collector = BurstCollector(Scanner(abandon_after_ms=2000))
    assert bursts(collector, "31234") == []
    assert collector.feed("enter", "\r", 3.0) == collector.feed("enter", "\r", 4.0)
    assert collector.feed("enter", "\r", 5.0).text is None


@for_each("key", [f"f{number}" for number in range(1, 13)] + ["up", "escape", "shift+f3"])
def test_function_keys_are_never_part_of_a_burst(key: str) -> None:
    collector = BurstCollector(Scanner())
    bursts(collector, "312")
    assert not collector.feed(key, "\x1b" if key == "escape" else None, 0.05).taken
    assert bursts(collector, "34\r", start=0.1) == ["31234"]


def test_control_keys_keep_their_meaning() -> None:
    collector = BurstCollector(Scanner())
    assert not collector.feed("ctrl+q", "\x11", 0.0).taken
    bursts(collector, "312")
    assert not collector.feed("ctrl+q", "\x11", 0.05).taken


def test_group_separators_of_a_two_dimensional_code_stay() -> None:
    assert bursts(BurstCollector(Scanner()), "0112\x1d17\r") == ["0112\x1d17"]


def test_a_very_long_burst_is_bounded_and_cannot_pass_for_a_barcode() -> None:
    (text,) = bursts(BurstCollector(Scanner()), "3" * 100_000 + "\r", gap=0.0)
    assert text == "3" * MAX_BURST + "…"


def test_enter_alone_belongs_to_the_scanner_and_says_nothing() -> None:
    taken = BurstCollector(Scanner()).feed("enter", "\r", 0.0)
    assert taken.taken
    assert taken.text is None
    assert bursts(BurstCollector(Scanner()), "   \r") == []


@given(
    text=st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=60),
    gaps=st.lists(st.floats(0, 1.99), min_size=60, max_size=60),
    prefix=st.sampled_from(["", STX, "]C1"]),
)
def test_any_text_at_any_speed_within_patience_arrives_whole(text: str, gaps: list[float], prefix: str) -> None:
    collector = BurstCollector(Scanner(prefix=prefix, abandon_after_ms=2000))
    now = 0.0
    found = []
    for (key, character), gap in zip(keys(prefix + text + "\r"), [*gaps, 0.0, 0.0, 0.0, 0.0], strict=False):
        now += gap
        taken = collector.feed(key, character, now)
        assert taken.taken
        if taken.text is not None:
            found.append(taken.text)
    assert found == [text]


@given(
    st.lists(st.tuples(st.sampled_from([*"3]C1x", "\r", "\t", "\x02", "\x1d", "\x11"]), st.floats(0, 5))),
    st.sampled_from(["", STX, "]C1"]),
)
def test_no_sequence_of_keys_breaks_it(typed: list[tuple[str, float]], prefix: str) -> None:
    collector = BurstCollector(Scanner(prefix=prefix))
    now = 0.0
    for character, gap in typed:
        now += gap
        ((key, _),) = keys(character)
        taken = collector.feed(key, character, now)
        assert taken.text is None or (taken.taken and character == "\r" and len(taken.text) <= MAX_BURST + 1)
