"""Work that waits for a file, a query or another system, in a thread beside the screen."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context

from textual.dom import DOMNode


def run_in_thread(node: DOMNode, work: Callable[[], None], group: str = "default") -> None:
    """Run `work` in a worker thread of Textual, in the session of this screen: Textual's threads do not inherit it, and
    `work` may tell sentences. An uncaught error ends the app."""
    context = copy_context()
    node.run_worker(lambda: context.run(work), thread=True, group=group)
