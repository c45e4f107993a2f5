"""All quality rules on one item, beside a catalogue of no rules; and the checklist that a person gets."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

from bench.report import Row, Section, median
from station.encoding.content import TagContent
from station.model import Barcode, ItemRecord, RecordFacts
from station.quality.checklist import checks, machine_findings
from station.quality.facts import Facts, Ledger, Receipt, Site
from station.quality.rules import Catalogue
from station.quality.shipped import shipped
from station.quality.verdict import judge
from station.settings import Barcodes

_DAY: Final = "2026-06-01"
_CODE: Final = Barcode("31234000000016")
_FACTS: Final = Facts(
    item=ItemRecord(
        barcode=_CODE,
        title="Imaginary proofs",
        call_number="QA76.73 .P98 D64 2026",
        call_number_scheme="lc",
        location="STACKS",
        description="v.2",
        material="book",
        extent="345 pages",
        height_cm=24.0,
        isbns=("9780877663638",),
        price="10.00",
        label_lines=("QA", "76.73", ".P98", "D64", "2026", "v.2"),
        status="ACQ",
        suppressed=False,
        marc=RecordFacts(
            years=("2026",),
            fixed_years=("2026",),
            class_numbers=(("050", "lc", "QA76.73 .P98"),),
            vendor_barcodes=(_CODE,),
            language="eng",
            languages=("eng",),
            audience="g",
            height_given=True,
        ),
    ),
    site=Site(isil="US-TxImag", barcodes=Barcodes(), usage=0x10, oversize_locations=("OVERSIZE",)),
    scanned="9780877663638",
    label_seen=("QA", "76.73", ".P98", "D64", "2026", "v.2"),
    tag=TagContent(_CODE, "US-TxImag", type_of_usage=0x10),
    afi=0x07,
    eas=True,
    tags_in_field=1,
    others=(),
    diagnoses=(),
    ledger=Ledger(holders=("E004010000000001",), bound_to=_CODE),
    polls=(8, 8),
    receipt=Receipt(listed=True),
    same_number=(),
)
"""An item of which nearly everything is known, so that hardly a rule takes the short way out."""


def section(items: int) -> Section:
    """So many items, judged by all rules and by none."""
    rules, none = shipped(), Catalogue((), ())
    whole = _each(items, lambda: judge(machine_findings(rules, _FACTS, _DAY)))
    nothing = _each(items, lambda: judge(machine_findings(none, _FACTS, _DAY)))
    asking = _each(items, lambda: checks(rules, _FACTS, _DAY))
    machine = sum(rule.by_machine for rule in rules.rules)
    rows = (
        Row(
            what=f"{machine} machine rules and the verdict",
            value=f"{whole:.0f} µs",
            beside=f"{nothing:.1f} µs (no rules)",
            ratio=whole / nothing,
            how=f"median of {items:,} items",
        ),
        Row(
            what="the person's checklist",
            value=f"{asking:.0f} µs",
            beside=f"{nothing:.1f} µs (no rules)",
            ratio=asking / nothing,
            how=f"median of {items:,} items",
        ),
    )
    figures = {"rules_us": whole, "rules_nothing_us": nothing, "checklist_us": asking}
    return Section(
        title="Quality rules",
        how="the shipped catalogue on one item in memory; the same calls with an empty catalogue beside it",
        rows=rows,
        figures=figures,
    )


def _each(items: int, work: Callable[[], object]) -> float:
    """Median microseconds of one call, after a few that do not count."""
    times = []
    for number in range(items + 20):
        began = perf_counter()
        work()
        if number >= 20:
            times.append((perf_counter() - began) * 1e6)
    return median(times)
