"""Events for the store's tests: one of each kind, and hypothesis strategies over sequences of them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from station import events as ev
from station.deliveries import NewDelivery
from station.intents import ResultIntent, ScanInIntent
from station.model import Barcode, Finding, ItemRecord, Outcome, Result, Severity, TagImage, Uid, Verdict
from station.rights import Role
from station.sampled import Drawn, Level, Plan, Stream, Switch, Whose

UID = Uid("E004010012345678")


def image(uid: str = UID, fill: bytes = b"\0") -> TagImage:
    return TagImage(Uid(uid), 4, fill * 112, (False,) * 28, 0x07, 0x06)


def record(barcode: str = "31234000000015") -> ItemRecord:
    return ItemRecord(barcode=Barcode(barcode), title="A title", call_number="QA76 .A1", parts=1)


def finding(outcome: Outcome = Outcome.FAIL) -> Finding:
    return Finding("label", "The label is straight", Severity.MAJOR, outcome, "ann", "crooked")


def started(attempt: str, uid: str = UID, barcode: str = "31234000000015", part: int = 1, resumes: str = ""):
    return ev.TagWriteStarted(
        attempt=attempt,
        uid=uid,
        barcode=barcode,
        part=part,
        parts=2,
        old=image(uid),
        new=image(uid, b"\x11"),
        plan_digest="00" * 32,
        steps=12,
        operator="ann",
        resumes=resumes,
    )


def verified(attempt: str, uid: str = UID, barcode: str = "31234000000015", part: int = 1):
    return ev.TagWriteVerified(attempt=attempt, uid=uid, barcode=barcode, part=part, parts=2, writes=11)


def abandoned(attempt: str, uid: str = UID, barcode: str = "31234000000015"):
    return ev.TagWriteAbandoned(attempt=attempt, uid=uid, barcode=barcode, reason="new tag", operator="ann")


def judged(barcode: str = "31234000000015", verdict: Verdict = Verdict.PASS):
    return ev.ItemJudged(
        barcode=barcode, uid=UID, part=1, parts=1, verdict=verdict, findings=(finding(),), item=record(barcode)
    )


def delivery(system: str = "file", barcode: str = "31234000000015") -> NewDelivery:
    return NewDelivery(system, barcode, ResultIntent(barcode=barcode, uid=UID, part=1, parts=1, verdict=Verdict.PASS))


STREAM = Stream(whose=Whose.WORKER, subject="w-2", plan=Plan(lot=0, sample=114, confidence=0.9, rate=0.02))

ONE_OF_EACH: tuple[ev.AnyEvent, ...] = (
    ev.StationStarted(version="0.1", station="bench-1"),
    ev.StationStopped(reason="asked to"),
    ev.ItemScanned(barcode="31234000000015", part=1, item=record()),
    ev.ScanRefused(text="123", code="barcode-malformed"),
    ev.TagRecognised(uid=UID, state="blank"),
    ev.LineStopped(code="tag-absent", sentence="No tag answers."),
    ev.ChoiceMade(code="tag-absent", choice="again", operator="ann"),
    started("first"),
    ev.TagWriteInterrupted(attempt="first", uid=UID, barcode="31234000000015", written=3, planned=12, code="tag-lost"),
    verified("first"),
    started("second", "E004010012345679", "31234000000023"),
    abandoned("second", "E004010012345679", "31234000000023"),
    ev.SecurityWriteStarted(
        attempt="s1",
        uid=UID,
        barcode="31234000000015",
        part=1,
        parts=1,
        secure=False,
        old_afi=7,
        new_afi=0xC2,
        plan_digest="00",
        steps=3,
        source="Alma",
    ),
    ev.SecurityWriteVerified(
        attempt="s1", uid=UID, barcode="31234000000015", part=1, parts=1, secure=False, afi=0xC2, source="Alma"
    ),
    ev.SecurityWriteInterrupted(
        attempt="s2", uid=UID, barcode="31234000000015", secure=True, code="tag-lost", source="Alma"
    ),
    ev.PadRequestRefused(asked="update-item", barcode="31234000000015", code="foreign-tag", source="Alma"),
    ev.CheckAnswered(barcode="31234000000015", finding=finding()),
    judged(),
    ev.ItemSetAside(barcode="31234000000015", reason="torn"),
    ev.DefectFound(where="bench", error="KeyError"),
    ev.DeliveryOrdered(
        system="alma", intent=ScanInIntent(barcode="31234000000015", department="TS"), operator="ann", reason="moved"
    ),
    ev.DeliveryChanged(delivery="x-1-file", system="file", state="delivered"),
    ev.CatalogImported(source="books.mrc", records=3, items=4, rejected=1),
    ev.CatalogingRequested(
        request="c1", barcode="31234000000049", reason="No record has this barcode.", operator="ann"
    ),
    ev.CatalogingResolved(request="c1", barcode="31234000000049", record_id="991234", operator="bea"),
    ev.WorkerRegistered(worker="w-1", role=Role.SYSTEMS, operator="ann"),
    ev.WorkerRoleChanged(worker="w-1", role=Role.TECHNICIAN, reason="asked to", operator="w-1"),
    ev.CorrectionOpened(
        correction="k1", barcode="31234000000015", rule="label", title="The label is straight", due="2026-10-02"
    ),
    ev.CorrectionAssigned(correction="k1", owner="Cataloging", operator="w-1"),
    ev.CorrectionMended(correction="k1", note="new label", operator="ann"),
    ev.CorrectionRechecked(correction="k1", passed=False, reason="crooked again", operator="bea"),
    ev.CorrectionClosed(correction="k1", result=Result.WITHDRAWN, reason="lost", operator="w-1"),
    ev.FindingWaived(
        barcode="31234000000023",
        rule="label",
        title="The label is straight",
        severity=Severity.MAJOR,
        reason="old binding",
        operator="w-1",
        role=Role.TECHNICIAN,
    ),
    ev.RetrainingHeld(worker="w-2", rules=("label",), corrections=("k1",), operator="w-1"),
    ev.WorkerLeft(worker="w-1", erased=True, reason="left the library", operator="w-1"),
    ev.ItemDrawn(
        barcode="31234000000015",
        asked=True,
        reason="asked: worker w-2 is new",
        draws=(Drawn(whose=Whose.WORKER, subject="w-2", level=Level.NEW, asked=True),),
        streams=(STREAM,),
        operator="w-2",
    ),
    ev.SamplingCounted(
        barcode="31234000000015",
        streams=(STREAM,),
        switches=(Switch(whose=Whose.WORKER, subject="w-2", before=None, after=Level.NEW, code="first", reason="new"),),
    ),
)

texts = st.text(max_size=30)
uids = st.sampled_from([f"E0040100000000{n:02X}" for n in range(4)])
barcodes = st.sampled_from(["31234000000015", "31234000000023", "31234000000031"])
parts = st.integers(1, 2)


@st.composite
def histories(draw: st.DrawFn, longest: int = 25) -> list[ev.AnyEvent]:
    """A plausible and implausible mix: starts with fresh ids, ends of any attempt, texts of any content."""
    history: list[ev.AnyEvent] = []
    attempts: list[str] = []
    for number in range(draw(st.integers(1, longest))):
        what = draw(st.sampled_from(["start", "start", "verify", "abandon", "text", "stop", "defect"]))
        old = draw(st.sampled_from(attempts)) if attempts else "never"
        uid, barcode, part = draw(uids), draw(barcodes), draw(parts)
        if what == "start":
            resumes = old if draw(st.booleans()) else ""
            attempts.append(f"a{number}")
            history.append(started(attempts[-1], uid, barcode, part, "" if resumes == "never" else resumes))
        elif what == "verify":
            history.append(verified(old, uid, barcode, part))
        elif what == "abandon":
            history.append(abandoned(old, uid, barcode))
        elif what == "text":
            history.append(ev.ScanRefused(text=draw(texts), code="x", reason=draw(texts)))
        elif what == "stop":
            history.append(ev.StationStopped(reason=draw(texts)))
        else:
            history.append(ev.DefectFound(where=draw(texts), error=draw(texts)))
    return history


def batches(history: Sequence[ev.AnyEvent], sizes: Sequence[int]) -> list[tuple[ev.AnyEvent, ...]]:
    """Cut a history into the groups that are recorded together."""
    found, at = [], 0
    for size in sizes:
        if group := tuple(history[at : at + size]):
            found.append(group)
        at += size
    if rest := tuple(history[at:]):
        found.append(rest)
    return found
