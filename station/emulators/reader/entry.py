"""Shared parts of all emulated readers' processes: options, the ready line, signals, shutdown."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from station.emulators.reader.device import Device
from station.emulators.reader.script import Script, complain, load
from station.emulators.reader.serve import Server, listen
from station.emulators.reader.vocabulary import REFUSES, SILENT, codes


def parser(prog: str, description: str | None, *, link: bool = True) -> argparse.ArgumentParser:
    """Return the parser with the options of every emulated reader. `link`: it may have a pseudo-terminal."""
    found = argparse.ArgumentParser(prog=prog, description=description)
    where = found.add_mutually_exclusive_group(required=True)
    if link:
        where.add_argument("--link", type=Path, help="symbolic link to the reader's terminal")
    where.add_argument("--listen", metavar="HOST:PORT", help="a network port; port 0 selects a free one")
    found.add_argument("--memory", type=Path, required=True, help="folder with one file for each tag")
    found.add_argument("--control", type=Path, required=True, help="Unix socket, JSON lines")
    found.add_argument("--clock", choices=("real", "virtual"), default="real")
    found.add_argument("--drip", action=argparse.BooleanOptionalAction, default=True, help="send byte by byte")
    found.add_argument("--seed", type=int, default=0)
    found.add_argument("--any-baud", action="store_true", help="understand clients at any baud rate")
    add_script(found)
    found.add_argument("--detach", action="store_true", help="continue after the end of standard input")
    return found


def add_script(found: argparse.ArgumentParser) -> None:
    """Add the options for tags and events."""
    found.add_argument("--tags", action="append", default=[], metavar="FILE", help="TOML with [[tags]]")
    found.add_argument(
        "--scenario", action="append", default=[], metavar="FILE|NAME", help="TOML, or the name of a ready scenario"
    )


def add_vocabulary(found: argparse.ArgumentParser) -> None:
    """Add the options that determine which commands a reader has."""
    found.add_argument("--without", default="", metavar="HEX,..", help="commands that this firmware does not have")
    found.add_argument("--mute", default="", metavar="HEX,..", help="commands that this reader does not answer")
    found.add_argument(
        "--idle", default="", metavar="HEX,..", help="commands that this reader answers with OK and does not carry out"
    )
    found.add_argument(
        "--minimal", choices=(REFUSES, SILENT), default="", help="only the commands that inventory, read and write need"
    )
    found.add_argument("--with", dest="added", default="", metavar="HEX,..", help="more commands of a minimal reader")


def vocabulary(args: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of a reader's options that determine its commands. Raises ValueError for an invalid command."""
    return {
        "without": codes(args.without),
        "mute": codes(args.mute),
        "idle": codes(args.idle),
        "minimal": args.minimal,
        "added": codes(args.added),
    }


def script(args: argparse.Namespace) -> Script:
    """Return the script that the options name. Raises ValueError if it cannot be read."""
    return load(*args.tags, *args.scenario)


def place(args: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of `device.Place` from the options."""
    return {
        "link": getattr(args, "link", None),
        "listen": args.listen or "",
        "memory": args.memory,
        "virtual": args.clock == "virtual",
        "drip": args.drip,
        "seed": args.seed,
        "strict_line": not args.any_baud,
    }


def serve(args: argparse.Namespace, make: Callable[[], Device[Any]]) -> int:
    """Print the ready line, serve, and shut down. Return exit code 2, with a message, if the device cannot be
    created."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    signal.signal(signal.SIGINT, lambda number, _: stopped.append(number))
    try:
        steps = script(args)
        device = make()
        control = listen(args.control)
        server = Server(device, control, None if args.detach else sys.stdin.fileno(), steps)
    except (OSError, ValueError) as problem:
        complain(problem)
        args.control.unlink(missing_ok=True)
        return 2
    sys.stdout.write(json.dumps({"link": device.line.name, "control": str(args.control)}) + "\n")
    sys.stdout.flush()
    try:
        server.run(lambda: bool(stopped))
    finally:
        args.control.unlink(missing_ok=True)
    return 0
