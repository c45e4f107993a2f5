"""The second person whom some acts need: fields of a form, and the proof of who it is."""

from __future__ import annotations

from collections.abc import Mapping

from station.base.words import tell
from station.domain.people.sign_on import Claim, Pin
from station.office.answers import SECOND, SECOND_PIN
from station.office.forms import Field, FieldKind
from station.office.sources import Sources


def second_fields(sources: Sources, hint: str = "", *, needed: bool = False) -> tuple[tuple[Field, ...], str]:
    """Return the fields for a second person, and what the form notes about that person; "" = nothing."""
    field = Field(name=SECOND, label=tell("shipment.head.second"), kind=FieldKind.LOGIN, hint=hint, needed=needed)
    if not sources.signs_on:
        return (field,), tell("shipment.second-is-unproven")
    pin = Field(name=SECOND_PIN, label=tell("shipment.head.second-pin"), kind=FieldKind.PIN, needed=needed)
    return (field, pin), ""


def second_claims(sources: Sources, typed: Mapping[str, str]) -> tuple[Claim, ...]:
    """Return the proof of who the second person is; () = none is named, or nobody signs on."""
    second = typed.get(SECOND, "")
    return (Claim(name=second, pin=Pin(typed.get(SECOND_PIN, ""))),) if second and sources.signs_on else ()
