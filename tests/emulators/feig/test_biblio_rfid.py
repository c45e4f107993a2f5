"""Biblio-RFID's CPRM02.pm, a real client of this reader (Perl, GPL: run as a counterparty, never copied)."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.conftest import missing
from tests.support.feig_rig import SLIX, TI, Rig
from tests.support.patience import PATIENCE_S

LOAD = 'require "Biblio/RFID/Reader/CPRM02.pm"; my $r = Biblio::RFID::Reader::CPRM02->new; '


def perl(rig: Rig, script: str) -> str:
    """Return what the script prints; the client's own messages go to standard error."""
    environment = {**os.environ, "RFID_DEVICE": str(rig.link.resolve())}
    environment.pop("RFID_TCP", None)
    done = subprocess.run(
        ["perl", "-e", LOAD + script], env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture
def biblio(rig: Rig) -> Rig:
    found = (
        shutil.which("perl")
        and not subprocess.run(["perl", "-e", 'require "Biblio/RFID/Reader/CPRM02.pm"'], capture_output=True).returncode
    )
    if not found:
        missing("libbiblio-rfid-perl (Biblio::RFID::Reader::CPRM02)")
    rig.tag(SLIX, memory="04110001" + b"1301234567".hex(), dsfid=0x06, afi=0xDA)
    rig.tag(TI, chip="tag-it-hfi-plus", dsfid=0x3E)
    return rig


def test_inventory(biblio: Rig) -> None:
    assert perl(biblio, 'print join ",", $r->inventory').split(",") == [SLIX, TI]
    assert biblio.do("counters")["commands"] == {"52": 1, "65": 1, "66": 1, "69": 1, "b001": 1}


def test_read_blocks(biblio: Rig) -> None:
    script = f'my $b = $r->read_blocks("{SLIX}"); print unpack("H*", join "", @{{ $b->{{"{SLIX}"}} }})'
    assert perl(biblio, script) == biblio.dump()["memory"]
    assert biblio.do("counters")["commands"]["b023"] == 7  # 28 blocks, four per command


@pytest.mark.parametrize("uid", [SLIX, TI])
def test_write_blocks_and_afi(biblio: Rig, uid: str) -> None:
    perl(biblio, f'$r->write_blocks("{uid}", "ABCDEFGHIJKLMNOP"); $r->write_afi("{uid}", chr 0xC2)')
    tag = biblio.dump(uid)
    assert bytes.fromhex(tag["memory"])[:20] == b"ABCDEFGHIJKLMNOP" + b"\0" * 4
    assert tag["afi"] == 0xC2


def test_its_padding_bug_is_refused_and_changes_nothing(biblio: Rig) -> None:
    """For 21 bytes the client adds one byte of padding, not three, and sends 22 bytes for five blocks: status 81."""
    before = biblio.dump()["memory"]
    said = perl(biblio, f'$SIG{{__WARN__}} = sub {{ print @_ }}; $r->write_blocks("{SLIX}", "123456789012345678901")')
    assert "06 00 B0 81 54 E7" in said.upper()
    assert biblio.dump()["memory"] == before
    assert biblio.do("counters")["air_writes"] == {}
