"""What the operator is told of a finished item that is scanned again."""

from __future__ import annotations

from station.base.errors import StationError
from station.bench.desk import Desk
from station.bench.item.undo import last_write
from station.domain.events import ItemJudged, SecurityWriteStarted
from station.domain.item import ItemRecord
from station.domain.ports import Binding, standing
from station.domain.snapshot import Finished
from station.domain.verdict import Verdict


def finished_before(desk: Desk, item: ItemRecord, bindings: tuple[Binding, ...]) -> Finished | None:
    """Return when the item was finished, and by whom if people sign on; None if a part has no tag with a pass, or if
    the worker still has to check it without knowing. `bindings`: the item's tags."""
    tagged = {binding.part for binding in bindings}
    if not set(range(1, item.tags + 1)) <= tagged & desk.journal.passed_parts(item.barcode):
        return None
    logged = standing(desk.history.seen_by(desk.worker.id).about_item(item.barcode))
    newest = next((entry for entry in reversed(logged) if isinstance(entry.event, ItemJudged)), None)
    if newest is None or not isinstance(newest.event, ItemJudged) or newest.event.verdict is not Verdict.PASS:
        return None
    who = desk.people.find(newest.event.operator).name if desk.authenticator is not None else ""
    return Finished(newest.at, who)


def is_on_tag(desk: Desk, item: ItemRecord, part: int, bindings: tuple[Binding, ...]) -> bool:
    """Return True if this station's last write to the part's tag is what would be written now. False if that is not
    known, such as after a change of security."""
    uid = next((binding.uid for binding in bindings if binding.part == part), None)
    logged = desk.history.about_tag(uid) if uid is not None else ()
    last = last_write(logged)
    if last is None or not last.verified or any(isinstance(entry.event, SecurityWriteStarted) for entry in logged):
        return False
    try:
        return desk.tag_writer.plan(item, part, last.write.new).empty
    except StationError:  # it cannot be written now, which is told when the tag is on the pad
        return False
