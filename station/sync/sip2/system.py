"""A library system behind SIP2: look-up (17/18), check-in (09/10), item properties (19/20) where BX offers them.

What SIP2 cannot do (library systems reference, section 0): there is no message that writes a note, a tag id or a holding.
So a passed result is one or both of two things, as the settings say: the item is checked in at the station's desk, and
a short text goes into CH "item properties". A failed result has no place in SIP2: it stays in the journal.

Check-in is sent at most once for a delivery. Its effect can be seen in the circulation status if that changed; where it did
not, nobody can tell, and the delivery waits for a person. An item on loan is not checked in without a person's word: that
would end somebody's loan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from station import settings
from station.deliveries import Check, CheckOutcome, Confirmation, Delivery, Receipt, Sending, unwitnessed
from station.errors import BarcodeUnknown, Conflict, InDoubt, Rejected, StationError
from station.intents import Decision, ResultIntent, ScanInIntent, kind
from station.model import Barcode, ItemRecord, Verdict
from station.sync.sip2 import codec
from station.sync.sip2.codec import Message
from station.sync.sip2.messages import CIRCULATION_WORDS, MEDIA, CirculationStatus
from station.sync.sip2.session import Session, Status
from station.text import clean

ON_LOAN: Final = frozenset({CirculationStatus.CHARGED, CirculationStatus.CHARGED_NO_RECALL, CirculationStatus.RECALLED})
CHECKED_IN: Final = frozenset(
    {
        CirculationStatus.AVAILABLE,
        CirculationStatus.HOLD_SHELF,
        CirculationStatus.TO_RESHELVE,
        CirculationStatus.IN_TRANSIT,
    }
)
"""What an item may be after a check-in."""


class Witness(msgspec.Struct, frozen=True):
    """What `confirm` wants to know of an unanswered change."""

    step: str
    """"properties" or "checkin"."""
    status: str
    """Circulation status before."""


class Sip2:
    """One SIP2 server as a `CirculationSystem`."""

    side_by_side = 1

    def __init__(
        self,
        config: settings.Sip2,
        session: Session,
        *,
        name: str = "sip2",
        complete: Callable[[ItemRecord], ItemRecord] | None = None,
        closing: Callable[[], None] | None = None,
    ) -> None:
        """`complete` may add to a live record what SIP2 does not carry (Voyager's item, the expected label); `closing` is
        called by `close`."""
        self.name = name
        self._closing = closing
        self._complete = complete
        self.kinds = frozenset({"result", "scan-in"})
        self._config = config
        self._session = session

    def close(self) -> None:
        """Hang up."""
        self._session.close()
        if self._closing is not None:
            self._closing()

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """What the server says of the item; raises `BarcodeUnknown` or a `SyncError`."""
        answer = self._information(barcode)
        record = record_of(barcode, answer)
        if record is None:
            screen = " ".join(answer.all("AF"))
            raise BarcodeUnknown(f"{barcode}: the SIP2 server knows no such item{f' ({screen})' if screen else ''}")
        return self._complete(record) if self._complete is not None else record

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        """Carry the intent out; see the module."""
        intent = delivery.intent
        if isinstance(intent, ScanInIntent):
            return self._scan_in(delivery, intent.barcode, intent.desk or self._config.desk, sending)
        if not isinstance(intent, ResultIntent):
            raise Rejected(f"SIP2 has no message for {kind(intent)!r}")
        if intent.verdict is not Verdict.PASS:
            return Receipt("SIP2 carries nothing about an item that failed", unchanged=True)
        done: list[Receipt] = []
        if self._writes_properties:
            done.append(self._properties(intent, sending))
        if self._config.check_in and intent.whole:
            status = self._information(Barcode(intent.barcode)).fixed["circulation_status"]
            if status == CirculationStatus.AVAILABLE:
                done.append(Receipt("the item was available already", unchanged=True))
            else:
                done.append(self._scan_in(delivery, intent.barcode, self._config.desk, sending))
        if not done:
            return Receipt("the settings send nothing about a passed item", unchanged=True)
        detail = "; ".join(receipt.detail for receipt in done)
        return Receipt(clean(detail, 500), unchanged=all(receipt.unchanged for receipt in done))

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Re-read; sends no change."""
        witness = _witness(delivery.witness)
        answer = self._information(Barcode(delivery.intent.subject))
        if witness is None:
            return Confirmation.CANNOT_TELL
        if witness.step == "properties":
            # The text is an absolute statement: where it is not seen it may be sent again, and the check-in was not begun.
            return Confirmation.NOT_LANDED
        now = answer.fixed["circulation_status"]
        if now == witness.status:
            # A check-in ends a loan: still on loan means that it did not happen. Anything else may look the same afterwards.
            return Confirmation.NOT_LANDED if now in ON_LOAN else Confirmation.CANNOT_TELL
        return Confirmation.LANDED if now in CHECKED_IN else Confirmation.CANNOT_TELL

    def check(self) -> tuple[Check, ...]:
        """Connect, log in, ask for the status; changes nothing."""
        what = "it answers, and takes the station's log-in"
        try:
            status = self._session.connect()
        except StationError as error:
            remedy = "See delivery.sip2 in station.toml, and the credential sip2."
            return (Check(what=what, outcome=CheckOutcome.BAD, found=clean(error.detail), remedy=remedy),)
        library = f"{status.library or 'no library name'}, institution {status.institution or '(none)'}"
        return (Check(what=what, outcome=CheckOutcome.GOOD, found=library), *self._offers(status))

    def _offers(self, status: Status) -> tuple[Check, ...]:
        found = []
        if self._config.check_in:
            found.append(
                _check(
                    "it takes check-ins",
                    status.checkin,
                    "yes" if status.checkin else "its status says no",
                    "Let the library system allow check-in for this log-in, or set delivery.sip2.check_in = false.",
                )
            )
        if self._config.properties:
            found.append(
                _check(
                    "it takes item properties (message 19)",
                    status.status_update,
                    f"BX {status.supported or '(none)'}",
                    "It would not take them, so the station sends none; set delivery.sip2.properties = false.",
                )
            )
        institution = self._config.institution
        found.append(
            _check(
                "institution as configured",
                not status.institution or institution == status.institution,
                f"the server says {status.institution or '(none)'}, the settings {institution or '(none)'}",
                "Set delivery.sip2.institution to what the server says.",
            )
        )
        checks = {
            codec.Check.BYTES: "checksums as the standard has them",
            codec.Check.CODE_POINTS: "checksums over code points (accepted)",
            codec.Check.ABSENT: "no error detection: garbled answers cannot be told",
            codec.Check.EMPTY: "no error detection: garbled answers cannot be told",
        }
        found.append(_check("error detection", True, checks.get(status.checks, ""), ""))
        if self._config.tls == "none":
            found.append(_check("the line is encrypted", self._config.is_local, _plain(self._config), "Use tls."))
        return tuple(found)

    @property
    def _writes_properties(self) -> bool:
        """Asked for, and the server offers it (BX, the twelfth flag)."""
        if not self._config.properties:
            return False
        status = self._session.status or self._session.connect()
        return status.status_update

    def _properties(self, intent: ResultIntent, sending: Sending) -> Receipt:
        text = properties(intent)
        before = self._information(Barcode(intent.barcode))
        if before.first("CH") == text:
            return Receipt("item properties were so", unchanged=True)
        sending(_encoded(Witness("properties", before.fixed["circulation_status"])))
        answer = self._session.change(
            "19",
            {"transaction_date": self._session.now()},
            (("AO", self._config.institution), ("AB", intent.barcode), ("CH", text)),
        )
        self._same_item(answer, intent.barcode)
        if answer.fixed["ok"] != "1":
            raise Rejected("the SIP2 server refuses the item properties", body=_screen(answer))
        return Receipt("item properties sent")

    def _scan_in(self, delivery: Delivery, barcode: str, desk: str, sending: Sending) -> Receipt:
        before = self._information(Barcode(barcode))
        if record_of(Barcode(barcode), before) is None:
            raise Rejected(f"the SIP2 server knows no item {barcode}", body=_screen(before))
        status = before.fixed["circulation_status"]
        if status in ON_LOAN and delivery.decision is not Decision.SEND_OURS:
            raise Conflict(
                f"{barcode} is {_word(status)}: a check-in would end that loan",
                (("circulation status", "checked in", _word(status)),),
            )
        sending(_encoded(Witness("checkin", status)))
        now = self._session.now()
        answer = self._session.change(
            "09",
            {"no_block": "N", "transaction_date": now, "return_date": now},
            (("AP", desk), ("AO", self._config.institution), ("AB", barcode), ("AC", "")),
        )
        self._same_item(answer, barcode)
        if answer.fixed["ok"] != "1":
            raise Rejected("the SIP2 server refuses the check-in", body=_screen(answer))
        return Receipt(clean(f"checked in at {desk or 'no desk'}{_alert(answer)}", 500))

    def _information(self, barcode: Barcode) -> Message:
        answer = self._session.ask(
            "17",
            {"transaction_date": self._session.now()},
            (("AO", self._config.institution), ("AB", barcode)),
        )
        found = answer.first("AB")
        if found and found != barcode:
            raise Rejected(f"asked for {barcode}, the SIP2 server answered about {found}")
        return answer

    def _same_item(self, answer: Message, barcode: str) -> None:
        found = answer.first("AB")
        if found and found != barcode:
            raise InDoubt(f"{barcode} was sent, the SIP2 server answered about {found}")


def record_of(barcode: Barcode, answer: Message) -> ItemRecord | None:
    """What an Item Information Response says; None for an item that the server does not know.

    Unknown (section 3.5): no title and status 01, the barcode echoed. CS is the call number of Koha and Evergreen.
    """
    title, call_number = answer.first("AJ"), answer.first("CS")
    status = answer.fixed["circulation_status"]
    if not title and not call_number and status in ("", CirculationStatus.OTHER):
        return None
    return ItemRecord(
        barcode=barcode,
        title=title,
        call_number=call_number,
        call_number_source="SIP2 field CS" if call_number else "",
        call_number_reason="" if call_number else "SIP2 carries no call number here",
        library=answer.first("AQ"),
        location=answer.first("AP") or answer.first("CR"),
        material=MEDIA.get(answer.first("CK"), ""),
        origin=f"SIP2 ({_word(status)})",
    )


def properties(intent: ResultIntent) -> str:
    """The text for CH: short, ASCII, the same for the same result."""
    part = f" {intent.part}/{intent.parts}" if intent.parts > 1 else ""
    return f"RFID {intent.uid}{part}"


def _encoded(witness: Witness) -> str:
    return msgspec.json.encode(witness).decode()


def _witness(text: str) -> Witness | None:
    try:
        return msgspec.json.decode(text, type=Witness)
    except msgspec.DecodeError:
        return None


def _word(status: str) -> str:
    try:
        return CIRCULATION_WORDS[CirculationStatus(status)]
    except ValueError:
        return f"status {status or '(none)'}"


def _alert(answer: Message) -> str:
    """What the operator should know of the item's way: CV alert type, CT destination (sections 3.2, 2.3)."""
    if answer.fixed["alert"] != "Y":
        return ""
    kinds = {"01": "on hold here", "02": "on hold at another library", "03": "interlibrary loan", "04": "send on"}
    told = kinds.get(answer.first("CV"), "the library system gives an alert")
    place = answer.first("CT")
    return f"; {told}{f': {place}' if place else ''}"


def _screen(answer: Message) -> str:
    return " ".join((*answer.all("AF"), *answer.all("AG")))


def _check(what: str, good: bool, found: str, remedy: str) -> Check:
    outcome = CheckOutcome.GOOD if good else CheckOutcome.BAD
    return Check(what=what, outcome=outcome, found=clean(found), remedy="" if good else remedy)


def _plain(config: settings.Sip2) -> str:
    if config.is_local:
        return "plain, on this machine"
    return f"plain to {config.host}: the password can be read on the way"
