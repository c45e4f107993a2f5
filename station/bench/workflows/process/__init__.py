"""One item from scan to verdict: process, and the item flow that convert uses, too."""
