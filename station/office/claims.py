"""Claims that were made: text for a mail, table, and paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.words import station_session, tell
from station.base.words.times import date_words, local_day_and_time
from station.office.asked import Asked, Page, missing
from station.office.forms import NEW
from station.office.papers import pdf
from station.reports import claim
from station.reports.claim import Claim, library_of


def one(asked: Asked) -> Page:
    """One claim as it goes to the vendor, and its differences."""
    made = _find(asked)
    if made is None:
        return missing()
    names = asked.names_seen()
    facts = (
        (tell("shipment.head.vendor"), made.vendor),
        (tell("claim.to"), made.contact.name if made.contact is not None else ""),
        (tell("claim.mail"), made.contact.mail if made.contact is not None else ""),
        (tell("claim.made"), local_day_and_time(made.made_at)),
        (tell("shipment.head.by"), names.get(made.by, made.by)),
        (tell("claim.due"), date_words(made.due) if made.due else ""),
    )
    return Page(
        template="claim",
        title=tell("claim.page", number=made.id.removeprefix("claim-"), vendor=made.vendor),
        read=lambda _: claim.claimed(made),
        values={
            "facts": [fact for fact in facts if fact[1]],
            "saved": asked.number(NEW) is not None,
            "mail": claim.mail(made, station_session().tell),
            "links": [
                (tell("claim.as-text"), f"/claims/{made.id}/text"),
                (tell("claim.as-pdf"), f"/claims/{made.id}/paper"),
            ],
            "heading": tell("office.differences"),
            "empty": tell("shipment.no-differences"),
        },
    )


def text(asked: Asked) -> Page:
    """The text of one claim's mail, as a file."""
    made = _find(asked)
    if made is None:
        return missing()
    lines = claim.mail(made, station_session().tell)
    return Page(template="", title=made.id, file="".join(f"{line}\r\n" for line in lines).encode(), suffix="txt")


def paper(asked: Asked) -> Page:
    """One claim as a letter."""
    made = _find(asked)
    if made is None:
        return missing()
    return pdf(asked, "claim", claim.contents(made, station_session().tell), made.id)


def _find(asked: Asked) -> Claim | None:
    if not asked.queries.exists:
        return None
    return claim.made(asked.queries, asked.names["id"], library_of(asked.sources.settings))


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/claims/{id}", one),
    ("/claims/{id}/text", text),
    ("/claims/{id}/paper", paper),
)
