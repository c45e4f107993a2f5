"""Full-text search of the catalog index, with SQLite's FTS5.

The table `searched` has the words of each record (`catalog.record.search_words`), and `searched_fts` is the FTS5 index
over it. A call number is searched in the shelf list, which is in shelf order and has a key for every way of writing a
number. An answer is a list of record ids; the caller reads the records and checks their digests, so a damaged search
index can miss a record, but never show a wrong one.

`meta.search` is the version of the words with the digest of the index (`digest.seal`). If it does not fit, the words
were not kept up to date, as by an earlier version of the program, and the index cannot be searched.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Final

from station.catalog.record import search_words, shelf_keys
from station.domain.ports import Wanted

TABLE: Final = (
    "CREATE TABLE searched (record INTEGER PRIMARY KEY, title TEXT NOT NULL, author TEXT NOT NULL, isbn TEXT NOT NULL)"
)
_BUILD: Final = (
    # searched_fts keeps no text of its own (an external content table)
    "CREATE VIRTUAL TABLE searched_fts USING FTS5 "
    "(title, author, isbn, tokenize='unicode61 remove_diacritics 2', content=searched)",
    "INSERT INTO searched_fts (rowid, title, author, isbn) SELECT rowid, title, author, isbn FROM searched",
)

_SEAL: Final = "INSERT OR REPLACE INTO meta SELECT 'search', ? || ' ' || value FROM meta WHERE key = 'digest'"
_SEALED: Final = (
    "SELECT search.value = ? || ' ' || seal.value FROM meta AS search JOIN meta AS seal ON seal.key = 'digest' "
    "WHERE search.key = 'search'"
)
TAKE_OUT: Final = (
    "INSERT INTO main.searched_fts (searched_fts, rowid, title, author, isbn) "
    "SELECT 'delete', record, title, author, isbn FROM main.searched WHERE record IN (SELECT id FROM old)",
    "DELETE FROM main.searched WHERE record IN (SELECT id FROM old)",
)
"""Remove the records of the temporary table `old`. FTS5 needs their words to remove them."""
_ADD: Final = (
    "INSERT INTO main.searched SELECT record + ?, title, author, isbn FROM news.searched ORDER BY record",
    "INSERT INTO main.searched_fts (rowid, title, author, isbn) "
    "SELECT record + ?, title, author, isbn FROM news.searched ORDER BY record",
)
_BY_WORDS: Final = "SELECT rowid FROM searched_fts WHERE searched_fts MATCH ? ORDER BY rowid DESC LIMIT ?"
_BY_NUMBER: Final = "SELECT DISTINCT record FROM shelf WHERE key >= ? AND key < ? ORDER BY key, record LIMIT ?"
_LAST: Final = "\U0010ffff"
"""Behind every character in the order of SQLite."""
_MOST_WORDS: Final = 12
_LONGEST_WORD: Final = 40
_LEAST_ISBN: Final = 7
"""Digits that are taken for the beginning of an ISBN if nothing says that they are one."""
_DIGITS: Final = re.compile(r"[0-9][0-9Xx\- ]*")


def build(connection: sqlite3.Connection) -> None:
    """Make the FTS5 index over all of `searched`, in the open transaction."""
    for statement in _BUILD:
        connection.execute(statement)


def add(connection: sqlite3.Connection, behind: int) -> None:
    """Add the records of the attached index `news`, with ids behind this one."""
    for statement in _ADD:
        connection.execute(statement, (behind,))


def seal(connection: sqlite3.Connection) -> None:
    """Note that the words are those of the index as it was sealed last."""
    connection.execute(_SEAL, (search_words.VERSION,))


def can_search(connection: sqlite3.Connection) -> bool:
    """Return False for an index of another version of the program, whose words are missing or not up to date."""
    row = connection.execute(_SEALED, (search_words.VERSION,)).fetchone()
    return row is not None and bool(row[0])


def record_ids(connection: sqlite3.Connection, wanted: Wanted, most: int) -> tuple[list[int], tuple[str, ...]]:
    """Return the ids of at most `most` records that fit, and the beginnings of the shelf keys that their items must
    have; () = the records were not found by a call number."""
    asked = _asked(wanted)
    keys = shelf_keys.keys_of(wanted.call_number)
    if keys:
        fits = set(_by_words(connection, asked, -1)) if asked else None
        numbered = _by_number(connection, keys, most if fits is None else -1)
        return [one for one in numbered if fits is None or one in fits][:most], keys
    found: dict[int, None] = {}
    if wanted.text and not (wanted.title or wanted.author or wanted.isbn):
        if (isbn := _isbn(wanted.text, _LEAST_ISBN)) and (by_isbn := _by_words(connection, isbn, most)):
            return by_isbn, ()
        keys = shelf_keys.keys_of(wanted.text) if any(char.isdigit() for char in wanted.text) else ()
        if keys and (numbered := _by_number(connection, keys, most)):
            return numbered, keys
    found |= dict.fromkeys(_by_words(connection, asked, most) if asked else ())
    return list(found), ()


def _by_words(connection: sqlite3.Connection, match: str, most: int) -> list[int]:
    return [int(row[0]) for row in connection.execute(_BY_WORDS, (match, most))]


def _by_number(connection: sqlite3.Connection, keys: tuple[str, ...], most: int) -> list[int]:
    found: dict[int, None] = {}
    for key in keys:
        found |= dict.fromkeys(int(row[0]) for row in connection.execute(_BY_NUMBER, (key, key + _LAST, most)))
    return list(found)[: most if most >= 0 else None]


def _asked(wanted: Wanted) -> str:
    """Return the FTS5 query; "" = nothing that can be asked. Only letters and digits in quotation marks get into it, so
    that nothing typed has a meaning for FTS5."""
    asked = [_all("{title author isbn}", wanted.text), _all("title", wanted.title), _all("author", wanted.author)]
    asked.append(_isbn(wanted.isbn, 1))
    return " AND ".join(one for one in asked if one)


def _all(column: str, text: str) -> str:
    """Return the query for all these words; the last one may be incomplete, as it is while a person types."""
    *whole, last = [word[:_LONGEST_WORD] for word in search_words.words(text)[:_MOST_WORDS]] or [""]
    if not last:
        return ""
    # A single letter begins too many words: it is taken as a word of its own.
    typed = [*(f'"{word}"' for word in whole), f'"{last}"{" *" if len(last) > 1 else ""}']
    return " AND ".join(f"{column} : {word}" for word in typed)


def _isbn(text: str, least: int) -> str:
    """Return the query for an ISBN or its beginning; "" if the text is not digits."""
    tidy = text.strip()
    number = search_words.isbn_of(tidy) if _DIGITS.fullmatch(tidy) else ""
    if len(number) < least:
        return ""
    return f'(isbn : "{number}" * OR isbn : "978{number}" *)'
