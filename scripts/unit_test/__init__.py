"""`make unit-test`: install the station by its page on a fresh Debian machine in a container, and use it there."""
