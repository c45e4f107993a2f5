"""What screens are made of: base screens, dialogs, touch, theme, sounds."""
