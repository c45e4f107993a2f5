"""A failed check as text, in the language in use: the rule's title, then the reason.

Rules, and the journal, have these texts in English. The catalog's area `question` repeats those of the shipped rules, so
that a language can translate them. A text that it does not have is that of a site, of an older journal, or of the
machine; it is shown as it is.
"""

from __future__ import annotations

from functools import cache

from station.base.words import english, english_area, tell


def in_use(name: str, text: str) -> str:
    """Return a rule's text in the language in use. `name`: where the area `question` repeats it; `text`: in English."""
    entry = english().own.get(f"question.{name}")
    return text if entry is None or entry.forms[0] != text else tell(f"question.{name}")


def title_of(rule: str, title: str) -> str:
    """Return the title of a rule in the language in use. `rule`: its id."""
    return in_use(f"title.{rule}", title)


def reason_of(reason: str) -> str:
    """Return the reason of a fail in the language in use. A correction has no code of the reason, only the phrase."""
    return in_use(_phrases().get(reason, ""), reason)


def told(rule: str, title: str, reason: str = "", note: str = "") -> str:
    """Return a defect as people read it: the rule's title, then the reason, then a person's note."""
    said = title_of(rule, title)
    said = tell("finding.said", title=said, reason=reason_of(reason)) if reason else said
    return tell("finding.said-note", said=said, note=note) if note else said


@cache
def _phrases() -> dict[str, str]:
    """Return the name of each phrase by its English text."""
    names = ((key.removeprefix("question."), entry.forms[0]) for key, entry in english_area("question").items())
    return {text: name for name, text in names if name.startswith("phrase.")}
