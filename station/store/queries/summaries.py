"""One plain sentence for each kind of event, for readers of the journal. A table, so that no kind is forgotten. The
sentences are in the message catalog (`words/en/journal.po`), by the kind of the event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from station.base.text import clean
from station.base.words import knows, tell
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind
from station.domain.finding_words import title_of
from station.domain.findings import Finding, Outcome
from station.domain.packing_lists.packing_list import PackingList, heading
from station.domain.people.sign_on import MACHINE, NOBODY
from station.domain.sampling import Switch
from station.domain.workflows import StackState

_NO_PERSON: Final = ("", MACHINE, NOBODY)
_SHORT: Final = 8
"""Characters of a correction's id that people see."""
_ANSWER: Final = {True: "journal.yes", False: "journal.no"}


def word_of(area: str, code: str) -> str:
    """Return the words of a code, or the code itself if it has none, as in the journal of another version."""
    return tell(f"{area}.{code}") if knows(f"{area}.{code}") else code


def _item(event: Any) -> str:
    """Return the item, with its part if it has several."""
    if event.parts > 1:
        return tell("journal.part", barcode=event.barcode, part=event.part, parts=event.parts)
    return str(event.barcode)


def why(said: str, text: str) -> str:
    return tell("journal.why", said=said, why=text) if text else said


def _flag(event: Any) -> str:
    """Return the beginning of a correction's id; `plain_summaries` has put several words in its place."""
    return str(event.correction) if " " in event.correction else event.correction[:_SHORT]


def _refused(event: ev.PadRequestRefused) -> str:
    source = f'"{event.source}"' if event.source else tell("journal.program")
    if event.asked != "undo-write":
        return tell("journal.refused", source=source, asked=event.asked, barcode=event.barcode, code=event.code)
    if event.barcode:
        return tell(
            "journal.refused-undo-of", source=source, uid=event.uid or "-", barcode=event.barcode, code=event.code
        )
    return tell("journal.refused-undo", source=source, uid=event.uid or "-", code=event.code)


def by(said: str, operator: str) -> str:
    """Add the person who acted; nothing is added if no person is known."""
    return tell("journal.by", said=said, who=operator) if operator not in _NO_PERSON else said


def _says(said: str, operator: str) -> str:
    """Attribute a statement to a person."""
    return tell("journal.says", said=said, who=operator) if operator not in _NO_PERSON else said


def says_program(said: str, source: str) -> str:
    """Attribute a statement to another program, in a form that differs from a person's, whatever name the program
    uses."""
    return tell("journal.says-program", said=said, who=f'"{source}"') if source else said


def also(said: str, more: str) -> str:
    return tell("journal.also", said=said, more=more) if more else said


def _judged(event: ev.ItemJudged) -> str:
    return why(tell(f"journal.judged-{event.verdict.value}", item=_item(event)), _failed(event.findings))


def _answered(event: ev.CheckAnswered) -> str:
    key = f"journal.answer-{event.finding.outcome.value}"
    finding = event.finding
    if finding.outcome is Outcome.FAIL:
        said = tell(key, barcode=event.barcode, finding=finding.said)
    else:
        said = why(tell(key, barcode=event.barcode, title=finding.heading), finding.reason)
    return tell("journal.beside", said=said) if event.checklist else said


def _failed(findings: Iterable[Finding]) -> str:
    return "; ".join(finding.said for finding in findings if finding.outcome is Outcome.FAIL)


def _checklist(event: ev.WithdrawalJudged) -> str:
    said = tell(f"journal.judged-{event.verdict.value}", item=event.barcode)
    return why(tell(f"journal.for-{event.task}", said=said), _failed(event.findings))


def _verified(event: ev.TagWriteVerified) -> str:
    if event.unchanged:
        return tell("journal.written-already", uid=event.uid, item=_item(event))
    return tell("journal.written", uid=event.uid, item=_item(event), writes=event.writes)


def _started(event: ev.TagWriteStarted) -> str:
    if event.purpose:
        said = tell(f"journal.to-{event.purpose}", uid=event.uid, steps=event.steps)
        said = why(also(said, event.barcode), tell(event.note))
    else:
        said = tell("journal.writing", uid=event.uid, item=_item(event), steps=event.steps)
    return also(said, tell("journal.again") if event.resumes else "")


def _security(key: str, event: Any) -> str:
    return tell(f"journal.{key}-{'secured' if event.secure else 'not-secured'}", uid=event.uid, item=_item(event))


def _requested(event: ev.CatalogingRequested) -> str:
    what = event.barcode or event.isbn or event.title
    return _says(tell("journal.cataloging", what=what, reason=event.reason), event.operator)


def _resolved(event: ev.CatalogingResolved) -> str:
    what = event.barcode or event.request
    said = (
        tell("journal.cataloged", what=what, record=event.record_id)
        if event.record_id
        else tell("journal.cataloged-none", what=what)
    )
    return by(why(said, event.reason), event.operator)


def _packing_list(key: str, event: ev.PackingListImported | ev.PackingListReplaced) -> str:
    content = event.content
    said = tell(key, list=heading(content.vendor, content.name), counts=_counts(content))
    return by(also(said, tell("journal.from-file", file=event.source) if event.source else ""), event.operator)


def _packing_list_closed(event: ev.PackingListClosed) -> str:
    missing = sum(one.copies for one in event.missing)
    said = tell("journal.packing-list-closed", list=heading(event.vendor, event.name))
    if missing:
        said = also(said, tell("journal.missing", copies=tell("receiving.copies", count=missing)))
    return by(said, event.operator)


def _packing_list_taken_over(event: ev.PackingListTakenOver) -> str:
    if event.content is None:
        return why(tell("journal.packing-list-unreadable", file=event.file), event.problem)
    name = heading(event.content.vendor, event.content.name)
    return tell("journal.packing-list-taken-over", list=name, counts=_counts(event.content))


def _counts(content: PackingList) -> str:
    return also(tell("receiving.lines", count=len(content.lines)), tell("receiving.copies", count=content.copies))


def _opened(event: ev.CorrectionOpened) -> str:
    key = "journal.to-recheck" if event.what is CorrectionKind.RECHECK else "journal.to-fix"
    return by(tell(key, item=_item(event), title=title_of(event.rule, tell(event.title))), event.owner)


def _assigned(event: ev.CorrectionAssigned) -> str:
    said = tell("journal.assigned-due", id=_flag(event), due=event.due)
    if event.owner:
        said = tell("journal.assigned", id=_flag(event), owner=event.owner)
        said = also(said, tell("journal.due", due=event.due) if event.due else "")
    return why(said, event.reason)


def _rechecked(event: ev.CorrectionRechecked) -> str:
    name, good = _flag(event), "good" if event.passed else "bad"
    if event.by_machine:
        return why(tell(f"journal.machine-{good}", id=name), tell(event.reason))
    return why(tell(f"journal.rechecked-{good}", id=name, who=event.operator), tell(event.reason))


def _left(event: ev.WorkerLeft) -> str:
    said = tell("journal.erased" if event.erased else "journal.left", worker=event.worker)
    return _says(why(said, event.reason), event.operator)


def _stack(event: ev.StackChecked) -> str:
    states = Counter(line.state for line in event.lines)
    named = [
        tell(f"journal.stack-{line.state.value}", item=line.barcode or line.uid)
        for line in event.lines
        if line.state is not StackState.RIGHT
    ]
    said = tell("journal.stack", all=len(event.lines), right=states[StackState.RIGHT])
    return also(said, ", ".join(named))


def _set_closed(event: ev.SetClosed) -> str:
    if event.complete:
        said = tell("journal.set-complete", barcode=event.barcode, parts=event.parts)
    else:
        missing = ", ".join(map(str, event.missing))
        said = tell("journal.set-missing", barcode=event.barcode, missing=missing, parts=event.parts)
    said = also(said, tell(f"journal.tagged-{event.model.value}"))
    return why(also(said, "" if event.loose is None else tell("journal.loose", count=event.loose)), event.remark)


def _switched(said: str, switches: Iterable[Switch]) -> str:
    for one in switches:
        said = also(
            said,
            tell(
                "journal.switched",
                whose=tell(f"sampling.whose.{one.whose.value}"),
                subject=one.subject,
                after=tell(f"sampling.level.{one.after.value}"),
                reason=one.reason,
            ),
        )
    return said


def _counted(event: ev.SamplingCounted) -> str:
    said = tell("journal.sampled-after", barcode=event.barcode) if event.barcode else tell("journal.sampled")
    return _switched(said, event.switches)


def _erased(event: ev.TagErased) -> str:
    said = tell("journal.tag-erased", uid=event.uid)
    return by(also(said, tell("journal.was", barcode=event.barcode) if event.barcode else ""), event.operator)


def _undone(event: ev.TagUndoVerified) -> str:
    said = tell("journal.undone", uid=event.uid, barcode=event.barcode)
    said = also(said, tell("journal.restored", barcode=event.restored) if event.restored else "")
    said = also(said, tell("journal.told", systems=", ".join(event.told)) if event.told else "")
    return by(said, event.operator)


def _released(event: ev.TruckReleased) -> str:
    right, wrong = len(event.right), len(event.wrong)
    said = (
        tell("journal.released-truck", truck=event.truck, right=right, wrong=wrong)
        if event.truck
        else tell("journal.released", right=right, wrong=wrong)
    )
    return by(why(said, ", ".join(one.barcode for one in event.wrong)), event.operator)


def _ordered(event: ev.DeliveryOrdered) -> str:
    said = tell(
        "journal.ordered", system=event.system, subject=tell(event.intent.subject), what=tell(event.intent.words)
    )
    return why(by(said, event.operator), tell(event.reason))


def _delivered(event: ev.DeliveryChanged) -> str:
    said = tell("journal.delivery", system=event.system, state=word_of("outbox.listed", event.state))
    said = also(said, word_of("outbox.do", event.decision) if event.decision else "")
    return why(by(said, event.operator), tell(event.detail))


SENTENCES: Final[dict[type[ev.Event], Callable[[Any], str]]] = {
    ev.StationStarted: lambda e: why(tell("journal.started", station=e.station, version=e.version), e.note),
    ev.SoundChecked: lambda e: by(
        tell("journal.sound-checked", heard=tell(_ANSWER[e.heard]), seen=tell(_ANSWER[e.seen])), e.operator
    ),
    ev.StationStopped: lambda e: why(tell("journal.stopped"), e.reason),
    ev.TimelineBegan: lambda e: why(
        by(tell("journal.timeline", journal=e.journal, parent=e.parent, seq=e.parent_seq), e.operator), e.reason
    ),
    ev.ItemScanned: lambda e: why(
        tell("journal.found" if e.by_search else "journal.scanned", item=_part_of(e)), e.item.title
    ),
    ev.ScanRefused: lambda e: why(tell("journal.scan-refused", code=e.code), tell(e.text)),
    ev.StaffCalled: lambda e: by(tell("journal.staff-called", bench=e.bench), e.operator),
    ev.StaffCallAnswered: lambda e: by(tell("journal.staff-call-answered"), e.operator),
    ev.RollLoaded: lambda e: by(tell("journal.roll", name=e.name), e.operator),
    ev.TagRecognised: lambda e: why(
        tell("journal.recognised", uid=e.uid, state=word_of("journal.tag-is", e.state)), e.summary
    ),
    ev.LineStopped: lambda e: tell("journal.line-stopped", code=e.code, sentence=e.sentence),
    ev.ChoiceMade: lambda e: by(
        tell("journal.confirmed", code=e.code)
        if e.choice == "overwrite-confirmed"
        else tell("journal.chosen", choice=word_of("choice", e.choice), code=e.code),
        e.operator,
    ),
    ev.TagWriteStarted: _started,
    ev.TagWriteInterrupted: lambda e: tell(
        "journal.interrupted", uid=e.uid, barcode=e.barcode, code=e.code, written=e.written, planned=e.planned
    ),
    ev.TagWriteVerified: _verified,
    ev.TagErased: _erased,
    ev.TagWriteAbandoned: lambda e: why(tell("journal.given-up", uid=e.uid, barcode=e.barcode), e.reason),
    ev.SecurityWriteStarted: lambda e: says_program(_security("security", e), e.source),
    ev.SecurityWriteVerified: lambda e: also(_security("is", e), tell("journal.already") if e.unchanged else ""),
    ev.SecurityWriteInterrupted: lambda e: tell("journal.security-broken", uid=e.uid, barcode=e.barcode, code=e.code),
    ev.PadRequestRefused: lambda e: why(_refused(e), e.reason),
    ev.CheckAnswered: _answered,
    ev.ItemJudged: _judged,
    ev.VerdictTakenBack: lambda e: by(tell("journal.taken-back", item=e.barcode), e.operator),
    ev.ItemSetAside: lambda e: why(
        tell("journal.set-aside", item=e.barcode or e.uid) if e.barcode or e.uid else tell("journal.set-aside-item"),
        e.reason,
    ),
    ev.DefectFound: lambda e: tell("journal.defect", where=e.where, error=e.error),
    ev.DeliveryOrdered: _ordered,
    ev.DeliveryChanged: _delivered,
    ev.CatalogImported: lambda e: tell(
        "journal.imported", source=e.source, records=e.records, items=e.items, rejected=e.rejected
    ),
    ev.CatalogingRequested: _requested,
    ev.CatalogingResolved: _resolved,
    ev.PackingListImported: partial(_packing_list, "journal.packing-list-imported"),
    ev.PackingListReplaced: partial(_packing_list, "journal.packing-list-replaced"),
    ev.PackingListClosed: _packing_list_closed,
    ev.PackingListTakenOver: _packing_list_taken_over,
    ev.CorrectionOpened: _opened,
    ev.CorrectionAssigned: _assigned,
    ev.CorrectionMended: lambda e: _says(why(tell("journal.fixed", id=_flag(e)), e.note), e.operator),
    ev.CorrectionRechecked: _rechecked,
    ev.CorrectionClosed: lambda e: by(
        why(tell("journal.closed", id=_flag(e), result=tell(f"correction.result.{e.result.value}")), e.reason),
        e.operator,
    ),
    ev.WithdrawalBegan: lambda e: by(
        tell(f"journal.for-{e.task}", said=tell("journal.checks-begun", barcode=e.barcode)), e.operator
    ),
    ev.WithdrawalJudged: _checklist,
    ev.WithdrawalLeft: lambda e: why(
        tell(f"journal.for-{e.task}", said=tell("journal.checks-left", barcode=e.barcode)), e.reason
    ),
    ev.SecondCheckSeen: lambda e: tell("journal.looked", who=e.operator, id=_flag(e)),
    ev.FindingWaived: lambda e: why(
        tell("journal.waived", barcode=e.barcode, who=e.operator, role=e.role, title=title_of(e.rule, tell(e.title))),
        e.reason,
    ),
    ev.WorkerRegistered: lambda e: by(tell("journal.registered", worker=e.worker, role=e.role), e.operator),
    ev.WorkerRoleChanged: lambda e: _says(
        why(tell("journal.role", worker=e.worker, role=e.role), e.reason), e.operator
    ),
    ev.WorkerLeft: _left,
    ev.PinRecovered: lambda e: why(tell("journal.pin-recovered", worker=e.worker), e.reason),
    ev.PinSet: lambda e: by(tell("journal.first-pin" if e.first else "journal.new-pin", worker=e.worker), e.operator),
    ev.SignedOn: lambda e: also(
        tell("journal.signed-on", who=e.operator, how=word_of("journal.by-means", e.how)),
        tell("journal.instead", who=e.instead_of) if e.instead_of else "",
    ),
    ev.RulesAccepted: lambda e: by(tell("journal.rules", rules=e.rules), e.operator),
    ev.RulesInForce: lambda e: tell("journal.rules-in-force", rules=len(e.rules)),
    ev.SignedOff: lambda e: tell("journal.signed-off", who=e.operator, why=word_of("journal.off", e.why)),
    ev.SignOnRefused: lambda e: also(
        why(tell("journal.not-signed-on", code=e.code), e.worker),
        tell("journal.asked-for", purpose=word_of("journal.purpose", e.purpose)) if e.purpose else "",
    ),
    ev.CardChanged: lambda e: _says(
        tell(
            "journal.card" if e.given else "journal.card-gone", worker=e.worker, what=word_of("journal.means", e.what)
        ),
        e.operator,
    ),
    ev.ItemDrawn: lambda e: _switched(tell("journal.drawn", barcode=e.barcode, reason=e.reason), e.switches),
    ev.SamplingCounted: _counted,
    ev.ConvertBegan: lambda e: why(by(tell("journal.conversion"), e.operator), e.note),
    ev.ConvertEnded: lambda e: by(
        tell("journal.conversion-ended", done=e.done, bad=e.not_good, left=e.unverified), e.operator
    ),
    ev.StackChecked: _stack,
    ev.TagUndoStarted: lambda e: by(
        also(
            tell("journal.undo", uid=e.uid, barcode=e.barcode, steps=e.steps),
            tell("journal.again") if e.resumes else "",
        ),
        e.operator,
    ),
    ev.TagUndoInterrupted: lambda e: tell(
        "journal.undo-broken", uid=e.uid, barcode=e.barcode, code=e.code, written=e.written, planned=e.planned
    ),
    ev.TagUndoVerified: _undone,
    ev.ReleaseTruckNamed: lambda e: _says(
        tell("journal.truck", truck=e.truck) if e.truck else tell("journal.no-truck"), e.operator
    ),
    ev.ReleaseItemListed: lambda e: by(
        tell("journal.unlisted" if e.removed else "journal.listed", barcode=e.barcode), e.operator
    ),
    ev.TruckReleased: _released,
    ev.SetOpened: lambda e: by(
        tell("journal.set", barcode=e.barcode, parts=e.parts, record=e.record_parts), e.operator
    ),
    ev.SetSized: lambda e: _says(
        also(
            tell("journal.set-sized", barcode=e.barcode, parts=e.parts, before=e.before),
            tell(f"journal.tagged-{e.model.value}"),
        ),
        e.operator,
    ),
    ev.SetClosed: _set_closed,
    ev.RetrainingHeld: lambda e: why(also(tell("journal.retrained", worker=e.worker), ", ".join(e.rules)), e.note),
}


def _part_of(event: ev.ItemScanned) -> str:
    if event.item.parts > 1:
        return tell("journal.part", barcode=event.barcode, part=event.part, parts=event.item.parts)
    return event.barcode


def summary(event: ev.AnyEvent) -> str:
    """Return the sentence of one event, safe to show (at most 200 characters)."""
    said = SENTENCES[type(event)](event)
    return clean(tell("journal.authorised", said=said, who=event.authorised) if event.authorised else said)
