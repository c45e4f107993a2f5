"""EDIFACT segments and envelopes: how vendors' files deviate, and where a file is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydifact.exceptions import EDISyntaxError
from pydifact.segmentcollection import Interchange as PydifactInterchange

from station.acquisitions.edifact.messages import Note, NoteCode, Transmission, read
from station.acquisitions.edifact.segments import Separators
from station.base.errors import VendorFileRefused
from tests.acquisitions.edifact.samples import sample
from tests.support.for_each import for_each
from tests.support.told import raises_told


def content(transmission: Transmission) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    """Return tags and elements of all messages, without their places in the file."""
    return [
        (segment.tag, segment.elements)
        for interchange in transmission.interchanges
        for message in interchange.messages
        for segment in message.segments
    ]


def codes(transmission: Transmission) -> list[NoteCode]:
    return [note.code for note in transmission.notes]


def test_line_breaks_are_noise_also_inside_data_and_behind_a_release_character() -> None:
    plain = content(read(sample(between=""), "a.edi"))
    assert content(read(sample(between="\r\n"), "a.edi")) == plain
    assert content(read(sample(between="  \n"), "a.edi")) == plain
    text = sample(between="")
    wrapped = b"\r\n".join(text[place : place + 20] for place in range(0, len(text), 20))
    assert content(read(wrapped, "a.edi")) == plain
    broken = sample(between="").replace(b"?'99", b"?\r\n'99")
    assert content(read(broken, "a.edi")) == plain


def test_a_release_character_keeps_the_next_one() -> None:
    pieces = [elements[2][3] for tag, elements in content(read(sample(), "a.edi")) if tag == "IMD"]
    assert pieces == ["INTRODUCTION TO ALGORITHMS AND MUL", "TI-CORE COMPUTERS: CAFÉ + '99"]


def test_a_file_is_utf_8_or_iso_8859_1() -> None:
    assert read(sample(), "a.edi").encoding == "iso-8859-1"
    utf_8 = read(sample().decode("iso-8859-1").encode("utf-8"), "a.edi")
    assert utf_8.encoding == "utf-8"
    assert content(utf_8) == content(read(sample(), "a.edi"))
    with raises_told(VendorFileRefused, match=r"a\.edi, line 28: characters of UNOE"):
        read(sample(replaced=("UNOC", "UNOE")), "a.edi")


def test_a_una_may_be_missing_short_or_of_other_characters() -> None:
    short = read(sample(replaced=("UNA:+.? '", "UNA:+.?'")), "a.edi")
    assert codes(short) == [NoteCode.SHORT_UNA]
    assert content(short) == content(read(sample(), "a.edi"))
    assert codes(read(sample(replaced=("UNA:+.? '", "")), "a.edi")) == [NoteCode.NO_UNA]
    other = "UNA|;,\\*~UNB;UNOA|4;A;B;261130|0825;1~UNH;1;INVOIC|D|96A|UN~BGM;380;7 + \\;\\~|x~UNT;3;1~UNZ;1;1~"
    transmission = read(other.encode(), "a.edi")
    assert transmission.separators == Separators("|", ";", ",", "\\", "*", "~")
    assert content(transmission)[1] == ("BGM", (("380",), ("7 + ;~", "x")))
    with raises_told(VendorFileRefused, match="line 1: UNA does not name"):
        read(b"UNA:::: 'UNB+UNOA:4+A+B+1+1'", "a.edi")


def test_a_file_may_hold_several_interchanges_each_with_its_una() -> None:
    second = "UNA|;,\\*~UNB;UNOA|4;A;B;261130|0825;1~UNH;1;INVOIC|D|96A|UN~BGM;380;7~UNT;3;1~UNZ;1;1~"
    transmission = read(sample() + second.encode(), "a.edi")
    assert [(i.sender, i.control, len(i.messages)) for i in transmission.interchanges] == [
        ("7654321", "99", 2),
        ("A", "1", 1),
    ]


def test_messages_may_have_no_envelope() -> None:
    transmission = read(b"UNH+1+INVOIC:D:96A:UN'BGM+380+7'UNT+3+1'", "a.edi")
    assert codes(transmission) == [NoteCode.NO_UNA, NoteCode.NO_UNB]
    assert transmission.interchanges[0].messages[0].version == "INVOIC:D:96A:UN"


def test_wrong_counts_and_references_are_noted_and_zeros_before_a_count_are_not() -> None:
    transmission = read(sample(replaced=("UNT+17+1'", "UNT+20+7'")), "a.edi")
    assert transmission.notes == (
        Note(code=NoteCode.WRONG_COUNT, line=19, segment=18, tag="UNT", expected="17", actual="20"),
        Note(code=NoteCode.WRONG_REFERENCE, line=19, segment=18, tag="UNT", expected="1", actual="7"),
    )
    assert read(sample(replaced=("UNT+17+1'", "UNT+000017+1'")), "a.edi").notes == ()
    assert codes(read(sample(replaced=("UNZ+2+99'", "UNZ+3+99'")), "a.edi")) == [NoteCode.WRONG_COUNT]


@for_each(
    "replaced, refusal",
    [
        (("UNZ+2+99'", ""), r"a\.edi: it ends in line 45, before its end mark"),
        (("UNT+17+1'", ""), r"line 20, segment 18: UNH stands where it must not"),
        (("UNH+2+INVOIC:D:96A:UN:EAN008'", ""), r"line 21, segment 19: BGM stands where it must not"),
        (("UNZ+2+99'", "UNZ+2+99'UNT+1+1'"), r"segment 46: UNT stands where it must not"),
        (("UNB+", "UNB+UNOC:3+A+B+1+1'UNB+"), r"segment 2: UNB stands where it must not"),
    ],
)
def test_an_envelope_without_its_other_part_is_refused(replaced: tuple[str, str], refusal: str) -> None:
    with raises_told(VendorFileRefused, match=refusal):
        read(sample(replaced=replaced), "a.edi")


def test_a_file_that_is_cut_anywhere_is_refused() -> None:
    whole = sample().rstrip()
    for cut in range(len(whole)):
        with pytest.raises(VendorFileRefused):
            read(whole[:cut], "a.edi")


def test_what_is_no_edifact_is_refused() -> None:
    for data in (b"", b"isbn,title\n", b"%PDF-1.7", b"UNA:+.? '", b"UNB+UNOA:1+A+B+1+1'UNZ+0+1'"):
        with pytest.raises(VendorFileRefused):
            read(data, "a.edi")


@given(st.lists(st.lists(st.lists(st.text("AZ09 é:+?'.", max_size=6), min_size=1, max_size=4), max_size=5), max_size=6))
def test_every_text_comes_back_however_it_is_escaped(rows: list[list[list[str]]]) -> None:
    def escaped(text: str) -> str:
        return "".join(f"?{char}" if char in ":+?'" else char for char in text)

    body = "".join(
        "+".join(["FTX", *(":".join(map(escaped, element)) for element in elements)]) + "'" for elements in rows
    )
    text = f"UNB+UNOC:3+A+B+261130:0825+1'UNH+1+ORDERS:D:96A:UN'{body}UNT+{len(rows) + 2}+1'UNZ+1+1'"
    transmission = read(text.encode(), "a.edi")
    assert codes(transmission) == [NoteCode.NO_UNA]
    assert content(transmission)[1:-1] == [("FTX", tuple(tuple(element) for element in elements)) for elements in rows]


# --- genuine files
# ----------------------------------------------------------------------------------------------------

UNREADABLE_FOR_PYDIFACT = {
    "broken_invoic.edi",
    "bt_ordrsp_ung_3msgs.edi",
    "desadv_evergreen_test.edi",
    "folio_orders_template.edi",
    "ingram_ordrsp_ung.edi",
}
"""A segment without tag, groups (UNG), a UNA that is one character short, a date of UNB that is none."""


def test_genuine_files_are_split_as_expected_and_any_cut_is_refused(shared: Path) -> None:
    folder = shared / "data" / "edifact"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert len(expected) == 15
    for name, file in expected.items():
        data = (folder / name).read_bytes()
        transmission = read(data, name)
        first = transmission.interchanges[0]
        assert (transmission.segments, transmission.encoding) == (file["segments"], file["encoding"]), name
        assert "".join(transmission.separators) == file["separators"], name
        assert (first.sender, first.recipient, first.syntax) == (file["sender"], file["recipient"], file["syntax"])
        assert [interchange.control for interchange in transmission.interchanges] == file["unb_control"], name
        assert sum(interchange.groups for interchange in transmission.interchanges) == file["groups"], name
        messages = [message for interchange in transmission.interchanges for message in interchange.messages]
        assert [(m.reference, m.type, m.version, len(m.segments)) for m in messages] == [
            (m["ref"], m["type"], m["version"], m["segments"]) for m in file["messages"]
        ], name
        wrong = [m for m in file["messages"] if int(m["unt_says"]) != m["segments"]]
        assert codes(transmission).count(NoteCode.WRONG_COUNT) == len(wrong), name
        for cut in range(0, len(data.rstrip()), 97):
            with pytest.raises(VendorFileRefused):
                read(data[:cut], name)


@pytest.mark.filterwarnings("ignore::pydifact.exceptions.MissingImplementationWarning")
def test_pydifact_finds_the_same_messages_and_segments(shared: Path) -> None:
    for path in sorted((shared / "data" / "edifact").glob("*.edi")):
        ours = read(path.read_bytes(), path.name)
        text = path.read_bytes().decode(ours.encoding).replace("\r", "").replace("\n", "")
        if path.name in UNREADABLE_FOR_PYDIFACT:
            with pytest.raises((EDISyntaxError, ValueError)):
                list(PydifactInterchange.from_str(text).get_messages())
            continue
        messages = PydifactInterchange.from_str(text).get_messages()
        assert [len(message.segments) for message in messages] == [
            len(message.segments) - 2 for message in ours.interchanges[0].messages
        ], path.name
