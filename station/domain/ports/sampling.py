"""Facts for sampling decisions, and exact distributions of counts."""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.domain.events import ItemDrawn
from station.domain.item import Barcode
from station.domain.sampling import Stream, Whose


class SamplingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts from the journal that decide the sampling of one item."""

    streams: tuple[Stream, ...] = ()
    """Existing streams of this worker and vendor."""
    absent: dict[Whose, int] = {}
    """Whole days since the newest draw of each; never negative."""
    open_draw: ItemDrawn | None = None
    """The item's earlier draw, if it has had no verdict since."""
    open_corrections: bool = False
    """True if the item has an open correction or recheck."""
    recheck_of: str = ""
    """The worker whose work another person must recheck (from an open order for the item); "" = none."""
    failed_before: bool = False
    """True if the item's newest verdict is a fail."""
    trainee: bool = False
    failed_rechecks: int = 0
    """Number of rechecks by another person that found bad work passed by this worker."""
    retrainings: int = 0
    """Number of retrainings of this worker."""


class SamplingBook(Protocol):
    """Reads the state of sampling from the journal."""

    def sampling_facts(self, barcode: Barcode, part: int, worker: str, vendor: str) -> SamplingFacts:
        """Return the facts. `worker`, `vendor`: as named in events; "" = unknown."""
        ...


class Distributions(Protocol):
    """Exact distributions of counts. Probabilities are floats with at least 12 correct digits. Raises
    `ExtraMissing`."""

    def binomial(self, most: int, sample: int, rate: float) -> float:
        """Return P(at most `most` bad items among `sample`), each bad with probability `rate`: a stream."""
        ...

    def hypergeometric(self, most: int, sample: int, lot: int, bad: int) -> float:
        """Return P(at most `most` bad items among `sample` drawn without replacement from `lot` items of which `bad`
        are bad)."""
        ...

    def interval(self, found: int, sample: int, confidence: float) -> tuple[float, float]:
        """Return the exact two-sided interval of Clopper and Pearson (1934) for a rate; (0, 1) for an empty sample."""
        ...
