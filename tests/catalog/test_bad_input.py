"""Bad input in all three formats: truncated, too long, wrong lengths, junk, a million fields; hostile call numbers;
templates that nothing fits.

Input that only the reader of one format must refuse is in test_marc.py and test_marcjson.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Leader, Record, Subfield, record_to_xml

from station.base.settings import CatalogSettings
from station.base.text import clean
from station.catalog.labels import Template, compare, compare_scan, expected_label, is_about
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord, Rejected
from station.catalog.record import profiles, record
from station.domain.item import Barcode
from tests.catalog.labels.test_labels import ROWS
from tests.support.for_each import for_each
from tests.support.told import told

BARCODE = Barcode("31999000000014")


def made(number: int, call_number: str = "QA76 .S73 1990", title: str = "Ein Titel über alles") -> Record:
    found = Record()
    found.leader = Leader("00000nam a2200000 i 4500")
    found.add_field(
        Field("001", data=f"r{number}"),
        Field("245", Indicators("1", "0"), [Subfield("a", title)]),
        Field("949", Indicators(" ", " "), [Subfield("a", call_number), Subfield("i", BARCODE)]),
    )
    return found


def as_iso(records: list[Record]) -> list[bytes]:
    return [one.as_marc() for one in records]


def as_xml(records: list[Record]) -> list[bytes]:
    first, *rest = [record_to_xml(one) for one in records]
    return [b"<collection>" + first, *rest[:-1], rest[-1] + b"</collection>"] if rest else [b"<collection>" + first]


def as_json(records: list[Record]) -> list[bytes]:
    texts = [json.dumps(one.as_dict()).encode() for one in records]
    return [b"[" + texts[0], *(b"," + text for text in texts[1:-1]), b"," + texts[-1] + b"]"]


Writer = Callable[[list[Record]], list[bytes]]
FORMATS = [pytest.param(as_iso, id="iso2709"), pytest.param(as_xml, id="marcxml"), pytest.param(as_json, id="json")]


def outcomes(data: bytes) -> tuple[list[str], list[Rejected]]:
    """Return 001 of each record that was read, and the refusals; check that every reason can be shown."""
    found = list(marc.read(data))
    bad = [one for one in found if isinstance(one, Rejected)]
    assert all(one.reason and clean(one.reason, 2000) == one.reason for one in bad)
    return [str(marc.parse(one.data)["001"].data) for one in found if isinstance(one, RawRecord)], bad


@pytest.mark.parametrize("writer", FORMATS)
def test_cut_off_anywhere_costs_the_record_that_is_cut_and_no_other(writer: Writer) -> None:
    pieces = writer([made(number) for number in (1, 2, 3)])
    whole = b"".join(pieces)
    ends = [len(b"".join(pieces[: count + 1])) for count in range(3)]
    for cut in range(len(pieces[0]) // 2, len(whole), 7):
        good, bad = outcomes(whole[:cut])
        # The end of the whole file ("]", "</collection>") belongs to the last piece; without it no record is lost.
        sure = sum(end <= cut for end in ends)
        assert good[:sure] == ["r1", "r2", "r3"][:sure], cut
        assert len(good) <= 3
        assert len(bad) <= 1
        # An ISO 2709 file that is cut exactly between two records is complete.
        assert len(good) == 3 or len(bad) == 1 or (writer is as_iso and cut in ends), cut


@pytest.mark.parametrize(
    ("writer", "junk"), [(as_iso, b"\x00\xff<html>\x1b[2J</html>"), (as_json, b"\nNOT JSON \x1b[2J\n")]
)
def test_junk_between_records_costs_nothing_else(writer: Writer, junk: bytes) -> None:
    pieces = [b"".join(writer([made(number)] * 2)).strip(b"[]").split(b",{")[0] for number in (1, 2)]
    if writer is as_iso:
        pieces = [made(number).as_marc() for number in (1, 2)]
    good, bad = outcomes(pieces[0] + junk + pieces[1])
    assert good == ["r1", "r2"]
    assert len(bad) == 1


@for_each(
    "damage",
    [
        lambda second: b"\x00\xff<" + second,
        lambda second: second.replace(b"</datafield>", b"", 1),
        lambda second: second.replace(b"<leader>", b"<leader>&nothing;"),
        lambda second: second[:200] + b"<record>" + second[200:],
    ],
)
def test_broken_xml_costs_the_record_in_which_it_stands(damage: Callable[[bytes], bytes]) -> None:
    """A parser must not go on after a fatal error (XML 1.0, section 1.2), so a new one begins at the next record."""
    first, second, third = as_xml([made(1), made(2), made(3)])
    good, bad = outcomes(first + damage(second) + third)
    assert [name for name in good if name != "r2"] == ["r1", "r3"]
    assert len(bad) == 1


def test_two_xml_documents_in_one_file_lose_nothing() -> None:
    assert outcomes(b"".join(as_xml([made(1), made(2)]) + as_xml([made(3), made(4)]))) == (["r1", "r2", "r3", "r4"], [])


@for_each("writer", [as_iso, as_xml, as_json])
def test_one_impossible_character_costs_itself(writer: Writer) -> None:
    whole = b"".join(writer([made(1), made(2, title="Über viele Dinge"), made(3)]))
    found = list(marc.read(whole.replace(b"Dinge", b"\xffinge")))
    assert [one.notes for one in found if isinstance(one, RawRecord)] == [(), ("1 character could not be read",), ()]
    assert outcomes(whole.replace(b"Dinge", b"\xffinge")) == (["r1", "r2", "r3"], [])
    assert [str(marc.parse(one.data)["245"]["a"]) for one in found if isinstance(one, RawRecord)][
        1
    ] == "Über viele \ufffdinge"


def endless(head: bytes, piece: bytes, count: int, tail: bytes) -> Iterator[bytes]:
    yield head
    block = piece * 1000
    for _ in range(count // 1000):
        yield block
    yield tail


class Stream(io.RawIOBase):
    """A file that is generated while it is read; it counts how much was requested."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        while len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


LEADER = "00000nam a2200000 i 4500"
MANY = {
    "iso2709": (b"99999nam a2200000 i 4500", b"500000100000", b"\x1e" + b"x\x1e" * 10 + b"\x1d" + made(2).as_marc()),
    "marcxml": (
        f"<collection><record><leader>{LEADER}</leader>".encode(),
        b'<controlfield tag="001">x</controlfield>',
        b"</record>" + record_to_xml(made(2)) + b"</collection>",
    ),
    "json": (
        f'[{{"leader":"{LEADER}","fields":[{{"001":"x"}}'.encode(),
        b',{"001":"x"}',
        b"]}," + json.dumps(made(2).as_dict()).encode() + b"]",
    ),
}


@pytest.mark.parametrize("form", list(MANY))
@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_a_record_with_a_million_fields_is_refused_alone(form: str, count: int) -> None:
    head, piece, tail = MANY[form]
    found = list(marc.read(Stream(endless(head, piece, count, tail))))
    good = [one for one in found if isinstance(one, RawRecord)]
    bad = [one for one in found if isinstance(one, Rejected)]
    assert len(bad) == 1
    assert len(bad[0].reason) < 200
    assert [marc.parse(one.data)["001"].data for one in good] == ["r2"]


@for_each(
    ("start", "looks"),
    [(b"99999nam a22x", True), (b"\n \x0099999nam a22x", True), (b"<html>", False), (b" " * 3_000_000, False)],
)
@for_each("ended", [True, False])
def test_what_is_too_long_is_called_by_its_beginning(start: bytes, looks: bool, ended: bool) -> None:
    """Only its end was checked before, so that a real record of three megabytes did "not look like MARC"."""
    good = made(1).as_marc()
    pieces = [good, start + b"A" * 3_000_000, b"\x1e\x1d" + good if ended else b""]
    found = list(marc.read(Stream(iter(pieces))))
    bad = [one for one in found if isinstance(one, Rejected)]
    assert len(found) == len(bad) + 1 + ended
    assert len(bad) == 1
    assert bad[0].number == 2
    assert ("does not look like MARC" in bad[0].reason) == (not looks)
    assert bad[0].reason.startswith("longer than 2000000 bytes")


@for_each("writer", [as_xml, as_json])
@for_each(
    ("call_number", "lines"),
    [
        # right-to-left letters are letters; marks that change the direction of text are removed
        ("\u05d0\u05d1\u05d2 123 \u202etxet", ("\u05d0\u05d1\u05d2", "123", "txet")),
        ("\u2066QA76\u2069 .S73", ("QA", "76", ".S73")),
        ("\u0627\u0644\u0641 12", ("\u0627\u0644\u0641", "12")),
        ("QA76\u00a0.S73\u200b 1990", ("QA", "76", ".S73", "1990")),
    ],
)
def test_right_to_left_call_numbers(writer: Writer, call_number: str, lines: tuple[str, ...]) -> None:
    data = b"".join(writer([made(1, call_number)] * 2))
    raw = next(one for one in marc.read(data) if isinstance(one, RawRecord))
    found = record.describe(raw.data, BARCODE, profiles.load("symphony-949"), CatalogSettings())
    assert found.label_lines == lines


@pytest.mark.parametrize(
    "text", ["QA76\x1b[2J .S73", "QA76\x07 .S73\x9b0m", "QA76 .S73\x00", "\x1b]52;c;QUFB\x07QA76 .S73"]
)
def test_control_characters_never_reach_a_label(text: str) -> None:
    for data in (made(1, text).as_marc(), json.dumps(made(1, text).as_dict()).encode()):
        for raw in marc.read(data):
            if isinstance(raw, Rejected):
                continue
            found = record.describe(raw.data, BARCODE, profiles.load("symphony-949"), CatalogSettings())
            assert found.label_lines
            assert all(
                clean(line) == line
                for line in (*found.label_lines, *map(told, found.label_problems), found.call_number)
            )


# --- templates ------------------------------------------------------------------------------------------------------

TEMPLATES = st.builds(
    Template,
    name=st.just("t"),
    width=st.integers(4, 12),
    height=st.integers(2, 10),
    letters_number=st.booleans(),
    decimal=st.sampled_from(["keep", "before", "after"]),
    cutters=st.booleans(),
    inside_cutter=st.booleans(),
    cutter_point=st.sampled_from(["keep", "hide"]),
    dewey_digits=st.integers(0, 4),
    dewey_keep=st.integers(0, 4),
    sudoc=st.lists(
        st.sampled_from(["agency", "colon", "slash", "hyphen", "point", "digits"]), unique=True, max_size=6
    ).map(tuple),
    break_before=st.text("().:-]^\\", max_size=3),
    break_after=st.text("().:-]^\\", max_size=3),
    local=st.lists(st.sampled_from(["space", "colon", "bracket"]), unique=True, max_size=3).map(tuple),
    holdings=st.lists(st.sampled_from(["designation", "space", "colon", "bracket"]), unique=True).map(tuple),
    split=st.sampled_from(["parts", "spaces"]),
    break_longer=st.integers(0, 6),
    most=st.integers(0, 4),
)


def plain(text: str) -> str:
    return "".join(text.split()).replace(".", "").replace("/", "")


@given(TEMPLATES, st.sampled_from(ROWS))
def test_no_template_loses_a_character_and_what_does_not_fit_is_said(
    template: Template, row: tuple[str, str, str, str]
) -> None:
    number, scheme, _, _ = row
    found = expected_label(number, scheme, template)
    assert plain("".join(found.text)) == plain(number)
    wide = [line for line in found.text if len(line) > template.width]
    high = len(found.text) > template.height
    assert len(found.problems) == len(wide) + high
    assert all(any(line in told(problem) for problem in found.problems) for line in wide)


@given(st.text(max_size=60), TEMPLATES)
def test_any_text_by_any_template(text: str, template: Template) -> None:
    found = expected_label(clean(text), "", template, description=clean(text), copy=text, height_cm=1.0)
    assert all(line.strip() == line and line for line in found.text)
    assert compare(found.text, found.text) == ()


def test_a_label_that_no_stock_takes() -> None:
    template = Template(name="t", width=4, height=2, prefixes={"X": "OVER;SIZE;BOOK"})
    found = expected_label("W" * 200, "local", template, location="X")
    assert found.text == ("OVER", "SIZE", "BOOK", "W" * 200)
    assert len(found.problems) == 2


# --- comparing ------------------------------------------------------------------------------------------------------

LINES = st.lists(st.text("ABC123.", min_size=1, max_size=6), min_size=1, max_size=7)


@given(LINES, st.sampled_from(["", " ", "  "]))
def test_the_labels_own_text_is_right_however_it_is_spaced(lines: list[str], gap: str) -> None:
    assert compare_scan(lines, gap.join(lines)) == ()
    assert is_about(lines, gap.join(lines))


@given(LINES, st.text("ABC123. |", max_size=30))
def test_other_text_is_never_right(lines: list[str], text: str) -> None:
    same = "".join(text.replace("|", "").split()) == "".join(lines)
    differences = compare_scan(lines, text)
    if not same:
        assert differences
    elif "|" not in text:
        assert not differences


@given(LINES, st.text(max_size=300))
def test_hostile_scans(lines: list[str], text: str) -> None:
    for one in compare_scan(lines, text):
        assert one.sentence
    assert is_about(lines, text) in (True, False)
    assert not is_about([], text)
