"""python -m station.emulators.nfcudp: run the peer of nfcpy's udp device as a separate process."""

from __future__ import annotations

import sys

from station.emulators.nfcudp.device import Device, Options
from station.emulators.reader.entry import parser, place, serve


def main() -> int:
    options = parser("python -m station.emulators.nfcudp", __doc__, link=False)
    options.add_argument("--tprog", type=float, default=4.1, metavar="MS", help="time in which a tag programs one page")
    options.add_argument("--assume-nak", action="store_true", help="a tag answers NAK to an unknown command")
    args = options.parse_args()
    return serve(args, lambda: Device(Options(**place(args), tprog=args.tprog / 1000, strange=args.assume_nak)))


if __name__ == "__main__":
    sys.exit(main())
