"""The loopback port serves the configured accounts only."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from station.base.errors import SettingsError
from station.https import accounts
from station.https.accounts import Accounts, owner
from tests.support.served_pad import serving, tag


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_owner_of_a_connection_is_known(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as listener:
        listener.bind((address, 0))
        listener.listen()
        with socket.socket(family) as client:
            client.connect(listener.getsockname())
            here, there = client.getsockname()[:2], listener.getsockname()[:2]
            assert owner(here, there) == os.getuid()
            assert owner((address, 1), there) is None
            assert Accounts((), own=54321).allow(here, there)
            assert Accounts(("nobody",), own=os.getuid()).allow(here, there)
            assert not Accounts(("nobody",), own=54321).allow(here, there) or os.getuid() == 65534


def test_a_browser_of_another_account_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, accounts=("nobody",)) as desk:
        desk.pad.tags = (tag(1),)
        assert desk.call("GET", "/getItems").status == 200
        monkeypatch.setattr(accounts, "owner", lambda _client, _server: 54321)
        refused = desk.call("GET", "/getItems")
        assert (refused.status, len(desk.pad.asked)) == (403, 1)


@pytest.mark.parametrize("web", [{"accounts": ("no-such-account",)}, {"accounts": ("nobody",), "bind": "0.0.0.0"}])
def test_accounts_that_cannot_be_told_are_refused_at_the_start(tmp_path: Path, web: dict[str, object]) -> None:
    with pytest.raises(SettingsError), serving(tmp_path, **web):
        pass
