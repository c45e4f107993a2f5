"""Scan-in, withdrawal and set members at the adapter: done once, or parked if the result cannot be found out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from station.base import settings, words
from station.base.credentials import Secret
from station.base.errors import BarcodeUnknown, Conflict, InDoubt, Rejected
from station.domain.deliveries.delivery import CheckOutcome, Confirmation, Delivery
from station.domain.deliveries.intents import (
    Bib,
    Decision,
    FactsIntent,
    Holdings,
    Intent,
    MembersIntent,
    MoveIntent,
    ScanInIntent,
    Side,
    WithdrawIntent,
    item_of,
)
from station.domain.item import Barcode, ItemRecord
from station.sync.alma.kept import kept_words
from station.sync.alma.mapping import parse
from station.sync.alma.system import Alma
from tests.conftest import FakeClock
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.told import raises_told, told
from tests.sync.alma.test_mapping import SITE
from tests.sync.fakes import delivery

BEGIN = ScanInIntent(barcode="1", library="MAIN", department="TECHSERV", work_order_type="RFID")
END = ScanInIntent(barcode="1", library="MAIN", department="TECHSERV", work_order_type="RFID", done=True)
DESK = ScanInIntent(barcode="1", library="MAIN", desk="DEFAULT_CIRC_DESK")
Make = Callable[..., Alma]


@pytest.fixture
def make(alma: AlmaProcess) -> Iterator[Make]:
    """Return a function that makes adapters with the given settings."""
    made: list[Alma] = []

    def one(mapping: str = "", reason_field: str = "", **config: Any) -> Alma:
        options = settings.Alma(base_url=alma.base_url, **config)
        table = parse(mapping, "m.toml") if mapping else None
        made.append(Alma(options, lambda: Secret(CANARY), FakeClock(), mapping=table, reason_field=reason_field))
        return made[-1]

    yield one
    for adapter in made:
        adapter.close()


@pytest.fixture
def adapter(make: Make) -> Alma:
    return make()


def of(intent: Intent, number: int = 1, **more: Any) -> Delivery:
    return msgspec.structs.replace(delivery(number, lane=item_of(intent)), intent=intent, **more)


def unanswered(adapter: Alma, intent: Intent) -> Delivery:
    """Deliver the intent without an answer. Return the delivery with its witness."""
    said: list[str] = []
    with pytest.raises(InDoubt):
        adapter.deliver(of(intent), said.append)
    return of(intent, witness=said[-1], sent=True)


# --- scan-in ----------------------------------------------------------------------------------------------------------


def test_scan_in_and_its_state_from_the_item(adapter: Alma, alma: AlmaProcess) -> None:
    receipt = adapter.deliver(of(BEGIN))
    assert told(receipt.detail).startswith("scanned in: process_type WORK_ORDER_DEPARTMENT, work_order_type RFID")
    adapter.deliver(of(END, 2))
    assert [row["params"].get("done", "") for row in alma.effects("scan-in")] == ["", "true"]
    assert alma.do("log")["in_house_uses"] == 0


def test_the_sites_place_stands_in_where_the_intent_says_none(make: Make, alma: AlmaProcess) -> None:
    adapter = make(library="MAIN", department="TECHSERV", work_order_type="RFID")
    adapter.deliver(of(ScanInIntent(barcode="1")))
    adapter.deliver(of(ScanInIntent(barcode="1", desk="DEFAULT_CIRC_DESK"), 2))
    first, second = (row["params"] for row in alma.effects("scan-in"))
    assert (first["department"], first["work_order_type"]) == ("TECHSERV", "RFID")
    assert (second["circ_desk"], second.get("department"), second.get("work_order_type")) == (
        "DEFAULT_CIRC_DESK", None, None,
    )  # fmt: skip
    with raises_told(Rejected, match="needs a library"):
        make().deliver(of(ScanInIntent(barcode="1"), 3))


@pytest.mark.parametrize(
    ("fault", "answer"),
    [("drop-answer-after-effect", Confirmation.LANDED), ("drop-before-effect", Confirmation.NOT_LANDED)],
)
def test_a_work_order_that_begins_can_be_seen(
    adapter: Alma, alma: AlmaProcess, fault: str, answer: Confirmation
) -> None:
    alma.do(fault, n=1)
    row = unanswered(adapter, BEGIN)
    assert adapter.confirm(row) is answer
    alma.do("edit", barcode="1", field="process_type", value={"value": "MISSING", "desc": None})
    assert adapter.confirm(row) is Confirmation.CANNOT_TELL, "another person changed the item"


@pytest.mark.parametrize("intent", [DESK, END])
@pytest.mark.parametrize("fault", ["drop-answer-after-effect", "drop-before-effect"])
def test_a_scan_in_without_a_visible_effect_cannot_be_told(
    adapter: Alma, alma: AlmaProcess, intent: ScanInIntent, fault: str
) -> None:
    """The item looks the same before and after, so it is never sent again automatically."""
    alma.do(fault, n=1)
    assert adapter.confirm(unanswered(adapter, intent)) is Confirmation.CANNOT_TELL
    assert sum(method == "POST" for method, _ in alma.asked()) == 1


@pytest.mark.parametrize("intent", [DESK, END])
@pytest.mark.parametrize("fault", ["drop-answer-after-effect", "drop-before-effect"])
def test_a_work_order_that_ends_can_be_seen(adapter: Alma, alma: AlmaProcess, intent: ScanInIntent, fault: str) -> None:
    adapter.deliver(of(BEGIN, 7))
    alma.do(fault, n=1)
    happened = fault == "drop-answer-after-effect"
    expected = Confirmation.LANDED if happened else Confirmation.NOT_LANDED
    assert adapter.confirm(unanswered(adapter, intent)) is expected


def test_scan_in_again_where_it_is_already_cannot_be_told(adapter: Alma, alma: AlmaProcess) -> None:
    adapter.deliver(of(BEGIN, 7))
    alma.do("drop-before-effect", n=1)
    assert adapter.confirm(unanswered(adapter, BEGIN)) is Confirmation.CANNOT_TELL


def test_state_that_cannot_be_read_again_leaves_the_scan_in_done(adapter: Alma, alma: AlmaProcess) -> None:
    alma.do("status", n=1, method="GET", after=2)
    receipt = adapter.deliver(of(BEGIN))
    assert told(receipt.detail).startswith("scanned in; its state could not be read again")
    assert len(alma.effects("scan-in")) == 1


# --- withdrawal -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("holdings", list(Holdings))
def test_withdrawal_and_what_becomes_of_the_holdings(adapter: Alma, alma: AlmaProcess, holdings: Holdings) -> None:
    receipt = adapter.deliver(of(WithdrawIntent(barcode="1", holdings=holdings)))
    assert holdings.value in told(receipt.detail)
    assert alma.effects("withdraw")[0]["holdings"] == holdings.value
    with raises_told(Rejected, match="401689"):
        adapter.deliver(of(WithdrawIntent(barcode="1", holdings=holdings)))
    assert len(alma.effects("withdraw")) == 1


@pytest.mark.parametrize("fault", ["drop-answer-after-effect", "drop-before-effect", "html"])
def test_an_unanswered_withdrawal_is_looked_up(adapter: Alma, alma: AlmaProcess, fault: str) -> None:
    alma.do(fault, n=1, method="DELETE")
    row = unanswered(adapter, WithdrawIntent(barcode="1"))
    gone = fault == "drop-answer-after-effect"
    assert adapter.confirm(row) is (Confirmation.LANDED if gone else Confirmation.NOT_LANDED)
    alma.reset({"1": fictitious(pid=99)})
    assert adapter.confirm(row) is Confirmation.LANDED, "another item must have the barcode now"


def test_an_item_on_loan_is_a_persons_decision(adapter: Alma, alma: AlmaProcess) -> None:
    alma.do("loan", barcode="1")
    with raises_told(Conflict, match=r": Alma still lists this item as on loan\. Nothing was deleted\.$") as caught:
        adapter.deliver(of(WithdrawIntent(barcode="1")))
    ((field, ours, theirs),) = caught.value.sides
    assert (field, ours) == ("process", "withdrawn")
    assert alma.effects() == []
    row = of(WithdrawIntent(barcode="1"), decision=Decision.SEND_OURS, sides=(Side(field, ours, theirs),))
    alma.do("edit", barcode="1", field="process_type", value={"value": "HOLDSHELF", "desc": None})
    with raises_told(Conflict, match="hold shelf"):
        adapter.deliver(row)
    alma.do("loan", barcode="1")
    adapter.deliver(row)
    assert len(alma.effects("withdraw")) == 1


PROCESSES = (
    "LOAN",
    "LOST_LOAN",
    "LOST_LOAN_AND_PAID",
    "LOST_ILL",
    "CLAIM_RETURNED_LOAN",
    "HOLDSHELF",
    "TRANSIT",
    "ILL",
)
MORE = ("ACQ", "REQUESTED", "WORK_ORDER_DEPARTMENT", "TECHNICAL", "TRANSIT_TO_REMOTE_STORAGE", "MISSING")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("process", [*PROCESSES, *MORE, "\x1b[2JPENDING_[b]X"])
def test_a_process_is_told_in_plain_short_sentences(process: str, language: str) -> None:
    words.speak(language)
    text = told(kept_words(process, requested=process == "MISSING"))
    known = process in PROCESSES or process in MORE
    assert known != ("PENDING_[b]X" in text) and "\x1b" not in text
    for sentence in filter(None, re.split(r"[.;]\s*", text)):
        assert len(sentence.split()) <= 12, sentence
        assert not known or not re.search(r"[A-Z]{2}|_|\d", sentence), sentence


def test_a_requested_item_is_a_persons_decision_too(adapter: Alma, alma: AlmaProcess) -> None:
    alma.do("edit", barcode="1", field="requested", value=True)
    with raises_told(Conflict, match=r": Somebody requested this item in Alma\. Nothing was deleted\.$"):
        adapter.deliver(of(WithdrawIntent(barcode="1")))
    assert [method for method, _ in alma.asked()] == ["GET", "GET"]


def test_a_missing_item_may_go_and_the_last_one_takes_its_records_along(adapter: Alma, alma: AlmaProcess) -> None:
    alma.do("lose", barcode="1")
    adapter.deliver(of(WithdrawIntent(barcode="1", holdings=Holdings.DELETE, bib=Bib.DELETE)))
    assert [row["kind"] for row in alma.effects()] == ["withdraw", "holding-delete", "bib-delete"]


def test_a_loan_that_no_override_ends_is_rejected(adapter: Alma, alma: AlmaProcess) -> None:
    alma.do("loan", barcode="1")
    alma.do("hard-loans", on=True)
    with raises_told(Conflict, match="on loan") as caught:
        adapter.deliver(of(WithdrawIntent(barcode="1")))
    sides = tuple(Side(*side) for side in caught.value.sides)
    with raises_told(Rejected, match="End the loan, request or work order in Alma"):
        adapter.deliver(of(WithdrawIntent(barcode="1"), decision=Decision.SEND_OURS, sides=sides))
    assert alma.effects() == []


def test_what_alma_refuses_is_overridden_only_as_it_was_shown(adapter: Alma, alma: AlmaProcess) -> None:
    """A request that the item object does not show: Alma's words are what the person decides about."""
    alma.do("error", n=2, code="401849", method="DELETE")
    with raises_told(Conflict, match="a loan, request or work order remains") as caught:
        adapter.deliver(of(WithdrawIntent(barcode="1")))
    ((field, _, theirs),) = caught.value.sides
    assert (field, theirs) == ("refusal", "ordered by the test"), "no number of the request"
    other = of(WithdrawIntent(barcode="1"), decision=Decision.SEND_OURS, sides=(Side(field, "", "another"),))
    with raises_told(Conflict, match="did not delete it") as again:
        adapter.deliver(other)
    assert "401849" in again.value.body, "a technician can read Alma's answer"
    assert overrides(alma) == ["false", "false"], "nobody saw this refusal"
    alma.do("error", n=1, code="401849", method="DELETE")
    adapter.deliver(of(WithdrawIntent(barcode="1"), decision=Decision.SEND_OURS, sides=(Side(field, "", theirs),)))
    assert overrides(alma)[2:] == ["false", "true"]
    assert len(alma.effects("withdraw")) == 1


def overrides(alma: AlmaProcess) -> list[str]:
    return [row["query"]["override"] for row in alma.do("log")["requests"] if row["method"] == "DELETE"]


def test_the_fate_of_the_record_is_said_only_with_deleted_holdings(adapter: Alma, alma: AlmaProcess) -> None:
    alma.reset({"1": fictitious(), "2": fictitious("2", pid=24)})
    receipt = adapter.deliver(of(WithdrawIntent(barcode="1", holdings=Holdings.DELETE, bib=Bib.SUPPRESS)))
    assert told(receipt.detail) == "withdrawn; the holdings record stays", "another item is in it"
    adapter.deliver(of(WithdrawIntent(barcode="2", bib=Bib.DELETE), 2))
    queries = [row["query"] for row in alma.do("log")["requests"] if row["method"] == "DELETE"]
    assert [(row["holdings"], row.get("bib")) for row in queries] == [("delete", "suppress"), ("retain", None)]


@pytest.mark.parametrize("fault", ["drop-answer-after-effect", "drop-before-effect"])
def test_the_reason_is_written_once_before_the_item_is_deleted(make: Make, alma: AlmaProcess, fault: str) -> None:
    adapter = make(reason_field="statistics_note_3")
    intent = WithdrawIntent(barcode="1", reason="weeded")
    alma.do(fault, n=1, method="PUT")
    row = unanswered(adapter, intent)
    assert adapter.confirm(row) is Confirmation.NOT_LANDED, "only the reason may be there"
    adapter.deliver(row)
    assert [effect["kind"] for effect in alma.effects()] == ["item-put", "withdraw"]
    assert 'says "weeded"' in alma.effects("item-put")[0]["after"]["item_data.statistics_note_3"]
    assert adapter.confirm(row) is Confirmation.LANDED


def test_a_process_that_begins_after_the_reason_stops_the_deletion(make: Make, alma: AlmaProcess) -> None:
    adapter = make(reason_field="statistics_note_3")
    """Alma itself would delete an item in transit."""
    away = {"value": "TRANSIT", "desc": None}
    alma.do("edit-between", when="put-get", barcode="1", field="process_type", value=away)
    with raises_told(Conflict, match="in transit"):
        adapter.deliver(of(WithdrawIntent(barcode="1", reason="weeded")))
    assert [row["kind"] for row in alma.effects()] == ["item-put"], "the reason is there, and nothing more"


# --- title ------------------------------------------------------------------------------------------------------------


def test_the_other_items_of_a_title_are_read_by_library_without_the_lost_ones(adapter: Alma, alma: AlmaProcess) -> None:
    """More items than a page holds; one is missing, and one is in another library."""
    items = {str(n): fictitious(str(n), 100 + n) for n in range(103)}
    items["1"]["item_data"]["library"] = {"value": "EAST", "desc": "East"}
    alma.reset(items)
    alma.do("lose", barcode="2")
    alma.do("loan", barcode="0")
    alma.do("request", barcode="0")
    standing = adapter.title_standing(ItemRecord(barcode=Barcode("0")))
    assert (standing.source, standing.on_loan, standing.requested) == ("alma", True, True)
    assert standing.libraries is not None
    assert (standing.libraries.count("MAIN"), standing.libraries.count("EAST")) == (100, 1)
    quiet = adapter.title_standing(ItemRecord(barcode=Barcode("3")))
    assert (quiet.on_loan, quiet.requested) == (False, False)
    with raises_told(BarcodeUnknown, match="401689"):
        adapter.title_standing(ItemRecord(barcode=Barcode("nobody")))


# --- moves ------------------------------------------------------------------------------------------------------------


def test_a_moved_item_is_read_again_by_its_barcode(adapter: Alma, alma: AlmaProcess) -> None:
    """It is in another holdings record afterwards, so that its old address is gone."""
    adapter.deliver(of(MoveIntent(barcode="1", library="EAST", location="reserve")))
    moved = alma.item("1")
    assert [moved["item_data"][name]["value"] for name in ("library", "location")] == ["EAST", "reserve"]
    assert moved["holding_data"]["holding_id"] != "22"
    assert adapter.deliver(of(MoveIntent(barcode="1", library="EAST"), 2)).unchanged
    adapter.deliver(of(MoveIntent(barcode="1", location="stacks"), 3))
    assert alma.item("1")["item_data"]["library"]["value"] == "EAST", "what is not named stays"


# --- members ----------------------------------------------------------------------------------------------------------


def test_the_barcodes_of_a_set_are_those_of_its_members(adapter: Alma, alma: AlmaProcess) -> None:
    alma.reset({str(n): fictitious(str(n), 100 + n) for n in range(3)})
    made = adapter._sets.create("weeding")
    adapter.deliver(of(MembersIntent(set_id=made.id, barcodes=("0", "2"))))
    assert adapter.set_barcodes(made.id, 2) == ("0", "2")
    before = len(alma.asked())
    with raises_told(Rejected, "has 2 members; the most are 1"):
        adapter.set_barcodes(made.id, 1)
    assert not [path for _, path in alma.asked()[before:] if path.endswith("/members")], "Alma told the number before"
    with pytest.raises(Rejected):
        adapter.set_barcodes("999999", 2)


def test_a_set_that_has_grown_since_it_was_counted_is_refused(
    adapter: Alma, alma: AlmaProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    alma.reset({str(n): fictitious(str(n), 100 + n) for n in range(3)})
    made = adapter._sets.create("weeding")
    adapter.deliver(of(MembersIntent(set_id=made.id, barcodes=("0", "1", "2"))))
    monkeypatch.setattr(adapter._sets, "get", lambda _: msgspec.structs.replace(made, members=1))
    with raises_told(Rejected, "has 3 members; the most are 2"):
        adapter.set_barcodes(made.id, 2)


def test_a_set_of_titles_has_no_barcodes(adapter: Alma) -> None:
    fields = {"name": "titles", "type": {"value": "ITEMIZED"}, "content": {"value": "BIB_MMS"}}
    made = msgspec.json.decode(adapter.client.send("/almaws/v1/conf/sets", fields).body)
    with raises_told(Rejected, r"does not hold physical items \(BIB_MMS\)"):
        adapter.set_barcodes(made["id"], 2)


def test_members_are_added_once_and_the_unknown_are_named(adapter: Alma, alma: AlmaProcess) -> None:
    alma.reset({str(n): fictitious(str(n), 100 + n) for n in range(5)})
    made = adapter._sets.create("s")
    members = MembersIntent(set_id=made.id, barcodes=("0", "1", "2"))
    assert adapter.confirm(of(members)) is Confirmation.NOT_LANDED
    alma.do("drop-answer-after-effect", n=1)
    row = unanswered(adapter, members)
    assert adapter.confirm(row) is Confirmation.LANDED
    assert adapter.deliver(row).unchanged
    with raises_told(Rejected, match="1 became members; Alma has no items for 1: nobody"):
        adapter.deliver(of(MembersIntent(set_id=made.id, barcodes=("3", "nobody"))))
    assert [len(effect["pids"]) for effect in alma.effects("set-add")] == [3, 1]


@pytest.mark.parametrize(
    ("intent", "method"),
    [(FactsIntent(barcode="1", condition="TORN"), "PUT"), (BEGIN, "POST"), (WithdrawIntent(barcode="1"), "DELETE")],
    ids=["put", "scan-in", "withdrawal"],
)
def test_a_general_error_after_a_change_is_in_doubt_and_the_change_not_sent_again(
    make: Make, alma: AlmaProcess, intent: Intent, method: str
) -> None:
    """A question may be repeated after 401652 (docs/reference/systems.md#alma-scan-in), a change never."""
    adapter = make(mapping=SITE.replace('"RELABEL"', '"TORN"'))
    alma.do("error", n=1, code="401652", method=method)
    with raises_told(InDoubt, match="401652"):
        adapter.deliver(of(intent))
    assert [asked for asked, _ in alma.asked()].count(method) == 1
    assert alma.effects() == []


# --- sync check -------------------------------------------------------------------------------------------------------


def found(adapter: Alma) -> dict[str, tuple[CheckOutcome, str]]:
    return {told(check.what): (check.outcome, told(check.found)) for check in adapter.check()}


@pytest.mark.parametrize("form", ["xml", "json"])
def test_check_says_all_is_well(make: Make, alma: AlmaProcess, form: str) -> None:
    """Alma's tests of a key answer in XML, also to a client that asks for JSON (docs/reference/systems.md#alma-keys)."""
    alma.do("tests-as", **{"as": form})
    checks = found(make(mapping=SITE, library="MAIN", department="TECHSERV"))
    outcomes = {what: outcome for what, (outcome, _) in checks.items()}
    assert "the key may change sets" in outcomes
    assert set(outcomes.values()) == {CheckOutcome.GOOD}, outcomes
    assert {"library MAIN exists", "department TECHSERV exists", "physical condition RELABEL exists"} <= set(outcomes)
    assert "inventory_number = {uid}" in checks["the mapping main gives fields that the station may own"][1]
    assert alma.effects() == []


@pytest.mark.parametrize(
    ("rights", "bad"),
    [
        (["bibs:read"], ["the key may change items", "the key may read configuration"]),
        (["bibs:read", "bibs:write"], ["the key may read configuration"]),
        (["bibs:read", "bibs:write", "conf:read"], ["the key may change sets"]),
        (["conf:read"], ["answers and knows the key"]),
        ([], ["answers and knows the key"]),
    ],
)
def test_check_says_which_right_is_missing(make: Make, alma: AlmaProcess, rights: list[str], bad: list[str]) -> None:
    alma.do("keys", keys={CANARY: rights})
    checks = make(library="MAIN", department="TECHSERV").check()
    failed = [check for check in checks if check.outcome is CheckOutcome.BAD]
    assert [any(words in told(check.what) for words in bad) for check in failed] == [True] * len(bad)
    assert all(told(check.remedy) and "UNAUTHORIZED" in told(check.found) for check in failed)
    assert CANARY not in str(checks)
    rest = [check for check in checks if told(check.what).startswith(("library", "department"))]
    assert {check.outcome for check in rest} == {
        CheckOutcome.GOOD if "conf:read" in rights[2:] else CheckOutcome.NOT_TESTED
    }


def test_check_says_that_changing_sets_is_not_tested_where_alma_has_no_test_for_it(
    make: Make, alma: AlmaProcess
) -> None:
    alma.do("gone", paths=["/almaws/v1/conf/test"])
    (check,) = [check for check in make().check() if told(check.what) == "the key may change sets"]
    assert check.outcome is CheckOutcome.NOT_TESTED
    assert told(check.found).startswith("only adding a member would show it: Alma did not answer its own test")
    assert "Configuration, read/write" in told(check.remedy)
    assert alma.effects() == []


def test_check_finds_codes_that_alma_does_not_have(make: Make, alma: AlmaProcess) -> None:
    alma.reset({"1": fictitious()}, {"departments": [f"D{n}" for n in range(150)]})
    mapping = SITE.replace('"RELABEL"', '"TORN"')
    failed = {what for what, (outcome, _) in found(make(mapping=mapping, library="MAIN", department="TECHSERV")).items()
              if outcome is CheckOutcome.BAD}  # fmt: skip
    assert failed == {"department TECHSERV exists", "physical condition TORN exists"}
    assert found(make(library="MAIN", department="D149"))["department D149 exists"][0] is CheckOutcome.GOOD
    assert found(make(library="NONE", circ_desk="X"))["library NONE exists"][0] is CheckOutcome.BAD
    desk = found(make(library="MAIN", circ_desk="DEFAULT_CIRC_DESK"))
    assert desk["circulation desk DEFAULT_CIRC_DESK exists"][0] is CheckOutcome.GOOD


@pytest.mark.parametrize(
    "config",
    [
        {"library": "MAIN"},
        {"department": "D"},
        {"library": "M", "department": "D", "circ_desk": "C"},
        {"scan_in": True},
    ],
)
def test_check_finds_a_place_that_cannot_be(make: Make, config: dict[str, Any]) -> None:
    assert found(make(**config))["where items are scanned in"][0] is CheckOutcome.BAD


def test_check_of_an_alma_that_is_away_and_of_a_day_used_up(make: Make, alma: AlmaProcess) -> None:
    alma.do("limits", per_day=50)
    assert found(make(daily_reserve=40))["requests left today"][0] is CheckOutcome.GOOD
    checks = found(make(daily_reserve=48))
    assert checks["requests left today"][0] is CheckOutcome.BAD
    assert checks["requests left today"][1].startswith("4")
    alma.do("down")
    checks = found(make())
    alma.do("up")
    assert {outcome for outcome, _ in checks.values()} == {
        CheckOutcome.BAD, CheckOutcome.NOT_TESTED, CheckOutcome.GOOD,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "options", "remedy"),
    [
        ("down", {}, "delivery.alma.base_url"),
        ("html", {"n": 9}, "delivery.alma.base_url"),
        ("html", {"n": 9, "code": 401}, "the region's address"),
        ("status", {"n": 9, "code": 503}, "delivery.alma.base_url"),
        ("throttle", {"n": 9, "as": "body"}, "later"),
    ],
    ids=["down", "maintenance page", "not the gateway", "503", "limit"],
)
def test_check_does_not_blame_the_key_where_nobody_judged_it(
    make: Make, alma: AlmaProcess, fault: str, options: dict[str, Any], remedy: str
) -> None:
    alma.do(fault, **options)
    first, *rest = make(library="MAIN", department="TECHSERV").check()
    alma.do("up")
    assert first.outcome is CheckOutcome.BAD
    assert remedy in told(first.remedy)
    assert "the key the area" not in " ".join(told(check.remedy) for check in (first, *rest))


def test_a_facts_intent_without_a_field_is_told(make: Make) -> None:
    with raises_told(Rejected, match="no field is mapped to condition"):
        make().deliver(of(FactsIntent(barcode="1", condition="BRITTLE")))
