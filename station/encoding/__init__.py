"""Tag content: ISO/IEC 15962 and ISO 28560 codecs, recognition, tag doctor, migration, write plans. Pure: bytes in,
frozen values out. Needs only the standard library.

Start with `decode` and `encode`. `recognise` determines what a tag is to a library, and `explain` puts that into plain
sentences. `examine` finds what is wrong with a tag. `migrate` converts its content to another data model. `plan_item`
plans how to change it without ever leaving a wrong identifier. `read_dump` reads dumps of other tools. Decoders raise
only `Undecodable`, on any bytes. All errors but `TagLocked` are `EncodingError`s. docs/encoding.md has an example of
each; docs/tag-formats.md explains the bytes and cites the sources.
"""

from station.base.errors import (
    DoesNotFit,
    DumpUnreadable,
    ElementInvalid,
    EncodingError,
    NotPossible,
    TagLocked,
    Undecodable,
)
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
    "DoesNotFit",
    "DumpUnreadable",
    "ElementInvalid",
    "ElementValue",
    "Encoded",
    "EncodingError",
    "Migration",
    "NotPossible",
    "Recognition",
    "Remark",
    "SiteProfile",
    "TagContent",
    "TagImage",
    "TagLocked",
    "TagProfile",
    "TagState",
    "Uid",
    "Undecodable",
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
