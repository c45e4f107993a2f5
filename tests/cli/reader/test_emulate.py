"""`station emulate`: serves other software, is controlled while it runs, and ends by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import station
from station.cli.reader.emulate import KINDS
from tests.conftest import ROOT
from tests.support import forked
from tests.support.patience import PATIENCE_S


@contextmanager
def serving(*words: str) -> Iterator[dict[str, str]]:
    """Start the command as a user does. Yield its message when it is ready."""
    process = forked.start(
        "emulate", words[0], "--json", *words[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0, process.stderr.read().decode()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def say(control: str, *words: str) -> tuple[int, dict[str, object]]:
    done = CliRunner().invoke(station, ["emulate", "say", control, *words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_a_terminal_with_tags_of_a_file_that_outlive_it(tmp_path: Path) -> None:
    tags = tmp_path / "tags.toml"
    tags.write_text('[[tags]]\nuid = "E00401000012AB01"\nmemory = "0102"\nafi = 0xC2\n')
    port, keep = tmp_path / "reader", tmp_path / "kept"
    with serving("feig", "--port", str(port), "--tags", str(tags), "--keep", str(keep)) as ready:
        assert ready["link"] == str(port)
        with port.open("r+b", buffering=0) as line:
            line.write(bytes.fromhex("07FFB001001C56"))
            answer = line.read(1)
            while len(answer) < answer[0]:
                answer += line.read(1)
        assert answer.hex() == "1100b000010300e00401000012ab01" + answer[-2:].hex()
        code, said = say(ready["control"], "dump", "uid=E00401000012AB01")
        assert (code, said["tag"]["afi"]) == (0, 0xC2)  # type: ignore[index]
        assert say(ready["control"], "lift-after-writes", "n=3", "mode=subset", "mask=0ff0")[1]["armed"]
        code, said = say(ready["control"], "dance")
        assert (code, said["ok"]) == (1, False)
    assert not os.path.lexists(port)
    assert not Path(ready["control"]).parent.exists()
    assert json.loads((keep / "E00401000012AB01.json").read_text())["afi"] == 0xC2


def test_a_network_port_with_a_scenario_and_options_of_the_emulator() -> None:
    words = ("--port", "127.0.0.1:0", "--scenario", "two-tags", "--clock", "virtual", "--", "--version", "0a010203")
    with serving("3m", *words) as ready:
        host, _, port = ready["link"].rpartition(":")
        assert host == "127.0.0.1"
        assert int(port) > 0
        assert len(say(ready["control"], "tags")[1]["tags"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["feig", "--port", "/no/such/place/reader"], "No such file"),
        (["feig", "--port", "127.0.0.1:0", "--scenario", "no-such"], "two-tags"),
        (["trf7970a", "--port", "127.0.0.1:0", "--", "--nonsense"], "nonsense"),
    ],
)
def test_what_cannot_be_served_is_said(words: list[str], sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "station", "emulate", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_scenarios_are_listed_with_their_sentences() -> None:
    done = CliRunner().invoke(station, ["emulate", "scenarios", "--json"])
    listed = json.loads(done.stdout)
    assert len(listed["scenarios"]) >= 12
    assert (Path(listed["directory"]) / "two-tags.toml").exists()
    assert "two-tags" in CliRunner().invoke(station, ["emulate", "scenarios"]).stdout


def test_nobody_at_the_control_socket(tmp_path: Path) -> None:
    (tmp_path / "c").touch()
    done = CliRunner().invoke(station, ["emulate", "say", str(tmp_path / "c"), "state"])
    assert done.exit_code == 2
    assert "no emulator answers" in done.output


def test_every_kind_is_an_emulator() -> None:
    for module, words in KINDS.values():
        assert (ROOT / "station/emulators" / module / "__main__.py").exists()
        assert words
