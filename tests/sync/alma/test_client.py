"""Alma's services through the client, with the emulator: look-up, records, scan-in, withdrawal, sets, limits."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.errors import (
    BarcodeAmbiguous,
    BarcodeUnknown,
    CredentialsRefused,
    InDoubt,
    Rejected,
    StationError,
    SyncError,
    Throttled,
    Unreachable,
)
from station.sync.alma.client import AlmaClient, NotDeleted, Place
from station.sync.alma.marc import marc_of
from station.sync.alma.sets import BATCH, AlmaSets
from station.sync.http import Answer
from tests.conftest import FakeClock, missing
from tests.support.alma_process import PUL, TUL, AlmaProcess, client, fictitious, genuine
from tests.support.for_each import for_each
from tests.support.told import raises_told

DEPARTMENT = Place(library="MAIN", department="TECHSERV", work_order_type="RFID")


@pytest.fixture
def ask(alma: AlmaProcess) -> Iterator[AlmaClient]:
    found = client(alma)
    yield found
    found.close()


# --- items and records ------------------------------------------------------------------------------------------------


def test_barcode_through_the_redirect_and_the_label_view(ask: AlmaClient, alma: AlmaProcess) -> None:
    plain, label = ask.item("1"), ask.item("1", label=True)
    assert plain.path == label.path == "/almaws/v1/bibs/99/holdings/22/items/23"
    assert "parsed_call_number" in label.flat().keys().__str__()
    assert plain.digest == label.digest, "a PUT must not write what the label view adds"
    assert [row["status"] for row in alma.do("log")["requests"]] == [302, 200, 302, 200]
    assert ask.remaining is not None


def test_barcode_is_quoted_and_never_a_parameter_of_its_own(ask: AlmaClient, alma: AlmaProcess) -> None:
    alma.reset({"x": fictitious("a&view=label#?/é%")})
    assert ask.item("a&view=label#?/é%").pid == "23"
    assert alma.do("log")["requests"][0]["query"] == {"item_barcode": "a&view=label#?/é%"}


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [("list", BarcodeAmbiguous, "2 items in Alma"), ("error", Rejected, "More than one item")],
)
def test_two_items_for_one_barcode(
    ask: AlmaClient, alma: AlmaProcess, how: str, error: type[StationError], words: str
) -> None:
    alma.do("twin", barcode="1", **{"as": how})
    with raises_told(error, match=words):
        ask.item("1")


def test_unknown_barcode(ask: AlmaClient) -> None:
    with raises_told(BarcodeUnknown, match="401689: Alma has no item with this barcode.*Create the item"):
        ask.item("2")


def test_bib_and_holding_as_marcxml(ask: AlmaClient, alma: AlmaProcess) -> None:
    bib, holding = ask.bib("99"), ask.holding("99", "22")
    assert b"Fictitious" in bib.data
    assert b">QA 76 .N6 2020<" in holding.data
    assert (bib.suppressed, holding.suppressed) == (False, False)
    alma.do("suppress", barcode="1")
    assert ask.holding("99", "22").suppressed


@pytest.mark.parametrize("poison", ["entities", "external"])
def test_bombs_and_external_entities_are_refused(ask: AlmaClient, alma: AlmaProcess, poison: str) -> None:
    alma.do("poison", **{"as": poison})
    with raises_told(Rejected, match="document type"):
        ask.holding("99", "22")


@pytest.mark.parametrize("poison", ["utf16-declared", "utf16-encoded"])
def test_utf16_declared_and_encoded(ask: AlmaClient, alma: AlmaProcess, poison: str) -> None:
    alma.reset({"1": fictitious()}, {"holdings": {"22": fields("é漢")}})
    alma.do("poison", **{"as": poison})
    assert ">é漢<" in html.unescape(ask.holding("99", "22").data.decode())


def fields(text: str) -> str:
    sub = f'<subfield code="h">{text}</subfield>'
    return f'<record><leader>00000nx  a22000001n 4500</leader><datafield ind1="0" ind2=" " tag="852">{sub}</datafield></record>'


@pytest.mark.parametrize("name", ["pul_holding_22153448500006421.json", "tul_single_holding.json"])
def test_genuine_holdings_in_json(shared: Path, name: str) -> None:
    """MARCXML in `anies` whose UTF-16 declaration is false (1.4, rule 5)."""
    path = shared / "data" / "alma" / name
    if not path.is_file():
        missing("../shared/data/alma")
    found = marc_of(Answer(200, {"content-type": "application/json"}, path.read_bytes(), ""))
    text = json.loads(path.read_text())["anies"][0]
    for value in ("8001.846", "recap$pn") if name.startswith("pul") else ("N6537.W36", "G66 1985"):
        assert value in text
        assert f">{value}<".encode() in found.data
    assert not found.suppressed


@for_each(
    ("body", "words"),
    [
        (b'{"anies": []}', "holds 0 records"),
        (b'{"anies": ["a", "b"]}', "holds 2 records"),
        (b'{"anies": 1}', "another shape"),
        (b'{"anies": ["<record>"]}', "cannot be read"),
        (b"[", "cannot be read"),
        (b"{" * 100_000, "another shape"),
        (b"<bib></bib>", "no record"),
        (b"<bib><record><leader>short</leader></record></bib>", "leader"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"", "no record"),
    ],
)
def test_what_is_no_record(body: bytes, words: str) -> None:
    with raises_told(Rejected, match=words):
        marc_of(Answer(200, {}, body, ""))


def test_a_record_number_is_a_number(ask: AlmaClient, alma: AlmaProcess) -> None:
    for wrong in ("", "1/../2", "٣", "99?x"):
        with raises_told(Unreachable, match="not a record number"):
            ask.bib(wrong)
    assert alma.asked() == []


# --- scan-in and withdrawal -------------------------------------------------------------------------------------------


def test_scan_in_at_a_department_counts_no_use(ask: AlmaClient, alma: AlmaProcess) -> None:
    ask.scan_in(ask.item("1"), DEPARTMENT)
    assert alma.do("log")["in_house_uses"] == 0
    (effect,) = alma.effects()
    assert effect["params"] == {
        "department": "TECHSERV", "library": "MAIN", "register_in_house_use": "false", "work_order_type": "RFID",
    }  # fmt: skip
    assert ask.item("1").text("item_data", "process_type") == "WORK_ORDER_DEPARTMENT"


def test_scan_in_at_a_desk_sends_only_what_its_page_has(ask: AlmaClient, alma: AlmaProcess) -> None:
    ask.scan_in(ask.item("1"), Place(library="MAIN", circ_desk="DEFAULT_CIRC_DESK"))
    assert set(alma.effects()[0]["params"]) == {"circ_desk", "library", "register_in_house_use"}


@pytest.mark.parametrize(
    "place",
    [
        Place(library="", department="D"),
        Place(library="M"),
        Place(library="M", department="D", circ_desk="C"),
        Place(library="M", circ_desk="C", done=True),
        Place(library="M", circ_desk="C", work_order_type="W"),
        Place(library="M", circ_desk="C", status="S"),
    ],
)
def test_a_place_that_cannot_be_is_not_sent(ask: AlmaClient, alma: AlmaProcess, place: Place) -> None:
    item = ask.item("1")
    before = len(alma.asked())
    with pytest.raises(Rejected):
        ask.scan_in(item, place)
    assert len(alma.asked()) == before


def test_an_unknown_department_is_told(ask: AlmaClient, alma: AlmaProcess) -> None:
    with raises_told(Rejected, match=r"40166411.*station sync check"):
        ask.scan_in(ask.item("1"), Place(library="MAIN", department="NOWHERE"))
    assert alma.effects() == []


@pytest.mark.parametrize("fault", ["drop-answer-after-effect", "drop-before-effect", "html", "half", "status"])
def test_an_unanswered_scan_in_is_in_doubt_and_not_sent_again(ask: AlmaClient, alma: AlmaProcess, fault: str) -> None:
    item = ask.item("1")
    alma.do(fault, n=1, method="POST")
    with pytest.raises(InDoubt):
        ask.scan_in(item, DEPARTMENT)
    assert sum(method == "POST" for method, _ in alma.asked()) == 1


@pytest.mark.parametrize(("holdings", "left"), [("retain", "false"), ("suppress", "true"), ("delete", "gone")])
def test_withdrawal_with_the_holdings_choice(ask: AlmaClient, alma: AlmaProcess, holdings: str, left: str) -> None:
    ask.withdraw(ask.item("1"), holdings)
    assert alma.effects("withdraw")[0]["holdings"] == holdings
    with pytest.raises(BarcodeUnknown):
        ask.item("1")
    kinds = [row["kind"] for row in alma.effects()][1:]
    assert kinds == {"false": [], "true": ["holding-suppress"], "gone": ["holding-delete"]}[left]


def test_withdrawal_of_an_item_on_loan_is_refused_unless_overridden(ask: AlmaClient, alma: AlmaProcess) -> None:
    alma.do("loan", barcode="1")
    with pytest.raises(NotDeleted, match="401849"):
        ask.withdraw(ask.item("1"), "retain")
    assert alma.effects() == []
    ask.withdraw(ask.item("1"), "retain", override=True)
    assert len(alma.effects("withdraw")) == 1


# --- sets -------------------------------------------------------------------------------------------------------------


def test_a_set_is_made_found_and_filled_in_batches(ask: AlmaClient, alma: AlmaProcess) -> None:
    codes = [str(n) for n in range(2 * BATCH + 50)]
    alma.reset({code: fictitious(code, 1000 + int(code)) for code in codes})
    sets = AlmaSets(ask)
    assert sets.named("shelf-ready") is None
    made = sets.create("shelf-ready", "by the station")
    assert sets.named("shelf-ready") == made
    first = sets.add(made.id, [*codes[:10], codes[0]])
    assert (first.before, first.added, first.unknown) == (0, 10, ())
    called: list[int] = []
    rest = sets.add(made.id, [*codes, "nobody"], before_sending=lambda: called.append(1))
    assert (rest.before, rest.added, rest.unknown) == (10, len(codes) - 10, ("nobody",))
    assert called == [1]
    assert [len(row["pids"]) for row in alma.effects("set-add")] == [10, BATCH, BATCH, len(codes) - 10 - 2 * BATCH]
    assert [member.barcode for member in sets.members(made.id)] == codes
    again = sets.add(made.id, codes, before_sending=lambda: called.append(2))
    assert (again.before, again.added) == (len(codes), 0)
    assert called == [1], "no request may be sent"


def test_sets_that_are_not_there(ask: AlmaClient) -> None:
    sets = AlmaSets(ask)
    with raises_told(Rejected, match=r"60120.*itemized"):
        sets.get("404")
    with raises_told(Rejected, match="not a set number"):
        sets.get("1/members")
    sets.create("twice")
    with raises_told(Rejected, match="60110"):
        sets.create("twice")


@pytest.mark.parametrize(
    ("said", "count"), [("12", 12), ('"12"', 12), ("null", 0), ('"\u00b2"', 0), (f'"{"9" * 5000}"', 0), ('"-1"', 0)]
)
def test_a_count_of_members_that_is_none(said: str, count: int) -> None:
    body = f'{{"id": "7", "name": "s", "number_of_members": {{"value": {said}}}, "content": {{"value": "ITEM"}}}}'

    class Answering:
        def ask(self, _path: str) -> Answer:
            return Answer(200, {}, body.encode(), "")

    assert AlmaSets(Answering()).get("7").members == count  # type: ignore[arg-type]


def test_an_unanswered_batch_is_in_doubt(ask: AlmaClient, alma: AlmaProcess) -> None:
    sets = AlmaSets(ask)
    made = sets.create("s")
    alma.do("drop-answer-after-effect", n=1)
    with pytest.raises(InDoubt):
        sets.add(made.id, ["1"])
    assert sets.add(made.id, ["1"]).added == 0, "a look-up must come before another request"
    assert len(alma.effects("set-add")) == 1


# --- limits -----------------------------------------------------------------------------------------------------------


def test_the_days_threshold_in_the_body_of_a_200(ask: AlmaClient, alma: AlmaProcess) -> None:
    alma.do("throttle", n=1, code="DAILY_THRESHOLD", **{"as": "body"})
    with raises_told(Throttled, match="used up") as caught:
        ask.item("1")
    assert caught.value.retry_after == 900.0
    alma.do("limits", per_day=1)
    with raises_told(Throttled, match="DAILY_THRESHOLD"):
        ask.item("1")


def test_the_last_requests_of_the_day_are_left_to_others(alma: AlmaProcess) -> None:
    clock = FakeClock()
    asking = client(alma, clock, daily_reserve=1000)
    alma.do("limits", per_day=1001)
    asking.item("1")
    sent = len(alma.asked())
    with raises_told(Throttled, match="999 requests left today; 1000 are reserved for other programs") as caught:
        asking.item("1")
    assert len(alma.asked()) == sent, "not even a look-up may be sent"
    assert caught.value.retry_after == pytest.approx(900.0)
    clock.seconds += 901.0
    alma.do("limits", per_day=5000)
    assert asking.item("1").pid == "23"
    asking.close()


def test_the_institutions_limit_is_never_met_at_the_stations_share(alma: AlmaProcess) -> None:
    """A limit of the share plus the burst, counted by the emulator on the client's own clock."""

    class Paced(FakeClock):
        def pause(self, seconds: float) -> None:
            super().pause(seconds)
            alma.do("time", at=self.seconds)

    clock = Paced()
    alma.do("time", at=clock.seconds)
    asking = client(alma, clock)
    alma.do("limits", per_second=7)
    for _ in range(15):
        asking.item("1")
    log = alma.do("log")
    assert {row["status"] for row in log["requests"]} == {302, 200}
    assert log["peak"] <= 7
    asking.close()


# --- bad answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
def test_ten_gigabytes_are_cut(ask: AlmaClient, alma: AlmaProcess, chunked: bool) -> None:
    alma.do("flood", n=1, chunked=chunked)
    with raises_told(Unreachable, match="longer than 4000000 bytes"):
        ask.item("1")
    assert ask.item("1").pid == "23"


def test_dripping_ends_with_the_deadline(alma: AlmaProcess) -> None:
    asking = client(alma, SystemClock(), timeout_s=0.3)
    alma.do("drip", n=1)
    with raises_told(Unreachable, match="in time|timed out"):
        asking.item("1")
    asking.close()


def test_a_key_without_the_right_says_so(ask: AlmaClient, alma: AlmaProcess) -> None:
    """Status 400 with UNAUTHORIZED in XML, as recorded; and a key that Alma does not know."""
    alma.do("keys", keys={"l8xxCANARYKEYdoNotShow": ["bibs:read"]})
    item = ask.item("1")
    with raises_told(CredentialsRefused, match=r"UNAUTHORIZED.*Developer Network"):
        ask.put(item, item.with_fields({"internal_note_3": "x"}))
    alma.do("keys", keys={})
    with pytest.raises(CredentialsRefused):
        ask.item("1")
    assert alma.effects() == []


@pytest.mark.parametrize("offset", [366 * 86_400, -366 * 86_400])
def test_a_clock_that_is_wrong_by_a_year(ask: AlmaClient, alma: AlmaProcess, offset: int) -> None:
    """Alma's date differs from the station's: a Retry-After with a date is bounded; nothing else uses Alma's time."""
    alma.do("clock", offset_s=offset)
    date = "Wed, 24 Nov 2027 10:00:00 GMT" if offset > 0 else "Mon, 24 Nov 2025 10:00:00 GMT"
    alma.do("throttle", n=1, retry_after=date)
    with pytest.raises(Throttled) as caught:
        ask.item("1")
    assert caught.value.retry_after is None or caught.value.retry_after <= 86_400
    item = ask.item("1")
    ask.put(item, item.with_fields({"internal_note_3": "x"}))
    assert ask.item("1").note("internal_note_3") == "x"


def test_genuine_items_pass_unharmed(ask: AlmaClient, alma: AlmaProcess, shared: Path) -> None:
    """Alma's recorded items are read, changed in one field and written back; every other value is unchanged."""
    if not (shared / "data" / "alma").is_dir():
        missing("../shared/data/alma")
    items = genuine(shared)
    alma.reset(items)
    for barcode in items:
        item = ask.item(barcode)
        ask.put(item, item.with_fields({"internal_note_1": "ours"}))
        after = alma.item(barcode)
        assert after["item_data"].pop("internal_note_1") == "ours"
        expected = json.loads(json.dumps(items[barcode]))
        expected["item_data"].pop("internal_note_1")
        for one in (after, expected):
            one["item_data"].pop("modification_date")
        assert after == expected
    assert {PUL, TUL} <= set(items)


def test_no_exception_shows_the_key(alma: AlmaProcess) -> None:
    """Every kind of failure that the emulator can produce is searched for the key."""
    orders: list[tuple[str, dict[str, object]]] = [
        ("status", {"code": 500}), ("status", {"code": 401}), ("status", {"code": 403}), ("html", {}), ("half", {}),
        ("throttle", {}), ("error", {"code": "999"}), ("flood", {}), ("redirect-elsewhere", {"url": "http://127.0.0.2/"}),
    ]  # fmt: skip
    for what, options in orders:
        alma.reset({"1": fictitious()})
        asking = client(alma)
        alma.do(what, **({"n": 2} | options if what != "redirect-elsewhere" else options))
        with pytest.raises(SyncError) as caught:
            asking.item("1")
        error: BaseException | None = caught.value
        while error is not None:
            assert "CANARY" not in f"{error!r} {error} {vars(error)}", what
            error = error.__cause__ or error.__context__
        asking.close()
    assert not any(row.get("key_in_address") for row in alma.do("log")["requests"])
