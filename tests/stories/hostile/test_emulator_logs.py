"""A hostile client cannot make an emulator write control characters to stderr or stdout, or non-ASCII text to its
control socket.

Emulators are separate processes and do not use `station.base.text` to clean text. Their stderr goes to the terminal of
the person who runs them, or to a log. Each emulator gets the corpus on its line (raw, and inside the protocol if the
protocol carries text), then as commands on its control socket, and must answer correctly afterwards.
"""

from __future__ import annotations

import json
import os
import socket
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from station.base.errors import PortMissing
from station.demo.process import Emulator
from station.emulators.reader.script import complain
from tests.support import pn532_rig, threem_rig
from tests.support.controlled_emulator import controlled
from tests.support.feig_rig import frame as feig_frame
from tests.support.harmless import bad_characters
from tests.support.hostile_text import MARK
from tests.support.hostile_values import STORABLE
from tests.support.patience import PATIENCE_S

TEXTS: Final = [MARK, *STORABLE]
RAW: Final = b"".join(text.encode()[:300] + b"\r\n" for text in TEXTS)


def _frames(make: Callable[[str], str]) -> bytes:
    """Return the corpus in complete frames: a command byte, known or not, followed by text."""
    return b"".join(bytes.fromhex(make(text.encode()[:40].hex())) for text in TEXTS if text.encode()[:40])


SERIAL: Final[dict[str, bytes]] = {
    "feig": _frames(lambda body: feig_frame(f"FFB0{body}")),
    "threem": _frames(lambda body: threem_rig.frame(f"FE{body}")),
    "pn532": bytes.fromhex(pn532_rig.WAKE) + _frames(lambda body: pn532_rig.frame(f"D440{body}")),
    "trf7970a": b"".join(b"0108000304" + text.encode()[:40] + b"0000" for text in TEXTS),
}
"""Emulators of readers, and the bytes sent inside their protocol."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Emulator]]:
    made: list[Emulator] = []

    def one(module: str, *words: str) -> Emulator:
        made.append(controlled(module, [*words, "--control", str(tmp_path / "control")], tmp_path / "log"))
        return made[-1]

    yield one
    for emulator in made:
        emulator.stop()


def _control(emulator: Emulator) -> None:
    """Send unknown commands, and known commands with texts as values of other types."""
    words: list[Any] = [{"do": text} for text in TEXTS]
    words += [{"do": what, "uid": text, "what": text, "name": text, "value": text, "items": text, "text": text}
              for what in ("create", "place", "next", "set", "dump", "read") for text in TEXTS[:40]]  # fmt: skip
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(str(emulator.ready["control"]))
        stream = line.makefile("rwb")
        for word in (*words, TEXTS, MARK, 7):
            stream.write(json.dumps(word).encode() + b"\n")
            stream.flush()
            said = stream.readline()
            assert said.isascii() and bad_characters(said.decode(), "\n") == [], ascii(said)
            json.loads(said)
        stream.close()


def _harmless(folder: Path) -> None:
    said = (folder / "log").read_bytes().decode("utf-8")
    assert bad_characters(said, "\n") == [], ascii(said)
    assert MARK not in said and "Traceback" not in said, said


@pytest.mark.parametrize("name", SERIAL)
def test_a_reader_that_hears_hostile_bytes(name: str, start: Callable[..., Emulator], tmp_path: Path) -> None:
    emulator = start(
        name, "--link", str(tmp_path / "reader"), "--memory", str(tmp_path / "tags"), "--clock", "virtual", "--no-drip"
    )
    port = os.open(tmp_path / "reader", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        tty.setraw(port)
        before = int(emulator.call("state")["bytes_in"])
        data, sent = RAW + SERIAL[name], 0
        while sent < len(data):
            sent += os.write(port, data[sent : sent + 200])
            deadline = time.monotonic() + PATIENCE_S
            while int(emulator.call("state")["bytes_in"]) < before + sent:
                _drain(port)
                assert time.monotonic() < deadline, f"{name} did not receive {sent} bytes"
    finally:
        os.close(port)
    _control(emulator)
    assert emulator.call("state")["ok"]
    emulator.stop()
    _harmless(tmp_path)


def _drain(port: int) -> None:
    try:
        while os.read(port, 4096):
            pass
    except BlockingIOError:
        pass


def _requests(port: int, requests: list[bytes]) -> None:
    """Send each request on a separate connection, until the other side closes it or has answered."""
    for data in requests:
        with socket.create_connection(("127.0.0.1", port), 20) as line:
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
            try:
                while line.recv(65536):
                    pass
            except ConnectionResetError:
                pass


def _http() -> list[bytes]:
    found = []
    for at in range(0, len(TEXTS), 4):
        text = b" ".join(one.encode()[:200].replace(b"\n", b" ") for one in TEXTS[at : at + 4])
        found += [
            b"GET /" + text + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            text + b" /vxws/record/1/items?view=full HTTP/9\r\n" + text + b": " + text + b"\r\n\r\n",
            b"POST /almaws/v1/" + text + b" HTTP/1.1\r\nContent-Length: " + text + b"\r\n\r\n" + text,
            b"PUT /almaws/v1/items?x="
            + text
            + b" HTTP/1.1\r\nAuthorization: apikey "
            + text
            + b"\r\nConnection: close\r\n\r\n",
        ]
    return found


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("library_systems.alma", "--items"),
        ("library_systems.voyager", "--records"),
        ("library_systems.sip2", "--items"),
    ],
)
def test_a_library_system_that_is_asked_hostile_things(
    name: str, option: str, start: Callable[..., Emulator], tmp_path: Path
) -> None:
    (tmp_path / "items.json").write_text("{}")
    emulator = start(name, option, str(tmp_path / "items.json"))
    if name == "library_systems.sip2":
        port = int(emulator.ready["port"])
        lines = [text.encode()[:300].replace(b"\r", b"") for text in TEXTS]
        asked = [b"".join(b"17" + text + b"|AB" + text + b"|\r" + text + b"\r" for text in lines[at : at + 20])
                 for at in range(0, len(lines), 20)]  # fmt: skip
    else:
        port = int(str(emulator.ready["base_url"]).split(":")[2].split("/")[0])
        asked = _http()
    _requests(port, asked)
    _control(emulator)
    emulator.stop()
    _harmless(tmp_path)


EVIL: Final = f"{MARK} \x1b]0;x\x07 \x9b31m \u202e\u200b\u3164\ufe0f"
QUOTED: Final = json.dumps(EVIL)
SCRIPTS: Final = {
    "key": f"{QUOTED} = 1\n",
    "word": f"[[steps]]\ndo = {QUOTED}\n",
    "uid": f'[[steps]]\ndo = "create"\nuid = {QUOTED}\n',
    "tag": f"[[tags]]\nuid = {QUOTED}\n",
    "assumption": f"[assume]\n{QUOTED} = {QUOTED}\n",
}


@pytest.mark.parametrize("what", [*SCRIPTS, "name"])
def test_a_script_that_is_hostile_is_refused_in_plain_words(what: str, tmp_path: Path) -> None:
    """The refusal on stderr quotes the text of a tag file or a scenario, or its name."""
    path = tmp_path / ("evil.toml" if what in SCRIPTS else f"{EVIL}.toml".replace("/", ""))
    if what in SCRIPTS:
        path.write_text(SCRIPTS[what], encoding="utf-8")
    words = ["--link", str(tmp_path / "reader"), "--memory", str(tmp_path / "tags"), "--control", str(tmp_path / "c")]
    with pytest.raises(PortMissing, match="did not start"):
        controlled("threem", [*words, "--scenario", str(path)], tmp_path / "log")
    said = (tmp_path / "log").read_bytes().decode("utf-8")
    assert said.count("\n") == 1, "one sentence, no traceback"
    assert said.isascii() and bad_characters(said, "\n") == [], ascii(said)


def test_what_is_escaped_can_still_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    complain("a\x1b[2J\nb \u00e9\ud800")
    assert capsys.readouterr().err == "a\\x1b[2J\\nb \\xe9\\ud800\n"
