"""Every PUT body is an item for the vendor's own XSD (2018), turned to XML; what it does not know are the newer names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from station.sync.alma.item import AlmaItem
from station.sync.alma.mapping import parse
from tests.conftest import missing
from tests.support.alma_process import genuine
from tests.sync.alma.test_mapping import SITE

NEWER = {
    "bib_data": {"date_of_publication", "link"},
    "holding_data": {"link", "permanent_call_number", "permanent_call_number_type", "temp_call_number_source"},
    "item_data": {
        "awaiting_reshelving", "inventory_number", "inventory_price", "inventory_date", "physical_condition", "weeding_number",
        "weeding_date", "work_order_type", "work_order_at",
    },
}  # fmt: skip
"""Names that answers of 2020 and later have and the XSD of 2018 has not (docs/reference/systems.md#alma-item and
#alma-put)."""
LISTS = {"network_number": "network_numbers"}


def as_xml(body: bytes) -> tuple[ET.Element, set[str]]:
    """The item as the XSD writes it, and the newer names that were left out: codes as text with a `desc`, absent values
    left out, lists in their element. Fails on a value of a kind that an item does not have."""
    item = json.loads(body)
    root = ET.Element("item", {"link": item["link"]})
    left: set[str] = set()
    for part, fields in item.items():
        if part == "link":
            continue
        group = ET.SubElement(root, part)
        for name, value in fields.items():
            if name in NEWER[part]:
                left.add(name)
            elif name in LISTS:
                inside = ET.SubElement(group, LISTS[name])
                for entry in value or []:
                    ET.SubElement(inside, name).text = entry
            else:
                element(group, name, value)
    return root, left


def element(group: ET.Element, name: str, value: Any) -> None:
    desc = None
    if isinstance(value, dict):
        assert set(value) == {"value", "desc"}, name
        value, desc = value["value"], value["desc"]
    if value is None or value == "":
        return
    assert isinstance(value, bool | str), name
    text = str(value).lower() if isinstance(value, bool) else value
    ET.SubElement(group, name, {"desc": desc} if desc else {}).text = text


@pytest.fixture(scope="module")
def schema(shared: Path) -> xmlschema.XMLSchema:
    path = shared / "data" / "alma" / "rest_item_2018.xsd"
    if not path.is_file():
        missing("../shared/data/alma")
    return xmlschema.XMLSchema(str(path))


def bodies(shared: Path) -> list[bytes]:
    """What the station sends for each genuine item: the entry alone, and every field that a mapping can name."""
    mapping = parse(SITE, "m.toml")
    facts = {"uid": "E004015012345678", "verdict": "pass", "date": "2026-11-24", "set": "1/3", "condition": "RELABEL",
             "weeding_number": "W-7", "weeding_date": "2026-11-25"}  # fmt: skip
    sent = []
    for item in genuine(shared).values():
        read = AlmaItem(json.dumps(item).encode())
        sent.append(read.with_fields({"internal_note_3": "RFID [1] pass 1/1 E004015012345678 2026-11-24"}))
        sent.append(read.with_fields({"pieces": "3", "internal_note_1": "é", **mapping.render(facts)}))
    return sent


def test_every_body_validates(schema: xmlschema.XMLSchema, shared: Path) -> None:
    found = bodies(shared)
    assert len(found) >= 4
    for body in found:
        root, left = as_xml(body)
        errors = [str(error.reason) for error in schema.iter_errors(ET.tostring(root, "unicode"))]
        assert errors == [], body
        assert left <= set().union(*NEWER.values())


@pytest.mark.parametrize("harm", ["rfid", "pid-twice", "no-holding", "bad-date", "bad-boolean"])
def test_the_schema_would_see_harm(schema: xmlschema.XMLSchema, shared: Path, harm: str) -> None:
    root, _ = as_xml(bodies(shared)[0])
    data = root.find("item_data")
    holding = root.find("holding_data")
    assert data is not None
    assert holding is not None
    if harm == "rfid":
        ET.SubElement(data, "rfid").text = "E004015012345678"
    elif harm == "pid-twice":
        ET.SubElement(data, "pid").text = "1"
    elif harm == "no-holding":
        root.remove(holding)
    elif harm == "bad-date":
        next(one for one in data if one.tag == "arrival_date").text = "yesterday"
    else:
        next(one for one in data if one.tag == "is_magnetic").text = "perhaps"
    assert not schema.is_valid(ET.tostring(root, "unicode"))
