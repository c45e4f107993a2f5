"""MARC in; records, expected labels and call numbers out. Pure: no clock, thread, database or network.

The index by barcode lives in `station.store.catalog_index.index`.
"""
