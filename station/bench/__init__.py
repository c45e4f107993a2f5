"""What the station does with an item: workflows and decisions, as plain objects that know ports and no adapters."""
