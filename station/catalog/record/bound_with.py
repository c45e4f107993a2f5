"""Titles of works that are bound together in one volume, for a record that stands for the volume only.

Alma makes such a record: its 245 is "Host bibliographic record for boundwith item barcode ...", and one 774 for each
bound work has the title in $t (genuine records of Princeton, github.com/pulibrary/bibdata, scsb_dump_fixtures/host.xml;
Penn's and Temple's indexers recognize the text). A 501 ("Bound with: ...") is read if there is no 774.
"""

from __future__ import annotations

import re
from typing import Final

from pymarc import Field, Record

from station.base.text import clean

_HOST: Final = re.compile(r"\bhost\b.*\bbound[\s-]?with\b", re.IGNORECASE)
_ISBD_END: Final = re.compile(r"[\s/:;,=+]+\Z")
_LEAD: Final = re.compile(r"\A(?:\w+\s+){0,2}with\s*:\s*", re.IGNORECASE)
"""Beginning of a 501: "With:", "Bound with:", "Issued and bound with:"."""
_NEXT: Final = re.compile(r"\s+(?:--|\u2014)\s*")
"""Between the works of one 501."""


def is_host_title(text: str) -> bool:
    """Return True for the title of a record that only stands for a volume of works bound together."""
    return _HOST.search(text) is not None


def is_host(record: Record) -> bool:
    """Return True for such a record. It describes no work, so nothing is missing from it."""
    return any(is_host_title(_text_of_title(field)) for field in record.get_fields("245"))


def titles(record: Record) -> tuple[str, ...]:
    """Return the titles of the bound works, each once: 774 $t (else $s, else $a), else 501 $a."""
    works = [_text(field) for field in record.get_fields("774")]
    if not any(works):
        notes = [
            _LEAD.sub("", clean(value)) for field in record.get_fields("501") for value in field.get_subfields("a")
        ]
        works = [_ISBD_END.sub("", work) for note in notes for work in _NEXT.split(note)]
    return tuple(dict.fromkeys(work for work in works if work))


def shown(record: Record) -> str:
    """Return the titles as one title: the first, and how many more there are ("Poems [+ 2]", the same in each language);
    "" if there are none."""
    first, *more = titles(record) or ("",)
    return f"{first} [+ {len(more)}]" if more else first


def _text_of_title(field: Field) -> str:
    return clean(" ".join(value for code, value in field.subfields if code in "ab"))


def _text(field: Field) -> str:
    texts = (clean(value) for code in "tsa" for value in field.get_subfields(code))
    return _ISBD_END.sub("", next((value for value in texts if value), ""))
