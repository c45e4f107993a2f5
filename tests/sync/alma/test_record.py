"""Live records: genuine holdings and record become the station's record and label; if they are unreadable, the item's
data remain."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from station.base import settings
from station.base.credentials import Secret
from station.base.errors import BarcodeAmbiguous
from station.base.settings import CatalogSettings
from station.catalog.findings.record_facts import live_with_facts
from station.domain.item import Barcode
from station.quality.checks.facts import Facts
from station.quality.rulebook.shipped import shipped
from station.quality.verdict.checklist import checks
from station.runtime.library_systems import systems
from station.sync.alma.marc import marc_of
from station.sync.alma.system import Alma
from station.sync.http import Answer
from tests.conftest import FakeClock, missing
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.told import raises_told, told


def adapter(alma: AlmaProcess) -> Alma:
    def describe(bib: bytes, holding: bytes, item: object) -> object:
        return live_with_facts(bib, holding, item, CatalogSettings())  # type: ignore[arg-type]

    config = settings.Alma(base_url=alma.base_url)
    return Alma(config, lambda: Secret(CANARY), FakeClock(), describe=describe)  # type: ignore[arg-type]


def genuine_record(shared: Path) -> str:
    """Return the MARCXML in Princeton's recorded SRU answer."""
    path = shared / "data" / "alma" / "pul_99121886293506421.xml"
    if not path.is_file():
        missing("../shared/data/alma")
    record = ET.parse(path).getroot().find(".//{http://www.loc.gov/MARC21/slim}record")
    assert record is not None
    return ET.tostring(record, "unicode")


def genuine_holding(shared: Path) -> str:
    path = shared / "data" / "alma" / "tul_single_holding.json"
    return str(json.loads(path.read_text())["anies"][0]).partition("?>")[2]


def test_genuine_record_and_holding_become_record_and_label(alma: AlmaProcess, shared: Path) -> None:
    """The holding's 852 0_ $b LAW $c LAWRR $h N6537.W36 $i G66 1985 decides; the bib gives what only a record has."""
    alma.reset(
        {"1": fictitious(library={"value": "LAW"}, location={"value": "LAWRR"})},
        {"bibs": {"99": genuine_record(shared)}, "holdings": {"22": genuine_holding(shared)}},
    )
    found = adapter(alma).look_up(Barcode("1"))
    assert found.call_number == "N6537.W36 G66 1985"
    assert (found.call_number_scheme, found.call_number_source) == ("lc", "holdings 852 $k$h$i$m")
    assert "852 first indicator 0 says" in told(found.call_number_reason)
    assert found.label_lines == ("N", "6537", ".W36", "G66", "1985")
    assert (found.library, found.location, told(found.origin), found.record_id) == ("LAW", "LAWRR", "Alma", "99")
    title = ET.fromstring(genuine_record(shared)).find(
        ".//{http://www.loc.gov/MARC21/slim}datafield[@tag='245']/{http://www.loc.gov/MARC21/slim}subfield"
    )
    assert title is not None
    assert found.title[:150] == str(title.text)[:150]
    extent = found.extent
    assert extent, "300 $a is in the bib only"


@pytest.mark.parametrize(("said", "differs"), [("BOOK", False), ("DVD", True), ("RECORD", False), ("", False)])
def test_what_alma_says_the_item_is_is_compared_with_its_record(
    alma: AlmaProcess, shared: Path, said: str, differs: bool
) -> None:
    """Rule 43: the genuine record is of text. A type without a row in the matrix is not compared."""
    alma.reset(
        {"1": fictitious(physical_material_type={"value": said})},
        {"bibs": {"99": genuine_record(shared)}, "holdings": {"22": genuine_holding(shared)}},
    )
    found = adapter(alma).look_up(Barcode("1"))
    assert found.marc is not None
    assert ("type-item" in dict(found.marc.findings)) is differs
    assert said not in found.item_type or not said


def test_the_bib_is_asked_for_whole_and_without_its_inventory(alma: AlmaProcess) -> None:
    adapter(alma).look_up(Barcode("1"))
    asked = {row["path"].rpartition("/almaws/v1")[2]: row["query"] for row in alma.do("log")["requests"]}
    assert asked["/bibs/99"] == {"view": "full"}
    assert asked["/bibs/99/holdings/22"] == {}


def test_the_items_own_number_stands_before_that_of_its_holding(alma: AlmaProcess) -> None:
    own = {"alternative_call_number": "DVD 17", "alternative_call_number_type": {"value": "8", "desc": None}}
    alma.reset({"1": fictitious(**own)})
    found = adapter(alma).look_up(Barcode("1"))
    assert (found.call_number, found.call_number_source) == ("DVD 17", "Alma item, alternative call number")
    assert found.call_number_scheme == "local"
    assert told(found.call_number_reason).startswith("The item's own call number")


@pytest.mark.parametrize("poison", ["entities", "external"])
def test_a_record_that_cannot_be_read_leaves_the_items_own_data(alma: AlmaProcess, poison: str) -> None:
    alma.do("poison", **{"as": poison})
    found = adapter(alma).look_up(Barcode("1"))
    assert (found.title, found.call_number) == ("Fictitious", "QA 76 .N6 2020")
    assert told(found.origin).startswith("Alma, item only: the record in the answer cannot be read")
    assert told(found.unread).startswith("the record in the answer cannot be read")
    assert tuple(map(told, found.standing)) == (
        "The catalog record cannot be read. Compare title and label with care.",
    )


def test_the_label_of_an_item_whose_record_cannot_be_read_is_asked(
    alma: AlmaProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the settings to the question: the expected label follows from the item's own call number."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "alma").write_text(CANARY)
    config = settings.Alma(base_url=alma.base_url, enabled=True, live_records=True, look_up_s=60.0)
    whole = settings.Settings(delivery=settings.Delivery(alma=config))
    alma.do("poison", **{"as": "entities"})
    found = systems(whole, tmp_path)["alma"].look_up(Barcode("1"))
    assert found.label_lines == ("QA", "76", ".N6", "2020")
    asked = {check.rule: check for check in checks(shipped(), Facts(item=found), "2026-06-01")}
    assert told(asked["spine-label"].expectation).splitlines() == ["QA", "76", ".N6", "2020"]


def test_hostile_marc_is_cleaned(alma: AlmaProcess) -> None:
    text = "a&#x202e;b"
    sub = f'<subfield code="a">{text}</subfield>'
    field = f'<datafield tag="245" ind1="1" ind2="0">{sub}</datafield>'
    record = f"<record><leader>00000nam a2200000 a 4500</leader>{field}</record>"
    alma.reset({"1": fictitious()}, {"bibs": {"99": record}})
    assert adapter(alma).look_up(Barcode("1")).title == "ab"


def test_what_the_library_system_says_of_the_item(alma: AlmaProcess) -> None:
    asked = adapter(alma)
    before = asked.look_up(Barcode("1"))
    assert (tuple(map(told, before.standing)), before.suppressed) == ((), False)
    alma.do("suppress", barcode="1")
    alma.do("loan", barcode="1")
    alma.do("edit", barcode="1", field="requested", value=True)
    found = asked.look_up(Barcode("1"))
    assert found.suppressed, "suppressed holdings alone must be enough for the rule"
    assert tuple(map(told, found.standing)) == (
        "The item is on loan. It should not be here.",
        "A user has requested the item.",
        "The item's holdings are suppressed from publishing: readers do not find it.",
    )
    alma.do("edit", barcode="1", field="process_type", value={"value": "ODD\x1b[2J", "desc": None})
    assert told(asked.look_up(Barcode("1")).standing[0]) == "The item is in the process ODD[2J."


def test_a_record_that_is_suppressed_is_told(alma: AlmaProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bib is suppressed, not the holdings. The emulator suppresses holdings only, so the test sets the bib's
    answer."""
    asked = adapter(alma)
    bib = asked.client.bib("99")
    monkeypatch.setattr(asked.client, "bib", lambda mms_id: msgspec.structs.replace(bib, suppressed=True))
    found = asked.look_up(Barcode("1"))
    assert tuple(map(told, found.standing)) == (
        "The item's record is suppressed from publishing: readers do not find it.",
    )
    assert found.suppressed
    body = b"<bib><mms_id>99</mms_id><suppress_from_publishing>true</suppress_from_publishing>" + bib.data + b"</bib>"
    assert marc_of(Answer(200, {"content-type": "application/xml"}, body, "")).suppressed


def test_two_items_for_one_barcode_stop_the_item(alma: AlmaProcess) -> None:
    alma.do("twin", barcode="1", **{"as": "list"})
    with raises_told(BarcodeAmbiguous, match="2 items in Alma have the barcode 1"):
        adapter(alma).look_up(Barcode("1"))
