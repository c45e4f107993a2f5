"""Figures of quality as tables: shares, the points of a chart, reasons, and the streams of sampling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from station.base.sentence import Sentence
from station.base.words import knows, tell
from station.domain.sampling import By, Stream
from station.quality.statistics.figures import Chart, Figure, Share
from station.reports.sampling_text import next_step
from station.reports.tables.table import Cell, Column, Kind, Place, Table, table
from station.store.queries.figures import Reason

_FILES: Final = Place.FILES
_MATERIALS: Final = "item.material"


def materials(codes: Iterable[str]) -> dict[str, str]:
    """Return what people call these materials, by code; one without a word is left out."""
    return {code: tell(f"{_MATERIALS}.{code}") for code in codes if knows(f"{_MATERIALS}.{code}")}


def figures(results: Sequence[Figure], by: By) -> Table:
    """Return the verdicts by worker, vendor or material. Where nothing was looked at, there is no share."""
    subject, words = Kind.PERSON if by is By.WORKER else Kind.TEXT, ""
    codes = {one.tally.subject for one in results} - {""}
    if by is By.MATERIAL and codes == materials(codes).keys():
        subject, words = Kind.STATUS, _MATERIALS
    persons, machine = Sentence("figures.column.persons"), Sentence("figures.column.machine")
    return table(
        (
            Column("subject", Sentence(f"office.by.{by.value}"), subject, words, sorts=True),
            Column("judged", Sentence("figures.column.judged"), Kind.COUNT, sorts=True),
            Column("failed", Sentence("office.head.failed"), Kind.COUNT, sorts=True),
            Column("by_persons", persons, only=Place.PAGES),
            Column("by_machine", machine, only=Place.PAGES),
            Column("looked_at", Sentence("office.head.looked-at"), Kind.COUNT, only=_FILES, part_of="by_persons"),
            Column("bad", persons, Kind.COUNT, only=_FILES, part_of="by_persons"),
            Column("bad_share", Sentence("office.head.share"), Kind.SHARE, only=_FILES, part_of="by_persons"),
            Column("bad_low", Sentence("office.head.low"), Kind.SHARE, only=_FILES, part_of="by_persons"),
            Column("bad_high", Sentence("office.head.high"), Kind.SHARE, only=_FILES, part_of="by_persons"),
            Column("machine_bad", machine, Kind.COUNT, only=_FILES, part_of="by_machine"),
            Column("machine_low", Sentence("office.head.low"), Kind.SHARE, only=_FILES, part_of="by_machine"),
            Column("machine_high", Sentence("office.head.high"), Kind.SHARE, only=_FILES, part_of="by_machine"),
            Column("beside", Sentence("figures.column.beside"), Kind.COUNT, only=_FILES),
            Column("seconds_per_item", Sentence("office.head.seconds"), Kind.COUNT, sorts=True),
        ),
        [
            (
                one.tally.subject or Sentence("figures.unknown"),
                one.tally.judged,
                one.tally.failed,
                _words(one.person),
                _words(one.machine),
                one.tally.looked,
                one.tally.bad,
                _rate(one.person),
                *_interval(one.person),
                one.tally.machine_bad,
                *_interval(one.machine),
                one.tally.beside,
                round(one.tally.seconds / one.tally.judged, 1) if one.tally.judged else 0.0,
            )
            for one in results
        ],
        id_at=0,
    )


def _rate(share: Share) -> Cell:
    return round(share.found / share.of, 6) if share.of else ""


def _interval(share: Share) -> tuple[Cell, Cell]:
    return (round(share.low, 6), round(share.high, 6)) if share.of else ("", "")


def _words(share: Share) -> Sentence:
    if not share.of:
        return Sentence("figures.none-looked-at")
    rate, low, high = (f"{100 * part:.1f}" for part in (share.found / share.of, share.low, share.high))
    return Sentence("figures.share", found=share.found, of=share.of, rate=rate, low=low, high=high)


def points(chart: Chart) -> Table:
    """Return the points of a chart, the oldest first. Limits are counts."""
    return table(
        (
            Column("group", Sentence("office.head.group"), Kind.COUNT),
            Column("first", Sentence("office.filter.since"), Kind.TIME),
            Column("last", Sentence("office.filter.until"), Kind.TIME),
            Column("looked_at", Sentence("office.head.looked-at"), Kind.COUNT),
            Column("bad", Sentence("office.head.bad"), Kind.COUNT),
            Column("lower", Sentence("office.head.lower"), Kind.COUNT),
            Column("upper", Sentence("office.head.upper"), Kind.COUNT),
            Column("signal", Sentence("office.head.signal"), Kind.STATUS, "office.signal"),
        ),
        [
            (
                point.group.number,
                point.group.first_at,
                point.group.last_at,
                point.group.looked,
                point.group.bad,
                point.lower,
                point.upper,
                point.where.value,
            )
            for point in chart.points
        ],
        id_at=0,
    )


def reasons(counts: Sequence[Reason]) -> Table:
    """Return why items failed, with the share of each reason, and of it and all more frequent ones."""
    whole = sum(reason.count for reason in counts)
    sums = accumulate(reason.count for reason in counts)
    return table(
        (
            Column("title", Sentence("office.head.reason"), sorts=True),
            Column("count", Sentence("office.head.corrections"), Kind.COUNT, sorts=True),
            Column("share", Sentence("office.head.share"), Kind.SHARE),
            Column("so_far", Sentence("office.head.so-far"), Kind.SHARE),
            Column("rule", Sentence("office.filter.rule"), Kind.TEXT, leads_to="/rules"),
        ),
        [
            (reason.title, reason.count, round(reason.count / whole, 6), round(so_far / whole, 6), reason.rule)
            for reason, so_far in zip(counts, sums, strict=True)
        ],
    )


def sampling(streams: Sequence[tuple[Stream, str]]) -> Table:
    """Return the streams of workers and vendors: at which level, since when, and what comes next."""
    return table(
        (
            Column("whose", Sentence("office.head.whose"), Kind.STATUS, "sampling.whose", sorts=True),
            Column("subject", Sentence("office.head.name"), Kind.PERSON, sorts=True),
            Column("level", Sentence("office.head.level"), Kind.STATUS, "sampling.level", sorts=True),
            Column("next", Sentence("office.head.waits-for")),
            Column("since", Sentence("office.head.since"), Kind.TIME, sorts=True),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                stream.whose.value,
                stream.subject,
                stream.level.value,
                next_step(stream),
                at,
                f"{stream.whose.value}:{stream.subject}",
            )
            for stream, at in streams
        ],
    )
