"""Targets on whole tags: each data model of the registry alone, and every function that examines a recognized tag."""

from __future__ import annotations

from typing import Final

from fuzz import cases
from fuzz.oracle import demand, demand_clean, demand_cover, demand_same, demand_sane
from station.base.errors import EncodingError
from station.base.words import tell
from station.domain.tag_image import TagImage
from station.encoding.content import Decoding, Severity, TagProfile, TagState, user_memory
from station.encoding.doctor.doctor import CHECKS, examine
from station.encoding.recognition import rfid501
from station.encoding.recognition.annotate import annotate, letters, plain, rows
from station.encoding.recognition.data_model import DataModel, WritableModel
from station.encoding.recognition.explain import explain
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import BY_NAME, DATA_MODELS, data_model

PROFILE: Final = TagProfile(isil="US-InU-Mu")
WORST_FIRST: Final = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.INFO)
CODES: Final = frozenset(
    {check.code for check in CHECKS} | {kind.code for model in DATA_MODELS for kind in model.kinds}
)


def part_2(data: bytes) -> None:
    """ISO 28560-2."""
    one_model(data_model("28560-2"), cases.image(data))


def part_3(data: bytes) -> None:
    """ISO 28560-3 and the Danish model, with their CRC and without."""
    image = cases.image(data)
    for model in (*DATA_MODELS, *BY_NAME.values()):
        if model.name == "28560-3":
            one_model(model, image)


def three_m(data: bytes) -> None:
    """The 3M layout; a memory without remarks is written again byte for byte."""
    image = cases.image(data)
    one_model(data_model("3m"), image)
    memory = image.memory
    try:
        fields, remarks = rfid501.decode_fields(memory, strict=True)
        written = rfid501.encode(fields)
    except EncodingError as error:
        demand_clean(tell(error.detail))
        return
    demand(written == memory[: rfid501.SIZE].ljust(rfid501.SIZE, b"\0"), f"{memory.hex()} became {written.hex()}")
    demand_clean((fields, remarks))


def one_model(model: DataModel, image: TagImage) -> None:
    """Read and annotate; if the model is writable, write the content again."""
    memory = user_memory(image)
    try:
        decoding = model.read(image, memory)
    except EncodingError:
        return
    demand_decoding(model, memory, decoding)
    if isinstance(model, WritableModel) and image.block_size:
        demand_written_again(model, image, memory, decoding)


def demand_decoding(model: DataModel, memory: bytes, decoding: Decoding) -> None:
    """Require a clean, sane decoding by this model, with remarks from the model's table."""
    demand_clean(decoding)
    demand_sane(decoding.content)
    demand(decoding.model == model.name, f"{model.name} returned the model {decoding.model}")
    demand(0.0 <= decoding.confidence <= 1.0, f"confidence {decoding.confidence}")
    demand(0 <= decoding.end <= len(memory), f"the content ends at {decoding.end} of {len(memory)}")
    known = {kind.code for kind in model.kinds}
    for remark in decoding.remarks:
        demand(remark.code in known, f"the remark {remark.code} is in no table")
        if remark.offset is not None:
            demand(0 <= remark.offset <= len(memory), f"the remark {remark.code} is at {remark.offset}")
    ranges = model.annotate(memory, decoding)
    demand_clean(ranges)
    demand_cover(ranges, len(memory))
    model.owned(decoding, PROFILE.isil)
    model.owned(decoding, "")


def demand_written_again(model: WritableModel, image: TagImage, memory: bytes, decoding: Decoding) -> None:
    """Require that content that can be written reads the same again, and is sound."""
    size = len(memory)
    try:
        encoded = model.encode(decoding.content, PROFILE, image.block_size, size)
    except EncodingError:
        return
    demand(0 < encoded.content_end <= len(encoded.data) <= size, "the encoder's ends are out of order")
    written = encoded.data + bytes(size - len(encoded.data))
    again = model.read(image, written)
    demand_same(decoding.content, again.content, model.name)
    demand(again.sound, "the written tag is not sound")
    demand_cover(model.annotate(written, again), size)


def recognised(data: bytes) -> None:
    """Recognition and explanation: they never raise, and only a finished tag has an identifier."""
    image = cases.image(data)
    recognition = recognise(image, PROFILE)
    demand_clean(recognition)
    demand_clean(explain(image, recognition))
    ranges = annotate(image, recognition)
    demand_clean(ranges)
    demand_cover(ranges, len(image.memory))
    shown = b"".join(cell.data for row in rows(image.memory, ranges) for cell in row.cells)
    demand(shown == image.memory, "the rows show other bytes than the memory has")
    demand_clean(plain(image.memory, ranges))
    demand(len(ranges) == len({letters(number) for number in range(len(ranges))}), "a letter twice")
    demand(0.0 <= recognition.confidence <= 1.0, f"confidence {recognition.confidence}")
    finished = recognition.state in (TagState.OURS, TagState.FOREIGN)
    demand(bool(recognition.identifier) == finished, f"{recognition.state} with {recognition.identifier!r}")
    if recognition.state is TagState.OURS and recognition.content is not None:
        model = data_model(recognition.model)
        demand(not model.marks_completion or PROFILE.commits(model.name, image.dsfid), "ours, but not committed")
    demand(bool(recognition.reasons), "no reason is given")
    names = {model.name for model in DATA_MODELS}
    demand({candidate.model for candidate in recognition.candidates} <= names, "an unknown candidate")


def examined(data: bytes) -> None:
    """The tag doctor. Byte 0: facts about the item; byte 1: facts about the tag; the rest is the tag."""
    knows, tells = (*data[:2], 0, 0)[:2]
    image = cases.image(data[2:])
    content = recognise(image, PROFILE).content
    diagnoses = examine(
        image,
        PROFILE,
        barcode=("", "30123456789012", "A/7", content.primary_item_identifier if content else "")[knows & 3],
        parts=(None, 1, 12, 255)[knows >> 2 & 3],
        part=(None, 1, 3, 12)[knows >> 4 & 3],
        unfinished=bool(knows & 0x40),
        siblings=(content,) if content and knows & 0x80 else (),
        in_stock=not tells & 1,
        afi_locked=(None, False, True, True)[tells >> 1 & 3],
        dsfid_locked=(None, False, True, True)[tells >> 3 & 3],
        is_barcode=str.isdigit if tells & 0x20 else None,
    )
    demand_clean(diagnoses)
    severities = [diagnosis.severity for diagnosis in diagnoses]
    demand(severities == sorted(severities, key=WORST_FIRST.index), "the worst is not the first")
    for diagnosis in diagnoses:
        demand(diagnosis.code in CODES, f"the diagnosis {diagnosis.code} is in no table")
        demand(bool(diagnosis.sentence and diagnosis.advice), f"{diagnosis.code} lacks a sentence or advice")
        if diagnosis.offset is not None:
            demand(0 <= diagnosis.offset <= len(image.memory), f"{diagnosis.code} is at {diagnosis.offset}")
