"""An emulated FEIG ID CPR.M02 on a pseudo-terminal, written from the vendor's manual H20800-16e and nothing else.

Run it as a process of its own: python -m station.emulators.feig --help. docs/emulators.md holds its vocabulary.
"""
