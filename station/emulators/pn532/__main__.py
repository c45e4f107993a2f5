"""python -m station.emulators.pn532: run the emulated PN532 as a separate process."""

from __future__ import annotations

import sys

from station.emulators.pn532.device import Device, Options
from station.emulators.reader.entry import parser, place, serve


def main() -> int:
    options = parser("python -m station.emulators.pn532", __doc__)
    options.add_argument("--tprog", type=float, default=4.1, metavar="MS", help="time in which a tag programs one page")
    options.add_argument("--version", default="32010607", metavar="HEX", help="IC, version, revision, support")
    options.add_argument("--awake", action="store_true", help="receive the first byte: no wake-up is needed")
    options.add_argument("--assume-nak", action="store_true", help="a tag answers NAK to an unknown command")
    options.add_argument(
        "--assume-nak-status", default="14", metavar="HEX", help="status of InDataExchange after a NAK to a write"
    )
    args = options.parse_args()

    def make() -> Device:
        return Device(
            Options(
                **place(args),
                tprog=args.tprog / 1000,
                version=bytes.fromhex(args.version),
                strange=args.assume_nak,
                nak_status=int(args.assume_nak_status, 16),
                sleeps=not args.awake,
            )
        )

    return serve(args, make)


if __name__ == "__main__":
    sys.exit(main())
