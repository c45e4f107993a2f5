"""[B0] ISO standard host commands (H20800-16e 7.1 and 7.2), carried out block by block on the air."""

from __future__ import annotations

from collections.abc import Callable

from station.emulators.feig.config import Config
from station.emulators.feig.frame import Answer
from station.emulators.reader.radio import (
    ISO_ERROR,
    NO_TRANSPONDER,
    OK,
    RF_ERROR,
    WRITE_ERROR,
    Failed,
    Found,
    Radio,
    Spend,
    Steps,
    Target,
)

MORE_DATA = 0x94
ADDRESS_ERROR = 0x04
UNKNOWN_COMMAND = 0x80
LENGTH_ERROR = 0x81
NOT_AVAILABLE = 0x82
OUT_OF_RANGE = 0x11
RECORD = 10  # bytes of one data set
ADDRESSES = 256  # of blocks: DB-ADR is one byte
MOST_BYTES = 128  # of blocks in one command (7.1.3)
TR_TYPE_15693 = 0x03
MORE, NTFC, PRESC = 0x80, 0x40, 0x20
SEC = 0x08
UID_LF, CINF = 0x10, 0x20
NTFC_STEP = 0.1
SLI = b"\xe0\x04\x01"


def _records(data: bytes, count: int, usual: int) -> list[bytes]:
    """Split the data into one record for each block. A tag may send fewer blocks than requested (SLI): then split by
    the block size of CFG4, and DB-N is their number (assumed; no available manual covers it)."""
    whole = len(data) % count == 0 and len(data) // count >= usual
    size = len(data) // count if whole else usual
    return [data[at : at + size] for at in range(0, len(data), size)]


class Bad(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


class IsoCommands:
    def __init__(
        self,
        radio: Radio,
        config: Config,
        *,
        mem_size_as_air: bool,
        silence_is_write_error: bool,
        slix_as_sli: bool,
        data_sets: int | None,
        longest: int,
        grows: bool,
    ) -> None:
        """mem_size_as_air: MEM-SIZE as on the air (size-1, n-1) instead of as in the manual (size, n). data_sets: most
        data sets in one inventory answer; None: as many as fit into a frame of `longest` bytes. grows: an answer of
        more than 255 bytes is sent as an advanced frame, even to a standard request (H60301-3e p. 17); otherwise it
        ends with 94."""
        self._radio = radio
        self._config = config
        self._mem_size_as_air = mem_size_as_air
        self._silence_is_write_error = silence_is_write_error
        self._slix_as_sli = slix_as_sli
        self._data_sets = data_sets
        self._longest = longest
        self._grows = grows
        self._room = 0
        self._more: list[Found] = []
        self._commands: dict[int, Callable[[bytes], Steps[Answer]]] = {
            0x01: self._inventory,
            0x02: self._stay_quiet,
            0x22: self._lock_blocks,
            0x23: self._read_blocks,
            0x24: self._write_blocks,
            0x25: self._select,
            0x26: self._reset_to_ready,
            0x27: lambda rest: self._register(0x27, rest, 1),
            0x28: lambda rest: self._register(0x28, rest, 0),
            0x29: lambda rest: self._register(0x29, rest, 1),
            0x2A: lambda rest: self._register(0x2A, rest, 0),
            0x2B: self._system_information,
            0x2C: self._security_status,
        }

    def run(self, data: bytes, *, advanced: bool = False) -> Steps[Answer]:
        """data = sub-command, mode, parameters. advanced: kind of frame of the answer."""
        self._room = self._longest - 9 if advanced or self._grows else 255 - 7
        if self._config.scan_mode:
            return Answer(NOT_AVAILABLE)
        if len(data) < 2:
            return Answer(LENGTH_ERROR)
        command = self._commands.get(data[0])
        if command is None:
            return Answer(UNKNOWN_COMMAND)
        self._radio.begin()
        try:
            return (yield from command(data[1:]))
        except Bad as bad:
            return Answer(bad.status)
        except Failed as failed:
            return Answer(failed.status, failed.data)

    # -- inventory ---------------------------------------------------------------------------------------------

    def _inventory(self, rest: bytes) -> Steps[Answer]:
        mode = rest[0]
        if len(rest) != (2 if mode & NTFC else 1):
            raise Bad(LENGTH_ERROR)
        if mode & ~(MORE | NTFC | PRESC) or (mode & MORE and mode & NTFC):
            raise Bad(OUT_OF_RANGE)
        if mode & PRESC and not (self._config.new_tags_only and self._config.anticollision):
            raise Bad(OUT_OF_RANGE)
        if mode & MORE:
            found, unresolved = self._more, False
        else:
            found, unresolved = yield from self._look(presence=bool(mode & PRESC))
            patience = rest[1] * 0.1 if mode & NTFC else 0.0
            while not found and not unresolved and patience > 0:
                yield Spend("air", min(NTFC_STEP, patience))
                patience -= NTFC_STEP
                found, unresolved = yield from self._look(presence=bool(mode & PRESC))
        return self._report(found, unresolved)

    def _look(self, *, presence: bool) -> Steps[tuple[list[Found], bool]]:
        """ONT = 0: RF reset first, then all tags. ONT = 1: tags that are not yet quiet, which are then made quiet."""
        if presence:
            self._radio.field.wake()
        elif not self._config.new_tags_only:
            yield from self._radio.reset()
        found, unresolved = yield from self._radio.inventory()
        if not self._config.anticollision and len(found) == 1 and not unresolved:
            yield from self._radio.select(found[0].uid)
        elif self._config.new_tags_only:
            for tag in found:
                yield from self._radio.quiet(tag.uid)
        return found, unresolved

    def _report(self, found: list[Found], unresolved: bool) -> Answer:
        most = self._room // RECORD if self._data_sets is None else self._data_sets
        now, self._more = found[:most], found[most:]
        if not now:
            return Answer(RF_ERROR if unresolved else NO_TRANSPONDER)
        records = b"".join(bytes((TR_TYPE_15693, tag.dsfid)) + tag.uid for tag in now)
        status = MORE_DATA if self._more else RF_ERROR if unresolved else OK
        return Answer(status, bytes((len(now),)) + records)

    # -- target --------------------------------------------------------------------------------------------------

    def _target(self, rest: bytes, options: int = 0) -> tuple[Target, int, bytes]:
        """Return (target, mode, parameters) of a request whose mode byte may also carry these option bits."""
        mode = rest[0]
        if mode & ~(0x07 | options) or mode & 0x07 > 2:
            raise Bad(OUT_OF_RANGE)
        if mode & 0x07 != 1:
            return Target(selected=mode & 0x07 == 2), mode, rest[1:]
        if len(rest) < 9:
            raise Bad(LENGTH_ERROR)
        return Target(rest[1:9]), mode, rest[9:]

    def _stay_quiet(self, rest: bytes) -> Steps[Answer]:
        target, _, params = self._target(rest)
        if not target.uid:
            raise Bad(OUT_OF_RANGE)
        if params:
            raise Bad(LENGTH_ERROR)
        yield from self._radio.quiet(target.uid)
        return Answer(OK)

    def _select(self, rest: bytes) -> Steps[Answer]:
        mode = rest[0]
        if mode & UID_LF:
            if len(rest) < 2:
                raise Bad(LENGTH_ERROR)
            if rest[1] != 8:
                raise Bad(OUT_OF_RANGE)
            rest = bytes((mode & ~UID_LF,)) + rest[2:]
        target, mode, params = self._target(rest, CINF)
        if not target.uid:
            raise Bad(OUT_OF_RANGE)
        if params:
            raise Bad(LENGTH_ERROR)
        yield from self._radio.select(target.uid)
        return Answer(OK, b"\x00" if mode & CINF else b"")

    def _reset_to_ready(self, rest: bytes) -> Steps[Answer]:
        target, _, params = self._target(rest)
        if params:
            raise Bad(LENGTH_ERROR)
        yield from self._radio.exchange(0x26, target)
        return Answer(OK)

    # -- reading -------------------------------------------------------------------------------------------------

    def _range(self, params: bytes, size: int) -> tuple[int, int]:
        """Return DB-ADR and DB-N, a plain count."""
        if len(params) != 2:
            raise Bad(LENGTH_ERROR)
        if not params[1] or params[1] * size > MOST_BYTES:
            raise Bad(OUT_OF_RANGE)
        if params[0] + params[1] > ADDRESSES:
            raise Bad(ADDRESS_ERROR)
        return params[0], params[1]

    def _read_blocks(self, rest: bytes) -> Steps[Answer]:
        target, mode, params = self._target(rest, SEC)
        first, count = self._range(params, 1)
        secure = bool(mode & SEC)
        records = []
        if count == 1 or self._config.single_reads:
            for number in range(first, first + count):
                records.append((yield from self._radio.exchange(0x20, target, bytes((number,)), option=secure)))
        else:
            data = yield from self._radio.exchange(0x23, target, bytes((first, count - 1)), option=secure)
            records = _records(data, count, self._config.block_size + secure)
            count = len(records)
            if secure and self._slix_as_sli and target.uid.startswith(SLI):
                records = [b"\x00" + record[1:] for record in records]
        if not secure:
            records = [b"\x00" + record for record in records]
        size = len(records[0]) - 1
        if size * count > MOST_BYTES:
            raise Bad(OUT_OF_RANGE)
        # annex F: the bytes of a block travel last byte first
        body = b"".join(record[:1] + record[:0:-1] for record in records)
        return Answer(OK, bytes((count, size)) + body)

    def _security_status(self, rest: bytes) -> Steps[Answer]:
        target, _, params = self._target(rest)
        first, count = self._range(params, 4)
        data = yield from self._radio.exchange(0x2C, target, bytes((first, count - 1)))
        return Answer(OK, bytes((len(data),)) + data)

    def _system_information(self, rest: bytes) -> Steps[Answer]:
        target, _, params = self._target(rest)
        if params:
            raise Bad(LENGTH_ERROR)
        data = yield from self._radio.exchange(0x2B, target)
        uid, dsfid, afi, last, size, ic_ref = data[1:9], data[9], data[10], data[11], data[12], data[13]
        more = 0 if self._mem_size_as_air else 1
        memory = bytes((size + more, (last + more) & 0xFF))
        return Answer(OK, bytes((dsfid,)) + uid[::-1] + bytes((afi,)) + memory + bytes((ic_ref,)))

    # -- writing -------------------------------------------------------------------------------------------------

    def _write_blocks(self, rest: bytes) -> Steps[Answer]:
        target, _, params = self._target(rest)
        if len(params) < 3:
            raise Bad(LENGTH_ERROR)
        first, count, size, data = params[0], params[1], params[2], params[3:]
        if len(data) != count * size:
            raise Bad(LENGTH_ERROR)
        if not data or len(data) > MOST_BYTES:
            raise Bad(OUT_OF_RANGE)
        if first + count > ADDRESSES:
            raise Bad(ADDRESS_ERROR)
        blocks = [data[i * size : (i + 1) * size][::-1] for i in range(count)]
        return (yield from self._each(0x21, target, first, blocks))

    def _lock_blocks(self, rest: bytes) -> Steps[Answer]:
        target, _, params = self._target(rest)
        first, count = self._range(params, 4)
        return (yield from self._each(0x22, target, first, [b""] * count))

    def _each(self, code: int, target: Target, first: int, params: list[bytes]) -> Steps[Answer]:
        """Send one air request for each block. On failure the block in error follows (DB-ADR-E).

        A tag that does not answer the first request gives "no transponder" (01) or, by an option, a write error (03). A
        tag that falls silent later always gives a write error: the reader cannot know whether it had begun to program.
        """
        for index, value in enumerate(params):
            number = first + index
            try:
                yield from self._radio.write(code, target, bytes((number,)) + value)
            except Failed as failed:
                if failed.status == ISO_ERROR:
                    return Answer(ISO_ERROR, failed.data + bytes((number,)))
                if failed.status == NO_TRANSPONDER and index == 0 and not self._silence_is_write_error:
                    return Answer(NO_TRANSPONDER)
                return Answer(WRITE_ERROR, bytes((number,)))
        return Answer(OK)

    def _register(self, code: int, rest: bytes, length: int) -> Steps[Answer]:
        target, _, params = self._target(rest)
        if len(params) != length:
            raise Bad(LENGTH_ERROR)
        try:
            yield from self._radio.write(code, target, params)
        except Failed as failed:
            if failed.status == NO_TRANSPONDER and self._silence_is_write_error:
                return Answer(WRITE_ERROR)
            raise
        return Answer(OK)
