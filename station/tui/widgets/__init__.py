"""Building blocks of the screens: base screens, dialogs, touch buttons, theme, sounds."""
