"""The machine checks by name: the table for rule files, and for the tests that check each of them."""

from __future__ import annotations

from typing import Final

from station.quality.checks import class_numbers, identity, site_fields, tag, typed_number
from station.quality.checks import label as checks_label
from station.quality.checks import record as checks_record
from station.quality.checks.judgement import Predicate

PREDICATES: Final[dict[str, Predicate]] = {
    check.name: check
    for check in (
        *identity.CHECKS,
        *tag.CHECKS,
        *checks_label.CHECKS,
        *class_numbers.CHECKS,
        *typed_number.CHECKS,
        *checks_record.CHECKS,
        *site_fields.CHECKS,
    )
}
