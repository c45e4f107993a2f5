"""python -m station.emulators.threem: the emulator as a process of its own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from station.emulators.entry import add_script, serve
from station.emulators.threem.device import Device, Options


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m station.emulators.threem", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--link", type=Path, help="symbolic link to the reader's terminal")
    where.add_argument("--listen", metavar="HOST:PORT", help="TCP instead; port 0 takes a free one")
    parser.add_argument("--memory", type=Path, required=True, help="folder with one file a tag")
    parser.add_argument("--control", type=Path, required=True, help="Unix socket, JSON lines")
    parser.add_argument("--clock", choices=("real", "virtual"), default="real")
    parser.add_argument("--drip", action=argparse.BooleanOptionalAction, default=True, help="byte by byte")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tprog", type=float, default=4.8, metavar="MS", help="a tag programs one cell")
    parser.add_argument("--option-wait", type=float, default=10.0, metavar="MS", help="until the EOF that TI tags want")
    parser.add_argument("--version", default="0a050002", metavar="HEX", help="family, major, minor, build")
    parser.add_argument("--probe", action=argparse.BooleanOptionalAction, default=True, help="answer the probe D5")
    parser.add_argument("--without", default="", metavar="HEX,..", help="commands that this firmware does not have")
    parser.add_argument(
        "--dsfid-option", action=argparse.BooleanOptionalAction, default=True, help="an inventory can tell DSFIDs"
    )
    parser.add_argument(
        "--new-style", action=argparse.BooleanOptionalAction, default=True, help="a read can come without block numbers"
    )
    parser.add_argument("--most-blocks", type=int, default=255, metavar="N", help="more are too much for its memory")
    parser.add_argument("--assume-bare-errors", action="store_true", help="errors repeat no UID")
    parser.add_argument("--assume-quiet-ends", action="store_true", help="an inventory wakes tags that were quieted")
    parser.add_argument(
        "--assume-silence-is-error", action="store_true", help="ISO Pass thru says 06 when no tag answers"
    )
    parser.add_argument("--any-baud", action="store_true", help="understand clients at any baud rate")
    add_script(parser)
    parser.add_argument("--detach", action="store_true", help="outlive the end of standard input")
    return parser


def main() -> int:
    args = _arguments().parse_args()

    def make() -> Device:
        options = Options(
            link=args.link,
            listen=args.listen or "",
            memory=args.memory,
            virtual=args.clock == "virtual",
            drip=args.drip,
            seed=args.seed,
            tprog=args.tprog / 1000,
            option_wait=args.option_wait / 1000,
            version=bytes.fromhex(args.version),
            probe=args.probe,
            without=frozenset(int(code, 16) for code in args.without.split(",") if code),
            dsfid_option=args.dsfid_option,
            new_style=args.new_style,
            most_blocks=args.most_blocks,
            bare_errors=args.assume_bare_errors,
            quiet_is_kept=not args.assume_quiet_ends,
            silence_is_error=args.assume_silence_is_error,
            strict_line=not args.any_baud,
        )
        return Device(options)

    return serve(args, make)


if __name__ == "__main__":
    sys.exit(main())
