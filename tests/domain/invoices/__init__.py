"""Invoices, account codes and taxes: arithmetic."""
