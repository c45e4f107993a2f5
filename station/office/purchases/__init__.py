"""Pages and forms of invoices, and of blanket and standing orders."""
