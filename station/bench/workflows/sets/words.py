"""What the workflow of sets says: the one sentence of the present state, and its light. No decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from station.base.words import tell
from station.bench.workflows.sets.rules import SetInHand
from station.domain.snapshot import Light
from station.domain.workflows import SetModel, SetState

LIGHTS: Final = {
    SetState.WRITING: Light.BUSY,
    SetState.STOPPED: Light.BAD,
    SetState.ASK_ORDER: Light.WARNING,
    SetState.ASK_SIZE: Light.WARNING,
    SetState.COMPLETE: Light.GOOD,
}
"""All others are neutral."""


def prompt(now: SetInHand, *, stopped: bool) -> str:
    """What to do next."""
    if stopped:
        return tell("sets.take-off")
    match now.state:
        case SetState.GATHER if now.next_part:
            return tell("sets.lay", part=now.next_part, parts=now.total)
        case SetState.GATHER:
            return tell("sets.lay-known", parts=numbers(now.missing))
        case SetState.ASK_ORDER:
            return tell("sets.ask-order", count=now.asked)
        case SetState.ASK_SIZE:
            return _size_question(now)
        case SetState.WRITING:
            return tell("state.writing")
        case SetState.COUNT if now.model is SetModel.MAIN:
            return tell("sets.count-main", parts=now.total)
        case SetState.COUNT:
            return tell("sets.count")
        case SetState.COMPLETE:
            return tell("sets.complete", parts=now.total)
        case _:
            return tell("sets.scan")


def _size_question(now: SetInHand) -> str:
    (old, before), (new, model) = now.sizes
    if now.of_tags:
        return tell("sets.ask-which", tags=new, record=old)
    if model is not before:
        return tell("sets.ask-main" if model is SetModel.MAIN else "sets.ask-every", parts=new)
    again = sorted({*now.known, *now.right})
    return tell("sets.ask-size", old=old, new=new, again=numbers(again) if again else tell("sets.none"))


def numbers(parts: Iterable[int]) -> str:
    """Numbers of parts in a sentence."""
    return ", ".join(map(str, parts))
