"""The security of finished tags: AFI (and EAS bit) per site profile, one tag at a time, proven like every write.

Journaled before the first command, written addressed to one UID, the field switched off and on, everything read back: the
AFI (and the EAS bit) as wanted and the memory byte for byte as before. The value is absolute, so an interrupted change is
settled by asking for the same again. Other tags may lie on the pad: a stack at a lending desk is the usual case, and no
command goes to them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import msgspec

from station.base.errors import NotPossible, ProtocolError, StationError, TagError, TagMismatch, TransportError
from station.base.words import tell
from station.bench.item.write_steps import Writer, refuse_impossible
from station.domain.events import SecurityWriteInterrupted, SecurityWriteStarted, SecurityWriteVerified
from station.domain.ports import Journal, Reader
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import ChipLimits, WritePlan


class Change(msgspec.Struct, frozen=True):
    """One tag on its way to another security."""

    plan: WritePlan
    content: TagContent
    secure: bool
    eas: bool | None = None
    """The EAS bit as wanted; None: the profile uses none."""

    @property
    def uid(self) -> Uid:
        """Whose tag it is."""
        return self.plan.uid


class Security:
    """Plans and carries out changes of security; holds no state between tags."""

    def __init__(self, reader: Reader, journal: Journal, profile: TagProfile, new_id: Callable[[], str]) -> None:
        self._reader = reader
        self._journal = journal
        self._profile = profile
        self._new_id = new_id

    def change(self, image: TagImage, content: TagContent, *, secure: bool) -> Change:
        """What has to be done to the tag as just read. Raises `NotPossible` for what chip or reader cannot do (AFI, EAS bit)."""
        profile = self._profile
        _told(image.afi)
        new = dataclasses.replace(image, afi=profile.afi_in_stock if secure else profile.afi_on_loan)
        wanted = secure if profile.eas else None
        plan = plan_write(image, new, limits=ChipLimits.of(image.uid), eas=wanted)
        refuse_impossible(plan, self._reader.capabilities)
        if wanted is not None and self._reader.read_eas(image.uid) is wanted:
            plan = plan_write(image, new, limits=ChipLimits.of(image.uid))  # the bit is so already
        return Change(plan, content, secure, wanted)

    def is_secure(self, image: TagImage) -> bool:
        """Would this tag alarm at the gate? By its AFI, and by its EAS bit where the profile uses one and reader and chip can
        tell. Raises `NotPossible` where the reader does not tell the AFI, `TagAbsent` when the tag has left, and what the
        transport raises."""
        if _told(image.afi) != self._profile.afi_in_stock:
            return False
        if not (self._profile.eas and self._reader.capabilities.can_eas and ChipLimits.of(image.uid).has_eas):
            return True
        return self._reader.read_eas(image.uid)

    def carry_out(self, change: Change, source: str, progress: Callable[[int, int], None]) -> TagImage:
        """Do it and prove it; returns the tag as read back.

        Raises what the writer raises, after journaling `SecurityWriteInterrupted`: then it is not known which security the
        tag has.
        """
        plan, content = change.plan, change.content
        attempt = self._new_id()
        if not plan.empty:
            self._journal.record(
                SecurityWriteStarted(
                    attempt=attempt,
                    uid=plan.uid,
                    barcode=content.primary_item_identifier,
                    part=content.part,
                    parts=content.parts,
                    secure=change.secure,
                    old_afi=_told(plan.old.afi),
                    new_afi=_told(plan.new.afi),
                    plan_digest=plan.digest,
                    steps=len(plan.steps),
                    source=source,
                    eas=change.eas,
                )
            )
        try:
            image = plan.new if plan.empty else Writer(self._reader, plan, progress, alone=False).run()
            if change.eas is not None and self._reader.read_eas(plan.uid) is not change.eas:
                raise TagMismatch(tell("pad.eas-is-off" if change.eas else "pad.eas-is-on"))
        except StationError as error:
            self._journal.record(
                SecurityWriteInterrupted(
                    attempt=attempt,
                    uid=plan.uid,
                    barcode=content.primary_item_identifier,
                    secure=change.secure,
                    code=error.code,
                    detail=error.detail,
                    source=source,
                )
            )
            raise
        self._journal.record(
            SecurityWriteVerified(
                attempt=attempt,
                uid=plan.uid,
                barcode=content.primary_item_identifier,
                part=content.part,
                parts=content.parts,
                secure=change.secure,
                afi=_told(image.afi),
                unchanged=plan.empty,
                source=source,
                eas=change.eas,
            )
        )
        return image


def _told(afi: int | None) -> int:
    """Raises `NotPossible` where the reader does not tell the AFI."""
    if afi is None:
        raise NotPossible(tell("detail.afi-not-told"))
    return afi


def eas_of(reader: Reader, profile: TagProfile, uid: Uid) -> tuple[bool | None, str]:
    """(whether the tag's EAS bit is set, ""), or (None, why nobody can say). Asks the tag only where the site's security uses
    the bit and reader and chip have a way to it."""
    if not profile.eas:
        return None, tell("pad.eas-not-used")
    if not reader.capabilities.can_eas:
        return None, tell("pad.eas-reader-cannot")
    if not ChipLimits.of(uid).has_eas:
        return None, tell("pad.eas-chip-has-none")
    try:
        return reader.read_eas(uid), ""
    except (TagError, TransportError, ProtocolError, NotPossible) as error:
        return None, tell("pad.eas-not-told", code=error.code)
