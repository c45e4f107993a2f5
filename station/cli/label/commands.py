"""Contents of the sheet of command barcodes (`station label commands`): the screen's commands, then the reasons of a
failed check, grouped by rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from station.base.words import tell
from station.domain.command_barcodes import FailReason, OnScreen, ScreenCommand, text_of
from station.printing import content
from station.printing.content import Content
from station.printing.paper import Kind
from station.quality import rule_words
from station.quality.rules import Catalogue

WORD: Final = "commands"
"""Argument in the place of a BARCODE. No item barcode has lower-case letters."""


class CommandSheet:
    """Contents of the command barcodes, by their text; used like `Source`."""

    def __init__(self, rules: Catalogue, day: str) -> None:
        """`day`: only rules in force on this day (ISO 8601 date) have reasons on the sheet."""
        contents: dict[OnScreen, Content] = {}
        for command in ScreenCommand:
            contents[command] = content.command(tell(f"label.command.{command.value}"), "", text_of(command))
        for rule in rules.in_force(day):
            for code, words in (
                zip(rule.reasons, rule_words.reasons(rules, rule), strict=True) if rule.by_person else ()
            ):
                reason = FailReason(rule.number, code)
                if reason not in contents:  # rules of one number exclude each other
                    heading = tell("label.command.reason", reason=tell(words))
                    contents[reason] = content.command(heading, tell(rule_words.title(rule)), text_of(reason))
        self._contents = {text_of(command): label for command, label in contents.items()}

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the texts of all command barcodes, in the order of the sheet."""
        return tuple(self._contents)

    def labels(self, text: str, _kind: Kind, *, part: int = 0, reasons: Sequence[str] = ()) -> tuple[Content, ...]:
        """Return the content for one text. A command barcode has no parts and no reasons of its own."""
        del part, reasons
        return (self._contents[text],)

    def close(self) -> None:
        """Nothing is open."""
