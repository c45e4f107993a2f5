"""Test your own software against an emulated reader. Run these tests with `pytest`.

The station's pytest plug-in provides the fixtures `rfid_reader` and `tags`. Nothing else of the station is used.
"""

from __future__ import annotations

import socket

import pytest

from station.emulators.pytest_plugin import EmulatedReader, Tags

INVENTORY = bytes.fromhex("D60005FE0005FA40")
"""Command FE of the 3M reader: list the tags on the pad."""


def find_tags(host: str, port: int) -> list[str]:
    """The software under test: ask a 3M reader on the network for the UIDs of its tags."""
    with socket.create_connection((host, port), timeout=10) as line:
        line.sendall(INVENTORY)
        reply = line.makefile("rb")
        head = reply.read(3)
        if len(head) < 3:
            raise ConnectionError("the reader closed the connection")
        body = reply.read(int.from_bytes(head[1:], "big"))
    return [body[at : at + 8].hex().upper() for at in range(5, len(body) - 2, 8)]


@pytest.mark.rfid("3m", network=True)
def test_both_tags_are_found(rfid_reader: EmulatedReader, tags: Tags) -> None:
    first, second = tags.add(chip="slix"), tags.add(chip="slix")
    assert sorted(find_tags(*rfid_reader.address)) == [first.uid, second.uid]
    second.lift()
    assert find_tags(*rfid_reader.address) == [first.uid]


@pytest.mark.rfid("3m", network=True)
def test_a_lost_connection_is_an_error_and_no_empty_pad(rfid_reader: EmulatedReader) -> None:
    rfid_reader.do("unplug-at-command", keep=0)
    with pytest.raises(ConnectionError):
        find_tags(*rfid_reader.address)
