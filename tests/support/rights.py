"""Limits of a process that a test starts; see `before` of `tests.support.forked.Process`."""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# linux/capability.h, asm/unistd_64.h
_DAC_OVERRIDE, _DAC_READ_SEARCH, _SYS_ADMIN = 1, 2, 21
_VERSION_3: Final = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Low(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


_WITHOUT_ROOT: Final = ~(1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH | 1 << _SYS_ADMIN) & 0xFFFFFFFF


def drop() -> None:
    """Drop root's rights to ignore file modes and exclusive terminals (capset(2))."""
    _change(effective=_WITHOUT_ROOT, permitted=_WITHOUT_ROOT)


@contextmanager
def without_root() -> Iterator[None]:
    """Drop the same rights within the block, for this thread and those that it starts."""
    before = _change(effective=_WITHOUT_ROOT)
    try:
        yield
    finally:
        _change(effective=before, restore=True)


def _change(*, effective: int, permitted: int = 0xFFFFFFFF, restore: bool = False) -> int:
    """Keep only these rights; with `restore`, have these effective ones. Return the effective rights before."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(_VERSION_3, 0), (_Low * 2)()
    if libc.capget(ctypes.byref(header), sets):
        raise OSError(ctypes.get_errno(), "capget")
    before = int(sets[0].effective)
    sets[0].effective = effective if restore else before & effective
    sets[0].permitted &= permitted
    if libc.capset(ctypes.byref(header), sets):
        raise OSError(ctypes.get_errno(), "capset")
    return before


def no_larger_files(size: str) -> None:
    """Let every write beyond `size` bytes of a file fail (RLIMIT_FSIZE)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))


def plain_user() -> tuple[str, ...]:
    """Return what a process calls first, so that file modes and exclusive terminals take effect for root, too."""
    return (f"{__name__}:drop",) if os.geteuid() == 0 else ()
