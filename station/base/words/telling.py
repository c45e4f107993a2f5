"""Texts about errors, as a face shows them to its reader."""

from __future__ import annotations

from station.base.errors import StationError, walk
from station.base.sentence import Sentence
from station.base.words import active, knows, tell


def what_to_do(code: str) -> str:
    """Return what to do when the bench stops with this code; "" = the bench never stops with it."""
    return tell(f"do.{code}") if knows(f"do.{code}") else ""


def command_message(error: StationError) -> str:
    """Return the message for a person at the command line: where the operator's sentence names whom to fetch, this one
    names what to do, and the option that answers it."""
    key = f"error.{error.code}.command"
    sentence = error.after_cause(Sentence(key)) if knows(key) else error.with_remedy
    return with_field(sentence, f"--{error.answered_by}") if error.answered_by else tell(sentence)


def with_field(sentence: Sentence, field: str) -> str:
    """Return a refusal with the name of the field or option that answers it."""
    return tell(Sentence("error.answered-by", inside=sentence, field=field))


def codes() -> tuple[str, ...]:
    """Return every code that an operator may read: errors of the program, and stops that are not errors."""
    faults = [
        key.removeprefix("fault.") for key in active().entries if key.startswith("fault.") and key.count(".") == 1
    ]
    return (*(error.code for error in walk()), *(code for code in faults if code != "scan-again"))
