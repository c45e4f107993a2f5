"""Forwarding object in place of another: each operation of a port goes to a function, which chooses where it runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter, methodcaller
from typing import Any, TypeVar

P = TypeVar("P")

Operation = Callable[[Any], Any]
"""Performs the requested operation on the object that it is given."""


def forward(port: Callable[..., P], run: Callable[[Operation], Any]) -> P:
    """Return a `port` (a Protocol) whose operations are performed by `run` on the real object. The result or exception
    of `run` is that of the call. A name that the port lacks raises `AttributeError`."""
    forwarded: Any = _Forwarded(port, run)
    made: P = forwarded
    return made


class _Forwarded:
    def __init__(self, port: Callable[..., object], run: Callable[[Operation], Any]) -> None:
        self._port = port
        self._run = run

    def __getattr__(self, name: str) -> Any:
        found = None if name.startswith("_") else getattr(self._port, name, None)
        if found is None:
            raise AttributeError(f"{self._port.__name__} has no {name}")
        return self._run(attrgetter(name)) if isinstance(found, property) else partial(self._call, name)

    def _call(self, name: str, /, *args: Any, **options: Any) -> Any:
        return self._run(methodcaller(name, *args, **options))
