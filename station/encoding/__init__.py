"""What stands on a tag: ISO/IEC 15962 and ISO 28560 codecs, recognition, write plans, verification. Pure: bytes in,
frozen values out.

`content` holds the public values, `recognise` says what a tag is, `plan` says how to change it without ever leaving a
wrong identifier, `verify` says what differs. Decoders raise `errors.Undecodable` and nothing else, on any bytes.
"""
