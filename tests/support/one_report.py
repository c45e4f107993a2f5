"""Make the workers of xdist send one message for a test that passed; for `make test`.

Pytest sends six messages for each test: its start, the reports of setup, call and teardown, its end, and that the
worker is free. For twelve thousand tests these take a tenth of the processor time. A failure or a skip is reported as
usual, in whatever phase.
"""

from __future__ import annotations

import pytest
from _pytest.runner import runtestprotocol


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):  # a worker of xdist
        config.pluginmanager.register(OneReport())


class OneReport:
    """Plugin of each worker."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            if report.when == "call" or not report.passed:
                item.ihook.pytest_runtest_logreport(report=report)
        return True
