"""The station's driver at nfcpy's own virtual tag: nfcpy's udp device listens in another process (run as a
counterparty, never copied).

Anticollision, cascade levels and frames of the tag's side are nfcpy's. The script only holds the pages.
"""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from station.base.settings import Badge, Reader
from station.domain.ports import BadgeSeen
from station.domain.tag_image import Uid
from station.drivers.registry import badge_reader, make_reader
from tests.conftest import FakeClock, missing

UID = "04A1B2C3D4E5F6"
TAG = """
import sys, time
import nfc.clf, nfc.clf.udp
device = nfc.clf.udp.init("127.0.0.1", int(sys.argv[1]))
uid, memory = bytes.fromhex(sys.argv[2]), bytearray(45 * 4)
memory[0:10] = uid[:3] + bytes([0x88 ^ uid[0] ^ uid[1] ^ uid[2]]) + uid[3:] + bytes([uid[3] ^ uid[4] ^ uid[5] ^ uid[6], 0x48])
memory[12:16] = bytes.fromhex("e1101200")
message = bytes.fromhex("d1010954") + b"\\x02enS-1042"
memory[16:18 + len(message) + 1] = bytes([3, len(message)]) + message + b"\\xfe"

def answer(command):
    if command[0] == 0x60:
        return bytearray.fromhex("0004040201000f03")  # GET_VERSION of an NTAG213
    if command[0] == 0x30:
        return bytearray((memory + memory)[4 * command[1]:4 * command[1] + 16])
    if command[0] == 0xA2:
        memory[4 * command[1]:4 * command[1] + 4] = command[2:6]
        return bytearray([0x0A])
    return None  # HLTA

never = time.time() + 3600
tag = nfc.clf.LocalTarget("106A", sens_res=bytearray.fromhex("4400"), sdd_res=bytearray(uid), sel_res=bytearray([0]))
device._create_socket()
assert device._bind_socket(never)
print("listening", flush=True)
first = None
while True:
    found = device._listen_tta(tag, never, first)
    first, command = None, found.tt2_cmd
    while command is not None:
        try:
            command = device.send_rsp_recv_cmd(found, answer(command), 3600)
        except nfc.clf.CommunicationError:  # the field went
            break
        if command in (b"\\x26", b"\\x52"):
            first = ("106A", command, found._addr)
            break
"""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    import nfc.clf.udp

    receive = nfc.clf.udp.Device._recv_data

    def slow(self: object, timeout: float, *kinds: str) -> object:
        """Wait long enough for every answer. Only HLTA gets none, so that nothing else is waited for in vain."""
        return receive(self, timeout if timeout < 0.01 else 60.0, *kinds)

    monkeypatch.setattr(nfc.clf.udp.Device, "_recv_data", slow)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    with subprocess.Popen([sys.executable, "-c", TAG, str(number), UID], stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdout is not None
        assert peer.stdout.readline() == "listening\n"
        yield f"udp:127.0.0.1:{number}"
        peer.kill()


def test_a_label_that_nfcpy_plays_is_found_read_and_written(port: str) -> None:
    tag = Uid(UID)
    reader = make_reader(Reader(driver="nfcpy", port=port, operation_ms=120_000), FakeClock())
    reader.reconnect()
    try:
        assert reader.inventory().uids == {tag}
        information = reader.system_information(tag)
        assert (information.block_size, information.block_count) == (4, 36)
        reader.write_blocks(tag, 20, bytes(range(1, 13)), 4)
        read = reader.read_blocks(tag, 0, 36)
        assert read.data[80:92] == bytes(range(1, 13))
        assert b"S-1042" in read.data[:20]
        assert read.locked == (False,) * 36
        assert reader.inventory().uids == {tag}
    finally:
        reader.close()


def test_a_badge_that_nfcpy_plays_says_its_text(port: str) -> None:
    badges = badge_reader(Badge(port=port), FakeClock())
    try:
        assert badges.look() == BadgeSeen(UID, "S-1042")
        assert badges.look() == BadgeSeen(UID, "S-1042")
    finally:
        badges.close()
