"""Compare the program's public behavior with a recording made once, at commit 21120db."""
