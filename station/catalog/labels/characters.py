"""Break text after or before characters."""

from __future__ import annotations

import re


def after(text: str, characters: str) -> list[str]:
    """Break after each of these characters."""
    return re.split(rf"(?<=[{re.escape(characters)}])(?=.)", text) if characters else [text]


def before(text: str, characters: str) -> list[str]:
    """Break before each of these characters."""
    return re.split(rf"(?<=.)(?=[{re.escape(characters)}])", text) if characters else [text]
