"""States of genuine items: in process, requested, in a temporary location, on loan, without a call number.

The values are those of answers recorded by Princeton University Library (github.com/pulibrary/bibdata at e8aa404d,
spec/fixtures/files/alma; each row names its file and barcode). The emulator gives them, and the driver reads them.
"""

from __future__ import annotations

from typing import Any

import pytest

from station.domain.item import Barcode, ItemRecord
from tests.support.alma_process import AlmaProcess, fictitious
from tests.support.told import told
from tests.sync.alma.test_record import adapter

REQUESTED = "A user has requested the item."


def looked_up(alma: AlmaProcess, data: dict[str, Any], holding: dict[str, Any] | None = None) -> ItemRecord:
    """Return the live record of an item with these fields."""
    item = fictitious(**data)
    item["holding_data"] |= holding or {}
    alma.reset({"1": item})
    return adapter(alma).look_up(Barcode("1"))


def code(value: str, desc: str | None = None) -> dict[str, Any]:
    return {"value": value, "desc": desc}


@pytest.mark.parametrize(
    ("data", "status", "standing"),
    [
        pytest.param(
            {"process_type": code("WORK_ORDER_DEPARTMENT", "In Process"), "requested": True,
             "work_order_type": code("AcqWorkOrder"), "work_order_at": code("AcqDepttechserv"), "base_status": code("0")},
            "WORK_ORDER_DEPARTMENT", (REQUESTED,), id="work order: 99131644166406421_in_process_acq, 32101123992420",
        ),
        pytest.param(
            {"process_type": code("ACQ", "Acquisition"), "requested": False, "base_status": code("0")},
            "ACQ", (), id="in acquisition: 99227515106421_po, A19129",
        ),
        pytest.param(
            {"process_type": code("HOLDSHELF", "Hold Shelf"), "requested": True, "base_status": code("0")},
            "HOLDSHELF", ("The item should wait on the hold shelf.", REQUESTED),
            id="hold shelf: 99126856502706421_process_type_requested, 32101116415405",
        ),
        pytest.param(
            {"process_type": code("TRANSIT", "Transit"), "requested": True, "base_status": code("0")},
            "TRANSIT", ("The item is in transit.", REQUESTED), id="in transit: 9943506421_holding_items, 32101037077615",
        ),
        pytest.param(
            {"process_type": code("LOAN", "Loan"), "requested": False, "base_status": code("0")},
            "LOAN", ("The item is on loan. It should not be here.",),
            id="on loan: 9922486553506421_holding_items, 32101036144101",
        ),
        pytest.param(
            {"process_type": code(""), "requested": None, "base_status": code("1")},
            "in place", (), id="in place: scan_23258767460006421, 32101081340380",
        ),
    ],
)  # fmt: skip
def test_state(alma: AlmaProcess, data: dict[str, Any], status: str, standing: tuple[str, ...]) -> None:
    found = looked_up(alma, data)
    assert (found.status, tuple(map(told, found.standing))) == (status, standing)


@pytest.mark.parametrize(
    ("permanent", "temporary"),
    [
        pytest.param(
            ("lewis", "stacks"), ("lewis", "resterm"), id="9999362473506421_holding_items_two, 32101099065268"
        ),
        pytest.param(
            ("annex", "reserve"), ("firestone", "res3hr"), id="99125379706706421_holding_items, 32101105594830"
        ),
        pytest.param(("recap", "pa"), ("online", "etasrcp"), id="9930766283506421_items, 32101086217617"),
    ],
)
def test_a_temporary_location_counts_and_the_permanent_one_is_named(
    alma: AlmaProcess, permanent: tuple[str, str], temporary: tuple[str, str]
) -> None:
    found = looked_up(
        alma,
        {"library": code(permanent[0]), "location": code(permanent[1])},
        {"in_temp_location": True, "temp_library": code(temporary[0]), "temp_location": code(temporary[1]),
         "temp_call_number": "", "temp_call_number_type": code("")},
    )  # fmt: skip
    assert (found.library, found.location) == temporary
    assert f"{permanent[0]} {permanent[1]}" in told(found.origin)
    assert found.call_number == "QA 76 .N6 2020", "without a temporary number, the holding's counts"


def test_a_host_record_of_bound_works_shows_their_titles(alma: AlmaProcess) -> None:
    """scsb_dump_fixtures/host.xml, 32101066958685; the item object repeats the host's 245 as its title."""
    said = "Host bibliographic record for boundwith item barcode 32101066958685 : updated 4-23-21 11:14 AM"
    works = ("Suchende seelen;", "Zwischenakt; sittenroman,", "Das ewige rätsel; roman,")

    def field(tag: str, code: str, text: str) -> str:
        return f'<datafield tag="{tag}" ind1="1" ind2=" "><subfield code="{code}">{text}</subfield></datafield>'

    fields = field("245", "a", said) + "".join(field("774", "t", title) for title in works)
    item = fictitious()
    item["bib_data"]["title"] = said
    alma.reset({"1": item}, {"bibs": {"99": f"<record><leader>00428nam a2200109 i 4500</leader>{fields}</record>"}})
    assert adapter(alma).look_up(Barcode("1")).title == "Suchende seelen [+ 2]"
    alma.do("poison", **{"as": "entities"})
    found = adapter(alma).look_up(Barcode("1"))
    assert (found.title, found.missing) == ("", ("record", "title"))


def test_an_item_in_process_without_a_call_number_is_described(alma: AlmaProcess) -> None:
    """99131644166406421_in_process_acq, 32101123992420: the holding's number is empty; the volume is "2021 "."""
    found = looked_up(alma, {"description": "2021 ", "pieces": "1"}, {"call_number": ""})
    assert (found.call_number, found.label_lines, found.description) == ("", (), "2021")
    assert "call-number" in found.missing
