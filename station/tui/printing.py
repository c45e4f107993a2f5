"""What a print button prints: the job of the label port for the item, the finished item or the truck list shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from station.base.words import tell
from station.domain.events import ItemJudged
from station.domain.ports import LabelMade, LabelPort
from station.domain.snapshot import Snapshot
from station.domain.workflows import ReleaseView
from station.tui.widgets.touch import Print


def print_job(
    labels: LabelPort, snapshot: Snapshot, what: Print, judged: ItemJudged | None = None
) -> Callable[[], LabelMade] | None:
    """Return the print job; None if there is nothing to print. `judged`: the item to print again."""
    match what:
        case Print.LABEL if snapshot.item is not None:
            return partial(labels.label, snapshot.item)
        case Print.SLIP if snapshot.item is not None:
            return partial(labels.slip, snapshot.item, snapshot.findings, tell(snapshot.operator))
        case Print.LABEL_AGAIN if judged is not None:
            return partial(labels.label, judged.item)
        case Print.SLIP_AGAIN if judged is not None:
            found_by = tell(snapshot.operator) if judged.operator == snapshot.worker else ""
            return partial(labels.slip, judged.item, judged.findings, found_by)
        case Print.TRUCK if isinstance(snapshot.workflow_view, ReleaseView):
            view = snapshot.workflow_view
            wrong = tuple(line for line in view.lines if not line.right)
            return partial(labels.truck, view.truck, wrong, len(view.lines), tell(snapshot.operator)) if wrong else None
        case _:
            return None
