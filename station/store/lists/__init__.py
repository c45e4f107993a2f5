"""Lists of items in files: packing lists and truck lists."""
