"""Labels and slips in the pseudo-language: the text on them, and the messages if one cannot be printed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import station.base.words
from station.base.clock import SystemClock
from station.base.errors import StationError
from station.base.settings import Labels
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord
from station.printing import content, outputs, paper, symbology
from station.printing.content import Content, Row, Wrong
from station.printing.fonts import Fonts
from station.printing.job import Printer
from station.printing.label_port import BenchLabels
from station.printing.layout import Page, Setter
from station.printing.outputs import PrintJob, Target, send, target
from station.printing.paper import Paper, shipped
from tests.support.for_each import for_each
from tests.support.pseudo_language import UNITS, catalogue, plain_words
from tests.support.told import told

NAMES = f"{UNITS} U Codabar Code QR code CUPS ZPL PDF lpstat FULLWIDTH LATIN CAPITAL SMALL LETTER"
"""Words equal in every language, and Unicode names of characters."""
ITEM = ItemRecord(
    barcode=Barcode("31234000000016"), title="1 2", author="3", extent="4", accompanying="5", label_lines=("6", "7")
)
SHORT = shipped("spine-25x38")


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())


LABELS: tuple[Callable[[], Content], ...] = (
    lambda: content.spine(ITEM.label_lines, ITEM.barcode),
    lambda: content.pocket(ITEM, ITEM.label_lines),
    lambda: content.part(ITEM, ITEM.label_lines, 1, 3, "8"),
    lambda: content.flag(ITEM, ITEM.label_lines, [Wrong("9", "10", "11"), Wrong("12")], "13", "14"),
)


@pytest.mark.parametrize("made", LABELS)
def test_what_stands_on_a_label_is_told(made: Callable[[], Content]) -> None:
    label = made()
    said = " ".join(f"{row.text} {row.what} {row.fallback}" for row in label.rows)
    assert plain_words(f"{said} {label.sign} {label.note}") == set()


def _set(rows: tuple[Row, ...], barcode: str = "", stock: Paper = SHORT, symbols: paper.Symbology = "codabar") -> Page:
    return Setter(stock, Fonts(), symbols).page(Content(kind="spine", rows=rows, barcode=barcode))


LONG = "1 " * 200
BARS = msgspec.structs.replace(shipped("pocket-76x51"), barcode="codabar")
PAGES: dict[str, Callable[[], Page]] = {
    "nothing": lambda: _set(()),
    "lines": lambda: _set(tuple(Row(text=f"{n}", what="1") for n in range(30))),
    "wide": lambda: _set((Row(text="1" * 300, what="1"),)),
    "wrapped": lambda: _set((Row(text=LONG, what="1", wrap=2),)),
    "cut": lambda: _set((Row(text=LONG, what="1", wrap=2, cut=True),)),
    "smaller": lambda: _set((Row(text="1" * 12, what="1"),), stock=msgspec.structs.replace(SHORT, shrink_to=6.0)),
    "missing": lambda: _set((Row(text="\u05d0\u05d1\u05d2\u05d3\u05d4", what="1"),)),
    "instead": lambda: _set((Row(text="\u05d0", what="1", fallback="2"),)),
    "bars": lambda: _set((), "1" * 40, stock=BARS),
    "carry": lambda: _set((), "1\u00e9", stock=BARS),
}
REPORTED = {"nothing", "lines", "wide", "wrapped", "missing", "bars", "carry"}


@for_each("name", PAGES)
def test_what_is_wrong_with_a_label_is_told(name: str) -> None:
    page = PAGES[name]()
    said = [*page.problems, *page.notes]
    assert said
    assert bool(page.problems) is (name in REPORTED), said
    assert plain_words(" ".join(said), f"{NAMES} HEBREW LETTER ALEF BET GIMEL") == set(), said


@for_each("kind", list(symbology.WORDS))
@for_each("value", ["\u00e9", "", "1" * 60])
def test_what_a_barcode_cannot_carry_is_told(kind: paper.Symbology, value: str) -> None:
    said = symbology.problem(kind, value)
    assert said and plain_words(said, NAMES) == set()


def _printer(name: str, kind: paper.Kind, form: str, where: Target, data: Path) -> Printer:
    return Printer(
        shipped(name),
        kind,
        form,  # type: ignore[arg-type]
        where,
        settings=Labels(),
        data=data,
        clock=SystemClock(),
    )


def _job(where: Target, data: Path, suffix: str = "zpl") -> None:
    job = PrintJob(content=b"1", name="1", suffix=suffix, media="1")  # type: ignore[arg-type]
    send(job, where, data, SystemClock())


HERE = Target("directory", "1")
FAILING: dict[str, Callable[[Path], object]] = {
    "queue": lambda data: target("cups:-"),
    "device": lambda data: target("device:1"),
    "directory": lambda data: target(" "),
    "pdf on a device": lambda data: _job(Target("device", "/1"), data, "pdf"),
    "no device": lambda data: _job(Target("device", str(data / "1")), data),
    "no printer": lambda data: _job(Target("device", str(data / "2")), data),
    "no lp": lambda data: _job(Target("cups", "1"), data),
    "a file in its place": lambda data: _job(Target("directory", "1"), data),
    "other labels": lambda data: _printer("spine-25x38", "flag", "pdf", HERE, data),
    "a sheet": lambda data: _printer("spine-sheet-letter", "spine", "zpl", HERE, data),
    "a device": lambda data: _printer("spine-25x38", "spine", "pdf", Target("device", "/1"), data),
    "nothing": lambda data: _printer("spine-25x38", "spine", "pdf", HERE, data).render([]),
    "no paper": lambda data: shipped("1"),
    "margins": lambda data: paper.parse('name = "1"\nkinds = ["flag"]\nwidth_mm = 8\nheight_mm = 8\nleft_mm = 9', "1"),
    "shrinking": lambda data: paper.parse(
        'name = "1"\nkinds = ["flag"]\nwidth_mm = 8\nheight_mm = 8\nshrink_to = 90', "1"
    ),
}
PAPERS = "spine pocket part flag claim box packing slip x sideways sheet letter"
"""Names of papers and kinds of labels, as typed."""


@pytest.mark.parametrize("name", FAILING)
def test_why_nothing_can_be_printed_is_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "1").touch()
    with pytest.raises(StationError) as failed:
        FAILING[name](tmp_path)
    said = told(failed.value.sentence).replace(str(tmp_path), "")
    names = f"{NAMES} {PAPERS} commands lp cups client format dev usb device zpl pdf labels"
    assert plain_words(said, names) == set(), said


def test_what_a_printer_answers_is_told() -> None:
    for number, key in outputs._DEVICE_WORDS.items():
        said = station.base.words.tell(key)
        assert said != key, os.strerror(number)
        assert plain_words(said) == set()
    for number in (errno.ENOSPC, errno.EACCES, errno.ENOTDIR):
        assert plain_words(outputs._words(OSError(number, "1"), Path("2"))) == set()


def test_what_the_screen_is_told_of_a_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = BenchLabels(Labels(to=str(tmp_path / "1")), tmp_path, SystemClock(), {}, lambda _barcode: None)
    finding = Finding(rule="r", title="9", severity=Severity.MAJOR, outcome=Outcome.FAIL, by="machine")
    said = [labels.label(ITEM).sentence]
    with monkeypatch.context() as back:
        back.setattr(
            station.base.words.current_session(), "catalogue", station.base.words.english()
        )  # letters that the fonts contain
        slip = labels.slip(ITEM, [finding], "1").sentence
    for refused in (
        lambda: labels.label(msgspec.structs.replace(ITEM, label_lines=())),
        lambda: labels.slip(ITEM, [], "1"),
    ):
        with pytest.raises(StationError) as failed:
            refused()
        said.append(told(failed.value.sentence))
    assert "flag slip" in slip
    assert plain_words(" ".join(said).replace(str(tmp_path), ""), "spine pdf") == set()
