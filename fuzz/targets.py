"""All targets by name. A target is a pure function of bytes; a new decoder gets a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from fuzz import codecs, commands, files, models, moving, plans, seeds, uhf, writing


@dataclass(frozen=True, slots=True)
class Target:
    """A function to fuzz."""

    function: Callable[[bytes], None]
    """Returns, or raises if the code under test is wrong."""
    seeds: Callable[[], Iterable[bytes]]
    longest: int = 512
    """Maximum bytes of an input."""
    weight: int = 1
    """Share of the time."""
    words: tuple[str, ...] = ()
    """Parts of the inputs of a text format."""


MODELS: Final = ("28560", "danish", "3m", "blank", "fuzz")

TARGETS: Final[dict[str, Target]] = {
    "compaction": Target(codecs.schemes, lambda: seeds.packed("15962/compaction"), 96),
    "isil": Target(codecs.isils, lambda: [*seeds.packed("28560-2/isil"), b"DE-Heu1", b"CN-120104-C-YBL"], 48),
    "elements": Target(codecs.rows, lambda: [*seeds.memories("28560-2"), *seeds.written()]),
    "28560-2": Target(models.part_2, lambda: seeds.tags("28560-2"), weight=2),
    "28560-3": Target(models.part_3, lambda: seeds.tags("28560-3", "danish"), weight=2),
    "3m": Target(models.three_m, lambda: seeds.tags("3m")),
    "28560-4": Target(uhf.part_4, seeds.banks, 256),
    "urn-code-40": Target(uhf.code_40, lambda: [data[1:] for data in seeds.banks()], 96),
    "recognise": Target(models.recognised, lambda: seeds.tags(*MODELS), weight=2),
    "doctor": Target(models.examined, lambda: seeds.with_choices(seeds.tags(*MODELS), 2), weight=2),
    "dumps": Target(files.dumps, files.dump_seeds, 6000, weight=2, words=files.DUMP_WORDS),
    "commands": Target(commands.tag_commands, files.command_seeds, 3000, words=files.DUMP_WORDS),
    "profiles": Target(files.profiles, files.profile_seeds, 4000, words=files.PROFILE_WORDS),
    "edifact": Target(files.edifact, files.edifact_seeds, 3000, words=files.EDIFACT_WORDS),
    "encode": Target(writing.written, writing.written_seeds, 256, weight=2),
    "text": Target(writing.cleaned, lambda: [*writing.written_seeds(), "a\u202eb\u0301\ufeff…".encode()], 300),
    "migrate": Target(moving.migrated, lambda: seeds.with_choices(seeds.tags(*MODELS), 2), weight=2),
    "plan": Target(plans.planned, lambda: seeds.with_choices(seeds.tags(*MODELS), 2), weight=2),
    "torn": Target(plans.torn, lambda: seeds.with_choices(seeds.tags(*MODELS), 3), weight=3),
}
