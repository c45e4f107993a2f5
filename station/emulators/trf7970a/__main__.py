"""python -m station.emulators.trf7970a: the emulator as a process of its own."""

from __future__ import annotations

import sys

from station.emulators.reader.entry import parser, place, serve
from station.emulators.trf7970a.device import Device, Options


def main() -> int:
    options = parser("python -m station.emulators.trf7970a", __doc__)
    options.add_argument("--tprog", type=float, default=4.8, metavar="MS", help="a tag programs one cell")
    options.add_argument("--rssi", default="7F", metavar="HEX", help="signal strength of every tag")
    options.add_argument(
        "--verbose-slots", action="store_true", help="tell empty and collided slots, as older firmware"
    )
    options.add_argument("--assume-right-masks", action="store_true", help="long masks in the order of the standard")
    args = options.parse_args()

    def make() -> Device:
        return Device(
            Options(
                **place(args),
                tprog=args.tprog / 1000,
                rssi=int(args.rssi, 16),
                right_masks=args.assume_right_masks,
                verbose=args.verbose_slots,
            )
        )

    return serve(args, make)


if __name__ == "__main__":
    sys.exit(main())
