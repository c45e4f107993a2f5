"""When an app under test has done all that was asked of it.

`Pilot.pause` waits until the *processor* seems idle: it compares the time of the process with that of the wall. On a busy
machine a process that waits for its turn looks idle, and the test then reads a screen that is not drawn yet. Here the app
itself is asked: every widget waits for a message, no callback waits, nothing is left to lay out, no worker runs. Nothing is
sent to the widgets to find that out: with fifty of them, that was a third of the work of a test.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from textual.app import App
from textual.pilot import Pilot
from textual.worker import WorkerState

from tests.support.patience import PATIENCE_S

LIMIT_S = PATIENCE_S
"""An app that never comes to rest is a failure, with what it was busy with."""
WORKERS_S = LIMIT_S / 2
"""A worker (a question to the journal, a printer) is waited for that long, no longer; a test that holds one back on purpose
makes this short."""
ROUNDS = 2
"""That many rounds in turn must find nothing: what is done after a message (a callback, an idle handler) may ask for more."""


def at_work(app: App[object]) -> str:
    """What the app is still busy with, or nothing."""
    for pump in (app, *app.screen_stack, *app._registry):
        if pump._closed or not (pump._running or pump._task):
            continue
        if pump._message_queue.qsize() or not pump._message_queue.ready_event._waiters:  # type: ignore[attr-defined]
            return f"messages of {pump!r}"
        if pump._next_callbacks:
            return f"a callback of {pump!r}"
    if app._resize_event is not None or app._resize_timer is not None:
        return "a change of size"
    screen = app.screen
    if screen._callbacks or screen._layout_required or screen._repaint_required or screen._recompose_required:
        return f"the layout of {screen!r}"
    if screen._dirty_widgets or screen._scroll_required:
        return f"drawing {screen!r}"
    return ""


def working(app: App[object]) -> bool:
    return any(worker.state in (WorkerState.PENDING, WorkerState.RUNNING) for worker in app.workers)


async def settled(pilot: Pilot[object]) -> None:
    """Come back when the app has nothing left to do; `AssertionError` if it never has."""
    app = pilot.app
    begun = monotonic()
    quiet = 0
    while quiet < ROUNDS:
        await asyncio.sleep(0)  # everything that is ready has its turn
        if not app._running or app._exit or app._exception is not None:
            return
        app.screen._on_timer_update()
        busy = at_work(app)
        passed = monotonic() - begun
        if not busy and passed < WORKERS_S and working(app):
            await asyncio.sleep(0.002)
            busy = "a worker"
        elif busy == "a change of size":  # it waits for a timer
            await asyncio.sleep(0.002)
        quiet = 0 if busy else quiet + 1
        if passed > LIMIT_S:
            raise AssertionError(f"the app does not come to rest: {busy}")


async def pause(self: Pilot[object], delay: float | None = None) -> None:
    """`Pilot.pause` by the app's own account."""
    if delay is not None:
        await asyncio.sleep(delay)
    await settled(self)


def install() -> None:
    """For all tests of this folder, the snapshots' own pauses among them."""
    Pilot.pause = pause  # type: ignore[method-assign,assignment]
