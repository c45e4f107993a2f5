"""Where a screen of the outbox asks the bench for something that the operator's right does not suffice for: the bench asks for
somebody whose does, and the screen says afterwards what came of it."""

from __future__ import annotations

from enum import StrEnum

from station.domain.snapshot import Snapshot


class Lending(StrEnum):
    """How far the question is who authorises it."""

    NOBODY = "nobody"
    SENT = "sent"
    ASKED = "asked"


class Lent:
    """Follows that question through the snapshots."""

    def __init__(self) -> None:
        self.state = Lending.NOBODY

    def sent(self) -> None:
        """The bench was asked."""
        self.state = Lending.SENT

    def over(self, snapshot: Snapshot) -> bool:
        """True once, when the question was asked and is over: `Snapshot.notice` says what came of it."""
        if self.state is Lending.SENT and snapshot.sign_on_prompt is not None:
            self.state = Lending.ASKED
        elif self.state is Lending.ASKED and snapshot.sign_on_prompt is None:
            self.state = Lending.NOBODY
            return True
        return False
