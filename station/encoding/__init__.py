"""Tag content: ISO/IEC 15962 and ISO 28560 codecs, recognition, tag doctor, migration, write plans. Pure: bytes in, frozen
values out. Needs the standard library alone.

`decode` and `encode` are the beginning; `recognise` says what a tag is to a library, `explain` says it in words, `examine`
what is wrong with it, `migrate` what it would be in another data model, `plan_item` how to change it without ever leaving
a wrong identifier; `read_dump` takes dumps of other tools. Decoders raise `errors.Undecodable` and nothing else, on any
bytes. docs/encoding.md shows each by example, docs/tag-formats.md says what the bytes mean and who says so.
"""

from station.domain.tag_image import TagImage, Uid
from station.encoding.api import decode, encode
from station.encoding.content import (
    Decoding,
    ElementValue,
    Encoded,
    Recognition,
    Remark,
    TagContent,
    TagProfile,
    TagState,
)
from station.encoding.doctor.doctor import Diagnosis, examine
from station.encoding.dumps.dumps import read_dump
from station.encoding.dumps.write import write_dump
from station.encoding.migration.migration import Migration, migrate
from station.encoding.profiles.profiles import ready
from station.encoding.profiles.value import SiteProfile
from station.encoding.recognition.explain import explain
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.plan import plan_item, plan_write, undo
from station.encoding.write_plan.steps import WritePlan

__all__ = [
    "Decoding",
    "Diagnosis",
    "ElementValue",
    "Encoded",
    "Migration",
    "Recognition",
    "Remark",
    "SiteProfile",
    "TagContent",
    "TagImage",
    "TagProfile",
    "TagState",
    "Uid",
    "WritePlan",
    "decode",
    "encode",
    "examine",
    "explain",
    "migrate",
    "plan_item",
    "plan_write",
    "read_dump",
    "ready",
    "recognise",
    "undo",
    "write_dump",
]
