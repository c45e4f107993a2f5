"""Read vendors' EDIFACT files: segments, messages, and the documents of library acquisitions."""
