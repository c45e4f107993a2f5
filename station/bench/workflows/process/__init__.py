"""One item from scan to verdict: the workflow process, and the item flow that convert also uses."""
