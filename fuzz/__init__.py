"""Coverage-guided fuzzing of everything in `station.encoding` that reads untrusted bytes: `make fuzz`.

`targets` are pure functions of bytes that raise `oracle.Finding` (or any error that is not an `EncodingError`) if the
code under test is wrong; `worker` runs one of them under atheris; `__main__` runs all of them in parallel.
"""
