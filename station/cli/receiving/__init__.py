"""Commands on receiving: vendors' files, packing lists, orders."""
