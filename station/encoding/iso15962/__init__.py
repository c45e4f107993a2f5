"""ISO/IEC 15962: compaction, data elements, their encoding."""
