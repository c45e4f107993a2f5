"""The session with two servers by other authors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import CredentialsRefused, Unreachable
from station.sync.sip2.codec import Check
from station.sync.sip2.connection import Connector
from station.sync.sip2.session import Session, Terms
from tests.support.told import told
from tests.sync.sip2 import peers
from tests.sync.sip2.test_session import ITEM, check_in, item


@pytest.fixture(params=["pysip2-cp850", "pysip2-utf-8", "invenio-sip2"])
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[peers.Peer]:
    name = request.param
    found = peers.invenio(tmp_path) if name == "invenio-sip2" else peers.pysip2(tmp_path, name.partition("-")[2])
    yield found
    found.close()


def session(peer: peers.Peer, password: str = "s3cret", **terms: object) -> Session:
    connect = Connector("127.0.0.1", peer.port, "none")
    given = {"institution": "MAIN", "user": "station", "location": "TS", "timeout_s": 20.0, **terms}
    return Session(connect, Terms(**given), SystemClock(), lambda: Secret(password), connect.place)  # type: ignore[arg-type]


def test_log_in_look_up_check_in(peer: peers.Peer) -> None:
    made = session(peer)
    try:
        before = item(made)
        assert before.first("AJ") == "Führer für Gäste"
        assert before.fixed["circulation_status"] == "06" and before.check is Check.BYTES
        answer = check_in(made)
        assert answer.fixed["ok"] == "1" and answer.first("AA") == ""
        assert item(made).fixed["circulation_status"] == "03"
        assert peer.effects == [f"checkin {ITEM}"]
    finally:
        made.close()


def test_without_error_detection(peer: peers.Peer) -> None:
    made = session(peer, error_detection=False)
    try:
        assert item(made).first("AJ") == "Führer für Gäste"
    finally:
        made.close()


def test_wrong_password(peer: peers.Peer) -> None:
    made = session(peer, "no")
    try:
        with pytest.raises((CredentialsRefused, Unreachable)) as caught:
            item(made)
        assert "no'" not in told(caught.value.coded_detail)
        assert peer.effects == []
    finally:
        made.close()
