"""One plain sentence for each kind of event: what a person reads in the journal. A table, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from station import events as ev
from station.model import CorrectionKind, Outcome, Verdict
from station.sampled import Switch
from station.text import clean

_VERDICTS: Final = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.ABANDONED: "was set aside",
}
_OUTCOMES: Final = {
    Outcome.PASS: "yes",
    Outcome.FAIL: "no",
    Outcome.NOT_APPLICABLE: "not applicable",
    Outcome.ABSTAINED: "not known",
    Outcome.NOT_SAMPLED: "sampled: not asked this time",
}


def _part(part: int, parts: int) -> str:
    return f", part {part} of {parts}" if parts > 1 else ""


def _why(text: str, before: str = ": ") -> str:
    return f"{before}{text}" if text else ""


def _judged(event: ev.ItemJudged) -> str:
    failed = ", ".join(finding.title for finding in event.findings if finding.outcome is Outcome.FAIL)
    return f"{event.barcode}{_part(event.part, event.parts)} {_VERDICTS[event.verdict]}{_why(failed)}"


def _verified(event: ev.TagWriteVerified) -> str:
    what = "holds it already" if event.unchanged else f"written and read back ({event.writes} writes)"
    return f"Tag {event.uid} for {event.barcode}{_part(event.part, event.parts)}: {what}"


def _started(event: ev.TagWriteStarted) -> str:
    again = ", taken up again" if event.resumes else ""
    return f"Writing tag {event.uid} for {event.barcode}{_part(event.part, event.parts)} ({event.steps} steps{again})"


def _security(secure: bool) -> str:
    return "secured" if secure else "not secured"


def _requested(event: ev.CatalogingRequested) -> str:
    what = event.barcode or event.isbn or event.title
    return f"{what} needs original cataloging: {event.reason}{_why(event.operator, ', says ')}"


def _resolved(event: ev.CatalogingResolved) -> str:
    how = f"record {event.record_id}" if event.record_id else "no record"
    return f"Cataloging of {event.barcode or event.request}: {how}{_why(event.reason)}{_why(event.operator, ', by ')}"


def _opened(event: ev.CorrectionOpened) -> str:
    what = "To be rechecked" if event.what is CorrectionKind.RECHECK else "To be mended"
    return f"{what}: {event.barcode}{_part(event.part, event.parts)}: {event.title}{_why(event.owner, ', by ')}"


def _assigned(event: ev.CorrectionAssigned) -> str:
    due = _why(event.due, ", due ")
    return f"Correction {event.correction[:8]} goes to {event.owner or 'the same owner'}{due}{_why(event.reason)}"


def _rechecked(event: ev.CorrectionRechecked) -> str:
    who = "the machine" if event.by_machine else event.operator
    how = "good" if event.passed else "not good"
    return f"Correction {event.correction[:8]} rechecked by {who}: {how}{_why(event.reason)}"


def _left(event: ev.WorkerLeft) -> str:
    what = "was erased" if event.erased else "left"
    return f"Worker {event.worker} {what}{_why(event.reason)}{_why(event.operator, ', says ')}"


def _switched(switches: tuple[Switch, ...]) -> str:
    return "".join(f"; {one.whose} {one.subject} is {one.after} ({one.reason})" for one in switches)


SENTENCES: Final[dict[type[ev.Event], Callable[[Any], str]]] = {
    ev.StationStarted: lambda e: f"Station {e.station} started, version {e.version}{_why(e.note)}",
    ev.StationStopped: lambda e: f"Station stopped{_why(e.reason)}",
    ev.ItemScanned: lambda e: f"Scanned {e.barcode}{_part(e.part, e.item.parts)}{_why(e.item.title)}",
    ev.ScanRefused: lambda e: f"Scan refused ({e.code}){_why(e.text)}",
    ev.TagRecognised: lambda e: f"Tag {e.uid} is {e.state}{_why(e.summary)}",
    ev.LineStopped: lambda e: f"Stopped ({e.code}): {e.sentence}",
    ev.ChoiceMade: lambda e: f"Chosen: {e.choice} ({e.code}){_why(e.operator, ' by ')}",
    ev.TagWriteStarted: _started,
    ev.TagWriteInterrupted: lambda e: (
        f"Writing tag {e.uid} for {e.barcode} interrupted ({e.code}): {e.written} of {e.planned} steps"
    ),
    ev.TagWriteVerified: _verified,
    ev.TagWriteAbandoned: lambda e: f"Writing tag {e.uid} for {e.barcode} given up{_why(e.reason)}",
    ev.SecurityWriteStarted: lambda e: (
        f"Setting tag {e.uid} of {e.barcode}{_part(e.part, e.parts)} to {_security(e.secure)}{_why(e.source, ', asks ')}"
    ),
    ev.SecurityWriteVerified: lambda e: (
        f"Tag {e.uid} of {e.barcode}{_part(e.part, e.parts)} is {_security(e.secure)}{' already' if e.unchanged else ''}"
    ),
    ev.SecurityWriteInterrupted: lambda e: (
        f"Setting tag {e.uid} of {e.barcode} to {_security(e.secure)} interrupted ({e.code}): its security is not known"
    ),
    ev.PadRequestRefused: lambda e: (
        f"{e.source or 'A program'} asked for {e.asked} of {e.barcode}; not done ({e.code}){_why(e.reason)}"
    ),
    ev.CheckAnswered: lambda e: (
        f"{e.barcode}: {e.finding.title}: {_OUTCOMES[e.finding.outcome]}{_why(e.finding.reason, ', ')}"
    ),
    ev.ItemJudged: _judged,
    ev.ItemSetAside: lambda e: f"{e.barcode or e.uid or 'Item'} set aside{_why(e.reason)}",
    ev.DefectFound: lambda e: f"Defect of the program in {e.where}: {e.error}",
    ev.DeliveryOrdered: lambda e: (
        f"Ordered for {e.system}: {e.intent.subject}, {e.intent.words}{_why(e.operator, ', by ')}{_why(e.reason)}"
    ),
    ev.DeliveryChanged: lambda e: (
        f"Delivery to {e.system}: {e.state}{_why(e.decision, ', ')}{_why(e.operator, ' by ')}{_why(e.detail)}"
    ),
    ev.CatalogImported: lambda e: (
        f"Catalog imported from {e.source}: {e.records} records, {e.items} items, {e.rejected} rejected"
    ),
    ev.CatalogingRequested: _requested,
    ev.CatalogingResolved: _resolved,
    ev.CorrectionOpened: _opened,
    ev.CorrectionAssigned: _assigned,
    ev.CorrectionMended: lambda e: (
        f"Correction {e.correction[:8]} is mended{_why(e.note)}{_why(e.operator, ', says ')}"
    ),
    ev.CorrectionRechecked: _rechecked,
    ev.CorrectionClosed: lambda e: (
        f"Correction {e.correction[:8]} closed ({e.result}){_why(e.reason)}{_why(e.operator, ', by ')}"
    ),
    ev.FindingWaived: lambda e: f"{e.barcode}: waived by {e.operator} ({e.role}): {e.title}{_why(e.reason)}",
    ev.WorkerRegistered: lambda e: f"Worker {e.worker} registered as {e.role}{_why(e.operator, ' by ')}",
    ev.WorkerRoleChanged: lambda e: f"Worker {e.worker} is now {e.role}{_why(e.reason)}{_why(e.operator, ', says ')}",
    ev.WorkerLeft: _left,
    ev.ItemDrawn: lambda e: f"{e.barcode}: {e.reason}{_switched(e.switches)}",
    ev.SamplingCounted: lambda e: f"Sampling{_why(e.barcode, ' after ')}{_switched(e.switches) or ': counted'}",
    ev.RetrainingHeld: lambda e: f"Worker {e.worker} was retrained{_why(', '.join(e.rules), ' in ')}{_why(e.note)}",
}


def summary(event: ev.AnyEvent) -> str:
    """The sentence of one event, safe to show (at most 200 characters)."""
    return clean(SENTENCES[type(event)](event))
