"""The tear proof: carry plans out on simulated tags, tear them everywhere, judge and count every state.

Two gates are judged on the same states. *Outer*: a reader that honors DSFID, as the station's recognizer does. It must
never read an identifier that is neither the old nor the new one, and never see a blank tag, unless the old or the new
one is blank. *Inner*: readers that ignore DSFID. One accepts ISO 28560-3 by CRC and version. One accepts ISO 28560-2 if
the identifier has 14 digits and the institution's prefix. One accepts any ISO 28560-2 elements. Their readings are
counted by model.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from station.domain.tag_image import TagImage
from station.encoding.content import Recognition, TagProfile, TagState
from station.encoding.recognition import blank
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan import trial
from station.encoding.write_plan.plan import plan_write
from tests.encoding.write_plan.torn_judge import Elements, Mask, Verdict, judge
from tests.encoding.write_plan.torn_pairs import PREFIX, Pair
from tests.encoding.write_plan.torn_states import Bytes, Model, States, Tear, tears, whole
from tests.support.sample_tags import ISIL, image

PROFILE = TagProfile(isil=ISIL)


@lru_cache(maxsize=1 << 16)
def recognised(memory: bytes, dsfid: int) -> Recognition:
    return recognise(image(memory, dsfid=dsfid, blocks=len(memory) // 4), PROFILE)


@lru_cache(maxsize=1 << 12)
def _keys(memory: bytes) -> tuple[tuple[int, int, bytes], ...]:
    found = judge(whole(np.frombuffer(memory, np.uint8)[None, :], np.zeros(1, np.uint8))).elements
    return tuple((int(found.scheme[0]), int(found.length[0]), found.data[0].tobytes()) for _ in found.which)


def identifiers(*tags: TagImage) -> frozenset[str]:
    """Return the identifiers of these tags once they are marked as finished. A whole tag may be read with any DSFID."""
    found = {recognised(tag.memory, dsfid).identifier for tag in tags for dsfid in (tag.dsfid, 0x00, 0x06, 0x3E)}
    return frozenset(found - {""})


@dataclass(frozen=True)
class Allowed:
    """Permitted readings: identifiers, and the same as the judge sees them."""

    texts: frozenset[str]
    memories: tuple[bytes, ...]
    """Old and new: an accepted state that is neither was torn."""
    keys: tuple[tuple[int, int, bytes], ...]
    """ISO 28560-2: scheme, length, data."""
    blank: bool
    """The tag was blank before, or becomes blank."""

    @staticmethod
    def of(*tags: TagImage) -> Allowed:
        keys = tuple(key for tag in tags for key in _keys(tag.memory))
        empty = any(blank.pattern(tag.memory) is not None for tag in tags)
        return Allowed(identifiers(*tags), tuple(tag.memory for tag in tags), keys, empty)


@dataclass
class Tally:
    """Counts of states by their reading. `Counter` keys: models of tearing."""

    states: Counter[Model] = field(default_factory=Counter)
    pairs: int = 0
    plans: int = 0
    finished: int = 0
    """Outer gate: states that give an identity."""
    wrong: list[str] = field(default_factory=list)
    """Outer gate: states that read as another item or as blank."""
    part3_torn: Counter[Model] = field(default_factory=Counter)
    """Inner gate: states accepted by CRC and version that are neither old nor new."""
    part3_wrong: Counter[Model] = field(default_factory=Counter)
    """The same with a wrong identifier."""
    part3_ways: Counter[Model] = field(default_factory=Counter)
    """States accepted in any way that the station reads (reversed, swapped, short) that are neither old nor new."""
    lenient_wrong: Counter[Model] = field(default_factory=Counter)
    """ISO 28560-2 by its elements only: a wrong identifier."""
    prefixed: int = 0
    """States that were checked for the institution's prefix, and read."""
    prefix_wrong: Counter[Model] = field(default_factory=Counter)
    accepted_checked: int = 0
    """Distinct accepted states that the recognizer judged: all of them."""
    rejected_checked: Counter[TagState] = field(default_factory=Counter)
    """Rejected states that the recognizer judged, by its answer."""

    @property
    def total(self) -> int:
        return sum(self.states.values())

    def report(self) -> str:
        by_model = ", ".join(f"{count:,} {model.value}" for model, count in sorted(self.states.items()))
        said = ", ".join(f"{count:,} {state.value}" for state, count in sorted(self.rejected_checked.items()))
        return (
            f"tear: {self.total:,} states ({by_model}) of {self.plans:,} plans for {self.pairs:,} pairs\n"
            f"  DSFID honoured: {self.finished:,} finished, {len(self.wrong)} wrong or blank; the recogniser agrees on all "
            f"{self.accepted_checked:,} distinct ones, and on {sum(self.rejected_checked.values()):,} others ({said})\n"
            f"  DSFID ignored, 28560-3 by CRC and version: {_counts(self.part3_torn)} torn ones taken, "
            f"{_counts(self.part3_wrong)} with a wrong identifier; in all ways of reading {_counts(self.part3_ways)}\n"
            f"  DSFID ignored, 28560-2: {_counts(self.lenient_wrong)} wrong by elements alone; with the prefix "
            f"{self.prefixed:,} read, {_counts(self.prefix_wrong)} wrong"
        )


def _counts(counter: Counter[Model]) -> str:
    return "/".join(f"{counter[model]:,}" for model in Model)


class Proof:
    """Tears plans and adds to one tally. On average, one of `every` batches gives a rejected state to the
    recognizer."""

    def __init__(self, seed: int, every: int = 4, *, tried_first: bool = False) -> None:
        """`tried_first`: the plans are those for a reader that was not yet seen to set AFI and DSFID."""
        self._tried_first = tried_first
        self.random = np.random.default_rng(seed)
        self.tally = Tally()
        self._every = every

    def pair(self, pair: Pair, tear: Tear, *, most: int = 32, twice: int = 0) -> None:
        """Prove one pair. `twice`: number of torn states that are resumed, to `new` and to `old`, and torn
        once more.
        """
        old, new = pair.old, pair.new
        self.tally.pairs += 1
        allowed = Allowed.of(old, new)
        kept = self._plan(old, new, tear, allowed, most, pair.prefix, pair.single)
        for torn in kept[:twice]:
            for target in (new, old):
                again = dataclasses.replace(allowed, memories=(*allowed.memories, torn.memory))
                small = dataclasses.replace(tear, few=min(tear.few, 4), samples=min(tear.samples, 16))
                self._plan(torn, target, small, again, most, prefix=False, single=False)

    def _plan(
        self, old: TagImage, new: TagImage, tear: Tear, allowed: Allowed, most: int, prefix: bool, single: bool
    ) -> list[TagImage]:
        """Tear one plan; return some of its torn states, in random order."""
        self.tally.plans += 1
        kept: list[TagImage] = []
        plan = plan_write(old, new, max_blocks_per_write=most)
        if self._tried_first:
            plan = trial.tried_first(plan, afi=True, dsfid=True)
        for states in tears(plan, tear, self.random):
            verdict = judge(states)
            self.judge(states, verdict, allowed)
            self._inner(states, verdict, allowed, prefix, single)
            kept.append(self._one(states, old))
        self.random.shuffle(kept)  # type: ignore[arg-type]
        return kept

    def _one(self, states: States, old: TagImage) -> TagImage:
        at = int(self.random.integers(states.count))
        memory = states.rows(np.array([at])).tobytes()
        return dataclasses.replace(old, memory=memory, dsfid=int(states.dsfid[at]))

    def judge(self, states: States, verdict: Verdict, allowed: Allowed) -> None:
        """Count the outer gate's results, and ask the recognizer about all accepted states and some rejected ones."""
        tally = self.tally
        tally.states[states.model] += states.count
        finished = verdict.committed(states.dsfid)
        tally.finished += int(finished.sum())
        for memory, dsfid in _distinct(states, finished):
            found = recognised(memory, dsfid)
            tally.accepted_checked += 1
            if found.identifier not in allowed.texts | {""}:
                tally.wrong.append(f"{found.identifier} ({found.model}, DSFID {dsfid:02X}): {memory.hex()}")
        new = verdict.new(states.dsfid)
        if not allowed.blank and new.any():
            tally.wrong.append(f"{int(new.sum())} blank states of {allowed.texts}")
        rejected = np.flatnonzero(~finished & ~new)
        if len(rejected) and self.random.integers(self._every) == 0:
            at = rejected[int(self.random.integers(len(rejected)))]
            found = recognised(states.rows(np.array([at])).tobytes(), int(states.dsfid[at]))
            tally.rejected_checked[found.state] += 1
            if found.state not in (TagState.INCOMPLETE, TagState.UNKNOWN):
                tally.wrong.append(f"rejected by the judge, and {found.state} to the recogniser: {found.identifier}")

    def _inner(self, states: States, verdict: Verdict, allowed: Allowed, prefix: bool, single: bool) -> None:
        tally, model = self.tally, states.model
        if single and verdict.part3.any():
            torn = _neither(states, verdict.part3, allowed.memories)
            plain = verdict.part3_plain[torn]
            tally.part3_ways[model] += len(torn)
            tally.part3_torn[model] += int(plain.sum())
            fields = states.rows(torn[plain])[:, 3:19]
            right = np.zeros(len(fields), bool)
            for memory in allowed.memories:
                right |= (fields == np.frombuffer(memory[3:19], np.uint8)).all(axis=1)
            tally.part3_wrong[model] += int((~right).sum())
        if len(verdict.elements.which):
            wrong = _wrong_keys(verdict.elements, allowed.keys)
            tally.lenient_wrong[model] += int(wrong.sum())
            if prefix:
                ours = with_prefix(verdict.elements)
                tally.prefixed += int(ours.sum())
                tally.prefix_wrong[model] += int((ours & wrong).sum())


def _distinct(states: States, which: Mask) -> Iterable[tuple[bytes, int]]:
    """Return the distinct (memory, DSFID) among some states."""
    index = np.flatnonzero(which)
    if not len(index):
        return ()
    rows = states.rows(index)
    return {(row.tobytes(), int(dsfid)) for row, dsfid in zip(rows, states.dsfid[index], strict=True)}


def _neither(states: States, which: Mask, memories: tuple[bytes, ...]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    index = np.flatnonzero(which)
    rows = states.rows(index)
    torn = np.ones(len(index), bool)
    for memory in memories:
        torn &= (rows != np.frombuffer(memory, np.uint8)).any(axis=1)
    return index[torn]


def _wrong_keys(elements: Elements, keys: tuple[tuple[int, int, bytes], ...]) -> Mask:
    wrong = np.ones(len(elements.which), bool)
    for scheme, length, data in keys:
        same = (elements.scheme == scheme) & (elements.length == length)
        wrong &= ~(same & (elements.data == np.frombuffer(data, np.uint8)).all(axis=1))
    return wrong


def with_prefix(elements: Elements) -> Mask:
    """Find the identifiers for a reader that demands 14 digits that begin with `PREFIX` (text: its first bytes)."""
    data, length, scheme = elements.data, elements.length, elements.scheme
    value = np.zeros(len(length), np.uint64)
    digits = np.zeros(len(length), np.uint64)
    decimal = np.ones(len(length), bool)
    for at in range(8):
        inside = at < length
        column = data[:, at].astype(np.uint64)
        value = np.where(inside, value << np.uint64(8) | column, value)
        high, low = column >> np.uint64(4), column & np.uint64(15)
        digits = np.where(inside, digits * np.uint64(100) + high * np.uint64(10) + low, digits)
        decimal &= ~inside | ((high < 10) & (low < 10))
    wanted = np.uint64(int(PREFIX))
    found = (scheme == 1) & (length <= 8) & (value // np.uint64(10**9) == wanted)
    found |= (scheme == 2) & (length == 7) & decimal & (digits // np.uint64(10**9) == wanted)
    for code, size, start in _TEXTS:
        found |= (scheme == code) & (length == size) & (data[:, : len(start)] == _bytes(start)).all(axis=1)
    return found


def _packed(width: int) -> bytes:
    bits = "".join(format(ord(digit) & (1 << width) - 1, f"0{width}b") for digit in PREFIX)
    whole_bytes = len(bits) // 8
    return int(bits[: whole_bytes * 8], 2).to_bytes(whole_bytes, "big")


def _bytes(start: bytes) -> Bytes:
    return np.frombuffer(start, np.uint8)


_TEXTS = ((4, 11, _packed(6)), (5, 13, _packed(7)), (6, 14, PREFIX.encode()), (7, 14, PREFIX.encode()))
"""6-bit, 7-bit, octets, UTF-8: code, bytes of 14 digits, and the prefix's first whole bytes."""
