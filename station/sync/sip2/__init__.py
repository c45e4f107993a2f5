"""SIP2 2.00 (3M Standard Interchange Protocol) as a library system: read, check in, and item properties where offered."""
