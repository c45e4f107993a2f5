"""`station emulate`: the emulated readers for any software, each in its own process."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

import click

from station.base.cells import table
from station.base.text import clean
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app

KINDS: Final = {
    "feig": ("feig", "FEIG OBID ISO-Host (CPR.M02 and others)"),
    "3m": ("threem", "3M / Bibliotheca 810, 210"),
    "pn532": ("pn532", "a PN532 board (HSU), for badges and NTAG labels"),
    "trf7970a": ("trf7970a", "TI's TRF7970A EVM, DLP-RFID2"),
    "nfcudp": ("nfcudp", "the peer of nfcpy's udp device"),
}
"""Name: module of station.emulators, and description."""
SCENARIOS: Final = Path(__file__).resolve().parents[2] / "emulators" / "scenarios"
_NETWORK: Final = re.compile(r"[^/]+:\d+")
_PATIENCE_S: Final = 10.0


@click.group()
@data_option
def emulate() -> None:
    """Serve an emulated reader and its tags to any software, over a pseudo-terminal or TCP."""


def _command(kind: str) -> click.Command:
    @click.command(
        name=kind,
        help=f"Emulate {KINDS[kind][1]} until Ctrl-C. Further options go after --; docs/emulators.md lists them.",
        context_settings={"ignore_unknown_options": True},
    )
    @data_option
    @json_option
    @click.option(
        "--port", required=True, help="PATH of the pseudo-terminal to create, or HOST:PORT (port 0 = a free one)."
    )
    @click.option("--tags", multiple=True, help="TOML file with [[tags]].")
    @click.option(
        "--scenario", multiple=True, help="TOML file, or the name of a ready one (station emulate scenarios)."
    )
    @click.option(
        "--keep",
        type=click.Path(file_okay=False, path_type=Path),
        help="Directory that keeps the tags after the emulator ends.",
    )
    @click.option("--control", type=click.Path(path_type=Path), help="Path of the control socket to create.")
    @click.option(
        "--clock",
        type=click.Choice(["real", "virtual"]),
        default="real",
        help="Take as much time as a real reader, or none.",
    )
    @click.argument("options", nargs=-1, type=click.UNPROCESSED)
    @pass_app
    def serve(
        app: App,
        port: str,
        tags: tuple[str, ...],
        scenario: tuple[str, ...],
        keep: Path | None,
        control: Path | None,
        clock: str,
        options: tuple[str, ...],
    ) -> int:
        folder = Path(tempfile.mkdtemp(prefix="rfid-"))
        try:
            words = ["--listen" if _NETWORK.fullmatch(port) else "--link", port, "--clock", clock]
            words += ["--memory", str(keep or folder / "tags"), "--control", str(control or folder / "control")]
            words += [part for name in tags for part in ("--tags", name)]
            words += [part for name in scenario for part in ("--scenario", name)]
            return _run(app, kind, [*words, *options])
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    return serve


def _run(app: App, kind: str, words: list[str]) -> int:
    """Run the emulator as a child process. It ends with this process, which holds the other end of its stdin."""
    command = [sys.executable, "-m", f"station.emulators.{KINDS[kind][0]}", *words]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                return process.wait()
            ready = json.loads(line)
            app.report(ready, [f"{KINDS[kind][1]} at {ready['link']}", f"control socket {ready['control']}"])
            sys.stdout.flush()
            app.note("Ctrl-C ends it.")
            return process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            process.terminate()


@click.command()
@data_option
@json_option
@pass_app
def scenarios(app: App) -> int:
    """List the ready scenarios: each is a TOML file that you may copy and change."""
    known = {path.stem: path for path in sorted(SCENARIOS.glob("*.toml"))}
    says = {name: str(tomllib.loads(path.read_text(encoding="utf-8"))["says"]) for name, path in known.items()}
    app.report(
        {"directory": str(SCENARIOS), "scenarios": says},
        [*table([[name, text] for name, text in says.items()]), str(SCENARIOS)],
    )
    return 0


@click.command()
@data_option
@json_option
@click.argument("control", type=click.Path(exists=True, path_type=Path))
@click.argument("word")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@pass_app
def say(app: App, control: Path, word: str, arguments: tuple[str, ...]) -> int:
    """Send WORD of the control vocabulary to a running emulator: station emulate say SOCKET lift uid=E004...

    A VALUE is sent as a number, true, false or a list if it looks like one, else as text. Exit code 1 if the emulator
    refuses.
    """
    said: dict[str, object] = {"do": word}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            raise click.UsageError(f"{clean(argument, 40)!r} is not NAME=VALUE")
        said[name] = _value(value)
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_PATIENCE_S)
            line.connect(str(control))
            line.sendall(json.dumps(said).encode() + b"\n")
            answer = json.loads(line.makefile("rb").readline())
    except (OSError, ValueError) as error:
        raise click.UsageError(f"no emulator answers at {control}: {error}") from error
    app.report(answer, [json.dumps(answer)])
    return 0 if answer["ok"] else NOT_GOOD


def _value(text: str) -> object:
    """Return a number, true, false or a list. All else is text, as is a long number, which may be hexadecimal."""
    if re.fullmatch(r"-?\d+(\.\d+)?|true|false|\[.*\]", text) and len(text) < 12:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


for _kind in KINDS:
    emulate.add_command(_command(_kind))
emulate.add_command(scenarios)
emulate.add_command(say)
