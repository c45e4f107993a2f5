"""Generator of docs/moves.md: the possible moves of each workflow of the bench, from its table of moves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import ModuleType
from typing import Any, Final

from scripts.reference.markdown import notes, table
from station.bench import sign_on_questions
from station.bench.item import undo
from station.bench.workflows.convert import session
from station.bench.workflows.pack import rules as pack_rules
from station.bench.workflows.process import moves
from station.bench.workflows.receive import rules as receive_rules
from station.bench.workflows.release import rules as release_rules
from station.bench.workflows.retag import rules as retag_rules
from station.bench.workflows.sets import rules as sets_rules
from station.bench.workflows.withdraw import rules as withdraw_rules
from station.bench.workflows.withdraw import workflow as checklist

_HEAD: Final = """# Moves

Each workflow of the bench has a table of moves: the current state, the trigger, and the next state. Any other move is
impossible: the bench stops with the error `defect`.

This page is made from the tables by `python -m scripts.reference.pages docs`; a test compares them."""
_WORKFLOWS: Final = (
    ("Process and convert: one item", moves),
    ("Convert: a session", session),
    ("Sets", sets_rules),
    ("Erase and migrate", retag_rules),
    ("Inspect: an undo", undo),
    ("Withdraw: an item on its way out", withdraw_rules),
    ("Withdraw: a checklist", checklist),
    ("Receive: a count", receive_rules),
    ("Release", release_rules),
    ("Pack: a box", pack_rules),
)


def moves_page() -> str:
    lines = [_HEAD]
    for title, module in _WORKFLOWS:
        lines += _section(title, module, module.MOVES, module.Trigger)
    lines += _section("Sign-on: a question", sign_on_questions, sign_on_questions.NEXT, sign_on_questions.Input, "NEXT")
    return "\n".join(lines) + "\n"


def _section(
    title: str,
    module: ModuleType,
    made: Mapping[Any, Any],
    triggers: type[StrEnum],
    table_name: str = "MOVES",
) -> list[str]:
    """Return a diagram of the states, then the meaning of each trigger."""
    said = notes(module)
    joined: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for (state, trigger), to in made.items():
        joined.setdefault((state, to), []).append(trigger.value)
    lines = ["", f"## {title}", "", f"`{module.__name__}.{table_name}`. {said.get(table_name, '')}".rstrip()]
    lines += ["", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {_id(state)} --> {_id(to)}: {', '.join(by)}" for (state, to), by in joined.items()]
    lines += ["```"]
    means = notes(triggers)
    return lines + table(
        ("trigger", "meaning", "from state"),
        [
            (f"`{one.value}`", means.get(one.name, ""), ", ".join(state.value for state, by in made if by is one))
            for one in triggers
        ],
    )


def _id(state: StrEnum) -> str:
    """Return a state's name for Mermaid, which takes a hyphen for part of an arrow."""
    return state.value.replace("-", "_")
