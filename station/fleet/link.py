"""The link of a bench to the center: sends the journal's tail, and waits when the center does not answer.

It reads the journal on its own connection and writes nothing to it, so nothing at the bench waits for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import StationError
from station.base.sentence import EMPTY, Sentence
from station.domain.center_notice import CenterNotice
from station.domain.events import Head
from station.domain.heartbeat import BEAT_S, Beat, Heartbeat
from station.domain.journal_copy import Batch, Place, Timelines
from station.fleet.center import Center
from station.fleet.machine import machine_digest
from station.fleet.wire import MOST_EVENTS, fitting
from station.store.database.database import open_reader, translated
from station.store.journal import tail
from station.store.journal.hash_chain import head_in, line_of

LOOK_S: Final = 2.0
"""Seconds between two looks for new events."""
LAST_S: Final = 2.0
"""Seconds in which the last events are sent when the station stops."""
SHOWN_AFTER_S: Final = 60.0
"""Age of unsent events from which the bench's screen tells of them."""
_UNITS: Final = (("days", 86_400), ("hours", 3_600), ("minutes", 60))
SCREEN_S: Final = 0.3
"""Seconds for which the link leaves the processor to the screen after a change at the bench, for at most `LOOK_S`."""
_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 300.0
_REFUSED_WAIT_S: Final = 300.0
"""A person must act first."""
_WAITS: Final = {"sent": 0.0, "current": LOOK_S, "older": _REFUSED_WAIT_S, "refused": _REFUSED_WAIT_S}
"""Seconds until the next step, by the state that the last one left. "away": longer each time."""

_log = logging.getLogger("station.fleet.link")


class Unsent(msgspec.Struct, frozen=True):
    """Events that the center has not acknowledged."""

    count: int
    oldest: str
    """Time of the oldest of them, ISO 8601 UTC; "" = none."""


class LinkStatus(msgspec.Struct, frozen=True):
    """What the link did last."""

    state: str = "begun"
    """"begun"; "sent" (more may follow); "current"; "away" (the center or the journal cannot be used now: `why`);
    "older" (the center has newer events of this journal); "refused" (fork, foreign, hash, timeline or moved: `why`)."""
    why: str = ""
    problem: Sentence = EMPTY

    @property
    def problem_code(self) -> str:
        """Return why a person must act: "older", or why the center refuses this journal; "" = no person must act."""
        return {"older": "older", "refused": self.why}.get(self.state, "")


def center_notice(status: LinkStatus, left: Unsent, now: str) -> CenterNotice:
    """Return what to say about the center: that a person must act, or else that events wait for more than a minute.
    `now`: ISO 8601 UTC."""
    if code := status.problem_code:
        known = code if code in ("older", "moved") else "refused"
        return CenterNotice(Sentence(f"lately.center-{known}"), refuses=True)
    age = (datetime.fromisoformat(now) - datetime.fromisoformat(left.oldest)).total_seconds() if left.oldest else 0
    if age < SHOWN_AFTER_S:
        return CenterNotice()
    unit, seconds = next((unit, seconds) for unit, seconds in _UNITS if age >= seconds)
    return CenterNotice(
        Sentence("lately.center-unsent", count=left.count, age=Sentence(f"lately.{unit}", count=int(age // seconds)))
    )


class Link:
    """Sends one batch with each `step`."""

    def __init__(self, journal: Path, center: Center, clock: Clock) -> None:
        self._journal = journal
        self._center = center
        self._clock = clock
        self._theirs: Timelines = ()
        """The center's path; () = it must be asked."""
        self._taken: Place | None = None
        """Event of this journal up to which the center has it: perhaps as a lost part, beside its path."""

    def step(self) -> LinkStatus:
        """Send the next events, if there are any."""
        try:
            status = self._step()
        except StationError as error:
            status = LinkStatus("away", error.code, error.detail)
        if status.state not in ("sent", "current"):
            self._theirs, self._taken = (), None
        return status

    def _step(self) -> LinkStatus:
        theirs = self._theirs or self._center.path()
        self._theirs = theirs
        with closing(open_reader(self._journal)) as sql, translated(self._journal):
            sql.execute("BEGIN")
            ours = tail.path(sql)[0]
            after = tail.common(sql, theirs)
            if after is None:
                return LinkStatus("refused", "foreign")
            if self._taken is not None and self._taken.seq > after.seq:
                after = self._taken
            events = fitting(list(tail.events_after(sql, after.seq, MOST_EVENTS)))
            last = tail.place_of(sql, after.seq + len(events))
        if not events:
            return self._compared(ours, theirs[0])
        received = self._center.send(Batch(after, events, machine_digest(self._journal)))
        if received.outcome == "gap":
            return LinkStatus("away", "gap")
        if received.outcome != "taken":
            return LinkStatus("refused", received.outcome)
        self._taken = last
        self._keep(received.head)
        same = received.head.journal == theirs[0].journal
        self._theirs = (received.head, *theirs[1:]) if same else ()
        return LinkStatus("sent")

    def unsent(self) -> Unsent:
        """Return what the center has not acknowledged. Raises `StationError`."""
        return unsent(self._journal)

    def tell(self, heartbeat: Heartbeat) -> str:
        """Tell the center how this bench is. Return "taken" or "moved". Raises `StationError`."""
        return self._center.tell(Beat(machine_digest(self._journal), heartbeat)).outcome

    def _compared(self, ours: Place, theirs: Place) -> LinkStatus:
        if ours == theirs:
            self._keep(theirs)
            return LinkStatus("current")
        newer = theirs.seq > ours.seq or self._taken == ours
        return LinkStatus("older") if newer else LinkStatus("refused", "fork")

    def _keep(self, head: Place) -> None:
        """Write down the acknowledged event, for the count of unsent events while the center is away."""
        if _acknowledged(self._journal) == head:
            return
        line = line_of(Head(self._clock.now(), head.seq, head.hash.hex(), head.journal))
        path = acknowledged_file(self._journal)
        beside = path.with_name(f"{path.name}.new")
        try:
            beside.write_text(f"{line}\n", encoding="ascii")
            beside.replace(path)
        except OSError as error:
            _log.warning("the acknowledged head was not written: %s", error)


def acknowledged_file(journal: Path) -> Path:
    """Return the file beside a journal that names the newest event that the center has, as an exported head."""
    return journal.with_suffix(".center")


def _acknowledged(journal: Path) -> Place | None:
    try:
        head = head_in(acknowledged_file(journal).read_text("ascii", "replace").strip())
    except OSError:
        return None
    return None if head is None else Place(head.journal_id, head.seq, bytes.fromhex(head.hash))


def unsent(journal: Path) -> Unsent:
    """Return how many events the center has not acknowledged, and since when. Raises the errors of `open_reader`."""
    known = _acknowledged(journal)
    with closing(open_reader(journal)) as sql, translated(journal):
        after = None if known is None else tail.common(sql, (known,))
        return Unsent(*tail.unsent(sql, 0 if after is None else after.seq))


def screen_is_first(now: float, changed_at: float, due: float) -> bool:
    """Return True if a request that is due waits, because the bench's screen has just changed. All in seconds of one clock."""
    return now - changed_at < SCREEN_S and 0 <= now - due < LOOK_S


class LinkThread:
    """Runs a link until `stop`. Nothing waits for it."""

    def __init__(self, link: Link, center: Center, clock: Clock, now: Callable[[], Heartbeat] = Heartbeat) -> None:
        """`center`: of the link; closed at the end. `now`: returns how the bench is."""
        self._link = link
        self._center = center
        self._clock = clock
        self._now = now
        self._stopped = threading.Event()
        self._changed_at = float("-inf")
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self.status = LinkStatus()
        self.unsent = Unsent(0, "")

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = LAST_S) -> None:
        """End after the request that is under way. If the center answered the last one, send what is left. Do not wait
        longer than this, since sending again is harmless."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def bench_changed(self, _snapshot: object) -> None:
        """Note the time of a change on the bench's screen. Any thread may call this."""
        self._changed_at = self._clock.monotonic()

    def notice(self) -> CenterNotice:
        """Return what the bench's screen says about the center."""
        return center_notice(self.status, self.unsent, self._clock.now())

    def _run(self) -> None:
        step_at = beat_at = self._clock.monotonic()
        wait = _FIRST_WAIT_S
        while not self._stopped.is_set():
            if screen_is_first(self._clock.monotonic(), self._changed_at, min(step_at, beat_at)):
                self._stopped.wait(SCREEN_S)
                continue
            if self._clock.monotonic() >= step_at:
                state = self._step().state
                step_at = self._clock.monotonic() + _WAITS.get(state, wait)
                wait = min(2 * wait, _LONGEST_WAIT_S) if state == "away" else _FIRST_WAIT_S
            if self._clock.monotonic() >= beat_at:
                may_send = self._beat()
                beat_at = self._clock.monotonic() + BEAT_S
                if may_send and (self.status.state == "away" or self.status.why == "moved"):
                    step_at = self._clock.monotonic()  # the center answers again
            self._stopped.wait(min(step_at, beat_at) - self._clock.monotonic())
        if self.status.state in ("sent", "current"):
            with self._center.within(LAST_S):
                while self._step().state == "sent":
                    pass
        self._center.close()

    def _step(self) -> LinkStatus:
        before = self.status
        try:
            status = self._link.step()
        except Exception:
            _log.exception("the link failed, and tries again")
            status = LinkStatus("away", "defect")
        self.status = status
        if (status.state, status.why) != (before.state, before.why) and status.state not in ("sent", "current"):
            _log.warning("the center: %s %s %s", status.state, status.why, status.problem)
        return status

    def _beat(self) -> bool:
        """Send a heartbeat. Return True if the center took it."""
        try:
            self.unsent = left = self._link.unsent()
            now = msgspec.structs.replace(
                self._now(), unsent=left.count, unsent_since=left.oldest, link=self.status.problem_code
            )
            return self._link.tell(now) == "taken"
        except StationError:
            return False  # `_step` tells why
        except Exception:
            _log.exception("a heartbeat failed")
            return False
