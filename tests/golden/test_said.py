"""The program shows the recorded texts, in English and in Spanish.

The English texts of the commands are compared by `tests/stories/hostile/test_exports.py`, which runs these calls anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.golden import said, shifts
from tests.golden.constant import folder

WORDS = sorted({name.split()[0] for name in said.CALLS})
"""First words of the commands."""


@pytest.fixture(scope="module")
def spanish() -> Iterator[said.Calls]:
    with folder() as root:
        yield said.Calls(root, "es")


@pytest.mark.parametrize("as_json", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["text", "json"])
@pytest.mark.parametrize("word", WORDS)
def test_a_command_says_in_spanish_what_it_said(spanish: said.Calls, word: str, as_json: bool) -> None:
    wrong: list[str] = []
    for name, (row, in_json) in said.CALLS.items():
        if name.split()[0] == word and in_json is as_json and said.has_spanish(name):
            wrong += said.differences("calls", name, "es", spanish.outcome(row, as_json=as_json))
    assert not wrong, "\n".join(wrong[:5])


@pytest.mark.parametrize(
    ("name", "language"),
    [
        (name, language)
        for name in shifts.SHIFTS
        for language in said.LANGUAGES
        if language == "en" or name[:4] != "walk"
    ],
)
def test_the_bench_publishes_what_it_published(name: str, language: str) -> None:
    with said.spoken(language):
        acts = shifts.recording(name)
    wrong = [line for act, now in acts.items() for line in said.differences("bench", act, language, now)]
    assert not wrong, "\n".join(wrong[:5])
    assert said.missing("bench", f"{name}: ", acts) == []


@pytest.mark.parametrize("language", said.LANGUAGES)
@pytest.mark.parametrize("room", ["journal", "rules", "systems"])
def test_a_room_says_what_it_said(room: str, language: str) -> None:
    present = said.ROOMS[room](language)
    wrong = [line for name, now in present.items() for line in said.differences(room, name, language, now)]
    assert not wrong, "\n".join(wrong[:5])
    assert said.missing(room, "", present) == []


def test_every_recorded_call_is_still_made() -> None:
    assert said.missing("calls", "", said.CALLS) == []


@pytest.mark.parametrize(
    ("act", "path", "broken"),
    [
        ("process: 011 place E004010000000001", "/3/checks/spine-label", ("critical", "major")),
        ("process: 020 place E004010000000001", "/2/tag_summary", ("our tag", "a tag")),
        ("process: 015 answer", "/1/take_back_s", ("10", "30")),
    ],
)
def test_a_passage_excuses_its_own_words_and_no_others(act: str, path: str, broken: tuple[str, str]) -> None:
    then = said.expected("bench", act, "en")
    assert then is not None
    intended = {**then, path: said.with_its_passages(f"bench: {act}{path}", then[path])}
    assert intended != then and said.differences("bench", act, "en", intended) == []
    (wrong,) = said.differences("bench", act, "en", {**then, path: str(then[path]).replace(*broken)})
    assert path in wrong


@pytest.mark.parametrize(
    "reads", ["55   2026-09-21 2:30 PM  Writing another tag", "54   2026-09-21 2:30 PM  Writing the tag"]
)
def test_the_moved_number_of_an_event_excuses_no_other_change(reads: str) -> None:
    """Two events came before event 53 of the recording."""
    name, path, recorded = "journal show --limit 200", "/stdout/146", "53   2026-09-21 2:30 PM  Writing the tag"
    then = said.expected("calls", name, "en")
    assert then is not None
    now = said.with_insertions(f"calls: {name}", then)
    for number in ("53", "55"):
        changed = str(now[path]).replace(recorded, recorded.replace("53", number))
        assert said.differences("calls", name, "en", {**now, path: changed}) == []
    (wrong,) = said.differences("calls", name, "en", {**now, path: str(now[path]).replace(recorded, reads)})
    assert path in wrong
