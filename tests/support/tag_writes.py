"""Events of a tag that is written or erased."""

from __future__ import annotations

from itertools import count

from station.domain import events as ev
from station.domain.tag_image import TagImage, Uid

_attempts = count(1)


def memory(uid: str, item: str) -> TagImage:
    """Return the image of a tag that carries this item; "" = a blank one."""
    return TagImage(Uid(uid), 4, item.encode().ljust(112, b"\0"), (False,), 0, 0)


def tagged(
    uid: str, item: str, found: str = "", part: int = 1, replaces: str = ""
) -> tuple[ev.TagWriteStarted, ev.TagWriteVerified]:
    """Return the events of a write. `found`: the item that the tag carried before."""
    attempt = f"attempt-{next(_attempts)}"
    started = ev.TagWriteStarted(
        attempt=attempt,
        uid=uid,
        barcode=item,
        part=part,
        parts=2,
        old=memory(uid, found),
        new=memory(uid, item),
        plan_digest="0" * 64,
        steps=12,
        operator="tess",
        replaces=replaces,
    )
    return started, ev.TagWriteVerified(attempt=attempt, uid=uid, barcode=item, part=part, parts=2, writes=12)


def erased(uid: str, item: str) -> tuple[ev.TagWriteStarted, ev.TagErased]:
    """Return the events of an erasure of the tag of this item."""
    started, verified = tagged(uid, "", item)
    return started, ev.TagErased(attempt=started.attempt, uid=uid, barcode=item, part=verified.part)


def looked(uid: str, item: str, part: int = 1, replaces: str = "") -> tuple[ev.TagWriteVerified]:
    """Return the event of a tag that carried its item already."""
    attempt = f"attempt-{next(_attempts)}"
    return (
        ev.TagWriteVerified(
            attempt=attempt, uid=uid, barcode=item, part=part, parts=2, unchanged=True, replaces=replaces
        ),
    )
