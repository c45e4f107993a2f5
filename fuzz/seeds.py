"""Initial inputs of the fuzzer: the published vectors, tags that the package writes, and a few damaged tags."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from fuzz import cases
from station.base.errors import EncodingError
from station.encoding.content import RemarkKind, TagContent, TagProfile
from station.encoding.iso28560_4.codec import encode_epc_bank
from station.encoding.recognition.data_model import WritableModel
from station.encoding.recognition.registry import DATA_MODELS, data_model

VECTORS: Final = Path(__file__).resolve().parent.parent / "tests" / "vectors"


@cache
def vectors(prefix: str) -> tuple[dict[str, object], ...]:
    """Return the vectors of all files whose name begins with `prefix`."""
    lines = [
        line
        for path in sorted(VECTORS.glob(f"{prefix}*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    return tuple(vector for vector in map(json.loads, lines) if "model" in vector)


def packed(model: str) -> list[bytes]:
    """Return the bytes of a model's vectors; for a compaction scheme, with its code in front."""
    found = []
    for vector in vectors(""):
        if vector["model"] != model:
            continue
        data, decoded = bytes.fromhex(str(vector["hex"])), vector["decoded"]
        scheme = decoded.get("compaction") if isinstance(decoded, dict) else None
        found.append(data if scheme is None else bytes([scheme]) + data)
    return found


def memories(prefix: str) -> list[bytes]:
    """Return user memories published as vectors of the model and its relatives."""
    return [bytes.fromhex(str(vector["hex"])) for vector in vectors("") if str(vector["model"]).startswith(prefix)]


@cache
def written() -> tuple[bytes, ...]:
    """Return memories of 112 bytes as each writable data model writes them."""
    contents = (
        TagContent("30123456789012", "US-InU-Mu", 1, 1, 0x10),
        TagContent("A/7", "US-InU-Mu", 2, 12, 0x21, "QA 76.73", ((17, "Ein Märchen"), (19, "02"))),
    )
    found = []
    for model in DATA_MODELS:
        if not isinstance(model, WritableModel):
            continue
        for content in contents:
            for lock in (frozenset[int](), frozenset({1, 3})):
                try:
                    encoded = model.encode(content, TagProfile(isil="US-InU-Mu", lock=lock), 4, 112)
                except EncodingError:
                    continue
                found.append(encoded.data.ljust(112, b"\0"))
    return tuple(found)


def tags(*prefixes: str) -> list[bytes]:
    """Return inputs of image targets: vectors of these models and written tags, with locks, torn, and with stale
    bytes."""
    found = [*written(), *(memory for prefix in prefixes for memory in memories(prefix))]
    inputs = [cases.seed(memory, dsfid, 0x07) for memory in found for dsfid in (0x06, 0x3E, 0x00)]
    inputs += [cases.seed(memory.ljust(112, b"\0"), 0x06, 0x07, locks=0xC000_0000) for memory in found]
    inputs += [cases.seed(bytes(4) + memory[4:], 0x00) for memory in found]
    inputs += [cases.seed(memory.ljust(316, b"\0") + b"\x01\0\0\x05", 0x06, kind=0x08) for memory in found[:4]]
    inputs += [cases.seed(bytes(112)), cases.seed(b"\x55" * 24 + bytes(88)), cases.seed(b""), b""]
    return inputs


def with_choices(inputs: list[bytes], count: int) -> list[bytes]:
    """Return each input preceded by `count` bytes of choices, which vary between inputs."""
    return [bytes(number * 37 % 251 >> place for place in range(count)) + data for number, data in enumerate(inputs)]


def kinds_of(model: str) -> tuple[RemarkKind, ...]:
    """Return a data model's table of remarks."""
    return data_model(model).kinds


def banks() -> list[bytes]:
    """Return inputs of the UHF target: EPC banks with and without CRC, followed by user banks."""
    published = [*memories("28560-4"), *memories("uhf"), *memories("gen2")]
    user = bytes.fromhex("060201D0140204B3")
    found = [bytes([len(bank)]) + bank for bank in published if len(bank) < 128]
    found += [bytes([0x80 | len(bank) + 2]) + bytes(2) + bank + user for bank in published if len(bank) < 120]
    made = (("US-InU-Mu", "30123456789012"), ("CH-000134-1", "12345678.31"), ("", "A7"))
    for owner, identifier in made:
        bank = encode_epc_bank(owner, identifier, afi=0x07, umi=True)
        found += [bytes([len(bank)]) + bank + user, bytes([0x80 | len(bank) + 2]) + bytes(2) + bank + user]
    return found
