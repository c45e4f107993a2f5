"""One test for many small cases: all are tried, and the failure names each that failed.

`pytest.mark.parametrize` makes a test of each case: some 5 ms of pytest and xdist for what is often done in microseconds. It
stays where a case needs a fixture of its own, or a name by which it is run alone.
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
    """Call the test with each case as these arguments, as `pytest.mark.parametrize` would; its other arguments are fixtures,
    made once.

    :raises ExceptionGroup: with what each case that failed raised, and a note that names the case.
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
        assert not case.marks, "a case with a mark is a test of its own"
        return tuple(case.values)
    return (case,) if count == 1 else tuple(case)
