"""Each code and each state has its sentence, symbol, word, shape, sound and page; the bench uses them by the table."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from station.base.errors import walk
from station.base.words import english
from station.base.words.telling import codes
from station.domain.commands import Answer, Scan
from station.domain.findings import Outcome
from station.domain.manual_page import Heading, Paragraph, Row
from station.domain.signals import RULE, STATES, STOPS, of_code, of_state
from station.domain.snapshot import Light, Sound
from station.encoding.iso15962 import data_elements
from station.manual import Manual
from station.quality.rulebook.shipped import shipped
from station.quality.tag_words import meaning, media_words, usage_words
from station.tui.drawing import draw, snapshot_views
from station.tui.drawing.words import LIGHTS, SOUNDS
from station.tui.widgets.sounds import TUNES, picture
from tests.support.for_each import for_each
from tests.support.simulated_bench import BOOK, UNKNOWN, Rig
from tests.support.told import told

ENTRIES = english().entries
BOOKLET = Manual(shipped())
ABSTRACT = {error.code for error in walk() if "never raised itself" in (error.__doc__ or "")}
CODES = [code for code in codes() if code not in ABSTRACT]
NOT_AT_THE_BENCH = {
    *("capture-unreadable", "replay-diverged", "control-refused", "dump-unreadable", "import-refused"),
    *("import-few-items", "import-few-call-numbers", "import-barcodes", "file-not-marc"),
    *("not-finished", "undecodable", "packing-list-refused", "vendor-file-refused"),
}
"""Only the command line reports these; docs/errors.md has their rows."""


def test_the_tables_and_the_catalogue_know_the_same_states() -> None:
    named = {key.split(".")[1] for key in ENTRIES if key.startswith("state.")}
    assert named == set(STATES)
    assert {f"state.{state}" for state in STATES} <= set(ENTRIES)
    assert {f"state.{state}.big" for state in STATES} <= set(ENTRIES)


@for_each("state", STATES)
def test_a_state_has_all_that_tells_it(state: str) -> None:
    complete(ENTRIES[f"state.{state}"].forms[0], of_state(state).light, of_state(state).sound, silent=True)
    page = BOOKLET.page(of_state(state).page)
    assert page is not None
    assert len(page.blocks) > 3


@for_each("code", CODES)
def test_a_code_has_all_that_tells_it(code: str) -> None:
    key = f"error.{code}" if f"error.{code}" in ENTRIES else f"fault.{code}"
    told = of_code(code)
    complete(ENTRIES[key].forms[0], told.light, told.sound)
    assert told.light in (Light.WARNING, Light.BAD), "a stop or a remark is never green"
    page = BOOKLET.page(told.page, code)
    assert page is not None
    if code not in NOT_AT_THE_BENCH:
        first, advice = page.blocks[:2]
        assert isinstance(first, Heading)
        assert isinstance(advice, Paragraph)
        assert first.text.startswith(re.split(r"[({]", ENTRIES[key].forms[0])[0].strip()), (
            "the page has the same sentence as the screen"
        )
        assert len(advice.text) > 8


def complete(sentence: str, light: Light, sound: Sound, *, silent: bool = False) -> None:
    """Check for sentence, symbol, word, shape, and a sound with its picture and its words."""
    assert sentence
    assert LIGHTS[light].symbol
    assert LIGHTS[light].word
    assert any(row.strip() for row in draw.picture(snapshot_views.PICTURES[light]))
    if sound is not Sound.NONE:
        assert TUNES[sound]
        assert picture(sound)
        assert SOUNDS[sound]
    else:
        assert silent


def test_an_unknown_code_or_state_stops_the_line() -> None:
    assert of_code("never-heard-of") == of_state("never-heard-of")
    assert of_code("never-heard-of").light is Light.BAD
    assert of_code("never-heard-of").page == STOPS


def test_every_rule_has_its_page() -> None:
    for rule in shipped().rules:
        page = BOOKLET.page(f"{RULE}{rule.id}")
        assert page is not None
        assert page.title
        assert any(isinstance(block, Row) for block in page.blocks)


# --- signals of the bench ---------------------------------------------------------------------------------------------


def _to_checks(rig: Rig) -> None:
    rig.scan(BOOK)
    rig.world.place(rig.world.tag(1))
    rig.look()
    rig.look()


def _to_the_end(rig: Rig, outcome: Outcome) -> None:
    _to_checks(rig)
    for _ in rig.shown[-1].checks:
        check = rig.shown[-1].checks[rig.shown[-1].current_check]
        reason = told(check.reasons[0]) if outcome is Outcome.FAIL and check.reasons else ""
        rig.bench.handle(Answer(check.rule, outcome, reason))


WAYS: list[tuple[str, Callable[[Rig], None]]] = [
    ("idle", lambda rig: None),
    ("need-tag", lambda rig: rig.scan(BOOK)),
    ("checking", _to_checks),
    ("done-lift", lambda rig: _to_the_end(rig, Outcome.PASS)),
    ("done-fail", lambda rig: _to_the_end(rig, Outcome.FAIL)),
    ("stopped", lambda rig: rig.bench.handle(Scan(UNKNOWN))),
]


@pytest.mark.parametrize(("state", "way"), WAYS, ids=[state for state, _ in WAYS])
def test_the_bench_shows_and_sounds_a_state_as_the_table_says(state: str, way: Callable[[Rig], None]) -> None:
    rig = Rig()
    way(rig)
    shown = rig.shown[-1]
    assert shown.state == state
    assert shown.light is of_state(state).light
    if of_state(state).sound is not Sound.NONE:
        assert shown.sound is of_state(state).sound


@pytest.mark.parametrize(
    ("code", "place"),
    [("tags-collide", "two"), ("barcode-unknown", "unknown")],
)
def test_the_bench_stops_with_light_and_sound_of_the_code(code: str, place: str) -> None:
    rig = Rig()
    match place:
        case "two":
            rig.scan(BOOK)
            rig.world.place(rig.world.tag(1), rig.world.tag(2))
        case _:
            rig.scan(UNKNOWN)
    rig.look()
    rig.look()
    shown = rig.shown[-1]
    assert shown.fault is not None
    assert shown.fault.code == code
    assert (shown.light, shown.sound) == (of_code(code).light, of_code(code).sound)


def test_media_formats_of_tags_are_told_as_the_codec_names_them() -> None:
    assert [told(media_words(code)) for code in range(256)] == [
        data_elements.media_format_words(code) for code in range(256)
    ]
    assert told(meaning(data_elements.MEDIA_FORMAT, "01")) == "book" and not meaning(data_elements.TYPE_OF_USAGE, "1")


def test_the_usages_of_tags_are_told_as_the_codec_names_them() -> None:
    assert [told(usage_words(usage)) for usage in range(256)] == [
        data_elements.usage_words(usage) for usage in range(256)
    ]
