"""Sorting of call numbers, compared with pycallnumber in the same run."""

from __future__ import annotations

import functools
import importlib
import inspect
import random
import time
import warnings
from collections.abc import Callable, Sequence
from types import FrameType, ModuleType
from typing import Any, Final
from unittest import mock

from benchmarks.report import Row, Section, duration, rate
from station.catalog.callnumber import sort_key
from station.catalog.callnumber.lc_classes import KNOWN

GOAL: Final = 20.0


def section(count: int, peer: int) -> Section:
    """Sort `count` numbers with our code, and the first `peer` of them with both, because pycallnumber takes
    milliseconds per number."""
    numbers = sample(count)
    ours, took = _sorted(numbers, lambda text: sort_key(text, "lc"))
    few = numbers[:peer]
    version = pycallnumber().__version__  # imported before the clock starts
    ours_few, took_few = _sorted(few, lambda text: sort_key(text, "lc"))
    theirs, took_theirs = _sorted(few, _their_key)
    if ours_few != theirs:
        raise RuntimeError("the two orders differ for numbers of the plain form")
    if sorted(ours) != sorted(numbers):
        raise RuntimeError("sorting lost a number")
    ratio = took_theirs / took_few
    rows = (
        Row(
            what=f"sort of {count:,} numbers",
            value=duration(took),
            how=f"keys made and sorted, {rate(count, took, 'numbers')}",
        ),
        Row(
            what=f"sort of {peer:,} numbers",
            value=duration(took_few),
            beside=duration(took_theirs),
            ratio=ratio,
            how=f"beside: pycallnumber {version}, same order; ratio: how many times as fast (goal {GOAL:g})",
        ),
    )
    figures = {
        "sort s": took,
        "numbers": float(count),
        "sort of few s": took_few,
        "pycallnumber s": took_theirs,
        "few": float(peer),
        "times as fast": ratio,
    }
    return Section(title="8. Call numbers", how="LC, one thread; every key made anew", rows=rows, figures=figures)


def sample(count: int) -> list[str]:
    """Return `count` different LC numbers of the plain form: class, one or two cutters, mostly a year, some a
    volume."""
    chance = random.Random(28560)
    letters = sorted(KNOWN - {"CD", "BD"})
    found: dict[str, None] = {}
    while len(found) < count:
        found[_number(chance, letters)] = None
    numbers = list(found)
    chance.shuffle(numbers)
    return numbers


def _number(chance: random.Random, letters: Sequence[str]) -> str:
    text = f"{chance.choice(letters)}{chance.randint(1, 9999)}"
    if chance.random() < 0.3:
        text += f".{chance.randint(1, 999)}".rstrip("0")
    text += f" .{_cutter(chance)}"
    if chance.random() < 0.6:
        text += f" {_cutter(chance)}"
    if chance.random() < 0.8:
        text += f" {chance.randint(1850, 2025)}"
    if chance.random() < 0.1:
        text += f" v.{chance.randint(1, 30)}"
    return text


def _cutter(chance: random.Random) -> str:
    return chance.choice("ABCDEFGHKLMNPRSTW") + str(chance.randint(1, 999)).rstrip("0")


@functools.cache
def pycallnumber() -> ModuleType:
    """Import pycallnumber on first use.

    For every class it defines, pycallnumber calls `inspect.stack` for one frame, and that call reads the source of all
    frames. In a process with many modules the import took ten seconds. So it gets frames without source.

    pycallnumber 0.2.0 reads a key that its own metadata lack; importlib.metadata deprecates that from Python 3.12 on.
    This defect must not end our run where warnings are errors."""
    with mock.patch("inspect.stack", _frames), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Implicit None on return values", DeprecationWarning)
        return importlib.import_module("pycallnumber")


def _frames() -> list[tuple[FrameType]]:
    """Return the call stack, the caller first, as `inspect.stack` does, but without file, line and source."""
    frame = inspect.currentframe()
    found = []
    while frame := frame and frame.f_back:
        found.append((frame,))
    return found


def _their_key(text: str) -> Any:
    return pycallnumber().callnumber(text).for_sort()


def _sorted(numbers: Sequence[str], key: Callable[[str], Any]) -> tuple[list[str], float]:
    began = time.perf_counter()
    found = sorted(numbers, key=key)
    return found, time.perf_counter() - began
