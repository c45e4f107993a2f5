"""The open registry: a new layout needs one file and one line, and everything that reads tags uses it from there."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from station.base.errors import ElementInvalid, Undecodable
from station.domain.tag_image import TagImage
from station.encoding.content import (
    Decoding,
    ElementValue,
    Part,
    Range,
    RemarkKind,
    Severity,
    TagContent,
    TagProfile,
    TagState,
)
from station.encoding.recognition import annotate
from station.encoding.recognition.data_model import DataModel, WritableModel
from station.encoding.recognition.explain import explain
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import DATA_MODELS, data_model, writable
from tests.support.sample_tags import ISIL, PROFILE, danish, image, item

TOY_FILE = '''
"""A layout of nobody: A0, one byte length, the identifier in ASCII."""

from station.encoding.content import Decoding, ElementValue, Part, Range, TagContent
from station.base.errors import Undecodable


class Toy:
    name = "toy"
    title = "Toy library"
    kinds = ()
    marks_completion = False

    def read(self, image, memory):
        if len(memory) < 2 or memory[0] != 0xA0 or not 0 < memory[1] <= len(memory) - 2:
            raise Undecodable(0, "no A0 in front")
        text = memory[2 : 2 + memory[1]].decode("latin-1")
        found = ElementValue(1, "Primary item identifier", text, 2, memory[1])
        content = TagContent(text, "US-Toy", elements=(found,))
        return Decoding("toy", content, 0.8, "It begins as a toy tag does.", end=2 + memory[1])

    def annotate(self, memory, decoding):
        end = decoding.end
        return (
            Range(0, 2, Part.STRUCTURE, "head"),
            Range(2, end - 2, Part.IDENTIFIER, "toy number", decoding.content.primary_item_identifier),
            Range(end, len(memory) - end, Part.FREE, "free"),
        )

    def owned(self, decoding, isil):
        return isil == "US-Toy"
'''
TOY = image(b"\xa0\x05ABC12")


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Any]:
    """Import the layout's one file as a program would."""
    file = tmp_path / "toy_layout.py"
    file.write_text(TOY_FILE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("toy_layout", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["toy_layout"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["toy_layout"]


def test_a_new_layout_is_one_file_and_one_line(toy: Any) -> None:
    assert recognise(TOY, PROFILE).state is TagState.UNKNOWN

    models = (*DATA_MODELS, toy.Toy())  # the one line

    found = recognise(TOY, PROFILE, models)
    assert (found.state, found.model, found.identifier) == (TagState.FOREIGN, "toy", "ABC12")
    assert (found.candidates[0].model, found.candidates[0].reasons) == (
        "toy",
        ("It begins as a toy tag does.", "It names an item.", "It explains all that stands on the tag."),
    )
    assert {candidate.model for candidate in found.candidates} == {model.name for model in models}
    assert recognise(TOY, TagProfile(isil="US-Toy"), models).state is TagState.OURS

    said = explain(TOY, found, models=models)
    assert said[0] == "This tag is finished and belongs to US-Toy, not to this library."
    assert "Data model: Toy library (confidence 0.80)." in said
    assert "Item: ABC12" in said
    assert "bytes 2-6: identifier, toy number = ABC12   41 42 43 31 32" in said
    ranges = annotate.annotate(TOY, found, models)
    assert [each.label for each in ranges] == ["head", "toy number", "free"]

    # The layout is also tried on every other tag, and gives the reason why it does not fit.
    (against,) = [c for c in recognise(item("123"), PROFILE, models).candidates if c.model == "toy"]
    assert (against.confidence, against.reason) == (0.0, "Not Toy library: no A0 in front (byte 0).")


def test_names_and_writable_models_of_any_table(toy: Any) -> None:
    models = (*DATA_MODELS, toy.Toy())
    assert data_model("toy", models).title == "Toy library"
    with pytest.raises(ElementInvalid, match="no data model 'toy'"):
        data_model("toy")
    with pytest.raises(ElementInvalid, match="never written"):
        writable("toy", models)
    assert writable("28560-2").name == "28560-2"


def test_the_table_is_whole() -> None:
    assert len(DATA_MODELS) >= 3
    assert [model.name for model in DATA_MODELS][:3] == ["28560-3", "3m", "28560-2"]
    for model in DATA_MODELS:
        assert model.name
        assert model.title
        codes = [kind.code for kind in model.kinds]
        assert len(set(codes)) == len(codes), model.name
        assert all(kind.advice.endswith(".") for kind in model.kinds)
        assert data_model(model.name).title
    assert {model.name for model in DATA_MODELS if isinstance(model, WritableModel)} >= {"28560-2"}


# --- ranking --------------------------------------------------------------------------------------------------------


class Stub:
    """A model that reads everything with the given confidence."""

    title = "Stub"
    kinds: tuple[RemarkKind, ...] = ()

    def __init__(
        self, name: str, confidence: float, *, sound: bool = True, marks: bool = False, isil: str = ""
    ) -> None:
        self.name = name
        self.title = name
        self.marks_completion = marks
        self.only_claims = False
        self._isil = isil
        self._decoding = Decoding(
            name, TagContent(name, isil), confidence, f"{name} reads everything.", sound=sound, end=4
        )

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        if not memory:
            raise Undecodable(0, "nothing")
        return self._decoding

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:
        return (
            Range(4, 8, Part.DATA, "late"),
            Range(2, 4, Part.DATA, "early"),
            Range(100, 1000, Part.DATA, "too long"),
        )

    def owned(self, decoding: Decoding, isil: str) -> bool:
        return isil == self._isil


def best(*models: DataModel, dsfid: int = 0, afi: int = 0) -> str:
    return recognise(image(b"\1", dsfid=dsfid, afi=afi), PROFILE, models).candidates[0].model


def test_confidence_then_soundness_rank() -> None:
    assert best(Stub("a", 0.7), Stub("b", 0.8)) == "b"
    # A merely plausible reading never ranks above a sound one, whatever its confidence.
    assert best(Stub("a", 1.0, sound=False), Stub("b", 0.5)) == "b"
    assert best(Stub("a", 0.3, sound=False), Stub("b", 0.4, sound=False)) == "b"


def test_dsfid_then_afi_then_order_break_ties_only() -> None:
    two, three = Stub("28560-2", 0.9, marks=True), Stub("28560-3", 0.9, marks=True)
    assert best(two, three, dsfid=0x06) == best(three, two, dsfid=0x06) == "28560-2"
    assert best(two, three, dsfid=0x3E) == best(three, two, dsfid=0x3E) == "28560-3"
    assert best(Stub("28560-2", 0.8, marks=True), three, dsfid=0x06) == "28560-3"
    assert best(two, Stub("3m", 0.9), afi=0xDA) == best(Stub("3m", 0.9), two, afi=0xDA) == "3m"
    assert best(two, Stub("3m", 0.9), afi=0x07) == best(Stub("3m", 0.9), two, afi=0x07) == "28560-2"
    assert best(two, three) == "28560-2"
    assert best(three, two) == "28560-3"


def test_what_broke_the_tie_is_told() -> None:
    two, three = Stub("28560-2", 0.9, marks=True), Stub("28560-3", 0.9, marks=True)
    found = recognise(image(b"\1", dsfid=0x3E, afi=0x07), PROFILE, (two, three))
    assert found.candidates[0].reasons == (
        "28560-3 reads everything.",
        "It names an item.",
        "It explains all that stands on the tag.",
        "DSFID 3E marks finished tags of this model.",
        "AFI 07 is used with this model.",
    )
    said = explain(image(b"\1"), found, models=(two, three))
    assert "  It can also be read as 28560-2 (confidence 0.90); less speaks for that." in said


def test_without_a_rival_no_tie_is_told() -> None:
    (found,) = recognise(image(b"\1", dsfid=0x3E, afi=0x07), PROFILE, (Stub("28560-3", 0.9, marks=True),)).candidates
    assert not any("DSFID" in reason or "AFI" in reason for reason in found.reasons)


class Turned(Stub):
    """Reads only a memory that begins with 2."""

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        if memory[0] != 2:
            raise Undecodable(0, "no 2")
        return super().read(image, memory)


def test_turned_blocks_are_guessed_for_unknown_tags_and_sound_readings_only() -> None:
    tag = image(b"\1\0\0\2")

    def guessed(*models: DataModel) -> bool:
        return any("reverse order" in line for line in explain(tag, recognise(tag, PROFILE, models), models=models))

    assert guessed(Turned("a", 0.9))
    assert not guessed(Turned("a", 0.9, sound=False))
    assert not guessed(Turned("a", 0.9), Stub("b", 0.9))


def test_a_doubtful_reading_is_never_an_identity() -> None:
    found = recognise(image(b"\1", dsfid=6), PROFILE, (Stub("a", 1.0, sound=False, isil=ISIL),))
    assert (found.state, found.identifier) == (TagState.INCOMPLETE, "")
    assert explain(image(b"\1"), found)[0] == "What this tag says cannot be trusted: scan the item's barcode."


def test_what_can_only_claim_is_asked_last_and_only_where_nothing_is_sound() -> None:
    claim = Stub("claim", 1.0, sound=False)
    claim.only_claims = True
    tag = image(b"\1")

    def asked(*models: DataModel) -> list[str]:
        return [candidate.model for candidate in recognise(tag, PROFILE, models).candidates]

    assert asked(claim, Stub("a", 0.5)) == ["a"]
    assert asked(claim, Stub("a", 0.5, sound=False)) == ["claim", "a"]
    assert asked(claim) == ["claim"]
    assert recognise(tag, PROFILE, (claim,)).identifier == ""


def test_reasons_for_and_against() -> None:
    stub = Stub("a", 0.9)
    (found,) = recognise(image(b"\1" + bytes(9) + b"\2"), PROFILE, (stub,)).candidates
    assert found.reasons[1:] == ("It names an item.", "Something stands behind its end, which it does not explain.")
    nameless = Stub("a", 0.9)
    nameless._decoding = replace(nameless._decoding, content=TagContent(""))
    (found,) = recognise(image(b"\1"), PROFILE, (nameless,)).candidates
    assert found.reasons[1] == "It names no item."


def test_remarks_are_reasons() -> None:
    kind = RemarkKind("odd", Severity.MINOR, "It is odd at {where}.", "Look.")
    stub = Stub("a", 0.9)
    stub._decoding = replace(stub._decoding, remarks=(kind.remark(3, where="the end"),))
    found = recognise(image(b"\1"), PROFILE, (stub,))
    assert found.candidates[0].reasons[-1] == "It is odd at the end."
    assert "It is odd at the end." in found.reasons


def test_a_careless_model_cannot_tear_holes_into_the_dump() -> None:
    models = (Stub("a", 0.9),)
    tag = image(b"\1")
    ranges = annotate.annotate(tag, recognise(tag, PROFILE, models), models)
    assert [(each.offset, each.length, each.label) for each in ranges] == [
        (0, 2, "not explained"),
        (2, 4, "early"),
        (6, 6, "late"),
        (12, 88, "not explained"),
        (100, 12, "too long"),
    ]


def test_text_that_a_careless_model_did_not_clean_is_harmless_in_words() -> None:
    evil = Stub("a", 0.9)
    evil._decoding = Decoding(
        "a",
        TagContent("1\x1b[2J", "\x9b", shelf_location="\u202e", elements=(ElementValue(17, "Title", "\x07x", 0, 1),)),
        0.9,
        "Why \x1b]0;x\x07",
    )
    tag = image(b"\1")
    found = recognise(tag, PROFILE, (evil,))
    assert all(line.isprintable() for line in explain(tag, found, models=(evil,)))


def test_a_danish_tag_is_danish_whatever_stands_first() -> None:
    tag = image(danish("31234567890128"), dsfid=0x3E)
    assert recognise(tag, PROFILE, DATA_MODELS[::-1]).model == "28560-3"
