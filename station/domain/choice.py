"""One button of a question to the operator."""

from __future__ import annotations

import msgspec


class Choice(msgspec.Struct, frozen=True):
    """One button that a stop or a question offers."""

    id: str
    label: str
    main: bool = False
    """True for the action that most people want: the big button."""
