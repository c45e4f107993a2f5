"""python -m station.emulators.trf7970a: run the emulated TRF7970A EVM as a separate process."""

from __future__ import annotations

import sys

from station.emulators.reader.entry import parser, place, serve
from station.emulators.trf7970a.device import Device, Options


def main() -> int:
    options = parser("python -m station.emulators.trf7970a", __doc__)
    options.add_argument("--tprog", type=float, default=4.8, metavar="MS", help="time in which a tag programs one cell")
    options.add_argument("--rssi", default="7F", metavar="HEX", help="signal strength of every tag")
    options.add_argument(
        "--verbose-slots", action="store_true", help="report empty and collided slots, as older firmware does"
    )
    options.add_argument("--assume-right-masks", action="store_true", help="send long masks in the standard's order")
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
