"""QR codes as a square of modules (ISO/IEC 18004), made by reportlab."""

from __future__ import annotations

from functools import lru_cache

from reportlab.graphics.barcode import qrencoder  # type: ignore[import-untyped]


@lru_cache(maxsize=256)
def matrix(value: str) -> tuple[tuple[bool, ...], ...]:
    """Return the rows of modules (True = dark), with error correction level M."""
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(value)
    code.make()
    return tuple(tuple(bool(module) for module in row) for row in code.modules)


def qr_modules(value: str) -> int:
    """Return the number of modules along one side, without the quiet zone."""
    return len(matrix(value))
