"""Operator's manual inside the station: find the page of a topic, of a rule, or of an error code.

Pages are the Markdown files of docs/operator (in a wheel: of `station/manual/pages`), one a workflow; a site's own
stand in the folder `manual` of the data directory and come first, so that a site may reword a page or say it in its
language (`manual/LANGUAGE/NAME.md`). A rule's page is made of the rule as it is in force here. Pictures are the
screen's own, as text (`pictures/NAME.txt`, made by scripts/make_manual_pictures.py).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from station.base.text import as_drawn
from station.base.words import ENGLISH, tell
from station.domain.manual_page import Block, Drawing, Heading, Item, Page, Paragraph, Row, Topic
from station.domain.signals import RULE, STOPS
from station.manual.markdown import parse, plain
from station.quality.pictures import picture
from station.quality.rulebook.explain import facts_of, name_of
from station.quality.rules import Catalogue

HERE: Final = Path(__file__).parent
SHIPPED: Final = HERE / "pages" if (HERE / "pages").is_dir() else HERE.parents[1] / "docs" / "operator"
"""Where an installed package has them (pyproject.toml says so), or where people read them in the source tree."""
ORDER: Final = (
    "first-day",
    "start",
    "sign-on",
    "ordinary-item",
    "menu",
    "convert",
    "when-it-stops",
    "sets",
    "overwriting",
    "interrupted",
    "sampling",
    "mending",
    "end",
    "technician",
)
"""Topics as they stand in the contents; others come behind them, by name."""


class Manual:
    """`rules`: those in force here. `site`: the site's own folder of pages, if there is one."""

    def __init__(self, rules: Catalogue, language: str = ENGLISH, site: Path | None = None) -> None:
        self._rules = rules
        folders = [site / language, site] if site is not None else []
        self._folders = [folder for folder in (*folders, SHIPPED) if folder.is_dir()]

    def topics(self) -> tuple[Topic, ...]:
        """The contents: pages of workflows, in the order of the work."""
        names = {path.stem for folder in self._folders for path in folder.glob("*.md")} - {"README"}
        places = {name: at for at, name in enumerate(ORDER)}
        ordered = sorted(names, key=lambda name: (places.get(name, len(ORDER)), name))
        return tuple(Topic(name, self._title(name)) for name in ordered)

    def rules(self) -> tuple[Topic, ...]:
        """A page for every rule that a person is asked about or that the machine judges."""
        return tuple(Topic(f"{RULE}{rule.id}", plain(rule.title)) for rule in self._rules.rules)

    def page(self, topic: str, code: str = "", said: str = "", buttons: tuple[str, ...] = ()) -> Page | None:
        """The page of a topic; None when there is none. What to do about `code`, or else about the sentence `said`, stands
        first; then what these `buttons` of a stop do, by their labels."""
        if topic.startswith(RULE):
            return self._rule_page(topic)
        text = self._text(topic)
        if text is None:
            return None
        found = (self.about(code) if code else ()) or (self.about_sentence(said, topic) if said else ())
        return Page(topic, self._title(topic), (*found, *self._buttons(buttons), *parse(text)))

    def about(self, code: str) -> tuple[Block, ...]:
        """What the operator does about a code: the row of "when the line stops" that bears it."""
        text = self._text(STOPS)
        for block in parse(text) if text is not None else ():
            if isinstance(block, Row) and block.cells and block.cells[-1][1] == code:
                said, advice = block.cells[0][1], block.cells[1][1]
                return (Heading(2, said), Paragraph(advice))
        return ()

    def about_sentence(self, said: str, topic: str = "") -> tuple[Block, ...]:
        """What the operator does when the screen says this: the row of a page whose first cell says it ("..." stands for
        any words), first of this topic's own page, then of the others; of several the one that says most of it."""
        others = [one.name for one in self.topics() if one.name != topic]
        for text in map(self._text, (topic, *others)):
            rows = [block.cells for block in parse(text or "") if isinstance(block, Row) and len(block.cells) > 1]
            fitting = [cells for cells in rows if _says(cells[0][1], said)]
            if fitting:
                cells = max(fitting, key=lambda one: len(one[0][1]))
                return (Heading(2, plain(said)), Paragraph(cells[1][1]))
        return ()

    def _buttons(self, labels: tuple[str, ...]) -> tuple[Block, ...]:
        """The rows of "when the line stops" that say what these buttons do, in the order of the screen."""
        rows = [block for block in parse(self._text(STOPS) or "" if labels else "") if isinstance(block, Row)]
        return tuple(row for label in labels for row in rows if row.cells[0][1] == label)

    def picture(self, name: str) -> tuple[str, ...]:
        """The lines of a picture as text; () when there is none."""
        for folder in self._folders:
            path = folder / "pictures" / f"{name}.txt"
            if path.is_file():
                lines = path.read_text(encoding="utf-8").splitlines()
                return tuple(as_drawn(line) for line in lines)
        return ()

    def _text(self, topic: str) -> str | None:
        if not topic.replace("-", "").isalnum():
            return None  # a topic names a file of these folders and no other
        for folder in self._folders:
            path = folder / f"{topic}.md"
            if path.is_file():
                return path.read_text(encoding="utf-8", errors="replace")
        return None

    def _title(self, topic: str) -> str:
        blocks = parse(self._text(topic) or "")
        return next((block.text for block in blocks if isinstance(block, Heading)), topic)

    def _rule_page(self, topic: str) -> Page | None:
        rule = next((one for one in reversed(self._rules.rules) if f"{RULE}{one.id}" == topic), None)
        if rule is None:
            return None
        blocks: list[Block] = [Heading(1, plain(rule.title))]
        if rule.question:
            blocks += [Paragraph(plain(rule.question)), Paragraph(_answers())]
        drawn = picture(rule, self._rules)
        if drawn:
            blocks += [Heading(2, tell("manual.picture")), Drawing(drawn)]
        reasons = self._rules.words(rule)
        if reasons:
            blocks.append(Heading(2, tell("manual.reasons")))
            blocks += [Item("-", plain(reason)) for reason in reasons]
        if rule.advice:
            blocks += [Heading(2, tell("manual.advice")), Paragraph(plain(rule.advice))]
        blocks.append(Heading(2, tell("manual.about-rule")))
        rows = facts_of(rule, self._rules)
        blocks += [Row((("", plain(name_of(key))), ("", plain(what)))) for key, what in rows if what]
        return Page(topic, plain(rule.title), tuple(blocks))


def _says(cell: str, said: str) -> bool:
    """Does the screen say what this cell of a page says?"""
    words = (re.escape(part) for part in cell.split("..."))
    return bool(cell.strip(". ")) and re.match(".*?".join(words), said) is not None


def _answers() -> str:
    """Which buttons answer a check, and what each of them says."""
    good, bad, other = (tell(f"button.{name}") for name in ("pass", "fail", "not-applicable"))
    return tell("manual.answers", good=good, bad=bad, other=other)
