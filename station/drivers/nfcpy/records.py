"""NDEF messages to texts and back (ndeflib). Text from a tag is hostile until it is cleaned."""

from __future__ import annotations

from typing import Final

import ndef

from station.base.text import clean

_MOST: Final = 200


def texts(message: bytes) -> tuple[str, ...]:
    """Return every text and address of a message, in order and cleaned; empty if the message is damaged."""
    try:
        records = list(ndef.message_decoder(message, errors="relax"))
    except Exception:  # ndeflib: DecodeError, and what its decoders raise on unexpected contents
        return ()
    found = []
    for record in records:
        if isinstance(record, ndef.TextRecord):
            found.append(clean(record.text, _MOST))
        elif isinstance(record, ndef.UriRecord):
            found.append(clean(record.uri, _MOST))
    return tuple(text for text in found if text)


def text_message(text: str) -> bytes:
    """Return a message with one text, UTF-8, language "en"."""
    return b"".join(ndef.message_encoder([ndef.TextRecord(text, "en")]))


def uri_message(uri: str) -> bytes:
    """Return a message with one address."""
    return b"".join(ndef.message_encoder([ndef.UriRecord(uri)]))
