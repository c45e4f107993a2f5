"""Where station processes come from: one process that has imported the station, and forks for each command.

What runs is the command `station` in a process of its own, with its own process number, files and end; only the second that
every start spends on imports, and on reading the sentences and rules that it is shipped with, is saved. One request a line on
stdin (JSON), two answers a line: {"pid"}, then {"status"}.

python -m tests.stories.kill.zygote
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import json
import os
import sys
import termios
from typing import Any

from station.base.words import english
from station.quality.rulebook.shipped import shipped
from tests.stories.kill import armed, mutants

PRELOADED = (
    "station.cli",
    "station.runtime.station",
    *(
        f"station.cli.{name}"
        for name in (
            "workflows.convert", "quality.corrections", "workflows.inspect", "admin.journal", "people.people",
            "workflows.process", "workflows.sets", "session.sign_on", "workflows.stack", "tag.group", "tag.rewrite",
            "workflows.release",
        )
    ),
)  # fmt: skip


def main() -> None:
    """Serve until stdin ends."""
    armed.install()
    for name in PRELOADED:
        importlib.import_module(name)
    english()
    shipped()
    gc.collect()
    gc.freeze()
    asked, answers = os.dup(0), os.dup(1)
    buffer = b""
    while True:
        while b"\n" not in buffer:
            data = os.read(asked, 65536)
            if not data:
                return
            buffer += data
        line, buffer = buffer.split(b"\n", 1)
        pid = os.fork()
        if pid == 0:
            os.close(asked)
            os.close(answers)
            _child(json.loads(line))
        os.write(answers, json.dumps({"pid": pid}).encode() + b"\n")
        _, status = os.waitpid(pid, 0)
        os.write(answers, json.dumps({"status": os.waitstatus_to_exitcode(status)}).encode() + b"\n")


def _child(wanted: dict[str, Any]) -> None:
    os.setsid()
    if wanted["tty"]:
        slave = os.open(wanted["tty"], os.O_RDWR)
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        places = [slave] * 3
        os.environ["TERM"] = "xterm-256color"
    else:
        made = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        places = [os.open(wanted["in"], os.O_RDONLY), *(os.open(wanted[name], made, 0o600) for name in ("out", "err"))]
    for number, place in enumerate(places):
        os.dup2(place, number)
    for place in set(places) - {0, 1, 2}:
        os.close(place)
    sys.argv = ["station", *wanted["args"]]
    code = 0
    try:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the process's own
        armed.POINTS.arm(wanted["trace"], wanted["kill"])
        if wanted["mutant"]:
            mutants.MUTANTS[wanted["mutant"]]()
        from station.cli import main as station

        station()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 70
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
