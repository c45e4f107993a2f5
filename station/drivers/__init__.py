"""RFID readers: the line, the exchange, and one folder per reader protocol."""
