"""python -m station.emulators.feig: the emulator as a process of its own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from station.emulators.entry import add_script, serve
from station.emulators.feig.device import Device, Options
from station.emulators.feig.models import MODELS


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m station.emulators.feig", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--link", type=Path, help="symbolic link to the reader's terminal")
    where.add_argument("--listen", metavar="HOST:PORT", help="TCP instead; port 0 takes a free one")
    parser.add_argument("--memory", type=Path, required=True, help="folder with one file a tag")
    parser.add_argument("--control", type=Path, required=True, help="Unix socket, JSON lines")
    parser.add_argument("--clock", choices=("real", "virtual"), default="real")
    parser.add_argument("--baud", type=int, default=38400, help="of a fresh EEPROM")
    parser.add_argument("--parity", choices=tuple("NEO"), default="E", help="of a fresh EEPROM")
    parser.add_argument(
        "--drip", action=argparse.BooleanOptionalAction, help="byte by byte; default with --clock virtual"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tprog", type=float, default=4.8, metavar="MS", help="a tag programs one cell")
    parser.add_argument("--option-wait", type=float, default=20.0, metavar="MS", help="until the EOF of option 1")
    parser.add_argument("--model", choices=tuple(MODELS), default="cpr.m02")
    parser.add_argument("--sw-type", type=int, metavar="N", help="instead of the model's own")
    parser.add_argument("--without", default="", metavar="HEX,..", help="commands that this firmware does not have")
    parser.add_argument(
        "--assume-more-at-255", action="store_true", help="a standard request is never answered by an advanced frame"
    )
    parser.add_argument(
        "--assume-length-in-bytes", action="store_true", help="RSP-LENGTH of [BF] counts bytes, not bits"
    )
    parser.add_argument("--assume-exact-length", action="store_true", help="[BF] takes answers of just that length")
    parser.add_argument("--frames", choices=("standard", "advanced", "both"), help="other than the model's")
    parser.add_argument("--mem-size", choices=("manual", "air"), default="manual", help="System Information: n or n-1")
    parser.add_argument("--newer-output", action="store_true", help="know Set Output [72] of other families")
    parser.add_argument("--any-baud", action="store_true", help="understand clients at any baud rate")
    add_script(parser)
    parser.add_argument("--detach", action="store_true", help="outlive the end of standard input")
    return parser


def main() -> int:
    args = _arguments().parse_args()
    virtual = args.clock == "virtual"
    options = Options(
        link=args.link,
        listen=args.listen or "",
        memory=args.memory,
        virtual=virtual,
        baud=args.baud,
        parity=args.parity,
        drip=virtual if args.drip is None else args.drip,
        seed=args.seed,
        tprog=args.tprog / 1000,
        option_wait=args.option_wait / 1000,
        model=args.model,
        sw_type=args.sw_type,
        frames=args.frames or "",
        without=frozenset(int(code, 16) for code in args.without.split(",") if code),
        more_at_255=args.assume_more_at_255,
        length_in_bytes=args.assume_length_in_bytes,
        exact_length=args.assume_exact_length,
        mem_size_as_air=args.mem_size == "air",
        newer_output=args.newer_output,
        strict_line=not args.any_baud,
    )
    return serve(args, lambda: Device(options))


if __name__ == "__main__":
    sys.exit(main())
