"""NTAG and other Type 2 labels and staff badges through nfcpy: a PN532 at a serial port, nfcpy's USB devices, its udp device."""
