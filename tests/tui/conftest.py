"""Settings of the screen tests: a coroutine test has its own loop, a pause lasts until the app has done its work
(`settling`), and snapshots are updated on one Python version only."""

from __future__ import annotations

import asyncio
import inspect
import sys

import pytest

from tests.tui import matched, parsed, restyled, settling, unpainted

settling.install()
matched.install()
parsed.install()
restyled.install()
unpainted.install()

SNAPSHOT_PYTHON = (3, 11)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True


def pytest_collection_modifyitems(config: pytest.Config) -> None:
    """Refuse to write snapshots on a Python version that may draw them differently."""
    if getattr(config.option, "update_snapshots", False) and sys.version_info[:2] != SNAPSHOT_PYTHON:
        raise pytest.UsageError(f"snapshots are updated on Python {SNAPSHOT_PYTHON[0]}.{SNAPSHOT_PYTHON[1]} only")
