"""What the workflows share that write tags themselves (sets): faults that stand in the workflow, choices, a pad at rest.

What such a workflow does may fail as the main job's writes do. A `StationError` comes back to it by `broke`, so that the
fault stands where it happened and the half written tag is finished there; a reader that failed is told to the pad.
"""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import ProtocolError, StationError, TransportError
from station.base.text import clean
from station.base.words import tell
from station.bench.workflows.workflow import Shown, WorkflowDesk
from station.domain.commands import Act
from station.domain.events import ChoiceMade, LineStopped, TagWriteAbandoned
from station.domain.snapshot import Fault, Inventory, Light, Sound, Uid


class WritingWorkflow:
    """`workflow.BenchWorkflow` of a workflow with something in hand; subclasses say what is done."""

    def __init__(self, desk: WorkflowDesk) -> None:
        self._desk = desk
        self._defect: Fault | None = None
        """Something is wrong with the station itself."""
        self.for_process = ""
        """The barcode that goes on in the main job; whoever takes it empties this."""
        self.wrote = False
        """A tag was written, or half written, since somebody asked."""

    # --- what a subclass does ----------------------------------------------------------------------------------------------

    def entered(self) -> None:
        """It has the bench now."""

    def scanned(self, text: str) -> None:
        """A scan, whatever it is."""
        raise NotImplementedError

    def looked(self, seen: Inventory) -> None:
        """What lies on the pad now."""
        raise NotImplementedError

    def acted(self, name: str, argument: str) -> None:
        """A tap on one of its actions; one that does not fit is late or doubled, and does nothing."""
        raise NotImplementedError

    def chosen(self, choice: str) -> None:
        """A tap on a choice of its fault or of its question."""
        raise NotImplementedError

    def left(self) -> None:
        """Put down what is in hand."""
        raise NotImplementedError

    def broke(self, error: StationError) -> None:
        """Something that it did failed."""
        raise NotImplementedError

    def showing(self) -> Shown:
        """What it shows."""
        raise NotImplementedError

    def restored(self) -> bool:
        """Take up what was in hand when the station ended; True if there was something."""
        return False

    @property
    def in_hand(self) -> str:
        """What it has in hand, for whoever asks for the pad from elsewhere; "" = nothing."""
        return ""

    # --- workflow.Job --------------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """See `BenchWorkflow`."""
        self._guarded(self.entered)

    def scan(self, text: str) -> None:
        """See `BenchWorkflow`."""
        self._guarded(lambda: self.scanned(text))

    def act(self, act: Act) -> None:
        """See `BenchWorkflow`."""
        self._guarded(lambda: self.acted(act.name, act.argument))

    def choose(self, choice: str) -> None:
        """A tap on one of the offered choices."""
        self._guarded(lambda: self.chosen(choice))

    def leave(self) -> None:
        """Set aside."""
        self._guarded(self.left)

    def look(self) -> None:
        """See `BenchWorkflow`."""
        if self._defect is None:
            self._guarded(lambda: self.looked(self._desk.pad.inventory))

    def failed(self, fault: Fault) -> None:
        """See `BenchWorkflow`: a defect, or a journal that cannot be written. Stands until somebody does something."""
        self._defect = fault

    def shown(self) -> Shown:
        """See `BenchWorkflow`."""
        shown = self.showing()
        if self._defect is None:
            return shown
        return Shown(view=shown.view, prompt=tell("state.stopped"), light=Light.BAD, fault=self._defect)

    def _guarded(self, work: Callable[[], None]) -> None:
        self._defect = None
        try:
            work()
        except StationError as error:
            if isinstance(error, TransportError | ProtocolError):
                self._desk.pad.lost(error)
            self.wrote = True
            self.broke(error)

    # --- what all of them journal ----------------------------------------------------------------------------------------------

    def _stopped_line(self, fault: Fault, barcode: str = "", uid: str = "") -> None:
        """A fault stands before the operator: heard, and journaled."""
        self._desk.play(Sound.BAD)
        self._desk.journal.record(
            LineStopped(
                code=fault.code, sentence=fault.sentence, detail=clean(fault.detail, 500), barcode=barcode, uid=uid
            )
        )

    def _made(self, code: str, choice: str) -> None:
        """Somebody chose."""
        self._desk.journal.record(ChoiceMade(code=code, choice=choice, operator=self._desk.worker().id))

    def _given_up(self, uid: Uid) -> None:
        """A tag that failed too often is thrown away."""
        attempt = self._desk.journal.open_attempt(uid)
        if attempt is not None:
            self.wrote = True
            self._desk.journal.record(
                TagWriteAbandoned(
                    attempt=attempt.attempt,
                    uid=uid,
                    barcode=attempt.barcode,
                    reason=tell("detail.too-often"),
                    operator=self._desk.worker().id,
                )
            )


class PadAtRest:
    """Tells when the pad has come to rest: the same tags answered at two looks in a row, and were not dealt with yet."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Whatever lies there is new again."""
        self._before: frozenset[Uid] | None = None
        self._done: frozenset[Uid] | None = None

    def done(self, uids: frozenset[Uid]) -> None:
        """These were dealt with; the next change counts."""
        self._before = self._done = uids

    def steady(self, seen: Inventory) -> bool:
        """True when somebody should look at what lies there."""
        at_rest = not seen.collision and seen.uids == self._before and seen.uids != self._done
        if at_rest:
            self._done = None  # the same tags again are something new
        self._before = None if seen.collision else seen.uids
        return at_rest
