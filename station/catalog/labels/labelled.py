"""An item with its expected label: the one place where item data become an expected label."""

from __future__ import annotations

import msgspec

from station.catalog.callnumber import STANDARD, Options
from station.catalog.labels.expected import ExpectedLabel, expected_label
from station.catalog.labels.template import Template
from station.domain.item import ItemRecord


def label_of(item: ItemRecord, template: Template, numbers: Options = STANDARD) -> ExpectedLabel:
    """Return the expected label of an item, from its call number, location code, volume, copy and height."""
    return expected_label(
        item.call_number,
        item.call_number_scheme,
        template,
        library=item.library,
        location=item.location,
        description=item.description,
        copy=item.copy,
        height_cm=item.height_cm,
        source=item.call_number_source,
        numbers=numbers,
    )


def labelled(item: ItemRecord, template: Template, numbers: Options = STANDARD) -> ItemRecord:
    """Return the item with `label_lines`, and with `label_problems`: the text that does not fit, or why there is no
    label."""
    found = label_of(item, template, numbers)
    problems = found.problems if found.lines else (found.reason,)
    return msgspec.structs.replace(item, label_lines=found.text, label_problems=problems)
