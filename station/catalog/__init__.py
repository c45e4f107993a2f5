"""Read MARC records; make item records, expected labels and call numbers. Pure: no clock, thread, database or network.

The index by barcode is in `station.store.catalog_index.index`.
"""
