"""An emulated FEIG ID CPR.M02 on a pseudo-terminal, written only from the vendor's manual H20800-16e.

Run it as a separate process: python -m station.emulators.feig --help. docs/emulators.md describes its vocabulary.
"""
