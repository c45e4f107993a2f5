"""Statistics of verdicts, counted in the database, so that memory use does not grow with the number of verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.base.sentence_json import decode_sentence
from station.domain.sampling import By, Group, Tally
from station.store.database.database import LAST, Sql
from station.store.database.since import first_since

# Each has its own literal statement, since no SQL is composed here. :first and :end = numbers of the first event of the
# period and of the first one after it: times are in the events, which are large. :own = 1: by worker, count only items
# without a vendor; :only one subject; :size of a group; :without JSON list of barcodes to leave out. Named parameters,
# since Python 3.12 deprecates ?1 to ?5 with a sequence.
_TALLY: Final = {
    By.WORKER: """SELECT j.worker, count(*), sum(j.machine_bad), sum(j.by_worker), sum(j.by_worker * j.bad),
        sum(j.bad * (1 - j.by_worker)), sum(j.failed), sum(j.seconds)
        FROM judgements j WHERE j.seq >= :first AND j.seq < :end AND j.barcode NOT IN (SELECT value FROM json_each(:without))
        AND (:own = 0 OR j.vendor = '') AND (:only IS NULL OR j.worker = :only)
        GROUP BY j.worker ORDER BY j.worker""",
    By.VENDOR: """SELECT j.vendor, count(*), sum(j.machine_bad), sum(j.by_vendor), sum(j.by_vendor * j.bad),
        sum(j.bad * (1 - j.by_vendor)), sum(j.failed), sum(j.seconds)
        FROM judgements j WHERE j.seq >= :first AND j.seq < :end AND j.barcode NOT IN (SELECT value FROM json_each(:without))
        AND j.vendor <> '' AND (:only IS NULL OR j.vendor = :only)
        GROUP BY j.vendor ORDER BY j.vendor""",
    By.MATERIAL: """SELECT j.material, count(*), sum(j.machine_bad), sum(j.asked), sum(j.asked * j.bad),
        sum(j.bad * (1 - j.asked)), sum(j.failed), sum(j.seconds)
        FROM judgements j WHERE j.seq >= :first AND j.seq < :end AND j.barcode NOT IN (SELECT value FROM json_each(:without))
        AND (:only IS NULL OR j.material = :only)
        GROUP BY j.material ORDER BY j.material""",
}
_GROUPS: Final = {
    By.WORKER: """SELECT g.subject, g.number, a.at, z.at, g.looked, g.bad FROM (
        SELECT subject, number, min(seq) AS first, max(seq) AS last, count(*) AS looked, sum(bad) AS bad FROM (
        SELECT j.worker AS subject, j.seq AS seq, j.bad AS bad,
            (row_number() OVER (PARTITION BY j.worker ORDER BY j.seq) - 1) / CAST(:size AS INTEGER) AS number
        FROM judgements j WHERE j.seq >= :first AND j.seq < :end AND j.barcode NOT IN (SELECT value FROM json_each(:without))
        AND j.by_worker = 1 AND (:own = 0 OR j.vendor = '') AND (:only IS NULL OR j.worker = :only))
        GROUP BY subject, number) g JOIN events a ON a.seq = g.first JOIN events z ON z.seq = g.last
        ORDER BY g.subject, g.number""",
    By.VENDOR: """SELECT g.subject, g.number, a.at, z.at, g.looked, g.bad FROM (
        SELECT subject, number, min(seq) AS first, max(seq) AS last, count(*) AS looked, sum(bad) AS bad FROM (
        SELECT j.vendor AS subject, j.seq AS seq, j.bad AS bad,
            (row_number() OVER (PARTITION BY j.vendor ORDER BY j.seq) - 1) / CAST(:size AS INTEGER) AS number
        FROM judgements j WHERE j.seq >= :first AND j.seq < :end AND j.barcode NOT IN (SELECT value FROM json_each(:without))
        AND j.by_vendor = 1 AND j.vendor <> '' AND (:only IS NULL OR j.vendor = :only))
        GROUP BY subject, number) g JOIN events a ON a.seq = g.first JOIN events z ON z.seq = g.last
        ORDER BY g.subject, g.number""",
    By.MATERIAL: """SELECT g.subject, g.number, a.at, z.at, g.looked, g.bad FROM (
        SELECT subject, number, min(seq) AS first, max(seq) AS last, count(*) AS looked, sum(bad) AS bad FROM (
        SELECT j.material AS subject, j.seq AS seq, j.bad AS bad,
            (row_number() OVER (PARTITION BY j.material ORDER BY j.seq) - 1) / CAST(:size AS INTEGER) AS number
        FROM judgements j WHERE j.seq >= :first AND j.seq < :end AND j.barcode NOT IN (SELECT value FROM json_each(:without))
        AND j.asked = 1 AND (:only IS NULL OR j.material = :only))
        GROUP BY subject, number) g JOIN events a ON a.seq = g.first JOIN events z ON z.seq = g.last
        ORDER BY g.subject, g.number""",
}
_REASONS: Final = """SELECT rule, max(title), count(*) FROM corrections
    WHERE kind = 'mend' AND coalesce(result, '') <> 'no-defect' AND opened_seq >= :first AND opened_seq < :end
    AND barcode NOT IN (SELECT value FROM json_each(:without))
    GROUP BY rule ORDER BY count(*) DESC, rule"""
_SENTENCE: Final = msgspec.json.Decoder(Sentence, dec_hook=decode_sentence)


class Reason(msgspec.Struct, frozen=True):
    """A rule, and how many corrections were opened for it."""

    rule: str
    title: Sentence
    count: int


def tallies(
    sql: Sql, by: By, since: str, only: str | None, *, own: bool, until: str = "", without: str = "[]"
) -> tuple[Tally, ...]:
    """Return one tally per subject, in the order of their names. `since`: ISO 8601, "" = from the beginning; `until`: the
    first time that does not count, "" = none. `without`: barcodes to leave out (JSON)."""
    rows = sql.execute(_TALLY[by], {**_period(sql, since, until), "own": int(own), "only": only, "without": without})
    return tuple(
        Tally(
            subject=str(subject),
            judged=judged,
            machine_bad=machine_bad,
            looked=looked,
            bad=bad,
            beside=beside,
            failed=failed,
            seconds=seconds,
        )
        for subject, judged, machine_bad, looked, bad, beside, failed, seconds in rows
    )


def groups(
    sql: Sql,
    by: By,
    since: str,
    only: str | None,
    size: int,
    *,
    own: bool,
    until: str = "",
    without: str = "[]",
) -> Iterator[Group]:
    """Yield groups of `size` consecutive items, subject by subject, oldest first. The last group of each may be
    smaller."""
    values: dict[str, str | int | None] = {
        **_period(sql, since, until),
        "own": int(own),
        "only": only,
        "size": size,
        "without": without,
    }
    rows = sql.execute(_GROUPS[by], values)
    for subject, number, first_at, last_at, looked, bad in rows:
        yield Group(subject=str(subject), number=number + 1, first_at=first_at, last_at=last_at, looked=looked, bad=bad)


def reasons(sql: Sql, since: str, until: str, without: str = "[]") -> tuple[Reason, ...]:
    """Return how many corrections were opened for each rule in a period, the most first. Findings that were no defect do
    not count."""
    rows = sql.execute(_REASONS, {**_period(sql, since, until), "without": without})
    return tuple(Reason(str(rule), _SENTENCE.decode(title), count) for rule, title, count in rows)


def _period(sql: Sql, since: str, until: str) -> dict[str, int]:
    return {"first": first_since(sql, since) if since else 1, "end": first_since(sql, until) if until else LAST}
