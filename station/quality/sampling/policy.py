"""The site's policy: plans computed from the settings, or read from the site's own table. Contradictions are refused.

A table is TOML. An omitted part is computed:

    name = "ours"
    source = "where the numbers are from"

    [new]
    in_succession = 150
    [tightened]
    in_succession = 80

    [[normal]]          # one row per range of lot sizes
    lot_from = 281
    lot_to = 500
    sample = 50
    accept = 1

    [[reduced]]         # the same columns

The row whose range contains `sampling.lot` is used.
"""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from station.base.errors import SettingsError
from station.base.settings import Sampling
from station.base.text import clean
from station.base.toml_lines import line_of, named_key, table_line
from station.domain.ports import Distributions
from station.domain.sampling import Plan
from station.quality.sampling.plans import lot_plan, stream_plan
from station.quality.sampling.switching import Policy

_Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every item, until this many consecutive items were good."""

    in_succession: _Count


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One range of lot sizes."""

    lot_from: _Count
    lot_to: _Count
    sample: _Count
    accept: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site's own table."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    source: Annotated[str, Meta(min_length=1)]
    """Source of the numbers; they are the site's own."""
    new: Run | None = None
    tightened: Run | None = None
    normal: tuple[Row, ...] = ()
    reduced: tuple[Row, ...] = ()


def parse(text: str, file: str) -> Table:
    """Read a table. Raise `SettingsError` "FILE, line N: what is wrong" for an invalid one."""
    name = clean(file)
    try:
        table = msgspec.convert(tomllib.loads(text), Table)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: {error}") from error
    except RecursionError as error:
        raise SettingsError(f"{name}: nested too deeply") from error
    except msgspec.ValidationError as error:
        said = str(error)
        raise SettingsError(f"{name}, line {_line(text, said)}: {clean(said, 500)}") from error
    for level in ("normal", "reduced"):
        _check_rows(text, name, level, getattr(table, level))
    return table


def policy_of(settings: Sampling, distributions: Distributions, table: Table | None = None) -> Policy:
    """Return the plans for these settings. Raise `SettingsError` for a contradiction, and `ExtraMissing` if a plan must
    be computed and cannot be."""
    rates = (settings.target_rate, settings.tightened_rate, settings.reduced_rate)
    for name, rate in zip(("tightened_rate", "reduced_rate"), rates[1:], strict=True):
        if rate < settings.target_rate:
            raise SettingsError(f"sampling.{name} is {rate:g}, less than sampling.target_rate ({rates[0]:g})")
    target, tightened, reduced = rates
    own = table or Table(name="-", source="-")
    policy = Policy(
        new=_run(own.new, own.name) or stream_plan(settings.confidence, target, distributions),
        tightened=_run(own.tightened, own.name) or stream_plan(settings.confidence, tightened, distributions),
        normal=_row(own, "normal", settings.lot) or lot_plan(settings.lot, settings.confidence, target, distributions),
        reduced=_row(own, "reduced", settings.lot)
        or lot_plan(settings.lot, settings.confidence, reduced, distributions),
        reduce_after=settings.reduce_after,
        retrain_after=settings.retrain_after,
        idle_days=settings.idle_days,
    )
    normal, small = policy.normal, policy.reduced
    if small.sample > normal.sample:
        raise SettingsError(
            f"sampling: the reduced level looks at {small.sample} items, the normal one at {normal.sample}"
        )
    if small.sample == normal.sample and small.accept < normal.accept:
        raise SettingsError("sampling: the reduced level accepts fewer bad items than the normal one")
    return policy


# --- helpers --------------------------------------------------------------------------------------------------------

_LEVELS: Final = ("normal", "reduced")


def _line(text: str, said: str) -> int:
    """Return the line that a msgspec message refers to, even in the rows of a level."""
    for level in _LEVELS:
        _, found, rest = said.partition(f"$.{level}[")
        number = rest.partition("]")[0]
        if found and number.isdecimal():
            return table_line(text, level, int(number), named_key(said)[1:])
    return line_of(text, named_key(said))


def _check_rows(text: str, name: str, level: str, rows: tuple[Row, ...]) -> None:
    def refuse(number: int, what: str) -> SettingsError:
        return SettingsError(f"{name}, line {table_line(text, level, number)}: {level}: {what}")

    for number, row in enumerate(rows):
        if row.lot_to < row.lot_from:
            raise refuse(number, f"lots from {row.lot_from} to {row.lot_to}")
        if row.sample > row.lot_from:
            raise refuse(number, f"a sample of {row.sample} from a lot of {row.lot_from}")
        if row.accept >= row.sample:
            raise refuse(number, f"{row.accept} bad ones of {row.sample} are accepted: nothing can be rejected")
    for number, (before, after) in enumerate(pairwise(rows), 1):
        if after.lot_from <= before.lot_to:
            raise refuse(number, f"lots from {after.lot_from} are in the row before, which goes to {before.lot_to}")


def _run(run: Run | None, name: str) -> Plan | None:
    return Plan(lot=0, sample=run.in_succession, source=name) if run else None


def _row(table: Table, level: str, lot: int) -> Plan | None:
    rows: tuple[Row, ...] = getattr(table, level)
    for row in rows:
        if row.lot_from <= lot <= row.lot_to:
            return Plan(lot=lot, sample=row.sample, accept=row.accept, source=table.name)
    if rows:
        what = f"the table {clean(table.name)} has no row for it at the {level} level"
        raise SettingsError(f"sampling.lot is {lot}, and {what}")
    return None
