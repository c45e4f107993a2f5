"""Tag doctor's table for the two system bytes: AFI, which the gate reads, and DSFID, which marks a finished tag.

AFI: C2 is assigned to libraries; 07 means "in stock" where the gate relies on the AFI (biblstandard.dk/rfid/afi.htm).
Other collections use other pairs (docs/reference/tag-data.md#dsfid-and-afi, #3m-layout): libdanrfid 07/21; 3M D6, D7
and DA. For those, the same source says both "D7 secured, DA unsecured" and the opposite, so none of them has a meaning
here. The profile's pair applies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from station.domain.tag_image import shown
from station.encoding.content import BEING_WRITTEN, Severity, TagProfile, TagState
from station.encoding.doctor.case import Case, Check, Finding, found
from station.encoding.write_plan.image import UNFINISHED

NOT_SET: Final = 0x00
_3M: Final = "3M systems; the sources contradict each other on which of D7 and DA is the secured one"
OTHER_AFIS: Final = {
    0x07: "in stock, in ISO systems",
    0xC2: "on loan, in ISO systems",
    0x21: "on loan, in some Danish-model systems",
    0xD6: _3M,
    0xD7: _3M,
    0xDA: _3M,
}
"""AFI -> the systems that use it."""


def _pair(case: Case) -> tuple[int, int]:
    return case.profile.afi_in_stock, case.profile.afi_on_loan


def _locked_note(case: Case) -> str:
    return "" if case.afi_locked is not None else "whether the AFI is locked shows only when it is written"


def _judged(case: Case) -> bool:
    """True for a finished tag with a wrong AFI."""
    stock, loan = _pair(case)
    return case.finished and case.image.afi not in (None, stock if case.in_stock else loan)


def _afi_on_loan(case: Case) -> Iterator[Finding]:
    if _judged(case) and case.in_stock and case.image.afi == case.profile.afi_on_loan:
        yield found(detail=_locked_note(case), afi=shown(case.image.afi))


def _afi_in_stock(case: Case) -> Iterator[Finding]:
    if _judged(case) and not case.in_stock and case.image.afi == case.profile.afi_in_stock:
        yield found(detail=_locked_note(case), afi=shown(case.image.afi))


def _strange(case: Case) -> bool:
    return _judged(case) and case.image.afi not in _pair(case)


def _afi_not_set(case: Case) -> Iterator[Finding]:
    if _strange(case) and case.image.afi == NOT_SET:
        yield found(detail=_locked_note(case))


def _afi_other(case: Case) -> Iterator[Finding]:
    if _strange(case) and case.image.afi in OTHER_AFIS:
        use = OTHER_AFIS[case.image.afi]
        yield found(detail=_locked_note(case), afi=shown(case.image.afi), use=use)


def _afi_unknown(case: Case) -> Iterator[Finding]:
    if _strange(case) and case.image.afi != NOT_SET and case.image.afi not in OTHER_AFIS:
        yield found(detail=_locked_note(case), afi=shown(case.image.afi))


_UNFINISHED: Final = frozenset({UNFINISHED, BEING_WRITTEN})


def _marks(case: Case) -> bool:
    """True for a tag with content whose model marks finished tags by DSFID, if this one is not marked."""
    return (
        case.model is not None
        and case.model.marks_completion
        and case.image.dsfid is not None
        and not case.profile.commits(case.model.name, case.image.dsfid)
    )


def _dsfid_unfinished(case: Case) -> Iterator[Finding]:
    if case.image.dsfid == BEING_WRITTEN or (_marks(case) and case.image.dsfid == UNFINISHED):
        yield found(dsfid=shown(case.image.dsfid))


def _of_other_model(case: Case) -> bool:
    known = {
        value
        for profile in (case.profile, TagProfile(isil=""))
        for value in (profile.dsfid, *profile.dsfids_28560_2, *profile.dsfids_28560_3)
    }
    return case.image.dsfid in known - _UNFINISHED


def _dsfid_other(case: Case) -> Iterator[Finding]:
    if _marks(case) and _of_other_model(case) and case.model is not None:
        yield found(dsfid=shown(case.image.dsfid), model=case.model.title)


def _dsfid_unknown(case: Case) -> Iterator[Finding]:
    if _marks(case) and case.image.dsfid not in _UNFINISHED and not _of_other_model(case):
        yield found(dsfid=shown(case.image.dsfid))


def _blank_finished(case: Case) -> Iterator[Finding]:
    if case.recognition.state is TagState.BLANK and case.image.dsfid not in (None, UNFINISHED):
        yield found(dsfid=shown(case.image.dsfid))


SYSTEM_CHECKS: Final = (
    Check(
        "dsfid-unfinished",
        Severity.CRITICAL,
        "The tag is marked as unfinished (DSFID {dsfid}): what it says may be wrong.",
        "Scan the barcode and write the tag again.",
        _dsfid_unfinished,
    ),
    Check(
        "afi-on-loan",
        Severity.MAJOR,
        "The tag says that the item is on loan (AFI {afi}): the gate lets it pass.",
        "Check the item in, or write the tag again if it stays.",
        _afi_on_loan,
    ),
    Check(
        "afi-in-stock",
        Severity.MAJOR,
        "The tag says that the item is in the library (AFI {afi}): the gate will ring when it is carried out.",
        "Check the item out again.",
        _afi_in_stock,
    ),
    Check(
        "afi-not-set",
        Severity.MAJOR,
        "The security byte is not set (AFI 00): the gate does not know this tag.",
        "Write the tag again.",
        _afi_not_set,
    ),
    Check(
        "afi-other-system",
        Severity.MAJOR,
        "The security byte AFI {afi} is that of another system ({use}): our gate does not know it.",
        "Write the tag again.",
        _afi_other,
    ),
    Check(
        "afi-unknown",
        Severity.MAJOR,
        "The security byte AFI {afi} has no meaning for a library: our gate does not know it.",
        "Write the tag again.",
        _afi_unknown,
    ),
    Check(
        "dsfid-other-model",
        Severity.MAJOR,
        "The tag is written in {model}. Its format byte (DSFID {dsfid}) says another format.",
        "Scan the barcode and write the tag again.",
        _dsfid_other,
    ),
    Check(
        "dsfid-unknown",
        Severity.MAJOR,
        "The format byte (DSFID {dsfid}) is none that the station knows: whether the tag was finished is open.",
        "Scan the barcode and write the tag again.",
        _dsfid_unknown,
    ),
    Check(
        "blank-but-marked",
        Severity.MINOR,
        "The tag is empty, but it is marked as finished (DSFID {dsfid}).",
        "Write the tag.",
        _blank_finished,
    ),
)
