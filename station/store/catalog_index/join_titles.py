"""Join holdings records with their titles, whatever their order in the files.

004 of a holdings record is the 001 of its title (MARC 21 Format for Holdings Data, 004). Holdings records with items wait
in the table `held`. When all files were read, they are read once more for these titles, so memory stays bounded and
titles without items take no space. A joined record is the title with the holdings' fields from 010 on, in MARC-in-JSON,
under the title's 001. Holdings without a title are kept as they are, and listed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.sentence import Sentence
from station.catalog.marc import marc
from station.catalog.marc.evidence import Evidence
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles
from station.catalog.record.separate_holdings import as_raw, control_field, is_title, joined
from station.store.catalog_index.taken import HELD, rows_of
from station.store.catalog_index.unfinished_import import (
    EVERY,
    LISTED,
    Stopped,
    UnfinishedImport,
    Untitled,
)

_OF: Final = "SELECT key, source, raw FROM held WHERE link = ? ORDER BY number"
_LEFT: Final = "SELECT key, source, raw, link FROM held WHERE link NOT IN (SELECT link FROM titled) ORDER BY number"
_NUMBER: Final = frozenset({"001"})


def join_titles(half: UnfinishedImport, should_stop: Callable[[], bool]) -> None:
    """Join the holdings records of a half whose files were all read. Raises `Stopped`; the records read are kept."""
    connection = half.connection
    if half.state.settled or connection.execute("SELECT 1 FROM held LIMIT 1").fetchone() is None:
        return
    connection.execute("CREATE INDEX held_link ON held (link)")
    connection.execute("CREATE TABLE titled (link TEXT PRIMARY KEY) WITHOUT ROWID")
    for source, file in zip(half.sources, half.state.files, strict=True):
        source.restart()
        evidence = Evidence(file.marc8_evidence, file.windows_evidence)
        for raw_record in marc.read_like_file(marc.read(source), evidence):
            if isinstance(raw_record, RawRecord):
                _offer(half, raw_record)
                half.flush_if_due()
            if raw_record.number % EVERY == 0:
                half.say("titles")
                if should_stop():
                    raise Stopped(Sentence("store.import.stopped-read"))
    for key, number, raw, link in connection.execute(_LEFT):
        items = profiles.items(marc.parse(raw), half.profile)
        half.keep(key, number, raw, rows_of(key, RawRecord(0, raw), items, half.rules))
        half.state.untitled_count += 1
        if len(half.state.untitled) < LISTED:
            half.state.untitled.append(Untitled(key.removeprefix(HELD), link))
        half.flush_if_due()
    half.flush()
    connection.execute("DROP TABLE titled")


def _offer(half: UnfinishedImport, raw_record: RawRecord) -> None:
    """Join this record with its holdings, if it is a title that holdings wait for."""
    connection = half.connection
    try:
        key = control_field(marc.fields_of(raw_record.data, _NUMBER, raw_record.known), "001")
        if not key or connection.execute(_OF, (key,)).fetchone() is None:
            return
        title = marc.parse(raw_record.data)
    except BadRecord:
        return
    if not is_title(title):
        return
    if str(title.leader)[5:6] == "d":
        half.take_out(key, deleted=True)
        return
    if not connection.execute("INSERT OR IGNORE INTO titled VALUES (?)", (key,)).rowcount:
        return
    half.state.without -= not profiles.items(title, half.profile)
    for _, number, raw in connection.execute(_OF, (key,)):
        record = joined(title, marc.parse(raw), half.profile.tags)
        whole, items = as_raw(record), profiles.items(record, half.profile)
        half.keep(key, number, whole.data, rows_of(key, whole, items, half.rules))
        half.state.joined += 1
        half.flush_if_due()
