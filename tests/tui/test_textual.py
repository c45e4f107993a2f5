"""The methods of Textual that tests replace (`matched`, `parsed`, `restyled`,
`unpainted`) have not changed since they were replaced."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet

from station.tui.widgets.touch import Go
from tests.tui import matched, parsed, restyled, unpainted
from tests.tui.running_app import running

WRITTEN_FOR = "8.2.8"


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (matched.replaced, "1faf3687bbba428f"),
        (parsed.replaced, "2f1c2d220b672d1b"),
        (restyled.replaced, "2db1c7976ac6aa11"),
        (unpainted.replaced, "772c6b21953aff0e"),
    ],
    ids=["Stylesheet.apply", "Stylesheet._parse_rules", "Stylesheet.replace_rules", "Compositor.render_update"],
)
def test_a_method_that_tests_replace_has_not_changed(method: Callable[..., Any], digest: str) -> None:
    now = hashlib.sha256(inspect.getsource(method).encode()).hexdigest()[:16]
    assert now == digest, (
        f"Textual {version('textual')} has another {method.__qualname__} than {WRITTEN_FOR}: "
        f"compare it with its replacement in tests/tui, then set its digest here to {now}."
    )


def test_a_style_sheet_is_parsed_once_for_the_same_colors_and_anew_for_others() -> None:
    def rules(color: str) -> list[Any]:
        sheet = Stylesheet(variables={"ink": color})
        return sheet._parse_rules("Label { color: $ink; }", ("", ""))

    assert rules("red") is rules("red")
    assert rules("red")[0].css != rules("blue")[0].css


async def test_a_widget_has_the_styles_that_textual_would_give_it() -> None:
    """Also in another state and place. Nearly everything in the second app was matched in the first one."""
    for _ in range(2):
        async with running("check-label") as desk:
            await desk.open(Go.MENU)
            for changed in (False, True):
                for button in desk.buttons:
                    button.can_focus = button.disabled = changed
                await desk.pilot.pause()
                for screen in desk.app.screen_stack:
                    for node in screen.walk_children(with_self=True):
                        given = dict(node.styles.base._rules)
                        matched.replaced(desk.app.stylesheet, node)
                        assert given == node.styles.base._rules, node
