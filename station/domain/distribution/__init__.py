"""Distribution as values: sites, boxes, and the check of an item before it goes into a box."""
