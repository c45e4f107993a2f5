"""The program log, stderr and every question at the terminal: one line stays one line, and all of it is harmless."""

from __future__ import annotations

import ast
import contextlib
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from station.base import logs
from station.base.errors import TagAbsent
from station.cli.shared import app
from station.cli.shared.app import App, as_json, complain
from tests.conftest import ROOT
from tests.support.harmless import bad_characters
from tests.support.hostile_text import CORPUS, MARK
from tests.support.served_pad import serving

OURS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [a-z._]+ \S+ ?")
"""Beginning of a line of the log."""
SOURCES = [path for path in sorted((ROOT / "station").rglob("*.py")) if "emulators" not in path.parts]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "station.log"
    ours = logging.getLogger("station")
    before = (ours.level, ours.propagate)
    logs.configure(path)
    yield path
    for logger in (ours, logging.getLogger()):
        for one in [one for one in logger.handlers if isinstance(one.formatter, logs.CleanFormatter)]:
            logger.removeHandler(one)
            one.close()
    ours.setLevel(before[0])
    ours.propagate = before[1]


@contextmanager
def without_pytest() -> Iterator[None]:
    """Remove the handlers that keep records for pytest's report: a lone surrogate in a record breaks the line of an
    xdist worker."""
    loggers = [
        logging.getLogger(name) for name in ("", "station", "station.sync.courier.courier", "uvicorn.error", "nfc.clf")
    ]
    theirs = [(it, one) for it in loggers for one in it.handlers if not isinstance(one.formatter, logs.CleanFormatter)]
    for logger, one in theirs:
        logger.removeHandler(one)
    try:
        yield
    finally:
        for logger, one in theirs:
            logger.addHandler(one)


def test_a_record_is_one_line_and_what_follows_it_is_marked(log: Path) -> None:
    ours, other = logging.getLogger("station.sync.courier.courier"), logging.getLogger("uvicorn.error")
    with without_pytest():
        for text in CORPUS:
            ours.warning("delivery %s: %s", text, MARK)
            other.warning("%s", f"{MARK} {text}")
            try:
                raise TagAbsent(text)
            except TagAbsent:
                ours.exception("%s", text)
    lines = log.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    heads = [line for line in lines if not line.startswith(logs.FOLLOWS)]
    assert len(heads) == 3 * len(CORPUS)
    for line in heads:
        assert OURS.match(line), ascii(line)
    assert sum(MARK in line for line in heads) == 2 * len(CORPUS)
    for line in lines:
        assert bad_characters(line) == [], ascii(line)


def test_a_traceback_that_another_formatter_wrote_first_is_clean_here() -> None:
    """`logging` caches the formatted traceback in the record."""
    try:
        raise TagAbsent("x\x1b[2J\ny")
    except TagAbsent:
        record = logging.LogRecord("station", logging.ERROR, "", 1, "m", (), sys.exc_info())
    assert "\x1b" in logging.Formatter().format(record)
    for info in (record.exc_info, None):
        record.exc_info = info
        head, *rest = logs.CleanFormatter("%(message)s").format(record).split("\n")
        assert head == "m" and rest
        for line in rest:
            assert line.startswith(logs.FOLLOWS) and bad_characters(line) == [], ascii(line)


def test_what_other_packages_warn_of_goes_to_the_file_and_not_to_the_screen(
    log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`logging.lastResort` writes a record without a handler to stderr, which is the operator's terminal."""
    with without_pytest():
        logging.getLogger("nfc.clf").error("\x1b[2J owned")
    assert capfd.readouterr().err == ""
    assert "[2J owned" in log.read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_log_on_a_full_disk_prints_nothing(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Python's own handler prints a traceback to stderr for each record that it cannot write."""
    assert not log.read_bytes()
    logs.configure(Path("/dev/full"))
    try:
        logging.getLogger("station.sync.courier.courier").error("not written")
    finally:
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.FileHandler) and handler.baseFilename == "/dev/full":
                with contextlib.suppress(OSError):  # closing writes the buffered data once more
                    handler.stream.close()
                handler.stream = None  # type: ignore[assignment]  # so that closing the handler does not flush it again
    assert capsys.readouterr() == ("", "")


def test_what_a_page_sends_stands_harmless_in_the_log(log: Path, tmp_path: Path) -> None:
    """The server keeps no access log. It logs a refused request with the header at fault."""
    texts = [text.encode("utf-8", "replace").decode("latin-1") for text in CORPUS if not set("\r\n\0") & set(text)]
    with serving(tmp_path) as desk:
        for at in range(0, len(texts), 8):
            evil = f"{MARK} {' '.join(texts[at : at + 8])}"
            plain = "".join(char for char in evil if char >= " ")
            assert desk.call("GET", "/getItems", origin=plain).status == 403
            with desk.socket() as connection:  # no client library sends these
                connection.sendall(f"GET /{evil} HTTP/1.1\r\n{evil}: {evil}\r\nHost: {evil}\r\n\r\n".encode("latin-1"))
                assert connection.recv(65536).startswith(b"HTTP/1.1 400")
    said = log.read_text(encoding="utf-8")
    assert bad_characters(said, "\n") == [], ascii(said)
    refused = [line for line in said.splitlines() if "refused: Origin" in line]
    assert len(refused) == len(range(0, len(texts), 8))
    assert all(MARK in line for line in refused)


def test_every_logger_is_one_of_ours() -> None:
    """The records of these loggers go through the formatter above."""
    names = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("getLogger"):
                names |= {ast.unparse(one) for one in node.args}
    strange = {name for name in names if name != "__name__" and not name.startswith("'station")}
    assert strange == {"'pymarc'"}, "a logger of another name is not cleaned; pymarc's is silenced"


SAID = {"safe", "as_json", "as_csv", "in_json"}
"""Functions that text must pass before it is printed."""
BY_HAND = {
    ("app.py", "error.ctx.get_usage()"),  # click's own words and our metavars
    ("app.py", "alone.format_message()"),  # a group's help
    ("encode.py", "data"),  # the bytes of a dump, asked for with --to
    ("view.py", "''.join(pieces)"),  # each piece is safe, between click's colours
    ("call_number.py", "'\\t'.join(map(_cell, (call_number.text, call_number.scheme.value, *pieces)))"),
    (
        "call_number.py",
        "as_json({'word': word, 'cutter': number}) if app.json else '\\t'.join(map(_cell, (word, number)))",
    ),
    ("progress.py", "'\\r' + filled(cut(safe(line), _WIDTH, ''), _WIDTH)"),
}


def test_everything_said_at_the_terminal_passes_the_gate() -> None:
    """echo, prompt and confirm get their text from `safe` or `as_json`; only `cli.shared.app` asks questions."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            if name in ("print", "click.secho", "sys.stdout.write", "sys.stderr.write"):
                found.add((path.name, name))
            elif name in ("click.prompt", "click.confirm", "click.echo") and node.args:
                said = node.args[0]
                gated = isinstance(said, ast.Constant) or (
                    isinstance(said, ast.Call) and ast.unparse(said.func) in SAID
                )
                if not gated or (name != "click.echo" and path.name != "app.py"):
                    found.add((path.name, ast.unparse(said)))
    assert found == BY_HAND


@pytest.mark.parametrize("ask", [app.confirm, app.prompt])
def test_a_question_is_harmless_text(ask: object, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(click, "confirm", lambda text, **_: asked.append(text) or True)
    monkeypatch.setattr(click, "prompt", lambda text, **more: asked.append(text + str(more["type"])) or "x")
    for text in CORPUS:
        assert callable(ask)
        ask(f"{MARK} {text}") if ask is app.confirm else ask(f"{MARK} {text}", (text,))
    assert len(asked) == len(CORPUS)
    for text in asked:
        assert MARK in text
        assert bad_characters(text) == [], ascii(text)


@pytest.mark.parametrize("as_one", [False, True], ids=["words", "json"])
def test_an_error_that_quotes_the_corpus_is_harmless(as_one: bool, capsys: pytest.CaptureFixture[str]) -> None:
    told = App()
    told.json = as_one
    for text in CORPUS:
        for error in (TagAbsent(text), click.UsageError(text), RuntimeError(text), click.BadParameter(text)):
            complain(told, error)
    said = capsys.readouterr()
    assert bad_characters(said.out + said.err, "\n") == []
    assert len(said.out.splitlines()) == (4 * len(CORPUS) if as_one else 0)


def test_json_holds_no_half_characters_and_all_whole_ones() -> None:
    assert as_json({"a\ud83d": ["\udc9b", "\U0001f600", "\ud83d\ude00"]}) == (
        '{"a\\ufffd": ["\\ufffd", "\\ud83d\\ude00", "\\ud83d\\ude00"]}'
    )
