"""Events for the store's tests: one of each kind, and hypothesis strategies over sequences of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from hypothesis import strategies as st

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import Result
from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import ResultIntent, ScanInIntent
from station.domain.findings import Finding, Outcome, RuleText, Severity
from station.domain.invoices.invoice import Invoice, InvoiceLine, Share, Stated
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.plan import AccountPlan, CodeRule
from station.domain.invoices.standing import Entry, EntryPart
from station.domain.invoices.system_invoice import SystemInvoice, SystemInvoiceLine
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import LineKey, MissingCopies, PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.receiving.counting import CopyFault, CountOutcome, Purpose
from station.domain.receiving.difference import DifferenceEnd, DifferenceKind
from station.domain.receiving.order_line import OrderedCopy, OrderLine
from station.domain.receiving.shipment import AddedCopy
from station.domain.receiving.vendor import Contact, Mapper, Vendor, VendorFormat
from station.domain.sampling import Drawn, Level, Plan, Stream, Switch, Whose
from station.domain.tag_image import TagImage, Uid
from station.domain.transfers.transfer import Shelf
from station.domain.verdict import Verdict
from station.domain.withdrawals.pull_list import PullLine, PullList, PullOutcome
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.withdrawals.withdrawal import Piece, TitleEffect
from station.domain.workflows import ReleaseLine, SetModel, StackLine, StackState

UID = Uid("E004010012345678")
VENDOR = Vendor(
    id="ybp",
    name="YBP",
    codes=("1694510",),
    contacts=(Contact(name="Claims desk", mail="claims@example.org"),),
    formats=(VendorFormat.SPREADSHEET,),
    mapper=Mapper(columns={"isbn": "EAN"}, dates="mdy"),
    claim_days=14,
)
PACKING_LIST = PackingList(
    name="INV-7",
    vendor="YBP",
    date="2026-03-01",
    lines=(PackingLine(line="1", numbers=("9780262033848",), title="A title", quantity=2, price="12.50"),),
)


def image(uid: str = UID, fill: bytes = b"\0") -> TagImage:
    return TagImage(Uid(uid), 4, fill * 112, (False,) * 28, 0x07, 0x06)


def record(barcode: str = "31234000000015") -> ItemRecord:
    return ItemRecord(barcode=Barcode(barcode), title="A title", call_number="QA76 .A1", parts=1)


def finding(outcome: Outcome = Outcome.FAIL) -> Finding:
    return Finding("label", "The label is straight", Severity.MAJOR, outcome, "ann", Sentence.verbatim("crooked"))


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
    return ev.TagWriteAbandoned(
        attempt=attempt, uid=uid, barcode=barcode, reason=Sentence.verbatim("new tag"), operator="ann"
    )


def judged(barcode: str = "31234000000015", verdict: Verdict = Verdict.PASS):
    return ev.ItemJudged(
        barcode=barcode, uid=UID, part=1, parts=1, verdict=verdict, findings=(finding(),), item=record(barcode)
    )


def withdrawal_judged(barcode: str, verdict: Verdict):
    return ev.WithdrawalJudged(
        checklist="w",
        task="withdrawal",
        barcode=Barcode(barcode),
        verdict=verdict,
        findings=(finding(),),
        day="2026-11-30",
        item=record(barcode),
    )


def delivery(system: str = "file", barcode: str = "31234000000015") -> NewDelivery:
    return NewDelivery(system, barcode, ResultIntent(barcode=barcode, uid=UID, part=1, parts=1, verdict=Verdict.PASS))


RULES = ev.RulesInForce(
    digest="00" * 32, day="2026-06-01", rules=(RuleText("label", 20, "The label is straight", Severity.MAJOR),)
)
STREAM = Stream(whose=Whose.WORKER, subject="w-2", plan=Plan(lot=0, sample=114, confidence=0.9, rate=0.02))

ONE_OF_EACH: tuple[ev.AnyEvent, ...] = (
    ev.StationStarted(version="0.1", station="bench-1"),
    ev.StationStopped(reason=Sentence.verbatim("asked to")),
    ev.ItemScanned(barcode="31234000000015", part=1, item=record()),
    ev.ScanRefused(text=Sentence.verbatim("123"), code="barcode-malformed"),
    ev.TagRecognised(uid=UID, state="blank"),
    ev.RollLoaded(name="A-17", operator="ann"),
    ev.StaffCalled(bench="bench-1", barcode="31234000000015", title="A field guide", operator="ann"),
    ev.StaffCallAnswered(operator="tess"),
    ev.SoundChecked(heard=True, seen=False, operator="ann"),
    ev.LineStopped(code="tag-absent", sentence=Sentence.verbatim("No tag answers.")),
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
    ev.PadRequestRefused(asked="undo-write", barcode="", code="not-allowed", uid="E00401000000000A", source="Alma"),
    ev.PadRequestRefused(asked="update-item", barcode="31234000000015", code="foreign-tag", source="Alma"),
    RULES,
    ev.CheckAnswered(barcode="31234000000015", finding=finding()),
    judged(),
    ev.VerdictTakenBack(barcode="31234000000015", uid=UID, part=1, judged=9999, first=9999, rules=("label",)),
    ev.ItemSetAside(barcode="31234000000015", reason=Sentence.verbatim("torn")),
    ev.DefectFound(where="bench", error="KeyError"),
    ev.DeliveryOrdered(
        system="alma",
        intent=ScanInIntent(barcode="31234000000015", department="TS"),
        operator="ann",
        reason=Sentence.verbatim("moved"),
    ),
    ev.DeliveryChanged(delivery="x-1-file", system="file", state="delivered"),
    ev.CatalogImported(source="books.mrc", records=3, items=4, rejected=1),
    ev.CatalogingRequested(
        request="c1", barcode="31234000000049", reason=Sentence.verbatim("No record has this barcode."), operator="ann"
    ),
    ev.CatalogingResolved(request="c1", barcode="31234000000049", record_id="991234", operator="bea"),
    ev.PackingListImported(content=PACKING_LIST, source="march.csv", digest="0" * 64, operator="ann"),
    ev.PackingListReplaced(list="list-9", replaces=9, content=PACKING_LIST, source="april.csv", operator="ann"),
    ev.PackingListClosed(
        list="list-9",
        vendor="YBP",
        name="INV-7",
        missing=(MissingCopies(line="1", title="A title", copies=2),),
        operator="bea",
    ),
    ev.PackingListTakenOver(file="YBP INV-6.json", content=PACKING_LIST, imported_at="2026-03-02T10:00:00+00:00"),
    ev.WorkerRegistered(worker="w-1", role=Role.SYSTEMS, operator="ann"),
    ev.WorkerRoleChanged(worker="w-1", role=Role.TECHNICIAN, reason="asked to", operator="w-1"),
    ev.CorrectionOpened(
        correction="k1",
        barcode="31234000000015",
        rule="label",
        title=Sentence.verbatim("The label is straight"),
        due="2026-10-02",
    ),
    ev.CorrectionAssigned(correction="k1", owner="Cataloging", operator="w-1"),
    ev.CorrectionMended(correction="k1", note=Sentence.verbatim("new label"), operator="ann"),
    ev.CorrectionRechecked(correction="k1", passed=False, reason=Sentence.verbatim("crooked again"), operator="bea"),
    ev.CorrectionClosed(correction="k1", result=Result.WITHDRAWN, reason=Sentence.verbatim("lost"), operator="w-1"),
    ev.SecondCheckSeen(correction="k1", operator="w-1"),
    ev.FindingWaived(
        barcode="31234000000023",
        rule="label",
        title=Sentence.verbatim("The label is straight"),
        severity=Severity.MAJOR,
        reason="old binding",
        operator="w-1",
        role=Role.TECHNICIAN,
    ),
    ev.RetrainingHeld(worker="w-2", rules=("label",), corrections=("k1",), operator="w-1"),
    ev.PinSet(worker="w-2", first=True, operator="w-1"),
    ev.PinRecovered(worker="w-1", reason="forgotten", operator="nobody"),
    ev.SignedOn(how="badge", instead_of="w-2", operator="w-1"),
    ev.SignedOff(why="idle", operator="w-1"),
    ev.RulesAccepted(digest="00" * 32, rules=59, operator="w-1"),
    ev.SignOnRefused(worker="w-2", code="pin-wrong", purpose="sign-on", operator="nobody"),
    ev.CardChanged(worker="w-2", what="badge", given=True, operator="w-1"),
    ev.WorkerLeft(worker="w-1", erased=True, reason="left the library", operator="w-1"),
    ev.ConvertBegan(session="c1", operator="ann"),
    ev.StackChecked(
        session="c1",
        lines=(
            StackLine(state=StackState.RIGHT, barcode="31234000000015", uid=UID),
            StackLine(
                state=StackState.MISSING,
                barcode="31234000000023",
                reasons=(Sentence.verbatim("No tag of it answers."),),
            ),
        ),
        operator="ann",
    ),
    ev.TagErased(
        attempt="e1", uid="E004010012340099", barcode="31234000000023", writes=7, operator="ann", authorised="bob"
    ),
    ev.SetOpened(barcode="31234000000015", model=SetModel.EVERY, parts=3, record_parts=3, operator="ann"),
    ev.SetSized(barcode="31234000000015", model=SetModel.EVERY, parts=4, before=3, record_parts=3, operator="ann"),
    ev.SetClosed(
        barcode="31234000000015",
        model=SetModel.EVERY,
        parts=4,
        record_parts=3,
        complete=False,
        seen=(1, 2, 4),
        missing=(3,),
        loose=1,
        remark=Sentence.verbatim("the item differs"),
        operator="ann",
    ),
    ev.ConvertEnded(session="c1", done=2, unverified=1, operator="ann"),
    ev.ReleaseItemListed(release="r1", barcode="31234000000015", operator="ann"),
    ev.ReleaseTruckNamed(release="r1", truck="7", operator="ann"),
    ev.TruckReleased(
        release="r1",
        truck="truck 7",
        right=("31234000000015",),
        wrong=(ReleaseLine(barcode="31234000000023", reasons=(Sentence.verbatim("It has no verdict."),)),),
        operator="ann",
    ),
    ev.WithdrawalBegan(
        checklist="k1", task="withdrawal", barcode="31234000000015", day="2026-11-25", item=record(), operator="ann"
    ),
    ev.CheckAnswered(barcode="31234000000015", finding=finding(), checklist="k1", operator="ann"),
    ev.WithdrawalJudged(
        checklist="k1",
        task="withdrawal",
        barcode="31234000000015",
        verdict=Verdict.FAIL,
        findings=(finding(),),
        day="2026-11-25",
        item=record(),
        operator="ann",
    ),
    ev.WithdrawalLeft(
        checklist="k2", task="lease-return", barcode="31234000000015", reason=Sentence.verbatim("asked"), operator="ann"
    ),
    ev.TagUndoStarted(
        attempt="u1",
        undoes="first",
        uid=UID,
        barcode="31234000000015",
        part=1,
        old=image(UID, b"\x11"),
        new=image(UID),
        plan_digest="00" * 32,
        steps=9,
        operator="ann",
    ),
    ev.TagUndoInterrupted(attempt="u1", uid=UID, barcode="31234000000015", written=2, planned=9, code="tag-lost"),
    ev.TagUndoVerified(attempt="u2", undoes="first", uid=UID, barcode="31234000000015", writes=7, operator="ann"),
    ev.ItemDrawn(
        barcode="31234000000015",
        asked=True,
        reason=Sentence.verbatim("asked: worker w-2 is new"),
        draws=(Drawn(whose=Whose.WORKER, subject="w-2", level=Level.NEW, asked=True),),
        streams=(STREAM,),
        operator="w-2",
    ),
    ev.SamplingCounted(
        barcode="31234000000015",
        streams=(STREAM,),
        switches=(
            Switch(
                whose=Whose.WORKER,
                subject="w-2",
                before=None,
                after=Level.NEW,
                code="first",
                reason=Sentence.verbatim("new"),
            ),
        ),
    ),
    ev.EventsArchived(
        file="journal-00000000000000aa-1-9.zip",
        first=1,
        last=9,
        count=7,
        size=2000,
        sha256="00" * 32,
        stubs="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    ev.ListTaken(list="/people", form="csv", rows=3, operator="w-1"),
    ev.VendorRecorded(content=VENDOR, operator="w-1"),
    ev.ShipmentOpened(
        purpose=Purpose.APPROVAL,
        vendor="ybp",
        carton="000169210026211096",
        lists=("list-9",),
        donor="A friend",
        plan="plan 9",
        note="wet",
        operator="ann",
    ),
    ev.CopyCounted(
        shipment="shipment-9",
        scanned="9780262033848",
        numbers=("9780262033848",),
        key=LineKey("list-9", "1"),
        outcome=CountOutcome.OVER,
        title="A title",
        listed_barcode="31234000000015",
        library="main",
        order_line="POL-1",
        fund="hist",
        price="20.00 USD",
        vendor="ybp",
        operator="ann",
    ),
    ev.CopyFaulted(count=9, fault=CopyFault.DAMAGED, note="spine broken", photo="photo-1.jpg", operator="ann"),
    ev.CountUndone(count=9, title="A title", operator="ann"),
    ev.CopyReturned(count=9, reason="not chosen", title="A title", operator="ann"),
    ev.Added(
        barcode="31234000000015",
        count=9,
        copy=AddedCopy(
            title="A title",
            record_id="991234",
            library="main",
            material="book",
            fund="hist",
            price="20.00 USD",
            vendor="ybp",
            order_line="POL-1",
            title_effect=1,
        ),
        operator="ann",
    ),
    ev.Gift(
        barcode="31234000000023",
        count=9,
        copy=AddedCopy(title_effect=0),
        donor="A friend",
        terms="keep",
        operator="ann",
    ),
    ev.LeaseIn(barcode="31234000000031", plan="plan 9", points="1.5", operator="ann"),
    ev.ShipmentClosed(
        shipment="shipment-9",
        missing=(MissingCopies(line="1", list="list-9", title="A title", copies=2),),
        operator="ann",
    ),
    ev.DifferenceOpened(
        what=DifferenceKind.SHORT,
        shipment="shipment-9",
        key=LineKey("list-9", "1"),
        vendor="ybp",
        title="A title",
        number="9780262033848",
        order_line="POL-1",
        copies=2,
        price="20.00 USD",
        owner="Acquisitions",
        due="2026-10-02",
        operator="ann",
    ),
    ev.DifferenceNoted(difference="difference-9", note="they called", photo="photo-2.jpg", operator="ann"),
    ev.DifferenceAssigned(difference="difference-9", owner="w-1", due="2026-11-02", reason="asked", operator="w-1"),
    ev.ClaimMade(differences=("difference-9",), vendor="ybp", due="2026-12-02", operator="w-1"),
    ev.DifferenceEnded(
        difference="difference-9",
        end=DifferenceEnd.CREDITED,
        reason="memo came",
        reference="CM-7",
        second="Zoe",
        unproven=True,
        operator="w-1",
    ),
    ev.AccountPlanRecorded(
        content=AccountPlan(rules=(CodeRule(id="books", fund="gen", shares=(Share(account="11-22"),)),)), operator="w-1"
    ),
    ev.PurchaseOrderRecorded(
        content=PurchaseOrder(number="BPO-7", vendor="ybp", account="11-22", amount="500.00"),
        reason="more books",
        operator="w-1",
    ),
    ev.InvoiceRecorded(
        content=Invoice(
            vendor="ybp",
            number="INV-7",
            date="2026-03-02",
            stated=(Stated(code="9", amount="40.00"),),
            lines=(InvoiceLine(line="1", title="A title", amount="40.00", copies=2),),
        ),
        off="0.00",
        operator="w-1",
    ),
    ev.InvoiceRated(invoice="invoice-9", rate="1.08", note="ECB, March 2", operator="w-1"),
    ev.InvoiceCoded(
        invoice="invoice-9", line="1", shares=(Share(account="11-22"),), order="BPO-7", reason="asked", operator="w-1"
    ),
    ev.CreditApplied(credit="invoice-8", invoice="invoice-9", amount="4.00", operator="w-1"),
    ev.InvoiceSigned(
        invoice="invoice-9",
        counted=9,
        entries=(Entry(line="1", part=EntryPart.LINE, account="11-22", amount="40.00"),),
        second="Zoe",
        unproven=True,
        reason="asked",
        operator="w-1",
    ),
    ev.InvoiceSignatureTakenBack(invoice="invoice-9", reason="wrong account", operator="w-1"),
    ev.InvoicesExported(invoices=("invoice-9",), file="pay.csv", digest="00" * 32, operator="w-1"),
    ev.InvoicePaid(invoice="invoice-9", on="2026-04-02", reference="check 77", operator="w-1"),
    ev.InvoiceVoided(invoice="invoice-9", reason="typed twice", operator="w-1"),
    ev.BoxOpened(site="East", reason="one more", operator="ann"),
    ev.BoxPacked(box="box-9", barcode="31234000000015", operator="ann"),
    ev.BoxClosed(box="box-9", operator="ann"),
    ev.BoxReceived(box="box-9", missing=("31234000000015",), operator="bea"),
    ev.OrderLineRead(
        system="alma-orders",
        content=OrderLine(
            number="POL-9",
            status="SENT",
            title="Meet the friendly volcano",
            quantity=2,
            copies=(OrderedCopy(item="23", barcode="31234000000015", library="EAST", received="2026-04-02"),),
            expected="2026-04-01",
            receiving_note="Give it to the reserve desk.",
        ),
        operator="ann",
    ),
    ev.SystemInvoiceRead(
        system="alma-orders",
        invoice="invoice-9",
        content=SystemInvoice(
            number="INV-9",
            total="20.00",
            currency="USD",
            lines=(SystemInvoiceLine(number="1", total="20.00", quantity=1),),
        ),
        operator="ann",
    ),
    ev.WithdrawalCartOpened(
        name="Tuesday",
        reason="weeded",
        destination="surplus",
        approver="Ida Lund",
        place="Surplus 3",
        operator="ann",
        authorised="tess",
    ),
    ev.WithdrawalCartClosed(cart="cart-9", operator="ann"),
    ev.WithdrawalDecided(
        barcode="31234000000015",
        reason="weeded",
        destination="surplus",
        approver="Ida Lund",
        signs=(SignAnswer(sign=Sign.RETENTION, reply=Reply.NO, source="record"),),
        system="alma",
        item=record("31234000000015"),
        operator="ann",
    ),
    ev.WithdrawalCanceled(
        withdrawal="withdrawal-9", reason="wanted again", title="Soup for beginners", operator="tess"
    ),
    ev.DeletionConfirmed(withdrawal="withdrawal-9", reason="seen in Koha", title="Soup for beginners", operator="tess"),
    ev.TagDestroyed(
        uid="E0040150A1B2C3D4", barcode="31234000000015", how="tag-cut", withdrawal="withdrawal-9", operator="ann"
    ),
    ev.WithdrawalPlaced(withdrawal="withdrawal-9", place="Surplus 3", title="Soup for beginners", operator="ann"),
    ev.OclcHoldingRemoved(withdrawal="withdrawal-9", title="Soup for beginners", operator="tess"),
    ev.WithdrawalAssigned(withdrawal="withdrawal-9", owner="bea", operator="tess"),
    ev.Withdrawn(
        withdrawal="withdrawal-9",
        barcode="31234000000015",
        title="Soup for beginners",
        effect=TitleEffect.COPY,
        reason="weeded",
        destination="surplus",
        format="book",
        fund="GEN",
        price="12.00 USD",
        library="EAST",
        operator="tess",
    ),
    ev.PullListImported(
        content=PullList(
            name="Cooking",
            reason="weeded",
            destination="surplus",
            lines=(PullLine(line="31234000000015", barcode="31234000000015", title="Soup for beginners"),),
        ),
        source="cooking.csv",
        operator="tess",
    ),
    ev.PullTicked(list="pull-9", line="31234000000015", outcome=PullOutcome.ON_LOAN, recalled=True, operator="ann"),
    ev.PullListClosed(list="pull-9", name="Cooking", operator="tess"),
    ev.TransferDecided(
        barcode="31234000000015",
        before=Shelf(library="EAST", location="STACKS"),
        wanted=Shelf(library="WEST", location="STACKS"),
        reason="wanted there",
        system="alma",
        item=record("31234000000015"),
        operator="tess",
    ),
    ev.TransferCanceled(transfer="transfer-9", reason="stays", title="Soup for beginners", operator="tess"),
    ev.Transferred(
        transfer="transfer-9",
        barcode="31234000000015",
        before=Shelf(library="EAST", location="STACKS"),
        after=Shelf(library="WEST", location="STACKS"),
        operator="tess",
    ),
    ev.Reclassified(
        transfer="transfer-9",
        barcode="31234000000015",
        before=Shelf(call_number="TX757"),
        after=Shelf(call_number="641.8"),
        operator="tess",
    ),
    ev.Lost(barcode="31234000000015", piece=Piece.MISSING, title="Soup for beginners", operator="ann"),
    ev.Found(barcode="31234000000015", title="Soup for beginners", uid="E0040150A1B2C3D4", operator="ann"),
    ev.PresenceRead(system="alma", barcode="31234000000015", presence=ev.Presence.ABSENT, operator="ann"),
    ev.TimelineBegan(
        journal="00000000000000aa",
        lost=(ev.Head(at="2026-11-24T08:00:00+00:00", seq=9, hash="00" * 32, journal_id="00000000000000bb"),),
        reason="last night's copy",
        operator="ann",
    ),
)

texts = st.text(max_size=30)
uids = st.sampled_from([f"E0040100000000{n:02X}" for n in range(4)])
barcodes = st.sampled_from(["31234000000015", "31234000000023", "31234000000031"])
parts = st.integers(1, 2)


@st.composite
def histories(draw: st.DrawFn, longest: int = 25) -> list[ev.AnyEvent]:
    """Build a history that is only partly plausible: starts with fresh ids, ends of any attempt, texts of any
    content."""
    history: list[ev.AnyEvent] = []
    attempts: list[str] = []
    for number in range(draw(st.integers(1, longest))):
        what = draw(st.sampled_from(["start", "start", "verify", "abandon", "withdraw", "text", "stop", "defect"]))
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
        elif what == "withdraw":
            history.append(withdrawal_judged(barcode, draw(st.sampled_from(Verdict))))
        elif what == "text":
            history.append(
                ev.ScanRefused(text=Sentence.verbatim(draw(texts)), code="x", reason=Sentence.of(draw(texts)))
            )
        elif what == "stop":
            history.append(ev.StationStopped(reason=Sentence.of(draw(texts))))
        else:
            history.append(ev.DefectFound(where=draw(texts), error=draw(texts)))
    return history


def batches(history: Sequence[ev.AnyEvent], sizes: Sequence[int]) -> list[tuple[ev.AnyEvent, ...]]:
    """Split a history into the groups that are recorded together."""
    found, at = [], 0
    for size in sizes:
        if group := tuple(history[at : at + size]):
            found.append(group)
        at += size
    if rest := tuple(history[at:]):
        found.append(rest)
    return found


def signed(event: ev.AnyEvent) -> ev.AnyEvent:
    """Return the event as stored: an event without an operator is signed by the machine."""
    return event if event.operator else msgspec.structs.replace(event, operator="machine")
