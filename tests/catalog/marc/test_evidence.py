"""MARC-8 or Windows-1252: each record is read by what makes sense, and stays in doubt where nothing does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pymarc
import pytest

from station.catalog.marc import charset, marc
from station.catalog.marc.iso2709 import Parts
from station.catalog.marc.marc import RawRecord
from tests.conftest import ROOT
from tests.support.for_each import for_each

TITLES = ("Luis Buñuel", "Louis-Ferdinand Céline", "García Márquez", "Émile Zola", "São Paulo", "Le cœur à l’œuvre")
"""The first three are readable in both sets: the letters of Windows-1252 are accents of MARC-8."""
SHARED = ("evergreen_lul_fre_500.mrc", "uva_demoRecs.mrc")


def record(title: bytes, language: str = "eng") -> bytes:
    fields = ((b"008", b" " * 35 + language.encode() + b" d"), (b"245", b"00\x1fa" + title))
    return iso2709(b"nam  22", b" i 4500", fields)


def iso2709(kind: bytes, ending: bytes, fields: tuple[tuple[bytes, bytes], ...]) -> bytes:
    directory = body = b""
    for tag, data in fields:
        directory += b"%s%04d%05d" % (tag, len(data) + 1, len(body))
        body += data + b"\x1e"
    base = 25 + len(directory)
    return b"%05d%b%05d%b" % (base + len(body) + 1, kind, base, ending) + directory + b"\x1e" + body + b"\x1d"


def titles(file: bytes) -> list[str]:
    """Return the titles as an index has them: read from the stored bytes of each record alone."""
    found = marc.read_like_file(marc.read(file), marc.file_evidence(file))
    return [str(marc.parse(one.data)["245"]["a"]) for one in found if isinstance(one, RawRecord)]


@for_each("language", ["eng", "spa", "fre", "por"])
def test_a_file_in_windows_1252_is_read_in_windows_1252(language: str) -> None:
    assert titles(b"".join(record(title.encode("cp1252"), language) for title in TITLES)) == list(TITLES)


def test_a_file_in_marc8_is_read_in_marc8() -> None:
    written = {
        b"Bu\xe4nuel": "Buñuel",
        b"Garc\xe2ia M\xe2arquez": "García Márquez",
        b"Milo\xe9s Forman": "Miloš Forman",
        b"M\xe8unchen": "München",
        b"\xe2Emile Zola": "Émile Zola",
        b"\xebT\xecSvetaeva": "T\ufe20S\ufe21vetaeva",
    }
    assert titles(b"".join(map(record, written))) == list(written.values())


@for_each(
    ("title", "language", "shown"),
    [
        (b"Bu\xf1uel", "eng", "Bu\ufffduel"),  # Buñuel or Buųel
        (b"Milo\xe9s", "eng", "Milo\ufffds"),  # Miloš or Miloés
        (b"Bu\xf1uel", "spa", "Buñuel"),
        (b"Milo\xe9s", "cze", "Miloš"),
        (b"\x9cuvre", "fre", "œuvre"),  # a letter of the language where MARC-8 has none
        (b"Educa\xe7\xe3o, caf\xe9", "eng", "Educação, café"),
        (b"Se\xe1n \xd3 R\xedord\xe1n", "gle", "Seán Ó Ríordán"),
        (b"ma\x8ctre", "fre", "ma\ufffdtre"),  # CP850
        (b"\x81\x9cuvre", "fre", "\ufffd\ufffduvre"),  # Windows-1252 has no 81
        (b"Dvo\xf8\xe1k \x9aest", "cze", "Dvo\ufffd\ufffdk \ufffdest"),  # Windows-1250
    ],
)
def test_a_record_alone_is_read_by_its_language_or_keeps_a_gap(title: bytes, language: str, shown: str) -> None:
    assert titles(record(title, language)) == [shown]


@for_each(("letter", "encoding"), [("m", "cp1252"), ("w", "utf-8"), ("m", "utf-8")])
def test_the_letters_of_our_marks_say_nothing_in_a_file(letter: str, encoding: str) -> None:
    """MARC 21 defines neither m nor w in leader/09; some system may write them."""
    file = b"".join(record(title.encode(encoding)) for title in TITLES)
    assert titles(file.replace(b"nam  22", b"nam %b22" % letter.encode())) == list(TITLES)


def test_a_file_that_says_both_decides_nothing() -> None:
    french, czech = "Céline, Thérèse".encode("cp1252"), b"\xe9Capek, T\xe9reza, Dvo\xe9r\xe2ak"
    mixed = [record(french, "fre"), record(french, "fre"), record(czech, "cze"), record(b"Bu\xf1uel")]
    assert titles(b"".join(mixed))[-1] == "Bu\ufffduel"


@pytest.mark.parametrize("name", SHARED)
def test_genuine_records_read_the_same_in_marc8_and_in_windows_1252(shared: Path, name: str) -> None:
    """Each file as it is, in MARC-8; then its fields that Windows-1252 has, written in Windows-1252."""
    data = (shared / "data" / "marc" / name).read_bytes()
    rewritten, shown = [], []
    for found in marc.read_like_file(marc.read(data), marc.file_evidence(data)):
        assert isinstance(found, RawRecord) and found.charset in ("marc-8", "ascii"), found.number
        assert isinstance(found.known, Parts)
        fields = []
        for tag, body in found.known.fields:
            text = "\x1f".join(charset.decode(piece, "marc-8") for piece in body.split(b"\x1f"))
            try:
                fields.append((tag.encode(), text.encode("cp1252")))
            except UnicodeEncodeError:
                continue
        if any(tag == b"245" for tag, _ in fields):
            rewritten.append(iso2709(b"nam  22", b" i 4500", tuple(fields)))
            shown.append(str(marc.parse(found.data)["245"]))
    file = b"".join(rewritten)
    found_again = marc.read_like_file(marc.read(file), marc.file_evidence(file))
    again = [str(marc.parse(one.data)["245"]) for one in found_again]
    assert len(again) == len(shown) > 0
    assert [pair for pair in zip(again, shown, strict=True) if pair[0] != pair[1]] == []


ACCENTS = {"\u0300": 0xE1, "\u0301": 0xE2, "\u0302": 0xE3, "\u0303": 0xE4, "\u0308": 0xE8, "\u0327": 0xF0}
SIGNS = {"¿": 0xC5, "¡": 0xC6, "ß": 0xC7, "æ": 0xB5, "œ": 0xB6}
"""MARC 21, code table of Extended Latin (ANSEL)."""


def in_marc8(text: str) -> bytes:
    """Return the text with each accent before its letter. Raises `KeyError` for a character that is not in the tables
    above."""
    written = bytearray()
    for letter, marks in re.findall("(.)([\u0300-\u036f]*)", unicodedata.normalize("NFD", text)):
        written += bytes(ACCENTS[mark] for mark in marks)
        written.append(ord(letter) if letter.isascii() else SIGNS[letter])
    return bytes(written)


def in_windows(text: str) -> bytes:
    return text.encode("cp1252")


def spanish() -> list[tuple[str, str]]:
    """Return the station's own Spanish sentences as titles, without a language of their record."""
    files = (ROOT / "station" / "base" / "words" / "es").glob("*.po")
    sentences = (
        re.findall(r'^msgstr(?:\[\d\])? "([^"\\]+)"$', file.read_text("utf-8"), re.MULTILINE) for file in files
    )
    return [(title, "eng") for found in sentences for title in found if not title.isascii()]


def operas(folder: Path) -> list[tuple[str, str]]:
    """Return the titles of genuine records in UTF-8, most of them French, German or Italian, with their languages."""
    records = pymarc.parse_xml_to_array(str(folder / "data" / "marc" / "loc_opera43_marcxml.xml"))
    return [(unicodedata.normalize("NFC", one["245"]["a"]), one["008"].data[35:38]) for one in records]


@pytest.mark.parametrize("write", [in_windows, in_marc8])
@pytest.mark.parametrize("source", ["Spanish sentences", "operas"])
def test_no_letter_is_wrong_in_texts_for_which_no_weight_was_chosen(
    shared: Path, source: str, write: Callable[[str], bytes]
) -> None:
    """In a file every title is right. Alone, a title is right or has a gap."""
    written: dict[str, bytes] = {}
    for title, language in spanish() if source == "Spanish sentences" else operas(shared):
        try:
            written[title] = record(write(title), language)
        except (KeyError, UnicodeEncodeError):
            continue  # the set does not have one of its characters
    assert sum(not title.isascii() for title in written) > (1500 if source == "Spanish sentences" else 8)
    assert [pair for pair in zip(titles(b"".join(written.values())), written, strict=True) if pair[0] != pair[1]] == []
    alone = {title: titles(data)[0] for title, data in written.items()}
    assert {title: shown for title, shown in alone.items() if shown != title and "\ufffd" not in shown} == {}


def test_a_question_in_lower_case_is_no_swedish_letter() -> None:
    """C5 is ¿ in MARC-8, and Å in Windows-1252."""
    title = "¿puede salir este carro?"
    assert titles(record(in_marc8(title), "spa")) == ["\ufffdpuede salir este carro?"]
    assert titles(record(in_marc8(title), "spa") + record(in_marc8("Búsqueda, señal"), "spa"))[0] == title
    assert titles(record(in_windows("Åland och Ålesund"), "swe")) == ["Åland och Ålesund"]
