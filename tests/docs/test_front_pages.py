"""The pages that a newcomer reads first are short and agree with the how-to pages. The site contains every page."""

from __future__ import annotations

import re
import tomllib

from scripts.make_site import navigation
from scripts.reference import acts
from scripts.reference.contributing import filled
from tests.conftest import ROOT
from tests.docs.pages import rows, text


def test_the_readme_is_short_and_the_changelog_is_for_users() -> None:
    assert len(text("README.md").split()) < 700
    assert len(text("CHANGELOG.md").splitlines()) <= 60


def test_every_version_but_the_newest_has_the_date_of_its_release() -> None:
    newest, *released = re.findall(r"^## (.+)$", text("CHANGELOG.md"), re.M)
    assert newest.partition(", ")[0] == tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+, \d{4}-\d\d-\d\d", version) for version in released)


def test_the_readme_names_six_claims_and_the_evidence_has_them_all() -> None:
    shown = [row[1].strip("`") for row in rows("README.md", "## Evidence")]
    assert len(shown) == 6
    assert all((ROOT / path).exists() and path in text("docs/evidence.md") for path in shown)


def test_contributing_has_the_steps_of_the_how_to_pages() -> None:
    written = text("CONTRIBUTING.md")
    assert written == filled(written, ROOT), "run: .venv/bin/python -m scripts.reference.pages docs"
    titles = [page.read_text().partition("\n")[0][2:] for page in (ROOT / "docs/how-to").glob("add-*.md")]
    assert set(titles) <= set(re.findall(r"^## (.*)$", written, re.M))


def test_the_table_of_acts_is_that_of_the_program() -> None:
    written = text("docs/people.md")
    assert written == acts.filled(written), "run: .venv/bin/python -m scripts.reference.pages docs"


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    assert set((ROOT / "docs").rglob("*.md")) <= navigation()[1]
