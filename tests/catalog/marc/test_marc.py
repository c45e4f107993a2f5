"""Reading of files: genuine, damaged and hostile ones."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import pymarc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.catalog.marc import marc
from station.catalog.marc.iso2709 import MAX_RECORD, BadRecord
from station.catalog.marc.marc import NotMarc, RawRecord, Rejected
from station.catalog.sample import sample
from tests.support.for_each import for_each

SAMPLE = sample.catalog()
RECORDS = [one + b"\x1d" for one in SAMPLE.split(b"\x1d")[:-1]]


def outcomes(data: bytes) -> tuple[list[RawRecord], list[Rejected]]:
    found = list(marc.read(data))
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    for one in found:
        if isinstance(one, RawRecord):
            marc.parse(one.data)
    return [x for x in found if isinstance(x, RawRecord)], [x for x in found if isinstance(x, Rejected)]


# counts: docs/reference/systems.md#genuine-records
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("uva_demoRecs.mrc", 6),
        ("evergreen_lul_fre_500.mrc", 500),
        ("evergreen_hebrew_marc8.mrc", 20),
        ("evergreen_sample_acq_order.mrc", 10),
        ("evergreen_serials_mfhd.xml", 7),
        ("evergreen_rda_bluray.mrc", 1),
        ("evergreen_rda_score_cd.mrc", 1),
        ("tr_louis_armstrong.marc", 1),
        ("tr_test_data.utf8.mrc", 30),
        ("loc_opera43_marcxml.xml", 43),
        ("pymarc_marc.dat", 20),
    ],
)
def test_genuine_files(shared: Path, name: str, count: int, capfd: pytest.CaptureFixture[str]) -> None:
    good, bad = outcomes((shared / "data" / "marc" / name).read_bytes())
    assert (len(good), bad) == (count, [])
    assert capfd.readouterr() == ("", "")


def test_utf8_like_pymarc(shared: Path) -> None:
    data = (shared / "data" / "marc" / "tr_test_data.utf8.mrc").read_bytes()
    theirs = list(pymarc.MARCReader(data))
    for mine, other in zip(outcomes(data)[0], theirs, strict=True):
        assert marc.parse(mine.data).as_dict() == other.as_dict()


def test_marcxml_and_its_snippets_like_pymarc(shared: Path) -> None:
    data = (shared / "data" / "marc" / "loc_opera43_marcxml.xml").read_bytes()
    theirs = pymarc.parse_xml_to_array(io.BytesIO(data))
    mine = [marc.parse(one.data) for one in outcomes(data)[0]]
    assert [one.as_dict() for one in mine] == [one.as_dict() for one in theirs]


def test_one_byte_at_a_time() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1)

    assert [one.data for one in marc.read(Slow(SAMPLE)) if isinstance(one, RawRecord)] == RECORDS


def test_line_ends_and_marks_between_records() -> None:
    good, bad = outcomes(b"\xef\xbb\xbf\n" + b"\r\n".join(RECORDS[:3]) + b"\r\n\x1a")
    assert ([one.data for one in good], bad) == (RECORDS[:3], [])


def test_truncated_at_the_end() -> None:
    good, bad = outcomes(RECORDS[0] + RECORDS[1][:-40])
    assert [one.data for one in good] == RECORDS[:1]
    assert [(one.number, one.reason, one.offset) for one in bad] == [
        (2, "the file ends in the middle of this record", len(RECORDS[0]))
    ]


def test_truncated_in_the_middle_costs_one_record() -> None:
    good, bad = outcomes(RECORDS[0] + RECORDS[1][:200] + RECORDS[2] + RECORDS[3])
    assert [one.data for one in good] == [RECORDS[0], RECORDS[2], RECORDS[3]]
    assert [(one.number, one.reason) for one in bad] == [(2, "200 bytes of a record without its end")]


def test_junk_between_records_costs_nothing_else() -> None:
    good, bad = outcomes(RECORDS[0] + b"<html>oops</html>" + RECORDS[1])
    assert [one.data for one in good] == RECORDS[:2]
    assert "junk" in bad[0].reason


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda r: b"0000x" + r[5:], "record length"),
        (lambda r: r[:24] + b"\x1e\x1d", "no fields|record length|directory"),
        (lambda r: r[:30] + b"\x1d", "directory has no end"),
        (lambda r: r[:24] + b"!!!" + r[27:], "no tag"),
        (lambda r: r.replace(b"\x1e", b"", 1), "directory"),
        (lambda r: b"00005\x1d", "too short"),
    ],
)
def test_damaged_records_are_rejected_alone(damage: object, reason: str) -> None:
    good, bad = outcomes(RECORDS[0] + damage(RECORDS[1]) + RECORDS[2])  # type: ignore[operator]
    assert [one.data for one in good] == [RECORDS[0], RECORDS[2]]
    assert len(bad) == 1
    assert re.search(reason, bad[0].reason), bad[0].reason


def test_wrong_lengths_are_put_right_and_noted() -> None:
    wrong_total = b"99999" + RECORDS[0][5:]
    entry = RECORDS[1][24:36]
    wrong_entry = RECORDS[1].replace(entry, entry[:3] + b"9999" + entry[7:], 1)
    wrong_base = RECORDS[2][:12] + b"00030" + RECORDS[2][17:]
    good, bad = outcomes(wrong_total + wrong_entry + wrong_base)
    assert bad == []
    assert ["leader says 99999" in good[0].notes[0], good[1].notes, good[2].notes] == [
        True,
        ("directory repaired",),
        ("wrong base address",),
    ]
    for one, whole in zip(good, RECORDS, strict=False):
        assert marc.parse(one.data).as_dict()["fields"] == marc.parse(whole).as_dict()["fields"]


def test_overlapping_fields_do_not_multiply() -> None:
    """A directory of 8,000 entries that all point at one long field must not produce 8,000 long fields."""
    body = b"  \x1fa" + b"x" * 9990 + b"\x1e"
    directory = b"500%04d00000" % len(body) * 8000
    record = b"%05dnam a22%05d i 4500" % (99999, 24 + len(directory) + 1) + directory + b"\x1e" + body + b"\x1d"
    good, bad = outcomes(record)
    assert good == []
    assert "8000 fields" in bad[0].reason


def _book(leader9: bytes, title: bytes) -> bytes:
    field = b"10\x1fa" + title + b"\x1e"
    directory = b"001000300000245%04d00003" % len(field)
    body = b"x1\x1e" + field
    base = 24 + len(directory) + 1
    return b"%05dnam %b22%05d i 4500" % (base + len(body) + 1, leader9, base) + directory + b"\x1e" + body + b"\x1d"


@pytest.mark.parametrize(
    ("leader9", "title", "shown", "note"),
    [
        (b" ", b"K\xe8oln", "Köln", ()),
        (b"a", "Köln".encode(), "Köln", ()),
        (b" ", "Köln".encode(), "Köln", ("leader says MARC-8, the text is UTF-8",)),
        (b"a", b"K\xe8oln", "Köln", ("leader says UTF-8, the text is MARC-8",)),
    ],
)
def test_mislabelled_leaders(leader9: bytes, title: bytes, shown: str, note: tuple[str, ...]) -> None:
    good, bad = outcomes(_book(leader9, title))
    assert bad == []
    assert good[0].notes == note
    assert marc.parse(good[0].data)["245"]["a"] == shown


@pytest.mark.parametrize(
    ("leader9", "title", "lost"),
    [
        (b"a", "Война и мир, Анна Каренина".encode("cp1251"), 21),
        (b" ", b"M\x82moires de l'ann\x82e, \x85 Paris", 3),  # CP850
        (b" ", "“Žluťoučký kůň”, …".encode("cp1252", "replace") + b"\x80\x85\x99", 8),
    ],
)
def test_a_record_in_no_known_charset_is_kept_with_the_number_of_lost_characters(
    leader9: bytes, title: bytes, lost: int
) -> None:
    good, bad = outcomes(_book(leader9, title) + RECORDS[0])
    assert (len(good), bad) == (2, [])
    found = marc.parse(good[0].data)
    assert str(found["245"]["a"]).count("\ufffd") == lost
    assert good[0].notes[-1] == f"{lost} characters could not be read"
    assert found["001"].data == "x1"


@for_each(
    ("leader9", "title", "shown"),
    [
        (b"a", "Žluťoučký kůň ".encode() + b"\xe9t\xe9", "Žluťoučký kůň \ufffdt\ufffd"),
        (b" ", "Žluťoučký kůň ".encode() + b"\xff", "Žluťoučký kůň \ufffd"),
        (
            b" ",
            b"K\xe8oln, M\xe8unchen, Z\xe8urich, \xb2resund, T\xe8ubingen \xff",
            "Köln, München, Zürich, øresund, Tübingen \ufffd",
        ),
    ],
)
def test_one_impossible_character_does_not_change_the_charset_of_the_others(
    leader9: bytes, title: bytes, shown: str
) -> None:
    assert marc.parse(outcomes(_book(leader9, title))[0][0].data)["245"]["a"] == shown


@for_each(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\x1f\x8b\x08\x00junk", "gzip"),
        (b"PK\x03\x04", "zip"),
        (b'["leader"]', "JSON"),
        (b"=LDR  00000nam", "MARCMaker"),
        (b"SQLite format 3\x00", "database"),
        (b"Dear librarian,", "neither"),
    ],
)
def test_not_marc(data: bytes, said: str) -> None:
    with pytest.raises(NotMarc, match=said):
        list(marc.read(data))


def test_endless_record_is_rejected_in_bounded_memory() -> None:
    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            if self.given > 12 * MAX_RECORD:
                return b""
            self.given += size
            return b"7" * size

    found = list(marc.read(Endless()))
    assert len(found) == 1
    assert isinstance(found[0], Rejected)
    assert len(found[0].reason) < 200


XML = '<collection xmlns="http://www.loc.gov/MARC21/slim">%s</collection>'
ONE = '<record><leader>00000nam a2200000 i 4500</leader><controlfield tag="001">%s</controlfield></record>'


def test_xml_bad_record_is_rejected_alone() -> None:
    bad_tag = '<record><leader>00000nam a2200000 i 4500</leader><datafield><subfield code="a">x</subfield></datafield></record>'
    bad_leader = '<record><leader>short</leader><controlfield tag="001">2</controlfield></record>'
    many = (
        "<record><leader>00000nam a2200000 i 4500</leader>"
        + '<controlfield tag="001">x</controlfield>' * 10_001
        + "</record>"
    )
    long = ONE % ("x" * (MAX_RECORD + 1))
    good, bad = outcomes((XML % (ONE % "1" + bad_tag + ONE % "3" + bad_leader + many + long + ONE % "7")).encode())
    assert [marc.parse(one.data)["001"].data for one in good] == ["1", "3", "7"]
    assert [one.number for one in bad] == [2, 4, 5, 6]
    assert "no fields" in bad[0].reason
    assert "leader has 5" in bad[1].reason
    assert "more than 10000 fields" in bad[2].reason
    assert "longer than" in bad[3].reason


def test_xml_cut_off_keeps_what_came_before() -> None:
    good, bad = outcomes((XML % (ONE % "1" + ONE % "2")).encode()[:-60])
    assert len(good) == 1
    assert "broken XML" in bad[0].reason


def test_local_tags_with_letters_are_kept_in_every_format() -> None:
    """Alma writes INST and HLD866 and subfields like updated; Aleph writes LKR, CAT, Z30 and the control field FMT."""
    values = '<subfield code="a">x</subfield><subfield code="updated">y</subfield>'
    tags = f'<datafield tag="%s" ind1=" " ind2=" ">{values}</datafield>'
    xml = (XML % (ONE % "1")).replace(
        "</record>",
        "".join(tags % tag for tag in ("INST", "HLD866", "AVA", "LKR", "CAT", "Z30", "996a"))
        + '<controlfield tag="FMT">BK</controlfield></record>',
    )
    (found,) = [marc.parse(one.data) for one in outcomes(xml.encode())[0]]
    wanted = ["001", "INST", "HLD866", "AVA", "LKR", "CAT", "Z30", "996a", "FMT"]
    assert [field.tag for field in found.fields] == wanted
    assert found["INST"].get_subfields("a", "updated") == ["x", "y"]
    assert found["FMT"]["a"] == "BK"
    (again,) = [marc.parse(one.data) for one in outcomes(json.dumps(found.as_dict()).encode())[0]]
    assert again.as_dict() == found.as_dict()
    (plain,) = outcomes(_book(b" ", b"A title").replace(b"245", b"LKR"))[0]
    assert marc.parse(plain.data)["LKR"]["a"] == "A title"


def test_what_is_left_out_of_a_record_is_noted() -> None:
    xml = (XML % (ONE % "1")).replace(
        "</record>", '<datafield tag=""><subfield code="a">x</subfield></datafield></record>'
    )
    xml = xml.replace("00000nam a2200000 i 4500", "00000nam 2200000 i 4500")
    (found,), bad = outcomes(xml.encode())
    assert bad == []
    assert found.notes == ("the leader has 23 characters, not 24", "field 2 was left out: '' is not a tag")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE c [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE c SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
def test_xml_document_types_are_refused(doctype: str) -> None:
    good, bad = outcomes((doctype + XML % (ONE % "1")).encode())
    assert good == []
    assert "document type" in bad[0].reason


@given(st.binary(max_size=400))
def test_random_bytes(data: bytes) -> None:
    with contextlib.suppress(NotMarc):
        outcomes(data)


@given(st.integers(0, len(SAMPLE) - 1), st.binary(max_size=20), st.integers(0, 300))
def test_mutated_records(at: int, new: bytes, cut: int) -> None:
    start = max(0, at - 2000)
    data = SAMPLE[start:at] + new + SAMPLE[at + cut : at + 3000]
    with contextlib.suppress(NotMarc):
        outcomes(data)


@given(st.integers(0, 600), st.text(max_size=20), st.integers(0, 60))
def test_mutated_xml(at: int, new: str, cut: int) -> None:
    whole = XML % (ONE % "1" + ONE % "2")
    with contextlib.suppress(NotMarc):
        outcomes((whole[:at] + new + whole[at + cut :]).encode("utf-8", "replace"))


@given(st.binary(max_size=300))
def test_parse_raises_only_bad_record(data: bytes) -> None:
    for raw in (data, b"<" + data, RECORDS[0][:24] + data):
        with contextlib.suppress(BadRecord):
            assert isinstance(marc.parse(raw), pymarc.Record)
