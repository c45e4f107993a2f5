"""`station demo --office`: the office is open while the screens are, and its address is printed before them."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import msgspec
import pytest

from station.base.settings import Settings
from station.cli.session.demo import _office_opened


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_the_demo_prints_where_its_office_is_and_closes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings()
    settings = msgspec.structs.replace(settings, office=msgspec.structs.replace(settings.office, port=0))
    with _office_opened(settings, tmp_path):
        said = capsys.readouterr().out
        opened = re.search(r"https://localhost:(\d+)/", said)
        assert opened is not None, said
        assert _listens(int(opened[1]))
    assert not _listens(int(opened[1]))
