"""`station reader badge` and `station reader label` at the udp peer's tags."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.base.settings import parse
from station.cli import station
from tests.conftest import FakeClock, missing
from tests.support.nfcpy_peer import BADGE, NfcPad
from tests.support.virtual_udp import virtual_udp


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NfcPad]:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    pad = NfcPad(tmp_path_factory.mktemp("udp"), "nfcudp", "--listen", "127.0.0.1:0")
    yield pad
    pad.close()


@pytest.fixture
def pad(running: NfcPad) -> Iterator[NfcPad]:
    running.anew()
    with virtual_udp(lambda: running.do("settle"), FakeClock()):
        yield running


def run(pad: NfcPad, folder: Path, *words: str, stdin: str | None = None) -> Result:
    settings = folder / "station.toml"
    settings.write_text(f'[badge]\nport = "udp:{pad.link}"\n')
    assert parse(settings.read_text()).badge.port
    return CliRunner().invoke(station, ["reader", *words, "--data", str(folder)], input=stdin)


def test_a_badge_is_read_by_the_settings(pad: NfcPad, tmp_path: Path) -> None:
    pad.label(text="S-1042")
    done = run(pad, tmp_path, "badge", "--json")
    assert json.loads(done.stdout) == {"badge": {"uid": BADGE, "text": "S-1042", "changing": False}}
    assert done.exit_code == 0
    shown = run(pad, tmp_path, "badge")
    assert shown.stdout == f"UID {BADGE}\nText S-1042\n"


def test_no_badge_is_no_error_and_says_so(pad: NfcPad, tmp_path: Path) -> None:
    done = run(pad, tmp_path, "badge", "--wait", "0")
    assert (done.exit_code, done.stdout) == (1, "No badge was shown.\n")


def test_a_label_is_written_asked_for_and_read_back(pad: NfcPad, tmp_path: Path) -> None:
    pad.label()
    done = run(pad, tmp_path, "label", "--text", "31234000123456", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["label"]["texts"] == ["31234000123456"]
    head, memory = bytes.fromhex("0103a00c340311d1010d5402656e"), pad.memory()
    assert memory[16:20] == head[:4]
    assert b"Ten31234000123456" in memory.replace(b"\x02en", b"en").replace(b"\xfe", b"")
    refused = run(pad, tmp_path, "label", "--uri", "https://library.example/1")
    assert refused.exit_code == 2, "the tag is not empty, and there is no operator to ask"
    assert pad.memory() == memory
    agreed = run(pad, tmp_path, "label", "--uri", "https://library.example/1", "--yes")
    assert agreed.exit_code == 0
    assert "Text https://library.example/1" in agreed.stdout
    assert "36 pages of user memory, 0 of them locked" in run(pad, tmp_path, "label").stdout


@pytest.mark.parametrize(
    ("prepare", "words", "said"),
    [
        ("none", ["--text", "x"], "tag-absent"),
        ("locked", ["--text", "x"], "tag-locked"),
        ("new", ["--text", "x" * 200], "does-not-fit"),
    ],
)
def test_what_cannot_be_written_changes_nothing(
    pad: NfcPad, tmp_path: Path, prepare: str, words: list[str], said: str
) -> None:
    pad.label()
    if prepare == "locked":
        memory = pad.memory()
        pad.do("poke", uid=BADGE, memory=(memory[:10] + bytes((0x20, 0)) + memory[12:]).hex())
    if prepare == "none":
        pad.do("lift")
    before = pad.memory()
    done = run(pad, tmp_path, "label", *words, "--json")
    assert json.loads(done.stdout)["error"]["code"] == said
    assert pad.memory() == before


def test_which_reader_must_be_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(station, ["reader", "label", "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert "--port" in done.output
