"""ISO/IEC 15962: compaction, and the encoding of data elements."""
