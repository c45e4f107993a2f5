"""How long a test waits for other processes and threads before it fails."""

from __future__ import annotations

from typing import Final

PATIENCE_S: Final = 90.0
"""Seconds, the same for all tests. A test spends them only if something is broken. On two busy cores, a suite of three
parallel workers sometimes delays a process by ten seconds, which is not a fault of the tested code. pytest's own limit
for a test (`timeout` in pyproject.toml) is longer, so that a test that waits in vain can report what it waited for."""
