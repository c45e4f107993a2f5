"""Addresses of orders, whose numbers may hold any character."""

from __future__ import annotations

from station.office.asked import part_of_path


def order_path(number: str, name: str = "") -> str:
    """Return the address of an order, or of a page about it."""
    path = f"/orders/{part_of_path(number)}"
    return f"{path}/{name}" if name else path
