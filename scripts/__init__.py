"""Scripts for people who work on the station: sample catalog and pictures."""
