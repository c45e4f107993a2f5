"""The sample catalog of the demo."""
