"""docs/tag-formats.md is complete, and its byte maps are published bytes. (For its agreement with the program see
tests/architecture/test_house.py.)
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from enum import Enum
from types import ModuleType

import pytest

from scripts.reference import tag_tables as tables
from scripts.reference.markdown import about, first, notes, row, table
from scripts.reference.tag_examples import EPC_BANK, EXAMPLES, OWN, USER_BANK, Example, byte_map, mid_write, uhf_map
from scripts.reference.tag_tables import WORDS, choices, enumerations, writers
from scripts.reference.tags import tags_page
from station.encoding.content import TagState
from station.encoding.doctor.doctor import CHECKS
from station.encoding.iso15962.data_elements import DEFINED, ELEMENTS, Place
from station.encoding.iso28560_3.extensions import BLOCKS
from station.encoding.profiles.profiles import READY, ready
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import DATA_MODELS
from tests.conftest import ROOT
from tests.docs.pages import rows
from tests.support.for_each import for_each

PAGE = tags_page()
NAME = "docs/tag-formats.md"


def vector_sources(hexadecimal: str) -> list[str]:
    """Return the sources of the vectors with these bytes."""
    found = []
    for path in (ROOT / "tests/vectors").glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            vector = json.loads(line)
            if vector.get("hex") == hexadecimal and "model" in vector:
                found.append(vector["source"])
    return found


@for_each("example", EXAMPLES)
def test_an_example_is_a_published_vector(example: Example) -> None:
    assert any(example.source in source for source in vector_sources(example.hex))


@for_each("example", EXAMPLES)
def test_a_byte_map_shows_every_byte_once_and_explains_it(example: Example) -> None:
    lines = byte_map(example.image)
    shown = "".join(line[7:] for line in lines if re.fullmatch(r" +\d+  (?:[0-9A-F]{2} ?)+", line))
    assert bytes.fromhex(shown) == example.image.memory
    letters = {letter for line in lines if line.startswith("       ") for letter in re.findall(r"[A-Z]+", line)}
    legend = {line.split()[0] for line in lines if re.match(r"[A-Z]+  bytes? \d", line)}
    assert letters == legend
    assert "\n".join(lines) in PAGE


def test_the_tag_in_mid_write_is_torn_and_nobodys() -> None:
    torn = mid_write()
    judged = recognise(torn, OWN)
    assert judged.state is TagState.INCOMPLETE
    assert judged.identifier == ""
    whole = EXAMPLES[0].image
    assert torn.memory not in (whole.memory, bytes(len(whole.memory)))
    assert "\n".join(byte_map(torn)) in PAGE


@pytest.mark.parametrize("hexadecimal", [EPC_BANK, USER_BANK])
def test_the_uhf_banks_are_published_and_shown(hexadecimal: str) -> None:
    assert vector_sources(hexadecimal)
    shown = bytes.fromhex("".join(re.findall(r"^ +\d+  ((?:[0-9A-F]{2} ?)+)$", "\n".join(uhf_map()), re.M)))
    assert bytes.fromhex(hexadecimal) in shown
    assert "\n".join(uhf_map()) in PAGE
    assert "= CH-" in PAGE


def test_every_element_has_a_row_and_open_cells_are_marked() -> None:
    table_rows = {cells[0]: cells for cells in rows(NAME, "## ISO 28560-1: the data elements")}
    assert set(table_rows) == {str(oid) for oid in DEFINED} | {"0"}
    for oid in DEFINED:
        element, cells = ELEMENTS[oid], table_rows[str(oid)]
        assert cells[1] == element.name
        assert (cells[7] == tables.OPEN) == (element.max_length is None and element.digits is None)
        assert (cells[8] == tables.OPEN) == (element.lockable is None)
        assert (cells[6] == tables.OPEN) == (element.part4 is None)
    assert table_rows["1"][4].startswith("bytes 3 to 18")
    assert table_rows["15"][4] == tables.NOWHERE
    assert '"open" means: not settled by a public source' in PAGE


def test_every_extension_block_and_field_is_there() -> None:
    shown = {cells[0]: cells[2] for cells in rows(NAME, "## ISO 28560-3 and the Danish model")}
    for block, oids in BLOCKS.items():
        assert re.findall(r"\((\d+)\)(?:;|$)", shown[str(block)]) == [str(oid) for oid in oids]


@pytest.mark.parametrize("model", DATA_MODELS, ids=lambda model: model.name)
def test_every_remark_is_there_with_its_advice(model: object) -> None:
    for kind in model.kinds:  # type: ignore[attr-defined]
        wanted = row(f"`{kind.code}`", kind.severity.value, kind.sentence, kind.advice)
        assert wanted[:-2] in PAGE


def test_every_check_of_the_doctor_is_there() -> None:
    for check in CHECKS:
        assert row(f"`{check.code}`", check.severity.value, check.sentence, check.advice) in PAGE


def test_every_profile_is_there_with_its_sources_and_open_points() -> None:
    for name in READY:
        assert f"### `{name}`" in PAGE
        for line in (*ready(name).sources, *ready(name).open):
            assert line in PAGE


# --- choices ----------------------------------------------------------------------------------------------------------


def test_vocabulary_is_told_from_choices() -> None:
    assert set(enumerations()) >= WORDS
    assert {choice.__name__ for choice in choices()} >= {"PaddedOrder", "LengthForm"}


@pytest.mark.parametrize("choice", choices(), ids=lambda choice: choice.__name__)
def test_a_choice_names_each_side_and_says_why(choice: type[Enum]) -> None:
    assert len(choice) > 1
    assert choice.__doc__
    assert first(choice.__doc__) not in ("An enumeration.", "")
    for member in choice:
        assert f"| `{member.name}` | {member.value} |" in PAGE
    section = PAGE.partition(f".{choice.__name__}`\n")[2].partition("\n#")[0]
    assert section


@for_each("name", sorted(WORDS))
def test_every_word_is_there(name: str) -> None:
    for member in enumerations()[name]:
        assert str(member.value) in PAGE


def test_what_a_writer_is_given_is_there_with_its_defaults() -> None:
    assert set(writers()) == {"iso28560_2.layout.Choices", "iso28560_3.write.Choices"}
    for kind in writers().values():
        for field in fields(kind):
            assert f"| `{field.name}` | `" in PAGE
    assert "| `padded_order` | `PaddedOrder.NEVER` |" in PAGE


# --- the pieces -------------------------------------------------------------------------------------------------------


class Sided(Enum):
    """Which side."""

    LEFT = "left"
    """Said by
    somebody."""
    RIGHT = "right"


def test_the_docstrings_behind_names_are_found() -> None:
    assert notes(Sided) == {"LEFT": "Said by somebody."}


def test_indented_pieces_of_a_docstring_stand_apart() -> None:
    module = ModuleType("m", "Words.\n\nMore:\n    code\n      more\nWords.\n- item\n  of two lines\n")
    assert about(module) == [
        "Words.",
        "",
        "More:",
        "",
        "    code",
        "      more",
        "",
        "Words.",
        "- item",
        "  of two lines",
    ]


def test_rows_cannot_be_broken_by_what_they_hold() -> None:
    assert row("a|b", "c\nd") == "| a\\|b | c d |"
    assert table(("x", "y"), [("1", "2")]) == ["", "| x | y |", "|---|---|", "| 1 | 2 |"]


def test_places_in_words() -> None:
    assert tables._place(Place(0, 0, 1)) == "byte 0"
    assert tables._place(Place(0, 3, 16)) == "bytes 3 to 18"
    assert tables._place(Place(1, 1, alternative=True)) == "block 1, field 2 (as an alternative)"
    assert tables._places(()) == "nowhere"
