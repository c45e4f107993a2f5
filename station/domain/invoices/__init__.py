"""Invoices, account codes and purchase orders as values, and the arithmetic on them: pure, with decimals only."""
