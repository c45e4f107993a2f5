"""Collect the pages for the site in build/pages, and write Zensical's configuration beside them.

Every file that README.md leads to keeps its place, so that the links work on GitHub and in the site. The navigation is that of
docs/README.md: its sections, the pages in each, and below a folder's README.md the pages of that folder. Ends with 1, and says
why, when a link leads to no file or a page of docs/ is not in the navigation.

    python scripts/make_site.py && zensical build --strict --config-file build/zensical.toml
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BUILD: Final = ROOT / "build"
INDEX: Final = ROOT / "docs" / "README.md"

_LINK: Final = re.compile(r"\[((?:!\[[^\]]*\]|[^\[\]])*)\]\((?![a-z]+:|#)([^)\s#]+)")
_PICTURE: Final = re.compile(r"!\[[^\]]*\]\((?![a-z]+:)([^)\s]+)\)")
_CODE: Final = re.compile(r"^(?: {4}.*|```.*\n(?:(?!```).*\n)*```)$", re.MULTILINE)
_CONFIGURATION: Final = """[project]
site_name = "RFID Processing Station"
docs_dir = "pages"
site_dir = "site"
use_directory_urls = false
nav = [
{nav}
]

[project.theme]
variant = "classic"
font = false
"""


def links(page: Path) -> list[tuple[str, Path]]:
    """The titles and files of a page's relative links and pictures."""
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    found = [*_LINK.findall(text), *(("", target) for target in _PICTURE.findall(text))]
    return [(title, (page.parent / target).resolve()) for title, target in found]


def reached(first: Path) -> set[Path]:
    """Every file that `first` leads to. Raises FileNotFoundError for a link to no file."""
    found, left = {first}, [first]
    while left:
        page = left.pop()
        for _, target in links(page):
            if not target.is_file():
                raise FileNotFoundError(f"{page.relative_to(ROOT)}: {target} is not a file")
            if target not in found:
                found.add(target)
                left += [target] if target.suffix == ".md" else []
    return found


def sections() -> Iterator[tuple[str, list[tuple[str, Path]]]]:
    """The sections of docs/README.md with their pages."""
    for part in re.split(r"^## ", INDEX.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title = part.partition("\n")[0].partition(":")[0]
        entries = [(name, (INDEX.parent / target).resolve()) for name, target in _LINK.findall(part)]
        yield title, list(dict.fromkeys(entries))


def navigation() -> tuple[list[str], set[Path]]:
    """The lines of the setting `nav`, and the pages in it."""
    used: set[Path] = set()

    def entry(title: str, page: Path) -> str:
        used.add(page)
        return f"{{{_quoted(title)} = {json.dumps(str(page.relative_to(ROOT)))}}},"

    lines = [entry("Home", ROOT / "README.md"), entry("Documentation", INDEX)]
    for section, entries in sections():
        lines.append(f"{{{_quoted(section)} = [")
        for title, page in entries:
            if page in used:
                continue
            lines.append(entry(title, page))
            inside = [one for one in links(page) if one[1].parent == page.parent and one[1].suffix == ".md"]
            if page.name == "README.md" and (inside := [one for one in inside if one[1] not in used]):
                first = lines.pop()
                lines += [f"{{{_quoted(title)} = [", first, *(entry(*one) for one in dict.fromkeys(inside)), "]},"]
        lines.append("]},")
    lines += [entry("Contributing", ROOT / "CONTRIBUTING.md"), entry("Changes", ROOT / "CHANGELOG.md")]
    return lines, used


def _quoted(title: str) -> str:
    """A TOML string, with a capital and without ticks."""
    return json.dumps(title[:1].upper() + title[1:].replace("`", ""))


def main() -> int:
    try:
        files = reached(ROOT / "README.md")
        lines, used = navigation()
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    lost = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md") if page not in used)
    if lost:
        print("docs/README.md does not lead to:", *lost, sep="\n  ", file=sys.stderr)
        return 1
    shutil.rmtree(BUILD / "pages", ignore_errors=True)
    for file in files:
        place = BUILD / "pages" / file.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    (BUILD / "zensical.toml").write_text(_CONFIGURATION.format(nav="\n".join(lines)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
