"""What stands on a tag: ISO/IEC 15962 and ISO 28560 codecs, recognition, write plans, verification. Pure: bytes in,
frozen values out; the standard library is all that it needs.

`decode` and `encode` are the beginning; `recognise` says what a tag is to a library, `explain` says it in words, `plan` says
how to change it without ever leaving a wrong identifier, `verify` says what differs. Decoders raise `errors.Undecodable`
and nothing else, on any bytes. docs/encoding.md shows each by example.
"""

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
from station.encoding.recognise import explain, recognise
from station.image import TagImage, Uid

__all__ = [
    "Decoding",
    "ElementValue",
    "Encoded",
    "Recognition",
    "Remark",
    "TagContent",
    "TagImage",
    "TagProfile",
    "TagState",
    "Uid",
    "decode",
    "encode",
    "explain",
    "recognise",
]
