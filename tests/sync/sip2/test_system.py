"""SIP2 as a library system: records, check-ins that are never repeated, item properties, what is in doubt, `check`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest

from station.base import settings
from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import BarcodeUnknown, Conflict, InDoubt, Rejected, SettingsError, Unreachable
from station.domain.deliveries.delivery import CheckOutcome, Confirmation, Delivery, DeliveryState, Receipt
from station.domain.deliveries.intents import Decision, Intent, NoteIntent, ResultIntent, ScanInIntent, item_of
from station.domain.item import Barcode, ItemRecord
from station.domain.verdict import Verdict
from station.sync.courier.courier import Courier
from station.sync.sip2.opening import open_sip2
from station.sync.sip2.system import Sip2
from tests.conftest import FakeClock
from tests.support.told import raises_told, told
from tests.sync.fakes import MemoryOutbox
from tests.sync.sip2.test_session import ITEM, Bed

UID = "E004015012345678"
RESULT = ResultIntent(barcode=ITEM, uid=UID, part=1, parts=1, verdict=Verdict.PASS, whole=True)
SCAN_IN = ScanInIntent(barcode=ITEM, desk="TS")


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    made = Bed(tmp_path)
    yield made
    made.emulator.stop()


def system(bed: Bed, **more: object) -> Sip2:
    given = {
        "enabled": True, "host": "127.0.0.1", "port": bed.emulator.ready["port"], "tls": "none", "user": "station",
        "institution": "MAIN", "desk": "TS", "check_in": True, "timeout_s": 20.0, **more,
    }  # fmt: skip
    config = msgspec.convert(given, settings.Sip2)
    return open_sip2(
        config, Path(), SystemClock(), lambda: Secret("s3cret"), bib=lambda _: "", complete=lambda record: record
    )


def delivery(intent: Intent, witness: str = "", decision: Decision | None = None) -> Delivery:
    return Delivery(
        id="j-1-sip2", system="sip2", lane=item_of(intent), state=DeliveryState.LEASED, intent=intent, event_seq=1,
        event_at="2026-11-25T10:00:00.000000+00:00", witness=witness, decision=decision,
    )  # fmt: skip


class Sent:
    """A `Sending` that records its witnesses."""

    def __init__(self) -> None:
        self.witnesses: list[str] = []

    def __call__(self, witness: str) -> None:
        self.witnesses.append(witness)


def carried(bed: Bed, intent: Intent, **more: object) -> Receipt:
    made = system(bed, **more)
    try:
        return made.deliver(delivery(intent))
    finally:
        made.close()


def test_record(bed: Bed) -> None:
    made = system(bed)
    record = made.look_up(Barcode(ITEM))
    assert (record.title, record.call_number, record.call_number_source) == (
        "Führer für Gäste",
        "QA76 .S5 2020",
        "SIP2 field CS",
    )
    assert (record.library, record.location, record.material, told(record.origin)) == (
        "MAIN",
        "MAIN",
        "book",
        "SIP2 (in process)",
    )
    with raises_told(BarcodeUnknown, match="no such item"):
        made.look_up(Barcode("39999000000000"))
    made.close()


@pytest.mark.parametrize(
    ("status", "queue", "on_loan", "requested"),
    [
        ("03", None, False, None),
        ("04", "0000", True, False),
        ("11", "2", True, True),
        ("08", None, False, True),
        ("07", "0", True, True),
        ("01", None, None, None),
    ],
)
def test_loan_and_requests_as_far_as_sip2_shows_them(
    bed: Bed, status: str, queue: str | None, on_loan: bool | None, requested: bool | None
) -> None:
    """Without the length of the queue (CF), an item off the hold shelf may be requested all the same."""
    bed.emulator.call("edit", barcode=ITEM, field="status", value=status)
    if queue is not None:
        bed.emulator.call("edit", barcode=ITEM, field="queue", value=queue)
    made = system(bed)
    standing = made.title_standing(ItemRecord(barcode=Barcode(ITEM)))
    made.close()
    assert (standing.source, standing.on_loan, standing.requested) == ("sip2", on_loan, requested)
    assert standing.libraries is None, "SIP2 knows no other items"


def test_a_pass_is_checked_in_once_it_is_whole(bed: Bed) -> None:
    part = msgspec.structs.replace(RESULT, part=1, parts=2, whole=False)
    assert carried(bed, part).unchanged
    assert bed.effects == []
    assert told(carried(bed, RESULT).detail) == "checked in at TS"
    assert told(carried(bed, RESULT).detail) == "the item was available already"
    assert bed.effects == [{"what": "checkin", "barcode": ITEM, "before": "06", "after": "03"}]


def test_a_failed_item_changes_nothing(bed: Bed) -> None:
    assert carried(bed, msgspec.structs.replace(RESULT, verdict=Verdict.FAIL, whole=False)).unchanged
    assert bed.effects == []


def test_properties_only_where_bx_says_so(bed: Bed) -> None:
    wanted = {"check_in": False, "properties": True}
    assert carried(bed, RESULT, **wanted).unchanged
    bed.set("bx", "NNYNYYYNNNYYNNNN")
    assert told(carried(bed, RESULT, **wanted).detail) == "item properties sent"
    assert told(carried(bed, RESULT, **wanted).detail) == "item properties were already right"
    assert bed.effects == [{"what": "properties", "barcode": ITEM, "value": f"RFID {UID}"}]


@pytest.mark.parametrize(("server", "said"), [("close", "closed the connection"), ("none", "no end of the answer")])
def test_a_server_that_has_no_19_whatever_its_bx_says(bed: Bed, server: str, said: str) -> None:
    """Section 3.5, row "unsupported message (19)": SIP2Mediator closes the connection, invenio-sip2 writes `None`.
    Neither shows whether the change happened, so it is sent once."""
    bed.set("unsupported", server)
    bed.set("bx", "NNYNYYYNNNYYNNNN")
    made, sent = system(bed, check_in=False, properties=True, timeout_s=1.0 if server == "none" else 20.0), Sent()
    made.look_up(Barcode(ITEM))
    bed.set("bx", "NNYNYYYNNNYNNNNN")  # the capabilities given at the log-in are not kept
    with raises_told(InDoubt, match=said):
        made.deliver(delivery(RESULT), sent)
    assert sum(line[:2] == b"19" for line in bed.wire) == 1
    assert made.confirm(delivery(RESULT, sent.witnesses[0])) is Confirmation.CANNOT_TELL
    assert bed.effects == []
    made.close()


def kept(bed: Bed, what: str, **more: object) -> Delivery:
    """Deliver a result whose 19 meets this fault once. Return the delivery."""
    bed.set("bx", "NNYNYYYNNNYYNNNN")
    made = system(bed, properties=True, **more)
    clock, outbox = FakeClock(), MemoryOutbox(msgspec.structs.replace(delivery(RESULT), state=DeliveryState.PENDING))
    courier = Courier(outbox, {"sip2": made}, clock, Random(1))
    bed.next(what, only="19")
    for _ in range(30):
        clock.seconds += courier.step() + 1
    made.close()
    return outbox.rows["j-1-sip2"]


@pytest.mark.parametrize("shown", [False, True])
@pytest.mark.parametrize("what", ["close-before", "close-after"])
def test_a_lost_19_is_sent_again_only_where_it_is_seen_not_to_be_there(bed: Bed, what: str, shown: bool) -> None:
    if shown:
        bed.emulator.call("edit", barcode=ITEM, field="properties", value="theirs")
    row = kept(bed, what)
    written = [effect["value"] for effect in bed.effects if effect["what"] == "properties"]
    times = sum(line[:2] == b"19" for line in bed.wire)
    if what == "close-before" and not shown:
        assert (row.state, row.reason) == (DeliveryState.PARKED, "cannot-tell")
        assert (times, bed.effects) == (1, []), "it is unknown whether it happened"
    else:
        assert row.state is DeliveryState.DELIVERED
        assert times == (2 if what == "close-before" else 1)
        assert written == [f"RFID {UID}"], "once"
        assert bed.effects[-1]["what"] == "checkin", "the check-in after it must be sent, too"


def test_a_lost_19_that_is_there_is_done(bed: Bed) -> None:
    assert told(kept(bed, "close-after", check_in=False).detail) == "confirmed by re-reading"
    assert len(bed.effects) == 1


def test_properties_that_somebody_else_changed_meanwhile_are_left(bed: Bed) -> None:
    made, sent = system(bed, check_in=False, properties=True), Sent()
    bed.set("bx", "NNYNYYYNNNYYNNNN")
    bed.next("close-after", only="19")
    with pytest.raises(InDoubt):
        made.deliver(delivery(RESULT), sent)
    bed.emulator.call("edit", barcode=ITEM, field="properties", value="theirs")
    assert made.confirm(delivery(RESULT, sent.witnesses[0])) is Confirmation.CANNOT_TELL
    made.close()


@pytest.mark.parametrize("status", ["04", "05", "07"])
def test_a_loan_is_not_ended_without_a_word(bed: Bed, status: str) -> None:
    bed.emulator.call("edit", barcode=ITEM, field="status", value=status)
    with pytest.raises(Conflict) as caught:
        carried(bed, SCAN_IN)
    assert caught.value.sides[0][:2] == ("circulation status", "checked in")
    assert bed.effects == []
    made = system(bed)
    made.deliver(delivery(SCAN_IN, decision=Decision.SEND_OURS))
    made.close()
    assert [effect["what"] for effect in bed.effects] == ["checkin"]


@pytest.mark.parametrize(
    ("what", "before", "after", "confirmed"),
    [
        ("close-after", "06", "03", Confirmation.LANDED),
        ("close-after", "03", "03", Confirmation.CANNOT_TELL),
        ("silence", "06", "03", Confirmation.CANNOT_TELL),
        ("close-after", "06", "12", Confirmation.CANNOT_TELL),
    ],
)
def test_a_check_in_without_an_answer(bed: Bed, what: str, before: str, after: str, confirmed: Confirmation) -> None:
    bed.emulator.call("edit", barcode=ITEM, field="status", value=before)
    bed.set("checkin-status", after)
    made, sent = system(bed, timeout_s=1.0 if what == "silence" else 20.0), Sent()
    made.look_up(Barcode(ITEM))
    bed.next(what, only="09")
    with pytest.raises(InDoubt):
        made.deliver(delivery(SCAN_IN), sent)
    assert len(sent.witnesses) == 1 and json.loads(sent.witnesses[0]) == {"step": "checkin", "status": before}
    assert made.confirm(delivery(SCAN_IN, sent.witnesses[0])) is confirmed
    assert sum(line[:2] == b"09" for line in bed.wire) == 1
    made.close()


def test_still_on_loan_means_that_it_did_not_happen(bed: Bed) -> None:
    bed.emulator.call("edit", barcode=ITEM, field="status", value="04")
    made, sent = system(bed, timeout_s=1.0), Sent()
    bed.next("silence", only="09")
    with pytest.raises(InDoubt):
        made.deliver(delivery(SCAN_IN, decision=Decision.SEND_OURS), sent)
    assert made.confirm(delivery(SCAN_IN, sent.witnesses[0])) is Confirmation.NOT_LANDED
    made.close()


def test_a_witness_that_is_none(bed: Bed) -> None:
    """After an older journal was restored, a delivery counts as done only if it would not be sent now either."""
    made = system(bed)
    assert made.confirm(delivery(SCAN_IN)) is Confirmation.CANNOT_TELL
    failed = msgspec.structs.replace(RESULT, verdict=Verdict.FAIL, whole=False)
    assert made.confirm(delivery(failed)) is Confirmation.NOT_LANDED
    for status, answer in (("03", Confirmation.LANDED), ("06", Confirmation.CANNOT_TELL)):
        bed.emulator.call("edit", barcode=ITEM, field="status", value=status)
        assert made.confirm(delivery(RESULT)) is answer
    made.close()


def test_properties_without_a_witness_are_done_where_they_are_seen(bed: Bed) -> None:
    bed.set("bx", "NNYNYYYNNNYYNNNN")
    made = system(bed, check_in=False, properties=True)
    assert made.confirm(delivery(RESULT)) is Confirmation.CANNOT_TELL
    made.deliver(delivery(RESULT))
    assert made.confirm(delivery(RESULT)) is Confirmation.LANDED
    made.close()


def test_refused_with_the_servers_words(bed: Bed) -> None:
    bed.set("checkin-ok", "0")
    with raises_told(Rejected, match="refuses the check-in") as caught:
        carried(bed, SCAN_IN)
    assert caught.value.body == "Item not checked in" and "still in process" in told(caught.value.coded_detail)
    with raises_told(Rejected, match="has no item"):
        carried(bed, msgspec.structs.replace(SCAN_IN, barcode="39999000000000"))


@pytest.mark.parametrize("after", ["03", "12"])
def test_a_refused_check_in_that_was_carried_out(bed: Bed, after: str) -> None:
    """Koha answers ok = 0 to the check-in of an item that was not on loan, and carries it out."""
    bed.set("checkin-ok", "0")
    bed.set("refused-but-done", True)
    bed.set("checkin-status", after)
    if after == "03":
        assert told(carried(bed, SCAN_IN).detail) == "checked in at TS"
    else:
        with raises_told(InDoubt, match="changed to: lost"):
            carried(bed, SCAN_IN)
    assert [line[:2] for line in bed.wire if line[:2] in (b"17", b"09")] == [b"17", b"09", b"17"]


def test_a_refused_check_in_that_cannot_be_read_again_is_in_doubt(bed: Bed) -> None:
    bed.set("checkin-ok", "0")
    made = system(bed)
    with raises_told(InDoubt, match="reading the item failed: .*39999999999999"):
        made.deliver(delivery(SCAN_IN), lambda _witness: bed.next("other-item", only="17"))
    made.close()


def test_nothing_is_written_to_an_unknown_item(bed: Bed) -> None:
    bed.set("bx", "NNYNYYYNNNYYNNNN")
    unknown = msgspec.structs.replace(RESULT, barcode="39999000000000")
    with raises_told(Rejected, match="has no item"):
        carried(bed, unknown, check_in=False, properties=True)
    assert not any(line[:2] == b"19" for line in bed.wire)


@pytest.mark.parametrize(
    ("what", "named"), [("no-item", "no item"), ("empty-item", "no item"), ("two-items", f"{ITEM}, 39999999999999")]
)
def test_an_answer_that_does_not_name_the_item_alone(bed: Bed, what: str, named: str) -> None:
    made = system(bed)
    bed.next(what, only="17")
    with raises_told(Rejected, match=f"answered about {named}"):
        made.look_up(Barcode(ITEM))
    made.close()


def test_an_answer_about_another_item(bed: Bed) -> None:
    bed.next("other-item")
    with raises_told(Rejected, match="answered about 39999999999999"):
        carried(bed, SCAN_IN)
    bed.next("other-item", only="09")
    with raises_told(InDoubt, match="answered about 39999999999999"):
        carried(bed, SCAN_IN)


def test_what_sip2_has_no_message_for(bed: Bed) -> None:
    with raises_told(Rejected, match="'note'"):
        carried(bed, NoteIntent(barcode=ITEM, text="x"))


def test_check_says_what_is_missing(bed: Bed) -> None:
    made = system(bed, properties=True, institution="OTHER")
    found = {told(line.what): line for line in made.check()}
    assert found["it accepts check-ins"].outcome is CheckOutcome.GOOD
    assert found["it accepts item properties (message 19)"].outcome is CheckOutcome.BAD
    assert found["institution as configured"].outcome is CheckOutcome.BAD
    assert told(found["institution as configured"].found) == "the server says MAIN, the settings OTHER"
    bed.emulator.call("down")
    [only] = made.check()
    assert only.outcome is CheckOutcome.BAD and "127.0.0.1" in told(only.found)
    made.close()


def test_down(bed: Bed) -> None:
    bed.emulator.call("down")
    with pytest.raises(Unreachable):
        carried(bed, SCAN_IN)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"host": ""}, "host"),
        ({"tls": "pinned"}, "pinned_sha256"),
        ({"tls": "system", "ca_file": "none.pem"}, "ca_file"),
        ({"voyager_url": "http://voyager.example.edu/vxws"}, "https"),
        ({"voyager_url": "voyager.example.edu"}, "voyager_url"),
        *(({"delimiter": char}, "delimiter") for char in ("\u00e9", "A", "7", " ", "\r", "\n", "\0")),
    ],
)
def test_settings_that_cannot_work(bed: Bed, more: dict[str, object], why: str) -> None:
    with raises_told(SettingsError, match=why):
        system(bed, **more)
