"""What a print button prints: the job of the label port for the item, the finished item, the truck list or the box shown.
What the bench wants printed without a tap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from station.base.words import tell
from station.domain.events import ItemJudged
from station.domain.ports import LabelMade, LabelPort
from station.domain.snapshot import Snapshot
from station.domain.workflows import PackView, Paper, PaperOrder, ReleaseView
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
        case Print.BOX if isinstance(snapshot.workflow_view, PackView):
            packed = snapshot.workflow_view
            if packed.box is None or packed.site is None:
                return None
            items = tuple(reversed(packed.items))
            return partial(
                _box_papers,
                labels,
                PaperOrder(number=0, paper=Paper.BOX, box=packed.box, site=packed.site, items=items),
            )
        case _:
            return None


def papers(labels: LabelPort, orders: Sequence[PaperOrder]) -> None:
    """Print what the bench wants printed, in its order. Raises `PrintError` and `SettingsError`."""
    for order in orders:
        if order.paper is Paper.BOX:
            _box_papers(labels, order)
        else:
            for item in order.items:
                labels.item_slip(order.box, order.site, item)


def _box_papers(labels: LabelPort, order: PaperOrder) -> LabelMade:
    """Print the label and the packing slip of a box."""
    label = labels.box_label(order.box, order.site)
    slip = labels.packing_slip(order.box, order.site, order.items)
    return LabelMade(slip.code, f"{label.sentence} {slip.sentence}", slip.form)
