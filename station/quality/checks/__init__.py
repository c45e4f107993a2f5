"""The machine checks: predicates over the facts of an item."""
