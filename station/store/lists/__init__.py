"""Lists of items: packing lists in the journal, truck lists in files."""
