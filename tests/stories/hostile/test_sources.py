"""From each input to each output: the text of a tag, a record, SIP2, Alma and a web page is clean when it has arrived.
It is still present, and harmless, on a screen, in the journal, in the log, in every export and in the data for the
library system."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from station.base import logs
from station.base.sentence import Sentence
from station.base.spreadsheet import as_csv
from station.base.words import tell
from station.cli.shared.app import as_json, safe
from station.domain import events as ev
from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import ResultIntent
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord
from station.domain.snapshot import Phase, Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import InspectedTag
from station.store.owner import open_store
from station.sync.file_sink import FileSink
from station.tui.drawing import snapshot_views
from station.tui.drawing.words import say
from station.tui.workflows.inspect import TABS, tag_lines
from station.web import messages
from tests.conftest import FakeClock
from tests.stories.hostile.arriving import SOURCES, texts_of
from tests.stories.hostile.hostile_directory import BARCODE, UID
from tests.stories.hostile.packing import Arrival
from tests.stories.hostile.test_exports import check_csv, json_of
from tests.support.harmless import bad_characters, plain
from tests.support.hostile_text import CORPUS, MARK
from tests.support.hostile_values import STORABLE
from tests.support.served_pad import tag
from tests.support.told import told


@pytest.fixture(scope="module", params=SOURCES)
def arrivals(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Arrival]:
    """All values from one source."""
    found = list(SOURCES[request.param](tmp_path_factory.mktemp("way")))
    assert len(found) > 10
    return found


def test_it_has_arrived_whole_and_clean(arrivals: list[Arrival]) -> None:
    for value, expected in arrivals:
        texts = texts_of(value)
        assert not expected or any(expected in text for text in texts), (ascii(expected), ascii(texts))
        for text in texts:
            assert bad_characters(text) == [], ascii(text)
            assert len(text) <= 2000
    assert any(MARK in text for value, _ in arrivals for text in texts_of(value)), "brackets must arrive as data"


# --- ways out -------------------------------------------------------------------------------------------------------


def screen(_folder: Path, values: list[Any]) -> str:
    """Return the screen lines that show such a value, and every text as a widget receives it."""
    lines = [say(text).plain for value in values for text in texts_of(value)]
    for value in values:
        if isinstance(value, ItemRecord):
            now = Snapshot(operator=Sentence.verbatim("ann"), phase=Phase.CHECKING, item=value)
            lines += snapshot_views.card(now, 100, 20).plain.split("\n")
        elif isinstance(value, InspectedTag):
            lines += [line.plain for side in TABS for line in tag_lines(value, side, 100)]
    return "\n".join(lines)


def journal(folder: Path, values: list[Any]) -> str:
    """Return the journal as a person reads it."""
    store = open_store(folder / "j", FakeClock())
    try:
        for value in values:
            store.journal.record(_judged(value))
        return "\n".join(safe(told(row.summary)) for row in store.queries.journal_page(limit=200))
    finally:
        assert store.close()


def log(folder: Path, values: list[Any]) -> str:
    """Return the log with the value, and with an error that quotes the value and has a traceback."""
    ours = logging.getLogger("station")
    before = ours.level, ours.propagate
    logs.configure(folder / "log")
    try:
        for value in values:
            ours.warning("arrived: %s", " ".join(texts_of(value)))
            try:
                raise ValueError("\n".join(texts_of(value)))
            except ValueError:
                ours.exception("refused")
    finally:
        for logger in (ours, logging.getLogger()):
            for one in [one for one in logger.handlers if isinstance(one.formatter, logs.CleanFormatter)]:
                logger.removeHandler(one)
                one.close()
        ours.setLevel(before[0])
        ours.propagate = before[1]
    text = (folder / "log").read_text(encoding="utf-8")
    assert sum(not line.startswith(logs.FOLLOWS) for line in text.splitlines()) == 2 * len(values)
    return text


def csv_file(_folder: Path, values: list[Any]) -> str:
    """Return a table for a spreadsheet program, one text per row."""
    text = as_csv([["text"], *([one] for value in values for one in texts_of(value))])
    check_csv(text.encode())
    return text.replace("\r\n", "\n")


def json_line(_folder: Path, values: list[Any]) -> str:
    """Return the output of `--json`."""
    text = as_json(values)
    assert text.isascii() and "\n" not in text
    return "\n".join(texts_of(json_of(text)))


def results_file(folder: Path, values: list[Any]) -> str:
    """Return the results file of a library without a library system: JSON lines, written through the journal and its
    outbox."""
    store = open_store(folder / "f", FakeClock())
    sink = FileSink(folder / "results.jsonl", tell)
    try:
        for value in values:
            judged = _judged(value)
            intent = ResultIntent(
                barcode=BARCODE, uid=str(UID), part=1, parts=1, verdict=Verdict.FAIL, findings=judged.findings
            )
            store.journal.record(judged, deliveries=[NewDelivery("file", BARCODE, intent)])
        for row in store.queries.outbox_page(limit=200):
            sink.deliver(row)
    finally:
        assert store.close()
    data = (folder / "results.jsonl").read_bytes()
    assert data.isascii()
    lines = data.decode("ascii").split("\n")
    assert lines.pop() == "" and len(lines) == len(values)
    return "\n".join(text for line in lines for text in texts_of(json.loads(line)))


def web_answer(_folder: Path, values: list[Any]) -> str:
    """Return the XML for Alma's page."""
    texts = [one for value in values for one in texts_of(value)]
    said = ""
    for at in range(0, len(texts), 100):  # as many as a strict reader accepts
        data = messages.items([tag(n, text, location=text) for n, text in enumerate(texts[at : at + 100])], True)
        said += "\n".join(_node_texts(messages.parse(data)))
    return said


def _node_texts(node: messages.Node) -> list[str]:
    """Return all texts of an answer, parsed as strictly as a request."""
    return [node.text, *(text for child in node.children for text in _node_texts(child))]


def _judged(value: Any) -> ev.ItemJudged:
    """Return a failed check whose finding quotes the value."""
    words = " ".join(sorted(texts_of(value), key=lambda text: MARK not in text))
    finding = Finding(
        "label", words, Severity.MAJOR, Outcome.FAIL, "w-ann", Sentence.verbatim(words), note=Sentence.verbatim(words)
    )
    return ev.ItemJudged(
        barcode=BARCODE,
        uid=str(UID),
        part=1,
        parts=1,
        verdict=Verdict.FAIL,
        findings=(finding,),
        item=value if isinstance(value, ItemRecord) else ItemRecord(barcode=Barcode(BARCODE)),
        operator="w-ann",
    )


LEAVES: Final[dict[str, Callable[[Path, list[Any]], str]]] = {
    "screen": screen,
    "journal": journal,
    "log": log,
    "csv": csv_file,
    "json": json_line,
    "file-sink": results_file,
    "web": web_answer,
}


@pytest.mark.parametrize("way", LEAVES)
def test_it_leaves_harmless_and_is_there(arrivals: list[Arrival], way: str, tmp_path: Path) -> None:
    """The arrived values are clean already, so the outputs are tested with raw text below."""
    said = LEAVES[way](tmp_path, [one.value for one in arrivals])
    assert bad_characters(said, "\n") == [], ascii(said)
    assert MARK in said


@pytest.mark.parametrize("way", [name for name in LEAVES if name not in ("json", "file-sink")])
def test_each_way_out_is_a_second_line_behind_the_ways_in(way: str, tmp_path: Path) -> None:
    """Raw text, as an older journal may hold it. JSON is left out, because it escapes control characters and returns
    them as data."""
    said = LEAVES[way](tmp_path, [(f"{MARK} {text}",) for text in STORABLE[:180]])
    assert bad_characters(said, "\n") == [], ascii(said)
    assert said.count(MARK) >= 180


def test_json_holds_raw_text_in_ascii_only(tmp_path: Path) -> None:
    for way in (json_line, results_file):
        assert MARK in way(tmp_path, [(f"{MARK} {text}",) for text in STORABLE[:180]])


def test_the_yardstick_is_no_mirror_of_the_code() -> None:
    """Examples for `plain`, written by hand."""
    assert plain("a\x1b[2Jb\u202ec") == "a[2Jbc"
    assert plain(" a\t\n\u2028b\u00a0 ") == "a b"
    assert plain("e\u0301\u200b") == "\u00e9"
    assert all(bad_characters(plain(text)) == [] for text in CORPUS)
