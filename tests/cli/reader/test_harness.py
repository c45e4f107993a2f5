"""`station harness` as a person uses it: on a separate terminal, with an emulated reader and scripted tags."""

from __future__ import annotations

import contextlib
import fcntl
import io
import itertools
import json
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.reader import harness_operator
from station.cli.shared.app import as_json
from station.cli.shared.interrupt import stoppable
from station.domain.ports import ReaderCapabilities
from station.drivers.feig.reader import FeigReader
from station.drivers.harness import scratch
from station.drivers.harness.results import Minimum, Outcome, Report, Restored, Result, TagFacts
from station.drivers.harness.scratch import Image
from station.drivers.harness.words import lines
from station.drivers.line.capture import load
from station.drivers.reader.known import KEPT
from station.emulators.pytest_plugin import EmulatedReader, Tag
from tests.support import forked
from tests.support.patience import PATIENCE_S

UID, OTHER = "E004015000000001", "E0040150000000F0"
CONTENT = "11051CBE991A140201D0140204B34607441CB6E2E335D6830207ACC09EBAA06F6B0000"
"""An ISO 28560-2 tag (README)."""
WRITES = ("b024", "b027", "b029", "b022", "b028", "b02a", "b1", "bf")


@pytest.fixture
def reader() -> Iterator[EmulatedReader]:
    made = EmulatedReader("feig")
    yield made
    made.close()


@pytest.fixture
def tag(reader: EmulatedReader) -> Tag:
    reader.tags.add(OTHER, place=False)
    return reader.tags.add(UID, afi=0xC2, locked=[3])


def state(tag: Tag) -> dict[str, object]:
    known = tag._dump()
    return {name: known[name] for name in ("memory", "afi", "dsfid", "eas", "locked", "afi_locked", "dsfid_locked")}


class Terminal:
    """The command on a pty that is its controlling terminal. Its output is kept."""

    def __init__(self, reader: EmulatedReader, folder: Path, *options: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        (folder / "station.toml").write_text('[reader]\nanswer_ms = 8000\n[library]\nisil = "US-TxDa"\n')
        words = ["harness", "--data", folder, "--reader", reader.port, "--image", folder, *options]
        ends = dict.fromkeys(("stdin", "stdout", "stderr"), slave)
        self.process = forked.start(*words, terminal=True, env={**os.environ, "TERM": "xterm"}, **ends)
        os.close(slave)
        self.said = ""

    def pump(self) -> bool:
        """Read output; return False if there was none, or at the end."""
        if self.master >= 0 and select.select([self.master], [], [], 0.05)[0]:
            with contextlib.suppress(OSError):
                heard = os.read(self.master, 65536).decode(errors="replace").replace("\r\n", "\n")
                self.said += heard
                return bool(heard)
        return False

    def until(self, good: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not good():
            ended = self.process.poll() is not None
            heard = self.pump()
            assert time.monotonic() < end, f"never came: {what}\n{self.said}"
            assert heard or not ended or good(), f"it ended without {what}\n{self.said}"

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def sleeps(self) -> bool:
        """Return True while the process waits in the kernel (proc(5), state S)."""
        return Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S"

    def asked(self, after: int) -> str:
        """Return the question after the first `after` characters of the output."""
        self.until(lambda: re.search(r"(: |\[y/N\] )$", self.said[after:]) is not None, "a question")
        return self.said[after:].splitlines()[-1]

    def end(self) -> int:
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            self.pump()
            assert time.monotonic() < end, f"it did not end\n{self.said}"
            if self.master < 0:
                time.sleep(0.02)
        while self.pump():
            pass
        return self.process.returncode

    def hang_up(self) -> None:
        os.close(self.master)
        self.master = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            self.hang_up()


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    made: list[Terminal] = []
    yield made
    for one in made:
        one.close()


def hands(terminal: Terminal, reader: EmulatedReader, agrees: str = "y", until: str = "") -> None:
    """Do what the terminal requests until it requests nothing more (or until it shows `until`)."""
    pads = {"clear": [], "lay the scratch": [UID], "lay a second": [OTHER, UID]}
    before = 0
    while True:
        # Text after the last answer: the next question may arrive together with the typed text.
        terminal.until(
            lambda before=before: (
                terminal.process.poll() is not None
                or re.search(r"(: |\[y/N\] )$", terminal.said[before:]) is not None
                or (bool(until) and until in terminal.said)
            ),
            "a question or the end",
        )
        if terminal.process.poll() is not None or (until and until in terminal.said):
            return
        question = terminal.said[before:].splitlines()[-1]
        end = len(terminal.said)
        if "[y/N]" in question:
            terminal.type(f"{agrees}\n")
        else:
            for words, uids in pads.items():
                if words in question:
                    reader.do("lift")
                    for uid in uids:
                        reader.do("place", uid=uid)
            if "pull" in question:
                reader.unplug()
            elif "put the reader's plug" in question:
                reader.plug()
            terminal.type("\n")
        terminal.until(lambda end=end: "\n" in terminal.said[end:], "what was typed")
        before = terminal.said.index("\n", end) + 1


def test_a_whole_run_with_hands_is_recorded_reported_and_can_be_played(
    reader: EmulatedReader, tag: Tag, terminals: list[Terminal], tmp_path: Path
) -> None:
    captures = tmp_path / "captures"
    captures.mkdir()
    before = state(tag)
    terminals.append(terminal := Terminal(reader, tmp_path, "--capture", str(captures)))
    hands(terminal, reader)
    assert terminal.end() == 0, terminal.said
    assert "FEIG CPR.M02, firmware 2.05" in terminal.said
    assert f"Write to the tag {UID} and put it back as it is? [y/N] y" in terminal.said
    assert "22 passed, 0 failed, 1 skipped." in terminal.said, terminal.said
    assert "is as it was, byte for byte, read back" in terminal.said
    assert state(tag) == before
    assert not list(tmp_path.glob("scratch-*")), "the image must be deleted"
    assert {path.name for path in captures.iterdir()} == {
        "feig-FEIG-CPR.M02-2.05.jsonl",
        "feig-FEIG-CPR.M02-2.05.report.json",
    }
    made = captures / "feig-FEIG-CPR.M02-2.05.jsonl"
    assert {path.stat().st_mode & 0o777 for path in captures.iterdir()} == {0o600}
    assert any(line.hex[4:8] == "b024" for line in load(made).lines)
    reader.close()
    played = CliRunner().invoke(
        station, ["harness", "--json", "--yes", "--reader", f"replay:{made}", "--image", str(tmp_path)]
    )
    assert played.exit_code == 0, played.output
    told = json.loads(made.with_suffix(".report.json").read_text())
    said = json.loads(played.stdout)
    assert [(one["case"], one["outcome"], one["detail"]) for one in said["results"]] == [
        (one["case"], one["outcome"], one["detail"]) for one in told["results"]
    ]


@pytest.mark.parametrize("answer", ["n", *(pytest.param(word, marks=pytest.mark.soak) for word in ("", "what"))])
def test_no_is_no(answer: str, reader: EmulatedReader, tag: Tag, terminals: list[Terminal], tmp_path: Path) -> None:
    terminals.append(terminal := Terminal(reader, tmp_path, "--no-hands"))
    terminal.until(lambda: terminal.said.endswith("[y/N] "), "the question")
    assert f"Tag {UID}: ICODE SLIX, 28 blocks of 4 bytes, 1 of them locked" in terminal.said
    terminal.type(answer + "\n")
    assert terminal.end() == 12
    assert "Too little was proven: write-one did not pass." in terminal.said
    assert "Nothing was written to a tag." in terminal.said
    assert not reader.counters["air_writes"]
    assert not list(tmp_path.glob("scratch-*"))


def test_ctrl_c_at_a_question_ends_it(
    reader: EmulatedReader, tag: Tag, terminals: list[Terminal], tmp_path: Path
) -> None:
    terminals.append(terminal := Terminal(reader, tmp_path))
    terminal.asked(0)
    terminal.until(terminal.sleeps, "a wait for the answer")  # Python loses a signal just before it begins to read
    terminal.type("\x03")
    assert terminal.end() == 1
    assert "did not come to its end: stopped by somebody" in terminal.said
    assert not reader.counters["air_writes"]


def test_ctrl_c_as_soon_as_the_question_stands_there_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: before the handler for questions was set, a signal was lost, and the question kept waiting."""
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    monkeypatch.setattr(harness_operator.click, "echo", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    with stoppable() as stopped, pytest.raises(KeyboardInterrupt):
        harness_operator._asked("Please clear the pad: ")
    assert not stopped()


@pytest.mark.parametrize("how", ["ctrl-c", "hang-up", pytest.param("kill", marks=pytest.mark.soak)])
def test_stopped_in_mid_write_the_tag_is_put_back(
    how: str, reader: EmulatedReader, tag: Tag, terminals: list[Terminal], tmp_path: Path
) -> None:
    before = state(tag)
    reader.do("delay-answer", ms=1500, command="b024", n=2)
    terminals.append(terminal := Terminal(reader, tmp_path, "--no-hands", "--yes"))
    terminal.until(lambda: reader.counters["commands"].get("b024", 0) >= 2, "a write that is not answered yet")
    if how == "ctrl-c":
        terminal.type("\x03")
    elif how == "hang-up":
        terminal.hang_up()
    else:
        terminal.process.terminate()
    code = terminal.end()
    assert state(tag) == before
    assert not list(tmp_path.glob("scratch-*"))
    if how != "hang-up":
        assert code == 1
        assert "did not come to its end: stopped by somebody" in terminal.said
        assert "is as it was, byte for byte, read back" in terminal.said


def test_lifted_in_mid_write_and_given_up_then_put_back_by_the_command_it_named(
    reader: EmulatedReader, tag: Tag, terminals: list[Terminal], tmp_path: Path
) -> None:
    before = state(tag)
    reader.do("lift-after-writes", n=7, mode="subset", mask="f00ff00f")
    terminals.append(terminal := Terminal(reader, tmp_path, "--no-hands", "--yes"))
    assert terminal.end() == 20, terminal.said
    assert state(tag) != before
    assert re.search(
        r"could not be put back \(tag-absent.*What may be changed on it: (blocks \d+ to \d+|block \d+)[,.]",
        terminal.said,
    )
    (image,) = tmp_path.glob("scratch-*.json")
    assert f"To put it back: station harness --reader {reader.port} --driver feig --restore {image}" in terminal.said
    words = ["harness", "--data", str(tmp_path), "--reader", reader.port, "--restore", str(image)]
    absent = CliRunner().invoke(station, words)
    assert absent.exit_code == 20, absent.output
    reader.do("lift")
    tag.place()
    done = CliRunner().invoke(station, [*words, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["restored"]["exact"] is True
    assert state(tag) == before
    assert image.exists(), "only a person may delete it"


@pytest.mark.soak
def test_lifted_and_laid_back_when_asked(
    reader: EmulatedReader, tag: Tag, terminals: list[Terminal], tmp_path: Path
) -> None:
    before = state(tag)
    reader.do("lift-after-writes", n=7, mode="subset", mask="f00ff00f")
    terminals.append(terminal := Terminal(reader, tmp_path))
    hands(terminal, reader)
    assert terminal.end() == 1, "the case in which the tag was lifted must fail"
    assert state(tag) == before
    assert "is as it was, byte for byte, read back" in terminal.said
    assert "FAILED  write-many" in terminal.said


# --- without a terminal ---------------------------------------------------------------------------------------------


def run(reader: EmulatedReader, folder: Path, *options: str):
    return CliRunner().invoke(
        station, ["harness", "--data", str(folder), "--reader", reader.port, "--image", str(folder), *options]
    )


def test_content_is_not_overwritten_unless_its_uid_is_named(reader: EmulatedReader, tmp_path: Path) -> None:
    tag = reader.tags.add(UID, memory=CONTENT, dsfid=6)
    before = state(tag)
    refused = run(reader, tmp_path, "--yes")
    assert refused.exit_code == 12
    assert f"This tag is not blank: it is not written. If it may be: --scratch {UID}" in refused.stderr
    assert "It names the item" in refused.stderr
    assert not reader.counters["air_writes"]
    other = run(reader, tmp_path, "--yes", "--scratch", OTHER)
    assert "names E0040150000000F0, and this is" in other.stderr
    assert not reader.counters["air_writes"]
    named = run(reader, tmp_path, "--yes", "--scratch", UID.lower(), "--json")
    assert named.exit_code == 0, named.output
    report = json.loads(named.stdout)
    assert report["restored"]["exact"] is True
    assert report["tag"]["uid"] == UID
    assert "123456789012" not in json.dumps(report["results"]), "a report must not contain the tag's content"
    assert reader.counters["commands"]["b024"]
    assert not {"b022", "b028", "b02a"} & set(reader.counters["commands"]), "it must never lock"
    assert state(tag) == before


def test_nobody_can_be_asked_so_nothing_is_written(reader: EmulatedReader, tag: Tag, tmp_path: Path) -> None:
    done = run(reader, tmp_path)
    assert done.exit_code == 12
    assert "No one can be asked here: add --yes." in done.stderr
    assert not reader.counters["air_writes"]


def test_read_only_sends_no_command_that_writes(reader: EmulatedReader, tag: Tag, tmp_path: Path) -> None:
    done = run(reader, tmp_path, "--read-only", "--json")
    assert done.exit_code == 0, done.output
    skipped = {one["case"]: one["outcome"] for one in json.loads(done.stdout)["results"]}
    assert skipped["write-one"] == skipped["refusals"] == "skipped"
    assert skipped["read-all"] == "passed"
    assert json.loads(done.stdout)["minimum"]["cases"] == ["connect", "one", "read-first", "read-all"]
    assert not {name for name in reader.counters["commands"] if name in WRITES[:6]}


@pytest.mark.parametrize(("kind", "without"), [("3m", "03,0c,14"), ("feig", "bf")])
def test_a_reader_without_eas_and_transparent_mode_is_tried_with_the_rest(
    kind: str, without: str, tmp_path: Path
) -> None:
    plain = EmulatedReader(kind, options=["--without", without])
    try:
        tag = plain.tags.add(UID, afi=0xC2, locked=[3])
        before = state(tag)
        done = run(plain, tmp_path, "--no-hands", "--yes", "--json")
        assert done.exit_code == 0, done.output
        assert state(tag) == before
        assert plain.counters["air_writes"][UID], "the tag must have been written"
    finally:
        plain.close()
    report = json.loads(done.stdout)
    outcomes = {one["case"]: one["outcome"] for one in report["results"]}
    assert "failed" not in outcomes.values()
    assert [outcomes[case] for case in ("write-one", "write-many", "afi", "dsfid", "locked")] == ["passed"] * 5
    assert outcomes["eas"] == "skipped"
    assert report["minimum"]["missing"] == []
    (unsaved,) = report["tag"]["unsaved"]
    assert unsaved.startswith("EAS bit (")


@pytest.mark.parametrize(
    ("kind", "without", "cannot"), [("feig", "b024", "write blocks"), ("3m", "09,0b", "set the AFI or set the DSFID")]
)
def test_a_reader_on_which_no_item_can_pass_is_named_and_remembered(
    kind: str, without: str, cannot: str, tmp_path: Path
) -> None:
    plain = EmulatedReader(kind, options=["--without", without])
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-ImagCC"}), encoding="utf-8")
    try:
        tag = plain.tags.add(UID)
        before = state(tag)
        done = run(plain, tmp_path, "--no-hands", "--yes")
        assert state(tag) == before
    finally:
        plain.close()
    assert f"No item can pass here: the reader cannot {cannot}." in done.stdout, done.output
    assert (tmp_path / "reader-lacks.json").exists(), "the station must know it before it writes to an item"


def test_reader_info_keeps_what_the_reader_lacks_and_forgets_what_it_has(tmp_path: Path) -> None:
    for options, lacks in ((["--without", "b027"], ["set-afi"]), ([], [])):
        reader = EmulatedReader("feig", options=options)
        values = {"library.isil": "US-ImagCC", "reader.driver": "feig", "reader.port": reader.port}
        (tmp_path / "station.toml").write_text(template(**values), encoding="utf-8")
        try:
            done = CliRunner().invoke(station, ["reader", "info", "--data", str(tmp_path)])
        finally:
            reader.close()
        assert done.exit_code == 0, done.output
        kept = json.loads((tmp_path / KEPT).read_text(encoding="utf-8"))
        assert list(itertools.chain(*kept.values())) == lacks


def test_below_the_minimum_the_run_fails_and_says_which_case_is_missing(reader: EmulatedReader, tmp_path: Path) -> None:
    reader.tags.add(UID, locked=list(range(28)))
    done = run(reader, tmp_path, "--no-hands", "--yes")
    assert done.exit_code == 12, done.output
    assert "0 failed" in done.stdout
    assert (
        "Too little was proven: write-one did not pass. At least connect, one, read-first, read-all, write-one must pass."
        in done.stdout
    )
    told = json.loads(run(reader, tmp_path, "--no-hands", "--yes", "--json").stdout)
    assert told["minimum"]["missing"] == ["write-one"]


def test_a_defect_of_the_driver_is_a_failed_case_in_clean_text(
    reader: EmulatedReader, tag: Tag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("\x1b[2J\u202edefect")

    before = state(tag)
    monkeypatch.setattr(FeigReader, "write_dsfid", broken)
    done = run(reader, tmp_path, "--no-hands", "--yes", "--json")
    assert done.exit_code == 1, done.output
    report = json.loads(done.stdout)
    (failed,) = [one for one in report["results"] if one["outcome"] == "failed"]
    assert failed["case"] == "dsfid"
    assert re.fullmatch(r"unexpected ValueError: .*defect \(test_harness\.py, line \d+\)", failed["detail"])
    assert failed["detail"].isprintable()
    assert report["restored"]["exact"] is True
    assert state(tag) == before


def test_a_defect_while_a_tag_is_put_back_by_command_is_reported(
    reader: EmulatedReader, tag: Tag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("defect")

    image = scratch.save(
        Image(uid=UID, block_size=4, memory="11" * 112, locked=(3,), afi=0xC2, dsfid=0, eas=False), tmp_path
    )
    monkeypatch.setattr(FeigReader, "write_blocks", broken)
    done = run(reader, tmp_path, "--restore", str(image))
    assert done.exit_code == 20, done.output
    assert "is not as it was saved" in done.stdout and "unexpected ValueError: defect" in done.stdout


def test_no_reader_and_a_wrong_driver_are_said_at_once(reader: EmulatedReader, tmp_path: Path) -> None:
    nobody = CliRunner().invoke(station, ["harness", "--data", str(tmp_path), "--reader", str(tmp_path / "none")])
    assert nobody.exit_code == 10
    wrong = run(reader, tmp_path, "--driver", "3m")
    assert wrong.exit_code == 10
    assert "driver 3m was asked for, and feig answers" in wrong.stderr
    unknown = run(reader, tmp_path, "--driver", "nobody-s")
    assert unknown.exit_code == 3
    used = tmp_path / "used.jsonl"
    used.write_text("")
    assert run(reader, tmp_path, "--capture", str(used)).exit_code == 2


def test_hostile_words_only_show() -> None:
    evil = "\x1b]52;c;QQ==\x07\x1b[2J\u202e\x9b31m\n"
    report = Report(
        station="0",
        began="now",
        driver="feig",
        port=evil,
        line="",
        reader=ReaderCapabilities(evil, evil),
        results=(Result("one", "Says.", Outcome.FAILED, evil),),
        minimum=Minimum(("one",), ("one",), evil),
        tag=TagFacts(uid=UID, chip="x", content=(evil,), unsaved=(evil,)),
        restored=Restored(False, evil, (evil,), evil),
        capture=evil,
    )
    text = list(lines(report))
    assert all(line.isprintable() for line in text)
    assert not any("\u202e" in line for line in text)
    assert as_json(report).isascii()
    assert "\x1b" not in as_json(report)
