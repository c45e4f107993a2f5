"""The text of a screen, and that nothing of it is cut off: read from its widgets, without painting it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from textual.content import Content
from textual.geometry import Region

from station.tui.widgets.screen import Pane
from station.tui.widgets.touch import TouchButton
from tests.tui.running_app import Desk


def _drawn(desk: Desk) -> Iterator[tuple[Pane | TouchButton, Content]]:
    for pane in desk.app.screen.query(Pane):
        if pane.display and pane.region.area:
            yield pane, pane.render()
    for button in desk.buttons:
        yield button, button.render()


def _flat(text: str) -> str:
    """Return the words with one space between them, without the blocks of large letters and of the light's picture."""
    return re.sub(r"[█▀▄\s]+", " ", text).strip()


def told(desk: Desk) -> str:
    """Return all words of all widgets, with one space between them."""
    return _flat(" ".join(content.plain for _, content in _drawn(desk)))


def tells(desk: Desk, words: Iterable[str], *shortened: str) -> None:
    """Check that the screen shows each of these, and that nothing is cut off."""
    nothing_is_cut(desk, *shortened)
    text = told(desk)
    for each in words:
        assert each in text, (each, desk.app.size, text)


def nothing_is_cut(desk: Desk, *shortened: str) -> None:
    """Check that every line fits its widget, every widget the screen, none covers another, and every button shows its
    whole label.

    `shortened`: IDs of panes in which "…" marks omitted text, besides the name of the library in the header and the
    titles of the last items beside the work.
    """
    screen = Region(0, 0, *desk.app.size)
    drawn = list(_drawn(desk))
    for (one, _), (two, _) in combinations(drawn, 2):
        assert not one.region.overlaps(two.region), (one, two)
    for widget, content in drawn:
        lines = content.split("\n", allow_blank=True)
        assert screen.contains_region(widget.region), (content.plain, widget.region)
        assert len(lines) <= widget.size.height, (content.plain, widget.size)
        assert max(line.rstrip().cell_length for line in lines) <= widget.size.width, (content.plain, widget.size)
        if isinstance(widget, Pane):
            assert widget.id in ("header", "side", *shortened) or "…" not in content.plain, (widget.id, content.plain)
    buttons_are_whole(desk)


def buttons_are_whole(desk: Desk) -> None:
    """Check that every button shows its whole label."""
    for button in desk.buttons:
        if button.offered is not None and not button.offered.lines:
            shown = _flat(button.render().plain)
            for text in (button.offered.label, button.offered.says):
                assert _flat(text) in shown, (text, shown)
