"""What the items of a file have in common, for the import, `catalog show` and `catalog check`."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.base.words import tell
from station.catalog.findings.codes import AT_ITEM
from station.catalog.findings.common_findings import CommonFinding
from station.catalog.record.file_prices import CommonPrice
from station.quality import rule_words
from station.quality.rules import Catalogue


def common_price_line(common: CommonPrice) -> str:
    """Return the fact as a sentence."""
    return tell(f"catalog.price.{common.kind}", price=common.price)


def common_finding_line(finding: CommonFinding, rules: Catalogue, day: str) -> str:
    """Return the sentence of a rule that many records break. `day`: ISO 8601 date of today."""
    rule = rules.rule(finding.rule, day)
    title = rule_words.title(rule) if rule is not None else Sentence.verbatim(finding.rule)
    at_item = rule is not None and not AT_ITEM.isdisjoint(rule.codes)
    key = "catalog.rule-of-file.at-item" if at_item else "catalog.rule-of-file"
    return tell(key, title=title, records=finding.records, all=finding.looked_at)
