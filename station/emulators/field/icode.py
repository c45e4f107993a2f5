"""Custom commands of NXP's ICODE chips: EAS, passwords and their protection, privacy, destruction.

Source: SLIX data sheet SL2S2002/2102 rev. 3.4 and SLI-S data sheet rev. 3.0 by docs/reference/readers.md#nxp-commands:
command codes, the XOR of passwords with a random number given twice, ids, "a wrong password: the IC ignores
everything until the field is reset", addressed or selected only. From memory: passwords at delivery, the form of B6,
the commands that remain in privacy mode. Which chip has which password: docs/reference/readers.md#chips. The answer to
a protected request is assumed. Not modeled: A0 and A1 (inventory read), A7 (EAS ID), AB (NXP system information), the
value of a genuine signature.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from station.emulators.field import air
from station.emulators.field.assumed import Assumed
from station.emulators.field.file import EAS, Tag
from station.emulators.field.refusal import Refused, Silent

READ, WRITE, PRIVACY, DESTROY, EAS_AFI = 0x01, 0x02, 0x04, 0x08, 0x10
# The 256-bit sequence of the EAS alarm (NXP SL2S2002/2102 data sheet, by docs/reference/readers.md#nxp-commands).
EAS_SEQUENCE = bytes.fromhex("2fb36270d5a7907fe8b18038d281497682da9a866faf8bb0f19cd112a57237ef")
GUARD_EAS, GUARD_AFI = "guard:eas", "guard:afi"
POINTER, CONDITIONS = "page:pointer", "page:conditions"
PRIVATE, DESTROYED = "privacy", "destroyed"
IN_PRIVACY = (0xB2, 0xB3)


class Programmer(Protocol):
    """The tag's own operations that a command uses."""

    def put(self, cell: str, value: bytes) -> bytes: ...

    def lock(self, cell: str) -> bytes: ...

    def demand(self, option: bool, body: bytes, length: int) -> None: ...


class Icode:
    """`deaf`: a wrong password was given, so the chip ignores everything until the field has been off."""

    def __init__(self, tag: Tag, programmer: Programmer, rng: random.Random, assumed: Assumed) -> None:
        self._tag = tag
        self._programmer = programmer
        self._rng = rng
        self._assumed = assumed
        self._random: bytes | None = None
        self._given: set[int] = set()
        self.deaf = False
        self.spoken_to = False  # whether the request is addressed, or for the selected tag
        self.commands: dict[int, Callable[[bool, bytes], bytes]] = {
            0xA2: lambda option, body: self._write_eas(b"\x01", option, body),
            0xA3: lambda option, body: self._write_eas(b"\x00", option, body),
            0xA4: self._lock_eas,
            0xA5: self._eas_alarm,
        }
        if tag.chip.passwords:
            self.commands |= {
                0xA6: self._guard,
                0xB2: self._random_number,
                0xB3: self._set_password,
                0xB4: self._write_password,
                0xB5: self._lock_password,
            }
        if READ in tag.chip.passwords:
            self.commands |= {0xB6: self._guard_pages, 0xB9: self._destroy, 0xBA: self._privacy}
            self.commands[0xBD] = lambda _, __: bytes(32)

    def off(self) -> None:
        """The field was switched off: forget all given passwords."""
        self._random = None
        self._given.clear()
        self.deaf = False

    def hears(self, code: int) -> bool:
        """Return whether the chip reacts to this command at all. 01 is the inventory."""
        if self.deaf or self._tag.cell(DESTROYED) != b"\0":
            return False
        return self._tag.cell(PRIVATE) == b"\0" or code in IN_PRIVACY

    # -- protection ----------------------------------------------------------------------------------------------------

    def _need(self, password: int) -> None:
        if password not in self._given:
            raise Silent if self._assumed.guarded_is_silent else Refused(air.UNKNOWN_ERROR)

    def before_afi(self) -> None:
        """Check the protection before the AFI is written or locked."""
        if self._tag.cell(GUARD_AFI) != b"\0":
            self._need(EAS_AFI)

    def before_block(self, number: int, *, writing: bool) -> None:
        """Check the protection before a block is read or written. Bits 0 and 1 of the conditions protect the blocks
        below the pointer, bits 4 and 5 the rest."""
        conditions = self._tag.cell(CONDITIONS)[0]
        if number == self._tag.chip.counter_block:
            return  # has its own protection (SLIX2 data sheet rev. 4.1, 9.5.3.21)
        if number >= self._tag.cell(POINTER)[0]:
            conditions >>= 4
        if conditions & 0x01:
            self._need(READ)
        if writing and conditions & 0x02:
            self._need(WRITE)

    def before_counter(self, *, preset: bool, guarded: bool) -> None:
        """Check the protection before the counter is set or incremented."""
        if preset:
            self._need(WRITE)
        elif guarded:
            self._need(READ)

    # -- EAS -----------------------------------------------------------------------------------------------------------

    def _before_eas(self, option: bool, body: bytes) -> None:
        self._programmer.demand(option, body, 0)
        if self._tag.cell(GUARD_EAS) != b"\0":
            self._need(EAS_AFI)

    def _write_eas(self, value: bytes, option: bool, body: bytes) -> bytes:
        self._before_eas(option, body)
        if EAS in self._tag.locked:
            raise Refused(air.LOCKED)
        return self._programmer.put(EAS, value)

    def _lock_eas(self, option: bool, body: bytes) -> bytes:
        self._before_eas(option, body)
        return self._programmer.lock(EAS)

    def _eas_alarm(self, option: bool, body: bytes) -> bytes:
        """Without the bit there is no answer (data sheet), as without a tag."""
        del option, body
        if not self._tag.eas:
            raise Silent
        return EAS_SEQUENCE

    # -- passwords -----------------------------------------------------------------------------------------------------

    def _random_number(self, option: bool, body: bytes) -> bytes:
        del option
        if body:
            raise Refused(air.NOT_RECOGNISED)
        self._random = self._rng.randbytes(2)
        return self._random

    def _known(self, body: bytes, length: int) -> int:
        """Return the password's id, the first byte. B3 and later commands need an addressed or selected tag."""
        if not self.spoken_to:
            raise Silent
        if len(body) != length or body[0] not in self._tag.chip.passwords:
            raise Refused(air.UNKNOWN_ERROR)
        return body[0]

    def _right(self, password: int, crossed: bytes) -> None:
        """Check a password XORed with the random number twice. A wrong one makes the chip deaf."""
        if self._random is None or len(crossed) != 4:
            raise Refused(air.UNKNOWN_ERROR)
        plain = bytes(a ^ b for a, b in zip(crossed, self._random * 2, strict=True))
        if plain != self._tag.cell(f"pwd:{password:02x}"):
            self.deaf = True
            raise Silent

    def _set_password(self, option: bool, body: bytes) -> bytes:
        del option
        password = self._known(body, 5)
        self._right(password, body[1:])
        self._given.add(password)
        if password == PRIVACY and self._tag.cell(PRIVATE) != b"\0":
            self._programmer.put(PRIVATE, b"\0")
        return b""

    def _write_password(self, option: bool, body: bytes) -> bytes:
        self._programmer.demand(option, body, 5)
        password = self._known(body, 5)
        self._need(password)
        name = f"pwd:{password:02x}"
        if name in self._tag.locked:
            raise Refused(air.LOCKED)
        return self._programmer.put(name, body[1:])

    def _lock_password(self, option: bool, body: bytes) -> bytes:
        self._programmer.demand(option, body, 1)
        password = self._known(body, 1)
        self._need(password)
        return self._programmer.lock(f"pwd:{password:02x}")

    def _guard(self, option: bool, body: bytes) -> bytes:
        """A6: protect EAS (option 0) or AFI (option 1) with the password, permanently."""
        if body:
            raise Refused(air.NOT_RECOGNISED)
        self._need(EAS_AFI)
        return self._programmer.put(GUARD_AFI if option else GUARD_EAS, b"\x01")

    def _guard_pages(self, option: bool, body: bytes) -> bytes:
        """B6: set pointer and conditions. The read and write passwords must have been given."""
        self._programmer.demand(option, body, 2)
        self._need(READ)
        self._need(WRITE)
        self._programmer.put(POINTER, body[:1])
        return self._programmer.put(CONDITIONS, body[1:])

    def _privacy(self, option: bool, body: bytes) -> bytes:
        """BA: accept only B2 and B3 until the privacy password is given."""
        del option
        self._right(PRIVACY, body)
        return self._programmer.put(PRIVATE, b"\x01")

    def _destroy(self, option: bool, body: bytes) -> bytes:
        """B9: never react again."""
        del option
        self._right(DESTROY, body)
        return self._programmer.put(DESTROYED, b"\x01")
