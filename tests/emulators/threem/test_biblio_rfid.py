"""Biblio-RFID's 3M810.pm, a real client of this reader (Perl, GPL: run as a counterparty, never copied)."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, missing
from tests.support.feig_rig import TI
from tests.support.patience import PATIENCE_S
from tests.support.threem_rig import SLIX, ThreemRig

LOAD = 'require "Biblio/RFID/Reader/3M810.pm"; my $r = Biblio::RFID::Reader::3M810->new; '


def run(script: str, **where: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RFID_")} | where
    return subprocess.run(
        ["perl", "-e", (PATIENT if "RFID_TCP" in where else "") + LOAD + script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def perl(pad: ThreemRig, script: str) -> str:
    """Return what the script prints; the client's own messages go to standard error."""
    done = run(script, RFID_DEVICE=str(pad.link.resolve()))
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture
def client() -> None:
    found = (
        shutil.which("perl")
        and not subprocess.run(["perl", "-e", 'require "Biblio/RFID/Reader/3M810.pm"'], capture_output=True).returncode
    )
    if not found:
        missing("libbiblio-rfid-perl (Biblio::RFID::Reader::3M810)")


@pytest.fixture
def biblio(client: None, pad: ThreemRig) -> ThreemRig:
    pad.tag(SLIX, memory="04110001" + b"1301234567".hex(), dsfid=0x06, afi=0xDA)
    pad.tag(TI, chip="tag-it-hfi-plus", dsfid=0x3E)
    return pad


def test_inventory(biblio: ThreemRig) -> None:
    assert perl(biblio, 'print join ",", $r->inventory').split(",") == [SLIX, TI]
    assert biblio.do("counters")["commands"] == {"d5": 1, "13": 1, "fe": 1}


def test_read_blocks(biblio: ThreemRig) -> None:
    script = f'my $b = $r->read_blocks("{SLIX}"); print unpack("H*", join "", @{{ $b->{{"{SLIX}"}} }})'
    assert perl(biblio, script) == biblio.dump()["memory"][:64]  # the client always reads eight blocks


@pytest.mark.parametrize("uid", [SLIX, TI])
def test_write_blocks_and_afi(biblio: ThreemRig, uid: str) -> None:
    """The client's own read-back compares all eight blocks, so that all eight must be written."""
    text = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    script = f'$r->write_blocks("{uid}", "{text}"); $r->write_afi("{uid}", chr 0xC2); print ord $r->read_afi("{uid}")'
    assert perl(biblio, script) == str(0xC2)
    tag = biblio.dump(uid)
    assert bytes.fromhex(tag["memory"])[:32] == text.encode()
    assert tag["afi"] == 0xC2


def test_a_tag_that_is_not_there(biblio: ThreemRig) -> None:
    biblio.do("lift", uid=SLIX)
    done = run(f'$r->read_blocks("{SLIX}")', RFID_DEVICE=str(biblio.link.resolve()))
    assert done.returncode != 0
    assert "ERROR 02 06" in done.stderr.upper()


def test_its_read_back_bug_is_seen_and_ends(biblio: ThreemRig) -> None:
    """Known bug: after writing fewer than eight blocks the client compares all eight, writes ten times and gives up."""
    done = run(f'$r->write_blocks("{SLIX}", "ABCD")', RFID_DEVICE=str(biblio.link.resolve()))
    assert done.returncode != 0
    assert "ABORTED" in done.stderr
    assert biblio.do("counters")["commands"]["04"] == 10
    assert biblio.block(0) == b"ABCD".hex()


def test_its_padding_bug_is_refused_and_changes_nothing(biblio: ThreemRig) -> None:
    r"""Known bug: the client pads with the four characters \x00 for each missing byte, and counts only whole blocks.
    Three bytes become seven, which it sends as one block with too much data.
    """
    before = biblio.dump()["memory"]
    done = run(f'$r->write_blocks("{SLIX}", "ABC")', RFID_DEVICE=str(biblio.link.resolve()))
    assert done.returncode != 0
    assert "04 32" in done.stderr.upper()
    assert biblio.dump()["memory"] == before
    assert biblio.do("counters")["air_writes"] == {}


@pytest.fixture
def tcp(client: None, tmp_path: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "station.emulators.threem", "--listen", "127.0.0.1:0", "--clock", "virtual"]
    command += ["--memory", str(tmp_path / "tags"), "--control", str(tmp_path / "c")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdin is not None
    ready = json.loads(process.stdout.readline())
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(ready["control"])
        control.sendall(json.dumps({"do": "create", "uid": SLIX, "afi": 0xDA, "place": True}).encode() + b"\n")
        assert json.loads(control.recv(4096))["ok"]
    yield ready["link"]
    process.stdin.close()
    process.wait(PATIENCE_S)
    process.stdout.close()


PATIENT = (
    'require Biblio::RFID::Reader::INET; { no warnings "redefine"; '
    "*Biblio::RFID::Reader::INET::read_char_time = sub { $Biblio::RFID::Reader::INET::read_char_time = 2_000_000 }; } "
)
"""Over TCP the client waits 0.1 s for a byte, less than a busy machine may suspend the emulator. So it waits longer
here, and in vain only once.
"""


def test_over_tcp(tcp: str) -> None:
    done = run(f'print join ",", $r->inventory, ord $r->read_afi("{SLIX}")', RFID_TCP=tcp)
    assert (done.returncode, done.stdout) == (0, f"{SLIX},{0xDA}"), done.stderr[-2000:]
