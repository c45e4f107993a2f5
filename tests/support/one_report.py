"""`make test`: a worker of xdist says of a test that passed only that it passed.

Pytest sends six messages for each test: its start, the reports of setup, call and teardown, its end, and that the worker is free.
Twelve thousand tests make that a tenth of all processor time. What did not pass is told as ever, whatever its phase.
"""

from __future__ import annotations

import pytest
from _pytest.runner import runtestprotocol


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):  # a worker of xdist
        config.pluginmanager.register(OneReport())


class OneReport:
    """In each worker."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            if report.when == "call" or not report.passed:
                item.ihook.pytest_runtest_logreport(report=report)
        return True
