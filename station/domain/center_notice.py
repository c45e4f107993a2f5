"""What a bench shows about its center."""

from __future__ import annotations

import msgspec

from station.base.sentence import EMPTY, Sentence


class CenterNotice(msgspec.Struct, frozen=True):
    """What the bench's screen says about the center."""

    sentence: Sentence = EMPTY
    """"" = there is nothing to say, or the bench has no center."""
    refuses: bool = False
    """The center takes nothing from this bench until a person acts."""
