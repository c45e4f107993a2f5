"""One sentence for each kind of event, for readers of the journal. A table, so that no kind is forgotten. The sentences
are in the message catalog (`words/en/journal.po`), by the kind of the event.

Each kind has one row with its values. `Names` decides which of two sentences they fill: the exact one, with ids and codes
(`journal.NAME`), or the plain one of the bench's screens (`journal.plain.NAME`, `plain_summaries`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

from station.base.errors import sentence_of
from station.base.sentence import EMPTY, Sentence, Value
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind
from station.domain.deliveries.delivery import DeliveryState, reason_words, system_word
from station.domain.finding_words import title_of
from station.domain.findings import Finding, Outcome
from station.domain.packing_lists.packing_list import PackingList, heading
from station.domain.people.sign_on import MACHINE, NOBODY
from station.domain.sampling import Switch
from station.domain.withdrawals.withdrawal import NO_TAG, PART_MISSING
from station.domain.workflows import StackState

Words: TypeAlias = str | Sentence

_NO_PERSON: Final = ("", MACHINE, NOBODY)
_CODE: Final = re.compile("[a-z0-9-]+")
_SHORT: Final = 8
"""Characters of a correction's id that people see."""
_DESTROYED: Final = {PART_MISSING: "journal.tag-missing", NO_TAG: "journal.no-tag"}
_ANSWER: Final = {True: Sentence("journal.yes"), False: Sentence("journal.no")}


class Names(Protocol):
    """How a reader's sentences name items and corrections."""

    plain: bool
    """True for a screen: titles, no ids, no codes."""

    def item(self, barcode: str) -> Words:
        """Return the name of an item; "" for ""."""

    def flag(self, correction: str) -> Words:
        """Return the name of a correction."""


class Exact:
    """Implements `Names` with barcodes and ids."""

    plain = False

    def item(self, barcode: str) -> str:
        return barcode

    def flag(self, correction: str) -> str:
        return correction if " " in correction else correction[:_SHORT]  # with a blank it is no id of the station


EXACT: Final = Exact()


def word_of(area: str, code: str) -> Sentence:
    """Return the words of a code; told as the code itself if it has none, as in the journal of another version."""
    return Sentence(f"{area}.{code}", otherwise=code) if _CODE.fullmatch(code) else Sentence.verbatim(code)


def why(sentence: Sentence, reason: Words) -> Sentence:
    return Sentence("journal.why", said=sentence, why=reason) if reason else sentence


def within(sentence: Sentence, reason: Sentence) -> Sentence:
    """Add a reason, which loses its full stop."""
    return Sentence("journal.plain.why", said=sentence, inside=reason) if reason else sentence


def because(sentence: Sentence, code: str) -> Sentence:
    """Add the sentence of an error's code; a text that is no such code is added as it is."""
    reason = sentence_of(code)
    return within(sentence, reason) if reason else why(sentence, code)


def by(sentence: Sentence, operator: str) -> Sentence:
    """Add the person who acted; nothing is added if no person is known."""
    return Sentence("journal.by", said=sentence, who=operator) if operator not in _NO_PERSON else sentence


def also(sentence: Sentence, more: Words) -> Sentence:
    return Sentence("journal.also", said=sentence, more=more) if more else sentence


def _says(sentence: Sentence, operator: str) -> Sentence:
    """Attribute a statement to a person."""
    return Sentence("journal.says", said=sentence, who=operator) if operator not in _NO_PERSON else sentence


def _says_program(sentence: Sentence, source: str) -> Sentence:
    """Attribute a statement to another program, in a form that differs from a person's, whatever name the program
    uses."""
    return Sentence("journal.says-program", said=sentence, who=f'"{source}"') if source else sentence


def _line(names: Names, name: str, **values: Value) -> Sentence:
    """Return the exact or the plain sentence with this name."""
    return Sentence(f"journal.{'plain.' if names.plain else ''}{name}", **values)


def _item(event: Any, names: Names) -> Words:
    """Return the item, with its part if it has several."""
    return _part(names.item(event.barcode), event.part, event.parts)


def _part(item: Words, part: int, parts: int) -> Words:
    return Sentence("journal.part", barcode=item, part=part, parts=parts) if parts > 1 else item


def _again(event: Any) -> Words:
    return Sentence("journal.again") if event.resumes else ""


def _failed(findings: Iterable[Finding]) -> Sentence:
    return Sentence.joined(Sentence.of(finding.said) for finding in findings if finding.outcome is Outcome.FAIL)


def _title(event: ev.CorrectionOpened | ev.FindingWaived) -> Words:
    """Return the title of a rule; of a rule without a text in the catalog, as it was journaled."""
    return event.title if event.title.text is None else title_of(event.rule, event.title.text)


def _scanned(event: ev.ItemScanned, names: Names) -> Sentence:
    item = _part(names.item(event.barcode), event.part, event.item.parts)
    sentence = Sentence("journal.found" if event.by_search else "journal.scanned", item=item)
    return sentence if names.plain else why(sentence, event.item.title)


def _stopped(event: ev.LineStopped, names: Names) -> Sentence:
    return _line(names, "line-stopped", code=event.code, sentence=event.sentence)


def _chosen(event: ev.ChoiceMade, names: Names) -> Sentence:
    if event.choice == "overwrite-confirmed":
        return by(_line(names, "confirmed", code=event.code), event.operator)
    return by(_line(names, "chosen", choice=word_of("choice", event.choice), code=event.code), event.operator)


def _judged(event: ev.ItemJudged, names: Names) -> Sentence:
    sentence = Sentence(f"journal.judged-{event.verdict.value}", item=_item(event, names))
    return why(sentence, _failed(event.findings))


def _answered(event: ev.CheckAnswered, names: Names) -> Sentence:
    finding, key, barcode = event.finding, f"journal.answer-{event.finding.outcome.value}", names.item(event.barcode)
    if finding.outcome is Outcome.FAIL:
        sentence = Sentence(key, barcode=barcode, finding=finding.said)
    else:
        sentence = why(Sentence(key, barcode=barcode, title=finding.heading), finding.reason)
    return Sentence("journal.beside", said=sentence) if event.checklist else sentence


def _for_task(task: str, sentence: Sentence) -> Sentence:
    return Sentence(f"journal.for-{task}", said=sentence)


def _checklist(event: ev.WithdrawalJudged, names: Names) -> Sentence:
    sentence = Sentence(f"journal.judged-{event.verdict.value}", item=names.item(event.barcode))
    return why(_for_task(event.task, sentence), _failed(event.findings))


def _set_aside(event: ev.ItemSetAside, names: Names) -> Sentence:
    item = names.item(event.barcode) or ("" if names.plain else event.uid)
    return Sentence("journal.set-aside", item=item) if item else Sentence("journal.set-aside-item")


def _verified(event: ev.TagWriteVerified, names: Names) -> Sentence:
    name = "written-already" if event.unchanged else "written"
    return _line(names, name, uid=event.uid, item=_item(event, names), writes=event.writes)


def _started(event: ev.TagWriteStarted, names: Names) -> Sentence:
    if event.purpose:
        name = f"to-{event.purpose}"  # not for people
        sentence = _line(names, name, uid=event.uid, steps=event.steps)
        sentence = why(also(sentence, names.item(event.barcode)), event.note)
    else:
        sentence = _line(names, "writing", uid=event.uid, item=_item(event, names), steps=event.steps)
    return also(sentence, _again(event))


def _broken(name: str, event: Any, names: Names, **steps: int) -> Sentence:
    """Return that a change of a tag was interrupted."""
    sentence = _line(names, name, uid=event.uid, item=names.item(event.barcode), code=event.code, **steps)
    return because(sentence, event.code) if names.plain else sentence


def _interrupted(name: str, event: ev.TagWriteInterrupted | ev.TagUndoInterrupted, names: Names) -> Sentence:
    return _broken(name, event, names, written=event.written, planned=event.planned)


def _abandoned(event: ev.TagWriteAbandoned, names: Names) -> Sentence:
    sentence = _line(names, "given-up", uid=event.uid, item=names.item(event.barcode))
    code = event.reason.text
    return because(sentence, code) if names.plain and code is not None else why(sentence, event.reason)


def _security(name: str, event: Any, names: Names) -> Sentence:
    secured = "secured" if event.secure else "not-secured"
    return _line(names, f"{name}-{secured}", uid=event.uid, item=_item(event, names))


def _is_secured(event: ev.SecurityWriteVerified, names: Names) -> Sentence:
    return also(_security("is", event, names), Sentence("journal.already") if event.unchanged else "")


def _refused(event: ev.PadRequestRefused, names: Names) -> Sentence:
    source: Words = f'"{event.source}"' if event.source else Sentence("journal.program")
    if names.plain:
        key = "journal.plain.refused" if event.barcode else "journal.plain.refused-tag"
        sentence = Sentence(key, source=source, item=names.item(event.barcode))
        return why(sentence, event.reason) if event.reason else because(sentence, event.code)
    key, uid = "journal.refused", event.uid or "-"
    if event.asked == "undo-write":
        key = "journal.refused-undo-of" if event.barcode else "journal.refused-undo"
    sentence = Sentence(key, source=source, asked=event.asked, uid=uid, barcode=event.barcode, code=event.code)
    return why(sentence, event.reason)


def _requested(event: ev.CatalogingRequested, names: Names) -> Sentence:
    piece = names.item(event.barcode) or event.isbn or event.title
    return _says(Sentence("journal.cataloging", what=piece, reason=event.reason), event.operator)


def _resolved(event: ev.CatalogingResolved, names: Names) -> Sentence:
    piece = names.item(event.barcode) or event.request
    sentence = (
        Sentence("journal.cataloged", what=piece, record=event.record_id)
        if event.record_id
        else Sentence("journal.cataloged-none", what=piece)
    )
    return by(why(sentence, event.reason), event.operator)


def _packing_list(key: str, event: ev.PackingListImported | ev.PackingListReplaced, _: Names) -> Sentence:
    content = event.content
    sentence = Sentence(key, list=heading(content.vendor, content.name), counts=_counts(content))
    return by(also(sentence, Sentence("journal.from-file", file=event.source) if event.source else ""), event.operator)


def _packing_list_closed(event: ev.PackingListClosed, _: Names) -> Sentence:
    missing = sum(line.copies for line in event.missing)
    sentence = Sentence("journal.packing-list-closed", list=heading(event.vendor, event.name))
    if missing:
        sentence = also(sentence, Sentence("journal.missing", copies=Sentence("receiving.copies", count=missing)))
    return by(sentence, event.operator)


def _packing_list_taken_over(event: ev.PackingListTakenOver, _: Names) -> Sentence:
    if event.content is None:
        return why(Sentence("journal.packing-list-unreadable", file=event.file), event.problem)
    name = heading(event.content.vendor, event.content.name)
    return Sentence("journal.packing-list-taken-over", list=name, counts=_counts(event.content))


def _counts(content: PackingList) -> Sentence:
    lines = Sentence("receiving.lines", count=len(content.lines))
    return also(lines, Sentence("receiving.copies", count=content.copies))


def _shipment_opened(event: ev.ShipmentOpened, _: Names) -> Sentence:
    sentence = Sentence("journal.shipment-opened", purpose=Sentence(f"shipment.purpose.{event.purpose}"))
    return by(also(sentence, event.vendor or event.donor), event.operator)


def _copy_counted(event: ev.CopyCounted, _: Names) -> Sentence:
    outcome = Sentence(f"shipment.outcome.{event.outcome}")
    return by(Sentence("journal.copy-counted", title=event.title or event.scanned, outcome=outcome), event.operator)


def _faulted(event: ev.CopyFaulted, names: Names) -> Sentence:
    fault = Sentence(f"shipment.outcome.{event.fault}")
    return by(also(_line(names, "copy-faulted", count=event.count, fault=fault), event.note), event.operator)


def _added(key: str, event: ev.Added | ev.Gift | ev.LeaseIn, names: Names) -> Sentence:
    return by(Sentence(key, item=names.item(event.barcode)), event.operator)


def _shipment_closed(event: ev.ShipmentClosed, names: Names) -> Sentence:
    sentence = _line(names, "shipment-closed", shipment=event.shipment)
    missing = sum(line.copies for line in event.missing)
    if missing:
        sentence = also(sentence, Sentence("journal.missing", copies=Sentence("receiving.copies", count=missing)))
    return by(sentence, event.operator)


def _difference(event: ev.DifferenceOpened, _: Names) -> Sentence:
    what = Sentence(f"shipment.outcome.{event.what}")
    return by(Sentence("journal.difference-opened", what=what, title=event.title or event.number), event.operator)


def _difference_step(
    key: str, event: ev.DifferenceNoted | ev.DifferenceAssigned | ev.DifferenceEnded, names: Names
) -> Sentence:
    sentence = _line(names, key, difference=event.difference)
    match event:
        case ev.DifferenceNoted():
            return _says(why(sentence, event.note), event.operator)
        case ev.DifferenceAssigned():
            return by(why(also(also(sentence, event.owner), event.due), event.reason), event.operator)
        case ev.DifferenceEnded():
            sentence = also(also(sentence, Sentence(f"shipment.end.{event.end}")), event.reference)
            second = Sentence("journal.second-unproven" if event.unproven else "journal.second", who=event.second)
            return also(by(why(sentence, event.reason), event.operator), second if event.second else "")


def _claimed(event: ev.ClaimMade, _: Names) -> Sentence:
    differences = Sentence("shipment.differences", count=len(event.differences))
    return by(Sentence("journal.claim-made", vendor=event.vendor, differences=differences), event.operator)


def _invoice(event: ev.InvoiceRecorded, _: Names) -> Sentence:
    key = f"journal.{event.content.kind.value}-{'changed' if event.invoice else 'recorded'}"
    return by(Sentence(key, invoice=heading(event.content.vendor, event.content.number)), event.operator)


def _signed(event: ev.InvoiceSigned, _: Names) -> Sentence:
    second = Sentence("journal.second-unproven" if event.unproven else "journal.second", who=event.second)
    sentence = by(why(Sentence("journal.invoice-signed", invoice=event.invoice), event.reason), event.operator)
    return also(sentence, second if event.second else "")


def _packed(event: ev.BoxPacked, names: Names) -> Sentence:
    key = "journal.box-unpacked" if event.removed else "journal.box-packed"
    return by(Sentence(key, item=names.item(event.barcode), box=event.box), event.operator)


def _decided(event: ev.WithdrawalDecided, names: Names) -> Sentence:
    key = "journal.withdrawal-decided-part" if event.part else "journal.withdrawal-decided"
    sentence = Sentence(key, item=names.item(event.barcode), part=event.part, reason=event.reason)
    return by(why(sentence, event.note or event.despite_reason), event.operator)


def _leaving(key: str) -> Callable[[Any, Names], Sentence]:
    """Return the sentence of a step of a withdrawal or transfer that names its title."""

    def sentence(event: Any, _: Names) -> Sentence:
        subject = event.title or getattr(event, "withdrawal", "") or event.transfer
        return by(why(Sentence(key, title=subject), getattr(event, "reason", "")), event.operator)

    return sentence


def _ticked(event: ev.PullTicked, _: Names) -> Sentence:
    sentence = Sentence(f"journal.pull-ticked.{event.outcome.value}", title=event.title or event.line, list=event.list)
    if event.source:
        sentence = Sentence("journal.pull-ticked.from", what=sentence, system=system_word(event.source))
    return by(why(sentence, event.note), event.operator)


def _moved(key: str) -> Callable[[Any, Names], Sentence]:
    def sentence(event: Any, names: Names) -> Sentence:
        return by(why(Sentence(key, item=names.item(event.barcode)), event.reason), event.operator)

    return sentence


def _opened(event: ev.CorrectionOpened, names: Names) -> Sentence:
    key = "journal.to-recheck" if event.what is CorrectionKind.RECHECK else "journal.to-fix"
    return by(Sentence(key, item=_item(event, names), title=_title(event)), event.owner)


def _assigned(event: ev.CorrectionAssigned, names: Names) -> Sentence:
    flag = names.flag(event.correction)
    sentence = Sentence("journal.assigned-due", id=flag, due=event.due)
    if event.owner:
        sentence = Sentence("journal.assigned", id=flag, owner=event.owner)
        sentence = also(sentence, Sentence("journal.due", due=event.due) if event.due else "")
    return why(sentence, event.reason)


def _rechecked(event: ev.CorrectionRechecked, names: Names) -> Sentence:
    who = "machine" if event.by_machine else "rechecked"
    key = f"journal.{who}-{'good' if event.passed else 'bad'}"
    return why(Sentence(key, id=names.flag(event.correction), who=event.operator), event.reason)


def _closed(event: ev.CorrectionClosed, names: Names) -> Sentence:
    result = Sentence(f"correction.result.{event.result.value}")
    sentence = Sentence("journal.closed", id=names.flag(event.correction), result=result)
    return by(why(sentence, event.reason), event.operator)


def _waived(event: ev.FindingWaived, names: Names) -> Sentence:
    sentence = Sentence(
        "journal.waived",
        barcode=names.item(event.barcode),
        who=event.operator,
        role=event.role,
        title=_title(event),
    )
    return why(sentence, event.reason)


def _left(event: ev.WorkerLeft, _: Names) -> Sentence:
    sentence = Sentence("journal.erased" if event.erased else "journal.left", worker=event.worker)
    return _says(why(sentence, event.reason), event.operator)


def _not_signed_on(event: ev.SignOnRefused, names: Names) -> Sentence:
    sentence = why(_line(names, "not-signed-on", code=event.code), event.worker)
    if event.purpose:
        sentence = also(sentence, Sentence("journal.asked-for", purpose=word_of("journal.purpose", event.purpose)))
    return within(sentence, sentence_of(event.code)) if names.plain else sentence


def _of_line(line: Any, names: Names) -> Words:
    """Return the item of a line; of a tag without one, its UID, which a screen does not show."""
    return names.item(line.barcode) or (Sentence("item.a-tag") if names.plain else getattr(line, "uid", ""))


def _stack(event: ev.StackChecked, names: Names) -> Sentence:
    states = Counter(line.state for line in event.lines)
    wrong = [
        Sentence(f"journal.stack-{line.state.value}", item=_of_line(line, names))
        for line in event.lines
        if line.state is not StackState.RIGHT
    ]
    sentence = Sentence("journal.stack", all=len(event.lines), right=states[StackState.RIGHT])
    return also(sentence, Sentence.joined(wrong, ", "))


def _set_opened(event: ev.SetOpened, names: Names) -> Sentence:
    values: dict[str, int] = {"parts": event.parts, "record": event.record_parts}
    return by(Sentence("journal.set", barcode=names.item(event.barcode), **values), event.operator)


def _set_sized(event: ev.SetSized, names: Names) -> Sentence:
    values: dict[str, int] = {"parts": event.parts, "before": event.before}
    sentence = Sentence("journal.set-sized", barcode=names.item(event.barcode), **values)
    return _says(also(sentence, Sentence(f"journal.tagged-{event.model.value}")), event.operator)


def _set_closed(event: ev.SetClosed, names: Names) -> Sentence:
    key, missing = (
        "journal.set-complete" if event.complete else "journal.set-missing",
        ", ".join(map(str, event.missing)),
    )
    sentence = Sentence(key, barcode=names.item(event.barcode), missing=missing, parts=event.parts)
    sentence = also(sentence, Sentence(f"journal.tagged-{event.model.value}"))
    loose: Words = "" if event.loose is None else Sentence("journal.loose", count=event.loose)
    return why(also(sentence, loose), event.remark)


def _switched(sentence: Sentence, switches: Iterable[Switch]) -> Sentence:
    changes = [
        Sentence(
            "journal.switched",
            whose=Sentence(f"sampling.whose.{switch.whose.value}"),
            subject=switch.subject,
            after=Sentence(f"sampling.level.{switch.after.value}"),
            reason=switch.reason,
        )
        for switch in switches
    ]
    return also(sentence, Sentence.joined(changes, ", "))


def _counted(event: ev.SamplingCounted, names: Names) -> Sentence:
    item = names.item(event.barcode)
    sentence = Sentence("journal.sampled-after", barcode=item) if item else Sentence("journal.sampled")
    return _switched(sentence, event.switches)


def _erased(event: ev.TagErased, names: Names) -> Sentence:
    item = names.item(event.barcode)
    sentence = _line(names, "tag-erased", uid=event.uid)
    return by(also(sentence, Sentence("journal.was", barcode=item) if item else ""), event.operator)


def _undo(event: ev.TagUndoStarted, names: Names) -> Sentence:
    sentence = _line(names, "undo", uid=event.uid, item=names.item(event.barcode), steps=event.steps)
    return by(also(sentence, _again(event)), event.operator)


def _undone(event: ev.TagUndoVerified, names: Names) -> Sentence:
    restored = names.item(event.restored)
    sentence = _line(names, "undone", uid=event.uid, item=names.item(event.barcode))
    sentence = also(sentence, Sentence("journal.restored", barcode=restored) if restored else "")
    systems = Sentence("journal.told", systems=", ".join(event.told)) if event.told else ""
    return by(also(sentence, systems), event.operator)


def _released(event: ev.TruckReleased, names: Names) -> Sentence:
    values: dict[str, int] = {"right": len(event.right), "wrong": len(event.wrong)}
    key = "journal.released-truck" if event.truck else "journal.released"
    wrong = Sentence.joined((Sentence.of(_of_line(line, names)) for line in event.wrong), ", ")
    return by(why(Sentence(key, truck=event.truck, **values), wrong), event.operator)


def _ordered(event: ev.DeliveryOrdered, names: Names) -> Sentence:
    intent = event.intent
    subject = names.item(intent.barcode) if hasattr(intent, "barcode") else intent.subject
    system: Words = system_word(event.system) if names.plain else event.system
    sentence = Sentence("journal.ordered", system=system, subject=subject, what=intent.words)
    return why(by(sentence, event.operator), event.reason)


def _delivered(event: ev.DeliveryChanged, names: Names) -> Sentence:
    system: Words = system_word(event.system) if names.plain else event.system
    state = word_of("outbox.state" if names.plain else "outbox.listed", event.state)
    sentence = Sentence("journal.delivery", system=system, state=state)
    sentence = by(also(sentence, word_of("outbox.do", event.decision) if event.decision else ""), event.operator)
    if not names.plain:
        return why(sentence, event.detail)
    delivered = event.state == DeliveryState.DELIVERED
    return within(sentence, EMPTY if delivered else reason_words(event.reason, event.detail))


def _timeline(event: ev.TimelineBegan, names: Names) -> Sentence:
    sentence = _line(names, "timeline", journal=event.journal, parent=event.parent, seq=event.parent_seq)
    return why(by(sentence, event.operator), event.reason)


def _recognised(event: ev.TagRecognised, names: Names) -> Sentence:
    sentence = _line(names, "recognised", uid=event.uid, state=word_of("journal.tag-is", event.state))
    return sentence if names.plain else why(sentence, event.summary)


def _signed_on(event: ev.SignedOn, _: Names) -> Sentence:
    sentence = Sentence("journal.signed-on", who=event.operator, how=word_of("journal.by-means", event.how))
    return also(sentence, Sentence("journal.instead", who=event.instead_of) if event.instead_of else "")


def _sound(event: ev.SoundChecked, _: Names) -> Sentence:
    return by(Sentence("journal.sound-checked", heard=_ANSWER[event.heard], seen=_ANSWER[event.seen]), event.operator)


def _card(event: ev.CardChanged, _: Names) -> Sentence:
    key, means = "journal.card" if event.given else "journal.card-gone", word_of("journal.means", event.what)
    return _says(Sentence(key, worker=event.worker, what=means), event.operator)


SENTENCES: Final[dict[type[ev.Event], Callable[[Any, Names], Sentence]]] = {
    ev.StationStarted: lambda e, _: why(Sentence("journal.started", station=e.station, version=e.version), e.note),
    ev.SoundChecked: _sound,
    ev.StationStopped: lambda e, _: why(Sentence("journal.stopped"), e.reason),
    ev.TimelineBegan: _timeline,
    ev.EventsArchived: lambda e, _: Sentence("journal.archived", count=e.count, file=e.file),
    ev.ItemScanned: _scanned,
    ev.ScanRefused: lambda e, names: why(_line(names, "scan-refused", code=e.code), e.text),
    ev.StaffCalled: lambda e, _: by(Sentence("journal.staff-called", bench=e.bench), e.operator),
    ev.StaffCallAnswered: lambda e, _: by(Sentence("journal.staff-call-answered"), e.operator),
    ev.RollLoaded: lambda e, _: by(Sentence("journal.roll", name=e.name), e.operator),
    ev.TagRecognised: _recognised,
    ev.LineStopped: _stopped,
    ev.ChoiceMade: _chosen,
    ev.TagWriteStarted: _started,
    ev.TagWriteInterrupted: partial(_interrupted, "interrupted"),
    ev.TagWriteVerified: _verified,
    ev.TagErased: _erased,
    ev.TagWriteAbandoned: _abandoned,
    ev.SecurityWriteStarted: lambda e, names: _says_program(_security("security", e, names), e.source),
    ev.SecurityWriteVerified: _is_secured,
    ev.SecurityWriteInterrupted: partial(_broken, "security-broken"),
    ev.PadRequestRefused: _refused,
    ev.CheckAnswered: _answered,
    ev.ItemJudged: _judged,
    ev.VerdictTakenBack: lambda e, names: by(Sentence("journal.taken-back", item=names.item(e.barcode)), e.operator),
    ev.ItemSetAside: lambda e, names: why(_set_aside(e, names), e.reason),
    ev.DefectFound: lambda e, names: _line(names, "defect", where=e.where, error=e.error),
    ev.DeliveryOrdered: _ordered,
    ev.DeliveryChanged: _delivered,
    ev.CatalogImported: lambda e, _: Sentence(
        "journal.imported", source=e.source, records=e.records, items=e.items, rejected=e.rejected
    ),
    ev.CatalogingRequested: _requested,
    ev.CatalogingResolved: _resolved,
    ev.PackingListImported: partial(_packing_list, "journal.packing-list-imported"),
    ev.PackingListReplaced: partial(_packing_list, "journal.packing-list-replaced"),
    ev.PackingListClosed: _packing_list_closed,
    ev.PackingListTakenOver: _packing_list_taken_over,
    ev.VendorRecorded: lambda e, _: by(Sentence("journal.vendor-recorded", vendor=e.content.name), e.operator),
    ev.ShipmentOpened: _shipment_opened,
    ev.CopyCounted: _copy_counted,
    ev.CopyFaulted: _faulted,
    ev.CountUndone: lambda e, _: by(Sentence("journal.count-undone", title=e.title), e.operator),
    ev.CopyReturned: lambda e, _: by(why(Sentence("journal.copy-returned", title=e.title), e.reason), e.operator),
    ev.Added: partial(_added, "journal.added"),
    ev.Gift: partial(_added, "journal.gift"),
    ev.LeaseIn: partial(_added, "journal.lease-in"),
    ev.ShipmentClosed: _shipment_closed,
    ev.DifferenceOpened: _difference,
    ev.DifferenceNoted: partial(_difference_step, "difference-noted"),
    ev.DifferenceAssigned: partial(_difference_step, "difference-assigned"),
    ev.DifferenceEnded: partial(_difference_step, "difference-ended"),
    ev.ClaimMade: _claimed,
    ev.AccountPlanRecorded: lambda e, _: by(Sentence("journal.account-plan-recorded"), e.operator),
    ev.PurchaseOrderRecorded: lambda e, _: by(
        why(Sentence("journal.purchase-order-recorded", order=heading(e.content.vendor, e.content.number)), e.reason),
        e.operator,
    ),
    ev.InvoiceRecorded: _invoice,
    ev.InvoiceRated: lambda e, _: by(
        why(Sentence("journal.invoice-rated", invoice=e.invoice, rate=e.rate), e.note), e.operator
    ),
    ev.InvoiceCoded: lambda e, _: by(
        why(Sentence("journal.invoice-coded", invoice=e.invoice, line=e.line), e.reason), e.operator
    ),
    ev.CreditApplied: lambda e, _: by(
        Sentence("journal.credit-applied", credit=e.credit, invoice=e.invoice, amount=e.amount), e.operator
    ),
    ev.InvoiceSigned: _signed,
    ev.InvoiceSignatureTakenBack: lambda e, _: by(
        why(Sentence("journal.invoice-signature-taken-back", invoice=e.invoice), e.reason), e.operator
    ),
    ev.InvoicesExported: lambda e, _: by(
        Sentence("journal.invoices-exported", invoices=", ".join(e.invoices)), e.operator
    ),
    ev.InvoicePaid: lambda e, _: by(
        why(Sentence("journal.invoice-paid", invoice=e.invoice, on=e.on), e.reference)
        if e.on
        else why(Sentence("journal.invoice-not-paid", invoice=e.invoice), e.reference),
        e.operator,
    ),
    ev.InvoiceVoided: lambda e, _: by(why(Sentence("journal.invoice-voided", invoice=e.invoice), e.reason), e.operator),
    ev.BoxOpened: lambda e, _: by(why(Sentence("journal.box-opened", site=e.site), e.reason), e.operator),
    ev.BoxPacked: _packed,
    ev.BoxClosed: lambda e, _: by(Sentence("journal.box-closed", box=e.box), e.operator),
    ev.BoxReceived: lambda e, _: by(
        Sentence("journal.box-received-without", box=e.box, count=len(e.missing))
        if e.missing
        else Sentence("journal.box-received", box=e.box),
        e.operator,
    ),
    ev.WithdrawalCartOpened: lambda e, _: by(Sentence("journal.cart-opened", name=e.name, reason=e.reason), e.operator),
    ev.WithdrawalCartClosed: lambda e, _: by(Sentence("journal.cart-closed", cart=e.cart), e.operator),
    ev.WithdrawalDecided: _decided,
    ev.WithdrawalCanceled: _leaving("journal.withdrawal-canceled"),
    ev.DeletionConfirmed: _leaving("journal.deletion-confirmed"),
    ev.TagDestroyed: lambda e, names: by(
        Sentence(_DESTROYED.get(e.how, "journal.tag-destroyed"), item=names.item(e.barcode), part=e.part), e.operator
    ),
    ev.WithdrawalPlaced: lambda e, _: by(
        Sentence("journal.withdrawal-placed", title=e.title or e.withdrawal, place=e.place), e.operator
    ),
    ev.OclcHoldingRemoved: lambda e, _: by(
        why(
            Sentence(
                "journal.oclc-holding-stays" if e.stays else "journal.oclc-holding-removed",
                title=e.title or e.withdrawal,
            ),
            e.note,
        ),
        e.operator,
    ),
    ev.WithdrawalAssigned: lambda e, _: by(
        Sentence("journal.withdrawal-assigned", withdrawal=e.withdrawal, owner=e.owner), e.operator
    ),
    ev.Withdrawn: _moved("journal.withdrawn"),
    ev.PullListImported: lambda e, _: by(
        Sentence("journal.pull-list-imported", name=e.content.name, count=len(e.content.lines)), e.operator
    ),
    ev.PullTicked: _ticked,
    ev.PullListClosed: lambda e, _: by(Sentence("journal.pull-list-closed", name=e.name or e.list), e.operator),
    ev.TransferDecided: _moved("journal.transfer-decided"),
    ev.TransferCanceled: _leaving("journal.transfer-canceled"),
    ev.Transferred: _moved("journal.transferred"),
    ev.Reclassified: _moved("journal.reclassified"),
    ev.Lost: _moved("journal.lost"),
    ev.Found: _moved("journal.turned-up"),
    ev.PresenceRead: lambda e, names: by(
        Sentence(f"journal.presence-{e.presence.value}", item=names.item(e.barcode), system=system_word(e.system)),
        e.operator,
    ),
    ev.OrderLineRead: lambda e, _: by(
        Sentence("journal.order-line-read", order_line=e.content.number, system=system_word(e.system)), e.operator
    ),
    ev.SystemInvoiceRead: lambda e, _: by(
        Sentence("journal.system-invoice-read", invoice=e.invoice, system=system_word(e.system)), e.operator
    ),
    ev.CorrectionOpened: _opened,
    ev.CorrectionAssigned: _assigned,
    ev.CorrectionMended: lambda e, names: _says(
        why(Sentence("journal.fixed", id=names.flag(e.correction)), e.note), e.operator
    ),
    ev.CorrectionRechecked: _rechecked,
    ev.CorrectionClosed: _closed,
    ev.WithdrawalBegan: lambda e, names: by(
        _for_task(e.task, Sentence("journal.checks-begun", barcode=names.item(e.barcode))), e.operator
    ),
    ev.WithdrawalJudged: _checklist,
    ev.WithdrawalLeft: lambda e, names: why(
        _for_task(e.task, Sentence("journal.checks-left", barcode=names.item(e.barcode))), e.reason
    ),
    ev.SecondCheckSeen: lambda e, names: Sentence("journal.looked", who=e.operator, id=names.flag(e.correction)),
    ev.FindingWaived: _waived,
    ev.WorkerRegistered: lambda e, _: by(Sentence("journal.registered", worker=e.worker, role=e.role), e.operator),
    ev.WorkerRoleChanged: lambda e, _: _says(
        why(Sentence("journal.role", worker=e.worker, role=e.role), e.reason), e.operator
    ),
    ev.WorkerLeft: _left,
    ev.PinRecovered: lambda e, _: why(Sentence("journal.pin-recovered", worker=e.worker), e.reason),
    ev.PinSet: lambda e, _: by(
        Sentence("journal.first-pin" if e.first else "journal.new-pin", worker=e.worker), e.operator
    ),
    ev.SignedOn: _signed_on,
    ev.RulesAccepted: lambda e, _: by(Sentence("journal.rules", rules=e.rules), e.operator),
    ev.RulesInForce: lambda e, _: Sentence("journal.rules-in-force", rules=len(e.rules)),
    ev.SignedOff: lambda e, _: Sentence("journal.signed-off", who=e.operator, why=word_of("journal.off", e.why)),
    ev.SignOnRefused: _not_signed_on,
    ev.CardChanged: _card,
    ev.ListTaken: lambda e, _: by(Sentence("journal.list-taken", list=e.list, form=e.form, count=e.rows), e.operator),
    ev.ItemDrawn: lambda e, names: _switched(
        Sentence("journal.drawn", barcode=names.item(e.barcode), reason=e.reason), e.switches
    ),
    ev.SamplingCounted: _counted,
    ev.ConvertBegan: lambda e, _: why(by(Sentence("journal.conversion"), e.operator), e.note),
    ev.ConvertEnded: lambda e, _: by(
        Sentence("journal.conversion-ended", done=e.done, bad=e.not_good, left=e.unverified), e.operator
    ),
    ev.StackChecked: _stack,
    ev.TagUndoStarted: _undo,
    ev.TagUndoInterrupted: partial(_interrupted, "undo-broken"),
    ev.TagUndoVerified: _undone,
    ev.ReleaseTruckNamed: lambda e, _: _says(
        Sentence("journal.truck", truck=e.truck) if e.truck else Sentence("journal.no-truck"), e.operator
    ),
    ev.ReleaseItemListed: lambda e, names: by(
        Sentence("journal.unlisted" if e.removed else "journal.listed", barcode=names.item(e.barcode)), e.operator
    ),
    ev.TruckReleased: _released,
    ev.SetOpened: _set_opened,
    ev.SetSized: _set_sized,
    ev.SetClosed: _set_closed,
    ev.RetrainingHeld: lambda e, _: why(
        also(Sentence("journal.retrained", worker=e.worker), ", ".join(e.rules)), e.note
    ),
}


def summary(event: ev.AnyEvent, names: Names = EXACT) -> Sentence:
    """Return the sentence of one event. A face cleans it when it is told, and cuts it to its place."""
    sentence = authorised(SENTENCES[type(event)](event, names), event)
    return Sentence("journal.via", said=sentence, via=word_of("journal.face", event.via)) if event.via else sentence


def authorised(sentence: Sentence, event: ev.AnyEvent) -> Sentence:
    """Add who lent the right."""
    who = event.authorised
    return Sentence("journal.authorised", said=sentence, who=who) if who else sentence
