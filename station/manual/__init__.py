"""Operator's manual inside the station: find the page of a topic, of a rule, or of an error code.

Pages are the Markdown files of docs/operator (in a wheel: of `station/manual/pages`), one per workflow. A site's own
pages are in the folder `manual` of the data directory and take precedence, so that a site may reword a page or
translate it (`manual/LANGUAGE/NAME.md`). A rule's page is generated from the rule in force at this site. Pictures are
the screen's own, as text (`pictures/NAME.txt`, made by scripts/make_manual_pictures.py).
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
from station.quality import rule_words
from station.quality.pictures import picture
from station.quality.rulebook.explain import facts_of, name_of
from station.quality.rules import Catalogue

HERE: Final = Path(__file__).parent
SHIPPED: Final = HERE / "pages" if (HERE / "pages").is_dir() else HERE.parents[1] / "docs" / "operator"
"""Folder of the pages in an installed package (see pyproject.toml), else in the source tree."""
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
    "to-fix",
    "end",
    "technician",
)
"""Order of topics in the table of contents; other topics follow, by name."""


class Manual:
    """The manual. `rules`: the rules in force at this site; `site`: the site's own folder of pages, if there is one."""

    def __init__(self, rules: Catalogue, language: str = ENGLISH, site: Path | None = None) -> None:
        self._rules = rules
        folders = [site / language, site] if site is not None else []
        self._folders = [folder for folder in (*folders, SHIPPED) if folder.is_dir()]

    def topics(self) -> tuple[Topic, ...]:
        """Return the table of contents: pages of workflows, in the order of the work."""
        names = {path.stem for folder in self._folders for path in folder.glob("*.md")} - {"README"}
        places = {name: at for at, name in enumerate(ORDER)}
        ordered = sorted(names, key=lambda name: (places.get(name, len(ORDER)), name))
        return tuple(Topic(name, self._title(name)) for name in ordered)

    def rules(self) -> tuple[Topic, ...]:
        """Return a page for every rule that a person is asked about or that the machine judges."""
        return tuple(Topic(f"{RULE}{rule.id}", plain(rule_words.title(rule))) for rule in self._rules.rules)

    def page(self, topic: str, code: str = "", said: str = "", buttons: tuple[str, ...] = ()) -> Page | None:
        """Return the page of a topic, or None. It starts with the advice for `code`, or else for the sentence `said`;
        then come the effects of these `buttons` of a stop, by their labels."""
        if topic.startswith(RULE):
            return self._rule_page(topic)
        text = self._text(topic)
        if text is None:
            return None
        found = (self.about(code) if code else ()) or (self.about_sentence(said, topic) if said else ())
        return Page(topic, self._title(topic), (*found, *self._buttons(buttons), *parse(text)))

    def about(self, code: str) -> tuple[Block, ...]:
        """Return the operator's action for a code: the row with that code in the page "when the line stops"."""
        text = self._text(STOPS)
        for block in parse(text) if text is not None else ():
            if isinstance(block, Row) and block.cells and block.cells[-1][1] == code:
                said, advice = block.cells[0][1], block.cells[1][1]
                return (Heading(2, said), Paragraph(advice))
        return ()

    def about_sentence(self, said: str, topic: str = "") -> tuple[Block, ...]:
        """Return the operator's action for a sentence on the screen: the row of a page whose first cell matches it
        ("..." matches any words). The topic's own page is searched first, then the others; of several matches the one
        with the longest cell is used."""
        others = [one.name for one in self.topics() if one.name != topic]
        for text in map(self._text, (topic, *others)):
            rows = [block.cells for block in parse(text or "") if isinstance(block, Row) and len(block.cells) > 1]
            fitting = [cells for cells in rows if _says(cells[0][1], said)]
            if fitting:
                cells = max(fitting, key=lambda one: len(one[0][1]))
                return (Heading(2, plain(said)), Paragraph(cells[1][1]))
        return ()

    def _buttons(self, labels: tuple[str, ...]) -> tuple[Block, ...]:
        """Return the rows of "when the line stops" that explain these buttons, in the order of the screen."""
        rows = [block for block in parse(self._text(STOPS) or "" if labels else "") if isinstance(block, Row)]
        return tuple(row for label in labels for row in rows if row.cells[0][1] == label)

    def picture(self, name: str) -> tuple[str, ...]:
        """Return the lines of a picture as text; () = no such picture."""
        for folder in self._folders:
            path = folder / "pictures" / f"{name}.txt"
            if path.is_file():
                lines = path.read_text(encoding="utf-8").splitlines()
                return tuple(as_drawn(line) for line in lines)
        return ()

    def _text(self, topic: str) -> str | None:
        if not topic.replace("-", "").isalnum():
            return None  # a topic names a file in these folders and no other
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
        blocks: list[Block] = [Heading(1, plain(rule_words.title(rule)))]
        if rule.question:
            blocks += [Paragraph(plain(rule_words.question(rule))), Paragraph(_answers())]
        drawn = picture(rule, self._rules)
        if drawn:
            blocks += [Heading(2, tell("manual.picture")), Drawing(drawn)]
        reasons = rule_words.reasons(self._rules, rule)
        if reasons:
            blocks.append(Heading(2, tell("manual.reasons")))
            blocks += [Item("-", plain(reason)) for reason in reasons]
        if rule.advice:
            blocks += [Heading(2, tell("manual.advice")), Paragraph(plain(rule.advice))]
        blocks.append(Heading(2, tell("manual.about-rule")))
        rows = facts_of(rule, self._rules)
        blocks += [Row((("", plain(name_of(key))), ("", plain(what)))) for key, what in rows if what]
        return Page(topic, plain(rule_words.title(rule)), tuple(blocks))


def _says(cell: str, said: str) -> bool:
    """Return True if the screen's sentence matches this cell of a page."""
    words = (re.escape(part) for part in cell.split("..."))
    return bool(cell.strip(". ")) and re.match(".*?".join(words), said) is not None


def _answers() -> str:
    """Return the text that explains the answer buttons of a check."""
    good, bad, other = (tell(f"button.{name}") for name in ("pass", "fail", "not-applicable"))
    return tell("manual.answers", good=good, bad=bad, other=other)
