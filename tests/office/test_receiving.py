"""The pages of what vendors send: who may settle, the second person, claims, and what their texts never do."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.domain.events import (
    ClaimMade,
    DifferenceEnded,
    DifferenceNoted,
    DifferenceOpened,
    PackingListImported,
    VendorRecorded,
)
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList
from station.domain.receiving.difference import DifferenceKind
from station.domain.receiving.vendor import Contact, Vendor
from station.runtime.data_directory import JOURNAL
from station.store.queries.queries import Queries
from tests.office.desk import EVIL, PINS, browser, events, journal, made, received, text_of
from tests.support.harmless import bad_characters


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def asks_for_two(data: Path) -> None:
    file = data / "station.toml"
    text = file.read_text(encoding="utf-8")
    assert "two_people = []" in text
    file.write_text(text.replace("two_people = []", 'two_people = ["credited"]'), encoding="utf-8")


def ended(data: Path) -> list[tuple[str, bool]]:
    return [(event.second, event.unproven) for event in events(data) if isinstance(event, DifferenceEnded)]


CREDIT = {"end": "credited", "reason": "the memo came"}


def test_a_second_person_proves_who_they_are(data: Path) -> None:
    asks_for_two(data)
    path = f"/differences/{received(data)['short']}/end"
    with browser(data, "tess") as desk:
        for typed, words in (
            ({}, "This needs a second person. Name that person: Second person."),
            ({"second": "tess", "second-pin": PINS["tess"]}, "The second person must be somebody else: Second person."),
            ({"second": "bea", "second-pin": "111222"}, 'id="wrong-second-pin"'),
        ):
            answer = desk.send(path, **CREDIT, **typed)
            assert answer.status_code in (403, 409) and words in answer.text, text_of(answer.text)
            assert "111222" not in answer.text and not ended(data)
        page = desk.follow(desk.send(path, **CREDIT, second="bea", **{"second-pin": PINS["bea"]}))
    assert ended(data) == [("w-bea", False)]
    assert "second person: Bea" in page.text and "/end" not in page.text


def test_where_nobody_signs_on_the_second_person_is_a_typed_name(tmp_path: Path) -> None:
    data = made(tmp_path, sign_on=False)
    asks_for_two(data)
    path = f"/differences/{received(data)['short']}/end"
    with browser(data) as desk:
        form = desk.get(path).text
        page = desk.follow(desk.send(path, **CREDIT, second="Zoe"))
    assert "unproven" in form and 'id="field-second-pin"' not in form
    assert ended(data) == [("Zoe", True)] and "unproven: Zoe" in page.text


def test_students_see_and_note_and_a_technician_settles(data: Path) -> None:
    short = f"/differences/{received(data)['short']}"
    with browser(data, "tim") as desk:
        assert desk.get("/shipments").status_code == 200
        assert desk.follow(desk.send(f"{short}/note", note="not in the box")).status_code == 200
        for name in ("assign", "end"):
            assert 'id="field-lender"' in desk.get(f"{short}/{name}").text, name
        assert desk.send(f"{short}/end", **CREDIT, lender="bea", **{"lender-pin": PINS["bea"]}).status_code == 403
        answer = desk.send(f"{short}/end", **CREDIT, lender="tess", **{"lender-pin": PINS["tess"]})
        assert "Tess" not in desk.follow(answer).text
    notes = [event for event in events(data) if isinstance(event, DifferenceNoted)]
    assert [(event.operator, event.note) for event in notes] == [("w-tim", "not in the box")]
    made_end = next(event for event in events(data) if isinstance(event, DifferenceEnded))
    assert (made_end.operator, made_end.authorised) == ("w-tim", "w-tess")


def test_a_claim_goes_to_one_vendor_and_can_be_had_again(data: Path) -> None:
    known = received(data)
    with browser(data, "tess") as desk:
        form = desk.get(f"/differences/claim?id={known['short']}&id={known['not-ordered']}").text
        page = desk.follow(desk.send(f"/differences/claim?id={known['short']}&id={known['not-ordered']}"))
        text = desk.get(f"/claims/{page.url.path.rsplit('/', 1)[1]}/text").text
        table = desk.get(f"{page.url.path}?as=csv").content.decode("utf-8-sig")
        letter = desk.get(f"{page.url.path}/paper").content
        assert desk.get("/claims/claim-1").status_code == 404
    assert "To: Claims desk &lt;claims@vendor.example&gt;" in form
    assert text.splitlines()[0] == "To: Claims desk <claims@vendor.example>" and "POL-1" in text
    assert "list INV-7, listed 2, came 1, lack 1." in " ".join(text.split())
    assert [row[0] for row in csv.reader(io.StringIO(table))] == ["Title", "Introduction to bread", "A stranger"]
    assert letter.startswith(b"%PDF")
    assert sum(isinstance(event, ClaimMade) for event in events(data)) == 2, "this one, and that of the sample"


def test_an_ended_difference_is_neither_claimed_nor_noted(data: Path) -> None:
    known = received(data)
    with browser(data, "tess") as desk:
        desk.send(f"/differences/{known['short']}/end", end="accepted", reason="it is fine")
        answer = desk.get(f"/differences/claim?id={known['short']}&id={known['damaged']}")
        assert answer.status_code == 409 and "has ended already" in answer.text
        assert "Mark differences" in desk.get("/differences/claim").text
        assert f"/differences/{known['short']}/note" not in desk.get(f"/differences/{known['short']}").text


def test_a_claim_goes_to_one_vendor_only(data: Path) -> None:
    store = journal(data)
    other = DifferenceOpened(
        what=DifferenceKind.OVER,
        shipment="shipment-1",
        vendor="harbor",
        title="Elsewhere",
        owner="Acquisitions",
        due="2999-01-01",
    )
    store.journal.record(other)
    store.close()
    known = received(data)
    with browser(data, "tess") as desk:
        answer = desk.get(f"/differences/claim?id={known['short']}&id={known['over']}")
    assert answer.status_code == 409 and "A claim goes to one vendor." in answer.text


def test_a_shipment_shows_what_was_ordered_listed_and_is_here(data: Path) -> None:
    store = journal(data)
    order = PackingList(
        name="PO-1",
        vendor="YBP",
        kind=ListKind.ORDER,
        lines=(PackingLine(line="1", order_line="POL-1", title="Introduction to bread", quantity=3),),
    )
    store.journal.record(PackingListImported(content=order, source="po1.csv", digest="11" * 32, operator="w-sue"))
    store.close()
    path = f"/shipments/{received(data)['shipment']}"
    with browser(data, "tim") as desk:
        rows = list(csv.reader(io.StringIO(desk.get(f"{path}?as=csv").content.decode("utf-8-sig"))))
        counts = desk.get(f"{path}/counts").text
    keys = [rows[0].index(head) for head in ("Title", "Difference", "Ordered", "Listed", "Here")]
    bread, rivers = ([row[at] for at in keys] for row in rows[1:])
    assert bread == ["Introduction to bread", "short", "3", "2", "1"], "the worst line first"
    assert rivers == ["Rivers of the coast", "all here", "", "1", "1"]
    assert "Damaged" in counts and "Tim" in counts and "not ordered" in counts


def test_filters_choose_and_say_so(data: Path) -> None:
    with browser(data, "tess") as desk:
        late = desk.get("/differences?overdue=1").text
        assert "Introduction to bread" in late and "A stranger" not in late and "▲" in late
        assert "A stranger" in desk.get("/differences?kind=not-ordered&vendor=ybp&owner=Acquisitions").text
        for query in ("state=ended", "mine=1"):
            assert "Nothing with these filters" in desk.get(f"/differences?{query}").text, query
        assert "Rivers of the coast" in desk.get("/differences?state=claimed").text
        journal_page = desk.get("/journal?kind=shipments").text
        assert "Claim to" in journal_page and "Imported" not in text_of(journal_page)
        today = desk.get("/today").text
    assert '<a href="/differences?overdue=1">▲ 1 overdue difference with a vendor</a>' in today


def test_a_vendor_keeps_what_no_form_changes(data: Path) -> None:
    before = Queries(data / JOURNAL, SystemClock()).vendors()[0]
    with browser(data, "tess") as desk:
        typed = {
            "name": "YBP",
            "names": "Yankee; Y.B.P.",
            "claim-days": "14",
            "standing": "active",
            "pin": PINS["tess"],
        }
        unfit = desk.send("/vendors/ybp/change", **{**typed, "claim-days": "0"})
        assert unfit.status_code == 409 and 'id="wrong-claim-days"' in unfit.text
        desk.follow(desk.send("/vendors/ybp/change", **typed))
        desk.follow(desk.send("/vendors/ybp/contact", name="Zoe", mail="zoe@vendor.example"))
        page = desk.follow(desk.send("/vendors/ybp/contact?at=1", name=""))
    after = Queries(data / JOURNAL, SystemClock()).vendors()[0]
    assert (after.names, after.claim_days, after.accounts) == (("Yankee", "Y.B.P."), 14, before.accounts)
    assert after.contacts == (Contact(name="Zoe", mail="zoe@vendor.example"),) and "Zoe" in page.text


def test_no_vendor_text_acts_in_a_claim(data: Path) -> None:
    store = journal(data)
    contact = Contact(name=f"Ann{EVIL}\r\nBcc: all@x", task="claims", mail="a@b\r\nBcc: all@x")
    store.journal.record(VendorRecorded(content=Vendor(id="ybp", name="YBP" + EVIL[:20], contacts=(contact,))))
    store.close()
    claim = received(data)["claim"]
    with browser(data, "tess") as desk:
        text = desk.get(f"/claims/{claim}/text").text
        assert desk.get(f"/claims/{claim}/paper").content.startswith(b"%PDF")
    head, _, body = text.partition("\r\n\r\n")
    assert [line.partition(":")[0] for line in head.split("\r\n")] == ["To", "Subject"]
    assert "a@b" not in head and max(map(len, body.split("\r\n"))) <= 72
    assert not bad_characters(text, allowed="\r\n")
