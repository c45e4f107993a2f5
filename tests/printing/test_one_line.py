"""The call number of pocket and parts labels and slips: one line, as entered; the spine's line breaks add no spaces."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from station.catalog.labels import expected_label, shipped
from station.catalog.labels.template import SHIPPED
from station.printing import content
from station.printing.content import one_line
from tests.catalog.labels.test_labels import ROWS
from tests.support.for_each import for_each
from tests.support.sample_labels import ITEM


@for_each(
    ("number", "scheme", "lines", "expected"),
    [
        ("QA76.9.D3 D38 2004", "lc", "QA|76.9|.D3|D38|2004", "QA76.9.D3 D38 2004"),
        ("QA 76.9 .D3 D38", "lc", "QA|76.9|.D3|D38", "QA 76.9 .D3 D38"),
        ("641.594872 SMI", "dewey", "641.594|872|SMI", "641.594872 SMI"),
        ("641.5/94872 SMI", "dewey", "641.594|872|SMI", "641.594872 SMI"),
        ("QA76.9.D3 D38", "lc", "QA|76|.9|D|3|D|38", "QA76.9 D3 D38"),  # a cutter without its point is separate
        ("Y 4.F 76/1:AF 8/12", "sudoc", "Y 4.|F 76/1:|AF 8/12", "Y 4.F 76/1:AF 8/12"),
        # prefix, oversize, volume and copy that the number does not contain
        ("QA76 .A25", "lc", "REF|QA|76|.A25|v.2|c.3", "REF QA76 .A25 v.2 c.3"),
        ("PR9 .F3 2009", "lc", "F|PR|9|.F3|2009", "F PR9 .F3 2009"),
        ("REF QA76 .A25", "lc", "FOLIO|REF|QA|76|.A25", "FOLIO REF QA76 .A25"),
        ("", "", "QA|76", "QA 76"),
        ("something else", "local", "QA|76", "QA 76"),
    ],
)
def test_one_line(number: str, scheme: str, lines: str, expected: str) -> None:
    item = msgspec.structs.replace(ITEM, call_number=number, call_number_scheme=scheme)
    assert one_line(item, lines.split("|")) == expected


@for_each("name", SHIPPED)
@for_each(("number", "scheme", "expected", "source"), ROWS)
def test_by_every_template_it_is_the_number_as_entered(
    name: str, number: str, scheme: str, expected: str, source: str
) -> None:
    """If the template hides points, a cutter is separate. All other characters and spaces are those of the entry."""
    template = shipped(name)
    lines = expected_label(number, scheme, template).text
    item = msgspec.structs.replace(ITEM, call_number=" ".join(number.split()), call_number_scheme=scheme)
    said = one_line(item, lines)
    if template.cutter_point == "keep" and "54. M87" not in number:
        assert said == " ".join(number.replace("/", "").split() if scheme == "dewey" else number.split()), source
    assert "".join(said.split()) == "".join("".join(lines).split())


@given(
    st.text(max_size=40), st.lists(st.text("AB1. ", min_size=1, max_size=4), max_size=6), st.sampled_from(["dewey", ""])
)
def test_no_character_is_lost(number: str, lines: list[str], scheme: str) -> None:
    item = msgspec.structs.replace(ITEM, call_number=number, call_number_scheme=scheme)
    assert "".join(one_line(item, lines).split()) == "".join("".join(lines).split())


def test_pocket_part_and_flag_say_it() -> None:
    item = msgspec.structs.replace(ITEM, call_number="641.594872 SMI", call_number_scheme="dewey")
    lines = ("641.594", "872", "SMI")
    for label in (
        content.pocket(item, lines),
        content.part(item, lines, 1, 3, ""),
        content.flag(item, lines, (), "", ""),
    ):
        assert "641.594872 SMI" in [row.text for row in label.rows]
    assert [row.text for row in content.spine(lines, "").rows] == list(lines)
