"""Every command that reads a file of records reads each of them like the others of its file: "Mu", F1, "oz" alone is ñ or
an accent of MARC-8; beside records in Windows-1252 it is ñ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pymarc import Field, Indicators, Leader, Record, Subfield

from station.catalog.sample import sample
from station.cli import station
from station.cli.admin.settings_file import template

CLEAR = "André Dupré "
UNCLEAR = "Muñoz"


def record(number: int, title: str) -> bytes:
    """Return a sound recording in Windows-1252 with an order field, and an item in a field of no profile."""
    made = Record()
    made.leader = Leader("00000njm a2200000 a 4500")
    made.add_field(
        Field("001", data=str(number)),
        Field("245", Indicators("0", "0"), [Subfield("a", title)]),
        Field("970", Indicators(" ", " "), [Subfield("p", "5.00")]),
        Field("991", Indicators(" ", " "), [Subfield("i", sample.numbered_barcode(number)), Subfield("a", "M1 .A1")]),
    )
    data: bytes = made.as_marc()  # in UTF-8: an accented letter has two bytes
    written = data.replace(title.encode(), title.encode("cp1252").ljust(len(title.encode())))
    return written[:9] + b" " + written[10:]


@pytest.mark.parametrize(
    "words",
    [
        ("orders", "list", "--profile", "evergreen-970"),
        ("callnumber", "anscr"),
        ("catalog", "inspect"),
        ("catalog", "check", "--file"),
    ],
)
def test_a_record_is_read_like_its_file(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    path = tmp_path / "file.mrc"
    path.write_bytes(b"".join([record(1, UNCLEAR), *(record(number, CLEAR) for number in range(2, 30))]))
    result = CliRunner().invoke(station, ["--data", str(tmp_path), *words, str(path), "--json"])
    said = json.dumps([json.loads(line) for line in result.stdout.splitlines()], ensure_ascii=False)
    assert "�" not in said and "characters-lost" not in said
    assert UNCLEAR in said or "check" in words
