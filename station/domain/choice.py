"""One button of a question to the operator."""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.sentence import Sentence

SETS_ASIDE: Final = frozenset({"set-aside", "dismiss"})
"""Ids of the choices that set the item in hand aside."""


class Choice(msgspec.Struct, frozen=True):
    """One button that a stop or a question offers."""

    id: str
    label: Sentence
    main: bool = False
    """True for the action that most people want: the big button."""
