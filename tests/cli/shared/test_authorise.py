"""A technician on the spot for the commands that work at a bench: on a real terminal (a pty) with a running station and
an emulated reader, judged by the journal of that station and by the bytes of its tags. If no person can be asked, the
command does nothing."""

from __future__ import annotations

import contextlib
import json
import re
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.base.errors import NotAllowed
from station.base.settings import load
from station.base.words import Session
from station.catalog.sample.sample import SAMPLE_ITEMS
from station.cli import station
from station.cli.shared import authorise
from station.domain.events import (
    RulesAccepted,
    SignOnRefused,
    TagErased,
    TagUndoStarted,
    TagUndoVerified,
    TagWriteStarted,
    TagWriteVerified,
    WithdrawalJudged,
)
from station.domain.people.sign_on import Pin
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile
from station.encoding.write_plan.image import new_image
from station.runtime.data_directory import JOURNAL
from station.runtime.lock import hold
from station.runtime.serving import serving
from station.runtime.socket.client import connect
from station.runtime.station import Station
from station.store.queries.queries import Queries
from tests.cli.session.test_sign_on import PINS, prepare
from tests.conftest import ROOT, FakeClock
from tests.stories.test_command_line import OTHER_UID, UID
from tests.support.controlled_emulator import controlled
from tests.support.terminal import Terminal

pytestmark = pytest.mark.timeout(600)
PATIENCE_S = 200.0
"""Seconds after which a wait fails. A test spends them only if something is broken."""
ISIL = "US-ImagCC"
FIRST, SECOND, THIRD, FOURTH = [str(SAMPLE_ITEMS[number][0]) for number in (0, 1, 8, 9)]
PROFILE = (ROOT / "station/encoding/data/profiles/us-28560-2.toml").read_text(encoding="utf-8")


class Place:
    """A station with its reader and its staff, and terminals for commands."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        (folder / "tags").mkdir()
        arguments = ["--link", str(folder / "reader"), "--memory", str(folder / "tags")]
        arguments += ["--control", str(folder / "c.sock"), "--clock", "virtual", "--no-drip"]
        self.reader = controlled("feig", arguments, folder / "emulator.log")
        for uid in (UID, OTHER_UID):
            self.reader.call("create", uid=uid, chip="slix", memory="", afi=0, dsfid=0, locked=[])
        (self.data / "own.toml").write_text(
            PROFILE.replace("smallest = 32", 'smallest = 32\nlock = ["primary-item-identifier"]')
        )
        (self.data / "rules.toml").write_text("")
        prepare(self.data, **{"library.isil": ISIL, "reader.port": str(folder / "reader"), **settings})
        sample = ROOT / "station/catalog/data/sample.mrc"
        assert self.run("catalog", "import", str(sample), lines=(PINS["ann"],)).exit_code == 0
        self.station: Station | None = None
        self.foreigners = self.since = 0
        self.views = Queries(self.data / JOURNAL, FakeClock())

    def __enter__(self) -> Place:
        self._held = contextlib.ExitStack()
        held = self._held.enter_context(hold(self.data))
        self.station = found = Station(load(self.data / "station.toml"), self.data, Session())
        found.start()
        server = serving(held, found, lambda: None)
        server.start()
        self._held.callback(found.stop)
        self._held.callback(server.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def run(self, *words: str, lines: tuple[str, ...] = ()) -> Result:
        """Run a command in this process, without a terminal."""
        typed = "".join(f"{line}\n" for line in lines)
        return CliRunner().invoke(station, ["--data", str(self.data), *words], input=typed)

    def sign_on(self, login: str) -> None:
        assert self.run("sign-on", login, lines=(PINS[login],)).exit_code == 0

    def lay(self, uid: str) -> None:
        self.reader.call("lift", uid="all")
        self.reader.call("place", uid=uid)

    def foreign(self, barcode: str) -> str:
        """Create a finished tag of another library with this item, alone on the pad. Return its UID."""
        self.foreigners += 1
        uid = f"E0040100000001{self.foreigners:02X}"
        blank = TagImage(Uid(uid), 4, bytes(112), (False,) * 28, 0, 0)
        made = new_image(blank, TagContent(barcode, "DE-99", 1, 1), TagProfile("DE-99", model="28560-3", dsfid=0x3E))
        self.reader.call("lift", uid="all")
        self.reader.call(
            "create", uid=uid, chip="slix", memory=made.memory.hex(), afi=made.afi, dsfid=made.dsfid, locked=[]
        )
        self.reader.call("place", uid=uid)
        return uid

    def tag(self, uid: str) -> dict[str, Any]:
        found: dict[str, Any] = self.reader.call("dump", uid=uid)["tag"]
        return {name: found[name] for name in ("memory", "afi", "dsfid", "locked")}

    def events(self, kind: type) -> list[Any]:
        return [row.event for row in list(self.views.events())[self.since :] if isinstance(row.event, kind)]

    def both(self, kind: type) -> list[tuple[str, str]]:
        """Return (operator, authorizing person) of each such event."""
        return [(event.operator, event.authorised) for event in self.events(kind)]

    @contextlib.contextmanager
    def terminal(self, *words: str) -> Iterator[Typing]:
        one = Terminal("--data", str(self.data), *words, module=("station",), columns=160, lines=60)
        try:
            yield Typing(one)
        finally:
            one.close()


class Typing:
    """A person at a terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.answered = 0

    def answer(self, question: str, text: str) -> None:
        """Wait until this question is the last text on the terminal, then type."""
        one = self.terminal

        def asked() -> bool:
            shown = one.seen.decode(errors="replace")[self.answered :]
            return question in shown and shown.rstrip(" ").endswith(":")

        self.until(asked, question)
        if question == "PIN":
            self.until(lambda: not termios.tcgetattr(one.master)[3] & termios.ECHO, "a terminal that shows no PIN")
        self.answered = len(one.seen.decode(errors="replace"))
        one.type(text)

    def interrupt(self, question: str) -> None:
        """Type Ctrl-C at this question, again every few seconds until it takes effect: Python's `input` misses a signal
        that arrives after its prompt is written and before it reads."""
        self.answer(question, "\x03")
        again = time.monotonic() + 5.0

        def heard() -> bool:
            nonlocal again
            if self.terminal.seen.decode(errors="replace")[self.answered :].strip("^C\r\n"):
                return True
            if time.monotonic() > again:
                again = time.monotonic() + 5.0
                self.terminal.type("\x03")
            return False

        self.until(heard, "the end of the question")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition. On a busy machine a process takes long to start."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            gone = self.terminal.process.poll() is not None
            heard = self.terminal.pump()
            lost = time.monotonic() > end or (gone and not heard)
            assert not lost or condition(), f"never came: {what}\n{self.terminal.text}"

    def technician(self, name: str, pin: str) -> None:
        self.answer("Approved by", f"{name}\r")
        self.answer("PIN", f"{pin}\r")

    def end(self) -> tuple[int, str]:
        return self.terminal.end(), self.terminal.seen.decode(errors="replace")


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    found = Place(tmp_path_factory.mktemp("place"))
    try:
        with found:
            yield found
    finally:
        found.reader.stop()


@pytest.fixture
def place(shared_place: Place) -> Place:
    """The place shared by all tests. Ann is signed on, and only events recorded from here on are counted."""
    shared_place.sign_on("ann")
    shared_place.since = len(list(shared_place.views.events()))
    return shared_place


def unseen(place: Place, *seen: str) -> None:
    """Assert that no PIN, right or wrong, is in a file of the data directory or on a terminal. Six digits in a row may be
    part of a digest."""
    kept = "".join(path.read_text(errors="replace") for path in place.data.rglob("*") if path.is_file())
    for pin in (*PINS.values(), "000111"):
        whole = re.compile(rf"(?<![0-9a-f]){pin}(?![0-9a-f])")
        assert not whole.search(kept) and not any(whole.search(one) for one in seen)


def test_process_asks_at_the_terminal_and_goes_on_at_the_same_place(place: Place) -> None:
    uid = place.foreign(FIRST)
    before = place.tag(uid)
    with place.terminal("process", FIRST, "--pass-all") as one:
        one.answer("Choose", "overwrite\r")
        one.technician("tess", "000111")
        one.technician("ann", PINS["ann"])
        one.interrupt("Approved by")
        assert place.tag(uid) == before and place.events(TagWriteStarted) == []
        one.answer("Choose", "overwrite\r")
        one.technician("tess", PINS["tess"])
        one.answer("Choose", "scan\r")
        code, seen = one.end()
    assert (code, place.run("who").stdout) == (0, "Ann is at the bench\n"), seen
    assert place.both(TagWriteStarted) == [("w-ann", "w-tess")]
    refused = [(event.worker, event.code, event.purpose, event.operator) for event in place.events(SignOnRefused)]
    assert refused == [("w-tess", "pin-wrong", "authorise", "w-ann"), ("w-ann", "not-allowed", "authorise", "w-ann")]
    assert "Ask a person who may" in seen
    unseen(place, seen)


def test_undo_asks_at_the_terminal(place: Place) -> None:
    place.sign_on("tess")
    place.lay(UID)
    before = place.tag(UID)
    assert place.run("tag", "write", SECOND).exit_code == 0
    written = place.tag(UID)
    place.sign_on("ann")
    refused = place.run("undo", "--yes", "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["error"]["code"]) == (35, "not-allowed")
    assert "no terminal" in json.loads(refused.stdout)["error"]["detail"]
    with place.terminal("undo", "--yes") as one:
        one.answer("Approved by", "\r")
        code, seen = one.end()
    assert (code, "Ask a person who may" in seen, place.tag(UID)) == (35, True, written)
    with place.terminal("undo", "--yes", "--json") as one:
        one.technician("STAFF-9", "000111")
        one.technician("tess", PINS["tess"])
        code, seen = one.end()
    assert (code, place.tag(UID)) == (0, before), seen
    assert place.both(TagUndoStarted) == place.both(TagUndoVerified) == [("w-ann", "w-tess")]
    assert [(one.worker, one.code) for one in place.events(SignOnRefused)] == [("", "pin-wrong")]
    unseen(place, seen)


def test_convert_asks_at_the_terminal_for_changed_rules_and_for_locks(tmp_path: Path) -> None:
    """No station runs, so the command acts as one. One question for the rules, then one for the tag; none for the
    second tag."""
    place = Place(tmp_path, **{"tag.profile": "own.toml", "rules.site_file": "rules.toml"})
    try:
        place.lay(UID)
        listed = tmp_path / "list.txt"
        listed.write_text(f"{FIRST}\n{SECOND}\n", encoding="utf-8")
        refused = place.run("convert", str(listed), "--json", lines=(PINS["ann"],))
        assert (refused.exit_code, json.loads(refused.stdout)["error"]["code"]) == (35, "not-allowed")
        assert place.events(RulesAccepted) == [] and not any(place.tag(UID)["locked"])
        with place.terminal("convert", str(listed)) as one:
            one.answer("PIN of ann", f"{PINS['ann']}\r")
            one.technician("tess", PINS["tess"])
            one.technician("tess", PINS["tess"])
            one.until(lambda: len(place.events(TagWriteVerified)) == 1, "the first tag")
            place.lay(OTHER_UID)
            code, seen = one.end()
        assert (code, "2 of 2 done" in seen) == (0, True), seen
        assert place.both(RulesAccepted) == [("w-ann", "w-tess")]
        assert place.both(TagWriteStarted) == [("w-ann", "w-tess")] * 2, (
            "the right must hold until the operator changes"
        )
        assert all(any(place.tag(uid)["locked"]) for uid in (UID, OTHER_UID))
        unseen(place, seen)
    finally:
        place.reader.stop()


# --- the others, in this process --------------------------------------------------------------------------------------


def tasks(barcode: str) -> list[tuple[str, ...]]:
    return [("tag", "erase", "--barcode", barcode), ("tag", "migrate", "--write", "--barcode", barcode)]


def test_without_a_terminal_nobody_is_asked_and_nothing_is_done(place: Place) -> None:
    choices = ("--choose", "overwrite", "--choose", "scan")
    commands = (("process", FOURTH, "--pass-all", *choices), ("tag", "write", FOURTH, *choices, "--json"))
    for command in (*commands, tasks(FOURTH)[0], (*tasks(FOURTH)[1], "--json")):
        uid = place.foreign(FOURTH)
        before = place.tag(uid)
        refused = place.run(*command, lines=("tess", PINS["tess"]))
        assert (refused.exit_code, place.tag(uid)) == (35, before), refused.output
        assert "there is no terminal at which to approve it" in refused.output
        assert place.station is not None and place.station.bench.snapshot.sign_on_prompt is None, (
            "the question must be gone"
        )
    assert place.events(TagWriteStarted) == place.events(SignOnRefused) == []


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take input from the runner instead of a terminal."""
    monkeypatch.setattr(authorise, "can_ask", lambda: True)


@pytest.mark.usefixtures("at_terminal")
def test_erase_and_migrate_ask_and_without_it_nothing_is_written(place: Place) -> None:
    for task, ended in zip(tasks(THIRD), (TagErased, TagWriteVerified), strict=True):
        uid = place.foreign(THIRD)
        before = place.tag(uid)
        for lines in ((), ("",), ("nobody", "000111", ""), ("tess", "12", "")):
            refused = place.run(*task, lines=lines)
            assert (refused.exit_code, place.tag(uid)) == (35, before), refused.output
            assert "Ask a person who may" in refused.output
        done = place.run(*task, lines=("tess", PINS["tess"]))
        assert done.exit_code == 0, done.output
        assert place.both(ended) == [("w-ann", "w-tess")]
        assert place.tag(uid) != before
    unseen(place)


@pytest.mark.usefixtures("at_terminal")
def test_checklist_set_and_pad_ask_and_without_it_nothing_is_done(tmp_path: Path) -> None:
    """Changed rules before a checklist, locks before the tag of a set and of a pad request; a station runs beside the
    commands."""
    place = Place(tmp_path, **{"tag.profile": "own.toml", "rules.site_file": "rules.toml"})
    commands = (
        (("withdraw", "answer", FIRST, "--task", "lease-return", "--pass-all", "--timeout", "60"), RulesAccepted),
        (("set", SECOND, "--parts", "2", "--leave", "--timeout", "60"), TagWriteStarted),
        (("pad", "update", THIRD), TagWriteStarted),
    )
    try:
        with place:
            for command, told in commands:
                place.sign_on("tess")
                place.sign_on("ann")  # this ends a right that was lent until the operator changes
                uid = OTHER_UID if command[0] == "pad" else UID
                place.lay(uid)
                before, place.since = place.tag(uid), len(list(place.views.events()))
                for lines in (("",), ("tess", "000111", "ann", PINS["ann"], "")):
                    refused = place.run(*command, lines=lines)
                    assert refused.exit_code != 0 and "Ask a person who may" in refused.output, refused.output
                    assert (place.tag(uid), place.events(told), place.events(WithdrawalJudged)) == (before, [], [])
                done = place.run(*command, lines=("tess", PINS["tess"]))
                by = 'program "command line"' if command[0] == "pad" else "w-ann"
                assert place.both(told) == [(by, "w-tess")], done.output
                assert (command[0] == "withdraw") == (place.tag(uid) == before) == bool(place.events(WithdrawalJudged))
            shown = place.run("tag", "erase", "--operator", "tess", lines=(PINS["tess"],))
            assert (shown.exit_code, place.run("who").stdout) == (1, "Tess is at the bench\n"), shown.output
            unseen(place)
    finally:
        place.reader.stop()


@pytest.mark.usefixtures("at_terminal")
def test_wrong_pins_lock_here_as_at_the_screen(tmp_path: Path) -> None:
    place = Place(tmp_path, **{"people.tries": 2, "people.lock_after": 2})
    try:
        with place:
            place.sign_on("ann")
            uid = place.foreign(THIRD)
            before = place.tag(uid)
            tries = [*("tess", "000111") * 2, "tess", PINS["tess"], ""]
            refused = place.run(*tasks(THIRD)[0], lines=tuple(tries))
            assert (refused.exit_code, place.tag(uid)) == (35, before), refused.output
            codes = [event.code for event in place.events(SignOnRefused)]
            assert codes == ["pin-wrong", "pin-locked", "pin-locked"], "the right PIN must not be compared"
            client = connect(place.data)
            assert client is not None
            with client, pytest.raises(NotAllowed):
                client.authorise("what", authorise.Right.LOCK, "ann", Pin(PINS["ann"]))
    finally:
        place.reader.stop()
