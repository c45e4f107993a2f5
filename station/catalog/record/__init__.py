"""Convert a MARC record to an item record: call number, material, price, parts."""
