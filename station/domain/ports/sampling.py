"""The facts that sampling decides by, and exact distributions of counts."""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.domain.events import ItemDrawn
from station.domain.item import Barcode
from station.domain.sampling import Stream, Whose


class SamplingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal knows to decide the sampling of one item."""

    streams: tuple[Stream, ...] = ()
    """Those of this worker and vendor that there are."""
    absent: dict[Whose, int] = {}
    """Whole days since the newest draw of each; never negative."""
    open_draw: ItemDrawn | None = None
    """The item was drawn before and has no verdict since."""
    open_corrections: bool = False
    """The item has an open correction or recheck."""
    recheck_of: str = ""
    """The worker whose work is to be checked again by another person (an open order of the item); "" = none."""
    failed_before: bool = False
    """The item's newest verdict is a fail."""
    trainee: bool = False
    failed_rechecks: int = 0
    """Rechecks by another person that found bad work passed by this worker."""
    retrainings: int = 0
    """Retrainings of this worker."""


class SamplingBook(Protocol):
    """Reads the state of sampling from the journal."""

    def sampling_facts(self, barcode: Barcode, part: int, worker: str, vendor: str) -> SamplingFacts:
        """`worker`, `vendor`: as events name them; "" = not known."""
        ...


class Distributions(Protocol):
    """Exact distributions of counts. Probabilities are floats of at least 12 correct digits. Raises `ExtraMissing`."""

    def binomial(self, most: int, sample: int, rate: float) -> float:
        """P(at most `most` bad ones among `sample`), each bad with the probability `rate`: a stream."""
        ...

    def hypergeometric(self, most: int, sample: int, lot: int, bad: int) -> float:
        """P(at most `most` bad ones among `sample` drawn without return from `lot` pieces of which `bad` are bad)."""
        ...

    def interval(self, found: int, sample: int, confidence: float) -> tuple[float, float]:
        """The exact two-sided interval of Clopper and Pearson (1934) for a rate; (0, 1) for an empty sample."""
        ...


# --- people ---------------------------------------------------------------------------------------------------------
