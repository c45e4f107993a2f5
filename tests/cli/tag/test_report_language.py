"""`station tag plan|migrate|doctor` in the language of the bench: the catalog has the codecs' English sentences word
for word, and `--json` stays English in every language of the bench."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import station.base.words
from station.cli import station as station_command
from station.encoding.content import Decoding, Recognition, TagContent, TagProfile, TagState
from station.encoding.migration import migration
from station.encoding.profiles.profiles import ready
from station.encoding.recognition.byte_order import SENTENCES, ByteOrder
from station.encoding.recognition.explain import explain
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import new_image
from station.quality.tag_words import headline, translated
from tests.conftest import ROOT
from tests.support.for_each import for_each
from tests.support.pseudo_language import catalogue, plain_words
from tests.support.sample_tags import ISIL, image
from tests.support.told import told

BLANK = "00" * 112
PART_2 = ready("us-28560-2").tag_profile(ISIL)


def said_by_migration() -> set[str]:
    """Return every sentence of the two modules, with 7 for its values. Texts of defects, and ways out, which are parts
    of sentences, are left out."""
    said: set[str] = set()
    for name in ("migration/migration", "migration/values"):
        tree = ast.parse((ROOT / f"station/encoding/{name}.py").read_text(encoding="utf-8"))
        silent: set[int] = set()
        for node in ast.walk(tree):
            doc = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            halves = isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_WAYS_OUT"
            if doc or halves or isinstance(node, ast.Raise):
                silent |= {id(child) for child in ast.walk(node)}
            elif isinstance(node, ast.JoinedStr):
                silent |= {id(child) for child in node.values}
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
                silent |= {id(child) for child in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and id(node) not in silent:
                parts = [part.value if isinstance(part, ast.Constant) else "7" for part in node.values]
                said.add("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
                said.add(node.value)
    return {text for text in said if " " in text and re.search("[a-z]{2}", text)} - NAMES


NAMES = {"audio tape", "Item type"}
"""Names of types of items on 3M tags."""


def test_what_a_migration_says_is_told_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    said = said_by_migration()
    assert len(said) > 20
    assert {text for text in said if told(translated(text)) != text} == set(), "English sentences must stay as they are"
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())
    assert {text for text in said if plain_words(told(translated(text)))} == set()


@pytest.mark.parametrize("way", ["", *migration._WAYS_OUT.values()])
def test_why_an_element_does_not_fit_is_told_with_its_reason_and_the_way_out(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = f"Owner institution does not fit: all together need 40 bytes, and the tag has 30{way}."
    assert told(translated(whole)) == whole
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())
    assert plain_words(told(translated(whole))) == {"Owner", "institution"}
    assert told(translated("what a codec says of a value")) == "what a codec says of a value"


STATES = [
    *(
        recognise(image(bytes.fromhex(memory), dsfid=dsfid), PART_2)
        for memory, dsfid in (("", 0), ("110230397f02023131", 6), ("110230397f02023131", 0), ("ffeeddccbbaa99", 6))
    ),
    *(Recognition(state, "unknown", 0.0) for state in TagState),
    Recognition(TagState.FOREIGN, "unknown", 0.0, content=TagContent("4711", "DK-718500")),
    Recognition(
        TagState.INCOMPLETE, "3m", 0.5, decoding=Decoding("3m", TagContent("4711"), 0.5, "it fits", sound=False)
    ),
    Recognition(TagState.INCOMPLETE, "3m", 0.5, decoding=Decoding("3m", TagContent(""), 0.5, "it fits")),
]


def test_why_a_tag_is_judged_so_is_told_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = recognise(image(bytes.fromhex("110230397f02023131"), dsfid=6), TagProfile("DK-718500"))
    said = {reason for now in (*STATES, foreign) for reason in now.reasons if not reason.startswith("Not ")}
    said = {reason for reason in said if not reason.startswith(("Bytes ", "All of "))}  # the bytes of a blank tag
    said |= {ByteOrder(code, "ISO 28560-2", 4).sentence for code in SENTENCES}
    written = new_image(image(), TagContent("31234567890128", ISIL, part=1, parts=2), PART_2)
    for first in (bytes(4), b"\xff" * 4):  # power failed before and during the last block of a new tag
        torn = replace(written, memory=first + written.memory[4:], dsfid=0)
        said.add(recognise(torn, PART_2).reasons[0])
    assert len(said) > 12 and {reason for reason in said if told(translated(reason)) != reason} == set()
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())
    assert {
        reason: plain_words(told(translated(reason))) for reason in said if told(translated(reason)) == reason
    } == {}


def test_the_states_are_all_there_with_and_without_what_they_say() -> None:
    assert len({told(headline(now, image(bytes(112)))) for now in STATES}) == 8


@for_each("now", STATES)
def test_the_first_line_is_that_of_explain(now: Recognition) -> None:
    assert told(headline(now, image(bytes(112)))) == explain(image(bytes(112)), now, PART_2)[0]


@pytest.mark.parametrize("locked", [(False, True), (True, True, False, True)])
def test_the_first_line_knows_the_locks_of_a_blank_tag(locked: tuple[bool, ...]) -> None:
    tag, now = replace(image(bytes(112)), locked=locked), Recognition(TagState.BLANK, "", 0.0)
    assert told(headline(now, tag)) == explain(tag, now, PART_2)[0] != told(headline(now, image(bytes(112))))


@pytest.mark.parametrize(
    "words",
    [
        ["plan", BLANK, "--id", "4711", "--owner", ISIL],
        ["migrate", "110230397f02023131".ljust(224, "0"), "--barcode", "12345"],
        ["doctor", "110230397f02023131".ljust(224, "0")],
    ],
    ids=lambda words: words[0],
)
def test_json_is_english_whatever_the_bench_speaks(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATION_DATA", str(tmp_path / "none"))

    def ask(*more: str) -> str:
        return CliRunner().invoke(station_command, ["tag", *words, *more]).stdout

    value, text = json.loads(ask("--json")), ask()
    monkeypatch.setattr(station.base.words, "use", lambda *_: None)
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())
    assert json.loads(ask("--json")) == value
    assert ask() != text
