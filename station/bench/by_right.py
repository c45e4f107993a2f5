"""Carry out an order by the worker's own right, or by the right of a person who lends it on the spot."""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import NotAllowed, WorkError
from station.base.sentence import EMPTY, Sentence
from station.bench.desk import Desk, always
from station.domain.notices import Said
from station.domain.people.rights import Right
from station.domain.ports import Worker
from station.domain.snapshot import Sound

Answer = tuple[Said, Sound]
"""The notice and sound after an order was carried out."""


def by_right(
    desk: Desk,
    order: Callable[[], Answer],
    lent: Worker | None,
    again: Callable[[Worker], None],
    *,
    still: Callable[[], bool] = always,
    what: Sentence = EMPTY,
) -> None:
    """Carry out the order and show its result. `lent`: the person who lends the right; None = the worker's own right.

    If the worker's right is not sufficient, ask for a person who has the right and call `again` with that person, once,
    if `still` is true by then. A refused order has changed nothing, so it is shown as a warning. `what`: see
    `desk.Surroundings.ask_for`.
    """
    try:
        result, sound = order()
    except WorkError as error:
        right = error.right if isinstance(error, NotAllowed) and lent is None else ""
        if right and desk.ask_for(Right(right), again, still, what):
            return
        result, sound = error, Sound.WARNING
    desk.say(result, sound)


def id_of(lent: Worker | None) -> str:
    return lent.id if lent is not None else ""
