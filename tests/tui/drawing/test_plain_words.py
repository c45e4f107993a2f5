"""Words of the verdict and of the card for operators: no counts that do not matter, no names of the standard."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.base.words import ENGLISH, Library
from station.domain.element_words import element_word, slug
from station.domain.findings import Finding, Outcome, Severity
from station.domain.snapshot import Phase, Snapshot
from station.domain.verdict import Verdict
from station.encoding.iso15962.data_elements import DEFINED, element
from station.tui.drawing.verdict import verdict_lines
from station.tui.drawing.words import material_word
from tests.support.told import told
from tests.tui.scenes import ITEM

GOOD = Finding("title-in-hand", "Title", Severity.CRITICAL, Outcome.PASS, "ann")
PRICE = Finding(
    "price-present", "Price", Severity.INFO, Outcome.FAIL, "machine", Sentence.verbatim("no price in the record")
)
LABEL = Finding(
    "spine-label", "Spine label", Severity.CRITICAL, Outcome.FAIL, "ann", Sentence.verbatim("a line is missing")
)
UNKNOWN = Finding("discs", "Discs", Severity.MINOR, Outcome.ABSTAINED, "machine")


def shown(verdict: Verdict, *findings: Finding) -> str:
    snapshot = Snapshot(phase=Phase.DONE, item=ITEM, verdict=verdict, findings=findings)
    return "\n".join(line.plain.rstrip() for line in verdict_lines(snapshot, 80, 20))


def test_a_pass_says_that_what_is_left_is_for_staff() -> None:
    text = shown(Verdict.PASS, GOOD, PRICE, UNKNOWN)
    assert "One note for staff:\ni Price: no price in the record" in text
    assert "fail" not in text and "×" not in text and "not known" not in text
    assert "All checks passed" in shown(Verdict.PASS, GOOD, UNKNOWN)


def test_a_fail_counts_only_what_failed() -> None:
    assert "1 check failed\n× Spine label: a line is missing" in shown(Verdict.FAIL, GOOD, LABEL, UNKNOWN)


def test_what_is_on_a_tag_is_named_as_people_call_it() -> None:
    assert told(element_word("Primary item identifier")) == "Barcode"
    assert told(element_word("Element 99")) == "Element 99"
    assert material_word("music-cd") == "music CD" and material_word("") == ""


def test_every_element_of_the_standard_has_its_name_in_each_language() -> None:
    library = Library()
    for language in library.languages:
        named = library.catalogue(language).own
        assert [oid for oid in DEFINED if f"item.element.{slug(element(oid).name)}" not in named] == [], language
    assert ENGLISH in library.languages and len(library.languages) > 1
