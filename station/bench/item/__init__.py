"""One item at the bench: its record, its tag, its checks, its verdict."""
