"""TI's TRF7970A EVM (and DLP-RFID2, which speaks the same), written from its firmware of 11 Nov 2013 as published by TI."""
