"""Commands of a 3M reader (Model 210 Protocol Specification 1.0.0, "Normal Commands"), carried out tag by tag on the
air."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from station.emulators.reader.radio import (
    DATA_FALSE,
    ISO_ERROR,
    NO_TRANSPONDER,
    Failed,
    Found,
    Radio,
    Steps,
    Target,
)
from station.emulators.threem.passthru import PassThru

BLOCK = 4
OK = 0x00
NOT_IMPLEMENTED, NO_TAG, UNKNOWN = 0x02, 0x06, 0x0F
NOT_AVAILABLE, LOCKED, NOT_READ, NOT_PUT = 0x11, 0x12, 0x15, 0x16
OPTION, PARAMETER, NO_MEMORY = 0x31, 0x32, 0xFE
# ISO/IEC 15693-3 error codes as Appendix A names them
_ISO = {0x01: 0x21, 0x02: 0x22, 0x03: 0x23, 0x0F: UNKNOWN, 0x10: NOT_AVAILABLE, 0x11: LOCKED, 0x12: LOCKED}
NXP = b"\x04"
TI_FAMILY = b"\xe0\x07"

UID, DSFID, BIT2, SKIP_SECOND, PROTOCOLS = 0x01, 0x02, 0x04, 0x20, 0x40
ALL_ON_ERROR, PROPAGATE, NEW_STYLE, NO_LOCK = 0x01, 0x02, 0x04, 0x08
EXTENDED_ASKED = bytes.fromhex("040100020003000400")
EXTENDED = bytes.fromhex("0201010302020300")


@dataclass
class Habits:
    """How this reader uses its radio (`radio.Policy`), and assumptions about it."""

    response_time: float = 0.0
    one_slot: bool = False
    anticollision: bool = True
    afi: int | None = None
    write_option: int | None = None
    quiet_is_kept: bool = True  # assumed: a tag quieted by command 01 stays quiet until the field is switched off
    deaf_to_quiet: bool = False  # tags do not hear Stay Quiet and answer the second poll, too
    dsfid_option: bool = True
    ignores_dsfid: bool = False  # an inventory with the option for DSFIDs repeats it and returns none
    new_style: bool = True  # Read Multiblock supports response option bit 2
    most_blocks: int = 255  # more blocks give "not enough memory"
    silence_is_error: bool = False  # assumed: ISO Pass thru answers with an error if no tag answers


class Refused(Exception):
    """A refusal: error code, and the bytes after the UID in the answer."""

    def __init__(self, error: int, beside: bytes = b"") -> None:
        super().__init__(error, beside)
        self.error = error
        self.beside = beside


class Commands:
    def __init__(self, radio: Radio, habits: Habits, version: bytes) -> None:
        self._radio = radio
        self._habits = habits
        self._version = version
        self._passthru = PassThru(radio)
        self.plain: dict[int, Callable[[bytes], Steps[bytes]]] = {
            0xFE: self._inventory,
            0x11: self._reader_version,
            0x13: self._extended_info,
            0x14: self._pass_thru,
        }
        self.addressed: dict[int, Callable[[bytes, bytes], Steps[bytes]]] = {
            0x01: self._quiet,
            0x02: self._read,
            0x03: self._check_eas,
            0x04: self._write,
            0x05: lambda uid, rest: self._write_one(uid, rest, lock=False),
            0x06: lambda uid, rest: self._change(0x28, uid, rest, 0),
            0x07: lambda uid, rest: self._write_one(uid, rest, lock=True),
            0x08: lambda uid, rest: self._change(0x22, uid, rest, 1),
            0x09: lambda uid, rest: self._change(0x27, uid, rest, 1),
            0x0A: lambda uid, rest: self._register(uid, rest, 10),
            0x0B: lambda uid, rest: self._change(0x29, uid, rest, 1),
            0x0C: self._set_eas,
            0x0D: self._tag_info,
            0x0E: lambda uid, rest: self._change(0x2A, uid, rest, 0),
            0x0F: lambda uid, rest: self._register(uid, rest, 9),
        }

    # -- without a tag's address -----------------------------------------------------------------------------------

    def _reader_version(self, data: bytes) -> Steps[bytes]:
        yield from ()
        _length(data, 0)
        return self._version

    def _extended_info(self, data: bytes) -> Steps[bytes]:
        """Answer the only known request of clients as they expect; no public source explains the content."""
        yield from ()
        if data != EXTENDED_ASKED:
            raise Refused(PARAMETER)
        return EXTENDED

    def _pass_thru(self, data: bytes) -> Steps[bytes]:
        answer = yield from self._passthru.run(data)
        if answer is None:
            raise Refused(OPTION)
        if self._habits.silence_is_error and answer[1:3] == b"\0\0":
            raise Refused(NO_TAG)
        return answer

    def _inventory(self, data: bytes) -> Steps[bytes]:
        """Poll, quiet the tags that answered, poll again (Read Block UID: bit 5 skips that; duplicates are not
        removed)."""
        if len(data) < 2:
            raise Refused(PARAMETER)
        afi, options = data[0], data[1]
        protocols = data[2:3] if options & PROTOCOLS else b"\x02"
        _length(data, 3 if options & PROTOCOLS else 2)
        if options & ~(UID | DSFID | BIT2 | SKIP_SECOND | PROTOCOLS) or not options & (UID | DSFID):
            raise Refused(OPTION)
        if options & DSFID and not self._habits.dsfid_option:
            raise Refused(OPTION)
        found: list[Found] = []
        if protocols[0] & 0x02:
            self._radio.begin()
            if not self._habits.quiet_is_kept:
                self._radio.field.wake()
            self._habits.afi = afi or None
            found, _ = yield from self._radio.inventory()
            if not options & SKIP_SECOND:
                if not self._habits.deaf_to_quiet:
                    for tag in found:
                        yield from self._radio.quiet(tag.uid)
                again, _ = yield from self._radio.inventory()
                found = found + again
                # The next inventory finds them all again, because every client polls. No source says how they are
                # woken.
                self._radio.field.wake(frozenset(tag.uid.hex().upper() for tag in found))
        found = found[:0xFF]
        with_dsfid = options & DSFID and not self._habits.ignores_dsfid
        records = b"".join(
            (bytes((tag.dsfid,)) if with_dsfid else b"") + (tag.uid if options & UID else b"") for tag in found
        )
        return bytes((afi, options, len(found))) + records

    # -- to one tag ------------------------------------------------------------------------------------------------

    def _quiet(self, uid: bytes, rest: bytes) -> Steps[bytes]:
        _length(rest, 0)
        yield from self._radio.quiet(uid)
        return b""

    def _read(self, uid: bytes, rest: bytes) -> Steps[bytes]:
        if len(rest) not in (2, 3) or not rest[1] or rest[0] + rest[1] > 256:
            raise Refused(PARAMETER)
        first, count, options = rest[0], rest[1], rest[2] if len(rest) == 3 else 0
        # Bits 0 and 1 determine the answer for a block in error. The footnote about it is lost, so the whole command is
        # refused, as without them. If no block is in error they change nothing: signum-savotta sends 05.
        if options & ~(ALL_ON_ERROR | PROPAGATE | NEW_STYLE | NO_LOCK) or (options and not self._habits.new_style):
            raise Refused(OPTION)
        if count > self._habits.most_blocks:
            raise Refused(NO_MEMORY)
        if count == 1:
            data = yield from self._exchange(0x20, uid, bytes((first,)), option=True)
        else:
            data = yield from self._exchange(0x23, uid, bytes((first, count - 1)), option=True)
        if len(data) != count * (1 + BLOCK):
            raise Refused(NOT_READ)
        answer = bytes((first, count)) if options & NEW_STYLE else bytes((count,))
        for index in range(count):
            record = data[index * (1 + BLOCK) : (index + 1) * (1 + BLOCK)]
            answer += b"" if options & NEW_STYLE else bytes((first + index,))
            answer += record[1:] if options & NO_LOCK else record
        return answer

    def _write(self, uid: bytes, rest: bytes) -> Steps[bytes]:
        if len(rest) < 3 or not rest[1] or len(rest) != 3 + rest[1] * BLOCK or rest[0] + rest[1] > 256:
            raise Refused(PARAMETER)
        if rest[2]:
            raise Refused(OPTION)
        first, count, data = rest[0], rest[1], rest[3:]
        if count > self._habits.most_blocks:
            raise Refused(NO_MEMORY)
        for index in range(count):
            block = bytes((first + index,))
            try:
                yield from self._put(0x21, uid, block + data[index * BLOCK : (index + 1) * BLOCK])
            except Refused as refused:
                # Silent at the first block: no transponder. Silent later: not put. The reader cannot know what the tag
                # did.
                later = refused.error == NO_TAG and index > 0
                raise Refused(NOT_PUT if later else refused.error, block) from None
        return bytes(((first + count) & 0xFF,))

    def _write_one(self, uid: bytes, rest: bytes, *, lock: bool) -> Steps[bytes]:
        _length(rest, 1 + BLOCK)
        yield from self._put(0x21, uid, rest)
        if lock:
            yield from self._put(0x22, uid, rest[:1])
        return b""

    def _change(self, code: int, uid: bytes, rest: bytes, length: int) -> Steps[bytes]:
        _length(rest, length)
        yield from self._put(code, uid, rest)
        return b""

    def _register(self, uid: bytes, rest: bytes, at: int) -> Steps[bytes]:
        """Read AFI or DSFID by Get System Information."""
        _length(rest, 0)
        data = yield from self._exchange(0x2B, uid)
        return data[at : at + 1]

    def _check_eas(self, uid: bytes, rest: bytes) -> Steps[bytes]:
        """A tag whose bit is off is silent: error 06 and EAS 0 (Check EAS, second example)."""
        _length(rest, 0)
        try:
            yield from self._exchange(0xA5, uid, maker=NXP)
        except Refused as refused:
            raise Refused(refused.error, b"\x00" if refused.error == NO_TAG else b"") from None
        return b"\x01"

    def _set_eas(self, uid: bytes, rest: bytes) -> Steps[bytes]:
        _length(rest, 1)
        if rest[0] > 1:
            raise Refused(PARAMETER)
        yield from self._put(0xA2 if rest[0] else 0xA3, uid, b"", maker=NXP)
        return b""

    def _tag_info(self, uid: bytes, rest: bytes) -> Steps[bytes]:
        _length(rest, 1)
        data = yield from self._exchange(0x2B, uid)
        dsfid, afi, last, size, ic_ref = data[9], data[10], data[11], data[12], data[13]
        fields = (bytes((dsfid,)), bytes((afi,)), bytes((size, last)), bytes((0, ic_ref)))
        wanted = rest[0] & 0x0F
        return bytes((wanted,)) + b"".join(value for bit, value in enumerate(fields) if wanted >> bit & 1)

    # -- on the air ------------------------------------------------------------------------------------------------

    def _exchange(
        self, code: int, uid: bytes, params: bytes = b"", *, option: bool = False, maker: bytes = b""
    ) -> Steps[bytes]:
        self._radio.begin()
        try:
            return (yield from self._radio.exchange(code, Target(uid), params, option=option, maker=maker))
        except Failed as failed:
            raise Refused(_error(failed, NOT_READ)) from None

    def _put(self, code: int, uid: bytes, params: bytes, *, maker: bytes = b"") -> Steps[None]:
        self._radio.begin()
        try:
            yield from self._radio.write(code, Target(uid), params, maker=maker)
        except Failed as failed:
            raise Refused(_error(failed, NOT_PUT)) from None


def _error(failed: Failed, otherwise: int) -> int:
    if failed.status == NO_TRANSPONDER:
        return NO_TAG
    if failed.status == ISO_ERROR:
        return _ISO.get(failed.data[0], otherwise)
    return NOT_READ if failed.status == DATA_FALSE else UNKNOWN


def _length(data: bytes, wanted: int) -> None:
    if len(data) != wanted:
        raise Refused(PARAMETER)
