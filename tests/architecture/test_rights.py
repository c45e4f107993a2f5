"""No command and no screen refuses for a lacking right alone: a person who can lend the right is asked first."""

from __future__ import annotations

import ast

import pytest

from tests.conftest import ROOT

_WEIGHS = {"lacks", "may", "NotAllowed", "lacking"}
"""Names that check a right, or that make the refusal."""
_ASKS = {
    ("station/cli/shared/authorise.py", "not_allowed"),
    ("station/cli/workflows/pad_request.py", "_error"),
}
"""Permitted places, after a lender was asked for (`runtime.identity.claims`, `cli.shared.authorise`)."""


def weighed(source: str) -> list[tuple[str, int]]:
    """Return function and line of each place that checks a right, or compares a person's role, in order to refuse."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "id", getattr(called, "attr", ""))
            compares = isinstance(node, ast.If) and "Role." in ast.unparse(node.test) and _raises(node)
            if name in _WEIGHS or compares:
                found.append((function.name, node.lineno))
    return found


def _raises(node: ast.If) -> bool:
    return any(isinstance(one, ast.Raise) for one in ast.walk(node))


def test_nothing_refuses_for_a_right_before_somebody_could_be_asked() -> None:
    """The store refuses (`NotAllowed`), and `Claims.with_lender` asks. Code that asks beforehand uses
    `Claims.right`.
    """
    places = {
        (str(path.relative_to(ROOT)), function): line
        for room in ("cli", "tui")
        for path in sorted((ROOT / "station" / room).rglob("*.py"))
        for function, line in weighed(path.read_text(encoding="utf-8"))
    }
    assert set(places) == _ASKS, "refuse by who_asks.order or who_asks.lender, or say here why no lender can be asked"


@pytest.mark.parametrize(
    "body",
    ["if (no := lacks(who.role, right)) is not None: raise no", "raise errors.NotAllowed('x')", "return may(role, right)",
     "if who.role not in (Role.SYSTEMS,): raise Refused()"],
)  # fmt: skip
def test_the_search_finds_what_refuses_flatly(body: str) -> None:
    assert weighed(f"def command():\n    {body}\n") == [("command", 2)]
    assert weighed("def command():\n    order(app, event)\n    right = A if to.role in (Role.SYSTEMS,) else B\n") == []
