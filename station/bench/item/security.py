"""Security of finished tags: AFI (and EAS bit) per site profile, one tag at a time, verified like every write.

The change is journaled before the first command and addressed to one UID. Then the field is switched off and on and
everything is read back: AFI (and EAS bit) must be as wanted, and the memory unchanged to the byte. The value is
absolute, so an interrupted change is settled by requesting it again. Other tags may lie on the pad, since a stack at a
lending desk is the usual case; they get no command.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import msgspec

from station.base.errors import NotPossible, ProtocolError, StationError, TagError, TagMismatch, TransportError
from station.base.sentence import EMPTY, Sentence
from station.bench.item.tag_change import TagChange, WriteRun, carry_out
from station.bench.item.write_steps import refuse_impossible
from station.domain.events import SecurityWriteInterrupted, SecurityWriteStarted, SecurityWriteVerified
from station.domain.ports import Journal, Reader
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import ChipLimits, WritePlan


class SecurityChange(msgspec.Struct, frozen=True):
    """A planned change of one tag's security."""

    plan: WritePlan
    content: TagContent
    secure: bool
    eas: bool | None = None
    """The wanted EAS bit; None: the profile does not use it."""

    @property
    def uid(self) -> Uid:
        return self.plan.uid


class Security:
    """Plans and carries out security changes. Holds no state between tags."""

    def __init__(self, reader: Reader, journal: Journal, profile: TagProfile, new_id: Callable[[], str]) -> None:
        self._reader = reader
        self._journal = journal
        self._profile = profile
        self._new_id = new_id

    def change(self, image: TagImage, content: TagContent, *, secure: bool) -> SecurityChange:
        """Plan the change for a tag as just read. Raises `NotPossible` if chip or reader cannot do it (AFI, EAS
        bit)."""
        profile = self._profile
        _told(image.afi)
        new = dataclasses.replace(image, afi=profile.afi_in_stock if secure else profile.afi_on_loan)
        eas = secure if profile.eas else None
        plan = plan_write(image, new, limits=ChipLimits.of(image.uid), eas=eas)
        refuse_impossible(plan, self._reader.capabilities)
        if eas is not None and self._reader.read_eas(image.uid) is eas:
            plan = plan_write(image, new, limits=ChipLimits.of(image.uid))  # the bit already has this value
        return SecurityChange(plan, content, secure, eas)

    def is_secure(self, image: TagImage) -> bool:
        """Return True if this tag would alarm at the gate: by its AFI, and by its EAS bit if the profile uses it and
        reader and chip support it. Raises `NotPossible` if the reader does not report the AFI, `TagAbsent` if the tag
        has left, and the errors of the transport."""
        if _told(image.afi) != self._profile.afi_in_stock:
            return False
        if not (self._profile.eas and self._reader.capabilities.can_eas and ChipLimits.of(image.uid).has_eas):
            return True
        return self._reader.read_eas(image.uid)

    def write(self, change: SecurityChange, source: str, progress: Callable[[int, int], None]) -> TagImage:
        """Write the new security and verify it. Return the tag as read back.

        Raises the errors of the writer, after journaling `SecurityWriteInterrupted`. The security of the tag is then
        unknown.
        """
        plan, content = change.plan, change.content
        attempt = self._new_id()
        started = SecurityWriteStarted(
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

        def prove(_image: TagImage) -> None:
            if change.eas is not None and self._reader.read_eas(plan.uid) is not change.eas:
                raise TagMismatch(Sentence("pad.eas-is-off" if change.eas else "pad.eas-is-on"))

        def interrupted(error: StationError, _run: WriteRun) -> tuple[SecurityWriteInterrupted]:
            return (
                SecurityWriteInterrupted(
                    attempt=attempt,
                    uid=plan.uid,
                    barcode=content.primary_item_identifier,
                    secure=change.secure,
                    code=error.code,
                    detail=error.detail,
                    source=source,
                ),
            )

        def ended(image: TagImage, _run: WriteRun) -> SecurityWriteVerified:
            return SecurityWriteVerified(
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

        tag_change = TagChange(
            plan=plan,
            started=() if plan.empty else (started,),
            prove=prove,
            interrupted=interrupted,
            ended=ended,
            alone=False,
        )
        image, _ = carry_out(tag_change, self._reader, self._journal, progress)
        return image


def _told(afi: int | None) -> int:
    """Return the AFI. Raises `NotPossible` if the reader did not report it."""
    if afi is None:
        raise NotPossible(Sentence("detail.afi-not-told"))
    return afi


def eas_of(reader: Reader, profile: TagProfile, uid: Uid) -> tuple[bool | None, Sentence]:
    """Return (True if the tag's EAS bit is set, empty), or (None, why it is unknown). Reads the tag only if the site's
    security uses the bit and both reader and chip support it."""
    if not profile.eas:
        return None, Sentence("pad.eas-not-used")
    if not reader.capabilities.can_eas:
        return None, Sentence("pad.eas-reader-cannot")
    if not ChipLimits.of(uid).has_eas:
        return None, Sentence("pad.eas-chip-has-none")
    try:
        return reader.read_eas(uid), EMPTY
    except (TagError, TransportError, ProtocolError, NotPossible) as error:
        return None, Sentence("pad.eas-not-told", code=error.code)
