"""A PN532 board at a serial port (HSU), written from NXP's user manual UM0701-02, as far as nfcpy and libnfc use it."""
