"""python -m station.emulators.threem: run the emulated 3M reader as a separate process."""

from __future__ import annotations

import argparse
import sys

from station.emulators.reader.entry import add_vocabulary, parser, place, serve, vocabulary
from station.emulators.threem.device import Device, Options


def _arguments() -> argparse.ArgumentParser:
    options = parser("python -m station.emulators.threem", __doc__)
    options.add_argument("--tprog", type=float, default=4.8, metavar="MS", help="time in which a tag programs one cell")
    options.add_argument(
        "--option-wait", type=float, default=10.0, metavar="MS", help="time until the EOF that TI tags need"
    )
    options.add_argument("--version", default="0a050002", metavar="HEX", help="family, major, minor, build")
    options.add_argument("--probe", action=argparse.BooleanOptionalAction, default=True, help="answer the probe D5")
    add_vocabulary(options)
    options.add_argument(
        "--dsfid-option", action=argparse.BooleanOptionalAction, default=True, help="an inventory can report DSFIDs"
    )
    options.add_argument(
        "--ignore-dsfid-option", action="store_true", help="an inventory with that option returns no DSFIDs"
    )
    options.add_argument(
        "--new-style", action=argparse.BooleanOptionalAction, default=True, help="a read can omit block numbers"
    )
    options.add_argument("--most-blocks", type=int, default=255, metavar="N", help="most blocks that fit its memory")
    options.add_argument("--assume-bare-errors", action="store_true", help="errors do not repeat the UID")
    options.add_argument("--assume-quiet-ends", action="store_true", help="an inventory wakes tags that were quieted")
    options.add_argument(
        "--assume-silence-is-error", action="store_true", help="ISO Pass thru returns 06 if no tag answers"
    )
    return options


def main() -> int:
    args = _arguments().parse_args()

    def make() -> Device:
        options = Options(
            **place(args),
            **vocabulary(args),
            tprog=args.tprog / 1000,
            option_wait=args.option_wait / 1000,
            version=bytes.fromhex(args.version),
            probe=args.probe,
            dsfid_option=args.dsfid_option,
            ignores_dsfid=args.ignore_dsfid_option,
            new_style=args.new_style,
            most_blocks=args.most_blocks,
            bare_errors=args.assume_bare_errors,
            quiet_is_kept=not args.assume_quiet_ends,
            silence_is_error=args.assume_silence_is_error,
        )
        return Device(options)

    return serve(args, make)


if __name__ == "__main__":
    sys.exit(main())
