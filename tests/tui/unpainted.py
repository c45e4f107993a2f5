"""Screens are painted where a picture is compared, or the text of the screen is asked for.

A headless app has no terminal to write to, yet Textual paints each change and throws it away: a third of what a test of a screen
costs. Layout, messages and callbacks stay as they are.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from textual._compositor import Compositor

_paint = Compositor.render_update


def render_update(self: Compositor, full: bool = False, **how: Any) -> Any:
    """`Compositor.render_update`; a change is only noted as done, a whole screen (`full`) is painted."""
    if full:
        return _paint(self, full=True, **how)
    self._dirty_regions.clear()
    return None


@contextmanager
def unpainted() -> Generator[None, None, None]:
    """For a test that compares no picture."""
    with mock.patch.object(Compositor, "render_update", render_update):
        yield
