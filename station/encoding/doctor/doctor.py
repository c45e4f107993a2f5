"""Tag doctor: what is wrong with a tag, how serious it is, and what to do.

Diagnoses have two sources. One is the tables of checks (`CHECKS`): chip, locks, system bytes, structure, owner, set,
barcode, leftovers. The other is the remarks of the data model that reads the tag. The model's own `kinds` hold their
severity and advice, so the doctor needs no change when a codec learns to name another deviant.

A healthy tag has no diagnosis above `Severity.INFO`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from station.domain.tag_image import TagImage
from station.encoding.content import Severity, TagContent, TagProfile, Values, formatted, user_memory
from station.encoding.doctor.case import Case, Check
from station.encoding.doctor.chip import CHIP_CHECKS
from station.encoding.doctor.content import CONTENT_CHECKS
from station.encoding.doctor.item import ITEM_CHECKS
from station.encoding.doctor.system import SYSTEM_CHECKS
from station.encoding.recognition.data_model import DataModel
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import DATA_MODELS

CHECKS: Final[tuple[Check, ...]] = (*CHIP_CHECKS, *SYSTEM_CHECKS, *CONTENT_CHECKS, *ITEM_CHECKS)
"""All rows, in the order in which a tag is examined."""

_ORDER: Final = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A problem of a tag, or a fact worth knowing."""

    code: str
    """Stable: a row of `CHECKS` or a remark kind of a data model."""
    severity: Severity
    sentence: str
    """The sentence for a student worker."""
    advice: str
    """One action."""
    offset: int | None = None
    """First byte of the user memory concerned; None if it has no place there."""
    length: int = 1
    """Bytes concerned, if there is an offset."""
    detail: str = ""
    """For the technician; may be empty."""
    values: Values = field(default=(), compare=False)
    """Values of the sentence's placeholders, for translation."""


def examine(
    image: TagImage,
    profile: TagProfile,
    *,
    barcode: str = "",
    parts: int | None = None,
    part: int | None = None,
    unfinished: bool = False,
    siblings: Iterable[TagContent] = (),
    in_stock: bool = True,
    afi_locked: bool | None = None,
    dsfid_locked: bool | None = None,
    is_barcode: Callable[[str], bool] | None = None,
    models: tuple[DataModel, ...] = DATA_MODELS,
) -> tuple[Diagnosis, ...]:
    """Return all diagnoses of a tag, the worst first; empty = none. Never raises, whatever the memory holds.

    `barcode` is the item's barcode as scanned; `parts` and `part` come from the catalog ("part 2 of 3"); "" and None =
    unknown. `unfinished` = the journal holds a write attempt on this tag that did not end. `siblings` are the contents
    of the other tags found in the same item. `in_stock` False = the item is on loan. `afi_locked` and `dsfid_locked`
    are known only from write attempts; ISO/IEC 15693 has no command that reports them. `is_barcode` returns True for a
    text that is one of this library's barcodes; it must not raise. `models` are the data models to try.
    """
    recognition = recognise(image, profile, models)
    model = next((model for model in models if recognition.decoding and model.name == recognition.model), None)
    case = Case(
        image=image,
        profile=profile,
        memory=user_memory(image),
        recognition=recognition,
        model=model,
        models=models,
        barcode=barcode,
        parts=parts,
        part=part,
        unfinished=unfinished,
        siblings=tuple(siblings),
        in_stock=in_stock,
        afi_locked=afi_locked,
        dsfid_locked=dsfid_locked,
        is_barcode=is_barcode,
    )
    checked = tuple(_checked(case))
    said = frozenset().union(*(check.instead_of for check, _ in checked))
    told = (diagnosis for _, diagnosis in checked if diagnosis.code not in said)
    diagnoses = [*told, *_remarked(case, said)]
    return tuple(sorted(diagnoses, key=lambda diagnosis: _ORDER.index(diagnosis.severity)))


def _checked(case: Case) -> Iterator[tuple[Check, Diagnosis]]:
    for check in CHECKS:
        for one in check.find(case):
            sentence = check.sentence.format(**dict(one.values))
            place = (one.offset, one.length, one.detail)
            told = formatted(check.sentence, dict(one.values))
            yield check, Diagnosis(check.code, check.severity, sentence, check.advice, *place, told)


def _remarked(case: Case, said: frozenset[str]) -> Iterator[Diagnosis]:
    """Yield the data model's remarks that no check `said` better, with severity and advice from its table."""
    if case.decoding is None or case.model is None:
        return
    kinds = {kind.code: kind for kind in case.model.kinds}
    for remark in case.decoding.remarks:
        if remark.code in said:
            continue
        kind = kinds.get(remark.code)
        severity = kind.severity if kind else Severity.MINOR
        advice = kind.advice if kind else "Ask the technician."
        place = (remark.offset, remark.length, case.model.title)
        yield Diagnosis(remark.code, severity, remark.sentence, advice, *place, remark.values)
