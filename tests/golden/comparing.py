"""Compare JSON values of the program with what was recorded. `changes.toml` names the intended differences."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from station.cli import FORMER_NAMES
from tests.golden.corpus import recorded

CHANGES = tomllib.loads((Path(__file__).parent / "changes.toml").read_text(encoding="utf-8"))


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Flatten a JSON value to one entry for each leaf. The order of lists is ignored, and members that are objects are
    merged. A key that is hostile text (the text of an error) becomes "*", because it is not a name."""
    if isinstance(value, dict):
        named = ((key if key.isprintable() else "*", each) for key, each in value.items())
        return {place: leaf for key, each in named for place, leaf in flat(each, f"{path}/{key}").items()}
    if isinstance(value, list):
        leaves: dict[str, Any] = {}
        for each in value:
            leaves |= (
                flat(each, f"{path}[]")
                if isinstance(each, dict)
                else {f"{path}[{json.dumps(each, sort_keys=True)}]": True}
            )
        return leaves
    return {path: value}


def differences(then: Any, now: Any) -> set[str]:
    """Return the recorded paths that are missing or different now."""
    old, new = flat(then), flat(now)
    return {path for path, leaf in old.items() if path not in new or new[path] != leaf}


def unexplained(facet: str, then: Any, now: Any) -> set[str]:
    """Return the differences that changes.toml does not name, and its entries that match no difference."""
    return differences(then, now) ^ set(CHANGES.get(facet, {}))


def recorded_words(words: str) -> str:
    """Return the words of a call as they were recorded: a command that had another name has that one."""
    for old, new in FORMER_NAMES.items():
        words = re.sub(f"^{new}\\b", old, words)
    return words


def has_gone(words: str) -> bool:
    """Return whether changes.toml names the command of a recorded call among those that went."""
    return any(words.startswith(f"{path.split('[')[0].removeprefix('/station ')} ") for path in CHANGES["commands"])


def unexplained_call(words: str, exit_code: int, answered: str | None) -> set[str]:
    """The same as `unexplained` for one call of the table of hostile text. `answered`: its JSON; None = it has none. A
    call that was not recorded has no difference."""
    words = recorded_words(words)
    if words not in recorded("calls"):
        return set()
    found = differences({words: recorded("calls")[words]}, {words: call(exit_code, answered)})
    return found ^ {path for path in CHANGES["calls"] if path.startswith(f"/{words}/")}


def call(exit_code: int, answered: str | None) -> dict[str, Any]:
    """Return exit code and shape of the JSON of a call, as they are recorded."""
    return {"exit": exit_code, "json": None if answered is None else _answered(answered)}


def _answered(text: str) -> Any:
    try:
        return shape(json.loads(text))
    except ValueError:  # a command that prints one value per line
        return {"lines": shape([json.loads(line) for line in text.splitlines()])}


def shape(value: Any) -> Any:
    """Return keys and types of a JSON value. The members of a list are merged into one shape."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        together: list[Any] = []
        for each in map(shape, value):
            if isinstance(each, dict) and any(isinstance(one, dict) for one in together):
                at = next(place for place, one in enumerate(together) if isinstance(one, dict))
                together[at] = {**together[at], **each}
            elif each not in together:
                together.append(each)
        return together
    return type(value).__name__
