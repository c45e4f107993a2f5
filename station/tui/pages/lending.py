"""Follow-up of a request beyond the operator's rights: the bench asks for a person who has the right, and the screen
then shows the result."""

from __future__ import annotations

from enum import StrEnum

from station.domain.snapshot import Snapshot


class Lending(StrEnum):
    """Progress of the question who authorizes a request."""

    NOBODY = "nobody"
    SENT = "sent"
    ASKED = "asked"


class Lent:
    """Follows that question through the snapshots."""

    def __init__(self) -> None:
        self.state = Lending.NOBODY

    def sent(self) -> None:
        """Record that the request went to the bench."""
        self.state = Lending.SENT

    def over(self, snapshot: Snapshot) -> bool:
        """Return True once, when the question was asked and has ended; `Snapshot.notice` then holds the result."""
        if self.state is Lending.SENT and snapshot.sign_on_prompt is not None:
            self.state = Lending.ASKED
        elif self.state is Lending.ASKED and snapshot.sign_on_prompt is None:
            self.state = Lending.NOBODY
            return True
        return False
