"""Coverage-guided fuzzing of everything in `station.encoding` that reads a stranger's bytes: `make fuzz`.

`targets` are pure functions of bytes that raise `oracle.Finding` (or anything that is not an `EncodingError`) when the
code under test is wrong; `worker` runs one of them under atheris; `__main__` runs all of them side by side.
"""
