"""The last item of a mailbox does not wait for the queue."""

from __future__ import annotations

import threading

from station.base.mailbox import Mailbox
from tests.support.patience import PATIENCE_S
from tests.support.served_pad import until


def test_the_last_item_takes_the_place_of_the_queued_ones() -> None:
    begun, go_on, handled = threading.Event(), threading.Event(), []

    def handle(item: str) -> None:
        handled.append(item)
        begun.set()
        assert go_on.wait(PATIENCE_S)

    mailbox = Mailbox("test", handle, lambda: 60.0, lambda error: handled.append(repr(error)))
    mailbox.start()
    mailbox.put("in flight")
    assert begun.wait(PATIENCE_S)
    for number in range(1000):
        mailbox.put(f"queued {number}")
    assert mailbox.waiting == 1000
    stopping = threading.Thread(target=mailbox.stop, args=(PATIENCE_S,), kwargs={"last": "quit"})
    stopping.start()
    until(lambda: mailbox._stopping.is_set())  # the queue is emptied by then
    go_on.set()
    stopping.join(PATIENCE_S)
    assert handled == ["in flight", "quit"]


def test_the_last_item_is_handled_by_a_thread_that_looks_as_soon_as_it_may_end() -> None:
    handled: list[str] = []
    mailbox = Mailbox("test", handled.append, lambda: 0.0, lambda error: handled.append(repr(error)))

    class Seen(threading.Event):
        """Goes on only when the thread has seen that it may end."""

        def set(self) -> None:
            super().set()
            mailbox._thread.join(PATIENCE_S)

    mailbox._stopping = Seen()
    mailbox.start()
    assert mailbox.stop(PATIENCE_S, last="quit")
    assert handled == ["quit"]
