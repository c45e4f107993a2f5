"""What the program promised at commit 21120db, recorded once, and compared with what it does now."""
