"""Operator's manual inside the station: find the page of a topic, of a rule, or of an error code.

Pages are the Markdown files of docs/operator (in a wheel: of `station/manual/pages`), one per workflow; translations are
in folders named by their language (`es/NAME.md`), and a page without one is shown in English. A site's own pages are in
the folder `manual` of the data directory and take precedence, so that a site may reword a page or translate it
(`manual/LANGUAGE/NAME.md`). A rule's page is generated from the rule in force at this site. Pictures are
the screen's own, as text (`pictures/NAME.txt`, made by scripts/make_manual_pictures.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from station.base.text import as_drawn
from station.base.words import spoken, tell
from station.domain.manual_page import Block, Drawing, Heading, Item, Page, Paragraph, Row, Topic
from station.domain.signals import BUTTONS, MENU, RULE, STOPS
from station.manual.markdown import marked, parse, plain, table_rows
from station.manual.pictures import picture
from station.manual.rule_facts import facts_of, name_of
from station.quality import rule_words
from station.quality.rules import Catalogue

HERE: Final = Path(__file__).parent
SHIPPED: Final = HERE / "pages" if (HERE / "pages").is_dir() else HERE.parents[1] / "docs" / "operator"
"""Folder of the pages in an installed package (see pyproject.toml), else in the source tree."""
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_FRAME: Final = frozenset("┌╭│")
"""Characters of a drawing that is more than lines of text."""
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

    def __init__(self, rules: Catalogue, site: Path | None = None, language: Callable[[], str] = spoken) -> None:
        """`language`: returns the code of the language of the moment, which a worker may change."""
        self._rules = rules
        self._site = site
        self._language = language

    @property
    def _folders(self) -> list[Path]:
        language = self._language()
        folders = [place for root in (self._site, SHIPPED) if root is not None for place in (root / language, root)]
        return [folder for folder in folders if folder.is_dir()]

    def topics(self) -> tuple[Topic, ...]:
        """Return the table of contents: pages of workflows, in the order of the work."""
        names = {path.stem for folder in self._folders for path in folder.glob("*.md")} - {"README", BUTTONS}
        places = {name: at for at, name in enumerate(ORDER)}
        ordered = sorted(names, key=lambda name: (places.get(name, len(ORDER)), name))
        return tuple(Topic(name, self._title(name)) for name in ordered)

    def rules(self) -> tuple[Topic, ...]:
        """Return a page for every rule that a person is asked about or that the machine judges."""
        return tuple(Topic(f"{RULE}{rule.id}", plain(tell(rule_words.title(rule)))) for rule in self._rules.rules)

    def page(self, topic: str, code: str = "", sentence: str = "", buttons: tuple[str, ...] = ()) -> Page | None:
        """Return the page of a topic, or None. It starts with the advice for `code`, or else for the screen's `sentence`,
        and the effects of these `buttons` of the screen, by their labels. Of the menu and the pages that it opens it has
        no more, for the rest is about other screens."""
        if topic.startswith(RULE):
            return self._rule_page(topic, buttons)
        text = self._text(topic)
        if text is None:
            return None
        advice = (self.about(code, buttons, sentence) if code else ()) or (
            self.about_sentence(sentence, topic, buttons) if sentence else ()
        )
        rest = () if buttons and topic in (MENU, BUTTONS) else parse(text)
        return Page(topic, self._title(topic), (*advice, *self._buttons(buttons, topic), *rest))

    def about(self, code: str, buttons: tuple[str, ...] = (), sentence: str = "") -> tuple[Block, ...]:
        """Return the operator's action for a code: the row with that code in the page "when the line stops". Its
        heading is `sentence` if that is the row's, with its values."""
        for cells in (cells for text in self._texts(STOPS) for cells in table_rows(text)):
            if plain(cells[-1]) == code and len(cells) > 2:
                cell = plain(cells[0])
                return self._advice(plain(sentence) if _says(cell, sentence) else cell, cells[1], buttons)
        return ()

    def about_sentence(self, sentence: str, topic: str = "", buttons: tuple[str, ...] = ()) -> tuple[Block, ...]:
        """Return the operator's action for a sentence on the screen: the row of a page whose first cell matches it
        ("..." matches any words). The topic's own page is searched first, then the others; of several matches the one
        with the longest cell is used."""
        others = [other.name for other in self.topics() if other.name != topic]
        for text in map(self._text, (topic, *others)):
            rows = [cells for cells in table_rows(text or "") if len(cells) > 1]
            fitting = [cells for cells in rows if _says(plain(cells[0]), sentence)]
            if fitting:
                return self._advice(plain(sentence), max(fitting, key=lambda cells: len(plain(cells[0])))[1], buttons)
        return ()

    def _advice(self, heading: str, text: str, buttons: tuple[str, ...]) -> tuple[Block, ...]:
        """Return heading and advice, without the sentences that name a button which the screen does not show.
        `buttons`: those of the screen; () = a page that is read without its screen."""
        shown = {self._button_row(label) for label in buttons}
        kept = [
            sentence
            for sentence in _SENTENCE.split(text)
            if not buttons or {row for mark in marked(sentence) if (row := self._button_row(mark))} <= shown
        ]
        return (Heading(2, heading), *((Paragraph(plain(" ".join(kept))),) if kept else ()))

    def _buttons(self, labels: tuple[str, ...], topic: str = "") -> tuple[Block, ...]:
        """Return what these buttons do, in the order of the screen."""
        rows = dict.fromkeys((label, row) for label in labels if (row := self._button_row(label, topic)))
        if not rows:
            return ()
        return (
            Heading(2, tell("manual.buttons")),
            *(Row((("", plain(label)), ("", plain(row[1])))) for label, row in rows),
        )

    def _button_row(self, label: str, topic: str = "") -> tuple[str, ...] | None:
        """Return the row of the page of buttons that fits a label; None = the button has none. An entry of the menu has
        its row in the menu's own page: `Release` opens the workflow there, and lets the truck leave elsewhere."""
        for page in (MENU, BUTTONS) if topic == MENU else (BUTTONS,):
            rows = [row for row in table_rows(self._text(page) or "") if len(row) > 1]
            fitting = [row for row in rows if _pattern(plain(row[0])).fullmatch(label)]
            if fitting:
                return max(fitting, key=lambda row: len(row[0]))
        return None

    def picture(self, name: str) -> tuple[str, ...]:
        """Return the lines of a picture as text; () = no such picture."""
        for folder in self._folders:
            path = folder / "pictures" / f"{name}.txt"
            if path.is_file():
                lines = path.read_text(encoding="utf-8").splitlines()
                return tuple(as_drawn(line) for line in lines)
        return ()

    def _text(self, topic: str) -> str | None:
        return next(self._texts(topic), None)

    def _texts(self, topic: str) -> Iterator[str]:
        """Yield the page as each folder has it: the one that is shown first, then those that it replaces."""
        if not topic.replace("-", "").isalnum():
            return  # a topic names a file in these folders and no other
        for folder in self._folders:
            path = folder / f"{topic}.md"
            if path.is_file():
                yield path.read_text(encoding="utf-8", errors="replace")

    def _title(self, topic: str) -> str:
        blocks = parse(self._text(topic) or "")
        return next((block.text for block in blocks if isinstance(block, Heading)), topic)

    def _rule_page(self, topic: str, buttons: tuple[str, ...]) -> Page | None:
        rule = next((rule for rule in reversed(self._rules.rules) if f"{RULE}{rule.id}" == topic), None)
        if rule is None:
            return None
        blocks: list[Block] = [Heading(1, plain(tell(rule_words.title(rule))))]
        if rule.question:
            blocks.append(Paragraph(plain(tell(rule_words.question(rule)))))
        blocks += self._buttons(buttons)
        drawn = picture(rule, self._rules)
        if drawn:
            heading = "manual.picture" if any(_FRAME & set(line) for line in drawn) else "manual.answers"
            blocks += [Heading(2, tell(heading)), Drawing(drawn)]
        reasons = rule_words.reasons(self._rules, rule)
        if reasons:
            blocks.append(Heading(2, tell("manual.reasons")))
            blocks += [Item("-", plain(tell(reason))) for reason in reasons]
        if rule.advice:
            blocks += [Heading(2, tell("manual.advice")), Paragraph(plain(rule.advice))]
        blocks.append(Heading(2, tell("manual.about-rule")))
        rows = facts_of(rule, self._rules)
        blocks += [Row((("", plain(name_of(key))), ("", plain(what)))) for key, what in rows if what]
        return Page(topic, plain(tell(rule_words.title(rule))), tuple(blocks))


def _says(cell: str, sentence: str) -> bool:
    """Return True if the screen's sentence begins as this cell of a page does."""
    return bool(cell.strip(". ")) and _pattern(cell).match(sentence) is not None


def _pattern(cell: str) -> re.Pattern[str]:
    """Return the pattern of a cell in which "..." stands for any words."""
    return re.compile(".*?".join(re.escape(part) for part in cell.split("...")))
