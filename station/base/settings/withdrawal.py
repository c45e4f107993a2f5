"""Settings of what leaves the library."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class WithdrawReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason for which items leave."""

    code: Annotated[str, Meta(min_length=1, max_length=20)]
    name: Annotated[str, Meta(max_length=40)] = ""
    """Name on button and report; empty = the code."""


class Destination(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where withdrawn pieces go."""

    code: Annotated[str, Meta(min_length=1, max_length=20)]
    name: Annotated[str, Meta(max_length=40)] = ""
    """Name on button and report; empty = the code."""


class WithdrawalOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Withdrawals; see docs/withdrawals.md."""

    reasons: tuple[WithdrawReason, ...] = (
        WithdrawReason(code="weeded", name="Weeded"),
        WithdrawReason(code="damaged", name="Damaged"),
        WithdrawReason(code="superseded", name="Superseded"),
        WithdrawReason(code="lost", name="Lost"),
        WithdrawReason(code="missing", name="Missing"),
    )
    """Reasons, each as {code = "weeded", name = "Weeded"}."""
    destinations: tuple[Destination, ...] = (
        Destination(code="recycle", name="Recycling"),
        Destination(code="surplus", name="Surplus"),
        Destination(code="none", name="No piece"),
    )
    """Where pieces go, each as {code = "surplus", name = "Surplus"}."""
    approvers: tuple[str, ...] = ()
    """Names of the librarians who approve withdrawals; empty = any name."""
    holdings: Literal["retain", "delete", "suppress"] = "retain"
    """Alma: what happens to a holdings record whose last item is deleted."""
    bib: Literal["retain", "delete", "suppress"] = "retain"
    """Alma: what happens to a bibliographic record whose last holdings record is deleted; only with holdings = "delete"."""
    note_field: Literal[
        "", "internal_note_1", "internal_note_2", "internal_note_3", "statistics_note_1", "statistics_note_2",
        "statistics_note_3",
    ] = ""  # fmt: skip
    """Alma: item field into which the reason's code is written before the item is deleted; empty = none."""
    oclc_owner: Literal["none", "library-system", "by-hand"] = "none"
    """Who removes holdings from OCLC: nobody (the library has none there), the library system, or a person."""
    oclc_days: Annotated[int, Meta(ge=0, le=365)] = 30
    """Days after the deletion at which a person looks whether the holding in OCLC is removed."""
    one_symbol: bool = True
    """All libraries share one OCLC symbol; false = each library has its own."""
    depository: tuple[str, ...] = ()
    """Codes of locations and item types that belong to a depository program; empty = not known."""
    wait_s: Annotated[float, Meta(ge=0, le=30)] = 5.0
    """Seconds that the bench waits for the library system before the item is put on the shelf of those to strip later."""
    amber_days: Annotated[int, Meta(ge=1, le=365)] = 3
    """Days after which an unfinished withdrawal is shown as late."""
    red_days: Annotated[int, Meta(ge=1, le=365)] = 14
    """Days after which it is shown as very late."""
