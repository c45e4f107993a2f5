"""TI's TRF7970A EVM (and DLP-RFID2, with the same protocol), written from the firmware of 11 Nov 2013 published by
TI."""
