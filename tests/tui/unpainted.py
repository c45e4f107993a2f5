"""Paint an app under test when a test reads its text or compares its picture, not after every change.

Painting after a change has no terminal here. The widgets that changed still draw their content, because drawing may
fail, and because a screen learns its number of pages there; the content is not laid out into cells. A whole repaint
(`App.export_screenshot`) and `Compositor.render_strips` paint as usual.
"""

from __future__ import annotations

from typing import Final

from textual._compositor import Compositor
from textual.screen import Screen

replaced: Final = Compositor.render_update
"""Pinned by `test_textual`."""


def render_update(
    self: Compositor, full: bool = False, screen_stack: list[Screen[object]] | None = None, simplify: bool = False
) -> object:
    """Replace `Compositor.render_update`; after a change draw only the content."""
    if full:
        return replaced(self, full, screen_stack, simplify)
    changed = self._dirty_regions.copy()
    self._dirty_regions.clear()
    for widget, (region, _clip) in self.visible_widgets.items():
        if any(region.overlaps(one) for one in changed):
            widget.render()
    return None


def install() -> None:
    """Install it for all tests of this folder."""
    Compositor.render_update = render_update  # type: ignore[method-assign,assignment]
