"""Notices and answers: what the bench says beside the large sentence, and what became of a command. Each has a code.

Logic compares codes; people read sentences. The code of a notice is the key of its sentence in the message catalogue
("convert.done-before"), or the code of the error that it tells ("barcode-malformed").
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import StationError
from station.base.words import Sentence


class Notice(msgspec.Struct, frozen=True):
    """A sentence that needs no action ("The last scan was not one of our barcodes")."""

    code: str = ""
    """"" = there is none."""
    sentence: str = ""


Said = Sentence | StationError | Notice
"""What becomes a notice."""
NONE: Final = Notice()
DONE: Final = "done"
"""The command was carried out, and there is nothing to say about it."""
SUPERSEDED: Final = "superseded"
"""The command waited for somebody with a right to it, and is not wanted any more."""
BEGUN: Final = "begun"
"""The command took an item in hand."""


class Answered(msgspec.Struct, frozen=True):
    """What became of one command."""

    ticket: str
    """As the sender chose it."""
    code: str
    """`BEGUN`, `DONE`, or the code of the notice or fault that answers the command."""
    sentence: str = ""
    """Of that notice or fault."""


def notice(said: Said) -> Notice:
    """Tell it in the words of the station's language."""
    match said:
        case Notice():
            return said
        case Sentence():
            return Notice(said.key, str(said))
        case _:
            return Notice(said.code, said.message)


def detailed(error: StationError) -> Notice:
    """An error's notice with its detail in brackets."""
    return Notice(error.code, error.with_detail)
