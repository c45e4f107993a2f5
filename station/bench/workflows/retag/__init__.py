"""Erase a tag, or migrate it to this library's profile."""
