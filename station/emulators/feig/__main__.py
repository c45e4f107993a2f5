"""python -m station.emulators.feig: run the emulated FEIG reader as a separate process."""

from __future__ import annotations

import argparse
import sys

from station.emulators.feig.device import Device, Options
from station.emulators.feig.models import MODELS
from station.emulators.reader.entry import add_vocabulary, parser, place, serve, vocabulary


def _arguments() -> argparse.ArgumentParser:
    options = parser("python -m station.emulators.feig", __doc__)
    options.add_argument("--baud", type=int, default=38400, help="baud rate in a new EEPROM")
    options.add_argument("--parity", choices=tuple("NEO"), default="E", help="parity in a new EEPROM")
    options.add_argument("--tprog", type=float, default=4.8, metavar="MS", help="time in which a tag programs one cell")
    options.add_argument("--option-wait", type=float, default=20.0, metavar="MS", help="time until the EOF of option 1")
    options.add_argument("--model", choices=tuple(MODELS), default="cpr.m02")
    options.add_argument("--sw-type", type=int, metavar="N", help="SW-TYPE, instead of the model's")
    add_vocabulary(options)
    options.add_argument(
        "--assume-more-at-255", action="store_true", help="a standard request is never answered by an advanced frame"
    )
    options.add_argument(
        "--assume-length-in-bytes", action="store_true", help="RSP-LENGTH of [BF] counts bytes, not bits"
    )
    options.add_argument(
        "--assume-silence-is-write-error", action="store_true", help="silence to a first write is 03, not 01"
    )
    options.add_argument(
        "--assume-late-is-silence", action="store_true", help="a command that exceeds TR-RESPONSE-TIME is 01, not 83"
    )
    options.add_argument(
        "--assume-slix-as-sli", action="store_true", help="a read of several blocks of a tag E00401 shows no locks"
    )
    options.add_argument("--assume-exact-length", action="store_true", help="[BF] accepts only answers of RSP-LENGTH")
    options.add_argument("--frames", choices=("standard", "advanced", "both"), help="kind of frames, not the model's")
    options.add_argument("--mem-size", choices=("manual", "air"), default="manual", help="System Information: n or n-1")
    options.add_argument("--newer-output", action="store_true", help="support Set Output [72] of other families")
    return options


def main() -> int:
    args = _arguments().parse_args()

    def make() -> Device:
        options = Options(
            **place(args),
            **vocabulary(args),
            baud=args.baud,
            parity=args.parity,
            tprog=args.tprog / 1000,
            option_wait=args.option_wait / 1000,
            model=args.model,
            sw_type=args.sw_type,
            frames=args.frames or "",
            more_at_255=args.assume_more_at_255,
            length_in_bytes=args.assume_length_in_bytes,
            exact_length=args.assume_exact_length,
            late_is_silence=args.assume_late_is_silence,
            slix_as_sli=args.assume_slix_as_sli,
            silence_is_write_error=args.assume_silence_is_write_error,
            mem_size_as_air=args.mem_size == "air",
            newer_output=args.newer_output,
        )
        return Device(options)

    return serve(args, make)


if __name__ == "__main__":
    sys.exit(main())
