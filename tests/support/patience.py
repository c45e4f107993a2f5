"""How long a test waits for what other processes and threads do, before it says that it never comes."""

from __future__ import annotations

from typing import Final

PATIENCE_S: Final = 90.0
"""Seconds, the same for everybody: only ever spent where something is broken. A suite that runs three at a time on two busy
cores holds a process up for ten seconds now and then, and that is no fault of what is tested. pytest's own limit for a test
(`timeout` in pyproject.toml) is longer, so that whoever waits in vain can say for what."""
