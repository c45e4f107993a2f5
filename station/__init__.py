"""The RFID Processing Station: tag writing joined to physical quality control at a library's processing bench."""

__version__ = "0.2.0"
