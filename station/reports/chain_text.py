"""The result of a check of the journal as lines of text."""

from __future__ import annotations

from collections.abc import Sequence

from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.words import tell
from station.store.journal.hash_chain import ChainReport
from station.store.queries.pin_trace import Recovery


def chain_text(report: ChainReport, recovered: Sequence[Recovery] = ()) -> list[str]:
    """Return what was checked, what is wrong, and the PINs that were given without proof."""
    compared = tell("chain.heads", count=report.heads_checked)
    wrong = [*report.problems, *(Sentence("chain.lost", head=lost) for lost in report.missing_heads)]
    return [
        tell("chain.counted", count=report.events, heads=compared, journal=report.journal_id),
        tell("chain.head", head=report.head),
        *(
            tell("chain.timeline", journal=b.journal, parent=b.parent, seq=b.parent_seq, hash=b.parent_hash)
            for b in (part.began for part in report.timelines)
            if b is not None
        ),
        *([tell("chain.aside", count=report.heads_aside)] * bool(report.heads_aside)),
        *(tell("chain.problem", what=problem) for problem in wrong),
        *(tell("chain.other", journal=other) for other in report.other_journals),
        *([tell("archive.read", count=report.archived)] * bool(report.archived)),
        *(tell("archive.absent", file=file) for file in report.missing_archives),
        *([tell("archive.unread", count=report.unread)] * bool(report.unread)),
        tell("chain.good" if report.ok else "chain.bad"),
        *([tell("chain.older")] * bool(report.missing_heads)),
        *(tell("chain.recovered", day=local_day(recovery.at), worker=recovery.worker) for recovery in recovered),
    ]
