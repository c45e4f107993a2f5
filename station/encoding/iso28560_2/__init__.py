"""ISO 28560-2: data elements in ISO/IEC 15962 encoding."""
