"""An EAS bit that is off is told by silence, and silence has other reasons."""

from __future__ import annotations

from collections.abc import Callable

from station.errors import TagAbsent


def heard(alarm: Callable[[], bool], there: Callable[[], bool]) -> bool:
    """Is the EAS bit on? `alarm`: does the tag answer an EAS alarm, which it does when its bit is on (ICODE SLIX data sheet;
    reader-protocols.md 6.7)? `there`: does it answer another question? Raises `TagAbsent`.

    A tag at the edge of the field misses some of what it is asked. Off is believed after two alarms without an answer and
    two questions with one: a tag that hears any steady share of them is then never called off when it is on. If it hears
    half or more, it does not miss two in a row; if it hears less, it does not answer two in a row.
    """
    if alarm() or alarm():
        return True
    if there() and there():
        return False
    raise TagAbsent("no answer to an EAS alarm, nor to a look at the tag")
