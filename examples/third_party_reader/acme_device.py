"""The imaginary reader, with one blank tag on its pad. It prints the name of its port, and serves until it is killed.

python acme_device.py
"""

from __future__ import annotations

import os
import pty
import tty

UID = "E004015000ACE001"
memory, locked = bytearray(28 * 4), set[int]()
numbers = {"AFI": 0, "DSFID": 0}


def answer(word: str, arguments: list[str]) -> str:
    """Carry out a request, and return the answer without its number."""
    match word, arguments:
        case "HELLO" | "RESET", []:
            return "OK"
        case "INVENTORY", []:
            return f"OK {UID} {numbers['DSFID']:02X}"
        case _, [uid, *_] if uid != UID:
            return "ABSENT"
        case "INFORMATION", [_]:
            return f"OK {numbers['DSFID']:02X} {numbers['AFI']:02X} 4 1C"
        case "READ", [_, first, count]:
            blocks = range(int(first), int(first) + int(count))
            if blocks.stop > 28:
                return "REFUSED 10"
            letters = "".join("L" if block in locked else "-" for block in blocks)
            return f"OK {memory[blocks.start * 4 : blocks.stop * 4].hex()} {letters}"
        case "WRITE", [_, first, data]:
            at, new = int(first) * 4, bytes.fromhex(data)
            if locked & set(range(at // 4, (at + len(new)) // 4)):
                return "REFUSED 12"
            memory[at : at + len(new)] = new
            return "OK"
        case ("AFI" | "DSFID") as name, [_, value]:
            numbers[name] = int(value, 16)
            return "OK"
        case "LOCK", [_, block]:
            locked.add(int(block))
            return "OK"
    return "UNKNOWN"


if __name__ == "__main__":
    master, slave = pty.openpty()
    tty.setraw(slave)  # `slave` stays open: the port outlives its clients
    print(os.ttyname(slave), flush=True)
    received = b""
    while True:
        received += os.read(master, 1000)
        while b"\n" in received:
            line, _, received = received.partition(b"\n")
            number, word, *arguments = line.decode().split()
            os.write(master, f"{number} {answer(word, arguments)}\n".encode())
