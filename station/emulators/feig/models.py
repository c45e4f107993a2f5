"""Models of the family that can be emulated: their differences on the wire, as a table.

Numbers and names: H20800-16e annex B. Not in any available manual (assumed): the SW-TYPE of an MR102, the buffers of MR
readers, and that their configuration blocks are those of the CPR family.
"""

from __future__ import annotations

from dataclasses import dataclass, field

INFO_MODES = frozenset({0x00, 0x03, 0x04, 0x80})


@dataclass(frozen=True)
class Model:
    name: str
    sw_type: int
    hw_type: int = 0x30
    tr_type: int = 0x0138  # ISO15693, 14443A, 14443B, Jewel
    frames: str = "standard"  # requests that it understands: standard, advanced, both
    customs: bool = False  # [B1]: dropped in the CPR firmware (revision history), present in MR, PR, LR
    tag_crc: bool = True  # [BF] passes on the tag's CRC; a CPR.02 sends zeros (8.1)
    data_sets: int | None = 4  # most in one inventory answer (annex D2); None: as many as the frame holds
    buffers: tuple[int, int] = (255, 255)
    antennas: int = 1
    beeper: bool = True  # a CPR.M02 ignores beeper and relay (6.8)
    more: frozenset[int] = field(default_factory=frozenset)  # control commands in addition to those of every reader
    info: frozenset[int] = INFO_MODES

    @property
    def version(self) -> bytes:
        """SW-REV 02.05, D-REV 00, HW-TYPE, SW-TYPE, TR-TYPE."""
        return bytes((0x02, 0x05, 0x00, self.hw_type, self.sw_type)) + self.tr_type.to_bytes(2, "big")


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model("cpr.m02", 80, beeper=False),
        Model("cpr.02", 81, tag_crc=False),
        # The CPR.04 has 66 mode 02, 74 and 75 (6.5, 6.9, 6.10), and two antennas.
        Model("cpr.04", 87, antennas=2, more=frozenset({0x74, 0x75}), info=INFO_MODES | {0x02}),
        Model("mr101", 76, tr_type=0x0008, frames="both", customs=True, data_sets=None, buffers=(512, 512)),
        Model(
            "mr102", 0, tr_type=0x0008, frames="advanced", customs=True, data_sets=None, buffers=(512, 512),
            more=frozenset({0x64, 0x72, 0xA0}),
        ),
    )
}  # fmt: skip
