"""Tag files and scenario files (TOML): the tags on the reader, and timed events.

    says = "description"
    [assume]            names of docs/emulators.md, "assumed"
    [[tags]]            the arguments of the control word "create"; place = false leaves it off the pad
    [[steps]]           any control word: do = "...", its arguments, and when:
                        after_seconds (time of the emulator), after_frames (requests of the host), neither = at the start;
                        every_seconds, every_frames: again and again

A file that cannot be read, an unknown key or a step that is refused at the start raises ValueError with a sentence.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

READY = Path(__file__).parent.parent / "scenarios"
_TOP = {"says", "assume", "tags", "steps"}
_WHEN = ("after_seconds", "after_frames", "every_seconds", "every_frames")

Say = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class Step:
    """A control word, and the time when it is due (seconds or host frames since the start)."""

    words: dict[str, Any]
    seconds: float | None = None
    frames: int | None = None
    every_seconds: float = 0.0
    every_frames: int = 0

    @property
    def first(self) -> bool:
        return self.seconds is None and self.frames is None

    def due(self, seconds: float, frames: int) -> bool:
        by_time = self.seconds is not None and seconds >= self.seconds
        return by_time or (self.frames is not None and frames >= self.frames)

    def again(self) -> bool:
        """Set the next due time. Return False if there is none."""
        if self.every_seconds and self.seconds is not None:
            self.seconds += self.every_seconds
        elif self.every_frames and self.frames is not None:
            self.frames += self.every_frames
        else:
            return False
        return True


@dataclass
class Script:
    says: str = ""
    steps: list[Step] = field(default_factory=list)

    def start(self, say: Say) -> None:
        """Carry out the steps without a time. Raises ValueError if a word is refused."""
        for step in [step for step in self.steps if step.first]:
            answer = say(step.words)
            if not answer["ok"]:
                raise ValueError(f"{step.words['do']}: {answer['error']}")
        self.steps = [step for step in self.steps if not step.first]

    def go_on(self, say: Say, seconds: float, frames: int) -> None:
        """Carry out the steps that have become due. A word that is refused is reported on standard error."""
        for step in [step for step in self.steps if step.due(seconds, frames)]:
            answer = say(step.words)
            if not answer["ok"]:
                complain(f"{json.dumps(step.words)}: {answer['error']}")
            if not step.again():
                self.steps.remove(step)


def complain(problem: object) -> None:
    """Print one line on standard error. It may contain text of a file, a file name or a client, so everything except
    plain ASCII is escaped: the line cannot control the terminal."""
    told = "".join(one if " " <= one <= "~" else one.encode("unicode_escape").decode("ascii") for one in str(problem))
    sys.stderr.write(f"{told}\n")


def ready() -> dict[str, str]:
    """Return the names of the ready scenarios with their descriptions."""
    found = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(READY.glob("*.toml"))}
    return {name: str(content.get("says", "")) for name, content in found.items()}


def load(*names: str) -> Script:
    """Return one script from several files, in order. A name without a dot is a ready scenario."""
    script = Script()
    for name in names:
        _read(script, name)
    return script


def _read(script: Script, name: str) -> None:
    path = READY / f"{name}.toml" if "." not in name and "/" not in name else Path(name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        known = f"; ready ones: {', '.join(ready())}" if path.parent == READY else ""
        raise ValueError(f"{name}: {error.strerror}{known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}: {error}") from None
    strange = sorted(set(content) - _TOP)
    if strange:
        raise ValueError(f"{name}: unknown {', '.join(strange)}; known: {', '.join(sorted(_TOP))}")
    script.says = str(content.get("says", script.says))
    if content.get("assume"):
        script.steps.append(Step({"do": "assume", **_table(name, "assume", content["assume"])}))
    for tag in _tables(name, "tags", content):
        script.steps.append(Step({"do": "create", "place": True, **tag}))
    for step in _tables(name, "steps", content):
        script.steps.append(_step(name, step))


def _table(name: str, key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name}: {key} is not a table")  # noqa: TRY004 - a person's input
    return value


def _tables(name: str, key: str, content: dict[str, Any]) -> list[dict[str, Any]]:
    value = content.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{name}: write [[{key}]]")  # noqa: TRY004 - a person's input
    return [_table(name, key, item) for item in value]


def _step(name: str, step: dict[str, Any]) -> Step:
    if not isinstance(step.get("do"), str):
        raise ValueError(f"{name}: a step without do")  # noqa: TRY004 - a person's input
    when = {key: step[key] for key in _WHEN if key in step}
    if any(not isinstance(value, (int, float)) or value <= 0 for value in when.values()):
        raise ValueError(f"{name}: {', '.join(when)}: must be numbers above 0")
    words = {key: value for key, value in step.items() if key not in _WHEN}
    seconds, frames = when.get("after_seconds"), when.get("after_frames")
    every_seconds, every_frames = float(when.get("every_seconds", 0)), int(when.get("every_frames", 0))
    if every_seconds and seconds is None:
        seconds = every_seconds
    if every_frames and frames is None:
        frames = every_frames
    return Step(words, seconds, None if frames is None else int(frames), every_seconds, every_frames)
