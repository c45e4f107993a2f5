"""From settings to an open line: serial port, TCP, capture, replay; one question, one answer."""
