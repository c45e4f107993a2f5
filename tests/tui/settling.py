"""Wait until an app under test has done all its work.

`Pilot.pause` waits until the *processor* seems idle: it compares the process's time with the wall clock. On a busy
machine a process that waits for the processor looks idle, and the test then reads a screen that is not drawn yet. Here
the app itself is examined: every widget waits for a message, no callback waits, nothing is left to lay out, no worker
runs. No message is sent to the widgets to find this out: with fifty of them, that was a third of the work of a test.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from textual.app import App
from textual.pilot import Pilot
from textual.worker import WorkerState

from tests.support.patience import PATIENCE_S

LIMIT_S = PATIENCE_S
"""Limit for an app to come to rest. Beyond it the test fails, and names the remaining work."""
WORKERS_S = LIMIT_S / 2
"""Longest wait for a worker (a query, a printer). A test that holds a worker back on purpose makes it short."""
ROUNDS = 2
"""This many rounds in succession must find no work: a callback or an idle handler after a message may ask for more."""


def at_work(app: App[object]) -> str:
    """Return what the app is still busy with, or ""."""
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
    """Return when the app has nothing left to do; raise `AssertionError` if that takes too long."""
    app = pilot.app
    begun = monotonic()
    quiet = 0
    while quiet < ROUNDS:
        await asyncio.sleep(0)  # everything that is ready runs
        if not app._running or app._exit or app._exception is not None:
            return
        app.screen._on_timer_update()
        busy = at_work(app)
        passed = monotonic() - begun
        if not busy and passed < WORKERS_S and working(app):
            await asyncio.sleep(0.002)
            busy = "a worker"
        elif busy == "a change of size":  # waits for a timer
            await asyncio.sleep(0.002)
        quiet = 0 if busy else quiet + 1
        if passed > LIMIT_S:
            raise AssertionError(f"the app does not come to rest: {busy}")


async def pause(self: Pilot[object], delay: float | None = None) -> None:
    """Replace `Pilot.pause` by the app's own state."""
    if delay is not None:
        await asyncio.sleep(delay)
    await settled(self)


def install() -> None:
    """Install it for all tests of this folder, also for the pauses of the snapshots."""
    Pilot.pause = pause  # type: ignore[method-assign,assignment]
