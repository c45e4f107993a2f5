"""Run one target under atheris in its own process (libFuzzer ends the process): `python -m fuzz.worker TARGET ARGS`.

ARGS are libFuzzer's: a folder with the inputs, `-max_total_time` and so on.
"""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # only `make fuzz` installs it

INSTRUMENTED = ("station.encoding", "station.base.text", "station.cli.tag.group")


def main() -> None:
    """Instrument, import, fuzz; never return."""
    name, *arguments = sys.argv[1:]
    with atheris.instrument_imports(include=INSTRUMENTED):
        from fuzz.targets import TARGETS
    target = TARGETS[name]
    atheris.Setup([sys.argv[0], *arguments], target.function)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
