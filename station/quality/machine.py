"""The machine checks by name: the table that rule files refer to, and that the tests walk."""

from __future__ import annotations

from typing import Final

from station.quality import checks_identity, checks_label, checks_record, checks_tag, fields
from station.quality.judgement import Predicate

PREDICATES: Final[dict[str, Predicate]] = {
    check.name: check
    for check in (
        *checks_identity.CHECKS,
        *checks_tag.CHECKS,
        *checks_label.CHECKS,
        *checks_record.CHECKS,
        *fields.CHECKS,
    )
}
