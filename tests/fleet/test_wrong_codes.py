"""Codes cannot be guessed at the speed of the network."""

from __future__ import annotations

import asyncio
from typing import cast

from starlette.requests import Request

from station.domain.journal_copy import Joined, JoinRequest
from station.fleet.receive import MOST_WRONG, Receiver
from station.fleet.wire import encode
from station.store.postgres.copies import Copies


class OneCode:
    """A center that knows one code."""

    def join(self, request: JoinRequest, _digest: bytes) -> Joined:
        return Joined("joined", "1") if request.code == "RIGHT" else Joined("no-code")


def test_after_many_wrong_codes_no_code_is_looked_at_for_a_minute() -> None:
    now = [0.0]
    receiver = Receiver(cast(Copies, OneCode()), lambda: now[0])

    def status(code: str) -> int:
        async def body() -> dict[str, object]:
            return {"type": "http.request", "body": encode(JoinRequest(code, "0" * 16, "", bytes(32)))}

        return asyncio.run(receiver.join(Request({"type": "http", "headers": []}, body))).status_code

    assert status("RIGHT") == 200
    assert [status("WRONG") for _ in range(MOST_WRONG)] == [200] * MOST_WRONG
    assert status("RIGHT") == 429
    now[0] = 60.0
    assert status("RIGHT") == 200
