"""An emulated 3M 810 / 210 on a pseudo-terminal or TCP, written only from the vendor's protocol specification.

Run it as a separate process: python -m station.emulators.threem --help. docs/emulators.md describes its vocabulary.
"""
