"""docs/tags.md: its examples print the output shown there; its tables name every format and the keys of the JSON."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.reference.sessions import PAGES, filled, refresh
from station.cli.tag.encode import EncodedTag
from station.cli.tag.look import Comparison, DecodedTag, ExaminedTag, ExplainedTag
from station.cli.tag.plan import MigratedTag, PlannedStep, PlannedTag
from station.domain.tag_image import TagImage
from station.encoding.content import ElementValue, Part, Range, Recognition, Severity, TagContent, TagState
from station.encoding.doctor.doctor import Diagnosis
from station.encoding.dumps.diff import TagDiff
from station.encoding.dumps.value import Format
from station.encoding.migration.migration import MigrationNote
from tests.conftest import ROOT
from tests.docs.pages import rows, text


@pytest.mark.parametrize("name", PAGES)
def test_the_examples_print_what_stands_there(name: str) -> None:
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert filled(page) == page, "run: .venv/bin/python -m scripts.reference.pages docs"


def test_a_wrong_output_would_be_seen(tmp_path: Path) -> None:
    block = "```console\n$ station tag decode 00000000\nsomething\n```\n"
    assert "blank" in filled(block)
    assert "something" not in filled(block)
    page = tmp_path / PAGES[0]
    page.write_text(block)
    refresh(tmp_path)
    assert page.read_text() == filled(block)
    with pytest.raises(ValueError, match="not a command"):
        filled("```console\n$ rm -r x\n```\n")


def test_what_is_kept_in_a_file_is_not_shown_and_long_blanks_are_short() -> None:
    made = "$ station tag encode --id 1 --owner DE-1 --model 28560-2 --to eml"
    kept = filled(f"```console\n{made} > a.eml\n$ station tag diff a.eml a.eml\n```\n")
    assert kept.splitlines()[:3] == ["```console", f"{made} > a.eml", "$ station tag diff a.eml a.eml"]
    assert "No difference." in kept
    shown = filled(f"```console\n{made}\n```\n").splitlines()
    assert shown[-4:] == ["00000000", "...", "00000000", "```"]


def test_every_format_has_its_row() -> None:
    table = rows("docs/tags.md", "## Dump formats")
    assert {row[0] for row in table} == {form.value for form in Format}
    for row in table:
        assert len(row) == 5


JSON = {
    "read": TagImage,
    "decode": DecodedTag,
    "explain": ExplainedTag,
    "doctor": ExaminedTag,
    "diff": Comparison,
    "encode": EncodedTag,
    "plan": PlannedTag,
    "migrate": MigratedTag,
    "recognition": Recognition,
    "content": TagContent,
    "one of `elements`": ElementValue,
    "one of `ranges`": Range,
    "one of `diagnoses`": Diagnosis,
    "differences": TagDiff,
    "one of `steps`": PlannedStep,
    "one of `notes`": MigrationNote,
}


def _fields(kind: type) -> tuple[str, ...]:
    return tuple(getattr(kind, "__struct_fields__", None) or kind.__dataclass_fields__)  # type: ignore[attr-defined]


def test_the_keys_of_the_json_are_those_of_the_page() -> None:
    behind = text("docs/tags.md").partition("## JSON")[2]
    said = {}
    for line in behind.splitlines():
        if line.startswith("| ") and "`" in line:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            name = cells[0].strip("`") if cells[0].startswith("`") else cells[0]
            keys = re.sub(r"\([^)]*\)", "", cells[-1])
            said[name] = tuple(re.findall(r"`(\w+)`", keys))
    assert said == {name: _fields(kind) for name, kind in JSON.items()}
    for words, kinds in (("state", TagState), ("part", Part), ("severity", Severity)):
        listed = re.search(rf"`{words}` \(([^)]*)\)", behind)
        assert listed is not None
        assert listed[1].split(", ") == [kind.value for kind in kinds]


def test_the_page_is_linked() -> None:
    assert "(tags.md)" in text("docs/README.md")
