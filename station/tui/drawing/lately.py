"""Drawing of what this bench did lately: the newest items, today's count with its goal and pace, and what needs a
person. Pure functions of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.style import Style

from station.base.words import tell
from station.base.words.times import clock_words, time_cells
from station.domain.lately import DoneItem, Ended, Lately
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import Lines
from station.tui.drawing.words import say

TODAY: Final = 30
"""Cells of the box with today's work beside the newest items."""
OPENS: Final = "opens"
"""Name in a cell's style: the page that a tap on it opens, as a value of `touch.Go`."""
SYMBOLS: Final = {
    Ended.PASS: "✓",
    Ended.FAIL: "×",
    Ended.COVERED: "○",
    Ended.SET_ASIDE: "»",
    Ended.TAG_GONE: "»",
    Ended.PARTS_LEFT: "▲",
    Ended.WITHDRAWN: "»",
}
_STEPS: Final = "▁▂▃▄▅▆▇█"


def idle(snapshot: Snapshot, goal: int, width: int, height: int) -> Lines:
    """Draw the screen between two items: what needs a person, the newest items, and today's work."""
    needed = needs(snapshot, width, max(3, height // 3))
    room = height - len(needed)
    if room < 5:
        return needed
    if width < 2 * TODAY:
        return [*needed, *last_items(snapshot.lately, width, room)]
    left = last_items(snapshot.lately, width - TODAY - 2, room)
    right = today(snapshot.lately, goal, TODAY)
    return [*needed, *draw.beside(left, right, width - TODAY - 2)]


def side(snapshot: Snapshot, goal: int, width: int, height: int) -> Lines:
    """Draw the same one below the other, as a column beside the work."""
    work = today(snapshot.lately, goal, width)
    needed = needs(snapshot, width, max(3, height // 4))
    return [*last_items(snapshot.lately, width, max(3, height - len(work) - len(needed))), *work, *needed]


def last_items(lately: Lately, width: int, height: int) -> Lines:
    """Draw the newest items, one row each."""
    rows = [_item(item, width - 4) for item in lately.items[: max(0, height - 2)]]
    box = draw.box(rows or [say(tell("lately.none"), "$quiet")], width, tell("lately.items"))
    return _opening("last-items", box) if lately.items else box


def _opening(page: str, lines: Lines) -> Lines:
    """Return the lines; a tap on them opens a page."""
    return [line.stylize(Style.from_meta({OPENS: page})) for line in lines]


def _item(item: DoneItem, width: int) -> Content:
    behind, aside = tell(item.reason) or item.call_number, item.ended is Ended.SET_ASIDE
    if aside:
        reason = "" if item.reason.key == "detail.set-aside" else tell(item.reason)
        behind = tell("lately.set-aside", what=reason) if reason else tell("last-items.set-aside")
    head = Content.assemble(
        (SYMBOLS[item.ended], "bold"), " ", say(f"{clock_words(item.at):>{time_cells()}}", "$quiet"), " "
    )
    room = width - head.cell_length
    if not behind or room < 44:
        name = item.title or item.barcode
        return head + draw.one_line(say(tell("lately.set-aside", what=name) if aside else name), room)
    # A reason, or the end of a call number (a volume), matters more than the end of a title.
    half = max(room // 3, min(room * 3 // 5, room - say(behind).cell_length))
    title = say(item.title or item.barcode)
    half = max(half, min(title.cell_length + 1, room - say(behind).cell_length))  # a long title takes what is free
    title = draw.one_line(title, half - 1).truncate(half, pad=True)
    return head + title + draw.one_line(say(behind, "bold" if item.reason else "$quiet"), room - half)


def today(lately: Lately, goal: int, width: int) -> Lines:
    """Draw today's count, the goal with its bar, and the pace of the last hour."""
    count = say(tell("lately.today", count=lately.today), "bold")
    rows = [count]
    if goal:
        done = min(lately.today, goal)
        cells = max(4, width - 4 - 6)
        full = cells * done // goal
        bar = Content.assemble(("█" * full, "$button-main"), ("░" * (cells - full), "$line"))
        rows = [
            count + say("  " + tell("lately.goal", goal=goal), "$quiet"),
            bar + say(f" {100 * lately.today // goal:>3} %"),
        ]
    rows.append(Content.assemble((sparkline(lately.pace), "$key"), " ", say(tell("lately.pace", count=lately.hour))))
    return draw.box(rows, width, tell("lately.title"))


def sparkline(values: Sequence[int]) -> str:
    """Return one block per value; the highest value is a full block, 0 is the lowest one."""
    most = max(values, default=0)
    return "".join(_STEPS[0 if not most else -(-value * (len(_STEPS) - 1) // most)] for value in values)


def needs(snapshot: Snapshot, width: int, height: int) -> Lines:
    """Draw what waits for a person at this bench; [] if nothing does. A tap on a sentence opens the page that it names,
    if it names one."""
    sentences = [("", tell("lately.unfinished", item=tell(item))) for item in snapshot.unfinished]
    sentences += [("", tell("notice.no-verdict", item=item.name)) for item in snapshot.unjudged]
    for open_set in snapshot.open_sets:
        sentences.append(
            ("", tell("notice.parts-left", count=len(open_set.left), title=tell(open_set.name), parts=open_set.numbers))
        )
    sentences += [("", tell("lately.unusable", what=tell(problem))) for problem in snapshot.unusable]
    if snapshot.center.sentence:
        sentences.append(("", tell(snapshot.center.sentence)))
    if snapshot.outbox_parked:
        sentences.append(("outbox", tell("lately.parked", count=snapshot.outbox_parked)))
    if not snapshot.lately.sound_checked:
        sentences.append(("sound-check", tell("lately.sound-check", button=tell("button.display"))))
    if not sentences:
        return []
    height = max(height, 2 + min(2, len(sentences)))  # of several, at least the first is said before their number
    each = [draw.headed("▲", "bold $warning", sentence, width - 4, 2) for _, sentence in sentences]
    if sum(map(len, each)) > height - 2:  # the beginning of each is more use than only their number
        each = [
            [draw.one_line(Content.assemble(("▲ ", "bold $warning"), say(sentence)), width - 4)]
            for _, sentence in sentences
        ]
    each = [_opening(page, rows) if page else rows for (page, _), rows in zip(sentences, each, strict=True)]
    shown = len(each)
    while shown and sum(map(len, each[:shown])) + (shown < len(each)) > height - 2:
        shown -= 1
    rows = [row for block in each[:shown] for row in block]
    if shown < len(each):
        rows.append(say(tell("stage.and-more", count=len(each) - shown)))
    return draw.box(rows, width, tell("lately.needs"))
