"""Notices and answers: remarks of the bench below the large sentence, and outcomes of commands. Each has a code.

Logic compares codes; people read sentences. The code of a notice is the key of its sentence in the message catalog
("convert.done-before"), or the code of the reported error ("barcode-malformed").
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import StationError
from station.base.sentence import EMPTY, Sentence


class Notice(msgspec.Struct, frozen=True):
    """A sentence that needs no action ("The last scan was not one of our barcodes")."""

    code: str = ""
    """Empty = no notice."""
    sentence: Sentence = EMPTY


Said = Sentence | StationError | Notice
"""Values that can become a notice."""
NONE: Final = Notice()
DONE: Final = "done"
"""The command was carried out, and there is nothing to report."""
SUPERSEDED: Final = "superseded"
"""The command waited for a person with the right to it, and is no longer wanted."""
NOT_POSSIBLE: Final = "notice.not-possible"
"""A command barcode or key has no button now; the screen shows the notice in amber."""
BEGUN: Final = "begun"
"""The command took an item in hand."""


class Answered(msgspec.Struct, frozen=True):
    """Outcome of one command."""

    ticket: str
    """Ticket, as chosen by the sender."""
    code: str
    """`BEGUN`, `DONE`, or the code of the notice or fault that answers the command."""
    sentence: Sentence = EMPTY
    """Sentence of that notice or fault."""


def notice(message: Said) -> Notice:
    """Return the message as a notice, with the remedy of an error."""
    match message:
        case Notice():
            return message
        case Sentence():
            return Notice(message.key, message)
        case _:
            return Notice(message.code, message.with_remedy)


def detailed(error: StationError) -> Notice:
    """Return an error's notice with its detail in parentheses."""
    return Notice(error.code, error.with_detail)
