"""The new machine checks that look at more than findings: price, location, number on the piece, level of the record."""

from __future__ import annotations

from typing import Any

from station.domain.findings import Outcome
from station.manual.pictures.items import BASES, changed
from station.quality.checks.facts import Facts
from station.quality.rulebook.shipped import with_site
from station.quality.rules import Catalogue
from station.quality.verdict.checklist import machine_findings
from tests.support.for_each import for_each

SITE = with_site('[[change]]\nid = "location-known"\ntable = { STACKS = "Main stacks" }\n', "site.toml")
PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.ABSTAINED


def outcome(rule: str, site: Catalogue = SITE, **changes: Any) -> Outcome:
    facts: Facts = BASES["book"]
    for path, value in changes.items():
        facts = changed(facts, path.replace("__", "."), value)
    return next(one.outcome for one in machine_findings(site, facts, "2026-06-01") if one.rule == rule)


@for_each(
    ("price", "said"),
    [
        *(
            (price, PASS)
            for price in (
                "0.99",
                "$24.95",
                "24,95 €",
                "USD 4999.00",
                "99.99",
                "9.99",
                "JPY 12000",
                "¥9800",
                "$1,234.56",
                "W300000 (set)",
            )
        ),
        *(
            (price, FAIL)
            for price in (
                "0",
                "$0.00",
                "0.01",
                "999.99",
                "9999",
                "USD 120000",
                "£5000.01",
                "5,000.01 EUR",
                "31234000000016",
                "30007006058233",
            )
        ),
        *((price, UNKNOWN) for price in ("", "free", "gift", "PBK12", "1,234")),
    ],
)
def test_a_price_is_one_that_a_lost_item_could_be_charged_by(price: str, said: Outcome) -> None:
    assert outcome("price-plausible", item__price=price) is said


@for_each(
    ("listed", "item", "said"),
    [
        ("1,000.00 USD", "$1,050.00 (pbk.)", PASS),
        ("1,000.00 USD", "$1,150.00", FAIL),
        ("", "$1,150.00", PASS),
        ("100.00 EUR", "$150.00", UNKNOWN),
        ("PBK12", "$12.00", UNKNOWN),  # in a list that an earlier version imported
    ],
)
def test_a_listed_price_is_compared_as_an_amount(listed: str, item: str, said: Outcome) -> None:
    site = with_site('[[change]]\nid = "as-invoiced"\nlimit = 10.0\n', "site.toml")
    assert outcome("as-invoiced", site, receipt__price=listed, item__price=item) is said


@for_each(("location", "said"), [("STACKS", PASS), ("STAKCS", FAIL), ("", UNKNOWN)])
def test_a_location_is_known_to_the_site(location: str, said: Outcome) -> None:
    assert outcome("location-known", item__location=location) is said


@for_each(
    ("changes", "said"),
    [
        ({}, PASS),
        ({"item__isbns": ()}, PASS),
        ({"item__isbns": (), "item__marc__other_numbers": ()}, FAIL),
        ({"item__isbns": (), "item__marc__other_numbers": (), "scanned": ""}, UNKNOWN),
        ({"item__isbns": (), "item__marc__other_numbers": (), "scanned": "0043396264175"}, UNKNOWN),
        (
            {
                "item__isbns": (),
                "item__marc__other_numbers": (),
                "item__marc__findings": (("isbn-invalid", "mistyped"),),
            },
            PASS,
        ),
    ],
)
def test_the_isbn_of_the_piece_needs_a_number_in_the_record(changes: dict[str, Any], said: Outcome) -> None:
    assert outcome("piece-number-recorded", **changes) is said


def test_a_record_below_full_level_is_not_asked_for_subjects() -> None:
    partial = (("level-minimal", "The record has level 7."), ("subject-missing", "none"))
    assert outcome("subjects-present", item__marc__findings=partial) is UNKNOWN
    assert outcome("subjects-present", item__marc__findings=partial[1:]) is FAIL


def test_a_mistyped_language_is_reported_once() -> None:
    changes = {"item__marc__language": "egn", "item__marc__findings": (("language-unknown", "egn"),)}
    assert outcome("codes-valid", **changes) is FAIL
    assert outcome("language-plausible", **changes) is PASS
