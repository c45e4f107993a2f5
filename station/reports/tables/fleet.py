"""Lists of a center: benches, the ledger of tags, refused events, and goals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from station.base.sentence import Sentence
from station.base.words.times import date_words
from station.domain.fleet_standing import BenchStanding, Goal, Holding, Refused
from station.reports.tables.table import Cell, Column, Kind, Place, Table, table

BENCH_ID = "bench_id"
"""Key of the column with the id of a row's bench."""
_UNKNOWN = Sentence("fleet.not-known")
_SITE = Column("bench_site", Sentence("fleet.head.site"))
_BENCH = Column("bench", Sentence("fleet.head.bench"))
_BENCH_ID = Column(BENCH_ID, Sentence("fleet.head.bench"), Kind.CODE)


def benches(rows: Iterable[BenchStanding]) -> Table:
    """Return how each bench is."""
    return table(
        (
            Column("bench", Sentence("fleet.head.bench"), sorts=True),
            Column("bench_site", Sentence("fleet.head.site"), sorts=True),
            Column("state", Sentence("fleet.head.state"), Kind.STATUS, "fleet.bench", sorts=True),
            Column("seen", Sentence("office.head.last-seen"), Kind.TIME, sorts=True),
            Column("unsent", Sentence("fleet.head.unsent"), Kind.COUNT, sorts=True),
            Column("unsent_since", Sentence("fleet.head.unsent-since"), Kind.TIME, only=Place.FILES),
            Column("quarantine", Sentence("fleet.head.quarantine"), Kind.COUNT, sorts=True),
            Column("refused_requests", Sentence("fleet.head.refused-requests"), Kind.COUNT, sorts=True),
            Column("operator", Sentence("fleet.head.operator"), Kind.PERSON),
            Column("hour", Sentence("fleet.head.hour"), Kind.COUNT, sorts=True),
            Column("today", Sentence("fleet.head.today"), Kind.COUNT, only=Place.FILES),
            Column("reader", Sentence("board.reader"), Kind.STATUS, "fleet.reader"),
            Column("version", Sentence("office.head.version"), sorts=True),
            Column("rules", Sentence("office.head.rules"), sorts=True),
            Column("events", Sentence("fleet.head.events"), Kind.COUNT, only=Place.FILES),
            Column("behind", Sentence("fleet.head.behind"), Kind.COUNT, only=Place.FILES),
            Column("lost", Sentence("fleet.head.lost"), Kind.COUNT, only=Place.FILES),
            _BENCH_ID,
        ),
        [(*_bench(row), row.events, row.behind, row.lost, row.id) for row in rows],
        id_at=17,
    )


def _bench(row: BenchStanding) -> tuple[Cell, ...]:
    head, beat = (row.name, row.site, row.state, row.seen), row.heartbeat
    if beat is None:
        return (*head, "", "", row.quarantine, row.refused_requests, "", "", "", "not-known", _UNKNOWN, _UNKNOWN)
    reader = "away" if beat.reader else "look" if beat.advice else "ready" if beat.reader_ready else "starts"
    return (
        *head,
        beat.unsent,
        beat.unsent_since,
        row.quarantine,
        row.refused_requests,
        beat.worker,
        beat.hour,
        beat.today,
        reader,
        beat.version,
        beat.rules[:12],
    )


def ledger(rows: Iterable[Holding], names: Mapping[str, tuple[str, str]], titles: Mapping[str, str]) -> Table:
    """Return what each tag carries. `names`: name and site of the benches by id; `titles`: by barcode."""
    return table(
        (
            Column("title", Sentence("office.head.title"), Kind.TITLE),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column("part", Sentence("fleet.head.part"), only=Place.FILES),
            Column("state", Sentence("fleet.head.state"), Kind.STATUS, "fleet.only"),
            Column("uid", Sentence("fleet.head.tag"), leads_to="/tags"),
            Column("at", Sentence("fleet.head.written"), Kind.TIME),
            _BENCH,
            Column("bench_site", Sentence("fleet.head.site"), only=Place.FILES),
            _BENCH_ID,
        ),
        [
            (
                titles.get(row.barcode, "") if row.barcode else Sentence("fleet.no-item"),
                row.barcode,
                f"{row.part}/{row.parts}" if row.parts > 1 else "",
                "open" if not row.certain else "second" if row.second else "lost" if row.lost else "",
                row.uid,
                row.at,
                *names.get(row.bench, ("", "")),
                row.bench,
            )
            for row in rows
        ],
        id_at=4,
    )


def quarantine(rows: Iterable[Refused], names: Mapping[str, tuple[str, str]]) -> Table:
    """Return refused events. `names`: as for `ledger`."""
    return table(
        (
            _BENCH,
            _SITE,
            Column("why", Sentence("fleet.head.why"), Kind.STATUS, "fleet.refused"),
            Column("arrived", Sentence("fleet.head.arrived"), Kind.TIME),
            Column("seq", Sentence("office.head.number")),
            Column("kind", Sentence("fleet.head.kind")),
            Column("at", Sentence("fleet.head.stated-time"), only=Place.FILES),
            Column("journal", Sentence("fleet.head.journal")),
            Column("hash", Sentence("office.head.hash"), only=Place.FILES),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                *names.get(row.bench, ("", "")),
                row.why,
                row.arrived,
                row.seq,
                row.kind,
                row.at,
                row.journal,
                row.hash,
                "~".join((row.bench, row.journal, str(row.seq), row.hash)),
            )
            for row in rows
        ],
        id_at=9,
    )


def goals(rows: Iterable[Goal], today: str) -> Table:
    """Return goals, and when each is reached at its pace. `today`: local date, ISO 8601."""
    return table(
        (
            Column("goal", Sentence("fleet.head.goal"), sorts=True),
            Column("standing", Sentence("fleet.head.standing")),
            Column("bench_site", Sentence("fleet.head.site"), sorts=True),
            Column("tagged", Sentence("fleet.head.tagged"), Kind.COUNT, sorts=True),
            Column("total", Sentence("fleet.head.total"), Kind.COUNT, sorts=True),
            Column("share", Sentence("fleet.head.share"), Kind.SHARE, sorts=True),
            Column("pace", Sentence("fleet.head.pace"), sorts=True),
            Column("done", Sentence("fleet.head.done"), Kind.DAY, sorts=True),
        ),
        [
            (
                row.name,
                standing(row, today),
                row.site,
                row.tagged,
                row.total,
                row.tagged / row.total,
                "" if row.pace is None else f"{row.pace:,.1f}",
                done(row, today),
            )
            for row in rows
        ],
        id_at=0,
    )


def done(goal: Goal, today: str) -> str:
    """Return the day on which a goal is reached at its pace (ISO 8601); "" = it is reached, or nobody can tell yet."""
    left = goal.days_left
    if not left:
        return ""
    begin = date.fromisoformat(today)
    return (begin + timedelta(days=left)).isoformat() if left <= (date.max - begin).days else ""


def standing(goal: Goal, today: str) -> Sentence:
    """Return how far a goal is, in one sentence."""
    numbers = {"tagged": f"{goal.tagged:,}", "total": f"{goal.total:,}"}
    if not goal.left:
        return Sentence("fleet.goal.reached", **numbers)
    if day := done(goal, today):
        return Sentence("fleet.goal.at-this-pace", **numbers, day=date_words(day))
    return Sentence("fleet.goal.too-early" if goal.too_early else "fleet.goal.no-pace", **numbers)
