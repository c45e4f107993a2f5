"""Every citation of a page in docs/reference names an existing page and heading. No text cites a page outside this
repository."""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Iterator

from tests.conftest import ROOT
from tests.docs.pages import slug
from tests.support.for_each import for_each

PLACES = ("station", "tests", "docs", "scripts", "benchmarks", "fuzz", "hardware", "README.md")
KINDS = (".py", ".md", ".toml", ".po", ".tcss", ".yml", ".service", ".rules")
NOT_READ = ("tests/golden/", "tests/docs/test_references.py")
"""The golden corpus keeps old citations; this file quotes forbidden ones."""

_CITATION = re.compile(r"docs/reference/(?P<page>[\w-]+)\.md(?P<anchors>(?:#[\w-]+(?:(?:,| and| to)\s+(?=#\w))?)*)")
_RULE = re.compile(r"#(?P<group>\w+)-rules, rule (?P<number>\d+)")
_ROW = re.compile(r"^\| (\d+) \|", re.M)
GONE = (
    "reliability.md",
    "tag-data-models.md",
    "reader-protocols.md",
    "processing-and-quality.md",
    "acquisitions-and-oclc.md",
    "security-findings.md",
    "library-systems.md",
    "operator-screens.md",
    "house.md",
)
"""Pages that are not in this repository."""
_LEADS_NOWHERE = re.compile(
    rf"(?<![\w/-])(?:{'|'.join(re.escape(name) for name in GONE)})"
    r"|\bshared/(?:domain|design)\b"
    r"|\bthe issue(?:'s)?\b(?! number)|\bproject's (?:issue|notes|reader protocol notes|reliability notes)\b"
    r"|\bthis issue\b|\bhouse rules?\b|library systems reference|reliability reference|(?<!\w )\bissue \d+",
    re.I,
)


_WORDS = (*GONE, "shared/", "issue", "project's ", "house rule", "library systems reference", "reliability reference")
"""Each match of `_LEADS_NOWHERE` has one of these, and few texts have any: the pattern is slow."""


def leading_nowhere(written: str) -> list[str]:
    """Return the citations that lead to a page outside this repository, or to an issue."""
    small = written.lower()
    if not any(word in small for word in _WORDS):
        return []
    return [match[0] for match in _LEADS_NOWHERE.finditer(written)]


@functools.cache
def files() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files", *PLACES], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(
        name
        for name in listed.splitlines()
        if name.endswith(KINDS) and not name.startswith(NOT_READ) and (ROOT / name).exists()
    )


@functools.cache
def text(name: str) -> str:
    """Return a file as running text: a wrapped comment or paragraph becomes one line."""
    return re.sub(r"\s*\n\s*(?:#\s)?\s*", " ", (ROOT / name).read_text(encoding="utf-8"))


@functools.cache
def sections(page: str) -> dict[str, str]:
    """Return the texts of a reference page's sections by anchor; {} if there is no such page."""
    path = ROOT / "docs/reference" / f"{page}.md"
    if not path.exists():
        return {}
    pieces = re.split(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.M)
    return {slug(heading): body for heading, body in zip(pieces[1::2], pieces[2::2], strict=True)}


def citations(written: str) -> Iterator[tuple[str, str]]:
    """Yield page and anchor ("" = the whole page) of each citation. One citation can list anchors: "#one, #two and
    #three"."""
    for match in _CITATION.finditer(written):
        for anchor in re.findall(r"#([\w-]+)", match["anchors"]) or [""]:
            yield match["page"], anchor


def broken(written: str) -> list[str]:
    """Return the citations whose page, section or rule does not exist."""
    found = [
        f"{page}#{anchor}"
        for page, anchor in citations(written)
        if page != "PAGE" and (not sections(page) or (anchor and anchor not in sections(page)))
    ]
    for match in _RULE.finditer(written):
        rows = _ROW.findall(sections("quality-sources").get(f"{match['group']}-rules", ""))
        found += [] if match["number"] in rows else [match[0]]
    return found


def test_every_citation_of_a_reference_page_leads_to_its_section() -> None:
    assert {name: there for name in files() if (there := broken(text(name)))} == {}


def test_no_text_cites_a_page_that_is_not_here_or_an_issue_of_this_project() -> None:
    assert {name: there for name in files() if (there := leading_nowhere(text(name)))} == {}


def test_there_is_something_to_follow() -> None:
    cited = {page for name in files() if not name.startswith("docs/") for page, _ in citations(text(name))}
    assert cited == {path.stem for path in (ROOT / "docs/reference").glob("*.md")} - {"README"}
    assert len(files()) > 1000


@for_each(
    ("written", "wrong"),
    [
        ("docs/reference/tag-data.md#crc", []),
        ("(docs/reference/tag-data.md#crc, #basic-block and #uhf-tags)", []),
        ("docs/reference/tag-data.md#crc to #gone", ["tag-data#gone"]),
        ("docs/reference/tag-data.md#check-sum.", ["tag-data#check-sum"]),
        ("docs/reference/gone.md", ["gone#"]),
        (
            "docs/reference/quality-sources.md#tag-rules, rule 8",
            ["#tag-rules, rule 8"],
        ),
    ],
)
def test_a_wrong_citation_is_seen(written: str, wrong: list[str]) -> None:
    assert broken(written) == wrong


@for_each(
    ("written", "found"),
    [
        ("see reliability.md 1.5", True),
        ("../shared/domain/traces", True),
        ("what the issue names", True),
        ("the project's issue 5", True),
        ("(issue 19)", True),
        ("docs/library-systems/alma.md", False),
        ("dp2 issue 257", False),
        ("the issue number of a recording", False),
    ],
)
def test_what_leads_nowhere_is_told_from_what_does_not(written: str, found: bool) -> None:
    assert bool(leading_nowhere(written)) is found


def test_reference_pages_name_their_certainty() -> None:
    """Each page links to the words for certainty, so that a reader can distinguish a manual from a recollection."""
    for path in sorted((ROOT / "docs/reference").glob("*.md")):
        if path.name != "README.md":
            assert "README.md#how-certain-a-fact-is" in path.read_text(encoding="utf-8"), path.name
