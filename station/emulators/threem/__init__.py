"""An emulated 3M 810 / 210 on a pseudo-terminal or TCP, written from the vendor's protocol specification and nothing else.

Run it as a process of its own: python -m station.emulators.threem --help. docs/emulators.md holds its vocabulary.
"""
