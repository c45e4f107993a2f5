"""The part of `store.queries.queries` about sampling: streams, draws, and the lots that were rejected."""

from __future__ import annotations

from contextlib import AbstractContextManager

from station.domain.events import AnyEvent
from station.domain.sampling import RejectedLot, Stream, Whose
from station.store.database import decoding
from station.store.database.database import Sql
from station.store.projections import sampling


class SamplingViews:
    """What `Queries` takes in."""

    def _reading(self) -> AbstractContextManager[Sql]:
        """A connection for one view."""
        raise NotImplementedError

    def streams(self) -> tuple[tuple[Stream, str], ...]:
        """Where sampling stands for each worker and vendor, and since when."""
        with self._reading() as db:
            return sampling.streams(db)

    def sampling_events(self, after: int, limit: int) -> tuple[tuple[int, AnyEvent], ...]:
        """Number and event of draws and counts after event `after`, oldest first, at most `limit`; for the station, which
        does them again."""
        with self._reading() as db:
            rows = list(
                db.execute(
                    "SELECT seq, kind, payload FROM events WHERE seq > ? "
                    "AND kind IN ('item-drawn', 'sampling-counted') ORDER BY seq LIMIT ?",
                    (after, limit),
                )
            )
        return tuple((seq, decoding.decode(seq, kind, payload)) for seq, kind, payload in rows)

    def unasked(self, whose: Whose, subject: str) -> tuple[int, tuple[str, ...]] | None:
        """The lot of a worker or vendor that was rejected last, and the items in it that nobody was asked about (nor has
        any been judged with everything asked since). `None` = none was rejected."""
        with self._reading() as db:
            return sampling.unasked(db, whose, subject)

    def rejected_lots(self) -> tuple[RejectedLot, ...]:
        """Every lot that was rejected and holds items which passed, about which nobody was asked, and which nobody has gone
        through or struck off since; the one that was rejected first comes first."""
        with self._reading() as db:
            return sampling.rejected_lots(db)

    def switch_reasons(self) -> dict[tuple[Whose, str], str]:
        """Why each stream is where it is: the reason of its newest switch."""
        with self._reading() as db:
            rows = list(
                db.execute(
                    "SELECT json_extract(s.value, '$.whose'), json_extract(s.value, '$.subject'), "
                    "json_extract(s.value, '$.reason') FROM events e, json_each(CAST(e.payload AS TEXT), '$.switches') s "
                    "WHERE e.kind IN ('sampling-counted', 'item-drawn') ORDER BY e.seq, s.key"
                )
            )
        return {(Whose(whose), str(subject)): str(reason) for whose, subject, reason in rows}
