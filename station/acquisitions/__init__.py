"""Read vendors' packing lists, and the purchase orders in MARC records."""
