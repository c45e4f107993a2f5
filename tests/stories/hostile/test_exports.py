"""Every command and every file that it writes, on a data directory full of hostile text: one corpus, one table of
commands.

The output on stdout and stderr, in JSON, CSV, SVG, PDF and ZPL must be harmless. It must also contain the text, so that
no row passes only because its output is empty. Exit code and JSON shape must be those of the golden corpus. The command
tree is compared with the table, so a new command needs a row.
"""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest

from scripts.reference.pages import all_commands
from tests.golden import said
from tests.golden.comparing import unexplained_call
from tests.stories.hostile.command_table import COLOURS, ELSEWHERE, TABLE, Row
from tests.stories.hostile.hostile_place import FORMULAS, Place
from tests.support.for_each import for_each
from tests.support.harmless import bad_characters, plain
from tests.support.hostile_text import MARK
from tests.support.hostile_values import STORABLE

KNOWN = [known for text in STORABLE for known in {plain(text), text} if len(known) > 8]
"""Texts that prove that an output shows the corpus where the mark is missing. JSON may hold them raw, in ASCII."""
STYLE = re.compile("\x1b\\[[0-9;]*m")
CASES = [
    pytest.param(row, as_json, id=f"{row.words[:50]}{' --json' if as_json else ''}")
    for rows in TABLE.values()
    for row in rows
    for as_json in ((False, True) if row.json else (False,))
]


def test_every_command_is_in_the_table() -> None:
    every = {path for path, _ in all_commands()}
    assert every - set(TABLE) - set(ELSEWHERE) == set(), (
        "a new command needs its row in tests/stories/hostile/command_table.py"
    )
    assert set(TABLE) | set(ELSEWHERE) == every
    assert not set(TABLE) & set(ELSEWHERE)


FREE = ("text", "path", "file", "directory", "filename")
"""Types of options that take any text."""


def typed(path: str) -> Row:
    """Return the first row of a command, with the corpus in each other option that takes any text."""
    row = TABLE[path][0]
    command = dict(all_commands())[path]
    more = [
        f"{one.opts[0]} {{evil}}"
        for one in command.params
        if one.type.name in FREE and one.param_type_name == "option" and one.opts[0] != "--data"
        if one.opts[0] not in row.words.split()
    ]
    return row._replace(words=" ".join([row.words, *more]), shows=False, files=()) if more else row


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("path", [path for path in TABLE if typed(path) != TABLE[path][0]])
def test_what_is_said_of_any_text_that_a_person_types_is_harmless(place: Place, path: str) -> None:
    result, _ = place.call(typed(path), as_json=False)
    assert result.exit_code != 70, ascii(result.output)
    assert bad_characters(result.stdout + result.stderr, "\n\t") == [], ascii(result.output)


@pytest.mark.parametrize(("row", "as_json"), CASES)
def test_what_a_command_says_and_writes_is_harmless(place: Place, row: Row, as_json: bool) -> None:
    result, out = place.call(row, as_json=as_json)
    assert result.exit_code != 70, ascii(result.output)
    if as_json == row.json:
        assert unexplained_call(row.words, result.exit_code, result.stdout if as_json else None) == set()
    now = said.outcome(result, out, place.root, as_json=as_json)
    wrong = said.differences("calls", said.name_of(row, as_json=as_json), "en", now)
    assert not wrong, "\n".join(wrong[:5])
    output = result.stdout + result.stderr
    if row.allowed == COLOURS:
        output = STYLE.sub("", output)
    assert bad_characters(output, "\n" + row.allowed.replace(COLOURS, "")) == [], ascii(output)
    shown = output
    if as_json:
        lines = result.stdout.splitlines()
        assert len(lines) == 1 or row.words.startswith("callnumber"), "one value, or one per line for call numbers"
        shown = "\n".join(texts_of(json_of(line)) for line in lines)
        assert result.stdout.isascii()
    if row.shows:
        assert MARK in shown or any(one in shown for one in KNOWN), f"the text is not shown:\n{output!a}"
    if "--csv" in row.words and "{out}" not in row.words:
        check_csv(result.stdout_bytes)
    written = [path for path in out.rglob("*") if path.is_file()]
    assert {path.suffix for path in written} >= set(row.files), f"not written; {output!a}"
    for path in written:
        assert bad_characters(path.name) == [], ascii(path.name)
        CHECKS[path.suffix](path.read_bytes())


# --- what each kind of output must be -------------------------------------------------------------------------------


def json_of(text: str) -> Any:
    """Parse by RFC 8259: strict, no NaN, no lone surrogates."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    value = json.loads(text, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # strict: raises for a lone surrogate
    return value


def texts_of(value: Any) -> str:
    """Return all texts of a JSON value, in depth-first order."""
    if isinstance(value, dict):
        return "\n".join(f"{key}\n{texts_of(one)}" for key, one in value.items())
    return "\n".join(map(texts_of, value)) if isinstance(value, list) else str(value)


def check_csv(data: bytes) -> None:
    """Check RFC 4180 with CR LF: one line per row, no formula, the same number of cells in each row."""
    text = data.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) == text.count("\r\n") == text.count("\n"), "a cell holds a line feed"
    assert len({len(row) for row in rows}) == 1
    for row in rows:
        for cell in row:
            assert bad_characters(cell) == [], ascii(cell)
            number = cell.replace("-", "", 1).replace(".", "", 1).isdigit()
            assert number or not cell.lstrip().startswith(FORMULAS), ascii(cell)


def check_svg(data: bytes) -> None:
    """Check that the XML has no scripts, no links, and only shapes and text."""
    root = ElementTree.fromstring(data)
    for one in root.iter():
        assert one.tag.rpartition("}")[2] in {"svg", "g", "rect", "text", "polyline", "circle", "title"}
        assert not any(name.startswith("on") or name.endswith("href") for name in one.attrib)
        assert bad_characters(one.text or "") == []


def check_pdf(data: bytes) -> None:
    """Check that the text is harmless, and that opening the file runs no action."""
    document = pypdfium2.PdfDocument(data)
    try:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    assert MARK in text.replace("\r\n", " ")
    assert bad_characters(text.replace("\r\n", "")) == [], ascii(text)
    data = re.sub(rb"stream.*?endstream", b"", data, flags=re.S)
    for word in (b"JavaScript", b"JS", b"OpenAction", b"AA", b"Launch", b"URI", b"EmbeddedFile"):
        assert not re.search(rb"/" + word + rb"\b", data), word


def check_zpl(data: bytes) -> None:
    """Check that there are only the station's own commands with numbers. Text is drawn, so none of it is data of a
    command."""
    text = data.decode("ascii")
    for command in re.findall(r"[\^~][A-Z@]?[A-Z0-9@]?", text):
        assert command in OUR_COMMANDS, command
    assert MARK not in text and "owned" not in text


OUR_COMMANDS = {"^XA", "^XZ", "^GF", "^FO", "^FS", "^PW", "^LL", "^PQ", "^LH", "^CI", "^LS", "^LT", "^PO", "^PM", "^MN"}


def check_json(data: bytes) -> None:
    """Check that there is one value in one line of ASCII that shows the text."""
    assert data.isascii() and data.count(b"\n") == 1
    assert MARK in texts_of(json_of(data.decode("ascii")))


def check_json_lines(data: bytes) -> None:
    """Check that each line is a value."""
    assert data.isascii() and data.endswith(b"\n")
    for line in data.decode("ascii").splitlines():
        json_of(line)


CHECKS: dict[str, Callable[[bytes], None]] = {
    ".csv": check_csv,
    ".svg": check_svg,
    ".pdf": check_pdf,
    ".zpl": check_zpl,
    ".json": check_json,
    ".jsonl": check_json_lines,
}


# --- the checks themselves ------------------------------------------------------------------------------------------


@for_each(
    ("check", "data"),
    [
        (check_csv, b"a,b\r\n=1+1,x\r\n"),
        (check_csv, b'a,b\r\n"x\ny",x\r\n'),
        (check_csv, b"a,b\r\nx\x1b[2J,x\r\n"),
        (check_csv, "a,b\r\n\uff1d1,x\r\n".encode()),
        (check_svg, b"<svg><script/></svg>"),
        (check_svg, b"<svg onload='x'/>"),
        (check_zpl, b"^XA^FDowned^FS^XZ"),
        (check_zpl, b"^XA~JR^XZ"),
        (json_of, '{"a": "\\ud83d"}'),
        (json_of, '{"a": NaN}'),
    ],
)
def test_the_checks_bite(check: Callable[[Any], object], data: Any) -> None:
    with pytest.raises((AssertionError, UnicodeEncodeError)):
        check(data)
