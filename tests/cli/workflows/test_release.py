"""`station release` with a list in a file: its content, files that are not lists, and a truck's label in it."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from station.catalog.barcodes.list import LARGEST
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain import events as ev
from station.domain.verdict import Verdict
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.hostile_text import CORPUS

RIGHT, ALSO, FAILED, UNKNOWN = "31234000000016", "31234000000024", "31234000000032", "31234000000040"
Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-XxExmp"}), encoding="utf-8")
    store = open_store(tmp_path / JOURNAL, FakeClock())
    try:
        for number, barcode in enumerate((RIGHT, ALSO, FAILED)):
            uid, name = f"E00401000000000{number}", f"a{number}"
            verdict = Verdict.FAIL if barcode == FAILED else Verdict.PASS
            store.journal.record(
                sample_events.started(name, uid, barcode),
                sample_events.verified(name, uid, barcode),
                msgspec.structs.replace(sample_events.judged(barcode, verdict), uid=uid),
            )
    finally:
        store.close()
    return tmp_path


@pytest.fixture
def run(data: Path) -> Run:
    numbers = itertools.count()

    def ran(content: bytes | str, *words: str, command: str = "truck", stdin: bool = False) -> Result:
        raw = content.encode() if isinstance(content, str) else content
        name = data / f"list {next(numbers)}.txt"
        name.write_bytes(raw)
        where = "-" if stdin else str(name)
        return CliRunner().invoke(
            station, ["--data", str(data), "release", command, where, *words], input=raw if stdin else None
        )

    return ran


def released(data: Path) -> list[ev.TruckReleased]:
    rows = Queries(data / JOURNAL, FakeClock()).events()
    return [row.event for row in rows if isinstance(row.event, ev.TruckReleased)]


@pytest.mark.parametrize("stdin", [False, True], ids=["file", "stdin"])
def test_what_may_leave_is_told_and_journaled(run: Run, data: Path, stdin: bool) -> None:
    listed = f"# monday\n\n{RIGHT}\n  {ALSO}  \n{FAILED}\n{UNKNOWN}\n"
    said = run(listed, stdin=stdin)
    assert said.exit_code == 1
    assert said.stdout.startswith("2 of 4 can go; 2 cannot")
    assert f"not right: {FAILED} A title: It failed. " in said.stdout and "crooked" in said.stdout
    assert f"not right: {UNKNOWN} : Neither the journal nor the catalog has it." in said.stdout
    (event,) = released(data)
    assert (event.right, event.truck) == ((RIGHT, ALSO), "")
    assert [line.barcode for line in event.wrong] == [FAILED, UNKNOWN]


def test_where_all_are_right_the_exit_code_says_so_and_a_check_releases_nothing(run: Run, data: Path) -> None:
    assert run(f"{RIGHT}\n{ALSO}\n", command="check").exit_code == 0
    assert released(data) == []
    assert run(f"{RIGHT}\n{ALSO}").exit_code == 0, "the last line needs no line end"
    assert len(released(data)) == 1


@pytest.mark.parametrize(
    ("lines", "words", "truck"),
    [
        ([RIGHT, "TRUCK-7"], [], "7"),
        (["TRUCK-7", RIGHT, "TRUCK-Main 9"], [], "Main 9"),
        (["TRUCK-9", RIGHT, "TRUCK-7", ALSO, "TRUCK-9"], [], "9"),
        (["TRUCK-7", RIGHT], ["--truck", "by hand"], "by hand"),
        (["TRUCK-" + "x" * 500, RIGHT], [], None),
    ],
)
def test_a_label_among_the_lines_names_the_truck(
    run: Run, data: Path, lines: list[str], words: list[str], truck: str | None
) -> None:
    assert run("\n".join(lines), *words).exit_code == 0
    (event,) = released(data)
    assert set(event.right) <= {RIGHT, ALSO} and event.wrong == (), "a label must not count as an item"
    assert event.truck == truck if truck is not None else 0 < len(event.truck) < 100


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lists_as_editors_and_spreadsheets_write_them(run: Run, data: Path, encoding: str, end: str) -> None:
    said = run(end.join(("# Wägelchen", RIGHT, ALSO, "")).encode(encoding))
    assert said.exit_code == 0, said.output
    assert released(data)[0].right == (RIGHT, ALSO)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The list is empty."),
        (b"\xef\xbb\xbf\r\n", "The list is empty."),
        (b"# nothing\n\n   \n", "The list is empty."),
        (b"TRUCK-7\n", "The list is empty."),
        (f"{RIGHT}\n# W\xe4gelchen\n".encode("latin-1"), "line 2: this is not UTF-8 text"),
        (f"{RIGHT}\n".encode("utf-16-le"), "is not a text file"),
        (b"\xff\xfe3", "this is not UTF-8 text"),
        (b"PK\x03\x04" + bytes(range(256)), "this is not UTF-8 text"),
        (b"\0" * 40, "is not a text file"),
        (b"3\n" * (LARGEST // 2 + 1), "larger than 4 MiB"),
    ],
    ids=["empty", "mark only", "comments", "label only", "latin-1", "utf-16 bare", "cut", "workbook", "zeros", "large"],
)
@pytest.mark.parametrize("command", ["check", "truck"])
def test_a_file_that_is_no_list_is_refused_and_nothing_is_released(
    run: Run, data: Path, command: str, content: bytes, why: str
) -> None:
    said = run(content, command=command)
    assert said.exit_code == 2 and why in said.stderr, said.output
    assert released(data) == []


def test_a_list_that_is_not_there(data: Path) -> None:
    for path in (str(data / "no such list"), str(data)):
        said = CliRunner().invoke(station, ["--data", str(data), "release", "truck", path])
        assert said.exit_code == 2 and released(data) == []


def test_what_stands_twice_is_counted_once_and_said(run: Run, data: Path) -> None:
    said = run(f"{RIGHT}\n{ALSO}\n{RIGHT}\nTRUCK-7\nTRUCK-7\n{RIGHT}\n")
    assert said.exit_code == 0
    assert said.stdout.count(RIGHT) == 1 and f"{RIGHT} is listed more than once" in said.stdout
    assert released(data)[0].right == (RIGHT, ALSO)
    told = json.loads(run(f"{ALSO}\n{ALSO}", "--json", command="check").stdout)
    assert (told["right"], len(told["lines"]), told["repeated"]) == (1, 1, [ALSO])


@pytest.mark.parametrize("stdin", [False, True], ids=["file", "stdin"])
def test_hostile_lines_are_named_harmless_and_never_released(run: Run, data: Path, stdin: bool) -> None:
    table = data / "report.csv"
    lines = [text.replace("\n", " ").replace("\r", " ") for text in CORPUS if text.isprintable() or "\x1b" in text]
    said = run("\n".join((RIGHT, *lines, "TRUCK-\x1b[31m=cmd")), "--csv", str(table), stdin=stdin)
    assert said.exit_code == 1, said.output
    assert "\x1b" not in said.output and not set(said.output) & set(map(chr, range(0x202A, 0x202F)))
    (event,) = released(data)
    assert event.right == (RIGHT,) and len(event.wrong) > 5
    assert event.truck == "[31m=cmd"
    rows = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert rows[1][:3] == [RIGHT, "A title", "yes"]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows[1:] for cell in row if cell), (
        "no cell may be a formula"
    )


@pytest.mark.parametrize("content", [b"\xff\xfe\xfd\n", b"31234\xe4\n"])
def test_bytes_from_a_scanner_that_are_no_text_are_not_right(run: Run, data: Path, content: bytes) -> None:
    said = run(content + RIGHT.encode(), stdin=True)
    assert said.exit_code == 1
    assert released(data)[0].right == (RIGHT,) and len(released(data)[0].wrong) == 1
