"""The security of finished tags: AFI (and EAS bit) per site profile, one tag at a time, proven like every write.

Journaled before the first command, written addressed to one UID, the field switched off and on, everything read back: the
AFI as wanted and the memory byte for byte as before. The value is absolute, so an interrupted change is settled by asking
for the same again. Other tags may lie on the pad: a stack at a lending desk is the usual case, and no command goes to them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import msgspec

from station.bench.writing import Writer, refuse_impossible
from station.encoding.content import TagContent, TagProfile
from station.encoding.plan import ChipLimits, WritePlan, plan_write
from station.errors import StationError
from station.events import SecurityWriteInterrupted, SecurityWriteStarted, SecurityWriteVerified
from station.model import TagImage, Uid
from station.ports import Journal, Reader


class Change(msgspec.Struct, frozen=True):
    """One tag on its way to another security."""

    plan: WritePlan
    content: TagContent
    secure: bool

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
        """What has to be done to the tag as just read. Raises `NotPossible` for what chip or reader cannot do (EAS bit)."""
        profile = self._profile
        new = dataclasses.replace(image, afi=profile.afi_in_stock if secure else profile.afi_on_loan)
        plan = plan_write(
            image,
            new,
            limits=ChipLimits.of(image.uid),
            eas=secure if profile.eas else None,
        )
        refuse_impossible(plan, self._reader.capabilities)
        return Change(plan, content, secure)

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
                    old_afi=plan.old.afi,
                    new_afi=plan.new.afi,
                    plan_digest=plan.digest,
                    steps=len(plan.steps),
                    source=source,
                )
            )
        try:
            image = plan.new if plan.empty else Writer(self._reader, plan, progress, alone=False).run()
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
                afi=image.afi,
                unchanged=plan.empty,
                source=source,
            )
        )
        return image
