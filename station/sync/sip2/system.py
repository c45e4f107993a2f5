"""A library system with SIP2: look-up (17/18), check-in (09/10), item properties (19/20) if BX offers them.

What SIP2 cannot do (docs/reference/systems.md#sip2-limits): there is no message that writes a note, a tag id or a
holding. So a passed result is one or both of two things, as the settings say: the item is checked in at the station's
desk, and a short text goes into CH "item properties". A failed result has no place in SIP2: it stays in the journal.

Either is sent again only if re-reading shows that it did not happen. The effect of a check-in is visible in the
circulation status if that changed, the effect of a text in CH if the server shows CH at all. Otherwise the outcome is
unknown, and the delivery waits for a person. An item on loan is not checked in without a person's decision, since that
would end a loan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from station.base import settings
from station.base.errors import BarcodeUnknown, Conflict, InDoubt, Rejected, StationError, SyncError
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean, clean_sentence
from station.catalog.record.bound_with import is_host_title
from station.domain.deliveries.delivery import (
    Check,
    CheckOutcome,
    Confirmation,
    Delivery,
    Receipt,
    Sending,
    unwitnessed,
)
from station.domain.deliveries.intents import Decision, ResultIntent, ScanInIntent, item_of, kind
from station.domain.item import Barcode, ItemRecord
from station.domain.verdict import Verdict
from station.domain.withdrawals.stop_signs import TitleStanding
from station.sync.sip2 import codec
from station.sync.sip2.codec import Message
from station.sync.sip2.messages import CIRCULATION_WORDS, MEDIA, CirculationStatus
from station.sync.sip2.session import Session, Status

ON_LOAN: Final = frozenset({CirculationStatus.CHARGED, CirculationStatus.CHARGED_NO_RECALL, CirculationStatus.RECALLED})
PATRONS_HAVE: Final = ON_LOAN | {CirculationStatus.CLAIMED_RETURNED}
CHECKED_IN: Final = frozenset(
    {
        CirculationStatus.AVAILABLE,
        CirculationStatus.HOLD_SHELF,
        CirculationStatus.TO_RESHELVE,
        CirculationStatus.IN_TRANSIT,
    }
)
"""Possible states of an item after a check-in."""
_ALERTS: Final = {"01": "here", "02": "elsewhere", "03": "loan", "04": "send-on"}
"""CV alert type (docs/reference/systems.md#sip2-codes) -> end of the sentence's key."""


class Witness(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state that `confirm` needs after an unanswered change."""

    step: str
    """"properties" or "checkin"."""
    status: str
    """Circulation status before the change."""
    properties: str = ""
    """CH before the change; set for the step "properties"."""


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
        beside: Callable[[], tuple[Check, ...]] | None = None,
    ) -> None:
        """`complete` may add data to a live record that SIP2 does not carry (Voyager's item, the expected label).
        `close` calls `closing`. `beside` returns the checks of services other than SIP2."""
        self.name = name
        self._beside = beside
        self._closing = closing
        self._complete = complete
        self.kinds = frozenset({"result", "scan-in"})
        self._config = config
        self._session = session
        self._shows_properties = False
        """True after an answer with a text in CH. Many servers never show CH."""

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
        if self._closing is not None:
            self._closing()

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """Return the server's record of the item. Raises `BarcodeUnknown` or a `SyncError`."""
        answer = self._information(barcode)
        record = record_of(barcode, answer)
        if record is None:
            screen = " ".join(answer.all("AF"))
            answered = f"({screen})" if screen else ""
            raise BarcodeUnknown(Sentence.joined((Sentence("sip2.no-item", barcode=barcode), answered), " "))
        return self._complete(record) if self._complete is not None else record

    def title_standing(self, item: ItemRecord) -> TitleStanding:
        """Implement `ports.TitleReader`: SIP2 knows loan and hold shelf of the item, and no other items. A queue of
        requests (CF) is optional in SIP2: without it and off the hold shelf, requests are not known."""
        answer = self._information(item.barcode)
        if record_of(item.barcode, answer) is None:
            return TitleStanding(source=self.name)
        status, queue = answer.fixed["circulation_status"], answer.first("CF")
        requested = None
        if status in (CirculationStatus.HOLD_SHELF, CirculationStatus.RECALLED):
            requested = True
        elif queue.isascii() and queue.isdigit():
            requested = queue.strip("0") != ""
        known = status not in ("", CirculationStatus.OTHER)
        return TitleStanding(source=self.name, requested=requested, on_loan=status in PATRONS_HAVE if known else None)

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        """Carry out the intent; see the module."""
        intent = delivery.intent
        if isinstance(intent, ScanInIntent):
            return self._scan_in(delivery, intent.barcode, intent.desk or self._config.desk, sending)
        if not isinstance(intent, ResultIntent):
            raise Rejected(Sentence("sip2.no-message", kind=repr(kind(intent))))
        if intent.verdict is not Verdict.PASS:
            return Receipt(Sentence("sip2.failed-item"), unchanged=True)
        done: list[Receipt] = []
        if self._writes_properties:
            done.append(self._properties(intent, sending))
        if self._config.check_in and intent.whole:
            status = self._information(Barcode(intent.barcode)).fixed["circulation_status"]
            if status == CirculationStatus.AVAILABLE:
                done.append(Receipt(Sentence("sip2.available-already"), unchanged=True))
            else:
                done.append(self._scan_in(delivery, intent.barcode, self._config.desk, sending))
        if not done:
            return Receipt(Sentence("sip2.nothing-to-send"), unchanged=True)
        detail = Sentence.joined(receipt.detail for receipt in done)
        return Receipt(detail, unchanged=all(receipt.unchanged for receipt in done))

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Re-read; sends no change."""
        witness = _witness(delivery.witness)
        answer = self._information(Barcode(item_of(delivery.intent)))
        if witness is None:
            return self._confirm_unseen(delivery, answer)
        if witness.step == "properties":
            return self._confirm_properties(delivery, witness, answer.first("CH"))
        now = answer.fixed["circulation_status"]
        if now == witness.status:
            # A check-in ends a loan, so an item still on loan was not checked in. Any other status may be the same
            # afterwards.
            return Confirmation.NOT_LANDED if now in ON_LOAN else Confirmation.CANNOT_TELL
        return Confirmation.LANDED if now in CHECKED_IN else Confirmation.CANNOT_TELL

    def _confirm_unseen(self, delivery: Delivery, answer: Message) -> Confirmation:
        """Confirm without a witness: the delivery has landed only if it would send nothing now."""
        intent = delivery.intent
        if not isinstance(intent, ResultIntent):
            return Confirmation.CANNOT_TELL
        if intent.verdict is not Verdict.PASS:
            return Confirmation.NOT_LANDED  # a failed result sends nothing
        written = not self._writes_properties or answer.first("CH") == properties(intent)
        status = answer.fixed["circulation_status"]
        here = not (self._config.check_in and intent.whole) or status == CirculationStatus.AVAILABLE
        return Confirmation.LANDED if written and here else Confirmation.CANNOT_TELL

    def _confirm_properties(self, delivery: Delivery, witness: Witness, now: str) -> Confirmation:
        intent = delivery.intent
        if isinstance(intent, ResultIntent) and now == properties(intent):
            # The text is there and is not sent again; the check-in after it was not begun.
            return Confirmation.NOT_LANDED if self._config.check_in and intent.whole else Confirmation.LANDED
        if now != witness.properties or not self._shows_properties:
            return Confirmation.CANNOT_TELL  # another program's text, or a server that never shows CH
        return Confirmation.NOT_LANDED

    def check(self) -> tuple[Check, ...]:
        """Connect, log in, ask for the status, and check the services besides SIP2. Changes nothing."""
        what = Sentence("sync-check.sip2.answers")
        try:
            status = self._session.connect()
        except StationError as error:
            remedy = Sentence("sync-check.sip2.do.login")
            checks: tuple[Check, ...] = (
                Check(what=what, outcome=CheckOutcome.BAD, found=clean_sentence(error.detail), remedy=remedy),
            )
        else:
            library = status.library or Sentence("sync-check.sip2.no-library")
            names = Sentence("sync-check.sip2.library", library=library, institution=_or_none(status.institution))
            checks = (Check(what=what, outcome=CheckOutcome.GOOD, found=names), *self._offers(status))
        return checks + (self._beside() if self._beside is not None else ())

    def _offers(self, status: Status) -> tuple[Check, ...]:
        offers = []
        if self._config.check_in:
            offers.append(
                _check(
                    Sentence("sync-check.sip2.check-in"),
                    status.checkin,
                    Sentence("sync-check.sip2.yes" if status.checkin else "sync-check.sip2.no"),
                    Sentence("sync-check.sip2.do.check-in"),
                )
            )
        if self._config.properties:
            offers.append(
                _check(
                    Sentence("sync-check.sip2.properties"),
                    status.status_update,
                    Sentence.joined((Sentence.verbatim("BX"), _or_none(status.supported)), " "),
                    Sentence("sync-check.sip2.do.properties"),
                )
            )
        institution = self._config.institution
        offers.append(
            _check(
                Sentence("sync-check.sip2.institution"),
                not status.institution or institution == status.institution,
                Sentence(
                    "sync-check.sip2.institutions",
                    theirs=_or_none(status.institution),
                    ours=_or_none(institution),
                ),
                Sentence("sync-check.sip2.do.institution"),
            )
        )
        checks = {
            codec.Check.BYTES: "bytes",
            codec.Check.CODE_POINTS: "code-points",
            codec.Check.ABSENT: "absent",
            codec.Check.EMPTY: "absent",
        }
        seen = checks.get(status.checks)
        offers.append(
            _check(
                Sentence("sync-check.sip2.errors"), True, Sentence(f"sync-check.sip2.errors.{seen}") if seen else EMPTY
            )
        )
        if self._config.tls == "none":
            offers.append(
                _check(
                    Sentence("sync-check.sip2.encrypted"),
                    self._config.is_local,
                    _plain(self._config),
                    Sentence("sync-check.sip2.do.tls"),
                )
            )
        return tuple(offers)

    @property
    def _writes_properties(self) -> bool:
        """True if the settings ask for it and the server offers it (BX, the twelfth flag)."""
        if not self._config.properties:
            return False
        status = self._session.status or self._session.connect()
        return status.status_update

    def _properties(self, intent: ResultIntent, sending: Sending) -> Receipt:
        text = properties(intent)
        before = self._item(intent.barcode)
        if before.first("CH") == text:
            return Receipt(Sentence("sip2.properties-so"), unchanged=True)
        sending(_encoded(Witness("properties", before.fixed["circulation_status"], before.first("CH"))))
        answer = self._session.change(
            "19",
            {"transaction_date": self._session.now()},
            (("AO", self._config.institution), ("AB", intent.barcode), ("CH", text)),
        )
        self._same_item(answer, intent.barcode)
        if answer.fixed["ok"] != "1":
            raise Rejected(Sentence("sip2.refuses-properties"), body=_screen(answer))
        return Receipt(Sentence("sip2.properties-sent"))

    def _scan_in(self, delivery: Delivery, barcode: str, desk: str, sending: Sending) -> Receipt:
        before = self._item(barcode)
        status = before.fixed["circulation_status"]
        if status in ON_LOAN and delivery.decision is not Decision.SEND_OURS:
            raise Conflict(
                Sentence("sip2.on-loan", barcode=barcode, status=_word(status)),
                (("circulation status", "checked in", _word(status)),),  # not for people
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
            self._judge_refusal(answer, barcode, status)
        desk_name = desk or Sentence("sip2.no-desk")
        return Receipt(Sentence.joined((Sentence("sip2.checked-in", desk=desk_name), _alert(answer))))

    def _judge_refusal(self, answer: Message, barcode: str, before: str) -> None:
        """Read the item again after a check-in was answered with ok = 0. Raises `Rejected` if its status is the same,
        and `InDoubt` if the status does not tell.

        Koha answers so to a check-in that it carries out, if the item was not on loan
        (docs/reference/systems.md#koha-sip2).
        """
        try:
            now = self._information(Barcode(barcode)).fixed["circulation_status"]
        except SyncError as error:
            raise InDoubt(Sentence("sip2.refused-unread", why=error.coded_detail), body=_screen(answer)) from error
        if now == before:
            raise Rejected(Sentence("sip2.refuses-check-in", status=_word(now)), body=_screen(answer))
        if now not in CHECKED_IN:
            raise InDoubt(Sentence("sip2.refused-changed", status=_word(now)), body=_screen(answer))

    def _item(self, barcode: str) -> Message:
        """Return the answer to 17. Raises `Rejected` for an item unknown to the server: nothing is sent about it."""
        answer = self._information(Barcode(barcode))
        if record_of(Barcode(barcode), answer) is None:
            raise Rejected(Sentence("sip2.unknown", barcode=barcode), body=_screen(answer))
        return answer

    def _information(self, barcode: Barcode) -> Message:
        """Ask with 17. Raises `Rejected` unless the answer names exactly the item asked for."""
        answer = self._session.ask(
            "17",
            {"transaction_date": self._session.now()},
            (("AO", self._config.institution), ("AB", barcode)),
        )
        named = answer.all("AB")
        if named != (barcode,):
            other = ", ".join(filter(None, named))
            barcodes = clean(other, 200) or Sentence("sip2.no-barcode")
            raise Rejected(Sentence("sip2.asked-other", barcode=barcode, found=barcodes))
        self._shows_properties = self._shows_properties or bool(answer.first("CH"))
        return answer

    def _same_item(self, answer: Message, barcode: str) -> None:
        others = set(answer.all("AB")) - {"", barcode}
        if others:
            raise InDoubt(Sentence("sip2.sent-other", barcode=barcode, found=clean(", ".join(sorted(others)), 200)))


def record_of(barcode: Barcode, answer: Message) -> ItemRecord | None:
    """Return the record in an Item Information Response; None for an item unknown to the server.

    Unknown (docs/reference/systems.md#sip2-servers): no title and status 01, the barcode echoed. CS is the call number
    of Evergreen. Koha sends none (docs/reference/systems.md#koha-sip2).
    """
    title, call_number = answer.first("AJ"), answer.first("CS")
    status = answer.fixed["circulation_status"]
    if not title and not call_number and status in ("", CirculationStatus.OTHER):
        return None
    return ItemRecord(
        barcode=barcode,
        title="" if is_host_title(title) else title,
        call_number=call_number,
        call_number_source="SIP2 field CS" if call_number else "",
        call_number_reason=EMPTY if call_number else Sentence.verbatim("SIP2 carries no call number here"),
        library=answer.first("AQ"),
        location=answer.first("AP") or answer.first("CR"),
        material=MEDIA.get(answer.first("CK"), ""),
        origin=Sentence.verbatim(f"SIP2 ({_word(status)})"),
    )


def properties(intent: ResultIntent) -> str:
    """Return the text for CH: short, ASCII, the same for the same result."""
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


def _alert(answer: Message) -> Sentence:
    """Return a notice about the item's next stop: CV alert type, CT destination
    (docs/reference/systems.md#sip2-codes)."""
    if answer.fixed["alert"] != "Y":
        return EMPTY
    alert = Sentence(f"sip2.alert.{_ALERTS.get(answer.first('CV'), 'other')}")
    return Sentence.joined((alert, Sentence.verbatim(clean(answer.first("CT"), 200))), ": ")


def _screen(answer: Message) -> str:
    return " ".join((*answer.all("AF"), *answer.all("AG")))


def _check(what: Sentence, good: bool, sentence: Sentence, remedy: Sentence = EMPTY) -> Check:
    outcome = CheckOutcome.GOOD if good else CheckOutcome.BAD
    return Check(what=what, outcome=outcome, found=sentence, remedy=EMPTY if good else remedy)


def _or_none(text: str) -> Sentence:
    return Sentence.verbatim(clean(text)) if text else Sentence("sync-check.sip2.none")


def _plain(config: settings.Sip2) -> Sentence:
    if config.is_local:
        return Sentence("sync-check.sip2.plain-here")
    return Sentence("sync-check.sip2.plain", host=config.host)
