"""python -m station.emulators.feig: the emulator as a process of its own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from station.emulators.feig.device import Device, Options
from station.emulators.serve import Server, listen


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
    parser.add_argument("--frames", choices=("standard", "advanced", "both"), default="standard")
    parser.add_argument("--mem-size", choices=("manual", "air"), default="manual", help="System Information: n or n-1")
    parser.add_argument("--newer-output", action="store_true", help="know Set Output [72] of other families")
    parser.add_argument("--any-baud", action="store_true", help="understand clients at any baud rate")
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
        frames=args.frames,
        mem_size_as_air=args.mem_size == "air",
        newer_output=args.newer_output,
        strict_line=not args.any_baud,
    )
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    signal.signal(signal.SIGINT, lambda number, _: stopped.append(number))
    try:
        device = Device(options)
        control = listen(args.control)
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sys.stdout.write(json.dumps({"link": device.line.name, "control": str(args.control)}) + "\n")
    sys.stdout.flush()
    try:
        Server(device, control, None if args.detach else sys.stdin.fileno()).run(lambda: bool(stopped))
    finally:
        args.control.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
