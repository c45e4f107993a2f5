"""One test for many small cases: it tries all of them, and the failure names each case that failed.

`pytest.mark.parametrize` makes a separate test of each case, which costs pytest and xdist some 5 ms for a test that
often takes microseconds. Use it where a case needs its own fixture, or a name by which it can be run alone.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from _pytest.mark import ParameterSet


def for_each(
    names: str | tuple[str, ...], cases: Iterable[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call the test with each case as these arguments, as `pytest.mark.parametrize` would. Its other arguments are
    fixtures, which are made once.

    :raises ExceptionGroup: with the exception of each case that failed, and a note that names the case.
    """
    arguments = tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else names
    given = list(cases)

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def gathered(*instance: Any, **fixtures: Any) -> None:
            assert given, "no case"
            failed = []
            for case in given:
                values = dict(zip(arguments, _values(case, len(arguments)), strict=True))
                try:
                    test(*instance, **values, **fixtures)
                except Exception as error:
                    error.add_note("case: " + ", ".join(f"{name}={value!r}" for name, value in values.items()))
                    failed.append(error)
            if failed:
                raise ExceptionGroup(f"{len(failed)} of {len(given)} cases failed", failed)

        kept = [one for name, one in inspect.signature(test).parameters.items() if name not in arguments]
        gathered.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]
        return gathered

    return decorated


def _values(case: Any, count: int) -> tuple[Any, ...]:
    if isinstance(case, ParameterSet):
        assert not case.marks, "a case with a mark needs a separate test"
        return tuple(case.values)
    return (case,) if count == 1 else tuple(case)
