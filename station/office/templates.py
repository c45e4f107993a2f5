"""The templates: each value passes `clean` and is escaped, and a missing value is a defect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from station.base.sentence import Sentence
from station.base.text import as_drawn, clean, with_names
from station.base.words import spoken, tell
from station.office.marks import mark
from station.reports.charts import Drawing

LONGEST: Final = 4000
"""Characters of a value."""
_BREAK: Final = re.compile(r"[^\s._/:-]{20}(?=\S)|[._/:-](?=\w{4})")


def _shown(value: object) -> object:
    """Return a value as a page shows it. Jinja2 then escapes it."""
    if isinstance(value, Markup):
        return value  # made by Jinja2 itself: the text of a macro
    if isinstance(value, Drawing):
        return Markup(value)  # noqa: S704 - its texts are escaped
    if isinstance(value, Sentence):
        return clean(tell(value), LONGEST)
    return clean(value, LONGEST) if isinstance(value, str) else value


_environment: Final = Environment(
    loader=PackageLoader("station.office", "html"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _seen(text: str | Sentence, names: Mapping[str, str]) -> str:
    """Return a text of the journal with the names that the viewer may see, by worker id."""
    return with_names(clean(tell(text) if isinstance(text, Sentence) else text, LONGEST), names)


def _breakable(text: str) -> Markup:
    """Return a text with the places where a narrow cell may break it, besides at blanks: in long words alone."""
    escaped = str(escape(_BREAK.sub("\\g<0>\n", clean(text, LONGEST))))
    return Markup(escaped.replace("\n", "<wbr>"))  # noqa: S704


def cell_attributes(kind: str, head: Sentence | str, *, empty: bool) -> Markup:
    """Return the attributes of the cells of a column: its kind, and its head for a narrow page."""
    return Markup('class="{}{}" data-head="{}"').format(kind, " none" if empty else "", _shown(head))


def _drawn(line: str) -> Markup:
    """Return a line of a drawing of characters with its blanks."""
    return escape(as_drawn(line))


_environment.globals.update(drawn=_drawn, tell=tell, language=spoken, seen=_seen, breakable=_breakable, mark=mark)


def render(name: str, **values: object) -> str:
    """Return a page as HTML."""
    return _environment.get_template(f"{name}.html").render(values)
